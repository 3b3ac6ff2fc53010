"""``anatomy-tf calibrate``: the errors, in metres, that a model's uncertainty stands for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro

from anatomy_tf.cli.console import plain_console
from anatomy_tf.cli.options import arg
from anatomy_tf.files.paths import check_output
from anatomy_tf.startup_notes import startup_notes_hidden


def calibrate(
    experiment: Annotated[Path, tyro.conf.Positional, arg(metavar="EXPERIMENT")],
    model: Annotated[str, arg(metavar="MODEL")],
    output: Annotated[Path | None, arg(metavar="PATH")] = None,
    set: Annotated[tyro.conf.UseAppendAction[tuple[str, ...]], arg(metavar="KEY=VALUE")] = (),
) -> None:
    """Measure how far off a model is, so that lift --uncertainty can state it in metres.

    The model lifts the validation people of an experiment, whose true poses are known. Its errors
    are compared with how much its estimates of one pose differ.

    Args:
        experiment: Python file with a top-level ``config``; its validation people are lifted.
        model: name of a shipped model, or the path of a model file.
        output: the JSON file; by default NAME.calibration.json beside the model NAME.keras, where
            lift finds it.
        set: change a field of the config, such as data.seed=3; may be given again.
    """
    from rich.markup import escape
    from rich.progress import track

    from anatomy_tf.inference import find_model
    from anatomy_tf.inference.spread_calibration import calibration_path
    from anatomy_tf.training.experiment import check_experiment, load_experiment, override

    console = plain_console()
    check_experiment(experiment)
    path = find_model(model)
    output = check_output(calibration_path(path) if output is None else output, ".json")
    with startup_notes_hidden():
        import numpy as np

        from anatomy_tf.inference import Lifter, SpreadCalibration, store_spreads
    from anatomy_tf.training.config import load_validation

    config = override(load_experiment(experiment), set)
    store = load_validation(config.data)
    found = track(
        store_spreads(Lifter.load(path), store),
        total=len(store),
        description=escape(model),
        console=console,
    )
    pairs = ((spread, error) for _, spread, error in found)
    spreads, errors = (np.concatenate(values) for values in zip(*pairs, strict=True))
    calibration = SpreadCalibration.measured(spreads, errors)
    calibration.save(output)
    curve = list(zip(calibration.spreads, calibration.errors, strict=True))
    least, most = (
        f"{1000 * error:.0f} mm where estimates differ by {1000 * spread:.1f} mm"
        for spread, error in (curve[0], curve[-1])
    )
    console.print(
        f"{100 * calibration.within:.0f} % of {errors.size:,} joints are within {least}, and "
        f"within {most}."
    )
    console.print(f"Wrote {output}")
