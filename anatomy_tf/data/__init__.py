"""Sequences, windows and batches for training.

``Batches`` and ``FollowEpoch`` import Keras, and so load when they are first named.
"""

import importlib
from typing import TYPE_CHECKING, Any

from anatomy_tf.data.store import SequenceStore
from anatomy_tf.data.view import View

if TYPE_CHECKING:
    from anatomy_tf.data.batches import Batches, FollowEpoch

__all__ = ["Batches", "FollowEpoch", "SequenceStore", "View"]

_WITH_KERAS = ("Batches", "FollowEpoch")


def __getattr__(name: str) -> Any:
    if name in _WITH_KERAS:
        return getattr(importlib.import_module("anatomy_tf.data.batches"), name)
    raise AttributeError(f"module 'anatomy_tf.data' has no attribute {name!r}")
