"""People's 2D keypoints out of a video, by a detector that the user brings.

No detector comes with the package: adapters run MediaPipe's pose landmarker and rtmlib's RTMPose,
each with a model file of its own, and anything else that follows ``Detector``.
"""

from anatomy_tf.detection.detector import Detector
from anatomy_tf.detection.people import detect_people
from anatomy_tf.detection.registry import DETECTORS, load_detector
from anatomy_tf.detection.video import Video

__all__ = ["DETECTORS", "Detector", "Video", "detect_people", "load_detector"]
