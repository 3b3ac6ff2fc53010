"""Section 4.4, "AF(conse) + ML + BoneAtt + AUG + JSL".

Differs from ``table4_ablation/with_joint_shift.py``: bone lengths are estimated from the 50 frames
around each frame, in training and at inference, not from frames of the whole video.

Result: not run here, see ``expected``.
Command: ``anatomy-tf train experiments/section44/consecutive_length_frames.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import expected_of, load_experiment

base = load_experiment(Path(__file__).parents[1] / "table4_ablation/with_joint_shift.py")
config = dataclasses.replace(
    base,
    model=dataclasses.replace(base.model, length_frames="consecutive"),
    sampling="consecutive",
)
expected = expected_of(__file__)
