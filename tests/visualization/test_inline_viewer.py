"""The viewer inside a notebook."""

import dataclasses
import html
import re

import numpy as np
import pytest

from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.visualization.viewer.inline_viewer import MOST_FRAMES, inline_viewer


def parts(text):
    """The line above the frame, and the page inside it."""
    line, page = re.fullmatch(
        r'<div>(.*?)</div><iframe srcdoc="([^"]*)" sandbox="allow-scripts allow-downloads" '
        r'title="person 0" style="[^"]*"></iframe>',
        text,
    ).groups()
    return html.unescape(line), html.unescape(page)


def repeated(sequence, times):
    if isinstance(sequence, PoseSequence):
        return dataclasses.replace(sequence, positions=np.tile(sequence.positions, (times, 1, 1)))
    return dataclasses.replace(
        sequence,
        keypoints=np.tile(sequence.keypoints, (times, 1, 1)),
        visibility=np.tile(sequence.visibility, (times, 1)),
    )


@pytest.mark.parametrize("kind", ["keypoints", "poses"])
def test_a_notebook_shows_a_sequence_in_a_frame_of_its_own(walk, kind):
    sequence = getattr(walk, kind)
    line, page = parts(sequence._repr_html_())
    assert line == repr(sequence)
    assert page.startswith("<!doctype html>") and page.rstrip().endswith("</html>")
    assert "http" not in re.sub(r"http://www.w3.org\S*", "", page).replace("http-equiv", "")


@pytest.mark.parametrize("kind", ["keypoints", "poses"])
def test_long_clips_are_thinned_then_cut_and_it_is_said(walk, kind):
    sequence = getattr(walk, kind)
    thinned, cut = repeated(sequence, 13), repeated(sequence, 100)
    assert parts(inline_viewer(thinned))[0] == f"{thinned!r}; shown: one of 4 frames"
    text = inline_viewer(cut)
    # 400 frames at 10 a second.
    assert parts(text)[0] == f"{cut!r}; shown: one of 5 frames, 0.0 to 40.0 s"
    assert len(text) < 200_000
    assert f'"frames":{MOST_FRAMES}' in parts(text)[1]
    assert '"fps":10.0' in parts(text)[1]


def test_who_comes_late_is_shown_from_there(walk):
    clip = repeated(walk.keypoints, 100)
    keypoints = clip.keypoints.copy()
    keypoints[:7000] = np.nan
    late = dataclasses.replace(clip, keypoints=keypoints)
    line, page = parts(inline_viewer(late))
    assert line.endswith("shown: one of 5 frames, 140.0 to 180.0 s")
    assert '"firstFrame":1400' in page


def test_names_cannot_leave_the_frame(walk):
    for sequence in (walk.keypoints, walk.poses):
        person = '"></iframe><script>alert(1)</script>'
        text = inline_viewer(dataclasses.replace(sequence, person=person))
        assert text.count("<iframe") == text.count("</iframe>") == 1
        assert "<script" not in text


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["keypoints", "poses"])
def test_it_plays_in_a_browser(browser, walk, tmp_path, kind):
    sequence: KeypointSequence | PoseSequence = getattr(walk, kind)
    path = tmp_path / "notebook.html"
    path.write_text(f"<!doctype html><meta charset=utf-8>{sequence._repr_html_()}", "utf-8")
    page = browser.new_page(viewport={"width": 900, "height": 600})
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text))
    page.goto(path.as_uri())
    inner = page.frame_locator("iframe")
    inner.locator("#play").click()
    page.wait_for_timeout(400)
    inner.locator("#play").click()
    assert int(inner.locator("#frame").text_content().split("/")[0]) > 0
    assert inner.locator("#scene").is_visible() == (kind == "poses")
    assert inner.locator("#image").is_visible() == (kind == "keypoints")
    for key in ("j", "c", "n", "p", "2", "?"):
        page.keyboard.press(key)
    page.wait_for_timeout(100)
    page.close()
    assert problems == []
