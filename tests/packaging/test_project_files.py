"""What stands beside the package says what the package says."""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from declared_requirements import EXTRAS, REPOSITORY

import anatomy_tf

FORMS = sorted((REPOSITORY / ".github/ISSUE_TEMPLATE").glob("*.yml"))
WORKFLOWS = sorted((REPOSITORY / ".github/workflows").glob("*.yml"))


def content(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_citation_is_of_this_version_and_names_the_paper() -> None:
    citation = content(REPOSITORY / "CITATION.cff")
    assert citation["version"] == anatomy_tf.__version__
    paper = citation["preferred-citation"]
    assert paper["title"] in (REPOSITORY / "README.md").read_text(encoding="utf-8")
    names = [author["family-names"] for author in paper["authors"]]
    assert names == ["Chen", "Fang", "Shen", "Zhu", "Chen", "Luo"]


def test_the_changelog_names_this_version() -> None:
    assert anatomy_tf.__version__ in (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "form", [form for form in FORMS if form.stem != "config"], ids=lambda p: p.stem
)
def test_issue_forms_are_whole(form: Path) -> None:
    stated = content(form)
    assert {"name", "description", "body"} <= set(stated)
    fields = [field["id"] for field in stated["body"]]
    assert len(fields) == len(set(fields)) > 0


@pytest.mark.parametrize("name", ["fault", "format"])
def test_who_reports_is_asked_for_versions_and_a_file(name: str) -> None:
    fields = {field["id"]: field for field in content(FORMS[0].parent / f"{name}.yml")["body"]}
    assert "anatomy-tf doctor" in fields["doctor"]["attributes"]["label"]
    assert "small file" in fields["file"]["attributes"]["label"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_install_extras_that_there_are(workflow: Path) -> None:
    commands = [
        step["run"]
        for job in content(workflow)["jobs"].values()
        for step in job["steps"]
        if "run" in step
    ]
    asked = {
        extra
        for command in commands
        for extras in re.findall(r"\.\[([\w,]+)\]", command)
        for extra in extras.split(",")
    }
    assert commands
    assert asked <= set(EXTRAS)


def test_test_files_have_names_of_their_own() -> None:
    # pytest imports them by their names alone; slow runs would be the first to tell.
    names = Counter(
        path.name
        for folder in ("tests", "datasets")
        for path in (REPOSITORY / folder).rglob("*.py")
        if path.name.startswith("test_") or path.name.endswith("_test.py")
    )
    assert names and [name for name, count in names.items() if count > 1] == []
