"""The viewer inside a notebook, for one person's keypoints or poses."""

from __future__ import annotations

import base64
import dataclasses
import html
import math
from typing import Any

import numpy as np

from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.visualization.viewer.html_page import viewer_page
from anatomy_tf.visualization.viewer.page_content import keypoints_content, skeleton_content
from anatomy_tf.visualization.viewer.viewer import clip_page, display_name

MOST_FRAMES = 400
"""Most frames of a clip in a notebook, which should stay small enough to be sent."""

LEAST_RATE = 10.0
"""Lowest frame rate to which a longer clip is thinned; what is still too long is cut."""

HEIGHT = 480
"""Pixels."""


def inline_viewer(sequence: KeypointSequence | PoseSequence) -> str:
    """Return HTML in which a sequence plays, for notebooks.

    A clip of more than ``MOST_FRAMES`` frames is thinned, down to ``LEAST_RATE`` frames a second,
    and what is longer still is cut; a line above says so. Without scripts, as where a notebook is
    not trusted, that line alone is seen.

    Args:
        sequence: one person's keypoints or poses.
    """
    frames, remark = _shown_frames(sequence)
    title = display_name(sequence.person)
    shown = _cut(sequence, frames)
    if isinstance(sequence, PoseSequence):
        page = clip_page([shown], title=title)
    else:
        page = _flat_page(shown, title)
    return (
        f"<div>{html.escape(repr(sequence) + remark)}</div>"
        # Nothing in the page can reach the notebook around it.
        f'<iframe srcdoc="{html.escape(page)}" sandbox="allow-scripts allow-downloads" '
        f'title="{html.escape(title)}" style="width: 100%; height: {HEIGHT}px; border: 0">'
        "</iframe>"
    )


def _shown_frames(sequence: KeypointSequence | PoseSequence) -> tuple[slice, str]:
    """Return the frames that a notebook holds, at most ``MOST_FRAMES``, and what is said of them.

    What is cut begins with the first frame in which the person is seen.
    """
    length = len(sequence)
    step = max(1, min(math.ceil(length / MOST_FRAMES), int(sequence.fps / LEAST_RATE)))
    start, stop = 0, length
    remarks = [f"one of {step} frames"] if step > 1 else []
    if length > MOST_FRAMES * step:
        start = int(np.argmax(sequence.seen))
        stop = min(length, start + MOST_FRAMES * step)
        times = [(sequence.first_frame + frame) / sequence.fps for frame in (start, stop)]
        remarks.append(f"{times[0]:.1f} to {times[1]:.1f} s")
    return slice(start, stop, step), f"; shown: {', '.join(remarks)}" if remarks else ""


def _cut(sequence: KeypointSequence | PoseSequence, frames: slice) -> Any:
    """Return some frames of a sequence; their numbers are those of the thinned video."""
    if isinstance(sequence, PoseSequence):
        arrays = sequence.frame_arrays()
    else:
        arrays = {"keypoints": sequence.keypoints, "visibility": sequence.visibility}
    return dataclasses.replace(
        sequence,
        **{name: values[frames] for name, values in arrays.items()},
        fps=sequence.fps / frames.step,
        first_frame=round((sequence.first_frame + frames.start) / frames.step),
    )


def _flat_page(clip: KeypointSequence, title: str) -> str:
    person = {
        "name": title,
        "frames": len(clip),
        "skeleton": skeleton_content(clip.skeleton),
        "positions": None,
        "root": None,
        "seen": base64.b64encode(clip.seen.astype(np.uint8).tobytes()).decode("ascii"),
        "shift": [0, 0, 0],
        "lengths": None,
        "keypoints": keypoints_content(clip),
        "truth": None,
    }
    content = {
        "title": title,
        "fps": float(clip.fps),
        "firstFrame": clip.first_frame,
        "people": [person],
        "scene": {"middle": [0, 0], "radius": 1, "bodyRadius": 1, "height": 2},
        "video": None,
        "flat": True,
    }
    return viewer_page(title, content)
