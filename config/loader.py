"""``load``: files, environment and flags → one :class:`Config`, or every fault at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from config import gates, goals, operation, outline, writeback
from config import reports as weekly
from config.context import Context
from config.database import has_password, resolved, without_credentials
from config.effective import Setting, settings
from config.faults import RawTable, checked, keys_of, printable, quoted
from config.files import Document, included, read
from config.gates import GateTable
from config.given import said, without_files
from config.operation import (
    Alerts,
    AlertsTable,
    Retention,
    RetentionTable,
    Schedule,
    ScheduleTable,
    Server,
    ServerTable,
)
from config.overlays import TABLES, overlay
from config.reports import Reports, ReportsTable
from config.schema import (
    MappingTable,
    OkrsyncTable,
    RollupTable,
    TeamTable,
)
from config.sources import AppAuthTable, SourceTable, source_table
from config.writeback import WritebackTable, writeback_table
from okrsync.errors import ConfigError, Problem
from okrsync.model import (
    AppIdentity,
    Exemption,
    Gate,
    Goals,
    Json,
    Rules,
    SourceConfig,
    Team,
    Thresholds,
    WritebackPolicy,
)


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that the configuration says, as values of the model.

    ``base`` is the folder at which relative paths start; ``database`` may hold a password and is left out of ``repr``;
    ``origins`` maps each effective key to its value and origin; ``given`` is one document of all that is said beyond
    the defaults, of which ``restored`` makes a configuration again. Neither holds a secret.
    """

    path: Path
    base: Path
    database: str = field(repr=False)
    timezone: str
    language: str
    instance: str
    sources: tuple[SourceConfig, ...]
    goals: Goals
    rules: Rules
    thresholds: Thresholds
    teams: tuple[Team, ...]
    writeback: WritebackPolicy
    reports: Reports
    gates: tuple[Gate, ...]
    server: Server
    schedule: Schedule
    alerts: Alerts
    retention: Retention
    origins: Mapping[str, Setting] = field(repr=False)
    given: Mapping[str, Json] = field(repr=False)


def load(
    path: Path,
    environ: Mapping[str, str],
    kinds: Mapping[str, type[BaseModel]],
    flags: Mapping[str, str] | None = None,
) -> Config:
    """The configuration in ``path``, with what it includes, the environment and the flags ("okrsync.database") over it.

    ``kinds`` gives the settings of each kind of source: the model of those keys of ``[[sources]]`` that not all kinds
    share; it forbids unknown keys. Reads no secret and nothing but files. Raises ConfigError with every fault.
    """
    path = path.absolute()
    files = _read(read(path, path.name), path, environ, flags or {})
    tables = _check(files, Context(path.parent, kinds))
    return _build(path, tables)


def restored(given: Mapping[str, Json], path: Path, kinds: Mapping[str, type[BaseModel]]) -> Config:
    """The configuration whose ``given`` this is, or was before something in it was changed, as if it stood in ``path``.

    It serves to judge what is stored, not to reach a tool: no file is looked at, those of certificates neither. Raises
    ConfigError with every fault, which it has where it was changed, or another version of the program wrote it.
    """
    files = _read(Document(path.name, without_files(given)), path, {}, {})
    return _build(path, _check(files, Context(path.parent, kinds)))


# ── read ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Read:
    """What the files, the environment and the flags hold, and what is wrong with their shape."""

    sections: Mapping[str, RawTable]
    sources: Sequence[RawTable]
    sources_complete: bool
    goals: outline.Goals
    gates: Sequence[RawTable]
    problems: list[Problem]


def _read(main: Document, path: Path, environ: Mapping[str, str], flags: Mapping[str, str]) -> _Read:
    problems: list[Problem] = []
    sources, complete = outline.entries(main, "sources", problems)
    if complete and not sources:
        problems.append(Problem(f"{main.name}: [sources]", "missing; at least one [[sources]] names a tool to read"))
    source_ids = outline.ids(sources)
    over = overlay(environ, flags, source_ids, set(_secret_variables(main, sources)), problems)
    sections = {name: outline.section(main, name, over, problems) for name in TABLES}
    more, unread = _included(path, sections["okrsync"])
    gathered = outline.goals((main, *more), problems)
    gathered.complete &= not unread
    problems += unread
    gates_told, _ = outline.entries(main, "gates", problems)
    problems += outline.unknown_sections(main, outline.IN_MAIN)
    for document in more:
        problems += outline.unknown_sections(document, outline.IN_INCLUDED)
    return _Read(sections, sources, complete and len(source_ids) == len(sources), gathered, gates_told, problems)


def _included(path: Path, table: RawTable) -> tuple[list[Document], list[Problem]]:
    """The included files, also where only a part of the patterns is text; the others are found by ``_check``."""
    given = table.data.get("include", ())
    patterns = given if isinstance(given, list | tuple) else [given]
    return included([pattern for pattern in patterns if isinstance(pattern, str)], path, table.place(("include",)))


def _secret_variables(main: Document, sources: Sequence[RawTable]) -> Iterator[str]:
    """The environment variables that are named as the place of a secret."""
    reports = main.data.get("reports")
    holders = [part for table in sources for part in (table.data, table.data.get("auth"))]
    holders += [reports, reports.get("smtp")] if isinstance(reports, dict) else []
    holders += [main.data.get("server"), main.data.get("alerts")]
    for holder in holders:
        for ref in holder.values() if isinstance(holder, dict) else ():
            match ref:
                case {"env": str(name)}:
                    yield name


# ── check ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Checked:
    """Valid tables, each beside the text that it was read from."""

    okrsync: tuple[RawTable, OkrsyncTable]
    sources: Sequence[tuple[RawTable, SourceTable[Any], BaseModel]]
    goals: goals.CheckedGoals
    mapping: tuple[RawTable, MappingTable]
    rollup: tuple[RawTable, RollupTable]
    teams: Sequence[tuple[RawTable, TeamTable]]
    writeback: tuple[RawTable, WritebackTable]
    reports: tuple[RawTable, ReportsTable]
    gates: Sequence[tuple[RawTable, GateTable]]
    server: tuple[RawTable, ServerTable]
    schedule: tuple[RawTable, ScheduleTable]
    alerts: tuple[RawTable, AlertsTable]
    retention: tuple[RawTable, RetentionTable]


def _check(files: _Read, context: Context) -> _Checked:
    problems, raw = files.problems, files.sections
    ids = outline.ids(files.sources)
    if files.sources_complete:
        kinds = {source: str(table.data.get("kind")) for source, table in zip(ids, files.sources, strict=True)}
        context = context.with_sources(kinds)
    else:  # whatever stands in [writeback] may be the mode of a source whose id cannot be read
        ids = [*ids, *(key for key in raw["writeback"].data if key not in WritebackTable.model_fields)]
    okrsync = checked(OkrsyncTable, raw["okrsync"], context, problems)
    problems.extend(_password_in_file(raw["okrsync"]))
    problems.extend(outline.twins(files.sources))
    sources = [source for table in files.sources if (source := _source(table, context, problems))]
    checked_goals = goals.check(files.goals, context, problems)
    mapping = checked(MappingTable, raw["mapping"], context, problems)
    rollup = checked(RollupTable, raw["rollup"], context, problems)
    teams = [(table, team) for table in files.goals.teams if (team := checked(TeamTable, table, context, problems))]
    writes = checked(writeback_table(dict.fromkeys(ids), raw["writeback"].data), raw["writeback"], context, problems)
    problems.extend(writeback.faults(raw["writeback"], context, outline.written_to(files.goals)))
    problems.extend(_read_and_written(raw["mapping"], files.sources, raw["writeback"]))
    reports = checked(ReportsTable, raw["reports"], context, problems)
    checked_gates = gates.check(files.gates, context.with_teams(outline.teams(files.goals)), problems)
    server = checked(ServerTable, raw["server"], context, problems)
    schedule = checked(ScheduleTable, raw["schedule"], context, problems)
    alerts = checked(AlertsTable, raw["alerts"], context, problems)
    retention = checked(RetentionTable, raw["retention"], context, problems)
    if problems or not (okrsync and mapping and rollup and writes and reports):
        raise ConfigError([printable(problem) for problem in problems])
    if not (server and schedule and alerts and retention):
        raise ConfigError([printable(problem) for problem in problems])
    return _Checked(
        (raw["okrsync"], okrsync),
        sources,
        checked_goals,
        (raw["mapping"], mapping),
        (raw["rollup"], rollup),
        teams,
        (raw["writeback"], writes),
        (raw["reports"], reports),
        checked_gates,
        (raw["server"], server),
        (raw["schedule"], schedule),
        (raw["alerts"], alerts),
        (raw["retention"], retention),
    )


def _source(
    table: RawTable, context: Context, problems: list[Problem]
) -> tuple[RawTable, SourceTable[Any], BaseModel] | None:
    """The shared keys, and the others as the settings of the kind; these are not checked where the kind is unknown."""
    shared = keys_of(SourceTable)
    kind = table.data.get("kind")
    model = context.kinds.get(kind) if isinstance(kind, str) else None
    whole = source_table(table.data.get("auth"), takes_app=model is None or getattr(model, "takes_app", False))
    common = checked(whole, table.only(shared), context, problems)
    if model is None:
        return None
    others = table.only(key for key in table.data if key not in shared)
    own = checked(model, others, context, problems, beside=shared)
    if common is not None and common.auth.email is not None and not getattr(model, "takes_email", True):
        problems.append(
            table.problem(("auth", "email"), f"a source of kind {quoted(common.kind)} has none; its token is enough")
        )
    return (table, common, own) if common is not None and own is not None else None


def _password_in_file(table: RawTable) -> Iterator[Problem]:
    """A password in the address of the database is an inline secret, unless the environment or a flag gave it."""
    url = table.data.get("database")
    if isinstance(url, str) and "database" not in table.overlays and has_password(url):
        message = "a password is never written inline; give the whole address in OKRSYNC_DATABASE, or use ~/.pgpass"
        yield table.problem(("database",), message)


def _read_and_written(mapping: RawTable, sources: Sequence[RawTable], writes: RawTable) -> Iterator[Problem]:
    """One problem for each option that reads a field that okrsync fills: its own word would come back as a fact."""
    own: dict[str, str] = {}
    for table in sources:
        mine = writeback.written(writes, str(table.data.get("id")))
        own |= mine
        chosen = table.data.get("fields")
        for option, name in chosen.items() if isinstance(chosen, dict) else ():
            if str(name) in mine:
                yield table.problem(("fields", option), _own_word(name, mine[str(name)]))
    named = mapping.data.get("fields")
    for number, name in enumerate(named if isinstance(named, list | tuple) else ()):
        if str(name) in own:
            yield mapping.problem(("fields", number), _own_word(name, own[str(name)]))


def _own_word(name: object, option: str) -> str:
    return f"{quoted(str(name))} is filled by okrsync ({option}), and what it writes is never read; name another field"


# ── build ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _build(path: Path, tables: _Checked) -> Config:
    okrsync, server = tables.okrsync[1], operation.build_server(tables.server[1])
    return Config(
        path=path,
        base=path.parent,
        database=resolved(okrsync.database, path.parent),
        timezone=okrsync.timezone,
        language=okrsync.language,
        instance=okrsync.instance,
        sources=tuple(
            _source_config(source, own, path.parent, writeback.written(tables.writeback[0], source.id), server.url)
            for _, source, own in tables.sources
        ),
        goals=goals.build(tables.goals, okrsync.timezone),
        rules=_rules(tables.mapping[1]),
        thresholds=Thresholds(**dict(tables.rollup[1])),
        teams=tuple(
            Team(
                raw.section.removeprefix("teams."),
                projects=team.projects,
                repositories=team.repositories,
                labels=team.labels,
                value_stream=team.value_stream,
            )
            for raw, team in tables.teams
        ),
        writeback=writeback.build(tables.writeback[1], okrsync.timezone),
        reports=weekly.build(tables.reports[1], path.parent),
        gates=gates.build(tables.gates),
        server=server,
        schedule=operation.build_schedule(tables.schedule[1], okrsync.timezone),
        alerts=operation.build_alerts(tables.alerts[1]),
        retention=operation.build_retention(tables.retention[1]),
        origins=dict(_origins(tables)),
        given=_given(tables),
    )


def _source_config(
    table: SourceTable[Any], own: BaseModel, folder: Path, written: Iterable[str], base: str
) -> SourceConfig:
    auth = table.auth
    app = isinstance(auth, AppAuthTable)
    return SourceConfig(
        id=table.id,
        kind=table.kind,
        url=table.url,
        email=None if app else auth.email,
        token=auth.private_key if app else auth.token,
        app=AppIdentity(auth.app_id, auth.installation_id) if app else None,
        settings=own,
        entries=getattr(own, "entries", ()),
        every=None if table.cron else table.every,
        cron=table.cron,
        census=table.census,
        timeout=table.timeout,
        ca_file=None if table.ca_file is None else str(folder / table.ca_file),
        webhook_secret=table.webhook_secret,
        token_expires=None if app else auth.expires,
        written=frozenset(written),
        base=base,
    )


def _rules(table: MappingTable) -> Rules:
    return Rules(
        order=table.rules,
        label_patterns=table.label_patterns,
        fields=table.fields,
        exempt=tuple(Exemption(**dict(entry)) for entry in table.exempt),
        exempt_defaults=table.exempt_defaults,
        conflict=table.conflict,
    )


def _origins(tables: _Checked) -> Iterator[tuple[str, Setting]]:
    for key, setting in settings(*tables.okrsync):
        value = without_credentials(str(setting.value)) if key == "okrsync.database" else setting.value
        yield key, Setting(value, setting.origin)
    for raw, source, own in tables.sources:
        yield from settings(raw, source)
        yield from settings(raw, own)
    for pair in (*tables.goals.cycles, *tables.goals.objectives):
        yield from settings(*pair)
    for raw, key_result, _ in tables.goals.key_results:
        yield from settings(raw, key_result)
    for pair in (
        tables.mapping,
        tables.rollup,
        *tables.teams,
        tables.writeback,
        tables.reports,
        *tables.gates,
        tables.server,
        tables.schedule,
        tables.alerts,
        tables.retention,
    ):
        yield from settings(*pair)


def _given(tables: _Checked) -> dict[str, Json]:
    okrsync = said(tables.okrsync[1])
    if "database" in okrsync:
        okrsync["database"] = without_credentials(str(okrsync["database"]))
    key_results: dict[str, list[Json]] = {}
    for _, key_result, objective in tables.goals.key_results:
        key_results.setdefault(objective, []).append(said(key_result))
    return {
        "okrsync": okrsync,
        "sources": [said(source) | said(own) for _, source, own in tables.sources],
        "cycles": [said(cycle) for _, cycle in tables.goals.cycles],
        "objectives": [said(one) | {"key_results": key_results.get(one.id, [])} for _, one in tables.goals.objectives],
        "mapping": said(tables.mapping[1]),
        "rollup": said(tables.rollup[1]),
        "teams": {raw.section.removeprefix("teams."): said(team) for raw, team in tables.teams},
        "writeback": said(tables.writeback[1]),
        "reports": said(tables.reports[1]),
        "gates": [said(gate) for _, gate in tables.gates],
        "server": said(tables.server[1]),
        "schedule": said(tables.schedule[1]),
        "alerts": said(tables.alerts[1]),
        "retention": said(tables.retention[1]),
    }
