"""The body model from which everything else about joints and bones is derived."""

from __future__ import annotations

import dataclasses
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import JOINTS, is_whole

LEFT, RIGHT = "left_", "right_"


@dataclasses.dataclass(frozen=True)
class Skeleton:
    """A named tree of joints; bones, paths, joint pairs, flip order and subtrees follow from it.

    A bone belongs to its child joint and points from the parent to the child, so that the bone of
    the paper's Figure 2 with direction ``D_b`` and length ``L_b`` leads away from the root. Bones
    are listed in the order of their child joints.

    Args:
        name: identifier, such as ``"human36m_17"``.
        joint_names: J joint names. A name that starts with ``left_`` or ``right_`` is paired with
            its mirror image; both must be present.
        parents: for each joint the index of its parent, ``-1`` for the one root. Parents may come
            after their children.
        extra_links: pairs of joint names that a drawing joins although they are no bone.

    Raises:
        AnatomyError: when names repeat or are no texts, the parents are no tree, a side has no
            mirror image, or an extra link is no pair of joints.

    Example:
        >>> arm = Skeleton("arm", ("shoulder", "elbow", "wrist"), (-1, 0, 1))
        >>> arm.bone_names
        ('elbow', 'wrist')
        >>> arm.joint_pairs()
        ((0, 2),)
    """

    name: str
    joint_names: tuple[str, ...]
    parents: tuple[int, ...]
    extra_links: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise AnatomyError(f"skeleton: expected a text as name, got {self.name!r:.40}")
        where = f"skeleton {self.name!r}"
        try:
            names, parents = tuple(self.joint_names), tuple(self.parents)
            links = tuple((a, b) for a, b in self.extra_links)
        except (TypeError, ValueError):
            raise AnatomyError(
                f"{where}: expected joint names, parents, and pairs of joint names as extra links"
            ) from None
        linked = (name for link in links for name in link)
        if not all(isinstance(name, str) for name in (*names, *linked)):
            raise AnatomyError(f"{where}: expected texts as joint names and extra links")
        if not all(map(is_whole, parents)):
            raise AnatomyError(f"{where}: expected whole numbers as parents")
        JOINTS.check(max(len(names), 1), where)
        object.__setattr__(self, "joint_names", names)
        object.__setattr__(self, "parents", tuple(int(parent) for parent in parents))
        object.__setattr__(self, "extra_links", links)
        self._check()

    def _check(self) -> None:
        where = f"skeleton {self.name!r}"
        count = len(self.joint_names)
        repeated = sorted({n for n in self.joint_names if self.joint_names.count(n) > 1})
        if repeated:
            raise AnatomyError(f"{where}: joint names must differ, repeated: {', '.join(repeated)}")
        if len(self.parents) != count:
            raise AnatomyError(
                f"{where}: expected {count} parents, one a joint, got {len(self.parents)}"
            )
        if not all(-1 <= p < count for p in self.parents):
            raise AnatomyError(f"{where}: parents must lie in -1..{count - 1}, got {self.parents}")
        if self.parents.count(-1) != 1:
            raise AnatomyError(
                f"{where}: expected one root (parent -1), got {self.parents.count(-1)}"
            )
        for joint in range(count):
            seen, at = set(), joint
            while at != -1:
                if at in seen:
                    raise AnatomyError(
                        f"{where}: joint {self.joint_names[joint]!r} is its own ancestor"
                    )
                seen.add(at)
                at = self.parents[at]
        unpaired = [n for n in self.joint_names if _mirror(n) not in self.joint_names]
        if unpaired:
            raise AnatomyError(f"{where}: no mirror image of {', '.join(unpaired)}")
        unknown = {n for link in self.extra_links for n in link} - set(self.joint_names)
        if unknown:
            raise AnatomyError(f"{where}: extra links name no joint: {', '.join(sorted(unknown))}")

    def index(self, joint_name: str) -> int:
        """Return the index of a joint by its name.

        Raises:
            AnatomyError: when the skeleton has no joint of this name.
        """
        try:
            return self.joint_names.index(joint_name)
        except ValueError:
            raise AnatomyError(
                f"skeleton {self.name!r} has no joint {joint_name!r}; "
                f"it has {', '.join(self.joint_names)}"
            ) from None

    @property
    def joint_count(self) -> int:
        """J, the number of joints."""
        return len(self.joint_names)

    @property
    def bone_count(self) -> int:
        """b = J - 1, the number of bones."""
        return len(self.joint_names) - 1

    @cached_property
    def root(self) -> int:
        """Index of the root joint."""
        return self.parents.index(-1)

    @cached_property
    def bones(self) -> tuple[tuple[int, int], ...]:
        """(parent, child) of each bone, in the order of the child joints."""
        return tuple((p, c) for c, p in enumerate(self.parents) if p != -1)

    @cached_property
    def bone_names(self) -> tuple[str, ...]:
        """The child joint's name of each bone."""
        return tuple(self.joint_names[child] for _, child in self.bones)

    @cached_property
    def links(self) -> tuple[tuple[int, int], ...]:
        """Pairs of joint indices that a drawing joins: the bones and the extra links."""
        extra = tuple((self.index(a), self.index(b)) for a, b in self.extra_links)
        return self.bones + extra

    @cached_property
    def paths(self) -> tuple[tuple[int, ...], ...]:
        """The bones from the root to each joint k, the set B^k of Eq. 1, root first."""
        bone_of_child = {child: bone for bone, (_, child) in enumerate(self.bones)}
        paths = []
        for joint in range(self.joint_count):
            path = []
            while joint != self.root:
                path.append(bone_of_child[joint])
                joint = self.parents[joint]
            paths.append(tuple(reversed(path)))
        return tuple(paths)

    @cached_property
    def bone_matrix(self) -> NDArray[np.float32]:
        """(b, J) matrix that turns joint positions into bone vectors (child minus parent)."""
        matrix = np.zeros((self.bone_count, self.joint_count), np.float32)
        for bone, (parent, child) in enumerate(self.bones):
            matrix[bone, child], matrix[bone, parent] = 1, -1
        return matrix

    @cached_property
    def kinematics_matrix(self) -> NDArray[np.float32]:
        """(J, b) matrix that turns bone vectors into root-relative positions: Eq. 1 for all joints.

        Column b marks the joints that move when bone b grows, that is the subtree below it.
        """
        matrix = np.zeros((self.joint_count, self.bone_count), np.float32)
        for joint, path in enumerate(self.paths):
            matrix[joint, list(path)] = 1
        return matrix

    @cached_property
    def subtrees(self) -> tuple[tuple[int, ...], ...]:
        """The joints that move when each bone grows: its child and all descendants."""
        return tuple(tuple(np.flatnonzero(column).tolist()) for column in self.kinematics_matrix.T)

    def joint_pairs(self, self_pairs: bool = False) -> tuple[tuple[int, int], ...]:
        """Return the joint pairs P of Eq. 2, ascending: all (k1, k2) that no bone joins directly.

        Args:
            self_pairs: include the pairs (k, k), whose shift is zero; the published implementation
                has them, the paper (k1 < k2) does not.
        """
        joined = {tuple(sorted(bone)) for bone in self.bones}
        first = 0 if self_pairs else 1
        return tuple(
            (i, j)
            for i in range(self.joint_count)
            for j in range(i + first, self.joint_count)
            if (i, j) not in joined
        )

    def pair_matrix(self, self_pairs: bool = False) -> NDArray[np.float32]:
        """Return the (p, J) matrix that turns positions into the joint shifts of Eq. 2."""
        pairs = self.joint_pairs(self_pairs)
        matrix = np.zeros((len(pairs), self.joint_count), np.float32)
        for row, (i, j) in enumerate(pairs):
            matrix[row, j] += 1
            matrix[row, i] -= 1
        return matrix

    @cached_property
    def flip_order(self) -> tuple[int, ...]:
        """The index of each joint's mirror image: ``positions[..., flip_order, :]``."""
        return tuple(self.joint_names.index(_mirror(n)) for n in self.joint_names)

    @cached_property
    def bone_flip_order(self) -> tuple[int, ...]:
        """The index of each bone's mirror image (itself on the body's middle line)."""
        bone_of = {child: bone for bone, (_, child) in enumerate(self.bones)}
        return tuple(bone_of.get(self.flip_order[c], b) for b, (_, c) in enumerate(self.bones))

    @cached_property
    def sides(self) -> tuple[str, ...]:
        """``"left"``, ``"right"`` or ``"middle"`` for each joint."""
        return tuple(
            "left" if n.startswith(LEFT) else "right" if n.startswith(RIGHT) else "middle"
            for n in self.joint_names
        )

    @cached_property
    def left_right_bones(self) -> tuple[tuple[int, int], ...]:
        """(left, right) indices of the bones that should be equally long."""
        return tuple(
            (bone, self.bone_flip_order[bone])
            for bone, name in enumerate(self.bone_names)
            if name.startswith(LEFT) and self.bone_flip_order[bone] != bone
        )

    def subset(self, joint_names: tuple[str, ...], name: str) -> Skeleton:
        """Return a skeleton with only these joints.

        The children of a dropped joint join its nearest kept ancestor; extra links are dropped.

        Raises:
            AnatomyError: when a name is unknown or the kept joints are no longer one tree.
        """
        kept = [self.index(n) for n in joint_names]

        def ancestor(joint: int) -> int:
            at = self.parents[joint]
            while at != -1 and at not in kept:
                at = self.parents[at]
            return kept.index(at) if at != -1 else -1

        return Skeleton(name, tuple(joint_names), tuple(ancestor(j) for j in kept))

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON and layer configs; ``Skeleton(**data)`` builds it again."""
        return {
            "name": self.name,
            "joint_names": list(self.joint_names),
            "parents": list(self.parents),
            "extra_links": [list(link) for link in self.extra_links],
        }


def _mirror(joint_name: str) -> str:
    for here, there in ((LEFT, RIGHT), (RIGHT, LEFT)):
        if joint_name.startswith(here):
            return there + joint_name.removeprefix(here)
    return joint_name
