"""What the tools said of our tokens when they were asked last."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, select

from okrsync.model import Account, Json
from okrsync.store import tables as t
from okrsync.store.meta import set_meta

_ACCOUNT = "account:"


def remember(tx: Connection, source: str, account: Account, now: datetime) -> None:
    """The end of a source's token is as its tool told it now. Of whom the account is, is nobody's business here."""
    expires = account.expires_at
    told: dict[str, Json] = {
        "at": now.astimezone(UTC).isoformat(),
        "expires_at": None if expires is None else expires.astimezone(UTC).isoformat(),
    }
    set_meta(tx, _ACCOUNT + source, told)


def expiries(tx: Connection) -> dict[str, datetime]:
    """Source → when its token ends, of those whose tool tells."""
    told = select(t.meta.c.key, t.meta.c.value).where(t.meta.c.key.startswith(_ACCOUNT, autoescape=True))
    found = {}
    for key, value in tx.execute(told):
        match value:
            case {"expires_at": str(at)}:
                found[key.removeprefix(_ACCOUNT)] = datetime.fromisoformat(at)
    return found
