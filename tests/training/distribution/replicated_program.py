"""What the tests of distribution run in processes of their own.

Devices and clusters are settled before a process's first tensor, so each needs a new one.
"""

import dataclasses
import os
import shutil
import signal
import sys
from pathlib import Path

import keras
import numpy as np
from rich.console import Console

from anatomy_tf.models import AnatomyLifterConfig
from anatomy_tf.training import Checkpoint, RunFolder, load_experiment, train
from anatomy_tf.training.distribution.choice import distribution_for

CONFIG = load_experiment(Path(__file__).with_name("replicated_experiment.py"))
WHOLE_NETWORK = AnatomyLifterConfig(
    filter_widths=(3,), channels=8, sampled_frames=4, dropout=0.0, sub_networks=1
)
QUIET = Console(quiet=True)


def two_devices(folder: Path) -> None:
    """Trains one network on one device and on two, and goes on with the latter run on one."""
    for name in ("none", "mirrored"):
        train(CONFIG, folder / name, console=QUIET, distribution=name)
    shutil.copytree(folder / "mirrored", folder / "moved")
    moved = RunFolder(folder / "moved")
    moved.model.unlink()
    newest, _ = moved.states()
    newest.unlink()
    train(CONFIG, moved.path, console=QUIET, distribution="none")


def mirrored(folder: Path) -> None:
    """What two logical CPU devices do under TensorFlow."""
    import tensorflow as tf

    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
    )
    two_devices(folder)
    whole = dataclasses.replace(CONFIG, model=WHOLE_NETWORK, epochs=1, steps_per_epoch=10)
    for name in ("none", "mirrored"):
        train(whole, folder / f"whole-{name}", console=QUIET, distribution=name)
    np.save(folder / "masks.npy", dropout_masks())


def dropout_masks() -> np.ndarray:
    """Which of 64 ones each replica's dropout leaves: (replicas, 64)."""
    devices = distribution_for("mirrored", CONFIG)
    with devices.scope():
        model = keras.Sequential([keras.Input((64,)), keras.layers.Dropout(0.5, seed=1)])
        model.compile("sgd", "mse")
        model.optimizer.build([])
    devices.begin(model, None, lambda: None)
    strategy = devices.strategy
    ones = np.ones((1, 64), "float32")
    outputs = strategy.run(lambda: model(ones, training=True))
    return np.concatenate([part.numpy() for part in strategy.experimental_local_results(outputs)])


def worker(folder: Path) -> None:
    """One of several workers; with ``STEPS_TO_LIVE`` it dies after so many steps."""
    after_batch, left = Checkpoint.on_train_batch_end, [int(os.environ.get("STEPS_TO_LIVE", 0))]

    def then_die(self, batch, logs=None):
        after_batch(self, batch, logs)
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    Checkpoint.on_train_batch_end = then_die
    train(CONFIG, folder, distribution="multi_worker")


if __name__ == "__main__":
    {"two_devices": two_devices, "mirrored": mirrored, "worker": worker}[sys.argv[1]](
        Path(sys.argv[2])
    )
