"""The builder on dummy data in the exact format."""

from unittest import mock

import pytest

tfds = pytest.importorskip("tensorflow_datasets")
pytest.importorskip("h5py")
pytest.importorskip("dill")
pytest.importorskip("importlib_resources")

from anatomy_tf_datasets.mpi_inf_3dhp import (  # noqa: E402
    mpi_inf_3dhp_dataset_builder,
    mpi_inf_3dhp_reader,
)

pytestmark = pytest.mark.slow


class MpiInf3dhpTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = mpi_inf_3dhp_dataset_builder.Builder
    SPLITS = {"train": 16 * 8, "test": 6}  # noqa: RUF012 - as TFDS has it

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The dummy sequences are shorter than the real ones.
        short = {key: (2, fps) for key, (_, fps) in mpi_inf_3dhp_reader.TRAINING.items()}
        cls.enterClassContext(mock.patch.dict(mpi_inf_3dhp_reader.TRAINING, short))
        short = {key: (2, size) for key, (_, size) in mpi_inf_3dhp_reader.TEST.items()}
        cls.enterClassContext(mock.patch.dict(mpi_inf_3dhp_reader.TEST, short))


if __name__ == "__main__":
    tfds.testing.test_main()
