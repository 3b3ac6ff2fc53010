"""Doubts whether a file was understood, by what people look like in it."""

from __future__ import annotations

import re
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import Skeleton

_MOST = 0.9
"""Share of a clip's frames in which people must stand wrongly; a handstand is over before."""

_FEWEST = 10
"""Frames that tell something."""

_LONGEST_LINKS = 2.25
"""Largest ratio of a layout's links to the shortest ones that could join the same joints, in the
median frame. In 32 clips of a break dancer, also without legs or face, in 346 of motion capture and
in MediaPipe's keypoints of real videos it is at most 2.1; it is at least 2.4 where TRT-Pose's 18
keypoints are taken for OpenPose's, Kinect's 25 for BODY_25, or Human3.6M's 17 for COCO's."""

_MOST_LINKS = 0.6
"""Share of the links above which a frame shows enough of them."""

_LOOKED_AT = 30
"""Frames of a clip whose links are measured."""

_STEP = 0.1
"""Largest difference between a clip's successive poses, as a share of the person's size."""

_OTHER_RATE = 0.1
"""Largest share by which a frame rate may differ from that of the file's times."""

_CAMERA = re.compile(
    r"(cam(era)?|view)[ _-]?([0-9a-d]{1,9}|left|right|front|side|back)", re.IGNORECASE
)
"""A name that is a camera's, such as ``cam1``."""


VIEWS = {
    "cameras": ("camera", "camera_id", "camera_name", "cam", "cam_id", "cam_name"),
    "videos": ("video", "video_id", "video_name", "video_path", "video_file"),
}
"""Keys of an entry's camera or video, and titles of such columns."""


def check_no_cameras(names: Collection[str], where: object) -> None:
    """Check that what a file tells apart are people, not cameras that saw one person.

    Args:
        names: of the people, each once.
        where: the file, for messages.

    Raises:
        AnatomyError: when all of several names are cameras'.
    """
    if all(map(_CAMERA.fullmatch, names)):
        check_one_view(names, "cameras", where)


def check_one_view(
    names: Collection[str],
    kind: str,
    where: object,
    how: str = "give a file for each, and lift one",
) -> None:
    """Check that a file holds the view of one camera, or one video.

    Args:
        names: of the cameras or videos, each once.
        kind: a key of ``VIEWS``.
        where: the file, for messages.
        how: what the reader of the message may do.

    Raises:
        AnatomyError: when there are several.
    """
    if len(names) > 1:
        shown = ", ".join(f"{name:.20}" for name in sorted(names)[:3])
        raise AnatomyError(
            f"{where}: expected people in one view, got {len(names)} {kind} ({shown}); {how}"
        )


def doubts(
    keypoints: NDArray[np.float32], layout: Skeleton, size: tuple[int, int], bare: bool
) -> tuple[str, ...]:
    """Return reasons to doubt that x, y and joints are what they were taken for, a line each.

    Args:
        keypoints: (T, J, 2) pixels of one person, NaN where a joint was not found.
        layout: names the joints.
        size: (width, height) of the image.
        bare: whether nothing in the file says which number is x and which is y, so that they may be
            exchanged.
    """
    if _links_cross(keypoints, layout):
        order = f"are the keypoints in the order of {layout.name}?"
        return (f"the links between joints lead across the body nearly all the time: {order}",)
    trunk = _line(keypoints, layout, "shoulder", "hip")
    if len(trunk) >= _FEWEST and (trunk[:, 1] < -np.abs(trunk[:, 0])).mean() >= _MOST:
        return ("the person is upside down nearly all the time: does the file measure y upwards?",)
    body = _line(keypoints, layout, "shoulder", "ankle") / size
    lying = np.abs(body[:, 0]) > np.abs(body[:, 1])
    if bare and len(body) >= _FEWEST and lying.mean() >= _MOST:
        return ("the person lies nearly all the time: is y before x in the file?",)
    return ()


def doubts_of_rate(fps: float, timed: float | None) -> tuple[str, ...]:
    """Return a reason to doubt the frame rate, if there is one.

    Args:
        fps: frames a second, as file or caller state them.
        timed: frames a second by the file's times, where it states any.
    """
    if timed is None or abs(fps / timed - 1) <= _OTHER_RATE:
        return ()
    return (f"the file's times are those of {timed:.3g} frames a second, not {fps:.4g}",)


def _links_cross(keypoints: NDArray[np.float32], layout: Skeleton) -> bool:
    """Return whether a layout's links are much longer than others between the joints could be."""
    links = np.array(layout.links, np.intp).reshape(-1, 2)
    frames = keypoints[:: len(keypoints) // _LOOKED_AT + 1].astype(np.float64)
    lengths = np.linalg.norm(frames[:, links[:, 0]] - frames[:, links[:, 1]], axis=-1)
    measured = (~np.isnan(lengths)).sum(axis=1)
    enough = measured > _MOST_LINKS * len(links)
    if enough.sum() < _FEWEST:
        return False
    shortest = _shortest_links(frames[enough])
    lengths, measured = lengths[enough][shortest > 0], measured[enough][shortest > 0]
    ratios = np.nansum(lengths, axis=1) / measured / shortest[shortest > 0]
    return len(ratios) >= _FEWEST and float(np.median(ratios)) > _LONGEST_LINKS


def _shortest_links(frames: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean length (T,) of the shortest links that join each frame's joints (T, J, 2)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import minimum_spanning_tree

    count, joints = frames.shape[:2]
    first, second = np.triu_indices(joints, 1)
    distances = np.linalg.norm(frames[:, first] - frames[:, second], axis=-1)
    # All frames in one graph, in which frames are not joined.
    frame, pair = np.nonzero(~np.isnan(distances))
    ends = frame * joints + first[pair], frame * joints + second[pair]
    graph = coo_array((distances[frame, pair], ends), (count * joints,) * 2)
    tree = minimum_spanning_tree(graph.tocsr()).tocoo()
    found = (~np.isnan(frames[..., 0])).sum(axis=1)
    return np.asarray(np.bincount(tree.row // joints, tree.data, count) / (found - 1))


def _line(
    keypoints: NDArray[np.float32], layout: Skeleton, above: str, below: str
) -> NDArray[np.float32]:
    """Return the way (n, 2) from the middle of two joints to that of two others, where all are."""
    ends = []
    for joint in (above, below):
        names = (f"left_{joint}", f"right_{joint}")
        if not set(names) <= set(layout.joint_names):
            return np.empty((0, 2), np.float32)
        ends.append(keypoints[:, [layout.index(name) for name in names]].mean(axis=1))
    line = ends[1] - ends[0]
    return np.asarray(line[~np.isnan(line).any(axis=1)])


def overlapping(places: NDArray[np.floating]) -> bool:
    """Return whether several poses (N, J, 2) of one frame lie over each other like a clip's."""
    steps = np.linalg.norm(np.diff(places, axis=0), axis=-1)
    sizes = np.nanmax(places, axis=1) - np.nanmin(places, axis=1)
    known = steps[~np.isnan(steps)]
    return bool(
        len(known) and np.median(known) < _STEP * np.linalg.norm(np.nanmedian(sizes, axis=0))
    )
