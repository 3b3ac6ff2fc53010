"""Conversion of keypoints to pixels, and checks that they lie in the image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import IMAGE_SIDE

OUTSIDE_SHARE = 0.01
"""Largest share of keypoints outside the image; more means that unit or image size is wrong."""

BARELY_OUTSIDE = 0.05
"""Share of the image's larger side by which a joint may lie beyond the edge and count as inside,
as detectors place some there."""

_EXACT = 1e-4

PERCENT = 100
"""Keypoints that all lie in so many pixels from the image's corner may be in percent."""

NO_PIXELS = 2.0
"""Keypoints are not in pixels if most lie within this many pixels of the image's corner."""

SMALLEST = 3.0
"""Pixels that a person is high or wide at least; less is another unit, such as metres."""

OF_BOX = 0.9
"""Share of people who fill all of the image exactly, if places are shares of each person's box."""

AT_ORIGIN = 0.002
"""Largest distance of the hips' middle from the origin in coordinates that are measured from it."""


def in_pixels(
    places: NDArray[np.float32],
    size: tuple[int, int],
    where: object,
    *,
    centred: bool = False,
    beyond_edge: bool = False,
) -> NDArray[np.float32]:
    """Return keypoints' positions in pixels.

    Positions that are shares of the image's width and height, from 0 to 1, are scaled.

    Args:
        places: (N, J, 2), NaN where a joint was not found.
        size: (width, height) of the image.
        where: the file, for messages.
        centred: whether shares may also run from -1 to 1 with the image's centre at 0, as
            OpenPose's ``--keypoint_scale 4`` writes them.
        beyond_edge: whether the detector guesses places beyond the image's edge.

    Raises:
        AnatomyError: when the places are neither pixels nor shares of the image.
    """
    found = places[~np.isnan(places[..., 0])]
    if not len(found) or np.median(np.abs(found).max(axis=-1)) > NO_PIXELS:
        _check_no_percent(found, size, where)
        _check_large_enough(places, where)
        return places
    _check_not_of_boxes(places, where)
    if beyond_edge or _share_outside(found, 0, 1, BARELY_OUTSIDE) <= OUTSIDE_SHARE:
        return (places * np.array(size)).astype(np.float32)
    if centred and _share_outside(found, -1, 1, BARELY_OUTSIDE) <= OUTSIDE_SHARE:
        return ((places + 1) / 2 * np.array(size)).astype(np.float32)
    raise AnatomyError(
        f"{where}: keypoints from {found.min():.3g} to {found.max():.3g} are not in pixels; "
        "expected pixels, or shares of the image's width and height from 0 to 1"
    )


def shares_of(places: NDArray[np.float32], end: float, where: object) -> NDArray[np.float32]:
    """Return positions that run from 0 to ``end`` over the image's sides as shares of the image.

    Args:
        places: (N, J, 2), NaN where a joint was not found.
        end: what the right and the lower edge are.
        where: the file, for messages.

    Raises:
        AnatomyError: when too many places lie beyond the end.
    """
    found = places[~np.isnan(places[..., 0])]
    if len(found) and _share_outside(found, 0, end, BARELY_OUTSIDE * end) > OUTSIDE_SHARE:
        raise AnatomyError(
            f"{where}: keypoints from {found.min():.5g} to {found.max():.5g} do not run from 0 to "
            f"{end:g}, as --normalized (normalized=) says"
        )
    return places / np.float32(end)


def check_of_picture(places: NDArray[np.float32], hips: Sequence[int], where: object) -> None:
    """Raise AnatomyError for coordinates in space whose origin is the middle of the hips.

    Args:
        places: (N, J, 2), NaN where a joint was not found.
        hips: the joints whose middle it would be.
        where: the file, for messages.

    Raises:
        AnatomyError: saying which coordinates are expected.
    """
    middle = places[:, list(hips)].mean(axis=1)
    middle = middle[~np.isnan(middle).any(axis=1)]
    if len(middle) and np.median(np.abs(middle).max(axis=1)) < AT_ORIGIN:
        raise AnatomyError(
            f"{where}: places are measured from the middle of the hips, as MediaPipe's world "
            "landmarks are; expected those in the picture"
        )


def _check_no_percent(found: NDArray[np.float32], size: tuple[int, int], where: object) -> None:
    """Raise AnatomyError for keypoints (N, 2) that fill 100 x 100 of a much larger image."""
    if not len(found):
        return
    reach = found.max(axis=0) - found.min(axis=0)
    inside_hundred = _share_outside(found, 0, PERCENT, 0) == 0
    # The largest size stands for one that is not known.
    much_larger = 4 * PERCENT <= min(size) < IMAGE_SIDE.most
    if inside_hundred and much_larger and reach.max() > PERCENT / 10:
        raise AnatomyError(
            f"{where}: keypoints from {found.min():.3g} to {found.max():.3g} are not in pixels of "
            f"{size[0]}x{size[1]} but perhaps in percent; expected pixels, shares of "
            "the image's width and height from 0 to 1, or --normalized 100 (normalized=)"
        )


def _check_large_enough(places: NDArray[np.float32], where: object) -> None:
    """Raise AnatomyError where people (N, J, 2) are smaller than anyone could be found."""
    whole = places[~np.isnan(places[..., 0]).any(axis=1)]
    if not len(whole):
        return
    side = float(np.median(np.ptp(whole, axis=1).max(axis=-1)))
    # Joints that all lie in one place are no detections but somebody's test.
    if 0 < side < SMALLEST:
        raise AnatomyError(
            f"{where}: people are {side:.2g} pixels high; expected keypoints in pixels of the "
            "picture, not in metres or other units"
        )


def _check_not_of_boxes(places: NDArray[np.float32], where: object) -> None:
    """Raise AnatomyError where each of people (N, J, 2) reaches from 0 to 1 in both axes."""
    seen = places[~np.isnan(places[..., 0]).all(axis=1)]
    ends = np.stack([np.nanmin(seen, axis=1), 1 - np.nanmax(seen, axis=1)])
    filling = (np.abs(ends) < _EXACT).all(axis=(0, 2))
    if len(seen) > 1 and filling.mean() >= OF_BOX:
        raise AnatomyError(
            f"{where}: every person fills the image exactly, as shares of a person's box do; "
            "expected pixels, or shares of the image's width and height"
        )


def check_inside(
    places: NDArray[np.float32],
    size: tuple[int, int],
    where: object,
    stated: tuple[int, int] | None = None,
) -> None:
    """Raise AnatomyError where keypoints contradict the image size, such as height x width.

    Args:
        places: (N, J, 2) pixels, NaN where a joint was not found.
        size: (width, height).
        where: the file, for messages.
        stated: the size that the file states; ``size`` with its sides exchanged is an error, unless
            the keypoints do not fit into it.

    Raises:
        AnatomyError: saying how far the keypoints reach.
    """
    found = places[~np.isnan(places[..., 0])]
    width, height = size
    slack = BARELY_OUTSIDE * max(size)
    if not len(found):
        return
    if _share_outside(found, 0, size, slack) <= OUTSIDE_SHARE:
        fits = stated is not None and _share_outside(found, 0, stated, slack) <= OUTSIDE_SHARE
        if fits and stated == (height, width) and width != height:
            raise AnatomyError(
                f"{where}: says {height}x{width}; are width and height exchanged in "
                f"--image-size {width}x{height} (image_size=)?"
            )
        return
    (left, top), (right, bottom) = found.min(axis=0), found.max(axis=0)
    exchanged = _share_outside(found, 0, (height, width), slack) <= OUTSIDE_SHARE
    hint = f": perhaps {height}x{width}" if exchanged else ""
    raise AnatomyError(
        f"{where}: keypoints reach from ({left:.0f}, {top:.0f}) to ({right:.0f}, {bottom:.0f}), "
        f"outside an image of {width}x{height}; give the size of the video with --image-size WxH "
        f"(image_size=){hint}"
    )


def inside(places: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return whether positions (..., 2) in pixels lie in the image or barely outside, (...)."""
    slack = BARELY_OUTSIDE * max(size)
    found: NDArray[np.bool_] = (places >= -slack) & (places <= np.array(size) + slack)
    return np.asarray(found.all(axis=-1))


def _share_outside(
    found: NDArray[np.float32], low: float, high: float | tuple[float, float], slack: float
) -> float:
    outside = (found < low - slack) | (found > np.array(high) + slack)
    return float(outside.any(axis=-1).mean())
