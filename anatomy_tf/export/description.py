"""The description that is stored in an exported model."""

from __future__ import annotations

from anatomy_tf import __version__
from anatomy_tf.cameras.field_of_view import DEFAULT_FIELD_OF_VIEW
from anatomy_tf.inference.exported.description import Description
from anatomy_tf.network.weights import Model, network_weights

_SCREEN = (
    "metres; keypoints in pixels, or as screen coordinates: pixels from the image's middle divided "
    "by half its width, so that x is from -1 to 1"
)
_RAYS = (
    "metres; keypoints as rays, x / z and y / z in the camera's axes, which are pixels from the "
    "image's middle divided by the focal length in pixels; or as pixels, for which a lens is "
    f"assumed that sees {DEFAULT_FIELD_OF_VIEW:g} degrees over the image's longer side"
)


def describe(
    model: Model,
    *,
    name: str,
    licence: str = "not stated",
    training_data: str = "not stated",
) -> Description:
    """Return the description of a model, as plain data for JSON.

    Args:
        model: the model, or its weights.
        name: by which it is served.
        licence: of its weights.
        training_data: what it was trained on.
    """
    weights = network_weights(model)
    skeleton, config = weights.skeleton, weights.config.to_dict()
    anatomical = weights.anatomical is not None
    return {
        "name": name,
        "kind": type(weights.config).model.partition(":")[2],
        "recipe": config.get("recipe"),
        "filter_widths": config["filter_widths"],
        "channels": config["channels"],
        "parameters": weights.parameters,
        "receptive_field": weights.config.receptive_field,
        "causal": weights.config.causal,
        "fps": weights.config.fps,
        "layout": skeleton.name,
        "joint_names": list(skeleton.joint_names),
        "parents": list(skeleton.parents),
        "root": skeleton.joint_names[skeleton.root],
        "bone_names": list(skeleton.bone_names) if anatomical else [],
        "units": _RAYS if weights.canonical else _SCREEN,
        "axes": "camera: x right, y down, z forward; positions relative to the root joint",
        "licence": licence,
        "training_data": training_data,
        "package": f"anatomy_tf {__version__}",
    }
