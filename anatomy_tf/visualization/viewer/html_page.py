"""The viewer's page: HTML, style, scripts and data in one file."""

from __future__ import annotations

import dataclasses
import html
import importlib.resources
import json
import re
from collections.abc import Sequence
from typing import Any

from anatomy_tf.visualization.drawing.palette import DARK, LIGHT
from anatomy_tf.visualization.drawing.scene import FAINTEST, GRID_STEP, GUESS_OPACITY
from anatomy_tf.visualization.viewer.page_content import MISSING

SCRIPTS = (
    "people.js",
    "state.js",
    "scene.js",
    "image.js",
    "charts.js",
    "joint_values.js",
    "saved_picture.js",
    "controls.js",
)
"""Parts of the page's script, in the order in which they run."""

_DRAWING = {
    "missing": MISSING,
    "gridStep": GRID_STEP,
    "guessOpacity": GUESS_OPACITY,
    "faintest": FAINTEST,
}
"""What the page's script draws with, as the pictures do."""


def viewer_page(
    title: str, content: dict[str, Any], scripts: Sequence[str] = SCRIPTS, policy: str = ""
) -> str:
    """Return the page's HTML.

    Args:
        title: heading of the page.
        content: the data that its script reads.
        scripts: files of the folder ``page``, run one after the other.
        policy: what the page may do besides running its own script and style, as in a
            Content-Security-Policy.
    """
    folder = importlib.resources.files("anatomy_tf.visualization.viewer") / "page"
    content = {**content, "drawing": _DRAWING}
    # "<" never reaches the page's parser from inside the data.
    data = json.dumps(content, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    themes = "".join(
        f':root[data-theme="{name}"]{{color-scheme:{name};'
        + "".join(f"--{key}:{value};" for key, value in dataclasses.asdict(palette).items())
        + "}\n"
        for name, palette in (("light", LIGHT), ("dark", DARK))
    )
    parts = {
        # A file's name may hold bytes that are no text.
        "title": html.escape(title.encode(errors="replace").decode()),
        "style": themes + (folder / "viewer.css").read_text(encoding="utf-8"),
        "script": "\n".join((folder / name).read_text(encoding="utf-8") for name in scripts),
        "policy": html.escape(f"; {policy}" if policy else ""),
        "data": data,
    }
    template = (folder / "viewer.html").read_text(encoding="utf-8")
    # In one pass, so that nothing inside a part is taken for a placeholder.
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], template)
