"""Small things that many pages show alike: a status, a share, an instant, an item that leads to its thread."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from okrsync.model import Say
from okrsync.model import pages as ours
from okrsync.reports import pages
from okrsync.reports.common import STATUS_STYLE, TITLE, Speak, instant, line, number, percent, plain, short

TONES = {"green": "good", "yellow": "warn", "red": "bad", "dim": "calm"}
VERDICTS = {"traced": "good", "exempt": "calm", "orphan": "bad", "unresolvable": "warn"}
_ADDRESS = re.compile(r"(https?://\S*[^\s.,;:!?»])")
SYMBOLS = {"good": "●", "warn": "◆", "bad": "▲", "calm": "○"}
CLASSES = {"dangling": "warn", "ambiguous": "warn", "dead": "bad", "transitive": "bad", "direct": "bad"}
SEVERITIES = {"high": "bad", "medium": "warn", "low": "calm"}


class Marks:
    """In one language; templates call it ``mark``."""

    def __init__(self, speak: Speak) -> None:
        self._speak = speak

    def status(self, status: str) -> dict[str, str]:
        """Symbol, word and tone of a goal's status: never colour alone."""
        symbol, style = STATUS_STYLE.get(status, ("○", "dim"))
        return {"symbol": symbol, "word": self._speak(Say.of(f"status.{status}")), "tone": TONES[style]}

    def verdict(self, verdict: str) -> dict[str, str]:
        tone = VERDICTS[verdict]
        return {"symbol": SYMBOLS[tone], "word": self._speak(Say.of(f"report.verdict.{verdict}")), "tone": tone}

    def orphan(self, why: str) -> dict[str, str]:
        """Why an orphan is one."""
        tone = CLASSES[why]
        return {"symbol": SYMBOLS[tone], "word": self._speak(Say.of(f"report.class.{why}")), "tone": tone}

    def severity(self, severity: str) -> dict[str, str]:
        tone = SEVERITIES[severity]
        return {"symbol": SYMBOLS[tone], "word": self._speak(Say.of(f"report.severity.{severity}")), "tone": tone}

    def share(self, share: float | None) -> dict[str, Any]:
        """A share as words and as the length of a bar of 100; ``filled`` is None where it is not known."""
        filled = None if share is None else plain(100 * min(max(share, 0.0), 1.0))
        return {"word": percent(share, self._speak), "filled": filled}

    def number(self, value: float | None, digits: int = 1) -> str:
        return number(value, self._speak, digits)

    def instant(self, moment: str | None) -> str:
        """Of an answer's ISO text; to the minute, UTC."""
        return instant(moment)

    def item(self, item: Mapping[str, Any]) -> dict[str, str]:
        """An item: its short key and title on one line, the address of its thread here and of itself in the tool (""
        where that is none of the web)."""
        return {
            "key": short(line(item["key"])),
            "title": titled(item.get("title") or ""),
            "thread": thread(item.get("source"), item["key"]),
            "url": pages.web(item.get("url")),
        }


def titled(title: object) -> str:
    """A text on one line, cut where it is longer than anybody reads."""
    shown = line(title)
    return shown if len(shown) <= TITLE else shown[: TITLE - 1] + "…"


def capital(sentence: str) -> str:
    """The sentence with a large first letter, as it stands by itself."""
    return sentence[:1].upper() + sentence[1:]


thread, goal, objective = ours.thread, ours.key_result, ours.objective
"""The addresses of the page of an item's way up, of the page of a key result, of an objective on the overview: those to
which the marks in the tools lead, too."""


def linked(sentence: str) -> list[tuple[str, str]]:
    """The pieces of a sentence, each with the address of the web that it is, or ""."""
    return [(piece, pages.web(piece)) for piece in _ADDRESS.split(line(sentence)) if piece]
