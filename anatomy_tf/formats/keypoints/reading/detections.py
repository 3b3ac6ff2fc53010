"""The result of a parser: the detections of each frame, and the facts that the file states."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.files.limits import check_single
from anatomy_tf.skeletons import (
    BLAZEPOSE_33,
    BODY_25,
    BODY_25B,
    COCO_17,
    COCO_18,
    HALPE_26,
    Skeleton,
)

BODIES = (COCO_17, HALPE_26, COCO_18, BODY_25, BODY_25B, BLAZEPOSE_33)
"""The layouts of detectors, in whichever format their keypoints are written. Other registered
layouts with as many keypoints are those of data sets; detectors of 14 keypoints order them
differently than the one of 14."""

BODY_OF = {17: COCO_17, 133: COCO_17, 26: HALPE_26, 136: HALPE_26, 134: COCO_18}
"""The body among the keypoints, by their number; it comes first. COCO-WholeBody's 133 begin with
COCO's 17, Halpe-FullBody's 136 with Halpe's 26, and the 134 that rtmlib and DWPose make of 133 for
OpenPose's drawings with its 18."""

BODY_OF_HOLISTIC = dict.fromkeys((75, 501, 511, 553), BLAZEPOSE_33)
"""MediaPipe's landmarks where scripts append hands (42) or the face (468 or 478) to the body. 543
are not among them, as data sets of signs begin them with the face."""


@dataclasses.dataclass(frozen=True)
class Detection:
    """One person in one frame.

    Attributes:
        points: (K, 3) x, y and score as the file has them, see ``detected_points``.
        place: the frame or file that it comes from, for messages.
        track: the person's identity, where the detector states it.
    """

    points: NDArray[np.float32]
    place: str
    track: str | None = None


@dataclasses.dataclass(frozen=True)
class PersonClip:
    """One person in successive frames.

    Attributes:
        person: the identifier.
        points: (T, K, 3) x, y and score.
        image_size: (width, height), if the file states it for this clip.
    """

    person: str
    points: NDArray[np.float32]
    image_size: tuple[int, int] | None = None


@dataclasses.dataclass(frozen=True)
class Recording:
    """The content of a file, before ``people`` settles layout, units, scores and people.

    Attributes:
        frames: the detections of each frame by its number; a frame that is not there has nobody.
        clips: the people, where the file has whole clips instead of frames.
        layout: the keypoints' layout, where file or format state it.
        candidates: the layouts that the format can hold; by default all that are registered.
        names: names of the keypoints, where the user chose them.
        fps: frames a second, if the file states it.
        timed_fps: frames a second by the times of entries, if they state any; for messages only,
            as their unit is a guess.
        image_size: (width, height) in pixels, if the file states it.
        first_number: the number of a video's first frame; ``None`` where it is not stated: then
            numbers that begin at 1 count from 1, others from 0.
        first_frame: the number of the clips' first frame in the video.
        beyond_edge: whether the detector guesses places beyond the image's edge; they are gaps.
        least_seen: seconds; people who are seen for less are left out, except the longest seen.
        centred: whether shares of the image may run from -1 to 1.
        ordered: whether entries state no frame, so that they are one person's in their order.
        bare: whether nothing in the file says which number is x and which is y.
        exact: whether this package wrote the file, so that its values are kept as they are.
    """

    frames: Mapping[int, Sequence[Detection]] = dataclasses.field(default_factory=dict)
    clips: Sequence[PersonClip] = ()
    layout: Skeleton | None = None
    candidates: Sequence[Skeleton] | None = None
    names: Sequence[str] | None = None
    fps: float | None = None
    timed_fps: float | None = None
    image_size: tuple[int, int] | None = None
    first_number: int | None = None
    first_frame: int = 0
    beyond_edge: bool = False
    least_seen: float = 0.0
    centred: bool = False
    ordered: bool = False
    bare: bool = False
    exact: bool = False


def detected_points(
    places: NDArray[np.floating], scores: NDArray[np.floating], where: str
) -> NDArray[np.float32]:
    """Return x, y and score (..., K, 3) of keypoints.

    Args:
        places: (..., K, 2); NaN where a keypoint was not found.
        scores: (..., K).
        where: the file and place, for messages.

    Raises:
        AnatomyError: for a number that float32 does not hold.
    """
    points = np.concatenate([places, np.asarray(scores)[..., None]], axis=-1)
    check_single(points, where)
    return points.astype(np.float32)
