"""The documentation's pages are all reachable, their links lead somewhere, their words are true."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from declared_requirements import EXTRAS, REPOSITORY

import anatomy_tf
from anatomy_tf.cli.main import VERBS

DOCS = REPOSITORY / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)
NOTEBOOKS = REPOSITORY / "experiments/notebooks"
"""Sphinx copies them to ``docs/notebooks``."""
BESIDE = [
    REPOSITORY / name
    for name in (
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "CODE_OF_CONDUCT.md",
        "experiments/README.md",
        "experiments/findings.md",
        "browser/README.md",
    )
] + sorted(REPOSITORY.glob("saved_models/*/README.md"))
FENCED = re.compile(
    r"^(?P<fence>`{3,}|~{3,})(?P<kind>[^\n]*)\n(?P<body>.*?)^(?P=fence)", re.M | re.S
)


def name(page: Path) -> str:
    return page.relative_to(REPOSITORY).as_posix()


def prose(page: Path) -> str:
    """The text without blocks of code."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def toctree_entries(page: Path) -> Iterator[Path]:
    for block in FENCED.finditer(page.read_text(encoding="utf-8")):
        if block["kind"] == "{toctree}":
            for line in block["body"].splitlines():
                if line and not line.startswith(":"):
                    yield on_disk(page.parent / line)


def on_disk(page: Path) -> Path:
    """The file of a page that is named without its ending, or of a link's target."""
    page = page.resolve()
    if page.parent == DOCS / "notebooks":
        return NOTEBOOKS / f"{page.stem}.ipynb"
    # The built site's folder of notebooks has the name of a page.
    named = page.with_name(f"{page.name}.md")
    return named if named.is_file() else page


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and MyST make them."""
    titles = re.findall(r"^#+ (.+)$", prose(page), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_there_are_pages() -> None:
    assert len(PAGES) > 30


def test_every_page_is_in_exactly_one_toctree() -> None:
    start = DOCS / "index.md"
    entries = [entry for page in PAGES for entry in toctree_entries(page)]
    assert sorted(entries) == sorted({*PAGES, *NOTEBOOKS.glob("*.ipynb")} - {start})


@pytest.mark.parametrize("page", [*PAGES, *BESIDE], ids=name)
def test_relative_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = on_disk(page.parent / path) if path else page
        assert target.exists(), f"{name(page)}: {link}"
        assert target.is_relative_to(REPOSITORY), f"{name(page)}: {link}"
        if anchor:
            assert anchor in headings(target), f"{name(page)}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_an_included_file_is_there(page: Path) -> None:
    for block in FENCED.finditer(page.read_text(encoding="utf-8")):
        if block["kind"].startswith("{include}"):
            assert (page.parent / block["kind"].split()[1]).is_file()


def test_every_public_room_has_an_api_page() -> None:
    rooms = {
        room
        for room in anatomy_tf.__all__
        if (REPOSITORY / "anatomy_tf" / room / "__init__.py").is_file()
        and hasattr(importlib.import_module(f"anatomy_tf.{room}"), "__all__")
    }
    assert {page.stem for page in (DOCS / "api").glob("*.md")} - {"index"} == rooms
    for room in rooms:
        text = (DOCS / f"api/{room}.md").read_text(encoding="utf-8")
        assert f".. automodule:: anatomy_tf.{room}\n" in text


def texts_of_the_package() -> Iterator[str]:
    """Literal text, where strings beside each other are one and values are a mark."""
    for path in (REPOSITORY / "anatomy_tf").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                yield "".join(
                    part.value if isinstance(part, ast.Constant) else "\0" for part in node.values
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_troubleshooting_quotes_messages_of_the_package() -> None:
    quoted = re.findall(r"^> `(.+)`$", (DOCS / "troubleshooting.md").read_text("utf-8"), re.M)
    assert len(quoted) > 20
    texts = "\n".join(texts_of_the_package())
    for message in quoted:
        for part in message.split("…"):
            assert part.strip(" :") in texts, f"{message}: {part!r}"


def test_install_names_every_extra() -> None:
    text = (DOCS / "install.md").read_text(encoding="utf-8")
    rows = "\n".join(re.findall(r"^\| (`[^|]+) \|", text, re.M))
    assert set(EXTRAS) <= set(re.findall(r"`(\w+)`", rows))


def test_the_page_of_commands_shows_every_one() -> None:
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    shown = re.findall(r"^### (.+)\n\n```\{literalinclude\} commands/(\w+)\.txt$", page, re.M)
    assert all(title.replace(" ", "_") == file for title, file in shown)
    assert {title.split()[0] for title, _ in shown} == set(VERBS)


def python_blocks() -> list[tuple[str, str]]:
    """Return where each example of Python stands, and its text."""
    blocks = []
    for page in [*PAGES, *BESIDE]:
        text = page.read_text(encoding="utf-8")
        for block in FENCED.finditer(text):
            if block["kind"].strip() == "python" and ">>>" not in block["body"]:
                line = text.count("\n", 0, block.start()) + 1
                blocks.append((f"{name(page)}:{line}", block["body"]))
    return blocks


@pytest.mark.slow
@pytest.mark.parametrize(("where", "body"), python_blocks(), ids=lambda value: value[:40])
def test_what_an_example_takes_from_the_package_exists(where: str, body: str) -> None:
    for node in ast.walk(ast.parse(body)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("anatomy_tf"):
            module = importlib.import_module(node.module)
            for alias in node.names:
                assert hasattr(module, alias.name), f"{where}: {node.module}.{alias.name}"
        elif isinstance(node, ast.Attribute):
            chain = ast.unparse(node).split(".")
            if chain[0] == "anatomy_tf" and all(part.isidentifier() for part in chain):
                found = anatomy_tf
                for part in chain[1:]:
                    assert hasattr(found, part), f"{where}: {'.'.join(chain)}"
                    found = getattr(found, part)
