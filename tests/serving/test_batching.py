import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from anatomy_tf.serving import batching
from anatomy_tf.serving.batching import Batcher, joined, parted
from anatomy_tf.serving.signature import Signature, TensorShape

FLOAT, INT = np.dtype(np.float32), np.dtype(np.int32)
SUMS = Signature(
    "sums",
    {"x": TensorShape(FLOAT, (None, None, 1)), "frames": TensorShape(INT, (None,))},
    {"twice": TensorShape(FLOAT, (None, None, 1)), "sum": TensorShape(FLOAT, (None,))},
)


def clip(*values):
    x = np.array(values, np.float32)[None, :, None]
    return {"x": x, "frames": np.array([len(values)], np.int32)}


def compute(key, inputs):
    valid = np.arange(inputs["x"].shape[1]) < inputs["frames"][:, None]
    sums = np.sum(inputs["x"][..., 0], axis=1, where=valid)
    if np.isnan(sums).any():
        raise ValueError("not a number")
    return {"twice": 2 * inputs["x"], "sum": sums}


def test_shorter_rows_are_padded_with_their_last_frame_and_parted_again():
    requests = [clip(1, 2), clip(3, 4, 5)]
    both = joined(SUMS, requests)
    assert both["x"][..., 0].tolist() == [[1, 2, 2], [3, 4, 5]]
    assert both["frames"].tolist() == [2, 3]
    first, second = parted(SUMS, compute(None, both), requests)
    assert first["twice"][..., 0].tolist() == [[2, 4]]
    assert first["sum"].tolist() == [3]
    assert second["twice"][..., 0].tolist() == [[6, 8, 10]]


class Computer:
    """Computes; the first batch waits until it is let go."""

    def __init__(self):
        self.batches = []
        self.go = threading.Event()

    def __call__(self, key, inputs):
        self.batches.append((key, inputs["x"].shape[:2]))
        assert self.go.wait(10)
        return compute(key, inputs)


def answers(requests, **options):
    """What each request gets when all but the first come while that is computed; the batches."""
    computer, told = Computer(), []

    async def run():
        batcher = Batcher(computer, ThreadPoolExecutor(1), told=told.append, **options)
        tasks = [
            asyncio.create_task(batcher.answer(key, SUMS, request)) for key, request in requests[:1]
        ]
        await asyncio.sleep(0.05)
        tasks += [
            asyncio.create_task(batcher.answer(key, SUMS, request)) for key, request in requests[1:]
        ]
        await asyncio.sleep(0)
        assert len(batcher) == len(requests) - 1
        computer.go.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    return asyncio.run(run()), computer.batches, told


def test_what_comes_during_a_batch_is_the_next_one():
    requests = [("a", clip(1)), ("a", clip(1, 2)), ("a", clip(1, 2, 3))]
    found, batches, told = answers(requests)
    assert [answer["sum"].item() for answer in found] == [1, 3, 6]
    assert [answer["twice"].shape for answer in found] == [(1, 1, 1), (1, 2, 1), (1, 3, 1)]
    assert batches == [("a", (1, 1)), ("a", (2, 3))]
    assert told == [1, 2]


def test_other_keys_go_apart_and_in_order():
    _, batches, _ = answers([("a", clip(1)), ("b", clip(1)), ("a", clip(1)), ("b", clip(1))])
    assert [key for key, _ in batches] == ["a", "b", "a"]


def test_requests_without_rows_go_one_by_one():
    pair = {"x": TensorShape(FLOAT, (2,))}
    sent, told = [{"x": np.full(2, n, np.float32)} for n in range(3)], []

    async def run():
        batcher = Batcher(lambda _, inputs: inputs, ThreadPoolExecutor(1), told=told.append)
        pairs = Signature("pairs", pair, pair)
        return await asyncio.gather(*(batcher.answer("a", pairs, request) for request in sent))

    assert [answer["x"].tolist() for answer in asyncio.run(run())] == [[0, 0], [1, 1], [2, 2]]
    assert told == [1, 1, 1]


@pytest.mark.parametrize(
    ("options", "sizes"),
    [
        ({}, [(1, 2), (3, 2)]),
        ({"rows": 2}, [(1, 2), (2, 2), (1, 2)]),
        ({"cells": 5}, [(1, 2), (2, 2), (1, 2)]),
    ],
)
def test_batches_are_bounded(options, sizes):
    _, batches, _ = answers([("a", clip(1, 2))] * 4, **options)
    assert [size for _, size in batches] == sizes


def test_padding_stays_below_half():
    # 2 x 9 frames hold 10 of clips, 3 x 9 would hold 11; 3 x 3 hold 5.
    short = ("a", clip(1))
    _, batches, _ = answers([short, ("a", clip(*range(9))), short, short])
    assert [size for _, size in batches] == [(1, 1), (2, 9), (1, 1)]
    _, batches, _ = answers([short, ("a", clip(*range(3))), short, short])
    assert [size for _, size in batches] == [(1, 1), (3, 3)]


def test_a_request_that_fails_fails_alone():
    found, _, _ = answers([("a", clip(1)), ("a", clip(2)), ("a", clip(np.nan)), ("a", clip(3))])
    assert [type(answer) for answer in found] == [dict, dict, ValueError, dict]
    assert found[3]["sum"].item() == 3


def test_nothing_is_computed_for_who_has_left():
    computer = Computer()

    async def run():
        batcher = Batcher(computer, ThreadPoolExecutor(1))
        first, second = (asyncio.create_task(batcher.answer("a", SUMS, clip(n))) for n in (1, 2))
        await asyncio.sleep(0.05)
        third = asyncio.create_task(batcher.answer("b", SUMS, clip(3)))
        await asyncio.sleep(0)
        third.cancel()
        computer.go.set()
        return await asyncio.gather(first, second)

    assert [answer["sum"].item() for answer in asyncio.run(run())] == [1, 2]
    assert all(key == "a" for key, _ in computer.batches)


def test_a_batch_that_cannot_be_joined_is_run_one_by_one(monkeypatch):
    def joined(signature, requests):
        raise MemoryError("too much together")

    monkeypatch.setattr(batching, "joined", joined)
    found, _, _ = answers([("a", clip(1)), ("a", clip(2)), ("a", clip(3))])
    assert len(found) == 3 and not any(isinstance(one, Exception) for one in found)
