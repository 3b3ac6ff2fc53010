"""Models and clips that make no feature trivial, without training."""

import math

import numpy as np


def with_random_weights(model):
    """Statistics and scales of a trained kind, so that folding them is not folding ones."""
    rng = np.random.default_rng(0)
    for weight in model.weights:
        values = rng.normal(0, 0.3, weight.shape)
        if weight.name in ("gamma", "moving_variance"):
            values = 0.5 + np.abs(values)
        elif weight.name == "kernel":
            values /= math.sqrt(np.prod(weight.shape[:-1]) / 4)
        if weight.name != "batch_share":
            weight.assign(values)
    return model


def random_clip(frames, seed=1):
    """Keypoints (T, 17, 2) and visibility (T, 17) as a network sees them."""
    rng = np.random.default_rng(seed)
    keypoints = rng.normal(0, 0.5, (frames, 17, 2)).astype(np.float32)
    return keypoints, rng.uniform(0, 1, (frames, 17)).astype(np.float32)
