"""The network of ``compact.py`` on recordings and plain views, half of each.

The recordings are those of ``recordings.py``. The plain views show the same people with other
cameras of ``compact.py``, in a share of the views with another frame rate, gaps, limbs that move as
in another clip, or a body that lies (``CaptureVariety``).

Command: ``anatomy-tf train experiments/motion_capture/mixed.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.data import CaptureVariety
from anatomy_tf.training import load_experiment

recordings = load_experiment(Path(__file__).with_name("recordings.py"))
config = dataclasses.replace(
    recordings,
    data=dataclasses.replace(
        recordings.data,
        training_variety=(
            recordings.data.training_variety,
            CaptureVariety(exchanged_share=0.35, reversed_share=0.25),
        ),
    ),
)
