"""On what devices and machines a run trains."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import keras
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.training.checkpoint import Position
from anatomy_tf.training.cluster import cluster_of_environment
from anatomy_tf.training.config import TrainingConfig
from anatomy_tf.training.epoch_batches import EpochBatches

DistributionName = Literal["auto", "none", "mirrored", "multi_worker"]


class Distribution:
    """Training on one device, and what training on more does differently.

    The same batches go in, and the weights that come out differ by rounding only; dropout masks
    are the exception, which each device draws for its own rows. A run may therefore go on on other
    hardware than it began on.

    Attributes:
        replicas: copies of the model, each of which takes an equal part of every batch.
        chief: whether this process keeps the run's files; the others write nothing that stays.
    """

    replicas = 1
    chief = True

    def scope(self) -> contextlib.AbstractContextManager[Any]:
        """Where model and optimizer are to be made."""
        return contextlib.nullcontext()

    def fit(
        self,
        model: keras.Model,
        batches: EpochBatches,
        epoch: int,
        callbacks: Sequence[keras.callbacks.Callback],
    ) -> dict[str, float]:
        """Trains a compiled and built model on a stretch of an epoch.

        Returns:
            The mean of each loss.
        """
        history = model.fit(
            batches.for_fit(),
            initial_epoch=epoch,
            epochs=epoch + 1,
            shuffle=False,
            verbose=0,
            callbacks=list(callbacks),
        )
        return {name: values[-1] for name, values in history.history.items()}

    def begin(
        self, model: keras.Model, position: Position, restore_metrics: Callable[[], None]
    ) -> tuple[Position, Callable[[], None]]:
        """Brings all copies of a model that was made or restored to where the chief's stands.

        Returns:
            Where to go on, and how to restore the means of an epoch that is not over there.
        """
        return position, restore_metrics

    def from_chief(self, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """What the chief gave here; every process must give arrays of the same shapes."""
        return list(arrays)

    def any_process(self, said: bool) -> bool:
        """Whether one of the processes says so; all must ask at the same time."""
        return said


class KerasDataParallel(Distribution):
    """Several devices of one machine by ``keras.distribution`` (JAX).

    Args:
        devices: names as ``keras.distribution.list_devices`` gives them.
    """

    def __init__(self, devices: Sequence[str]) -> None:
        self.replicas = len(devices)
        self._distribution = keras.distribution.DataParallel(devices=list(devices))

    def scope(self) -> contextlib.AbstractContextManager[Any]:
        """Where variables are copied to each device and batches are parted."""
        return self._distribution.scope()

    def fit(
        self,
        model: keras.Model,
        batches: EpochBatches,
        epoch: int,
        callbacks: Sequence[keras.callbacks.Callback],
    ) -> dict[str, float]:
        """See ``Distribution.fit``."""
        with self.scope():
            return super().fit(model, batches, epoch, callbacks)


def distribution_for(name: DistributionName, config: TrainingConfig) -> Distribution:
    """The devices that a name stands for.

    ====================  =====================================================================
    ``"auto"``            several workers in ``TF_CONFIG``: as ``"multi_worker"``; several GPUs
                          (with JAX: several accelerators): as ``"mirrored"``; else ``"none"``
    ``"none"``            one device
    ``"mirrored"``        all GPUs of this machine, or its logical CPU devices where there are
                          several (TensorFlow: ``MirroredStrategy``; JAX: data parallel)
    ``"multi_worker"``    the machines of the environment's ``TF_CONFIG``, on each of which the
                          same command runs; begins when all are there (TensorFlow)
    ====================  =====================================================================

    Args:
        name: one of these.
        config: of the run, whose batches all devices share.

    Raises:
        AnatomyError: for another name, where the devices are not there, for a missing or wrong
            ``TF_CONFIG``, when the devices cannot share a batch equally, or when XLA is to compile
            what TensorFlow distributes.
    """
    if name not in get_args(DistributionName):
        raise AnatomyError(
            f"distribution: expected one of {', '.join(get_args(DistributionName))}, got {name!r}"
        )
    backend = keras.config.backend()
    if name == "auto":
        name = _automatic(backend)
    if name == "none":
        return Distribution()
    if (name, backend) not in _MAKERS:
        raise AnatomyError(
            f"distribution {name}: expected Keras's TensorFlow backend"
            f"{' or JAX' if name == 'mirrored' else ''}, this is {backend}"
        )
    if config.jit == "on" and backend == "tensorflow":
        raise AnatomyError(
            f"distribution {name}: TensorFlow's strategies refuse XLA: expected jit auto or off, "
            "got on"
        )
    distribution = _MAKERS[name, backend]()
    if config.batch_size % distribution.replicas:
        raise AnatomyError(
            f"distribution {name}: expected a batch size that {distribution.replicas} replicas can "
            f"share equally, got {config.batch_size} (--set batch_size=..., or --distribution none)"
        )
    return distribution


@contextlib.contextmanager
def run_files(distribution: Distribution, folder: Path) -> Iterator[Path]:
    """Where this process keeps its files of the run.

    The chief keeps them in the run's folder. The others do all that it does, because reading what
    replicas share takes all of them, but in a folder that is gone at the end.
    """
    if distribution.chief:
        yield folder
        return
    import tempfile

    with tempfile.TemporaryDirectory(prefix="anatomy-tf-worker-") as scratch:
        yield Path(scratch)


def _automatic(backend: str) -> DistributionName:
    if backend == "tensorflow":
        import tensorflow as tf

        cluster = cluster_of_environment()
        if cluster is not None and cluster.workers > 1:
            return "multi_worker"
        return "mirrored" if len(tf.config.list_physical_devices("GPU")) > 1 else "none"
    if backend == "jax":
        # Without an accelerator these are the host's.
        devices = keras.distribution.list_devices()
        if len(devices) > 1 and not devices[0].startswith("cpu"):
            return "mirrored"
    return "none"


def _mirrored_tensorflow() -> Distribution:
    import tensorflow as tf

    from anatomy_tf.training.tensorflow_replicas import mirror

    gpus = tf.config.list_logical_devices("GPU")
    devices = [device.name for device in gpus or tf.config.list_logical_devices("CPU")]
    _check_devices(devices, accelerated=bool(gpus))
    return mirror(devices)


def _mirrored_jax() -> Distribution:
    devices = keras.distribution.list_devices()
    _check_devices(devices, accelerated=not devices[0].startswith("cpu"))
    return KerasDataParallel(devices)


def _check_devices(devices: Sequence[str], accelerated: bool) -> None:
    if not accelerated and len(devices) < 2:
        raise AnatomyError(
            "distribution mirrored: expected GPUs or several logical CPU devices, this machine "
            "shows no GPU and one CPU"
        )


def _multi_worker() -> Distribution:
    from anatomy_tf.training.tensorflow_replicas import join_cluster

    cluster = cluster_of_environment()
    if cluster is None:
        raise AnatomyError(
            "distribution multi_worker: expected TF_CONFIG in the environment, such as "
            '\'{"cluster": {"worker": ["host1:2222", "host2:2222"]}, '
            '"task": {"type": "worker", "index": 0}}\', it is not set'
        )
    return join_cluster(cluster)


_MAKERS: dict[tuple[str, str], Callable[[], Distribution]] = {
    ("mirrored", "tensorflow"): _mirrored_tensorflow,
    ("mirrored", "jax"): _mirrored_jax,
    ("multi_worker", "tensorflow"): _multi_worker,
}
