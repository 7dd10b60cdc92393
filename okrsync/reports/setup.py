"""The configuration as it is, and what each token can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from config import Config, Smtp
from okrsync.errors import AuthError, ConfigError, OkrsyncError
from okrsync.model import Account, Lack, Limit, Say, Scope, SourceConfig, Surface, WritebackPolicy, WriteMode
from okrsync.reports.common import Speak, indented, instant, iso, table, text
from okrsync.reports.sheet import Sheet
from okrsync.writing.modes import modes

EXPIRES_SOON = timedelta(days=14)
"""A token that ends within this is warned of."""


@dataclass(frozen=True, slots=True)
class Count:
    """One query that key results count by, as the tool took it: how many items it finds, or why it finds none."""

    query: str
    key_results: tuple[str, ...]
    count: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """One source after an attempt to sign in."""

    source: SourceConfig
    account: Account | None = None
    scopes: tuple[Scope, ...] = ()
    counts: tuple[Count, ...] = ()
    error: OkrsyncError | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """The mail server of the reports after an attempt to sign in."""

    server: Smtp
    to: tuple[str, ...]
    error: OkrsyncError | None = None


def check_answer(
    config: Config,
    checked: Sequence[Checked],
    now: datetime,
    *,
    changes: int | None = None,
    post: Post | None = None,
) -> dict[str, Any]:
    """``changes``: how many there are since the store was last linked, None where nothing tells."""
    goals = config.goals
    return {
        "file": str(config.path),
        "objectives": len(goals.objectives),
        "key_results": len(goals.key_results),
        "sources": [source.id for source in config.sources],
        "changes": changes,
        "accounts": [_account(one, config.writeback, now) for one in checked],
        "mail": None if post is None else _mail(post),
    }


def _mail(post: Post) -> dict[str, Any]:
    return {
        "server": f"{post.server.host}:{post.server.port}",
        "account": post.server.user,
        "to": list(post.to),
        "state": _state(post.error),
        "error": str(post.error) if post.error else None,
    }


def _account(checked: Checked, policy: WritebackPolicy, now: datetime) -> dict[str, Any]:
    account, error = checked.account, checked.error
    expires = account.expires_at if account else None
    return {
        "source": checked.source.id,
        "state": "unreachable" if _is_shut(checked) else _state(checked.error),
        "account": account.name if account else None,
        "product": account.product if account else None,
        "timezone": account.timezone if account else None,
        "expires_at": iso(expires),
        "expires_in_days": (expires - now) // timedelta(days=1) if expires else None,
        "rights": dict(account.rights) if account else {},
        "lacks": lacks(account.lacks, policy, checked.source.id) if account else [],
        "unreadable": [f"{scope.key}: {scope.why}" for scope in checked.scopes if not scope.readable],
        "limits": [_limit(limit) for limit in account.limits] if account else [],
        "counts": [asdict(count) for count in checked.counts],
        "error": str(error) if error else None,
    }


def lacks(found: Sequence[Lack], policy: WritebackPolicy, source: str) -> list[dict[str, Any]]:
    """What cannot be read, and what cannot be written of what is to be written there."""
    wanted = policy.surfaces_of(source) if modes(policy, {source}) != {WriteMode.OFF} else frozenset()
    return [
        {"text": lack.text, "surfaces": [surface.value for surface in Surface if surface in lack.surfaces & wanted]}
        for lack in found
        if not lack.surfaces or lack.surfaces & wanted
    ]


def _limit(limit: Limit) -> dict[str, Any]:
    return {"name": limit.name, "limit": limit.limit, "left": limit.left, "resets_at": iso(limit.resets_at)}


def _is_shut(checked: Checked) -> bool:
    """We are let in, and may read nothing."""
    return not checked.error and bool(checked.scopes) and not any(scope.readable for scope in checked.scopes)


def _state(error: OkrsyncError | None) -> str:
    match error:
        case None:
            return "ok"
        case ConfigError():
            return "misconfigured"
        case AuthError():
            return "auth_failed"
        case _:
            return "unavailable"


def check_sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a source that was asked, with what its account lacks."""
    columns = (
        *("source", "state", "account", "product", "timezone", "expires_at", "expires_in_days", "rights", "lacks"),
        *("unreadable", "limits", "counts", "error"),
    )
    shown = tuple(name for name in columns if name not in ("timezone", "expires_in_days", "rights"))
    rows = [
        {
            **one,
            "lacks": "; ".join(map(_lack, one["lacks"])),
            "unreadable": "; ".join(one["unreadable"]),
            "limits": "; ".join(map(_left, one["limits"])),
            "counts": "; ".join(map(_count, one["counts"])),
        }
        for one in answer["accounts"]
    ]
    return Sheet(speak(Say.of("sheet.title.check")), (_fine(answer), *_changed(answer)), columns, rows, shown)


def _fine(answer: Mapping[str, Any]) -> str:
    counted = {
        "objective": answer["objectives"],
        "key result": answer["key_results"],
        "source": len(answer["sources"]),
    }
    told = ", ".join(f"{count} {what}{'' if count == 1 else 's'}" for what, count in counted.items())
    return f"{answer['file']}: fine, {told}"


def _changed(answer: Mapping[str, Any]) -> list[str]:
    """One sentence where the store was linked under another configuration."""
    count = answer["changes"]
    if not count:
        return []
    changes, do = ("1 change", "it does") if count == 1 else (f"{count} changes", "they do")
    return [f"{changes} since the last link job: okrsync config show --diff tells what {do}"]


def draw_check(answer: Mapping[str, Any]) -> list[RenderableType]:
    """Of each source that was asked: who we are there, what we may do, what is left; what needs somebody, in yellow."""
    parts: list[RenderableType] = [text(_fine(answer)), *(text(line, "yellow") for line in _changed(answer))]
    for one in answer["accounts"]:
        if one["error"]:
            parts.append(Text.assemble(text(one["source"], "bold"), "  ", text(one["error"], "red")))
            continue
        who = f"{one['product']}, as {one['account']}, time zone {one['timezone']}"
        parts.append(Text.assemble(text(one["source"], "bold"), "  ", text(who)))
        told = [*_rights(one["rights"]), *(_count(count) for count in one["counts"] if not count["error"])]
        if one["limits"]:
            told.append(f"limits: {', '.join(map(_left, one['limits']))}")
        warned = [_lack(lack) for lack in one["lacks"]]
        known = [lack["text"] for lack in one["lacks"] if not lack["surfaces"]]
        warned += [scope for scope in one["unreadable"] if not any(_tells_of(lack, scope) for lack in known)]
        warned += [_count(count) for count in one["counts"] if count["error"]]
        if one["expires_at"]:
            soon = one["expires_in_days"] < EXPIRES_SOON.days
            (warned if soon else told).append(_expiry(one["expires_at"], one["expires_in_days"]))
        parts += [indented(text(line), 2) for line in told]
        parts += [indented(text(f"! {line}", "yellow"), 2) for line in warned]
    if (mail := answer["mail"]) is not None:
        who = f", as {mail['account']}" if mail["account"] else ""
        outcome = text(mail["error"], "red") if mail["error"] else text(f"{mail['server']}{who}, takes the reports")
        parts.append(Text.assemble(text("mail", "bold"), "  ", outcome))
    return parts


def _rights(rights: Mapping[str, bool]) -> list[str]:
    """A line a right with the projects that grant it, and one with those that do not."""
    found: dict[tuple[str, bool], list[str]] = {}
    for name, has in rights.items():
        project, _, right = name.rpartition(" ")
        found.setdefault((right, has), []).append(project)
    return [
        f"{'✔' if has else '✖'} {': '.join(filter(None, (right, ', '.join(where))))}"
        for (right, has), where in found.items()
    ]


def _lack(lack: Mapping[str, Any]) -> str:
    return f"{lack['text']} ({', '.join(lack['surfaces'])})" if lack["surfaces"] else str(lack["text"])


def _left(limit: Mapping[str, Any]) -> str:
    until = f" until {instant(limit['resets_at'])}" if limit["resets_at"] else ""
    return f"{limit['name']} {limit['left']} of {limit['limit']} left{until}"


def _expiry(at: str, days: int) -> str:
    if days < 0:
        return f"the token ended on {at[:10]}, as the tool tells; put a new one in its place"
    when = f"in {days} days" if days > 1 else "in one day" if days == 1 else "within a day"
    return f"the token expires on {at[:10]}, {when}; put a new one in its place in time"


def _count(count: Mapping[str, Any]) -> str:
    """The key results, what they are counted by, and what came of it."""
    found = count["error"] or ("not known at the moment" if count["count"] is None else f"{count['count']} found")
    return f"{', '.join(count['key_results'])}: {found} ({count['query']})"


def _tells_of(lack: str, unreadable: str) -> bool:
    """Whether a lack says that this scope cannot be read, by its name or by the same reason."""
    place, _, why = unreadable.partition(": ")
    return lack.startswith(f"{place}: ") or why in lack


def config_answer(config: Config) -> dict[str, Any]:
    return {
        "file": str(config.path),
        "values": [{"key": key, "value": value, "origin": origin} for key, (value, origin) in config.origins.items()],
    }


def config_sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row an option."""
    columns = ("key", "value", "origin")
    return Sheet(speak(Say.of("sheet.title.config")), (answer["file"],), columns, answer["values"])


def draw_config(answer: Mapping[str, Any]) -> list[RenderableType]:
    """As the file writes it, a block a table; what is not set by anybody stands there too, as default."""
    parts: list[RenderableType] = [text(answer["file"])]
    places: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for row in answer["values"]:
        place, _, name = row["key"].rpartition(".")
        places.setdefault(place, []).append((name, row))
    for place, found in places.items():
        rows = table("", "", "")
        rows.show_header = False
        for name, row in found:
            rows.add_row(text(name), text(_shown(row["value"])), text(row["origin"], "dim"))
        parts += ["", text(f"[{place}]", "bold"), Padding(rows, (0, 0, 0, 2))]
    return parts


def _shown(value: object) -> str:
    """As TOML writes it; a dash for what is not set."""
    return "—" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()
