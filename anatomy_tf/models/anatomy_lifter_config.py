"""The arguments of an anatomy-aware lifter."""

from __future__ import annotations

import dataclasses
from typing import ClassVar, Literal

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.checked_fields import Count, Positive
from anatomy_tf.models.lifting_model_config import LiftingModelConfig
from anatomy_tf.models.recipe import RecipeName

Visibility = Literal["attention", "concatenation", "none"]
LengthOutput = Literal["positions", "lengths"]
LengthPooling = Literal["attention", "mean"]
LengthFrames = Literal["video", "consecutive"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class AnatomyLifterConfig(LiftingModelConfig):
    """The arguments of an anatomy-aware lifter; the defaults are the paper's full model.

    Args:
        filter_widths, channels, skeleton, causal, dropout, fps: see ``LiftingModelConfig``.
        recipe: ``"official"``, ``"paper"`` or, for real recordings, ``"canonical"``, see
            ``Recipe``.
        sub_networks: stacked direction sub-networks (section 3.2), 2 in the paper.
        long_skips: the long skip connections and separate training of the sub-networks (LSC of
            Table 4). Without them the stack is one deeper network: Baseline-D of section 4.4.
        visibility: how visibility scores enter: by implicit attention (section 3.5), concatenated
            with the keypoints ("Fusion", section 4.4), or not at all.
        length_output: the length network's output for each frame: joint positions (ML of
            Table 4) or bone lengths (section 3.3, "directly predicting").
        length_pooling: how frames are combined: by attention (Eq. 6) or as their mean.
        length_frames: which frames bone lengths are estimated from at inference: those that the
            recipe takes from the whole video, or l around each frame ("AF(conse)" of section 4.4;
            train with ``TrainingConfig(sampling="consecutive")``).
        length_augmentation: whether augmented frames are an input (AUG of Table 4).
        joint_shift: whether joint shifts are an output (JSL of Table 4).
        sampled_frames: l, frames of the whole video for the bone lengths.
        attention_temperature: gamma of Eq. 6.

    Raises:
        AnatomyError: for an argument that makes no network, naming it.
    """

    model: ClassVar[str] = "anatomy_tf.models.anatomy_lifter:AnatomyLifter"

    recipe: RecipeName = "official"
    sub_networks: Count = 2
    long_skips: bool = True
    visibility: Visibility = "attention"
    length_output: LengthOutput = "positions"
    length_pooling: LengthPooling = "attention"
    length_frames: LengthFrames = "video"
    length_augmentation: bool = True
    joint_shift: bool = True
    sampled_frames: Count = 50
    attention_temperature: Positive = 10.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.recipe == "canonical" and self.length_augmentation:
            raise AnatomyError(
                "length_augmentation: expected False with the recipe 'canonical', whose views show "
                "new bodies already"
            )
        if self.length_output == "lengths" and self.length_pooling == "attention":
            raise AnatomyError(
                "length_pooling: attention needs positions (Eq. 6); with "
                "length_output='lengths' use length_pooling='mean'"
            )
