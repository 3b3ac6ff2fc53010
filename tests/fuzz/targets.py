"""The readers of foreign input, each with good input to damage."""

import dataclasses
import functools
import io
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import reader_samples
from camera_files import OPENCV, POSE2SIM

from anatomy_tf.cli.stream import parse_line
from anatomy_tf.data import SequenceStore, View
from anatomy_tf.data.datasets.detection_archive import load_detection_archive
from anatomy_tf.data.datasets.own_recordings import load_own_recordings
from anatomy_tf.data.datasets.three_dpw import load_3dpw
from anatomy_tf.data.motion_capture import JOINT_NAMES, load_motion_capture
from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation import MEASURES, Report, Scores
from anatomy_tf.evaluation.protocols import read_report
from anatomy_tf.files.json_file import read_json
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.files.plain_pickle import read_plain_pickle
from anatomy_tf.files.text_file import read_text
from anatomy_tf.formats import load_keypoints, load_poses, save_keypoints, save_poses
from anatomy_tf.formats.camera_parameters import load_camera_parameters
from anatomy_tf.formats.motion.asf_amc import load_asf, load_asf_amc
from anatomy_tf.formats.motion.camera_file import load_camera
from anatomy_tf.formats.motion.human36m_metadata import load_human36m_metadata
from anatomy_tf.formats.motion.recordings import load_recording
from anatomy_tf.inference import Lifter, StreamingLifter, shipped_models
from anatomy_tf.inference.exported.description import checked, skeleton_of
from anatomy_tf.inference.spread_calibration import SpreadCalibration
from anatomy_tf.network.weights import NetworkWeights
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17, Skeleton
from anatomy_tf_datasets.mpi_inf_3dhp.mpi_inf_3dhp_reader import HeldOutSequence, TrainingSequence

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
HUMAN36M = DATASETS / "human36m/dummy_data"
MPI_INF_3DHP = DATASETS / "mpi_inf_3dhp/dummy_data"
CMU = DATASETS / "cmu_mocap/dummy_data/subjects/01"
ARM = Skeleton("arm", ("a", "b"), (-1, 0))


@dataclasses.dataclass(frozen=True)
class Target:
    """A reader.

    Attributes:
        write: writes good input in an empty folder and returns the path to read.
        read: reads a path; it may raise ``AnatomyError``.
        needs: a package of an extra.
    """

    write: Callable[[Path], Path]
    read: Callable[[Path], Any]
    needs: str = "numpy"


def _file(name: str, content: bytes | str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def _keypoints(path: Path) -> Any:
    return load_keypoints(path, **reader_samples.STATED)


def _of_bytes(read: Callable[[bytes], Any]) -> Callable[[Path], Any]:
    return lambda path: read(path.read_bytes())


def _poses(suffix: str) -> Target:
    def write(folder: Path) -> Path:
        places = np.random.default_rng(0).normal(size=(4, 17, 3)).astype(np.float32)
        save_poses(folder / f"poses{suffix}", [PoseSequence(places, HUMAN36M_17, 50.0)])
        return folder / f"poses{suffix}"

    return Target(write, load_poses)


def _c3d(folder: Path) -> Path:
    places = np.random.default_rng(0).normal(size=(4, 17, 3)).astype(np.float32)
    save_poses(folder / "p.c3d", [PoseSequence(places, HUMAN36M_17, 50.0, axes="world")])
    return folder / "p.c3d"


def _sleap_package(folder: Path) -> Path:
    import sleap_io

    skeleton = sleap_io.Skeleton(list(COCO_17.joint_names))
    tracks = [sleap_io.Track("first"), sleap_io.Track("second")]
    video = sleap_io.Video("clip.mp4", open_backend=False)
    video.backend_metadata = {"type": "MediaVideo", "shape": [9, 1080, 1920, 3], "fps": 25.0}
    frames: dict[int, list[Any]] = {}
    for frame, person, values in reader_samples.detections(COCO_17):
        predicted = sleap_io.PredictedInstance.from_numpy(
            values[:, :2], skeleton, values[:, 2], score=0.9, track=tracks[person]
        )
        corrected = sleap_io.Instance.from_numpy(
            values[:, :2], skeleton, track=tracks[person], from_predicted=predicted
        )
        frames.setdefault(frame, []).extend([predicted, corrected] if frame == 0 else [predicted])
    labelled = [sleap_io.LabeledFrame(video, number, found) for number, found in frames.items()]
    labels = sleap_io.Labels(labelled, videos=[video], skeletons=[skeleton], tracks=tracks)
    sleap_io.save_slp(labels, str(folder / "clip.slp"), verbose=False)
    return folder / "clip.slp"


def _training_sequence(folder: Path) -> Path:
    for name in ("camera.calibration", "annot.mat"):
        path = _file(name, (MPI_INF_3DHP / "S1/Seq1" / name).read_bytes())(folder)
    return path


def _own_keypoints(suffix: str) -> Target:
    def write(folder: Path) -> Path:
        save_keypoints(folder / f"clip{suffix}", reader_samples.sequences())
        return folder / f"clip{suffix}"

    return Target(write, load_keypoints)


def _npz(arrays: dict[str, Any], compressed: bool = False) -> bytes:
    out = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(out, **arrays)
    return out.getvalue()


def _metrics(path: Path) -> Any:
    from anatomy_tf.training.run_folder import RunFolder

    return RunFolder(path.parent).read_metrics()


_ARRAYS = {"keypoints": np.ones((2, 2, 2)), "positions": np.ones((2, 2, 3))}
_PLAIN = {"S1": {"Walking": [np.ones((2, 3), np.float32), np.array(["x"]), np.float64(1)]}}
_LINE = {"people": {"anna": [[100.0, 200.0, 0.9]] * 17, "bert": [None] * 17}}
_CALIBRATION = {"spreads": [0.1, 0.2], "errors": [0.1, 0.2], "within": 0.68}
_MATRIX = [[1000.0, 0.0, 500.0], [0.0, 1000.0, 500.0], [0.0, 0.0, 1.0]]
_CAMERAS = {
    "intrinsics": {
        name: {"calibration_matrix": _MATRIX, "distortion": [0.0] * 5}
        for name in ("54138969", "55011271", "58860488", "60457274")
    },
    "extrinsics": {
        f"S{s}": {
            name: {"R": np.eye(3).tolist(), "t": [[0.0], [0.0], [1.0]]}
            for name in ("54138969", "55011271", "58860488", "60457274")
        }
        for s in (1, 5, 6, 7, 8, 9, 11)
    },
}
_DESCRIPTION = {
    "layout": "human36m_17",
    "joint_names": list(HUMAN36M_17.joint_names),
    "parents": list(HUMAN36M_17.parents),
    "fps": 50.0,
    "receptive_field": 27,
    "causal": False,
}
_COLUMNS = ",".join(f"{joint}_{end}" for joint in "ab" for end in ("u", "v", "x", "y", "z"))
_POINTS = np.random.default_rng(0).uniform(-0.5, 0.5, (6, 17, 3))
_DETECTIONS = {
    "R": np.eye(3)[None],
    "t": np.array([[0.0, 0.0, 4.0]]),
    "focal_length": np.array([1000.0]),
    "image_size": np.array([1280, 720]),
    "fps": np.array(60.0),
    "joint_names": np.array(COCO_17.joint_names),
    "keypoints_0": np.concatenate(
        [
            1000 * _POINTS[..., :2] / (_POINTS[..., 2:] + 4) + (640, 360),
            np.full((6, 17, 1), 0.9),
        ],
        axis=-1,
    )[None],
    "points_0": _POINTS,
}
_WALK = {
    "sequence": "walk",
    "poses2d": [np.ones((6, 3, 18)) * np.array([400.0, 300.0, 0.5])[:, None]],
    "jointPositions": [np.random.default_rng(0).uniform(-1, 1, (6, 72))],
    "cam_poses": np.tile(np.eye(4), (6, 1, 1)),
    "cam_intrinsics": np.array([[1900.0, 0, 540], [0, 1900, 960], [0, 0, 1]]),
    "campose_valid": [np.ones(6, bool)],
    "genders": ["m"],
}
_CLIPS = {
    "positions": np.random.default_rng(0).normal(size=(20, 17, 3)).astype(np.float32),
    "fps": np.array(50.0),
    "joint_names": np.array(list(JOINT_NAMES)),
    "parents": np.array(HUMAN36M_17.parents),
    "subjects": np.array(["1"]),
    "clip_start": np.array([0]),
    "clip_length": np.array([20]),
    "clip_name": np.array(["a"]),
    "clip_subject": np.array([0]),
    "clip_action": np.array(["walk"]),
    "clip_description": np.array(["x"]),
}


def _own_recordings(folder: Path) -> Path:
    camera = {"image_size": [1000, 800], "focal_length": [900, 900], "centre": [500, 400]}
    positions = np.random.default_rng(0).normal((0, 0, 4), 0.3, (6, 2, 3))
    keypoints = 900 * positions[..., :2] / positions[..., 2:] + (500, 400)
    (folder / "anna").mkdir()
    _file("anna/walk.front.npz", _npz({"keypoints": keypoints, "positions": positions}))(folder)
    return _file("cameras.json", json.dumps({"front": camera}))(folder)


def _report(folder: Path) -> Path:
    scores = Scores(9, 1, dict.fromkeys((measure.key for measure in MEASURES), 50.0))
    Report({"Walking": scores}, {"S9": scores}, "human36m_17", 50.0, {"model": "m"}).save(folder)
    for other in set(folder.iterdir()) - {folder / "report.json"}:
        other.unlink()
    return folder / "report.json"


def _store(folder: Path) -> Path:
    positions = np.random.default_rng(0).normal((0, 0, 5), 0.4, (6, 17, 3)).astype(np.float32)
    view = View(
        keypoints=positions[..., :2] / positions[..., 2:],
        visibility=np.ones((6, 17)),
        positions=positions,
        intrinsics=np.array([2, 2, 0, 0, 0, 0, 0, 0, 0.0]),
        skeleton=HUMAN36M_17,
        fps=50,
        subject="S1",
        action="walk",
        clip="walk",
        camera="front",
    )
    SequenceStore.from_views([view]).save(folder / "store.npz")
    return folder / "store.npz"


@functools.cache
def _stream() -> StreamingLifter:
    return Lifter.load("causal").stream(image_size=(640, 480))


def _stream_state(folder: Path) -> Path:
    _stream().save(folder / "state.npz")
    return folder / "state.npz"


def _compact(folder: Path) -> Path:
    return _file("model.keras", shipped_models()["compact"].read_bytes())(folder)


TARGETS: dict[str, Target] = {
    **{
        f"keypoints: {name}": Target(lambda f, w=write: w(f / "clip"), _keypoints)
        for name, (_, write, _) in reader_samples.SAMPLES.items()
    },
    **{f"keypoints: own {suffix}": _own_keypoints(suffix) for suffix in (".npz", ".json", ".csv")},
    **{f"poses: {suffix}": _poses(suffix) for suffix in (".npz", ".json", ".csv", ".trc")},
    "model: keras": Target(_compact, NetworkWeights.load),
    "model: description": Target(
        _file("description.json", json.dumps(_DESCRIPTION)),
        lambda path: skeleton_of(checked(read_json(path), str(path))),
    ),
    "calibration": Target(_file("c.json", json.dumps(_CALIBRATION)), SpreadCalibration.load),
    "metrics of a run": Target(_file("metrics.jsonl", '{"epoch": 0, "loss": 1.0}\n' * 3), _metrics),
    "motion capture": Target(_file("motion.npz", _npz(_CLIPS)), load_motion_capture),
    "own recordings": Target(
        _own_recordings, lambda path: load_own_recordings(path.parent, ARM, 50)
    ),
    "evaluation report": Target(_report, lambda path: read_report(read_text(path))),
    "sequence store": Target(_store, SequenceStore.load),
    "stream's state": Target(_stream_state, lambda path: _stream().load(path)),
    "pickle": Target(
        _file("p.pkl", pickle.dumps(_PLAIN, 4)),
        _of_bytes(lambda content: read_plain_pickle(io.BytesIO(content), "fuzz")),
    ),
    "npz": Target(
        _file("a.npz", _npz({"data": np.array(_PLAIN, object)}, compressed=True)),
        lambda path: read_npz(path, objects=True),
    ),
    "recording: csv": Target(
        _file("r.csv", f"{_COLUMNS}\n{','.join('1' * 10)}\n"), lambda p: load_recording(p, ARM)
    ),
    "recording: json": Target(
        _file("r.json", json.dumps({name: value.tolist() for name, value in _ARRAYS.items()})),
        lambda p: load_recording(p, ARM),
    ),
    "recording: npz": Target(_file("r.npz", _npz(_ARRAYS)), lambda p: load_recording(p, ARM)),
    "camera: toml": Target(_file("c.toml", POSE2SIM), lambda path: load_camera(path, "cam_01")),
    "camera: yaml": Target(_file("c.yaml", OPENCV["4.yml"]), load_camera),
    "camera: xml": Target(_file("c.xml", OPENCV["cv.xml"]), load_camera),
    "camera: json": Target(
        _file("c.json", json.dumps({"K": _MATRIX, "image_size": [1088, 1920]})),
        load_camera,
    ),
    "camera: npz": Target(
        _file("c.npz", _npz({"mtx": np.array(_MATRIX), "dist": np.zeros(5)})),
        lambda path: load_camera(path, image_size=(1088, 1920)),
    ),
    "camera parameters": Target(
        _file("camera-parameters.json", json.dumps(_CAMERAS)), load_camera_parameters
    ),
    "detections: archive": Target(_file("real.npz", _npz(_DETECTIONS)), load_detection_archive),
    "detections: 3DPW": Target(_file("walk.pkl", pickle.dumps(_WALK, 2)), load_3dpw),
    "asf": Target(_file("01.asf", (CMU / "01.asf").read_bytes()), load_asf),
    "amc": Target(
        _file("01.amc", (CMU / "01_01.amc").read_bytes()),
        lambda path: load_asf_amc(CMU / "01.asf", path, fps=120),
    ),
    "human36m metadata": Target(
        _file("metadata.xml", (HUMAN36M / "metadata.xml").read_bytes()), load_human36m_metadata
    ),
    "poses: .c3d": Target(_c3d, load_poses, "ezc3d"),
    "keypoints: .slp": Target(_sleap_package, _keypoints, "sleap_io"),
    "matlab: version 5": Target(
        _training_sequence,
        lambda p: TrainingSequence(p.parent, "S1", "Seq1", "univ_annot3", 2, 25).examples(),
        "scipy",
    ),
    "matlab: version 7.3": Target(
        _file("annot_data.mat", (MPI_INF_3DHP / "TS5/annot_data.mat").read_bytes()),
        lambda p: HeldOutSequence(p, "TS5", "univ_annot3", 2, (1920, 1080)).examples(),
        "h5py",
    ),
    "stream: a line": Target(
        _file("line.json", json.dumps(_LINE)), _of_bytes(lambda line: parse_line(line, 17))
    ),
}
"""Readers by name that need neither TensorFlow nor a process of their own."""


def server_targets() -> dict[str, Target]:
    """Return the readers of the server's requests, which import TensorFlow."""
    from anatomy_tf.serving import clip_checks, grpc_messages, rest_messages, sessions
    from anatomy_tf.serving.signature import Signature, TensorShape

    def shape(*sizes: int | None, dtype: type = np.float32) -> TensorShape:
        return TensorShape(np.dtype(dtype), sizes)

    lift = Signature(
        "lift",
        {
            "pixels": shape(None, None, 17, 2),
            "visibility": shape(None, None, 17),
            "image_size": shape(None, 2),
            "fps": shape(None),
            "frames": shape(None, dtype=np.int32),
        },
        {"positions": shape(None, None, 17, 3)},
    )
    clip = {
        "pixels": np.full((1, 2, 17, 2), 100.0).tolist(),
        "visibility": np.ones((1, 2, 17)).tolist(),
        "image_size": [[640, 480]],
        "fps": [50],
        "frames": [2],
    }

    def checked(inputs: Any) -> None:
        sessions.stream_inputs(inputs)
        given = {n: v for n, v in inputs.items() if n not in sessions.SESSION_INPUTS}
        mapped = clip_checks.mapped_inputs("lift", given, HUMAN36M_17, HUMAN36M_17)
        values = lift.checked(mapped)
        clip_checks.check_values(lift, values)
        clip_checks.check_size(lift, values, 50.0)

    def rest(body: bytes) -> None:
        for inputs in rest_messages.read_predict(body).requests:
            checked(inputs)

    def grpc(request: bytes) -> None:
        read = grpc_messages.read_request(grpc_messages.PREDICT, request)
        checked(grpc_messages.read_inputs(read))

    def message(folder: Path) -> Path:
        import tensorflow as tf

        request = grpc_messages.PREDICT.request()
        request.model_spec.name, request.model_spec.signature_name = "compact", "lift"
        for name, value in clip.items():
            kind = lift.inputs[name].dtype
            request.inputs[name].CopyFrom(tf.make_tensor_proto(np.array(value, kind)))
        return _file("request.bin", request.SerializeToString())(folder)

    body = {"signature_name": "lift", "inputs": {**clip, "session": "x", "frame": 3, "end": False}}
    rows = {"instances": [{name: value[0] for name, value in clip.items()}] * 2}
    return {
        "server: REST": Target(_file("body.json", json.dumps(body)), _of_bytes(rest)),
        "server: REST, rows": Target(_file("body.json", json.dumps(rows)), _of_bytes(rest)),
        "server: gRPC": Target(message, _of_bytes(grpc)),
    }


def one_line(error: AnatomyError) -> bool:
    """Return whether an error is one printable line."""
    text = str(error)
    return bool(text) and text.isprintable()
