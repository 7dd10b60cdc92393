"""What changed between two configurations, change by change, and either with some of the changes applied.

Both are documents as ``Config.given`` holds them. A change is the smallest that a person thinks of: a key result that
is new, gone or renamed, an option with another value, one entry of a list. Paths and ids in it are those of the old
document, also where something above was renamed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from okrsync.model import Json

Path = tuple[str, ...]
Tree = dict[str, Any]

_SECTIONS = (
    "okrsync",
    "sources",
    "cycles",
    "objectives",
    "mapping",
    "rollup",
    "teams",
    "writeback",
    "reports",
    "gates",
    "server",
)
_LISTED = ("sources", "cycles", "objectives", "gates")  # lists of tables that an id tells apart
_INNER = "key_results"
_REFERENCES = {"cycles": "cycle", "objectives": "parent"}  # the option of an objective that names one of these


class How(StrEnum):
    """What was done."""

    ADDED = "added"
    DROPPED = "dropped"
    RENAMED = "renamed"  # a goal or a cycle of which nothing but the id is another
    MOVED = "moved"  # a key result, to another objective
    SET = "set"
    REORDERED = "reordered"


@dataclass(frozen=True, slots=True)
class Difference:
    """One change of a table (its ``path`` ends with its id) or of an option (with its name).

    ``old`` and ``new`` are the table, the value, or the entry of a list; None where there is none. A renamed table has
    its ids there, a moved one the ids of its objectives, what was reordered the ids in their order.
    """

    how: How
    path: Path
    old: Json = None
    new: Json = None
    at: int | None = None  # of an entry: where in the old list it stood, or before what the new one comes
    after: str | None = None  # of a table that is new or moved: the id before it; None: it is the first
    needs: tuple[int, ...] = ()  # the changes beside it, by number, without which this one makes no sense

    @property
    def key(self) -> str:
        """Its name as in ``config show``: "objectives.O-1.key_results.KR-1.epics"."""
        return ".".join(self.path)

    @property
    def table(self) -> Path:
        """The path of the table that it is in, or is."""
        if self.at is None and self.how is not How.SET:
            return self.path
        return self.path[:-1]


# ── what changed ─────────────────────────────────────────────────────────────────────────────────────────────────────


def differences(old: Mapping[str, Json], new: Mapping[str, Json]) -> tuple[Difference, ...]:
    """The changes that make the new document of the old one, in the order of the files; ``applied`` makes them."""
    before, after = _tree(old), _tree(new)
    renamed = list(_renamed_everywhere(before, after))
    wanted = deepcopy(after)  # all of the new one, under the old names
    moved = list(_moved(before, after, wanted))
    elsewhere = {one.path: _at(wanted, ("objectives", str(one.new), _INNER, one.path[-1])) for one in moved}
    options = list(_options(before, after, elsewhere))
    tables = list(_tables(before, after, wanted, elsewhere))
    found = sorted([*renamed, *moved, *options, *tables], key=_place(before, wanted))
    reached = _applied(_tree(old), [one for one in found if one.how is not How.RENAMED])
    return (*(replace(one, needs=tuple(_needs(one, found))) for one in found), *_reordered(reached, wanted))


def _renamed_everywhere(before: Tree, after: Tree) -> Iterator[Difference]:
    """What has another id and is else the same; ``after`` is given the old ids back. Objectives from the top down, for
    each names the one above it."""
    yield from _renamed(before, after, ("cycles",))
    while found := list(_renamed(before, after, ("objectives",))):
        yield from found
    for objective in before["objectives"]:
        yield from _renamed(before, after, ("objectives", objective, _INNER))


def _renamed(before: Tree, after: Tree, path: Path) -> Iterator[Difference]:
    olds, news = _at(before, path) or {}, _at(after, path) or {}
    for old, table in olds.items():
        if old in news:
            continue
        new = next((one for one in news if one not in olds and _own(news[one]) == _own(table)), None)
        if new is not None:
            yield Difference(How.RENAMED, (*path, old), old, new)
            _rename(after, path, new, old)


def _moved(before: Tree, after: Tree, wanted: Tree) -> Iterator[Difference]:
    """The key results that stand below another objective now; they are taken out of ``after``."""
    now = {name: objective for objective, one in wanted["objectives"].items() for name in one[_INNER]}
    for objective, one in before["objectives"].items():
        for name in one[_INNER]:
            new = now.get(name, objective)
            if new != objective:
                behind = _before(wanted["objectives"][new][_INNER], name)
                yield Difference(How.MOVED, ("objectives", objective, _INNER, name), objective, new, after=behind)
                del after["objectives"][new][_INNER][name]


def _options(before: Tree, after: Tree, elsewhere: Mapping[Path, Tree]) -> Iterator[Difference]:
    """The options that differ in the tables that both have."""
    for path, old in _every_table(before):
        new = elsewhere.get(path) or _at(after, path)
        if new is None:
            continue
        for option in dict.fromkeys((*old, *new)):
            if option != _INNER and old.get(option) != new.get(option):
                yield from _option((*path, option), old.get(option), new.get(option))


def _option(path: Path, old: Any, new: Any) -> Iterator[Difference]:
    """One change an entry where both are lists, and none is there; else one for the whole."""
    if not (isinstance(old, list | None) and isinstance(new, list | None)):
        yield Difference(How.SET, path, old, new)
        return
    pieces = list(_entries(path, old or [], new or []))
    gone = {_text(one.old) for one in pieces if one.old is not None}
    if any(_text(one.new) in gone for one in pieces if one.new is not None):  # an entry changed its place
        yield Difference(How.SET, path, old, new)
    else:
        yield from pieces


def _entries(path: Path, old: list[Json], new: list[Json]) -> Iterator[Difference]:
    matcher = SequenceMatcher(None, [_text(one) for one in old], [_text(one) for one in new], autojunk=False)
    for tag, start, end, begin, finish in matcher.get_opcodes():
        if tag == "equal":
            continue
        for step in range(max(end - start, finish - begin)):
            gone = old[start + step] if start + step < end else None
            come = new[begin + step] if begin + step < finish else None
            how = How.ADDED if gone is None else How.DROPPED if come is None else How.SET
            yield Difference(how, path, gone, come, at=min(start + step, end))


def _tables(before: Tree, after: Tree, wanted: Tree, elsewhere: Mapping[Path, Tree]) -> Iterator[Difference]:
    """The tables that only one of them has; one within another that came or went goes with it."""
    for path in _collections(before):
        olds, news = _at(before, path), _at(after, path)
        if news is None:
            continue  # its objective is gone
        for name, table in olds.items():
            if name not in news and (*path, name) not in elsewhere:
                yield Difference(How.DROPPED, (*path, name), _document_of(table))
        for name, table in news.items():
            if name not in olds:
                behind = _before(_at(wanted, path), name)
                yield Difference(How.ADDED, (*path, name), None, _document_of(table), after=behind)


def _reordered(reached: Tree, wanted: Tree) -> Iterator[Difference]:
    """The collections that hold the same tables in another order."""
    for path in _collections(wanted):
        old, new = list(_at(reached, path)), list(_at(wanted, path))
        if old != new:
            yield Difference(How.REORDERED, path, old, new)


def _needs(one: Difference, found: Sequence[Difference]) -> Iterator[int]:
    """An objective must be there before a key result can be moved to it, and goes without those that were moved."""
    for number, other in enumerate(found):
        if one.how is How.MOVED and other.how is How.ADDED and other.path == ("objectives", one.new):
            yield number
        if one.how is How.DROPPED and other.how is How.MOVED and other.path[: len(one.path)] == one.path:
            yield number


def _place(before: Tree, wanted: Tree) -> Callable[[Difference], int]:
    """The order of the files: what is told of a table stands where the table does."""
    order: dict[Path, int] = {}
    for tree in (before, wanted):
        for path, _ in _every_table(tree):
            order.setdefault(path, len(order))
    return lambda one: order.get(one.table, len(order))


# ── applied ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def applied(given: Mapping[str, Json], changes: Sequence[Difference]) -> dict[str, Json]:
    """The document with these changes: some of those that ``differences`` found for it, with what they need."""
    return _document(_applied(_tree(given), changes))


def _applied(tree: Tree, changes: Sequence[Difference]) -> Tree:
    """Options and tables first, for they go by the old names; what is new comes before what was moved into it, and that
    before what it was moved out of goes."""
    entries: dict[Path, list[Difference]] = defaultdict(list)
    tables: dict[How, list[Difference]] = defaultdict(list)
    for one in changes:
        if one.at is not None:
            entries[one.path].append(one)
        elif one.how is How.SET:
            _set(tree, one.path, one.new)
        else:
            tables[one.how].append(one)
    for path, edits in entries.items():
        _set(tree, path, _edited(_at(tree, path) or [], edits))
    for one in sorted(tables[How.ADDED], key=_depth):
        _insert(tree, one.path, _table_of(one.new), one.after)
    for one in tables[How.MOVED]:
        table = _at(tree, one.path[:-1]).pop(one.path[-1])
        _insert(tree, ("objectives", str(one.new), _INNER, one.path[-1]), table, one.after)
    for one in tables[How.DROPPED]:
        del _at(tree, one.path[:-1])[one.path[-1]]
    for one in tables[How.REORDERED]:
        _arrange(_at(tree, one.path), one.new)
    for one in sorted(tables[How.RENAMED], key=_depth, reverse=True):
        _rename(tree, one.path[:-1], str(one.old), str(one.new))
    return tree


def _depth(one: Difference) -> int:
    return len(one.path)


def _edited(old: Sequence[Json], edits: Sequence[Difference]) -> list[Json]:
    """The list with these entries changed; what is new comes before the entry at its place."""
    changed = {one.at: one for one in edits if one.old is not None}
    new: list[Json] = []
    for at in range(len(old) + 1):
        new += [one.new for one in edits if one.at == at and one.old is None]
        if at in changed:
            new += [] if changed[at].new is None else [changed[at].new]
        else:
            new += old[at : at + 1]
    return new


def _set(tree: Tree, path: Path, value: Json) -> None:
    table = _at(tree, path[:-1])
    if value is None:
        table.pop(path[-1], None)
    else:
        table[path[-1]] = value


def _insert(tree: Tree, path: Path, table: Tree, after: str | None) -> None:
    """Put a table behind the one named, or at the end where that is not there."""
    held = _at(tree, path[:-1])
    tables = list(held.items())
    names = list(held)
    index = 0 if after is None else names.index(after) + 1 if after in held else len(tables)
    _fill(held, [*tables[:index], (path[-1], table), *tables[index:]])


def _rename(tree: Tree, path: Path, old: str, new: str) -> None:
    """The table has another id, in its place, and so has the word of every objective that names it."""
    held = _at(tree, path)
    _fill(held, [(new, table | {"id": new}) if name == old else (name, table) for name, table in held.items()])
    option = _REFERENCES.get(path[0]) if len(path) == 1 else None
    for objective in tree["objectives"].values() if option else ():
        if objective.get(option) == old:
            objective[option] = new


def _arrange(held: Tree, order: Any) -> None:
    """Put the tables in this order; those that it does not name come last."""
    _fill(held, [(name, held[name]) for name in dict.fromkeys((*order, *held)) if name in held])


def _fill(held: Tree, tables: Sequence[tuple[str, Tree]]) -> None:
    held.clear()
    held.update(tables)


# ── documents as trees, in which every table has a path ──────────────────────────────────────────────────────────────


def _tree(given: Mapping[str, Any]) -> Tree:
    tree: Tree = {name: deepcopy(dict(table)) for name, table in given.items() if name not in _LISTED}
    for name in _LISTED:
        tree[name] = {table["id"]: _table_of(table) for table in given.get(name, ())}
    return {**{name: {} for name in _SECTIONS}, **tree}


def _table_of(document: Any) -> Tree:
    table: Tree = deepcopy(dict(document))
    if _INNER in table:
        table[_INNER] = {one["id"]: one for one in table[_INNER]}
    return table


def _document(tree: Tree) -> dict[str, Json]:
    return {name: [*map(_document_of, table.values())] if name in _LISTED else table for name, table in tree.items()}


def _document_of(table: Tree) -> dict[str, Json]:
    return {name: [*value.values()] if name == _INNER else value for name, value in table.items()}


def _collections(tree: Tree) -> list[Path]:
    return [*((name,) for name in (*_LISTED, "teams")), *(("objectives", name, _INNER) for name in tree["objectives"])]


def _every_table(tree: Tree) -> Iterator[tuple[Path, Tree]]:
    for name, held in tree.items():
        if name not in (*_LISTED, "teams"):
            yield (name,), held
            continue
        for one, table in held.items():
            yield (name, one), table
            for inner, below in table.get(_INNER, {}).items():
                yield (name, one, _INNER, inner), below


def _at(tree: Tree, path: Path) -> Any:
    found: Any = tree
    for step in path:
        found = found.get(step)
        if found is None:
            return None
    return found


def _before(held: Mapping[str, Tree], name: str) -> str | None:
    """The name before this one."""
    names = list(held)
    index = names.index(name)
    return names[index - 1] if index else None


def _own(table: Tree) -> Tree:
    """What a table says beside its id and the tables in it."""
    return {key: value for key, value in table.items() if key not in ("id", _INNER)}


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True)
