"""Frame rate and image size from the video that keypoints were found in."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Literal

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.stated import NotStatedError
from anatomy_tf.formats.video.video_file import VIDEO_SUFFIXES, video_content


def video_beside(path: Path) -> Path | None:
    """Return the video beside the keypoints' file or folder that has the same name.

    Returns:
        The video; ``None`` where there is none or there are several.
    """
    absolute = path.absolute()
    names = {absolute.name, absolute.stem}
    try:
        found = [
            file
            for file in absolute.parent.iterdir()
            if file.suffix.lower() in VIDEO_SUFFIXES
            and file.stem in names
            and file != absolute
            and file.is_file()
        ]
    except OSError:
        return None
    return found[0] if len(found) == 1 else None


def video_fact(video: Path, fact: Literal["fps", "image_size"]) -> Any:
    """Return a video's frames a second, or its (width, height) as it is meant to be seen.

    Raises:
        AnatomyError: when the file is missing, is no video or does not state the fact, or
            imageio-ffmpeg is missing.
    """
    facts = _facts(video)
    if fact == "image_size":
        width, height = facts["size"]
        return int(width), int(height)
    if not facts["fps"] > 0:
        raise AnatomyError(f"{video}: the video does not say its frame rate")
    return float(facts["fps"])


def stated_by_video(path: Path, missing: NotStatedError, video: Path | None) -> dict[str, Any]:
    """Return a fact that keypoints lack from their video, as a keyword argument.

    Args:
        path: the keypoints' file or folder.
        missing: the error that the reader raised.
        video: the video; by default the one beside the keypoints, if there is one.

    Raises:
        NotStatedError: ``missing``, where there is no video.
        AnatomyError: when the video cannot be read.
    """
    chosen = video or video_beside(path)
    if chosen is None:
        raise missing
    fact: Literal["fps", "image_size"] = "fps" if missing.fact == "fps" else "image_size"
    try:
        return {fact: video_fact(chosen, fact)}
    except AnatomyError as error:
        if video is not None:
            raise
        raise AnatomyError(f"{missing}; the video beside it does not help: {error}") from None


def _facts(path: Path) -> dict[str, Any]:
    with contextlib.closing(video_content(path)) as content:
        facts: dict[str, Any] = next(content)
        return facts
