"""One set of the reference implementation's arrays, in this package's terms.

Its own file, because the tests of the training form and of its weights read it.
"""

from pathlib import Path

import numpy as np

from anatomy_tf.models import AnatomyLifter
from anatomy_tf.weights import anatomy3d

BATCH = ("positions", "joint_shifts_1", "joint_shifts_2", "bone_directions_1", "bone_directions_2")
TERMS = {
    "positions": "pos",
    "sampled_positions": "pos_rand",
    "augmented_positions": "pos_randaug",
    "bone_lengths": "raw_length",
    "augmented_bone_lengths": "raw_lengthaug",
    "bone_directions_1": "raw_direct_1",
    "bone_directions_2": "raw_direct_2",
    "joint_shifts_1": "raw_js_1",
    "joint_shifts_2": "raw_js_2",
}
"""For each output its loss term's name in the arrays."""


class ReferenceSet:
    """The arrays of one file of ``make_golden.py``, see there."""

    def __init__(self, name: str) -> None:
        with np.load(Path(__file__).with_name(f"{name}.npz")) as archive:
            self.arrays = {key: archive[key] for key in archive.files}
        self.causal = bool(self.arrays["causal"])

    def under(self, prefix: str) -> dict[str, np.ndarray]:
        start = f"{prefix}/"
        return {k.removeprefix(start): v for k, v in self.arrays.items() if k.startswith(start)}

    def model(self) -> AnatomyLifter:
        """The training form with the set's parameters, without dropout."""
        state = self.under("state")
        model = AnatomyLifter(
            filter_widths=self.arrays["widths"].tolist(),
            channels=len(state["expand_conv.weight"]),
            causal=self.causal,
            dropout=0.0,
        )
        anatomy3d.load_state(model, state)
        return model

    def inputs(self) -> dict[str, np.ndarray]:
        window = self.arrays["input/x"]
        return {
            "keypoints": window[..., :2],
            "visibility": window[..., 2],
            "sampled_keypoints": self.arrays["input/x_rand"],
            "augmented_keypoints": self.arrays["input/x_randaug"],
        }

    def outputs(self) -> dict[str, np.ndarray]:
        given = self.under("output")
        outputs = {
            "positions": given["pos"],
            "bone_lengths": anatomy3d.bones_to_ours(given["bonelength"]),
            "augmented_bone_lengths": anatomy3d.bones_to_ours(given["bonelength_aug"]),
            "sampled_positions": given["pos_rand"],
            "augmented_positions": given["pos_randaug"],
        }
        for q in (1, 2):
            directions = given[f"bonedirect_{q}"].reshape(-1, 16, 3)
            outputs[f"bone_directions_{q}"] = anatomy3d.directions_to_ours(directions)
            outputs[f"joint_shifts_{q}"] = given[f"js_{q}"]
        return outputs

    def step(self, name: str) -> dict[str, np.ndarray]:
        """Arrays of a training step; what equals ``train_step``'s is stored there."""
        return {**self.under("train_step"), **self.under(name)}

    def step_inputs(self, name: str) -> dict[str, np.ndarray]:
        """Inputs with the frame that has a position loss first, where the model takes it from."""
        frame = int(self.step(name)["frame"])
        inputs = self.inputs()
        count = inputs["sampled_keypoints"].shape[1]
        order = [frame, *(i for i in range(count) if i != frame)]
        for key in ("sampled_keypoints", "augmented_keypoints"):
            inputs[key] = inputs[key][:, order]
        return inputs

    def step_targets(self, name: str) -> dict[str, np.ndarray]:
        step = self.step(name)
        return {
            **dict.fromkeys(BATCH, step["target/pos"]),
            "bone_lengths": anatomy3d.bones_to_ours(step["target/bonelen"]),
            "augmented_bone_lengths": anatomy3d.bones_to_ours(step["target/bonelen_aug"]),
            "sampled_positions": step["target/pos_rand"],
            "augmented_positions": step["target/pos_randaug"],
        }
