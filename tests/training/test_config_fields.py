"""Configs refuse what they cannot use when they are built, not when a run has begun."""

import dataclasses

import pytest

from anatomy_tf.data import (
    BatchOptions,
    CameraRanges,
    CaptureVariety,
    DetectionNoise,
    DetectorErrors,
    RecordingVariety,
    RoomCameras,
)
from anatomy_tf.data.views.room_cameras import CameraMotion
from anatomy_tf.errors import AnatomyError
from anatomy_tf.models.anatomy_lifter_config import AnatomyLifterConfig
from anatomy_tf.models.video_pose_config import VideoPoseConfig
from anatomy_tf.training import MotionCaptureData, NamedData, ProceduralData, TrainingMotion
from anatomy_tf.training.config import TrainingConfig

CONFIGS = {
    AnatomyLifterConfig: {},
    VideoPoseConfig: {},
    BatchOptions: {"receptive_field": 3},
    CameraMotion: {"share": 1.0},
    CameraRanges: {},
    CaptureVariety: {},
    DetectionNoise: {},
    DetectorErrors: {},
    MotionCaptureData: {"path": "motions.npz", "test_subjects": ("a",)},
    NamedData: {"name": "human36m/cpn"},
    ProceduralData: {},
    RecordingVariety: {},
    RoomCameras: {},
    TrainingConfig: {"model": VideoPoseConfig(), "data": ProceduralData()},
    TrainingMotion: {"path": "motions.npz"},
}


@pytest.mark.parametrize("config", CONFIGS)
def test_every_field_of_every_config_is_checked(config):
    whole = config(**CONFIGS[config])
    for field in dataclasses.fields(whole):
        # Of no field's type.
        with pytest.raises(AnatomyError, match=field.name) as caught:
            dataclasses.replace(whole, **{field.name: object()})
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cameras_per_clip": 0}, "MotionCaptureData.cameras_per_clip: .* at least 1, got 0"),
        ({"longest": -5}, "MotionCaptureData.longest: .* above 0 or None, got -5"),
        ({"evenness": 2}, "MotionCaptureData.evenness: .* from 0 to 1, got 2"),
        ({"seed": -1}, "MotionCaptureData.seed: .* at least 0, got -1"),
        ({"detections": "real"}, "detections: expected 'simulated' or 'ground_truth', got 'real'"),
        ({"test_subjects": "a"}, "test_subjects: expected a list, each item text, got 'a'"),
        ({"training_variety": ()}, r"training_variety: .* not empty, got \(\)"),
        ({"further": ("more.npz",)}, "further: expected a list, each item TrainingMotion"),
    ],
)
def test_motion_capture_data_refuse_what_they_cannot_use(change, message):
    with pytest.raises(AnatomyError, match=message):
        MotionCaptureData(**{**CONFIGS[MotionCaptureData], **change})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"filter_widths": "333"}, "filter_widths: expected odd whole numbers above 0 or None"),
        ({"filter_widths": (3, 4)}, "filter_widths: expected odd whole numbers above 0 or None"),
        ({"channels": "640"}, "channels: expected a whole number of at least 1 or None, got '640'"),
        ({"dropout": 1}, "dropout: .* below 1 or None, got 1"),
        ({"causal": "yes"}, "causal: expected true or false or None, got 'yes'"),
        ({"train_bone_lengths": None}, "train_bone_lengths: expected true or false, got None"),
        ({"name": 3}, "name: expected text or a path, got 3"),
    ],
)
def test_a_trained_model_refuses_what_it_cannot_use(change, message):
    from anatomy_tf.training import TrainedModel

    with pytest.raises(AnatomyError, match=message):
        TrainedModel(**{"name": "compact", **change})


@pytest.mark.slow
def test_one_width_needs_no_tuple():
    from anatomy_tf.training import TrainedModel

    assert TrainedModel("compact", filter_widths=3).filter_widths == (3,)
