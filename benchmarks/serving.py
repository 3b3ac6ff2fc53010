"""Measure requests a second and milliseconds of a served model, and a killed replica's losses.

Starts ``anatomy-tf serve`` on this machine with an untrained model of the compact size (what a clip
costs does not depend on the weights) and asks it over the loopback interface from threads of this
process, each with a client of its own. Then one replica is killed with SIGKILL under load, and each
request is counted: over gRPC by the official stubs, one try each, without any help of our client.

    python benchmarks/serving.py [--frames 243] [--seconds 10] [--replicas 2] [--json]
"""

from __future__ import annotations

import collections
import dataclasses
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import grpc
import numpy as np
import tensorflow as tf
import tyro
from rich.console import Console
from rich.table import Table
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from anatomy_tf.files.loopback import free_ports
from anatomy_tf.serving import Client

NAME = "benchmark"
PROGRAM = "import sys; from anatomy_tf.cli.main import main; sys.exit(main())"


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of the measurement."""

    frames: int = 243
    """Frames of a clip; each request has one clip."""
    filter_widths: tuple[int, ...] = (3, 3, 3)
    """Filter widths of the model."""
    channels: int = 256
    """Channels of the model."""
    causal: bool = False
    """Whether the model is causal; then streams are measured too."""
    flip: bool = True
    """Average with the mirror image, as the exports do."""
    concurrency: tuple[int, ...] = (1, 4, 16)
    """Clients at the same time."""
    seconds: float = 10.0
    """Seconds for each row of the table."""
    replicas: int = 2
    """Processes that compute."""
    threads: int = 1
    """Cores of each of them."""
    kill_seconds: float = 30.0
    """Seconds of load around the kill."""
    kill_clients: int = 8
    """Clients during the kill."""
    json: bool = False
    """Print JSON instead of tables."""


@contextmanager
def served(settings: Settings) -> Iterator[tuple[str, str, int]]:
    """Yield the addresses of gRPC and REST, and the server's process id."""
    from anatomy_tf.export import export_saved_model
    from anatomy_tf.models import AnatomyLifter

    model = AnatomyLifter(
        filter_widths=settings.filter_widths, channels=settings.channels, causal=settings.causal
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder, log = Path(scratch) / NAME, Path(scratch) / "log"
        export_saved_model(model, folder, flip=settings.flip)
        ports = free_ports(2)
        command = [sys.executable, "-c", PROGRAM, "serve", str(folder)]
        command += ["--port", str(ports[0]), "--rest-port", str(ports[1])]
        command += ["--replicas", str(settings.replicas), "--threads", str(settings.threads)]
        with log.open("wb") as sink:
            process = subprocess.Popen(command, stdout=sink, stderr=sink)
        try:
            while "(REST)" not in log.read_text():
                if process.poll() is not None:
                    raise SystemExit(log.read_text())
                time.sleep(0.2)
            yield f"127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}", process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            finally:
                process.kill()


def clip(frames: int) -> dict[str, np.ndarray]:
    """Return inputs of ``lift``."""
    rng = np.random.default_rng(0)
    return {
        "pixels": rng.uniform(100, 700, (1, frames, 17, 2)).astype(np.float32),
        "visibility": np.ones((1, frames, 17), np.float32),
        "image_size": np.array([[1000, 800]], np.float32),
        "fps": np.array([50], np.float32),
        "frames": np.array([frames], np.int32),
    }


Prepare = Callable[[Client, ExitStack], Callable[[], object]]


def times(
    address: str, clients: int, seconds: float, prepare: Prepare
) -> tuple[list[float], float]:
    """Return the milliseconds of each request of so many clients, and the seconds of all.

    Args:
        address: the server's address.
        clients: number of clients, each in a thread of its own.
        seconds: time for which they ask.
        prepare: returns a client's function that asks once.
    """
    found: list[list[float]] = [[] for _ in range(clients)]
    barrier = threading.Barrier(clients + 1)

    def keep_asking(number: int) -> None:
        with ExitStack() as stack:
            ask = prepare(stack.enter_context(Client(address, NAME)), stack)
            ask()
            barrier.wait()
            end = time.perf_counter() + seconds
            while (began := time.perf_counter()) < end:
                ask()
                found[number].append(1000 * (time.perf_counter() - began))

    threads = [threading.Thread(target=keep_asking, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    barrier.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return [value for values in found for value in values], time.perf_counter() - began


def clips(frames: int) -> Prepare:
    """Return a function that prepares requests for a clip."""
    inputs = clip(frames)
    return lambda client, stack: lambda: client.predict(inputs, "lift")


def stream(client: Client, stack: ExitStack) -> Callable[[], object]:
    """Return a function that asks for a stream's next frame."""
    keypoints = clip(1)["pixels"][0]
    pushed = stack.enter_context(client.stream(image_size=(1000, 800)))
    return lambda: pushed.push(keypoints)


def replica_processes(server: int) -> list[int]:
    """Return the processes below the server that compute."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            named = b"ServeReplica:anatomy_tf:ModelReplica" in path.read_bytes()
            if named and server in ancestors(int(path.parent.name)):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def ancestors(process: int) -> set[int]:
    """Return a process's parent, its parent, ..."""
    found = set()
    while process > 1:
        stat = Path(f"/proc/{process}/stat").read_text()
        process = int(stat.rpartition(")")[2].split()[1])
        found.add(process)
    return found


def kill_under_load(address: str, server: int, settings: Settings) -> dict:
    """Count the outcomes of requests while a replica is killed."""
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = NAME, "lift"
    for name, value in clip(settings.frames).items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    sent, codes, waits = collections.Counter(), collections.Counter(), []
    killed = threading.Event()
    end = time.perf_counter() + settings.kill_seconds

    def ask() -> None:
        with grpc.insecure_channel(address) as channel:
            stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
            while time.perf_counter() < end:
                when = "after" if killed.is_set() else "before"
                sent[when] += 1
                began = time.perf_counter()
                try:
                    stub.Predict(request, timeout=60)
                    codes["OK"] += 1
                except grpc.RpcError as error:
                    codes[error.code().name] += 1
                waits.append(1000 * (time.perf_counter() - began))

    threads = [threading.Thread(target=ask) for _ in range(settings.kill_clients)]
    for thread in threads:
        thread.start()
    time.sleep(settings.kill_seconds / 3)
    before = replica_processes(server)
    os.kill(before[0], signal.SIGKILL)
    killed.set()
    for thread in threads:
        thread.join()
    return {
        "clients": settings.kill_clients,
        "sent_before": sent["before"],
        "sent_after": sent["after"],
        "answers": dict(codes),
        "longest_ms": round(max(waits)),
        "replicas_before": len(before),
        "replicas_new": len(set(replica_processes(server)) - set(before)),
    }


def main(settings: Settings) -> None:
    """Measure and print."""
    rows = []
    with served(settings) as (grpc_address, rest_address, server):
        runs = [
            ("gRPC clip", grpc_address, clips(settings.frames)),
            ("REST clip", rest_address, clips(settings.frames)),
        ]
        if settings.causal:
            runs.append(("gRPC frame", grpc_address, stream))
        for name, address, prepare in runs:
            for clients in settings.concurrency:
                load = os.getloadavg()[0]
                found, seconds = times(address, clients, settings.seconds, prepare)
                p50, p99 = np.percentile(found, [50, 99])
                rows.append(
                    {
                        "request": name,
                        "clients": clients,
                        "requests": len(found),
                        "a_second": round(len(found) / seconds, 1),
                        "p50_ms": round(float(p50), 1),
                        "p99_ms": round(float(p99), 1),
                        "load": [round(load, 1), round(os.getloadavg()[0], 1)],
                    }
                )
        kill = kill_under_load(grpc_address, server, settings)
    if settings.json:
        found = {"settings": dataclasses.asdict(settings), "results": rows, "kill": kill}
        print(json.dumps(found, indent=2))
        return
    table = Table(
        title=f"Clips of {settings.frames} frames, {settings.channels} channels, "
        f"{settings.replicas} replicas of {settings.threads} threads, {os.cpu_count()} cores",
        caption="load: runnable processes of the last minute, before and after; clients and "
        "server share the cores",
    )
    for column in ("request", "clients", "requests", "a second", "p50 ms", "p99 ms", "load"):
        table.add_column(column, justify="left" if column == "request" else "right")
    for row in rows:
        *cells, load = row.values()
        table.add_row(*map(str, cells), f"{load[0]} {load[1]}")
    console = Console()
    console.print(table)
    console.print(f"A replica killed under load (official stub, one try each): {kill}")


if __name__ == "__main__":
    main(tyro.cli(Settings))
