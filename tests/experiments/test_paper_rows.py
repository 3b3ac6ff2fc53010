"""The rows of the paper's tables: their numbers, what differs between them, a step of each."""

import dataclasses
import json
from pathlib import Path

import keras
import numpy as np
import pytest

from anatomy_tf.data import Batches, SequenceStore, View
from anatomy_tf.errors import AnatomyError
from anatomy_tf.losses import compile_arguments
from anatomy_tf.skeletons import get_skeleton
from anatomy_tf.training import (
    AMSGrad,
    NamedData,
    TrainingConfig,
    expected_of,
    load_experiment,
    read_experiment,
)

pytestmark = pytest.mark.slow

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"
SMALL = EXPERIMENTS / "motion_capture" / "ablation"
TABLES = json.loads((EXPERIMENTS / "paper_tables.json").read_text(encoding="utf-8"))
ROWS = sorted([*EXPERIMENTS.glob("table*/*.py"), *EXPERIMENTS.glob("section44/*.py")])


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def config(row: str) -> TrainingConfig:
    return load_experiment(EXPERIMENTS / f"{row}.py")


def test_every_row_of_the_paper_has_a_file() -> None:
    rows = set()
    for table, content in TABLES.items():
        if isinstance(content, dict):
            folder = table.removesuffix("_81f_mpjpe")
            listed = content["mpjpe"] if "actions" in content else content
            rows |= {f"{folder}/{row}" for row in listed}
    assert {name(path) for path in ROWS} == rows


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        # Read off the paper's tables, one of each form.
        ("table1_human36m_cpn/anatomy_243f_causal", {"mpjpe": 46.6, "p_mpjpe": 36.5}),
        ("table2_human36m_ground_truth/anatomy_243f", {"mpjpe": 32.3, "p_mpjpe": 25.2}),
        ("table3_mpi_inf_3dhp/anatomy_81f", {"pck": 87.9, "auc": 54.0, "mpjpe": 78.8}),
        ("table4_ablation/with_long_skips", {"mpjpe": 45.1}),
        ("section44/baseline_deep", {"mpjpe": 45.8}),
    ],
)
def test_expected_are_the_papers_numbers(row: str, expected: dict[str, float]) -> None:
    assert read_experiment(EXPERIMENTS / f"{row}.py").expected == expected


def test_a_row_that_the_paper_lacks_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "table2_human36m_ground_truth"
    with pytest.raises(AnatomyError, match=r"paper_tables.json: no such file or folder"):
        expected_of(folder / "anatomy_243f.py")
    (tmp_path / "paper_tables.json").write_text(json.dumps(TABLES))
    with pytest.raises(AnatomyError, match="has no row 'anatomy_27f'"):
        expected_of(folder / "anatomy_27f.py")
    with pytest.raises(AnatomyError, match="expected one table 'table9', got"):
        expected_of(tmp_path / "table9" / "anatomy_243f.py")


def test_the_ablation_ends_at_the_full_model() -> None:
    full = config("table1_human36m_cpn/anatomy_81f")
    assert config("table4_ablation/with_visibility_attention") == full


CHANGES = {
    "with_joint_loss": ("anatomy_framework", {"length_output"}),
    "with_length_attention": ("with_joint_loss", {"length_pooling"}),
    "with_length_augmentation": ("with_length_attention", {"length_augmentation"}),
    "with_joint_shift": ("with_length_augmentation", {"joint_shift"}),
    "with_long_skips": ("with_joint_shift", {"sub_networks"}),
    "with_visibility_attention": ("with_long_skips", {"visibility"}),
}


@pytest.mark.parametrize("row", CHANGES)
def test_each_row_of_the_ablation_changes_one_thing(row: str) -> None:
    before, changed = CHANGES[row]
    ours, theirs = config(f"table4_ablation/{row}"), config(f"table4_ablation/{before}")
    assert dataclasses.replace(ours, model=theirs.model) == theirs
    differing = {
        field.name
        for field in dataclasses.fields(ours.model)
        if getattr(ours.model, field.name) != getattr(theirs.model, field.name)
    }
    assert differing == changed


def test_consecutive_frames_are_taken_in_training_and_at_inference() -> None:
    row = config("section44/consecutive_length_frames")
    assert (row.sampling, row.model.length_frames) == ("consecutive", "consecutive")


def test_the_causal_model_sees_the_past_only() -> None:
    row = config("table1_human36m_cpn/anatomy_243f_causal")
    assert row.model.causal
    assert (row.sampling, row.causal_target) == ("past", "target_frame")


def views(
    skeleton_name: str, subject: str = "S1", frames: int = 12, fps: float = 50
) -> SequenceStore:
    """One made-up view: poses of random joints, seen from five metres."""
    skeleton = get_skeleton(skeleton_name)
    rng = np.random.default_rng(0)
    positions = rng.normal([0, 0, 5], 0.3, (frames, skeleton.joint_count, 3))
    view = View(
        keypoints=positions[..., :2] / positions[..., 2:],
        visibility=rng.uniform(size=positions.shape[:2]),
        positions=positions,
        intrinsics=np.array([2, 2, 0, 0, 0, 0, 0, 0, 0.0]),
        skeleton=skeleton,
        fps=fps,
        subject=subject,
        action="Walking",
        clip="Walking 1",
        camera="0",
    )
    return SequenceStore.from_views([view])


def small(row: TrainingConfig) -> TrainingConfig:
    """The row with a network of few frames and channels."""
    size = {"filter_widths": (3,), "channels": 8, "sampled_frames": 4}
    arguments = {field.name for field in dataclasses.fields(row.model)}
    given = {key: value for key, value in size.items() if key in arguments}
    return dataclasses.replace(row, model=dataclasses.replace(row.model, **given))


def recipe(path: Path) -> str:
    """What a step depends on: rows that differ in size or detections take the same."""
    row = small(load_experiment(path))
    data = (row.flip, row.sampling, row.length_augmentation_degree, row.causal_target)
    return repr((row.model, row.learning_rate, data))


@pytest.mark.parametrize("path", {recipe(path): path for path in ROWS}.values(), ids=name)
def test_it_trains_a_step_at_small_size(path: Path) -> None:
    row = small(load_experiment(path))
    model = row.model.build()
    batches = Batches.for_model(
        model,
        views(model.skeleton.name, fps=model.fps),
        2,
        flip=row.flip,
        sampling=row.sampling,
        length_augmentation_degree=row.length_augmentation_degree,
        target=row.causal_target,
    )
    model.compile(
        optimizer=AMSGrad(row.learning_rate),
        run_eagerly=keras.config.backend() == "tensorflow",
        **compile_arguments(model),
    )
    before = model.get_weights()
    inputs, targets = batches.batch(0, 0)
    logs = model.train_on_batch(inputs, targets, return_dict=True)
    assert all(np.isfinite(value) for value in logs.values())
    moved = [np.any(a != b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert np.mean(moved) > 0.5


def test_rows_have_the_frame_rate_and_skeleton_of_their_data() -> None:
    for path in ROWS:
        model = load_experiment(path).model
        expected = ("mpi_inf_3dhp_17", 25) if "3dhp" in path.parent.name else ("human36m_17", 50)
        assert (model.skeleton.name, model.fps) == expected, path


def test_named_data_are_read_by_split(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    for split, subject in (("train", "S1"), ("test", "S9")):
        views("human36m_17", subject).save(folder / f"{split}.npz")
    data = NamedData(name="mine", directory=str(tmp_path))
    train, test = data.load()
    assert (train.subjects, test.subjects) == (("S1",), ("S9",))
    assert data.load_test().subjects == ("S9",)
    assert data.detections == "mine"


def test_missing_data_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(AnatomyError) as caught:
        NamedData(name="mine", directory=str(tmp_path)).load()
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("path", [p for p in ROWS if p.parent.name == "table4_ablation"], ids=name)
def test_the_ablation_on_motion_capture_is_table_4_in_small(path: Path) -> None:
    small, row = load_experiment(SMALL / path.name), load_experiment(path)
    size = {"filter_widths": (3, 3, 3), "channels": 64, "sampled_frames": 16}
    arguments = {field.name for field in dataclasses.fields(row.model)}
    given = {key: value for key, value in size.items() if key in arguments}
    assert small.model == dataclasses.replace(row.model, **given)
    base = load_experiment(SMALL / "baseline.py")
    assert dataclasses.replace(small, model=base.model) == base


def test_the_ablation_on_motion_capture_has_the_people_of_the_shipped_model() -> None:
    base, shipped = (
        load_experiment(EXPERIMENTS / "motion_capture" / f"{row}.py").data
        for row in ("ablation/baseline", "compact")
    )
    assert base == dataclasses.replace(shipped, cameras_per_clip=2)
