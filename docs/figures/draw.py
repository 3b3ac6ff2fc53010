"""Draw the figures of the documentation: python docs/figures/draw.py.

Needs matplotlib and imageio-ffmpeg; the viewer's picture needs Playwright, Chromium and Pillow.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import matplotlib

matplotlib.use("agg")

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from anatomy_tf.cameras import Camera, default_focal_length, focal_of_view
from anatomy_tf.cameras.canonical_view import level_view, ray_directions, seen, turned_back
from anatomy_tf.formats import load_keypoints, sample_keypoints
from anatomy_tf.inference import Lifter
from anatomy_tf.poses import level, place_in_camera, stand_on_floor
from anatomy_tf.sequences.apparent_person import centre_and_size, frame_sums
from anatomy_tf.skeletons import Skeleton
from anatomy_tf.visualization import animate, write_viewer

FOLDER = Path(__file__).parent
INK, GREY, BLUE, RED, GREEN, PALE = "#222222", "#b8bec4", "#2b6cb0", "#c2412d", "#2f855a", "#eef2f6"
ACROSS = {"left": RED, "right": BLUE}


def draw_window() -> None:
    """Draw which frames a pose comes from: centred, causal, and of the whole clip."""
    frames, target, reach = 60, 34, 13
    random = np.random.default_rng(3)
    rows = (
        (0.0, "centred: bone directions", range(target - reach, target + reach + 1), BLUE),
        (1.0, "bone lengths", random.choice(frames, 16, replace=False), GREEN),
        (2.6, "causal: bone directions", range(target - 2 * reach, target + 1), BLUE),
        (3.6, "bone lengths", random.choice(target + 1, 16, replace=False), GREEN),
    )
    figure, axes = plt.subplots(figsize=(8, 2.7))
    for down, title, used, color in rows:
        for frame in range(frames):
            fill = color if frame in used else PALE
            axes.add_patch(Rectangle((frame, -down), 0.8, 0.8, facecolor=fill, edgecolor="none"))
        axes.text(-1, 0.4 - down, title, ha="right", va="center", color=INK)
    for down in (1.0, 3.6):
        axes.add_patch(
            Rectangle((target - 0.1, -0.1 - down), 1, 2, fill=False, edgecolor=RED, linewidth=2)
        )
    axes.text(target + 0.4, 1.2, "the frame whose pose is estimated", ha="center", color=RED)
    axes.annotate("", (frames, -4.1), (0, -4.1), arrowprops={"arrowstyle": "->", "color": GREY})
    axes.text(frames / 2, -4.9, "time: one square is one frame of the clip", ha="center", color=INK)
    axes.set(xlim=(-18, frames + 1), ylim=(-5.2, 2))
    axes.axis("off")
    save(figure, "window")


def draw_canonical_view() -> None:
    """Draw a person in a picture, and as the virtual camera sees them."""
    person = load_keypoints(sample_keypoints())[0]
    pixels = person.keypoints[0].astype(float)
    found = person.visibility[0] > 0
    width, height = 1920, 1080
    # The recorded person, smaller, in the corner of a picture of a camera that rolls by 25 degrees.
    angle = np.deg2rad(25)
    roll = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = pixels[found].mean(axis=0)
    tilted = (pixels - centre) @ roll.T * (height / person.height) * 1.3 + (1350, 480)
    focal = focal_of_view(60, width)
    rays = (tilted - (width / 2, height / 2)) / focal
    directions = ray_directions(rays)
    forward, size = centre_and_size(frame_sums(directions[found], np.ones(found.sum())))
    up = np.array([np.sin(angle), -np.cos(angle), 0.0])
    view_axes, _ = level_view(forward, up, np.ones(1))
    canonical = seen(directions, view_axes, size)

    figure, (left, right) = plt.subplots(
        1, 2, figsize=(8, 3.4), gridspec_kw={"width_ratios": [16, 9]}
    )
    draw_person(left, tilted, found, person.skeleton)
    left.add_patch(Rectangle((0, 0), width, height, fill=False, edgecolor=INK))
    arrow(left, (260, 800), (260 + 300 * up[0], 800 + 300 * up[1]), GREEN)
    left.text(200, 860, "up", color=GREEN, ha="center", va="top")
    left.set(xlim=(-20, width + 20), ylim=(height + 20, -20), title="the picture: a rolling camera")
    draw_person(right, canonical, found, person.skeleton)
    right.add_patch(Rectangle((-2.6, -2.6), 5.2, 5.2, fill=False, edgecolor=INK))
    level = turned_back(np.array([[0.0, -1.0, 0.0]]), view_axes)[0]
    assert level @ up > 0.9  # both arrows show the same direction
    arrow(right, (-1.9, 1.9), (-1.9, 0.6), GREEN)
    right.text(-1.9, 2.0, "up", color=GREEN, ha="center", va="top")
    right.set(xlim=(-2.7, 2.7), ylim=(2.7, -2.7), title="the canonical view")
    for axes in (left, right):
        axes.set_aspect("equal")
        axes.axis("off")
    figure.tight_layout()
    save(figure, "canonical_view")


def draw_person(axes: Axes, points: np.ndarray, found: np.ndarray, skeleton: Skeleton) -> None:
    """Draw the bones between joints that were found."""
    for joint, parent in enumerate(skeleton.parents):
        if parent >= 0 and found[joint] and found[parent]:
            side = skeleton.joint_names[joint].partition("_")[0]
            axes.plot(*points[[joint, parent]].T, color=ACROSS.get(side, INK), linewidth=2)
    axes.scatter(*points[found].T, s=8, color=INK, zorder=3)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], color: str) -> None:
    """Draw an arrow between two points."""
    axes.add_patch(
        FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=14, color=color, linewidth=2)
    )


BOXES = {
    # name: (x, y, width, text, color)
    "window": (0.0, 4.8, 2.7, "keypoints and scores\nof the window", PALE),
    "clip": (0.0, 0.8, 2.7, "keypoints of frames\nof the whole clip", PALE),
    "attention": (3.7, 6.5, 2.8, "visibility attention", "#dbe8f6"),
    "sub1": (3.7, 4.8, 2.8, "sub-network 1", "#dbe8f6"),
    "sub2": (3.7, 3.1, 2.8, "sub-network 2", "#dbe8f6"),
    "length": (3.7, 0.8, 2.8, "bone length network,\neach frame alone", "#dcefe3"),
    "directions": (7.5, 3.1, 2.4, "bone directions", PALE),
    "pooling": (7.5, 0.8, 2.4, "bone length\nattention", "#dcefe3"),
    "shifts": (11.2, 3.1, 2.4, "joint shifts\n(training)", "#f7e3de"),
    "positions": (11.2, 0.8, 2.4, "joint positions", "#f7e3de"),
}
ARROWS = (
    ("window", "attention"),
    ("window", "sub1"),
    ("attention", "sub1"),
    ("sub1", "sub2"),
    ("sub2", "directions"),
    ("clip", "length"),
    ("length", "pooling"),
    ("directions", "positions"),
    ("pooling", "positions"),
    ("directions", "shifts"),
    ("pooling", "shifts"),
)
TALL = 0.85


def draw_network() -> None:
    """Draw the parts of the network and what flows between them."""
    figure, axes = plt.subplots(figsize=(9.5, 4.9))
    for x, y, width, text, color in BOXES.values():
        axes.add_patch(
            FancyBboxPatch(
                (x, y), width, TALL, boxstyle="round,pad=0.05", facecolor=color, edgecolor=INK
            )
        )
        axes.text(x + width / 2, y + TALL / 2, text, ha="center", va="center", fontsize=9.5)
    for source, target in ARROWS:
        (x0, y0, w0, *_), (x1, y1, w1, *_) = BOXES[source], BOXES[target]
        if x0 == x1:
            start, end = (x0 + w0 / 2, y0 - 0.05), (x1 + w1 / 2, y1 + TALL + 0.05)
        else:
            start, end = (x0 + w0 + 0.05, y0 + TALL / 2), (x1 - 0.05, y1 + TALL / 2)
        arrow(axes, start, end, GREY)
    x, y, width, *_ = BOXES["sub2"]
    axes.text(x + width / 2 + 0.2, y + 1.28, "long skips", fontsize=8.5, color=INK, va="center")
    axes.set(xlim=(-0.2, 13.8), ylim=(0.6, 7.5))
    axes.set_aspect("equal")
    axes.axis("off")
    save(figure, "network")


def draw_demo() -> None:
    """Film the sample's keypoints beside its pose, which turns: README's moving picture."""
    keypoints = load_keypoints(sample_keypoints())[0]
    poses = Lifter.load("compact").lift(keypoints)
    animate(keypoints, poses, FOLDER.parent / "demo.gif", fps=20, size=(880, 496))


def draw_viewer() -> None:
    """Take a picture of the viewer with the sample, on the floor."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    keypoints = load_keypoints(sample_keypoints())[0]
    poses = Lifter.load("compact").lift(keypoints)
    camera = Camera.pinhole(
        default_focal_length(keypoints.width, keypoints.height), keypoints.width, keypoints.height
    )
    poses = stand_on_floor(level(place_in_camera(poses, keypoints, camera)))
    picture = FOLDER / "viewer.png"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        path = write_viewer([poses], Path(folder) / "v.html", [keypoints], title="balancing")
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport={"width": 1100, "height": 680})
        page.goto(path.as_uri())
        page.evaluate("seek(46); look(-32, 10)")
        for key in ("c", *"jjj"):
            page.keyboard.press(key)
        page.locator("#curves tbody tr", has_text="knee flexion").evaluate(
            "row => row.focus({ preventScroll: true })"
        )
        box = page.locator("#curve-chart").bounding_box()
        page.mouse.move(box["x"] + 150, box["y"] + 40)
        page.wait_for_timeout(300)
        page.screenshot(path=picture)
        browser.close()
    Image.open(picture).convert("RGB").quantize(96).save(picture, optimize=True)


def save(figure: plt.Figure, name: str) -> None:
    """Write a PNG without the date, so that the same figure is the same file."""
    figure.savefig(FOLDER / f"{name}.png", dpi=160, bbox_inches="tight", metadata={"Software": ""})
    plt.close(figure)


if __name__ == "__main__":
    draw_window()
    draw_canonical_view()
    draw_network()
    draw_demo()
    draw_viewer()
