"""MediaPipe's pose landmarker from the networks in an older package of MediaPipe.

MediaPipe up to 0.10.21 carries BlazePose's two networks in its wheel (Apache 2.0), as
TensorFlow Lite files. A bundle (``.task``) is both in one archive, and must also state the range of
the landmark network's input pictures, which the wheel's file does not.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from anatomy_tf.detection.detectors.detector import NEEDS
from anatomy_tf.detection.detectors.mediapipe_modules import mediapipe_module
from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import extra_module

DETECTOR = "mediapipe/modules/pose_detection/pose_detection.tflite"
LANDMARKS = "mediapipe/modules/pose_landmark/pose_landmark_full.tflite"
"""Paths of the networks in the wheel."""

MEAN, DEVIATION = 0.0, 255.0
"""Normalisation of the landmark network's input pictures, which gives values from 0 to 1."""

_MODEL, _METADATA = b"TFL3", b"M001"
"""Identifiers of the two kinds of flatbuffers."""


def save_landmarker(wheel: Path, path: Path) -> None:
    """Write a bundle of the two networks.

    Args:
        wheel: a wheel of MediaPipe 0.10.21 or a little older.
        path: the bundle to write, ``.task``.

    Raises:
        AnatomyError: when MediaPipe is missing, or the wheel lacks these networks.
    """
    bundles = _module("python.metadata.metadata_writers.model_asset_bundle_utils")
    try:
        with zipfile.ZipFile(wheel) as archive:
            detector, landmarks = archive.read(DETECTOR), archive.read(LANDMARKS)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise AnatomyError(f"{wheel}: expected a wheel of MediaPipe 0.10.21: {error}") from None
    networks = {
        "pose_detector.tflite": detector,
        "pose_landmarks_detector.tflite": _with_range(landmarks),
    }
    bundles.create_model_asset_bundle(networks, str(path))


def _with_range(network: bytes) -> bytes:
    """Return a TensorFlow Lite file with the range of its input pictures added."""
    flatbuffers: Any = extra_module("flatbuffers", "mediapipe", NEEDS)
    schema = _module("metadata.schema_py_generated")
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(bytearray(network), 0))
    builder = flatbuffers.Builder(0)
    builder.Finish(_metadata(len(model.subgraphs[0].outputs)).Pack(builder), _METADATA)
    content = schema.BufferT()
    content.data = builder.Output()
    entry = schema.MetadataT()
    entry.name, entry.buffer = b"TFLITE_METADATA", len(model.buffers)
    model.buffers.append(content)
    model.metadata = [*(model.metadata or []), entry]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), _MODEL)
    return bytes(builder.Output())


def _metadata(outputs: int) -> Any:
    """Return the metadata of a network with one picture as input."""
    schema = _module("metadata.metadata_schema_py_generated")
    scaling = schema.ProcessUnitT()
    scaling.optionsType = schema.ProcessUnitOptions.NormalizationOptions
    scaling.options = schema.NormalizationOptionsT()
    scaling.options.mean, scaling.options.std = [MEAN], [DEVIATION]
    picture = schema.TensorMetadataT()
    picture.content = schema.ContentT()
    picture.content.contentPropertiesType = schema.ContentProperties.ImageProperties
    picture.content.contentProperties = schema.ImagePropertiesT()
    picture.content.contentProperties.colorSpace = schema.ColorSpaceType.RGB
    picture.processUnits = [scaling]
    graph = schema.SubGraphMetadataT()
    graph.inputTensorMetadata = [picture]
    graph.outputTensorMetadata = [schema.TensorMetadataT() for _ in range(outputs)]
    metadata = schema.ModelMetadataT()
    metadata.subgraphMetadata = [graph]
    metadata.minParserVersion = b"1.0.0"
    return metadata


def _module(name: str) -> Any:
    return mediapipe_module(f"mediapipe.tasks.{name}")
