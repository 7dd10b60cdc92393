"""The commands by which a person lets okrsync write, and keeps it from writing."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import typer

from config.faults import hint
from okrsync import typed
from okrsync.cli.session import Session
from okrsync.errors import UsageError
from okrsync.model import Say
from okrsync.reports.common import Speak, instant, iso, line
from okrsync.reports.plan import pause_row, pause_sentence
from okrsync.store import codec, journal, written
from okrsync.texts import speaker
from okrsync.writing import approval, pausing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config import Config
    from okrsync.model import Slot
    from okrsync.writing.approval import Approval

DIGITS = 10  # of the number of a run at most


# ── approve ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def approve(session: Session, what: str) -> None:
    """Approve the drafts of a run, of a key result or on an object, and hand back what people changed there."""
    config, speak = session.config, speaker(session.config.language)
    goals = {codec.fold(kr): kr for kr in config.goals.key_results}
    kr = goals.get(codec.fold(what))
    with session.linked(writing=True) as tx:
        run = _run(tx, what) if kr is None else None
        if kr is not None:
            done = approval.of_key_result(tx, config, kr, by=session.by, now=session.now())
        elif run is not None:
            done = approval.of_run(tx, config, run, by=session.by, now=session.now())
        else:
            places = _places(tx, config, what)
            done = approval.of_places(tx, config, places, by=session.by, now=session.now())
        known = written.places(tx)
    for told in _approval(done, run, known, speak):
        typer.echo(line(told) if not told.startswith("  ") else f"  {line(told.strip())}")


def _run(tx: Connection, what: str) -> int | None:
    """The number of a run, where it is one; the id of an Asana task is a number, too, and longer."""
    if not what.isdecimal() or len(what) > DIGITS:
        return None
    if journal.run(tx, int(what)) is None:
        raise UsageError(f"there is no run {what}; type: okrsync runs")
    return int(what)


def _places(tx: Connection, config: Config, what: str) -> set[approval.Place]:
    """The object that is named as ``write_to`` names it, or as an item is."""
    named = {str(ref): ref for kr in config.goals.key_results.values() for ref in kr.write_to}
    if what in named and (found := approval.places_of(tx, config, [named[what]])):
        return found
    try:
        item = typed.item(tx, config, what)
    except UsageError as fault:
        meant = hint(what, config.goals.key_results)
        if not meant:
            raise
        raise UsageError(f"no key result and no item {what!r}{meant}") from fault
    return {(item.source, item.remote_id)}


def _approval(done: Approval, run: int | None, known: dict[Slot, tuple[str, str]], speak: Speak) -> list[str]:
    """What was done, object by object, and what to type next."""

    def on(slot: Slot) -> str:
        target = f"{slot.source}:{known.get(slot, (slot.remote_id, ''))[0]}"
        surface = speak(Say.of(f"report.surface.{slot.surface.value}", name=slot.name))
        return "  " + speak(Say.of("approve.on", target=target, surface=surface))

    told: list[str] = []
    if done.approved:
        surfaces = Counter(entry.write.slot.surface.value for entry in done.approved)
        counts = ", ".join(speak(Say.of(f"report.count.{name}", count=count)) for name, count in surfaces.items())
        told += [speak(Say.of("approve.approved", count=len(done.approved), counts=counts))]
        told += [on(entry.write.slot) for entry in done.approved]
    if done.before:
        told.append(speak(Say.of("approve.before", count=len(done.before))))
    if done.released:
        told += [speak(Say.of("approve.released", count=len(done.released))), *map(on, done.released)]
    if done.retried:
        told += [speak(Say.of("approve.retried", count=len(done.retried))), *map(on, done.retried)]
    if done.heard:
        told.append(speak(Say.of("approve.speaks", goals=", ".join(done.heard))))
    sent = sorted({entry.run for entry in (*done.approved, *done.before)})
    told += [speak(Say.of("approve.apply", run=number)) for number in sent]
    if done.released or done.heard or done.retried:
        told.append(speak(Say.of("approve.plan")))
    return told or [speak(Say.of("approve.nothing.run" if run else "approve.nothing.place", run=run or 0))]


# ── pause and resume ─────────────────────────────────────────────────────────────────────────────────────────────────


def pause(session: Session, *, until: str | None, why: str) -> None:
    """Nothing is sent from now on."""
    config, now = session.config, session.now()
    end = None if until is None else _until(config, until, now)
    with session.store.begin() as tx:
        begun = pausing.pause(tx, by=session.by, until=end, why=line(why).strip(), now=now)
    typer.echo(line(pause_sentence(pause_row(begun), speaker(config.language))))


def resume(session: Session) -> None:
    """What is due may be sent again."""
    config, now, speak = session.config, session.now(), speaker(session.config.language)
    with session.store.begin() as tx:
        ended = pausing.resume(tx, now)
        still = pausing.current(tx, config.writeback, now)
    if ended is None:
        typer.echo(speak(Say.of("pause.none")))
    else:
        facts = {"at": instant(iso(ended.pause.start)), "by": ended.by, "why": ended.pause.why}
        typer.echo(line(speak(Say.of("pause.ended.why" if ended.pause.why else "pause.ended", **facts))))
    if still is not None:
        typer.echo(line(pause_sentence(pause_row(still), speak)))


def _until(config: Config, until: str, now: datetime) -> datetime:
    """The end of a local day, or an instant, that is still to come."""
    named, day = typed.instant("--until", until, config.timezone, now)
    end = named + timedelta(days=1) if day else named
    if end <= now:
        raise UsageError(f"--until {until} is over already; without it the pause lasts until okrsync resume")
    return end
