"""Licence and training data of a model file."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import read_json
from anatomy_tf.files.limits import CONFIG_BYTES

NOT_STATED = "not stated"


@dataclasses.dataclass(frozen=True)
class ModelCard:
    """Facts for a model's description.

    Attributes:
        licence: of the weights.
        training_data: what the model was trained on.
    """

    licence: str = NOT_STATED
    training_data: str = NOT_STATED


def model_name(model: Path) -> str:
    """Return the name of a model file: its own, or its folder's for the files of a run.

    All runs call their files ``model.keras`` and ``best.keras``.
    """
    return model.parent.name if model.stem in ("model", "best") else model.stem


def model_card(model: Path) -> ModelCard:
    """Return the card of a model file: ``card.json`` in its folder, or what its run says.

    Raises:
        AnatomyError: for a card that is no such JSON.
    """
    card, config = model.parent / "card.json", model.parent / "config.json"
    if card.is_file():
        content = read_json(card, most=CONFIG_BYTES)
        try:
            return ModelCard(**content)
        except TypeError as error:
            raise AnatomyError(f"{card}: expected licence and training_data: {error}") from None
    if config.is_file():
        return ModelCard(training_data=_of_run(config))
    return ModelCard()


def _of_run(config: Path) -> str:
    """Return the training data that a run's config states."""
    try:
        data = read_json(config, most=CONFIG_BYTES)["data"]
        path = f" of {Path(data['path']).name}" if "path" in data else ""
        return f"{data['class']}{path}"
    except (AnatomyError, KeyError, TypeError):
        return NOT_STATED
