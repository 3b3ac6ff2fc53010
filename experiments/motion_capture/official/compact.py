"""Goes on from ``varied.py`` with limbs exchanged between recordings.

Eighteen people do not move in every way that people move. In half of the views the arms or the legs
move as in another recording, in some the motion is played backwards, and sixteen cameras see each
clip. Bone lengths stay as ``varied.py`` estimates them, which makes a step 1.8 times as fast.

Command, after ``anatomy-tf train experiments/motion_capture/official/varied.py``:
``anatomy-tf train experiments/motion_capture/official/compact.py --folder runs/official_compact``
Result and time: ``saved_models/compact/README.md`` of the commit 39e1729. It shipped as ``compact``
until then; the network of ``../canonical/`` began with its weights.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.data import CaptureVariety
from anatomy_tf.training import TrainedModel, load_experiment

varied = load_experiment(Path(__file__).with_name("varied.py"))
config = dataclasses.replace(
    varied,
    model=TrainedModel("runs/varied/best.keras", dropout=0.0, train_bone_lengths=False),
    data=dataclasses.replace(
        varied.data,
        training_cameras=16,
        training_variety=CaptureVariety(exchanged_share=0.5, reversed_share=0.3),
    ),
    epochs=40,
    steps_per_epoch=260,
    learning_rate_decay=0.93,
)
