"""Lifting clips with a trained model."""

from anatomy_tf.inference.lifter import Estimate, Lifter
from anatomy_tf.inference.shipped_models import find_model, shipped_models

__all__ = ["Estimate", "Lifter", "find_model", "shipped_models"]
