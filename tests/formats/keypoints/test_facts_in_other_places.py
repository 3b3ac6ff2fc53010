"""Rate and size by other words, in frames and in a header's entry."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reader_samples import HEIGHT, WIDTH, scene

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints
from anatomy_tf.skeletons import COCO_17

KEPT = [t for t in range(12) if t != 6]
ROWS = scene(COCO_17, 1)[0] + np.arange(12)[:, None, None] * np.array((2, 1, 0))
FRAMES = [{"frame": t, "people": [{"id": 1, "keypoints": ROWS[t].tolist()}]} for t in KEPT]
SIZE = {"width": WIDTH, "height": HEIGHT}


def check(path: Path, content: Any) -> None:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    (found,) = load_keypoints(path, skeleton=COCO_17)
    assert (found.fps, found.width, found.height) == (25, WIDTH, HEIGHT)
    assert np.flatnonzero(~found.seen).tolist() == [6]
    np.testing.assert_allclose(found.keypoints[found.seen], ROWS[KEPT][..., :2], atol=1e-3)


@pytest.mark.parametrize(
    "facts",
    [
        {"fps": 25, "resolution": f"{WIDTH}x{HEIGHT}"},
        {"fps": 25, "size": f"{WIDTH} x {HEIGHT}"},
        {"fps": 25, "frame_shape": [HEIGHT, WIDTH, 3]},
        {"r_frame_rate": "25/1", **SIZE},
        {"framesPerSecond": 25, **SIZE},
        {"header": {"fps": 25, **SIZE}},
        {"camera": {"fps": 25, **SIZE}},
    ],
)
def test_other_words(tmp_path, facts):
    check(tmp_path / "k.json", {**facts, "frames": FRAMES})


def test_flat_rows_that_begin_with_the_frame(tmp_path):
    rows = [[t, *ROWS[t].ravel().tolist()] for t in KEPT]
    check(tmp_path / "k.json", {"fps": 25, **SIZE, "frames": rows})


def test_a_header_before_the_frames(tmp_path):
    header = {"type": "header", "fps": 25, "frame_count": 12, **SIZE}
    check(tmp_path / "k.json", [header, *FRAMES])
    check(tmp_path / "k.jsonl", "\n".join(map(json.dumps, [header, *FRAMES])))


def test_a_rate_in_every_frame(tmp_path):
    check(tmp_path / "k.json", [{**frame, "fps": 25, **SIZE} for frame in FRAMES])
    working = [{**frame, "fps": 24 + t % 3, **SIZE} for t, frame in enumerate(FRAMES)]
    with pytest.raises(AnatomyError, match="does not say its frame rate"):
        check(tmp_path / "k.json", working)


def test_a_first_frame_of_nobody_is_no_header(tmp_path):
    frames = [{"frame": t, "people": []} for t in range(2)]
    later = [{**frame, "frame": int(frame["frame"]) + 2} for frame in FRAMES]
    path = tmp_path / "k.json"
    path.write_text(json.dumps([{"frame": 0, **SIZE}, frames[1], *later]))
    (found,) = load_keypoints(path, skeleton=COCO_17, fps=25, image_size=(WIDTH, HEIGHT))
    assert (found.first_frame, len(found.keypoints)) == (0, 14)
    assert np.flatnonzero(~found.seen).tolist() == [0, 1, 8]
