"""Where an exported model is written."""

from pathlib import Path

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.export.formats import FORMATS


def test_a_file_or_a_file_in_a_folder() -> None:
    litert = FORMATS["litert"]
    assert litert.output(Path("a/b.tflite"), "compact") == Path("a/b.tflite")
    assert litert.output(Path("a"), "compact") == Path("a/compact.tflite")
    assert litert.output(Path("v1.2"), "compact") == Path("v1.2/compact.tflite")
    assert FORMATS["savedmodel"].output(Path("a"), "compact") == Path("a")
    # No folder of this name is made; whoever writes the file says how it should end.
    assert litert.output(Path("B.TFLITE"), "compact") == Path("B.TFLITE")


@pytest.mark.parametrize(
    ("to", "given", "wanted"),
    [
        ("litert", "b.onnx", r"ends in \.tflite, or a folder"),
        ("onnx", "b.tflite", r"ends in \.onnx, or a folder"),
        ("savedmodel", "b.tflite", "expected a folder"),
        ("onnx", "B.TFLITE", r"ends in \.onnx, or a folder"),
    ],
)
def test_the_suffix_of_another_format_is_refused(to: str, given: str, wanted: str) -> None:
    with pytest.raises(AnatomyError, match=wanted):
        FORMATS[to].output(Path(given), "compact")
