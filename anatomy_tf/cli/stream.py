"""``anatomy-tf stream``: keypoints of a running camera in, poses out, line by line."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, NoReturn

import numpy as np
import tyro
from numpy.typing import NDArray

from anatomy_tf.cli.options import arg, check_unused
from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import EXTRA_OF, install_command
from anatomy_tf.files.json_file import parsed_json
from anatomy_tf.files.limits import PIXEL, STREAM_PEOPLE
from anatomy_tf.files.loopback import LOOPBACK, listening

if TYPE_CHECKING:
    from anatomy_tf.inference import StreamingLifter
    from anatomy_tf.poses.smoothing import OneEuroFilter

LONGEST_LINE = 1_000_000
"""Most bytes of a line; a hundred people take a tenth of it."""

MOST_CLIENTS = 16
"""Clients of a port at a time."""

SILENCE = 60.0
"""Seconds of silence after which a client of a port is dropped by default."""

DIGITS = 4
"""Decimal places of a coordinate in metres."""

Points = NDArray[np.float32]


def stream(
    image_size: Annotated[str, arg(metavar="WxH")],
    fps: Annotated[str | None, arg(metavar="FPS")] = None,
    layout: Annotated[str | None, arg(metavar="NAME")] = None,
    model: str = "causal",
    port: Annotated[int | None, arg(metavar="PORT")] = None,
    forget: Annotated[float, arg(metavar="SECONDS")] = 1.0,
    fit: bool = True,
    smooth: Annotated[float | None, arg(metavar="HZ")] = None,
    skip_bad: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False,
    silence: Annotated[float, arg(metavar="SECONDS")] = SILENCE,
) -> None:
    """Lift 2D keypoints to 3D poses as they arrive, one line of JSON for each frame.

    A line of standard input is {"people": {"NAME": [[x, y, score], ...]}}, in pixels, with one
    entry for each joint and null for a joint that was not detected; the score may be left out.
    {"keypoints": [...]} is short for one person called "0". Each line is answered with {"frame": N,
    "time": SECONDS, "people": {"NAME": [[x, y, z], ...]}}, in root-relative metres in the camera's
    axes (x right, y down, z forward). People may come and go.

    Args:
        image_size: width x height of the video in pixels, such as 1280x720.
        fps: frames a second of the camera, such as 30 or 30000/1001; by default the model's rate.
        layout: the names of the keypoints, such as body_25 or coco_17; by default the model's.
        model: name of a shipped model, or the path of a model file. A model that is not causal
            answers late.
        port: use this TCP port of this machine instead of standard input and output, for up to 16
            clients at a time, each with its own people; 0 takes a free port.
        forget: seconds after which a person who is in no line is forgotten; until then the last
            pose is held.
        fit: move joints across the picture towards their keypoints so far and give bones the
            lengths that agree with them.
        smooth: smooth the poses with a one-euro filter; this is its cut-off in Hz for a person at
            rest, such as 1.
        skip_bad: report a line that cannot be read and continue, instead of ending. A client of a
            port gets {"error": TEXT}.
        silence: seconds after which a client of a port is dropped if it sends no line or takes no
            answer.
    """
    from anatomy_tf.cli.stated_video import parse_rate, parse_size
    from anatomy_tf.inference import Lifter
    from anatomy_tf.network.stream_products import has_numba
    from anatomy_tf.poses.smoothing import one_euro_filters

    size, rate = parse_size(image_size), parse_rate(fps)
    assert size is not None
    for option, seconds in (("--forget", forget), ("--silence", silence)):
        if not 0 < seconds < 1e6:
            raise AnatomyError(f"{option}: expected a positive number of seconds, got {seconds}")
    if port is None:
        check_unused(
            {"--silence": silence != SILENCE}, "is about a port; expected --port PORT with it"
        )
    lifter = Lifter.load(model)

    def begin() -> FrameLines:
        lifting = lifter.stream(0, image_size=size, fps=rate, skeleton=layout, fit=fit)
        return FrameLines(lifting, forget * lifting.fps, one_euro_filters(smooth, lifting.fps))

    if not has_numba():
        _tell(
            "slower, with NumPy's products: Numba cannot be loaded: "
            f"{install_command('numba', EXTRA_OF['numba'])}"
        )
    lines = begin()
    if lines.stream.latency:
        seconds = lines.stream.latency / lines.stream.model_fps
        _tell(f"poses come {seconds:.2f} s late: the model is not causal")
    if port is None:
        if sys.stdin is None or sys.stdout is None:
            raise AnatomyError("standard input or output is closed; expected lines, or --port PORT")
        with contextlib.suppress(BrokenPipeError):
            serve(lines, sys.stdin.buffer, sys.stdout.buffer, skip_bad)
            return
        # Nobody reads the answers any more; what is left in the buffer must not fail at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    else:
        _listen(port, begin, skip_bad, silence)


def _listen(port: int, begin: Callable[[], FrameLines], skip_bad: bool, silence: float) -> NoReturn:
    """Serve each client in a thread of its own, without end."""
    free = threading.Semaphore(MOST_CLIENTS)

    def answer(client: socket.socket) -> None:
        # A client may leave at any time, also before the last answer reaches it.
        with contextlib.suppress(OSError), client:
            client.settimeout(silence)
            with client.makefile("rb") as source, client.makefile("wb") as sink:
                if not free.acquire(blocking=False):
                    _write(
                        sink, {"error": f"{MOST_CLIENTS} clients are here, the most there can be"}
                    )
                    return
                try:
                    _serve_client(begin(), source, sink, skip_bad)
                finally:
                    free.release()

    with listening(port, "--port", otherwise="; 0 takes a free one") as server:
        _tell(f"listening on {LOOPBACK}:{server.getsockname()[1]}")
        while True:
            client, _ = server.accept()
            threading.Thread(target=answer, args=(client,), daemon=True).start()


def _serve_client(lines: FrameLines, source: BinaryIO, sink: BinaryIO, skip_bad: bool) -> None:
    """Serve a client of a port, whose bad line ends nobody else's stream."""

    def told(message: str) -> None:
        _tell(message)
        _write(sink, {"error": message})

    try:
        serve(lines, source, sink, skip_bad, told)
    except AnatomyError as error:
        told(str(error))


def serve(
    lines: FrameLines,
    source: BinaryIO,
    sink: BinaryIO,
    skip_bad: bool,
    tell: Callable[[str], None] | None = None,
) -> None:
    """Answer each line of the source as soon as it arrives, until the source ends.

    Args:
        lines: makes the answers.
        source, sink: where lines come from and answers go.
        skip_bad: go on after a line that cannot be read.
        tell: takes the message on a line that is skipped; by default standard error does.

    Raises:
        AnatomyError: for a line that cannot be read, unless it is to be skipped.
    """
    tell = tell or _tell
    for number in itertools.count(1):
        text = source.readline(LONGEST_LINE + 1)
        if not text:
            break
        try:
            if len(text) > LONGEST_LINE:
                while not text.endswith(b"\n") and text:
                    text = source.readline(LONGEST_LINE)
                raise AnatomyError(f"expected at most {LONGEST_LINE:,} bytes")
            if not text.strip():
                continue
            answer = lines.answer(text)
        except AnatomyError as error:
            if not skip_bad:
                raise AnatomyError(f"line {number}: {error}") from None
            tell(f"line {number}: {error}; skipped")
            continue
        _write(sink, answer)
    for answer in lines.rest():
        _write(sink, answer)


def _write(sink: BinaryIO, answer: dict[str, Any]) -> None:
    sink.write(json.dumps(answer, separators=(",", ":")).encode() + b"\n")
    sink.flush()


def _tell(message: str) -> None:
    print(f"anatomy-tf: {' '.join(message.split())}", file=sys.stderr, flush=True)


class FrameLines:
    """Frames as lines of JSON, for people who come and go.

    Args:
        stream: without people.
        patience: frames for which a person who is not in them is held.
        new_filter: makes the filter that smooths one person's poses.
    """

    def __init__(
        self,
        stream: StreamingLifter,
        patience: float,
        new_filter: Callable[[], OneEuroFilter] | None = None,
    ) -> None:
        self.stream = stream
        self.patience = max(patience, 1)
        self.new_filter = new_filter
        self._filters: dict[str, OneEuroFilter] = {}
        self._absent: dict[str, int] = {}
        self._frame = -1

    def answer(self, text: bytes) -> dict[str, Any]:
        """Return the answer to a line.

        Raises:
            AnatomyError: when the line cannot be read; the stream is then as before.
        """
        joints = self.stream.source_skeleton.joint_count
        people = parse_line(text, joints)
        STREAM_PEOPLE.check(len({*people, *self._absent}) or 1, "people")
        for name in people:
            if name not in self.stream.people:
                self.stream.add(name)
        self._absent = {
            name: 0 if name in people else self._absent.get(name, 0) + 1
            for name in self.stream.people
        }
        for name, absent in list(self._absent.items()):
            if absent > self.patience:
                self.stream.remove(name)
                del self._absent[name]
                self._filters.pop(name, None)
        lost = np.full((joints, 3), np.nan, np.float32)
        rows = [people.get(name, lost) for name in self.stream.people]
        frames = np.stack(rows) if rows else np.zeros((0, joints, 3), np.float32)
        poses = self.stream.push(frames[..., :2], np.nan_to_num(frames[..., 2]))
        self._frame += 1
        return self._answer(poses, self.stream.time)

    def rest(self) -> Iterator[dict[str, Any]]:
        """Return the answers that are still due after the last line."""
        if self._frame < 0:
            return
        begun = self.stream.time
        for late, poses in enumerate(self.stream.finish(), start=1):
            yield self._answer(poses, begun + late / self.stream.model_fps)

    def _answer(self, poses: Points, time: float) -> dict[str, Any]:
        people = {}
        for name, pose in zip(self.stream.people, poses, strict=True):
            if np.isnan(pose).any():
                continue
            if self.new_filter is not None:
                smoother = self._filters.setdefault(name, self.new_filter())
                pose = smoother.push(pose)
            people[name] = [[round(float(x), DIGITS) for x in joint] for joint in pose]
        return {"frame": self._frame, "time": round(time, 6), "people": people}


def parse_line(text: bytes, joints: int) -> dict[str, Points]:
    """Return each person's x, y and score (J, 3) of a line; NaN where a joint was not detected.

    Raises:
        AnatomyError: saying what was expected and what came.
    """
    try:
        line = parsed_json(text, parse_constant=_no_number)
        people = None
        if isinstance(line, dict):
            people = {"0": line["keypoints"]} if "keypoints" in line else line.get("people")
        if not isinstance(people, dict):
            raise AnatomyError('expected {"people": {...}} or {"keypoints": [...]}')
        return {name: _person(name, points, joints) for name, points in people.items()}
    except AnatomyError:
        raise
    except (ValueError, RecursionError) as error:
        # Lists may be nested too deeply to be parsed, or to be quoted in a message.
        raise AnatomyError(f"expected JSON ({error})") from None


def _person(name: str, points: Any, joints: int) -> Points:
    if not isinstance(points, list) or len(points) != joints:
        came = f"{len(points)}" if isinstance(points, list) else json.dumps(points)[:40]
        raise AnatomyError(f"person {name!r}: expected a list of {joints} joints, got {came}")
    parsed = np.full((joints, 3), np.nan, np.float32)
    for joint, point in enumerate(points):
        if point is None:
            continue
        numbers = isinstance(point, list) and all(type(x) in (int, float) for x in point)
        if not numbers or len(point) not in (2, 3) or not all(map(PIXEL.holds, point)):
            raise AnatomyError(
                f"person {name!r}: expected [x, y] or [x, y, score] in pixels or null for joint "
                f"{joint}, got {json.dumps(point)[:40]}"
            )
        score = point[2] if len(point) == 3 else 1.0
        if not 0 <= score <= 1:
            raise AnatomyError(
                f"person {name!r}: expected a score in [0, 1] for joint {joint}, got {score}"
            )
        parsed[joint] = (*point[:2], score)
    return parsed


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")
