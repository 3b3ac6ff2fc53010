"""The viewer in a real browser: hands on it, and its numbers read back."""

import dataclasses

import numpy as np
import pytest

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import get_skeleton, skeleton_names
from anatomy_tf.visualization import write_viewer
from anatomy_tf.visualization.scene import upright

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


@pytest.fixture
def page(browser, shown):
    opened = browser.new_page(viewport={"width": 1200, "height": 800}, color_scheme="dark")
    problems, requests = [], []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda message: problems.append(message.text))
    opened.on("request", lambda request: requests.append(request.url))
    opened.goto(shown.as_uri())
    settle(opened)
    yield opened
    opened.close()
    assert problems == []
    assert requests == [shown.as_uri()]


def settle(page):
    """Waits until what was asked for has been drawn."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def frame(page):
    settle(page)
    return int(page.text_content("#frame").split("/")[0])


def picture(page, canvas="#scene"):
    settle(page)
    return page.evaluate(f"document.querySelector('{canvas}').toDataURL()")


def test_play_runs_at_true_speed_and_stops(page):
    page.click("#play")
    speed = page.evaluate(
        """async () => {
          const read = () => [state.frame, performance.now()];
          const wait = (time) => new Promise((done) => setTimeout(done, time));
          await wait(200);
          const [first, start] = read();
          await wait(800);
          const [last, end] = read();
          return ((last - first) / (end - start)) * 1000;
        }"""
    )
    assert speed == pytest.approx(50, rel=0.2)
    page.click("#play")
    stopped = frame(page)
    assert stopped > 0
    page.wait_for_timeout(100)
    assert frame(page) == stopped


def test_slow_motion(page):
    page.select_option("#speed", "0.1")
    page.click("#play")
    page.wait_for_timeout(600)
    assert 1 <= frame(page) <= 15


def test_scrubbing_moves_everything(page):
    before = [picture(page, canvas) for canvas in ("#scene", "#image", "#length-chart")]
    box = page.locator("#scrub").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert frame(page) == pytest.approx(50, abs=2)
    assert page.text_content("#time") == f"{frame(page) / 50:.2f} s"
    after = [picture(page, canvas) for canvas in ("#scene", "#image", "#length-chart")]
    assert all(old != new for old, new in zip(before, after, strict=True))


def test_a_chart_can_be_clicked(page):
    box = page.locator("#length-chart").bounding_box()
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
    assert page.text_content("#frame") is not None
    assert frame(page) == 99
    page.keyboard.press("Home")
    assert frame(page) == 0
    page.focus("#theme")
    page.keyboard.press(" ")
    page.wait_for_timeout(150)
    # Space plays, also where a button has the focus; it does not press that button.
    assert frame(page) > 0
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
    page.wait_for_function("state.zoom > 1.2")
    assert len({start, turned, picture(page)}) == 3
    page.click("text=Camera")
    assert picture(page) == start


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
    row = page.locator("#lengths tbody tr", has_text="hip to knee")
    assert row.locator("td").all_text_contents() == ["hip to knee", "44.0", "44.0"]
    truth = picture(page)
    page.click("#truth")
    assert picture(page) != truth


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
    cells = opened.locator("#lengths td[data-bone]")
    for i in range(cells.count()):
        bone = int(cells.nth(i).get_attribute("data-bone"))
        in_pose = 100 * bone_lengths(positions[0], skeleton)[bone]
        shown, _, in_brackets = cells.nth(i).text_content().partition(" ")
        assert float(shown) == pytest.approx(in_pose, abs=0.08)
        assert in_brackets == f"({100 * estimated[bone]:.1f})"
    assert opened.locator("#lengths tfoot").is_visible()
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
    assert not opened.locator("#lengths tfoot").is_visible()
    cells = opened.locator("#lengths td[data-bone]").all_text_contents()
    expected = 100 * bone_lengths(positions[0], skeleton)
    assert sorted(map(float, cells)) == pytest.approx(sorted(expected), abs=0.08)
    assert problems == []
    opened.close()
