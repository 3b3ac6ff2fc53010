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

with atheris.instrument_imports(include=["anatomy_tf", "pickle", "zipfile", "csv", "json"]):
    from anatomy_tf.errors import AnatomyError
    from anatomy_tf.formats.camera_parameters import load_camera_parameters
    from anatomy_tf.formats.npz_archive import read_npz
    from anatomy_tf.formats.plain_pickle import read_plain_pickle
    from anatomy_tf.formats.recordings import load_recording
    from anatomy_tf.skeletons import Skeleton

ARM = Skeleton("arm", ("a", "b"), (-1, 0))
FOLDER = Path(tempfile.mkdtemp(prefix="anatomy-tf-fuzz-"))


def on_disk(name, read):
    path = FOLDER / name

    def target(content: bytes) -> None:
        path.write_bytes(content)
        read(path)

    return target


READERS = {
    "plain_pickle": lambda content: read_plain_pickle(io.BytesIO(content), "fuzz"),
    "npz": on_disk("f.npz", lambda path: read_npz(path, objects=True)),
    "recording_csv": on_disk("f.csv", lambda path: load_recording(path, ARM)),
    "recording_json": on_disk("f.json", lambda path: load_recording(path, ARM)),
    "recording_npz": on_disk("f.npz", lambda path: load_recording(path, ARM)),
    "camera_parameters": on_disk("f.json", load_camera_parameters),
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
