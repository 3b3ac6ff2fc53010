"""Licence and training data of a model file."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from anatomy_tf.errors import AnatomyError

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
        try:
            return ModelCard(**json.loads(card.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise AnatomyError(f"{card}: expected licence and training_data: {error}") from None
    if config.is_file():
        return ModelCard(training_data=_of_run(config))
    return ModelCard()


def _of_run(config: Path) -> str:
    """Return the training data that a run's config states."""
    try:
        data = json.loads(config.read_text(encoding="utf-8"))["data"]
        path = f" of {Path(data['path']).name}" if "path" in data else ""
        return f"{data['class']}{path}"
    except (OSError, ValueError, KeyError, TypeError):
        return NOT_STATED
