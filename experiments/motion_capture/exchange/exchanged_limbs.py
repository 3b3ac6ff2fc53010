"""``own_limbs.py`` with limbs exchanged between recordings, and motion played backwards.

Result: ``experiments/findings.md``.
Command, after ``anatomy-tf train experiments/motion_capture/official/varied.py``:
``anatomy-tf train experiments/motion_capture/exchange/exchanged_limbs.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.data import CaptureVariety
from anatomy_tf.training import load_experiment

own = load_experiment(Path(__file__).with_name("own_limbs.py"))
config = dataclasses.replace(
    own,
    data=dataclasses.replace(
        own.data, training_variety=CaptureVariety(exchanged_share=0.4, reversed_share=0.3)
    ),
)
