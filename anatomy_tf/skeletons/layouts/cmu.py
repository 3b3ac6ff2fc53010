"""The 31 joints of the CMU motion capture database's ASF skeletons, in file order.

A joint is the end of an ASF bone: ``lhipjoint`` ends in the left hip, ``lfemur`` in the left knee.
The root lies some 10 cm above the hips' middle. ``lradius`` ends halfway down the forearm and
``lwrist`` in the wrist; ``lowerback``, ``thorax`` and ``head`` end where Human3.6M has spine,
thorax and head (measured: ``tests/formats/motion/test_asf_amc.py``).
"""

from anatomy_tf.skeletons.layout import layout

_LEG = (("hip", None), ("knee", "hip"), ("ankle", "knee"), ("foot", "ankle"), ("toes", "foot"))
_ARM = (
    ("shoulder", None),
    ("elbow", "shoulder"),
    ("forearm", "elbow"),
    ("wrist", "forearm"),
    ("hand", "wrist"),
    ("fingers", "hand"),
    ("thumb", "wrist"),
)


def _limb(side: str, rows: tuple[tuple[str, str | None], ...], base: str) -> list[tuple[str, str]]:
    return [(f"{side}_{joint}", f"{side}_{parent}" if parent else base) for joint, parent in rows]


CMU_31 = layout(
    "cmu_31",
    (
        ("root", None),
        *_limb("left", _LEG, "root"),
        *_limb("right", _LEG, "root"),
        ("spine", "root"),
        ("upper_back", "spine"),
        ("thorax", "upper_back"),
        ("lower_neck", "thorax"),
        ("upper_neck", "lower_neck"),
        ("head", "upper_neck"),
        *_limb("left", _ARM, "thorax"),
        *_limb("right", _ARM, "thorax"),
    ),
)
