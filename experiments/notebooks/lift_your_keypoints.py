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
# # Lift your keypoints
#
# This notebook lifts a detector's 2D keypoints to 3D poses in metres, and turns these into
# pictures, a page that plays them, and files for other programs. The clip comes with the package:
# 100 frames in which OpenPose found a balancing person (Pose2Sim, BSD 3-Clause). Replace its path
# by that of your own file.

# %%
import os
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import anatomy_tf
from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.formats import sample_keypoints
from anatomy_tf.poses import smooth
from anatomy_tf.visualization import contact_sheet, write_viewer

TINY = os.environ.get("ANATOMY_TF_NOTEBOOK") == "tiny"
PATH = sample_keypoints()

# %% [markdown]
# ## Read
#
# The format is recognised by its content (`docs/keypoint_formats.md`). If a file does not state
# frame rate or image size, give them, as in `load_keypoints("json/", fps=30, image_size=(1920,
# 1080))`. You get one sequence for each person, in pixels, with NaN where a joint was not found.

# %%
people = anatomy_tf.load_keypoints(PATH)
keypoints = people[0]
print(
    f"{len(people)} people; the first: {len(keypoints)} frames at {keypoints.fps:g} fps, "
    f"{keypoints.width}x{keypoints.height}, layout {keypoints.skeleton.name}"
)

# %% [markdown]
# ## Lift
#
# `lift` maps the joints by name to the model's 17, closes gaps, resamples the clip to the model's
# frame rate, and resamples the poses back. Positions are relative to the pelvis, in the camera's
# axes: x right, y down, z away from the camera.

# %%
lifter = anatomy_tf.Lifter.load("compact")
poses = lifter.lift(keypoints)
print(f"{poses.positions.shape} metres; bone lengths estimated once, from all frames:")
for name, length in zip(poses.skeleton.bone_names, poses.bone_lengths, strict=True):
    print(f"  to {name:<16} {100 * length:5.1f} cm")

# %% [markdown]
# If a cell ends in a sequence, the notebook plays it; long ones are thinned.
# `poses.to_dataframe()` and `poses.to_xarray()` return it for pandas and xarray
# (`docs/notebooks.md`).

# %%
poses

# %% [markdown]
# ## Constant bones
#
# Poses are fitted to the keypoints with one length for each bone. Without the fit (`fit=False`)
# they are the network's own, as exported models give them, and bone lengths vary a little.

# %%
own = lifter.lift(keypoints, fit=False)
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
bone = poses.skeleton.bone_names.index("left_knee")
for name, clip in (("fitted", poses), ("the network's own", own)):
    lengths = bone_lengths(clip.positions, clip.skeleton)[:, bone]
    axes.plot(np.arange(len(lengths)) / clip.fps, 100 * lengths, label=name)
axes.set(xlabel="seconds", ylabel="left thigh, cm")
axes.legend()
plt.show()

# %% [markdown]
# ## Smooth
#
# Give the filter's name and its cut-off in Hz: about 6 for walking, 10 and more for sports.

# %%
smoother = smooth(poses, "butterworth", cutoff=6.0)
wrist = poses.skeleton.index("left_wrist")
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
for name, clip in (("as lifted", poses), ("butterworth, 6 Hz", smoother)):
    axes.plot(np.arange(len(clip)) / clip.fps, 100 * clip.positions[:, wrist, 1], label=name)
axes.invert_yaxis()  # y points down
axes.set(xlabel="seconds", ylabel="left wrist below pelvis, cm")
axes.legend()
plt.show()

# %% [markdown]
# ## Look, and take it elsewhere
#
# The next cell shows a picture. It also writes `viewer.html`, which plays in any browser, and
# BVH, TRC, C3D and glTF files for Blender, OpenSim, Unity and other programs (`docs/exports.md`).
# Replace the temporary folder by your own.

# %%
with tempfile.TemporaryDirectory() as folder:
    out = Path(folder)
    sheet = contact_sheet(keypoints, smoother, out / "sheet.png", frames=2 if TINY else 3)
    write_viewer([smoother], out / "viewer.html", keypoints=[keypoints], title="Balancing")
    for name in ("poses.npz", "poses.csv", "poses.bvh", "poses.glb"):
        anatomy_tf.save_poses(out / name, [smoother])
    for path in sorted(out.iterdir()):
        print(f"{path.name:<12} {path.stat().st_size / 1000:8.1f} kB")
    picture = Image.open(sheet)
    picture.load()
picture.convert("RGB").quantize(64)  # a quarter of the bytes
