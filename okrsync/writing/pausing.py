"""Times in which nothing is sent: those of the configuration, and the one that ``okrsync pause`` began."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from okrsync.model import Json, Pause, WritebackPolicy
from okrsync.store.meta import get_meta, set_meta

if TYPE_CHECKING:
    from sqlalchemy import Connection

PAUSE = "pause"  # the name under which the store keeps the one that a person began


@dataclass(frozen=True, slots=True)
class Standstill:
    """A pause that lasts now; ``by`` is who began it, empty where the configuration says so."""

    pause: Pause
    by: str = ""

    @property
    def told(self) -> str:
        """What a command that would send says, in English as all errors are."""
        until = "" if self.pause.end is None else f" until {self.pause.end.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        why = f", {self.by} said so" if self.by else ""
        why += f": {self.pause.why}" if self.pause.why else ""
        end = "okrsync resume" if self.by else "take its entry out of [[writeback.pauses]]"
        return f"nothing is sent{until}{why}. To end it: {end}"


def pause(tx: Connection, *, by: str, until: datetime | None, why: str, now: datetime) -> Standstill:
    """Nothing is sent from now on, until then or until :func:`resume`; it takes the place of one that lasts already."""
    begun = {"since": now.isoformat(), "until": None if until is None else until.isoformat(), "why": why, "by": by}
    set_meta(tx, PAUSE, begun)
    return Standstill(Pause(now, until, why), by)


def resume(tx: Connection, now: datetime) -> Standstill | None:
    """What a person began is over; the pause that lasted, or None."""
    found = _begun(tx, now)
    set_meta(tx, PAUSE, None)
    return found


def current(tx: Connection, policy: WritebackPolicy, now: datetime) -> Standstill | None:
    """The pause that lasts now, of several the one that ends last; None where what is due may be sent."""
    lasting = [Standstill(one) for one in policy.pauses if one.start <= now and (one.end is None or now < one.end)]
    begun = _begun(tx, now)
    return max([*lasting, *([begun] if begun else [])], key=_end, default=None)


def _end(one: Standstill) -> datetime:
    return one.pause.end or datetime.max.replace(tzinfo=UTC)


def _begun(tx: Connection, now: datetime) -> Standstill | None:
    kept = cast("dict[str, Json]", get_meta(tx, PAUSE) or {})
    if not kept:
        return None
    until = kept["until"] and datetime.fromisoformat(str(kept["until"]))
    if until and until <= now:
        return None
    found = Pause(datetime.fromisoformat(str(kept["since"])), until or None, str(kept["why"]))
    return Standstill(found, str(kept["by"]))
