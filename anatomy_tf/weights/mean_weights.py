"""The mean of trained models' weights, as one model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.models import LiftingModel, load_model


def mean_of_models(paths: Sequence[Path]) -> LiftingModel:
    """Return a model whose weights are the means of several models' weights.

    Where the models went on training from the same one, their mean is often as good as the best of
    them on each kind of data (Wortsman et al., "Model soups", ICML 2022). Means of models that
    were trained from nothing are of no use.

    Args:
        paths: at least two ``.keras`` files of models with the same arguments. One that is named
            twice counts twice.

    Raises:
        AnatomyError: for fewer files, a file that is no model, or models that differ in an
            argument, naming it.
    """
    if len(paths) < 2:
        raise AnatomyError(f"expected at least two models, got {len(paths)}")
    models = [load_model(path) for path in paths]
    first = models[0].get_config()
    for path, model in zip(paths[1:], models[1:], strict=True):
        other = model.get_config()
        if type(model) is not type(models[0]):
            raise AnatomyError(
                f"{path}: expected {type(models[0]).__name__} as in {paths[0]}, "
                f"got {type(model).__name__}"
            )
        for key in first.keys() - {"name", "dropout"}:
            if other[key] != first[key]:
                raise AnatomyError(
                    f"{path}: expected {key} {first[key]} as in {paths[0]}, got {other[key]}"
                )
    for variables in zip(*(model.weights for model in models), strict=True):
        values = [np.asarray(keras.ops.convert_to_numpy(v), np.float64) for v in variables]
        variables[0].assign(np.mean(values, axis=0).astype(np.float32))
    return models[0]
