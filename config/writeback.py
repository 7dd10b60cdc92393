"""``[writeback]``: what may be written where, and when; beside it, under its id, what holds for one source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, InstanceOf, PlainSerializer, ValidationInfo, create_model, field_validator

from config.context import Context
from config.faults import RawTable, Unfit, hint, listed, quoted
from config.fields import EARLIEST, LATEST, Count, Duration, FieldId, ProjectReference, Text, midnight
from config.schema import TomlTable
from okrsync.errors import Problem
from okrsync.model import UNASKED, Deleted, ItemRef, Pause, SourcePolicy, Surface, WritebackPolicy, WriteMode

POLICY = WritebackPolicy()  # the documented defaults live in the model

_OF_SOURCE = "of_source_"
_FILLED = {"objective_field": Surface.OBJECTIVE_FIELD, "progress_field": Surface.NUMBER}


def _moment(value: object) -> date | datetime:
    """A day, or a time in it, as TOML has them; both may be text, as JSON holds them."""
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value) if len(value) > len("2026-12-19") else date.fromisoformat(value)
        except ValueError:
            moment = None
    if not isinstance(moment, date):
        raise Unfit("must be a day or a time, such as 2026-12-19 or 2026-12-19T18:00:00")
    if not EARLIEST <= (moment.date() if isinstance(moment, datetime) else moment) <= LATEST:
        raise Unfit(f"must be between {EARLIEST} and {LATEST}")
    return moment


Moment = Annotated[
    InstanceOf[date], BeforeValidator(_moment), PlainSerializer(lambda moment: moment.isoformat(), return_type=str)
]
"""A whole day (a ``date``), or an instant in or without a zone (a ``datetime``)."""


class PauseTable(TomlTable):
    """Days are whole ones, the last included; times are of the configured zone where they name none."""

    start: Annotated[Moment, Field(examples=["2026-12-19"])]
    end: Moment | None = None
    why: Text = ""

    @field_validator("end")
    @classmethod
    def _is_not_before_start(cls, value: Moment | None, info: ValidationInfo) -> Moment | None:
        if value is not None and "start" in info.data and ends(value, UTC) <= starts(info.data["start"], UTC):
            raise Unfit(f"must not be before start = {info.data['start']}")
        return value


class SourceWriteTable(TomlTable):
    """What holds for one source; what it leaves out holds as it does everywhere."""

    mode: WriteMode | None = None
    surfaces: tuple[Surface, ...] | None = None
    objective_field: FieldId = ""
    progress_field: FieldId = ""

    @field_validator("progress_field")
    @classmethod
    def _is_another_field(cls, value: str, info: ValidationInfo) -> str:
        if value and value == info.data.get("objective_field"):
            raise Unfit("is filled with the objective already; name another field")
        return value


class WritebackTable(TomlTable):
    """What stands beside the keys that are named like the sources."""

    mode: WriteMode = POLICY.mode
    surfaces: tuple[Surface, ...] = tuple(surface for surface in Surface if surface in UNASKED)
    only: tuple[ProjectReference, ...] = POLICY.only
    cap: Count = POLICY.cap
    quiet: Duration = POLICY.quiet
    daily: Count = POLICY.daily
    deleted: Deleted = POLICY.deleted
    targets: Mapping[str, WriteMode] = Field(default_factory=dict)
    pauses: tuple[PauseTable, ...] = ()


def writeback_table(sources: Iterable[str], data: Mapping[str, Any]) -> type[WritebackTable]:
    """The table with one more key a source: its mode, ``writeback.jira = "apply"``, or a table of its own."""
    return _table_with(tuple((source, isinstance(data.get(source), dict)) for source in sources))


@lru_cache(maxsize=16)  # to make one takes longer than to read the rest of the configuration
def _table_with(sources: tuple[tuple[str, bool], ...]) -> type[WritebackTable]:
    """The same, by which of the sources have a table of their own."""
    fields: dict[str, Any] = {
        f"{_OF_SOURCE}{n}": ((SourceWriteTable if own else WriteMode) | None, Field(None, alias=source))
        for n, (source, own) in enumerate(sources)
    }
    return create_model("WritebackTable", __base__=WritebackTable, **fields)


def faults(table: RawTable, context: Context, targets: frozenset[str] | None) -> Iterator[Problem]:
    """What no table can know of itself: a target that nothing is written to (``targets`` is None where not all that is
    could be read), and what the tool of a source has no place for."""
    for name in _table(table.data.get("targets")):
        if targets is not None and name not in targets:
            near = hint(name, targets) or f"; written to: {listed(sorted(targets))}"
            yield table.problem(("targets", name), f"no key result is written there{near}")
    for source, kind in (context.sources or {}).items():
        offered: frozenset[Surface] = getattr(context.kinds.get(kind), "surfaces", frozenset(Surface))
        own = _table(table.data.get(source))
        asked = own.get("surfaces")
        for number, surface in enumerate(asked if isinstance(asked, list | tuple) else ()):
            if surface in set(Surface) - offered:
                has = listed(one.value for one in Surface if one in offered)
                yield table.problem((source, "surfaces", number), f"{quoted(source)} has no {surface}; it has: {has}")
        for option, needed in _FILLED.items():
            if own.get(option) and needed not in offered:
                yield table.problem((source, option), f"{quoted(source)} has no field that could be filled")


def written(table: RawTable, source: str) -> Mapping[str, str]:
    """Id of each field that okrsync fills in a source → the option that names it, whatever else is wrong there."""
    own = _table(table.data.get(source))
    return {str(own[option]): f"writeback.{source}.{option}" for option in _FILLED if own.get(option)}


def of_sources(table: WritebackTable) -> dict[str, SourcePolicy]:
    """What single sources were given."""
    given = {
        str(info.alias): value
        for name, info in type(table).model_fields.items()
        if name.startswith(_OF_SOURCE) and (value := getattr(table, name)) is not None
    }
    return {source: _policy(value) for source, value in given.items()}


def build(table: WritebackTable, timezone: str) -> WritebackPolicy:
    zone = ZoneInfo(timezone)
    return WritebackPolicy(
        mode=table.mode,
        sources=of_sources(table),
        targets={_target(name): mode for name, mode in table.targets.items()},
        surfaces=frozenset(table.surfaces),
        only=table.only,
        cap=table.cap,
        quiet=table.quiet,
        daily=table.daily,
        deleted=table.deleted,
        pauses=tuple(
            Pause(starts(pause.start, zone), None if pause.end is None else ends(pause.end, zone), pause.why)
            for pause in table.pauses
        ),
    )


def starts(moment: date, zone: tzinfo) -> datetime:
    """The instant in UTC: of a day its first one, of a time without a zone that of the configured one."""
    if not isinstance(moment, datetime):
        return midnight(moment, zone)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def ends(moment: date, zone: tzinfo) -> datetime:
    """The same of what ends: a day does so with the midnight after it."""
    return starts(moment if isinstance(moment, datetime) else moment + timedelta(days=1), zone)


def _policy(given: WriteMode | SourceWriteTable) -> SourcePolicy:
    if not isinstance(given, SourceWriteTable):
        return SourcePolicy(given)
    surfaces = None if given.surfaces is None else frozenset(given.surfaces)
    return SourcePolicy(given.mode, surfaces, given.objective_field, given.progress_field)


def _target(name: str) -> ItemRef:
    source, _, key = name.partition(":")
    return ItemRef(source, key)


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
