"""The signatures of a SavedModel: named inputs, their checks, and what the graph makes of them."""

from __future__ import annotations

import json
from typing import Any

import tensorflow as tf

from anatomy_tf.export import checks
from anatomy_tf.export.lifting_graph import STATE, LiftingGraph
from anatomy_tf.files.limits import FRAME_RATE, IMAGE_SIDE
from anatomy_tf.inference.exported.description import Description
from anatomy_tf.network.estimate import FRAMES

Signatures = dict[str, Any]
"""Concrete functions of TensorFlow by name."""


def signatures_of(graph: LiftingGraph, description: Description) -> Signatures:
    """Return the signatures of a SavedModel of the graph, by name.

    ``lift``, also ``serving_default``: ``pixels`` (B, T, J, 2), ``visibility`` (B, T, J),
    ``image_size`` (B, 2), ``fps`` (B,), ``frames`` (B,); ``lift_normalized``: ``keypoints``
    (B, T, J, 2), ``visibility``, ``frames``; ``describe``: no input; and of a causal model
    ``stream``: one frame's ``pixels`` (P, J, 2), ``visibility``, ``image_size`` and the state, and
    ``initial_state``: ``people``, how many.
    """
    lift = _lift(graph)
    signatures = {
        "serving_default": lift,
        "lift": lift,
        "lift_normalized": _lift_normalized(graph),
        "describe": _describe(description),
    }
    if graph.streams:
        signatures |= {"stream": _stream(graph), "initial_state": _initial_state(graph)}
    return signatures


def _lift(graph: LiftingGraph) -> Any:
    """Return the signature from pixels of clips to poses."""
    joints = graph.skeleton.joint_count

    @tf.function(autograph=False)
    def lift(pixels: Any, visibility: Any, image_size: Any, fps: Any, frames: Any) -> Any:
        pixels, visibility, image_size, fps, frames = checks.checked(
            (pixels, visibility, image_size, fps, frames),
            [
                checks.shape("pixels", pixels, f"rows, frames, {joints} joints, 2"),
                checks.shape("visibility", visibility, f"rows, frames, {joints} joints"),
                checks.shape("image_size", image_size, "rows, 2: width and height"),
                checks.same_size("visibility", visibility, pixels, 2),
                checks.same_size("image_size", image_size, pixels, 1),
                checks.same_size("fps", fps, pixels, 1),
                checks.same_size("frames", frames, pixels, 1),
            ],
        )
        valid = checks.valid_joints(pixels, frames)
        tensors = checks.checked(
            (pixels, visibility, image_size, fps, frames),
            [
                checks.frame_counts(frames, pixels),
                checks.within("fps", fps, FRAME_RATE),
                checks.within("image_size", image_size, IMAGE_SIDE),
                checks.shares(visibility, valid),
                *checks.coordinates(pixels, visibility, valid),
                checks.somebody(pixels, visibility, valid),
            ],
        )
        return graph.lift(*tensors)

    return lift.get_concrete_function(
        tf.TensorSpec((None, None, joints, 2), tf.float32, "pixels"),
        tf.TensorSpec((None, None, joints), tf.float32, "visibility"),
        tf.TensorSpec((None, 2), tf.float32, "image_size"),
        tf.TensorSpec((None,), tf.float32, "fps"),
        tf.TensorSpec((None,), tf.int32, "frames"),
    )


def _lift_normalized(graph: LiftingGraph) -> Any:
    """Return the signature from keypoints as the network takes them to its estimates."""
    joints = graph.skeleton.joint_count

    @tf.function(autograph=False)
    def lift_normalized(keypoints: Any, visibility: Any, frames: Any) -> Any:
        keypoints, visibility, frames = checks.checked(
            (keypoints, visibility, frames),
            [
                checks.shape("keypoints", keypoints, f"rows, frames, {joints} joints, 2"),
                checks.shape("visibility", visibility, f"rows, frames, {joints} joints"),
                checks.same_size("visibility", visibility, keypoints, 2),
                checks.same_size("frames", frames, keypoints, 1),
            ],
        )
        valid = checks.valid_joints(keypoints, frames)
        tensors = checks.checked(
            (keypoints, visibility, frames),
            [
                checks.frame_counts(frames, keypoints),
                checks.shares(visibility, valid),
                checks.finite(keypoints, valid),
            ],
        )
        return graph.estimate(*tensors)

    return lift_normalized.get_concrete_function(
        tf.TensorSpec((None, None, joints, 2), tf.float32, "keypoints"),
        tf.TensorSpec((None, None, joints), tf.float32, "visibility"),
        tf.TensorSpec((None,), tf.int32, "frames"),
    )


def _describe(description: Description) -> Any:
    """Return the signature that gives the description as JSON."""

    @tf.function(autograph=False)
    def described() -> Any:
        return {"description": tf.constant(json.dumps(description))}

    return described.get_concrete_function()


def _stream(graph: LiftingGraph) -> Any:
    """Return the signature from one frame and the state to poses and the state after it."""
    joints, counter = graph.skeleton.joint_count, f"{STATE}{FRAMES}"

    @tf.function(autograph=False)
    def stream(pixels: Any, visibility: Any, image_size: Any, **state: Any) -> Any:
        pixels, visibility, image_size = checks.checked(
            (pixels, visibility, image_size),
            [
                checks.shape("pixels", pixels, f"people, {joints} joints, 2"),
                checks.shape("visibility", visibility, f"people, {joints} joints"),
                checks.shape("image_size", image_size, "people, 2: width and height"),
                checks.same_size("visibility", visibility, pixels, 1),
                checks.same_size("image_size", image_size, pixels, 1),
                checks.same_size(counter, state[counter], pixels, 1),
            ],
        )
        every = tf.ones_like(visibility, tf.bool)
        pixels, visibility, image_size = checks.checked(
            (pixels, visibility, image_size),
            [
                checks.within("image_size", image_size, IMAGE_SIDE),
                checks.shares(visibility, every),
                *checks.coordinates(pixels, visibility, every),
            ],
        )
        found, after = graph.step(pixels, visibility, image_size, state)
        return {**found, **after}

    return stream.get_concrete_function(
        pixels=tf.TensorSpec((None, joints, 2), tf.float32, "pixels"),
        visibility=tf.TensorSpec((None, joints), tf.float32, "visibility"),
        image_size=tf.TensorSpec((None, 2), tf.float32, "image_size"),
        **graph.state(),
    )


def _initial_state(graph: LiftingGraph) -> Any:
    """Return the signature from a number of people to the state in which their stream begins."""

    @tf.function(autograph=False)
    def initial_state(people: Any) -> Any:
        return {
            name: tf.zeros([people, *spec.shape[1:]], spec.dtype)
            for name, spec in graph.state().items()
        }

    return initial_state.get_concrete_function(tf.TensorSpec((), tf.int32, "people"))
