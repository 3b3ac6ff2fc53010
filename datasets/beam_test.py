"""The Apache Beam path on the local runner (extra ``beam``)."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow_datasets")
pytest.importorskip("apache_beam")
pytest.importorskip("importlib_resources")

import tensorflow_datasets as tfds

from anatomy_tf.data.datasets.prepared import load_prepared
from anatomy_tf_datasets.cmu_mocap.cmu_mocap_dataset_builder import Builder

pytestmark = pytest.mark.slow

CMU = Path(__file__).parent / "cmu_mocap/dummy_data"


def test_beam_makes_the_same_data_set(tmp_path):
    stores = []
    for beam in (False, True):
        builder = Builder(config="ground_truth", data_dir=tmp_path / str(beam), beam=beam)
        options = tfds.download.DownloadConfig(
            manual_dir=CMU,
            compute_stats=tfds.download.ComputeStatsMode.SKIP,
            beam_runner="DirectRunner",
        )
        builder.download_and_prepare(download_config=options)
        stores.append(load_prepared(Path(builder.data_path)))
    alone, beamed = stores
    assert alone.clips == beamed.clips and alone.cameras == beamed.cameras
    for name in ("keypoints", "positions", "visibility", "intrinsics", "offsets"):
        np.testing.assert_array_equal(getattr(alone, name), getattr(beamed, name))
