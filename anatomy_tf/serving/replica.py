"""A replica of the model: a process that computes."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.serving.batching import Batcher, row_count
from anatomy_tf.serving.clip_checks import (
    check_size,
    check_values,
    finite,
    mapped_inputs,
)
from anatomy_tf.serving.measures import ReplicaMeasures
from anatomy_tf.serving.ray_addresses import keep_replica_on_loopback
from anatomy_tf.serving.refusal import RefusedError, invalid
from anatomy_tf.serving.servable import Servable
from anatomy_tf.serving.sessions import SESSION, STREAM
from anatomy_tf.serving.signature import Arrays, Signature, texts
from anatomy_tf.serving.versions import ModelFolder, ServedVersions
from anatomy_tf.skeletons import Skeleton

DEFAULT_SIGNATURE = "serving_default"
LAYOUT = "layout"


@dataclasses.dataclass(frozen=True)
class Answered:
    """The answer of a version of the model.

    Attributes:
        version: its number.
        outputs: by name.
        state: a stream's state after this frame, by name.
    """

    version: int
    outputs: dict[str, NDArray[Any]]
    state: dict[str, NDArray[Any]] = dataclasses.field(default_factory=dict)


class ModelReplica:
    """Answers requests with the versions in a model's folder, and follows the folder.

    Refusals are returned instead of raised, since they are no failure of this process.

    Args:
        folder: the folder of the versions.
        keep: how many of the newest are served.
        poll: seconds between two looks into the folder; 0 looks once.
        batch_rows: most clips that are computed together.
    """

    def __init__(
        self,
        folder: str,
        keep: int = 2,
        poll: float = 1.0,
        batch_rows: int = 64,
    ) -> None:
        keep_replica_on_loopback()
        self._versions = ServedVersions(ModelFolder.at(Path(folder)), Servable, keep)
        self._versions.refresh()
        self.check_health()
        self._measures = ReplicaMeasures()
        self._batcher = Batcher(
            self._run,
            ThreadPoolExecutor(1, "model"),
            rows=batch_rows,
            told=self._measures.batch_rows,
        )
        if poll > 0:
            threading.Thread(target=self._follow, args=(poll,), daemon=True).start()

    def _follow(self, poll: float) -> None:
        pause = threading.Event()
        while not pause.wait(poll):
            self._versions.refresh()

    def check_health(self) -> None:
        """Raise unless a version is served, for Ray, which replaces a replica that raises."""
        self._versions.get()

    async def predict(
        self, version: int | None, signature: str, inputs: Arrays, wanted: tuple[str, ...] = ()
    ) -> Answered | RefusedError:
        """Return the outputs of a signature.

        Args:
            version: by default the newest.
            signature: its name; ``""`` is ``"serving_default"``.
            inputs: by name. Beside the signature's own, ``layout`` names that of ``pixels``.
            wanted: names of the outputs to return; empty means all.
        """
        try:
            number, servable = self._versions.get(version)
            chosen = _chosen(servable, signature or DEFAULT_SIGNATURE)
            unknown = sorted(set(wanted) - set(chosen.outputs))
            if unknown:
                raise invalid(
                    f"{chosen.name}: unknown output {', '.join(unknown)}; there are "
                    f"{', '.join(chosen.outputs)}"
                )
            outputs = await self._answer(servable, chosen, inputs)
        except RefusedError as refusal:
            return refusal
        return Answered(number, {n: v for n, v in outputs.items() if not wanted or n in wanted})

    async def step(
        self, version: int | None, inputs: Arrays, state: Arrays
    ) -> Answered | RefusedError:
        """Compute one frame of a stream.

        Args:
            version: by default the newest.
            inputs: the frame's inputs.
            state: the state after the frame before; empty for the first one.
        """
        try:
            number, servable = self._versions.get(version)
            if STREAM not in servable.signatures:
                raise invalid(
                    f"version {number} has no streams: the model is not causal; it offers "
                    f"{', '.join(sorted(servable.signatures))}"
                )
            stream = servable.signatures[STREAM]
            remembered = set(stream.inputs) & set(stream.outputs)
            given = sorted(set(inputs) & remembered)
            if given:
                raise invalid(
                    f"{SESSION}: the server keeps {', '.join(given)}; {STREAM} lets you keep it"
                )
            inputs = _in_layout(servable, STREAM, inputs)
            frame = Signature(
                STREAM,
                {n: t for n, t in stream.inputs.items() if n not in remembered},
                {n: t for n, t in stream.outputs.items() if n not in remembered},
            )
            frame_inputs = frame.checked(inputs)
            check_size(frame, frame_inputs, 1.0)
            rows = row_count(frame_inputs)
            if not state:
                state = {
                    name: np.zeros(
                        [rows if size is None else size for size in stream.inputs[name].shape],
                        stream.inputs[name].dtype,
                    )
                    for name in remembered
                }
            outputs = await self._answer(servable, stream, {**frame_inputs, **state})
        except RefusedError as refusal:
            return refusal
        return Answered(
            number,
            {name: value for name, value in outputs.items() if name not in remembered},
            {name: value for name, value in outputs.items() if name in remembered},
        )

    async def status(self, version: int | None = None) -> list[tuple[int, str, str]] | RefusedError:
        """Return number, state (``AVAILABLE`` or ``END``) and error of each version."""
        found = [(number, "AVAILABLE", "") for number in self._versions.numbers]
        found += [(number, "END", error) for number, error in self._versions.failed.items()]
        if version is not None:
            found = [entry for entry in found if entry[0] == version]
            if not found:
                return RefusedError("NOT_FOUND", f"version {version} is not served")
        return sorted(found, reverse=True)

    async def definitions(
        self, version: int | None = None
    ) -> tuple[int, dict[str, bytes]] | RefusedError:
        """Return the version and the serialised ``SignatureDef`` of each of its signatures."""
        try:
            number, servable = self._versions.get(version)
        except RefusedError as refusal:
            return refusal
        return number, servable.definitions

    async def _answer(
        self, servable: Servable, signature: Signature, inputs: Arrays
    ) -> dict[str, NDArray[Any]]:
        inputs = signature.checked(_in_layout(servable, signature.name, inputs))
        check_values(signature, inputs)
        check_size(signature, inputs, float(servable.description.get("fps", 1.0)))
        outputs = await self._batcher.answer((servable, signature.name), signature, inputs)
        return finite(signature, inputs, outputs)

    def _run(self, key: Hashable, inputs: Arrays) -> dict[str, NDArray[Any]]:
        servable, signature = cast(tuple[Servable, str], key)
        return servable.run(signature, inputs)


def _chosen(servable: Servable, signature: str) -> Signature:
    if signature not in servable.signatures:
        known = ", ".join(sorted(servable.signatures))
        raise invalid(f"unknown signature {signature!r}; expected one of {known}")
    return servable.signatures[signature]


def _in_layout(servable: Servable, name: str, inputs: Arrays) -> Arrays:
    """Return the inputs in the model's own layout, where the signature takes pixels."""
    takes = servable.signatures[name].inputs
    if "pixels" not in takes or LAYOUT in takes or servable.skeleton is None:
        return inputs
    others = {key: value for key, value in inputs.items() if key != LAYOUT}
    layout: str | Skeleton = servable.skeleton
    if LAYOUT in inputs:
        names = set(texts(inputs[LAYOUT]))
        if len(names) != 1:
            raise invalid(f"{name}: expected the name of one layout, got {sorted(names)}")
        layout = names.pop()
    return mapped_inputs(name, others, layout, servable.skeleton)
