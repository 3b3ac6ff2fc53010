"""Options of ``anatomy-tf lift`` and ``live`` about the detector that finds people."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated

from anatomy_tf.cli.options import arg

if TYPE_CHECKING:
    from rich.console import Console

    from anatomy_tf.detection import Detector


@dataclasses.dataclass(frozen=True)
class DetectorOptions:
    """Options about the detector.

    Args:
        detector: what finds the people of a video: rtmlib, mediapipe, ultralytics or mmpose; by
            default the first of rtmlib and mediapipe that is installed (anatomy-tf detector list).
        detector_model: path or address of the detector's model file; for rtmlib one file (RTMO) or
            two (a person detector and RTMPose). By default rtmlib's and mediapipe's are fetched
            once.
        detector_people: the most people that mediapipe looks for in a frame; 1 is faster.
    """

    detector: Annotated[str | None, arg(metavar="NAME")] = None
    detector_model: Annotated[tuple[str, ...], arg(metavar="PATH [PATH]")] = ()
    detector_people: Annotated[int, arg(metavar="N")] = 4

    def named(self) -> DetectorOptions:
        """Return these options with the default detector where none is named.

        Call it before the long work.

        Raises:
            AnatomyError: saying what to install, when none is named and none is there.
        """
        from anatomy_tf.detection import default_detector

        return dataclasses.replace(self, detector=self.detector or default_detector())

    def load(self, console: Console) -> Detector:
        """Return the named detector; its model files are fetched first, with a progress bar.

        Raises:
            AnatomyError: when it cannot be used.
        """
        from anatomy_tf.cli.detector import fetching
        from anatomy_tf.detection import load_detector

        assert self.detector is not None
        with fetching(console) as fetched:
            return load_detector(
                self.detector, self.detector_model, people=self.detector_people, progress=fetched
            )
