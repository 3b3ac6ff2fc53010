"""ASF skeletons and AMC motions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_tf.data import load_motion_capture
from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.motion.asf_amc import CMU_BONES, load_asf, load_asf_amc
from anatomy_tf.skeletons import CMU_31, HUMAN36M_17, map_skeleton

ASF = """# a comment
:version 1.10
:units
  mass 1.0
  length 0.5
  angle deg
:root
  order TX TY TZ RX RY RZ
  axis XYZ
  position 0 0 0
  orientation 0 0 0
:bonedata
  begin
    id 1
    name upper
    direction 0 1 0
    length 10
    axis 0 0 0 XYZ
    dof rx rz
    limits (-90 90)
           (-90 90)
  end
  begin
    id 2
    name lower
    direction 0 1 0
    length 5
    axis 0 0 90 XYZ
    dof rx
  end
  begin
    id 3
    name tip
    direction 1 0 0
    length 1
    axis 0 0 0 XYZ
  end
:hierarchy
  begin
    root upper
    upper lower
    lower tip
  end
"""
AMC = """# made by hand
:FULLY-SPECIFIED
:DEGREES
1
root 1 2 3 0 0 0
upper 0 0
lower 0
2
root 0 0 0 0 0 0
upper 90 0
lower 0
3
root 0 0 0 0 0 90
upper 90 90
lower 90
"""
UNIT = 0.0254 / 0.5


@pytest.fixture
def files(tmp_path):
    (tmp_path / "a.asf").write_text(ASF)
    (tmp_path / "a.amc").write_text(AMC)
    return tmp_path / "a.asf", tmp_path / "a.amc"


def test_a_chain_of_three_bones_hand_worked(files):
    poses = load_asf_amc(*files, fps=120)
    assert poses.skeleton.joint_names == ("root", "upper", "lower", "tip")
    assert (poses.axes, poses.root_relative, poses.fps) == ("world", False, 120)
    y_up = np.array(
        [
            [(1, 2, 3), (1, 12, 3), (1, 17, 3), (2, 17, 3)],
            # A quarter turn about x takes y to z.
            [(0, 0, 0), (0, 0, 10), (0, 0, 15), (1, 0, 15)],
            # Upper turns by Rz Rx, the root by Rz: y goes to z, and z stays.
            # Lower's axes are turned by 90 degrees about z, so its turn about its own x is one
            # about the bone's y: the tip's x goes to -z, and then by Rz Rz Rx to y and -y.
            [(0, 0, 0), (0, 0, 10), (0, 0, 15), (0, -1, 15)],
        ]
    )
    z_up = np.stack([y_up[..., 0], -y_up[..., 2], y_up[..., 1]], axis=-1)
    np.testing.assert_allclose(poses.positions, z_up * UNIT, atol=1e-6)


def test_keywords_in_capitals(files):
    expected = load_asf_amc(*files, fps=120)
    files[0].write_text(ASF.replace("begin", "BEGIN").replace("end\n", "END\n"))
    np.testing.assert_array_equal(load_asf_amc(*files, fps=120).positions, expected.positions)


@pytest.mark.parametrize("clip", ["07_05", "35_01"])
def test_real_clips_agree_with_the_archive_to_a_centimetre(shared, clip):
    raw = shared / "data/cmu_raw"
    poses = load_asf_amc(raw / f"{clip[:2]}.asf", raw / f"{clip}.amc", fps=120)
    assert poses.skeleton is CMU_31
    archive = {c.name: c for c in load_motion_capture(shared / "data/cmu_mocap_17.npz")}[clip]
    ours = map_skeleton(CMU_31, HUMAN36M_17).points(poses.resampled(archive.fps).positions)
    assert ours.shape == archive.positions.shape
    error = np.linalg.norm(ours - archive.positions, axis=-1)
    # The archive made left and right bones of a person equally long; the trunk is untouched.
    assert error.mean() < 0.005
    assert error.mean(axis=0).max() < 0.01
    trunk = [HUMAN36M_17.index(name) for name in ("pelvis", "spine", "thorax", "neck", "head")]
    assert error.mean(axis=0)[trunk].max() < 0.001


def test_bones_keep_their_lengths_through_a_motion(shared):
    raw = shared / "data/cmu_raw"
    body = load_asf(raw / "35.asf")
    poses = load_asf_amc(body, raw / "35_01.amc", fps=120)
    parents = np.array(CMU_31.parents)
    spans = np.linalg.norm(
        np.diff(poses.positions[:, [[i, p] for i, p in enumerate(parents)]], axis=2)[:, 1:, 0],
        axis=-1,
    )
    lengths = {bone.name: np.linalg.norm(bone.offset) * body.unit for bone in body.bones}
    expected = np.array([lengths[name] for name in CMU_BONES])
    np.testing.assert_allclose(spans, np.broadcast_to(expected, spans.shape), atol=2e-6)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (":units", ":lengths", "expected the sections :units, got none"),
        ("length 0.5", "length 0", "expected a positive unit of length, got 0"),
        ("length 10", "length ten", "upper length: expected 1 numbers, got 'ten'"),
        ("direction 1 0 0", "direction 1 nan 0", "tip direction: expected 3 numbers"),
        ("name tip", "name lower", "two bones have one name"),
        ("name tip", "", "bone 3 has no name"),
        ("lower tip", "lower toe", "the hierarchy names a bone 'toe' without data"),
        ("    lower tip\n", "", "no place in the hierarchy below the root for tip"),
        ("    root upper\n", "    tip upper\n", "no place in the hierarchy .* upper, lower, tip"),
        ("dof rx rz", "dof rx l", "bone upper: expected an order"),
        ("axis 0 0 90 XYZ", "axis 0 0 90 XYY", "bone lower: expected an order"),
    ],
)
def test_broken_skeletons_are_refused_in_one_line(files, old, new, message):
    asf, amc = files
    asf.write_text(ASF.replace(old, new))
    with pytest.raises(AnatomyError, match=message) as caught:
        load_asf_amc(asf, amc, fps=120)
    assert str(caught.value).startswith(str(asf)) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (AMC, "", "expected frames of motion, got none"),
        ("1\nroot 1", "root 1", "expected a frame's number, got 'root 1 2 3 0 0 0'"),
        (":DEGREES", ":RADIANS", ":radians differs from the angles"),
        ("upper 90 90\nlower 90\n", "upper 90 90\n", "frame 3 .*does not state the 3 bones"),
        (
            "upper 90 90\nlower 90\n",
            "upper 90\nlower 90\n",
            "frame 3: expected 2 numbers for upper",
        ),
        ("\n3\n", "\n7\n", "expected frame 3 after 2, got 7"),
        ("\n3\n", "\n2\n", "expected frame 3 after 2, got 2"),
        ("lower 90", "lower n", "lower: could not convert"),
        ("lower 90", "lower nan", "frame 3: lower has a NaN"),
        ("lower", "elbow", "unknown elbow, missing lower"),
    ],
)
def test_broken_motions_are_refused_in_one_line(files, old, new, message):
    asf, amc = files
    amc.write_text(AMC.replace(old, new))
    with pytest.raises(AnatomyError, match=message) as caught:
        load_asf_amc(asf, amc, fps=120)
    assert str(caught.value).startswith(str(amc)) and "\n" not in str(caught.value)


def test_missing_files_are_refused(tmp_path):
    with pytest.raises(AnatomyError, match="no such file"):
        load_asf(tmp_path / "07.asf")


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_never_a_traceback(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("amc")
    texts = {"a.asf": ASF, "a.amc": AMC}
    broken = data.draw(st.sampled_from(sorted(texts)))
    text = texts[broken]
    start = data.draw(st.integers(0, len(text) - 1))
    stop = data.draw(st.integers(start, min(len(text), start + 30)))
    texts[broken] = text[:start] + data.draw(st.text(max_size=8)) + text[stop:]
    for name, content in texts.items():
        (folder / name).write_text(content, encoding="utf-8")
    try:
        poses = load_asf_amc(folder / "a.asf", folder / "a.amc", fps=120)
    except AnatomyError as error:
        assert "\n" not in str(error)
    else:
        assert np.isfinite(poses.positions).all()
