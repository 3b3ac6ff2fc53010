"""``anatomy-tf info``: what a model file is."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated

import tyro

from anatomy_tf.cli.startup_notes import startup_notes_hidden
from anatomy_tf.errors import AnatomyError


def info(
    path: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="PATH")],
    json: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False,
) -> None:
    """Describe a model: network, size, joints, training data, licence.

    Args:
        path: a .keras file, a SavedModel or the folder of its versions, a .tflite or .onnx file, a
            run's folder, or the name of a shipped model.
        json: print JSON.
    """
    from anatomy_tf.export.inspection import facts, inspect_model

    found, refusal = {}, None
    with startup_notes_hidden():
        # The notes would come with an error that leaves this block.
        try:
            found = inspect_model(path)
        except AnatomyError as error:
            refusal = error
    if refusal is not None:
        raise refusal
    if json:
        print(json_text.dumps(found, indent=1))
        return
    pairs = facts(found)
    width = max(len(what) for what, _ in pairs)
    for what, value in pairs:
        print(f"{what:<{width}}  {value}")
