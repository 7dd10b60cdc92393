"""Forgetting a person: what would be replaced, then the replacing, and what okrsync cannot reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from secrets import token_bytes
from typing import TYPE_CHECKING

import typer

from okrsync.cli.session import Session
from okrsync.errors import Refused, StoreError, UsageError
from okrsync.store import forgetting, veil

if TYPE_CHECKING:
    from config import Config

WHERE: Mapping[str, str] = {
    "item": "items: title, author, assignee, labels, fields, branch",
    "body": "items: long text",
    "change": "histories of items",
    "reference": "what items point at, and why",
    "link": "why items serve goals",
    "goal": "goals that tools keep",
    "revision": "what goals said",
    "override": "words of people about items",
    "confirmation": "confirmations",
    "reading": "values of metrics",
    "run": "runs: who asked for them",
    "write": "writes: what stood there, what was written, who approved it",
    "known": "what stands in the tools",
    "alert": "alerts",
    "scope": "projects",
    "source": "sources: what they failed with",
    "meta": "what okrsync remembers of its own work",
}
"""What each table is for people."""

STAYS = (
    "in the tools, also in what okrsync wrote there; it goes on reading them, and stores the alias",
    "in keys and addresses, such as that of a repository named after the person",
    "in logs, in reports that were sent or saved, and in the history of your shell",
)

AGAIN = "stop the daemon, and type the command again"


def forget(session: Session, names: Sequence[str], logins: Sequence[str], *, yes: bool) -> None:
    """An alias stands for all these names, or the count of what would be replaced is told; Refused without ``yes``."""
    if not names and not logins:
        raise UsageError('name the person: okrsync db forget "Ada Lovelace" ada@example.test --yes')
    _refuse_configured(session.config, names, logins)
    with session.store.begin() if yes else session.store.trial() as tx:
        done = forgetting.forget(tx, names, logins, session.now())
    for line in _told(done.rows):
        typer.echo(line)
    if not yes:
        raise Refused("nothing is replaced yet. It cannot be taken back; if you mean it, add --yes")
    typer.echo(f"from now on this person is {done.alias}, also in what the tools will tell")
    _rewrite(session)
    typer.echo("the names may still stand, out of reach of this command:")
    for place in (*_backups(session), *STAYS):
        typer.echo(f"  - {place}")


def _refuse_configured(config: Config, names: Sequence[str], logins: Sequence[str]) -> None:
    """Refused where the configuration says one of the names: it would be stored, and written, again."""
    key = token_bytes(16)
    veiled = veil.Veil(key, veil.aliases(key, names, logins, "-"))
    found = [
        f"{key} ({setting.origin})"
        for key, setting in config.origins.items()
        if veiled.document(setting.value) != setting.value
    ]
    if found:
        raise Refused("the configuration names this person; take that out first:\n  " + "\n  ".join(found))


def _told(rows: Mapping[str, int]) -> Iterator[str]:
    if not rows:
        yield "nothing that is stored names this person"
    width = max((len(f"{count:,}") for count in rows.values()), default=0)
    for table, count in sorted(rows.items(), key=lambda row: (-row[1], row[0])):
        yield f"{count:>{width},}  {WHERE[table]}"


def _rewrite(session: Session) -> None:
    """What was replaced is gone from the files of the database too."""
    try:
        clear = session.store.rewrite()
    except StoreError as fault:
        raise StoreError(f"the names are replaced, but their bytes are still in the files: {fault}; {AGAIN}") from fault
    if not clear:
        raise StoreError(
            f"the names are replaced, but somebody is reading the database, so its log (-wal) still holds them; {AGAIN}"
        )


def _backups(session: Session) -> Iterator[str]:
    path = session.store.path
    if path is None:
        yield "in dumps, replicas and the write-ahead log of PostgreSQL"
        return
    yield "in backups of the database, wherever you keep them"
    for found in sorted(path.parent.glob(f"{path.name}*backup*")):
        yield f"in {found}"
