"""Human3.6M's archives, written here in their exact layouts, as views."""

import copy
import dataclasses
import os

import human36m_files as files
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anatomy_tf import data
from anatomy_tf.cameras import project
from anatomy_tf.data.datasets.human36m_archives import load_human36m_archives, read_human36m
from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.camera_parameters import load_camera_parameters
from anatomy_tf.formats.motion.human36m_metadata import CAMERAS, SUBJECTS
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    directory = tmp_path_factory.mktemp("h36m")
    files.write_all(directory)
    return directory


def load(directory, subjects=("S1",), scores=True):
    return load_human36m_archives(
        directory / "data_3d_h36m.npz",
        directory / "data_2d_h36m_cpn_ft_h36m_dbb.npz",
        directory / "camera-parameters.json",
        directory / "score.pkl" if scores else None,
        subjects,
    )


def test_every_clip_by_every_camera(folder):
    views = load(folder, ("S9", "S11"))
    names = [(v.subject, v.clip, v.camera) for v in views]
    assert names == [(s, c, k) for s in ("S9", "S11") for c in files.CLIPS for k in CAMERAS]
    assert {v.action for v in views} == {"Directions", "Photo", "WalkDog"}
    assert all(v.fps == 50 and v.skeleton == HUMAN36M_17 and v.valid is None for v in views)


def test_positions_are_in_the_cameras_frame_and_project_to_the_keypoints(folder):
    for view in load(folder, ("S5",)):
        camera = files.some_cameras("S5")[CAMERAS.index(view.camera)]
        world = files.world("S5", view.clip)[:, files.JOINTS_OF_32]
        expected = (world - camera.position) @ camera.rotation.T
        np.testing.assert_allclose(view.positions, expected, atol=1e-5)
        assert (view.positions[..., 2] > 1).all()
        assert len(view.keypoints) == files.CLIPS[view.clip]
        np.testing.assert_allclose(
            project(view.positions, view.intrinsics), view.keypoints, atol=2e-6
        )
        pixels = files.screen_to_pixels(view, CAMERAS.index(view.camera))
        np.testing.assert_allclose(
            pixels,
            files.seen("S5", view.clip, CAMERAS.index(view.camera))[: len(pixels)],
            atol=1e-3,
        )


def test_scores_are_cut_and_a_missing_last_one_repeated(folder):
    views = {(v.clip, v.camera): v for v in load(folder)}
    # The first three clips and cameras have one score too few, just enough, one too many.
    short, exact, longer = (views["Directions 1", CAMERAS[c]].visibility for c in range(3))
    whole = np.arange(7 * 17, dtype=np.float32).reshape(7, 17) / 1000
    np.testing.assert_array_equal(short, np.concatenate([whole[:5], whole[4:5]]))
    np.testing.assert_array_equal(exact, whole[:6])
    np.testing.assert_array_equal(longer, whole[:6])
    assert all((v.visibility == 1).all() for v in load(folder, scores=False))


def test_scores_above_one_count_as_one(folder, tmp_path):
    table = {key: value + 0.95 for key, value in files.scores(["S1"]).items()}
    views = load_human36m_archives(
        folder / "data_3d_h36m.npz",
        folder / "data_2d_h36m_gt.npz",
        folder / "camera-parameters.json",
        files.write_scores(tmp_path, table),
        ("S1",),
    )
    values = np.concatenate([v.visibility for v in views])
    assert values.max() == 1 and values.min() == np.float32(0.95)


def test_by_name_with_the_papers_split(folder):
    test = data.load("human36m/cpn", directory=folder, split="test")
    assert set(test.subjects) == {"S9", "S11"} and len(test) == 2 * 3 * 4
    assert (test.visibility < 1).any()
    train = data.load("human36m", directory=folder, split="train")
    assert set(train.subjects) == {"S1", "S5", "S6", "S7", "S8"}
    exact = data.load("human36m/ground_truth", directory=folder, split="test")
    # Anatomy3D's scores are of the detector.
    assert (exact.visibility == 1).all()
    assert len(data.load("human36m/gt", directory=folder, split="test")) == 24


def test_cameras_from_metadata_xml_are_the_same(folder, tmp_path):
    for name in ("data_3d_h36m.npz", "data_2d_h36m_gt.npz"):
        (tmp_path / name).symlink_to(folder / name)
    vector = np.zeros(4 * 11 * 6 + 4 * 9)
    for subject in SUBJECTS:
        for index, camera in enumerate(files.some_cameras(subject)):
            start = 6 * (index * 11 + int(subject[1:]) - 1)
            vector[start : start + 3] = files.euler_angles(camera.rotation)
            vector[start + 3 : start + 6] = 1000 * camera.position
            vector[264 + 9 * index :][:9] = camera.intrinsics
    actions = "".join(
        f"<tr><td>{a}</td><td>1</td>{f'<td>{a} 1</td>' * 11}</tr>" for a in _official_actions()
    )
    people = "".join(f"<td>S{n}</td>" for n in range(1, 12))
    (tmp_path / "metadata.xml").write_text(
        f"<metadata><mapping><tr><td>action</td><td>subaction</td>{people}</tr>{actions}</mapping>"
        f"<w0>[{' '.join(map(repr, vector.tolist()))}]</w0></metadata>"
    )
    ours = read_human36m(tmp_path, "ground_truth", ("S8",))
    theirs = read_human36m(folder, "ground_truth", ("S8",))
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.positions, b.positions, atol=1e-5)
        # The order of the tangential terms is the metadata reader's business.
        np.testing.assert_allclose(a.intrinsics[:7], b.intrinsics[:7], atol=1e-6)


def _official_actions():
    from anatomy_tf.formats.motion.human36m_metadata import ACTIONS

    return ACTIONS


def test_cocos_layout_is_mapped_by_joint_names(folder, tmp_path):
    """Of COCO's keypoints those that both layouts have stay; the rest is put together."""
    ours = files.positions_2d(["S1"])
    in_coco = copy.deepcopy(ours)
    for clips in in_coco.values():
        for cameras in clips.values():
            for index, pixels in enumerate(cameras):
                cameras[index] = _as_coco(pixels)
    path = files.write_keypoints(
        tmp_path, in_coco, "detectron_pt_coco", {"layout_name": "coco", "num_joints": 17}
    )
    views = load_human36m_archives(
        folder / "data_3d_h36m.npz", path, folder / "camera-parameters.json", None, ("S1",)
    )
    exact = load(folder, scores=False)
    shared = [HUMAN36M_17.index(n) for n in HUMAN36M_17.joint_names if n in COCO_17.joint_names]
    hips = [HUMAN36M_17.index(f"{side}_hip") for side in ("left", "right")]
    for a, b in zip(views, exact, strict=True):
        np.testing.assert_allclose(a.keypoints[:, shared], b.keypoints[:, shared], atol=1e-5)
        middle = b.keypoints[:, hips].mean(axis=1)
        np.testing.assert_allclose(a.keypoints[:, HUMAN36M_17.root], middle, atol=1e-5)


def _as_coco(pixels):
    head = HUMAN36M_17.index("head")
    order = [
        HUMAN36M_17.index(name) if name in HUMAN36M_17.joint_names else head
        for name in COCO_17.joint_names
    ]
    return pixels[:, order]


class Hostile:
    def __reduce__(self):
        return (os.system, ("touch /tmp/anatomy-tf-was-here",))


def _swap_axes(table):
    return {s: {c: a[..., [1, 0, 2]] for c, a in clips.items()} for s, clips in table.items()}


def _changed(table, path, value):
    *keys, last = path
    at = table
    for key in keys:
        at = at[key]
    if value is None:
        del at[last]
    else:
        at[last] = value(at[last]) if callable(value) else value
    return table


def _with_nan(array):
    array = array.copy()
    array[2, 3, 1] = np.nan
    return array


S1 = ["S1"]
WRONG_POSITIONS = [
    (lambda t: _changed(t, ["S1"], None), r"data_3d_h36m\.npz: expected S1, which is not there"),
    (lambda t: _changed(t, ["S1"], 5), "S1: expected arrays, got int"),
    (
        lambda t: _changed(t, ["S1", "Photo"], lambda a: a[:, :17]),
        r"S1/Photo: expected an array \(frames, 32, 3\), got \(4, 17, 3\)",
    ),
    (lambda t: _changed(t, ["S1", "Photo"], lambda a: a.transpose(1, 0, 2)), r"got \(32, 4, 3\)"),
    (lambda t: _changed(t, ["S1", "Photo"], lambda a: a[:0]), "at least one frame"),
    (lambda t: _changed(t, ["S1", "Photo"], lambda a: a.tolist()), "got list"),
    (lambda t: _changed(t, ["S1", "Photo"], _with_nan), "S1/Photo: frame 2 has a NaN"),
    (_swap_axes, "S1, camera 54138969: the 3D positions are projected .* of axes"),
    (
        lambda t: {s: {c: 1000 * a for c, a in clips.items()} for s, clips in t.items()},
        "S1: expected a body of 0.05 to 5 metres",
    ),
    (lambda t: _changed(t, ["S1", "Photo"], Hostile()), rf"refused.*{os.name}\.system"),
    (lambda _: [1, 2], "expected the dict 'positions_3d', got ndarray"),
]


@pytest.mark.parametrize(("change", "message"), WRONG_POSITIONS)
def test_wrong_positions_are_one_line(folder, tmp_path, change, message):
    path = files.write_positions(tmp_path, change(files.positions_3d(S1)))
    with pytest.raises(AnatomyError, match=message) as caught:
        load_human36m_archives(
            path,
            folder / "data_2d_h36m_gt.npz",
            folder / "camera-parameters.json",
            subjects=("S1",),
        )
    assert "data_3d_h36m.npz" in str(caught.value) or "projected" in str(caught.value)
    assert "\n" not in str(caught.value)


WRONG_KEYPOINTS = [
    (lambda t: _changed(t, ["S1", "WalkDog 1"], None), "expected S1/WalkDog 1, which is not there"),
    (lambda t: _changed(t, ["S1", "Photo"], lambda a: a[:3]), "expected 4 cameras, got 3"),
    (
        lambda t: _changed(t, ["S1", "Photo", 2], lambda a: a[:3]),
        "S1/Photo, camera 2: expected 4 frames as the 3D positions have, got 3",
    ),
    (lambda t: _changed(t, ["S1", "Photo", 2], lambda a: a[..., :1]), r"got \(6, 17, 1\)"),
    (lambda t: _changed(t, ["S1", "Photo", 1], _with_nan), "camera 1: frame 2 has a NaN"),
    (
        lambda t: {s: {c: a[::-1] for c, a in clips.items()} for s, clips in t.items()},
        "S1, camera 54138969: the 3D positions are projected",
    ),
]


@pytest.mark.parametrize(("change", "message"), WRONG_KEYPOINTS)
def test_wrong_keypoints_are_one_line(folder, tmp_path, change, message):
    path = files.write_keypoints(tmp_path, change(files.positions_2d(S1)))
    with pytest.raises(AnatomyError, match=message):
        load_human36m_archives(
            folder / "data_3d_h36m.npz", path, folder / "camera-parameters.json", subjects=("S1",)
        )


def test_a_third_column_of_keypoints_is_left_out(folder, tmp_path):
    table = {
        s: {c: [np.pad(a, ((0, 0), (0, 0), (0, 1))) for a in cams] for c, cams in clips.items()}
        for s, clips in files.positions_2d(S1).items()
    }
    path = files.write_keypoints(tmp_path, table)
    views = load_human36m_archives(
        folder / "data_3d_h36m.npz", path, folder / "camera-parameters.json", subjects=("S1",)
    )
    np.testing.assert_array_equal(views[0].keypoints, load(folder)[0].keypoints)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: _changed(t, ["S1_Photo.1"], None), r"'S1_Photo\.1': expected scores of this"),
        (
            lambda t: _changed(t, ["S1_Photo.1"], lambda a: a[:2]),
            "expected 4 frames or one less, got 2",
        ),
        (lambda t: _changed(t, ["S1_Photo.1"], lambda a: a[:, :5]), r"scores \(frames, 17, 1\)"),
        (lambda t: _changed(t, ["S1_Photo.1"], lambda a: a - 1), "scores from 0 to 1, got -1"),
        (lambda t: _changed(t, ["S1_Photo.1"], lambda a: a * np.nan), "scores from 0 to 1"),
        (lambda t: _changed(t, ["S1_Photo.1"], "high"), "scores"),
        (lambda t: _changed(t, ["S1_Photo.1"], [[1, 2], [3]]), "'S1_Photo.1': expected an array"),
        (lambda _: [], "expected a dict of scores, got list"),
        (lambda _: Hostile(), rf"score\.pkl: refused.*{os.name}\.system"),
    ],
)
def test_wrong_scores_are_one_line(folder, tmp_path, change, message):
    path = files.write_scores(tmp_path, change(files.scores(S1)))
    with pytest.raises(AnatomyError, match=message):
        load_human36m_archives(
            folder / "data_3d_h36m.npz",
            folder / "data_2d_h36m_gt.npz",
            folder / "camera-parameters.json",
            path,
            ("S1",),
        )


def test_missing_files_and_people_are_named(folder, tmp_path):
    with pytest.raises(
        AnatomyError, match=r"data_2d_h36m_cpn_ft_h36m_dbb\.npz: no such file; .* no"
    ):
        data.load("human36m/cpn", tmp_path)
    with pytest.raises(AnatomyError, match=r"hrnet\.npz: no such file; .* has .*_gt\.npz"):
        data.load("human36m/hrnet", folder)
    (tmp_path / "data_2d_h36m_gt.npz").symlink_to(folder / "data_2d_h36m_gt.npz")
    with pytest.raises(AnatomyError, match=r"cameras in metadata\.xml or camera-parameters\.json"):
        data.load("human36m/gt", tmp_path)
    files.write_camera_parameters(tmp_path)
    with pytest.raises(AnatomyError, match=r"data_3d_h36m\.npz: no such file"):
        data.load("human36m/gt", tmp_path)
    with pytest.raises(AnatomyError, match=r"expected subjects of S1, .* got S2"):
        load(folder, ("S2",))
    with pytest.raises(AnatomyError, match="layout h36m or coco, got 'mpii'"):
        load_human36m_archives(
            folder / "data_3d_h36m.npz",
            files.write_keypoints(tmp_path, metadata={"layout_name": "mpii"}),
            folder / "camera-parameters.json",
        )
    with pytest.raises(AnatomyError, match=r"expected a file metadata\.xml or"):
        load_human36m_archives("a.npz", "b.npz", "cameras.txt")


def test_camera_parameters_give_the_cameras_back(tmp_path):
    cameras = load_camera_parameters(files.write_camera_parameters(tmp_path))
    for subject in SUBJECTS:
        for ours, theirs in zip(cameras[subject], files.some_cameras(subject), strict=True):
            for field in dataclasses.fields(theirs):
                value = getattr(theirs, field.name)
                if isinstance(value, np.ndarray):
                    np.testing.assert_allclose(getattr(ours, field.name), value, atol=1e-9)
                else:
                    assert getattr(ours, field.name) == value


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["extrinsics", "S9"], None, "expected 3 x 3 numbers at extrinsics/S9/54138969/R"),
        (["intrinsics", CAMERAS[3], "distortion"], [1, 2], "expected 5 numbers at intrinsics"),
        (["extrinsics", "S1", CAMERAS[0], "R"], np.ones((3, 3)).tolist(), "S1: .* orthonormal"),
        (["extrinsics", "S1", CAMERAS[0], "t"], [[1], [2], ["x"]], "expected 3 numbers"),
        (["extrinsics", "S1", CAMERAS[0], "t"], [1, 2, float("nan")], "NaN"),
        (["extrinsics", "S1", CAMERAS[0], "t"], [1, 2, 10**400], "expected 3 numbers at extrinsic"),
    ],
)
def test_wrong_camera_parameters(tmp_path, path, value, message):
    content = _changed(files.camera_parameters(), path, value)
    with pytest.raises(AnatomyError, match=message):
        load_camera_parameters(files.write_camera_parameters(tmp_path, content))


@pytest.mark.parametrize("text", ["", "[1, 2]", "{", "[" * 100_000])
def test_unreadable_camera_parameters(tmp_path, text):
    path = tmp_path / "camera-parameters.json"
    path.write_text(text)
    with pytest.raises(AnatomyError, match=r"camera-parameters\.json: (not a readable|expected)"):
        load_camera_parameters(path)


SMALL = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SMALL
@given(st.data())
def test_damaged_archives_load_or_are_refused(folder, tmp_path, data):
    """One of the three archives with changed bytes or cut off."""
    names = ("data_3d_h36m.npz", "data_2d_h36m_gt.npz", "score.pkl")
    chosen = data.draw(st.sampled_from(names))
    content = bytearray((folder / chosen).read_bytes())
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    (tmp_path / chosen).write_bytes(content)
    paths = [tmp_path / name if name == chosen else folder / name for name in names]
    try:
        views = load_human36m_archives(
            paths[0], paths[1], folder / "camera-parameters.json", paths[2], ("S1",)
        )
    except AnatomyError as error:
        assert "\n" not in str(error)
    else:
        assert len(views) == 12
