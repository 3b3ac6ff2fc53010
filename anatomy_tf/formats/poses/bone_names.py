"""The names of bones in other rigs, for programs that match motion to a character by names.

Each table maps a node of ``joint_rotations`` to a name. A node turns the bones that leave its
joint, as in those rigs: the node ``left_hip`` turns the thigh. ``{Side}``, ``{side}``, ``{S}`` and
``{s}`` become ``Left``, ``left``, ``L`` and ``l``, for the right side likewise. Nodes that a table
does not have keep their names; the rest pose is ours, a T, for all rigs.
"""

from __future__ import annotations

from collections.abc import Sequence

from anatomy_tf.errors import AnatomyError

BONE_NAMES: dict[str, dict[str, str]] = {
    "mixamo": {
        "pelvis": "mixamorig:Hips",
        "pelvis_to_spine": "mixamorig:Spine",
        "spine": "mixamorig:Spine1",
        "thorax": "mixamorig:Spine2",
        "thorax_to_neck": "mixamorig:Neck",
        "neck": "mixamorig:Head",
        "head": "mixamorig:HeadTop_End",
        "thorax_to_side_shoulder": "mixamorig:{Side}Shoulder",
        "side_shoulder": "mixamorig:{Side}Arm",
        "side_elbow": "mixamorig:{Side}ForeArm",
        "side_wrist": "mixamorig:{Side}Hand",
        "side_hip": "mixamorig:{Side}UpLeg",
        "side_knee": "mixamorig:{Side}Leg",
        "side_ankle": "mixamorig:{Side}Foot",
    },
    "unreal": {
        "pelvis": "pelvis",
        "pelvis_to_spine": "spine_01",
        "spine": "spine_02",
        "thorax": "spine_03",
        "thorax_to_neck": "neck_01",
        "neck": "head",
        "head": "head_end",
        "thorax_to_side_shoulder": "clavicle_{s}",
        "side_shoulder": "upperarm_{s}",
        "side_elbow": "lowerarm_{s}",
        "side_wrist": "hand_{s}",
        "side_hip": "thigh_{s}",
        "side_knee": "calf_{s}",
        "side_ankle": "foot_{s}",
    },
    "vrm": {
        "pelvis": "hips",
        "pelvis_to_spine": "spine",
        "spine": "chest",
        "thorax": "upperChest",
        "thorax_to_neck": "neck",
        "neck": "head",
        "head": "head_end",
        "thorax_to_side_shoulder": "{side}Shoulder",
        "side_shoulder": "{side}UpperArm",
        "side_elbow": "{side}LowerArm",
        "side_wrist": "{side}Hand",
        "side_hip": "{side}UpperLeg",
        "side_knee": "{side}LowerLeg",
        "side_ankle": "{side}Foot",
    },
    "rigify": {
        "pelvis": "spine",
        "pelvis_to_spine": "spine.001",
        "spine": "spine.002",
        "thorax": "spine.003",
        "thorax_to_neck": "spine.004",
        "neck": "spine.006",
        "head": "spine.006_end",
        "pelvis_to_side_hip": "pelvis.{S}",
        "thorax_to_side_shoulder": "shoulder.{S}",
        "side_shoulder": "upper_arm.{S}",
        "side_elbow": "forearm.{S}",
        "side_wrist": "hand.{S}",
        "side_hip": "thigh.{S}",
        "side_knee": "shin.{S}",
        "side_ankle": "foot.{S}",
    },
}
"""Names by rig: Mixamo's characters, Unreal's mannequin, VRM's humanoid, Blender's Rigify."""


def renamed(nodes: Sequence[str], rig: str | None) -> tuple[str, ...]:
    """Return the nodes' names in a rig, or unchanged without one.

    Raises:
        AnatomyError: for an unknown rig, or when two nodes would have one name.
    """
    if rig is None:
        return tuple(nodes)
    if rig not in BONE_NAMES:
        raise AnatomyError(
            f"--names (names=): expected one of {', '.join(BONE_NAMES)}, got {rig!r:.40}"
        )
    names = tuple(_renamed(node, BONE_NAMES[rig]) for node in nodes)
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise AnatomyError(
            f"--names (names=): {rig} has {', '.join(repeated)} for two joints of this skeleton"
        )
    return names


def _renamed(node: str, table: dict[str, str]) -> str:
    for side in ("left", "right"):
        template = table.get(node.replace(f"{side}_", "side_"))
        if template is not None and f"{side}_" in node:
            sides = {"side": side, "Side": side.title(), "s": side[0], "S": side[0].upper()}
            return template.format(**sides)
    return table.get(node, node)
