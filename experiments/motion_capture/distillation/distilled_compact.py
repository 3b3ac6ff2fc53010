"""``compact.py`` taught by `standard`: directions halfway to what it says of the same views.

Result: ``experiments/findings.md``.
Command, after ``anatomy-tf train`` of ``../official/compact.py`` and ``../official/standard.py``:
``anatomy-tf train experiments/motion_capture/distillation/distilled_compact.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import DistilledData, load_experiment

compact = load_experiment(Path(__file__).with_name("compact.py"))
config = dataclasses.replace(
    compact, data=DistilledData(compact.data, teacher="runs/official_standard/best.keras")
)
