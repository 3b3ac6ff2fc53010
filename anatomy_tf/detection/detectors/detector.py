"""The interface of detectors, which find people in pictures."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.skeletons import Skeleton

NEEDS = "finding people in a video needs"
"""Beginning of the error message when an adapter's package is missing."""


class Detector(Protocol):
    """Finds the people of one video, frame after frame.

    A detector may remember earlier frames, so use a new one for each video.

    Attributes:
        skeleton: names the J joints that it finds.
    """

    skeleton: Skeleton

    def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
        """Return the people in a frame, in any order.

        Args:
            frame: (height, width, 3) red, green, blue.
            seconds: the frame's time, later than that of the frame before.

        Returns:
            (P, J, 3) x right and y down in pixels, and a score in [0, 1], 0 for a joint that was
            not found; P may be 0.
        """
        ...

    def close(self) -> None:
        """Free the detector's resources; it is not used afterwards."""
        ...


def as_opencv(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture (height, width, 3) of red, green, blue as OpenCV reads pictures."""
    return np.ascontiguousarray(frame[..., ::-1])
