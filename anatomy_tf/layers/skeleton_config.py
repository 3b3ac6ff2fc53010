"""Skeletons in the configs of layers, losses, metrics and models."""

from __future__ import annotations

from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import Skeleton, get_skeleton


def skeleton_from_config(skeleton: Skeleton | dict[str, Any] | str) -> Skeleton:
    """Return a skeleton from itself, its name or the plain data of ``Skeleton.to_dict``.

    Configs hold the plain data, so that a saved model needs no registry to load.

    Raises:
        AnatomyError: for an unknown name, or data that are no skeleton's.
    """
    if not isinstance(skeleton, dict):
        return get_skeleton(skeleton)
    try:
        return Skeleton(**skeleton)
    except TypeError as error:
        raise AnatomyError(f"skeleton: expected joint_names and parents: {error}") from None
