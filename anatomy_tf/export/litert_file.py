"""The description that travels in a LiteRT (TensorFlow Lite) file, and how such a file is opened.

Needs neither TensorFlow nor Keras.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import extra_module
from anatomy_tf.files.paths import check_input
from anatomy_tf.skeletons import Skeleton, get_skeleton, skeleton_names

Description = dict[str, Any]

METADATA = "anatomy_tf"
"""Name of the entry in the file's metadata that holds the description as JSON."""

FILE_IDENTIFIER = b"TFL3"
ALIGNMENT = 16
"""Bytes; the schema's ``force_align`` of a buffer's data, which Python's writer does not keep."""

LIFT, STREAM = "lift_normalized", "stream"
"""Signatures: a clip's keypoints to poses, and a stream's newest frame."""


def litert(module: str) -> Any:
    """A module of ai-edge-litert or ai-edge-quantizer.

    Raises:
        AnatomyError: when it is not installed, with the command that does it.
    """
    package = module.partition(".")[0].replace("_", "-")
    return extra_module(module, "litert", "LiteRT needs", package=package)


def read_litert_description(path: str | Path) -> Description:
    """What a LiteRT file of this package says of itself.

    Raises:
        AnatomyError: when it cannot be read or was not written by this package.
    """
    return description_of(_content(check_input(path)), str(path))


def description_of(content: bytes, where: str) -> Description:
    """The same of a file's bytes."""
    schema = litert("ai_edge_litert.schema_py_generated")
    try:
        model = schema.Model.GetRootAsModel(content, 0)
        entries = [model.Metadata(i) for i in range(model.MetadataLength())]
        found = next((e for e in entries if e.Name() == METADATA.encode()), None)
        if found is None:
            raise AnatomyError(f"{where}: a LiteRT file without a description by anatomy_tf")
        description = json.loads(model.Buffers(found.Buffer()).DataAsNumpy().tobytes())
    except AnatomyError:
        raise
    except Exception:
        # The schema's reader does not check offsets; a damaged one raises whatever it leads to.
        raise AnatomyError(f"{where}: a damaged LiteRT file") from None
    if not isinstance(description, dict):
        raise AnatomyError(f"{where}: a damaged LiteRT file")
    return description


def with_description(content: bytes, description: Description) -> bytes:
    """A LiteRT file's bytes with a description added.

    Args:
        content: of the file.
        description: plain data for JSON.
    """
    flatbuffers = litert("flatbuffers")
    schema = litert("ai_edge_litert.schema_py_generated")
    tools = litert("ai_edge_litert.tools.flatbuffer_utils")
    model = tools.read_model_from_bytearray(content)
    entry = schema.MetadataT()
    entry.name, entry.buffer = METADATA, len(model.buffers)
    model.buffers.append(schema.BufferT(data=json.dumps(description, indent=1).encode()))
    model.metadata = [*(model.metadata or []), entry]
    model.buffers = [_AlignedBuffer(schema, buffer.data) for buffer in model.buffers]
    model.description = f"anatomy_tf {description['kind']} {description['name']}"
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), file_identifier=FILE_IDENTIFIER)
    return bytes(builder.Output())


class _AlignedBuffer:
    """A ``schema.BufferT`` whose data the interpreter can use where they lie."""

    def __init__(self, schema: Any, data: Any) -> None:
        self.schema, self.data = schema, b"" if data is None else bytes(data)

    def Pack(self, builder: Any) -> Any:  # noqa: N802
        """Called by the schema's own writer."""
        vector, size = None, len(self.data)
        if size:
            builder.StartVector(1, size, ALIGNMENT)
            builder.head -= size
            builder.Bytes[builder.head : builder.head + size] = self.data
            vector = builder.EndVector()
        self.schema.BufferStart(builder)
        if vector is not None:
            self.schema.BufferAddData(builder, vector)
        return self.schema.BufferEnd(builder)


def open_litert(path: str | Path, threads: int) -> tuple[Any, Description]:
    """An interpreter of a file of this package, and what the file says of itself.

    Raises:
        AnatomyError: when the file is missing, damaged or of another origin.
    """
    path = check_input(path)
    content = _content(path)
    description = description_of(content, str(path))
    interpreter = litert("ai_edge_litert.interpreter")
    try:
        return interpreter.Interpreter(model_content=content, num_threads=threads), description
    except (RuntimeError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise AnatomyError(f"{path}: LiteRT cannot read it: {reason}") from None


def skeleton_of(description: Description) -> Skeleton:
    """The layout that a description names, with what is known of it beyond joints and parents."""
    skeleton = Skeleton(
        description["layout"], tuple(description["joint_names"]), tuple(description["parents"])
    )
    if skeleton.name in skeleton_names():
        known = get_skeleton(skeleton.name)
        if (known.joint_names, known.parents) == (skeleton.joint_names, skeleton.parents):
            return known
    return skeleton


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AnatomyError(f"{path}: cannot be read ({error.strerror or error})") from None
    if content[4:8] != FILE_IDENTIFIER:
        raise AnatomyError(f"{path}: not a LiteRT file")
    return content
