"""Keypoint layouts from rows of (joint, parent) names."""

from collections.abc import Sequence

from anatomy_tf.skeletons.skeleton import Skeleton


def layout(
    name: str,
    joints: Sequence[tuple[str, str | None]],
    extra_links: Sequence[tuple[str, str]] = (),
) -> Skeleton:
    """Return a skeleton built from (joint name, parent name) rows, in the source's joint order.

    Args:
        name: identifier of the layout.
        joints: a row for each joint; the root's parent is ``None``.
        extra_links: pairs of joints that a drawing joins besides the tree.
    """
    names = tuple(joint for joint, _ in joints)
    parents = tuple(-1 if parent is None else names.index(parent) for _, parent in joints)
    return Skeleton(name, names, parents, tuple(extra_links))
