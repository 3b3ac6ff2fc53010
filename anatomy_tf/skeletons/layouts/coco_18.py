"""The 18 keypoints of OpenPose's COCO model: COCO's 17 and the middle of the shoulders.

The order is that of ``POSE_COCO_BODY_PARTS`` in OpenPose's documentation (output format), which
calls the middle of the shoulders "Neck".
"""

from anatomy_tf.skeletons.layout import layout

COCO_18 = layout(
    "coco_18",
    (
        ("nose", "mid_shoulders"),
        ("mid_shoulders", None),
        ("right_shoulder", "mid_shoulders"),
        ("right_elbow", "right_shoulder"),
        ("right_wrist", "right_elbow"),
        ("left_shoulder", "mid_shoulders"),
        ("left_elbow", "left_shoulder"),
        ("left_wrist", "left_elbow"),
        ("right_hip", "mid_shoulders"),
        ("right_knee", "right_hip"),
        ("right_ankle", "right_knee"),
        ("left_hip", "mid_shoulders"),
        ("left_knee", "left_hip"),
        ("left_ankle", "left_knee"),
        ("right_eye", "nose"),
        ("left_eye", "nose"),
        ("right_ear", "right_eye"),
        ("left_ear", "left_eye"),
    ),
)
