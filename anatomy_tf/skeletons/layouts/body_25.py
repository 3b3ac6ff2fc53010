"""The 25 keypoints of OpenPose's BODY_25 model.

OpenPose calls the middle of the shoulders "Neck".
"""

from anatomy_tf.skeletons.layout import layout

BODY_25 = layout(
    "body_25",
    (
        ("nose", "mid_shoulders"),
        ("mid_shoulders", "mid_hip"),
        ("right_shoulder", "mid_shoulders"),
        ("right_elbow", "right_shoulder"),
        ("right_wrist", "right_elbow"),
        ("left_shoulder", "mid_shoulders"),
        ("left_elbow", "left_shoulder"),
        ("left_wrist", "left_elbow"),
        ("mid_hip", None),
        ("right_hip", "mid_hip"),
        ("right_knee", "right_hip"),
        ("right_ankle", "right_knee"),
        ("left_hip", "mid_hip"),
        ("left_knee", "left_hip"),
        ("left_ankle", "left_knee"),
        ("right_eye", "nose"),
        ("left_eye", "nose"),
        ("right_ear", "right_eye"),
        ("left_ear", "left_eye"),
        ("left_big_toe", "left_ankle"),
        ("left_small_toe", "left_ankle"),
        ("left_heel", "left_ankle"),
        ("right_big_toe", "right_ankle"),
        ("right_small_toe", "right_ankle"),
        ("right_heel", "right_ankle"),
    ),
)
