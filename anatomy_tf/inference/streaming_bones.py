"""Bone lengths and joint positions of a stream's newest frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import forward_kinematics
from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference.frame_lengths import FrameLengths
from anatomy_tf.inference.streaming_memory import RunningLengths
from anatomy_tf.inference.streaming_products import in_numpy
from anatomy_tf.models import AnatomyLifter

Array = NDArray[np.float32]


class StreamingBoneLengths:
    """Bone lengths pooled over all frames so far.

    A recipe that samples l past frames at random has no stream of constant cost: all past frames
    count here, of which its sample is an estimate.

    Args:
        model: the trained model.
        people: P.

    Raises:
        AnatomyError: for ``length_frames="consecutive"``, whose frames fall out of the window.
    """

    def __init__(self, model: AnatomyLifter, people: int) -> None:
        if model.config.length_frames == "consecutive":
            raise AnatomyError(
                "streaming estimates bone lengths from all past frames, but this model has "
                "length_frames='consecutive'"
            )
        self.of_frame = FrameLengths(model, in_numpy())
        self.pooled = RunningLengths(people, model.skeleton.bone_count)

    def push(self, keypoints: Array, new: NDArray[np.bool_]) -> Array:
        """Bone lengths (P, b), metres, after one more frame's keypoints (P, J, 2)."""
        return self.pooled.add(*self.of_frame(keypoints), new)


class PositionRegression:
    """``JointPositions`` without Keras.

    Args:
        model: the trained model.
    """

    def __init__(self, model: AnatomyLifter) -> None:
        self.skeleton = model.skeleton
        layer = model.get_layer("joint_positions")
        self.regression = layer.regression
        if self.regression == "product":
            self.from_lengths = in_numpy().of_dense(layer.from_lengths)
            self.from_directions = in_numpy().of_dense(layer.from_directions)
        if self.regression != "derived":
            self.regress = in_numpy().of_dense(layer.regress)

    def __call__(self, lengths: Array, directions: Array) -> Array:
        """Positions (P, J, 3), metres, from lengths (P, b) and directions (P, b, 3)."""
        if self.regression == "derived":
            return forward_kinematics(directions, lengths, self.skeleton)
        flat = directions.reshape(len(directions), -1)
        if self.regression == "product":
            features = self.from_lengths(lengths) * self.from_directions(flat)
        else:
            features = np.concatenate([lengths, flat], axis=-1)
        return self.regress(features).reshape(len(lengths), -1, 3)
