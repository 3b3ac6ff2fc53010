"""The content of a path, opened once for all readers."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from pathlib import Path
from typing import Any, Literal

from anatomy_tf.files.npz_archive import array_names
from anatomy_tf.files.numbered_names import files_of
from anatomy_tf.files.regular_file import read_head
from anatomy_tf.files.table import TextTable
from anatomy_tf.files.text_file import text_encoding
from anatomy_tf.formats.keypoints.reading.doubts import check_no_cameras
from anatomy_tf.formats.keypoints.reading.json_frames import JsonFrames
from anatomy_tf.formats.keypoints.reading.json_people import described
from anatomy_tf.formats.poses.pose_json import FORMAT as POSES_FORMAT
from anatomy_tf.formats.poses.trc import BEGINNING as TRC_BEGINNING
from anatomy_tf.formats.poses.trc import is_in_picture

Kind = Literal["json", "table", "npz", "npy", "hdf5", "trc", "text folder", "other"]

_HEAD, _LONG_HEAD = 1 << 12, 1 << 16
_ZIP, _HDF5, _NPY = b"PK", b"\x89HDF\r\n\x1a\n", b"\x93NUMPY"
_PANDAS = b"df_with_missing"
"""The name of DeepLabCut's table, which pandas writes."""
_PICKLE = "a pickle, which may hold any program; load it where you trust it and save by np.savez"
_EXPECTED = "expected keypoints in the picture"
_POSES = f"poses in space, as lift writes them; {_EXPECTED} (render and convert take poses)"
_OTHERS = {
    b"": "an empty file",
    b"\x1f\x8b": "a file that gzip packed; unpack it",
    b"\x80": _PICKLE,
    b"(dp": _PICKLE,
    b"(lp": _PICKLE,
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1aE\xdf\xa3": "a video",
    b"RIFF": "a video or sound",
    b"PAR1": "a Parquet file; save it as CSV",
    b"ARROW1": "a Feather or Arrow file; save it as CSV",
    b"FEA1": "a Feather file; save it as CSV",
    b"\xd0\xcf\x11\xe0": "a document of Excel or Word of before 2007; save it as CSV",
    b"BZh": "a file that bzip2 packed; unpack it",
    b"\xfd7zXZ": "a file that xz packed; unpack it",
    b"\x28\xb5\x2f\xfd": "a file that Zstandard packed; unpack it",
    b"7z\xbc\xaf": "an archive of 7-Zip; unpack it",
    b"Rar!": "a RAR archive; unpack it",
    b"MATLAB": "a file of MATLAB; save it as CSV",
    b"%YAML": "YAML, such as OpenPose's old one; let it write JSON",
    b"%PDF": "a document",
    b"glTF": f"glTF, which holds poses in space; {_EXPECTED}",
    b"CDF\x01": "netCDF; save it as CSV",
    b"CDF\x02": "netCDF; save it as CSV",
    b"---\n": "YAML; save it as JSON",
}
_TEXTS = {
    "<!DOCTYPE html": "a web page, perhaps of a failed download",
    "<html": "a web page, perhaps of a failed download",
    "<": "XML; export it as COCO's JSON",
    "version https://git-lfs": "a pointer of Git LFS; fetch the file itself by git lfs pull",
    "HIERARCHY": f"BVH, which holds poses in space; {_EXPECTED}",
    TRC_BEGINNING: f"TRC, which holds markers in space; {_EXPECTED}",
}
"""The beginnings of texts that are no tables."""

_OF_ANNOTATORS = {
    "LabelMe's JSON; export it as COCO's JSON": {"shapes", "image_path"},
    "Label Studio's JSON; export it as COCO's JSON": {"data", "annotations"},
    "VIA's JSON; export it as COCO's JSON": {"regions", "file_attributes"},
    "a project of VIA; export its annotations as COCO's JSON": {"_via_img_metadata"},
    "Supervisely's JSON; export it as COCO's JSON": {"objects", "tags"},
    "Datumaro's JSON; export it as COCO's JSON": {"items", "categories"},
}
"""JSON that annotators write, by keys of its objects as ``known_keys`` spells them."""

_SPACE = re.compile(r"[Ww]orld|WORLD|3_?[dD](?![a-z])")
"""What names places in space, such as MediaPipe's world landmarks."""

_IN_ZIP = {
    b"xl/": "a spreadsheet; save it as CSV",
    b"opendocument.spreadsheet": "a spreadsheet; save it as CSV",
    b"data.pkl": "a file of PyTorch; load it there and save the arrays by np.savez",
}
"""What the beginning of an archive holds, by which its kind is known."""
_POSE_ARRAYS = {"positions", "parents", "axes"}
"""Arrays of our npz files of poses."""
_TAR, _TAR_AT = b"ustar", 257
_VIDEO = b"ftyp"
"""The mark of MP4 and QuickTime files, in bytes 4 to 8."""


@dataclasses.dataclass(frozen=True)
class Content:
    """The content of a path.

    Attributes:
        path: the file or folder.
        kind: the kind of readers that may understand it.
        value: ``JsonFrames``, a ``Table``, the names of an npz file's arrays, or nothing.
        described: a description of a few words, for messages.
    """

    path: Path
    kind: Kind
    value: Any
    described: str


def open_content(path: Path) -> Content:
    """Return the content of an existing path.

    Raises:
        AnatomyError: when it cannot be read.
    """
    if path.is_dir():
        return _folder(path)
    head = read_head(path, _HEAD)
    if head.startswith(_ZIP):
        names = array_names(path)
        if not names:
            inside = read_head(path, _LONG_HEAD)
            no_arrays = "a zip archive with no array that is named NAME.npy; unpack it"
            known = (what for mark, what in _IN_ZIP.items() if mark in inside)
            return Content(path, "other", None, next(known, no_arrays))
        if set(names) >= _POSE_ARRAYS:
            return Content(path, "other", None, _POSES)
        return Content(path, "npz", names, f"an npz file with the arrays {_few(names)}")
    if head.startswith(_HDF5):
        of_deeplabcut = _PANDAS in read_head(path, _LONG_HEAD)
        what = "DeepLabCut's HDF5; export it as CSV" if of_deeplabcut else "an HDF5 file"
        return Content(path, "other" if of_deeplabcut else "hdf5", None, what)
    if head.startswith(_NPY):
        return Content(path, "npy", None, "an npy file of one array")
    for mark, what in _OTHERS.items():
        if head.startswith(mark) and (mark or not head):
            return Content(path, "other", None, what)
    if head[4:8] == _VIDEO:
        return Content(path, "other", None, "a video")
    if head[_TAR_AT:].startswith(_TAR):
        return Content(path, "other", None, "a tar archive; unpack it")
    encoding = text_encoding(head)
    text = head.decode(encoding, "replace")
    if "\0" in text:
        return Content(path, "other", None, "a file that is no text")
    beginning = read_head(path, _LONG_HEAD) if text.startswith(TRC_BEGINNING) else b""
    if is_in_picture(beginning.decode(encoding, "replace")):
        return Content(path, "trc", None, "TRC with places in the picture")
    for word, what in _TEXTS.items():
        if text.lstrip("\ufeff \r\n").startswith(word):
            return Content(path, "other", None, what)
    if f'"{POSES_FORMAT}"' in text:
        return Content(path, "other", None, _POSES)
    if text.lstrip().startswith(("[", "{", "null", '"[', '"{')):
        frames = JsonFrames.read(path)
        for value in (frames.content, _first_of(frames.content)):
            if isinstance(value, dict):
                # Facts such as a rate may stand beside.
                check_no_cameras([k for k, v in value.items() if isinstance(v, list | dict)], path)
        foreign = _of_annotator(frames.content) or _in_space(frames)
        return Content(
            path, "other" if foreign else "json", frames, foreign or described(frames.content)
        )
    table = TextTable(path)
    row = table.header()
    if len(row) > 1 and all(map(table.is_number, row)):
        example = "such as frame,nose_x,nose_y,nose_score"
        return Content(path, "other", None, f"a table without titles; write them above, {example}")
    what = f"a table with the columns {_few(row)}" if len(row) > 1 else "text"
    return Content(path, "table", table, what)


def _folder(path: Path) -> Content:
    files = files_of(path, "")
    if files_of(path, ".json"):
        frames = JsonFrames.read(path)
        first = next((value for value in frames.content.values() if value), None)
        known = _of_annotator(frames.content)
        what = f"a folder of JSON files, each {known or described(first)}"
        return Content(path, "other" if known else "json", frames, what)
    suffixes = Counter("folder" if f.is_dir() else f"{f.suffix or 'nameless'} file" for f in files)
    common = ", ".join(f"{n} {kind}{'s' * (n > 1)}" for kind, n in suffixes.most_common(2))
    what = f"a folder of {common}" if files else "an empty folder"
    texts = files_of(path, ".txt")
    if texts:
        return Content(path, "text folder", texts, what)
    inner = (f for f in files if f.is_dir() and (files_of(f, ".json") or files_of(f, ".txt")))
    hint = next((f"; are they in its folder {folder.name:.40}?" for folder in inner), "")
    lacking = "expected .json or .txt files, one an image"
    return Content(path, "other", None, f"{what}; {lacking}{hint}")


def _of_annotator(content: Any) -> str:
    """Return what JSON of ``_OF_ANNOTATORS`` is; nothing for other JSON."""
    keys = [set(value) for value in (content, _first_of(content)) if isinstance(value, dict)]
    return next((w for w, needed in _OF_ANNOTATORS.items() if any(needed <= k for k in keys)), "")


def _first_of(content: Any) -> Any:
    """Return the first value in a list or object; ``None`` for another value or without any."""
    values = content.values() if isinstance(content, dict) else content
    return next(iter(values), None) if isinstance(content, list | dict) else None


def _in_space(frames: JsonFrames) -> str:
    """Return what JSON is whose frames or people have places in space alone; nothing for other."""
    first = next((frame.value for frame in frames.entries if frame.value), None)
    for value in (first, frames.first_person):
        lists = value.items() if isinstance(value, dict) else ()
        keys = [key for key, inner in lists if isinstance(inner, list | dict) and inner]
        if keys and all(_SPACE.search(key) for key in keys):
            return f"places in space, {keys[0]:.40}; {_EXPECTED}"
    return ""


def _few(names: Any) -> str:
    shown = ", ".join(f"{name:.20}" for name in list(names)[:4])
    return f"{shown}, ..." if len(names) > 4 else shown
