"""How a run goes, on the terminal."""

from __future__ import annotations

import time
from typing import Any

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

_SECONDS_BETWEEN_LINES = 30.0


class ProgressDisplay(keras.callbacks.Callback):
    """A bar for the epoch on a terminal, a line every half minute elsewhere.

    Args:
        epochs: length of the whole training.
        batch_size: windows in a batch.
        console: where to write.

    Attributes:
        rate: steps a second of the last epoch, without its first step; ``None`` before.
    """

    def __init__(self, epochs: int, batch_size: int, console: Console) -> None:
        super().__init__()
        self.epochs, self.batch_size, self.console = epochs, batch_size, console
        self.steps, self.start_step, self.steps_left = 0, 0, 0
        self.rate: float | None = None
        self._bar: Progress | None = None

    def expect(self, steps: int, start_step: int, steps_left: int) -> None:
        """What the next epoch is: its batches, those done already, and those of the whole run."""
        self.steps, self.start_step, self.steps_left = steps, start_step, steps_left

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Begins the epoch's bar."""
        self._title = f"epoch {epoch + 1}/{self.epochs}"
        # Rates leave the first step out, which traces the graph.
        self._first_end = self._last_line = time.monotonic()
        self._done = 0
        if self.console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=10),
                MofNCompleteColumn(),
                TextColumn("{task.fields[state]}"),
                console=self.console,
                transient=True,
            )
            self._task = self._bar.add_task(
                self._title, total=self.steps, completed=self.start_step, state=""
            )
            self._bar.start()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Moves the bar, or writes a line when it is time."""
        self._done += 1
        now = time.monotonic()
        if self._done == 1:
            self._first_end = now
        if self._bar is not None:
            self._bar.update(self._task, advance=1, state=self._state(now, logs))
        elif now - self._last_line > _SECONDS_BETWEEN_LINES:
            self._last_line = now
            step = self.start_step + self._done
            self.console.print(
                f"{self._title}, step {step}/{self.steps}: {self._state(now, logs)}",
                highlight=False,
                soft_wrap=True,
            )

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Takes the bar away and stops the clock, because validation comes next."""
        self.rate = self._rate(time.monotonic())
        self.close()

    def close(self) -> None:
        """Takes the bar away, whatever happened."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _rate(self, now: float) -> float | None:
        passed = now - self._first_end
        return (self._done - 1) / passed if self._done > 1 and passed > 0 else None

    def _state(self, now: float, logs: dict[str, Any] | None) -> str:
        parts = []
        if logs:
            parts.append(f"loss {float(logs['loss']):.5g}")
        rate = self._rate(now)
        if rate:
            parts.append(f"{rate:.1f} steps/s, {rate * self.batch_size:,.0f} windows/s")
            parts.append(f"{duration((self.steps_left - self._done) / rate)} left")
        return ", ".join(parts)


def duration(seconds: float) -> str:
    """Seconds as ``1:02:03`` or ``2:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
