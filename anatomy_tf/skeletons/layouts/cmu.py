"""The 31 joints of the CMU motion capture database's ASF skeletons, in file order.

A joint is the end of an ASF bone: ``lhipjoint`` ends in the left hip, ``lfemur`` in the left knee.
"""

from anatomy_tf.skeletons.layout import layout

_LEG = (("hip", None), ("knee", "hip"), ("ankle", "knee"), ("foot", "ankle"), ("toes", "foot"))
_ARM = (
    ("shoulder", None),
    ("elbow", "shoulder"),
    ("wrist", "elbow"),
    ("palm", "wrist"),
    ("hand", "palm"),
    ("fingers", "hand"),
    ("thumb", "palm"),
)


def _limb(side: str, rows: tuple[tuple[str, str | None], ...], base: str) -> list[tuple[str, str]]:
    return [(f"{side}_{joint}", f"{side}_{parent}" if parent else base) for joint, parent in rows]


CMU_31 = layout(
    "cmu_31",
    (
        ("pelvis", None),
        *_limb("left", _LEG, "pelvis"),
        *_limb("right", _LEG, "pelvis"),
        ("lower_back", "pelvis"),
        ("upper_back", "lower_back"),
        ("chest", "upper_back"),
        ("lower_neck", "chest"),
        ("upper_neck", "lower_neck"),
        ("head_top", "upper_neck"),
        *_limb("left", _ARM, "chest"),
        *_limb("right", _ARM, "chest"),
    ),
)
