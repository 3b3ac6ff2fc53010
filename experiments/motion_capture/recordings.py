"""The network of ``compact.py`` on views as people's recordings are (``RecordingVariety``).

Besides the people of ``compact.py``: three dancers of the same database, and fourteen people who
stand idle, whose time counts a fifth. Everybody is seen for a time that grows with the root of the
recorded time, in pieces of at most 15 seconds, each view with a new body of the proportions of the
people of ``compact.py``. Validated on recordings of its two people, tested on its plain views.

The head of the dancer ``cmu_60`` points into the chest in three clips, which are left out.

Command: ``anatomy-tf train experiments/motion_capture/recordings.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.data import RecordingVariety
from anatomy_tf.training import TrainingMotion, load_experiment

compact = load_experiment(Path(__file__).with_name("compact.py"))
FOLDER = Path(compact.data.path).parent

config = dataclasses.replace(
    compact,
    data=dataclasses.replace(
        compact.data,
        further=(
            TrainingMotion(
                path=str(FOLDER / "cmu_dance_17_f16.npz"),
                except_clips=("60_06", "60_06#2", "60_07"),
            ),
            TrainingMotion(path=str(FOLDER / "reactidle_17_f16.npz"), weight=0.2),
        ),
        longest=15.0,
        evenness=0.5,
        training_cameras=3,
        training_variety=RecordingVariety(),
        validation_variety=RecordingVariety(),
    ),
)
