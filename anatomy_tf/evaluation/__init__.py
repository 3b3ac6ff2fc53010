"""Evaluation of predictions: measures, protocols, scores by action and subject, and reports."""

from anatomy_tf.evaluation.comparison import compare, compare_actions
from anatomy_tf.evaluation.frame_errors import WorstFrame, frame_errors, pck_curve, worst_frames
from anatomy_tf.evaluation.human36m import evaluate_human36m
from anatomy_tf.evaluation.measures import MEASURES, Measure
from anatomy_tf.evaluation.mpi_inf_3dhp import (
    VARIANTS,
    Mpi3dhpReport,
    Variant,
    evaluate_mpi_inf_3dhp,
)
from anatomy_tf.evaluation.poses_evaluation import evaluate_poses
from anatomy_tf.evaluation.report import Report
from anatomy_tf.evaluation.scores import Scores
from anatomy_tf.evaluation.sequence_evaluation import action_without_take, evaluate_store
from anatomy_tf.evaluation.table import ScoreTable

__all__ = [
    "MEASURES",
    "VARIANTS",
    "Measure",
    "Mpi3dhpReport",
    "Report",
    "ScoreTable",
    "Scores",
    "Variant",
    "WorstFrame",
    "action_without_take",
    "compare",
    "compare_actions",
    "evaluate_human36m",
    "evaluate_mpi_inf_3dhp",
    "evaluate_poses",
    "evaluate_store",
    "frame_errors",
    "pck_curve",
    "worst_frames",
]
