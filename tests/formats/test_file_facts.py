"""What a file of keypoints or poses holds."""

from pathlib import Path

import pytest
import reader_samples

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files import json_file
from anatomy_tf.formats import save_keypoints
from anatomy_tf.formats.file_facts import file_facts
from anatomy_tf.formats.keypoints.reading import json_frames


def test_a_missing_file_is_told_once(tmp_path: Path) -> None:
    with pytest.raises(AnatomyError, match=r"none\.json: no such file or folder$") as caught:
        file_facts(tmp_path / "none.json")
    assert str(caught.value).count("no such file") == 1


def test_keypoints_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "k.json"
    save_keypoints(path, reader_samples.sequences())
    reads: list[Path] = []

    def counted(path: Path, **options: bool) -> object:
        reads.append(path)
        return json_file.read_json(path, **options)

    monkeypatch.setattr(json_frames, "read_json", counted)
    assert file_facts(path)["content"] == "keypoints"
    assert len(reads) == 1
