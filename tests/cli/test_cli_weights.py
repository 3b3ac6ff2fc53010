import keras
import numpy as np
import pytest

from anatomy_tf.cli.main import main
from anatomy_tf.models import AnatomyLifter, VideoPose

pytestmark = pytest.mark.slow


def halve(*arguments):
    return main(["weights", "halve", *map(str, arguments)])


def test_halve_writes_a_smaller_file_that_loads(tmp_path, capsys):
    model, half = tmp_path / "model.keras", tmp_path / "half.keras"
    AnatomyLifter(filter_widths=(3,), channels=64).save(model)
    assert halve(model, half) == 0
    assert half.stat().st_size < 0.6 * model.stat().st_size
    assert keras.saving.load_model(half, compile=False).receptive_field == 3
    assert f"{half.stat().st_size:,} after" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("model", "output", "message"),
    [
        ("nobody", "half.keras", "no model 'nobody'"),
        ("compact", "half.h5", "half.h5: expected a name that ends in .keras"),
    ],
)
def test_halve_says_what_is_wrong(tmp_path, capsys, model, output, message):
    assert halve(model, tmp_path / output) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def mean(*arguments):
    return main(["weights", "mean", *map(str, arguments)])


def test_mean_writes_the_mean_of_models(tmp_path, capsys):
    paths = [tmp_path / f"{n}.keras" for n in range(2)]
    models = [AnatomyLifter(filter_widths=(3,), channels=16) for _ in paths]
    for path, model in zip(paths, models, strict=True):
        model.save(path)
    output = tmp_path / "mean.keras"
    assert mean(*paths, "--output", output) == 0
    found = keras.saving.load_model(output, compile=False)
    for a, b, between in zip(*(m.get_weights() for m in (*models, found)), strict=True):
        np.testing.assert_allclose(between, (a + b) / 2, atol=1e-6)
    # One that is named twice counts twice.
    assert mean(paths[0], paths[0], paths[1], "--output", output) == 0
    found = keras.saving.load_model(output, compile=False)
    for a, b, between in zip(*(m.get_weights() for m in (*models, found)), strict=True):
        np.testing.assert_allclose(between, (2 * a + b) / 3, atol=1e-6)
    assert f"Wrote {output}" in capsys.readouterr().out


def test_mean_says_what_is_wrong(tmp_path, capsys):
    small, wide, base = (tmp_path / f"{name}.keras" for name in ("small", "wide", "base"))
    AnatomyLifter(filter_widths=(3,), channels=16).save(small)
    AnatomyLifter(filter_widths=(3,), channels=32).save(wide)
    VideoPose(filter_widths=(3,), channels=16).save(base)
    for models, message in (
        ((small,), "expected at least two models, got 1"),
        ((small, wide), "wide.keras: expected channels 16 as in"),
        ((small, base), "base.keras: expected AnatomyLifter as in"),
        ((small, "nobody"), "no model 'nobody'"),
    ):
        assert mean(*models, "--output", tmp_path / "mean.keras") == 2
        assert message in capsys.readouterr().err
    assert mean(small, wide, "--output", tmp_path / "mean.h5") == 2
    assert "expected a name that ends in .keras" in capsys.readouterr().err
    assert not (tmp_path / "mean.keras").exists()
