"""One NumPy array of keypoints, as scripts save it by ``np.save`` or ``np.savez(file, array)``.

It is (T, J, 2) of x and y, or (T, J, 3) with a score; people come before the frames, (N, T, J, 2)
or (N, T, J, 3). Of four axes it is only read where the second is longer than the first, as frames
are more than people. The number of keypoints decides the layout, unless the caller states it.
"""

from __future__ import annotations

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.npz_archive import read_npy, read_npz
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import PersonClip, Recording, detected_points
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.skeletons import Skeleton

_UNNAMED = "arr_0"
"""NumPy's name of an array that the caller of ``np.savez`` did not name."""


def npy_marks(content: Content) -> Marks:
    """Return that an npy file holds one array."""
    return {"one array": True}


def npz_marks(content: Content) -> Marks:
    """Return whether an archive holds one array without a name."""
    return {f"one array, {_UNNAMED}": tuple(content.value) == (_UNNAMED,)}


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of a video.

    Raises:
        AnatomyError: when the array has another shape or type, or a third number is no score.
    """
    path = content.path
    array = read_npy(path) if content.kind == "npy" else read_npz(path)[_UNNAMED]
    people = array[None] if array.ndim == 3 else array
    fits = people.ndim == 4 and people.shape[-1] in (2, 3) and array.dtype.kind in "fiu"
    if not fits or 0 in people.shape:
        raise AnatomyError(
            f"{path}: expected keypoints of shape (frames, J, 2 or 3) or (people, frames, J, 2 or "
            f"3), got {array.dtype} of shape {array.shape}"
        )
    if people.shape[0] > people.shape[1]:
        raise AnatomyError(
            f"{path}: expected people before frames, got {people.shape[0]} people in "
            f"{people.shape[1]} frames"
        )
    scores = people[..., 2] if people.shape[-1] == 3 else np.ones(people.shape[:-1], np.float32)
    if (scores < 0).any():
        raise AnatomyError(
            f"{path}: expected a score as the third number, got {np.nanmin(scores):g}; keep x and "
            "y of 3D points"
        )
    points = detected_points(people[..., :2], scores, str(path))
    return Recording(clips=[PersonClip(str(number), clip) for number, clip in enumerate(points)])


NPY_READER = Reader("npy", npy_marks, parse)
NPZ_READER = Reader("npz", npz_marks, parse)
