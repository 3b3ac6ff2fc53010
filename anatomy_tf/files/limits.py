"""The limits of input, all in one table: input beyond them is damaged, hostile or a mistake.

Readers, containers and the command line check the same entries, so that a limit is written once.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
from typing import Any

from anatomy_tf.errors import AnatomyError

MEGABYTE, GIGABYTE = 1 << 20, 1 << 30


@dataclasses.dataclass(frozen=True)
class Limit:
    """The range in which a number of the input must lie.

    Attributes:
        name: what is measured, with its article, such as ``"a frame rate"``.
        least: the smallest accepted number.
        most: the largest accepted number.
        unit: what is counted.
    """

    name: str
    least: float
    most: float
    unit: str

    def check(self, value: float, where: object) -> None:
        """Refuse a number outside the range, or one that is NaN.

        Args:
            value: the number.
            where: the file and the place in it, for the message.

        Raises:
            AnatomyError: saying the limit, the value and the place.
        """
        if not is_number(value):
            raise AnatomyError(f"{where}: expected {self.described}, got {value!r:.40}")
        if not self.holds(value):
            raise AnatomyError(f"{where}: expected {self.described}, got {_shown(value)}")

    def holds(self, values: Any) -> Any:
        """Return whether a number, or each of an array of any library, lies in the range.

        NaN does not.
        """
        return (values >= self.least) & (values <= self.most)

    def check_each(self, values: Any, where: object) -> None:
        """Refuse an array with a number outside the range; NaN is accepted.

        Raises:
            AnatomyError: with the first such number.
        """
        beyond = (values < self.least) | (values > self.most)
        if beyond.any():
            self.check(float(values[beyond][0]), where)

    @property
    def described(self) -> str:
        """The range in words, such as ``"a frame rate of 1 to 1,000 frames a second"``."""
        low = f"{_shown(self.least)} to" if self.least or not self.unit else "at most"
        return f"{self.name} of {low} {_shown(self.most)} {self.unit}".rstrip()


FRAME_RATE = Limit("a frame rate", 1, 1000, "frames a second")
IMAGE_SIDE = Limit("an image size", 16, 65_536, "pixels a side")
FRAME_NUMBER = Limit("a frame number", 0, 10**15, "")
LEAST_SCORE = Limit("a least score", 0, 1, "")
NORMALIZED = Limit("an end of normalised places", 1, 10**6, "")
FRAMES = Limit("a clip", 1, 5_000_000, "frames")
"""A day at 50 frames a second is 4,320,000."""
PEOPLE = Limit("a clip", 1, 10_000, "people")
PEOPLE_IN_FRAME = Limit("a frame", 0, 1000, "people")
JOINTS = Limit("a layout", 1, 1000, "joints")
POINTS = Limit("a clip", 1, 250_000_000, "points (people x frames x joints)")
"""3 GB; one person of 17 joints at 60 frames a second for 68 hours."""

PIXEL = Limit("a coordinate", -(10**6), 10**6, "pixels")
"""Far beyond the largest image's edge; models return infinity for larger numbers."""

POSITION = Limit("a position", -(10**5), 10**5, "metres")
"""100 km from the origin of a room; a larger number is of another unit or no position."""

FIELD_OF_VIEW = Limit("a field of view", 0.1, 179, "degrees")
"""Of a telescope to that of the widest lens without the bent lines of a fisheye."""

LENS_BEND = Limit("a distortion", 0, 10, "times a corner's distance from the middle")
"""How far a lens model moves a corner of the image; real lenses move it by less than 1."""

BODY = Limit("a body (diagonal of the joints' box)", 0.02, 50, "metres")
"""Far beyond people; positions in millimetres that are taken for metres, or the reverse, are 1000
times too large or too small."""

HEIGHT = Limit("a person's height", 0.3, 3, "metres")

STREAM_PEOPLE = Limit("a stream", 1, 100, "people at a time")
REQUEST_FRAMES = Limit("a request", 1, 100_000, "frames (clips x frames at the model's rate)")
"""Half an hour at 50 frames a second."""
REQUEST_BYTES = Limit("a body", 0, 16 * MEGABYTE, "bytes")
"""Of REST. Text of 25,000 frames of one person; parsing it takes the gateway a second."""
MESSAGE_BYTES = Limit("a message", 0, 64 * MEGABYTE, "bytes")
"""Of gRPC, whose numbers need no parsing."""

JSON_BYTES = Limit("a JSON file", 0, 512 * MEGABYTE, "bytes")
"""Python holds numbers of JSON in four times as much memory. 90 MB are an hour of one person."""
TEXT_BYTES = Limit("a text file", 0, GIGABYTE, "bytes")
TABLE_BYTES = Limit("a table", 0, 512 * MEGABYTE, "bytes")
LINE_BYTES = Limit("a line", 0, MEGABYTE, "bytes")
MODEL_BYTES = Limit("a model", 0, 2 * GIGABYTE, "bytes")
"""What protocol buffers and FlatBuffers hold."""
CONFIG_BYTES = Limit("a file of settings", 0, 8 * MEGABYTE, "bytes")
CALIBRATION_BYTES = Limit("a calibration as YAML or TOML", 0, MEGABYTE // 4, "bytes")
"""Of hundreds of cameras. Python parses YAML at 30 to 100 kB a second."""
PICKLE_BYTES = Limit("a pickle", 0, 4 * GIGABYTE, "bytes")
PICKLE_ENTRIES = Limit("a pickle", 0, 10**8, "objects, each counted wherever it stands")
"""A few bytes can hold a list of ten lists of ten lists ... of which all are the same."""
ARCHIVE_BYTES = Limit("an archive that unpacks to", 0, 16 * GIGABYTE, "bytes")
"""All of Human3.6M, both sides, takes a tenth of it."""
DOWNLOAD_BYTES = Limit("a download", 1, 4 * GIGABYTE, "bytes")
"""The largest of the detectors' networks have half a gigabyte."""

SINGLE = (2 - 2**-23) * 2.0**127
"""The largest number that float32 holds; keypoints and poses are float32."""


def is_number(value: Any) -> bool:
    """Return whether a value is a real number of Python or NumPy; truth values are none."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def is_whole(value: Any) -> bool:
    """Return whether a value is an integer of Python or NumPy; truth values are none."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def check_single(values: Any, where: str) -> None:
    """Raise ``AnatomyError`` where an array has a number that float32 does not hold.

    Args:
        values: an array; NaN is accepted.
        where: the place of the array, for the message.
    """
    if (abs(values) > SINGLE).any():
        raise AnatomyError(f"{where}: expected numbers of at most {SINGLE:.2g}, got a larger one")


def _shown(value: float) -> str:
    if isinstance(value, int) or (math.isfinite(value) and value == int(value)):
        # Python refuses to write out a number of thousands of digits.
        return f"{int(value):,}" if abs(value) <= 10**15 else "a number beyond 10^15"
    return f"{value:g}"
