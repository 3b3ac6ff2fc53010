"""TensorFlow Datasets builders of anatomy_tf, installed as the package ``anatomy_tf_datasets``.

``import anatomy_tf_datasets`` registers them, so that ``tfds.load("human36m/cpn")`` and
``tfds.builder("cmu_mocap")`` know their names; TFDS itself is imported when someone wants it.
"""

import importlib
import sys
from types import ModuleType

from anatomy_tf.extras import when_imported

BUILDERS = ("cmu_mocap", "human36m", "mpi_inf_3dhp")
"""The data sets, which are folders of this package."""

# Not __name__: test tools import this folder as `datasets`, too.
_PACKAGE = "anatomy_tf_datasets"
_BASE = f"{_PACKAGE}.view_builder"


def _register(_: ModuleType) -> None:
    # Where the builders' base is the module that imports TFDS, it is not whole yet: they are
    # registered as soon as it is.
    base = sys.modules.get(_BASE)
    if base is None or hasattr(base, "ViewBuilder"):
        # TFDS registers a builder when its class is made.
        for name in BUILDERS:
            importlib.import_module(f"{_PACKAGE}.{name}.{name}_dataset_builder")


when_imported("tensorflow_datasets", _register)
when_imported(_BASE, _register)
