"""Scores of predictions by action, by subject and overall, and their reports."""

from anatomy_tf.evaluation.comparison import compare
from anatomy_tf.evaluation.measures import MEASURES, Measure
from anatomy_tf.evaluation.report import Report
from anatomy_tf.evaluation.scores import Scores
from anatomy_tf.evaluation.sequence_evaluation import action_without_take, evaluate_store
from anatomy_tf.evaluation.table import ScoreTable

__all__ = [
    "MEASURES",
    "Measure",
    "Report",
    "ScoreTable",
    "Scores",
    "action_without_take",
    "compare",
    "evaluate_store",
]
