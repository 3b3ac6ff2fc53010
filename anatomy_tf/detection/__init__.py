"""2D keypoints of the people in a video, from a detector that the user installs.

Adapters run MediaPipe's pose landmarker, rtmlib's RTMPose, Ultralytics' and MMPose's models, and
anything else that follows ``Detector``. The model files of the first two are fetched once.
"""

from anatomy_tf.detection.detectors.detector import Detector
from anatomy_tf.detection.people import detect_people
from anatomy_tf.detection.registry import DETECTORS, default_detector, load_detector
from anatomy_tf.detection.videos.live_video import LiveFrame, LiveVideo
from anatomy_tf.detection.videos.video import Video

__all__ = [
    "DETECTORS",
    "Detector",
    "LiveFrame",
    "LiveVideo",
    "Video",
    "default_detector",
    "detect_people",
    "load_detector",
]
