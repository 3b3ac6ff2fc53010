import os
import socket

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import read_json
from anatomy_tf.files.limits import Limit
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.files.paths import check_file, check_input
from anatomy_tf.files.plain_pickle import load_plain_pickle
from anatomy_tf.files.regular_file import read_bytes
from anatomy_tf.files.table import TextTable
from anatomy_tf.files.text_file import read_text
from anatomy_tf.formats import load_keypoints, load_poses, save_poses
from anatomy_tf.inference import load_lifter

READERS = {
    "json": read_json,
    "text": read_text,
    "npz": read_npz,
    "pickle": load_plain_pickle,
    "table": TextTable,
    "keypoints": load_keypoints,
    "poses": load_poses,
}


@pytest.fixture(params=["a named pipe", "a socket", "a device", "an endless link"])
def no_file(request, tmp_path):
    path = tmp_path / "a.npz"
    if request.param == "a named pipe":
        os.mkfifo(path)
        yield path, request.param
    elif request.param == "a socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
            yield path, request.param
    else:
        path.symlink_to("/dev/zero")
        yield path, "a device"


@pytest.mark.parametrize("read", READERS.values(), ids=READERS.keys())
def test_what_is_no_file_is_refused_before_it_is_opened(no_file, read):
    path, kind = no_file
    with pytest.raises(AnatomyError, match=f"expected a file or folder, this is {kind}"):
        read(path)


def test_a_pipe_in_a_folder_is_refused(tmp_path):
    (tmp_path / "0.json").write_text('{"people": []}')
    os.mkfifo(tmp_path / "1.json")
    with pytest.raises(AnatomyError, match=r"1\.json: expected a file or folder, this is a named"):
        load_keypoints(tmp_path)


def test_files_and_folders(tmp_path):
    assert check_input(tmp_path) == tmp_path
    with pytest.raises(AnatomyError, match="expected a file, this is a folder"):
        check_file(tmp_path)
    with pytest.raises(AnatomyError, match="no such file or folder"):
        check_input(tmp_path / "none")


def test_a_large_file_is_refused_before_it_is_read(tmp_path):
    with (tmp_path / "a.json").open("wb") as file:
        file.write(b"[")
        # No byte of the rest is on the disk.
        file.truncate(1 << 30)
    with pytest.raises(AnatomyError, match=r"at most 536,870,912 bytes, got 1,073,741,824"):
        read_json(tmp_path / "a.json")
    with pytest.raises(AnatomyError, match="a file that is no text"):
        load_keypoints(tmp_path / "a.json")
    (tmp_path / "b").write_bytes(b"12345")
    assert read_bytes(tmp_path / "b", Limit("a file", 0, 5, "bytes")) == b"12345"
    with pytest.raises(AnatomyError, match="b: expected a file of at most 4 bytes, got 5"):
        read_bytes(tmp_path / "b", Limit("a file", 0, 4, "bytes"))


@pytest.mark.parametrize(
    "call",
    [load_keypoints, load_poses, load_lifter, check_file, lambda path: save_poses(path, [])],
    ids=["keypoints", "poses", "model", "file", "output"],
)
@pytest.mark.parametrize("value", [None, b"clip.npz", ["clip.npz"], 3], ids=repr)
def test_what_is_no_path_is_refused(call, value):
    with pytest.raises(AnatomyError, match=f"expected a path, got {type(value).__name__}$"):
        call(value)
