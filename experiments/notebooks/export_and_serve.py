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
# # Export and serve
#
# This notebook exports a trained model to files that run without this package: a SavedModel for
# TensorFlow and TensorFlow Serving, a LiteRT file for phones, and an ONNX file for everything
# else. Each lifts the same clip, and the results are compared with the package's. Then the
# SavedModel is served and used over the network.
#
# It needs `pip install "anatomy_tf[litert,onnx,serve]"`.

# %%
import anatomy_tf  # before TensorFlow: its start notes stay away

# %%
import json
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
import tensorflow as tf

from anatomy_tf.export import export_onnx, export_saved_model
from anatomy_tf.export.litert import export_litert
from anatomy_tf.files.loopback import free_ports
from anatomy_tf.formats import sample_keypoints
from anatomy_tf.inference import LiteRTLifter
from anatomy_tf.serving import Client, ServingOptions, running_server

workspace = tempfile.TemporaryDirectory()
folder = Path(workspace.name)
clip = anatomy_tf.load_keypoints(sample_keypoints())[0]
lifter = anatomy_tf.Lifter.load("compact")
clip = clip.mapped(lifter.skeleton).filled()
expected = lifter.lift(clip).positions


def millimetres(positions):
    """Largest distance of a joint from where the package puts it."""
    return 1000 * np.linalg.norm(positions - expected, axis=-1).max()


# %% [markdown]
# ## SavedModel
#
# `lift` takes pixels, visibility, image size and frame rate of any number of clips of any length,
# and returns metres. `describe` returns a description of the model. The code after `load` uses
# TensorFlow only.

# %%
version = export_saved_model(lifter.weights, folder / "compact", licence="MIT")
loaded = tf.saved_model.load(version)
print("signatures:", ", ".join(sorted(loaded.signatures)))
answer = loaded.signatures["lift"](
    pixels=tf.constant(clip.keypoints[None]),
    visibility=tf.constant(clip.visibility[None]),
    image_size=tf.constant([[clip.width, clip.height]], tf.float32),
    fps=tf.constant([clip.fps], tf.float32),
    frames=tf.constant([len(clip)]),
)
print(f"SavedModel: {millimetres(answer['positions'][0].numpy()):.4f} mm apart")

# %% [markdown]
# ## LiteRT and ONNX
#
# The inputs of both are those of the network: normalised coordinates at the model's frame rate.
# `LiteRTLifter` does the rest as `Lifter` does, without Keras.

# %%
file = export_litert(lifter.weights, folder / "compact.tflite")
print(f"LiteRT: {millimetres(LiteRTLifter(file).lift(clip).positions):.4f} mm apart")

file = export_onnx(lifter.weights, folder / "compact.onnx")
session = onnxruntime.InferenceSession(file)
ready = clip.resampled(lifter.fps)
inputs = {"keypoints": ready.normalized()[None], "visibility": ready.visibility[None]}
(positions,) = session.run(["positions"], inputs)
estimate = lifter.estimate(ready.normalized(), ready.visibility).positions
apart = positions[0] - (estimate - estimate[:, :1])  # relative to the pelvis, as `lift` gives them
print(f"ONNX: {1000 * np.linalg.norm(apart, axis=-1).max():.4f} mm apart")
for file in sorted(folder.glob("compact.*")):
    print(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")

# %% [markdown]
# `anatomy-tf info compact.onnx` describes such a file; `anatomy-tf export` writes them.


# %%
options = ServingOptions(model=str(folder / "compact"))
port, rest_port = free_ports(2)
with (
    running_server(options, port=port, rest_port=rest_port) as addresses,
    Client(addresses.rest, "compact") as client,
):
    client.wait_until_ready()
    print("description:", json.dumps(client.description, default=str)[:200], "...")
    poses = client.lift(clip)
print(f"served: {millimetres(poses.positions):.4f} mm apart")

# %%
workspace.cleanup()
