"""Packaging of anatomy_tf.

The top-level folder ``datasets/`` installs as ``anatomy_tf_datasets``: the import name ``datasets``
belongs to Hugging Face.
"""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(r'__version__ = "([^"]+)"', (HERE / "anatomy_tf/__init__.py").read_text())[1]
README = HERE / "README.md"

VISUALIZATION = ["matplotlib>=3.8", "imageio>=2.34", "imageio-ffmpeg>=0.5"]
EXTRAS = {
    "visualization": VISUALIZATION,
    "test": ["pytest>=8", "hypothesis>=6.100", "ruff>=0.6", "mypy>=1.11", "import-linter>=2.0"],
    "notebooks": ["jupytext>=1.16", "nbclient>=0.10", "ipykernel>=6.29"],
}
# What README's first command needs: pictures and an animation.
EXTRAS["demo"] = VISUALIZATION

setup(
    name="anatomy_tf",
    version=VERSION,
    description="Lift 2D keypoint video to anatomically consistent 3D human pose, in Keras",
    long_description=README.read_text() if README.exists() else "",
    long_description_content_type="text/markdown",
    license="MIT",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    packages=[
        *find_packages(include=["anatomy_tf", "anatomy_tf.*"]),
        "anatomy_tf_datasets",
        "anatomy_tf_saved_models",
    ],
    package_dir={
        "anatomy_tf_datasets": "datasets",
        "anatomy_tf_saved_models": "saved_models",
    },
    package_data={
        "anatomy_tf": ["py.typed"],
        "anatomy_tf_datasets": ["samples/*/*"],
        "anatomy_tf_saved_models": ["*/*.keras", "*/*.md", "*/*.json"],
    },
    install_requires=[
        "tensorflow>=2.21,<2.22",
        "keras>=3.15,<3.16",
        "tensorflow-datasets>=4.9.10",
        "numpy>=2.0",
        "scipy>=1.13",
        "tensorboard>=2.20",
        "rich>=13.7",
        "tyro>=0.9",
    ],
    extras_require=EXTRAS,
    entry_points={"console_scripts": ["anatomy-tf=anatomy_tf.cli.main:main"]},
)
