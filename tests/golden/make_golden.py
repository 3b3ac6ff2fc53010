"""Makes tests/golden/G1..G4.npz: what the tests need of the reference implementation's arrays.

Origin: ../shared/golden/G1..G4.npz, made by running the published PyTorch implementation of
"Anatomy-aware 3D Human Pose Estimation in Videos" on random weights and random inputs, dropout 0.
They are numbers, not code; the sets are

    G1  27 frames, 32 channels, centred       G3  81 frames, 24 channels, centred
    G2  27 frames, 32 channels, causal        G4  81 frames, 24 channels, causal

Names are the implementation's own, with its axes and its bone order:

    widths, causal                the network
    state/NAME                    every parameter and running statistic
    input/x, x_rand, x_randaug    window (B, R, J, xy and score), sampled and augmented frames
    output/...                    inference-mode outputs; of per-frame positions the first frame
    STEP/frame                    index k of the one sampled frame whose positions have a loss
    STEP/target/...               target poses and lengths; of sampled frames the k-th
    STEP/loss/..., STEP/grad/...  loss terms and gradients; total_seq: totals of five steps
    STEP/after/NAME               state after one AMSGrad step
    STEP/grad_zero_exact          names of the gradients that are zero in exact arithmetic

STEP is ``train_step``; causal sets have ``train_step_last`` too, whose target is the window's
newest frame (``train_step``'s is the middle one, as the implementation has it). What equals
``train_step``'s is stored once. Gradients and new values of ``grad_zero_exact`` are left out: they
hold rounding noise.

Run from the repository, with ../shared beside it:

    python tests/golden/make_golden.py
"""

import os
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[2] / "shared" / "golden"


def small_form(source: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    small = {
        "widths": source["meta/widths"],
        "causal": source["meta/causal"],
        **{name: array for name, array in source.items() if name.startswith("state/")},
    }
    for name in ("x", "x_rand", "x_randaug"):
        small[f"input/{name}"] = source[f"train_eval/{name}"]
    for name in ("bonelength", "bonelength_aug", "bonedirect_1", "bonedirect_2"):
        small[f"output/{name}"] = source[f"train_eval/{name}"]
    for name in ("pos", "js_1", "js_2", "pos_rand", "pos_randaug"):
        small[f"output/{name}"] = source[f"train_eval/{name}"][:, 0]
    for step in ("train_step", "train_step_last"):
        if f"{step}/loss/total" in source:
            first = {} if step == "train_step" else small
            for name, array in step_arrays(source, step).items():
                stored = first.get(f"train_step/{name}")
                if stored is None or not np.array_equal(stored, array):
                    small[f"{step}/{name}"] = array
    return small


def step_arrays(source: dict[str, np.ndarray], step: str) -> dict[str, np.ndarray]:
    frame = int(source[f"{step}/randnum_index"])
    arrays = {
        "frame": source[f"{step}/randnum_index"],
        "grad_zero_exact": source[f"{step}/grad_zero_exact"],
        "target/pos": source[f"{step}/target/pos"][:, 0],
        "target/bonelen": source[f"{step}/target/bonelen"],
        "target/bonelen_aug": source["train_step/bonelen_aug"],
        "target/pos_rand": source["train_step/gt3d_rand"][:, frame],
        "target/pos_randaug": source["train_step/gt3d_aug"][:, frame],
    }
    noise = set(source[f"{step}/grad_zero_exact"].tolist())
    for name, array in source.items():
        kind, _, parameter = name.removeprefix(f"{step}/").partition("/")
        if not name.startswith(f"{step}/") or kind not in ("loss", "grad", "after"):
            continue
        if parameter not in noise and not parameter.endswith("num_batches_tracked"):
            arrays[f"{kind}/{parameter}"] = array
    return arrays


def main() -> None:
    for name in ("G1", "G2", "G3", "G4"):
        with np.load(SOURCE / f"{name}.npz") as archive:
            source = {key: archive[key] for key in archive.files}
        beside = HERE / f".{name}.npz"
        np.savez_compressed(beside, **small_form(source))
        target = HERE / f"{name}.npz"
        os.replace(beside, target)  # noqa: PTH105
        print(target.name, target.stat().st_size)


if __name__ == "__main__":
    main()
