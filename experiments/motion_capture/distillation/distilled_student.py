"""The student of ``student.py``, taught by ``standard``: directions halfway to the teacher's.

Result: ``experiments/findings.md``.
Command: ``anatomy-tf train experiments/motion_capture/distillation/distilled_student.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import DistilledData, load_experiment

student = load_experiment(Path(__file__).with_name("student.py"))
config = dataclasses.replace(
    student, data=DistilledData(student.data, teacher="standard", teacher_share=0.5)
)
