import dataclasses
import itertools
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pose_clips import moving

from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import POSE_FORMATS, load_poses, save_poses
from anatomy_tf.formats.poses.axes import from_y_up, y_up, z_up
from anatomy_tf.formats.poses.bone_names import BONE_NAMES, renamed
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
        cells = path.read_text().splitlines()[-1].replace("\t", ",").split(",")
        number, time = cells[1:3] if suffix == ".csv" else cells[:2]
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


ROOM_CAMERA = Camera.from_intrinsics(
    np.array([1500.0, 1510, 960, 540, -0.1, 0.2, 0.01, 1e-3, 2e-3]), 1920, 1080
).turned(np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]]), np.array([1.0, 2, 3]))


@pytest.mark.parametrize("suffix", SELF_CONTAINED)
def test_up_and_camera_come_back_for_whom_they_are_known(tmp_path: Path, suffix: str) -> None:
    written = [
        moving(frames=5, person="A", up=np.array([0, -3, 0.3]), camera=ROOM_CAMERA),
        moving(frames=3, person="B"),
    ]
    save_poses(named(suffix, tmp_path), written)
    one, other = load_poses(named(suffix, tmp_path))
    np.testing.assert_allclose(one.up, written[0].up)
    assert (one.camera.width, one.camera.height) == (1920, 1080)
    for name in ("intrinsics", "rotation", "position"):
        np.testing.assert_allclose(getattr(one.camera, name), getattr(ROOM_CAMERA, name))
    assert (other.up, other.camera) == (None, None)
    save_poses(named(suffix, tmp_path), written[1:])
    assert "camera_" not in named(suffix, tmp_path).read_bytes().decode("latin-1")


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_a_camera_that_cannot_be_is_refused(tmp_path: Path, suffix: str) -> None:
    path = named(suffix, tmp_path)
    save_poses(path, [moving(frames=2, camera=ROOM_CAMERA)])
    if suffix == ".npz":
        arrays = dict(np.load(path))
        np.savez(path, **arrays | {"camera": -arrays["camera"]})
    else:
        path.write_text(path.read_text().replace("1500.0", "-1500.0"))
    with pytest.raises(AnatomyError, match=rf"poses\{suffix}.*focal lengths must be positive"):
        load_poses(path)


def test_npz_names_the_path_of_the_root(tmp_path: Path) -> None:
    clips = [moving(frames=5, person="A"), moving(frames=3, person="B")]
    save_poses(tmp_path / "p.npz", clips)
    root = np.load(tmp_path / "p.npz")["root"]
    np.testing.assert_array_equal(root[0], clips[0].positions[:, clips[0].skeleton.root])
    assert np.isnan(root[1, 3:]).all()
    save_poses(tmp_path / "p.npz", [clips[0].relative_to_root()])
    assert "root" not in np.load(tmp_path / "p.npz")


def test_half_a_camera_is_none(tmp_path: Path) -> None:
    save_poses(tmp_path / "p.npz", [moving(frames=2, camera=ROOM_CAMERA)])
    arrays = dict(np.load(tmp_path / "p.npz"))
    del arrays["camera_size"]
    np.savez(tmp_path / "p.npz", **arrays)
    with pytest.raises(AnatomyError, match=r"the arrays camera, camera_size, .* together"):
        load_poses(tmp_path / "p.npz")


SEEN = np.array([False, True, True, False, True, False])
"""Whether a person is seen in six frames."""


def half_seen(spread: bool = False) -> PoseSequence:
    clip = moving(frames=6, person="A")
    sure = np.full(clip.positions.shape[:2], 0.02, np.float32) if spread else None
    return dataclasses.replace(clip, seen=SEEN, spread=sure)


@pytest.mark.parametrize("suffix", SELF_CONTAINED)
def test_frames_in_which_nobody_was_seen_are_marked(tmp_path: Path, suffix: str) -> None:
    written = half_seen()
    save_poses(named(suffix, tmp_path), [written, moving(frames=4, person="B")])
    read, other = load_poses(named(suffix, tmp_path))
    np.testing.assert_array_equal(read.seen, SEEN)
    np.testing.assert_allclose(read.positions, written.positions, atol=MICROMETRE)
    assert other.seen.tolist() == [True] * 4


@pytest.mark.parametrize("spread", [False, True])
@pytest.mark.parametrize("suffix", SELF_CONTAINED)
def test_frames_in_which_nobody_was_seen_are_left_out(
    tmp_path: Path, suffix: str, spread: bool
) -> None:
    written = half_seen(spread)
    save_poses(named(suffix, tmp_path), [written], seen_only=True)
    (read,) = load_poses(named(suffix, tmp_path))
    # A table ends with its last row.
    seen = SEEN[:5] if suffix == ".csv" else SEEN
    np.testing.assert_array_equal(read.seen, seen)
    p = written.positions
    between = np.stack([p[1], p[1], p[2], (p[2] + p[4]) / 2, p[4], p[4]])[: len(seen)]
    np.testing.assert_allclose(read.positions, between, atol=MICROMETRE)
    assert (read.spread is not None) == spread


def test_what_a_table_without_unseen_frames_holds(tmp_path: Path) -> None:
    save_poses(tmp_path / "p.csv", [half_seen()], seen_only=True)
    _, header, *rows = (tmp_path / "p.csv").read_text().splitlines()
    assert header.startswith("person,frame,time,seen,")
    assert [row.split(",")[1] for row in rows] == ["1", "2", "4"]


def test_a_table_without_unseen_frames_keeps_the_video_s_numbers(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    save_poses(path, [dataclasses.replace(half_seen(), first_frame=30)], seen_only=True)
    assert [row.split(",")[1] for row in path.read_text().splitlines()[2:]] == ["31", "32", "34"]
    (read,) = load_poses(path)
    assert (read.first_frame, read.seen.tolist()) == (30, SEEN[:5].tolist())


@pytest.mark.parametrize("suffix", [".trc", ".glb"])
def test_other_formats_begin_and_end_with_somebody(tmp_path: Path, suffix: str) -> None:
    clip, path = half_seen(), named(suffix, tmp_path)
    save_poses(path, [clip], seen_only=True)
    content = path.read_bytes()
    save_poses(path, [clip.between(1, 4)])
    assert content == path.read_bytes()
    never = dataclasses.replace(clip, seen=np.zeros(6, bool))
    with pytest.raises(AnatomyError, match=r"poses\.\w+: person A is seen in no frame"):
        save_poses(path, [never], seen_only=True)


def test_each_person_of_a_file_of_its_own_is_cropped_alone(tmp_path: Path) -> None:
    early, late = np.arange(6) < 2, np.arange(6) > 2
    clips = [moving(frames=6, seen=early), moving(frames=6, seen=late)]
    save_poses(tmp_path / "p.trc", clips, seen_only=True)
    assert [len(load_poses(tmp_path / f"p_{n}.trc")[0]) for n in (0, 1)] == [2, 3]
    # Nothing is written when somebody is never seen.
    clips[1] = dataclasses.replace(clips[1], seen=np.zeros(6, bool))
    with pytest.raises(AnatomyError, match="is seen in no frame"):
        save_poses(tmp_path / "q.trc", clips, seen_only=True)
    assert not list(tmp_path.glob("q*"))


def test_the_path_of_the_root_is_left_out_where_nobody_was_seen(tmp_path: Path) -> None:
    save_poses(tmp_path / "p.npz", [half_seen()], seen_only=True)
    root = np.load(tmp_path / "p.npz")["root"]
    np.testing.assert_array_equal(np.isnan(root).all(axis=-1), ~SEEN[None])


def test_a_table_begins_with_whoever_comes_late(tmp_path: Path) -> None:
    """Somebody seen for two frames at the end of half an hour."""
    seen = np.arange(90_000) >= 89_998
    clip = moving(Skeleton("two", ("a", "b"), (-1, 0)), frames=90_000, seen=seen)
    save_poses(tmp_path / "p.csv", [clip], seen_only=True)
    (read,) = load_poses(tmp_path / "p.csv")
    np.testing.assert_array_equal(read.seen, seen)


def test_lists_of_other_lengths_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    save_poses(path, [moving(frames=2)])
    path.write_text(path.read_text().replace('"seen": [true, ', '"seen": ['))
    with pytest.raises(AnatomyError, match=r"person 0: expected seen of 2 frames .* got 1"):
        load_poses(path)
    path.write_text(path.read_text().replace('"seen": [true', '"seen": [1'))
    with pytest.raises(AnatomyError, match="person 0: seen: expected a list of truth values"):
        load_poses(path)


def test_tables_of_older_versions_are_read(tmp_path: Path) -> None:
    clip, path = moving(frames=3), tmp_path / "p.csv"
    save_poses(path, [clip])
    facts, *rows = path.read_text().splitlines()
    cells = [row.split(",") for row in rows]
    older = [",".join([*row[:3], *row[4:]]) for row in cells]
    path.write_text("\n".join([facts, *older]))
    (read,) = load_poses(path)
    np.testing.assert_allclose(read.positions, clip.positions, atol=MICROMETRE)
    assert read.seen.all()


@pytest.mark.parametrize(
    ("row", "cell", "message"),
    [
        (3, (1, "0"), "expected frame 1 or a later one, got '0'"),
        (2, (1, "x"), "expected frame 0 or a later one, got 'x'"),
        (3, (1, "9999999999999"), "a later one, got '9999999999999'"),
        (2, (3, "yes"), "expected 0 or 1 in the column seen"),
    ],
)
def test_wrong_frames_of_a_table(
    tmp_path: Path, row: int, cell: tuple[int, str], message: str
) -> None:
    path = tmp_path / "p.csv"
    save_poses(path, [moving(frames=3)])
    rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
    first = path.read_text().splitlines()[0]
    rows[row - 1][cell[0]] = cell[1]
    path.write_text("\n".join([first, *map(",".join, rows)]))
    with pytest.raises(AnatomyError, match=message):
        load_poses(path)


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


@pytest.mark.parametrize("suffix", SELF_CONTAINED)
def test_who_has_a_place_is_not_root_relative_whatever_the_file_states(
    tmp_path: Path, suffix: str
) -> None:
    still = dataclasses.replace(moving().relative_to_root(), root_relative=False, person="8")
    path = named(suffix, tmp_path)
    save_poses(path, [moving(), still])
    if suffix == ".npz":
        with np.load(path) as file:
            np.savez(path, **{**file, "root_relative": np.array(True)})
    else:
        stated = path.read_text()
        assert '"root_relative": false' in stated
        path.write_text(stated.replace('"root_relative": false', '"root_relative": true'))
    walks, stands = load_poses(path)
    np.testing.assert_allclose(walks.positions, moving().positions, atol=MICROMETRE)
    # Somebody who stands in the origin has a place, too: a file states it of all.
    assert not walks.root_relative and not stands.root_relative
    (warning,) = walks.warnings
    assert re.fullmatch(
        r"stated to be relative to the root, but pelvis is up to 3\.\d+ m .*", warning
    )
    assert stands.warnings == ()
    save_poses(path, [walks, stands])
    assert all(one.warnings == () for one in load_poses(path))


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
    pytest.importorskip("ezc3d", reason="writes C3D")
    written = save_poses(named(suffix, tmp_path), [moving(frames=4), moving(frames=5)])
    paths = [tmp_path / f"poses_{number}{suffix}" for number in (0, 1)]
    assert [file.path for file in written] == paths == sorted(tmp_path.iterdir())
    if POSE_FORMATS[suffix].load:
        assert [len(load_poses(path)[0]) for path in paths] == [4, 5]


@pytest.mark.parametrize("unit", ["m", "cm", "mm"])
@pytest.mark.parametrize("suffix", [".trc", ".c3d"])
def test_units_are_stated_and_read(tmp_path: Path, suffix: str, unit: str) -> None:
    pytest.importorskip("ezc3d", reason="writes C3D")
    written = moving()
    (file,) = save_poses(named(suffix, tmp_path), [written], unit=unit)
    (read,) = load_poses(file.path)
    np.testing.assert_allclose(read.positions, z_up(written), atol=4e-6)
    assert (file.mean_distance, file.largest_distance) == (0, 0)


@pytest.mark.parametrize("suffix", [".npz", ".json", ".csv", ".glb"])
def test_formats_with_one_unit_have_no_other(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(AnatomyError, match=r"\(\.bvh m, cm, mm; .* mm, cm, m\), got cm"):
        save_poses(named(suffix, tmp_path), [moving()], unit="cm")
    with pytest.raises(AnatomyError, match="got inch"):
        save_poses(tmp_path / "p.bvh", [moving()], unit="inch")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("rig", BONE_NAMES)
def test_names_of_rigs(tmp_path: Path, rig: str) -> None:
    save_poses(tmp_path / "p.bvh", [moving()], names=rig)
    words = (tmp_path / "p.bvh").read_text().split()
    nodes = ("ROOT", "JOINT")
    names = [word for before, word in itertools.pairwise(words) if before in nodes]
    assert len(set(names)) == len(names)
    known = {
        name.format(side=side, Side=side.title(), s=side[0], S=side[0].upper())
        for name in BONE_NAMES[rig].values()
        for side in ("left", "right")
    }
    # All that the table has are there; only the carriers of the hips may keep our names.
    assert known <= set(names)
    assert set(names) - known <= {"pelvis_to_left_hip", "pelvis_to_right_hip"}


def test_known_names(tmp_path: Path) -> None:
    nodes = ("pelvis", "thorax_to_right_shoulder", "right_shoulder", "left_knee", "left_toes")
    assert renamed(nodes, "mixamo") == (
        *("mixamorig:Hips", "mixamorig:RightShoulder", "mixamorig:RightArm", "mixamorig:LeftLeg"),
        "left_toes",
    )
    assert renamed(nodes[1:3], "unreal") == ("clavicle_r", "upperarm_r")
    assert renamed(nodes[1:3], "vrm") == ("rightShoulder", "rightUpperArm")
    assert renamed(nodes[1:3], "rigify") == ("shoulder.R", "upper_arm.R")
    assert renamed(nodes, None) == nodes
    # A joint's own name is no template.
    assert renamed(("left_{x}", "left_{s}"), "rigify") == ("left_{x}", "left_{s}")
    with pytest.raises(AnatomyError, match="unreal has head_end for two joints"):
        renamed(("neck", "head", "head"), "unreal")
    with pytest.raises(AnatomyError, match="one of mixamo, unreal, vrm, rigify, got 'biped'"):
        save_poses(tmp_path / "p.glb", [moving()], names="biped")
    with pytest.raises(AnatomyError, match=r"names of a rig go to .* \.bvh, \.glb"):
        save_poses(tmp_path / "p.trc", [moving()], names="vrm")


@pytest.mark.parametrize("suffix", [s for s, e in POSE_FORMATS.items() if not e.one_person])
def test_people_of_two_rates_are_no_file(tmp_path: Path, suffix: str) -> None:
    clips = [moving(), moving().resampled(25)]
    with pytest.raises(AnatomyError, match=r"one fps in a file, got 50 and 25"):
        save_poses(named(suffix, tmp_path), clips)


def test_two_people_of_one_name_are_no_csv(tmp_path: Path) -> None:
    with pytest.raises(AnatomyError, match="people of different names"):
        save_poses(tmp_path / "p.csv", [moving(), moving()])
    blank = dataclasses.replace(moving(), person=moving().person + " ")
    with pytest.raises(AnatomyError, match="people of different names"):
        save_poses(tmp_path / "p.csv", [moving(), blank])


def test_facts_of_people_with_blanks_at_their_names_ends(tmp_path: Path) -> None:
    lengths = np.ones(moving().skeleton.bone_count)
    person = dataclasses.replace(moving(), person=" anna ", bone_lengths=lengths)
    save_poses(tmp_path / "p.csv", [person])
    (read,) = load_poses(tmp_path / "p.csv")
    assert read.person == "anna"
    np.testing.assert_array_equal(read.bone_lengths, lengths)


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


@pytest.mark.slow
def test_only_rotations_wait_for_scipy() -> None:
    program = "import sys, anatomy_tf.formats; print('scipy.spatial' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"


def test_one_person_needs_no_list(tmp_path: Path) -> None:
    paths = tmp_path / "a.json", tmp_path / "b.json"
    for path, alone in zip(paths, (moving(), [moving()]), strict=True):
        save_poses(path, alone)
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "expected a list of PoseSequence, got NoneType$"),
        ("poses.npz", "expected a list of PoseSequence, got str$"),
        (np.zeros((3, 17, 3)), "expected a list of PoseSequence, got ndarray$"),
        (iter([moving()]), "expected a list of PoseSequence, got list_iterator$"),
        ({"a": moving()}, "expected a list of PoseSequence, got dict$"),
        ([moving(), None], "expected a list of PoseSequence, got NoneType in it"),
        (["poses.npz"], "expected a list of PoseSequence, got str in it"),
        ([np.zeros((3, 17, 3))], "expected a list of PoseSequence, got ndarray in it"),
        ([], "expected at least one person to write, got none"),
    ],
)
def test_what_are_no_poses(tmp_path: Path, given: Any, said: str) -> None:
    for suffix in POSE_FORMATS:
        with pytest.raises(AnatomyError, match=said):
            save_poses(named(suffix, tmp_path), given)
    assert list(tmp_path.iterdir()) == []


def test_facts_that_a_csv_states_twice_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    save_poses(path, moving())
    path.write_text(path.read_text().replace("# {", '# {"fps": 999, ', 1))
    with pytest.raises(AnatomyError, match="the key 'fps' is twice in one object"):
        load_poses(path)
