"""How a gap is mended, step by step: what to open, click and type, in a tool, in the configuration or as a command."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config import Config
from mapping.clicks import clicks, has_way
from okrsync.model import Break, Gap, GapKind, Say, SourceConfig
from okrsync.store import queries
from okrsync.store.queries import Found

if TYPE_CHECKING:
    from sqlalchemy import Connection

COMMAND = "okrsync "
"""What a line to type in a shell begins with; any other is for the configuration."""


@dataclass(frozen=True, slots=True)
class Mend:
    """What to do, in order; and what to type at the end of it, to the letter, where anything is."""

    steps: tuple[Say, ...]
    typed: str


def mends(tx: Connection, config: Config, gaps: Sequence[Gap]) -> list[Mend]:
    """How each of these gaps is mended."""
    items = queries.named(tx, {gap.mend for gap in gaps if gap.mend is not None})
    files = _files(config)
    sources = {source.id: source for source in config.sources}
    return [_mend(gap, items, files, sources, config.path.name) for gap in gaps]


def _mend(
    gap: Gap, items: Mapping[int, Found], files: Mapping[str, str], sources: Mapping[str, SourceConfig], file: str
) -> Mend:
    steps: list[Say] = []
    item = items.get(gap.mend) if gap.mend is not None else None
    command = gap.typed.startswith(COMMAND)
    if item is not None and has_way(gap.fix) and not command:
        steps += _clicked(gap, item, sources.get(item.source))
    elif gap.kind is GapKind.SCOPE_UNREACHABLE:
        source = sources[gap.subject.partition(":")[0]]
        steps.append(Say.of(f"click.rights.{source.kind}", account=_account(source)))
    elif item is not None and gap.kind is GapKind.UNKNOWN_STATUS:
        steps += [*_opened(item), Say.of(f"gap.step.status.{_tool(sources.get(item.source))}", status=gap.subject)]
    elif item is not None:
        steps += _opened(item)
    if command:
        steps.append(Say.of("gap.step.command"))
    elif gap.typed:
        steps.append(Say.of("gap.step.configuration", file=files.get(gap.subject, file), id=gap.subject))
    return Mend(tuple(steps), gap.typed)


def _clicked(gap: Gap, item: Found, source: SourceConfig | None) -> tuple[Say, ...]:
    broken = Break(item.source, item.key, item.title, item.url, gap.evidence, gap.fix)
    return clicked(broken, source)


def linking(source: str, key: str, goal: str) -> str:
    """The command that links an item to a goal by hand, but for the reason, which only people know."""
    return f'okrsync link {shlex.quote(f"{source}:{key}")} {goal} --why "…"'


def clicked(broken: Break, source: SourceConfig | None) -> tuple[Say, ...]:
    """What to open, click and type for the mend of this break, in what ``source`` reads."""
    return clicks(broken, source.kind if source else "", _account(source) if source else broken.source)


def _opened(item: Found) -> list[Say]:
    return [Say.of("click.open", url=item.url)] if item.url else []


def _tool(source: SourceConfig | None) -> str:
    return source.kind if source is not None else "other"


def _account(source: SourceConfig) -> str:
    """How people call the account of a source."""
    return f"{source.id} ({source.email})" if source.email else source.id


def _files(config: Config) -> dict[str, str]:
    """Goal → the file that says what it is."""
    return {
        str(setting.value): setting.origin
        for key, setting in config.origins.items()
        if key.startswith("objectives.") and key.endswith(".id")
    }
