"""The shipped models' files (``models.shipped_models``), for programs that look for them here."""

from anatomy_tf.models.shipped_models import find_model, shipped_models

__all__ = ["find_model", "shipped_models"]
