import dataclasses
import itertools
import sys

import numpy as np
import pytest
from grey_video import GREY_STEP, grey_video

from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HUMAN36M_17
from anatomy_tf.visualization import contact_sheet
from anatomy_tf.visualization.drawing.page import Page
from anatomy_tf.visualization.drawing.palette import LIGHT

# First and last line of the three rows of a sheet of 16:9 images.
PANELS = ((148, 330), (367, 843), (881, 1357))


def read(path):
    image = pytest.importorskip("matplotlib.image")
    return np.round(image.imread(path)[..., :3] * 255).astype(int)


def pixels_of(picture, colour):
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return (np.abs(picture - wanted) < 12).all(axis=-1)


def test_every_column_and_row_has_a_person(walk, tmp_path):
    picture = read(contact_sheet(walk.keypoints, walk.poses, tmp_path / "sheet.png", frames=4))
    # 4 columns of 2.7 in, 3 gaps of 0.08, margins of 0.25 at 120 dots.
    height, width, _ = picture.shape
    assert width == int(120 * (4 * 2.7 + 3 * 0.08 + 0.5))
    assert 1100 < height < 1500
    for top, bottom in PANELS:
        for column in np.array_split(picture[top:bottom, 30:-30], 4, axis=1):
            assert pixels_of(column, LIGHT.left).sum() > 10
            assert pixels_of(column, LIGHT.right).sum() > 10


def test_the_person_stands_on_the_floor(walk, tmp_path):
    picture = read(contact_sheet(walk.keypoints, walk.poses, tmp_path / "sheet.png", frames=1))
    # The middle's colour is the trunk and head, the left's arm and leg.
    for rows, least in zip(PANELS, (10, 50, 50), strict=True):
        panel = picture[slice(*rows)]
        trunk = np.flatnonzero(pixels_of(panel, LIGHT.middle).any(axis=1))
        legs = np.flatnonzero(pixels_of(panel, LIGHT.left).any(axis=1))
        assert trunk.mean() < legs.mean()
        assert legs.max() > trunk.max() + least


def test_the_left_leg_has_the_left_s_colour(walk, tmp_path):
    points = walk.keypoints.keypoints.copy()
    left = [HUMAN36M_17.index(f"left_{joint}") for joint in ("hip", "knee", "ankle")]
    points[:, np.delete(np.arange(17), left)] = np.nan
    sure = np.ones(points.shape[:2])
    keypoints = dataclasses.replace(walk.keypoints, keypoints=points, visibility=sure)
    panel = read(contact_sheet(keypoints, walk.poses, tmp_path / "sheet.png", frames=1))
    panel = panel[slice(*PANELS[0])]
    assert pixels_of(panel, LIGHT.left).sum() > 30
    assert not pixels_of(panel, LIGHT.right).any()


def test_the_third_row_is_seen_from_the_persons_side(walk, tmp_path):
    # The person walks across the picture: from the side, from the front after a quarter turn.
    picture = read(contact_sheet(walk.keypoints, walk.poses, tmp_path / "sheet.png", frames=4))
    widths = []
    for top, bottom in PANELS[1:]:
        columns = np.array_split(picture[top:bottom, 30:-30], 4, axis=1)
        limbs = [pixels_of(c, LIGHT.left) | pixels_of(c, LIGHT.right) for c in columns]
        widths.append(np.mean([np.ptp(np.flatnonzero(limb.any(axis=0))) for limb in limbs]))
    assert widths[0] > 1.2 * widths[1]


def test_the_nearer_limb_hides_the_other(walk, tmp_path):
    positions = walk.poses.positions.copy()
    sides = [
        [j for j, one in enumerate(HUMAN36M_17.sides) if one == side] for side in ("left", "right")
    ]
    for near, far in (sides, sides[::-1]):
        mirrored = [HUMAN36M_17.flip_order[joint] for joint in near]
        positions[:, mirrored] = positions[:, near] + np.float32([0, 0, 0.02])
        poses = dataclasses.replace(walk.poses, positions=positions)
        panel = read(contact_sheet(walk.keypoints, poses, tmp_path / "s.png", frames=1))
        panel = panel[slice(*PANELS[1])]
        shown = [pixels_of(panel, colour).sum() for colour in (LIGHT.left, LIGHT.right)]
        near_shown, far_shown = shown if near is sides[0] else shown[::-1]
        assert near_shown > 3 * far_shown, far


def test_invisible_joints_fade(walk, tmp_path):
    def left_pixels(score):
        keypoints = dataclasses.replace(
            walk.keypoints, visibility=np.full_like(walk.keypoints.visibility, score)
        )
        picture = read(contact_sheet(keypoints, walk.poses, tmp_path / "sheet.png", frames=1))
        return pixels_of(picture[slice(*PANELS[0])], LIGHT.left).sum()

    assert left_pixels(1.0) > 30
    assert left_pixels(0.0) == 0


def test_a_short_clip_has_a_column_a_frame(walk, tmp_path):
    keypoints = dataclasses.replace(
        walk.keypoints,
        keypoints=walk.keypoints.keypoints[1:3],
        visibility=walk.keypoints.visibility[1:3],
    )
    poses = dataclasses.replace(walk.poses, positions=walk.poses.positions[1:3])
    width = read(contact_sheet(keypoints, poses, tmp_path / "sheet.png")).shape[1]
    assert width == int(120 * (2 * 2.7 + 0.08 + 0.5))


def test_frames_without_the_person_are_left_out_if_there_are_others(walk, tmp_path, monkeypatch):
    texts = []
    write = Page.write
    monkeypatch.setattr(Page, "write", lambda *a, **k: texts.append(a[3]) or write(*a, **k))

    def numbers(seen):
        texts.clear()
        poses = dataclasses.replace(walk.poses, seen=seen)
        contact_sheet(walk.keypoints, poses, tmp_path / "sheet.png", frames=3)
        return [int(text.split()[1]) for text in texts if text.startswith("frame ")]

    seen = np.zeros(len(walk.poses), bool)
    assert numbers(seen) == numbers(~seen) == numbers(True)
    seen[[4, 5, 6, 7, 8]] = True
    assert numbers(seen) == [4, 6, 8]
    seen[:] = False
    seen[[3, 9]] = True
    assert numbers(seen) == [3, 9]


def test_the_video_is_behind_the_keypoints(walk, tmp_path):
    video = grey_video(tmp_path / "v.mkv", 25, 12.5, (64, 36))
    path = contact_sheet(walk.keypoints, walk.poses, tmp_path / "s.png", frames=3, video=video)
    panels = np.array_split(read(path)[160:320, 30:-30], 3, axis=1)
    levels = [np.median(panel) for panel in panels]
    # Frames 0, 50 and 99 of 50 a second.
    assert levels == [0, 12 * GREY_STEP, 24 * GREY_STEP]
    assert all(pixels_of(panel, LIGHT.left).sum() > 10 for panel in panels)


def test_time_and_frame_number_stand_apart(walk, tmp_path, monkeypatch):
    figures = []
    figure_type = pytest.importorskip("matplotlib.figure").Figure
    monkeypatch.setattr(
        "matplotlib.figure.Figure",
        lambda **options: figures.append(figure_type(**options)) or figures[-1],
    )
    late = (dataclasses.replace(one, first_frame=60_000) for one in (walk.keypoints, walk.poses))
    contact_sheet(*late, tmp_path / "s.png", frames=3)
    stamps = [text for text in figures[0].texts if text.get_text().endswith((" s", "00", "99"))]
    stamps = [text for text in stamps if text.get_position()[1] == stamps[0].get_position()[1]]
    assert [text.get_text() for text in stamps[:3]] == ["1200.00 s", "frame 60000", "1201.00 s"]
    boxes = [text.get_window_extent() for text in stamps]
    assert all(right.x0 - left.x1 > 8 for left, right in itertools.pairwise(boxes))


def test_a_file_s_name_may_be_no_text(walk, tmp_path):
    keypoints = dataclasses.replace(walk.keypoints, source="walk\udcff.npz")
    assert contact_sheet(keypoints, walk.poses, tmp_path / "walk.png").stat().st_size


def test_refusals(walk, tmp_path):
    with pytest.raises(AnatomyError, match="at least one frame to draw, got 0"):
        contact_sheet(walk.keypoints, walk.poses, tmp_path / "sheet.png", frames=0)
    with pytest.raises(AnatomyError, match=r"at least one frame to draw, got 2\.5"):
        contact_sheet(walk.keypoints, walk.poses, tmp_path / "sheet.png", frames=2.5)
    with pytest.raises(AnatomyError, match=r"ends in \.png"):
        contact_sheet(walk.keypoints, walk.poses, tmp_path / "sheet.jpg")
    with pytest.raises(AnatomyError, match="expected a PoseSequence, got KeypointSequence"):
        contact_sheet(walk.poses, walk.keypoints, tmp_path / "sheet.png")
    with pytest.raises(AnatomyError, match="expected a KeypointSequence, got list"):
        contact_sheet([walk.keypoints], walk.poses, tmp_path / "sheet.png")
    assert not list(tmp_path.iterdir())


def test_missing_matplotlib_is_named(walk, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(AnatomyError, match=r'needs matplotlib, .*"anatomy_tf\[visualization\]"'):
        contact_sheet(walk.keypoints, walk.poses, tmp_path / "sheet.png")
    assert not list(tmp_path.iterdir())
