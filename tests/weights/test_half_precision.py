import re
import zipfile

import keras
import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files import zip_sizes
from anatomy_tf.models import AnatomyLifter, load_model
from anatomy_tf.weights.half_precision import store_half_precision

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(4)
    model = AnatomyLifter(filter_widths=(3, 3), channels=64)
    model.compile(optimizer="adam", loss="mse")
    model.optimizer.build(model.trainable_variables)
    return model


def test_weights_are_rounded_and_the_model_stays_float32(model, tmp_path):
    whole, half = tmp_path / "whole.keras", tmp_path / "half.keras"
    model.save(whole)
    store_half_precision(whole, half)
    # A third: Adam's two moments go, and what is left is half as large.
    assert half.stat().st_size < 0.5 * whole.stat().st_size
    loaded = keras.saving.load_model(half, compile=False)
    assert loaded.get_config() == model.get_config()
    for before, after in zip(model.weights, loaded.weights, strict=True):
        assert after.dtype == before.dtype == "float32"
        rounded = np.asarray(before).astype(np.float16).astype(np.float32)
        np.testing.assert_array_equal(np.asarray(after), rounded)
    with zipfile.ZipFile(half) as archive:
        assert archive.testzip() is None


def test_a_file_may_replace_itself(model, tmp_path):
    path = tmp_path / "model.keras"
    model.save(path)
    before = path.stat().st_size
    store_half_precision(path, path)
    assert path.stat().st_size < before
    assert [file.name for file in tmp_path.iterdir()] == ["model.keras"]


def test_a_weight_beyond_float16_is_refused(model, tmp_path):
    path = tmp_path / "model.keras"
    large = keras.models.clone_model(model)
    large.variables[0].assign(np.full(large.variables[0].shape, 1e5, np.float32))
    large.save(path)
    with pytest.raises(AnatomyError, match="reaches 100000, float16 ends at 65504"):
        store_half_precision(path, tmp_path / "half.keras")
    assert [file.name for file in tmp_path.iterdir()] == ["model.keras"]


@pytest.mark.parametrize(
    "read", [load_model, lambda path: store_half_precision(path, "half.keras")]
)
def test_a_zip_bomb_is_refused_before_it_is_unpacked(read, model, tmp_path, monkeypatch):
    path = tmp_path / "model.keras"
    model.save(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("assets/more", bytes(40 * path.stat().st_size + zip_sizes.SMALL))
    # Nothing of it is read, and nothing written.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("opened"))
    monkeypatch.setattr(zip_sizes, "COMPRESSION_LIMIT", 20)
    with pytest.raises(
        AnatomyError, match=rf"{re.escape(str(path))}: refused, its \d+ bytes claim"
    ):
        read(path)
    assert [file.name for file in tmp_path.iterdir()] == ["model.keras"]


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(AnatomyError, match=re.escape(f"{path}: expected a .keras file")):
        store_half_precision(path, tmp_path / "half.keras")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("other", "")
    with pytest.raises(AnatomyError, match=r"holds model\.weights\.h5"):
        store_half_precision(path, tmp_path / "half.keras")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.weights.h5", "no HDF5")
    with pytest.raises(AnatomyError, match=re.escape(f"{path}: not a readable .keras file")):
        store_half_precision(path, tmp_path / "half.keras")
    with pytest.raises(AnatomyError, match=r"expected a \.keras file"):
        store_half_precision(tmp_path / "none.keras", tmp_path / "half.keras")
    assert [file.name for file in tmp_path.iterdir()] == ["model.keras"]
