"""The report on a terminal: the sentence and where to mend on the first screen, the cuts below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from okrsync.model import OrphanClass, Say
from okrsync.reports.common import Speak, freshness_line, indented, number, percent, short, short_weeks, text
from okrsync.reports.orphans.cuts import called

ALIKE = {OrphanClass.DIRECT.value, OrphanClass.DEAD.value}  # whose mend reads alike for every ticket: said once
WIDEST = 120  # columns; on a wider terminal the figures would stand too far from what they count
SHOWN_GROUPS = 15  # of a cut that was asked for
SHOWN = {"team": 10, "project": 6}  # of the others
FEW = 5
NAME = 30  # columns of a name
TOLD = 0.005  # a share that rounds to 0 % is not worth a clause

_HEADS = {"group": "report.column.group"}

Row = Mapping[str, Any]
Cells = tuple[Text | str, ...]


def draw(answer: Row, speak: Speak) -> list[RenderableType]:
    """The sentence first; then where to mend, the most effort first; then the cuts, unless one was asked for."""
    if answer["as_of"] is None and not answer["totals"]["items"]:
        return [freshness_line(answer, speak)]
    parts: list[RenderableType] = [text(answer["sentence"], "bold")]
    told = (rest(answer, speak), trend(answer, speak), code(answer, speak), totals(answer, speak))
    parts += [Text(one, style="dim") for one in told if one]
    parts.append(freshness_line(answer, speak))
    groups = answer["groups"]
    if not groups:
        nothing = "report.no_orphans" if answer["totals"]["items"] else "report.no_items"
        return [*parts, Text(speak(Say.of(nothing)))]
    if groups[0]["by"] != "fix":
        return [*parts, "", _group_table(groups[:SHOWN_GROUPS], speak), *_more(answer, SHOWN_GROUPS, speak)]
    parts += ["", *_mends(groups, speak), *_more(answer, len(groups), speak)]
    for name, rows in answer["cuts"].items():
        if len(rows) > 1:
            parts += ["", *_cut(name, rows, speak)]
    return [*parts, *_exempt(answer["exempt"], speak)]


# ── the sentences ────────────────────────────────────────────────────────────────────────────────────────────────────


def rest(answer: Row, speak: Speak) -> str:
    """Where the effort went that did serve an objective, or needed none; nothing where there was no effort."""
    shares = {name: answer["totals"][f"effort_share_{name}"] for name in ("traced", "exempt", "unresolvable")}
    if shares["traced"] is None:
        return ""
    code = "orphans.rest.unresolvable" if shares["unresolvable"] >= TOLD else "orphans.rest"
    return speak(Say.of(code, **{name: percent(share, speak) for name, share in shares.items()}))


def trend(answer: Row, speak: Speak) -> str:
    """The orphan share of each week that had any effort."""
    told = [one for one in answer["trend"] if one["effort_share_orphan"] is not None]
    weeks = [
        speak(
            Say.of(
                "report.week" if one["whole"] else "report.week.running",
                week=name,
                share=percent(one["effort_share_orphan"], speak),
            )
        )
        for one, name in zip(told, short_weeks([one["week"] for one in told], speak), strict=True)
    ]
    return speak(Say.of("report.trend", trend="  ".join(one.replace(" ", "\u00a0") for one in weeks))) if weeks else ""


def code(answer: Row, speak: Speak) -> str:
    """The share of orphans among the pull requests and commits of the period; nothing where there was none."""
    rates = {name: rate(answer["totals"][name], speak) or "—" for name in ("pull_requests", "commits")}
    return speak(Say.of("orphans.code", **rates)) if set(rates.values()) != {"—"} else ""


def totals(answer: Row, speak: Speak) -> str:
    """How many items got each verdict."""
    counts = {name: answer["totals"][name] for name in ("items", "traced", "exempt", "orphan", "unresolvable")}
    return speak(Say.of("report.totals", **counts))


def rate(counted: Row, speak: Speak) -> str:
    """The share of orphans among pull requests or commits, and of how many; nothing where there was none."""
    if not counted["items"]:
        return ""
    return speak(Say.of("orphans.rate", share=percent(counted["orphan_rate"], speak), count=counted["items"]))


# ── where to mend ────────────────────────────────────────────────────────────────────────────────────────────────────


def _mends(groups: Sequence[Row], speak: Speak) -> list[RenderableType]:
    """A line a node, and below it what to do there."""
    heads = [speak(Say.of(f"report.column.{name}")) for name in ("mend", "class", "items", "effort")]
    words = [speak(Say.of(f"report.class.{group['class']}")) for group in groups]
    figures = [(str(group["items"]), number(group["effort"], speak)) for group in groups]
    widths = [max(map(len, column)) for column in zip(heads[2:], *figures, strict=True)]
    widths.insert(0, max(map(len, (heads[1], *words))))
    parts: list[RenderableType] = [_line(widths, *(Text(one, style="dim") for one in heads))]
    several = len({group["source"] for group in groups}) > 1
    said: set[str] = set()
    for group, word, numbers in zip(groups, words, figures, strict=True):
        key = f"{group['source']}:{short(group['name'])}" if several else short(group["name"])
        name = Text.assemble(text(key, "bold"), "  ", text(group["title"]))
        parts.append(_line(widths, name, Text(word), *map(Text, numbers)))
        if group["class"] not in said and group["hint"]:
            parts.append(indented(text(f"→ {group['hint']}", "dim"), 2))
        said |= {group["class"]} & ALIKE
    return parts


def _line(widths: Sequence[int], name: Text, why: Text, *figures: Text) -> RenderableType:
    """One line of any width: the name gives way."""
    row = Table.grid(padding=(0, 2, 0, 0), expand=True, pad_edge=False)
    row.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    row.add_column(no_wrap=True, width=widths[0])
    for width in widths[1:]:
        row.add_column(width=width, justify="right")
    row.add_row(name, why, *figures)
    return Constrain(row, WIDEST)


def _more(answer: Row, shown: int, speak: Speak) -> list[RenderableType]:
    hidden = answer["group_count"] - shown
    return [Text(speak(Say.of("report.more", count=hidden)), style="dim")] if hidden > 0 else []


# ── the cuts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _group_table(groups: Iterable[Row], speak: Speak) -> RenderableType:
    """The groups of the cut that was asked for."""
    rows = []
    for group in groups:
        name = text(called(group, speak), "bold")
        named = Text.assemble(name, "  ", text(group["title"])) if group["title"] else name
        share = percent(group["effort_share_orphan"], speak) if group["by"] != "class" else ""
        rows.append((named, str(group["items"]), number(group["effort"], speak), share, _first(group)))
    return _grid(("group", "items", "effort", "share", "mend_first"), rows, speak)


def _cut(name: str, rows: Sequence[Row], speak: Speak) -> list[RenderableType]:
    """What it is a cut by, what the shares are of, and its first groups."""
    of_team = ("effort", "share", "pull_requests", "commits")
    columns, about = (of_team, "team") if name == "team" else (("items", "effort", "share", "exempt"), "cut")
    shown = SHOWN.get(name, FEW)
    drawn: list[Cells] = []
    for row in rows[:shown]:
        cells = {
            "items": str(row["items"]),
            "effort": number(row["effort"], speak),
            "share": percent(row["effort_share_orphan"], speak),
            "exempt": percent(row["effort_share_exempt"], speak),
            "pull_requests": rate(row["pull_requests"], speak),
            "commits": rate(row["commits"], speak),
        }
        named = Text.assemble(
            text(row["title"] or row["name"], "bold"), "  ", text(row["title"] and row["name"], "dim")
        )
        drawn.append((named, *(cells[column] for column in columns), _first(row)))
    parts: list[RenderableType] = [_section(f"orphans.by.{name}", f"orphans.about.{about}", speak)]
    parts.append(_grid(("", *columns, "mend_first"), drawn, speak))
    if len(rows) > shown:
        parts.append(Text(speak(Say.of("orphans.more", count=len(rows) - shown, name=name)), style="dim"))
    return parts


def _exempt(rows: Sequence[Row], speak: Speak) -> list[RenderableType]:
    """The exempt work by its reason, and where that is decided."""
    if not rows:
        return []
    drawn = []
    for row in rows[: SHOWN["team"]]:
        figures = (number(row["effort"], speak), percent(row["share"], speak)) if row["effort"] else ("—", "—")
        drawn.append((text(row["reason"], "bold"), str(row["items"]), *figures, Text("")))
    change = indented(Text(f"→ {speak(Say.of('orphans.exempt.change'))}", style="dim"), 2)
    grid = _grid(("", "items", "effort", "share", ""), drawn, speak)
    return ["", _section("orphans.exempt", "orphans.about.exempt", speak), grid, change]


def _section(title: str, about: str, speak: Speak) -> Text:
    return Text.assemble((speak(Say.of(title)), "bold"), "  ", (speak(Say.of(about)), "dim"))


def _grid(columns: Sequence[str], rows: Sequence[Cells], speak: Speak) -> RenderableType:
    """A table of any width: a name, figures to the right, and where to mend, which gives way."""
    heads = [speak(Say.of(_HEADS.get(one, f"orphans.column.{one}"))) if one else "" for one in columns]
    widths = [max(len(str(cell)) for cell in cells) for cells in zip(heads, *rows, strict=True)]
    drawn = Table.grid(padding=(0, 2, 0, 0), expand=True, pad_edge=False)
    drawn.add_column(width=min(widths[0], NAME), no_wrap=True, overflow="ellipsis")
    for width in widths[1:-1]:
        drawn.add_column(width=width, justify="right")
    drawn.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    drawn.add_row(*(Text(head, style="dim") for head in heads))
    for row in rows:
        drawn.add_row(*row)
    return Constrain(drawn, WIDEST)


def _first(row: Row) -> Text:
    mend = row["mend_first"]
    return Text("") if mend is None else Text.assemble(text(short(mend["key"])), " ", text(mend["title"], "dim"))
