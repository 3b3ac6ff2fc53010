"""What an exported model says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anatomy_tf import __version__

if TYPE_CHECKING:
    from anatomy_tf.models import AnatomyLifter, VideoPose

Description = dict[str, Any]


def describe(
    model: AnatomyLifter | VideoPose,
    *,
    name: str,
    licence: str = "not stated",
    training_data: str = "not stated",
) -> Description:
    """What a stranger needs to know to use a model, as plain data for JSON.

    Args:
        model: the model.
        name: by which it is served.
        licence: of its weights.
        training_data: what it was trained on.
    """
    skeleton, config = model.skeleton, model.config.to_dict()
    anatomical = "recipe" in config
    return {
        "name": name,
        "kind": type(model).__name__,
        "recipe": config.get("recipe"),
        "filter_widths": config["filter_widths"],
        "channels": config["channels"],
        "parameters": model.count_params(),
        "receptive_field": model.receptive_field,
        "causal": model.causal,
        "fps": model.fps,
        "layout": skeleton.name,
        "joint_names": list(skeleton.joint_names),
        "parents": list(skeleton.parents),
        "root": skeleton.joint_names[skeleton.root],
        "bone_names": list(skeleton.bone_names) if anatomical else [],
        "units": "metres; keypoints in pixels, or normalised: x by half the image's width to "
        "[-1, 1], y by the same, the image's middle at 0",
        "axes": "camera: x right, y down, z forward; positions relative to the root joint",
        "licence": licence,
        "training_data": training_data,
        "package": f"anatomy_tf {__version__}",
    }
