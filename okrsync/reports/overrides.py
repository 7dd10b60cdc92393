"""The words of people on items: who, when, why, whether they hold, and what they change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from config import Config
from okrsync.effects import Base, Effect, Figure, base, effects_of
from okrsync.model import Goals, OverrideKind, Say, VerdictKind
from okrsync.reports.common import (
    Speak,
    freshness_line,
    freshness_sentence,
    head,
    indented,
    iso,
    number,
    percent,
    short,
    text,
    titled,
)
from okrsync.reports.sheet import Sheet
from okrsync.store import codec, people, periods

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from okrsync.store import Store


class Standing(StrEnum):
    """Whether a word holds, the first that fits."""

    TAKEN_BACK = "taken_back"
    GONE = "gone"  # the item is not there any more, or its source is not configured
    REPLACED = "replaced"  # by a newer word on the same item
    UNKNOWN_GOAL = "unknown_goal"  # it names a goal that does not exist
    OVERRULED = "overruled"  # by a rule that the configuration ranks higher, or overrides are switched off
    VALID = "valid"


STYLE = {"valid": "green", "unknown_goal": "red", "gone": "red", "overruled": "yellow"}
HOLDING = (Standing.VALID, Standing.UNKNOWN_GOAL)

# ── the answer ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Listed:
    """Words with their standing, the newest first, and all goals at that moment."""

    words: list[tuple[people.Spoken, Standing]]
    base: Base


def listed(tx: Connection, config: Config, now: datetime, *, everything: bool) -> Listed:
    """The words that were not taken back, or ``everything`` that was ever said."""
    spoken = people.spoken(tx, everything=everything)
    return Listed(list(zip(spoken, _standings(tx, config, spoken), strict=True)), base(tx, config, now))


def answer(store: Store, config: Config, listed: Listed, speak: Speak, *, measured: int) -> dict[str, Any]:
    """What was listed. What the words change is worked out for so many of those that hold, and told to be left out for
    the rest; each in a transaction of its own, so no other may be open here."""
    holding = [one for one, standing in listed.words if standing in HOLDING]
    changes = {id(one): _changes(store, config, one, listed.base) for one in holding[:measured]}
    assessment = listed.base.assessment
    return {
        **head(assessment.freshness, config, assessment.now),
        "unmeasured": len(holding[measured:]),
        "overrides": [
            {**_row(one, standing, config.goals, speak), "effect": changes.get(id(one))}
            for one, standing in listed.words
        ],
    }


def _row(one: people.Spoken, standing: Standing, goals: Goals, speak: Speak) -> dict[str, Any]:
    word, fix = one.word, _fix(one, standing)
    return {
        "source": one.source,
        "key": one.key,
        "title": one.title,
        "url": one.url,
        "kind": word.kind.value,
        "targets": list(word.targets),
        "by": word.by,
        "at": iso(word.at),
        "why": word.why,
        "state": standing.value,
        "unknown": _unknown(word.targets, goals),
        "removed_by": word.removed_by,
        "removed_at": iso(word.removed_at),
        "fix": None if fix is None else speak(fix),
    }


def _standings(tx: Connection, config: Config, spoken: Sequence[people.Spoken]) -> list[Standing]:
    configured = {source.id for source in config.sources}
    newest = people.overrides(tx)
    uids = [one.word.item for one in spoken]
    obeyed, decided = people.obeyed(tx, uids), periods.decided(tx, uids)

    def standing(one: people.Spoken) -> Standing:
        word = one.word
        if word.removed_at is not None:
            return Standing.TAKEN_BACK
        if one.gone or one.source not in configured:
            return Standing.GONE
        if newest[word.item] != word:
            return Standing.REPLACED
        if _unknown(word.targets, config.goals):
            return Standing.UNKNOWN_GOAL
        if word.kind is OverrideKind.EXEMPT:
            followed = decided.get(word.item, (VerdictKind.EXEMPT, None))[0] is VerdictKind.EXEMPT
        else:
            followed = not one.counted or bool(obeyed.get(word.item))
        return Standing.VALID if followed else Standing.OVERRULED

    return [standing(one) for one in spoken]


def _unknown(targets: Sequence[str], goals: Goals) -> list[str]:
    known = set(map(codec.fold, (*goals.key_results, *goals.objectives)))
    return [target for target in targets if codec.fold(target) not in known]


def _fix(one: people.Spoken, standing: Standing) -> Say | None:
    """What to type where a word leads nowhere."""
    if standing is Standing.GONE:
        return Say.of("fix.override.gone", command=one.word.kind.value, item=f"{one.source}:{one.key}")
    if standing is Standing.UNKNOWN_GOAL:
        return Say.of("fix.override.unknown_goal", item=one.key)
    return None


def _changes(store: Store, config: Config, one: people.Spoken, base: Base) -> list[dict[str, Any]]:
    """Each goal that it names or moves, with the word and without it."""
    named = set(map(codec.fold, one.word.targets))
    always = [goal for goal in (*config.goals.key_results, *config.goals.objectives) if codec.fold(goal) in named]
    return [
        {"goal": effect.goal, "with": _figure(effect.after), "without": _figure(effect.before)}
        for effect in effects_of(store, config, one.word, base, always)
    ]


def _figure(figure: Figure) -> dict[str, Any]:
    return {"done": figure.done, "scope": figure.scope, "unit": figure.unit, "progress": figure.progress}


# ── how it is drawn ──────────────────────────────────────────────────────────────────────────────────────────────────

COLUMNS = (
    *("source", "key", "title", "url", "kind", "targets", "by", "at", "why", "state", "unknown"),
    *("removed_by", "removed_at", "effect", "fix"),
)
SHOWN = ("key", "title", "said", "by", "at", "why", "state_word", "effect_word", "fix")


def moved(effect: Effect, speak: Speak) -> str:
    """A goal's figures, before → after."""
    before, after = _amount(_figure(effect.before), speak), _amount(_figure(effect.after), speak)
    return before if before == after else f"{before} → {after}"


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a word, the newest first."""
    rows = [
        {
            **row,
            "said": _said(row, speak),
            "state_word": _state(row, speak),
            "effect_word": "; ".join(_effects(row, speak)),
        }
        for row in answer["overrides"]
    ]
    lead = [freshness_sentence(answer, speak), *_left_out(answer, speak)]
    title, nothing = speak(Say.of("sheet.title.overrides")), speak(Say.of("override.none"))
    return Sheet(title, tuple(lead), COLUMNS, rows, SHOWN, nothing)


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """A block a word: the item and whether it holds; who said what, when and why; what it changes; what to type."""
    parts: list[RenderableType] = [freshness_line(answer, speak)]
    if not answer["overrides"]:
        return [*parts, Text(speak(Say.of("override.none")))]
    for row in answer["overrides"]:
        state = Text(_state(row, speak), style=STYLE.get(row["state"], "dim"))
        parts += ["", Text.assemble(text(short(row["key"]), "bold"), "  ", titled(row["title"]), "  ", state)]
        facts = {"said": _said(row, speak), "by": row["by"], "day": row["at"][:10], "why": row["why"]}
        parts.append(indented(text(speak(Say.of("override.line", **facts))), 2))
        if row["removed_at"]:
            removed = Say.of("override.removed", by=row["removed_by"] or "", day=row["removed_at"][:10])
            parts.append(indented(text(speak(removed), "dim"), 2))
        parts += [indented(text(effect), 4) for effect in _effects(row, speak)]
        parts += [indented(text(f"→ {row['fix']}", "bold"), 4)] if row["fix"] else []
    return [*parts, *(Text(one, style="dim") for one in ("", *_left_out(answer, speak)))]


def _said(row: Mapping[str, Any], speak: Speak) -> str:
    return speak(Say.of(f"override.{row['kind']}", targets=", ".join(row["targets"])))


def _state(row: Mapping[str, Any], speak: Speak) -> str:
    return speak(Say.of(f"override.state.{row['state']}", unknown=", ".join(row["unknown"])))


def _effects(row: Mapping[str, Any], speak: Speak) -> list[str]:
    told = []
    for effect in row["effect"] or ():
        now, before = _amount(effect["with"], speak), _amount(effect["without"], speak)
        how = ".measured" if effect["with"]["scope"] is None else ".same" if now == before else ""
        told.append(speak(Say.of(f"override.effect{how}", goal=effect["goal"], now=now, before=before)))
    return told


def _amount(figure: Mapping[str, Any], speak: Speak) -> str:
    share = percent(figure["progress"], speak)
    if figure["scope"] is None or figure["done"] is None:
        return share
    unit = speak(Say.of(f"report.unit.{figure['unit']}")) if figure["unit"] in ("points", "items") else figure["unit"]
    done, scope = number(figure["done"], speak), number(figure["scope"], speak)
    amount = speak(Say.of("override.amount", done=done, scope=scope, unit=unit))
    if figure["progress"] is None:
        return amount
    return speak(Say.of("override.share", amount=amount, share=share))


def _left_out(answer: Mapping[str, Any], speak: Speak) -> list[str]:
    return [speak(Say.of("override.unmeasured", count=answer["unmeasured"]))] if answer["unmeasured"] else []
