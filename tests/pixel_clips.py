"""Clips in pixels with gaps, and as rows of a batch."""

import numpy as np

from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import HUMAN36M_17

PADDING = 3


def clip(frames, fps, seed):
    """A clip in which joints are lost for some frames, at its ends, and throughout."""
    rng = np.random.default_rng(seed)
    keypoints = rng.uniform(0, 1000, (frames, 17, 2)).astype(np.float32)
    keypoints[rng.random((frames, 17)) < 0.2] = np.nan
    keypoints[: frames // 3, 3] = keypoints[frames // 2 :, 5] = keypoints[:, 7] = np.nan
    keypoints[frames // 2, 0] = 400, 300
    visibility = rng.uniform(0, 1, (frames, 17)).astype(np.float32)
    return KeypointSequence(keypoints, visibility, HUMAN36M_17, fps, 1280, 720)


def batch(clips):
    """Pixels, visibility and frames of clips as one batch, NaN after a clip's end."""
    frames = np.array([len(c) for c in clips], np.int32)
    pixels = np.full((len(clips), frames.max() + PADDING, 17, 2), np.nan, np.float32)
    visibility = np.zeros(pixels.shape[:3], np.float32)
    for at, c in enumerate(clips):
        pixels[at, : len(c)], visibility[at, : len(c)] = c.keypoints, c.visibility
    return pixels, visibility, frames
