"""Doubts whether a file was understood."""

import numpy as np
import pytest

from anatomy_tf.formats import load_keypoints, sample_keypoints
from anatomy_tf.formats.keypoints.reading.doubts import doubts
from anatomy_tf.skeletons import (
    BODY_25,
    BODY_25B,
    COCO_17,
    COCO_18,
    HALPE_26,
    HUMAN36M_17,
    Skeleton,
)

CLIP = load_keypoints(sample_keypoints())[0]
SIZE = (CLIP.width, CLIP.height)
COCO = CLIP.mapped(COCO_17).keypoints
NECK = COCO[:, 5:7].mean(axis=1, keepdims=True)


def ordered(layout: Skeleton) -> np.ndarray:
    return CLIP.mapped(layout).keypoints


@pytest.mark.parametrize(
    ("points", "layout"),
    [
        (np.concatenate([COCO, NECK], axis=1), COCO_18),
        (ordered(HUMAN36M_17), COCO_17),
        (ordered(BODY_25), BODY_25B),
        (ordered(BODY_25B), BODY_25),
    ],
    ids=["TRT-Pose's 18 as OpenPose's", "Human3.6M's as COCO's", "25 as 25b", "25b as 25"],
)
def test_joints_in_the_order_of_another_layout(points: np.ndarray, layout: Skeleton) -> None:
    line = f"across the body nearly all the time: are the keypoints in the order of {layout.name}?"
    # A joint may be found in no frame, and a person turned.
    points[:, 3] = np.nan
    for turned in (points, points[..., ::-1]):
        (doubt,) = doubts(turned, layout, SIZE, bare=False)
        assert doubt.endswith(line)
    assert doubts(points[:9], layout, SIZE, bare=False) == ()


@pytest.mark.parametrize("layout", [COCO_17, COCO_18, BODY_25, BODY_25B, HUMAN36M_17, HALPE_26])
def test_joints_in_their_order(layout: Skeleton) -> None:
    points = ordered(layout)
    assert doubts(points, layout, SIZE, bare=False) == ()
    legs = [n for n, name in enumerate(layout.joint_names) if name.endswith(("knee", "ankle"))]
    points[:, legs] = np.nan
    assert doubts(points, layout, SIZE, bare=False) == ()


def test_a_layout_of_one_joint_has_no_order() -> None:
    dot = Skeleton("dot", ("dot",), (-1,))
    assert doubts(np.ones((20, 1, 2), np.float32), dot, SIZE, bare=False) == ()
