"""The 26 body keypoints of Halpe, as AlphaPose and RTMPose give them.

What Halpe calls "Neck" lies between the shoulders.
"""

from anatomy_tf.skeletons.layout import layout

HALPE_26 = layout(
    "halpe_26",
    (
        ("nose", "mid_shoulders"),
        ("left_eye", "nose"),
        ("right_eye", "nose"),
        ("left_ear", "left_eye"),
        ("right_ear", "right_eye"),
        ("left_shoulder", "mid_shoulders"),
        ("right_shoulder", "mid_shoulders"),
        ("left_elbow", "left_shoulder"),
        ("right_elbow", "right_shoulder"),
        ("left_wrist", "left_elbow"),
        ("right_wrist", "right_elbow"),
        ("left_hip", "pelvis"),
        ("right_hip", "pelvis"),
        ("left_knee", "left_hip"),
        ("right_knee", "right_hip"),
        ("left_ankle", "left_knee"),
        ("right_ankle", "right_knee"),
        ("head_top", "mid_shoulders"),
        ("mid_shoulders", "pelvis"),
        ("pelvis", None),
        ("left_big_toe", "left_ankle"),
        ("right_big_toe", "right_ankle"),
        ("left_small_toe", "left_ankle"),
        ("right_small_toe", "right_ankle"),
        ("left_heel", "left_ankle"),
        ("right_heel", "right_ankle"),
    ),
)
