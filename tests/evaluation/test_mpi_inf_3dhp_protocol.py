"""MPI-INF-3DHP's protocol on hand-worked numbers, by the official scripts' definition."""

import dataclasses
import json

import numpy as np
import pytest
from plain_view import plain_view

from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation import (
    VARIANTS,
    Mpi3dhpReport,
    Variant,
    evaluate_mpi_inf_3dhp,
    evaluate_store,
)
from anatomy_tf.evaluation.expected_table import ExpectedTable
from anatomy_tf.evaluation.mpi_inf_3dhp import (
    JOINT_GROUPS,
    TEST_SEQUENCES,
    scored_errors,
    scored_poses,
)
from anatomy_tf.evaluation.protocols import compared, read_report
from anatomy_tf.skeletons import HUMAN36M_17, MPI_INF_3DHP_17
from anatomy_tf.skeletons.layouts.mpi_inf_3dhp import SCORED_JOINTS

JOINTS = MPI_INF_3DHP_17.joint_names
FRAMES = (4, 2)
VALID = ([True, False, True, True], [True, True])


def make_store(names=("TS1", "TS6"), valid=VALID, skeleton=MPI_INF_3DHP_17):
    views = [
        plain_view(
            frames, skeleton, fps=25, subject=name, action=name, clip=name, valid=np.array(own)
        )
        for name, frames, own in zip(names, FRAMES, valid, strict=True)
    ]
    return SequenceStore.from_views(views)


def off(frames: int, **millimetres) -> np.ndarray:
    """Predictions (frames, 17, 3) for a body at the origin: joints off in y by so many mm."""
    predicted = np.zeros((frames, 17, 3))
    for joint, error in millimetres.items():
        predicted[:, JOINTS.index(joint), 1] = np.asarray(error) / 1000
    return predicted


@pytest.fixture
def predictions():
    # TS1: frames 0, 2, 3 are valid. One wrist at 160, 70 and 150 mm; frame 1 is far off.
    first = off(4, left_wrist=[160, 9000, 70, 150])
    # TS6: the pelvis is off by 300 mm, and so is everything relative to it.
    second = off(2, pelvis=[300, 0])
    return [first, second]


def test_strictly_below_150_mm_over_14_joints(predictions):
    report = evaluate_mpi_inf_3dhp(predictions, make_store())
    # 160 and 150 are wrong, 70 right: 13, 14 and 13 of 14.
    ts1 = 100 * (13 + 14 + 13) / (3 * 14)
    # All 14 are off by the pelvis' 300 in one of two frames.
    ts6 = 100 * (0 + 14) / (2 * 14)
    assert report.sequences["TS1"]["pck"] == pytest.approx(ts1)
    assert report.sequences["TS6"]["pck"] == pytest.approx(ts6)
    assert (report.sequences["TS1"].frames, report.sequences["TS6"].frames) == (3, 2)
    assert report.total["pck"] == pytest.approx((3 * ts1 + 2 * ts6) / 5)
    assert report.total.frames == 5


def test_mean_error_and_area_under_the_curve(predictions):
    report = evaluate_mpi_inf_3dhp(predictions, make_store())
    assert report.sequences["TS1"]["mpjpe"] == pytest.approx((160 + 70 + 150) / (3 * 14))
    assert report.sequences["TS6"]["mpjpe"] == pytest.approx(300 / 2)
    # 31 thresholds 0, 5, ..., 150. An error of 0 is below 30 of them, 70 below 75 ... 150: 16, 150
    # and 160 below none.
    ts1 = 100 * ((13 * 3 * 30) + 0 + 16 + 0) / (3 * 14 * 31)
    ts6 = 100 * (0 + 14 * 30) / (2 * 14 * 31)
    assert report.sequences["TS1"]["auc"] == pytest.approx(ts1)
    assert report.sequences["TS6"]["auc"] == pytest.approx(ts6)
    assert report.total["auc"] == pytest.approx((3 * ts1 + 2 * ts6) / 5)


def test_a_perfect_prediction_reaches_30_of_31():
    store = make_store()
    report = evaluate_mpi_inf_3dhp([np.zeros((4, 17, 3)), np.zeros((2, 17, 3))], store)
    assert report.total["pck"] == 100
    assert report.total["auc"] == pytest.approx(100 * 30 / 31)


def test_pelvis_spine_and_the_heads_centre_carry_no_weight():
    assert {joint for group in JOINT_GROUPS.values() for joint in group} == set(SCORED_JOINTS)
    store = make_store()
    predicted = [off(4, spine=500, head=700), off(2)]
    assert evaluate_mpi_inf_3dhp(predicted, store).total["mpjpe"] == 0
    first, _ = scored_poses(predicted, store)[0]
    assert first.shape == (3, 14, 3)
    errors = scored_errors(predicted, store)
    np.testing.assert_array_equal(errors[0], np.where(store.valid[:4], 0, np.nan))


def test_errors_of_frames_are_the_totals(predictions):
    store = make_store()
    errors = scored_errors(predictions, store)
    assert [len(own) for own in errors] == [4, 2]
    np.testing.assert_array_equal(np.isnan(np.concatenate(errors)), ~store.valid)
    total = evaluate_mpi_inf_3dhp(predictions, store).total["mpjpe"]
    assert np.nanmean(np.concatenate(errors)) == pytest.approx(total)


def test_joint_groups(predictions):
    report = evaluate_mpi_inf_3dhp(predictions, make_store())
    assert list(report.joints) == [
        *("head", "neck", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    ]
    # Wrists: left 160, 70, 150 and right 0 in TS1, both 300 then 0 in TS6.
    assert report.joints["wrist"]["mpjpe"] == pytest.approx((160 + 70 + 150 + 2 * 300) / (5 * 2))
    assert report.joints["wrist"]["pck"] == pytest.approx(100 * (1 + 2 + 1 + 0 + 2) / 10)
    assert report.joints["head"]["mpjpe"] == pytest.approx(300 / 5)


def test_activities_pool_the_valid_frames_of_all_sequences(predictions):
    report = evaluate_mpi_inf_3dhp(
        predictions, make_store(), activities={"TS1": [1, 7, 3, 3], "TS6": [[3], [1]]}
    )
    assert list(report.activities) == ["Standing/Walking", "Sitting"]
    standing, sitting = report.activities.values()
    assert (standing.frames, sitting.frames) == (2, 3)
    assert standing["mpjpe"] == pytest.approx((160 / 14 + 0) / 2)
    assert sitting["mpjpe"] == pytest.approx((70 / 14 + 150 / 14 + 300) / 3)
    assert sitting["pck"] == pytest.approx(100 * (14 + 13 + 0) / (3 * 14))


def test_variants(predictions):
    store = make_store()
    by_name = {n: evaluate_mpi_inf_3dhp(predictions, store, variant=n) for n in VARIANTS}
    inclusive = by_name["inclusive"].sequences["TS1"]
    assert inclusive["pck"] == pytest.approx(100 * (13 + 14 + 14) / (3 * 14))
    # 0 now counts at all 31, 70 at 70 ... 150: 17, 150 at one.
    assert inclusive["auc"] == pytest.approx(100 * (13 * 3 * 31 + 0 + 17 + 1) / (3 * 14 * 31))
    fine = by_name["millimetre_steps"].sequences["TS1"]
    # Thresholds 0 ... 149: an error of 0 is below 149 of them, 70 below 71 ... 149: 79.
    assert fine["auc"] == pytest.approx(100 * (13 * 3 * 149 + 79) / (3 * 14 * 150))
    assert fine["pck"] == by_name["official"].sequences["TS1"]["pck"]
    alike, official = by_name["sequence_mean"], by_name["official"]
    assert alike.total["mpjpe"] == pytest.approx(
        (official.sequences["TS1"]["mpjpe"] + official.sequences["TS6"]["mpjpe"]) / 2
    )
    assert alike.sequences == official.sequences
    own = Variant("own", "two thresholds", auc_thresholds=(100, 155))
    ours = evaluate_mpi_inf_3dhp(predictions, store, variant=own).sequences["TS1"]
    assert ours["auc"] == pytest.approx(100 * (13 * 3 * 2 + 0 + 2 + 1) / (3 * 14 * 2))


def test_the_report_states_what_its_numbers_depend_on(predictions):
    conditions = {"model": "ours_m", "2D source": "annotations", "flip": "no", "data version": 2}
    report = evaluate_mpi_inf_3dhp(
        predictions, make_store(), conditions, variant="inclusive", annotation="annot3"
    )
    text = report.to_markdown()
    for fact in ("2D source: annotations", "3D annotation: annot3", "protocol: inclusive"):
        assert fact in text
    assert "incomplete: without TS2, TS3, TS4, TS5" in text
    assert "at most 150 mm" in text and "(MeTRAbs)" in text
    assert "| activity |" not in text
    all_six = [dataclasses.replace(make_store().sequence(0), subject=n) for n in TEST_SEQUENCES]
    whole = evaluate_mpi_inf_3dhp([off(4)] * 6, SequenceStore.from_views(all_six))
    assert "incomplete" not in whole.conditions and whole.total.frames == 18


def test_a_comparison_states_what_models_share_and_refuses_other_protocols(predictions):
    store = make_store()
    reports = {
        name: evaluate_mpi_inf_3dhp(predictions, store, {"model": name, "flip": "no"})
        for name in ("small", "large")
    }
    table = compared(reports).to_markdown()
    assert "- flip: no, 3D annotation: univ_annot3, protocol: official" in table
    assert "- small: model: small" in table and "- large: model: large" in table
    assert "protocol official: as the official scripts" in table
    other = evaluate_mpi_inf_3dhp(predictions, store, variant="inclusive")
    with pytest.raises(AnatomyError, match=r"of one protocol, got MPI-INF-3DHP official, .*inclus"):
        compared({**reports, "other": other})
    with pytest.raises(AnatomyError, match="of one protocol, got MPI-INF-3DHP official, Report"):
        compared({**reports, "other": evaluate_store(predictions, store)})
    with pytest.raises(AnatomyError, match="got none"):
        compared({})


def test_all_forms(predictions, tmp_path):
    report = evaluate_mpi_inf_3dhp(
        predictions, make_store(), {"model": "a_b"}, activities={"TS1": [1] * 4, "TS6": [2] * 2}
    )
    report.save(tmp_path)
    assert Mpi3dhpReport.from_json((tmp_path / "report.json").read_text()) == report
    assert "| TS1 | 3 | 95.2 | 91.1 | 9.0 |" in (tmp_path / "report.md").read_text()
    rows = (tmp_path / "report.csv").read_text().splitlines()
    assert rows[0] == "kind,name,frames,sequences,pck,auc,mpjpe"
    assert [row.split(",")[0] for row in rows[1:]] == (
        ["sequence"] * 2 + ["activity"] * 2 + ["joint"] * 8 + ["overall"]
    )
    latex = (tmp_path / "report.tex").read_text()
    assert r"TS1 & 3 & 95.2 & 91.1 & 9.0 \\" in latex
    assert r"(\%)" in latex and r"a\_\allowbreak{}b" in latex
    content = json.loads((tmp_path / "report.json").read_text())
    assert content["variant"]["name"] == "official" and content["units"]["auc"] == "%"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"variant": {"auc_thresholds": 3}}'])
def test_other_json_is_refused(text):
    with pytest.raises(AnatomyError, match="report on MPI-INF-3DHP"):
        Mpi3dhpReport.from_json(text)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"variant": "mine"}, "unknown variant 'mine'; known are official, inclusive"),
        ({"annotation": "annot2"}, "annotation univ_annot3 or annot3, got 'annot2'"),
        ({"activities": {"TS1": [1] * 4}}, "expected 2 activities from 1 to 7 for TS6, got 0"),
        ({"activities": {"TS1": [0] * 4, "TS6": [1] * 2}}, "4 activities from 1 to 7 for TS1"),
    ],
)
def test_wrong_arguments(predictions, options, message):
    with pytest.raises(AnatomyError, match=message):
        evaluate_mpi_inf_3dhp(predictions, make_store(), **options)


def test_other_skeletons_and_shapes(predictions):
    with pytest.raises(AnatomyError, match="has no joint 'head_top'"):
        evaluate_mpi_inf_3dhp(predictions, make_store(skeleton=HUMAN36M_17))
    with pytest.raises(AnatomyError, match=r"TS6/TS6/0\): expected shape \(2, 17, 3\)"):
        evaluate_mpi_inf_3dhp([predictions[0], predictions[0]], make_store())


def test_a_kept_report_stands_beside_published_numbers(predictions):
    report = evaluate_mpi_inf_3dhp(predictions, make_store())
    again = read_report(report.to_json())
    assert again == report
    table = ExpectedTable("3DHP", {"ours": {"pck": 87.9, "mpjpe": 78.8}}, {"ours": again})
    total = report.total
    row = f"| ours | 78.8 | {total['mpjpe']:.1f} | 87.9 | {total['pck']:.1f} |"
    assert row in table.to_markdown()
