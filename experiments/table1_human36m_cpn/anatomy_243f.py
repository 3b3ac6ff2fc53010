"""Table 1, "Ours (243 frames)": the full model on Human3.6M with CPN keypoints.

The row that the others start from: 1024 channels, 50 sampled frames, batches of 1024, 60 epochs,
recipe ``official``. As there, the test people measure the error while training and the weights of
the last epoch count (``model.keras``, not ``best.keras``). Visibility scores come from
``score.pkl``, see ``anatomy_tf.data.datasets.sources``.

Result: not run here, see ``expected``.
Command: ``anatomy-tf train experiments/table1_human36m_cpn/anatomy_243f.py``
"""

from anatomy_tf.models import AnatomyLifterConfig
from anatomy_tf.training import NamedData, TrainingConfig, expected_of

config = TrainingConfig(
    model=AnatomyLifterConfig(filter_widths=(3, 3, 3, 3, 3)),
    data=NamedData(name="human36m/cpn"),
    validation_every_epochs=5,
)
expected = expected_of(__file__)
