"""Table 2, "Ours (243 frames)": Human3.6M with ground-truth keypoints.

Differs from ``table1_human36m_cpn/anatomy_243f.py``: exact projections, and no length augmentation,
which "can be regarded as using extra ground truth 2D keypoints" (section 4.3). The text does not
say whether visibility scores are used; here all keypoints count as visible.

Result: not run here, see ``expected``.
Command: ``anatomy-tf train experiments/table2_human36m_ground_truth/anatomy_243f.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import NamedData, expected_of, load_experiment

base = load_experiment(Path(__file__).parents[1] / "table1_human36m_cpn/anatomy_243f.py")
config = dataclasses.replace(
    base,
    model=dataclasses.replace(base.model, length_augmentation=False),
    data=NamedData(name="human36m/ground_truth"),
)
expected = expected_of(__file__)
