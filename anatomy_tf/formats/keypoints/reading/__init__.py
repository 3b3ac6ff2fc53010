"""The common part of keypoint readers: lists of detections, layouts, named joints, tracking."""
