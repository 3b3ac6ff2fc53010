"""Chunks of neighbouring frames give what each frame's window gives."""

import numpy as np
import pytest
from keras import ops
from trained_like import with_random_weights

from anatomy_tf.errors import AnatomyError
from anatomy_tf.models import AnatomyLifter

pytestmark = pytest.mark.slow

FRAMES = 5
OF_FRAMES = ("bone_directions", "joint_shifts", "positions")
VARIANTS = [
    {},
    {"causal": True},
    {"recipe": "paper"},
    {"filter_widths": (3, 5, 3)},
    {"filter_widths": (3,)},
    {"visibility": "concatenation"},
    {"visibility": "none"},
    {"sub_networks": 1},
    {"length_pooling": "mean", "length_output": "lengths"},
    {"recipe": "canonical", "length_augmentation": False},
]


def lifter(**variant):
    arguments = {"filter_widths": (3, 3), "channels": 6, "sampled_frames": 4, "dropout": 0.0}
    return with_random_weights(AnatomyLifter(**{**arguments, **variant}))


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_a_chunk_gives_what_its_windows_give(variant):
    model = lifter(**variant)
    chunked, rng = model.over_chunks(FRAMES), np.random.default_rng(0)
    inputs = {
        given.name: rng.normal(0, 0.5, (2, *[size or 4 for size in given.shape[1:]])).astype("f4")
        for given in chunked.inputs
    }
    found = chunked(inputs, training=False)
    assert set(found) == set(model.output_names)
    for t in range(FRAMES):
        field = slice(t, t + model.receptive_field)
        window = {
            name: values[:, field] if name in ("keypoints", "visibility", "view") else values
            for name, values in inputs.items()
        }
        for name, expected in model(window, training=False).items():
            values = found[name][:, t] if name.startswith(OF_FRAMES) else found[name]
            np.testing.assert_allclose(
                ops.convert_to_numpy(values), ops.convert_to_numpy(expected), atol=1e-5
            )


def test_a_chunked_model_trains_the_lifters_weights():
    model = lifter()
    chunked = model.over_chunks(FRAMES)
    assert [w.path for w in chunked.weights] == [w.path for w in model.weights]
    assert len(chunked.trainable_variables) == len(model.trainable_variables)
    assert (chunked.receptive_field, chunked.causal, chunked.fps) == (9, False, 50)


@pytest.mark.parametrize("variant", [{"sub_networks": 3}, {"long_skips": False}], ids=str)
def test_what_has_no_chunks_is_refused(variant):
    with pytest.raises(AnatomyError, match="at most two sub-networks with long skips"):
        lifter(**variant).over_chunks(FRAMES)


@pytest.mark.parametrize("frames", [0, 2.5])
def test_a_chunk_needs_a_frame(frames):
    with pytest.raises(AnatomyError, match=f"chunks: expected at least one frame, got {frames}"):
        lifter().over_chunks(frames)
