import dataclasses
from pathlib import Path

import numpy as np
import pytest

from anatomy_tf.cameras import project
from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.views.view import View
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton

LENS = np.array([2.3, 2.2, 0.1, -0.05, -0.2, 0.1, 0.02, 0.003, -0.002], np.float32)
ARM = Skeleton("arm", ("shoulder", "elbow", "wrist"), (-1, 0, 1))
ONE_SIDE = Skeleton("one_side", ("left_hip", "right_hip"), (-1, 0))


def view(frames: int = 4, subject: str = "S1", action: str = "walk", seed: int = 0, **changes):
    skeleton = changes.get("skeleton", HUMAN36M_17)
    rng = np.random.default_rng(seed)
    joints = skeleton.joint_count
    positions = rng.normal([0, 0, 5], 0.4, (frames, joints, 3)).astype(np.float32)
    values = {
        "keypoints": project(positions, LENS),
        "visibility": rng.random((frames, joints)),
        "positions": positions,
        "intrinsics": LENS,
        "skeleton": HUMAN36M_17,
        "fps": 50.0,
        "subject": subject,
        "action": action,
        "clip": f"{action} {seed}",
        "camera": "front",
    }
    return View(**(values | changes))


@pytest.fixture
def store() -> SequenceStore:
    return SequenceStore.from_views(
        [view(3, "S1", "walk", 1), view(1, "S5", "sit", 2), view(5, "S1", "sit", 3)]
    )


def test_a_store_and_a_view_are_a_line(store: SequenceStore) -> None:
    assert repr(store) == (
        "SequenceStore(3 sequences of 2 people, 9 frames at 50 fps, 17 joints of human36m_17)"
    )
    assert repr(view(3, "S1", "walk", 1)) == (
        "View('walk 1' of 'S1' by camera 'front', 3 frames at 50 fps, 17 joints of human36m_17)"
    )


def test_sequences_lie_end_to_end(store: SequenceStore) -> None:
    assert len(store) == 3
    assert store.frame_count == 9
    assert store.offsets.tolist() == [0, 3, 4, 9]
    assert store.lengths.tolist() == [3, 1, 5]
    third = view(5, "S1", "sit", 3)
    np.testing.assert_array_equal(store.keypoints[4:9], third.keypoints)
    np.testing.assert_array_equal(store.visibility[4:9], third.visibility)
    np.testing.assert_array_equal(store.root[4:9], third.positions[:, HUMAN36M_17.root])
    assert store.subjects == ("S1", "S5", "S1")
    assert store.clips == ("walk 1", "sit 2", "sit 3")


def test_positions_are_relative_to_the_root(store: SequenceStore) -> None:
    assert (store.positions[:, HUMAN36M_17.root] == 0).all()
    np.testing.assert_allclose(
        store.positions[3] + store.root[3], view(1, "S5", "sit", 2).positions[0], atol=1e-6
    )


def test_sequence_gives_the_view_back(store: SequenceStore) -> None:
    again, original = store.sequence(2), view(5, "S1", "sit", 3)
    np.testing.assert_allclose(again.positions, original.positions, atol=1e-6)
    np.testing.assert_array_equal(again.keypoints, original.keypoints)
    assert (again.subject, again.action, again.camera) == ("S1", "sit", "front")
    with pytest.raises(AnatomyError, match="no sequence 3; it has 3"):
        store.sequence(3)


def test_select(store: SequenceStore) -> None:
    kept = store.select(subjects=["S1"], actions="sit")
    assert kept.clips == ("sit 3",)
    assert kept.offsets.tolist() == [0, 5]
    np.testing.assert_array_equal(kept.positions, store.positions[4:])
    assert store.select(actions=["sit"]).offsets.tolist() == [0, 1, 6]
    assert store.select().clips == store.clips


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"subjects": ["S9"]}, "unknown subjects S9; it has S1, S5"),
        ({"subjects": ["S5"], "actions": ["walk"]}, "no sequence has these"),
        ({"subjects": []}, "no sequence has these"),
    ],
)
def test_select_refuses(store: SequenceStore, choice: dict, message: str) -> None:
    with pytest.raises(AnatomyError, match=message):
        store.select(**choice)


def test_saved_and_loaded(store: SequenceStore, tmp_path: Path) -> None:
    store.save(tmp_path / "store.npz")
    assert [p.name for p in tmp_path.iterdir()] == ["store.npz"]
    again = SequenceStore.load(tmp_path / "store.npz")
    assert again.skeleton == store.skeleton
    assert again.fps == store.fps
    assert (again.subjects, again.actions, again.clips, again.cameras) == (
        store.subjects, store.actions, store.clips, store.cameras,
    )  # fmt: skip
    for field in ("keypoints", "visibility", "positions", "root", "offsets", "intrinsics"):
        np.testing.assert_array_equal(getattr(again, field), getattr(store, field))
        assert getattr(again, field).dtype == getattr(store, field).dtype


def test_load_refuses_what_is_no_store(store: SequenceStore, tmp_path: Path) -> None:
    with pytest.raises(AnatomyError, match="no such sequence store"):
        SequenceStore.load(tmp_path / "missing.npz")
    (tmp_path / "text.npz").write_text("not an archive")
    with pytest.raises(AnatomyError, match="not a readable npz file"):
        SequenceStore.load(tmp_path / "text.npz")
    np.savez(tmp_path / "other.npz", keypoints=store.keypoints)
    with pytest.raises(
        AnatomyError, match=r"other\.npz: expected the arrays visibility, .*, which are not"
    ):
        SequenceStore.load(tmp_path / "other.npz")
    np.savez(tmp_path / "pickled.npz", keypoints=np.array([{}], dtype=object))
    with pytest.raises(AnatomyError, match="array 'keypoints' is pickled"):
        SequenceStore.load(tmp_path / "pickled.npz")
    store.save(tmp_path / "store.npz")
    whole = (tmp_path / "store.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AnatomyError, match="not a readable npz file"):
        SequenceStore.load(tmp_path / "cut.npz")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"keypoints": np.full((9, 17, 2), np.nan, np.float32)}, "keypoints has a NaN"),
        ({"keypoints": np.ones((9, 17, 2), complex)}, "expected keypoints to hold numbers"),
        ({"offsets": np.array([0, 3.5, 4, 9])}, "expected offsets to hold integers, got float64"),
        ({"subjects": np.array("abc")}, r"expected subjects of shape \(sequences,\), got \(\)"),
        ({"subjects": np.array([1, 2, 3])}, "expected subjects to hold text"),
        ({"fps": np.array(0.0)}, "expected a frame rate of 1 to 1,000"),
        ({"fps": np.array(np.nan)}, "expected a frame rate of 1 to 1,000"),
        ({"skeleton": np.array("[" * 100_000)}, "not a readable sequence store"),
        ({"skeleton": np.array("{}")}, "expected a skeleton of joint_names, parents"),
        ({"valid": np.ones(9)}, "expected valid to hold truth values"),
    ],
)
def test_a_file_with_a_wrong_array_is_named(
    store: SequenceStore, tmp_path: Path, change: dict, message: str
) -> None:
    store.save(tmp_path / "store.npz")
    np.savez(tmp_path / "wrong.npz", **{**dict(np.load(tmp_path / "store.npz")), **change})
    with pytest.raises(AnatomyError, match=rf"wrong\.npz: .*{message}") as caught:
        SequenceStore.load(tmp_path / "wrong.npz")
    assert "\n" not in str(caught.value)


def test_a_failed_save_leaves_the_old_file(
    store: SequenceStore, tmp_path: Path, monkeypatch
) -> None:
    path = tmp_path / "store.npz"
    store.save(path)
    before = path.read_bytes()

    def fail(file, **arrays) -> None:
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(AnatomyError, match=r"store\.npz: cannot be written: disk full$"):
        store.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["store.npz"]


def test_mirrored_twice_is_the_same(store: SequenceStore) -> None:
    once, twice = store.mirrored(), store.mirrored().mirrored()
    for field in ("keypoints", "visibility", "positions", "root", "intrinsics"):
        np.testing.assert_array_equal(getattr(twice, field), getattr(store, field))
        assert (getattr(once, field) != getattr(store, field)).any()


def test_mirrored_positions_project_to_the_mirrored_keypoints(store: SequenceStore) -> None:
    mirrored = store.mirrored().sequence(2)
    np.testing.assert_allclose(
        project(mirrored.positions, mirrored.intrinsics), mirrored.keypoints, atol=1e-5
    )
    left, right = (HUMAN36M_17.index(f"{side}_wrist") for side in ("left", "right"))
    original = store.sequence(2)
    np.testing.assert_allclose(
        mirrored.positions[:, left], original.positions[:, right] * [-1, 1, 1], atol=1e-6
    )
    np.testing.assert_array_equal(mirrored.visibility[:, left], original.visibility[:, right])


def test_a_root_with_a_side_has_no_mirror_image() -> None:
    with pytest.raises(AnatomyError, match="middle line, got 'left_hip'"):
        SequenceStore.from_views([view(skeleton=ONE_SIDE)]).mirrored()


def test_joined(store: SequenceStore) -> None:
    both = store.joined(store.mirrored())
    assert both.offsets.tolist() == [0, 3, 4, 9, 12, 13, 18]
    assert both.clips == store.clips * 2
    np.testing.assert_array_equal(both.keypoints[9:], store.mirrored().keypoints)
    arms = SequenceStore.from_views([view(skeleton=ARM)])
    with pytest.raises(AnatomyError, match="cannot join 'human36m_17' at 50 fps with 'arm'"):
        store.joined(arms)


def test_from_views_refuses_none_and_mixtures() -> None:
    with pytest.raises(AnatomyError, match="at least one view"):
        SequenceStore.from_views([])
    with pytest.raises(AnatomyError, match="S7/walk 0/front: expected skeleton 'human36m_17'"):
        SequenceStore.from_views([view(), view(subject="S7", skeleton=ARM)])
    with pytest.raises(AnatomyError, match="expected 50 fps as the first view's, got 25"):
        SequenceStore.from_views([view(), view(fps=25.0)])


def test_the_constructor_checks(store: SequenceStore) -> None:
    fields = {name: getattr(store, name) for name in store.__dataclass_fields__}
    for changes, message in (
        ({"offsets": np.zeros(0, np.int64)}, "at least one sequence"),
        ({"offsets": np.zeros(1, np.int64)}, "at least one sequence"),
        ({"offsets": np.array([0, 3, 3, 9])}, "at least one frame"),
        ({"visibility": store.visibility[1:]}, r"expected visibility \(9, 17\), got \(8, 17\)"),
        ({"root": np.full_like(store.root, np.nan)}, "root has a NaN"),
        ({"actions": ("walk",)}, "expected 3 actions, got 1"),
    ):
        with pytest.raises(AnatomyError, match=message):
            SequenceStore(**(fields | changes))


def test_valid_frames_go_where_their_frames_go(tmp_path: Path) -> None:
    half = view(4, "S1", "walk", 1, valid=np.array([True, False, True, False]))
    whole = view(2, "S5", "sit", 2, valid=np.array([True, True]))
    store = SequenceStore.from_views([half, whole])
    assert whole.valid is None
    assert store.valid is not None
    assert store.valid.tolist() == [True, False, True, False, True, True]
    assert store.sequence(0).valid.tolist() == [True, False, True, False]
    assert store.sequence(1).valid is None
    assert store.select(actions="walk").valid.tolist() == [True, False, True, False]
    assert store.mirrored().valid is store.valid
    all_valid = SequenceStore.from_views([whole])
    assert all_valid.valid is None
    assert all_valid.joined(store).valid.tolist() == [True, True, *store.valid.tolist()]
    store.save(tmp_path / "store.npz")
    np.testing.assert_array_equal(SequenceStore.load(tmp_path / "store.npz").valid, store.valid)
    all_valid.save(tmp_path / "store.npz")
    assert SequenceStore.load(tmp_path / "store.npz").valid is None


@pytest.mark.parametrize(
    ("valid", "message"),
    [
        (np.array([True, False, True]), r"expected valid \(4,\) of truth values, got \(3,\)"),
        (np.array([1, 0, 1, 0]), "of int64"),
        (np.zeros(4, bool), "at least one valid frame"),
    ],
)
def test_valid_frames_are_checked(valid, message) -> None:
    with pytest.raises(AnatomyError, match=message):
        view(4, valid=valid)
    store = SequenceStore.from_views([view(4)])
    with pytest.raises(AnatomyError, match="valid"):
        dataclasses.replace(store, valid=valid)


def test_activities_stay_with_their_frames(tmp_path: Path) -> None:
    def labelled(*numbers: int, subject: str) -> View:
        return view(len(numbers), subject, activity=np.array(numbers, np.uint8))

    store = SequenceStore.from_views(
        [labelled(0, 0, subject="S1"), labelled(1, 7, 3, subject="TS1"), view(1, "S2")]
    )
    assert store.activities.tolist() == [0, 0, 1, 7, 3, 0]
    assert store.sequence(0).activity is None
    assert store.sequence(1).activity.tolist() == [1, 7, 3]
    assert store.mirrored().activities.tolist() == [0, 0, 1, 7, 3, 0]
    test = store.select(subjects=["TS1"])
    assert test.activities.tolist() == [1, 7, 3]
    assert SequenceStore.from_views([view(2)]).joined(test).activities.tolist() == [0, 0, 1, 7, 3]
    test.save(tmp_path / "test.npz")
    assert SequenceStore.load(tmp_path / "test.npz").activities.tolist() == [1, 7, 3]
    assert SequenceStore.from_views([view(2)]).activities is None
    with pytest.raises(AnatomyError, match=r"activity \(2,\) of uint8, got \(3,\)"):
        view(2, activity=np.zeros(3, np.uint8))
    with pytest.raises(AnatomyError, match=r"activities \(3,\) of uint8, got \(1,\)"):
        dataclasses.replace(test, activities=np.ones(1, np.uint8))


UP = np.array([[0.6, -0.8, 0], [0, -1, 0], [0, 0, 1]], np.float32)


def test_up_and_the_pictures_shape_follow_every_change(store: SequenceStore, tmp_path) -> None:
    """A store knows them for the sequences whose view did, and a mirror turns x about."""
    assert np.isnan(store.up).all() and store.up.shape == (9, 3)
    assert np.isnan(store.aspect_ratios).all() and store.aspect_ratios.shape == (3,)
    known = SequenceStore.from_views(
        [view(3, "S2", up=UP, aspect_ratio=0.5), view(2, "S3", up=UP[1], aspect_ratio=1.5)]
    )
    both = known.joined(store).select(subjects=("S1", "S2"))
    assert both.subjects == ("S2", "S1", "S1")
    np.testing.assert_array_equal(both.up[:3], UP)
    assert np.isnan(both.up[3:]).all()
    np.testing.assert_array_equal(both.aspect_ratios, np.float32([0.5, np.nan, np.nan]))
    np.testing.assert_array_equal(known.sequence(1).up, UP[[1, 1]])
    assert known.sequence(1).aspect_ratio == 1.5
    mirrored = both.mirrored()
    np.testing.assert_array_equal(mirrored.up[:3], UP * [-1, 1, 1])
    np.testing.assert_array_equal(mirrored.aspect_ratios, both.aspect_ratios)
    both.save(tmp_path / "store.npz")
    loaded = SequenceStore.load(tmp_path / "store.npz")
    np.testing.assert_array_equal(loaded.up, both.up)
    np.testing.assert_array_equal(loaded.aspect_ratios, both.aspect_ratios)


def test_a_store_of_before_up_was_known_loads(store: SequenceStore, tmp_path) -> None:
    store.save(tmp_path / "new.npz")
    arrays = dict(np.load(tmp_path / "new.npz"))
    del arrays["up"], arrays["aspect_ratios"]
    np.savez(tmp_path / "old.npz", **arrays)
    old = SequenceStore.load(tmp_path / "old.npz")
    np.testing.assert_array_equal(old.keypoints, store.keypoints)
    assert np.isnan(old.up).all() and np.isnan(old.aspect_ratios).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"up": np.ones(3)}, "expected unit vectors, or NaN, for up, got length 1.732"),
        ({"up": np.zeros((3, 3))}, r"expected up \(3,\) or \(4, 3\), got \(3, 3\)"),
        ({"up": np.array([np.nan, 0, 1])}, "expected unit vectors, or NaN"),
        ({"aspect_ratio": 0.0}, "expected a positive aspect_ratio, or NaN, got 0.0"),
    ],
)
def test_what_is_no_direction_or_ratio_is_refused(changes, message) -> None:
    with pytest.raises(AnatomyError, match=message):
        view(**changes)


def test_a_store_refuses_ratios_of_no_picture(store: SequenceStore) -> None:
    for ratios, message in (
        (np.ones(2), r"expected aspect_ratios \(3,\), got \(2,\)"),
        (-1, "positive"),
    ):
        with pytest.raises(AnatomyError, match=message):
            dataclasses.replace(store, aspect_ratios=np.array(ratios, np.float32))
