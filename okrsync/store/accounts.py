"""What the tools said of our tokens when they were asked last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, select

from okrsync.model import Account, Json, Lack, Surface
from okrsync.store import tables as t
from okrsync.store.meta import set_meta

_ACCOUNT = "account:"


@dataclass(frozen=True, slots=True)
class Known:
    """What a tool said of a token ``at`` that time: what it may do, what it lacks, and until when it is good."""

    at: datetime
    product: str = ""
    rights: Mapping[str, bool] | None = None  # None: it was looked at by an okrsync that did not keep them
    lacks: tuple[Lack, ...] = ()
    expires_at: datetime | None = None


def remember(tx: Connection, source: str, account: Account, now: datetime) -> None:
    """What a source's token may do, and until when, is as its tool told it now. Of whom the account is, is nobody's
    business here."""
    expires = account.expires_at
    told: dict[str, Json] = {
        "at": now.astimezone(UTC).isoformat(),
        "expires_at": None if expires is None else expires.astimezone(UTC).isoformat(),
        "product": account.product,
        "rights": dict(account.rights),
        "lacks": [{"text": lack.text, "surfaces": sorted(lack.surfaces)} for lack in account.lacks],
    }
    set_meta(tx, _ACCOUNT + source, told)


def known(tx: Connection) -> dict[str, Known]:
    """Source → what its tool said last."""
    told = select(t.meta.c.key, t.meta.c.value).where(t.meta.c.key.startswith(_ACCOUNT, autoescape=True))
    return {key.removeprefix(_ACCOUNT): _known(cast("Mapping[str, Any]", value)) for key, value in tx.execute(told)}


def _known(told: Mapping[str, Any]) -> Known:
    expires = told["expires_at"]
    lacks = (Lack(one["text"], frozenset(map(Surface, one["surfaces"]))) for one in told.get("lacks", ()))
    return Known(
        at=datetime.fromisoformat(told["at"]),
        product=told.get("product", ""),
        rights=told.get("rights"),
        lacks=tuple(lacks),
        expires_at=None if expires is None else datetime.fromisoformat(expires),
    )


def expiries(tx: Connection) -> dict[str, datetime]:
    """Source → when its token ends, of those whose tool tells."""
    return {source: one.expires_at for source, one in known(tx).items() if one.expires_at is not None}
