"""Writes as pages show them: where each goes, what it changes there line by line, why, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from okrsync.dashboard.look import Look
from okrsync.dashboard.marks import Marks, thread, titled
from okrsync.model import Say
from okrsync.reports import pages, writes
from okrsync.reports.common import Speak, line

TONES = {
    **dict.fromkeys(("failed", "unknown"), "bad"),
    **dict.fromkeys(("skipped", "planned", "intended"), "warn"),
    "applied": "good",
}
"""Of the states of a write; any other is calm."""

BECOMES = " → "
NO_ITEMS = ("goal:", "milestone:")
"""What the keys begin with of objects that have no thread."""


def ordered(found: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What failed first, then texts and values object by object, then marks, alike ones together."""
    return sorted(found, key=_order)


def _order(write: Mapping[str, Any]) -> tuple[object, ...]:
    bad = TONES.get(write.get("state", ""), "") != "bad"
    if write["surface"] in writes.ALIKE:
        same = (write["surface"], write["name"], str(write["before"]), str(write["after"]), write["why"])
        return bad, True, write["source"], *same, write.get("state", "")
    return bad, False, write["source"]


def grouped(found: Sequence[Mapping[str, Any]], look: Look) -> list[dict[str, Any]]:
    """The writes in this order: those on one object together, and marks that say the same on several objects."""
    groups: list[dict[str, Any]] = []
    for write in found:
        alike = write["surface"] in writes.ALIKE
        one = _write(write, look)
        same = (write["source"], *_alike(one)) if alike else (write["source"], write["target"], write["url"])
        if not groups or groups[-1]["same"] != same:
            sign = ("come" if write["after"] else "gone") if isinstance(write["after"] or write["before"], bool) else ""
            shape = {"same": same, "alike": alike, "sign": sign, "source": write["source"]}
            groups.append({**shape, "places": [], "writes": []})
        group = groups[-1]
        if alike or not group["places"]:
            group["places"].append(place(write))
        if not (alike and group["writes"]):
            group["writes"].append(one)
    return groups


def _alike(one: Mapping[str, Any]) -> tuple[Any, ...]:
    """What is said once of marks that share it."""
    return one["surface"], one["why"], one["error"], one["approved"], str(one["state"]), str(one["lines"])


def _write(write: Mapping[str, Any], look: Look) -> dict[str, Any]:
    mark = Marks(look.speak)
    approved = {"by": line(write["approved_by"] or ""), "at": mark.instant(write["approved_at"])}
    return {
        "surface": line(writes.surface(write, look.speak)),
        "why": line(write["why"]),
        "state": state(write["state"], look.speak) if "state" in write else None,
        "error": line(write.get("error") or ""),
        "approved": look.say("runs.approved", **approved) if write["approved_by"] else "",
        "lines": list(_lines(write, look.speak)),
    }


def state(name: str, speak: Speak) -> dict[str, str]:
    """Symbol, word and tone of what became of a write."""
    symbol, _, word = speak(Say.of(f"write.state.{name}")).partition(" ")
    return {"symbol": symbol, "word": word, "tone": TONES.get(name, "calm")}


def place(write: Mapping[str, Any]) -> dict[str, str]:
    """The object of a write by its key and title, or by its title alone where the key is a number that tells people
    nothing; the address of its thread ("" where it is no item), and of itself."""
    key, title = line(write["target"]), titled(write["title"] or "")
    bare = bool(title) and key.rpartition(":")[2].isdecimal()
    return {
        "name": title if bare else key,
        "title": "" if bare else title,
        "note": key if bare else "",
        "thread": "" if key.startswith(NO_ITEMS) else thread(write["source"], key),
        "url": pages.web(write["url"]),
    }


def _lines(write: Mapping[str, Any], speak: Speak) -> Iterator[dict[str, str]]:
    """The lines that go and come; of a value that becomes another one, both."""
    for told in writes.lines(write, speak):
        sign, words = told[0], line(told[2:])
        before, arrow, after = words.partition(BECOMES)
        if sign == "-":
            yield {"gone": words, "come": "", "kept": ""}
        elif sign == "+":
            yield {"gone": "", "come": words, "kept": ""}
        elif arrow and BECOMES not in after and ": " not in words:
            yield {"gone": before, "come": after, "kept": ""}
        else:
            yield {"gone": "", "come": "", "kept": words}
