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
# A detector's 2D keypoints in, 3D poses in metres out, and from there into pictures, a page that
# plays, and files for other programs. The clip is the one that ships: 100 frames that OpenPose saw
# of a person balancing (Pose2Sim, BSD 3-Clause). Put the path of your own in its place.

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
# The format is recognised by its content (`docs/keypoint_formats.md`). What a file does not say is
# asked for, as in `load_keypoints("json/", fps=30, image_size=(1920, 1080))`. There is one sequence
# a person, in pixels, with NaN where a joint was not found.

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
# Joints are mapped by name to the model's 17, gaps are closed, the clip is brought to the model's
# frame rate and its poses back to the clip's. Positions are relative to the pelvis, in the camera's
# axes: x right, y down, z away from the camera.

# %%
lifter = anatomy_tf.Lifter.load("compact")
poses = lifter.lift(keypoints)
print(f"{poses.positions.shape} metres; bone lengths estimated once, from all frames:")
for name, length in zip(poses.skeleton.bone_names, poses.bone_lengths, strict=True):
    print(f"  to {name:<16} {100 * length:5.1f} cm")

# %% [markdown]
# A sequence plays where a cell shows it; long ones are thinned. `poses.to_dataframe()` and
# `poses.to_xarray()` give it to pandas and xarray (`docs/notebooks.md`).

# %%
poses

# %% [markdown]
# ## Constant bones
#
# Each joint's position is regressed (section 4.2 of the paper), so bones vary a little between
# frames. `rigid=True` puts joints together from the estimated directions and lengths (Eq. 1)
# instead: what a skeleton in an animation program needs.

# %%
rigid = lifter.lift(keypoints, rigid=True)
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
bone = poses.skeleton.bone_names.index("left_knee")
for name, clip in (("regressed", poses), ("rigid", rigid)):
    lengths = bone_lengths(clip.positions, clip.skeleton)[:, bone]
    axes.plot(np.arange(len(lengths)) / clip.fps, 100 * lengths, label=name)
axes.set(xlabel="seconds", ylabel="left thigh, cm")
axes.legend()
plt.show()

# %% [markdown]
# ## Smooth
#
# By the filter's name and its cut-off in Hz. Walking needs about 6 Hz, sports 10 and more.

# %%
smoother = smooth(rigid, "butterworth", cutoff=6.0)
wrist = poses.skeleton.index("left_wrist")
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
for name, clip in (("as lifted", rigid), ("butterworth, 6 Hz", smoother)):
    axes.plot(np.arange(len(clip)) / clip.fps, 100 * clip.positions[:, wrist, 1], label=name)
axes.invert_yaxis()  # y points down
axes.set(xlabel="seconds", ylabel="left wrist below pelvis, cm")
axes.legend()
plt.show()

# %% [markdown]
# ## Look, and take it elsewhere
#
# A picture here; beside it `viewer.html` plays in any browser, and BVH, TRC, C3D and glTF files go
# into Blender, OpenSim, Unity and the like (`docs/exports.md`). Use a folder of your own in place
# of the temporary one.

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
