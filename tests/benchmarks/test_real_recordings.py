"""The benchmark on real recordings: whom it chooses, what its cameras see, what it prints."""

from collections import Counter

import numpy as np
import pytest

from anatomy_tf.data.motion_capture import JOINT_NAMES
from anatomy_tf.evaluation.detected_clips import evaluate_detections
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17


@pytest.fixture
def benchmark(load_benchmark):
    return load_benchmark("real_recordings")


@pytest.fixture
def uiprmd(tmp_path):
    """Ten people, ten exercises, rightly and wrongly done, with one take missing."""
    takes = [
        (f"m{exercise:02d}_s{person:02d}{ending}", person, exercise)
        for ending in ("", "_inc")
        for exercise in range(1, 11)
        for person in range(1, 11)
    ]
    takes = [take for take in takes if take[0] != "m01_s01"]
    standing = np.random.default_rng(0).uniform([-0.3, -0.3, 0], [0.3, 0.3, 1.8], (17, 3))
    count = len(takes)
    path = tmp_path / "evaluation" / "uiprmd_17_f16.npz"
    path.parent.mkdir()
    np.savez(
        path,
        root=np.zeros((2 * count, 3), np.float32),
        relative=np.repeat(standing[None], 2 * count, axis=0).astype(np.float16),
        fps=np.array(50),
        joint_names=np.array(list(JOINT_NAMES)),
        parents=np.array(HUMAN36M_17.parents),
        subjects=np.array([f"uiprmd_s{person:02d}" for person in range(1, 11)]),
        clip_start=2 * np.arange(count),
        clip_length=np.full(count, 2),
        clip_name=np.array([name for name, _, _ in takes]),
        clip_subject=np.array([person - 1 for _, person, _ in takes]),
        clip_action=np.array([f"exercise {exercise}" for _, _, exercise in takes]),
        clip_description=np.array([""] * count),
    )
    return path


def test_sixty_clips_with_each_person_and_exercise_six_times(benchmark, uiprmd):
    clips = benchmark.uiprmd_clips(uiprmd)
    assert len(clips) == 60 and len({clip.name for clip in clips}) == 60
    assert set(Counter(clip.subject for clip in clips).values()) == {6}
    exercises = Counter((clip.action, int(clip.subject[-2:]) > 5) for clip in clips)
    assert len(exercises) == 20 and set(exercises.values()) == {3}
    wrongly = [clip.name for clip in clips if clip.name.endswith("_inc")]
    # The missing take's place has its other one.
    assert len(wrongly) == 31 and clips[0].name == "m01_s01_inc"


def test_the_cameras_look_as_they_are_named(benchmark, uiprmd):
    clips = benchmark.uiprmd_clips(uiprmd)
    found = benchmark.at_attitudes(clips)
    assert len(found) == 10 * len(benchmark.ATTITUDES)
    pitches = {clip.camera: round(clip.pitch) for clip in found}
    assert pitches["level"] == 0 and pitches["looks up by 20°"] == -20
    assert pitches["looks down by 60°"] == 60 and pitches["rolled by 30°"] == 0
    sides = [clip.rotation[0] for clip in found if clip.subject == "uiprmd_s01"]
    # All but the rolled one have the same right side.
    for side in sides[:4]:
        np.testing.assert_allclose(side, sides[0], atol=1e-9)


def test_a_table_has_a_column_a_model_and_the_goals(benchmark, uiprmd):
    clips = benchmark.at_attitudes(benchmark.uiprmd_clips(uiprmd))
    level = [clip for clip in clips if clip.camera in ("level", "looks down by 30°")]

    def report(size):
        truth = [
            clip.in_camera_axes(clip.positions - clip.positions[:, :1]).astype(np.float32)
            for clip in level
        ]
        return evaluate_detections(
            level, [PoseSequence(size * poses, HUMAN36M_17, 50) for poses in truth]
        )

    names = ("uiprmd", "attitudes", "aist")
    reports = {
        model: dict.fromkeys(names, report(size)) for model, size in (("right", 1), ("small", 0.9))
    }
    pitches = {"level": -0.2, "looks down by 30°": 30.0}
    extent, summary, attitudes, *_, by_camera, _ = benchmark.tables(reports, pitches)
    assert "UI-PRMD, all ten people: 20 clips and cameras, 40 frames" in extent
    small = reports["small"]["uiprmd"].overall["mpjpe"]
    assert small > 10
    assert f"| UI-PRMD, all ten people | P1 (mm) | 0.0 | {small:.1f} | ≤ 70 |" in summary
    assert "| level | 0.0 |" in attitudes and "| looks down by 30° (30°) | 0.0 |" in by_camera


def test_without_the_data_it_says_so_in_a_line(benchmark, tmp_path):
    with pytest.raises(SystemExit, match=r"lacks .*uiprmd_17_f16\.npz, .*aist.*users do not have"):
        benchmark.real_recordings(shared=tmp_path)
