"""A loaded version of an exported model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.files.limits import MODEL_BYTES
from anatomy_tf.files.regular_file import read_bytes
from anatomy_tf.inference.exported.description import skeleton_of
from anatomy_tf.inference.exported.saved_model_lifter import SAVED_MODEL
from anatomy_tf.serving.refusal import invalid
from anatomy_tf.serving.signature import Arrays, Signature, TensorShape, texts
from anatomy_tf.skeletons import Skeleton

WARM_UP = Path("assets.extra/tf_serving_warmup_requests")


class Servable:
    """A loaded SavedModel with its signatures.

    Loading runs the model's warm-up requests, so that the first request from outside is as fast as
    the others.

    Args:
        number: the version.
        path: its folder.

    Attributes:
        number: the version.
        signatures: by name.
        description: the export's description (``anatomy_tf.export.describe``).
        skeleton: the description's skeleton, if it has one.
    """

    def __init__(self, number: int, path: Path) -> None:
        import tensorflow as tf

        self.number = number
        # Signatures live as long as the object that they were loaded with.
        self._loaded = tf.saved_model.load(str(path))
        self._functions = dict(self._loaded.signatures)
        self.signatures = {name: _signature(name, f) for name, f in self._functions.items()}
        self._warm_up(path / WARM_UP)
        self.description: dict[str, Any] = {}
        if "describe" in self.signatures:
            (text,) = texts(self.run("describe", {})["description"])
            self.description = json.loads(text)
        self.skeleton = _skeleton(self.description)
        self._definitions = _definitions(path)

    def run(self, signature: str, inputs: Arrays) -> dict[str, NDArray[Any]]:
        """Return the outputs for inputs that the signature has checked.

        Raises:
            RefusedError: for inputs that the graph itself refuses.
        """
        import tensorflow as tf

        given = {name: tf.constant(value) for name, value in inputs.items()}
        try:
            found = self._functions[signature](**given)
        except tf.errors.InvalidArgumentError as error:
            raise invalid(f"{signature}: {_reason(error.message)}") from None
        return {name: np.asarray(value.numpy()) for name, value in found.items()}

    @property
    def definitions(self) -> dict[str, bytes]:
        """The ``SignatureDef`` of each signature, serialised."""
        return self._definitions

    def _warm_up(self, path: Path) -> None:
        if not path.is_file():
            return
        import tensorflow as tf
        from tensorflow_serving.apis import prediction_log_pb2

        for record in tf.data.TFRecordDataset(str(path)):
            log = prediction_log_pb2.PredictionLog.FromString(record.numpy())
            request = log.predict_log.request
            name = request.model_spec.signature_name or "serving_default"
            inputs = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
            self.run(name, self.signatures[name].checked(inputs))


def _signature(name: str, function: Any) -> Signature:
    inputs = function.structured_input_signature[1]
    return Signature(
        name,
        {key: _shape(spec) for key, spec in sorted(inputs.items())},
        {key: _shape(spec) for key, spec in sorted(function.structured_outputs.items())},
    )


def _shape(spec: Any) -> TensorShape:
    return TensorShape(np.dtype(spec.dtype.as_numpy_dtype), tuple(spec.shape))


def _reason(message: str) -> str:
    """Return a graph assertion's message without its place in the graph."""
    _, found, said = message.partition("assertion failed: ")
    return (said if found else message).splitlines()[0]


def _definitions(path: Path) -> dict[str, bytes]:
    from tensorflow.core.protobuf import saved_model_pb2

    saved = saved_model_pb2.SavedModel.FromString(read_bytes(path / SAVED_MODEL, MODEL_BYTES))
    (graph,) = saved.meta_graphs
    return {
        name: definition.SerializeToString()
        for name, definition in graph.signature_def.items()
        if not name.startswith("__")
    }


def _skeleton(description: dict[str, Any]) -> Skeleton | None:
    if "joint_names" not in description:
        return None
    return skeleton_of(description)
