"""Writes as people read them: a row each, what they are about, and before → after as the lines of a diff."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import ndiff
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from okrsync.assess import GOAL
from okrsync.model import Json, Say, Slot, Surface, Write
from okrsync.reports.common import Speak, copied, indented, line, percent, text, titled
from okrsync.store import goals, queries

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from rollup import Left

WRITE_COLUMNS = ("id", "source", "target", "title", "url", "surface", "name", "before", "after", "why")
WRITE_SHOWN = ("source", "target", "title", "surface", "name", "before", "after", "why")
CHECKS = ("success", "failure", "pending", "error")
STYLES = {"+": "green", "-": "red", "~": "yellow"}
GLANCE = 24
"""Values of so many characters stand on one line, before → after."""

PERCENTAGE = "percentage"
"""The unit of a metric that is a share."""

ADDRESSED = 3
"""Up to so many objects of one kind stand each by itself; more of them together, by what their addresses share."""

ALIKE = frozenset({Surface.LABEL.value, Surface.OBJECTIVE_LABEL.value, Surface.OBJECTIVE_FIELD.value})
"""Marks: the same on many objects, told once."""


Units: TypeAlias = Mapping[tuple[str, str], str]
"""(source, remote id) of a goal → the unit of its metric."""

Tag: TypeAlias = Callable[[Mapping[str, Any]], tuple[str, str]]
"""What is said of a write beside its surface, and in which style."""

Titles: TypeAlias = Mapping[tuple[str, str], str]
"""(source, remote id) → what an object is called, where the store knows it."""


def units(tx: Connection) -> Units:
    return {(source, f"{GOAL}{gid}"): goal.unit for (source, gid), goal in goals.goals(tx).items()}


def unit(slot: Slot, units: Units) -> str | None:
    """The unit of the metric that a slot holds, None where it holds something else."""
    return units.get((slot.source, slot.remote_id)) if slot.surface is Surface.METRIC else None


def titles(tx: Connection, slots: Iterable[Slot]) -> Titles:
    """Of the objects of these slots: items, and goals that a tool keeps itself."""
    places = {(slot.source, slot.remote_id) for slot in slots}
    kept = {(source, f"{GOAL}{gid}"): goal.name for (source, gid), goal in goals.goals(tx).items()}
    return {**kept, **queries.titles_of(tx, places)}


def place_row(one: Write | Left, titles: Titles) -> dict[str, Any]:
    """Where a write goes, or would."""
    return {
        "source": one.slot.source,
        "target": one.key,
        "title": titles.get((one.slot.source, one.slot.remote_id)),
        "url": one.url,
    }


def write_row(write: Write, speak: Speak, titles: Titles) -> dict[str, Any]:
    """One write as DESIGN's ``plan`` lists it."""
    return {
        "id": write.id,
        **place_row(write, titles),
        "surface": write.slot.surface.value,
        "name": write.slot.name,
        "before": write.before,
        "after": write.after,
        "why": speak(write.why),
    }


# ── what is drawn ────────────────────────────────────────────────────────────────────────────────────────────────────


def objects(writes: Iterable[Mapping[str, Any]], speak: Speak, tag: Tag) -> list[RenderableType]:
    """Each object with its title and address, and what it would show: surface, what the ``tag`` says, reason, the
    lines that go and come."""
    parts: list[RenderableType] = []
    by_place = grouped((one for one in writes if one["surface"] not in ALIKE), "target", "title", "url")
    for place, found in by_place:
        parts += ["", *addressed(*place)]
        for write in sorted(found, key=lambda one: str(one["surface"])):
            title = Text.assemble((surface(write, speak), "cyan"), tag(write), "  ", text(write["why"], "dim"))
            parts.append(indented(title, 2))
            parts += changes(write, speak)
    return parts


def marks(writes: Iterable[Mapping[str, Any]], speak: Speak, tag: Tag) -> list[RenderableType]:
    """Labels and fields by what they would say and why, with the objects that they stand on; those that the same
    objects bear, together."""
    alike = [{**one, "tag": tag(one)} for one in writes if one["surface"] in ALIKE]
    by_objects: dict[tuple[str, ...], list[list[Mapping[str, Any]]]] = {}
    for _, found in grouped(alike, "surface", "name", "before", "after", "why", "tag"):
        by_objects.setdefault((found[0]["why"], *(one["url"] for one in found)), []).append(found)
    parts: list[RenderableType] = []
    for together in by_objects.values():
        parts += ["", *(_mark(found, speak) for found in together), *listed(together[0])]
    return parts


def _mark(found: Sequence[Mapping[str, Any]], speak: Speak) -> Text:
    """What these objects would say alike, on how many, and why."""
    one, before, after = found[0], found[0]["before"], found[0]["after"]
    sign = "~" if before and after else "+" if after else "-"
    value = f" {' → '.join(str(each) for each in (before, after) if each)}" if isinstance(before or after, str) else ""
    title = f"{sign} {surface(one, speak)}{line(value)}"
    return Text.assemble((title, STYLES[sign]), f" ({len(found)})", one["tag"], "  ", text(one["why"], "dim"))


def changes(write: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """Before → after as the lines of a diff, each long one under its own first word."""
    drawn = Table.grid(padding=(0, 1, 0, 0))
    for one in lines(write, speak):
        drawn.add_row(text(one[0], STYLES[one[0]]), text(one[2:], STYLES[one[0]]))
    return [indented(drawn, 4)] if drawn.row_count else []


def lines(write: Mapping[str, Any], speak: Speak) -> list[str]:
    """Before → after as the lines of a diff, each behind its sign: what goes (-), what comes (+), what changes (~)."""
    before, after = write["before"], write["after"]
    if isinstance(before or after, bool):  # a label comes or goes
        return [f"{'+' if after else '-'} {write['name']}"]
    if write.get("unit") == PERCENTAGE:
        return diff(*(None if one is None else percent(one, speak) for one in (before, after)))
    return diff(*(readable(write["surface"], one, speak) for one in (before, after)))


def listed(writes: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    """The objects of these writes with their addresses: of many what the addresses share is told once, and titles only
    where the keys tell people nothing."""
    if len(writes) <= ADDRESSED:
        return [one for write in writes for one in addressed(write["target"], write["title"], write["url"], 2)]
    stems: dict[str, list[Mapping[str, Any]]] = {}
    for write in writes:
        stem, slash, last = str(write["url"]).rpartition("/")
        stems.setdefault(f"{stem}{slash}…" if str(write["target"]).endswith(last) else write["url"], []).append(write)
    return [part for stem, found in stems.items() for part in (copied(stem, 2, "dim"), *_keys(found))]


def _keys(writes: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    if str(writes[0]["target"]).isdecimal():
        return [indented(called(write["target"], write["title"], ""), 4) for write in writes]
    return [indented(targets(writes), 4)]


def addressed(target: str, title: str | None, url: str, left: int = 0) -> list[RenderableType]:
    """What an object is called, and where it is found, on one line however narrow the terminal is: a broken address
    cannot be followed."""
    style = "" if left else "bold"
    return [indented(called(target, title, style), left), *([copied(url, left + 2, "dim")] if url else [])]


def called(target: str, title: str | None, style: str) -> Text:
    """The key of an object and its title, as far as it is known."""
    return Text.assemble(text(target, style), "  ", titled(title)) if title else text(target, style)


def targets(writes: Iterable[Mapping[str, Any]]) -> Text:
    return text(", ".join(write["target"] for write in writes))


def surface(write: Mapping[str, Any], speak: Speak) -> str:
    return speak(Say.of(f"report.surface.{write['surface']}", name=str(write["name"])))


def readable(surface: str, value: Json, speak: Speak) -> Json:
    """A value as people see it in the tool: the state of a commit status in words, an update as title and text, which
    tell its status; a property, which only programs read, as it is."""
    match surface, value:
        case Surface.STATUS.value, {"state": str(state), "description": str(description)} if state in CHECKS:
            return speak(Say.of(f"report.check.{state}", description=description))
        case Surface.UPDATE.value, {"title": str(title), "text": str(body)}:
            return f"{title}\n{body}"
        case Surface.NUMBER.value, int() | float():
            return speak(Say.of("report.percent", percent=value))
        case _:
            return value


# ── the diff ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def diff(before: Json, after: Json) -> list[str]:
    """The lines of a text that go (-) and come (+); of a record, one line a part with its values old → new (~); of a
    number, old → new."""
    if isinstance(before, dict) or isinstance(after, dict):
        return _record_diff(dict(_parts(before)), dict(_parts(after)))
    if not _is_text(before, after) and before is not None and after is not None and _is_short(before, after):
        return [f"~ {before} → {after}"]
    return _text_diff(before, after)


def _is_short(*values: Json) -> bool:
    """Values that are taken in at a glance, such as numbers."""
    return all(len(str(value)) <= GLANCE for value in values)


def _text_diff(before: Json, after: Json) -> list[str]:
    texts = ("" if value is None else str(value) for value in (before, after))
    old, new = ([_bullet(line) for line in text.split("\n") if line] for text in texts)
    return [line for line in ndiff(old, new) if line[0] in "+-"]


def _bullet(line: str) -> str:
    """A bullet that is no minus of the diff."""
    return "•" + line[1:] if line.startswith("- ") else line


def _record_diff(old: Mapping[str, Mapping[str, Json]], new: Mapping[str, Mapping[str, Json]]) -> list[str]:
    lines = []
    for part in dict.fromkeys([*old, *new]):
        was, becomes = old.get(part, {}), new.get(part, {})
        values = [
            f"{name} {_shown(was, name)}{' → ' if name in was and name in becomes else ''}{_shown(becomes, name)}"
            for name in dict.fromkeys([*was, *becomes])
            if was.get(name) != becomes.get(name) and not _is_text(was.get(name), becomes.get(name))
        ]
        if values:
            sign = "+" if part not in old else "-" if part not in new else "~"
            lines.append(f"{sign} {part and part + ': '}{', '.join(values)}")
        for name in dict.fromkeys([*was, *becomes]):
            if _is_text(was.get(name), becomes.get(name)):
                lines += _text_diff(was.get(name), becomes.get(name))
    return lines


def _is_text(*values: Json) -> bool:
    """Something of several lines, which are told one by one."""
    return any(isinstance(value, str) and "\n" in value for value in values)


def _parts(value: Json, path: str = "") -> list[tuple[str, dict[str, Json]]]:
    """(path, its plain values) for a record and every record in it; one in a list goes by its ``id``."""
    if not isinstance(value, dict):
        return []
    plain = {name: one for name, one in value.items() if not isinstance(one, (dict, list)) and name != "id"}
    found = [(path, plain)] if plain else []
    for name, one in value.items():
        if isinstance(one, dict):
            found += _parts(one, name)
        elif isinstance(one, list):
            for index, member in enumerate(one):
                found += _parts(member, str(member["id"] if isinstance(member, dict) and "id" in member else index))
    return found


def _shown(values: Mapping[str, Json], name: str) -> str:
    if name not in values:
        return ""
    value = values[name]
    return value if isinstance(value, str) else orjson.dumps(value).decode()


# ── together ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def named(writes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The writes, their targets with the source before the key where several sources are written."""
    if len({write["source"] for write in writes}) < 2:
        return list(writes)
    return [{**write, "target": f"{write['source']}:{write['target']}"} for write in writes]


def grouped(writes: Iterable[Mapping[str, Any]], *names: str) -> list[tuple[tuple[Any, ...], list[Mapping[str, Any]]]]:
    """The writes that agree in these fields, in the order in which the first of each stands."""
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for write in writes:
        groups.setdefault(tuple(write[name] for name in names), []).append(write)
    return list(groups.items())
