"""``anatomy-tf weights``: other implementations' weights, and smaller files of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from anatomy_tf.cli.console import plain_console
from anatomy_tf.cli.options import arg, check_unused
from anatomy_tf.startup_notes import startup_notes_hidden

if TYPE_CHECKING:
    import keras

    from anatomy_tf.weights.checkpoint_file import CheckpointFile

LICENCES = {
    "anatomy3d": "The published implementation of the paper has no licence, and none is stated for "
    "its weights.",
    "video_pose3d": "VideoPose3D's repository is under CC BY-NC 4.0: no commercial use.",
}
SAMPLED_FRAMES = 50
"""Frames for the bone lengths in the published implementation."""
QUESTION = (
    "What you may do with these weights, and with the file written from them, is between you and "
    "their authors. anatomy_tf's own licence does not cover them."
)


def import_weights(
    checkpoint: Annotated[Path, tyro.conf.Positional, arg(metavar="CHECKPOINT")],
    output: Annotated[Path, tyro.conf.Positional, arg(metavar="OUTPUT.keras")],
    kind: Literal["anatomy3d", "video_pose3d"] = "anatomy3d",
    causal: bool = False,
    sampled_frames: int = SAMPLED_FRAMES,
) -> None:
    """Make a Keras model of your own PyTorch checkpoint.

    Args:
        checkpoint: the .bin file; torch must be installed to read it.
        output: model file to write.
        kind: the implementation that made the checkpoint.
        causal: say that the model was trained causally, which the file does not state.
        sampled_frames: frames for the bone lengths in training (anatomy3d only).
    """
    from anatomy_tf.errors import AnatomyError

    if output.suffix != ".keras":
        raise AnatomyError(f"{output}: expected a name that ends in .keras")
    if kind != "anatomy3d":
        check_unused({"--sampled-frames": sampled_frames != SAMPLED_FRAMES}, "is for anatomy3d")
    with startup_notes_hidden():
        from anatomy_tf.files.atomic import atomic_path
        from anatomy_tf.weights import anatomy3d, video_pose3d
        from anatomy_tf.weights.checkpoint_file import read_checkpoint

    found = read_checkpoint(checkpoint)
    model: keras.Model
    if kind == "anatomy3d":
        model = anatomy3d.build(found.state, causal=causal, sampled_frames=sampled_frames)
    else:
        model = video_pose3d.build(found.state, causal=causal)
    with atomic_path(output) as partial:
        model.save(partial)
    console = plain_console(soft_wrap=True)
    for name, value in _provenance(found, model, kind).items():
        console.print(f"{name:<16}{value}")
    console.print(f"\n{LICENCES[kind]}\n{QUESTION}")
    console.print(f"\nWrote {output}")


def _provenance(found: CheckpointFile, model: keras.Model, kind: str) -> dict[str, str]:
    mode = "causal" if model.causal else "centred"
    return {
        "file": found.path.name,
        "SHA-256": found.sha256,
        "kind": kind,
        "epoch": "not told" if found.epoch is None else str(found.epoch),
        "parameters": f"{sum(value.size for value in found.state.values()):,}",
        "receptive field": f"{model.receptive_field} frames, {mode} as you said",
        "channels": str(model.config.channels),
    }


def halve_weights(
    model: Annotated[str, tyro.conf.Positional, arg(metavar="MODEL")],
    output: Annotated[Path, tyro.conf.Positional, arg(metavar="OUTPUT.keras")],
) -> None:
    """Store a model's weights in float16: a file of half the size that computes in float32.

    Args:
        model: name of a shipped model, or the path of a .keras file or of its folder.
        output: model file to write; may be the same.
    """
    from anatomy_tf.errors import AnatomyError
    from anatomy_tf.inference import find_model
    from anatomy_tf.weights.half_precision import store_half_precision

    if output.suffix != ".keras":
        raise AnatomyError(f"{output}: expected a name that ends in .keras")
    source = find_model(model)
    before = source.stat().st_size
    store_half_precision(source, output)
    console = plain_console(soft_wrap=True)
    sizes = f"{before:,} bytes before, {output.stat().st_size:,} after"
    console.print(f"Wrote {output}: {sizes}")
