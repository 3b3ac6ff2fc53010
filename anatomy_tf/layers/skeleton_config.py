"""Skeletons in layer configurations."""

from __future__ import annotations

from typing import Any

from anatomy_tf.skeletons import Skeleton, get_skeleton


def skeleton_config(skeleton: Skeleton) -> dict[str, Any]:
    """Return the skeleton as plain data, so that a saved model needs no registry to load."""
    return skeleton.to_dict()


def skeleton_from_config(skeleton: Skeleton | dict[str, Any] | str) -> Skeleton:
    """Return a skeleton from itself, its plain data or its name."""
    return Skeleton(**skeleton) if isinstance(skeleton, dict) else get_skeleton(skeleton)
