"""VideoPose3D's archives of keypoints, beyond what all readers are tested on."""

from pathlib import Path

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints


@pytest.mark.parametrize(
    ("frames", "times", "message"),
    [
        (1, 20_000, "expected a clip of 1 to 10,000 people, got 10,001"),
        (1_000_000, 100, "a clip of 1 to 250,000,000 points .* got 1,700,000,000"),
    ],
)
def test_one_array_that_stands_in_many_places_is_refused_before_it_fills_the_memory(
    tmp_path: Path, frames: int, times: int, message: str
) -> None:
    path = tmp_path / "data_2d_x.npz"
    array = np.full((frames, 17, 2), 9, np.uint8)
    metadata = {"layout_name": "coco", "num_joints": 17}
    np.savez_compressed(path, positions_2d={"S1": {"Walk": [array] * times}}, metadata=metadata)
    with pytest.raises(AnatomyError, match=message):
        load_keypoints(path, fps=50, image_size=(1000, 1000))
