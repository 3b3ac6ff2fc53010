"""The server's measurements, as Ray metrics."""

from __future__ import annotations

import time
import urllib.request

_PREFIXES = ("ray_anatomy_tf_", "ray_serve_deployment_", "ray_serve_num_")

MILLISECONDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000]


class GatewayMeasures:
    """Metrics of requests, lost replicas and open streams."""

    def __init__(self) -> None:
        from ray.util import metrics

        tags = ("protocol", "method", "code")
        self._requests = metrics.Counter(
            "anatomy_tf_requests", description="Requests answered, by code.", tag_keys=tags
        )
        self._latency = metrics.Histogram(
            "anatomy_tf_latency_ms",
            description="Milliseconds in the gateway, replicas included.",
            boundaries=MILLISECONDS,
            tag_keys=tags,
        )
        self._lost = metrics.Counter(
            "anatomy_tf_replicas_lost", description="Requests whose replica died over them."
        )
        self._sessions = metrics.Gauge("anatomy_tf_streams", description="Open streams.")

    def request(self, protocol: str, method: str, code: str, begun: float) -> None:
        """Record an answered request that began at ``begun`` by ``time.perf_counter``."""
        tags = {"protocol": protocol, "method": method, "code": code}
        self._requests.inc(tags=tags)
        self._latency.observe(1000 * (time.perf_counter() - begun), tags=tags)

    def lost(self) -> None:
        """Count a replica that died over a request."""
        self._lost.inc()

    def sessions(self, count: int) -> None:
        """Record the number of open streams."""
        self._sessions.set(count)


class ReplicaMeasures:
    """Metrics of batches."""

    def __init__(self) -> None:
        from ray.util import metrics

        self._rows = metrics.Histogram(
            "anatomy_tf_batch_rows",
            description="Clips that were computed together.",
            boundaries=[1, 2, 4, 8, 16, 32, 64, 128],
        )

    def batch_rows(self, rows: int) -> None:
        """Record a batch of so many clips."""
        self._rows.observe(rows)


def node_metrics() -> str:
    """Return the server's part of Ray's Prometheus metrics on this machine."""
    import ray

    here = ray.get_runtime_context().get_node_id()
    node = next(node for node in ray.nodes() if node["NodeID"] == here)
    url = f"http://{node['NodeManagerAddress']}:{node['MetricsExportPort']}/metrics"
    with urllib.request.urlopen(url, timeout=5) as response:
        return only_ours(response.read().decode())


def only_ours(text: str) -> str:
    """Return the lines of the server's and Ray Serve's metrics, with their descriptions."""
    kept = []
    for line in text.splitlines():
        name = line.split(" ", 3)[2] if line.startswith("# ") else line
        if name.startswith(_PREFIXES):
            kept.append(line)
    return "\n".join(kept) + "\n"
