"""The registry of skeletons by name: the package's and a user's own."""

from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons.layouts import (
    BLAZEPOSE_33,
    BODY_25,
    BODY_25B,
    CMU_31,
    COCO_17,
    COCO_18,
    HALPE_26,
    HUMAN36M_17,
    MPI_INF_3DHP_14,
    MPI_INF_3DHP_17,
)
from anatomy_tf.skeletons.skeleton import Skeleton

_SKELETONS = {
    skeleton.name: skeleton
    for skeleton in (
        HUMAN36M_17,
        MPI_INF_3DHP_17,
        MPI_INF_3DHP_14,
        COCO_17,
        COCO_18,
        BODY_25,
        BODY_25B,
        HALPE_26,
        BLAZEPOSE_33,
        CMU_31,
    )
}


def skeleton_names() -> tuple[str, ...]:
    """Return the names that ``get_skeleton`` knows."""
    return tuple(_SKELETONS)


def get_skeleton(name: str | Skeleton) -> Skeleton:
    """Return the skeleton with this name; a ``Skeleton`` is returned as it is.

    Args:
        name: such as ``"human36m_17"`` or ``"coco_17"``.

    Raises:
        AnatomyError: for an unknown name, listing the known ones.
    """
    if isinstance(name, Skeleton):
        return name
    if not isinstance(name, str) or name not in _SKELETONS:
        raise AnatomyError(f"unknown skeleton {name!r}; known are {', '.join(sorted(_SKELETONS))}")
    return _SKELETONS[name]


def register_skeleton(skeleton: Skeleton) -> Skeleton:
    """Register a skeleton under its name; the same one may be registered twice.

    Args:
        skeleton: the layout; afterwards functions accept its ``name`` for it.

    Returns:
        The skeleton itself.

    Raises:
        AnatomyError: when another skeleton has the name already, or it is no ``Skeleton``.
    """
    if not isinstance(skeleton, Skeleton):
        raise AnatomyError(f"expected a Skeleton to register, got {skeleton!r:.40}")
    if _SKELETONS.get(skeleton.name, skeleton) != skeleton:
        raise AnatomyError(f"another skeleton is registered as {skeleton.name!r}")
    _SKELETONS[skeleton.name] = skeleton
    return skeleton
