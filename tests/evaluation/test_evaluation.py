"""Predictions scored against a store, and the report of it."""

import csv
import dataclasses
import io
import json

import numpy as np
import pytest
from plain_view import plain_view
from rich.console import Console

from anatomy_tf import metrics
from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation import (
    MEASURES,
    Report,
    Scores,
    ScoreTable,
    action_without_take,
    compare,
    evaluate_store,
)
from anatomy_tf.evaluation.scores import frame_weighted
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton

# Frames, subject, action, and how far the prediction is off in x, metres.
SEQUENCES = (
    (10, "S9", "Walking 1", 0.010),
    (30, "S9", "Walking", 0.050),
    (20, "S11", "Eating 2", 0.100),
    (40, "S11", "Walking 1", 0.020),
)


def _store(skeleton=HUMAN36M_17, sequences=SEQUENCES):
    rng = np.random.default_rng(0)
    views = []
    for number, (frames, subject, action, _) in enumerate(sequences):
        joints = skeleton.joint_count
        views.append(
            plain_view(
                frames,
                skeleton,
                positions=rng.normal(scale=0.5, size=(frames, joints, 3)),
                subject=subject,
                action=action,
                clip=f"clip{number}",
                camera="front",
            )
        )
    return SequenceStore.from_views(views)


def _truth(store):
    return [store.positions[a:b] for a, b in zip(store.offsets, store.offsets[1:], strict=False)]


def _shifted(store, sequences=SEQUENCES):
    return [
        truth + np.float32([off, 0, 0])
        for truth, (*_, off) in zip(_truth(store), sequences, strict=True)
    ]


@pytest.fixture(scope="module")
def report():
    store = _store()
    conditions = {"model": "shifted", "2D source": "none", "flip": False, "data version": 1}
    return evaluate_store(_shifted(store), store, conditions)


def test_groups_are_weighted_by_frames_and_overall_said_both_ways(report):
    walking = (10 * 10 + 30 * 50 + 40 * 20) / 80
    assert list(report.actions) == ["Eating", "Walking"]
    assert report.actions["Walking"]["mpjpe"] == pytest.approx(walking, abs=1e-3)
    assert report.actions["Eating"]["mpjpe"] == pytest.approx(100, abs=1e-3)
    assert report.subjects["S9"]["mpjpe"] == pytest.approx((10 * 10 + 30 * 50) / 40, abs=1e-3)
    assert report.subjects["S11"]["mpjpe"] == pytest.approx((20 * 100 + 40 * 20) / 60, abs=1e-3)
    assert report.mean_over_actions["mpjpe"] == pytest.approx((walking + 100) / 2, abs=1e-3)
    assert report.mean_over_frames["mpjpe"] == pytest.approx(
        (80 * walking + 20 * 100) / 100, abs=1e-3
    )
    assert (report.actions["Walking"].frames, report.actions["Walking"].sequences) == (80, 3)
    assert (report.mean_over_frames.frames, report.mean_over_frames.sequences) == (100, 4)


def test_a_shift_is_seen_by_protocol_1_alone(report):
    overall = report.mean_over_frames
    for key in ("p_mpjpe", "mpjve", "acceleration_error", "bone_length_error"):
        assert overall[key] == pytest.approx(0, abs=1e-3)
    assert overall["n_mpjpe"] > 1
    assert overall["pck"] == 100
    # Random poses: bones neither keep their length nor mirror each other.
    assert overall["bone_length_deviation"] > 100
    assert overall["symmetry_error"] > 100


def test_every_measure_is_its_metric_in_its_unit():
    sequences = ((12, "S1", "Sit", 0.0),)
    store = _store(sequences=sequences)
    truth = store.positions
    noise = np.random.default_rng(1).normal(scale=0.06, size=truth.shape)
    predicted = truth + noise
    scores = evaluate_store([predicted], store).mean_over_actions
    pair = (predicted, truth)
    expected = {
        "mpjpe": 1000 * metrics.mpjpe(*pair).mean(),
        "p_mpjpe": 1000 * metrics.p_mpjpe(*pair).mean(),
        "n_mpjpe": 1000 * metrics.n_mpjpe(*pair).mean(),
        "mpjve": 1000 * metrics.mpjve(*pair).mean(),
        "acceleration_error": 1000 * metrics.acceleration_error(*pair).mean(),
        "pck": 100 * metrics.pck(*pair).mean(),
        "auc": 100 * metrics.auc(*pair).mean(),
        "bone_length_error": 1000 * metrics.bone_length_error(*pair, HUMAN36M_17).mean(),
        "bone_length_deviation": 1000 * metrics.bone_length_deviation(predicted, HUMAN36M_17),
        "symmetry_error": 1000 * metrics.symmetry_error(predicted, HUMAN36M_17).mean(),
    }
    assert scores.values == pytest.approx(expected)
    assert len(set(expected.values())) == len(MEASURES)


def test_a_sequence_too_short_for_a_velocity_weighs_nothing_there():
    sequences = ((1, "S1", "Sit", 0.3), (2, "S1", "Sit", 0.0))
    store = _store(sequences=sequences)
    predicted = _shifted(store, sequences)
    predicted[1] = predicted[1] + np.float32([[[0, 0, 0]], [[0.004, 0, 0]]])
    scores = evaluate_store(predicted, store).actions["Sit"]
    assert scores["mpjve"] == pytest.approx(4, abs=1e-3)
    assert scores["mpjpe"] == pytest.approx((300 + 0 + 4) / 3, abs=1e-3)
    assert np.isnan(scores["acceleration_error"])


def test_a_skeleton_without_sides_has_no_symmetry_error():
    chain = Skeleton("chain", ("a", "b", "c"), (-1, 0, 1))
    store = _store(chain)
    overall = evaluate_store(_truth(store), store).mean_over_frames
    assert np.isnan(overall["symmetry_error"])
    assert overall["mpjpe"] == 0


def test_action_groups():
    assert action_without_take("Directions 1") == "Directions"
    assert action_without_take("Directions") == "Directions"
    assert action_without_take("walk on uneven terrain") == "walk on uneven terrain"
    store = _store()
    by_letter = evaluate_store(_truth(store), store, action_group=lambda action: action[0])
    assert list(by_letter.actions) == ["E", "W"]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda clips: clips[:-1], "each of 4 sequences, got 3"),
        (
            lambda clips: [clips[0][:-1], *clips[1:]],
            r"sequence 0 \(S9/clip0/front\).*\(10, 17, 3\)",
        ),
        (lambda clips: [*clips[:-1], clips[-1] * np.nan], r"sequence 3 .*frame 0 is NaN"),
    ],
)
def test_bad_predictions_are_refused_in_one_line(spoil, message):
    store = _store()
    with pytest.raises(AnatomyError, match=message) as caught:
        evaluate_store(spoil(_truth(store)), store)
    assert "\n" not in str(caught.value)


def test_json_and_back(report):
    content = json.loads(report.to_json())
    assert content["conditions"] == {
        "model": "shifted",
        "2D source": "none",
        "flip": "False",
        "data version": "1",
    }
    assert content["units"]["mpjve"] == "mm/f"
    assert content["overall"]["mean of actions"]["mpjpe"] == report.mean_over_actions["mpjpe"]
    assert Report.from_json(report.to_json()) == report


def test_json_keeps_what_could_not_be_measured():
    store = _store(sequences=((1, "S1", "Sit", 0.0),))
    again = Report.from_json(evaluate_store(_truth(store), store).to_json())
    assert np.isnan(again.mean_over_actions["mpjve"])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"actions": {"a": {}}}'])
def test_other_json_is_refused(text):
    with pytest.raises(AnatomyError, match="report") as caught:
        Report.from_json(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"conditions": [1]}, "conditions: expected a dict, each value text"),
        ({"fps": "fast"}, "fps: expected a finite number from 1 to 1,000, got 'fast'"),
        ({"actions": {}}, "actions: expected a dict, each value Scores, not empty"),
        ({"actions": {"walk": {"frames": "x"}}}, "expected whole numbers of frames and sequences"),
        ({"actions": {"walk": {"frames": 0.5}}}, "expected whole numbers of frames and sequences"),
        ({"actions": {"walk": {"mpjpe": "x"}}}, "expected numbers, got 'x'"),
        ({"actions": {"walk": {"mpjpe": [1]}}}, "expected numbers, got"),
    ],
)
def test_a_report_with_a_wrong_number_is_refused(report, change, message):
    content = json.loads(report.to_json())
    whole = next(iter(content["actions"].values()))
    if change.get("actions"):
        change = {"actions": {"walk": {**whole, **change["actions"]["walk"]}}}
    with pytest.raises(AnatomyError, match=message) as caught:
        Report.from_json(json.dumps({**content, **change}))
    assert "\n" not in str(caught.value)


def test_the_mean_of_no_frames_is_unknown():
    assert np.isnan(frame_weighted([Scores(0, 1, {"mpjpe": 3.0})])["mpjpe"])


def test_csv_has_a_line_a_group(report):
    rows = list(csv.DictReader(io.StringIO(report.to_csv())))
    assert [(row["kind"], row["name"]) for row in rows] == [
        ("action", "Eating"),
        ("action", "Walking"),
        ("subject", "S11"),
        ("subject", "S9"),
        ("overall", "mean of actions"),
        ("overall", "mean of frames"),
    ]
    assert float(rows[4]["mpjpe"]) == report.mean_over_actions["mpjpe"]


def test_markdown_shows_tenths_of_millimetres_and_the_conditions(report):
    text = report.to_markdown()
    assert "| Eating | 20 | 100.0 |" in text
    assert "| mean of actions | 100 | 65.0 |" in text
    assert "| mean of frames | 100 | 44.0 |" in text
    assert "2D source: none" in text
    assert "P1 (mm)" in text
    widths = {line.count("|") for line in text.splitlines() if line.startswith("|")}
    assert widths == {len(MEASURES) + 3}


def test_terminal_table_fits_80_columns(report):
    console = Console(width=80, file=io.StringIO())
    console.print(report.to_rich_table())
    text = console.file.getvalue()
    row = next(line for line in text.splitlines() if line.startswith("mean of actions"))
    assert row.split()[3:5] == ["100", "65.0"]
    assert "…" not in text


def test_long_names_wrap_before_numbers_do():
    scores = Scores(543_344, 236, {m.key: 100.0 for m in MEASURES})
    table = ScoreTable("", {"action": {"walking on uneven terrain [red]": scores}}, ())
    console = Console(width=80, file=io.StringIO())
    console.print(table.to_rich_table())
    text = console.file.getvalue()
    assert "…" not in text
    assert text.split().count("100.0") == 8
    assert "[red]" in text


def test_saved_files(report, tmp_path):
    report.save(tmp_path / "new" / "folder")
    folder = tmp_path / "new" / "folder"
    endings = sorted(path.suffix for path in folder.iterdir())
    assert endings == [".csv", ".json", ".md", ".tex"]
    assert Report.from_json((folder / "report.json").read_text(encoding="utf-8")) == report


def test_comparison_has_a_row_a_model_and_says_what_differs(report):
    store = _store()
    perfect = evaluate_store(_truth(store), store, {"model": "perfect", "2D source": "none"})
    table = compare({"ours": report, "oracle": perfect})
    text = table.to_markdown()
    assert "| ours | 100 | 65.0 |" in text
    assert "| oracle | 100 | 0.0 |" in text
    assert "- 2D source: none, skeleton: human36m_17, fps: 50, sequences: 4, frames: 100\n" in text
    assert "- ours: model: shifted, flip: False, data version: 1\n" in text
    assert "- oracle: model: perfect\n" in text
    by_frames = compare({"ours": report}, mean_over="frames")
    assert by_frames.sections["model"]["ours"]["mpjpe"] == pytest.approx(44, abs=1e-3)
    with pytest.raises(AnatomyError, match="got none"):
        compare({})


def test_only_valid_frames_are_scored():
    store = _store(sequences=((7, "S9", "Sitting", 0.0),))
    valid = np.array([True, True, False, True, True, True, False])
    store = dataclasses.replace(store, valid=valid)
    predicted = store.positions.copy()
    # Off in x by 1, 3, 5 cm in the valid frames 0, 3, 5, and by metres in the others.
    predicted[[0, 3, 5], :, 0] += np.float32([[0.01], [0.03], [0.05]])
    predicted[[2, 6]] += 9
    scores = evaluate_store([predicted], store).mean_over_frames
    assert scores.frames == 5
    assert scores["mpjpe"] == pytest.approx((10 + 30 + 50) / 5, abs=1e-3)
    # Steps inside the stretches 0-1 and 3-5: 10; 30 and 50.
    assert scores["mpjve"] == pytest.approx((10 + 30 + 50) / 3, abs=1e-3)
    # One second difference, of the frames 3, 4, 5: 30 - 2 * 0 + 50.
    assert scores["acceleration_error"] == pytest.approx(80, abs=1e-3)
    assert scores["pck"] == 100


def test_no_stretch_is_long_enough_for_a_velocity():
    store = _store(sequences=((3, "S9", "Sitting", 0.0),))
    store = dataclasses.replace(store, valid=np.array([True, False, True]))
    scores = evaluate_store([store.positions], store).mean_over_frames
    assert np.isnan(scores["mpjve"]) and scores["mpjpe"] == 0 and scores.frames == 2
