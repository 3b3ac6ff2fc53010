"""The server as an application of Ray Serve."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import check_installed
from anatomy_tf.files.checked_fields import CheckedFields, Count, NotNegative, Positive
from anatomy_tf.files.download import is_address
from anatomy_tf.serving.refusal import REQUEST_TIMEOUT
from anatomy_tf.serving.versions import ModelFolder

SERVICES = ("anatomy_tf.serving.grpc_services.add_services",)
"""Services that Ray's gRPC proxy answers (``grpc_servicer_functions`` of Ray Serve)."""

STICKY = "ray.serve.experimental.consistent_hash_router.ConsistentHashRouter"

APPLICATION = "anatomy_tf"
IMPORT_PATH = "anatomy_tf.serving.application:build_application"

_LOUD_ONLY = {"TF_CPP_MIN_LOG_LEVEL": "3"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class ServingCapacity:
    """Numbers of processes, versions, requests and streams of a server.

    ``ServingOptions`` checks them.

    Args:
        replicas: number of processes that compute.
        gateways: number of processes that answer the protocols; a stream stays with one of them.
        threads: number of cores of each replica.
        versions: how many of the newest versions are served at the same time.
        poll: seconds between two looks into the folder for a new version; 0 looks once.
        batch_rows: largest number of clips that are computed together.
        ongoing: number of requests that a replica accepts at a time.
        queue: number of requests that wait for a replica; more are refused (RESOURCE_EXHAUSTED,
            429).
        sessions: largest number of streams at a time.
        session_expiry: seconds of silence after which a stream is forgotten.
    """

    replicas: Count = 1
    gateways: Count = 1
    threads: Count = 1
    versions: Count = 2
    poll: NotNegative = 1.0
    batch_rows: Count = 64
    ongoing: Count = 64
    queue: Count = 128
    sessions: Count = 100
    session_expiry: Positive = 60.0


@dataclasses.dataclass(frozen=True)
class ServingOptions(CheckedFields, ServingCapacity):
    """Options of serving a model: those of ``ServingCapacity``, and these.

    Args:
        model: folder of the model's versions; every machine must see it under this path.
        name: the name under which the model is served; by default the folder's.
        labels: names of versions, such as ``{"stable": 3}``.
        cors: sites whose pages may read answers over REST, such as ``"https://example.org"``;
            ``"*"`` for all.

    Raises:
        AnatomyError: naming the field, what was expected and what came.
    """

    model: str
    name: str = ""
    labels: Mapping[str, Count] = dataclasses.field(default_factory=dict)
    cors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        for label in self.labels:
            if not label or set("/:") & set(label):
                raise AnatomyError(
                    f"ServingOptions.labels: expected names without / and :, got {label!r}"
                )
        for site in self.cors:
            if site != "*" and not is_address(site):
                raise AnatomyError(
                    "ServingOptions.cors: expected a site such as https://example.org, or *, "
                    f"got {site!r}"
                )
        if not self.name:
            object.__setattr__(self, "name", Path(self.model).resolve().name)


def listening_options(port: int, rest_port: int, host: str) -> dict[str, dict[str, Any]]:
    """Return Ray Serve's options of the proxies: ``http_options`` and ``grpc_options``.

    Args:
        port: port of gRPC.
        rest_port: port of REST.
        host: address on which REST listens.
    """
    return {
        "http_options": {"host": host, "port": rest_port, "request_timeout_s": REQUEST_TIMEOUT},
        "grpc_options": {
            "port": port,
            "grpc_servicer_functions": list(SERVICES),
            "request_timeout_s": REQUEST_TIMEOUT,
        },
    }


def check_server_installed() -> None:
    """Raise ``AnatomyError`` when a package that the server needs is not installed."""
    # Ray itself is not imported here: it reads the environment then. Its Serve needs uvicorn.
    for module in ("ray", "uvicorn", "tensorflow_serving"):
        check_installed(module, "serve", "serving needs")


def build_application(arguments: dict[str, Any]) -> Any:
    """Return the Ray Serve application, for ``serve.run`` and for Ray's configuration files.

    Args:
        arguments: arguments of ``ServingOptions``, by name.

    Raises:
        AnatomyError: for an unknown or impossible option, or a folder without a model.
    """
    check_server_installed()
    from ray import serve
    from ray.serve.config import BackpressureConfig, RequestRouterConfig

    from anatomy_tf.serving.gateway import Gateway
    from anatomy_tf.serving.replica import ModelReplica

    known = {field.name for field in dataclasses.fields(ServingOptions)}
    unknown = sorted(set(arguments) - known)
    if unknown or "model" not in arguments:
        raise AnatomyError(
            f"serving options: expected model and any of {', '.join(sorted(known - {'model'}))}, "
            f"got {', '.join(unknown) or 'no model'}"
        )
    options = ServingOptions(**arguments)
    folder = Path(options.model).resolve()
    ModelFolder.at(folder)
    replicas = serve.deployment(
        ModelReplica,
        num_replicas=options.replicas,
        max_ongoing_requests=options.ongoing,
        max_queued_requests=options.queue,
        ray_actor_options={
            "num_cpus": options.threads,
            "runtime_env": {
                "env_vars": {**_LOUD_ONLY, "TF_NUM_INTRAOP_THREADS": str(options.threads)}
            },
        },
        graceful_shutdown_wait_loop_s=0.2,
        health_check_period_s=5,
    ).bind(str(folder), options.versions, options.poll, options.batch_rows)
    # With several gateways, requests with the same session id go to the same one.
    sticky: dict[str, Any] = {}
    if options.gateways > 1:
        sticky["request_router_config"] = RequestRouterConfig(request_router_class=STICKY)
    # The gateway itself refuses too many requests, with its reason; Ray's proxy only beyond that.
    everything = options.replicas * options.ongoing + options.queue
    return serve.deployment(
        Gateway,
        num_replicas=options.gateways,
        max_ongoing_requests=4 * everything + 64,
        max_queued_requests=everything,
        backpressure_config=BackpressureConfig(status_code=429, retry_after_s=1),
        ray_actor_options={"num_cpus": 0, "runtime_env": {"env_vars": _LOUD_ONLY}},
        graceful_shutdown_wait_loop_s=0.2,
        health_check_period_s=5,
        **sticky,
    ).bind(
        replicas,
        options.name,
        options.sessions,
        options.session_expiry,
        dict(options.labels),
        tuple(options.cors),
    )
