"""The numbers of the reference implementation."""

from pathlib import Path

import numpy as np
import pytest

from anatomy_tf import metrics

GOLDEN = Path(__file__).parents[1] / "golden/metrics_and_camera.npz"


@pytest.mark.golden
@pytest.mark.parametrize("name", ["mpjpe", "p_mpjpe", "n_mpjpe", "mpjve"])
def test_equals_the_reference(name):
    arrays = np.load(GOLDEN)
    ours = getattr(metrics, name)(arrays["metrics/pred"], arrays["metrics/gt"])
    assert ours.mean() == pytest.approx(float(arrays[f"metrics/{name}"]), abs=1e-7)
