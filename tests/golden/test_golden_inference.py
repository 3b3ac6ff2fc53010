"""Whole clips as the reference implementation lifts them."""

from pathlib import Path

import numpy as np
import pytest
from reference_set import ReferenceSet

from anatomy_tf.inference import Lifter
from anatomy_tf.weights.anatomy3d import bones_to_ours, directions_to_ours

pytestmark = [pytest.mark.slow, pytest.mark.golden]


@pytest.fixture(scope="module", params=["G1", "G2", "G3", "G4"])
def lifted(request):
    """A lifter with the set's weights, and the set's clip and answers."""
    with np.load(Path(__file__).with_name("inference.npz")) as archive:
        arrays = {
            key.partition("/")[2]: archive[key]
            for key in archive.files
            if key.startswith(request.param)
        }
    return Lifter(ReferenceSet(request.param).model()), arrays


def test_a_clip_gives_the_reference_implementations_numbers(lifted):
    lifter, arrays = lifted
    estimate = lifter.estimate(arrays["x"][..., :2], arrays["x"][..., 2], flip=False)
    np.testing.assert_allclose(estimate.positions, arrays["positions"], atol=1e-5, rtol=0)
    np.testing.assert_allclose(
        estimate.bone_lengths, bones_to_ours(arrays["bone_lengths"]), atol=1e-5, rtol=0
    )
    np.testing.assert_allclose(
        estimate.bone_directions, directions_to_ours(arrays["bone_directions"]), atol=1e-5, rtol=0
    )


def test_flip_averaging_gives_the_reference_implementations_numbers(lifted):
    lifter, arrays = lifted
    estimate = lifter.estimate(arrays["x"][..., :2], arrays["x"][..., 2], flip=True)
    np.testing.assert_allclose(estimate.positions, arrays["averaged"], atol=1e-5, rtol=0)
    assert np.abs(arrays["averaged"] - arrays["positions"]).max() > 1e-3
