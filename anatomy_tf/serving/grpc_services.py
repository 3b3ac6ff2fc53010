"""TensorFlow Serving's gRPC services, for Ray's proxy.

The proxy passes requests on as bytes, so that it need not import the messages, which would import
all of TensorFlow.
"""

from __future__ import annotations

from typing import Any

import grpc

METHODS = {
    "tensorflow.serving.PredictionService": ("Predict", "GetModelMetadata"),
    "tensorflow.serving.ModelService": ("GetModelStatus",),
    "grpc.health.v1.Health": ("Check", "Watch"),
}
"""Methods that are answered; for the services' other methods gRPC itself says UNIMPLEMENTED."""

STREAMING = {"Watch"}
"""Those of them whose answer is a stream."""


def add_services(servicer: Any, server: Any) -> None:
    """Register the services, as the generated ``add_..._to_server`` functions do."""
    for service, methods in METHODS.items():
        handlers = {}
        for method in methods:
            kind = (
                grpc.unary_stream_rpc_method_handler
                if method in STREAMING
                else grpc.unary_unary_rpc_method_handler
            )
            handlers[method] = kind(getattr(servicer, method))
        handler = grpc.method_handlers_generic_handler(service, handlers)
        server.add_generic_rpc_handlers((handler,))
