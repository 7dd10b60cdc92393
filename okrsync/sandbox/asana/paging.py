"""Lists: whole up to a thousand, or a page at a time behind tokens that name a place and die."""

from __future__ import annotations

import base64
import binascii
import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlencode

import orjson

from okrsync.sandbox.asana.call import Call, answer, refuse
from okrsync.sandbox.asana.records import Record, stamp
from okrsync.sandbox.web import Response

MAX_LIMIT = 100
MAX_WITHOUT_LIMIT = 1000
REMEMBERED = 16
_EXPIRED = "offset: Your pagination token has expired."
_INVALID = "offset: Your pagination token is invalid."
_TOO_LARGE = "The result is too large. You should use pagination (may require specifying a workspace)!"
_SHAPE = frozenset({"limit", "offset", "opt_fields", "opt_pretty"})  # what does not choose the rows of a list

Rank: TypeAlias = "tuple[int, ...]"


@dataclass(frozen=True, slots=True)
class Rows:
    """Records in order. A rank belongs to its record: it stays when others come and go."""

    records: Sequence[Record]
    ranks: Sequence[Rank]


def born(call: Call, records: Iterable[Record], *, newest_first: bool = False) -> Rows:
    """Those that may be seen, in the order in which they were made."""
    workspace, sign = call.workspace, -1 if newest_first else 1
    now = stamp(workspace.clock())
    seen = (one for one in records if workspace.sees(one) and workspace.late.get(one["gid"], "") <= now)
    found = sorted((((sign * workspace.born[one["gid"]],), one) for one in seen), key=lambda pair: pair[0])
    return Rows([one for _, one in found], [rank for rank, _ in found])


def page(call: Call, rows: Callable[[], Rows]) -> Response:
    """The page that was asked for. Rows are computed once for all pages of a list, as long as nothing changes.

    A place is the rank of the last row shown, so a list is no snapshot: a row that moves meanwhile may be met twice, or
    not at all.
    """
    fault = call.request.fault.kind if call.request.fault else ""
    if fault == "expired_token":
        raise refuse(400, _EXPIRED)
    limit, offset = _limit(call), call.request.first("offset")
    query = _query(call)
    known = _remembered(call, query, rows)
    start = bisect_right(known.ranks, after) if (after := _after(call, query, offset)) else 0
    if limit is None:
        if len(known.records) - start > MAX_WITHOUT_LIMIT:
            raise refuse(400, _TOO_LARGE)
        return answer({"data": call.every(known.records[start:]), "next_page": None})
    if call.request.fault and fault == "short_page":
        limit = min(limit, call.request.fault.rows)
    shown = known.records[start : start + limit]
    more = start + limit < len(known.records)
    longest = call.workspace.longest_list
    if longest is not None and not more and len(known.records) > longest:
        raise refuse(400, _TOO_LARGE)
    last: Rank = known.ranks[start + limit - 1] if more else ()
    if fault == "empty_page":
        shown, more, last = [], True, after or ()
    token = _token(call, query, last) if more else None
    if fault == "repeated_token" and (offset or token):
        token = offset or token
    return answer({"data": call.every(shown), "next_page": token and _next(call, token)})


def _limit(call: Call) -> int | None:
    text = call.request.first("limit")
    if text is None:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= MAX_LIMIT:
        raise refuse(400, f"limit: Must be between 1 and {MAX_LIMIT}, inclusive.")
    return int(text)


def _query(call: Call) -> str:
    """What chooses the rows: path and filters."""
    filters = sorted((name, values) for name, values in call.request.query.items() if name not in _SHAPE)
    return call.path + "?" + urlencode(filters, doseq=True)


def _remembered(call: Call, query: str, rows: Callable[[], Rows]) -> Rows:
    workspace = call.workspace
    cached = workspace.listings.get(query)
    if cached is not None and cached[0] == workspace.revision:
        found: Rows = cached[1]
        return found
    made = rows()
    if workspace.late:  # what a list shows depends on the time of asking
        return made
    while len(workspace.listings) >= REMEMBERED:
        workspace.listings.pop(next(iter(workspace.listings)))
    workspace.listings[query] = (workspace.revision, made)
    return made


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _digest(query: str) -> str:
    return hashlib.sha256(query.encode()).hexdigest()[:12]


def _token(call: Call, query: str, rank: Rank) -> str:
    now = call.workspace.clock()
    dies = now + call.workspace.offset_lifetime
    held = {"border_rank": rank, "exp": dies.timestamp(), "iat": now.timestamp(), "query": _digest(query)}
    return base64.urlsafe_b64encode(orjson.dumps(held)).decode().rstrip("=")


def _after(call: Call, query: str, offset: str | None) -> Rank | None:
    """The place that a token names; None for the start. A token of another list is invalid, an old one expired."""
    if offset is None:
        return None
    try:
        held: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(offset + "=" * (-len(offset) % 4)))
        rank, dies = tuple(held["border_rank"]), held["exp"]
        if held["query"] != _digest(query) or not all(isinstance(part, int) for part in rank):
            raise ValueError
    except (ValueError, TypeError, KeyError, binascii.Error):
        raise refuse(400, _INVALID) from None
    if call.workspace.clock().timestamp() > dies:
        raise refuse(400, _EXPIRED)
    return rank


def _next(call: Call, token: str) -> dict[str, str]:
    kept = [(name, value) for name, values in call.request.query.items() if name != "offset" for value in values]
    path = f"{call.path}?{urlencode([*kept, ('offset', token)])}"
    return {"offset": token, "path": path, "uri": call.base + path}
