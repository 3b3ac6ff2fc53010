import dataclasses

import numpy as np
import pytest

from anatomy_tf.cameras import project
from anatomy_tf.data.batches.batch_options import BatchOptions
from anatomy_tf.data.batches.canonical_frames import CanonicalTrainingFrames
from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.views.view import View
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HUMAN36M_17

LENS = np.array([2.3, 2.2, 0.1, -0.05, -0.2, 0.1, 0.02, 0.003, -0.002], np.float32)


@pytest.mark.parametrize("unknown", ["up", "aspect_ratios"])
def test_a_store_that_does_not_state_up_or_aspect_ratios_is_refused(unknown: str) -> None:
    positions = np.random.default_rng(0).normal([0, 0, 5], 0.4, (3, 17, 3)).astype(np.float32)
    view = View(
        keypoints=project(positions, LENS),
        visibility=np.ones((3, 17)),
        positions=positions,
        intrinsics=LENS,
        skeleton=HUMAN36M_17,
        fps=50.0,
        subject="S1",
        action="walk",
        clip="walk",
        camera="front",
        up=np.tile(np.float32([0, -1, 0]), (3, 1)),
        aspect_ratio=1.5,
    )
    whole = SequenceStore.from_views([view, view])
    options = BatchOptions(receptive_field=3, inputs=("keypoints", "view"), outputs=("positions",))
    CanonicalTrainingFrames(whole, options)
    values = getattr(whole, unknown).copy()
    values[-1] = np.nan
    lacking = dataclasses.replace(whole, **{unknown: values})
    with pytest.raises(AnatomyError, match=r"those of .*/.*/.* are not known"):
        CanonicalTrainingFrames(lacking, options)
