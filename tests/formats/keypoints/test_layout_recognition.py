import re

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.keypoints.reading.layout_recognition import recognized_layout
from anatomy_tf.skeletons import BODY_25, BODY_25B, COCO_17, HUMAN36M_17, Skeleton

PLACES = {
    "nose": (0, 8),
    "eye": (3, 4),
    "ear": (7, 7),
    "shoulder": (18, 40),
    "elbow": (24, 70),
    "wrist": (26, 98),
    "hip": (11, 95),
    "knee": (12, 140),
    "ankle": (13, 185),
    "big_toe": (16, 195),
    "small_toe": (20, 194),
    "heel": (13, 189),
    "neck": (0, 32),
    "mid_shoulders": (0, 40),
    "mid_hip": (0, 95),
    "pelvis": (0, 93),
    "spine": (0, 68),
    "thorax": (0, 42),
    "head": (0, 12),
    "head_top": (0, 0),
}
"""Half a standing person, pixels; the right side has negative x."""


def standing(layout: Skeleton) -> np.ndarray:
    """(J, 2)."""
    side = {"left": 1, "right": -1, "middle": 1}
    kinds = [re.sub("left_|right_", "", name) for name in layout.joint_names]
    return np.array(
        [
            (side[s] * PLACES[kind][0], PLACES[kind][1])
            for kind, s in zip(kinds, layout.sides, strict=True)
        ],
        np.float32,
    )


@pytest.mark.parametrize("layout", [BODY_25, BODY_25B])
def test_standing_person_tells_the_layout(layout: Skeleton) -> None:
    points = np.stack([standing(layout), 3 * standing(layout) + 100])
    assert recognized_layout(points, "x.json") == layout
    points[:, ::6] = np.nan
    assert recognized_layout(points, "x.json") == layout


@pytest.mark.parametrize("layout", [COCO_17, HUMAN36M_17])
def test_layouts_that_look_alike_are_asked_for(layout: Skeleton) -> None:
    # Human3.6M's links on COCO's joints are a fifth longer only.
    with pytest.raises(AnatomyError, match=r"--layout human36m_17 or .* or --layout coco_17"):
        recognized_layout(standing(layout)[None], "x.json")


def test_one_wild_detection_does_not_decide() -> None:
    wild = np.random.default_rng(0).uniform(0, 500, (1, 25, 2))
    points = np.concatenate([wild, np.repeat(standing(BODY_25)[None], 3, axis=0)])
    assert recognized_layout(points, "x.json") == BODY_25


@pytest.mark.parametrize("what", ["noise", "few joints", "one place"])
def test_unclear_content_is_asked_for(what: str) -> None:
    points = standing(BODY_25B)[None].copy()
    if what == "noise":
        points = np.random.default_rng(0).uniform(0, 500, (50, 25, 2))
    elif what == "few joints":
        points[:, 10:] = np.nan
    else:
        points[:] = 5
    with pytest.raises(AnatomyError, match=r"x.json: 25 .* --layout body_25 or --layout body_25b"):
        recognized_layout(points, "x.json")


def test_candidates_of_a_format_limit_the_choice() -> None:
    noise = np.random.default_rng(0).uniform(0, 500, (3, 17, 2))
    assert recognized_layout(noise, "x", [COCO_17, BODY_25]) == COCO_17
    with pytest.raises(AnatomyError, match=r"17 .*; say whether .* --layout human36m_17 or"):
        recognized_layout(noise, "x", [BODY_25])
