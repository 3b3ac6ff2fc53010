"""The baseline, which predicts positions directly from keypoints."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from anatomy_tf.layers import TemporalBlock, TemporalConvolution, dense
from anatomy_tf.models.lifting_model import LiftingModel
from anatomy_tf.models.precision import dtype_policy, output_dtype
from anatomy_tf.models.video_pose_config import VideoPoseConfig
from anatomy_tf.skeletons import get_skeleton


@keras.saving.register_keras_serializable(package="anatomy_tf")
class VideoPose(LiftingModel):
    """The baseline of Pavllo et al.: a temporal convolutional network from keypoints to positions.

    Inputs: ``keypoints`` (B, R, J, 2), normalised screen coordinates.
    Outputs: ``positions`` (B, J, 3) root-relative, metres; with ``joint_shift=True`` also
    ``joint_shifts_1`` (B, p, 3).

    Args:
        **arguments: see ``VideoPoseConfig``.

    References:
        3D human pose estimation in video with temporal convolutions and semi-supervised training,
        CVPR 2019; "Baseline" of the paper's Table 4.
    """

    sub_networks = 1

    def __init__(self, *, name: str = "video_pose", **arguments: Any) -> None:
        arguments.pop("trainable", None)
        dtype = arguments.pop("dtype", None)
        config = VideoPoseConfig(**arguments)
        with dtype_policy(dtype):
            keypoints, outputs = _connect(config)
            super().__init__(inputs={"keypoints": keypoints}, outputs=outputs, name=name)
        self.output_names = sorted(outputs)
        self.input_names = ["keypoints"]
        self.config = config

    @property
    def sampled_frames(self) -> int:
        """0, because the baseline sees its window only."""
        return 0


def _connect(config: VideoPoseConfig) -> tuple[Any, dict[str, Any]]:
    """Return the keypoint input and the outputs of the network."""
    skeleton = get_skeleton(config.skeleton)
    frames, joints = config.receptive_field, skeleton.joint_count
    stem_width, *block_widths = config.filter_widths
    keypoints = keras.Input((frames, joints, 2), name="keypoints")
    features = keras.layers.Reshape((frames, 2 * joints), name="flat_keypoints")(keypoints)
    shared: dict[str, Any] = {"dropout": config.dropout, "scheduled": True}
    features = TemporalConvolution(config.channels, stem_width, name="stem", **shared)(features)
    for i, width in enumerate(block_widths, start=1):
        features = TemporalBlock(
            config.channels, width, causal=config.causal, name=f"block_{i}", **shared
        )(features)
    features = ops.squeeze(features, axis=1)
    pairs = len(skeleton.joint_pairs()) if config.joint_shift else 0
    outputs = {}
    for output, vectors in (("positions", joints), ("joint_shifts_1", pairs)):
        if vectors:
            head = dense(3 * vectors, config.channels, f"{output}_dense", output_dtype())
            shape = keras.layers.Reshape((vectors, 3), name=output, dtype=output_dtype())
            outputs[output] = shape(head(features))
    return keypoints, outputs
