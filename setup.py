"""Packaging of anatomy_tf.

The top-level folders ``datasets/`` and ``saved_models/`` install as ``anatomy_tf_datasets`` and
``anatomy_tf_saved_models``: the import name ``datasets`` belongs to Hugging Face.
"""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
INIT = (HERE / "anatomy_tf/__init__.py").read_text(encoding="utf-8")
VERSION = re.search(r'__version__ = "([^"]+)"', INIT)[1]
README = HERE / "README.md"
RENAMED = {"anatomy_tf_datasets": "datasets", "anatomy_tf_saved_models": "saved_models"}

VIDEO = ["imageio-ffmpeg>=0.5"]
MEDIAPIPE = ["mediapipe>=1.2", *VIDEO]
VISUALIZATION = ["matplotlib>=3.8", "pillow>=10", "imageio>=2.34", *VIDEO]
TRAIN = ["tensorflow>=2.20,<2.22", "keras>=3.13,<3.16", "tensorboard>=2.20"]
STREAM = [
    # Streams' products (network/few_rows.py); Numba says which llvmlite.
    "numba>=0.65",
    "llvmlite",
]
LIVE = [*MEDIAPIPE, *STREAM, "websockets>=15"]
DATAFRAMES = ["pandas>=2.2", "xarray>=2024.7"]
DATASETS = [
    *TRAIN,
    "tensorflow-datasets>=4.9.10",
    # Its download_and_prepare imports it.
    "importlib_resources>=6.4",
    "cdflib>=1.3",
    "h5py>=3.11",
]
SERVE = [
    *TRAIN,
    "ray[serve]>=2.60",
    # Of TensorFlow's own version.
    "tensorflow-serving-api>=2.20,<2.22",
    # What both bring and the server imports itself.
    "grpcio",
    "protobuf",
    "pyyaml",
    "starlette",
]
C3D = ["ezc3d>=1.5"]
CAMERAS = ["pyyaml>=6"]
SLEAP = ["sleap-io>=0.9"]
LITERT = ["ai-edge-litert>=2.3", "ai-edge-quantizer>=0.10"]
ONNX = ["onnx>=1.23", "onnxruntime>=1.20", "tf2onnx>=1.17"]
DOCS = ["sphinx>=9", "myst-nb>=1.4", "furo>=2025.9", "sphinx-copybutton>=0.5"]
EXTRAS = {
    # Trains and exports models (anatomy_tf.models, layers, losses, training, export).
    "train": TRAIN,
    # Streams with a compiled product; without it they are slower.
    "stream": STREAM,
    "visualization": VISUALIZATION,
    # For the builders of anatomy_tf_datasets.
    "datasets": DATASETS,
    # Builds them with TFDS's own command, in a pipeline of many machines if wanted; Beam's protobuf
    # is older than the server's.
    "beam": [*DATASETS, "apache-beam>=2.70", "mlcroissant>=1.0"],
    # What README's first command needs: pictures and an animation.
    "demo": VISUALIZATION,
    # Writes and reads C3D files (formats/poses/c3d.py).
    "c3d": C3D,
    # Reads OpenCV's camera files in YAML (formats/motion/camera_file.py).
    "cameras": CAMERAS,
    # Find the people of a video (anatomy_tf/detection): "video" brings one detector.
    "video": MEDIAPIPE,
    "mediapipe": MEDIAPIPE,
    # A camera in, poses in the browser (anatomy-tf live): a detector, and the page's server.
    "live": LIVE,
    "rtmlib": ["rtmlib>=0.0.16", *VIDEO],
    # Serves exported models (anatomy-tf serve), and asks such servers over gRPC.
    "serve": SERVE,
    # Runs models for phones, and with train writes them (anatomy-tf export --to litert).
    "litert": LITERT,
    # Runs models in ONNX Runtime, and with train writes them (anatomy-tf export --to onnx).
    "onnx": ONNX,
    # Keypoints and poses as labelled arrays (to_dataframe, to_xarray).
    "dataframes": DATAFRAMES,
    # Writes models for phones, browsers and servers (anatomy-tf export).
    "export": [*TRAIN, *LITERT, *ONNX],
    # Reads SLEAP's own files (formats/keypoints/sleap_package.py).
    "sleap": SLEAP,
    # Another backend of Keras: KERAS_BACKEND=jax.
    "jax": ["keras>=3.13,<3.16", "jax>=0.6"],
    # Reads checkpoints that users bring (anatomy-tf weights import).
    "torch": ["torch>=2.7"],
    # All of the above that works on one machine's CPU; one detector, and Keras with TensorFlow.
    "all": [
        *LIVE,
        *VISUALIZATION,
        *DATAFRAMES,
        *C3D,
        *CAMERAS,
        *SLEAP,
        *TRAIN,
        *DATASETS,
        *LITERT,
        *ONNX,
        *SERVE,
    ],
    # All that the tests import and .ci/run runs; they draw and build data sets too.
    "test": [
        *TRAIN,
        *STREAM,
        *VISUALIZATION,
        *DATASETS,
        *LITERT,
        *ONNX,
        *SERVE,
        *DATAFRAMES,
        "pytest>=8",
        "pytest-xdist>=3.6",
        "hypothesis>=6.100",
        "ruff>=0.6",
        "mypy>=1.11",
        # Pyright's analysis, on a user's script.
        "basedpyright>=1.31",
        "import-linter>=2.5",
        "jupytext>=1.16",
        # tensorflow_datasets.testing imports it.
        "dill>=0.3.8",
        "websockets>=15",
        *C3D,
        # Other programs' readers of what we write.
        "pybvh>=0.9",
        "pygltflib>=1.16",
    ],
    # For the tests that click through the HTML viewer; they also need Chromium on PATH.
    "browser": ["playwright>=1.50"],
    # Builds the documentation site: sphinx-build -W docs docs/_build.
    "docs": [*TRAIN, *VISUALIZATION, *DOCS],
    "notebooks": [*TRAIN, *VISUALIZATION, "jupyterlab>=4.2", "jupytext>=1.16"],
}

setup(
    name="anatomy_tf",
    version=VERSION,
    description="Lift 2D keypoint video to anatomically consistent 3D human pose, in Keras",
    long_description=README.read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license_expression="MIT",
    license_files=["LICENSE"],
    keywords=["3D human pose estimation", "2D-to-3D lifting", "keypoints", "Keras", "TensorFlow"],
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Environment :: Console",
        "Intended Audience :: Developers",
        "Intended Audience :: Science/Research",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Scientific/Engineering :: Image Recognition",
        "Typing :: Typed",
    ],
    python_requires=">=3.11",
    packages=[
        *find_packages(include=["anatomy_tf", "anatomy_tf.*"]),
        *RENAMED,
        *(
            f"{package}.{inner}"
            for package, folder in RENAMED.items()
            for inner in find_packages(folder)
        ),
    ],
    package_dir=RENAMED,
    package_data={
        "anatomy_tf": [
            "py.typed",
            "**/*.pyi",
            "visualization/viewer/page/*",
            "export/serving_templates/*",
        ],
        "anatomy_tf_datasets": ["samples/**/*", "*/*.bib", "*/*.md", "*/*.txt"],
        "anatomy_tf_saved_models": ["*/*"],
    },
    install_requires=[
        "numpy>=2.0",
        "scipy>=1.13",
        # Reads the weights of a model file.
        "h5py>=3.11",
        # Keeps BLAS from starting more threads than there are cores.
        "threadpoolctl>=3.5",
        "rich>=13.7",
        "tyro>=0.9",
        # Judges the versions of installed extras (anatomy-tf doctor).
        "packaging>=24",
    ],
    extras_require=EXTRAS,
    entry_points={"console_scripts": ["anatomy-tf=anatomy_tf.cli.main:main"]},
)
