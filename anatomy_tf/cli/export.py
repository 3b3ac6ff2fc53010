"""``anatomy-tf export``: a model for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import tyro

from anatomy_tf.cli.options import arg
from anatomy_tf.startup_notes import startup_notes_hidden


def export(
    model: Annotated[str, tyro.conf.Positional, arg(metavar="MODEL")],
    to: Literal["savedmodel", "litert", "onnx"],
    output: Path,
    flip: bool = True,
    quantize: Annotated[Literal["none", "float16", "dynamic", "int8"] | None, arg()] = None,
    frames: Annotated[int | Literal["any"], arg(metavar="T|any")] = "any",
    stream: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False,
    representative: Annotated[tuple[Path, ...], arg(metavar="PATH [PATH ...]")] = (),
    licence: Annotated[str | None, arg(metavar="TEXT")] = None,
    training_data: Annotated[str | None, arg(metavar="TEXT")] = None,
) -> None:
    """Export a model so that it runs without this package.

    Args:
        model: name of a shipped model, or the path of a .keras file or of its folder.
        to: savedmodel for TensorFlow and TensorFlow Serving, litert for phones (.tflite), onnx for
            ONNX Runtime and browsers.
        output: the file, or a folder for it. For savedmodel, the model's folder, which gets a new
            version (1, 2, ...).
        flip: average with the prediction for the mirrored clip, as lift does.
        quantize: (litert) make the file smaller and faster, but less exact.
        frames: (litert) accept clips of this length only, which is the fastest; by default clips of
            any length.
        stream: (litert) lift one frame at a time, with the memory as tensors; for causal models.
        representative: (litert, int8) keypoints like those that the model will see, in files that
            state rate and image size; by default generated motion.
        licence: the weights' licence; by default that of the model's card.
        training_data: what the model was trained on; by default as the model's card or run states.
    """
    from anatomy_tf.export.formats import FORMATS
    from anatomy_tf.export.inspection import size
    from anatomy_tf.export.model_card import model_card, model_name
    from anatomy_tf.inference import find_model
    from anatomy_tf.network.weights import NetworkWeights

    file = find_model(model)
    card = model_card(file)
    chosen = FORMATS[to]
    name = model_name(file)
    path = chosen.output(output, name)
    options = {
        "flip": flip,
        "licence": licence or card.licence,
        "training_data": training_data or card.training_data,
    }
    if quantize is not None:
        options["quantize"] = quantize
    if frames != "any":
        options["frames"] = frames
    if stream:
        options["stream"] = stream
    if representative:
        options["representative"] = None
    with startup_notes_hidden():
        chosen.check(options)
    trained = NetworkWeights.load(file)
    if representative:
        from anatomy_tf.export.representative_clips import clips_of
        from anatomy_tf.formats import load_keypoints

        people = [person for source in representative for person in load_keypoints(source)]
        options["representative"] = clips_of(people, trained)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = chosen.write(trained, path, options)
    print(f"{name} as {to} in {written}, {size(written):,} bytes")
    if to == "savedmodel":
        from anatomy_tf.export.serving_files import WARM_UP

        if not (written / "assets.extra" / WARM_UP).is_file():
            print(
                "Without warm-up requests, which need tensorflow-serving-api: pip install "
                '"anatomy_tf[serve]"'
            )
