"""A server of exported models over TensorFlow Serving's protocols, and a client for either.

Nothing of Ray or TensorFlow is imported before it is named.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anatomy_tf.serving.application import ServingOptions, build_application
    from anatomy_tf.serving.client import Client, ClientStream
    from anatomy_tf.serving.refusal import RefusedError
    from anatomy_tf.serving.server import running_server

__all__ = [
    "Client",
    "ClientStream",
    "RefusedError",
    "ServingOptions",
    "build_application",
    "running_server",
]

_WHEN_NAMED = {
    "Client": "client",
    "ClientStream": "client",
    "RefusedError": "refusal",
    "ServingOptions": "application",
    "build_application": "application",
    "running_server": "server",
}


def __getattr__(name: str) -> Any:
    if name in _WHEN_NAMED:
        return getattr(importlib.import_module(f"anatomy_tf.serving.{_WHEN_NAMED[name]}"), name)
    raise AttributeError(f"module 'anatomy_tf.serving' has no attribute {name!r}")
