"""The files as tables with a place each, and the names that stand in them, before any value is checked.

Only what has the wrong shape as a whole is a problem here: a section that is no table, an id that exists twice.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from config.faults import RawTable, found, hint, listed, quoted
from config.fields import fold, usable
from config.files import Document
from config.overlays import TABLES, Overlay
from okrsync.errors import Problem

IN_INCLUDED = ("cycles", "objectives", "teams")
IN_MAIN = (*TABLES, "sources", *IN_INCLUDED, "gates")


@dataclass(frozen=True, slots=True)
class ObjectiveOutline:
    """One ``[[objectives]]``: its own keys, and its key results as tables of their own."""

    table: RawTable
    key_results: Sequence[RawTable]


@dataclass(slots=True)
class Goals:
    """The tables of goals and teams from all files; ``complete`` unless a part of them could not be read."""

    cycles: list[RawTable] = field(default_factory=list)
    objectives: list[ObjectiveOutline] = field(default_factory=list)
    teams: list[RawTable] = field(default_factory=list)
    complete: bool = True


def section(document: Document, name: str, overlays: Overlay, problems: list[Problem]) -> RawTable:
    """One section of the main file with what the environment and the flags put over it."""
    data = document.data.get(name, {})
    if not isinstance(data, dict):
        problems.append(Problem(f"{document.name}: [{name}]", f"must be a table; found {found(data)}"))
        data = {}
    above = {option: given for (of, option), given in overlays.items() if of == name}
    values, origins = dict(data), {}
    for option, (value, origin) in above.items():
        own = data.get(option)
        if option not in TABLES[name].model_fields and isinstance(own, dict):  # a source under [writeback]: its mode
            values[option], origins[f"{option}.mode"] = {**own, "mode": value}, origin
        else:
            values[option], origins[option] = value, origin
    return RawTable(document.name, name, values, origins)


def entries(document: Document, name: str, problems: list[Problem]) -> tuple[list[RawTable], bool]:
    """The tables of a ``[[list]]`` at the top of a file, and whether all of it could be read."""
    return _entries(document.name, name, document.data.get(name, []), problems)


def goals(documents: Iterable[Document], problems: list[Problem]) -> Goals:
    """Cycles, objectives and teams of all files, in their order."""
    gathered = Goals()
    for document in documents:
        cycles, cycles_read = entries(document, "cycles", problems)
        objectives, objectives_read = entries(document, "objectives", problems)
        gathered.cycles += cycles
        gathered.objectives += [_objective(table, problems) for table in objectives]
        gathered.teams += _teams(document, gathered.teams, problems)
        gathered.complete &= cycles_read and objectives_read
    return gathered


def unknown_sections(document: Document, allowed: Sequence[str]) -> Iterator[Problem]:
    """One problem for each key at the top of a file that does not belong there."""
    for name, value in document.data.items():
        if name in allowed:
            continue
        place = f"{document.name}: [{name}]" if isinstance(value, dict | list) else f"{document.name}: {name}"
        if name in IN_MAIN:
            yield Problem(place, f"belongs to the main file; an included file may hold {listed(allowed)}")
        else:
            yield Problem(place, f"unknown section{hint(name, allowed) or f'; allowed: {listed(allowed)}'}")


def ids(tables: Iterable[RawTable]) -> list[str]:
    """The ids of these tables in NFC, whatever else is wrong with them; a table without one is left out."""
    names = [table.data.get("id") for table in tables]
    return [unicodedata.normalize("NFC", name) for name in names if isinstance(name, str) and usable(name)]


def all_ids(tables: Sequence[RawTable]) -> frozenset[str] | None:
    """The ids of these tables, or None where one of them has none and so may be meant by any reference."""
    known = ids(tables)
    return frozenset(known) if len(known) == len(tables) else None


def teams(gathered: Goals) -> frozenset[str] | None:
    """The names of all teams, or None where a part of the files could not be read."""
    return frozenset(table.section.removeprefix("teams.") for table in gathered.teams) if gathered.complete else None


def written_to(gathered: Goals) -> frozenset[str] | None:
    """Whatever some key result is written to, or None where a part of the files could not be read."""
    lists = [table.data.get("write_to", ()) for goal in gathered.objectives for table in goal.key_results]
    names = [name for listing in lists if isinstance(listing, list | tuple) for name in listing]
    return frozenset(name for name in names if isinstance(name, str)) if gathered.complete else None


def twins(tables: Iterable[RawTable]) -> Iterator[Problem]:
    """One problem for each id that an earlier table has, also where only case or composition of letters differ."""
    first: dict[str, tuple[str, RawTable]] = {}
    for table in tables:
        name = table.data.get("id")
        if not isinstance(name, str) or not usable(name):
            continue
        other, holder = first.setdefault(fold(name), (name, table))
        if holder is table:
            continue
        at = f"[{holder.section}] in {holder.file}"
        if other == name:
            yield table.problem(("id",), f"{quoted(name)} is already the id of {at}; ids are unique")
        else:
            yield table.problem(
                ("id",), f"{quoted(name)} differs only by case or Unicode form from {quoted(other)} of {at}"
            )


def _entries(file: str, path: str, listing: object, problems: list[Problem]) -> tuple[list[RawTable], bool]:
    if not isinstance(listing, list):
        message = f"must be a list of tables, each under [[{path.rpartition('.')[2]}]]; found {found(listing)}"
        problems.append(Problem(f"{file}: [{path}]", message))
        return [], False
    tables = []
    for number, entry in enumerate(listing, start=1):
        if isinstance(entry, dict):
            tables.append(RawTable(file, f"{path}.{_label(entry.get('id'), number)}", entry))
        else:
            problems.append(Problem(f"{file}: [{path}.#{number}]", f"must be a table; found {found(entry)}"))
    return tables, len(tables) == len(listing)


def _objective(table: RawTable, problems: list[Problem]) -> ObjectiveOutline:
    path = f"{table.section}.key_results"
    key_results, _ = _entries(table.file, path, table.data.get("key_results", []), problems)
    own = table.only(key for key in table.data if key != "key_results")
    return ObjectiveOutline(own, key_results)


def _teams(document: Document, before: Sequence[RawTable], problems: list[Problem]) -> list[RawTable]:
    teams = document.data.get("teams", {})
    if not isinstance(teams, dict):
        problems.append(Problem(f"{document.name}: [teams]", f"must be a table; found {found(teams)}"))
        return []
    holders = {table.section: table.file for table in before}
    tables = []
    for number, (name, data) in enumerate(teams.items(), start=1):
        path = f"teams.{_label(name, number, usable=_printable)}"
        place = f"{document.name}: [{path}]"
        if not _printable(name):
            problems.append(Problem(place, _unfit(name)))
        elif not isinstance(data, dict):
            problems.append(Problem(place, f"must be a table; found {found(data)}"))
        elif path in holders:
            problems.append(Problem(place, f"this team stands in {holders[path]} already"))
        else:
            tables.append(RawTable(document.name, path, data))
    return tables


def _unfit(name: str) -> str:
    """What is wrong with a name that is not printable."""
    unseen = sorted({f"U+{ord(one):04X}" for one in name if not one.isprintable()})
    if not name.strip():
        return "a team needs a name"
    return f"the name of a team holds what nobody sees: {', '.join(unseen)}; type it anew"


def _printable(name: object) -> bool:
    return isinstance(name, str) and name.strip() != "" and name.isprintable()


def _label(name: object, number: int, usable: Callable[[object], bool] = usable) -> str:
    return str(name) if usable(name) else f"#{number}"
