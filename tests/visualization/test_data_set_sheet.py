"""The picture of a data set, by the people and bones that it shows."""

import numpy as np
import pytest
from plain_view import plain_view

from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.datasets.summary import summarize
from anatomy_tf.errors import AnatomyError
from anatomy_tf.visualization.data_set_sheet import data_set_sheet
from anatomy_tf.visualization.drawing.palette import LIGHT

# First and last line of keypoints, poses and bone lengths, at 120 dots an inch.
KEYPOINTS, POSES, BONES = (120, 372), (408, 660), (696, 984)


@pytest.fixture(scope="module")
def store():
    rng = np.random.default_rng(0)
    return SequenceStore.from_views(
        [
            plain_view(
                5,
                subject=f"S{number}",
                keypoints=rng.normal(0, 0.3, (5, 17, 2)),
                positions=rng.normal(0, 0.4, (5, 17, 3)),
            )
            for number in range(4)
        ]
    )


def coloured(path, colour):
    """Return which pixels of a picture have a colour."""
    image = pytest.importorskip("matplotlib.image")
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return (np.abs(image.imread(path)[..., :3] * 255 - wanted) < 12).all(axis=-1)


@pytest.mark.parametrize(("columns", "shown"), [(6, 4), (2, 2)])
def test_it_shows_people_and_everyone_s_bones(store, tmp_path, columns, shown):
    path = data_set_sheet(store, summarize(store), tmp_path / "set.png", "a set", columns)
    found = coloured(path, LIGHT.left)
    # Columns of 2.1 inches with gaps of 0.08 between margins of 0.25; bones need three of them.
    assert found.shape[1] == int(120 * (max(3, shown) * 2.18 - 0.08 + 0.5))
    for place in range(max(3, shown)):
        left = round(120 * (0.25 + place * 2.18))
        for top, bottom in (KEYPOINTS, POSES):
            assert found[top:bottom, left : left + 252].any() == (place < shown)
    assert found[slice(*BONES)].any()


def test_nobody_cannot_be_drawn(store, tmp_path):
    with pytest.raises(AnatomyError, match="at least one person to draw, got none"):
        data_set_sheet(store, [], tmp_path / "set.png", "a set")
