"""The formats that a model is exported to."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from anatomy_tf.errors import AnatomyError


@dataclasses.dataclass(frozen=True)
class ExportFormat:
    """A format.

    Attributes:
        function: ``module:function``, from a model, a path and keyword options to the path written.
        suffix: of its files; ``""``: it is a folder.
    """

    function: str
    suffix: str

    def output(self, given: Path, name: str) -> Path:
        """Return where a model of this name is written: the given path, or a file in it.

        Raises:
            AnatomyError: when the path has the suffix of another format.
        """
        suffix = given.suffix.lower()
        if suffix in {other.suffix for other in FORMATS.values()} - {"", self.suffix}:
            wanted = (
                f"a file that ends in {self.suffix}, or a folder" if self.suffix else "a folder"
            )
            raise AnatomyError(f"{given}: expected {wanted}")
        if not self.suffix or suffix == self.suffix:
            return given
        return given / f"{name}{self.suffix}"

    def check(self, options: Iterable[str]) -> None:
        """Raise ``AnatomyError`` for an option that the format does not have."""
        unknown = sorted(set(options) - set(inspect.signature(self._writer()).parameters))
        if unknown:
            raise AnatomyError(f"{', '.join(unknown)}: not an option of this format")

    def write(self, model: Any, path: Path, options: Mapping[str, Any]) -> Path:
        """Write the model and return its path; errors are those of the format's function."""
        return self._writer()(model, path, **options)

    def _writer(self) -> Callable[..., Path]:
        module, _, name = self.function.partition(":")
        return getattr(importlib.import_module(module), name)


FORMATS: Mapping[str, ExportFormat] = MappingProxyType(
    {
        "savedmodel": ExportFormat("anatomy_tf.export.saved_model:export_saved_model", ""),
        "litert": ExportFormat("anatomy_tf.export.litert:export_litert", ".tflite"),
        "onnx": ExportFormat("anatomy_tf.export.onnx_model:export_onnx", ".onnx"),
    }
)
