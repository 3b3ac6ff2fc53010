"""Coverage-guided fuzzing of the readers of foreign files: they answer or raise AnatomyError.

python tests/fuzz/fuzz_readers.py READER [SEEDS_FOLDER] [-max_total_time=60] [libFuzzer options]
"""

import io
import pickle
import sys
import tempfile
from pathlib import Path

import atheris
import numpy as np

INSTRUMENTED = ["anatomy_tf", "anatomy_tf_datasets", "cdflib", "pickle", "zipfile", "csv", "json"]

with atheris.instrument_imports(include=INSTRUMENTED):
    # The reader imports it when it first needs it, which is too late to be instrumented.
    import cdflib  # noqa: F401

    from anatomy_tf.errors import AnatomyError
    from anatomy_tf.files.npz_archive import read_npz
    from anatomy_tf.files.plain_pickle import read_plain_pickle
    from anatomy_tf.formats.camera_parameters import load_camera_parameters
    from anatomy_tf.formats.motion.asf_amc import load_asf, load_asf_amc
    from anatomy_tf.formats.motion.camera_file import load_camera
    from anatomy_tf.formats.motion.human36m_metadata import load_human36m_metadata
    from anatomy_tf.formats.motion.recordings import load_recording
    from anatomy_tf.skeletons import Skeleton
    from anatomy_tf_datasets.human36m.human36m_reader import read_positions
    from anatomy_tf_datasets.mpi_inf_3dhp.mpi_inf_3dhp_reader import (
        HeldOutSequence,
        TrainingSequence,
        read_calibration,
    )

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
HUMAN36M = DATASETS / "human36m/dummy_data"
MPI_INF_3DHP = DATASETS / "mpi_inf_3dhp/dummy_data"
CMU = DATASETS / "cmu_mocap/dummy_data/subjects/01"
ARM = Skeleton("arm", ("a", "b"), (-1, 0))
FOLDER = Path(tempfile.mkdtemp(prefix="anatomy-tf-fuzz-"))


def on_disk(name, read):
    path = FOLDER / name

    def target(content: bytes) -> None:
        path.write_bytes(content)
        read(path)

    return target


def read_training(path: Path) -> None:
    calibration = MPI_INF_3DHP / "S1/Seq1/camera.calibration"
    (path.parent / calibration.name).write_bytes(calibration.read_bytes())
    TrainingSequence(path.parent, "S1", "Seq1", "univ_annot3", 2, 25).examples()


def read_held_out(path: Path) -> None:
    HeldOutSequence(path, "TS5", "univ_annot3", 2, (1920, 1080)).examples()


READERS = {
    "plain_pickle": lambda content: read_plain_pickle(io.BytesIO(content), "fuzz"),
    "npz": on_disk("f.npz", lambda path: read_npz(path, objects=True)),
    "recording_csv": on_disk("f.csv", lambda path: load_recording(path, ARM)),
    "recording_json": on_disk("f.json", lambda path: load_recording(path, ARM)),
    "recording_npz": on_disk("f.npz", lambda path: load_recording(path, ARM)),
    "camera_parameters": on_disk("f.json", load_camera_parameters),
    "camera_toml": on_disk("f.toml", load_camera),
    "camera_yaml": on_disk("f.yaml", load_camera),
    "camera_xml": on_disk("f.xml", load_camera),
    "camera_json": on_disk("f.json", load_camera),
    "asf": on_disk("f.asf", load_asf),
    "amc": on_disk("f.amc", lambda path: load_asf_amc(CMU / "01.asf", path, fps=120)),
    "human36m_metadata": on_disk("metadata.xml", load_human36m_metadata),
    "human36m_cdf": on_disk("f.cdf", read_positions),
    "mpi_inf_3dhp_train": on_disk("annot.mat", read_training),
    "mpi_inf_3dhp_test": on_disk("annot_data.mat", read_held_out),
    "mpi_inf_3dhp_calibration": on_disk("camera.calibration", read_calibration),
}


def seeds() -> dict[str, list[bytes]]:
    plain = {"S1": {"Walking": [np.ones((2, 3), np.float32), np.array(["x"]), np.float64(1)]}}
    arrays = {"keypoints": np.ones((2, 2, 2)), "positions": np.ones((2, 2, 3))}
    packed, pickled = io.BytesIO(), io.BytesIO()
    np.savez(packed, **arrays)
    np.savez_compressed(pickled, data=np.array(plain, object))
    header = ",".join(f"{joint}_{end}" for joint in "ab" for end in ("u", "v", "x", "y", "z"))
    listed = str({name: value.tolist() for name, value in arrays.items()}).replace("'", '"')
    return {
        "plain_pickle": [pickle.dumps(plain, protocol) for protocol in range(6)],
        "npz": [packed.getvalue(), pickled.getvalue()],
        "recording_csv": [f"{header}\n{','.join('1' * 10)}\n".encode()],
        "recording_json": [listed.encode()],
        "recording_npz": [packed.getvalue()],
        "asf": [(CMU / "01.asf").read_bytes()],
        "amc": [(CMU / "01_01.amc").read_bytes()],
        "human36m_metadata": [(HUMAN36M / "metadata.xml").read_bytes()],
        "human36m_cdf": [next(HUMAN36M.rglob("*.cdf")).read_bytes()],
        "mpi_inf_3dhp_train": [(MPI_INF_3DHP / "S1/Seq1/annot.mat").read_bytes()],
        "mpi_inf_3dhp_test": [(MPI_INF_3DHP / "TS5/annot_data.mat").read_bytes()],
        "mpi_inf_3dhp_calibration": [(MPI_INF_3DHP / "S1/Seq1/camera.calibration").read_bytes()],
        "camera_parameters": [b'{"intrinsics": {}, "extrinsics": {"S1": {}}}'],
    }


def main() -> None:
    reader, *options = sys.argv[1:]
    corpus = FOLDER / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(seeds()[reader]):
        (corpus / str(number)).write_bytes(seed)

    def check(content: bytes) -> None:
        try:
            READERS[reader](content)
        except AnatomyError as error:
            if "\n" in str(error):
                raise RuntimeError("a message of more than one line") from error

    atheris.Setup([sys.argv[0], str(corpus), *options], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
