"""Curves and pictures for TensorBoard."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import is_installed
from anatomy_tf.files.atomic import atomic_path
from anatomy_tf.skeletons import Skeleton

_POSES_SHOWN = 4


class TensorBoardLog:
    """A writer of an epoch's numbers and pictures of validation poses.

    A run that resumes from an earlier epoch trains the later ones again; their points are removed
    from the existing files, so that no curve has a point twice.

    Without TensorFlow it writes nothing, and without matplotlib no picture; ``metrics.jsonl`` has
    the numbers.

    Args:
        folder: of the event files.
        epoch: the first epoch that will be written.

    Raises:
        AnatomyError: when the folder cannot be written, here and in every method.
    """

    def __init__(self, folder: Path, epoch: int = 0) -> None:
        self._folder = folder
        self._writer: Any = None
        if is_installed("tensorflow"):
            import tensorflow as tf

            self._summary, self._error = tf.summary, tf.errors.OpError
            for file in sorted(folder.glob("*.tfevents.*")):
                _cut(file, epoch)
            with self._writing():
                self._writer = tf.summary.create_file_writer(str(folder))

    def scalars(self, epoch: int, values: Mapping[str, float]) -> None:
        """Write one point of each curve."""
        if self._writer is None:
            return
        with self._writing(), self._writer.as_default():
            for name, value in values.items():
                self._summary.scalar(name, value, step=epoch)
            self._writer.flush()

    def hyper_parameters(self, values: Mapping[str, bool | float | str], name: str) -> None:
        """Write the run's settings for TensorBoard's table that compares runs."""
        if self._writer is None:
            return
        from tensorboard.plugins.hparams import api

        with self._writing(), self._writer.as_default(step=0):
            api.hparams(dict(values), trial_id=name)
            self._writer.flush()

    def poses(
        self,
        epoch: int,
        predicted: NDArray[np.floating],
        target: NDArray[np.floating],
        errors_mm: NDArray[np.floating],
        titles: Sequence[str],
        skeleton: Skeleton,
    ) -> None:
        """Write pictures of the best, the middle and the worst poses against the true ones.

        Args:
            epoch: counted from 0.
            predicted: (N, J, 3) metres.
            target: (N, J, 3).
            errors_mm: (N,) the errors by which poses are chosen, millimetres.
            titles: N texts; a picture has only one pose of each text.
            skeleton: the skeleton of the J joints.
        """
        if self._writer is None or not is_installed("matplotlib"):
            return
        order = np.argsort(errors_mm, kind="stable")
        from_middle = np.argsort(abs(errors_mm - np.median(errors_mm)), kind="stable")
        with self._writing(), self._writer.as_default():
            for name, sorted_poses in (
                ("best", order),
                ("middle", from_middle),
                ("worst", order[::-1]),
            ):
                # Neighbouring frames are as good or bad as each other.
                first: dict[str, int] = {}
                for pose in sorted_poses.tolist():
                    first.setdefault(titles[pose], pose)
                chosen = list(first.values())[:_POSES_SHOWN]
                texts = [f"{titles[pose]}, {errors_mm[pose]:.0f} mm" for pose in chosen]
                picture = pose_picture(predicted[chosen], target[chosen], skeleton, texts)
                self._summary.image(f"validation poses/{name}", picture[None], step=epoch)
            self._writer.flush()

    def close(self) -> None:
        """Close the event file."""
        if self._writer is not None:
            with self._writing():
                self._writer.close()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except self._error as error:
            # "while setting up operation; reason", and what was not written on the next lines.
            reason = str(error.message).splitlines()[0].rpartition("; ")[2]
            raise AnatomyError(f"{self._folder}: cannot be written: {reason}") from None


def curves(line: Mapping[str, Any]) -> dict[str, float]:
    """Return the points that an epoch's line in ``metrics.jsonl`` has, by TensorBoard's tags.

    A tag is ``group/name``. TensorBoard shows a group together and sorts groups by name; the names
    put first what a person looks at first.
    """
    points: dict[str, float] = {}
    for name, value in line.items():
        if isinstance(value, Mapping):
            group = _GROUPS.get(name, name)
            points |= {f"{group}/{inner}": number for inner, number in value.items()}
        elif name in _TAGS:
            points[_TAGS[name]] = value
        elif name.endswith("_loss"):
            points[f"loss/{name.removesuffix('_loss')}"] = value
    return points


_GROUPS = {
    "val_mpjpe_mm_by_action": "error_mm_by_action",
    "attention_entropy": "network_attention_entropy",
    "gradient_norm": "network_gradient_norm",
    "weight_norm": "network_weight_norm",
}
_TAGS = {
    "loss": "loss/all",
    "val_mpjpe_mm": "error_mm/mpjpe",
    "val_p_mpjpe_mm": "error_mm/p_mpjpe",
    "learning_rate": "schedule/learning_rate",
    "batch_share": "schedule/batch_share",
}


def flat(value: Any, key: str = "") -> dict[str, bool | float | str]:
    """Return a JSON config as one dict of dotted keys; lists and ``None`` become text."""
    if isinstance(value, Mapping):
        rows: dict[str, bool | float | str] = {}
        for name, inner in value.items():
            rows |= flat(inner, f"{key}.{name}" if key else name)
        return rows
    return {key: value if isinstance(value, (bool, int, float, str)) else str(value)}


def _cut(file: Path, epoch: int) -> None:
    """Remove the events of an epoch and of later ones from an event file.

    A half-written record of a killed process at the file's end is removed, too.
    """
    import tensorflow as tf
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
    from tensorboard.compat.proto.event_pb2 import Event

    records = [
        (Event.FromString(record), record) for record in RawEventFileLoader(str(file)).Load()
    ]
    kept = [record for event, record in records if event.file_version or event.step < epoch]
    if len(kept) <= 1:  # The header alone.
        with contextlib.suppress(OSError):
            file.unlink()
        return
    # Of each record: length and checksum before it, a checksum after it.
    if file.stat().st_size == sum(len(record) + 16 for record in kept):
        return
    with atomic_path(file) as beside, tf.io.TFRecordWriter(str(beside)) as writer:
        for record in kept:
            writer.write(record)


def pose_picture(
    predicted: NDArray[np.floating],
    target: NDArray[np.floating],
    skeleton: Skeleton,
    titles: list[str] | None = None,
) -> NDArray[np.uint8]:
    """Draw predicted poses in colour over the true ones in grey, from the front and the side.

    Args:
        predicted: (n, J, 3) metres, camera axes.
        target: (n, J, 3).
        skeleton: the skeleton of the J joints.
        titles: n texts above the columns.

    Returns:
        (height, width, 3) picture with a column for each pose.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure

    bones = [(parent, joint) for joint, parent in enumerate(skeleton.parents) if parent >= 0]
    figure = Figure(figsize=(2.5 * len(predicted), 5), dpi=80)
    figure.subplots_adjust(0.01, 0.01, 0.99, 0.95, 0.02, 0.08)
    canvas = FigureCanvasAgg(figure)
    grid = figure.subplots(2, len(predicted), squeeze=False)
    reach = 1.05 * max(np.abs(target).max(), 0.1)
    for row, (view, horizontal) in enumerate((("front", 0), ("side", 2))):
        for column, axes in enumerate(grid[row]):
            for poses, color, width in ((target, "0.6", 3.0), (predicted, "C0", 1.5)):
                ends = poses[column][:, [horizontal, 1]]
                axes.add_collection(LineCollection(ends[bones], colors=color, linewidths=width))
            axes.set(xlim=(-reach, reach), ylim=(reach, -reach), aspect="equal")
            axes.set_title(titles[column] if titles and row == 0 else view, fontsize=10)
            axes.set_axis_off()
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
