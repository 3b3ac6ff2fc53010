"""The callback that adds the norms of a network's parts to an epoch's numbers."""

from __future__ import annotations

from typing import Any

import keras

from anatomy_tf.training.network_measures import gradient_norms, weight_norms


class NetworkNorms(keras.callbacks.Callback):
    """A callback that adds ``weight_norm`` and ``gradient_norm`` of each part of the network."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any]) -> None:
        """Add the norms."""
        logs["weight_norm"] = weight_norms(self.model)
        logs["gradient_norm"] = gradient_norms(self.model)
