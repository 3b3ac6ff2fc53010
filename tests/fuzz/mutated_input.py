"""Give readers damaged input and count what happens; every fault is a failure.

python tests/fuzz/mutated_input.py --fuzz-seconds 1800 [--seed N] [--only TEXT]

Prints a Markdown table. The input of a fault is kept beside, as ``fuzz-READER-...``.
"""

import argparse
import contextlib
import dataclasses
import importlib.util
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from forked_parsers import PATIENCE, Hang, forked_parsers
from mutators import mutated
from targets import TARGETS, Target, one_line, server_targets

from anatomy_tf.errors import AnatomyError

LEAST = 20


@dataclasses.dataclass
class Counts:
    """What a reader did with its inputs.

    Attributes:
        inputs: how many it was given.
        refused: how many of them it refused in one line.
        faults: the others that it did not read: what happened, and the input.
        slowest: seconds.
        megabytes: by which the process's peak of memory grew.
    """

    inputs: int = 0
    refused: int = 0
    faults: list[tuple[str, bytes]] = dataclasses.field(default_factory=list)
    slowest: float = 0.0
    megabytes: float = 0.0


def fuzz(target: Target, seconds: float, seed: int) -> Counts:
    """Give a reader damaged input for some seconds, at least ``LEAST`` times."""
    draw, counts = random.Random(seed), Counts()
    before = _peak()
    with tempfile.TemporaryDirectory(prefix="anatomy-tf-fuzz-") as scratch, forked_parsers():
        path = target.write(Path(scratch))
        files = sorted(file for file in Path(scratch).rglob("*") if file.stat().st_size)
        files = [file for file in files if file.is_file()]
        good = {file: file.read_bytes() for file in files}
        target.read(path)
        end = time.monotonic() + seconds
        while time.monotonic() < end or counts.inputs < LEAST:
            file = draw.choice(files)
            content = mutated(good[file], draw)
            file.write_bytes(content)
            _tried(target, path, content, counts)
            file.write_bytes(good[file])
    counts.megabytes = _peak() - before
    return counts


def _tried(target: Target, path: Path, content: bytes, counts: Counts) -> None:
    counts.inputs += 1
    begun = time.monotonic()
    try:
        with _patience(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            target.read(path)
    except AnatomyError as error:
        counts.refused += 1
        if not one_line(error):
            counts.faults.append((f"not one line: {error!r:.200}", content))
    except Hang:
        counts.faults.append((f"hangs for {PATIENCE:g} s", content))
    except Exception as error:
        counts.faults.append(("".join(traceback.format_exception(error)[-3:]), content))
    counts.slowest = max(counts.slowest, time.monotonic() - begun)


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    def late(*_: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Print the table and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fuzz-seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    targets = {
        name: target
        for name, target in {**TARGETS, **server_targets()}.items()
        if given.only in name and importlib.util.find_spec(target.needs)
    }
    print("| reader | inputs | refused | faults | slowest s | memory MB |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    total, faults = 0, 0
    for name, target in targets.items():
        counts = fuzz(target, given.fuzz_seconds / len(targets), given.seed)
        total, faults = total + counts.inputs, faults + len(counts.faults)
        print(
            f"| {name} | {counts.inputs:,} | {counts.refused:,} | {len(counts.faults)} | "
            f"{counts.slowest:.2f} | {counts.megabytes:.0f} |",
            flush=True,
        )
        for number, (what, content) in enumerate(counts.faults[:5]):
            kept = Path(f"fuzz-{name.replace(' ', '-').replace(':', '')}-{given.seed}-{number}")
            kept.write_bytes(content)
            print(f"{kept}: {what}", file=sys.stderr)
    print(f"\n{total:,} inputs, {faults} faults, {_peak():.0f} MB at the peak of the process")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
