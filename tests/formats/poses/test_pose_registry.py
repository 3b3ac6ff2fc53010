import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pose_clips import moving

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import POSE_FORMATS, load_poses, save_poses
from anatomy_tf.formats.poses.axes import from_y_up, y_up, z_up
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import BODY_25B, CMU_31, Skeleton

SELF_CONTAINED = (".npz", ".json", ".csv")
MICROMETRE = 1.1e-6


def named(suffix: str, folder: Path) -> Path:
    return folder / f"poses{suffix}"


@pytest.mark.parametrize("suffix", SELF_CONTAINED)
def test_everything_comes_back(tmp_path: Path, suffix: str) -> None:
    lengths = np.linspace(0.1, 0.4, 24, dtype=np.float32)
    written = [
        moving(BODY_25B, frames=5, bone_lengths=lengths, person="left, behind"),
        moving(BODY_25B, frames=3, person="B"),
    ]
    save_poses(named(suffix, tmp_path), written)
    read = load_poses(named(suffix, tmp_path))
    assert len(read) == 2
    for one, other in zip(written, read, strict=True):
        np.testing.assert_allclose(other.positions, one.positions, atol=MICROMETRE)
        facts = ("skeleton", "fps", "axes", "root_relative", "person")
        assert [getattr(other, f) for f in facts] == [getattr(one, f) for f in facts]
    np.testing.assert_allclose(read[0].bone_lengths, lengths, atol=MICROMETRE)
    assert read[1].bone_lengths is None


@pytest.mark.parametrize("first", [0, 30, 70_000])
@pytest.mark.parametrize("suffix", [*SELF_CONTAINED, ".trc", ".c3d"])
def test_the_video_s_time_comes_back(tmp_path: Path, suffix: str, first: int) -> None:
    if suffix == ".c3d":
        pytest.importorskip("ezc3d")
    path = named(suffix, tmp_path)
    save_poses(path, [moving(frames=3, first_frame=first)])
    (read,) = load_poses(path)
    assert (len(read), read.first_frame) == (3, first)
    if suffix in (".csv", ".trc"):
        # Numbers and seconds of the last line.
        number, time = path.read_text().splitlines()[-1].replace("\t", ",").split(",")[-53:-51]
        assert int(number) - (suffix == ".trc") == first + 2
        assert float(time) == pytest.approx((first + 2) / 50)


def test_gltf_says_which_frame_comes_first(tmp_path: Path) -> None:
    save_poses(tmp_path / "p.glb", [moving(first_frame=30)])
    content = (tmp_path / "p.glb").read_bytes()
    assert b'"extras":{"first_frame":30,"fps":50}' in content


def test_people_of_a_file_begin_together(tmp_path: Path) -> None:
    people = [moving(person="A"), moving(person="B", first_frame=3)]
    with pytest.raises(AnatomyError, match="people with one first_frame in a file, got 0 and 3"):
        save_poses(tmp_path / "p.npz", people)


@pytest.mark.parametrize("suffix", SELF_CONTAINED)
def test_names_of_half_characters_are_refused(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(AnatomyError, match=r"expected names of whole characters, got '\\ud800'"):
        save_poses(named(suffix, tmp_path), [moving(person="\ud800")])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", SELF_CONTAINED)
def test_spread_comes_back_for_whom_it_is_known(tmp_path: Path, suffix: str) -> None:
    spread = np.random.default_rng(0).random((5, 17), np.float32)
    written = [moving(frames=5, person="A", spread=spread), moving(frames=3, person="B")]
    save_poses(named(suffix, tmp_path), written)
    one, other = load_poses(named(suffix, tmp_path))
    np.testing.assert_allclose(one.spread, spread, atol=MICROMETRE)
    assert other.spread is None
    save_poses(named(suffix, tmp_path), written[1:])
    assert "spread" not in named(suffix, tmp_path).read_bytes().decode("latin-1")


@pytest.mark.parametrize("suffix", SELF_CONTAINED)
def test_spread_of_another_shape_or_sign_is_refused(tmp_path: Path, suffix: str) -> None:
    path = named(suffix, tmp_path)
    save_poses(path, [moving(frames=2, spread=np.full((2, 17), 0.25, np.float32))])
    if suffix == ".npz":
        arrays = dict(np.load(path))
        np.savez(path, **arrays | {"spread": arrays["spread"][..., 1:]})
        message = "expected spread of shape"
    elif suffix == ".json":
        path.write_text(path.read_text().replace("[0.25, ", "[", 1))
        message = "spread"
    else:
        path.write_text(path.read_text().replace("0.250000", "-0.250000", 1))
        message = "a spread is negative"
    with pytest.raises(AnatomyError, match=message):
        load_poses(path)


@pytest.mark.parametrize("suffix", SELF_CONTAINED)
def test_an_own_skeleton_comes_back(tmp_path: Path, suffix: str) -> None:
    arm = Skeleton("arm", ("shoulder", "elbow", "hand"), (-1, 0, 1), (("shoulder", "hand"),))
    save_poses(named(suffix, tmp_path), [moving(arm)])
    assert load_poses(named(suffix, tmp_path))[0].skeleton == arm


@pytest.mark.parametrize("axes", ["camera", "world"])
def test_markers_come_back_in_world_axes(tmp_path: Path, axes: Any) -> None:
    written = moving(CMU_31, axes=axes)
    save_poses(tmp_path / "p.trc", [written])
    (read,) = load_poses(tmp_path / "p.trc")
    np.testing.assert_allclose(read.positions, z_up(written), atol=MICROMETRE)
    assert (read.skeleton, read.fps, read.axes) == (CMU_31, 50, "world")
    assert not read.root_relative


def test_root_relative_markers_stay_root_relative(tmp_path: Path) -> None:
    save_poses(tmp_path / "p.trc", [moving().relative_to_root()])
    assert load_poses(tmp_path / "p.trc")[0].root_relative


def test_axes_hand_worked() -> None:
    # One metre right, one down and three ahead of the camera.
    camera = PoseSequence(np.array([[[1, 1, 3]]]), Skeleton("dot", ("dot",), (-1,)), 1)
    np.testing.assert_array_equal(y_up(camera), [[[1, -1, -3]]])
    np.testing.assert_array_equal(z_up(camera), [[[1, 3, -1]]])
    np.testing.assert_array_equal(from_y_up(y_up(camera)), z_up(camera))
    world = PoseSequence(np.array([[[1, 3, -1]]]), camera.skeleton, 1, axes="world")
    np.testing.assert_array_equal(y_up(world), y_up(camera))
    np.testing.assert_array_equal(z_up(world), z_up(camera))


@pytest.mark.parametrize("suffix", [s for s, entry in POSE_FORMATS.items() if entry.one_person])
def test_one_person_a_file(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(AnatomyError, match=r"holds one person, got 2; choose one \(--person N\)"):
        save_poses(named(suffix, tmp_path), [moving(), moving()])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [s for s, e in POSE_FORMATS.items() if not e.one_person])
def test_people_of_two_rates_are_no_file(tmp_path: Path, suffix: str) -> None:
    clips = [moving(), moving().resampled(25)]
    with pytest.raises(AnatomyError, match=r"one fps in a file, got 50 and 25"):
        save_poses(named(suffix, tmp_path), clips)


def test_two_people_of_one_name_are_no_csv(tmp_path: Path) -> None:
    with pytest.raises(AnatomyError, match="people of different names"):
        save_poses(tmp_path / "p.csv", [moving(), moving()])


def test_unknown_suffixes(tmp_path: Path) -> None:
    with pytest.raises(AnatomyError, match=r"ends in \.npz or \.json .* or \.glb"):
        save_poses(tmp_path / "poses.fbx", [moving()])
    save_poses(tmp_path / "poses.bvh", [moving()])
    with pytest.raises(AnatomyError, match=r"ends in \.npz, .*\.trc, \.c3d, got \.bvh"):
        load_poses(tmp_path / "poses.bvh")


def test_markers_of_no_known_layout(tmp_path: Path) -> None:
    arm = Skeleton("arm", ("shoulder", "elbow"), (-1, 0))
    save_poses(tmp_path / "arm.trc", [moving(arm)])
    with pytest.raises(AnatomyError, match="its 2 markers are not the joints of any known layout"):
        load_poses(tmp_path / "arm.trc")


def test_missing_extra_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ezc3d", None)
    with pytest.raises(AnatomyError, match=r'pip install "anatomy_tf\[c3d\]"'):
        save_poses(tmp_path / "p.c3d", [moving()])
    assert not list(tmp_path.iterdir())


def test_trc_is_as_opensim_documents_it(tmp_path: Path) -> None:
    leg = Skeleton("leg", ("hip", "knee"), (-1, 0))
    positions = np.array([[[1, 2, 3], [1, 2.5, 3]], [[0, 0, 0], [0, 0, 0.5]]])
    save_poses(tmp_path / "leg.trc", [PoseSequence(positions, leg, 100, root_relative=False)])
    assert (tmp_path / "leg.trc").read_text() == (
        "PathFileType\t4\t(X/Y/Z)\tleg.trc\n"
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\t"
        "OrigDataRate\tOrigDataStartFrame\tOrigNumFrames\n"
        "100\t100\t2\t2\tm\t100\t1\t2\n"
        "Frame#\tTime\thip\t\t\tknee\t\t\n"
        "\t\tX1\tY1\tZ1\tX2\tY2\tZ2\n"
        "\n"
        "1\t0.000000\t1.000000\t-2.000000\t-3.000000\t1.000000\t-2.500000\t-3.000000\n"
        "2\t0.010000\t0.000000\t-0.000000\t-0.000000\t0.000000\t-0.000000\t-0.500000\n"
    )


@pytest.mark.parametrize("axes", ["camera", "world"])
def test_c3d_states_unit_axes_and_rate(tmp_path: Path, axes: Any) -> None:
    ezc3d = pytest.importorskip("ezc3d")
    clip = moving(axes=axes)
    save_poses(tmp_path / "p.c3d", [clip])
    content = ezc3d.c3d(str(tmp_path / "p.c3d"))
    point = content["parameters"]["POINT"]
    stated = {key: point[key]["value"][0] for key in ("UNITS", "X_SCREEN", "Y_SCREEN", "RATE")}
    assert stated == {"UNITS": "mm", "X_SCREEN": "+X", "Y_SCREEN": "+Z", "RATE": 50}
    assert tuple(point["LABELS"]["value"]) == clip.skeleton.joint_names
    positions = content["data"]["points"][:3].transpose(2, 1, 0) / 1000
    np.testing.assert_allclose(positions, z_up(clip), atol=MICROMETRE)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
@pytest.mark.parametrize("suffix", [".json", ".csv", ".trc"])
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, suffix: str, data: Any) -> None:
    arm = Skeleton("human36m_17", ("shoulder", "elbow"), (-1, 0))
    path = named(suffix, tmp_path)
    save_poses(path, [moving(arm, frames=2, bone_lengths=np.ones(1))])
    content = path.read_bytes()
    start = data.draw(st.integers(0, len(content) - 1))
    stop = data.draw(st.integers(start, min(len(content), start + 40)))
    pieces = st.sampled_from([b"", b"null", b"[]", b"{}", b"1e999", b"-1", b'"', b"\0", b"\xff"])
    path.write_bytes(content[:start] + data.draw(pieces | st.binary(max_size=6)) + content[stop:])
    try:
        people = load_poses(path)
    except AnatomyError as error:
        assert str(path) in str(error)
    else:
        assert all(np.isfinite(p.positions).all() for p in people)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"metre"', '"inch"', "expected the unit 'metre', got 'inch'"),
        ('"camera"', '"screen"', "expected axes 'camera' or 'world', got screen"),
        ('"fps": 50', '"fps": null', "expected a number fps, got None"),
        ('"parents": [-1, 0]', '"parents": [0, 0]', "expected one root"),
        ('"parents": [-1, 0]', '"parents": [-1, 0.0]', "expected a skeleton"),
        ('"root_relative": false', '"root_relative": 0', "expected root_relative true or false"),
        ('"people": [', '"people": [3, ', "person 0: expected an object"),
        ('"elbow": 1.0', '"wrist": 1.0', "bone_lengths: expected a length for each of 1 bones"),
        ('"positions": [[', '"positions": [[[1, 2, 3]], [', "2 x 3 numbers, all rows alike"),
        ('"format": "anatomy_tf poses"', '"format": "poses"', "expected our JSON of poses"),
    ],
)
def test_wrong_json_is_one_clear_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    arm = Skeleton("arm", ("shoulder", "elbow"), (-1, 0))
    path = tmp_path / "p.json"
    save_poses(path, [moving(arm, frames=2, bone_lengths=np.ones(1))])
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(AnatomyError, match=message):
        load_poses(path)


def test_only_rotations_wait_for_scipy() -> None:
    program = "import sys, anatomy_tf.formats; print('scipy.spatial' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"
