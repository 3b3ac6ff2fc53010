"""Measure models on real videos of four calibrated cameras, with real detections.

The package ``pose2sim`` (BSD 3-Clause) has 100 frames of a man who balances on one leg, filmed by
four cameras that look down by 18 to 25 degrees, two of them rolled, with their calibration.
MediaPipe finds the keypoints in all four videos; OpenPose's of camera 2 are this package's sample.
The reference is triangulated from MediaPipe's of three cameras and OpenPose's of camera 2, where
MediaPipe takes his left side for the right one. The videos do not begin together: their delays are
those with which the rays meet best. The reference shares the detections' errors with the estimates,
mostly across the picture; it is off by about the printed distances. Twelve joints of the limbs, P1
about the middle of the hips.

    pip install ".[mediapipe]" && pip download --no-deps pose2sim && unzip pose2sim-*.whl
    python benchmarks/four_cameras.py Pose2Sim/Demo_SinglePerson [compact standard ...]

Cameras and up direction are not given to the models. "MediaPipe" are its own world landmarks.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tyro
from markdown_table import markdown_table
from numpy.typing import NDArray
from scipy.optimize import minimize

from anatomy_tf.cameras import Camera
from anatomy_tf.cameras.undistortion import undistort
from anatomy_tf.data.views.detected_clip import DetectedClip
from anatomy_tf.detection import detect_people, load_detector
from anatomy_tf.detection.detectors.mediapipe_landmarker import MediaPipeLandmarker
from anatomy_tf.evaluation.detected_clips import DETECTION_MEASURES, evaluate_detections
from anatomy_tf.evaluation.scores import Scores
from anatomy_tf.formats import load_keypoints, sample_keypoints
from anatomy_tf.inference import Lifter, shipped_models
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.sequences.resampling import interpolate_frames
from anatomy_tf.skeletons import BLAZEPOSE_33

Array = NDArray[np.float64]

JOINTS = tuple(
    f"{side}_{joint}"
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    for side in ("left", "right")
)
OPENPOSE_CAMERA = 1
"""Number of the camera of the package's sample, from 0."""

PIXEL_PARTS = 64
"""Qualisys states pixels in 64ths."""

LARGEST_DELAY = 30.0
"""Frames."""

LEAST_WEIGHT = 0.05
MEASURES = ("mpjpe", "clip_n_mpjpe", "p_mpjpe")


class WorldLandmarks:
    """Finds one person by MediaPipe and keeps its own estimates in space.

    Args:
        detector: MediaPipe's.

    Attributes:
        positions: for each frame (33, 3) metres, NaN where nobody was found.
    """

    skeleton = BLAZEPOSE_33

    def __init__(self, detector: MediaPipeLandmarker) -> None:
        self._detector = detector
        self.positions: list[Array] = []

    def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
        """Return the person in a frame, see ``Detector.detect``."""
        found = self._detector.landmarks(frame, seconds)
        people = [[(m.x, m.y, m.z) for m in person] for person in found.pose_world_landmarks]
        nobody = np.full((self.skeleton.joint_count, 3), np.nan)
        self.positions.append(np.array(people[0]) if people else nobody)
        return self._detector.points(found, frame)

    def close(self) -> None:
        """Free the detector."""
        self._detector.close()


def four_cameras(
    demo: Annotated[Path, tyro.conf.Positional],
    models: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="MODEL")] = (),
) -> None:
    """Print the table.

    Args:
        demo: Pose2Sim's folder Demo_SinglePerson.
        models: names of shipped models and paths of model files; all shipped ones by default.
    """
    lifters = {model: Lifter.load(model) for model in models or shipped_models()}
    cameras = qualisys_cameras(demo / "calibration/Calib.qca.txt")
    people, spatial = [], []
    for camera in cameras:
        detector = WorldLandmarks(load_detector("mediapipe", people=1))
        people.append(detect_people(demo / f"videos/{camera.name}.mp4", detector)[0])
        spatial.append(np.array(detector.positions, np.float32))
    openpose = load_keypoints(sample_keypoints())[0]
    trusted = [*people]
    trusted[OPENPOSE_CAMERA] = openpose
    sights = [Sight(*pair) for pair in zip(cameras, trusted, strict=True)]
    delays = best_delays(sights)
    print(described(sights, delays))
    rows = {}
    for number, camera in enumerate(cameras):
        person = people[number]
        truth = triangulated(sights, delays, np.arange(len(person)) - delays[number])
        own = {"MediaPipe": PoseSequence(spatial[number], BLAZEPOSE_33, person.fps)}
        rows[f"{camera.name}, MediaPipe"] = scored(clip_of(person, truth, camera), lifters, own)
        if number == OPENPOSE_CAMERA:
            rows[f"{camera.name}, OpenPose"] = scored(clip_of(openpose, truth, camera), lifters)
    print(table(rows, ("MediaPipe", *lifters)))


def scored(
    clip: DetectedClip,
    lifters: Mapping[str, Lifter],
    further: Mapping[str, PoseSequence] | None = None,
) -> dict[str, Scores]:
    """Return the errors of each model's poses of a clip, and of further poses of it."""
    poses = dict(further or {})
    poses |= {model: lifter.lift(clip.keypoints) for model, lifter in lifters.items()}
    return {name: evaluate_detections([clip], [of], {}).overall for name, of in poses.items()}


def qualisys_cameras(path: Path) -> list[Camera]:
    """Return the cameras of a Qualisys calibration, metres, z up.

    The file's axes of a camera are right, up and backward.
    """
    found = []
    for camera in ElementTree.parse(path).getroot().iter("camera"):
        turn, lens, field = (camera.find(k) for k in ("transform", "intrinsic", "fov_video"))
        assert turn is not None and lens is not None and field is not None
        rows = [[float(turn.attrib[f"r{row}{column}"]) for column in "123"] for row in "123"]
        # The nearest rotation: the file's is rounded.
        left, _, right = np.linalg.svd(np.diag([1.0, -1.0, -1.0]) @ rows)

        def numbers(*names: str, lens: Any = lens) -> Array:
            return np.array([float(lens.attrib[name]) for name in names])

        found.append(
            Camera(
                rotation=left @ right,
                position=np.array([float(turn.attrib[axis]) for axis in "xyz"]) / 1000,
                focal_length=numbers("focalLengthU", "focalLengthV") / PIXEL_PARTS,
                centre=numbers("centerPointU", "centerPointV") / PIXEL_PARTS,
                width=int(field.attrib["right"]) + 1,
                height=int(field.attrib["bottom"]) + 1,
                radial=numbers(*(f"radialDistortion{n}" for n in "123")),
                tangential=numbers("tangentalDistortion1", "tangentalDistortion2"),
                name=camera.attrib["serial"],
            )
        )
    return found


class Sight:
    """The rays of one camera to the joints of a person.

    Args:
        camera: the camera.
        keypoints: the detections in its video.
    """

    def __init__(self, camera: Camera, keypoints: KeypointSequence) -> None:
        self.camera, self.frames = camera, len(keypoints)
        joints = [keypoints.skeleton.index(name) for name in JOINTS]
        closed = keypoints.filled()
        own = camera.resized(keypoints.width, keypoints.height)
        self._rays = undistort(closed.keypoints[:, joints], own.intrinsics)
        self._weights = np.maximum(closed.visibility[:, joints, None], LEAST_WEIGHT)
        shift = -camera.rotation @ camera.position
        self._matrix = np.concatenate([camera.rotation, shift[:, None]], axis=1)

    def equations(self, times: Array) -> Array:
        """Return two equations (T, K, 2, 4) for each joint's homogeneous position."""
        rays = interpolate_frames(self._rays, times)
        weights = interpolate_frames(self._weights, times)
        deep, flat = self._matrix[2], self._matrix[:2]
        return np.asarray(weights[..., None] * (rays[..., None] * deep - flat))

    def distances(self, positions: Array, times: Array) -> Array:
        """Return how far (T, K) positions (T, K, 3) are from the rays, metres."""
        seen = self.camera.world_to_camera(positions)
        off = seen[..., :2] / seen[..., 2:] - interpolate_frames(self._rays, times)
        return np.asarray(np.linalg.norm(off, axis=-1) * seen[..., 2])


def triangulated(sights: Sequence[Sight], delays: Array, times: Array) -> Array:
    """Return the joints' positions (T, K, 3) in the world; NaN where a video does not show them.

    Args:
        sights: the cameras' rays.
        delays: each camera's delay, frames.
        times: (T,) times, frames.
    """
    own = [times + delay for delay in delays]
    rows = [sight.equations(at) for sight, at in zip(sights, own, strict=True)]
    solution = np.linalg.svd(np.concatenate(rows, axis=-2))[2][..., -1, :]
    positions = solution[..., :3] / solution[..., 3:]
    shown = [(at >= 0) & (at <= sight.frames - 1) for sight, at in zip(sights, own, strict=True)]
    positions[~np.all(shown, axis=0)] = np.nan
    return np.asarray(positions)


def best_delays(sights: Sequence[Sight]) -> Array:
    """Return the delays (cameras,) with which the rays meet best; the third camera's is 0."""
    reference = 2

    def spread(free: Array) -> float:
        delays = np.insert(free, reference, 0.0)
        return float(np.mean([np.nanmedian(d) for d in _distances(sights, delays)]))

    start = np.zeros(len(sights) - 1)
    limits = [(-LARGEST_DELAY, LARGEST_DELAY)] * len(start)
    found = minimize(spread, start, method="Powell", bounds=limits)
    return np.insert(found.x, reference, 0.0)


def _distances(sights: Sequence[Sight], delays: Array) -> list[Array]:
    times = np.arange(sights[0].frames, dtype=np.float64)
    positions = triangulated(sights, delays, times)
    return [
        sight.distances(positions, times + delay)
        for sight, delay in zip(sights, delays, strict=True)
    ]


def described(sights: Sequence[Sight], delays: Array) -> str:
    """Return a line about the reference."""
    off = [1000 * np.nanmedian(d) for d in _distances(sights, delays)]
    return (
        "The reference's joints are "
        + ", ".join(f"{value:.0f}" for value in off)
        + " mm from the cameras' rays (medians); delays of "
        + ", ".join(f"{delay:.1f}" for delay in delays)
        + " frames."
    )


def clip_of(keypoints: KeypointSequence, truth: Array, camera: Camera) -> DetectedClip:
    """Return a camera's detections with the reference in the world, z up."""
    return DetectedClip(
        keypoints,
        truth.astype(np.float32),
        JOINTS,
        camera.rotation,
        up=np.array([0.0, 0.0, 1.0]),
        camera=camera.name,
    )


def table(rows: Mapping[str, Mapping[str, Scores]], models: Sequence[str]) -> str:
    """Return Markdown; a cell stays empty where a model's poses were not scored."""
    shown = [measure for measure in DETECTION_MEASURES if measure.key in MEASURES]
    names = " / ".join(measure.header for measure in shown)
    lines = []
    for title, scores in rows.items():
        cells = [
            " / ".join(f"{scores[model][m.key]:.0f}" for m in shown) if model in scores else ""
            for model in models
        ]
        lines.append([title, *cells])
    return markdown_table(["camera, detector", *(f"{model}: {names}" for model in models)], lines)


if __name__ == "__main__":
    tyro.cli(four_cameras, description=__doc__)
