"""The arguments of an anatomy-aware lifter."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, Literal, get_args

from anatomy_tf.errors import AnatomyError
from anatomy_tf.models.arguments import check_counts, check_rates, odd_widths
from anatomy_tf.skeletons import Skeleton, get_skeleton

if TYPE_CHECKING:
    from anatomy_tf.models.anatomy_lifter import AnatomyLifter

Visibility = Literal["attention", "concatenation", "none"]
LengthOutput = Literal["positions", "lengths"]
LengthPooling = Literal["attention", "mean"]
LengthFrames = Literal["video", "consecutive"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class AnatomyLifterConfig:
    """The arguments of an anatomy-aware lifter; the defaults are the paper's full model.

    Args:
        filter_widths: odd widths of the temporal convolutions; their product is the receptive field
            in frames: (3, 3, 3) sees 27, (3, 3, 3, 3) 81, (3, 3, 3, 3, 3) 243.
        channels: C of every convolution and fully connected layer.
        skeleton: name or ``Skeleton`` of keypoints and poses.
        causal: see past frames only; the target is the newest.
        recipe: ``"official"`` or ``"paper"``, see ``Recipe``.
        sub_networks: stacked direction sub-networks (section 3.2), 2 in the paper.
        long_skips: the long skip connections and separate training of the sub-networks (LSC of
            Table 4). Without them the stack is one deeper network: Baseline-D of section 4.4.
        visibility: how visibility scores enter: by implicit attention (section 3.5), concatenated
            with the keypoints ("Fusion", section 4.4), or not at all.
        length_output: what the length network predicts for each frame: joint positions (ML of
            Table 4) or bone lengths (section 3.3, "directly predicting").
        length_pooling: how frames are combined: by attention (Eq. 6) or as their mean.
        length_frames: which frames bone lengths are estimated from at inference: those that the
            recipe takes of the whole video, or l around each frame ("AF(conse)" of section 4.4;
            train with ``TrainingConfig(sampling="consecutive")``).
        length_augmentation: whether augmented frames are an input (AUG of Table 4).
        joint_shift: whether joint shifts are an output (JSL of Table 4).
        sampled_frames: l, frames of the whole video for the bone lengths.
        dropout: share of activations dropped while training.
        attention_temperature: gamma of Eq. 6.
        fps: frame rate that the model is trained at, frames a second.

    Raises:
        AnatomyError: for an argument that makes no network, naming it.
    """

    filter_widths: tuple[int, ...] = (3, 3, 3, 3, 3)
    channels: int = 1024
    skeleton: str | Skeleton = "human36m_17"
    causal: bool = False
    recipe: str = "official"
    sub_networks: int = 2
    long_skips: bool = True
    visibility: Visibility = "attention"
    length_output: LengthOutput = "positions"
    length_pooling: LengthPooling = "attention"
    length_frames: LengthFrames = "video"
    length_augmentation: bool = True
    joint_shift: bool = True
    sampled_frames: int = 50
    dropout: float = 0.25
    attention_temperature: float = 10.0
    fps: float = 50.0

    def __post_init__(self) -> None:
        skeleton = self.skeleton
        if isinstance(skeleton, dict):
            skeleton = Skeleton(**skeleton)
        object.__setattr__(self, "skeleton", get_skeleton(skeleton))
        object.__setattr__(self, "filter_widths", odd_widths(self.filter_widths))
        from anatomy_tf.models.recipe import RECIPES

        choices: dict[str, tuple[str, ...]] = {
            "recipe": tuple(RECIPES),
            "visibility": get_args(Visibility),
            "length_output": get_args(LengthOutput),
            "length_pooling": get_args(LengthPooling),
            "length_frames": get_args(LengthFrames),
        }
        for field, allowed in choices.items():
            if getattr(self, field) not in allowed:
                raise AnatomyError(
                    f"{field}: expected one of {', '.join(allowed)}, got {getattr(self, field)!r}"
                )
        check_counts(self, "channels", "sub_networks", "sampled_frames")
        check_rates(self)
        if self.length_output == "lengths" and self.length_pooling == "attention":
            raise AnatomyError(
                "length_pooling: attention needs positions (Eq. 6); with "
                "length_output='lengths' use length_pooling='mean'"
            )

    @property
    def receptive_field(self) -> int:
        """R, frames that one pose is estimated from."""
        return math.prod(self.filter_widths)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; ``AnatomyLifterConfig(**data)`` builds it again."""
        skeleton = get_skeleton(self.skeleton)
        shallow = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {
            **shallow,
            "filter_widths": list(self.filter_widths),
            "skeleton": skeleton.to_dict(),
        }

    def build(self) -> AnatomyLifter:
        """The untrained model."""
        from anatomy_tf.models.anatomy_lifter import AnatomyLifter

        return AnatomyLifter(**self.to_dict())
