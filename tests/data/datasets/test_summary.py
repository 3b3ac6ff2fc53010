"""Counts and bodies of a data set."""

import numpy as np

from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.datasets.summary import summarize
from anatomy_tf.data.views.view import View
from anatomy_tf.skeletons import Skeleton

LEG = Skeleton("leg", ("hip", "knee", "ankle"), (-1, 0, 1))


def a_view(subject, clip, camera, frames, shin, valid=None):
    """A leg of 0.4 m and the given shin, standing at 3 m."""
    positions = np.zeros((frames, 3, 3))
    positions[:, 1, 1], positions[:, 2, 1] = 0.4, 0.4 + np.asarray(shin)
    positions[..., 2] = 3
    return View(
        keypoints=np.zeros((frames, 3, 2)),
        visibility=np.ones((frames, 3)),
        positions=positions,
        intrinsics=np.ones(9),
        skeleton=LEG,
        fps=50,
        subject=subject,
        action="stand",
        clip=clip,
        camera=camera,
        valid=valid,
    )


def test_a_clip_counts_once_and_only_valid_frames_have_bones() -> None:
    store = SequenceStore.from_views(
        [
            a_view("B", "one", "0", 100, 0.5),
            a_view("B", "one", "1", 80, 0.5),
            a_view("A", "two", "0", 3, [0.4, 0.6, 9.0], valid=np.array([True, True, False])),
            a_view("B", "two", "0", 80, 0.5),
        ]
    )
    first, second = summarize(store)
    assert (first.subject, first.clips, first.sequences, first.frames) == ("A", 1, 1, 3)
    np.testing.assert_allclose(first.bone_lengths, [0.4, 0.5], atol=1e-6)
    np.testing.assert_allclose(first.bone_deviations, [0, 0.1], atol=1e-6)
    assert (second.subject, second.clips, second.sequences, second.frames) == ("B", 2, 3, 260)
    np.testing.assert_allclose(second.hours, 180 / 50 / 3600)
    np.testing.assert_allclose(second.bone_deviations, 0, atol=1e-6)
