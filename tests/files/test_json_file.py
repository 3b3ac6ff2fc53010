"""Reading JSON."""

from pathlib import Path

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import parsed_json, read_json

TWICE = '[{"people": []}, {"cam1": {"fx": 1}, "cam2": 2, "cam1": {"fx": 3}}]'


@pytest.mark.parametrize("text", [TWICE, "{}\n" + TWICE])
def test_a_key_with_two_values_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(AnatomyError) as refused:
        read_json(path, many=True)
    assert str(refused.value) == (
        f"{path}: not a readable JSON file (the key 'cam1' is twice in one object)"
    )


def test_a_key_that_says_the_same_twice_is_no_contradiction() -> None:
    text = '{"id": 1, "box": [0, {"w": 2}], "id": 1, "box": [0, {"w": 2}]}'
    assert parsed_json(text) == {"id": 1, "box": [0, {"w": 2}]}
    assert list(parsed_json('{"b": 1, "a": 2}')) == ["b", "a"]
