"""``anatomy-tf render``: a picture, film or viewer of poses."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from anatomy_tf.cli.options import arg, check_unused
from anatomy_tf.cli.other_files import check_other_file
from anatomy_tf.cli.read_poses import chosen_people, read_poses
from anatomy_tf.errors import AnatomyError

if TYPE_CHECKING:
    from anatomy_tf.sequences import KeypointSequence, PoseSequence


def render(
    input: Annotated[Path, tyro.conf.Positional, arg(metavar="IN")],
    output: Annotated[Path, tyro.conf.Positional, arg(metavar="OUT")],
    keypoints: Annotated[Path | None, arg(metavar="FILE")] = None,
    image_size: Annotated[str | None, arg(metavar="WxH")] = None,
    layout: Annotated[str | None, arg(metavar="NAME")] = None,
    format: Annotated[str | None, arg(metavar="NAME")] = None,
    normalized: Annotated[float | None, arg(metavar="N")] = None,
    person: Annotated[int | None, arg(metavar="N")] = None,
    view: Annotated[float | None, arg(metavar="DEGREES")] = None,
    video: Annotated[Path | None, arg(metavar="FILE")] = None,
    beside: Annotated[Path | None, arg(metavar="FILE")] = None,
) -> None:
    """Draw 3D poses, beside the 2D keypoints that they were lifted from or over their video.

    Args:
        input: the poses, a file that anatomy-tf lift wrote.
        output: a contact sheet (.png), a film (.mp4, .gif) or a viewer for the browser (.html); an
            existing file is replaced.
        keypoints: the keypoints that were lifted. Without them, the joints are drawn where the
            camera sees them, if lift was told --place or --floor.
        image_size: width x height of the video in pixels, if the keypoints do not state it.
        layout: the names of the keypoints, if their file does not state them.
        format: the keypoints' format; by default it is recognised by its content.
        normalized: what the image's right and lower edges are in the keypoints, if these are
            neither the width and height in pixels nor 1, such as 1000.
        person: the person to draw, counted from 0; by default a viewer shows everyone, a sheet or
            film the first person.
        view: the view of a film, in degrees around the person from the camera; by default it turns.
        video: the video in which the keypoints were found, to draw behind them or the joints. A
            viewer contains small pictures of it and needs neither.
        beside: poses of a second clip, to show beside the first in a viewer.
    """
    from anatomy_tf.cli.drawn_poses import FILMS, VIEWER, check_drawing, draw
    from anatomy_tf.cli.stated_video import parse_size
    from anatomy_tf.formats import load_keypoints

    output = check_drawing(output, video)
    check_other_file(output, input, keypoints, video, beside, option="OUT")
    if beside is not None and output.suffix != VIEWER:
        raise AnatomyError(f"{output}: a viewer ({VIEWER}) shows clips beside each other")
    if view is not None and output.suffix not in FILMS:
        raise AnatomyError(f"{output}: --view is for films ({', '.join(FILMS)})")
    if keypoints is None:
        stated = {
            "--image-size": image_size,
            "--layout": layout,
            "--format": format,
            "--normalized": normalized,
        }
        check_unused(stated, "is of keypoints; expected --keypoints FILE with it")
    people = read_poses(input)
    shown = chosen_people(people, person)
    sources = []
    if keypoints is not None:
        found = load_keypoints(
            keypoints,
            format=format,
            skeleton=layout,
            fps=people[0].fps,
            image_size=parse_size(image_size),
            video=video,
            first_frame=people[0].first_frame,
            normalized=normalized,
        )
        sources = [_source(pose, people, found, keypoints, input) for pose in shown]
    draw(
        output,
        shown,
        sources,
        title=input.name,
        video=video,
        beside=[] if beside is None else read_poses(beside),
        view=view,
    )


def _source(
    pose: PoseSequence,
    people: list[PoseSequence],
    found: list[KeypointSequence],
    path: Path,
    input: Path,
) -> KeypointSequence:
    """Return the keypoints of the pose's person, whose identifier must name one.

    Frames after the last pose in which nobody was found, as ``--seen-only`` leaves them out, are
    left out, too.
    """
    same = [keypoints for keypoints in found if keypoints.person == pose.person]
    if len(people) == len(found) == 1:
        same = found
    if len(same) != 1:
        unnamed = pose.person == input.stem
        called = f" (the file's name, as {input} states no person's)" if unnamed else ""
        raise AnatomyError(
            f"{path}: expected keypoints of person {pose.person!r}{called}, "
            f"got {', '.join(repr(keypoints.person) for keypoints in found[:10])}"
        )
    (one,), frames = same, len(pose)
    if one.seen[frames:].any():
        return one
    return dataclasses.replace(
        one, keypoints=one.keypoints[:frames], visibility=one.visibility[:frames]
    )
