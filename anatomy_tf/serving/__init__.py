"""A server of exported models over TensorFlow Serving's protocols, and a client for either.

Neither Ray nor TensorFlow is imported before a name that needs it is used.
"""

from typing import TYPE_CHECKING

from anatomy_tf.extras import late_names

if TYPE_CHECKING:
    from anatomy_tf.serving.application import ServingOptions, build_application
    from anatomy_tf.serving.client import Client, ClientStream
    from anatomy_tf.serving.refusal import RefusedError
    from anatomy_tf.serving.server import running_server
else:
    __getattr__ = late_names(
        __name__,
        {
            "Client": "client",
            "ClientStream": "client",
            "RefusedError": "refusal",
            "ServingOptions": "application",
            "build_application": "application",
            "running_server": "server",
        },
    )

__all__ = [
    "Client",
    "ClientStream",
    "RefusedError",
    "ServingOptions",
    "build_application",
    "running_server",
]
