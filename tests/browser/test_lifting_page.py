"""The page that lifts in the browser: built, served, opened, and its numbers read back."""

import functools
import http.server
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from browser_page import wait_for
from trained_like import with_random_weights

import anatomy_tf
from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.formats import sample_keypoints
from anatomy_tf.models import AnatomyLifter

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Milliseconds for what the page does in one or two: other tests use the processors too.
PATIENCE = 60_000
# Where the processors are busy a frame is drawn late: its time is before the click that it follows.
LATE_FRAMES = """
const frames = window.requestAnimationFrame;
window.requestAnimationFrame = (draw) => frames((now) => draw(now - 100));
"""
BUILD = Path(__file__).resolve().parents[2] / "browser/build.py"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def canonical(tmp_path_factory):
    """A tiny model of the canonical view."""
    path = tmp_path_factory.mktemp("model") / "canonical.keras"
    model = AnatomyLifter(
        filter_widths=(3, 3), channels=8, recipe="canonical", length_augmentation=False
    )
    with_random_weights(model).save(path)
    return path


@pytest.fixture(scope="module", params=["compact", "canonical"])
def model(request):
    """A shipped model, or the path of one of the canonical view."""
    shipped = request.param == "compact"
    return request.param if shipped else request.getfixturevalue("canonical")


@pytest.fixture(scope="module")
def address(tmp_path_factory, model):
    if shutil.which("npm") is None:
        pytest.skip("needs npm")
    pytest.importorskip("tf2onnx", reason="needs the extra onnx")
    folder = tmp_path_factory.mktemp("page") / "dist"
    built = subprocess.run(
        [sys.executable, str(BUILD), "--output", str(folder), "--model", str(model)],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def test_it_lifts_the_sample_as_the_package_does(browser, address, model):
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    page.set_default_timeout(PATIENCE)
    page.add_init_script(LATE_FRAMES)
    problems, requests = [], []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(address)
    wait_for(page, "window.lifted !== undefined")
    found = page.evaluate("({positions: [...lifted.positions], lengths: [...lifted.boneLengths]})")

    clip = anatomy_tf.load_keypoints(sample_keypoints())[0]
    lifter = anatomy_tf.Lifter.load(model)
    ready = clip.mapped(lifter.skeleton).filled().resampled(lifter.fps)
    estimate = lifter.estimate(lifter.keypoints_of(ready), ready.visibility)
    positions = np.reshape(found["positions"], estimate.positions.shape)
    # The page's keypoints are rounded to a hundredth of a pixel.
    root = estimate.positions[:, :1]
    assert np.abs(positions - (estimate.positions - root)).max() < 1e-3
    np.testing.assert_allclose(found["lengths"], estimate.bone_lengths[0], atol=1e-3)
    assert bone_lengths(positions, lifter.skeleton).min() > 0.02

    before = page.locator("#solid").screenshot()
    page.click("#play")
    wait_for(page, "Number(document.getElementById('frame').value) > 5")
    page.click("#play")
    assert page.inner_text("#counter").endswith(" s")
    assert page.locator("#solid").screenshot() != before
    page.evaluate("document.getElementById('frame').value = 0")
    page.locator("#frame").dispatch_event("input")
    box = page.locator("#solid").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 250, box["y"] + 100, steps=5)
    page.mouse.up()
    assert page.locator("#solid").screenshot() != before
    assert problems == []
    assert all(url.startswith(address) for url in requests)


def test_it_says_what_is_missing(browser, address):
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.route("**/clip.json", lambda route: route.fulfill(status=404, body="none"))
    page.goto(address)
    wait_for(page, "document.getElementById('status').textContent.includes('not work')")
    assert "clip.json: 404" in page.inner_text("#status")


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    built = subprocess.run(
        [sys.executable, str(BUILD), "--output", str(tmp_path)], capture_output=True, text=True
    )
    assert built.returncode == 1
    assert "expected a folder that this program built" in built.stderr.splitlines()[-1]
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]
