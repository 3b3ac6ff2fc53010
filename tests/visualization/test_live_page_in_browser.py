"""The live page in a real browser: people are drawn while they come, and leave."""

import time

import numpy as np
import pytest
from browser_page import settle, wait_for

from anatomy_tf.inference import LivePerson
from anatomy_tf.skeletons import HUMAN36M_17
from anatomy_tf.visualization.viewer.live_page import LivePage

pytest.importorskip("websockets", reason="needs the extra live")
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def live():
    with LivePage((HUMAN36M_17,) * 2, (1280, 720), 50.0, title="Walkers") as page:
        yield page


@pytest.fixture
def page(browser, live):
    opened = browser.new_page(viewport={"width": 1200, "height": 800}, color_scheme="dark")
    problems, requests = [], []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda message: problems.append(message.text))
    opened.on("request", lambda request: requests.append(request.url))
    opened.goto(live.address)
    assert live.wait(10)
    yield opened
    opened.close()
    assert problems == []
    assert requests == [live.address]


@pytest.fixture
def send(live, walk, page):
    def sent(frame, *names):
        keypoints, poses = walk.keypoints, walk.poses
        points = np.concatenate(
            [keypoints.keypoints[frame], keypoints.visibility[frame, :, None]], axis=-1
        )
        people = [
            LivePerson(name, points, poses.positions[frame], np.full(16, 0.25, np.float32))
            for name in names
        ]
        live.show(people, frame=frame, captured=time.time(), came=frame + 1, dropped=frame // 2)
        text = f"{frame // 2} of {frame + 1} frames dropped"
        for _ in range(100):
            if text in page.text_content("#live"):
                break
            page.wait_for_timeout(20)
        settle(page)
        return page.text_content("#live")

    return sent


def drawn(page, canvas="#scene", colour="left"):
    """How many pixels of a canvas have the colour of a side."""
    return page.evaluate(
        """([canvas, colour]) => {
          const found = document.querySelector(canvas);
          // A copy: Chromium warns of reading the same canvas more than once.
          const copy = new OffscreenCanvas(found.width, found.height).getContext("2d");
          copy.drawImage(found, 0, 0);
          const { data } = copy.getImageData(0, 0, found.width, found.height);
          const wanted = colours[colour].match(/[0-9a-f]{2}/gi).map((hex) => parseInt(hex, 16));
          let count = 0;
          for (let at = 0; at < data.length; at += 4) {
            if (wanted.every((value, i) => Math.abs(data[at + i] - value) < 12)) count += 1;
          }
          return count;
        }""",
        [canvas, colour],
    )


def test_a_person_is_drawn_and_leaves(page, send):
    send(0)
    assert drawn(page) == 0
    said = send(10, "0")
    assert drawn(page, colour="left") > 300 and drawn(page, colour="right") > 300
    assert drawn(page, "#image") > 50
    assert "0.20 s" in said and "ms late" in said and "nobody" not in said
    before = page.evaluate("document.querySelector('#scene').toDataURL()")
    send(30, "0")
    assert page.evaluate("document.querySelector('#scene').toDataURL()") != before
    assert "nobody in sight" in send(31)
    assert drawn(page) == 0


def test_lengths_of_the_pose_and_of_the_person_are_in_the_table(page, send, walk):
    send(10, "0")
    row = page.locator("#curves tbody tr").filter(has_text="hip to knee")
    assert row.locator("td[data-series]").all_text_contents() == ["44.0 (25.0)"] * 2


def test_other_curves_and_a_joints_values_are_of_now(page, send, walk):
    send(10, "0")
    page.select_option("#quantity", "Joint speeds about the root")
    send(15, "0")
    wrist = HUMAN36M_17.index("left_wrist")
    before, now = walk.poses.positions[[10, 15], wrist]
    row = page.locator("#curves tbody tr").filter(has_text="wrist")
    speed = np.linalg.norm(now - before) * 50 / 5
    assert float(row.locator("td[data-series]").first.text_content()) == pytest.approx(
        speed, abs=0.006
    )
    page.keyboard.press("j")
    settle(page)
    assert "pelvis\nx 0.000" in page.text_content("#scene-label")
    send(20, "0")
    assert "at 0.40 s" in page.text_content("#scene-label")
    send(25)
    assert not page.is_visible("#scene-label")
    for key in "jcn123":
        page.keyboard.press(key)


def test_a_chosen_person_stays_chosen(page, send):
    send(10, "0", "1")
    page.click("#people button >> nth=1")
    send(12, "0", "1", "2")
    assert page.evaluate("people[state.chosen].name") == "person 1"
    assert page.locator("#people button[aria-pressed=true]").all_text_contents() == ["person 1"]
    send(14, "1", "2")
    assert page.evaluate("people[state.chosen].name") == "person 1"
    assert page.locator("#people button").all_text_contents() == ["person 1", "person 2"]


def test_what_only_a_clip_has_is_hidden(page, send):
    send(10, "0")
    for part in ("#play", "#scrub", "#speed", "#curve-chart", "#error-figure"):
        assert not page.is_visible(part)
    assert page.is_visible("#scene") and page.is_visible("#image") and page.is_visible("#live")


def test_the_view_turns_by_hand(page, send):
    send(10, "0")
    before = page.evaluate("document.querySelector('#scene').toDataURL()")
    page.keyboard.press("2")
    send(12, "0")
    assert page.evaluate("state.yaw") == 90
    assert page.evaluate("document.querySelector('#scene').toDataURL()") != before


def test_the_end_is_said(page, send, live):
    send(10, "0")
    live.close()
    wait_for(page, "document.querySelector('#live').textContent.endsWith('ended')")
    assert page.text_content("#live").endswith("ended")


def test_it_fits_a_telephone(page, send):
    page.set_viewport_size({"width": 390, "height": 844})
    send(10, "0", "1")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert drawn(page) > 100
