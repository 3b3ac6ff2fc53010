"""The baseline: positions straight from keypoints."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import keras
from keras import ops

from anatomy_tf.layers import TemporalBlock, TemporalConvolution, dense
from anatomy_tf.models.arguments import check_counts, check_rates, odd_widths
from anatomy_tf.models.lifting_model import LiftingModel
from anatomy_tf.models.precision import dtype_policy, output_dtype
from anatomy_tf.skeletons import Skeleton, get_skeleton


@dataclasses.dataclass(frozen=True, kw_only=True)
class VideoPoseConfig:
    """The arguments of the baseline.

    Args:
        filter_widths, channels, skeleton, causal, dropout, fps: see ``AnatomyLifterConfig``.
        joint_shift: also predict joint shifts (Baseline + JSL of section 4.4).

    Raises:
        AnatomyError: for an argument that makes no network, naming it.
    """

    filter_widths: tuple[int, ...] = (3, 3, 3, 3, 3)
    channels: int = 1024
    skeleton: str | Skeleton = "human36m_17"
    causal: bool = False
    joint_shift: bool = False
    dropout: float = 0.25
    fps: float = 50.0

    def __post_init__(self) -> None:
        skeleton = self.skeleton
        if isinstance(skeleton, dict):
            skeleton = Skeleton(**skeleton)
        object.__setattr__(self, "skeleton", get_skeleton(skeleton))
        object.__setattr__(self, "filter_widths", odd_widths(self.filter_widths))
        check_counts(self, "channels")
        check_rates(self)

    @property
    def receptive_field(self) -> int:
        """R, frames that one pose is estimated from."""
        return math.prod(self.filter_widths)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; ``VideoPoseConfig(**data)`` builds it again."""
        shallow = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {
            **shallow,
            "filter_widths": list(self.filter_widths),
            "skeleton": get_skeleton(self.skeleton).to_dict(),
        }

    def build(self) -> VideoPose:
        """The untrained model."""
        return VideoPose(**self.to_dict())


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
        """0: the baseline sees its window only."""
        return 0


def _connect(config: VideoPoseConfig) -> tuple[Any, dict[str, Any]]:
    """Keypoints and outputs of the network."""
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
