"""Training runs: configs, schedules, the optimizer, run folders and exact resume.

Each name's module is imported when the name is first used: most need Keras, refusing a missing
experiment does not.
"""

from typing import TYPE_CHECKING

from anatomy_tf.extras import late_names

if TYPE_CHECKING:
    from anatomy_tf.training.amsgrad import AMSGrad
    from anatomy_tf.training.callbacks.checkpoint import Checkpoint
    from anatomy_tf.training.callbacks.schedules import (
        BatchShareSchedule,
        LearningRateSchedule,
        batch_share_at,
        learning_rate_at,
    )
    from anatomy_tf.training.config import DataSource, ModelConfig, TrainingConfig
    from anatomy_tf.training.data_sources import (
        MotionCaptureData,
        NamedData,
        ProceduralData,
        TrainingMotion,
    )
    from anatomy_tf.training.distillation import DistilledData
    from anatomy_tf.training.divergence import TrainingDivergedError
    from anatomy_tf.training.experiment import (
        Experiment,
        load_experiment,
        override,
        read_experiment,
    )
    from anatomy_tf.training.paper_tables import expected_of
    from anatomy_tf.training.run import TrainingResult, train
    from anatomy_tf.training.run_folder import RunFolder
    from anatomy_tf.training.seeds import train_seeds
    from anatomy_tf.training.state import Position
    from anatomy_tf.training.stop_request import TrainingInterrupted
    from anatomy_tf.training.trained_model import TrainedModel
    from anatomy_tf.training.transferred_model import LayersOf, TransferredModel
    from anatomy_tf.training.validation import ValidationResult, validate
else:
    __getattr__ = late_names(
        __name__,
        {
            "AMSGrad": "amsgrad",
            "BatchShareSchedule": "callbacks.schedules",
            "Checkpoint": "callbacks.checkpoint",
            "DataSource": "config",
            "DistilledData": "distillation",
            "Experiment": "experiment",
            "LayersOf": "transferred_model",
            "LearningRateSchedule": "callbacks.schedules",
            "ModelConfig": "config",
            "MotionCaptureData": "data_sources",
            "NamedData": "data_sources",
            "Position": "state",
            "ProceduralData": "data_sources",
            "RunFolder": "run_folder",
            "TrainedModel": "trained_model",
            "TrainingConfig": "config",
            "TrainingDivergedError": "divergence",
            "TrainingInterrupted": "stop_request",
            "TrainingMotion": "data_sources",
            "TrainingResult": "run",
            "TransferredModel": "transferred_model",
            "ValidationResult": "validation",
            "batch_share_at": "callbacks.schedules",
            "expected_of": "paper_tables",
            "learning_rate_at": "callbacks.schedules",
            "load_experiment": "experiment",
            "override": "experiment",
            "read_experiment": "experiment",
            "train": "run",
            "train_seeds": "seeds",
            "validate": "validation",
        },
    )

__all__ = [
    "AMSGrad",
    "BatchShareSchedule",
    "Checkpoint",
    "DataSource",
    "DistilledData",
    "Experiment",
    "LayersOf",
    "LearningRateSchedule",
    "ModelConfig",
    "MotionCaptureData",
    "NamedData",
    "Position",
    "ProceduralData",
    "RunFolder",
    "TrainedModel",
    "TrainingConfig",
    "TrainingDivergedError",
    "TrainingInterrupted",
    "TrainingMotion",
    "TrainingResult",
    "TransferredModel",
    "ValidationResult",
    "batch_share_at",
    "expected_of",
    "learning_rate_at",
    "load_experiment",
    "override",
    "read_experiment",
    "train",
    "train_seeds",
    "validate",
]
