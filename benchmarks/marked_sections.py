"""Sections of texts for measured figures, between ``<!-- MARK -->`` and an end."""

END = "<!-- end -->"


def with_section(text: str, mark: str, content: str) -> str:
    """Return the text with new content between the mark and the end."""
    begin = f"<!-- {mark} -->"
    before, found, rest = text.partition(begin)
    _, ended, after = rest.partition(END)
    if not (found and ended):
        raise SystemExit(f"expected {begin} ... {END} in the text")
    return f"{before}{begin}\n\n{content}\n\n{END}{after}"
