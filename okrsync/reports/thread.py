"""The answer of ``trace`` for people: a thread upwards, what did not count, the mend; and the same as a flat table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from okrsync.model import Say
from okrsync.reports.common import (
    Speak,
    freshness_line,
    freshness_sentence,
    indented,
    line,
    percent,
    short,
    status_text,
    text,
    titled,
)
from okrsync.reports.sheet import Sheet
from okrsync.reports.trace import GOALS

CHOICE = 5
"""So many goals are named where any may be meant."""

VERDICT_STYLE = {"traced": "green", "exempt": "blue", "orphan": "red", "unresolvable": "yellow"}
_ADDRESS = re.compile(r"https?://[!-~]+")

# ── as a flat table ──────────────────────────────────────────────────────────────────────────────────────────────────

COLUMNS = ("target", "rule", "since", "step", "hop", "kind", "source", "key", "title", "evidence", "fix", "url")
SHOWN = ("target", "hop_word", "key", "title", "evidence", "fix")


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a hop, with what leads to it; where the chain breaks, the last row tells why and what to do."""
    rows = [row for link in answer["links"] for row in _rows(link["path"], speak, link)]
    rows += _rows(answer["exempt_path"], speak)
    if broken := answer["broken_at"]:
        rows += _rows(way(answer), speak)
        said = {"hop_word": speak(Say.of("sheet.break")), "evidence": broken["why"], "fix": answer["mend"]["fix"]}
        place = {name: broken[name] for name in ("source", "key", "title", "url")}
        rows.append({**_NOWHERE, **place, **said, "kind": None, "step": len(rows), "hop": "break"})
    lead = ["  ".join(filter(None, (answer["key"], answer["title"]))), _verdict(answer, speak)]
    lead += [answer["exemption"]] if answer["exemption"] else []
    lead += [said for link in answer["links"] if link["suspect"] for _, said in _suspect(link["suspect"])]
    lead += [sentence for _, sentence in beside(answer, speak)]
    if broken:
        lead += [f"✂ {broken['why']}", f"→ {answer['mend']['fix']}", *_numbered(answer["mend"])]
        lead += _promises(answer["mend"], speak)
    title = speak(Say.of("sheet.title.trace", key=answer["key"]))
    return Sheet(title, (*lead, freshness_sentence(answer, speak)), COLUMNS, rows, SHOWN)


_NOWHERE = {"target": None, "rule": None, "since": None}


def _rows(
    path: Sequence[Mapping[str, Any]], speak: Speak, link: Mapping[str, Any] = _NOWHERE
) -> Iterator[dict[str, Any]]:
    where = {name: link[name] for name in _NOWHERE}
    for step, hop in enumerate(path):
        word = speak(Say.of(f"report.hop.{hop['hop']}"))
        yield {**hop, **where, "step": step, "hop_word": word, "evidence": hop["why"], "fix": None}


def way(answer: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The hops to where the chain breaks; none where a link leads there, and both ends alone of too many."""
    broken = answer["broken_at"]
    if answer["links"] or broken["path"] or (broken["source"], broken["key"]) == (answer["source"], answer["key"]):
        return () if answer["links"] else broken["path"]
    return [{**answer, "hop": "item", "why": None}, {**broken, "kind": None, "hop": "parent", "why": "…"}]


def _verdict(answer: Mapping[str, Any], speak: Speak) -> str:
    word = speak(Say.of(f"report.verdict.{answer['verdict'] or 'context'}"))
    return word + (f" ({speak(Say.of('report.class.' + answer['class']))})" if answer["class"] else "")


# ── on a terminal ────────────────────────────────────────────────────────────────────────────────────────────────────


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """The thread from the item upwards, a hop and a reason at a time; then what did not count, or the mend."""
    parts: list[RenderableType] = [
        Text.assemble(
            _named(answer), "  ",
            Text(_verdict(answer, speak), style=VERDICT_STYLE.get(answer["verdict"] or "", "dim")),
        ),
    ]  # fmt: skip
    for link in answer["links"]:
        parts += [indented(text(link["said"], "bold"), 2), _thread(link["path"], speak)]
        if suspect := link["suspect"]:
            parts += [indented(text(f"{sign} {said}", "yellow"), 2) for sign, said in _suspect(suspect)]
    if answer["exemption"]:
        parts.append(_thread(answer["exempt_path"], speak, end=("○", answer["exempt_because"])))
    if broken := answer["broken_at"]:
        parts += [_thread(way(answer), speak, end=("✂", broken["why"])), *_mend(answer["mend"], speak)]
    parts += [indented(Text.assemble(f"{sign} ", text(said)), 2) for sign, said in beside(answer, speak)]
    return [*parts, freshness_line(answer, speak)]


def _thread(path: Sequence[Mapping[str, Any]], speak: Speak, end: tuple[str, str] | None = None) -> RenderableType:
    """Hops one below the other, however many; between two of them, why the one leads to the next."""
    drawn = Table.grid(padding=(0, 1, 0, 0))
    drawn.add_column(width=1)
    drawn.add_column(overflow="fold")
    for hop in path if len(path) > 1 else ():  # alone it stands in the headline already
        if hop["why"]:
            drawn.add_row("│", text(hop["why"], "dim"))
        place = Text(f" ({line(hop['source'])})", style="dim") if hop["source"] else Text()
        named = _named(hop, place)
        if "status" in hop:
            named.append_text(Text.assemble("  ", status_text(hop["status"], speak)))
            if hop["progress"] is not None:
                named.append(f" {percent(hop['progress'], speak)}")
        drawn.add_row("●" if hop["kind"] not in GOALS else "◆", named)
    if end:
        drawn.add_row(end[0], text(end[1]))
    return Padding(drawn, (0, 0, 0, 2))


def _mend(mend: Mapping[str, Any], speak: Speak) -> Iterator[RenderableType]:
    yield indented(text(f"→ {mend['fix']}", "bold"), 2)
    for step in _numbered(mend):
        yield indented(text(step), 4)
    for promise in _promises(mend, speak):
        yield indented(text(promise), 4)


def _numbered(mend: Mapping[str, Any]) -> Iterator[str]:
    """:func:`steps`, numbered where it is more than one thing."""
    told = steps(mend)
    for number, step in enumerate(told, start=1):
        yield f"{number}. {step}" if len(told) > 1 else step


def steps(mend: Mapping[str, Any]) -> list[str]:
    """What to click and type; not what the mend says already."""
    return [step for step in mend["steps"] if _command(step) not in mend["fix"]]


def _command(step: str) -> str:
    """What a step tells to type, where that is a command, else all of it."""
    return step[max(step.find("okrsync "), 0) :]


def _promises(mend: Mapping[str, Any], speak: Speak) -> Iterator[str]:
    """What the mend brings, and which goals there are to choose from."""
    yield from gains(mend, speak)
    if goals := mend["goals"]:
        served = [one for one in goals if one["items"]] or goals
        yield speak(Say.of("trace.goals.served" if served[0]["items"] else "trace.goals"))
        yield from (f"  {one['id']}  {one['title']}" for one in served[:CHOICE])
        if len(goals) > CHOICE:
            yield speak(Say.of("trace.goals.more", count=len(goals)))


def gains(mend: Mapping[str, Any], speak: Speak) -> Iterator[str]:
    """What the mend brings, and the goal that is likely meant."""
    if mend["links"]:
        kinds = [speak(Say.of(f"trace.kind.{kind}", count=count)) for kind, count in sorted(mend["kinds"].items())]
        facts = {"count": mend["links"], "kinds": ", ".join(kinds), "open": mend["open"]}
        yield speak(Say.of("trace.gain" if mend["links"] > 1 else "trace.gain.alone", **facts))
    elif mend["waiting"] and mend["waiting"] > 1:
        yield speak(Say.of("trace.waiting", count=mend["waiting"]))
    if likely := mend["likely"]:
        yield speak(Say.of("trace.likely", goal=likely["goal"], title=likely["title"], count=likely["items"]))


def beside(answer: Mapping[str, Any], speak: Speak) -> Iterator[tuple[str, str]]:
    """What did not decide, with the sign before it: rules that lost, links of the past, what names nothing."""
    for link in answer["lost"]:
        yield "✕", speak(Say.of("trace.lost", given=link["given"], because=link["because"]))
    for one in answer["former"]:
        yield "◌", one["said"]
    if answer["links"] and answer["class"] != "dangling":
        for one in answer["dangling"]:
            yield "!", speak(Say.of("trace.dangling", why=one["why"], fix=one["fix"]))


def _suspect(suspect: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Why a link is in doubt, and how to settle it, with the sign before each."""
    yield "?", suspect["said"]
    yield "→", suspect["fix"]


def _named(named: Mapping[str, Any], place: Text | None = None) -> Text:
    """A key, where it is, and a title where there is one."""
    title = Text.assemble("  ", titled(named["title"])) if named["title"] else Text()
    return Text.assemble(_key(named), place or Text(), title)


def _key(named: Mapping[str, Any]) -> Text:
    """What people call it, leading to its address where the terminal can."""
    url = named.get("url") or ""
    style = Style(bold=True, link=url if _ADDRESS.fullmatch(url) else None)
    return Text(line(short(named["key"])), style=style)
