"""Describe the views to train on: distributions, errors by score, and a sheet of pictures.

Renders recordings (``render_recordings``) of every so many clips of motion capture archives and
prints, in Markdown: quantiles of the cameras' pitch and roll and of the person's height in the
picture; how often each of the 17 joints is not found; errors by score and how they hang together in
time, beside those that were measured on a real detector (``KEYPOINT_ERRORS``). With ``--picture``
it draws a frame of each of 24 random views: found joints and bones in colour (by score), joints
that were not found as crosses where the filled keypoints are, the true pose in grey, the picture's
border, and the direction up as an arrow.

    python benchmarks/training_views.py ../shared/data/cmu_mocap_17.npz --picture views.png
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import tyro
from markdown_table import markdown_table
from rich.progress import track

from anatomy_tf.cameras import project
from anatomy_tf.data import load_motion_capture
from anatomy_tf.data.motion.balance import cut_clips
from anatomy_tf.data.motion.body_proportions import BodyProportions
from anatomy_tf.data.views.detector_errors import DETECTOR_LAYOUTS
from anatomy_tf.data.views.recordings import RecordingVariety, render_recordings
from anatomy_tf.data.views.simulated_detections import joint_kind, standing_height
from anatomy_tf.data.views.view import View

MEASURED = {
    "below 0.2": (3.7, 21),
    "0.2 to 0.4": (2.2, 11),
    "0.4 to 0.6": (1.2, 6),
    "0.6 to 0.8": (0.8, 4),
    "0.8 to 0.9": (0.6, 3.6),
    "above 0.9": (0.4, 1),
}
"""Median error, % of the standing height, and % of gross ones, of a real detector by its score."""

MEASURED_KINDS = {
    "shoulder": (0.9, 5),
    "elbow": (0.7, 9),
    "wrist": (0.7, 13.5),
    "hip": (1.5, 4),
    "knee": (0.7, 8),
    "ankle": (0.6, 14.5),
}
"""Median error at scores above 0.5, %, and % of gross errors at all scores."""

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.01)


@dataclasses.dataclass(frozen=True)
class Truth:
    """Measurements of a view: (T,) degrees and shares, (T, J) errors in % of the height."""

    pitch: np.ndarray
    roll: np.ndarray
    height: np.ndarray
    error: np.ndarray


def truth(view: View) -> Truth:
    """Return pitch (downwards), roll, standing height by the picture's, and keypoint errors."""
    up = view.up.astype(np.float64)
    size = standing_height(view.positions, view.skeleton) * view.intrinsics[1]
    size = size / view.positions[:, view.skeleton.root, 2]
    off = view.keypoints - project(view.positions, view.intrinsics)
    return Truth(
        pitch=-np.degrees(np.arcsin(np.clip(up[:, 2], -1, 1))),
        roll=np.degrees(np.arctan2(up[:, 0], -up[:, 1])),
        height=size / (2 / view.aspect_ratio),
        error=100 * np.linalg.norm(off, axis=-1) / size[:, None],
    )


def report(views: list[View]) -> str:
    """Return Markdown on cameras, people's heights and joints that are not found."""
    truths = [truth(view) for view in views]
    frames = sum(len(view.positions) for view in views)
    kinds = [view.camera.split(" ", 1)[1] for view in views]
    counts = ", ".join(
        f"{kind} {100 * kinds.count(kind) / len(kinds):.0f} %" for kind in dict.fromkeys(kinds)
    )
    values = {
        "pitch, degrees down": [t.pitch for t in truths],
        "roll, degrees": [t.roll for t in truths],
        "standing height / picture height": [t.height for t in truths],
        "way of the camera's pitch in a view": [[np.ptp(t.pitch)] for t in truths],
        "depth of the root, m": [v.positions[:, v.skeleton.root, 2] for v in views],
        "focal length / half the longer side": [
            [v.intrinsics[0] * min(1, v.aspect_ratio)] for v in views
        ],
        "principal point off, share of a side": [
            [max(abs(v.intrinsics[2]), abs(v.intrinsics[3]) * v.aspect_ratio) / 2] for v in views
        ],
        "seconds": [[len(v.positions) / v.fps] for v in views],
    }
    rows = [
        (name, *(f"{q:.2f}" for q in np.quantile(np.concatenate(each), QUANTILES)))
        for name, each in values.items()
    ]
    lost = np.concatenate([view.visibility == 0 for view in views])
    joints = [
        (name, f"{100 * share:.1f}")
        for name, share in zip(views[0].skeleton.joint_names, lost.mean(axis=0), strict=True)
    ]
    return "\n\n".join(
        [
            f"{len(views)} views, {frames:,} frames; cameras: {counts}",
            markdown_table(("", *(f"{100 * q:.0f} %" for q in QUANTILES)), rows),
            f"Frames without any joint: {100 * lost.all(axis=1).mean():.1f} %, "
            f"with all: {100 * (~lost).all(axis=1).mean():.1f} %",
            markdown_table(("joint", "not found, %"), joints),
        ]
    )


def error_report(views: list[View]) -> str:
    """Return Markdown on errors and scores of views, beside a measured detector's."""
    limbs = [
        j for j, n in enumerate(views[0].skeleton.joint_names) if joint_kind(n) in MEASURED_KINDS
    ]
    names = [joint_kind(views[0].skeleton.joint_names[j]) for j in limbs]
    error = np.concatenate([truth(view).error for view in views])[:, limbs]
    score = np.concatenate([view.visibility for view in views])[:, limbs]
    rows = []
    found = score > 0
    for (name, (median, gross)), low, high in zip(
        MEASURED.items(), EDGES[:-1], EDGES[1:], strict=True
    ):
        chosen = found & (score >= low) & (score < high)
        off = error[chosen]
        share = 100 * chosen.sum() / found.sum()
        rows.append(
            (
                name,
                f"{share:.0f}",
                f"{np.median(off):.2f}",
                median,
                f"{100 * (off > 10).mean():.1f}",
                gross,
            )
        )
    kinds = []
    for kind, (median, gross) in MEASURED_KINDS.items():
        own = [i for i, name in enumerate(names) if name == kind]
        off, sure, seen = error[:, own], score[:, own] > 0.5, found[:, own]
        kinds.append(
            (
                kind,
                f"{np.median(off[sure]):.2f}",
                median,
                f"{100 * (off[seen] > 10).mean():.1f}",
                gross,
                f"{100 * (1 - seen.mean()):.1f}",
            )
        )
    lags = []
    for seconds, measured in ((1 / 60, 0.78), (0.05, 0.61), (0.1, 0.43), (0.25, 0.15), (0.5, 0.0)):
        lags.append((f"{seconds:.3f}", f"{correlation(views, limbs, seconds):.2f}", measured))
    return "\n\n".join(
        [
            "Errors in % of the standing height. Below a score of 0.05 nothing counts as found.",
            markdown_table(
                ("score", "% of all", "median", "measured", "gross %", "measured"), rows
            ),
            markdown_table(
                ("joint", "median > 0.5", "measured", "gross %", "measured", "not found %"), kinds
            ),
            markdown_table(("seconds apart", "correlation of small errors", "measured"), lags),
        ]
    )


def correlation(views: list[View], joints: list[int], seconds: float) -> float:
    """Return the correlation of errors below 3 % of the height, less a clip's mean."""
    product, square = 0.0, 0.0
    for view in views:
        step = round(seconds * view.fps)
        if not 0 < step < len(view.positions):
            continue
        off = (view.keypoints - project(view.positions, view.intrinsics))[:, joints]
        small = (truth(view).error[:, joints] < 3) & (view.visibility[:, joints] > 0)
        off = np.where(small[..., None], off, np.nan)[:, small.any(axis=0)]
        size = standing_height(view.positions, view.skeleton) * view.intrinsics[0]
        off = off * view.positions[:, :1, 2:] / size
        off = off - np.nanmean(off, axis=0)
        both = off[step:] * off[:-step]
        known = ~np.isnan(both)
        product += both[known].sum()
        square += (off[step:][known] ** 2).sum()
    return product / max(square, 1e-12)


def draw(views: list[View], path: Path, rng: np.random.Generator) -> None:
    """Draw a sheet of 24 frames."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(4, 6, figsize=(24, 16), layout="constrained")
    chosen = rng.choice(len(views), 24, replace=len(views) < 24)
    for plot, index in zip(axes.flat, chosen, strict=True):
        view = views[index]
        t = int(rng.integers(len(view.positions)))
        exact, seen, score = (
            project(view.positions, view.intrinsics)[t],
            view.keypoints[t],
            view.visibility[t],
        )
        half = 1 / view.aspect_ratio
        plot.add_patch(plt.Rectangle((-1, -half), 2, 2 * half, fill=False, color="black"))
        for a, b in view.skeleton.links:
            plot.plot(*exact[[a, b]].T, color="0.75", linewidth=3, zorder=1)
            if score[a] > 0 and score[b] > 0:
                side = view.skeleton.sides[b]
                colour = {"left": "tab:blue", "right": "tab:red", "middle": "black"}[side]
                plot.plot(*seen[[a, b]].T, color=colour, linewidth=1.5, zorder=2)
        found = score > 0
        plot.scatter(*seen[found].T, c=score[found], cmap="viridis", vmin=0, vmax=1, s=28, zorder=3)
        plot.scatter(*seen[~found].T, marker="x", color="magenta", s=40, zorder=3)
        plot.annotate(
            "",
            view.up[t, :2] * 0.3 + (0.75, half * 0.6),
            (0.75, half * 0.6),
            arrowprops={"arrowstyle": "->", "color": "green"},
        )
        reach = max(1, half) * 1.15
        plot.set(xlim=(-reach, reach), ylim=(reach, -reach), xticks=[], yticks=[])
        plot.set_aspect("equal")
        plot.set_title(f"{view.clip} {view.camera}, frame {t}", fontsize=9)
    figure.savefig(path, dpi=60)


def training_views(
    archives: tyro.conf.Positional[list[Path]],
    step: int = 6,
    views: int = 2,
    seed: int = 0,
    picture: Path | None = None,
) -> None:
    """Print the tables.

    Args:
        archives: motion capture archives.
        step: take every so many clips, none longer than 15 s.
        views: views of each clip.
        seed: seed of the views.
        picture: file for a drawing of 24 views.
    """
    clips = [clip for path in archives for clip in load_motion_capture(path)]
    bodies = BodyProportions.of(clips)
    clips = cut_clips(clips, 15)[::step]

    def rendered(variety: RecordingVariety) -> list[View]:
        return [
            view
            for clip in track(clips, "rendering")
            for view in render_recordings(
                [clip], cameras_per_clip=views, seed=seed, variety=variety, bodies=bodies
            )
        ]

    variety = RecordingVariety()
    every = rendered(variety)
    print(report(every), end="\n\n")
    layouts = {}
    for name in DETECTOR_LAYOUTS:
        errors = dataclasses.replace(variety.errors, layouts={name: 1.0})
        own = rendered(dataclasses.replace(variety, errors=errors, no_scores_share=0))
        layouts[name] = 100 * np.concatenate([v.visibility == 0 for v in own]).mean(axis=0)
    names = every[0].skeleton.joint_names
    print("Not found, %, by the detector's layout", end="\n\n")
    print(
        markdown_table(
            ("joint", *layouts),
            [(n, *(f"{layouts[k][j]:.1f}" for k in layouts)) for j, n in enumerate(names)],
        ),
        end="\n\n",
    )
    # As it was measured: one good detector, whole people, no occlusion told.
    alike = dataclasses.replace(
        variety.errors,
        layouts={"coco_17": 1.0},
        size=(1, 1),
        difficulty=(1, 1),
        sees_depth_share=0,
        frame_loss_share=0,
        limb_loss_share=0,
        border_share=0,
        score_ceiling=(1, 1),
    )
    as_measured = dataclasses.replace(
        variety,
        errors=alike,
        no_scores_share=0,
        other_rate_share=1,
        frame_rates=(60.0,),
        cameras=dataclasses.replace(variety.cameras, any_height_share=0, person_height=(0.45, 0.1)),
    )
    print(error_report(rendered(as_measured)))
    if picture is not None:
        draw(every, picture, np.random.default_rng(seed))


if __name__ == "__main__":
    tyro.cli(training_views)
