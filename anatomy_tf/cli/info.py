"""``anatomy-tf info``: what a model, or a file of keypoints or poses is."""

from __future__ import annotations

import json as json_text
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import tyro

from anatomy_tf.cli.options import arg, check_unused
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.paths import is_there
from anatomy_tf.startup_notes import startup_notes_hidden


def info(
    path: Annotated[Path, tyro.conf.Positional, arg(metavar="PATH")],
    layout: Annotated[str | None, arg(metavar="NAME")] = None,
    json: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False,
) -> None:
    """Describe a model (network, size, joints, training data, licence), keypoints or poses.

    Args:
        path: a .keras file, a SavedModel or the folder of its versions, a .tflite or .onnx file, a
            run's folder, the name of a shipped model, or keypoints or poses as ``lift`` and
            ``convert`` read them.
        layout: the keypoints' layout, for files that do not state it.
        json: print JSON.
    """
    from anatomy_tf.export.inspection import facts, holds_model, inspect_model

    if is_there(path) and not holds_model(path):
        from anatomy_tf.formats.file_facts import file_facts, shown

        recorded = file_facts(path, layout)
        _print(recorded, shown(recorded), json)
        return
    check_unused({"--layout": layout}, f"is for files of keypoints; {path} is no such file")
    found, refusal = {}, None
    with startup_notes_hidden():
        # The notes would come with an error that leaves this block.
        try:
            found = inspect_model(path)
        except AnatomyError as error:
            refusal = error
    if refusal is not None:
        raise refusal
    _print(found, facts(found), json)


def _print(found: Mapping[str, Any], pairs: Sequence[tuple[str, str]], json: bool) -> None:
    if json:
        print(json_text.dumps(found, indent=1))
        return
    width = max(len(what) for what, _ in pairs)
    for what, value in pairs:
        print(f"{what:<{width}}  {value}")
