"""Table 1, "Ours (81 frames)".

Differs from ``anatomy_243f.py``: 81 frames.

Result: not run here, see ``expected``.
Command: ``anatomy-tf train experiments/table1_human36m_cpn/anatomy_81f.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import expected_of, load_experiment

base = load_experiment(Path(__file__).with_name("anatomy_243f.py"))
config = dataclasses.replace(
    base, model=dataclasses.replace(base.model, filter_widths=(3, 3, 3, 3))
)
expected = expected_of(__file__)
