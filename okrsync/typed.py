"""What people type or put into an address: the names of goals, teams, sources and items, days and instants.

Each function returns what was meant, or raises UsageError with what to write instead; ``option`` is what the value was
given as: ``--since`` on the command line, ``since`` in an address.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from config.faults import hint, listed
from okrsync.errors import UsageError
from okrsync.model import SourceConfig
from okrsync.reports.common import line
from okrsync.store import queries
from okrsync.store.alike import alike
from rollup.span import last_instant

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config import Config

DAY = len("2026-12-24")
FIRST = 1970
"""The year before which nothing happened in any tool."""


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def unknown(what: str, name: str, known: Iterable[str]) -> UsageError:
    """That there is no ``what`` of this ``name``: with the one that was likely meant, else with all that there are."""
    names = tuple(known)
    return UsageError(f"no {what} {name!r}{hint(name, names) or f'; there are: {listed(names)}'}")


def objectives(config: Config, names: Collection[str], option: str = "--objective") -> list[str]:
    """These names, each of which is an objective."""
    goals = config.goals
    for name in names:
        if name in goals.key_results:
            raise UsageError(f"{name} is a key result of {option} {goals.key_results[name].objective}")
        if name not in goals.objectives:
            raise unknown("objective", name, goals.objectives)
    return list(names)


def team(config: Config, name: str | None) -> str | None:
    """This name, which is a team; None is all of them."""
    if name is not None and name not in {one.id for one in config.teams}:
        raise unknown("team", name, [one.id for one in config.teams])
    return name


def sources(config: Config, names: Collection[str]) -> list[SourceConfig]:
    """The sources named, each once; all of them where none is."""
    known = {source.id: source for source in config.sources}
    strange = [name for name in names if name not in known]
    if strange:
        raise UsageError(f"no source {strange[0]!r} is configured; there are: {', '.join(known) or 'none'}")
    return [known[name] for name in dict.fromkeys(names)] if names else list(known.values())


def grouping(said: str | None, allowed: Collection[str], option: str = "--group-by") -> str:
    """One of the groupings of a report; the first where nothing is said."""
    if said is not None and said not in allowed:
        raise UsageError(f"{option} takes one of: {', '.join(allowed)}")
    return said if said is not None else next(iter(allowed))


# ── days and instants ────────────────────────────────────────────────────────────────────────────────────────────────


def instant(option: str, said: str, timezone: str, now: datetime) -> tuple[datetime, bool]:
    """The beginning of a day, or an instant, in this time zone unless another is named; and whether it is a day."""
    zone = ZoneInfo(timezone)
    try:
        named = _since_ever(datetime.fromisoformat(said))
        return named.astimezone(zone) if named.tzinfo else named.replace(tzinfo=zone), len(said) <= DAY
    except (ValueError, OverflowError):
        today = now.astimezone(zone)
        raise UsageError(
            f"{option} {said} is no day; write it as {today:%Y-%m-%d}, or an instant as {today:%Y-%m-%dT%H:%M}"
        ) from None


def past_moment(config: Config, at: str, now: datetime, option: str = "--at") -> datetime:
    """The last instant of a local day, or an instant; of today what is known by now."""
    zone = ZoneInfo(config.goals.timezone)
    named, day = instant(option, at, config.goals.timezone, now)
    if named.astimezone(zone).date() > now.astimezone(zone).date() or (not day and named > now):
        raise UsageError(f"{option} {at} has not come yet; okrsync status says what is known now, with its forecast")
    if not day:
        return named.astimezone(UTC)
    return min(last_instant(named.date(), config.goals.timezone), now)


def past_day(config: Config, since: str, now: datetime, option: str = "--since") -> datetime:
    """A local day that has begun, as somebody writes it."""
    zone = ZoneInfo(config.goals.timezone)
    try:
        day = _since_ever(datetime.combine(date.fromisoformat(since.strip()), time()))
    except ValueError:
        raise UsageError(f"{option} {since} is no day; write it as {now.astimezone(zone):%Y-%m-%d}") from None
    if day.replace(tzinfo=zone) > now:
        raise UsageError(f"{option} {day:%Y-%m-%d} has not come yet; the period begins in the past")
    return day


def past_start(config: Config, since: str, now: datetime, option: str = "--since") -> datetime:
    """The first instant of a local day that has begun."""
    return past_day(config, since, now, option).replace(tzinfo=ZoneInfo(config.goals.timezone))


def _since_ever(at: datetime) -> datetime:
    """An instant in which something can have happened; ValueError where it is none."""
    if at.year < FIRST:
        raise ValueError
    return at


# ── items ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Unclear:
    """A text that names no single item: because ``several`` bear this name, because it is that of a ``goal``, because
    ``nothing`` was ever read, or because it is ``unknown``. ``meant`` is what it may have meant: names of items, or the
    goal and its objective."""

    text: str
    why: Literal["several", "goal", "nothing", "unknown"]
    meant: tuple[str, ...] = ()


def look_up(tx: Connection, config: Config, text: str) -> queries.Found | Unclear:
    """The one item of the configured sources that ``text`` names, or why there is none."""
    configured = {source.id for source in config.sources}
    text = line(text).strip()  # as it was copied: from a comment, with characters that nobody sees
    found = [one for one in queries.find(tx, text) if one.source in configured]
    if len(found) == 1:
        return found[0]
    if found:
        return Unclear(text, "several", tuple(f"{one.source}:{one.key}" for one in found))
    if goal := _goal(config, text):
        return Unclear(text, "goal", goal)
    if queries.empty(tx):
        return Unclear(text, "nothing")
    return Unclear(text, "unknown", tuple(alike(tx, text, configured)))


def item(tx: Connection, config: Config, text: str) -> queries.Found:
    """The one item of the configured sources that ``text`` names; UsageError where it names none or several."""
    found = look_up(tx, config, text)
    if isinstance(found, queries.Found):
        return found
    text = found.text
    if found.why == "several":
        raise UsageError(f"{text!r} names {len(found.meant)} items; say which: {', '.join(found.meant)}")
    if found.why == "goal":
        goal, objective = found.meant
        raise UsageError(
            f"{goal} is a goal and no item: okrsync status --objective {objective} tells how it stands, "
            f"okrsync backlog --objective {objective} what is open for it"
        )
    if found.why == "nothing":
        raise UsageError(f"no item {text!r} is stored, for nothing is yet; type: okrsync sync")
    meant = f" (did you mean {' or '.join(found.meant)}?)" if found.meant else ""
    raise UsageError(
        f"no item {text!r} is stored{meant}; a key (SHOP-12, acme/shop#7, the id of an Asana task), SOURCE:KEY, an "
        "address, or the first seven digits of a commit's sha name one"
    )


def _goal(config: Config, text: str) -> tuple[str, ...]:
    """The goal of this name and its objective; nothing where it is none."""
    goals, name = config.goals, folded(text).removeprefix("okr:")
    known = {folded(one): one for one in (*goals.objectives, *goals.key_results)}
    goal = known.get(name)
    if goal is None:
        return ()
    return goal, goal if goal in goals.objectives else goals.key_results[goal].objective


def folded(text: str) -> str:
    """The text as names are compared."""
    return unicodedata.normalize("NFC", text).casefold()
