"""A SavedModel with the signatures of an export and arithmetic that is easy to follow."""

import json
from pathlib import Path

import numpy as np
import tensorflow as tf
from stand_in_description import DESCRIPTION, J


class StandIn(tf.Module):
    """Positions are (x, y, offset); bone lengths the mean visibility of the valid frames."""

    def __init__(self, offset: float) -> None:
        super().__init__()
        self.offset = tf.Variable(offset)

    def _positions(self, pixels):
        third = tf.zeros_like(pixels[..., :1]) + self.offset
        return tf.concat([pixels, third], axis=-1)

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, None, J, 2), tf.float32),
            tf.TensorSpec((None, None, J), tf.float32),
            tf.TensorSpec((None, 2), tf.float32),
            tf.TensorSpec((None,), tf.float32),
            tf.TensorSpec((None,), tf.int32),
        ]
    )
    def lift(self, pixels, visibility, image_size, fps, frames):
        valid = tf.sequence_mask(frames, tf.shape(pixels)[1], tf.float32)[..., None]
        mean = tf.reduce_sum(visibility * valid, axis=1) / tf.reduce_sum(valid, axis=1)
        # All inputs are used, as an export uses them.
        scale = fps[:, None] / fps[:, None] * image_size[:, :1] / image_size[:, :1]
        return {"positions": self._positions(pixels), "bone_lengths": mean[:, 1:] * scale}

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, J, 2), tf.float32),
            tf.TensorSpec((None, J), tf.float32),
            tf.TensorSpec((None, 2), tf.float32),
            tf.TensorSpec((None, J, 2), tf.float32),
        ]
    )
    def stream(self, pixels, visibility, image_size, state_sum):
        total = (
            state_sum + pixels * visibility[..., None] * image_size[:, None] / image_size[:, None]
        )
        return {"positions": self._positions(total), "state_sum": total}

    @tf.function(input_signature=[])
    def describe(self):
        return {"description": tf.constant(json.dumps(DESCRIPTION))}


def write_version(folder: Path, number: int, offset: float) -> Path:
    """A version in a model's folder, put there when it is whole."""
    module = StandIn(offset)
    beside = folder / f".part-{number}"
    signatures = {
        "serving_default": module.lift,
        "lift": module.lift,
        "stream": module.stream,
        "describe": module.describe,
    }
    tf.saved_model.save(module, str(beside), signatures=signatures)
    return beside.rename(folder / str(number))


def clip(frames: int, rows: int = 1, seed: int = 0) -> dict[str, np.ndarray]:
    """Inputs of ``lift``."""
    rng = np.random.default_rng(seed)
    return {
        "pixels": rng.uniform(0, 1000, (rows, frames, J, 2)).astype(np.float32),
        "visibility": rng.uniform(0, 1, (rows, frames, J)).astype(np.float32),
        "image_size": np.tile(np.float32([1000, 800]), (rows, 1)),
        "fps": np.full(rows, 50, np.float32),
        "frames": np.full(rows, frames, np.int32),
    }
