"""What a label or a tag that okrsync makes says of itself, in tools that have room for it. Pure."""

from __future__ import annotations

from okrsync.model import OBJECTIVE_LABEL, pages

WORDS = {
    "okr-orphan": "This work reaches no objective (okrsync)",
    "okr-dangling": "What this work names as its objective does not exist (okrsync)",
}


def description(name: str, base: str, room: int) -> str:
    """What it is for; it ends with the page that explains it, where people reach our pages at a ``base`` and the tool
    has ``room`` for so many characters."""
    words, path = _defined(name)
    whole = f"{words} {pages.LINK}{pages.at(base, path)}"
    return whole if base and len(whole) <= room else words


def is_ours(name: str, description: str) -> bool:
    """Whether we described it so, wherever people reached our pages then."""
    words = _defined(name)[0]
    line = description.removeprefix(f"{words} ")
    return description == words or (line != description and bool(pages.link(line)))


def _defined(name: str) -> tuple[str, str]:
    """The words, and the path of the page that explains it."""
    folded = name.casefold()
    if folded.startswith(OBJECTIVE_LABEL):
        objective = name[len(OBJECTIVE_LABEL) :]
        return f"Objective {objective} (okrsync)", pages.objective(objective)
    return WORDS.get(folded, "okrsync"), pages.ORPHANS
