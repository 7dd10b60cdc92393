"""What a change of the configuration would do, change by change and all together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import orjson
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from config import Config, Difference, How
from mapping.suspects import Wording, alike, wordings
from okrsync.model import Json, OrphanClass, Say, VerdictKind
from okrsync.preview import Effect, Judged, Moved, Movement, Outcome, Preview, Standing
from okrsync.reports.common import (
    Speak,
    freshness_line,
    freshness_sentence,
    head,
    indented,
    line,
    number,
    percent,
    plain,
    short,
    status_text,
    table,
    text,
)
from okrsync.reports.sheet import Sheet

SIGNS = {
    "added": ("+", "green"),
    "dropped": ("−", "red"),
    "renamed": ("→", "yellow"),
    "moved": ("→", "yellow"),
    "set": ("~", "yellow"),
    "reordered": ("↕", "yellow"),
}
STYLES = {"orphaned": "red", "left": "red", "unresolved": "red", "linked": "green", "exempted": "yellow"}
FIELDS = ("items", "progress", "status")  # what is told of a goal
ARROW = " → "
WIDTH = 60  # characters of a value that are shown
GOALS, ROWS = 5, 40  # goals that are told of below a change, and below all of them
ROUTES = 3  # ways from goal to goal that are told of
WORDING = {one.name for one in fields(Wording)}  # the keys of a goal that say what it is
DEFAULT = "default"  # the origin of what nobody wrote


def answer(found: Preview, old: Config, new: Config, *, against: str | None, now: datetime) -> dict[str, Any]:
    """The changes in the order of the files; ``against`` is the other file, None: what the store was linked under."""
    changes = [one.change for one in found.changes]
    return {
        **head(found.together.freshness, new, now),
        "file": str(new.path),
        "against": against,
        "left_out": found.left_out,
        "changes": [_change(one, changes, old, new, found.together.suspect) for one in found.changes],
        "together": _outcome(found.together),
    }


def _change(
    judged: Judged, changes: Sequence[Difference], old: Config, new: Config, suspect: Mapping[str, int]
) -> dict[str, Any]:
    change = judged.change
    key = _now(change.path, changes)
    return {
        "key": change.key,
        "how": change.how.value,
        "old": change.old if change.old is not None or change.at is not None else _default(old, change.key),
        "new": change.new if change.new is not None or change.at is not None else _default(new, key),
        "origin": _origin(key, new),
        "effect": judged.effect.value,
        "pull": judged.pull,
        "written": judged.written,
        "reworded": _reworded(change, old, new, suspect),
        "beside": [one.key for one in judged.beside],
        **(_outcome(judged.outcome) if judged.outcome else {"totals": None, "movements": None, "goals": None}),
    }


def _reworded(change: Difference, old: Config, new: Config, suspect: Mapping[str, int]) -> dict[str, Any] | None:
    """The goal that says something else by this change, and how many links made to it become suspect."""
    if change.path[0] != "objectives" or (change.how is not How.MOVED and change.path[-1] not in WORDING):
        return None
    goal = change.path[3] if change.path[2:3] == ("key_results",) else change.path[1]
    was, now = (wordings(config.goals).get(goal) for config in (old, new))
    if was is None or now is None or alike(was, now):
        return None
    return {"goal": goal, "suspect": suspect.get(goal, 0)}


def _now(path: tuple[str, ...], changes: Sequence[Difference]) -> str:
    """The key under which it stands in the new configuration."""
    for one in changes:
        if one.how is How.MOVED and path[: len(one.path)] == one.path:
            path = ("objectives", str(one.new), *path[2:])
            break
    steps = list(path)
    for one in changes:
        if one.how is How.RENAMED and path[: len(one.path)] == one.path:
            steps[len(one.path) - 1] = str(one.new)
    return ".".join(steps)


def _default(config: Config, key: str) -> Json:
    """What holds where nothing is said."""
    setting = config.origins.get(key)
    return setting.value if setting else None


def _origin(key: str, new: Config) -> str | None:
    """Where the new value stands: a file, the environment; None where nothing stands any more."""
    places = (setting.origin for name, setting in new.origins.items() if name == key or name.startswith(f"{key}."))
    return next((place for place in places if place != DEFAULT), None)


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "totals": {"before": _totals(outcome.before), "after": _totals(outcome.after)},
        "movements": {movement.value: _moved(moved) for movement, moved in outcome.moved.items()},
        "goals": [
            {"id": goal, "before": _standing(before), "after": _standing(after)}
            for goal, (before, after) in outcome.goals.items()
        ],
    }


def _totals(totals: Mapping[VerdictKind, int]) -> dict[str, int]:
    return {"items": sum(totals.values())} | {kind.value: totals[kind] for kind in VerdictKind}


def _moved(moved: Moved) -> dict[str, Any]:
    told: dict[str, Any] = {
        "items": moved.items,
        "open": moved.open,
        "points": plain(moved.points),
        "examples": [
            {"source": one.source, "key": one.key, "title": one.title, "url": one.url} for one in moved.examples
        ],
    }
    if moved.classes:
        told["classes"] = {orphan.value: moved.classes[orphan] for orphan in OrphanClass if moved.classes[orphan]}
    if moved.routes:
        routes = sorted(moved.routes.items(), key=lambda one: (-one[1], one[0]))
        told["routes"] = [{"from": old, "to": new, "items": items} for (old, new), items in routes]
    return told


def _standing(standing: Standing | None) -> dict[str, Any] | None:
    if standing is None:
        return None
    return {"items": standing.items, "progress": standing.progress, "status": standing.status.value}


# ── flat ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a change, and one for all of them together."""
    names = [movement.value for movement in Movement]
    rows = [
        {
            "key": one["key"],
            "how": speak(Say.of(f"preview.how.{one['how']}")),
            "old": _named(one["old"]),
            "new": _named(one["new"]),
            "origin": one["origin"],
            "effect": speak(Say.of(f"preview.effect.{one['effect']}")),
            "beside": one["beside"],
            **_counts(one["movements"], names),
        }
        for one in answer["changes"]
    ]
    together = {"key": speak(Say.of("preview.together")), **dict.fromkeys(("how", "old", "new", "origin", "effect"))}
    rows.append({**together, "beside": [], **_counts(answer["together"]["movements"], names)})
    columns = ("key", "how", "old", "new", "origin", "effect", *names, "examples", "beside")
    lead = (_against(answer, speak), freshness_sentence(answer, speak))
    if not answer["changes"]:
        return Sheet(speak(Say.of("sheet.title.preview")), (*lead, speak(Say.of("preview.same"))), columns, ())
    return Sheet(speak(Say.of("sheet.title.preview")), (*lead, _totals_line(answer, speak)), columns, rows)


def _totals_line(answer: Mapping[str, Any], speak: Speak) -> str:
    """The verdicts, before and after all changes."""
    totals = answer["together"]["totals"]
    pairs = (
        (speak(Say.of(f"preview.{name}")), before, totals["after"][name]) for name, before in totals["before"].items()
    )
    return " · ".join(
        f"{name} {before if before == after else f'{before}{ARROW}{after}'}" for name, before, after in pairs
    )


def _counts(moved: Mapping[str, Any] | None, names: Sequence[str]) -> dict[str, Any]:
    """How many items take part in each movement; nothing where that is not known."""
    examples = [short(item["key"]) for one in (moved or {}).values() for item in one["examples"]]
    counts = {name: None if moved is None else moved[name]["items"] if name in moved else 0 for name in names}
    return counts | {"examples": list(dict.fromkeys(examples))}


# ── drawn ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """Each change with what it does below it, then all of them together."""
    parts: list[RenderableType] = [text(_against(answer, speak)), freshness_line(answer, speak)]
    if not answer["changes"]:
        return [*parts, "", text(speak(Say.of("preview.same")), "green")]
    for one in answer["changes"]:
        several = len(answer["changes"]) > 1
        parts += ["", _title(one), *(indented(told, 2) for told in _effects(one, speak, goals=several))]
    if answer["left_out"]:
        parts += ["", text(speak(Say.of("preview.left_out", count=answer["left_out"])), "yellow")]
    together = answer["together"]
    parts += ["", text(speak(Say.of("preview.together")), "bold")]
    if len(answer["changes"]) > 1:
        parts += [indented(told, 2) for told in _movements(together["movements"], speak)]
    parts.append(Padding(_totals_table(together["totals"], speak), (0, 0, 0, 2)))
    return [*parts, *_goals(together["goals"], speak), "", text(speak(Say.of("preview.next")), "dim")]


def _against(answer: Mapping[str, Any], speak: Speak) -> str:
    if answer["against"] is None:
        return speak(Say.of("preview.against_store", file=answer["file"]))
    return speak(Say.of("preview.against_file", file=answer["file"], against=answer["against"]))


def _title(one: Mapping[str, Any]) -> Text:
    sign, style = SIGNS[one["how"]]
    told = Text.assemble((f"{sign} ", style), text(one["key"], "bold"))
    values = [_value(one[side]) for side in ("old", "new") if one["how"] == How.SET or one[side] is not None]
    if values:
        told.append(f"  {ARROW.join(values)}")
    if one["origin"]:
        told.append(f"  {line(one['origin'])}", style="dim")
    return told


def _named(value: Json) -> Json:
    """A value; of a goal its title."""
    return value["title"] if isinstance(value, Mapping) and "title" in value else value


def _value(value: Json) -> str:
    """As TOML writes it, what is not set as a dash, no longer than anybody reads."""
    value = _named(value)
    told = "—" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()
    told = line(told)
    return told if len(told) <= WIDTH else told[: WIDTH - 1] + "…"


def _effects(one: Mapping[str, Any], speak: Speak, *, goals: bool) -> Iterator[Text]:
    """What becomes of items and, where they are not told of below, of ``goals``."""
    doubted = one["reworded"]["suspect"] if one["reworded"] else 0
    if one["effect"] == Effect.LINKS:
        yield from _movements(one["movements"], speak)
    elif one["effect"] != Effect.NOTHING or not (doubted or one["written"]):
        yield text(speak(Say.of(f"preview.effect.{one['effect']}")), "dim")
    shifted = list(_visible(one["goals"] or (), speak)) if goals else []
    for goal, pairs in shifted[:GOALS]:
        told = [
            Text.assemble(speak(Say.of(f"preview.{name}")), " ", pair) for name, pair in pairs.items() if _differs(pair)
        ]
        yield Text.assemble(text(speak(Say.of("preview.of_goal", goal=goal))), Text(", ").join(told))
    if len(shifted) > GOALS:
        yield text(speak(Say.of("preview.more_goals", count=len(shifted) - GOALS)), "dim")
    if one["beside"]:
        yield text(speak(Say.of("preview.beside", keys=", ".join(one["beside"]))), "dim")
    if doubted:
        yield text(speak(Say.of("preview.reworded", goal=one["reworded"]["goal"], count=doubted)), "yellow")
    if one["pull"]:
        yield text(speak(Say.of("preview.pull")), "dim")
    if one["written"]:
        yield text(speak(Say.of("preview.written")), "dim")


def _movements(moved: Mapping[str, Any], speak: Speak) -> Iterator[Text]:
    """A sentence a movement: how many items, how many of them open, why, and the first of them."""
    for name, one in moved.items():
        number_of = "one" if one["items"] == 1 else "many"
        told = text(speak(Say.of(f"preview.{name}.{number_of}", items=one["items"])), STYLES.get(name, ""))
        facts = [speak(Say.of("preview.open", count=one["open"]))]
        if one["points"]:
            facts.append(speak(Say.of("preview.points", points=one["points"])))
        for orphan, count in one.get("classes", {}).items():
            facts.append(speak(Say.of("preview.class", name=speak(Say.of(f"report.class.{orphan}")), count=count)))
        routes = one.get("routes", ())
        for route in routes[:ROUTES]:
            way = ARROW.join(route[end].replace(", ", " + ") for end in ("from", "to"))
            facts.append(speak(Say.of("preview.class", name=way, count=route["items"])))
        if len(routes) > ROUTES:
            facts.append("…")
        names = [f"{short(item['key'])} {_value(item['title'])}" for item in one["examples"]]
        if one["items"] > len(names):
            names.append("…")
        between = speak(Say.of("preview.between"))
        told.append(line(f" ({between.join(facts)})"))
        told.append(line(speak(Say.of("preview.examples", names=between.join(names)))), style="dim")
        yield told


def _totals_table(totals: Mapping[str, Mapping[str, int]], speak: Speak) -> RenderableType:
    drawn = table("", speak(Say.of("preview.before")), speak(Say.of("preview.after")), numbers=(1, 2))
    for name, before in totals["before"].items():
        after = totals["after"][name]
        style = "bold" if before != after else ""
        drawn.add_row(text(speak(Say.of(f"preview.{name}"))), text(before), text(after, style))
    return drawn


def _goals(goals: Sequence[Mapping[str, Any]], speak: Speak) -> Iterator[RenderableType]:
    """A line a goal; of very many the first."""
    shifted = list(_visible(goals, speak))
    if not shifted:
        return
    drawn = table(*(speak(Say.of(f"preview.{name}")) for name in ("goal", *FIELDS)))
    for goal, pairs in shifted[:ROWS]:
        drawn.add_row(text(goal), *pairs.values())
    yield ""
    yield Padding(drawn, (0, 0, 0, 2))
    if len(shifted) > ROWS:
        yield indented(text(speak(Say.of("report.more", count=len(shifted) - ROWS)), "dim"), 2)


def _visible(goals: Sequence[Mapping[str, Any]], speak: Speak) -> Iterator[tuple[str, dict[str, Text]]]:
    """The goals that stand otherwise as far as is shown, and how."""
    for goal in goals:
        pairs = {name: _pair(goal, name, speak) for name in FIELDS}
        if any(map(_differs, pairs.values())):
            yield goal["id"], pairs


def _differs(pair: Text) -> bool:
    return ARROW in pair.plain


def _pair(goal: Mapping[str, Any], name: str, speak: Speak) -> Text:
    """Before → after, or once where that is the same; a dash where the goal is not there."""
    if name == "items" and not any(goal[side] is None or goal[side]["items"] for side in ("before", "after")):
        return Text()  # measured by its value, or an objective, which what its key results hold is not counted to
    before, after = (_shown(goal[side], name, speak) for side in ("before", "after"))
    return before if before == after else Text.assemble(before, ARROW, after)


def _shown(standing: Mapping[str, Any] | None, name: str, speak: Speak) -> Text:
    if standing is None:
        return Text("—")
    match name:
        case "items":
            return text(number(standing["items"], speak))
        case "progress":
            return text(percent(standing["progress"], speak))
        case _:
            return status_text(standing["status"], speak)
