"""A new model that begins with layers of trained ones."""

import dataclasses

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.models import AnatomyLifterConfig
from anatomy_tf.training import LayersOf, TransferredModel

pytestmark = pytest.mark.slow

OFFICIAL = AnatomyLifterConfig(filter_widths=(3,), channels=6, sampled_frames=2)
CANONICAL = dataclasses.replace(OFFICIAL, recipe="canonical", length_augmentation=False)


def saved(config, seed, path):
    model = config.build()
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        weight.assign(rng.normal(size=weight.shape))
    model.save(path)
    return {weight.path: np.asarray(weight) for weight in model.weights}


def test_layers_come_from_the_first_model_that_has_them(tmp_path):
    screen, view = tmp_path / "screen.keras", tmp_path / "view.keras"
    official, canonical = saved(OFFICIAL, 0, screen), saved(CANONICAL, 1, view)
    sources = (LayersOf(str(view), ("up_", "length_stem/kernel")), LayersOf(str(screen)))
    found = {w.path: np.asarray(w) for w in TransferredModel(CANONICAL, sources).build().weights}
    stems = [path for path in found if path.startswith("sub_network_") and "stem/kernel" in path]
    assert stems
    for path, weight in found.items():
        if path.startswith("up_") or path == "length_stem/kernel":
            np.testing.assert_array_equal(weight, canonical[path], err_msg=path)
        elif path in stems and weight.shape != official[path].shape:
            # Keypoints come first; what the official recipe is not told begins with no effect.
            np.testing.assert_array_equal(weight[:, :34], official[path])
            np.testing.assert_array_equal(weight[:, 34:], 0)
        else:
            np.testing.assert_array_equal(weight, official[path], err_msg=path)


def test_what_no_source_has_begins_anew(tmp_path):
    official = saved(OFFICIAL, 0, tmp_path / "screen.keras")
    model = TransferredModel(CANONICAL, (LayersOf(str(tmp_path / "screen.keras")),)).build()
    new = {weight.path: np.asarray(weight) for weight in model.weights}
    up = [path for path in new if path.startswith("up_")]
    assert up and not {*up} & {*official}
    assert np.std(new["up_vectors/kernel"]) > 0


def test_a_model_of_which_nothing_fits_is_refused(tmp_path):
    wide = dataclasses.replace(OFFICIAL, channels=8)
    saved(wide, 0, tmp_path / "wide.keras")
    sources = (LayersOf(str(tmp_path / "wide.keras"), ("up_",)),)
    with pytest.raises(AnatomyError, match=r"wide\.keras: no weight of it fits the new model"):
        TransferredModel(CANONICAL, sources).build()
    with pytest.raises(AnatomyError, match="no model 'nobody'"):
        TransferredModel(CANONICAL, (LayersOf("nobody"),)).build()
