"""Curves and pictures for TensorBoard."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.skeletons import Skeleton

_POSES_SHOWN = 4


class TensorBoardLog:
    """Writes an epoch's numbers and a picture of validation poses.

    Without TensorFlow it writes nothing, and no picture without matplotlib: ``metrics.jsonl`` has
    the numbers.

    Args:
        folder: of the event files.
    """

    def __init__(self, folder: Path) -> None:
        self._writer: Any = None
        if importlib.util.find_spec("tensorflow") is not None:
            import tensorflow as tf

            self._summary = tf.summary
            self._writer = tf.summary.create_file_writer(str(folder))

    def scalars(self, epoch: int, values: dict[str, Any]) -> None:
        """One point of each curve."""
        if self._writer is None:
            return
        with self._writer.as_default():
            for name, value in values.items():
                self._summary.scalar(name, value, step=epoch)
        self._writer.flush()

    def poses(
        self,
        epoch: int,
        predicted: NDArray[np.floating],
        target: NDArray[np.floating],
        skeleton: Skeleton,
    ) -> None:
        """A picture of a few of the poses (frames, J, 3) against the true ones."""
        if self._writer is None or importlib.util.find_spec("matplotlib") is None:
            return
        chosen = np.linspace(0, len(predicted) - 1, min(_POSES_SHOWN, len(predicted)), dtype=int)
        picture = pose_picture(predicted[chosen], target[chosen], skeleton)
        with self._writer.as_default():
            self._summary.image("validation poses", picture[None], step=epoch)
        self._writer.flush()

    def close(self) -> None:
        """Closes the file."""
        if self._writer is not None:
            self._writer.close()


def pose_picture(
    predicted: NDArray[np.floating], target: NDArray[np.floating], skeleton: Skeleton
) -> NDArray[np.uint8]:
    """Predicted poses in colour over the true ones in grey, from the front and from the side.

    Args:
        predicted: (n, J, 3) metres, camera axes.
        target: (n, J, 3).
        skeleton: names the J joints.

    Returns:
        (height, width, 3) picture with a column for each pose.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2.5 * len(predicted), 5), dpi=80, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    grid = figure.subplots(2, len(predicted), squeeze=False)
    reach = 1.05 * max(np.abs(target).max(), 0.1)
    views = (("front", 0), ("side", 2))
    for row, (title, horizontal) in enumerate(views):
        for axes, ours, theirs in zip(grid[row], predicted, target, strict=True):
            for pose, style in (
                (theirs, {"color": "0.6", "linewidth": 3}),
                (ours, {"color": "C0", "linewidth": 1.5}),
            ):
                for joint, parent in enumerate(skeleton.parents):
                    if parent >= 0:
                        bone = pose[[parent, joint]]
                        axes.plot(bone[:, horizontal], bone[:, 1], **style)
            axes.set(xlim=(-reach, reach), ylim=(reach, -reach), aspect="equal")
            axes.set_title(title, fontsize=8)
            axes.set_axis_off()
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
