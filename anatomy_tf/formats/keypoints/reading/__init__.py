"""What keypoint readers share: lists of detections, layouts, named joints, tracking."""
