"""The measures with hand-worked errors, their groups and reports."""

import json

import numpy as np
import pytest
from detected_people import person, poses_of, truth_of
from scipy.spatial.transform import Rotation

from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation.detected_clips import (
    DetectionReport,
    compare_detections,
    evaluate_detections,
)
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17

WRIST = HUMAN36M_17.index("left_wrist")


def scores(positions, **known):
    """Of one clip with an estimate against ``person``."""
    clip = truth_of(person(len(positions)), HUMAN36M_17, **known)
    return evaluate_detections([clip], [poses_of(positions)], {"model": "m"}).overall


def test_the_truth_has_no_error():
    found = scores(person())
    assert found.frames == 4 and found.sequences == 1
    assert all(value == pytest.approx(0, abs=1e-3) for value in found.values.values())


def test_a_wrist_that_is_off_in_depth():
    estimate = person()
    estimate[2:, WRIST, 2] += 0.17
    found = scores(estimate)
    # In 2 of 4 frames one of 17 joints by 170 mm; one of three steps.
    assert found["mpjpe"] == pytest.approx(170 / 17 / 2, rel=1e-4)
    assert found["depth_error"] == pytest.approx(5, rel=1e-4)
    assert found["mpjve"] == pytest.approx(170 / 17 / 3, rel=1e-4)
    # The forearm, 200 mm, is sqrt(200² + 170²) in half of the frames; one of eight limbs.
    deviation = (np.hypot(200, 170) - 200) / 2
    assert found["limb_length_deviation"] == pytest.approx(deviation / 8, rel=1e-3)
    assert found["lean"] == pytest.approx(0, abs=1e-4)


def test_upper_arms_that_point_the_wrong_way():
    estimate = person()
    arms = [
        n for n, name in enumerate(HUMAN36M_17.joint_names) if name.endswith(("elbow", "wrist"))
    ]
    estimate[:, arms, 2] *= -1
    # The upper arms, 300 mm down and 300 forward, are the only limbs out of the image plane.
    assert scores(estimate)["depth_sign_error"] == 100
    estimate[:, [n for n in arms if HUMAN36M_17.sides[n] == "left"], 2] *= -1
    assert scores(estimate)["depth_sign_error"] == 50


def test_a_body_that_leans_over():
    lean = Rotation.from_euler("x", 12, degrees=True).as_matrix()
    found = scores(person() @ lean.T)
    assert found["lean"] == pytest.approx(12, abs=1e-3)
    assert found["tilt"] == pytest.approx(12, abs=1e-3)
    assert found["p_mpjpe"] == pytest.approx(0, abs=1e-3)
    turned = Rotation.from_euler("y", 40, degrees=True).as_matrix()
    assert scores(person() @ turned.T)["tilt"] == pytest.approx(0, abs=1e-3)
    assert np.isnan(scores(person(), up=None)["tilt"])


def test_feet_that_slide_and_float():
    estimate = person(frames=3)
    ankles = [HUMAN36M_17.index(f"{side}_ankle") for side in ("left", "right")]
    # Both feet 30 mm up, and one slides by 0, 5 and 10 mm.
    estimate[:, ankles, 1] -= 0.03
    estimate[:, ankles[0], 0] += np.arange(3) * 0.005
    found = scores(estimate)
    assert found["foot_height_error"] == pytest.approx(30, rel=1e-3)
    assert found["foot_skating"] == pytest.approx((5 + 0) / 2, rel=1e-3)
    assert np.isnan(scores(estimate, up=None)["foot_height_error"])


def test_a_body_of_another_size():
    found = scores(1.1 * person())
    assert found["clip_n_mpjpe"] == pytest.approx(0, abs=1e-3) and found["mpjpe"] > 30
    found = scores(1.1 * person(), metric=False)
    assert np.isnan(found["mpjpe"]) and found["depth_error"] == pytest.approx(0, abs=1e-3)


def two_clips():
    """A long clip that is right and a short one of another person with a wrist off by 170 mm."""
    off = person(frames=2)
    off[:, WRIST, 0] += 0.17
    clips = [
        truth_of(person(6), HUMAN36M_17, subject="ann", action="walk", camera="front"),
        truth_of(person(2), HUMAN36M_17, subject="ben", action="walk", camera="side", up=None),
    ]
    return clips, [poses_of(person(6)), poses_of(off)]


def test_groups_and_frames_that_count_alike():
    report = evaluate_detections(*two_clips(), {"model": "m"})
    assert {kind: list(rows) for kind, rows in report.groups.items()} == {
        "camera": ["front", "side"],
        "camera pitch": ["0°"],
        "subject": ["ann", "ben"],
        "action": ["walk"],
    }
    assert report.groups["subject"]["ben"]["mpjpe"] == pytest.approx(10, rel=1e-4)
    assert report.overall["mpjpe"] == pytest.approx(10 * 2 / 8, rel=1e-4)
    assert report.groups["action"]["walk"] == report.overall


def test_cameras_are_grouped_by_pitch():
    clip = truth_of(person(), HUMAN36M_17)
    turned = [
        Rotation.from_euler("x", pitch, degrees=True).as_matrix() for pitch in (31, -12, 2, 28)
    ]
    clips = [
        truth_of(person(), HUMAN36M_17, up=clip.rotation.T @ turn.T @ [0, -1, 0]) for turn in turned
    ]
    report = evaluate_detections(clips, [poses_of(person())] * 4)
    rows = {name: own.sequences for name, own in report.groups["camera pitch"].items()}
    assert sum(rows.values()) == 4 and list(rows) == sorted(rows, key=lambda n: int(n[:-1]))
    assert {abs(int(name[:-1])) for name in rows} == {0, 10, 30}


def test_clips_without_a_frame_that_counts_are_left_out():
    clips, poses = two_clips()
    clips[1].positions[:] = np.nan
    report = evaluate_detections(clips, poses)
    assert report.overall.frames == 6 and report.overall["mpjpe"] == pytest.approx(0, abs=1e-3)
    assert np.isnan(report.groups["subject"]["ben"]["mpjpe"])
    assert report.conditions["frames left out, a true joint unknown"] == "2 of 8"
    clips[0].positions[:] = np.nan
    with pytest.raises(AnatomyError, match="no frame has the true root"):
        evaluate_detections(clips, poses)


def test_a_report_is_read_again_and_says_its_conditions(tmp_path):
    report = evaluate_detections(*two_clips(), {"model": "compact", "flip": "averaged"})
    report.save(str(tmp_path))
    again = DetectionReport.from_json((tmp_path / "report.json").read_text())
    assert again.to_json() == report.to_json()
    text = (tmp_path / "report.md").read_text()
    for part in ("model: compact", "flip: averaged", "unit: metres", "joints: 17", "frames: 8"):
        assert part in text
    assert "| front | 6 | 0.0 |" in text
    # A group of one row is that of all clips.
    assert "| walk |" not in text
    assert "limb_length_deviation" in (tmp_path / "report.csv").read_text().splitlines()[0]
    with pytest.raises(AnatomyError, match="expected the JSON of a report on detections"):
        DetectionReport.from_json(json.dumps({"protocol": "detections"}))


def test_models_side_by_side():
    clips, poses = two_clips()
    reports = {
        name: evaluate_detections(clips, own, {"model": name})
        for name, own in (("one", poses), ("two", [poses[0], poses_of(person(2))]))
    }
    text = compare_detections(reports).to_markdown()
    assert "| one | 8 | 2.5 |" in text and "| two | 8 | 0.0 |" in text
    with pytest.raises(AnatomyError, match="a report or more"):
        compare_detections({})


def test_what_cannot_be_scored_together_is_refused():
    clips, poses = two_clips()
    with pytest.raises(AnatomyError, match="expected poses for each of 2 clips, got 1"):
        evaluate_detections(clips, poses[:1])
    with pytest.raises(AnatomyError, match="expected poses for each of 0 clips"):
        evaluate_detections([], [])
    with pytest.raises(AnatomyError, match="expected the joints of the first clip"):
        evaluate_detections([clips[0], truth_of(person(2), COCO_17)], poses)
