"""The machines that train together, from ``TF_CONFIG``."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import Any

from anatomy_tf.errors import AnatomyError

VARIABLE = "TF_CONFIG"


@dataclasses.dataclass(frozen=True)
class Cluster:
    """A cluster, and this machine's place in it.

    Attributes:
        addresses: ``host:port`` of each worker, the chief's first.
        index: index of this machine.
    """

    addresses: tuple[str, ...]
    index: int

    @property
    def workers(self) -> int:
        """The number of machines."""
        return len(self.addresses)

    @property
    def chief(self) -> bool:
        """Whether this machine keeps the run's files."""
        return self.index == 0


def cluster_of_environment() -> Cluster | None:
    """Return the cluster of the environment variable ``TF_CONFIG``; ``None`` if it is not set.

    Raises:
        AnatomyError: naming what of it cannot be used.
    """
    text = os.environ.get(VARIABLE)
    return None if text is None else parse_cluster(text)


def parse_cluster(text: str) -> Cluster:
    """Return the cluster in the text of a ``TF_CONFIG``.

    Args:
        text: JSON: ``{"cluster": {"worker": [...]}, "task": {"type": "worker", "index": 0}}``; the
            cluster may name one machine as ``"chief"``, otherwise the first worker is it.

    Raises:
        AnatomyError: naming what of it cannot be used.
    """
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AnatomyError(f"{VARIABLE}: expected JSON: {error}, got {text[:80]!r}") from None
    cluster, task = (config.get(key) if isinstance(config, dict) else None for key in _PARTS)
    if not isinstance(cluster, dict) or not isinstance(task, dict):
        raise AnatomyError(f"{VARIABLE}: expected objects cluster and task, got {text[:80]!r}")
    unknown = sorted(set(cluster) - set(_ROLES))
    if unknown:
        raise AnatomyError(
            f"{VARIABLE}: expected a cluster of {' and '.join(_ROLES)}, got {', '.join(unknown)}"
        )
    machines = [
        (role, index, address)
        for role in _ROLES
        for index, address in enumerate(_addresses(role, cluster.get(role, [])))
    ]
    here = (task.get("type"), task.get("index"))
    for place, (role, index, _) in enumerate(machines):
        # Some launchers write the index as text.
        if (role, str(index)) == (here[0], str(here[1])):
            return Cluster(tuple(address for *_, address in machines), place)
    raise AnatomyError(
        f"{VARIABLE}: task {here[0]!r} {here[1]!r} is not in the cluster of "
        f"{', '.join(f'{role} {index}' for role, index, _ in machines) or 'no machines'}"
    )


_PARTS = ("cluster", "task")
_ROLES = ("chief", "worker")


def _addresses(role: str, given: Any) -> list[str]:
    if isinstance(given, list) and all(
        isinstance(address, str) and address.rpartition(":")[2].isdecimal() for address in given
    ):
        return given
    raise AnatomyError(
        f'{VARIABLE}: expected cluster.{role} to be a list of "host:port", got {json.dumps(given)}'
    )
