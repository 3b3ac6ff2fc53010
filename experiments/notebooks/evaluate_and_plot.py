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
# # Evaluate and plot
#
# This notebook measures how far a model's poses are from the truth, by person, action, joint and
# frame. It evaluates the shipped `compact` model on people who were never recorded: procedural
# motion, seen by virtual cameras with a simulated detector. If you have Human3.6M, replace
# `store` by `anatomy_tf.data.load("human36m/cpn", split="test")`; everything else stays the same.

# %%
import os
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import anatomy_tf
from anatomy_tf.data import SequenceStore, render_views
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.evaluation import compare, evaluate_store
from anatomy_tf.inference import store_estimates
from anatomy_tf.metrics import mpjpe
from anatomy_tf.visualization.evaluation_folder import save_plots

TINY = os.environ.get("ANATOMY_TF_NOTEBOOK") == "tiny"
PEOPLE, SECONDS = (1, 1) if TINY else (3, 8)

clips = procedural_motion(people=PEOPLE, seconds=SECONDS, fps=50, seed=7)
store = SequenceStore.from_views(render_views(clips, cameras_per_clip=2))
print(f"{store.frame_count:,} frames of {len(set(store.subjects))} people to evaluate on")

# %% [markdown]
# ## One number, and what it hides
#
# `store_estimates` lifts every sequence as a whole, with flip averaging. `evaluate_store`
# computes P1 (mean joint distance), P2 (the same after aligning each pose with the true one),
# velocity, PCK and bone lengths, by action and by person.

# %%
lifter = anatomy_tf.Lifter.load("compact")
estimates = list(store_estimates(lifter, store))
report = evaluate_store(estimates, store, {"model": "compact", "2D source": "simulated"})
report.to_rich_table()

# %% [markdown]
# ## Is the mirror image worth its time?

# %%
plain = list(store_estimates(lifter, store, flip=False))
reports = {
    "flip averaged": report,
    "no flip": evaluate_store(plain, store, {"model": "compact", "2D source": "simulated"}),
}
compare(reports).to_rich_table()

# %% [markdown]
# ## Where it goes wrong
#
# First by joint: the ends of the limbs have the largest errors. Then the plots that `anatomy-tf
# evaluate --folder` writes; look at the worst frames first.

# %%
errors = mpjpe(np.concatenate(estimates), store.positions)
per_joint = np.linalg.norm(np.concatenate(estimates) - store.positions, axis=-1).mean(axis=0)
for joint in np.argsort(-per_joint)[:5]:
    print(f"{store.skeleton.joint_names[joint]:<16} {1000 * per_joint[joint]:6.1f} mm")
print(f"median of the frames {1000 * np.median(errors):.1f} mm, worst {1000 * errors.max():.1f} mm")

# %%
with tempfile.TemporaryDirectory() as folder:
    save_plots("compact", report, estimates, store, Path(folder))
    pictures = {path.stem: Image.open(path) for path in sorted(Path(folder).glob("*.png"))}
    for picture in pictures.values():
        picture.load()
print(", ".join(pictures))

# %%
pictures["worst_frames"].convert("RGB").quantize(64)  # a quarter of the bytes

# %% [markdown]
# ## In a paper
#
# `report.save("folder")` writes the report as JSON, Markdown, CSV and LaTeX. It states the source
# of the 2D keypoints, flip averaging and the version of the data; state them in the paper's
# table, too.
