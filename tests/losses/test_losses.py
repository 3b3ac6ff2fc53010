"""The losses of Eq. 2 to 5 by hand, and what ``compile`` gets."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from anatomy_tf.errors import AnatomyError
from anatomy_tf.losses import (
    BoneDirectionLoss,
    BoneLengthLoss,
    JointPositionLoss,
    JointShiftLoss,
    compile_arguments,
)
from anatomy_tf.models import AnatomyLifter, VideoPose
from anatomy_tf.skeletons import MPI_INF_3DHP_17, Skeleton

pytestmark = pytest.mark.slow

ARM = Skeleton("arm", ("shoulder", "elbow", "wrist"), (-1, 0, 1))
"""Two bones; the only joint pair that no bone joins is shoulder-wrist."""
# The first arm is bent, 2 m along x and 1 m along y; the second straight, 1 m and 1 m along z.
POSES = np.array([[[0, 0, 0], [2, 0, 0], [2, 1, 0]], [[0, 0, 0], [0, 0, 1], [0, 0, 2]]], "float32")
LENGTHS = np.array([[2, 1], [1, 1]], "float32")


def value(loss: keras.losses.Loss, y_true: np.ndarray, y_pred: np.ndarray) -> float:
    return float(loss(y_true, y_pred))


def test_joint_shift_loss_is_eq_2():
    # The shifts are (2, 1, 0), predicted (3, 4, 0) off, and (0, 0, 2), predicted as it is.
    predicted = np.array([[[5, 5, 0]], [[0, 0, 2]]], "float32")
    for over in ("sum", "mean"):
        assert value(JointShiftLoss(ARM, over), POSES, predicted) == pytest.approx((5 + 0) / 2)


@pytest.mark.parametrize(("over", "expected"), [("sum", (10 + 0) / 2), ("mean", (10 / 4 + 0) / 2)])
def test_joint_shift_loss_with_self_pairs(over, expected):
    # Pairs (0,0) (0,2) (1,1) (2,2): the shift of a joint from itself is zero, predicted 5 m.
    predicted = np.zeros((2, 4, 3), "float32")
    predicted[:, 1] = [[5, 5, 0], [0, 0, 2]]
    predicted[0, 2] = [0, 3, 4]
    loss = JointShiftLoss(ARM, over, self_pairs=True)
    assert value(loss, POSES, predicted) == pytest.approx(expected)


@pytest.mark.parametrize(("over", "expected"), [("sum", (2 + 4) / 2), ("mean", (1 + 2) / 2)])
def test_bone_direction_loss_is_eq_3(over, expected):
    # Squared distances: 0 and |(0, 1, -1)|² = 2; 0 and |(0, 0, 2)|² = 4.
    predicted = np.array([[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 0, -1]]], "float32")
    assert value(BoneDirectionLoss(ARM, over), POSES, predicted) == pytest.approx(expected)


@pytest.mark.parametrize("y_true", [LENGTHS, POSES], ids=["given", "from positions"])
@pytest.mark.parametrize(("over", "expected"), [("sum", (0.25 + 4) / 2), ("mean", (0.125 + 2) / 2)])
def test_bone_length_loss_is_eq_4(over, expected, y_true):
    predicted = np.array([[2.5, 1], [1, 3]], "float32")
    assert value(BoneLengthLoss(ARM, over), y_true, predicted) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("squared", "expected"), [(False, (5 / 3 + 1 / 3) / 2), (True, (25 / 3 + 1 / 3) / 2)]
)
def test_joint_position_loss_is_eq_5_with_and_without_its_square(squared, expected):
    predicted = POSES.copy()
    predicted[0, 1] += [3, 4, 0]
    predicted[1, 2] += [0, 0, 1]
    loss = JointPositionLoss(ARM, squared=squared)
    assert value(loss, POSES, predicted) == pytest.approx(expected)


class Prediction(keras.layers.Layer):
    """A trainable constant."""

    def __init__(self, start: np.ndarray) -> None:
        super().__init__()
        self.prediction = self.add_weight(shape=start.shape, initializer="zeros")
        self.prediction.assign(start)

    def call(self, inputs: Any) -> Any:
        return inputs * 0 + self.prediction


def gradient(loss: keras.losses.Loss, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
    """The loss's gradient to the prediction for one example, as what descent at rate 1 takes."""
    inputs = keras.Input(y_pred.shape)
    layer = Prediction(y_pred)
    model = keras.Model(inputs, layer(inputs))
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss=loss, jit_compile=False)
    model.train_on_batch(y_pred[None], y_true[None])
    return y_pred - ops.convert_to_numpy(layer.prediction)


@pytest.mark.parametrize(
    ("loss", "parts"),
    [
        (BoneDirectionLoss(ARM), 2),
        (JointShiftLoss(ARM, self_pairs=True), 4),
        (JointPositionLoss(ARM), 3),
        (JointPositionLoss(ARM, squared=True), 3),
    ],
    ids=lambda item: getattr(item, "name", item),
)
@pytest.mark.parametrize("start", [0.0, 0.5])
def test_bones_without_length_give_finite_values_and_gradients(loss, parts, start):
    collapsed = np.zeros((3, 3), "float32")
    predicted = np.full((parts, 3), start, "float32")
    assert np.isfinite(value(loss, collapsed[None], predicted[None]))
    given = gradient(loss, collapsed, predicted)
    assert np.isfinite(given).all()
    assert (np.abs(given).max() > 0) == (start > 0)


def test_lengths_of_bones_without_length_are_zero():
    collapsed = np.zeros((3, 3), "float32")
    predicted = np.array([0.5, 0], "float32")
    assert value(BoneLengthLoss(ARM), collapsed[None], predicted[None]) == pytest.approx(0.125)
    np.testing.assert_allclose(gradient(BoneLengthLoss(ARM), collapsed, predicted), [0.5, 0])


@pytest.mark.parametrize(
    "loss",
    [
        BoneDirectionLoss(ARM, "sum", name="directions"),
        BoneLengthLoss(ARM, "mean", reduction="sum"),
        JointShiftLoss(ARM, "sum", self_pairs=True),
        JointPositionLoss(ARM, squared=True),
    ],
    ids=lambda loss: type(loss).__name__,
)
def test_losses_serialise(loss):
    twin = keras.losses.deserialize(keras.losses.serialize(loss))
    assert type(twin) is type(loss)
    assert twin.get_config() == loss.get_config()
    assert twin.skeleton == ARM
    kept = ("over", "squared", "self_pairs", "reduction", "name")
    assert {k: v for k, v in vars(twin).items() if k in kept} == {
        k: v for k, v in vars(loss).items() if k in kept
    }


def test_another_over_is_named():
    with pytest.raises(ValueError, match=r"\('sum', 'mean'\), got 'median'"):
        BoneDirectionLoss(ARM, "median")


def test_a_bfloat16_prediction_is_compared_in_float32():
    predicted = ops.cast(POSES + 0.25, "bfloat16")
    loss = JointPositionLoss(ARM)(POSES, predicted)
    assert keras.backend.standardize_dtype(loss.dtype) == "float32"
    assert float(loss) == pytest.approx(0.25 * np.sqrt(3), rel=1e-6)


# Section 4.2 of the paper; Section III.6 of the reference's description.
WEIGHTS = {
    "paper": {
        "positions": 1.0,
        "sampled_positions": 1.0,
        "bone_lengths": 0.05,
        "augmented_bone_lengths": 0.05,
        "bone_directions_1": 0.015,
        "bone_directions_2": 0.015,
        "joint_shifts_1": 0.1,
        "joint_shifts_2": 0.1,
    },
    "official": {
        "positions": 1.0,
        "sampled_positions": 1.0,
        "augmented_positions": 1.0,
        "bone_lengths": 100.0,
        "augmented_bone_lengths": 100.0,
        "bone_directions_1": 0.15,
        "bone_directions_2": 0.3,
        "joint_shifts_1": 1.0,
        "joint_shifts_2": 2.0,
    },
}


@pytest.mark.parametrize("recipe", WEIGHTS)
def test_the_terms_and_weights_of_a_recipe_are_the_written_ones(recipe):
    arguments = compile_arguments(AnatomyLifter(filter_widths=(3,), channels=4, recipe=recipe))
    assert arguments["loss_weights"] == pytest.approx(WEIGHTS[recipe])
    paper = recipe == "paper"
    over = "sum" if paper else "mean"
    for output, loss in arguments["loss"].items():
        kind = output.rstrip("_12")
        if kind.endswith("positions"):
            assert isinstance(loss, JointPositionLoss)
            assert loss.squared == paper
        elif kind == "joint_shifts":
            assert isinstance(loss, JointShiftLoss)
            assert (loss.over, loss.self_pairs) == (over, not paper)
        else:
            assert kind in ("bone_directions", "bone_lengths", "augmented_bone_lengths")
            wanted = BoneDirectionLoss if kind == "bone_directions" else BoneLengthLoss
            assert type(loss) is wanted
            assert loss.over == over


def test_terms_follow_the_models_outputs_and_skeleton():
    model = AnatomyLifter(
        filter_widths=(3,),
        channels=4,
        skeleton=MPI_INF_3DHP_17,
        sub_networks=3,
        joint_shift=False,
        length_augmentation=False,
    )
    arguments = compile_arguments(model)
    assert set(arguments["loss"]) == set(model.output_names)
    assert {loss.skeleton for loss in arguments["loss"].values()} == {MPI_INF_3DHP_17}
    directions = [arguments["loss_weights"][f"bone_directions_{q}"] for q in (1, 2, 3)]
    assert directions == pytest.approx([0.15, 0.15, 0.3])


@pytest.mark.parametrize("joint_shift", [False, True])
def test_the_baseline_has_the_plain_position_error(joint_shift):
    model = VideoPose(filter_widths=(3,), channels=4, joint_shift=joint_shift)
    arguments = compile_arguments(model)
    names = {"positions", "joint_shifts_1"} if joint_shift else {"positions"}
    assert arguments["loss_weights"] == dict.fromkeys(names, 1.0)
    assert not arguments["loss"]["positions"].squared


def test_a_compiled_model_saves_with_its_losses(tmp_path):
    model = VideoPose(filter_widths=(3,), channels=4, skeleton=ARM, joint_shift=True)
    model.compile(optimizer="sgd", **compile_arguments(model))
    x = {"keypoints": np.random.default_rng(3).normal(size=(2, 3, 3, 2)).astype("float32")}
    y = {"positions": POSES, "joint_shifts_1": POSES}
    before = model.evaluate(x, y, verbose=0, return_dict=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.evaluate(x, y, verbose=0, return_dict=True) == pytest.approx(before)
    assert before["loss"] == pytest.approx(before["positions_loss"] + before["joint_shifts_1_loss"])


def test_a_part_of_a_model_is_no_model():
    part = AnatomyLifter(filter_widths=(3,), channels=4).inference_model()
    with pytest.raises(
        AnatomyError, match="expected an AnatomyLifter or VideoPose, got Functional"
    ):
        compile_arguments(part)
