"""Plots of evaluations, by what they draw."""

import dataclasses
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.views.view import View
from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation import (
    Mpi3dhpReport,
    Scores,
    WorstFrame,
    evaluate_mpi_inf_3dhp,
    evaluate_store,
    frame_errors,
    pck_curve,
    worst_frames,
)
from anatomy_tf.evaluation.mpi_inf_3dhp import VARIANTS
from anatomy_tf.skeletons import HUMAN36M_17, MPI_INF_3DHP_17
from anatomy_tf.visualization import evaluation_folder
from anatomy_tf.visualization.evaluation_folder import save_plots
from anatomy_tf.visualization.evaluation_plots import (
    draw_worst_frames,
    plot_actions,
    plot_error_over_time,
    plot_pck_curve,
)

pytest.importorskip("matplotlib")


@pytest.fixture(scope="module")
def store():
    rng = np.random.default_rng(0)
    body = rng.normal([0, 0, 4], 0.4, (1, 17, 3))
    views = []
    for number, action in enumerate(("Walking 1", "Sitting", "Eating")):
        positions = body + rng.normal(0, 0.02, (12, 17, 3)).cumsum(axis=0)
        views.append(
            View(
                keypoints=positions[..., :2] / positions[..., 2:],
                visibility=np.ones((12, 17)),
                positions=positions,
                intrinsics=np.array([1, 1, 0, 0, 0, 0, 0, 0, 0.0]),
                skeleton=HUMAN36M_17,
                fps=50,
                subject=f"S{number}",
                action=action,
                clip=action,
                camera="0",
                valid=np.arange(12) != 5,
            )
        )
    return SequenceStore.from_views(views)


@pytest.fixture(scope="module")
def predictions(store):
    rng = np.random.default_rng(1)
    truth = [store.positions[a:b] for a, b in zip(store.offsets, store.offsets[1:], strict=False)]
    return [own + rng.normal(0, 0.03, own.shape).astype(np.float32) for own in truth]


def texts(path) -> set[str]:
    """What matplotlib wrote as comments beside the glyphs of an SVG."""
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
    root = ElementTree.parse(path, parser).getroot()
    return {e.text.strip() for e in root.iter() if e.tag is ElementTree.Comment and e.text}


def test_a_bar_an_action_and_report(store, predictions, tmp_path):
    ours = evaluate_store(predictions, store)
    scaled = [1.1 * own for own in predictions]
    path = plot_actions({"ours": ours, "other": evaluate_store(scaled, store)}, tmp_path / "a.svg")
    found = texts(path)
    assert {"Walking", "Sitting", "Eating", "P1 (mm)", "MPJPE, protocol 1"} <= found
    assert f"ours, mean {ours.mean_over_actions['mpjpe']:.1f} mm" in found
    velocity = plot_actions({"ours": ours}, tmp_path / "v.svg", "mpjve")
    assert "vel (mm/f)" in texts(velocity)


def test_bars_of_3dhp_are_titled_by_its_own_measures(store, predictions, tmp_path):
    scores = Scores(20, 1, {"pck": 91.0, "auc": 52.0, "mpjpe": 77.0})
    report = Mpi3dhpReport({"TS1": scores}, {}, {}, scores, VARIANTS["official"], {})
    found = texts(plot_actions({"ours": report}, tmp_path / "a.svg"))
    assert {"TS1", "MPJPE (mm)", "mean joint error", "ours, mean 77.0 mm"} <= found
    assert "PCK (%)" in texts(plot_actions({"ours": report}, tmp_path / "p.svg", "pck"))
    both = {"ours": report, "other": evaluate_store(predictions, store)}
    with pytest.raises(AnatomyError, match="unknown measure 'mpjve'; known are pck, auc, mpjpe"):
        plot_actions(both, tmp_path / "a.svg", "mpjve")


def test_plots_of_3dhp_show_the_joints_that_count(store, predictions, tmp_path, monkeypatch):
    clips = [store.sequence(index) for index in range(len(store))]
    store = SequenceStore.from_views(
        [dataclasses.replace(view, skeleton=MPI_INF_3DHP_17) for view in clips]
    )
    predictions = [own.copy() for own in predictions]
    spine = MPI_INF_3DHP_17.index("spine")
    predictions[0][3, spine] += 9
    shown = {}
    monkeypatch.setattr(
        evaluation_folder, "draw_worst_frames", lambda frames, *rest: shown.update(worst=frames)
    )
    monkeypatch.setattr(
        evaluation_folder, "plot_pck_curve", lambda curves, _: shown.update(curve=curves["ours"])
    )
    monkeypatch.setattr(
        evaluation_folder, "plot_error_over_time", lambda *drawn: shown.update(title=drawn[-1])
    )
    report = evaluate_mpi_inf_3dhp(predictions, store)
    save_plots("ours", report, predictions, store, tmp_path)
    # AUC is the mean of the curve's part up to 150 mm.
    assert shown["curve"][:31].mean() == pytest.approx(report.total["auc"])
    # The spine is 15 m off, but carries no weight.
    assert max(worst.error for worst in shown["worst"]) < 200
    plain = evaluate_store(predictions, store)
    save_plots("ours", plain, predictions, store, tmp_path)
    assert max(worst.error for worst in shown["worst"]) > 500
    assert shown["title"] == "S0 Walking 1 camera 0"


def test_pck_curve(store, predictions, tmp_path):
    errors = np.concatenate(frame_errors(predictions, store))
    curve = pck_curve(errors[np.isfinite(errors)])
    path = plot_pck_curve({"ours": curve}, tmp_path / "c.svg")
    assert {"ours", "threshold (mm)", "joints within it (%)"} <= texts(path)
    with pytest.raises(AnatomyError, match=r"expected 41 values of ours, got \(40,\)"):
        plot_pck_curve({"ours": curve[1:]}, tmp_path / "c.svg")


def test_error_over_time_is_broken_where_not_valid(store, predictions, tmp_path, monkeypatch):
    errors = frame_errors(predictions, store)
    assert np.isnan(errors[0][5])
    path = plot_error_over_time({"ours": errors[0]}, 50, tmp_path / "t.svg", "S0 Walking 1")
    assert {"S0 Walking 1", "time (s)", f"ours, mean {np.nanmean(errors[0]):.1f} mm"} <= texts(path)
    with pytest.raises(AnatomyError, match="a frame rate of 1 to 1,000 frames a second, got 0"):
        plot_error_over_time({"ours": errors[0]}, 0, tmp_path / "t.svg")


def test_worst_frames_are_drawn_with_their_errors(store, predictions, tmp_path):
    frames = worst_frames(frame_errors(predictions, store), 3, apart=4)
    path = draw_worst_frames(frames, predictions, store, tmp_path / "w.svg")
    found = texts(path)
    for worst in frames:
        assert f"frame {worst.frame}" in found
        assert f"predicted, {worst.error:.0f} mm off" in found
    png = draw_worst_frames(frames, predictions, store, tmp_path / "w.png")
    assert png.read_bytes()[:4] == b"\x89PNG"
    with pytest.raises(AnatomyError, match="got frame 99 of sequence 0"):
        draw_worst_frames([WorstFrame(0, 99, 1.0)], predictions, store, tmp_path / "w.png")


def test_nothing_to_draw_and_wrong_names(store, predictions, tmp_path):
    report = evaluate_store(predictions, store)
    for draw in (
        lambda: plot_actions({}, tmp_path / "a.png"),
        lambda: plot_pck_curve({}, tmp_path / "a.png"),
        lambda: plot_error_over_time({}, 50, tmp_path / "a.png"),
        lambda: draw_worst_frames([], predictions, store, tmp_path / "a.png"),
    ):
        with pytest.raises(AnatomyError, match="expected at least one"):
            draw()
    with pytest.raises(AnatomyError, match="unknown measure 'p9'; known are mpjpe"):
        plot_actions({"ours": report}, tmp_path / "a.png", "p9")
    with pytest.raises(AnatomyError, match=r"ends in \.png or \.pdf or \.svg"):
        plot_actions({"ours": report}, tmp_path / "a.gif")
    assert not list(tmp_path.iterdir())
