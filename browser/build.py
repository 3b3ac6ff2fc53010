"""Builds a page that lifts keypoints in the browser, in a folder that any web server can serve.

    python browser/build.py --output browser/dist && python -m http.server -d browser/dist

Needs npm (for onnxruntime-web, which is put into the folder: nothing is fetched while the page is
open) and ``pip install 'anatomy_tf[onnx]'``.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tyro
from numpy.typing import NDArray

import anatomy_tf
from anatomy_tf.errors import AnatomyError
from anatomy_tf.export import export_onnx
from anatomy_tf.formats import sample_keypoints
from anatomy_tf.inference import Lifter
from anatomy_tf.network.arrays import NumPyArrays
from anatomy_tf.network.preparation import network_keypoints

HERE = Path(__file__).resolve().parent
PAGE = ("index.html", "page.js")
RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")


def build(
    output: Path = HERE / "dist",
    model: str = "compact",
    keypoints: Annotated[Path | None, tyro.conf.arg(metavar="PATH")] = None,
) -> None:
    """Build the page.

    Args:
        output: folder to make; what a build left there is replaced.
        model: a shipped model's name or the path of a .keras file; a centred one.
        keypoints: of the clip to lift, by default the shipped sample.
    """
    if output.exists() and not (output / "page.js").is_file():
        raise AnatomyError(f"{output}: expected a folder that this program built, or none")
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".page-") as folder:
        beside = Path(folder) / "page"
        beside.mkdir()
        for name in PAGE:
            shutil.copy(HERE / name, beside)
        _vendor(Path(folder) / "npm", beside)
        lifter = Lifter.load(model)
        export_onnx(lifter.weights, beside / "model.onnx")
        (beside / "clip.json").write_text(json.dumps(_clip(lifter, keypoints)))
        if output.exists():
            shutil.rmtree(output)
        beside.rename(output)
    megabytes = sum(file.stat().st_size for file in output.iterdir()) / 1e6
    print(f"{output}: {megabytes:.1f} MB")


def _vendor(folder: Path, target: Path) -> None:
    """Take the files of onnxruntime-web from npm, of the versions of package-lock.json."""
    npm = shutil.which("npm")
    if npm is None:
        raise AnatomyError("npm was not found: install Node.js")
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip() or done.stdout.strip()).partition("\n")[0]
        raise AnatomyError(f"npm ci failed: {reason}")
    package = folder / "node_modules/onnxruntime-web"
    for name in RUNTIME:
        shutil.copy(package / "dist" / name, target)


def _clip(lifter: Lifter, path: Path | None) -> dict[str, Any]:
    """Return the clip as the network takes it, and the skeleton to draw."""
    clip = anatomy_tf.load_keypoints(path or sample_keypoints())[0]
    ready = clip.mapped(lifter.skeleton).filled().resampled(lifter.fps)

    def rounded(values: NDArray[np.floating], digits: int) -> list[Any]:
        return np.asarray(values, np.float64).round(digits).tolist()

    # The model's unit, in pixels alike over the whole image: half its width, or the focal length.
    size, points = np.array([[ready.width, ready.height]]), np.array([[[[0.0, 0.0], [1.0, 0.0]]]])
    seen = network_keypoints(points, size, lifter.canonical, NumPyArrays())[0, 0, :, 0]
    return {
        "unitsPerPixel": float(seen[1] - seen[0]),
        "fps": ready.fps,
        "width": ready.width,
        "height": ready.height,
        "keypoints": rounded(ready.keypoints, 2),
        "visibility": rounded(ready.visibility, 3),
        "joints": list(lifter.skeleton.joint_names),
        "parents": list(lifter.skeleton.parents),
    }


if __name__ == "__main__":
    try:
        tyro.cli(build)
    except AnatomyError as error:
        raise SystemExit(f"build.py: error: {error}") from None
