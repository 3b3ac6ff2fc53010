"""The cards of the shipped models: what is measured stands where the benchmark puts it."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CARDS = sorted((ROOT / "saved_models").glob("*/README.md"))


@pytest.fixture
def model_cards(load_benchmark):
    return load_benchmark("model_cards")


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.parent.name)
def test_a_card_says_what_its_report_says(card):
    text = card.read_text(encoding="utf-8")
    report = json.loads((card.parent / "report.json").read_text(encoding="utf-8"))
    assert report["conditions"]["model"] == card.parent.name
    for over in ("frames", "actions"):
        means = report["overall"][f"mean of {over}"]
        row = re.search(rf"^\| {card.parent.name} \| {over} \| ([0-9.]+) \|", text, re.MULTILINE)
        assert row is not None and row[1] == f"{means['mpjpe']:.1f}"
    for action, measures in report["actions"].items():
        assert f"| {action} | {measures['frames']} | {measures['mpjpe']:.1f} |" in text


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.parent.name)
def test_sections_are_replaced_and_the_rest_is_kept(model_cards, card):
    text = card.read_text(encoding="utf-8")
    for mark in ("comparison", "errors", "conditions", "uncertainty"):
        changed = model_cards.with_section(text, mark, "| new |")
        assert changed.count("| new |") == 1
        assert model_cards.with_section(changed, mark, "| newer |").count("| new |") == 0
        assert changed.startswith(text[:200]) and changed.endswith(text[-200:])
    with pytest.raises(SystemExit, match="expected <!-- nothing -->"):
        model_cards.with_section(text, "nothing", "")
