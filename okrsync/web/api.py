"""``/api/v1``: the answers of the reports, read-only. They tell what the last link job judged; nothing is linked here.

Each is the JSON of its command (``okrsync status --format json`` …), in the language that is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from fastapi import APIRouter, Header, HTTPException, Path, Query, Response, Security
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from okrsync import __version__, typed
from okrsync.assess import assess, freshness
from okrsync.errors import UsageError
from okrsync.reports import alerts as alerts_report
from okrsync.reports import backlog as backlog_report
from okrsync.reports import effort as effort_report
from okrsync.reports import gaps as gaps_report
from okrsync.reports import orphans as orphans_report
from okrsync.reports import plan as plan_report
from okrsync.reports import runs as runs_report
from okrsync.reports import sources as sources_report
from okrsync.reports import status as status_report
from okrsync.reports import trace as trace_report
from okrsync.reports.common import Page, Speak
from okrsync.reports.encoding import as_json
from okrsync.store import journal
from okrsync.store.database import HEAD
from okrsync.texts import speaker
from okrsync.web import answers, faults
from okrsync.web.desk import Desk
from okrsync.web.language import preferred
from okrsync.writing import plan as planning
from rollup import period_start

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config import Config
    from okrsync.store import Store
    from okrsync.web.ports import Gauges

AT_ONCE = 2
"""Reports that are made side by side: they take a processor each."""

MOST = 1000
"""Rows of a page at most."""

Language: TypeAlias = Annotated[
    str, Header(alias="accept-language", description="fr or en; by default that of the configuration.")
]
Make: TypeAlias = "Callable[[Connection, Config, datetime, Speak], Mapping[str, Any]]"


# ── parameters ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Parameters(BaseModel):
    """What an address may ask for; a parameter that is not known is a fault, for it is a typing error."""

    model_config = ConfigDict(extra="forbid")


class Paged(Parameters):
    limit: int = Field(100, ge=1, le=MOST, description="Rows at most.")
    offset: int = Field(0, ge=0, le=10**9, description="Rows to pass over.")

    @property
    def page(self) -> Page:
        return Page(self.offset, self.limit)


class OfStatus(Parameters):
    objective: list[str] = Field([], description="Only this objective; may be repeated.")
    at: str | None = Field(None, description="As it stood at the end of this day, or at this instant.")


class OfItems(Paged):
    since: str | None = Field(None, description="From this day on.")
    team: str | None = Field(None, description="Only this team.")
    source: list[str] = Field([], description="Only this source; may be repeated.")
    group_by: str | None = Field(None, description="How to group, as the command has it.")


class OfBacklog(Paged):
    objective: list[str] = Field([], description="Only this objective; may be repeated.")
    team: str | None = Field(None, description="Only this team.")
    source: list[str] = Field([], description="Only this source; may be repeated.")


class OfEffort(Parameters):
    since: str | None = Field(None, description="From this day on; by default of the current cycle.")
    group_by: str | None = Field(None, description="objective, key_result, team or value_stream.")


class OfAlerts(Parameters):
    all: bool = Field(False, description="Those that are over too.")


# ── the addresses ────────────────────────────────────────────────────────────────────────────────────────────────────


def router(config: Callable[[], Config], store: Store, gauges: Gauges, *, clock: Callable[[], datetime]) -> APIRouter:
    """The addresses below ``/api/v1``; ``config`` is asked at each request."""
    api = APIRouter(
        prefix="/api/v1",
        dependencies=[Security(HTTPBearer(auto_error=False))],
        responses=faults.DOCUMENTED,
        tags=["api"],
    )
    desk = Desk(AT_ONCE)

    async def answer(language: str, make: Make) -> Response:
        current, now = config(), clock()
        chosen = preferred(language) or current.language

        def work() -> str:
            with store.read() as tx:
                return as_json(make(tx, current, now, speaker(chosen)))

        text = await desk.work(work)
        told = {"content-language": chosen, "vary": "accept-language"}
        return Response(text, media_type="application/json", headers=told)

    @api.get("/status", response_model=answers.StatusAnswer)
    async def status(asked: Annotated[OfStatus, Query()], language: Language = "") -> Response:
        """Objectives and key results: progress, status, cause, forecast, and a draft in words."""

        def make(tx: Connection, config: Config, now: datetime, speak: Speak) -> Mapping[str, Any]:
            only = typed.objectives(config, asked.objective, "objective =")
            at = None if asked.at is None else typed.past_moment(config, asked.at, now, "at")
            return status_report.asked(tx, config, now, speak, only=only, at=at)

        return await answer(language, make)

    @api.get("/orphans", response_model=answers.OrphansAnswer)
    async def orphans(asked: Annotated[OfItems, Query()], language: Language = "") -> Response:
        """What serves no objective, what it cost, and what to mend first. Pages hold groups by ``fix``, and items."""

        def make(tx: Connection, config: Config, now: datetime, speak: Speak) -> Mapping[str, Any]:
            return orphans_report.answer(
                *(tx, config, now, speak),
                group_by=typed.grouping(asked.group_by, orphans_report.groupings(config), "group_by"),
                since=None if asked.since is None else typed.past_day(config, asked.since, now, "since"),
                team=typed.team(config, asked.team),
                sources=[one.id for one in typed.sources(config, asked.source)] if asked.source else None,
                page=asked.page,
            )

        return await answer(language, make)

    @api.get("/gaps", response_model=answers.GapsAnswer)
    async def gaps(asked: Annotated[OfItems, Query()], language: Language = "") -> Response:
        """Everything that is broken in the chain, in either direction, with evidence and fix."""

        def make(tx: Connection, config: Config, now: datetime, speak: Speak) -> Mapping[str, Any]:
            since = None if asked.since is None else typed.past_start(config, asked.since, now, "since")
            chosen = [one.id for one in typed.sources(config, asked.source)] if asked.source else ()
            cut = gaps_report.Cut(since, typed.team(config, asked.team), chosen)
            by = typed.grouping(asked.group_by, gaps_report.GROUPINGS, "group_by")
            found = gaps_report.answer(tx, config, assess(tx, config, now), speak, cut=cut, group_by=by)
            return {**found, "gap_count": len(found["gaps"]), "gaps": asked.page.of(found["gaps"])}

        return await answer(language, make)

    @api.get("/backlog", response_model=answers.BacklogAnswer)
    async def backlog(asked: Annotated[OfBacklog, Query()], language: Language = "") -> Response:
        """The open work of all tools in the order in which it matters, with the reason of each place."""

        def make(tx: Connection, config: Config, now: datetime, speak: Speak) -> Mapping[str, Any]:
            only = typed.objectives(config, asked.objective, "objective =")
            chosen = [one.id for one in typed.sources(config, asked.source)] if asked.source else ()
            team = typed.team(config, asked.team)
            cut = backlog_report.Cut(only, team, chosen, asked.limit, start=asked.offset)
            return backlog_report.answer(tx, config, assess(tx, config, now), speak, cut=cut)

        return await answer(language, make)

    @api.get("/effort", response_model=answers.EffortAnswer)
    async def effort(asked: Annotated[OfEffort, Query()], language: Language = "") -> Response:
        """Where the effort of a period went, beside what each goal weighs."""

        def make(tx: Connection, config: Config, now: datetime, speak: Speak) -> Mapping[str, Any]:
            by = typed.grouping(asked.group_by, effort_report.GROUPINGS, "group_by")
            current = period_start(config.goals, now)
            since = current if asked.since is None else typed.past_start(config, asked.since, now, "since")
            return effort_report.answer(tx, config, assess(tx, config, now), speak, group_by=by, since=since)

        return await answer(language, make)

    @api.get("/trace/{item:path}", response_model=answers.TraceAnswer, responses=faults.NOT_FOUND)
    async def trace(
        item: Annotated[str, Path(description="SHOP-12, acme/shop%2312, a commit, SOURCE:KEY, or an address.")],
        language: Language = "",
    ) -> Response:
        """Every hop from the item to the objective, or where the chain breaks; the rules that lost."""

        def make(tx: Connection, config: Config, now: datetime, speak: Speak) -> Mapping[str, Any]:
            try:
                found = typed.item(tx, config, item)
            except UsageError as fault:
                raise HTTPException(404, str(fault)) from None
            return trace_report.answer(tx, config, found, assess(tx, config, now), speak)

        return await answer(language, make)

    @api.get("/plan", response_model=answers.PlanAnswer)
    async def plan(language: Language = "") -> Response:
        """The newest plan that was saved, with the writes of it that still wait."""

        def make(tx: Connection, config: Config, now: datetime, speak: Speak) -> Mapping[str, Any]:
            saved = planning.saved(tx)
            around = plan_report.surroundings(tx, config, saved, now)
            told = plan_report.plan_answer(saved, config, freshness(tx, config, now), now, speak, around)
            return {name: value for name, value in told.items() if name not in ("left", "unread")}  # never saved

        return await answer(language, make)

    @api.get("/runs", response_model=answers.RunsAnswer)
    async def runs(asked: Annotated[Paged, Query()], language: Language = "") -> Response:
        """The runs, the newest first, with what became of their writes."""

        def make(tx: Connection, config: Config, _: datetime, __: Speak) -> Mapping[str, Any]:
            every = runs_report.runs_answer(tx, config)["runs"]
            return {"run_count": len(every), "runs": asked.page.of(every)}

        return await answer(language, make)

    @api.get("/runs/{run}", response_model=answers.RunAnswer, responses=faults.NOT_FOUND)
    async def run(run: Annotated[int, Path(ge=1, le=2**53)], language: Language = "") -> Response:
        """Every write of a run with what became of it."""

        def make(tx: Connection, _: Config, __: datetime, speak: Speak) -> Mapping[str, Any]:
            found = journal.run(tx, run)
            if found is None:
                raise HTTPException(404, f"there is no run {run}")
            return runs_report.run_answer(tx, found, speak)

        return await answer(language, make)

    @api.get("/sources", response_model=answers.SourcesAnswer)
    async def read(language: Language = "") -> Response:
        """The sources: how they are, since when, what is left of their quotas."""
        return await answer(language, lambda tx, config, now, _: sources_report.answer(tx, config, now, gauges))

    @api.get("/alerts", response_model=answers.AlertsAnswer)
    async def alerts(asked: Annotated[OfAlerts, Query()], language: Language = "") -> Response:
        """What people were told of and is not over yet."""

        def make(tx: Connection, config: Config, now: datetime, speak: Speak) -> Mapping[str, Any]:
            return alerts_report.answer(tx, config, now, speak, everything=asked.all)

        return await answer(language, make)

    @api.get("/version", response_model=answers.VersionAnswer)
    async def version() -> dict[str, str]:
        """Which okrsync answers."""
        current = config()
        told = {"instance": current.instance, "language": current.language}
        return {"version": __version__, "schema": HEAD, **told}

    return api
