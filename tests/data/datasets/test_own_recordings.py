"""A person's own folder of recordings becomes a data set that loads by name."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anatomy_tf import data
from anatomy_tf.cameras import Camera, normalize_screen
from anatomy_tf.data.datasets.own_recordings import import_recordings, load_own_recordings
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import Skeleton

pytest.importorskip("importlib_resources")
tfds = pytest.importorskip("tensorflow_datasets")

LEG = Skeleton("leg", ("hip", "knee", "ankle"), (-1, 0, 1))
FRAMES = 6
SIDE = Camera.looking_at(
    np.array([4.0, 1.0, 1.2]), np.array([0.0, 0.0, 0.8]), 1100, 1280, 720, name="side"
)
FRONT = Camera(
    np.eye(3),
    np.zeros(3),
    np.array([900.0, 910.0]),
    np.array([510.0, 395.0]),
    1000,
    800,
    np.array([-0.2, 0.1, 0.01]),
    np.array([0.002, -0.001]),
    "front",
)
CAMERAS = {
    "front": {
        "image_size": [1000, 800],
        "focal_length": [900, 910],
        "centre": [510, 395],
        "distortion": [-0.2, 0.1, -0.001, 0.002, 0.01],
    },
    "side": {
        "image_size": [1280, 720],
        "focal_length": [1100, 1100],
        "centre": [640, 360],
        "rotation": SIDE.rotation.tolist(),
        "position": SIDE.position.tolist(),
    },
}


def world(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal([0, 0, 0.8], 0.3, (FRAMES, 3, 3))


def in_front(seed: int) -> np.ndarray:
    return world(seed) + np.array([0, 0, 3])


def arrays(camera: Camera, positions: np.ndarray) -> dict:
    keypoints = camera.project(camera.world_to_camera(positions))
    return {"keypoints": keypoints, "positions": positions}


def plain(content: dict) -> dict:
    """For JSON: lists, with null for NaN."""
    return {k: np.where(np.isnan(v), None, v).tolist() for k, v in content.items()}


def csv_text(content: dict, endings=("u", "v", "x", "y", "z")) -> str:
    table = np.concatenate([content["keypoints"], content["positions"]], axis=-1)
    lines = [",".join(["frame", *(f"{j}_{e}" for j in LEG.joint_names for e in endings)])]
    for number, row in enumerate(table.reshape(FRAMES, -1)):
        lines.append(",".join([str(number), *("" if np.isnan(c) else repr(float(c)) for c in row)]))
    return "\n".join(lines) + "\n"


@pytest.fixture
def folder(tmp_path):
    """anna from the front as CSV and from the side as JSON; ben from the front as npz."""
    place = tmp_path / "recordings"
    for person in ("anna", "ben"):
        (place / person).mkdir(parents=True)
    (place / "cameras.json").write_text(json.dumps(CAMERAS))
    (place / "anna" / "walk.front.csv").write_text(csv_text(arrays(FRONT, in_front(1))))
    (place / "anna" / "walk.side.json").write_text(json.dumps(plain(arrays(SIDE, world(2)))))
    scores = np.full((FRAMES, 3), 0.5)
    np.savez(place / "ben" / "sit 1.front.npz", visibility=scores, **arrays(FRONT, in_front(3)))
    return place


def load(folder, **options):
    return load_own_recordings(folder, **({"skeleton": LEG, "fps": 30} | options))


def test_all_three_formats_with_camera_and_world_axes(folder):
    # macOS puts such a file beside each on other disks.
    (folder / "anna" / "._walk.front.csv").write_bytes(b"\0\5\x16\7")
    front, side, ben = load(folder)
    assert [(v.subject, v.clip, v.camera) for v in (front, side, ben)] == [
        ("anna", "walk", "front"),
        ("anna", "walk", "side"),
        ("ben", "sit 1", "front"),
    ]
    np.testing.assert_allclose(front.positions, in_front(1), atol=1e-6)
    np.testing.assert_allclose(side.positions, SIDE.world_to_camera(world(2)), atol=1e-5)
    pixels = FRONT.project(in_front(3))
    np.testing.assert_allclose(ben.keypoints, normalize_screen(pixels, 1000, 800), atol=1e-5)
    assert (ben.visibility == 0.5).all() and (front.visibility == 1).all()
    assert all(v.valid is None and v.fps == 30 and v.skeleton == LEG for v in (front, side, ben))
    np.testing.assert_allclose(front.intrinsics, FRONT.normalized_intrinsics, rtol=1e-6)
    # Its cameras.json does not say where the first camera stands.
    assert np.isnan(front.up).all()
    np.testing.assert_allclose(side.up, SIDE.up, atol=1e-6)


BODY = Skeleton(
    "body",
    ("pelvis", "left_shoulder", "right_shoulder", "left_ankle", "right_ankle"),
    (-1, 0, 0, 0, 0),
)


@pytest.mark.parametrize("up", [2, 1, None])
def test_which_way_is_up_in_the_world(tmp_path, up):
    """Known in a world of z up, not in one of y up or in one that is a camera's own frame."""
    person = tmp_path / "anna"
    person.mkdir()
    height = np.array([1, 1.5, 1.5, 0, 0])
    standing = np.zeros((FRAMES, 5, 3))
    standing[..., up or 2] = height - 0.8 * (up == 1)
    across = np.arange(5) * 0.05
    standing[..., 0] = across
    cameras = {"side": CAMERAS["side"]}
    if up is None:
        cameras["other"] = CAMERAS["front"] | {"rotation": np.eye(3).tolist(), "position": [0] * 3}
    (tmp_path / "cameras.json").write_text(json.dumps(cameras))
    np.savez(person / "stand.side.npz", **arrays(SIDE, standing))
    (view,) = load(tmp_path, skeleton=BODY)
    expected = SIDE.up if up == 2 else np.full(3, np.nan)
    np.testing.assert_allclose(view.up, expected, atol=1e-6)


def test_zeros_are_points_that_were_not_found(folder):
    own = arrays(SIDE, world(2))
    own["keypoints"][1, 0] = 0
    own["positions"][2, 1] = 0
    (folder / "anna" / "walk.side.json").write_text(json.dumps(plain(own)))
    view = load(folder)[1]
    assert view.visibility[1].tolist() == [0, 1, 1]
    pixels = SIDE.project(SIDE.world_to_camera(world(2)[[0, 2], 0])).mean(axis=0)
    np.testing.assert_allclose(view.keypoints[1, 0], normalize_screen(pixels, 1280, 720), atol=1e-5)
    assert np.flatnonzero(~view.valid).tolist() == [2]


def test_a_person_at_the_side_of_a_wide_picture(tmp_path):
    """55 degrees from the axis of a lens that sees 130."""
    wide = Camera.from_field_of_view(130, 1920, 1080, "wide")
    there = in_front(1) + np.array([4.9, 0, 0])
    (tmp_path / "anna").mkdir()
    lens = {"image_size": [1920, 1080], "focal_length": wide.focal_length.tolist()}
    cameras = {"wide": lens | {"centre": wide.centre.tolist()}}
    (tmp_path / "cameras.json").write_text(json.dumps(cameras))
    np.savez(tmp_path / "anna" / "walk.wide.npz", **arrays(wide, there))
    (view,) = load(tmp_path)
    np.testing.assert_allclose(view.positions, there, atol=1e-6)


def test_a_score_that_lifting_passes_over_is_a_point_that_was_not_found(folder):
    own = arrays(SIDE, world(2))
    own["keypoints"][1, 0] = 40, 700
    scores = np.full((FRAMES, 3), 0.05)
    scores[1, 0] = 0.04
    np.savez(folder / "anna" / "faint.side.npz", visibility=scores, **own)
    view = next(view for view in load(folder) if view.clip == "faint")
    np.testing.assert_allclose(
        view.keypoints[1, 0], view.keypoints[[0, 2], 0].mean(axis=0), atol=1e-6
    )
    assert view.visibility[1, 0] == 0 and view.visibility[2, 0] == np.float32(0.05)


def test_a_table_that_lacks_frames_is_refused(folder):
    path = folder / "anna" / "walk.front.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:3] + lines[5:]))
    line = r"walk\.front\.csv: line 4: expected frame 2 after 1, got 4"
    with pytest.raises(AnatomyError, match=line):
        load(folder)


def test_a_size_with_the_height_first_is_refused(folder):
    swapped = CAMERAS | {"side": CAMERAS["side"] | {"image_size": [720, 1280]}}
    (folder / "cameras.json").write_text(json.dumps(swapped))
    with pytest.raises(AnatomyError, match=r"camera 'side': .* fits the image of 720x1280"):
        load(folder)


def test_units(folder):
    expected = load(folder)
    for unit, factor in (("mm", 1000), ("cm", 100)):
        content = json.loads(json.dumps(CAMERAS))
        content["side"]["position"] = (factor * SIDE.position).tolist()
        (folder / "cameras.json").write_text(json.dumps(content))
        for path, camera, positions in (
            ("anna/walk.front.csv", FRONT, in_front(1)),
            ("anna/walk.side.json", SIDE, world(2)),
            ("ben/sit 1.front.npz", FRONT, in_front(3)),
        ):
            own = arrays(camera, positions) | {"positions": factor * positions}
            target = folder / path
            target.unlink(missing_ok=True)
            np.savez(target.with_suffix(".npz"), **own)
        for ours, theirs in zip(load(folder, unit=unit), expected, strict=True):
            np.testing.assert_allclose(ours.positions, theirs.positions, atol=1e-5)
    with pytest.raises(AnatomyError, match=r"anna, camera front: expected a body of 0\.05 to 5 m"):
        load(folder)


@pytest.mark.parametrize("ending", ["csv", "json", "npz"])
def test_what_is_not_known(folder, ending):
    content = arrays(FRONT, in_front(1))
    content["keypoints"][2, 1] = np.nan
    content["positions"][0, 0] = np.nan
    content["positions"][4, 2] = np.nan
    (folder / "anna" / "walk.front.csv").unlink()
    path = folder / "anna" / f"walk.front.{ending}"
    if ending == "csv":
        path.write_text(csv_text(content))
    elif ending == "json":
        path.write_text(json.dumps(plain(content)))
    else:
        np.savez(path, **content)
    view = load(folder)[0]
    assert view.valid.tolist() == [False, True, True, True, False, True]
    assert view.visibility[2].tolist() == [1, 0, 1]
    between = (view.keypoints[1, 1] + view.keypoints[3, 1]) / 2
    np.testing.assert_allclose(view.keypoints[2, 1], between, atol=1e-6)
    np.testing.assert_allclose(view.positions[0], in_front(1)[1], atol=1e-6)
    np.testing.assert_allclose(view.positions[4], in_front(1)[3], atol=1e-6)


def test_columns_in_any_order_with_scores(folder):
    content = arrays(FRONT, in_front(1))
    lines = csv_text(content).splitlines()
    header, *rows = (line.split(",") for line in lines)
    order = np.random.default_rng(0).permutation(len(header))
    shuffled = [[row[i] for i in order] for row in (header, *rows)]
    shuffled[0].append("knee_score")
    for row in shuffled[1:]:
        row.append("0.25")
    (folder / "anna" / "walk.front.csv").write_text("\ufeff" + "\r\n".join(map(",".join, shuffled)))
    view = load(folder)[0]
    np.testing.assert_allclose(view.positions, in_front(1), atol=1e-6)
    # Scores of the other joints are not known.
    assert view.visibility[0].tolist() == [0, 0.25, 0]


@pytest.mark.slow
def test_import_makes_a_data_set_by_name(folder, tmp_path):
    home = tmp_path / "sets"
    made = import_recordings(folder, home, "studio", skeleton=LEG, fps=30, test_subjects=["ben"])
    assert made == home / "studio"
    assert data.load("studio", home, "train").subjects == ("anna", "anna")
    assert data.load("studio", home, "test").subjects == ("ben",)
    assert len(data.load("studio", home)) == 3
    with pytest.raises(AnatomyError, match="is there already"):
        import_recordings(folder, home, "studio", skeleton=LEG, fps=30)
    import_recordings(folder, home, "studio", skeleton=LEG, fps=25, replace=True)
    store = data.load("studio", home, "train")
    assert store.fps == 25 and len(store) == 3
    with pytest.raises(AnatomyError, match="unknown split 'test'"):
        data.load("studio", home, "test")
    assert [p.name for p in home.iterdir()] == ["studio"]


@pytest.mark.slow
def test_an_imported_data_set_is_tfds_and_trains_by_name(folder, tmp_path):
    home = tmp_path / "sets"
    made = import_recordings(folder, home, "studio", skeleton=LEG, fps=29.97, test_subjects=["ben"])
    for builder in (
        tfds.builder_from_directory(made / "1.1.0"),
        tfds.builder("studio", data_dir=home),
    ):
        assert builder.info.name == "studio"
        assert {name: split.num_examples for name, split in builder.info.splits.items()} == {
            "train": 2,
            "test": 1,
        }
    anna, side, ben = load(folder)
    (example,) = tfds.as_numpy(tfds.load("studio", data_dir=home, split="test"))
    assert (example["subject"], example["clip"], example["camera"]) == tuple(
        name.encode() for name in (ben.subject, ben.clip, ben.camera)
    )
    np.testing.assert_array_equal(example["positions"], ben.positions)
    store = data.load("studio", home, "train")
    assert store.skeleton == LEG and store.fps == 29.97
    np.testing.assert_array_equal(store.keypoints, np.concatenate([anna.keypoints, side.keypoints]))
    batches = data.load_batches(
        "studio",
        home,
        split="train",
        receptive_field=3,
        batch_size=4,
        inputs=("keypoints",),
        outputs=("positions",),
        flip=False,
    )
    inputs, targets = batches[0]
    assert len(batches) == 2 * FRAMES // 4
    assert inputs["keypoints"].shape == (4, 3, 3, 2) and targets["positions"].shape == (4, 3, 3)


@pytest.mark.slow
def test_a_failed_import_leaves_what_was_there(folder, tmp_path, monkeypatch):
    home = tmp_path / "sets"
    import_recordings(folder, home, "studio", skeleton=LEG, fps=30)

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("anatomy_tf_datasets.imported_views.view_example", fail)
    with pytest.raises(AnatomyError, match="No space left"):
        import_recordings(folder, home, "studio", skeleton=LEG, fps=25, replace=True)
    assert data.load("studio", home).fps == 30
    assert [p.name for p in home.iterdir()] == ["studio"]


@pytest.mark.slow
def test_an_interrupted_replacement_leaves_what_was_there(folder, tmp_path, monkeypatch):
    home = tmp_path / "sets"
    import_recordings(folder, home, "studio", skeleton=LEG, fps=30)
    rename = Path.rename

    def interrupted(self, target):
        # Between the old data set's going and the new one's coming.
        if self.name == "studio" and self.parent != home:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        import_recordings(folder, home, "studio", skeleton=LEG, fps=25, replace=True)
    assert data.load("studio", home).fps == 30
    assert [p.name for p in home.iterdir()] == ["studio"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "../studio"}, "a data set's name"),
        ({"name": "human36m"}, "name of a known data set"),
        ({"test_subjects": ["carl"]}, "no recordings of the test persons carl; it has anna, ben"),
        ({"test_subjects": ["anna", "ben"]}, "a person to train on"),
        ({"fps": 0}, "a frame rate of 1 to 1,000"),
        ({"unit": "inch"}, "unit: expected one of m, cm, mm, got 'inch'"),
        ({"skeleton": "spider"}, "unknown skeleton 'spider'"),
    ],
)
def test_wrong_arguments(folder, tmp_path, options, message):
    values = {"name": "studio", "skeleton": LEG, "fps": 30} | options
    with pytest.raises(AnatomyError, match=message):
        import_recordings(folder, tmp_path / "sets", **values)
    assert not (tmp_path / "sets").exists()


def _spoil_csv(change):
    def spoil(folder):
        path = folder / "anna" / "walk.front.csv"
        path.write_text(change(path.read_text()))

    return spoil


def _spoil_json(change):
    def spoil(folder):
        path = folder / "anna" / "walk.side.json"
        path.write_text(json.dumps(change(json.loads(path.read_text()))))

    return spoil


def _spoil_cameras(change):
    def spoil(folder):
        content = json.loads((folder / "cameras.json").read_text())
        change(content)
        (folder / "cameras.json").write_text(json.dumps(content))

    return spoil


def _link(folder):
    outside = folder.parent / "elsewhere.json"
    shutil.move(folder / "anna" / "walk.side.json", outside)
    (folder / "anna" / "walk.side.json").symlink_to(outside)


def _swapped(content):
    swapped = np.array(content["positions"])[..., [1, 0, 2]]
    return content | {"positions": swapped.tolist()}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: shutil.rmtree(f), "no such folder"),
        (lambda f: [shutil.rmtree(f / p) for p in ("anna", "ben")], "expected files PERSON/CLIP"),
        (lambda f: (f / "cameras.json").unlink(), r"the cameras in cameras\.json, which is not"),
        (lambda f: (f / "cameras.json").write_text("{"), "not a readable JSON file"),
        (lambda f: (f / "cameras.json").write_text("[]"), "an object with a camera a name"),
        (_link, r"walk\.side\.json: is a link to a place outside"),
        (
            lambda f: (f / "anna" / "walk.side.json").rename(f / "anna" / "walk.json"),
            r"expected a name CLIP\.CAMERA\.json",
        ),
        (
            lambda f: shutil.copy(f / "anna" / "walk.side.json", f / "anna" / "walk.front.json"),
            "another file has the same clip and camera|are projected",
        ),
        (_spoil_cameras(lambda c: c.pop("side")), "camera 'side': is not there; there are front"),
        (_spoil_cameras(lambda c: c["side"].pop("position")), "expected position of 3 numbers"),
        (_spoil_cameras(lambda c: c["side"].update(rotation=[[1]])), "rotation of 3 x 3 numbers"),
        (_spoil_cameras(lambda c: c["side"].update(centre=[10**400, 0])), "centre of 2 numbers"),
        (_spoil_cameras(lambda c: c["side"].update(focal=1)), "unknown focal"),
        (
            _spoil_cameras(lambda c: c["front"].update(image_size=[0, 1])),
            "an image size of 16 to 65,536 pixels a side, got 0",
        ),
        (_spoil_cameras(lambda c: c["front"].update(focal_length=[-1, 1])), "must be positive"),
        (_spoil_csv(lambda t: t.replace("knee_u", "knie_u")), "unknown columns knie_u; expected"),
        (_spoil_csv(lambda t: t.replace("knee_u", "hip_u")), "repeated columns hip_u"),
        (_spoil_csv(lambda t: t.replace("knee_u", "time")), "missing columns knee_u"),
        (_spoil_csv(lambda t: t.replace("\n1,", "\n1,1,")), "line 3: expected 16 cells, got 17"),
        (_spoil_csv(lambda t: t.splitlines()[0]), r"walk\.front\.csv: expected at least one frame"),
        (_spoil_csv(lambda _: ""), "a line with the columns' names"),
        (_spoil_csv(lambda t: t.replace("\n2,", "\n2,x")), "line 4, column hip_u: expected a num"),
        (_spoil_csv(lambda t: t.replace("\n2,", "\n2,1e999")), "number|infinite"),
        (_spoil_json(lambda c: {"keypoints": c["keypoints"]}), "expected positions, which are not"),
        (_spoil_json(lambda c: c | {"positions": c["positions"][1:]}), r"positions \(6, 3, 3\)"),
        (_spoil_json(lambda c: c | {"positions": "no"}), "positions to be an array of numbers"),
        (_spoil_json(lambda c: c | {"keypoints": 5}), r"keypoints \(0, 3, 2\) for leg, got \(\)"),
        (_spoil_json(lambda c: c | {"positions": [[1], [1, 2]]}), "positions to be an array"),
        (_spoil_json(lambda _: [1]), "an object with keypoints and positions, got list"),
        (_spoil_json(_swapped), "anna, camera side: the 3D positions are projected|in front of"),
        (
            _spoil_json(lambda c: c | {"positions": np.full((6, 3, 3), None).tolist()}),
            "expected a frame with all positions, none of them 0, 0, 0",
        ),
        (
            _spoil_json(lambda c: c | {"keypoints": np.full((6, 3, 2), None).tolist()}),
            "no joint was detected",
        ),
        (
            _spoil_json(lambda c: c | {"visibility": np.full((6, 3), 2).tolist()}),
            r"expected visibility in \[0, 1\]",
        ),
    ],
)
def test_what_is_wrong_is_one_line(folder, spoil, message):
    spoil(folder)
    with pytest.raises(AnatomyError, match=message) as caught:
        load(folder)
    assert "\n" not in str(caught.value) and str(folder) in str(caught.value)


def test_another_days_cameras(folder):
    moved = json.loads(json.dumps(CAMERAS))
    moved["front"]["centre"] = [530, 395]
    (folder / "ben" / "cameras.json").write_text(json.dumps(moved))
    anna, _, ben = load(folder)
    assert ben.intrinsics[2] - anna.intrinsics[2] == pytest.approx(20 / 500)


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60
) | st.from_regex(r"\A(hip_u,knee_x\n)?[-0-9.,enai\n\[\]{}:\"]{0,40}\Z")


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    text=TEXTS, name=st.sampled_from(["cameras.json", "anna/walk.side.json", "anna/walk.front.csv"])
)
def test_any_text_is_refused_in_one_line(folder, text, name):
    path = folder / name
    before = path.read_bytes()
    path.write_bytes(text.encode())
    try:
        with pytest.raises(AnatomyError):
            load(folder)
    finally:
        path.write_bytes(before)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_damaged_csv_loads_or_is_refused(folder, data):
    path = folder / "anna" / "walk.front.csv"
    text = csv_text(arrays(FRONT, in_front(1)))
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(list('0-,\n e."x')))
    cut = data.draw(st.integers(0, len(text)))
    path.write_text((text[:place] + other + text[place + 1 :])[: cut + 200])
    try:
        views = load(folder)
    except AnatomyError as error:
        assert str(folder) in str(error)
    else:
        assert len(views) == 3


def test_numbers_that_float32_does_not_hold_are_refused(folder):
    path = folder / "anna" / "walk.front.csv"
    positions = arrays(FRONT, in_front(1))
    positions["positions"] = positions["positions"] * 1e180
    path.write_text(csv_text(positions))
    with pytest.raises(
        AnatomyError, match=r"walk\.front\.csv: expected numbers of at most 3\.4e\+38"
    ):
        load(folder)
