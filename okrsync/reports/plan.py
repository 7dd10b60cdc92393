"""What would be written: a diff an object, labels together by reason; and what every list of writes shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from difflib import ndiff
from typing import TYPE_CHECKING, Any

import orjson
from rich.console import RenderableType
from rich.text import Text

from config import Config
from okrsync.assess import Freshness
from okrsync.model import Json, Say, Surface, Write, WriteMode
from okrsync.reports.common import Speak, freshness_line, freshness_sentence, head, indented, text
from okrsync.reports.sheet import Sheet

if TYPE_CHECKING:
    from okrsync.writeback import Plan

WRITE_COLUMNS = ("id", "source", "target", "url", "surface", "name", "before", "after", "why")
WRITE_SHOWN = ("source", "target", "surface", "name", "before", "after", "why")
CHECKS = ("success", "failure", "pending", "error")
STYLES = {"+": "green", "-": "red", "~": "yellow"}


def write_row(write: Write, speak: Speak) -> dict[str, Any]:
    """One write as DESIGN's ``plan`` lists it."""
    return {
        "id": write.id,
        "source": write.slot.source,
        "target": write.key,
        "url": write.url,
        "surface": write.slot.surface.value,
        "name": write.slot.name,
        "before": write.before,
        "after": write.after,
        "why": speak(write.why),
    }


def plan_answer(plan: Plan, config: Config, fresh: Freshness, now: datetime, speak: Speak) -> dict[str, Any]:
    """DESIGN's ``plan``; ``mode`` tells whether apply would send a write, ``modes`` what each source allows."""
    return {
        **head(fresh, config, now),
        "run": plan.run,
        "modes": {source.id: config.writeback.of(source.id).value for source in config.sources},
        "writes": [
            {**write_row(write, speak), "mode": config.writeback.of(write.slot.source).value} for write in plan.writes
        ],
    }


def plan_sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a write that is due."""
    counted = {"run": answer["run"] or 0, "count": len(answer["writes"])}
    lead = (freshness_sentence(answer, speak), *([speak(Say.of("sheet.planned", **counted))] if answer["run"] else []))
    title, nothing = speak(Say.of("sheet.title.plan")), speak(Say.of(_nothing(answer)))
    return Sheet(title, lead, (*WRITE_COLUMNS, "mode"), answer["writes"], (*WRITE_SHOWN, "mode"), nothing)


def _nothing(answer: Mapping[str, Any]) -> str:
    """Why nothing is due."""
    if set(answer["modes"].values()) == {WriteMode.OFF.value}:
        return "report.plan_off"
    if not answer["as_of"]:
        return "report.never_synced"
    return "report.plan_empty" if answer["complete"] else "report.plan_waits"


def draw_plan(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """What each object would show; then the labels; then how many writes, and what to type."""
    writes = named(answer["writes"])
    if not writes:
        doubt = [freshness_line(answer, speak)] if answer["as_of"] and not answer["complete"] else []
        return [*doubt, Text(speak(Say.of(_nothing(answer))))]
    parts = [freshness_line(answer, speak), *_objects(writes, speak), *_labels(writes, speak)]
    counts = ", ".join(
        speak(Say.of(f"report.count.{surface}", count=len(found))) for (surface,), found in grouped(writes, "surface")
    )
    parts += ["", Text(speak(Say.of("report.plan_count", run=answer["run"], count=len(writes), counts=counts)), "bold")]
    forbidden = sum(write["mode"] != WriteMode.APPLY.value for write in writes)
    if forbidden < len(writes):
        parts.append(Text(speak(Say.of("report.plan_next", run=answer["run"]))))
    return [*parts, *kept(forbidden, speak)]


def _objects(writes: Iterable[Mapping[str, Any]], speak: Speak) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for (target,), found in grouped((one for one in writes if one["surface"] != "label"), "target"):
        parts += ["", text(target, "bold")]
        for write in sorted(found, key=lambda one: str(one["surface"])):
            title = Text.assemble((surface(write, speak), "cyan"), "  ", text(write["why"], "dim"))
            parts.append(indented(title, 2))
            before, after = (readable(write["surface"], write[side], speak) for side in ("before", "after"))
            parts += [indented(text(line, STYLES[line[0]]), 4) for line in diff(before, after)]
    return parts


def readable(surface: str, value: Json, speak: Speak) -> Json:
    """A value as people see it in the tool: the state of a commit status in words, an update as title and text, which
    tell its status; a property, which only programs read, as it is."""
    match surface, value:
        case Surface.STATUS.value, {"state": str(state), "description": str(description)} if state in CHECKS:
            return speak(Say.of(f"report.check.{state}", description=description))
        case Surface.UPDATE.value, {"title": str(title), "text": str(body)}:
            return f"{title}\n{body}"
        case _:
            return value


def _labels(writes: Iterable[Mapping[str, Any]], speak: Speak) -> list[RenderableType]:
    parts: list[RenderableType] = []
    labels = (one for one in writes if one["surface"] == "label")
    for (_, after, why), found in grouped(labels, "name", "after", "why"):
        sign = "+" if after else "-"
        title = Text.assemble((f"{sign} {surface(found[0], speak)}", STYLES[sign]), f" ({len(found)})  ")
        parts += ["", Text.assemble(title, text(why, "dim")), indented(targets(found), 2)]
    return parts


def diff(before: Json, after: Json) -> list[str]:
    """The lines of a text that go (-) and come (+); of a record, one line a part with its values old → new (~)."""
    if isinstance(before, dict) or isinstance(after, dict):
        return _record_diff(dict(_parts(before)), dict(_parts(after)))
    return _text_diff(before, after)


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


def surface(write: Mapping[str, Any], speak: Speak) -> str:
    return speak(Say.of(f"report.surface.{write['surface']}", name=str(write["name"])))


def targets(writes: Iterable[Mapping[str, Any]]) -> Text:
    return text(", ".join(write["target"] for write in writes))


def kept(count: int, speak: Speak) -> list[RenderableType]:
    """So many writes are not sent, and why; nothing where all are."""
    return [Text(speak(Say.of("report.plan_mode", count=count)), style="yellow")] if count else []
