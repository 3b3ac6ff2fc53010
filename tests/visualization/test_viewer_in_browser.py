"""The viewer in a real browser: hands on it, and its numbers read back."""

import contextlib
import dataclasses

import numpy as np
import pytest
from browser_page import settle, wait_for
from grey_video import GREY_STEP, grey_video

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.poses import joint_angles
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import get_skeleton, skeleton_names
from anatomy_tf.visualization import write_viewer
from anatomy_tf.visualization.drawing.palette import LIGHT
from anatomy_tf.visualization.drawing.scene import upright

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def shown(walk, tmp_path_factory):
    """Two people; the second one's truth lies 30 mm beside all joints but the root."""
    truth = walk.placed.positions.copy()
    truth[:, 1:, 0] += 0.03
    second = dataclasses.replace(walk.placed, person="1")
    return write_viewer(
        [walk.placed, second],
        tmp_path_factory.mktemp("viewer") / "viewer.html",
        [walk.keypoints] * 2,
        [walk.placed, PoseSequence(truth, walk.placed.skeleton, 50, root_relative=False)],
        title="Two walkers",
    )


@contextlib.contextmanager
def opened_page(browser, path, **options):
    """A page that neither complains nor asks for anything else."""
    opened = browser.new_page(**{"viewport": {"width": 1200, "height": 800}, **options})
    problems, requests = [], []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda message: problems.append(message.text))
    opened.on("request", lambda request: requests.append(request.url))
    opened.goto(path.as_uri())
    settle(opened)
    yield opened
    opened.close()
    assert problems == []
    assert requests == [path.as_uri()]


@pytest.fixture
def page(browser, shown):
    with opened_page(browser, shown, color_scheme="dark") as opened:
        yield opened


@pytest.fixture(scope="module")
def filmed(walk, tmp_path_factory):
    """A person before a video that grows lighter, who is not seen in the last tenth of it."""
    folder = tmp_path_factory.mktemp("filmed")
    video = grey_video(folder / "v.mkv", 25, 12.5, (640, 360))
    poses = dataclasses.replace(walk.placed, seen=np.arange(100) < 90, first_frame=0)
    return write_viewer([poses], folder / "v.html", [walk.keypoints], video=video, title="a/b.npz")


def frame(page):
    settle(page)
    return int(page.text_content("#frame").split("/")[0])


def picture(page, canvas="#scene"):
    settle(page)
    return page.evaluate(f"document.querySelector('{canvas}').toDataURL()")


def speed(page, frames):
    """Frames a second while so many frames are played, from one change of frame to another."""
    return page.evaluate(
        """async (frames) => {
          const changed = async (to) => {
            while (state.frame < to) await new Promise(requestAnimationFrame);
            return [state.frame, performance.now()];
          };
          const [first, start] = await changed(state.frame + 1);
          const [last, end] = await changed(first + frames);
          return ((last - first) / (end - start)) * 1000;
        }""",
        frames,
    )


def test_play_runs_at_true_speed_and_stops(page):
    page.click("#play")
    assert speed(page, 40) == pytest.approx(50, rel=0.2)
    page.click("#play")
    stopped = frame(page)
    assert stopped > 0
    page.wait_for_timeout(100)
    assert frame(page) == stopped


def test_slow_motion(page):
    page.select_option("#speed", "0.1")
    page.click("#play")
    assert speed(page, 3) == pytest.approx(5, rel=0.4)


def test_scrubbing_moves_everything(page):
    before = [picture(page, canvas) for canvas in ("#scene", "#image", "#curve-chart")]
    box = page.locator("#scrub").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert frame(page) == pytest.approx(50, abs=2)
    assert page.text_content("#time") == f"{frame(page) / 50:.2f} s"
    after = [picture(page, canvas) for canvas in ("#scene", "#image", "#curve-chart")]
    assert all(old != new for old, new in zip(before, after, strict=True))


def test_a_chart_can_be_clicked(page):
    box = page.locator("#curve-chart").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 7, box["y"] + 30)
    assert frame(page) >= 98


def test_keys(page):
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert frame(page) == 1
    page.keyboard.press("Shift+ArrowRight")
    assert frame(page) == 11
    page.keyboard.press("End")
    assert frame(page) == 99
    page.keyboard.press("Home")
    assert frame(page) == 0
    page.focus("#theme")
    page.keyboard.press(" ")
    # Space plays, also where a button has the focus; it does not press that button.
    wait_for(page, "state.frame > 0")
    assert theme(page) == "dark"


def theme(page):
    settle(page)
    return page.evaluate("document.documentElement.dataset.theme")


def test_theme_follows_the_system_until_chosen(page):
    assert theme(page) == "dark"
    dark = picture(page)
    page.emulate_media(color_scheme="light")
    assert theme(page) == "light"
    assert picture(page) != dark
    page.click("#theme")
    assert theme(page) == "dark"
    assert picture(page) == dark
    page.keyboard.press("t")
    assert theme(page) == "light"
    page.emulate_media(color_scheme="dark")
    assert theme(page) == "light"


def test_turning_zooming_and_back(page):
    start = picture(page)
    box = page.locator("#scene").bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 330)
    page.mouse.up()
    assert page.evaluate("[state.yaw, state.pitch]") == [-40, 17]
    turned = picture(page)
    page.mouse.wheel(0, -300)
    wait_for(page, "state.zoom > 1.2")
    assert len({start, turned, picture(page)}) == 3
    page.click("text=Camera")
    assert picture(page) == start
    for key in "ddw":
        page.keyboard.press(key)
    assert page.evaluate("[state.yaw, state.pitch]") == [10, 13]


def test_two_fingers_zoom_and_one_turns(page):
    touch = page.context.new_cdp_session(page)

    def fingers(kind, *places):
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", (300, 300))
    fingers("touchStart", (300, 300), (400, 300))
    fingers("touchMove", (300, 300), (500, 300))
    fingers("touchEnd")
    settle(page)
    assert page.evaluate("[state.zoom, state.yaw, pointers.size]") == [pytest.approx(2), 0, 0]
    fingers("touchStart", (300, 300))
    fingers("touchMove", (350, 300))
    fingers("touchEnd")
    settle(page)
    assert page.evaluate("[state.zoom, state.yaw]") == [pytest.approx(2), -20]


def test_positions_and_errors_in_the_page(page, walk):
    points = np.array(page.evaluate("[...people[0].points]")).reshape(100, 17, 3)
    shift = np.array(page.evaluate("people[0].shift"))
    # The root and the joint are rounded by 0.05 mm at most, each.
    assert np.abs(points - shift - upright(walk.placed)).max() < 1.01e-4
    assert page.text_content("#error") == "0.0 mm · mean 0.0 mm"
    page.click("text=person 1")
    settle(page)
    assert page.text_content("#error") == "28.2 mm · mean 28.2 mm"  # 30 mm · 16 / 17
    row = page.locator("#curves tbody tr", has_text="hip to knee")
    assert row.locator("td").all_text_contents() == ["hip to knee", "44.0", "44.0"]
    truth = picture(page)
    page.click("#truth")
    assert picture(page) != truth


def level(page):
    """The grey level of the 2D picture's corner."""
    settle(page)
    wait_for(page, "pictures.size > 0 && [...pictures.values()].every(Boolean)")
    settle(page)
    return np.mean(
        page.evaluate(
            """() => {
              const context = document.createElement("canvas").getContext("2d");
              context.drawImage($("image"), -4, -4);
              return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
            }"""
        )
    )


def test_the_video_is_behind_the_keypoints_and_can_be_put_away(browser, filmed):
    with opened_page(browser, filmed, color_scheme="dark") as page:
        for number in (0, 40, 80, 8):
            page.evaluate(f"seek({number})")
            assert level(page) == pytest.approx(number / 4 * GREY_STEP, abs=3)
        # Playing never keeps more pictures than it says.
        page.evaluate("for (let n = 0; n < 100; n++) { seek(n); drawImage(); }")
        assert page.evaluate("pictures.size <= PICTURES_KEPT")
        page.evaluate("seek(80)")
        page.keyboard.press("v")
        assert not page.is_checked("#video")
        assert level(page) < 30  # the theme's page
        page.click("#video-key")
        assert level(page) == pytest.approx(20 * GREY_STEP, abs=3)
        small = page.locator("#image").bounding_box()
        page.keyboard.press("i")
        settle(page)
        assert page.locator("#image").bounding_box()["width"] > 1.5 * small["width"]
        assert page.get_attribute("#larger", "aria-pressed") == "true"


def test_frames_in_which_nobody_was_seen_are_said(browser, filmed):
    with opened_page(browser, filmed) as page:
        settle(page)
        assert not page.locator("#unseen").is_visible()
        page.evaluate("seek(95)")
        settle(page)
        assert page.locator("#unseen").is_visible()


def spot(page, joint, where="scene"):
    """A joint's place in the window."""
    x, y = page.evaluate(
        f"{where}Spots(people[0]).find(([name]) => name === '{joint}')[1].slice(0, 2)"
    )
    box = page.locator("#scene" if where == "scene" else "#image").bounding_box()
    return box["x"] + x, box["y"] + y


def test_values_of_the_joint_under_the_pointer(browser, filmed, walk):
    with opened_page(browser, filmed) as page:
        page.evaluate("seek(40)")
        settle(page)
        page.mouse.move(*spot(page, "left_knee"))
        settle(page)
        joint = walk.placed.skeleton.index("left_knee")
        x, y, z = upright(walk.placed)[40, joint]
        floor = page.evaluate("people[0].shift[2]")
        steps = np.diff(walk.placed.positions[[39, 41], joint], axis=0)
        speed = np.linalg.norm(steps) * 50 / 2
        name, place, rest = page.inner_text("#scene-label").split("\n")
        assert name == "left knee"
        shown = [
            float(word)
            for word in place.replace("\N{MINUS SIGN}", "-").split()
            if word[-1].isdigit()
        ]
        assert shown == pytest.approx([x, y, z + floor], abs=1e-3)
        assert rest == f"{speed:.2f} m/s  at 0.80 s"
        # The same joint of the 2D picture.
        px, py = walk.keypoints.keypoints[40, joint]
        score = walk.keypoints.visibility[40, joint]
        assert page.inner_text("#image-label").split("\n")[1] == (
            f"{px:.1f}, {py:.1f} px  score {score:.2f}"
        )
        # It goes with the pointer, unless it was clicked.
        page.mouse.move(5, 5)
        settle(page)
        assert not page.locator("#scene-label").is_visible()
        page.mouse.click(*spot(page, "head", "image"))
        page.mouse.move(5, 5)
        settle(page)
        assert page.inner_text("#scene-label").startswith("head\n")
        page.keyboard.press("Escape")
        settle(page)
        assert not page.locator("#scene-label").is_visible()
        for _ in range(2):
            page.keyboard.press("j")
        settle(page)
        assert page.inner_text("#scene-label").startswith("right hip\n")
        page.keyboard.press("Shift+J")
        settle(page)
        assert page.inner_text("#scene-label").startswith("pelvis\n")


def test_a_tap_shows_a_joint_s_values_and_a_chart_s(browser, filmed):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    with opened_page(browser, filmed, **phone) as page:
        page.touchscreen.tap(*spot(page, "right_ankle"))
        settle(page)
        assert page.inner_text("#scene-label").startswith("right ankle\n")
        label, stage = (page.locator(f"#{n}").bounding_box() for n in ("scene-label", "stage"))
        assert label["x"] >= stage["x"]
        assert label["x"] + label["width"] <= stage["x"] + stage["width"]
        chart = page.locator("#curve-chart")
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 50)
        settle(page)
        tapped = page.evaluate("state.frame")
        assert 30 < tapped < 60
        assert f" cm at {tapped / 50:.2f} s" in page.inner_text("#curve-chart-label")
        page.touchscreen.tap(*spot(page, "head"))
        settle(page)
        assert not page.locator("#curve-chart-label").is_visible()


def test_curves_of_angles_and_speeds(browser, filmed, walk):
    with opened_page(browser, filmed) as page:
        assert page.locator("#quantity option").all_text_contents() == [
            "Bone lengths", "Joint angles", "Joint speeds",
        ]  # fmt: skip
        page.select_option("#quantity", label="Joint angles")
        page.evaluate("seek(40)")
        settle(page)
        angles = joint_angles(walk.placed)
        row = page.locator("#curves tbody tr", has_text="knee flexion")
        expected = [f"{angles[f'{side}_knee_flexion'][40]:.1f}" for side in ("left", "right")]
        assert row.locator("td").all_text_contents() == ["knee flexion", *expected]
        assert page.inner_text("#unit") == "degrees"
        # A marked row's curves alone are told at the pointer.
        row.focus()
        box = page.locator("#curve-chart").bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 5)
        settle(page)
        assert "knee flexion\n" in page.inner_text("#curve-chart-label")
        assert page.inner_text("#curve-chart-label").split("\n")[1].split("°")[0] in {
            f"{values[frame]:.1f}"
            for values in (angles["left_knee_flexion"], angles["right_knee_flexion"])
            for frame in range(40, 60)
        }
        page.keyboard.press("c")
        settle(page)
        assert page.inner_text("#unit") == "m/s"
        row = page.locator("#curves tbody tr", has_text="pelvis")
        assert row.locator("td").all_text_contents() == ["pelvis", "1.20"]


def test_the_list_of_keys(page):
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    names = page.locator("#key-list td:first-child").all_text_contents()
    assert {"space", "j, shift + j", "g", "n", "?"} <= set(names)
    assert "v" not in names  # there is no video
    # Keys do nothing behind the list.
    page.keyboard.press("ArrowRight")
    assert frame(page) == 0
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()
    page.click("#help")
    page.click("#keys button")
    assert not page.locator("#keys").is_visible()
    page.keyboard.press("n")
    settle(page)
    assert page.evaluate("state.chosen") == 1


def test_a_picture_is_saved(browser, filmed, tmp_path):
    image_type = pytest.importorskip("PIL.Image")
    with opened_page(browser, filmed, color_scheme="light") as page:
        page.evaluate("seek(40)")
        assert level(page) > 0
        with page.expect_download() as download:
            page.keyboard.press("p")
        assert download.value.suggested_filename == "a_b_40.png"
        download.value.save_as(tmp_path / "p.png")
        saved = np.asarray(image_type.open(tmp_path / "p.png").convert("RGB")).astype(int)
        size = page.evaluate("[$('scene').width, $('scene').height]")
        assert saved.shape[0] == size[1] + 34
        assert saved.shape[1] == size[0] + min(size[0], round(size[1] * 16 / 9)) + 11
        blue = [int(LIGHT.left[i : i + 2], 16) for i in (1, 3, 5)]
        near = (np.abs(saved - blue) < 12).all(axis=-1)
        assert near[:, : -size[0]].sum() > 50
        assert near[:, -size[0] :].sum() > 500
        # The video behind the keypoints.
        assert saved[34 + size[1] // 2, 20].tolist() == pytest.approx([10 * GREY_STEP] * 3, abs=3)


def test_two_clips_side_by_side(browser, walk, tmp_path):
    other = dataclasses.replace(walk.poses, source="other.npz")
    path = write_viewer(
        [dataclasses.replace(walk.placed, source="one.npz")], tmp_path / "v.html", beside=[other]
    )
    with opened_page(browser, path) as page:
        assert page.locator("#people button").all_text_contents() == ["one.npz", "other.npz"]
        right = page.evaluate(
            "people.map((person) => sceneSpots(person).map(([, spot]) => spot[0]))"
        )
        assert max(right[0]) < min(right[1])
        page.click("text=other.npz")
        assert page.locator("#quantity option").all_text_contents()[2] == (
            "Joint speeds about the root"
        )


def test_a_narrow_window_has_no_sideways_scroll(page):
    page.set_viewport_size({"width": 360, "height": 740})
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = page.locator("#scene").bounding_box()
    assert box["width"] > 330
    assert box["height"] > 380
    play = page.locator("#play").bounding_box()
    assert play["y"] + play["height"] <= 740


def test_lengths_that_the_network_estimates_stand_beside_those_of_the_pose(browser, tmp_path):
    skeleton = get_skeleton("human36m_17")
    positions = np.random.default_rng(0).normal(size=(3, 17, 3)) * 0.4
    estimated = np.arange(16) / 100 + 0.2
    pose = PoseSequence(positions, skeleton, 30, bone_lengths=estimated)
    opened = browser.new_page()
    opened.goto(write_viewer([pose], tmp_path / "one.html").as_uri())
    cells = opened.locator("#curves td[data-series]")
    for i in range(cells.count()):
        bone = int(cells.nth(i).get_attribute("data-series"))
        in_pose = 100 * bone_lengths(positions[0], skeleton)[bone]
        shown, _, in_brackets = cells.nth(i).text_content().partition(" ")
        assert float(shown) == pytest.approx(in_pose, abs=0.08)
        assert in_brackets == f"({100 * estimated[bone]:.1f})"
    assert opened.locator("#curves tfoot").is_visible()
    opened.close()


@pytest.mark.parametrize("name", skeleton_names())
def test_any_skeleton_and_a_single_frame(browser, tmp_path, name):
    skeleton = get_skeleton(name)
    joints = skeleton.joint_count
    positions = np.random.default_rng(0).normal(size=(1, joints, 3)) * 0.4
    pixels = 500 + 300 * positions[..., :2]
    path = write_viewer(
        [PoseSequence(positions, skeleton, 30, root_relative=False)],
        tmp_path / "one.html",
        [KeypointSequence(pixels, np.ones((1, joints)), skeleton, 30, 1000, 1000)],
    )
    opened = browser.new_page()
    problems = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.goto(path.as_uri())
    opened.click("#play")
    opened.keyboard.press("ArrowRight")
    assert frame(opened) == 0
    assert not opened.locator("#curves tfoot").is_visible()
    cells = opened.locator("#curves td[data-series]").all_text_contents()
    expected = 100 * bone_lengths(positions[0], skeleton)
    assert sorted(map(float, cells)) == pytest.approx(sorted(expected), abs=0.08)
    assert problems == []
    opened.close()
