"""Bone-length augmentation against the reference implementation."""

from pathlib import Path

import numpy as np
import pytest

from anatomy_tf.anatomy import lengthen_bones, random_bone_changes
from anatomy_tf.skeletons import HUMAN36M_17

GOLDEN = Path(__file__).parents[1] / "golden/metrics_and_camera.npz"
# The archive holds every tenth frame of the results.
FRAMES = slice(0, 50, 10)


@pytest.mark.golden
def test_equals_the_reference():
    arrays = np.load(GOLDEN)
    theirs = [tuple(sorted(bone)) for bone in arrays["meta/boneindex"].tolist()]
    order = [theirs.index(tuple(sorted(bone))) for bone in HUMAN36M_17.bones]
    positions = arrays["aug/rand3d_in"]
    change, lengths = random_bone_changes(
        positions, arrays["aug/u"][:, order], HUMAN36M_17, float(arrays["aug/augdegree"])
    )
    np.testing.assert_allclose(lengths, arrays["aug/bonelen_out"][:, order], atol=1e-6)
    changed = lengthen_bones(positions[:, FRAMES], change[:, None], HUMAN36M_17)
    np.testing.assert_allclose(changed, arrays["aug/out3d"], atol=1e-6)
    assert np.abs(changed - positions[:, FRAMES]).max() > 0.01
