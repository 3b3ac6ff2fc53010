"""All plots of an evaluation in one folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.evaluation import (
    Mpi3dhpReport,
    Report,
    frame_errors,
    pck_curve,
    worst_frames,
)
from anatomy_tf.evaluation.mpi_inf_3dhp import scored_errors, scored_poses
from anatomy_tf.visualization.evaluation_plots import (
    draw_worst_frames,
    plot_actions,
    plot_error_over_time,
    plot_pck_curve,
)


def save_plots(
    name: str,
    report: Report | Mpi3dhpReport,
    predictions: Sequence[NDArray[np.floating]],
    store: SequenceStore,
    folder: Path,
) -> list[Path]:
    """Draw ``actions.png``, ``error_over_time.png`` and ``worst_frames.png``.

    The error over time is that of the sequence with the largest mean. With MPI-INF-3DHP's protocol
    errors are those of its 14 joints, and ``pck_curve.png`` is drawn too.

    Args:
        name: the model's name.
        report: the report on these predictions.
        predictions: for each sequence of the store (T, J, 3) metres, root-relative.
        store: the truth.
        folder: an existing folder.

    Returns:
        The files.

    Raises:
        AnatomyError: when a prediction does not fit its sequence, or without matplotlib.
    """
    official = isinstance(report, Mpi3dhpReport)
    errors = scored_errors(predictions, store) if official else frame_errors(predictions, store)
    worst = int(np.argmax([np.nanmean(own) for own in errors]))
    title = " ".join(
        dict.fromkeys((store.subjects[worst], store.clips[worst], f"camera {store.cameras[worst]}"))
    )
    written = [
        plot_actions({name: report}, folder / "actions.png"),
        plot_error_over_time(
            {name: errors[worst]}, store.fps, folder / "error_over_time.png", title
        ),
        draw_worst_frames(worst_frames(errors), predictions, store, folder / "worst_frames.png"),
    ]
    if official:
        joints = [
            np.linalg.norm(ours - theirs, axis=-1).ravel()
            for ours, theirs in scored_poses(predictions, store)
        ]
        curve = pck_curve(1000 * np.concatenate(joints))
        written.append(plot_pck_curve({name: curve}, folder / "pck_curve.png"))
    return written
