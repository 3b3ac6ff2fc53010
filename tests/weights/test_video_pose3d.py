"""VideoPose3D's parameters, against a forward pass written out in NumPy from its key names."""

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.models import VideoPose
from anatomy_tf.weights import video_pose3d

pytestmark = pytest.mark.slow

WIDTHS, CHANNELS = (3, 5, 3), 6


def random_state(widths=WIDTHS, channels=CHANNELS, seed=0):
    """What a checkpoint holds, under VideoPose3D's names and in its layouts."""
    rng = np.random.default_rng(seed)

    def draw(*shape):
        return rng.normal(0, 0.4, shape).astype(np.float32)

    state = {"expand_conv.weight": draw(channels, 34, widths[0])}
    norms = ["expand_bn"]
    for i, width in enumerate(widths[1:]):
        state[f"layers_conv.{2 * i}.weight"] = draw(channels, channels, width)
        state[f"layers_conv.{2 * i + 1}.weight"] = draw(channels, channels, 1)
        norms += [f"layers_bn.{2 * i}", f"layers_bn.{2 * i + 1}"]
    for norm in norms:
        state[f"{norm}.weight"] = 1 + draw(channels)
        state[f"{norm}.bias"] = draw(channels)
        state[f"{norm}.running_mean"] = draw(channels)
        state[f"{norm}.running_var"] = 0.5 + np.abs(draw(channels))
        state[f"{norm}.num_batches_tracked"] = np.array(7)
    state["shrink.weight"] = draw(51, channels, 1)
    state["shrink.bias"] = draw(51)
    return state


def written_out(state, keypoints, causal):
    """Positions (B, 17, 3) of windows (B, R, 17, 2), in float64, one output frame at a time."""

    def unit(frames, convolution, norm):
        kernel = state[f"{convolution}.weight"].astype(np.float64)
        width = kernel.shape[2]
        found = []
        for start in range(0, frames.shape[1], width):
            group = frames[:, start : start + width]
            found.append(sum(group[:, tap] @ kernel[:, :, tap].T for tap in range(width)))
        values = np.stack(found, axis=1) - state[f"{norm}.running_mean"]
        values = values / np.sqrt(state[f"{norm}.running_var"] + 1e-5)
        values = values * state[f"{norm}.weight"] + state[f"{norm}.bias"]
        return np.maximum(values, 0)

    frames = keypoints.astype(np.float64).reshape(*keypoints.shape[:2], 34)
    frames = unit(frames, "expand_conv", "expand_bn")
    for i in range(len(WIDTHS) - 1):
        width = state[f"layers_conv.{2 * i}.weight"].shape[2]
        residual = frames[:, (width - 1 if causal else width // 2) :: width]
        frames = unit(frames, f"layers_conv.{2 * i}", f"layers_bn.{2 * i}")
        frames = unit(frames, f"layers_conv.{2 * i + 1}", f"layers_bn.{2 * i + 1}") + residual
    out = frames[:, 0] @ state["shrink.weight"][:, :, 0].T + state["shrink.bias"]
    return out.reshape(-1, 17, 3)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_a_built_model_computes_what_its_parameters_say(causal, prefix):
    state = random_state()
    model = video_pose3d.build({prefix + key: v for key, v in state.items()}, causal=causal)
    assert (model.config.filter_widths, model.config.channels) == (WIDTHS, CHANNELS)
    keypoints = np.random.default_rng(1).normal(size=(2, 45, 17, 2)).astype(np.float32)
    ours = np.asarray(model({"keypoints": keypoints}, training=False)["positions"])
    expected = written_out(state, keypoints, causal)
    np.testing.assert_allclose(ours, expected, atol=1e-5)
    assert np.abs(expected - written_out(state, keypoints, not causal)).max() > 1e-2


def test_every_variable_but_the_batch_share_has_a_parameter():
    model = VideoPose(filter_widths=WIDTHS, channels=CHANNELS)
    mapped = {id(variable) for variable, _ in video_pose3d.variables(model).values()}
    others = {v.path.rpartition("/")[2] for v in model.variables if id(v) not in mapped}
    assert others <= {"batch_share", "seed_generator_state"}


def test_all_that_does_not_fit_is_named_and_nothing_is_changed():
    state = random_state()
    state["shrinks.bias"] = state.pop("shrink.bias")
    state["layers_conv.1.weight"] = state["layers_conv.1.weight"][:, :-1]
    state["layers_bn.0.bias"] = np.full_like(state["layers_bn.0.bias"], np.nan)
    state["layers_bn.1.bias"] = state["layers_bn.1.bias"].astype(complex)
    model = VideoPose(filter_widths=WIDTHS, channels=CHANNELS)
    before = model.get_weights()
    with pytest.raises(AnatomyError) as caught:
        video_pose3d.load_state(model, state)
    assert "missing: shrink.bias; unexpected: shrinks.bias; " in str(caught.value)
    assert "misshapen: layers_conv.1.weight (6, 5, 1) for (1, 6, 6)" in str(caught.value)
    assert "no finite numbers: layers_bn.0.bias; " in str(caught.value)
    assert "no finite numbers: layers_bn.1.bias; " in str(caught.value)
    for was, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"expand_conv.weight": None}, "has no 'expand_conv.weight'"),
        (
            {"expand_conv.weight": np.zeros((6, 51, 3), np.float32)},
            "expected a stem of 34 channels and odd widths, got 51",
        ),
        ({"layers_conv.0.weight": np.float32(3)}, r"got 34 and \[3, 0, 3\]"),
    ],
)
def test_what_is_no_such_network_is_said(change, message):
    state = {k: v for k, v in (random_state() | change).items() if v is not None}
    with pytest.raises(AnatomyError, match=message):
        video_pose3d.build(state)


def test_a_model_with_joint_shifts_is_refused():
    model = VideoPose(filter_widths=(3,), channels=4, joint_shift=True)
    with pytest.raises(AnatomyError, match="no joint shifts"):
        video_pose3d.load_state(model, {})
