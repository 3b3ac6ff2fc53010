"""Training runs: configs, schedules, the optimizer, run folders and exact resume."""

from anatomy_tf.training.amsgrad import AMSGrad
from anatomy_tf.training.checkpoint import Checkpoint, Position
from anatomy_tf.training.config import DataSource, ModelConfig, TrainingConfig
from anatomy_tf.training.data_sources import MotionCaptureData, NamedData, ProceduralData
from anatomy_tf.training.experiment import Experiment, load_experiment, override, read_experiment
from anatomy_tf.training.paper_tables import expected_of
from anatomy_tf.training.run_folder import RunFolder
from anatomy_tf.training.schedules import (
    BatchShareSchedule,
    LearningRateSchedule,
    batch_share_at,
    learning_rate_at,
)
from anatomy_tf.training.stop_request import TrainingInterrupted
from anatomy_tf.training.train import TrainingResult, train
from anatomy_tf.training.validation import ValidationResult, validate

__all__ = [
    "AMSGrad",
    "BatchShareSchedule",
    "Checkpoint",
    "DataSource",
    "Experiment",
    "LearningRateSchedule",
    "ModelConfig",
    "MotionCaptureData",
    "NamedData",
    "Position",
    "ProceduralData",
    "RunFolder",
    "TrainingConfig",
    "TrainingInterrupted",
    "TrainingResult",
    "ValidationResult",
    "batch_share_at",
    "learning_rate_at",
    "expected_of",
    "load_experiment",
    "override",
    "read_experiment",
    "train",
    "validate",
]
