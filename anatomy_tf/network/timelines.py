"""How a convolution finds the frames before and after: in a clip, or in a stream's memory.

A level's features are (N, T, C): T windows of ``span`` frames each. A timeline puts around them
what the next convolution reads beyond them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from anatomy_tf.network.arrays import NumPyArrays


class Timeline(Protocol):
    """The operations that the network needs of a clip or a stream."""

    def entering(self, name: str, values: Any, span: int, width: int) -> Any:
        """Return what a convolution of ``width`` taps reads of a level's features.

        Args:
            name: of the level, by which a stream remembers it.
            values: (N, T, C) features, each of a window of ``span`` frames.
            span: frames, also the distance between taps.
            width: taps.
        """

    def residual(self, entering: Any, start: int, count: Any) -> Any:
        """Return (N, count, C) of what ``entering`` gave, from frame ``start`` of it on."""

    def shared(self, name: str, values: Any, span: int) -> Any:
        """Return what ``looked_up`` reads of features that windows share.

        Args:
            name: by which a stream remembers them.
            values: (N, T, C), each of a window of ``span`` frames.
            span: frames.
        """

    def looked_up(self, shared: Any, span: int, start: Any, count: Any) -> Any:
        """Return shared features at all positions in the windows of some targets.

        Args:
            shared: what ``shared`` gave.
            span: frames under a position.
            start, count: which targets.

        Returns:
            (N, count, R / span, C).
        """

    def targets(self, top: Any) -> Any:
        """Return the top features of the target frames of (N, T, C)."""


class Clip:
    """A clip, or a piece of one with the frames around its targets.

    Windows that reach beyond the clip see its first or last frame again, as in training. All
    windows that lie outside are equal, so each level is computed for one of them and repeats it:
    level by level, padding the features is what padding the frames would give.

    Args:
        arrays: whose arrays.
        receptive_field: R.
        causal: whether a window ends at its target instead of having it in the middle.
        first: place of the first target among the frames.
        count: how many targets.
    """

    def __init__(
        self, arrays: NumPyArrays, receptive_field: int, causal: bool, first: Any, count: Any
    ) -> None:
        self.arrays, self.receptive_field = arrays, receptive_field
        self.before = receptive_field - 1 if causal else receptive_field // 2
        self.after = receptive_field - 1 - self.before
        self.first, self.count = first, count

    def entering(self, name: str, values: Any, span: int, width: int) -> Any:
        wide = span * width
        before = self._earliest(span) - self._earliest(wide)
        after = self._latest(wide) + (width - 1) * span - self._latest(span)
        return self.arrays.edge_padded(values, before, after)

    def residual(self, entering: Any, start: int, count: Any) -> Any:
        return entering[:, start : start + count]

    def shared(self, name: str, values: Any, span: int) -> Any:
        before = self._earliest(span) + self.before
        return self.arrays.edge_padded(values, before, max(0, self.after - span + 1))

    def looked_up(self, shared: Any, span: int, start: Any, count: Any) -> Any:
        positions = self.receptive_field // span
        return self.arrays.windows(shared, self.first + start, count, positions, span)

    def targets(self, top: Any) -> Any:
        return top[:, self.first : self.first + self.count]

    def _earliest(self, span: int) -> int:
        """Return where the first different window of a span begins; the clip begins at 0."""
        return max(-self.before, 1 - span)

    def _latest(self, span: int) -> int:
        """Return where the last different window begins; the clip's last frame is at 0."""
        return min(0, self.after - span + 1)


class Step:
    """A stream's newest frame, whose memory goes in and comes out as tensors.

    Each person's memory of a level is (N, frames, C), newest last. A person who is new has a past
    that repeats the first frame.

    Args:
        arrays: whose arrays.
        receptive_field: R.
        memory: what is remembered, by name.
        new: (N,) whose first frame this is.

    Attributes:
        after: what is remembered after this frame.
    """

    def __init__(
        self, arrays: NumPyArrays, receptive_field: int, memory: Mapping[str, Any], new: Any
    ) -> None:
        self.arrays, self.receptive_field = arrays, receptive_field
        self.memory, self.new = memory, new
        self.after: dict[str, Any] = {}

    def entering(self, name: str, values: Any, span: int, width: int) -> Any:
        return self._remembered(name, values)

    def residual(self, entering: Any, start: int, count: Any) -> Any:
        return entering[:, start : start + 1]

    def shared(self, name: str, values: Any, span: int) -> Any:
        return self._remembered(name, values)

    def looked_up(self, shared: Any, span: int, start: Any, count: Any) -> Any:
        return self.arrays.windows(shared, 0, 1, self.receptive_field // span, span)

    def targets(self, top: Any) -> Any:
        return top

    def _remembered(self, name: str, values: Any) -> Any:
        """Return (N, frames + 1, C) and keep all but the oldest frame."""
        if name not in self.memory:
            return values
        if name not in self.after:
            xp, past = self.arrays.xp, self.memory[name]
            frames = xp.tile(values, (1, past.shape[1], 1))
            past = xp.where(self.new[:, None, None], frames, past)
            self.after[name] = xp.concatenate([past, values], axis=1)
        return self.after[name]

    def kept(self) -> dict[str, Any]:
        """Return the memory for the next frame."""
        return {name: whole[:, 1:] for name, whole in self.after.items()}
