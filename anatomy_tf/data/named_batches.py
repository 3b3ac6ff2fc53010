"""Training batches of a data set by its name."""

from __future__ import annotations

import os
from typing import Any

from anatomy_tf.data.batches.window_batches import Batches
from anatomy_tf.data.datasets.sources import load


def load_batches(
    name: str,
    directory: str | os.PathLike[str] | None = None,
    *,
    split: str | None = "train",
    **options: Any,
) -> Batches:
    """Return the batches of a data set by its name.

    Args:
        name: ``"human36m/cpn"``, as ``anatomy_tf.data.load`` takes it.
        directory: where data sets are kept, likewise.
        split: likewise.
        **options: of ``Batches``: ``receptive_field``, and with a model its ``inputs`` and
            ``outputs`` (or give ``load``'s store to ``Batches.for_model``).

    Raises:
        AnatomyError: as ``anatomy_tf.data.load`` and ``Batches``.

    Example:
        >>> training = anatomy_tf.data.load_batches(
        ...     "human36m/cpn", split="train", receptive_field=243, sampled_frames=50,
        ...     batch_size=1024, inputs=model.input_names, outputs=model.output_names,
        ... )  # doctest: +SKIP
        >>> model.fit(training, epochs=80)  # doctest: +SKIP
    """
    return Batches(load(name, directory, split), **options)
