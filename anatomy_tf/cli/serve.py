"""``anatomy-tf serve``: a model behind TensorFlow Serving's protocols."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import tyro

from anatomy_tf.cli.options import arg, check_unused
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.loopback import LOOPBACK
from anatomy_tf.inference.exported.saved_model_lifter import VERSION
from anatomy_tf.serving.application import (
    APPLICATION,
    IMPORT_PATH,
    ServingCapacity,
    ServingOptions,
    check_server_installed,
    listening_options,
)
from anatomy_tf.startup_notes import startup_notes_hidden

PAUSE = 0.2
"""Seconds between two checks of whether to stop."""


def serve(
    model: Annotated[str, tyro.conf.Positional, arg(metavar="MODEL")],
    port: int = 8500,
    rest_port: int = 8501,
    host: str = LOOPBACK,
    name: Annotated[str | None, arg(metavar="NAME")] = None,
    label: Annotated[tyro.conf.UseAppendAction[tuple[str, ...]], arg(metavar="NAME=VERSION")] = (),
    cors: Annotated[tyro.conf.UseAppendAction[tuple[str, ...]], arg(metavar="SITE")] = (),
    cluster: Annotated[str | None, arg(metavar="ADDRESS")] = None,
    print_config: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False,
    capacity: tyro.conf.OmitArgPrefixes[ServingCapacity] = ServingCapacity(),  # noqa: B008
) -> None:
    """Serve a model by the gRPC and REST protocols of TensorFlow Serving, until Ctrl-C.

    A new version in the model's folder is served as soon as it is loaded; requests that are running
    are finished. There are no passwords: if others can reach --host, keep the ports behind a
    firewall.

    Args:
        model: folder of an exported model with its versions (NAME/1, NAME/2, ...), name of a
            shipped model, or a .keras file, which is exported to a temporary folder first.
        port: port of gRPC.
        rest_port: port of REST and of the metrics (/monitoring/prometheus/metrics).
        host: address that gRPC and REST listen on; 0.0.0.0 for all.
        name: name under which the model is served; by default that of its folder or file.
        label: give a version a name, such as stable=3; may be given again.
        cors: let the pages of a site, such as https://example.org (* for all), read the answers of
            REST; may be given again.
        cluster: serve on this running Ray cluster, such as auto, instead of on a Ray of its own.
        print_config: print a configuration for Ray's "serve deploy" instead of serving.
        capacity: how much is done at a time.
    """
    from anatomy_tf.serving.server import check_addresses, running_server
    from anatomy_tf.training.stop_request import StopRequest

    check_server_installed()
    if print_config:
        check_unused({"--cluster": cluster}, "is for serving, not for --print-config")
        if not _has_versions(Path(model)):
            raise AnatomyError(
                f"--print-config: expected the folder of an exported model, got {model}; export "
                "it with anatomy-tf export"
            )
    options = ServingOptions(
        model=model,
        name=name or "",
        labels=_labels(label),
        cors=cors,
        **dataclasses.asdict(capacity),
    )
    if print_config:
        print(configuration(options, port, rest_port, host), end="")
        return
    check_addresses(port, rest_port, host, cluster)
    with _exported(model, name) as folder:
        options = dataclasses.replace(options, model=str(folder), name=name or "")
        _tell(f"starting {options.replicas} x {options.name} on Ray")
        ports = {"port": port, "rest_port": rest_port, "host": host, "cluster": cluster}
        with running_server(options, **ports) as addresses, StopRequest() as stop:  # type: ignore[arg-type]
            _tell(f"{options.name} at {addresses.grpc} (gRPC) and {addresses.rest} (REST)")
            while not stop.requested:
                time.sleep(PAUSE)
            _tell("stopping")
    _tell("stopped")


def _labels(given: Sequence[str]) -> dict[str, int]:
    labels = {}
    for text in given:
        name, _, version = text.partition("=")
        if not name or not VERSION.fullmatch(version):
            raise AnatomyError(f"--label: expected NAME=VERSION, such as stable=3, got {text!r}")
        labels[name] = int(version)
    return labels


def _has_versions(path: Path) -> bool:
    return path.is_dir() and not (path / "model.keras").is_file()


@contextlib.contextmanager
def _exported(model: str, name: str | None) -> Iterator[Path]:
    """Yield the folder of a model's versions: the given one, or a temporary export of its file."""
    if _has_versions(Path(model)):
        yield Path(model)
        return
    from anatomy_tf.inference import find_model

    file = find_model(model)
    with startup_notes_hidden():
        from anatomy_tf.export import export_saved_model
        from anatomy_tf.export.model_card import model_card, model_name
        from anatomy_tf.network.weights import NetworkWeights
    card = model_card(file)
    with tempfile.TemporaryDirectory(prefix="anatomy_tf_") as scratch:
        folder = Path(scratch) / (name or model_name(file))
        _tell(f"exporting {file} to {folder}")
        export_saved_model(NetworkWeights.load(file), folder, **dataclasses.asdict(card))
        yield folder


def configuration(options: ServingOptions, port: int, rest_port: int, host: str) -> str:
    """Return the server as a configuration file of Ray Serve (YAML)."""
    import yaml

    folder = Path(options.model).resolve()
    config = {
        "proxy_location": "EveryNode",
        **listening_options(port, rest_port, host),
        "applications": [
            {
                "name": APPLICATION,
                "route_prefix": "/",
                "import_path": IMPORT_PATH,
                "args": {
                    **dataclasses.asdict(options),
                    "model": str(folder),
                    "cors": [*options.cors],
                },
            }
        ],
    }
    return yaml.safe_dump(config, sort_keys=False)


def _tell(message: str) -> None:
    print(f"anatomy-tf: {message}", file=sys.stderr, flush=True)
