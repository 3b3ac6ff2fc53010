"""The package's npz of keypoints, see ``formats.npz``; one made by hand needs only ``keypoints``.

The layout (``joint_names`` and ``parents``, or the name of a known ``skeleton``), ``fps`` and
``image_size`` may be given by the caller; without ``visibility`` every joint with a place is
visible. An archive that a script made, with keypoints of another shape, is read as rtmlib's is.
"""

from __future__ import annotations

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.formats.keypoints import rtmlib
from anatomy_tf.formats.keypoints.reading.axis_of_people import people_come_first
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import PersonClip, Recording, detected_points
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.formats.npz import read_arrays, read_first_frame, read_layout, read_people
from anatomy_tf.skeletons import Skeleton


def marks(content: Content) -> Marks:
    """Return whether an archive has keypoints."""
    return {"an array keypoints": "keypoints" in content.value}


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of a video."""
    path = content.path
    if "keypoints" in content.value:
        ours = rtmlib.is_ours(content.value)
        keypoints = read_npz(path, ("keypoints",), objects=not ours)["keypoints"]
        shape: tuple[int, ...] = keypoints.shape if isinstance(keypoints, np.ndarray) else ()
        people_first = shape[-1:] == (2,) and people_come_first(keypoints)
        named = any(key in content.value for key in rtmlib.NAMES)
        if len(shape) == 3 or (not ours and (named or not people_first)):
            # Without the axis of people, frames before people, or joints in an order of their own.
            return rtmlib.parse_npz(content, given)
    arrays = read_arrays(path, ("keypoints",))
    keypoints = arrays["keypoints"]
    visibility = arrays.get("visibility", np.ones(keypoints.shape[:3], np.float32))
    if visibility.shape != keypoints.shape[:3]:
        raise AnatomyError(
            f"{path}: expected visibility of shape {keypoints.shape[:3]} like the keypoints, "
            f"got {visibility.shape}"
        )
    points = detected_points(keypoints, visibility, str(path))
    size = arrays.get("image_size")
    return Recording(
        clips=[
            PersonClip(person, points[index, :frames])
            for index, (person, frames) in enumerate(read_people(arrays, keypoints, path))
        ],
        layout=read_layout(arrays, given, path),
        fps=float(arrays["fps"]) if "fps" in arrays else None,
        image_size=None if size is None else (int(size[0]), int(size[1])),
        first_frame=read_first_frame(arrays, path),
        exact="frames" in arrays,
    )


READER = Reader("npz", marks, parse)
