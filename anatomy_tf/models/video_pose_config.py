"""The arguments of the baseline."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from anatomy_tf.models.lifting_model_config import LiftingModelConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class VideoPoseConfig(LiftingModelConfig):
    """The arguments of the baseline.

    Args:
        filter_widths, channels, skeleton, causal, dropout, fps: see ``LiftingModelConfig``.
        joint_shift: also predict joint shifts (Baseline + JSL of section 4.4).

    Raises:
        AnatomyError: for an argument that makes no network, naming it.
    """

    model: ClassVar[str] = "anatomy_tf.models.video_pose:VideoPose"

    joint_shift: bool = False
