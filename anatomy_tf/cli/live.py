"""``anatomy-tf live``: a camera in, poses in the browser while it runs."""

from __future__ import annotations

import contextlib
import time
import webbrowser
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import tyro

from anatomy_tf.cli.console import plain_console
from anatomy_tf.cli.detector_options import DetectorOptions
from anatomy_tf.cli.options import arg, check_unused, given
from anatomy_tf.cli.other_files import check_other_file
from anatomy_tf.cli.written_poses import FileOptions, print_written
from anatomy_tf.files.limits import POINTS
from anatomy_tf.startup_notes import startup_notes_hidden

if TYPE_CHECKING:
    from rich.console import Console

    from anatomy_tf.detection import Detector, LiveVideo
    from anatomy_tf.detection.videos.live_video import LiveFrame
    from anatomy_tf.formats import WrittenPoses
    from anatomy_tf.inference import Lifter, LiveLifter
    from anatomy_tf.visualization.viewer.live_page import LivePage

CAMERA = "0"
"""The camera that is taken where none is named."""

PATIENCE = 0.2
"""Seconds to wait for a frame before checking whether Ctrl-C was pressed."""

OPENING = 15.0
"""Seconds to wait for the browser that ``--open`` opens."""

MEASURED = 10_000
"""The newest frames whose latency is measured."""


def live(
    video: Annotated[Path | None, tyro.conf.Positional, arg(metavar="[VIDEO]")] = None,
    camera: Annotated[str, arg(metavar="NAME")] = CAMERA,
    output: Annotated[Path | None, arg(metavar="PATH")] = None,
    fps: Annotated[str | None, arg(metavar="FPS")] = None,
    image_size: Annotated[str | None, arg(metavar="WxH")] = None,
    model: str = "causal",
    fit: bool = True,
    smooth: Annotated[float | None, arg(metavar="HZ")] = None,
    port: Annotated[int, arg(metavar="PORT")] = 8765,
    open: tyro.conf.FlagCreatePairsOff[bool] = False,
    detector: tyro.conf.OmitArgPrefixes[DetectorOptions] = DetectorOptions(),  # noqa: B008
    file: tyro.conf.OmitArgPrefixes[FileOptions] = FileOptions(),  # noqa: B008
) -> None:
    """Lift the people in front of a camera while it runs, and show them in the browser.

    Only this machine can open the page. Frames that arrive while the detector is busy are dropped
    and interpolated, so there is a pose for every frame. Ctrl-C ends it and writes the recording.

    Args:
        video: a video file instead of a camera; it plays once, at its own speed.
        camera: the camera's number or ffmpeg's name of it, such as /dev/video2.
        output: record the poses to this file: .npz, .json, .csv, .glb, .bvh, .trc or
            .c3d. The last three hold one person, so each person gets a file. Existing files are
            replaced.
        fps: frames a second to ask the camera for, such as 30 or 30000/1001.
        image_size: width x height in pixels to ask the camera for, such as 1280x720.
        model: name of a shipped model, or the path of a model file. A model that is not causal
            answers late.
        fit: move joints across the picture towards their keypoints so far and give bones the
            lengths that agree with them.
        smooth: smooth the poses with a one-euro filter; this is its cut-off in Hz for a person at
            rest, such as 1.
        port: the page's TCP port on this machine; 0 takes a free one.
        open: open the page in the browser, and begin when it has loaded.
        detector: what finds the people.
        file: how the file is written.
    """
    from anatomy_tf.cli.stated_video import parse_rate, parse_size
    from anatomy_tf.detection import LiveVideo
    from anatomy_tf.inference import LiveLifter
    from anatomy_tf.poses.smoothing import one_euro_filters
    from anatomy_tf.training.stop_request import StopRequest
    from anatomy_tf.visualization.viewer.live_page import LivePage

    if output is not None:
        output = file.check(output)
        check_other_file(output, video)
    else:
        check_unused(given(file), "is about the recording; expected --output PATH with it")
    size, rate = parse_size(image_size), parse_rate(fps)
    if video is not None:
        asked = {"--camera": camera != CAMERA, "--fps": rate, "--image-size": size}
        check_unused(asked, "is for cameras; here the input is a video")
    detector = detector.named()
    console = plain_console(soft_wrap=True)
    problem: BaseException | None = None
    # Detectors write notes of their own, from C++, when they start, run and end.
    with startup_notes_hidden(), contextlib.ExitStack() as stack:
        lifter = _warmed_up(model)
        finder = detector.load(console)
        stack.enter_context(contextlib.closing(finder))
        stop = stack.enter_context(StopRequest())
        source = stack.enter_context(
            LiveVideo.camera(camera, fps=rate, image_size=size)
            if video is None
            else LiveVideo.file(video)
        )
        size = source.width, source.height
        stream = lifter.stream(
            0, image_size=size, fps=source.fps, skeleton=finder.skeleton, fit=fit
        )
        lifting = LiveLifter(
            stream,
            new_filter=one_euro_filters(smooth, source.fps),
            record=output is not None,
        )
        late = stream.latency / stream.model_fps
        page = stack.enter_context(
            LivePage(
                (stream.skeleton, finder.skeleton),
                size,
                source.fps,
                latency=late,
                port=port,
                title=video.name if video else f"camera {camera}",
            )
        )
        console.print(f"Showing poses at {page.address}; Ctrl-C ends it")
        if late:
            console.print(f"Poses come {late:.2f} s late: the model is not causal")
        if open:
            webbrowser.open(page.address)
            page.wait(OPENING)
        session = LiveSession(source, finder, lifting, page)
        try:
            session.run(lambda: stop.requested)
        except BaseException as error:
            # What was recorded so far is written all the same, as where the terminal is closed.
            problem = error
    written: list[WrittenPoses] = []
    if output is not None and (poses := lifting.recorded()):
        # Before anything is printed, which a closed terminal refuses.
        written = file.save(output, poses)
    session.report(console)
    if output is not None:
        if written:
            print_written(console, written, constant=False)
        else:
            console.print(f"Nobody was seen for long enough: {output} is not written")
    if problem is not None:
        raise problem


def _warmed_up(model: str) -> Lifter:
    """Return a model's lifter after a first frame of a stream.

    That one compiles, for which frames of the camera are not to be lost.
    """
    from anatomy_tf.inference import Lifter

    lifter = Lifter.load(model)
    stream = lifter.stream(1, image_size=(1280, 720))
    stream.push(np.zeros((1, lifter.skeleton.joint_count, 2), np.float32))
    return lifter


class LiveSession:
    """A camera, a detector, a lifter and a page at work.

    Args:
        source: the camera, or a file.
        detector: finds the people in its frames.
        lifting: tracks and lifts them.
        page: shows them.
    """

    def __init__(
        self, source: LiveVideo, detector: Detector, lifting: LiveLifter, page: LivePage
    ) -> None:
        self.source, self.detector, self.lifting, self.page = source, detector, lifting, page
        self._latencies: deque[float] = deque(maxlen=MEASURED)
        self._begun = time.monotonic()
        self._seconds = 0.0
        self._full = False

    def run(self, stopped: Callable[[], bool]) -> None:
        """Lift until the video ends, it is to stop, or the recording is as long as a file may be.

        Raises:
            AnatomyError: when the video breaks off or the detector's result is of no use.
        """
        try:
            while not (stopped() or self.source.ended or self._full):
                frame = self.source.newest(PATIENCE)
                if frame is not None:
                    self._lift(frame)
        finally:
            self._seconds = time.monotonic() - self._begun

    def report(self, console: Console) -> None:
        """Print how many frames were looked at and how late poses came."""
        came, dropped = self.source.came, self.source.dropped
        console.print(
            f"{came} frames in {self._seconds:.1f} s, {dropped} of them "
            f"({dropped / max(came, 1):.0%}) dropped while the detector was busy"
        )
        if self._latencies:
            half, most = 1000 * np.quantile(list(self._latencies), (0.5, 0.95))
            console.print(
                f"The median pose came {half:.0f} ms after its frame, 95 % came within "
                f"{most:.0f} ms"
            )
        if self._full:
            console.print(f"The recording ends here: only {POINTS.described} can be written")

    def _lift(self, frame: LiveFrame) -> None:
        from anatomy_tf.detection.people import people_in_frame

        where = f"frame {frame.number}"
        seconds = frame.number / self.source.fps
        found = people_in_frame(self.detector, frame.picture, seconds, where)
        people = self.lifting.push(frame.number, found)
        self.page.show(
            people,
            frame=frame.number,
            captured=frame.arrived,
            came=self.source.came,
            dropped=self.source.dropped,
        )
        self._latencies.append(time.time() - frame.arrived)
        self._full = self.lifting.recorded_points >= POINTS.most
