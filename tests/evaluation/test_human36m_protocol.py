"""Human3.6M's protocol on hand-worked numbers."""

import numpy as np
import pytest
from plain_view import plain_view

from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation import Report, compare, compare_actions, evaluate_human36m
from anatomy_tf.formats.motion.human36m_metadata import ACTIONS
from anatomy_tf.skeletons import HUMAN36M_17, MPI_INF_3DHP_17

# Frames, subject, clip, and how far the prediction is off in x, millimetres. The other actions of
# both people have one frame that is right.
SEQUENCES = (
    (2, "S9", "Directions 1", 30),
    (4, "S9", "Directions", 60),
    (6, "S11", "Directions 1", 10),
    (3, "S9", "WalkingDog 1", 45),
    (1, "S11", "WalkDog", 15),
)
REST = [a for a in ACTIONS if a not in ("Directions", "WalkDog")]


def store_and_predictions(skeleton=HUMAN36M_17, leave_out=()):
    sequences = [*SEQUENCES, *((1, s, a, 0) for s in ("S9", "S11") for a in REST)]
    rng = np.random.default_rng(0)
    views, shifts = [], []
    for frames, subject, clip, shift in sequences:
        if clip in leave_out or subject in leave_out:
            continue
        views.append(
            plain_view(
                frames,
                skeleton,
                positions=rng.normal(size=(frames, 17, 3)),
                subject=subject,
                action=clip,
                clip=clip,
            )
        )
        shifts.append(np.float32([shift / 1000, 0, 0]))
    store = SequenceStore.from_views(views)
    truth = [store.positions[a:b] for a, b in zip(store.offsets, store.offsets[1:], strict=False)]
    return store, [own + shift for own, shift in zip(truth, shifts, strict=True)]


@pytest.fixture(scope="module")
def report():
    store, predictions = store_and_predictions()
    return evaluate_human36m(predictions, store, {"model": "shifted", "flip": "no"})


def test_an_action_weighs_its_frames_and_the_mean_its_actions(report):
    directions = (2 * 30 + 4 * 60 + 6 * 10) / 12
    walk_dog = (3 * 45 + 1 * 15) / 4
    assert list(report.actions) == list(ACTIONS)
    assert report.actions["Directions"]["mpjpe"] == pytest.approx(directions, abs=1e-3)
    assert report.actions["WalkDog"]["mpjpe"] == pytest.approx(walk_dog, abs=1e-3)
    mean = (directions + walk_dog) / 15
    assert report.mean_over_actions["mpjpe"] == pytest.approx(mean, abs=1e-3)
    assert report.mean_over_frames["mpjpe"] == pytest.approx(
        (12 * directions + 4 * walk_dog) / (12 + 4 + 2 * 13), abs=1e-3
    )


def test_a_subject_is_the_mean_of_its_own_actions(report):
    s9 = ((2 * 30 + 4 * 60) / 6 + 45) / 15
    s11 = (10 + 15) / 15
    assert list(report.subjects) == ["S9", "S11"]
    assert report.subjects["S9"]["mpjpe"] == pytest.approx(s9, abs=1e-3)
    assert report.subjects["S11"]["mpjpe"] == pytest.approx(s11, abs=1e-3)
    assert report.subjects["S9"].frames == 2 + 4 + 3 + 13


def test_other_protocols_do_not_see_a_shift_or_do(report):
    assert report.mean_over_actions["p_mpjpe"] == pytest.approx(0, abs=1e-3)
    assert report.mean_over_actions["mpjve"] == pytest.approx(0, abs=1e-3)
    assert report.mean_over_actions["n_mpjpe"] > 0


def test_the_report_says_its_rules_and_reads_back(report):
    assert "incomplete" not in report.conditions
    assert "each subject's row give every action the same weight" in report.to_markdown()
    again = Report.from_json(report.to_json())
    assert again.to_json() == report.to_json() and again.rules == report.rules


def test_with_and_without_flip_side_by_side(report):
    store, _ = store_and_predictions()
    truth = [store.positions[a:b] for a, b in zip(store.offsets, store.offsets[1:], strict=False)]
    flipped = evaluate_human36m(truth, store, {"model": "shifted", "flip": "averaged"})
    text = compare({"no flip": report, "flip": flipped}).to_markdown()
    assert "- no flip: flip: no" in text and "- flip: flip: averaged" in text


def test_all_15_actions_and_both_people_are_needed_or_named():
    store, predictions = store_and_predictions(leave_out=("Photo", "S11"))
    with pytest.raises(AnatomyError, match=r"the data lack Photo, S11 \(partial=True"):
        evaluate_human36m(predictions, store)
    partial = evaluate_human36m(predictions, store, partial=True)
    assert partial.conditions["incomplete"] == "without Photo, S11"
    assert len(partial.actions) == 14 and list(partial.subjects) == ["S9"]


def test_what_is_not_of_the_protocol():
    store, predictions = store_and_predictions(skeleton=MPI_INF_3DHP_17)
    with pytest.raises(AnatomyError, match="expected the skeleton human36m_17, got mpi_inf"):
        evaluate_human36m(predictions, store)
    store, predictions = store_and_predictions()
    renamed = SequenceStore.from_views([store.sequence(0)])
    for field, value, message in (
        ("actions", ("Dancing",), "expected actions of Directions, .* got Dancing"),
        ("subjects", ("S1",), "expected subjects of S9, S11, got S1"),
    ):
        object.__setattr__(renamed, field, value)
        with pytest.raises(AnatomyError, match=message):
            evaluate_human36m(predictions[:1], renamed, partial=True)
        object.__setattr__(renamed, field, getattr(store, field)[:1])


def test_a_papers_table_has_a_column_an_action(report):
    store, predictions = store_and_predictions(leave_out=("Photo",))
    less = evaluate_human36m(predictions, store, {"model": "less", "flip": "no"}, partial=True)
    table = compare_actions({"ours": report, "without a photo": less})
    header, _, ours, without = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.to_markdown().splitlines()
        if line.startswith("|")
    )
    assert header == ["model", "frames", *(f"{a} (mm)" for a in ACTIONS), "Avg. (mm)"]
    assert ours[header.index("Directions (mm)")] == "30.0"
    assert ours[-1] == f"{(30 + 37.5) / 15:.1f}"
    assert without[header.index("Photo (mm)")] == "\N{EN DASH}"
    assert without[-1] == f"{(30 + 37.5) / 14:.1f}"
    assert "- flip: no, skeleton: human36m_17, fps: 50" in table.to_markdown()
    assert r"without a photo & 40 &" in table.to_latex()
    last = compare_actions({"ours": report}, "pck").to_markdown().split("| ours |")[1]
    assert last.splitlines()[0].strip("| ").endswith("100.0")
    with pytest.raises(AnatomyError, match="unknown measure 'p9'"):
        compare_actions({"ours": report}, "p9")
    with pytest.raises(AnatomyError, match="got none"):
        compare_actions({})
