"""Table 1, "Ours (243 frames, Causal)": past frames only.

Differs from ``anatomy_243f.py``: the window ends at the target, and the sampled frames are past
ones (section 4.3). The published implementation instead samples the whole video and has as its
target the pose of 121 frames ago, in training and in evaluation: if the published number was made
so, it measures a delayed, in effect centred model. ``--set causal_target=delayed --set
sampling=random`` trains that one; ``anatomy-tf evaluate`` compares with the newest frame.

Result: not run here, see ``expected``.
Command: ``anatomy-tf train experiments/table1_human36m_cpn/anatomy_243f_causal.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import expected_of, load_experiment

base = load_experiment(Path(__file__).with_name("anatomy_243f.py"))
config = dataclasses.replace(
    base, model=dataclasses.replace(base.model, causal=True), sampling="past"
)
expected = expected_of(__file__)
