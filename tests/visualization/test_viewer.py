import base64
import dataclasses
import io
import json
import re

import numpy as np
import pytest
from grey_video import GREY_STEP, grey_video

from anatomy_tf.errors import AnatomyError
from anatomy_tf.poses import joint_angles
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton
from anatomy_tf.visualization import write_viewer
from anatomy_tf.visualization.drawing.clip_video import ClipVideo
from anatomy_tf.visualization.drawing.scene import upright
from anatomy_tf.visualization.viewer import viewer


def content_of(path):
    page = path.read_text(encoding="utf-8")
    return json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', page)[1]
    )


def unpack(packed, kind, shape):
    whole = np.frombuffer(base64.b64decode(packed["data"]), kind).astype(np.float64)
    return (whole * packed["step"]).reshape(shape)


def greys(pictures):
    """The mean level of each JPEG, to a whole step of ``grey_video``."""
    image_type = pytest.importorskip("PIL.Image")
    files = [io.BytesIO(base64.b64decode(picture)) for picture in pictures]
    levels = [np.asarray(image_type.open(file)).mean() for file in files]
    return [round(level / GREY_STEP) * GREY_STEP for level in levels]


def test_a_minute_is_small_and_needs_no_network(minute, tmp_path):
    path = write_viewer([minute.placed], tmp_path / "v.html", [minute.keypoints], [minute.placed])
    page = path.read_text(encoding="utf-8")
    assert path.stat().st_size < 2_000_000
    assert not re.search(r"https?:|//[\w.-]+\.\w+/|@import|<link|\bsrc=|url\(|fetch\(", page)
    assert "default-src 'none'" in page
    assert "{{" not in page


def test_a_file_s_name_may_be_no_text(walk, tmp_path):
    path = write_viewer([walk.poses], tmp_path / "walk.html", title="walk\udcff.npz")
    assert "<title>walk?.npz" in path.read_text(encoding="utf-8")


def test_positions_come_back_within_a_tenth_of_a_millimetre(walk, tmp_path):
    person = content_of(write_viewer([walk.placed], tmp_path / "v.html"))["people"][0]
    relative = unpack(person["positions"], "<i2", (100, 17, 3))
    root = unpack(person["root"], "<i4", (100, 1, 3))
    assert np.abs(relative + root - upright(walk.placed)).max() < 1.01e-4
    person = content_of(write_viewer([walk.poses], tmp_path / "v.html"))["people"][0]
    assert person["root"] is None
    relative = unpack(person["positions"], "<i2", (100, 17, 3))
    assert np.abs(relative - upright(walk.poses)).max() < 0.51e-4


def test_a_giant_loses_precision_rather_than_limbs(walk, tmp_path):
    giant = dataclasses.replace(walk.poses, positions=walk.poses.positions * 10)
    person = content_of(write_viewer([giant], tmp_path / "v.html"))["people"][0]
    relative = unpack(person["positions"], "<i2", (100, 17, 3))
    assert np.abs(relative - upright(giant)).max() < 2e-4


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
    rows = {row["label"]: row["series"] for row in person["skeleton"]["boneRows"]}
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


def test_joint_angles_and_their_joints(walk, tmp_path):
    person = content_of(write_viewer([walk.poses], tmp_path / "v.html"))["people"][0]
    angles, stored = joint_angles(walk.poses), person["angles"]
    degrees = unpack(stored["degrees"], "<i2", angles.degrees.shape)
    shown = ~np.isnan(angles.degrees)
    assert np.abs(degrees - angles.degrees)[shown].max() < 0.0051
    assert (degrees[~shown] == -32768 * stored["degrees"]["step"]).all()
    rows = {row["label"]: [angles.names[n] for n in row["series"]] for row in stored["rows"]}
    assert rows["knee flexion"] == ["left_knee_flexion", "right_knee_flexion"]
    assert rows["trunk bending"] == ["trunk_bending"]
    joints = dict(zip(angles.names, stored["joints"], strict=True))
    assert joints["left_hip_rotation"] == [HUMAN36M_17.index("left_hip")]
    assert joints["trunk_flexion"] == []
    arm = Skeleton("arm", ("shoulder", "elbow"), (-1, 0))
    bare = PoseSequence(np.eye(2, 3)[None], arm, 50)
    assert content_of(write_viewer([bare], tmp_path / "v.html"))["people"][0]["angles"] is None


def test_frames_in_which_nobody_was_seen(walk, tmp_path):
    seen = np.arange(100) % 10 > 0
    poses = [dataclasses.replace(walk.poses, seen=seen), walk.poses]
    first, second = content_of(write_viewer(poses, tmp_path / "v.html"))["people"]
    np.testing.assert_array_equal(np.frombuffer(base64.b64decode(first["seen"]), np.uint8), seen)
    assert second["seen"] is None


def test_the_second_clip_stands_beside_the_first_in_every_frame(walk, tmp_path):
    slower = dataclasses.replace(walk.placed, fps=25, source="b/poses.npz")
    first = dataclasses.replace(walk.placed, source="a/poses.npz")
    content = content_of(write_viewer([first], tmp_path / "v.html", beside=[slower]))
    assert [person["name"] for person in content["people"]] == ["a/poses.npz", "b/poses.npz"]
    # 100 frames at 25 a second, at the first clip's 50.
    assert [person["frames"] for person in content["people"]] == [100, 199]
    own, other = (np.array(person["shift"]) for person in content["people"])
    one = upright(walk.placed)[..., 0].max(axis=1) + own[0]
    two = upright(slower.resampled(50))[..., 0].min(axis=1)[:100] + other[0]
    assert (two - one).min() == pytest.approx(0.3, abs=1e-4)


def test_clips_of_another_room_and_of_none_stand_at_one_depth(walk, tmp_path):
    people = [dataclasses.replace(walk.placed, source="b.npz", person=name) for name in "07"]
    poses = [dataclasses.replace(walk.poses, source="a.npz")]
    content = content_of(write_viewer(poses, tmp_path / "v.html", beside=people))
    names = [person["name"] for person in content["people"]]
    assert names == ["a.npz", "b.npz, person 0", "b.npz, person 7"]
    depth = walk.placed.positions[:, walk.placed.skeleton.root, 2].mean()
    assert content["people"][1]["shift"][1] == pytest.approx(-depth)


def test_the_video_s_pictures(walk, tmp_path):
    video = grey_video(tmp_path / "v.mkv", 25, 12.5, (640, 360))
    said = []
    path = tmp_path / "v.html"
    write_viewer([walk.poses], path, [walk.keypoints], video=video, remark=said.append)
    stored = content_of(path)["video"]
    assert (stored["width"], stored["height"], stored["every"]) == (640, 360, 1)
    assert greys(stored["pictures"]) == [min(24, round(n / 4)) * GREY_STEP for n in range(100)]
    assert said == []


def test_a_long_video_is_thinned_and_that_is_said(walk, tmp_path, monkeypatch):
    video = grey_video(tmp_path / "v.mkv", 25, 12.5, (64, 36))
    path = tmp_path / "v.html"
    size = sum(map(len, ClipVideo.open(video, walk.poses).jpegs(10**9)[1]))
    monkeypatch.setattr(viewer, "VIDEO_BYTES", size // 3)
    said = []
    write_viewer([walk.poses], path, video=video, remark=said.append)
    stored = content_of(path)["video"]
    assert stored["every"] == 4
    assert greys(stored["pictures"]) == [n * GREY_STEP for n in range(25)]
    assert len(said) == 1
    assert "shows 1 of 4 frames" in said[0]


def test_a_title_cannot_break_the_page(walk, tmp_path):
    title = "</script><b>{{data}} & \\1"
    path = write_viewer([walk.poses], tmp_path / "v.html", title=title)
    page = path.read_text(encoding="utf-8")
    assert content_of(path)["title"] == title
    assert "<b>" not in page.replace('<b id="time">', "")
    assert "&lt;/script&gt;&lt;b&gt;{{data}} &amp; \\1" in page


def test_one_person_needs_no_list(walk, tmp_path):
    pages = [
        write_viewer(*given, ground_truth=given[0]).read_text(encoding="utf-8")
        for given in (
            (walk.poses, tmp_path / "a.html", walk.keypoints),
            ([walk.poses], tmp_path / "b.html", [walk.keypoints]),
        )
    ]
    assert pages[0] == pages[1]


def test_refusals(walk, tmp_path):
    path = tmp_path / "v.html"
    with pytest.raises(AnatomyError, match="at least one person, got none"):
        write_viewer([], path)
    with pytest.raises(AnatomyError, match="a list of PoseSequence, got KeypointSequence"):
        write_viewer(walk.keypoints, path)
    with pytest.raises(AnatomyError, match="a list of KeypointSequence, got PoseSequence"):
        write_viewer([walk.poses], path, walk.poses)
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
    with pytest.raises(AnatomyError, match="one frame rate for all people, got 50, 25 fps"):
        write_viewer(
            [walk.poses], path, beside=[walk.poses, dataclasses.replace(walk.poses, fps=25)]
        )
    with pytest.raises(AnatomyError, match="no such file"):
        write_viewer([walk.poses], path, video=tmp_path / "none.mp4")
    with pytest.raises(AnatomyError, match=r"ends in \.html or \.htm"):
        write_viewer([walk.poses], tmp_path / "v.txt")
    assert not list(tmp_path.iterdir())
