"""The configuration as it is, and what each token can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from config import Config
from okrsync.errors import AuthError, ConfigError, OkrsyncError
from okrsync.model import Account, Say, Scope, SourceConfig
from okrsync.reports.common import Speak, indented, table, text
from okrsync.reports.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Checked:
    """One source after an attempt to sign in."""

    source: SourceConfig
    account: Account | None = None
    scopes: tuple[Scope, ...] = ()
    error: OkrsyncError | None = None


def check_answer(config: Config, checked: Sequence[Checked]) -> dict[str, Any]:
    goals = config.goals
    return {
        "file": str(config.path),
        "objectives": len(goals.objectives),
        "key_results": len(goals.key_results),
        "sources": [source.id for source in config.sources],
        "accounts": [_account(one) for one in checked],
    }


def _account(checked: Checked) -> dict[str, Any]:
    account, error = checked.account, checked.error
    return {
        "source": checked.source.id,
        "state": _state(checked),
        "account": account.name if account else None,
        "product": account.product if account else None,
        "timezone": account.timezone if account else None,
        "rights": dict(account.rights) if account else {},
        "lacks": list(account.lacks) if account else [],
        "unreadable": [f"{scope.key}: {scope.why}" for scope in checked.scopes if not scope.readable],
        "error": str(error) if error else None,
    }


def _state(checked: Checked) -> str:
    match checked.error:
        case None:
            return "ok" if any(scope.readable for scope in checked.scopes) or not checked.scopes else "unreachable"
        case ConfigError():
            return "misconfigured"
        case AuthError():
            return "auth_failed"
        case _:
            return "unavailable"


def check_sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a source that was asked, with what its account lacks."""
    columns = ("source", "state", "account", "product", "timezone", "rights", "lacks", "unreadable", "error")
    shown = ("source", "state", "account", "product", "lacks", "unreadable", "error")
    return Sheet(speak(Say.of("sheet.title.check")), (_fine(answer),), columns, answer["accounts"], shown)


def _fine(answer: Mapping[str, Any]) -> str:
    return (
        f"{answer['file']}: fine, {answer['objectives']} objectives, {answer['key_results']} key results, "
        f"{len(answer['sources'])} sources"
    )


def draw_check(answer: Mapping[str, Any]) -> list[RenderableType]:
    parts: list[RenderableType] = [text(_fine(answer))]
    for one in answer["accounts"]:
        if one["error"]:
            parts.append(Text.assemble(text(one["source"], "bold"), "  ", text(one["error"], "red")))
            continue
        who = f"{one['product']}, as {one['account']}, time zone {one['timezone']}"
        parts.append(Text.assemble(text(one["source"], "bold"), "  ", text(who)))
        parts += [indented(text(line), 2) for line in _rights(one["rights"])]
        unsaid = [it for it in one["unreadable"] if not any(it.partition(": ")[2] in lack for lack in one["lacks"])]
        parts += [indented(text(f"! {lack}", "yellow"), 2) for lack in [*one["lacks"], *unsaid]]
    return parts


def _rights(rights: Mapping[str, bool]) -> list[str]:
    """A line a right with the projects that grant it, and one with those that do not."""
    found: dict[tuple[str, bool], list[str]] = {}
    for name, has in rights.items():
        project, _, right = name.rpartition(" ")
        found.setdefault((right, has), []).append(project)
    return [f"{'✔' if has else '✖'} {right}: {', '.join(where)}" for (right, has), where in found.items()]


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
