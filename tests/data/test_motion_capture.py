import numpy as np
import pytest

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.data.motion_capture import JOINT_NAMES, load_motion_capture
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HUMAN36M_17


def archive_arrays():
    positions = np.arange(5 * 17 * 3, dtype=np.float32).reshape(5, 17, 3)
    return {
        "positions": positions,
        "fps": np.array(50),
        "joint_names": np.array(list(JOINT_NAMES)),
        "parents": np.array(HUMAN36M_17.parents),
        "subjects": np.array(["ann", "bob"]),
        "clip_start": np.array([0, 2]),
        "clip_length": np.array([2, 3]),
        "clip_name": np.array(["first", "second"]),
        "clip_subject": np.array([1, 0]),
        "clip_action": np.array(["walk", "run"]),
        "clip_description": np.array(["slow walk", "fast run"]),
    }


def test_reads_each_clip_with_its_own_frames_and_person(tmp_path):
    arrays = archive_arrays()
    np.savez(tmp_path / "a.npz", **arrays)
    first, second = load_motion_capture(tmp_path / "a.npz")
    np.testing.assert_array_equal(first.positions, arrays["positions"][:2])
    np.testing.assert_array_equal(second.positions, arrays["positions"][2:])
    assert (first.subject, first.action, first.name) == ("bob", "walk", "first")
    assert (second.subject, second.description) == ("ann", "fast run")
    assert second.fps == 50 and second.skeleton == HUMAN36M_17 and second.duration == 3 / 50


def test_reads_positions_relative_to_the_root(tmp_path):
    arrays = archive_arrays()
    positions = arrays.pop("positions")
    root = positions[:, 0] + 0.5
    relative = (positions - root[:, None]).astype(np.float16)
    np.savez(tmp_path / "a.npz", **arrays, root=root, relative=relative)
    first, second = load_motion_capture(tmp_path / "a.npz")
    np.testing.assert_allclose(first.positions, positions[:2], atol=0.02)
    np.testing.assert_allclose(second.positions, positions[2:], atol=0.02)
    assert first.positions.dtype == np.float32
    for changes, message in (
        ({"root": root[:4], "relative": relative}, r"root of shape \(5, 3\), got \(4, 3\)"),
        ({"root": root, "relative": relative[:, 0]}, r"relative of shape \(frames, 17, 3\)"),
        ({"root": root}, "expected the arrays relative, which are not there"),
    ):
        np.savez(tmp_path / "bad.npz", **arrays, **changes)
        with pytest.raises(AnatomyError, match=message):
            load_motion_capture(tmp_path / "bad.npz")


def test_joint_table_is_the_skeletons_order():
    assert tuple(JOINT_NAMES.values()) == HUMAN36M_17.joint_names


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"joint_names": np.array([*list(JOINT_NAMES)[1:], "Hip"])}, "expected the joints Hip"),
        ({"parents": np.zeros(17, int)}, "expected parents"),
        ({"positions": np.zeros((5, 16, 3), np.float32)}, r"got \(5, 16, 3\)"),
        ({"clip_length": np.array([2, 4])}, "clip second is frames 2 to 6.*has 5"),
        ({"clip_subject": np.array([0, 2])}, r"clip_subject must lie in 0\.\.1"),
        ({"clip_name": np.array(["one"])}, "one entry a clip"),
        ({"joint_names": np.array(0)}, "expected joint_names to hold text, got int64"),
        ({"joint_names": np.array("Hip")}, r"joint_names of shape \(joints,\), got \(\)"),
        ({"clip_start": np.array(["a", "b"])}, "expected clip_start to hold integers"),
        ({"clip_length": np.array([2, 2**63 - 1])}, "clip second is frames 2 to"),
        ({"fps": np.array(1e-6)}, "a frame rate of 1 to 1,000 frames a second, got 1e-06"),
        ({"positions": np.full((5, 17, 3), np.nan, np.float32)}, "frame 0 is NaN"),
    ],
)
def test_says_what_is_wrong_with_an_archive(tmp_path, change, message):
    np.savez(tmp_path / "a.npz", **(archive_arrays() | change))
    with pytest.raises(AnatomyError, match=rf"a\.npz: .*{message}"):
        load_motion_capture(tmp_path / "a.npz")


def test_missing_lacking_and_corrupt_files(tmp_path):
    with pytest.raises(AnatomyError, match="no such file"):
        load_motion_capture(tmp_path / "none.npz")
    np.savez(tmp_path / "b.npz", fps=np.array(50))
    with pytest.raises(AnatomyError, match="expected the arrays positions, joint_names"):
        load_motion_capture(tmp_path / "b.npz")
    np.savez(tmp_path / "a.npz", **archive_arrays())
    whole = (tmp_path / "a.npz").read_bytes()
    np.save(tmp_path / "array.npy", np.zeros(3))
    for content in (b"", b"no archive", whole[: len(whole) // 2]):
        (tmp_path / "bad.npz").write_bytes(content)
        with pytest.raises(AnatomyError, match="not a readable npz"):
            load_motion_capture(tmp_path / "bad.npz")
    with pytest.raises(AnatomyError, match="not a readable npz"):
        load_motion_capture(tmp_path / "array.npy")
    objects = archive_arrays() | {"subjects": np.array([{}, {}], object)}
    np.savez(tmp_path / "pickled.npz", **objects)
    with pytest.raises(AnatomyError, match="array 'subjects' is pickled"):
        load_motion_capture(tmp_path / "pickled.npz")


def test_clip_rejects_what_is_no_motion():
    def clip(positions, fps=50):
        return MotionClip(positions, HUMAN36M_17, fps, "ann", "walk", "one")

    with pytest.raises(AnatomyError, match=r"clip ann/one.*got \(3, 17\)"):
        clip(np.zeros((3, 17)))
    with pytest.raises(AnatomyError, match="at least one frame"):
        clip(np.zeros((0, 17, 3)))
    with pytest.raises(AnatomyError, match="a frame rate of 1 to 1,000 frames a second, got 0"):
        clip(np.zeros((1, 17, 3)), fps=0)


def test_clips_are_in_single_precision_and_say_which_frame_is_not_finite():
    positions = np.ones((3, 17, 3))
    assert MotionClip(positions, HUMAN36M_17, 50, "a", "b", "c").positions.dtype == np.float32
    positions[1, 2] = np.nan
    with pytest.raises(AnatomyError, match="clip a/c: a position of frame 1 is NaN or infinite"):
        MotionClip(positions, HUMAN36M_17, 50, "a", "b", "c")


def test_the_cmu_archive_is_people_standing_on_the_floor(shared):
    clips = load_motion_capture(shared / "data/cmu_mocap_17.npz")
    assert len(clips) == 346 and len({clip.subject for clip in clips}) == 25
    assert len({clip.name for clip in clips}) == 346
    walk = next(clip for clip in clips if clip.name == "07_01")
    assert walk.subject == "cmu_07" and walk.action == "walk" and len(walk) == 132
    heights = walk.positions[..., 2].mean(axis=0)
    assert heights.argmax() == HUMAN36M_17.index("head") and 0.0 < heights.min() < 0.2
    assert bone_lengths(walk.positions, HUMAN36M_17).std(axis=0).max() < 1e-4


@pytest.mark.parametrize(
    ("name", "people", "frames"),
    [("cmu_dance_17_f16.npz", 3, 52991), ("reactidle_17_f16.npz", 14, 140194)],
)
def test_archives_in_half_precision_are_people_standing_on_the_floor(shared, name, people, frames):
    clips = load_motion_capture(shared / "data" / name)
    assert len({clip.subject for clip in clips}) == people
    assert sum(map(len, clips)) == frames
    heights = np.concatenate([clip.positions[::50, :, 2] for clip in clips]).mean(axis=0)
    assert heights.argmax() == HUMAN36M_17.index("head") and 0.0 < heights.min() < 0.2
    lengths = bone_lengths(clips[0].positions, HUMAN36M_17)
    assert lengths.std(axis=0).max() < 1e-3
