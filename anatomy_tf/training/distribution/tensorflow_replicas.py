"""Replicas that TensorFlow trains in step, in one or several processes."""

from __future__ import annotations

import contextlib
import functools
import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError, first_line
from anatomy_tf.training.checkpoint import Position
from anatomy_tf.training.distribution.cluster import Cluster
from anatomy_tf.training.distribution.distribution import Distribution
from anatomy_tf.training.epoch_batches import EpochBatches


class TensorFlowReplicas(Distribution):
    """Training under a ``tf.distribute`` strategy.

    The loop is written out, with public parts of Keras only: ``fit`` fails with several workers
    (Keras 3.15), and ``train_step`` is what it runs.

    Args:
        strategy: ``MirroredStrategy`` or ``MultiWorkerMirroredStrategy``.
        cluster: the processes; ``None`` for this one alone.
    """

    def __init__(self, strategy: tf.distribute.Strategy, cluster: Cluster | None = None) -> None:
        self.strategy = strategy
        self.replicas = strategy.num_replicas_in_sync
        self._cluster = cluster or Cluster(("",), 0)
        self.chief = self._cluster.chief
        self._step: Callable[[Any], dict[str, Any]] | None = None

    def scope(self) -> contextlib.AbstractContextManager[Any]:
        """Return the context in which variables get a copy on each replica."""
        return self.strategy.scope()

    def fit(
        self,
        model: keras.Model,
        batches: EpochBatches,
        callbacks: Sequence[keras.callbacks.Callback],
    ) -> None:
        """See ``Distribution.fit``.

        Raises:
            AnatomyError: when another worker is lost.
        """
        self._step = self._step or self._training_step(model)
        steps = len(batches)
        called = keras.callbacks.CallbackList(
            list(callbacks), model=model, epochs=batches.epoch + 1, steps=steps, verbose=0
        )
        with self._with_others():
            called.on_train_begin()
            model.reset_metrics()
            called.on_epoch_begin(batches.epoch)
            parts = iter(self._parts(batches))
            for index in range(steps):
                called.on_train_batch_begin(index)
                began = time.monotonic()
                part = next(parts)
                batches.waited += time.monotonic() - began
                logs = self._step(part)
                called.on_train_batch_end(index, logs)
            losses = {name: float(value) for name, value in model.get_metrics_result().items()}
        called.on_epoch_end(batches.epoch, losses)
        called.on_train_end(losses)

    def begin(
        self, model: keras.Model, position: Position, restore_metrics: Callable[[], None]
    ) -> tuple[Position, Callable[[], None]]:
        """See ``Distribution.begin``; also gives every replica dropout masks of its own.

        A state that is saved is the first replica's, so masks are set apart after it is restored.
        """
        variables = [*model.variables, *model.optimizer.variables]
        if self._cluster.workers > 1:
            place, *values = self.from_chief(
                [
                    np.array([position.epoch, position.step]),
                    *(keras.ops.convert_to_numpy(variable) for variable in variables),
                ]
            )
            position = Position(*place.tolist())
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
            restore_metrics = functools.partial(self._restore_metrics, model, restore_metrics)
        self._set_masks_apart(model)
        return position, restore_metrics

    def _restore_metrics(self, model: keras.Model, restore: Callable[[], None]) -> None:
        # All workers must assign and read equally often, because each waits for the others in it.
        if self.chief:
            restore()
        else:
            for variable in model.metrics_variables:
                variable.assign(np.zeros(variable.shape))
        # Assigning a sum gives each replica a part of it, and reading adds up all parts, which are
        # only the chief's so far.
        for variable in model.metrics_variables:
            variable.assign(keras.ops.convert_to_numpy(variable) * self._cluster.workers)

    def _set_masks_apart(self, model: keras.Model) -> None:
        seeds = [v.value for v in model.variables if v.name == "seed_generator_state"]

        @tf.function
        def set_apart() -> None:
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            for seed in seeds:
                seed.assign_add(tf.cast([replica, 0], seed.dtype))

        self.strategy.run(set_apart)

    def from_chief(self, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """Return the chief's arrays; every process must give arrays of the same shapes."""
        if self._cluster.workers == 1:
            return list(arrays)
        # float64 holds each number of the smaller types exactly, and one vector is one message.
        given = np.concatenate([np.ravel(array).astype(np.float64) for array in arrays])
        taken = self._sum(given if self.chief else np.zeros_like(given))
        ends = np.cumsum([np.size(array) for array in arrays])
        return [
            part.reshape(np.shape(array)).astype(np.asarray(array).dtype)
            for array, part in zip(arrays, np.split(taken, ends[:-1]), strict=True)
        ]

    def any_process(self, value: bool) -> bool:
        """Return whether ``value`` is true in any worker; all must call this at the same time."""
        if self._cluster.workers == 1:
            return value
        return bool(self._sum(np.array([value], np.float64)).any())

    def _sum(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sum of each number over the workers."""
        with self._with_others():
            sums = self._add_up(tf.constant(numbers))
            return self.strategy.experimental_local_results(sums)[0].numpy()

    @functools.cached_property
    def _add_up(self) -> Callable[[Any], Any]:
        def of_replica(numbers: Any) -> Any:
            context = tf.distribute.get_replica_context()
            first = context.replica_id_in_sync_group % self._local == 0
            mine = tf.where(first, numbers, tf.zeros_like(numbers))
            return context.all_reduce(tf.distribute.ReduceOp.SUM, mine)

        return tf.function(lambda numbers: self.strategy.run(of_replica, args=(numbers,)))

    @property
    def _local(self) -> int:
        return self.replicas // self._cluster.workers

    def _training_step(self, model: keras.Model) -> Callable[[Any], dict[str, Any]]:
        @tf.function(reduce_retracing=True)
        def step(parts: Any) -> dict[str, Any]:
            logs = self.strategy.run(model.train_step, args=(parts,))
            # The parts are equal, so the mean of the replicas' means is the batch's.
            return {
                name: self.strategy.reduce(tf.distribute.ReduceOp.MEAN, value, axis=None)
                for name, value in logs.items()
            }

        return step

    def _parts(self, batches: EpochBatches) -> tf.distribute.DistributedDataset:
        """Return the batches, split so that every replica gets its rows of each."""
        first = self._cluster.index * self._local

        def rows() -> Iterator[Any]:
            for batch in batches.in_order():
                for replica in range(first, first + self._local):
                    part = tuple(self._rows(arrays, replica) for arrays in batch)
                    yield part
            # Before every step workers would ask each other whether all have more, unless there
            # is no end. Nobody takes these.
            while True:
                yield part

        signature = tuple(
            {
                name: tf.TensorSpec((None, *array.shape[1:]), array.dtype)
                for name, array in self._rows(arrays, first).items()
            }
            for arrays in batches[0]
        )

        def data_set(context: tf.distribute.InputContext) -> tf.data.Dataset:
            parts = tf.data.Dataset.from_generator(rows, output_signature=signature)
            endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
            return parts.apply(endless).prefetch(2 * self._local)

        return self.strategy.distribute_datasets_from_function(data_set)

    def _rows(self, arrays: dict[str, NDArray[Any]], replica: int) -> dict[str, NDArray[Any]]:
        parts = {}
        for name, array in arrays.items():
            size = len(array) // self.replicas
            parts[name] = array[replica * size : (replica + 1) * size]
        return parts

    @contextlib.contextmanager
    def _with_others(self) -> Iterator[None]:
        try:
            yield
        except _LOST as error:
            if self._cluster.workers == 1:
                raise
            found = re.search(r"Collective ops is aborted by: (.*)", error.message)
            reason = found[1] if found else type(error).__name__
            raise AnatomyError(
                f"distribution multi_worker: worker {self._cluster.index} lost the others: start "
                f"all again, the run goes on from its last state ({reason})"
            ) from error


_LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
)


def mirror(devices: Sequence[str]) -> TensorFlowReplicas:
    """Return a distribution over devices of this process."""
    return TensorFlowReplicas(_mirrored_strategy(tuple(devices)))


def join_cluster(cluster: Cluster) -> TensorFlowReplicas:
    """Wait for all workers of the cluster and return the distribution over them.

    Raises:
        AnatomyError: when TensorFlow cannot join.
    """
    try:
        strategy = _multi_worker_strategy(cluster)
    except (RuntimeError, ValueError, tf.errors.OpError) as error:
        raise AnatomyError(
            f"distribution multi_worker: cannot join: {first_line(error)}"
        ) from error
    return TensorFlowReplicas(strategy, cluster)


# Strategies of one process number their messages alike and would take each other's.
@functools.cache
def _mirrored_strategy(devices: tuple[str, ...]) -> tf.distribute.Strategy:
    return tf.distribute.MirroredStrategy(devices)


@functools.cache
def _multi_worker_strategy(cluster: Cluster) -> tf.distribute.Strategy:
    return tf.distribute.MultiWorkerMirroredStrategy()
