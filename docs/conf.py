"""Sphinx's settings: the guides beside this file, notebooks, and the API from the docstrings.

sphinx-build -W --keep-going docs docs/_build
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.util
import inspect
import io
import os
import re
import shutil
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer

import anatomy_tf
from anatomy_tf.cli.main import main

project = "anatomy_tf"
author = "the anatomy_tf authors"
version = release = anatomy_tf.__version__

extensions = [
    # Markdown and notebooks.
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# The outputs are those that the notebooks were committed with.
nb_execution_mode = "off"
copybutton_prompt_text = r"\$ |>>> "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_show_copyright = False
html_title = f"anatomy_tf {release}"
html_static_path = ["_static"]
html_css_files = ["narrow_screens.css"]

autodoc_default_options = {"members": True}
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_type_aliases = {"ArrayLike": "ArrayLike"}
autodoc_preserve_defaults = True
# Keras's own are not written for Sphinx.
autodoc_inherit_docstrings = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
napoleon_use_ivar = True
# The signature shows them; "numpy.str_" would be a link here.
napoleon_attr_annotations = False
napoleon_custom_sections = ["Inputs", "Outputs"]


DOCS = Path(__file__).parent
NOTEBOOKS = DOCS.parent / "experiments/notebooks"
LINK = re.compile(r"(?<=\]\()([^)#:\s]+)(?=[#)])")
"""The path of a Markdown link that is no address."""


def included_files() -> dict[Path, Path]:
    """Return files of the repository that a page includes: file to page."""
    found = {}
    for page in DOCS.rglob("*.md"):
        include = re.search(r"^```\{include\} (\S+)$", page.read_text(encoding="utf-8"), re.M)
        if include:
            found[(page.parent / include[1]).resolve()] = page
    return found


def with_site_links(text: str, folder: Path) -> str:
    """Return Markdown whose links hold on the site.

    Args:
        text: in which links are relative to a folder.
        folder: of the file that the text comes from.
    """

    def on_site(link: re.Match[str]) -> str:
        target = (folder / link[1]).resolve()
        target = INCLUDED.get(target, target)
        return f"/{Path(os.path.relpath(target, DOCS)).as_posix()}" if target.is_file() else link[0]

    return LINK.sub(on_site, text)


INCLUDED = included_files()


def link_page(app: Sphinx, page: str, source: list[str]) -> None:
    """Make the links of a page those of the site."""
    source[0] = with_site_links(source[0], (DOCS / page).parent)


def link_included(app: Sphinx, path: Path, page: str, source: list[str]) -> None:
    """Make the links of an included file those of the site."""
    source[0] = with_site_links(source[0], (DOCS / path).resolve().parent)


ARRAY = re.compile(r"~?[\w.]*ndarray\[tuple\[[^]]*\], ~?[\w.]*dtype\[([^]]+)\]\]")


def load_names(room: str) -> None:
    """Load the names that a room gives only when they are used: autodoc looks for loaded ones.

    A constant gets the comment below it in its own module; autodoc looks for it in the room.
    """
    module = importlib.import_module(room)
    analyzer = ModuleAnalyzer.for_module(room)
    analyzer.analyze()
    for name in module.__all__:
        found = getattr(module, name)
        setattr(module, name, found)
        if not inspect.isclass(found) and not inspect.isfunction(found):
            analyzer.attr_docs["", name] = comment_of_constant(module, name)


def comment_of_constant(room: ModuleType, name: str) -> list[str]:
    """Return the lines below a constant, or those of its module's docstring."""
    while origin := imported_from(room, name):
        room = importlib.import_module(origin)
    comments = ModuleAnalyzer.for_module(room.__name__).find_attr_docs()
    lines = comments.get(("", name)) or (inspect.getdoc(room) or "").splitlines()
    return [*lines, "", ":meta hide-value:", ""]


def without_type(
    app: Sphinx, what: str, name: str, found: Any, options: Any, lines: list[str]
) -> None:
    """Keep napoleon from taking what stands before a colon for a type."""
    if what in ("attribute", "data", "property") and lines:
        lines[0] = lines[0].replace(": ", ", ")


def short_arrays(
    app: Sphinx, what: str, name: str, found: Any, options: Any, arguments: str, returns: str
) -> tuple[str, str]:
    """Write arrays' types as the source does: NDArray[float32]."""
    return tuple(text and ARRAY.sub(r"NDArray[\1]", text) for text in (arguments, returns))


def imported_from(module: ModuleType, name: str) -> str | None:
    """Return the module that a module's source imports a name from."""
    source = Path(inspect.getfile(module))
    stub = source.with_suffix(".pyi")
    text = (stub if stub.exists() else source).read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and name in {alias.name for alias in node.names}:
            return importlib.util.resolve_name("." * node.level + node.module, module.__package__)
    return None


def copy_notebooks() -> None:
    """Copy the notebooks to where Sphinx reads pages."""
    pages = DOCS / "notebooks"
    shutil.rmtree(pages, ignore_errors=True)
    pages.mkdir()
    for path in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(path, pages)


def broken(line: str) -> list[str]:
    """Return a line without blanks at its end, and one that is too long for a page as several."""
    return textwrap.wrap(line, 80) if len(line) > 80 else [line.rstrip()]


def write_help() -> None:
    """Write what each command's ``--help`` prints to the files that commands.md includes."""
    folder = DOCS / "commands"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    os.environ["COLUMNS"] = "80"
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    for command in re.findall(r"commands/(\w+)\.txt", page):
        with contextlib.redirect_stdout(io.StringIO()) as text, contextlib.suppress(SystemExit):
            main([*command.split("_"), "--help"])
        # Descriptions are one line each, which a terminal breaks.
        lines = (line for text_line in text.getvalue().splitlines() for line in broken(text_line))
        (folder / f"{command}.txt").write_text("\n".join(lines), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Prepare the notebooks, the commands' help, and the rooms that the reference shows."""
    copy_notebooks()
    write_help()
    for page in sorted((DOCS / "api").glob("*.md")):
        for room in re.findall(r"automodule:: (\S+)", page.read_text(encoding="utf-8")):
            load_names(room)
    app.connect("source-read", link_page)
    app.connect("include-read", link_included)
    app.connect("autodoc-process-signature", short_arrays)
    # Before napoleon, whose priority is 500.
    app.connect("autodoc-process-docstring", without_type, priority=400)
