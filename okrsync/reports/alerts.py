"""Alerts for people: those that stand, those that are over, and the message that tells of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from rich.console import RenderableType
from rich.text import Text

from config import Config
from okrsync.logs import redact
from okrsync.model import Json, Say, pages
from okrsync.reports import gates
from okrsync.reports.common import Speak, indented, instant, iso, line, text
from okrsync.reports.sheet import Sheet
from okrsync.reports.week_letter import cut, mrkdwn
from okrsync.store import alerts, codec
from okrsync.store.alerts import Alert
from okrsync.texts import speaker

if TYPE_CHECKING:
    from sqlalchemy import Connection

LISTED = 20
"""Lines of one message; the rest is counted."""
LINE = 700
"""Characters of a line: twenty of them are what Mattermost takes."""
COLUMNS = ("id", "kind", "subject", "told", "url", "since", "ended_at", "end", "end_told", "told_at", "end_told_at")
SHOWN = ("alert_kind", "alert", "since", "ended_at", "end_told")


@dataclass(frozen=True, slots=True)
class News:
    """That an alert stands, or that it is ``over``."""

    alert: Alert
    over: bool = False


def answer(tx: Connection, config: Config, now: datetime, speak: Speak, *, everything: bool = False) -> dict[str, Any]:
    """The alerts that stand, or all that are remembered; the newest first."""
    found = alerts.every(tx) if everything else alerts.standing(tx)
    return {
        "at": iso(now),
        "standing": sum(alerts.open_counts(tx).values()),
        "alerts": [_row(one, config, speak) for one in reversed(found)],
    }


def _row(one: Alert, config: Config, speak: Speak) -> dict[str, Any]:
    over = one.ended_at is not None
    return {
        "id": one.id,
        "kind": one.kind,
        "subject": one.subject,
        "told": sentence(News(one), speak),
        "end": _of(one.document.get("end")).get("why"),
        "end_told": sentence(News(one, over=True), speak) if over else None,
        "path": path(one),
        "url": link(one, config) or None,
        "since": iso(one.since),
        "ended_at": iso(one.ended_at),
        "told_at": iso(one.told_at),
        "end_told_at": iso(one.end_told_at),
    }


# ── sentences ────────────────────────────────────────────────────────────────────────────────────────────────────────


def sentence(news: News, speak: Speak) -> str:
    """What is amiss, or how it ended, on one line."""
    alert = news.alert
    return line(speak(_end(alert, speak)) if news.over else _began(alert, speak))


def _began(alert: Alert, speak: Speak) -> str:
    facts = alert.document
    match alert.kind:
        case "status":
            was, now = (_status(facts[name], speak) for name in ("from", "to"))
            told = speak(Say.of("alert.status", goal=_name(alert), was=was, now=now))
            causes = "; ".join(speak(_say(one)) for one in cast("Sequence[Any]", facts["cause"]))
            return f"{told}. {causes}" if causes else told
        case "source":
            told = speak(
                Say.of(f"alert.source.{facts['state']}", source=alert.subject, at=instant(_stamp(facts["down_since"])))
            )
            return speak(Say.of("alert.because", told=told, why=str(facts["error"]))) if facts["error"] else told
        case "token":
            code = "alert.token.ended" if facts["ended"] else "alert.token"
            return speak(Say.of(code, source=alert.subject, day=_day(facts["expires_at"])))
        case _:
            row = {**facts, "verdict": "failed", "told": speak(_say(facts["told"]))}
            return speak(Say.of("alert.gate", gate=alert.subject, measured=gates.measured(row, speak)))


def _end(alert: Alert, speak: Speak) -> Say:
    facts = _of(alert.document.get("end"))
    why = facts["why"]
    if why != "over":
        return Say.of(f"alert.{why}.{alert.kind}", subject=_name(alert))
    match alert.kind:
        case "status":
            was, now = _status(alert.document["to"], speak), _status(facts["status"], speak)
            return Say.of("alert.over.status", goal=_name(alert), was=was, now=now)
        case "source":
            at = instant(_stamp(alert.document["down_since"]))
            return Say.of("alert.over.source", source=alert.subject, at=at)
        case "token" if "expires_at" in facts:
            return Say.of("alert.over.token", source=alert.subject, day=_day(facts["expires_at"]))
        case _:
            return Say.of(f"alert.over.{alert.kind}.plain", subject=alert.subject)


def _name(alert: Alert) -> str:
    title = alert.document.get("title")
    return f"{alert.subject} ({title})" if title else alert.subject


def _status(status: Json, speak: Speak) -> str:
    return speak(Say.of(f"status.{status}"))


def _say(document: Any) -> Say:
    return codec.load_say(document)


def _stamp(moment: Json) -> str | None:
    return iso(datetime.fromisoformat(str(moment)))


def _day(moment: Json) -> str:
    return str(moment)[:10]


def _of(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def link(alert: Alert, config: Config) -> str:
    """Where more is told; nothing where it is not known how people reach the daemon."""
    return pages.at(config.server.url, path(alert))


def path(alert: Alert) -> str:
    """The page that tells more, as a path."""
    match alert.kind:
        case "status" if alert.subject == alert.document["objective"]:
            return pages.objective(alert.subject)
        case "status":
            return pages.key_result(alert.subject)
        case "source" | "token":
            return pages.source(alert.subject)
        case _:
            return pages.ALERTS


# ── the message ──────────────────────────────────────────────────────────────────────────────────────────────────────


def owed(pending: Iterable[Alert]) -> list[News]:
    """What people are to be told of these, in the order in which it happened: each alert, and then its end."""
    news = [News(one) for one in pending if one.told_at is None]
    news += [News(one, over=True) for one in pending if one.ended_at is not None and one.end_told_at is None]
    return sorted(news, key=lambda one: (one.alert.ended_at if one.over else one.alert.since, one.alert.id, one.over))


def message(owed: Sequence[News], config: Config) -> dict[str, Json]:
    """One message as incoming webhooks of Slack take it; nothing in it is markup, or calls anybody, but our links."""
    speak = speaker(config.language)
    lines = [f"*{mrkdwn(speak(Say.of('alert.message', name=config.instance)))}*"]
    lines += [_line(one, config, speak) for one in owed[:LISTED]]
    if len(owed) > LISTED:
        lines.append(mrkdwn(speak(Say.of("alert.more", count=len(owed) - LISTED))))
    return {"text": "\n".join(lines)}


def _line(one: News, config: Config, speak: Speak) -> str:
    told = cut(mrkdwn(redact(sentence(one, speak))), LINE)
    where = link(one.alert, config)
    more = f" <{where}|{mrkdwn(speak(Say.of('alert.details')))}>" if where else ""
    return f"{'✔' if one.over else '▲'} {told}{more}"


# ── how it is drawn ──────────────────────────────────────────────────────────────────────────────────────────────────


def sheet(answer: Mapping[str, Any], speak: Speak, *, everything: bool = False) -> Sheet:
    """A row an alert, the newest first; ``everything`` as for :func:`answer`."""
    rows = [
        {**row, "alert": row["told"], "alert_kind": speak(Say.of(f"alert.kind.{row['kind']}"))}
        for row in answer["alerts"]
    ]
    return Sheet(speak(Say.of("sheet.title.alerts")), (_sum(answer, speak, everything),), COLUMNS, rows, SHOWN)


def draw(answer: Mapping[str, Any], speak: Speak, *, everything: bool = False) -> list[RenderableType]:
    """Each alert with when it began, how it ended, and whether people know of it."""
    parts: list[RenderableType] = [text(_sum(answer, speak, everything), "yellow" if answer["standing"] else "green")]
    for row in answer["alerts"]:
        symbol, style = ("✔", "green") if row["ended_at"] else ("▲", "yellow")
        parts += ["", Text.assemble((f"{symbol} ", style), text(row["told"]))]
        parts.append(indented(text(_when(row, speak), "dim"), 2))
        parts += [indented(text(row["end_told"]), 2)] if row["end_told"] else []
    return parts


def _sum(answer: Mapping[str, Any], speak: Speak, everything: bool) -> str:
    if everything and not answer["alerts"]:
        return speak(Say.of("alert.none"))
    return speak(Say.of("alert.standing", count=answer["standing"]))


def _when(row: Mapping[str, Any], speak: Speak) -> str:
    since, end = instant(row["since"]), instant(row["ended_at"])
    told = speak(Say.of("alert.ended" if row["ended_at"] else "alert.since", since=since, end=end))
    waits = row["told_at"] is None or (row["ended_at"] is not None and row["end_told_at"] is None)
    waits = waits and row["end"] != "muted"
    return told + (speak(Say.of("alert.waits")) if waits else "")
