"""Options that would have no effect."""

from pathlib import Path

import numpy as np
import pytest

from anatomy_tf.cli.main import main
from anatomy_tf.formats import save_poses
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("lift k.npz --output o.png --unit cm", "--unit is for files of poses; o.png is a drawing"),
        ("lift k.npz --detect-every 2", "--detect-every is for videos; here the input is keyp"),
        ("lift k.npz --detector-people 2", "--detector-people is for videos; here the input is"),
        ("live --seen-only", "--seen-only is about the recording; expected --output PATH with it"),
        ("live v.mkv --camera 1", "--camera is for cameras; here the input is a video"),
        ("stream --image-size 64x48 --silence 5", "--silence is about a port; expected --port"),
        ("info compact --layout coco_17", "--layout is for files of keypoints; compact is no such"),
        ("info p.npz --layout coco_17", "p.npz: holds poses, which state their layout; got --lay"),
        ("evaluate --model compact --on d.npz --variant x", "--variant belongs to an experiment"),
        ("serve m --print-config --cluster auto", "--cluster is for serving, not for --print-c"),
        (
            "weights import a.bin b.keras --kind video_pose3d --sampled-frames 9",
            "--sampled-frames is for anatomy3d",
        ),
    ],
)
def test_an_option_without_effect_is_refused(
    arguments: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    positions = np.random.default_rng(0).normal(size=(4, 17, 3))
    save_poses("p.npz", PoseSequence(positions, HUMAN36M_17, 50))
    assert main(arguments.split()) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
