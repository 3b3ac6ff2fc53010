"""The builder on dummy data in the exact format."""

import pytest

tfds = pytest.importorskip("tensorflow_datasets")
pytest.importorskip("cdflib")
pytest.importorskip("dill")
pytest.importorskip("importlib_resources")

from anatomy_tf_datasets.human36m import human36m_dataset_builder  # noqa: E402

pytestmark = pytest.mark.slow


class Human36mTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = human36m_dataset_builder.Builder
    SPLITS = {"train": 5 * 2 * 4, "test": 2 * 2 * 4}  # noqa: RUF012 - as TFDS has it


if __name__ == "__main__":
    tfds.testing.test_main()
