"""``anatomy-tf evaluate``: how far models, or poses, are from the truth."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import tyro

from anatomy_tf.cli.console import plain_console
from anatomy_tf.cli.options import arg, check_unused
from anatomy_tf.errors import AnatomyError
from anatomy_tf.startup_notes import startup_notes_hidden


def evaluate(
    experiment: Annotated[Path | None, tyro.conf.Positional, arg(metavar="[EXPERIMENT]")] = None,
    model: Annotated[tyro.conf.UseAppendAction[tuple[str, ...]], arg(metavar="MODEL")] = (),
    on: Annotated[Path | None, arg(metavar="DETECTIONS")] = None,
    folder: Annotated[Path | None, arg(metavar="FOLDER")] = None,
    set: Annotated[tyro.conf.UseAppendAction[tuple[str, ...]], arg(metavar="KEY=VALUE")] = (),
    flip: bool = True,
    protocol: Annotated[str, arg(metavar="auto|plain|human36m|mpi_inf_3dhp")] = "auto",
    variant: Annotated[str | None, arg(metavar="NAME")] = None,
    poses: Annotated[Path | None, arg(metavar="FILE")] = None,
    truth: Annotated[Path | None, arg(metavar="FILE")] = None,
) -> None:
    """Evaluate models on an experiment's test people or real detections (--on), or files of poses.

    Args:
        experiment: Python file with a top-level ``config``; its data's test people are used.
        model: name of a shipped model, or the path of a model file; may be given again to compare.
        on: detections with true 3D positions, to lift as anatomy-tf lift does: an archive (.npz,
            docs/evaluation.md), a sequence file of 3DPW (.pkl) or a folder of such files.
        folder: where to write the reports (JSON, Markdown, CSV, LaTeX) and an experiment's plots,
            in one folder for each model.
        set: change a field of the config, such as data.seed=3; may be given again.
        flip: average with the prediction for the mirrored clip.
        protocol: how the data set is scored; auto takes the protocol of the experiment's data set.
        variant: of mpi_inf_3dhp: official, inclusive, millimetre_steps or sequence_mean.
        poses: instead of a model, poses that anatomy-tf lift wrote (.npz, .json, .csv, .trc, .c3d).
        truth: the true poses of the same people and times, for --poses.
    """
    if poses is not None or truth is not None:
        stated = {
            "EXPERIMENT": experiment,
            "--model": model or None,
            "--on": on,
            "--set": set or None,
            "--no-flip": not flip,
            "--protocol": protocol != "auto",
            "--variant": variant,
        }
        check_unused(stated, "does not go with --poses and --truth")
        if poses is None or truth is None:
            raise AnatomyError("expected --poses FILE and --truth FILE, got one of them")
        _poses_of_files(poses, truth, folder)
        return
    if not model:
        raise AnatomyError("--model: expected at least one model, by name or path")
    if (experiment is None) == (on is None):
        raise AnatomyError("expected an experiment's file, or detections with --on")
    if experiment is not None:
        _on_test_people(experiment, model, folder, set, flip, protocol, variant)
        return
    stated = {"--set": set or None, "--protocol": protocol != "auto", "--variant": variant}
    check_unused(stated, "belongs to an experiment, not to --on")
    assert on is not None
    _on_detections(on, model, folder, flip)


def _on_test_people(
    experiment: Path,
    model: tuple[str, ...],
    folder: Path | None,
    set: tuple[str, ...],
    flip: bool,
    protocol: str,
    variant: str | None,
) -> None:
    from rich.markup import escape
    from rich.progress import track

    from anatomy_tf.evaluation.protocols import compared, evaluation
    from anatomy_tf.inference import find_model
    from anatomy_tf.training.experiment import check_experiment, load_experiment, override

    console = plain_console()
    check_experiment(experiment)
    paths = {name: find_model(name) for name in model}
    titles = dict(zip(paths, distinct_names(paths), strict=True))
    with startup_notes_hidden():
        from anatomy_tf.inference import Lifter, store_estimates
        from anatomy_tf.training.run_evaluation import check_test_people, conditions_of
    if folder is not None:
        from anatomy_tf.visualization.drawing.output import optional_module
        from anatomy_tf.visualization.evaluation_folder import save_plots

        # Said before the estimates are made, not after.
        optional_module("matplotlib")
    config = override(load_experiment(experiment), set)
    check_test_people(config, str(experiment))
    data_name = str(getattr(config.data, "name", ""))
    score = evaluation(protocol, data_name, variant)
    store = config.data.load_test()  # type: ignore[attr-defined]
    reports = {}
    for name, path in paths.items():
        lifter = Lifter.load(path)
        estimates = list(
            track(
                store_estimates(lifter, store, flip=flip),
                total=len(store),
                description=escape(name),
                console=console,
            )
        )
        people = f"test people of {experiment}"
        conditions = conditions_of(config.data, model=name, people=people, flip=flip)
        reports[name] = score(estimates, store, conditions)
        console.print(reports[name].to_rich_table())
        if folder is not None:
            own = folder / titles[name]
            reports[name].save(own)
            save_plots(titles[name], reports[name], estimates, store, own)
    if len(reports) > 1:
        console.print(compared(reports).to_rich_table())


def _on_detections(
    detections: Path, model: tuple[str, ...], folder: Path | None, flip: bool
) -> None:
    from rich.markup import escape
    from rich.progress import track

    from anatomy_tf.data.datasets.detected_clips import load_detected_clips
    from anatomy_tf.evaluation.detected_clips import compare_detections, evaluate_detections
    from anatomy_tf.inference import find_model

    console = plain_console()
    paths = {name: find_model(name) for name in model}
    titles = dict(zip(paths, distinct_names(paths), strict=True))
    clips = load_detected_clips(detections)
    with startup_notes_hidden():
        from anatomy_tf.inference import Lifter
    reports = {}
    for name, path in paths.items():
        lifter = Lifter.load(path)
        poses = [
            lifter.lift(clip.keypoints, flip=flip)
            for clip in track(clips, description=escape(name), console=console)
        ]
        conditions = {
            "model": name,
            "detections": detections.name,
            "flip": "averaged" if flip else "no",
        }
        reports[name] = evaluate_detections(clips, poses, conditions)
        console.print(reports[name].to_rich_table())
        if folder is not None:
            reports[name].save(folder / titles[name])
    if len(reports) > 1:
        console.print(compare_detections(reports).to_rich_table())


def _poses_of_files(poses: Path, truth: Path, folder: Path | None) -> None:
    from anatomy_tf.cli.read_poses import read_poses
    from anatomy_tf.evaluation import evaluate_poses

    people, true_people = read_poses(poses), read_poses(truth)
    report = evaluate_poses(people, true_people, {"poses": poses.name, "truth": truth.name})
    plain_console().print(report.to_rich_table())
    if folder is not None:
        report.save(folder / poses.stem)


def distinct_names(models: Iterable[str]) -> list[str]:
    """Return a short name for each model, no two alike: its file's, with folders if need be.

    ``one/best.keras`` and ``two/best.keras`` become ``one-best`` and ``two-best``. What only the
    suffix tells apart is numbered.
    """
    paths = [Path(model).parent.resolve() / Path(model).name for model in models]
    names: list[str] = []
    for depth in range(max(len(path.parts) for path in paths)):
        names = ["-".join((*_last(path.parent.parts[1:], depth), path.stem)) for path in paths]
        if len(set(names)) == len(names):
            return names
    return [f"{name}-{number}" for number, name in enumerate(names, 1)]


def _last(parts: tuple[str, ...], count: int) -> tuple[str, ...]:
    return parts[max(0, len(parts) - count) :]
