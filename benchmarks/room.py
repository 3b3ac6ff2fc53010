"""Measure how well lifted people stand in the room: their path, and their feet on the floor.

Clips of people whom the shipped models never saw are seen by virtual cameras with simulated
detections, lifted, placed with the true camera, levelled and stood on the floor. Prints Markdown:
means over the views.

    python benchmarks/room.py ../shared/data/cmu_mocap_17.npz --model compact
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tyro
from rich.progress import track

from anatomy_tf.cameras import Camera
from anatomy_tf.data import load_motion_capture
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.data.views.simulated_detections import simulate_detections
from anatomy_tf.data.views.virtual_cameras import random_camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference import load_lifter
from anatomy_tf.poses import (
    FootContacts,
    foot_contacts,
    level,
    place_in_camera,
    stand_on_floor,
)
from anatomy_tf.poses.root_position import root_path
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17

TEST_PEOPLE = ("cmu_02", "cmu_09", "cmu_35", "cmu_49", "cmu_86")
ANKLES, KNEES = (
    [HUMAN36M_17.index(f"{side}_{joint}") for side in ("left", "right")]
    for joint in ("ankle", "knee")
)
SHORTEST = 150
"""Least frames of a clip that is taken."""

ALONE = 100
"""Frames of a view that are also placed each by itself."""

Measures = dict[str, float]


def seen(clip: MotionClip, rng: np.random.Generator) -> tuple[KeypointSequence, Camera]:
    """Return a clip as a virtual camera and a simulated detector see it, and the camera."""
    camera = random_camera(rng, clip)
    truth = camera.world_to_camera(clip.positions.astype(np.float64))
    keypoints, visibility = simulate_detections(truth, camera, HUMAN36M_17, rng, fps=clip.fps)
    size = camera.width, camera.height
    return KeypointSequence(keypoints, visibility, HUMAN36M_17, clip.fps, *size), camera


def path_errors(
    placed: PoseSequence, lifted: PoseSequence, keypoints: KeypointSequence, truth: np.ndarray
) -> Measures:
    """Return errors of the root before the camera; truth is (T, 3) metres."""
    assert placed.root is not None and placed.camera is not None
    path = placed.root.astype(np.float64)
    scale = float(np.median(truth[:, 2] / path[:, 2]))

    def off(roots: np.ndarray, name: str) -> Measures:
        error = np.abs(roots - truth)
        return {
            f"root across, {name} (mm)": 1000 * float(error[:, :2].mean()),
            f"root in depth, {name} (mm)": 1000 * float(error[:, 2].mean()),
        }

    def depth_speed(roots: np.ndarray) -> float:
        steps = np.diff(scale * roots[:, 2] - truth[: len(roots), 2]) * placed.fps
        return float(np.nanmean(np.abs(steps)))

    alone = np.full((min(ALONE, len(path)), 3), np.nan)
    for frame in range(len(alone)):
        one = slice(frame, frame + 1)
        try:
            alone[frame] = root_path(
                lifted.positions[one],
                keypoints.keypoints[one],
                placed.camera.intrinsics,
                placed.fps,
                keypoints.visibility[one],
            )
        except AnatomyError:
            continue  # a frame that does not tell the place
    return {
        **off(path, "as lifted"),
        "root in depth, as lifted (%)": 100
        * float((np.abs(path - truth)[:, 2] / truth[:, 2]).mean()),
        **off(scale * path, "right size"),
        "root's speed in depth, each frame alone (m/s)": depth_speed(alone),
        "root's speed in depth (m/s)": depth_speed(path[: len(alone)]),
    }


def floor_errors(
    poses: PoseSequence, truth: np.ndarray, standing: np.ndarray, name: str
) -> Measures:
    """Return errors of poses in the room; truth is (T, J, 3) on a floor at the same height."""
    positions = poses.positions.astype(np.float64)
    ankles = positions[:, ANKLES]
    speeds = np.linalg.norm(np.diff(ankles, axis=0), axis=-1) * poses.fps
    path = (positions - truth)[:, 0, :2]
    relative = positions - positions[:, :1] - (truth - truth[:, :1])
    joints = 1000 * np.linalg.norm(relative, axis=-1)
    return {
        f"speed of standing feet, {name} (m/s)": float(speeds[standing[1:] & standing[:-1]].mean()),
        f"path along the floor, {name} (mm)": 1000
        * float(np.linalg.norm(path - path.mean(axis=0), axis=-1).mean()),
        f"P1, {name} (mm)": float(joints.mean()),
        f"ankles, {name} (mm)": float(joints[:, ANKLES].mean()),
        f"knees, {name} (mm)": float(joints[:, KNEES].mean()),
    }


def main(
    archive: tyro.conf.Positional[Path], model: str = "compact", clips: int = 24, cameras: int = 2
) -> None:
    """Measure and print.

    Args:
        archive: the motion capture.
        model: name of a shipped model, or the path of a model file.
        clips: how many are drawn.
        cameras: views of each clip.
    """
    people = [
        clip
        for clip in load_motion_capture(archive)
        if clip.subject in TEST_PEOPLE and len(clip.positions) > SHORTEST
    ]
    lifter = load_lifter(model)
    drawn = np.random.default_rng(0).permutation(len(people))[:clips]
    rows: list[Measures] = []
    found = right = true = 0
    for index in track(drawn, "views"):
        for number in range(cameras):
            keypoints, camera = seen(people[index], np.random.default_rng([index, number]))
            lifted = lifter.lift(keypoints)
            truth = camera.world_to_camera(people[index].positions.astype(np.float64))
            placed = place_in_camera(lifted, keypoints, camera)
            of_path = path_errors(placed, lifted, keypoints, truth[:, 0])
            # With the right size, so that the remaining error is the floor's.
            size = float(np.median(truth[:, 0, 2] / placed.root[:, 2]))
            sized = PoseSequence(
                size * placed.positions,
                HUMAN36M_17,
                placed.fps,
                root_relative=False,
                up=placed.up,
                camera=placed.camera,
            )
            room = level(sized)
            contacts = foot_contacts(room)
            actual = level(
                PoseSequence(truth, HUMAN36M_17, placed.fps, root_relative=False, up=placed.up)
            )
            standing = stand_on_floor(room, contacts)
            before = floor_errors(room, actual.positions, contacts.standing, "placed")
            after = floor_errors(standing, actual.positions, contacts.standing, "on the floor")
            rows.append(of_path | before | after)
            stands: FootContacts = foot_contacts(actual)
            found += int(contacts.standing.sum())
            true += int(stands.standing.sum())
            right += int((contacts.standing & stands.standing).sum())
    print(f"\n| mean over {len(rows)} views, {model} | |\n| --- | ---: |")
    for name in rows[0]:
        print(f"| {name} | {np.nanmean([row[name] for row in rows]):.2f} |")
    print(f"| frames found standing that stand in truth | {100 * right / found:.0f} % |")
    print(f"| frames that stand in truth and are found | {100 * right / true:.0f} % |")


if __name__ == "__main__":
    tyro.cli(main)
