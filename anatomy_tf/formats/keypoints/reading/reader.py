"""The reader of a format: its marks and its parser."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from anatomy_tf.formats.keypoints.reading.content import Content, Kind
from anatomy_tf.formats.keypoints.reading.detections import Recording
from anatomy_tf.skeletons import Skeleton

Marks = Mapping[str, bool]
"""The features of a format, in words for messages, to whether content has them."""


@dataclasses.dataclass(frozen=True)
class Reader:
    """A reader of one kind of content in a format.

    The rest is the same for all (``registry.load_keypoints``): opening, limits, errors of damaged
    files, layouts, scores, units, people.

    Attributes:
        kind: the kind of content.
        marks: returns the marks of content; content with all of them is of this format.
        parse: returns the recording in the content; also takes the layout that the caller states.
    """

    kind: Kind
    marks: Callable[[Content], Marks]
    parse: Callable[[Content, Skeleton | None], Recording]
