"""A stand-in for detectors: people of coloured dots, in videos that tests render."""

from pathlib import Path

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from anatomy_tf.skeletons import COCO_17, Skeleton

SIZE = (96, 80)
"""Width and height of the videos."""
DOT = 2
"""Pixels on each side of a dot's centre."""


def colour(person: int, joint: int) -> tuple[int, int, int]:
    return 100 + 50 * person, 20 + 10 * joint, 240 - 10 * joint


def render(
    path: Path,
    places: NDArray[np.integer],
    fps: float = 10.0,
    size: tuple[int, int] = SIZE,
    codec: str = "ffv1",
) -> Path:
    """A lossless video of (frames, people, 17, 2) dots; a person at a negative place is absent."""
    width, height = size
    writer = imageio_ffmpeg.write_frames(
        str(path), size, fps=fps, codec=codec, pix_fmt_out="bgr0", macro_block_size=1, quality=None
    )
    writer.send(None)
    for people in places:
        picture = np.zeros((height, width, 3), np.uint8)
        for person, joints in enumerate(people):
            for joint, (x, y) in enumerate(joints):
                if x >= 0:
                    picture[y - DOT : y + DOT + 1, x - DOT : x + DOT + 1] = colour(person, joint)
        writer.send(np.ascontiguousarray(picture))
    writer.close()
    return path


def walking(frames: int, people: int = 1) -> NDArray[np.int64]:
    """(frames, people, 17, 2) places of dots that move right by a pixel a frame."""
    joints = np.stack(np.divmod(np.arange(17), 6), axis=-1) * (8, 8) + (6, 20)
    shifts = np.arange(frames)[:, None, None, None] * (1, 0)
    apart = np.arange(people)[:, None, None] * (40, 5)
    return joints + shifts + apart


class DotDetector:
    """Finds the dots of ``colour``; whom it finds first changes from frame to frame."""

    skeleton: Skeleton = COCO_17

    def __init__(self, people: int = 3) -> None:
        self.people = people
        self.seconds: list[float] = []
        self.closed = False

    def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
        self.seconds.append(seconds)
        found = []
        rows, columns = np.nonzero(frame.any(axis=-1))
        colours = frame[rows, columns]
        for person in range(self.people):
            points = np.zeros((17, 3), np.float32)
            for joint in range(17):
                dot = (colours == colour(person, joint)).all(axis=-1)
                if dot.any():
                    points[joint] = columns[dot].mean(), rows[dot].mean(), 0.9
            if points.any():
                found.append(points)
        if len(self.seconds) % 2:
            found.reverse()
        return np.array(found, np.float32).reshape(-1, 17, 3)

    def close(self) -> None:
        self.closed = True
