"""The numbers of the batches stay what they were, so that runs and experiments can be repeated.

The expected ones were written down before ``Batches`` was parted into options and an index. Arrays
that are gathered are compared bit by bit; those that are computed up to rounding, which differs
between processors.
"""

import hashlib

import numpy as np
import pytest

from anatomy_tf.data import Batches, SequenceStore
from anatomy_tf.skeletons import HUMAN36M_17

pytestmark = pytest.mark.slow

GATHERED = ("keypoints", "visibility", "sampled_keypoints", "positions", "sampled_positions")
COMPUTED = (
    "augmented_keypoints",
    "augmented_positions",
    "bone_lengths",
    "augmented_bone_lengths",
)
LENGTHS = (7, 1, 20, 150)


def store(partly_valid: bool) -> SequenceStore:
    rng = np.random.default_rng(0)
    frames = sum(LENGTHS)
    positions = rng.random((frames, 17, 3), np.float32)
    positions[:, HUMAN36M_17.root] = 0
    valid = rng.random(frames) < 0.5
    valid[np.cumsum(LENGTHS) - 1] = True
    return SequenceStore(
        skeleton=HUMAN36M_17,
        fps=50.0,
        keypoints=rng.random((frames, 17, 2), np.float32),
        visibility=rng.random((frames, 17), np.float32),
        positions=positions,
        root=np.zeros((frames, 3), np.float32),
        offsets=np.concatenate([[0], np.cumsum(LENGTHS)]),
        intrinsics=rng.random((4, 9), np.float32),
        **dict.fromkeys(("subjects", "actions", "clips", "cameras"), ("",) * 4),
        valid=valid if partly_valid else None,
    )


@pytest.mark.parametrize(
    ("partly_valid", "options", "gathered", "computed"),
    [
        (
            False,
            {},
            "bff825758b21934c7ef36a9b4b0c9a54f4113b2c02d1b550f3de94bf1114116c",
            (6355.09718, 1175.55029, 555.624182, 556.795585),
        ),
        (
            False,
            {"causal": True, "target": "delayed", "sampling": "consecutive"},
            "851a00939cc1a4493b94fd3cee57cb0a0182f7e175b8bb7edcdc1a6fda76c016",
            (6343.37241, 1159.48683, 562.419489, 561.706232),
        ),
        (
            False,
            {"sampling": "past", "length_target": "window", "frame_step": 3},
            "ceced1ad0abaf07996789181fadf6b8415396415c3bd348420329ad975910951",
            (6450.02006, 1184.96596, 555.113787, 570.185684),
        ),
        (
            True,
            {"flip": False, "sampling": "past", "length_target": "window"},
            "b2364da9ecb1a666d89171afc025b651d3008ca7a963ce33e8a49244d1bbfb24",
            (6387.27956, 1182.74191, 561.073069, 573.550335),
        ),
        (
            True,
            {"causal": True, "target": "delayed", "shuffle": False},
            "f0bf7f85c67439c00987d2a4af074db059dbdc95cc62bbce5029f8e6b9d36c68",
            (6424.11545, 1184.87947, 570.109241, 560.375146),
        ),
    ],
)
def test_batches_are_what_they_were(partly_valid, options, gathered, computed):
    batches = Batches(
        store(partly_valid),
        receptive_field=9,
        sampled_frames=6,
        batch_size=16,
        seed=3,
        outputs=("positions", "sampled_positions", *COMPUTED[1:]),
        **options,
    )
    digest, sums = hashlib.sha256(), np.zeros(len(COMPUTED))
    for epoch, index in ((0, 0), (0, 2), (5, 1)):
        inputs, targets = batches.batch(epoch, index)
        arrays = inputs | targets
        for name in GATHERED:
            digest.update(arrays[name].tobytes())
        sums += [np.abs(arrays[name], dtype=np.float64).sum() for name in COMPUTED]
    assert digest.hexdigest() == gathered
    np.testing.assert_allclose(sums, computed, rtol=1e-6)
