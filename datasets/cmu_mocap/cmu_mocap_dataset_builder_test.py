"""The builder on dummy data in the exact format."""

import pytest

tfds = pytest.importorskip("tensorflow_datasets")
pytest.importorskip("dill")
pytest.importorskip("importlib_resources")

from anatomy_tf_datasets.cmu_mocap import cmu_mocap_dataset_builder  # noqa: E402

pytestmark = pytest.mark.slow


class CmuMocapTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = cmu_mocap_dataset_builder.Builder
    SPLITS = {"train": 4, "validation": 4, "test": 8}  # noqa: RUF012 - as TFDS has it


if __name__ == "__main__":
    tfds.testing.test_main()
