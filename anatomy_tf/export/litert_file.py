"""The description that travels in a LiteRT (TensorFlow Lite) file."""

from __future__ import annotations

import json
from typing import Any

from anatomy_tf.inference.exported.description import Description
from anatomy_tf.inference.exported.litert_file import FILE_IDENTIFIER, METADATA, litert

ALIGNMENT = 16
"""Bytes; the schema's ``force_align`` of a buffer's data, which Python's writer does not keep."""


def with_description(content: bytes, description: Description) -> bytes:
    """Return a LiteRT file's bytes with a description added.

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
        """Write the buffer and return its offset; the schema's own writer calls this."""
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
