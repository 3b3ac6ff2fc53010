"""A model bundle for MediaPipe's pose landmarker from the models of its older JavaScript package.

``@mediapipe/pose`` of the npm registry (Apache 2.0) carries the same networks as separate files; a
bundle also wants the range of their input pictures.
"""

import sys
import types
from pathlib import Path

MEAN_AND_DEVIATION = {"pose_detector": (127.5, 127.5), "pose_landmarks_detector": (0.0, 255.0)}
"""Of input pictures: -1 to 1, and 0 to 1."""


def save_bundle(package: Path, path: Path, size: str = "lite") -> Path:
    """Writes a ``.task`` file.

    Args:
        package: the unpacked npm package.
        path: of the bundle.
        size: ``"lite"``, ``"full"`` or ``"heavy"``.
    """
    _make_metadata_importable()
    from mediapipe.tasks.python.metadata.metadata_writers import metadata_writer
    from mediapipe.tasks.python.metadata.metadata_writers import model_asset_bundle_utils as bundle

    # The packed assets are the person detector and nothing else.
    files = {
        "pose_detector": package / "pose_solution_packed_assets.data",
        "pose_landmarks_detector": package / f"pose_landmark_{size}.tflite",
    }
    models = {}
    for name, file in files.items():
        writer = metadata_writer.MetadataWriter(bytearray(file.read_bytes()))
        writer.add_general_info(name)
        mean, deviation = MEAN_AND_DEVIATION[name]
        writer.add_image_input([mean], [deviation])
        models[f"{name}.tflite"] = bytes(writer.populate()[0])
    bundle.create_model_asset_bundle(models, str(path))
    return path


def _make_metadata_importable() -> None:
    """MediaPipe 1.2 leaves out a compiled module that its writer of metadata asks for a version."""
    place = "mediapipe.tasks.cc.metadata.python"
    parts = place.split(".")
    for end in range(3, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:end]), types.ModuleType(".".join(parts[:end])))
    name = "_pywrap_metadata_version"
    version = types.ModuleType(f"{place}.{name}")
    version.GetMinimumMetadataParserVersion = lambda model: "1.5.0"
    sys.modules[version.__name__] = version
    setattr(sys.modules[place], name, version)
