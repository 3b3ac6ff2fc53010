"""Train an experiment with several seeds, and show how much the results differ."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from anatomy_tf.errors import AnatomyError
from anatomy_tf.training.callbacks.best_model import BEST_BY
from anatomy_tf.training.config import TrainingConfig
from anatomy_tf.training.run import TrainingResult, train

_COLUMNS = {BEST_BY: "P1 (mm)", "val_p_mpjpe_mm": "P2 (mm)", "loss": "loss"}


def train_seeds(
    config: TrainingConfig,
    folder: str | Path,
    seeds: Sequence[int],
    console: Console | None = None,
    **options: Any,
) -> dict[int, TrainingResult]:
    """Train once for each seed, in ``folder/seed_<n>``, and print the spread.

    A seed decides weights, dropout and batches; the data are the same. A finished run is not
    trained again, and one that was interrupted is resumed.

    Args:
        config: what to train; its own seed is not used.
        folder: the folder of the runs.
        seeds: at least two different ones.
        console: where to write progress; the terminal when ``None``.
        **options: of ``train``.

    Raises:
        AnatomyError: for fewer than two seeds or one given twice, and as ``train``.
    """
    if len(seeds) < 2 or len(set(seeds)) < len(seeds):
        raise AnatomyError(f"seeds: expected two or more different ones, got {list(seeds)}")
    console = console or Console()
    results = {}
    for seed in seeds:
        console.print(f"Seed {seed}:", highlight=False)
        results[seed] = train(
            dataclasses.replace(config, seed=seed),
            Path(folder) / f"seed_{seed}",
            console=console,
            **options,
        )
    # A worker that is not the chief has no numbers of runs that were finished before.
    if all(result.metrics for result in results.values()):
        console.print(spread_table({seed: result.best for seed, result in results.items()}))
    return results


def spread_table(best: Mapping[int, Mapping[str, Any]]) -> Table:
    """Return a table of each seed's best epoch, with mean ± standard deviation over the seeds.

    Args:
        best: by seed, the line of the epoch with the least validation error.
    """
    table = Table(box=None, pad_edge=False, title="validation error of the best epoch")
    for column in ("seed", "epoch", *_COLUMNS.values()):
        table.add_column(column, justify="right", no_wrap=True)
    for seed, line in best.items():
        numbers = (f"{line[name]:.4g}" for name in _COLUMNS)
        table.add_row(str(seed), str(line["epoch"] + 1), *numbers)
    spreads = ([line[name] for line in best.values()] for name in _COLUMNS)
    table.add_row(
        "mean ± sd",
        "",
        *(f"{statistics.mean(v):.4g} ± {statistics.stdev(v):.2g}" for v in spreads),
    )
    return table
