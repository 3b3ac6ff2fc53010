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
# # Stream
#
# This notebook lifts while a camera runs, with bounded memory and the same cost for every frame;
# people may come and go. The frames of the shipped clip replace the camera here. In your program,
# call `push` with the keypoints of each new frame.

# %%
import os
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import anatomy_tf
from anatomy_tf.formats import sample_keypoints

TINY = os.environ.get("ANATOMY_TF_NOTEBOOK") == "tiny"
clip = anatomy_tf.load_keypoints(sample_keypoints())[0]
frames = 20 if TINY else len(clip)

# %% [markdown]
# ## Frame by frame
#
# A causal model returns each pose at once; a centred one, like `compact`, is `latency` frames
# late. A joint that was not found is NaN. It stays where it was last seen, and its visibility
# fades.

# %%
lifter = anatomy_tf.Lifter.load("compact")
stream = lifter.stream(image_size=(clip.width, clip.height), skeleton=clip.skeleton, fps=clip.fps)
print(f"latency: {stream.latency} frames of 1/{stream.model_fps:g} s")

poses, milliseconds = [], []
for frame in range(frames):
    start = time.perf_counter()
    pose = stream.push(clip.keypoints[frame : frame + 1], clip.visibility[frame : frame + 1])
    milliseconds.append(1000 * (time.perf_counter() - start))
    poses.append(pose[0])
poses = np.array(poses)
seen = ~np.isnan(poses[:, 0, 0])
print(f"{frames} frames pushed, {seen.sum()} poses; median {np.median(milliseconds):.2f} ms a push")

# %% [markdown]
# Bone lengths become steady as more frames are seen; those of a clip use all frames at once.

# %%
print("bone lengths so far, cm:", np.round(100 * stream.bone_lengths[0][:6], 1))

# %% [markdown]
# ## Save and continue
#
# The memory of a stream consists of a few arrays. Save it when the program stops, and load it
# when the program continues.
#
# `anatomy-tf stream` does the same for lines of keypoints on standard input or a socket.

# %%
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "stream.npz"
    stream.save(path)
    again = lifter.stream(
        image_size=(clip.width, clip.height), skeleton=clip.skeleton, fps=clip.fps
    )
    again.load(path)
    print(f"{path.stat().st_size / 1000:.0f} kB")
here, there = stream.push(clip.keypoints[-1:]), again.push(clip.keypoints[-1:])
assert np.array_equal(here, there, equal_nan=True)

# %%
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
wrist = stream.skeleton.index("left_wrist")
axes.plot(np.arange(frames)[seen], 100 * poses[seen, wrist, 1])
axes.invert_yaxis()  # y points down
axes.set(xlabel="frame pushed", ylabel="left wrist below pelvis, cm")
plt.show()

# %% [markdown]
# `anatomy-tf stream` does the same for keypoint lines on standard input or a socket.
