"""The tables and the sheet of the views to train on."""

import numpy as np
import pytest

from anatomy_tf.data import RecordingVariety, render_recordings
from anatomy_tf.data.motion.procedural_motion import procedural_motion


@pytest.fixture
def training_views(load_benchmark):
    return load_benchmark("training_views")


@pytest.mark.slow
def test_tables_say_what_the_views_are(training_views, tmp_path):
    clips = procedural_motion(people=1, seconds=2)[:3]
    views = render_recordings(clips, cameras_per_clip=2, variety=RecordingVariety())
    text = training_views.report(views)
    frames = sum(len(view.positions) for view in views)
    assert f"6 views, {frames} frames" in text
    lost = 100 * np.concatenate([view.visibility == 0 for view in views]).mean(axis=0)
    assert f"| head | {lost[10]:.1f} |" in text
    assert "| wrist |" in training_views.error_report(views)
    exact = render_recordings(clips, cameras_per_clip=1, detections="ground_truth")
    for view in exact:
        truth = training_views.truth(view)
        assert np.median(truth.error) < 1e-3
        np.testing.assert_allclose(np.sin(np.radians(-truth.pitch)), view.up[:, 2], atol=1e-5)
    training_views.draw(views, tmp_path / "sheet.png", np.random.default_rng(0))
    assert (tmp_path / "sheet.png").read_bytes()[1:4] == b"PNG"
