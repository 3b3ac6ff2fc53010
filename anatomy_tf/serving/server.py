"""Starting and stopping the server on this machine, or on a running Ray cluster."""

from __future__ import annotations

import contextlib
import dataclasses
import ipaddress
import logging
import os
from collections.abc import Iterator
from typing import Any

from anatomy_tf.errors import AnatomyError, first_line
from anatomy_tf.files.limits import MESSAGE_BYTES
from anatomy_tf.files.loopback import LOOPBACK, listening
from anatomy_tf.serving import ray_addresses
from anatomy_tf.serving.application import (
    APPLICATION,
    ServingOptions,
    build_application,
    check_server_installed,
    listening_options,
)

OBJECT_STORE = 128 * 2**20
"""Bytes of shared memory; only states of large streams and large batches go through it."""


@dataclasses.dataclass(frozen=True)
class Addresses:
    """The addresses on which a server listens.

    Attributes:
        grpc: ``host:port``.
        rest: URL.
    """

    grpc: str
    rest: str


@contextlib.contextmanager
def running_server(
    options: ServingOptions,
    *,
    port: int = 8500,
    rest_port: int = 8501,
    host: str = LOOPBACK,
    cluster: str | None = None,
) -> Iterator[Addresses]:
    """Serve a model in the block; at its end open requests are answered, then the server stops.

    Args:
        options: the model and how it is served.
        port: port of gRPC.
        rest_port: port of REST.
        host: address on which REST and gRPC listen; on a running cluster Ray's gRPC listens on
            all addresses of each machine.
        cluster: address of a running Ray cluster, such as ``"auto"``, whose Ray Serve keeps running
            at the end; by default one is started for this server alone.

    Raises:
        AnatomyError: when the extra is not installed, there is no model, a port is taken, Ray's
            passwords are turned off where others reach it, or the server cannot start.
    """
    check_server_installed()
    check_addresses(port, rest_port, host, cluster)
    if cluster is None:
        # Before Ray is imported, which reads them then; its processes inherit them.
        os.environ.update(_environment(host))
    import ray
    from ray import serve

    application = build_application(dataclasses.asdict(options))
    _start_ray(options, cluster)
    logging.getLogger("ray.serve").setLevel(logging.WARNING)
    try:
        try:
            serve.start(
                proxy_location="EveryNode" if cluster else "HeadOnly",
                **listening_options(port, rest_port, host),
                logging_config=_QUIET,
            )
            serve.run(application, name=APPLICATION, route_prefix="/", logging_config=_QUIET)
        except RuntimeError as error:
            # Of a remote process, the last line is what it raised.
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise AnatomyError(f"the server did not start: {lines[-1]}") from None
        # On a running cluster Ray's gRPC listens on all addresses.
        yield Addresses(_at(LOOPBACK if cluster else host, port), f"http://{_at(host, rest_port)}")
    finally:
        with contextlib.suppress(Exception):
            # Ends the application first, so that open requests are answered.
            serve.delete(APPLICATION)
        ray.shutdown()


def check_addresses(port: int, rest_port: int, host: str, cluster: str | None) -> None:
    """Check that a server can listen; call it before a model is exported for it.

    Args:
        port, rest_port, host, cluster: see ``running_server``.

    Raises:
        AnatomyError: when a port is taken, or Ray's passwords are turned off where others reach it.
    """
    _check_protected(host, cluster)
    if port == rest_port:
        raise AnatomyError(f"expected different ports for gRPC and REST, got {port} for both")
    for name, number in (("port", port), ("rest port", rest_port)):
        listening(number, name, host="").close()


def _at(host: str, port: int) -> str:
    """Return ``host:port`` at which this machine reaches what listens on a host's address."""
    address = LOOPBACK if host in ("0.0.0.0", "::") else host
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


_QUIET: dict[str, Any] = {"log_level": "WARNING", "enable_access_log": False}


def _environment(host: str) -> dict[str, str]:
    """Return the environment variables of a Ray of our own."""
    return {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_SERVE_GRPC_MAX_MESSAGE_SIZE": str(int(MESSAGE_BYTES.most)),
        **ray_addresses.environment(host),
    }


def _start_ray(options: ServingOptions, cluster: str | None) -> None:
    import ray

    settings: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if cluster is not None:
        settings |= {"address": cluster}
    else:
        settings |= {
            "address": "local",
            # Replicas, and one more for the time in which another replaces a dead one.
            "num_cpus": (options.replicas + 1) * options.threads,
            "object_store_memory": OBJECT_STORE,
            "include_dashboard": False,
            "_system_config": {"metrics_report_interval_ms": 2000},
        }
    try:
        ray.init(**settings)
    except Exception as error:
        # Ray raises a bare Exception where its processes do not start in time.
        raise AnatomyError(f"Ray did not start: {first_line(error)}") from None


def _check_protected(host: str, cluster: str | None) -> None:
    off = os.environ.get("RAY_AUTH_MODE", "").lower() == "disabled"
    if off and (cluster is not None or not _is_loopback(host)):
        raise AnatomyError(
            "RAY_AUTH_MODE=disabled: whoever reaches Ray can run code; expected --host 127.0.0.1 "
            "without --cluster, or RAY_AUTH_MODE=token"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
