import numpy as np
import pytest
from trained_like import random_clip, with_random_weights

from anatomy_tf.errors import AnatomyError
from anatomy_tf.export.litert import export_litert
from anatomy_tf.inference import LiteRTLifter
from anatomy_tf.inference.clip_lifter import ClipInput
from anatomy_tf.models import AnatomyLifter

pytestmark = pytest.mark.slow

FRAMES = 25


def relative(estimate):
    return estimate.positions - estimate.positions[:, :1]


def test_a_file_knows_its_spread_unless_it_averages_by_itself(tmp_path):
    model = with_random_weights(AnatomyLifter(filter_widths=(3, 3), channels=32))
    path = tmp_path / "small.tflite"
    export_litert(model, path, frames=FRAMES, flip=False, licence="MIT")
    clip = random_clip(FRAMES)
    lifter = LiteRTLifter(path)
    assert lifter.receptive_field == 9
    plain, both = (lifter.estimate(*clip, flip=flip) for flip in (False, True))
    # Half the distance between the two is the distance of either to their mean.
    half = np.linalg.norm(relative(plain) - relative(both), axis=-1)
    np.testing.assert_allclose(lifter.spread(ClipInput(*clip)), half, atol=1e-5)
    lifter.description["flip_averaged"] = True
    with pytest.raises(AnatomyError, match=r"export one with flip=False"):
        lifter.spread(ClipInput(*clip))
