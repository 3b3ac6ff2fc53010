"""The viewer while a camera runs: one page of this machine, and the poses over a WebSocket."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import threading
from collections import deque
from collections.abc import Sequence
from http import HTTPStatus
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from anatomy_tf.extras import extra_module
from anatomy_tf.files.closing import Closing
from anatomy_tf.files.loopback import LOOPBACK, listening
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import Skeleton
from anatomy_tf.visualization.viewer.html_page import SCRIPTS, viewer_page
from anatomy_tf.visualization.viewer.page_content import (
    keypoints_content,
    person_content,
    skeleton_content,
)
from anatomy_tf.visualization.viewer.viewer import SPACING, display_name, standing_poses

if TYPE_CHECKING:
    from anatomy_tf.inference import LivePerson

FLOOR_SECONDS = 5.0
"""The floor lies under the lowest joint of so many seconds."""

BODY_RADIUS, BODY_HEIGHT = 0.9, 1.9
"""Metres around and above a person's place that the first view shows."""

OPENING_SECONDS = 2
"""Seconds in which a browser must send its request; browsers also open connections in advance."""

PAGES = 32
"""Most browser windows that get poses at a time."""

CLOSING_SECONDS = 2.0
"""Seconds in which a browser must take what it was sent when the page closes."""


class LivePage(Closing):
    """Serves one page on this machine's loopback address and sends it the newest poses.

    Only pages of this address get them: the headers ``Host`` and ``Origin`` of every request must
    name it, so that a page of another site can neither connect nor reach it by another name. A
    browser that is slow gets the newest message and none of those before it. ``PAGES`` browser
    windows get them at a time.

    Args:
        skeletons: of the poses, and of the keypoints.
        image_size: (width, height) of the video, pixels.
        fps: the video's frames a second.
        latency: seconds by which the model's poses are late.
        port: a TCP port; 0 takes a free one.
        title: heading of the page.

    Attributes:
        address: of the page.

    Raises:
        AnatomyError: when the port is taken, or the package ``websockets`` is missing.
    """

    def __init__(
        self,
        skeletons: tuple[Skeleton, Skeleton],
        image_size: tuple[int, int],
        fps: float,
        *,
        latency: float = 0.0,
        port: int = 0,
        title: str = "Live",
    ) -> None:
        serve = _websockets("sync.server").serve
        self._gone = _websockets("exceptions").ConnectionClosed
        self._scene = LiveScene(skeletons, image_size, fps)
        self._changed = threading.Condition()
        self._message, self._number, self._closed = "", 0, False
        self._pages = 0
        self._open: set[Any] = set()
        server = listening(port, "--port", otherwise="; 0 takes a free one")
        port = server.getsockname()[1]
        self.address = f"http://{LOOPBACK}:{port}/"
        self._hosts = tuple(f"{name}:{port}" for name in (LOOPBACK, "localhost"))
        sockets = " ".join(f"ws://{host}" for host in self._hosts)
        content = _content(skeletons, image_size, fps, latency, title)
        scripts = (*SCRIPTS, "live.js")
        self._html = viewer_page(title, content, scripts, f"connect-src {sockets}")
        quiet = logging.getLogger("anatomy_tf.live_page")
        quiet.setLevel(logging.CRITICAL)
        self._server = serve(
            self._send,
            sock=server,
            origins=[f"http://{host}" for host in self._hosts],
            process_request=self._answer,
            open_timeout=OPENING_SECONDS,
            compression=None,
            logger=quiet,
        )
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def show(
        self, people: Sequence[LivePerson], *, frame: int, captured: float, came: int, dropped: int
    ) -> None:
        """Send the newest poses to the page.

        Args:
            people: those in the frame.
            frame: its number.
            captured: when it came, seconds as of ``time.time()``.
            came: the number of frames so far.
            dropped: how many of them were not looked at.
        """
        message = {
            "frame": frame,
            "captured": round(1000 * captured),
            "came": came,
            "dropped": dropped,
            "people": self._scene.people(people),
        }
        text = json.dumps(message, separators=(",", ":"), allow_nan=False)
        with self._changed:
            self._message = text
            self._number += 1
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until a browser shows the page, and return whether one does."""
        with self._changed:
            return self._changed.wait_for(lambda: self._pages > 0, seconds)

    def close(self) -> None:
        """Close the connections and stop listening."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        # The server would wait for the thread of a browser that does not read.
        cut = threading.Timer(CLOSING_SECONDS, self._cut)
        cut.start()
        self._server.shutdown()
        self._thread.join()
        cut.cancel()

    def _cut(self) -> None:
        """Cut the connections that are still open."""
        with self._changed:
            left = [*self._open]
        for connection in left:
            with contextlib.suppress(OSError):
                connection.socket.shutdown(socket.SHUT_RDWR)

    def _answer(self, connection: Any, request: Any) -> Any:
        """Answer a request that is no WebSocket's; ``None`` lets one open."""
        if request.headers.get("Host") not in self._hosts:
            return connection.respond(HTTPStatus.FORBIDDEN, "another host's name\n")
        if request.path == "/live":
            if len(self._open) < PAGES:
                return None
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, f"{PAGES} pages are open\n")
        if request.path != "/":
            return connection.respond(HTTPStatus.NOT_FOUND, "nothing here\n")
        response = connection.respond(HTTPStatus.OK, self._html)
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = "text/html; charset=utf-8"
        response.headers["Cache-Control"] = "no-store"
        # Another site's page must not show this one inside it.
        response.headers["X-Frame-Options"] = "DENY"
        return response

    def _send(self, connection: Any) -> None:
        """Send the newest messages to one page, until it leaves or the server closes."""
        with self._changed:
            self._pages += 1
            self._open.add(connection)
            self._changed.notify_all()
        try:
            self._send_newest(connection)
        finally:
            with self._changed:
                self._open.discard(connection)

    def _send_newest(self, connection: Any) -> None:
        sent = 0
        while True:
            with self._changed:
                while self._number == sent and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                sent, message = self._number, self._message
            try:
                connection.send(message)
            except self._gone:
                return


def _content(
    skeletons: tuple[Skeleton, Skeleton],
    image_size: tuple[int, int],
    fps: float,
    latency: float,
    title: str,
) -> dict[str, Any]:
    """Return the data of the page before anybody is seen; see ``LivePage`` for the arguments."""
    width, height = image_size
    of_poses, of_keypoints = map(skeleton_content, skeletons)
    return {
        "title": title,
        "fps": fps,
        "firstFrame": 0,
        "people": [],
        "scene": {
            "middle": [0, 0],
            "radius": BODY_RADIUS,
            "bodyRadius": BODY_RADIUS,
            "height": BODY_HEIGHT,
        },
        "video": None,
        "image": {"width": width, "height": height},
        "live": {"skeleton": of_poses, "keypoints": of_keypoints, "latency": latency},
    }


class LiveScene:
    """Where people stand in the drawing: side by side, each on the floor.

    Poses are root-relative, so that neither is known. Somebody keeps a place while in sight, and
    the lowest joint of the last ``FLOOR_SECONDS`` is on the floor.

    Args:
        skeletons: of the poses, and of the keypoints.
        image_size: (width, height) of the video, pixels.
        fps: frames a second, at most as many poses are shown.
    """

    def __init__(
        self, skeletons: tuple[Skeleton, Skeleton], image_size: tuple[int, int], fps: float
    ) -> None:
        self._skeletons, self._size, self._fps = skeletons, image_size, fps
        self._memory = max(1, round(FLOOR_SECONDS * fps))
        self._places: dict[str, int] = {}
        self._lowest: dict[str, deque[float]] = {}

    def people(self, people: Sequence[LivePerson]) -> list[dict[str, Any]]:
        """Return what the page shows of each person whose pose has come, as in the viewer."""
        shown = [person for person in people if person.pose is not None]
        there = {person.name for person in shown}
        for name in set(self._places) - there:
            del self._places[name], self._lowest[name]
        return [self._entry(person) for person in shown]

    def _entry(self, person: LivePerson) -> dict[str, Any]:
        of_poses, of_keypoints = self._skeletons
        poses = standing_poses(
            PoseSequence(
                np.asarray(person.pose)[None],
                of_poses,
                self._fps,
                bone_lengths=person.bone_lengths,
                person=person.name,
            ),
            None,
        )
        places, scores = person.keypoints[None, :, :2], person.keypoints[None, :, 2]
        clip = KeypointSequence(places, scores, of_keypoints, self._fps, *self._size)
        entry = {
            **person_content(poses),
            "name": display_name(person.name),
            "shift": [_beside(self._place(person.name)), 0.0, -self._floor(person.name, poses)],
            "keypoints": keypoints_content(clip),
        }
        # The page knows the skeletons.
        del entry["skeleton"], entry["keypoints"]["skeleton"]
        return entry

    def _place(self, name: str) -> int:
        """Return the person's place, the first that is free for whoever comes."""
        if name not in self._places:
            taken = set(self._places.values())
            self._places[name] = next(n for n in range(len(taken) + 1) if n not in taken)
        return self._places[name]

    def _floor(self, name: str, poses: PoseSequence) -> float:
        """Return the height of the floor under a person, metres from the root."""
        lowest = self._lowest.setdefault(name, deque(maxlen=self._memory))
        lowest.append(float(poses.positions[..., 2].min()))
        return min(lowest)


def _beside(place: int) -> float:
    """Return metres to the right of the first place: 0, 1, -1, 2, -2, ... spacings."""
    return SPACING * ((place + 1) // 2) * (1 if place % 2 else -1)


def _websockets(module: str) -> ModuleType:
    return extra_module(f"websockets.{module}", "live", "the live page needs", package="websockets")
