# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Train the network with `model.fit`
#
# This notebook trains a small form of the network of *Anatomy-aware 3D Human Pose Estimation in
# Videos*, in minutes on a CPU. No data set is needed: random bodies move, virtual cameras film
# them, and a simulated detector finds their joints.
#
# The settings in the next cell are small; `ANATOMY_TF_NOTEBOOK=tiny` in the environment makes
# them even smaller, to test the notebook. For real motion see
# `experiments/motion_capture/compact.py`.

# %%
import anatomy_tf  # noqa: F401  # before Keras: TensorFlow's start notes stay away

# %%
import os
import tempfile
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from anatomy_tf.cameras import denormalize_screen
from anatomy_tf.data import Batches, SequenceStore, render_views, split_by_subject
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.evaluation import compare, evaluate_store
from anatomy_tf.inference import Lifter, store_estimates
from anatomy_tf.losses import compile_arguments
from anatomy_tf.models import AnatomyLifterConfig
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.training import AMSGrad
from anatomy_tf.visualization import contact_sheet

TINY = os.environ.get("ANATOMY_TF_NOTEBOOK") == "tiny"
PEOPLE, HELD_OUT, SECONDS = (2, 1, 1) if TINY else (10, 2, 8)
EPOCHS, STEPS = (2, 3) if TINY else (5, 80)
WIDTHS, CHANNELS = ((3,), 8) if TINY else ((3, 3, 3), 64)

keras.utils.set_random_seed(0)

# %% [markdown]
# ## Motion, cameras, detections
#
# Every person walks, runs, reaches, squats, sits and turns. The test people are not used for
# training. `render_views` places cameras and simulates a detector, with noise, missed joints and
# visibility scores; `SequenceStore` stores all frames.

# %%
clips = procedural_motion(people=PEOPLE + HELD_OUT, seconds=SECONDS, fps=50, seed=0)
people = sorted({clip.subject for clip in clips})
train_clips, test_clips = split_by_subject(clips, people[-HELD_OUT:])
train_store = SequenceStore.from_views(render_views(train_clips, cameras_per_clip=2))
test_store = SequenceStore.from_views(render_views(test_clips, cameras_per_clip=1))
print(f"{train_store.frame_count:,} frames to train on, {test_store.frame_count:,} to test on")

# %% [markdown]
# ## The network
#
# The network sees 27 frames, has two stacked direction sub-networks, and uses 8 frames of the
# video for bone lengths. The model is a functional `keras.Model`. `Batches.for_model` gives it
# the inputs and targets that it needs, and `compile_arguments` one loss for each output, with the
# weights of Eq. 7.

# %%
model = AnatomyLifterConfig(filter_widths=WIDTHS, channels=CHANNELS, sampled_frames=8).build()
batches = Batches.for_model(model, train_store, batch_size=128 if not TINY else 16)
model.compile(optimizer=AMSGrad(1e-3), **compile_arguments(model))
print(f"{model.count_params():,} parameters, {batches.window_count:,} windows an epoch")
history = model.fit(batches, epochs=EPOCHS, steps_per_epoch=STEPS, verbose=2)

# %%
figure, axes = plt.subplots(figsize=(7, 3.5), layout="constrained")
for name in ("positions", "bone_lengths", "bone_directions_2", "joint_shifts_2"):
    axes.semilogy(range(1, EPOCHS + 1), history.history[f"{name}_loss"], label=name)
axes.set(xlabel="epoch", ylabel="loss before its weight")
axes.legend()
plt.show()

# %% [markdown]
# ## Errors on people it has never seen
#
# P1 is the mean distance of the joints in millimetres, P2 the same after aligning each pose with
# the true one. Compare them with those of the mean pose of the training people, which ignores the
# keypoints.

# %%
lifter = Lifter(model)
mean_pose = train_store.positions.mean(axis=0)
estimates = {
    "mean pose": [np.broadcast_to(mean_pose, (n, *mean_pose.shape)) for n in test_store.lengths],
    "anatomy-aware": list(store_estimates(lifter, test_store)),
}
reports = {
    name: evaluate_store(positions, test_store, {"2D source": "simulated detections"})
    for name, positions in estimates.items()
}
compare(reports).to_rich_table()

# %% [markdown]
# ## A clip
#
# To lift, a `KeypointSequence` in pixels is enough, as a detector gives it.

# %%
view = test_store.sequence(0)
width = height = 1000
keypoints = KeypointSequence(
    denormalize_screen(view.keypoints, width, height),
    view.visibility,
    view.skeleton,
    view.fps,
    width,
    height,
    person=view.subject,
    source=view.clip,
)
poses = lifter.lift(keypoints)
with tempfile.TemporaryDirectory() as folder:
    sheet = contact_sheet(keypoints, poses, Path(folder) / "sheet.png", frames=5)
    picture = Image.open(sheet)
    picture.load()
picture.convert("RGB").quantize(64)  # a quarter of the bytes

# %% [markdown]
# ## Save
#
# `model.save("model.keras")` writes one file, and `Lifter.load("model.keras")` reads it.
# `anatomy-tf lift INPUT --model model.keras --output poses.npz` lifts a file with it. For long
# runs that survive interruptions, write an experiment file (`experiments/README.md`).
