"""Likely parents for what hangs on nothing, with what speaks for each; and how sure that is on this installation."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from config import Config
from mapping import trials as past
from mapping.likeness import Id
from mapping.suggestions import Suggestion
from mapping.trials import Measure, Trial
from okrsync import suggesting
from okrsync.assess import freshness
from okrsync.model import ItemKind, Say
from okrsync.reports.common import (
    Speak,
    freshness_line,
    freshness_sentence,
    head,
    indented,
    percent,
    short,
    table,
    text,
    titled,
    typed,
)
from okrsync.reports.sheet import Sheet
from okrsync.store import corpus
from okrsync.store.corpus import Entry
from okrsync.suggesting import Known

if TYPE_CHECKING:
    from sqlalchemy import Connection

SHOWN_SUGGESTIONS = 15
SEPARATOR = " · "
COLUMNS = (
    *("source", "key", "kind", "title", "url", "items", "team", "candidate", "candidate_title", "goals"),
    *("probability", "right", "of", "evidence", "alike", "command"),
)
SHOWN = ("key", "title", "items", "candidate", "goals", "sure", "evidence", "alike", "command")
MEASURES = ("candidates", "at", "asked", "answered", "coverage", "right", "precision", "low", "high")
MEASURES_SHOWN = ("candidates_word", "at_word", "asked", "answered", "coverage", "precision", "low", "high")


# ── suggestions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def answer(
    tx: Connection,
    config: Config,
    now: datetime,
    speak: Speak,
    *,
    item: int | None,
    team: str | None,
    sources: Collection[str] | None,
    limit: int | None,
    least: float | None,
    program: Sequence[str] = ("okrsync",),
) -> dict[str, Any]:
    """The suggestions that are sure enough (from ``least`` on, where it is given), for the item (uid) or for every
    place where an orphan is to be mended; those that serve the most orphans first. ``program`` is what a command to
    type begins with."""
    known = suggesting.known(tx, config, now)
    learned = known.learned
    served = corpus.to_mend(tx, sources, item)
    asked = {
        entry.uid: entry
        for entry in corpus.entries(tx, served)
        if team is None or suggesting.team_of(entry, config) == team
    }
    few = learned.linked < past.LEAST
    threshold = learned.threshold if least is None else least
    likely: list[Suggestion] = []
    if least is not None or not few:
        likely = list(learned.suggest(suggesting.works(known, asked.values(), config), min(threshold, past.LIKELIER)))
    found = [one for one in likely if one.probability >= threshold]
    found.sort(key=lambda one: (-served[int(one.item)], -one.probability, one.item))
    return {
        **head(freshness(tx, config, now), config, now),
        "known": learned.linked,
        "least": past.LEAST,
        "measured": not few,
        "threshold": None if (few and least is None) or threshold > 1 else threshold,
        "measure": _measured(_shown(learned.trials, least)),
        "asked": len(asked),
        "found": len(found),
        "less_sure": len(likely) - len(found),
        "suggestions": [
            _suggestion(one, asked[int(one.item)], served[int(one.item)], known, config, speak, program)
            for one in found[:limit]
        ],
    }


def _suggestion(
    one: Suggestion, entry: Entry, served: int, known: Known, config: Config, speak: Speak, program: Sequence[str]
) -> dict[str, Any]:
    goals = known.goals[one.candidate]
    candidate = _named(one.candidate, known, config)
    alike = [_place(known.entries[int(uid)]) for uid in one.alike]
    return {
        **_place(entry),
        "kind": entry.kind.value,
        "items": served,
        "team": suggesting.team_of(entry, config),
        "candidate": candidate,
        "goals": list(goals),
        "probability": round(one.probability, 4),
        "right": one.right,
        "of": one.of,
        "evidence": [speak(_said(said)) for said in one.evidence],
        "alike": alike,
        "others": [
            {**_named(other, known, config), "probability": round(probability, 4)} for other, probability in one.others
        ],
        "command": shlex.join([*program, *_accepting(entry, candidate, goals, alike)]),
        "settable": candidate["source"] == entry.source and entry.kind is ItemKind.TICKET,
    }


def _said(said: Say) -> Say:
    return Say.of("suggest.near_same_day") if said == Say.of("suggest.near", days=0) else said


def _place(entry: Entry) -> dict[str, Any]:
    return {"source": entry.source, "key": entry.key, "title": entry.title, "url": entry.url}


def _named(candidate: Id, known: Known, config: Config) -> dict[str, Any]:
    if isinstance(candidate, int):
        return {"kind": "parent", **_place(known.entries[candidate])}
    results, objectives = config.goals.key_results, config.goals.objectives
    kind, goal = ("key_result", results[candidate]) if candidate in results else ("objective", objectives[candidate])
    return {"kind": kind, "source": None, "key": candidate, "title": goal.title, "url": ""}


def _accepting(
    entry: Entry, candidate: Mapping[str, Any], goals: Sequence[str], alike: Sequence[Mapping[str, Any]]
) -> list[str]:
    """What accepts the suggestion: its goals by hand, with the reason that it gives."""
    of_its_like = ", ".join(short(one["key"]) for one in alike)
    why = f"like {of_its_like}" if of_its_like else f"belongs to {candidate['key']}"
    return ["link", f"{entry.source}:{short(entry.key)}", *goals, "--why", why]


# ── the evaluation ───────────────────────────────────────────────────────────────────────────────────────────────────


def evaluation(tx: Connection, config: Config, now: datetime, least: float | None) -> dict[str, Any]:
    """How often the real parent of linked work was found, by the kind of what was answered and by how sure that was."""
    learned = suggesting.known(tx, config, now).learned
    threshold = learned.threshold if least is None else least
    kinds: dict[str, list[Trial]] = {
        "all": list(learned.trials),
        "parent": [trial for trial in learned.trials if isinstance(trial.candidate, int)],
        "goal": [trial for trial in learned.trials if isinstance(trial.candidate, str)],
    }
    return {
        **head(freshness(tx, config, now), config, now),
        "known": learned.linked,
        "least": past.LEAST,
        "measured": learned.linked >= past.LEAST,
        "trials": len(learned.trials),
        "threshold": threshold if threshold <= 1 else None,
        "orphans": {
            name: value
            for name, value in _measured(_shown(learned.strays, least)).items()
            if name in ("asked", "answered", "coverage")
        },
        "measures": [
            {"candidates": kind, "at": at, **_measured(found)}
            for kind, trials in kinds.items()
            if trials
            for at, found in (
                ("all", past.measure(trials)),
                ("half", past.measure(trials, share=0.5)),
                ("quarter", past.measure(trials, share=0.25)),
                ("shown", _shown(trials, least)),
            )
        ],
    }


def _shown(trials: Sequence[Trial], least: float | None) -> Measure:
    """Of what is shown from ``least`` on; without it, of what each trial's own past would have had shown."""
    return past.measure_as_told(trials) if least is None else past.measure(trials, least=least)


def _measured(found: Measure) -> dict[str, Any]:
    low, high = found.interval or (None, None)
    return {
        "asked": found.asked,
        "answered": found.answered,
        "coverage": _share(found.coverage),
        "right": found.right,
        "precision": _share(found.precision),
        "low": _share(low),
        "high": _share(high),
    }


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


# ── flat ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a suggestion."""
    rows = [
        {
            **one,
            "candidate": one["candidate"]["key"],
            "candidate_title": one["candidate"]["title"],
            "sure": _sure(one, speak),
            "alike": [f"{short(other['key'])} {other['title']}" for other in one["alike"]],
        }
        for one in answer["suggestions"]
    ]
    lead = (*_lead(answer, speak), freshness_sentence(answer, speak))
    return Sheet(speak(Say.of("sheet.title.suggest")), lead, COLUMNS, rows, SHOWN, _nothing(answer, speak))


def evaluation_sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a kind of answer and a degree of sureness."""
    rows = [{**one, **_words(one, answer, speak)} for one in answer["measures"]]
    lead = (_protocol(answer, speak), _abstaining(answer, speak), freshness_sentence(answer, speak))
    return Sheet(speak(Say.of("sheet.title.evaluate")), lead, MEASURES, rows, MEASURES_SHOWN)


def _words(one: Mapping[str, Any], answer: Mapping[str, Any], speak: Speak) -> dict[str, str]:
    shown = answer["threshold"] is not None
    at = (
        Say.of("suggest.at.shown", threshold=percent(answer["threshold"], speak))
        if shown
        else Say.of("suggest.at.none")
    )
    return {
        "candidates_word": speak(Say.of(f"suggest.candidates.{one['candidates']}")),
        "at_word": speak(at if one["at"] == "shown" else Say.of(f"suggest.at.{one['at']}")),
    }


def _lead(answer: Mapping[str, Any], speak: Speak) -> list[str]:
    """How many, how sure, and by what that was measured."""
    facts = {name: answer[name] for name in ("found", "asked", "known")}
    lead = [speak(Say.of("suggest.sentence", **facts))]
    measure = answer["measure"]
    if not answer["measured"]:
        lead.append(speak(Say.of("suggest.few", known=answer["known"], least=answer["least"])))
    elif answer["threshold"] is None:
        lead.append(speak(Say.of("suggest.unsure", right=percent(past.RIGHT, speak))))
    else:
        shares = {name: percent(measure[name], speak) for name in ("coverage", "precision", "low", "high")}
        facts = {"threshold": percent(answer["threshold"], speak), "of": measure["asked"]}
        said = Say.of("suggest.threshold", **facts, **shares) if measure["answered"] else Say.of("suggest.new", **facts)
        lead.append(speak(said))
    return lead


def _protocol(answer: Mapping[str, Any], speak: Speak) -> str:
    if not answer["measured"]:
        return speak(Say.of("suggest.few", known=answer["known"], least=answer["least"]))
    return speak(Say.of("suggest.protocol", trials=answer["trials"], known=answer["known"]))


def _abstaining(answer: Mapping[str, Any], speak: Speak) -> str:
    """How rarely something is said of orphans."""
    facts = {name: answer["orphans"][name] for name in ("asked", "answered")}
    return speak(Say.of("suggest.orphans", share=percent(answer["orphans"]["coverage"], speak), **facts))


def _nothing(answer: Mapping[str, Any], speak: Speak) -> str:
    if not answer["asked"]:
        return speak(Say.of("suggest.no_orphans"))
    if answer["less_sure"]:
        return speak(Say.of("suggest.less_sure", count=answer["less_sure"], least=past.LIKELIER))
    return speak(Say.of("suggest.nothing"))


def _sure(one: Mapping[str, Any], speak: Speak) -> str:
    code = "suggest.measured" if one["of"] else "suggest.unmeasured"
    facts = {"right": one["right"], "of": one["of"]} if one["of"] else {}
    return speak(Say.of(code, probability=percent(one["probability"], speak), **facts))


# ── drawn ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """A block an item to mend: where it may belong, what speaks for that, what to type."""
    lead = _lead(answer, speak)
    parts: list[RenderableType] = [text(lead[0], "bold"), *(Text(line, style="dim") for line in lead[1:])]
    parts.append(freshness_line(answer, speak))
    if not answer["suggestions"]:
        return [*parts, Text(_nothing(answer, speak))]
    for one in answer["suggestions"][:SHOWN_SUGGESTIONS]:
        parts += ["", *_block(one, speak)]
    hidden = answer["found"] - min(SHOWN_SUGGESTIONS, len(answer["suggestions"]))
    parts += ["", *([Text(speak(Say.of("report.more", count=hidden)), style="dim")] if hidden else [])]
    return [*parts, Text(speak(Say.of("suggest.nobody_decides")), style="dim")]


def _block(one: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    name = Text.assemble(text(short(one["key"]), "bold"), "  ", titled(one["title"]))
    if one["items"] > 1:
        name.append(f"  {speak(Say.of('suggest.items', items=one['items']))}", style="dim")
    candidate = one["candidate"]
    where = Text.assemble("→ ", text(short(candidate["key"]), "bold"), "  ", titled(candidate["title"]))
    if one["goals"] != [candidate["key"]]:
        where.append(f"  {speak(Say.of('suggest.serves', goals=', '.join(one['goals'])))}", style="dim")
    where.append(f"  {_sure(one, speak)}")
    alike = "; ".join(f"{short(other['key'])} {other['title']}" for other in one["alike"])
    said = [SEPARATOR.join(one["evidence"]), speak(Say.of("suggest.alike", items=alike)) if alike else ""]
    return [
        name,
        indented(where, 2),
        *(indented(text(line, "dim"), 4) for line in said if line),
        typed(one["command"], 4),
        *(
            [indented(text(speak(Say.of("suggest.set_parent", key=candidate["key"])), "dim"), 4)]
            if one["settable"]
            else []
        ),
    ]


def draw_evaluation(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """How it was measured, and the figures with their intervals."""
    parts: list[RenderableType] = [text(_protocol(answer, speak)), freshness_line(answer, speak)]
    if not answer["measures"]:
        return parts
    names = ("candidates", "answers", "asked", "answered", "coverage", "precision", "low", "high")
    drawn: Table = table(*(speak(Say.of(f"sheet.{name}")) for name in names), numbers=tuple(range(2, len(names))))
    before = ""
    for one in answer["measures"]:
        words = _words(one, answer, speak)
        kind = words["candidates_word"] if one["candidates"] != before else ""
        before = one["candidates"]
        shares = [percent(one[name], speak) for name in ("coverage", "precision", "low", "high")]
        drawn.add_row(kind, words["at_word"], str(one["asked"]), str(one["answered"]), *shares)
    told = (_abstaining(answer, speak), speak(Say.of("suggest.caution")))
    return [*parts, "", drawn, "", *(Text(line, style="dim") for line in told)]
