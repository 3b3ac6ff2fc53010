"""The 25 keypoints of OpenPose's BODY_25B model: upper neck and head top, no middle hip."""

from anatomy_tf.skeletons.layout import layout

BODY_25B = layout(
    "body_25b",
    (
        ("nose", "neck"),
        ("left_eye", "nose"),
        ("right_eye", "nose"),
        ("left_ear", "left_eye"),
        ("right_ear", "right_eye"),
        ("left_shoulder", "neck"),
        ("right_shoulder", "neck"),
        ("left_elbow", "left_shoulder"),
        ("right_elbow", "right_shoulder"),
        ("left_wrist", "left_elbow"),
        ("right_wrist", "right_elbow"),
        ("left_hip", "left_shoulder"),
        ("right_hip", "right_shoulder"),
        ("left_knee", "left_hip"),
        ("right_knee", "right_hip"),
        ("left_ankle", "left_knee"),
        ("right_ankle", "right_knee"),
        ("neck", None),
        ("head_top", "neck"),
        ("left_big_toe", "left_ankle"),
        ("left_small_toe", "left_ankle"),
        ("left_heel", "left_ankle"),
        ("right_big_toe", "right_ankle"),
        ("right_small_toe", "right_ankle"),
        ("right_heel", "right_ankle"),
    ),
    extra_links=(("left_hip", "right_hip"),),
)
