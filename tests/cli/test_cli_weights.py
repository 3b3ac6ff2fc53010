import keras
import pytest

from anatomy_tf.cli.main import main
from anatomy_tf.models import AnatomyLifter

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
