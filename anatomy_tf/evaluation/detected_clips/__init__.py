"""Evaluation of poses lifted from detections against the true ones (docs/evaluation.md)."""

from anatomy_tf.evaluation.detected_clips.detection_measures import (
    DETECTION_MEASURES,
    ClipMeasure,
)
from anatomy_tf.evaluation.detected_clips.detection_report import (
    DetectionReport,
    compare_detections,
)
from anatomy_tf.evaluation.detected_clips.evaluate import evaluate_detections
from anatomy_tf.evaluation.detected_clips.scored_clip import ScoredClip

__all__ = [
    "DETECTION_MEASURES",
    "ClipMeasure",
    "DetectionReport",
    "ScoredClip",
    "compare_detections",
    "evaluate_detections",
]
