"""TensorFlow Datasets builders of anatomy_tf, installed as the package ``anatomy_tf_datasets``.

``import anatomy_tf_datasets`` registers them, so that ``tfds.load("human36m/cpn")`` and
``tfds.builder("cmu_mocap")`` know their names; TFDS itself is imported when someone wants it.
"""

import importlib
from types import ModuleType

from anatomy_tf.extras import when_imported

BUILDERS = ("cmu_mocap", "human36m", "mpi_inf_3dhp")
"""The data sets, which are folders of this package."""


def _register(tfds: ModuleType) -> None:
    # TFDS registers a builder when its class is made.
    for name in BUILDERS:
        importlib.import_module(f"anatomy_tf_datasets.{name}.{name}_dataset_builder")


when_imported("tensorflow_datasets", _register)
