"""The progress of a run on the terminal."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from anatomy_tf.training.run_batches import RunBatches

_SECONDS_BETWEEN_LINES = 30.0


class ProgressDisplay(keras.callbacks.Callback):
    """A callback that shows a progress bar on a terminal, elsewhere a line every half minute.

    It adds ``speed`` to the epoch's numbers: ``steps_per_second``, ``windows_per_second`` and
    ``waiting_share``, the share of the time in which training waited for a batch. The first step,
    which traces the graph, does not count; ``speed`` is empty where there was no second step.

    Args:
        batches: of the run.
        batch_size: windows in a batch.
        console: where to write.
    """

    def __init__(self, batches: RunBatches, batch_size: int, console: Console) -> None:
        super().__init__()
        self.batches, self.batch_size, self.console = batches, batch_size, console
        self._bar: Progress | None = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Start the epoch's bar."""
        self._current = self.batches.current
        self._title = f"epoch {epoch + 1}/{self.batches.epochs}"
        # Rates leave the first step out, which traces the graph.
        self._first_end = self._last_line = time.monotonic()
        self._first_waited = 0.0
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
                self._title, total=self._current.stop, completed=self._current.start, state=""
            )
            self._bar.start()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Move the bar, or write a line if half a minute has passed."""
        self._done += 1
        now = time.monotonic()
        if self._done == 1:
            self._first_end, self._first_waited = now, self._current.waited
        if self._bar is not None:
            self._bar.update(self._task, advance=1, state=self._state(now, logs))
        elif now - self._last_line > _SECONDS_BETWEEN_LINES:
            self._last_line = now
            step = self._current.start + self._done
            self.console.print(
                f"{self._title}, step {step}/{self._current.stop}: {self._state(now, logs)}",
                highlight=False,
                soft_wrap=True,
            )

    def on_epoch_end(self, epoch: int, logs: dict[str, Any]) -> None:
        """Remove the bar and stop the clock, because validation comes next."""
        logs["speed"] = self._speed(time.monotonic())
        self.close()

    def close(self) -> None:
        """Remove the bar if it is there."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _speed(self, now: float) -> dict[str, float]:
        passed = now - self._first_end
        if self._done < 2 or passed <= 0:
            return {}
        rate = (self._done - 1) / passed
        return {
            "steps_per_second": rate,
            "windows_per_second": rate * self.batch_size,
            "waiting_share": min(1.0, (self._current.waited - self._first_waited) / passed),
        }

    def _state(self, now: float, logs: dict[str, Any] | None) -> str:
        parts = []
        if logs:
            parts.append(f"loss {float(logs['loss']):.5g}")
        speed = self._speed(now)
        if speed:
            steps_left = self.batches.steps_left(self._current) - self._done
            left = steps_left / speed["steps_per_second"]
            parts += [*speed_texts(speed), f"{duration(left)} left"]
        return ", ".join(parts)


def speed_texts(speed: Mapping[str, float]) -> list[str]:
    """Return the numbers of ``ProgressDisplay``'s ``speed`` as texts for a person."""
    if not speed:
        return []
    return [
        f"{speed['steps_per_second']:.1f} steps/s",
        f"{speed['windows_per_second']:,.0f} windows/s",
        f"waiting {speed['waiting_share']:.0%}",
    ]


def duration(seconds: float) -> str:
    """Return seconds as ``1:02:03`` or ``2:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
