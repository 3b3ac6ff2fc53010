"""How a format is recognised and parsed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from anatomy_tf.formats.keypoints.reading.content import Content, Kind
from anatomy_tf.formats.keypoints.reading.detections import Recording
from anatomy_tf.skeletons import Skeleton

Marks = Mapping[str, bool]
"""What content of a format has, in words for messages, and whether it is there."""


@dataclasses.dataclass(frozen=True)
class Reader:
    """Reads one kind of content of a format.

    The rest is the same for all (``registry.load_keypoints``): opening, limits, what a damaged file
    makes a parser raise, layouts, scores, units, people.

    Attributes:
        kind: of the content.
        marks: tells by what the format is recognised; content with all of them is of this format.
        parse: gives what the file says. It takes the content and the layout that the caller states.
    """

    kind: Kind
    marks: Callable[[Content], Marks]
    parse: Callable[[Content, Skeleton | None], Recording]
