"""Write the figures of ``real_recordings.py`` into the models' cards and into README.

Between the marks ``<!-- recordings -->`` and ``<!-- end -->`` it writes a model's errors on each
data set and by the camera's attitude, fitted and not, and of causal models as a stream; in README
the errors of all models, and in docs/own_video.md those of ``compact``.

    python benchmarks/real_recordings.py --cmu --json fitted.json
    python benchmarks/real_recordings.py --cmu --no-fit --json not_fitted.json
    python benchmarks/real_recordings.py causal --cmu --stream --json stream.json
    python benchmarks/recording_cards.py fitted.json not_fitted.json stream.json
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import tyro
from markdown_table import markdown_table
from marked_sections import with_section

from anatomy_tf.evaluation.detected_clips import DETECTION_MEASURES, DetectionReport
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.inference import shipped_models

ROOT = Path(__file__).resolve().parents[1]
MARK = "recordings"
TITLES = {
    "aist": "break dance, 8 real cameras, real detections (AIST)",
    "uiprmd_6_10": "physiotherapy, people 6 to 10, simulated detections (UI-PRMD)",
    "attitudes": "ten people of UI-PRMD, five of them trained on, tilted and rolled cameras",
    "cmu": "five people of the training data's laboratory, simulated detections (CMU)",
}
MEASURES = {
    "aist": ("clip_n_mpjpe", "p_mpjpe", "depth_error", "lean", "depth_sign_error"),
    "uiprmd_6_10": ("mpjpe", "p_mpjpe", "mpjve", "lean", "depth_sign_error", "foot_skating"),
    "cmu": ("mpjpe", "p_mpjpe", "mpjve", "limb_length_deviation"),
}
IN_README = {
    "aist": ("clip_n_mpjpe", "p_mpjpe"),
    "uiprmd_6_10": ("mpjpe", "p_mpjpe"),
    "attitudes": ("mpjpe",),
    "cmu": ("mpjpe", "p_mpjpe"),
}

Reports = Mapping[str, DetectionReport]
"""A model's report on each data set."""


def recording_cards(fitted: Path, not_fitted: Path, stream: Path, /) -> None:
    """Write the tables.

    Args:
        fitted: reports of clips as ``lift`` gives them.
        not_fitted: reports of the network's own poses.
        stream: reports of causal models frame by frame.
    """
    clips, plain, streams = (read(path) for path in (fitted, not_fitted, stream))
    for model in shipped_models():
        columns = {"clip": clips[model], "clip, not fitted": plain[model]}
        if model in streams:
            columns = {"stream": streams[model], **columns}
        tables = by_data(columns, MEASURES), by_attitude(columns)
        write(ROOT / f"saved_models/{model}/README.md", "\n\n".join(tables))
    causal_last = sorted(shipped_models(), key=lambda model: model in streams)
    columns = {f"`{model}`": clips[model] for model in causal_last}
    columns |= {f"`{model}` as a stream": reports for model, reports in streams.items()}
    write(ROOT / "README.md", by_data(columns, IN_README))
    write(ROOT / "docs/own_video.md", by_recording(clips["compact"]))


def read(path: Path) -> dict[str, Reports]:
    """Return the reports of each model in a file of ``real_recordings.py --json``."""
    return {
        model: {data: DetectionReport.from_json(json.dumps(report)) for data, report in own.items()}
        for model, own in json.loads(path.read_text()).items()
    }


def by_data(columns: Mapping[str, Reports], measures: Mapping[str, Sequence[str]]) -> str:
    """Return a table with a row for each measure of each data set."""
    shown = {measure.key: measure for measure in DETECTION_MEASURES}
    rows = []
    for data, keys in measures.items():
        for title, key in zip((TITLES[data], *[""] * len(keys)), keys, strict=False):
            measure = shown[key]
            cells = (own[data].overall[key] for own in columns.values())
            name = f"{measure.header} ({measure.unit})"
            rows.append([title, name, *(f"{cell:.{measure.digits}f}" for cell in cells)])
    return markdown_table(["data", "", *columns], rows)


def by_attitude(columns: Mapping[str, Reports]) -> str:
    """Return a table with a row for each attitude of the camera."""
    groups = {name: own["attitudes"].groups["camera"] for name, own in columns.items()}
    first = next(iter(groups.values()))
    rows = [
        [
            attitude,
            *(f"{rows[attitude]['mpjpe']:.1f}" for rows in groups.values()),
            f"{first[attitude]['tilt']:.1f}",
        ]
        for attitude in first
    ]
    title = "ten people of UI-PRMD, five of them trained on; the camera"
    return markdown_table(
        [title, *(f"{name}: P1 (mm)" for name in columns), "up is off by (°)"], rows
    )


def by_recording(reports: Reports) -> str:
    """Return a table with one error for each kind of recording."""
    rows = [
        (f"{TITLES['aist']}, after the best scale of each clip", reports["aist"], "clip_n_mpjpe"),
        (TITLES["uiprmd_6_10"], reports["uiprmd_6_10"], "mpjpe"),
        (TITLES["cmu"], reports["cmu"], "mpjpe"),
    ]
    found = [(title, f"{report.overall[key]:.1f}") for title, report, key in rows]
    attitudes = reports["attitudes"].groups["camera"]
    found += [
        (
            f"ten people's exercises, five of them trained on; the camera: {name}",
            f"{of['mpjpe']:.1f}",
        )
        for name, of in attitudes.items()
    ]
    return markdown_table(["recording", "mean error of a joint (mm)"], found)


def write(path: Path, content: str) -> None:
    """Replace the section in a text."""
    text = with_section(path.read_text(), MARK, content)
    with atomic_file(path) as file:
        file.write(text.encode())


if __name__ == "__main__":
    tyro.cli(recording_cards, description=__doc__)
