"""The choice of the devices and machines that a run trains on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import keras

from anatomy_tf.errors import AnatomyError
from anatomy_tf.training.config import TrainingConfig
from anatomy_tf.training.distribution.cluster import cluster_of_environment
from anatomy_tf.training.distribution.distribution import Distribution
from anatomy_tf.training.distribution.keras_data_parallel import KerasDataParallel

DistributionName = Literal["auto", "none", "mirrored", "multi_worker"]


def distribution_for(name: DistributionName, config: TrainingConfig) -> Distribution:
    """Return the devices that a name stands for.

    ====================  =====================================================================
    ``"auto"``            with several workers in ``TF_CONFIG`` ``"multi_worker"``, with several
                          GPUs (JAX: several accelerators) ``"mirrored"``, else ``"none"``
    ``"none"``            one device
    ``"mirrored"``        all GPUs of this machine, or its logical CPU devices where there are
                          several (TensorFlow: ``MirroredStrategy``; JAX: data parallel)
    ``"multi_worker"``    the machines in the environment variable ``TF_CONFIG``, on each of
                          which the same command runs; begins when all have joined (TensorFlow)
    ====================  =====================================================================

    Args:
        name: a name in the table.
        config: the run's config, whose batches all devices share.

    Raises:
        AnatomyError: for another name, missing devices, a missing or wrong ``TF_CONFIG``, a batch
            that the devices cannot share equally, or ``jit="on"`` with a strategy of TensorFlow.
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

    from anatomy_tf.training.distribution.tensorflow_replicas import mirror

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
    from anatomy_tf.training.distribution.tensorflow_replicas import join_cluster

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
