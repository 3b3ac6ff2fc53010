"""Batching: requests that wait at the same time are answered together."""

from __future__ import annotations

import asyncio
import collections
import dataclasses
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Executor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.serving.signature import Arrays, Signature

Run = Callable[[Hashable, dict[str, NDArray[Any]]], dict[str, NDArray[Any]]]


def joined(signature: Signature, requests: Sequence[Arrays]) -> dict[str, NDArray[Any]]:
    """Join the rows of several requests, padding short ones at the end with their last frame.

    Args:
        signature: the signature of all requests.
        requests: inputs that the signature has checked.
    """
    longest = max((clip_length(signature, request) or 0) for request in requests)
    return {
        name: np.concatenate(
            [
                _lengthened(request[name], longest) if tensor.has_time else request[name]
                for request in requests
            ]
        )
        for name, tensor in signature.inputs.items()
    }


def parted(
    signature: Signature, outputs: Arrays, requests: Sequence[Arrays]
) -> list[dict[str, NDArray[Any]]]:
    """Return each request's rows of joint outputs, at its own length."""
    parts, start = [], 0
    for request in requests:
        stop = start + row_count(request)
        length = clip_length(signature, request)
        parts.append(
            {
                name: outputs[name][start:stop, :length]
                if tensor.has_time
                else outputs[name][start:stop]
                for name, tensor in signature.outputs.items()
            }
        )
        start = stop
    return parts


def row_count(request: Arrays) -> int:
    """Return the number of clips in a request."""
    return len(next(iter(request.values())))


def clip_length(signature: Signature, request: Arrays) -> int | None:
    """Return the frames of a request's rows, with padding; ``None`` without a time axis."""
    timed = (n for n, tensor in signature.inputs.items() if tensor.has_time)
    name = next(timed, None)
    return None if name is None else request[name].shape[1]


def _lengthened(values: NDArray[Any], length: int) -> NDArray[Any]:
    padding = [(0, 0)] * values.ndim
    padding[1] = (0, length - values.shape[1])
    return np.pad(values, padding, mode="edge")


@dataclasses.dataclass
class _Waiting:
    key: Hashable
    signature: Signature
    request: Arrays
    answer: asyncio.Future[dict[str, NDArray[Any]]]

    @property
    def rows(self) -> int:
        return row_count(self.request)

    @property
    def length(self) -> int:
        return clip_length(self.signature, self.request) or 1


class Batcher:
    """Runs all requests that came during one batch as the next batch.

    A request that comes alone runs alone, without waiting for others. Requests with one key run in
    the order of their arrival; clips of unequal length share a batch while padding stays below
    half.

    Args:
        run: computes outputs; called in the executor with a key and joint inputs, one batch at a
            time.
        executor: keeps the computation off the event loop.
        rows: most rows in a batch; a request with more runs alone.
        cells: most rows × frames in a batch, padding included; a request with more runs alone.
        told: called with every batch's number of rows.
    """

    def __init__(
        self,
        run: Run,
        executor: Executor,
        *,
        rows: int = 64,
        cells: int = 65_536,
        told: Callable[[int], None] = lambda rows: None,
    ) -> None:
        self._run = run
        self._executor = executor
        self._rows = rows
        self._cells = cells
        self._told = told
        self._waiting: collections.deque[_Waiting] = collections.deque()
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """Return the number of waiting requests."""
        return len(self._waiting)

    async def answer(
        self, key: Hashable, signature: Signature, request: Arrays
    ) -> dict[str, NDArray[Any]]:
        """Return the outputs for a request that the signature has checked.

        Args:
            key: requests of different keys are never joined.
            signature: the function to run.
            request: its inputs.
        """
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(key, signature, request, answer))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        while self._waiting:
            batch = self._next_batch()
            if batch:
                await self._answer_all(batch)

    def _next_batch(self) -> list[_Waiting]:
        """Take the next batch from the queue, dropping requests that were cancelled."""
        batch: list[_Waiting] = []
        left: collections.deque[_Waiting] = collections.deque()
        for one in self._waiting:
            if one.answer.done():
                continue
            (batch if not batch or self._fits(batch, one) else left).append(one)
        self._waiting = left
        return batch

    def _fits(self, batch: list[_Waiting], one: _Waiting) -> bool:
        signature = one.signature
        if one.key != batch[0].key or not signature.batched:
            return False
        if not signature.padded and one.length != batch[0].length:
            return False
        together = [*batch, one]
        rows = sum(each.rows for each in together)
        cells = rows * max(each.length for each in together)
        filled = sum(each.rows * each.length for each in together)
        return rows <= self._rows and cells <= self._cells and cells <= 2 * filled

    async def _answer_all(self, batch: list[_Waiting]) -> None:
        signature, requests = batch[0].signature, [one.request for one in batch]
        loop = asyncio.get_running_loop()
        try:
            inputs = joined(signature, requests) if len(batch) > 1 else dict(requests[0])
            outputs = await loop.run_in_executor(self._executor, self._run, batch[0].key, inputs)
            parts = parted(signature, outputs, requests) if len(batch) > 1 else [outputs]
            self._told(sum(map(row_count, requests)) if signature.batched else 1)
        except Exception as error:
            if len(batch) == 1:
                if not batch[0].answer.done():
                    batch[0].answer.set_exception(error)
                return
            # Run them alone, so that one request's fault does not fail the others.
            for one in batch:
                await self._answer_all([one])
            return
        for one, part in zip(batch, parts, strict=True):
            if not one.answer.done():
                one.answer.set_result(part)
