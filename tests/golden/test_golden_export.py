"""Exported graphs give the reference implementation's numbers too."""

from pathlib import Path

import numpy as np
import pytest
from reference_set import ReferenceSet

from anatomy_tf.export import LiftingGraph
from anatomy_tf.weights.anatomy3d import bones_to_ours, directions_to_ours

pytestmark = [pytest.mark.golden, pytest.mark.slow]


@pytest.mark.parametrize("name", ["G1", "G2", "G3", "G4"])
def test_a_clip(name):
    with np.load(Path(__file__).with_name("inference.npz")) as archive:
        arrays = {k.partition("/")[2]: archive[k] for k in archive.files if k.startswith(name)}
    model = ReferenceSet(name).model()
    clip = arrays["x"][None, ..., :2], arrays["x"][None, ..., 2]
    close = {"atol": 1e-5, "rtol": 0}
    for flip, answer in ((False, "positions"), (True, "averaged")):
        found = LiftingGraph(model, flip=flip).estimate(*clip)
        expected = arrays[answer] - arrays[answer][:, :1]
        np.testing.assert_allclose(found["positions"][0], expected, **close)
        if not flip:
            lengths = bones_to_ours(arrays["bone_lengths"])
            every = np.broadcast_to(found["bone_lengths"][0], lengths.shape)
            np.testing.assert_allclose(every, lengths, **close)
            directions = directions_to_ours(arrays["bone_directions"])
            np.testing.assert_allclose(found["bone_directions"][0], directions, **close)
