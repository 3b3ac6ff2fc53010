"""The 17 joints of the MPI-INF-3DHP test set and training literature, in the order of its files.

Its "neck" lies between the shoulders.
"""

from anatomy_tf.skeletons.layout import layout

MPI_INF_3DHP_17 = layout(
    "mpi_inf_3dhp_17",
    (
        ("head_top", "head"),
        ("mid_shoulders", "spine"),
        ("right_shoulder", "mid_shoulders"),
        ("right_elbow", "right_shoulder"),
        ("right_wrist", "right_elbow"),
        ("left_shoulder", "mid_shoulders"),
        ("left_elbow", "left_shoulder"),
        ("left_wrist", "left_elbow"),
        ("right_hip", "pelvis"),
        ("right_knee", "right_hip"),
        ("right_ankle", "right_knee"),
        ("left_hip", "pelvis"),
        ("left_knee", "left_hip"),
        ("left_ankle", "left_knee"),
        ("pelvis", None),
        ("spine", "pelvis"),
        ("head", "mid_shoulders"),
    ),
)

SCORED_JOINTS = tuple(
    name for name in MPI_INF_3DHP_17.joint_names if name not in ("pelvis", "spine", "head")
)
"""The 14 joints that the test protocol scores, relative to the pelvis."""

# None of the 14 joints is an ancestor of all others, so mid_shoulders is the hips' parent.
MPI_INF_3DHP_14 = layout(
    "mpi_inf_3dhp_14",
    tuple(
        (
            name,
            {
                "mid_shoulders": None,
                "head_top": "mid_shoulders",
                "left_hip": "mid_shoulders",
                "right_hip": "mid_shoulders",
            }.get(name, MPI_INF_3DHP_17.joint_names[MPI_INF_3DHP_17.parents[index]]),
        )
        for index, name in enumerate(MPI_INF_3DHP_17.joint_names)
        if name in SCORED_JOINTS
    ),
)
"""The 14 joints that the protocol of MPI-INF-3DHP scores, hung on the middle of the shoulders."""
