"""Which loss trains which part: sections 3.2 to 3.4, and III.5 of the reference's description."""

import numpy as np
import pytest
from keras import ops
from model_batches import batch, compile_for_descent

from anatomy_tf.models import AnatomyLifter

pytestmark = pytest.mark.slow

TOWER = {"length_stem", "length_block_1", "frame_positions"}
ATTENTION = {"bone_length_attention"}
LOWER = {
    "sub_network_1_stem",
    "visibility_attention",
    "sub_network_1_block_1",
    "bone_directions_1",
}
UPPER = {"sub_network_2_block_1", "bone_directions_2"}
# The paper's upper sub-network takes the lower one's directions through a layer of its own.
PAPER_UPPER = UPPER | {"sub_network_2_stem"}
POSITIONS = {"joint_positions"}

LENGTHS = {
    "sampled_positions": TOWER,
    "bone_lengths": ATTENTION,
    "augmented_bone_lengths": ATTENTION,
}
LOWER_LOSSES = {"bone_directions_1": LOWER, "joint_shifts_1": LOWER | {"joint_shift_1"}}
RULES = {
    "official": {
        **LENGTHS,
        **LOWER_LOSSES,
        "augmented_positions": TOWER,
        "positions": POSITIONS,
        "bone_directions_2": UPPER,
        "joint_shifts_2": UPPER | {"joint_shift_2"},
    },
    "paper": {
        **LENGTHS,
        **LOWER_LOSSES,
        # "Trained together with the whole network": directions, but neither lengths nor the lower
        # sub-network, behind which back propagation is blocked.
        "positions": POSITIONS | PAPER_UPPER,
        "bone_directions_2": PAPER_UPPER,
        "joint_shifts_2": PAPER_UPPER | {"joint_shift_2"},
    },
    "official without long skips": {
        **LENGTHS,
        "augmented_positions": TOWER,
        "positions": POSITIONS,
        "bone_directions_2": (LOWER - {"bone_directions_1"}) | UPPER,
        "joint_shifts_2": (LOWER - {"bone_directions_1"}) | UPPER | {"joint_shift_2"},
    },
    "official, lengths predicted directly": {
        **LOWER_LOSSES,
        "positions": POSITIONS,
        "bone_lengths": {"length_stem", "length_block_1", "frame_lengths"},
        "augmented_bone_lengths": {"length_stem", "length_block_1", "frame_lengths"},
        "bone_directions_2": UPPER,
        "joint_shifts_2": UPPER | {"joint_shift_2"},
    },
}
VARIANTS = {
    "official": {},
    "paper": {"recipe": "paper"},
    "official without long skips": {"long_skips": False},
    "official, lengths predicted directly": {
        "length_output": "lengths",
        "length_pooling": "mean",
    },
}
# Biases that a normalisation or the softmax takes out again: their gradient is rounding noise.
NOISE = {
    "length_stem/bias",
    "length_block_1/temporal/bias",
    "length_block_1/pointwise/bias",
    "bone_length_attention/bias",
}


@pytest.fixture(scope="module", params=RULES)
def variant(request: pytest.FixtureRequest):
    model = AnatomyLifter(filter_widths=(3, 3), channels=12, dropout=0.0, **VARIANTS[request.param])
    return request.param, model, model.get_weights()


def test_each_loss_alone_trains_what_it_should_and_nothing_else(variant):
    name, model, start = variant
    assert set(RULES[name]) == set(model.output_names)
    inputs, targets = batch(model, examples=8)
    for term, expected in RULES[name].items():
        model.set_weights(start)
        before = {v.path: ops.convert_to_numpy(v).copy() for v in model.trainable_variables}
        compile_for_descent(model, {n: float(n == term) for n in model.output_names})
        model.train_on_batch(inputs, targets)
        moved = {
            v.path
            for v in model.trainable_variables
            if v.path not in NOISE and not np.array_equal(ops.convert_to_numpy(v), before[v.path])
        }
        assert moved == {
            path for path in before if path.partition("/")[0] in expected and path not in NOISE
        }, term
        assert {path.partition("/")[0] for path in moved} == expected, term
