"""The figures of real recordings, as the cards and README show them."""

import numpy as np
import pytest

from anatomy_tf.data.views.detected_clip import DetectedClip
from anatomy_tf.evaluation.detected_clips import evaluate_detections
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17


@pytest.fixture
def cards(load_benchmark):
    return load_benchmark("recording_cards")


def report(camera: str, millimetres: float):
    """Of a clip whose poses are all right but for one hand."""
    truth = np.random.default_rng(0).normal(size=(6, 17, 3)).astype(np.float32)
    truth -= truth[:, :1]
    wrong = truth.copy()
    wrong[:, -1, 2] += 17 * millimetres / 1000
    pixels = np.full((6, 17, 2), 100, np.float32)
    keypoints = KeypointSequence(pixels, np.ones((6, 17)), HUMAN36M_17, 50, 1000, 1000)
    up = np.array([0.0, -1, 0])
    clip = DetectedClip(keypoints, truth, HUMAN36M_17.joint_names, np.eye(3), up, camera=camera)
    return evaluate_detections([clip], [PoseSequence(wrong, HUMAN36M_17, 50)], {})


def test_tables_have_a_column_for_each_way_of_lifting(cards):
    one, other = ({"cmu": report("level", p), "attitudes": report("level", p)} for p in (30, 40))
    table = cards.by_data({"clip": one, "stream": other}, {"cmu": ("mpjpe", "mpjve")})
    head, _, first, second = table.splitlines()
    assert head == "| data |  | clip | stream |"
    assert first == f"| {cards.TITLES['cmu']} | P1 (mm) | 30.0 | 40.0 |"
    assert second == "|  | vel (mm/f) | 0.00 | 0.00 |"
    attitudes = cards.by_attitude({"clip": one, "stream": other}).splitlines()
    assert attitudes[2].startswith("| level | 30.0 | 40.0 | ")
