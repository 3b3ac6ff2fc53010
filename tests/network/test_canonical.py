"""The canonical view in clips, streams and graphs, against the training form."""

import numpy as np
import pytest
from keras import ops
from scipy.spatial.transform import Rotation
from trained_like import random_clip, with_random_weights

from anatomy_tf.data.batches.windows import EdgePaddedFrames
from anatomy_tf.models import AnatomyLifter
from anatomy_tf.network.arrays import KerasArrays, NumPyArrays
from anatomy_tf.network.estimate import LiftingNetwork
from anatomy_tf.network.fast_stream import StreamingNetwork
from anatomy_tf.network.weights import NetworkWeights

pytestmark = pytest.mark.slow

FRAMES = 23
VARIANTS = [
    {},
    {"causal": True},
    {"causal": True, "sub_networks": 1},
    {"visibility": "concatenation"},
    {"length_output": "lengths", "length_pooling": "mean"},
]


def model_of(**variant):
    arguments = {"filter_widths": (3, 3), "channels": 6, "recipe": "canonical"}
    return with_random_weights(AnatomyLifter(**arguments, length_augmentation=False, **variant))


def clip(frames=FRAMES, seed=1):
    rays, visibility = random_clip(frames, seed)
    return 0.2 * rays + np.array([0.3, -0.1], np.float32), visibility


def network_of(model, arrays=None):
    return LiftingNetwork(NetworkWeights.of_model(model), arrays or NumPyArrays())


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_keras_gives_what_numpy_gives(variant):
    model, (rays, visibility) = model_of(**variant), clip()
    expected = network_of(model).estimate(rays[None], visibility[None])
    assert set(expected) >= {"positions", "bone_lengths", "bone_directions", "up"}
    found = network_of(model, KerasArrays()).estimate(rays[None], visibility[None], pieces=False)
    for name, values in expected.items():
        np.testing.assert_allclose(ops.convert_to_numpy(found[name]), values, atol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_directions_are_those_of_the_training_form(variant):
    model, (rays, visibility) = model_of(**variant), clip()
    network = network_of(model)
    estimate = network.estimate(rays[None], visibility[None])
    sums = network.view.sums_so_far(network.view.frame_sums(rays[None], visibility[None]))
    seen = network.view.frames(rays[None], visibility[None], sums, estimate["up"])
    frames, joints = np.arange(FRAMES), model.skeleton.joint_count
    given = {
        "keypoints": seen.keypoints[0, :, : 2 * joints].reshape(FRAMES, joints, 2),
        "view": seen.keypoints[0, :, 2 * joints :],
        "visibility": visibility,
    }
    inputs = {
        name: EdgePaddedFrames(
            np.ascontiguousarray(values), np.array([0, FRAMES]), 9, model.causal
        ).windows(np.zeros_like(frames), frames)
        for name, values in given.items()
    }
    directions = model.get_layer("bone_direction_network")
    expected = directions({name: inputs[name] for name in directions.input})
    expected = ops.convert_to_numpy(expected[f"bone_directions_{model.sub_networks}"])
    # The network's own axes, not the camera's.
    found = np.einsum("tij,tbj->tbi", seen.axes[0], estimate["bone_directions"][0])
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("variant", [v for v in VARIANTS if v.get("causal")], ids=str)
def test_streams_and_steps_give_what_the_clip_gives(variant):
    model, (rays, visibility) = model_of(**variant), clip()
    network = network_of(model)
    expected = network.estimate(rays[None], visibility[None])["positions"][0]
    stream = StreamingNetwork(NetworkWeights.of_model(model), 1)
    memory = {n: np.zeros((1, *shape), np.float32) for n, shape in network.memory().items()}
    for frame in range(FRAMES):
        now = rays[frame, None], visibility[frame, None]
        pushed, _, _ = stream.push(*now, np.array([frame == 0]))
        stepped, memory = network.step(*now, memory)
        np.testing.assert_allclose(pushed[0], expected[frame], atol=1e-5)
        np.testing.assert_allclose(stepped["positions"][0], expected[frame], atol=1e-5)


def test_somebody_new_in_a_row_has_no_past():
    weights, (rays, visibility) = NetworkWeights.of_model(model_of(causal=True)), clip()

    def pushed(stream, frames, first):
        return [
            stream.push(rays[t, None], visibility[t, None], np.array([t == first]))[0][0]
            for t in frames
        ]

    used = StreamingNetwork(weights, 1)
    pushed(used, range(12), 0)
    found = pushed(used, range(12, FRAMES), 12)
    expected = pushed(StreamingNetwork(weights, 1), range(12, FRAMES), 12)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_centred_stream_turns_each_pose_by_its_own_frame():
    model, (rays, visibility) = model_of(), clip()
    stream = StreamingNetwork(NetworkWeights.of_model(model), 1)
    found = [
        stream.push(rays[t, None], visibility[t, None], np.array([t == 0]))[2][0]
        for t in range(FRAMES)
    ]
    assert stream.latency == 4
    # Given the up directions that the stream had, a clip gives the same.
    causal_up = np.cumsum(_votes(model, rays, visibility), axis=0)
    network = network_of(model)
    sums = network.view.sums_so_far(network.view.frame_sums(rays[None], visibility[None]))
    seen = network.view.frames(rays[None], visibility[None], sums, causal_up[None])
    vectors = network.directions.of_frames(seen.keypoints, visibility[None], 0, FRAMES)
    expected = np.einsum("tij,tbi->tbj", seen.axes[0], vectors[0])
    np.testing.assert_allclose(found[4:], expected[:-4], atol=1e-5)


def _votes(model, rays, visibility):
    view = network_of(model).view
    sums = view.sums_so_far(view.frame_sums(rays[None], visibility[None]))
    return view.votes(rays[None], visibility[None], sums)[0]


def test_poses_turn_with_the_camera():
    model, (rays, visibility) = model_of(), clip()
    turn = Rotation.from_euler("zx", [25, 10], degrees=True).as_matrix()
    points = np.concatenate([rays, np.ones((*rays.shape[:-1], 1))], axis=-1) @ turn.T
    turned = (points[..., :2] / points[..., 2:]).astype(np.float32)
    up = np.array([[0.1, -0.9, 0.2]], np.float32)
    network = network_of(model)
    one = network.estimate(rays[None], visibility[None], up=up)
    other = network.estimate(turned[None], visibility[None], up=(up @ turn.T).astype(np.float32))
    np.testing.assert_allclose(one["positions"] @ turn.T, other["positions"], atol=2e-5)
    np.testing.assert_allclose(one["bone_lengths"], other["bone_lengths"], atol=1e-5)


def test_up_is_where_the_surest_frames_vote():
    model, (rays, visibility) = model_of(), clip()
    estimate = network_of(model).estimate(rays[None], visibility[None])
    total = _votes(model, rays, visibility).sum(axis=0)
    expected = np.broadcast_to(total / np.linalg.norm(total), (FRAMES, 3))
    np.testing.assert_allclose(estimate["up"][0], expected, atol=1e-5)


@pytest.mark.parametrize(("logarithm", "length"), [(0, 1), (2, np.exp(2)), (90, np.exp(8))])
def test_votes_are_turned_from_the_persons_view_into_the_cameras(logarithm, length):
    model, (rays, visibility) = model_of(), clip()
    view = network_of(model).view
    sums = view.sums_so_far(view.frame_sums(rays[None], visibility[None]))
    # What looks ahead from the virtual camera looks at the person from the camera.
    view.up_network = lambda seen: np.full((*seen.shape[:2], 4), (0, 0, 3, logarithm), np.float32)
    centre = sums[0, :, 1:4] / np.linalg.norm(sums[0, :, 1:4], axis=-1, keepdims=True)
    assert np.abs(centre[:, :2]).max() > 0.1
    votes = view.votes(rays[None], visibility[None], sums)[0]
    np.testing.assert_allclose(votes, length * centre, rtol=1e-4, atol=1e-5 * length)


def test_an_unknown_up_is_the_pictures_own():
    model, (rays, visibility) = model_of(), clip()
    estimate = network_of(model).estimate(
        rays[None], visibility[None], up=np.zeros((1, 3), np.float32)
    )
    np.testing.assert_array_equal(estimate["up"][0, 0], [0, -1, 0])
    # The networks are told whether up is known.
    view = network_of(model).view
    sums = view.sums_so_far(view.frame_sums(rays[None], visibility[None]))
    for up, known in (((0, 0, 0), 0), ((0.1, -3, 0.2), 1)):
        given = np.array([[up]], np.float32)
        seen = view.frames(rays[None], visibility[None], sums, given)
        for values in (seen.keypoints, seen.for_lengths):
            assert (values[..., -1] == known).all()


def test_padding_changes_nothing():
    model = model_of()
    rays, visibility = clip(9)
    padded = [
        np.pad(a[None], [(0, 0), (0, 6), *[(0, 0)] * (a.ndim - 1)]) for a in (rays, visibility)
    ]
    network = network_of(model)
    expected = network.estimate(rays[None], visibility[None])
    found = network.estimate(*padded, np.array([9], np.int32))
    np.testing.assert_allclose(found["positions"][:, :9], expected["positions"], atol=1e-5)
    np.testing.assert_allclose(found["up"][:, :9], expected["up"], atol=1e-6)
