import base64
import dataclasses
import json
import re

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.visualization import write_viewer
from anatomy_tf.visualization.scene import upright


def content_of(path):
    page = path.read_text(encoding="utf-8")
    return json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', page)[1]
    )


def unpack(packed, kind, shape):
    whole = np.frombuffer(base64.b64decode(packed["data"]), kind).astype(np.float64)
    return (whole * packed["step"]).reshape(shape)


def test_a_minute_is_small_and_needs_no_network(minute, tmp_path):
    path = write_viewer([minute.placed], tmp_path / "v.html", [minute.keypoints], [minute.placed])
    page = path.read_text(encoding="utf-8")
    assert path.stat().st_size < 2_000_000
    assert not re.search(r"https?:|//[\w.-]+\.\w+/|@import|<link|\bsrc=|url\(|fetch\(", page)
    assert "default-src 'none'" in page
    assert "{{" not in page


def test_positions_come_back_within_a_tenth_of_a_millimetre(walk, tmp_path):
    person = content_of(write_viewer([walk.placed], tmp_path / "v.html"))["people"][0]
    relative = unpack(person["positions"], "<i2", (100, 17, 3))
    root = unpack(person["root"], "<i4", (100, 1, 3))
    assert np.abs(relative + root - walk.placed.positions).max() < 1.01e-4
    person = content_of(write_viewer([walk.poses], tmp_path / "v.html"))["people"][0]
    assert person["root"] is None
    relative = unpack(person["positions"], "<i2", (100, 17, 3))
    assert np.abs(relative - walk.poses.positions).max() < 0.51e-4


def test_a_giant_loses_precision_rather_than_limbs(walk, tmp_path):
    giant = dataclasses.replace(walk.poses, positions=walk.poses.positions * 10)
    person = content_of(write_viewer([giant], tmp_path / "v.html"))["people"][0]
    relative = unpack(person["positions"], "<i2", (100, 17, 3))
    assert np.abs(relative - giant.positions).max() < 2e-4


def test_keypoints_keep_gaps_and_scores(walk, tmp_path):
    person = content_of(write_viewer([walk.poses], tmp_path / "v.html", [walk.keypoints]))
    stored = person["people"][0]["keypoints"]
    pixels = unpack(stored["points"], "<i2", (100, 17, 2))
    missing = np.isnan(walk.keypoints.keypoints)
    assert missing.sum() == 40
    assert (pixels[missing] == -32768 * stored["points"]["step"]).all()
    assert np.abs(pixels - walk.keypoints.keypoints)[~missing].max() < 0.051
    scores = np.frombuffer(base64.b64decode(stored["visibility"]), np.uint8).reshape(100, 17)
    assert np.abs(scores / 255 - walk.keypoints.visibility).max() < 0.002


def test_bone_rows_pair_left_with_right(walk, tmp_path):
    person = content_of(write_viewer([walk.poses], tmp_path / "v.html"))["people"][0]
    rows = {row["label"]: row["bones"] for row in person["skeleton"]["rows"]}
    names = walk.poses.skeleton.bone_names
    assert [names[bone] for bone in rows["hip to knee"]] == ["left_knee", "right_knee"]
    assert [names[bone] for bone in rows["spine to thorax"]] == ["thorax"]
    assert sum(map(len, rows.values())) == 16


def test_people_without_a_place_stand_side_by_side_on_the_floor(walk, tmp_path):
    content = content_of(write_viewer([walk.poses] * 3, tmp_path / "v.html"))
    shifts = np.array([person["shift"] for person in content["people"]])
    np.testing.assert_allclose(shifts[:, 0], [-1.3, 0, 1.3])
    lowest = upright(walk.poses)[..., 2].min()
    np.testing.assert_allclose(shifts[:, 2], -lowest, atol=0.01)
    placed = content_of(write_viewer([walk.placed] * 2, tmp_path / "v.html"))
    assert [person["shift"][:2] for person in placed["people"]] == [[0, 0]] * 2


def test_ground_truth_keeps_its_place_only_beside_absolute_poses(walk, tmp_path):
    def truth(poses, other):
        path = write_viewer([poses], tmp_path / "v.html", ground_truth=[other])
        return content_of(path)["people"][0]["truth"]

    assert truth(walk.placed, walk.placed)["root"] is not None
    assert truth(walk.poses, walk.placed)["root"] is None
    assert truth(walk.placed, walk.poses)["root"] is None


def test_a_title_cannot_break_the_page(walk, tmp_path):
    title = "</script><b>{{data}} & \\1"
    path = write_viewer([walk.poses], tmp_path / "v.html", title=title)
    page = path.read_text(encoding="utf-8")
    assert content_of(path)["title"] == title
    assert "<b>" not in page.replace('<b id="time">', "")
    assert "&lt;/script&gt;&lt;b&gt;{{data}} &amp; \\1" in page


def test_refusals(walk, tmp_path):
    path = tmp_path / "v.html"
    with pytest.raises(AnatomyError, match="at least one person, got none"):
        write_viewer([], path)
    with pytest.raises(AnatomyError, match="expected keypoints of 2 people"):
        write_viewer([walk.poses] * 2, path, [walk.keypoints])
    with pytest.raises(AnatomyError, match=r"expected ground truth of 1 people.* got 0"):
        write_viewer([walk.poses], path, ground_truth=[])
    with pytest.raises(AnatomyError, match="one frame rate for all people, got 50, 25 fps"):
        write_viewer([walk.poses, dataclasses.replace(walk.poses, fps=25)], path)
    with pytest.raises(AnatomyError, match="got camera and world"):
        write_viewer([walk.poses, dataclasses.replace(walk.poses, axes="world")], path)
    shorter = dataclasses.replace(walk.poses, positions=walk.poses.positions[:50])
    with pytest.raises(AnatomyError, match=r"expected 100 frames of human36m_17 .* got 50 frames"):
        write_viewer([walk.poses], path, ground_truth=[shorter])
    with pytest.raises(AnatomyError, match=r"ends in \.html or \.htm"):
        write_viewer([walk.poses], tmp_path / "v.txt")
    assert not list(tmp_path.iterdir())
