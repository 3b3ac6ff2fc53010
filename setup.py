"""Which folders are packages; pyproject.toml says all else.

The top-level folders ``datasets/`` and ``saved_models/`` install as ``anatomy_tf_datasets`` and
``anatomy_tf_saved_models``: the import name ``datasets`` belongs to Hugging Face.
"""

from setuptools import find_packages, setup

RENAMED = {"anatomy_tf_datasets": "datasets", "anatomy_tf_saved_models": "saved_models"}

setup(
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
)
