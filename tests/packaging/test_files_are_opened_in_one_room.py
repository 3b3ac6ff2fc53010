"""People's files are opened by the room files, which has limits, and refuses pipes and devices."""

import ast
from pathlib import Path

import anatomy_tf

PACKAGE = Path(anatomy_tf.__file__).parent
OPENERS = {"read_text", "read_bytes", "open", "fromfile", "loadtxt", "genfromtxt"}

FOREIGN = {"webbrowser", "os"}
"""Modules whose ``open`` is no file's; nor is a class's own, such as ``Video.open``."""

OTHERS = {
    "extras.py": "its own stubs",
    "export/serving_files.py": "its own templates",
    "visualization/viewer/html_page.py": "its own page",
    "inference/self_check.py": "a model that it has loaded",
    "weights/half_precision.py": "a model that it has loaded",
    "weights/checkpoint_file.py": "a file that it has checked, for its digest",
    "detection/model_files/model_cache.py": "downloads, for their digests",
    "detection/model_files/pip_wheel.py": "what pip has fetched, for its digest",
    "training/run_folder.py": "its metrics, to append",
    "training/checkpoint.py": "its own file, to put it on the disk",
    "export/saved_model.py": "its own files, to put them on the disk",
}
"""Modules that open other files, and which."""


def opened_in(module: Path) -> bool:
    """Return whether a module opens files by itself: ``path.open(...)``, ``open(...)``."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        if isinstance(function, ast.Name) and function.id == "open":
            return True
        if not isinstance(function, ast.Attribute) or function.attr not in OPENERS:
            continue
        owner = function.value
        of_class = isinstance(owner, ast.Name) and (owner.id[0].isupper() or owner.id in FOREIGN)
        if not of_class:
            return True
    return False


def test_people_s_files_are_opened_by_the_room_files() -> None:
    opening = {
        module.relative_to(PACKAGE).as_posix()
        for module in PACKAGE.rglob("*.py")
        if module.relative_to(PACKAGE).parts[0] != "files" and opened_in(module)
    }
    assert opening - set(OTHERS) == set(), "read them by anatomy_tf.files"
    assert set(OTHERS) - opening == set(), "these need no exception any more"
