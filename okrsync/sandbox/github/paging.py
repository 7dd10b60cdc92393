"""Pages and their ``Link`` headers, by number over a live order, or by cursor where a listing is large."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

import orjson

from okrsync.sandbox.github.call import Call, invalid, refuse
from okrsync.sandbox.web import Response

PAGE, MOST = 30, 100
REACH = 1000  # a listing of more goes on by cursor, and by number no further: so others met it
_TOO_DEEP = (
    "Pagination with the page parameter is not supported for large datasets, please use cursor based pagination"
    " (after/before)"
)
Key = tuple[str | int, int]


def size(call: Call) -> int:
    """How many entries a page has: what is asked, 30 where that is nothing readable, 100 at most."""
    asked = call.request.first("per_page") or ""
    return min(int(asked), MOST) if asked.isdecimal() and int(asked) else PAGE


def number(call: Call) -> int:
    asked = call.request.first("page") or ""
    return int(asked) if asked.isdecimal() and int(asked) else 1


def address(call: Call, **changed: str | int | None) -> str:
    """The address of another page: repositories stand in it by id, as in every link that GitHub makes."""
    path = call.request.path
    if "repo" in call.args:
        rest = path.split("/", 4)[4:]
        path = "/".join([f"/repositories/{call.repository().id}", *rest])
    query = {name: values[-1] for name, values in call.request.query.items() if name not in changed}
    query.update({name: str(value) for name, value in changed.items() if value is not None})
    return f"{call.base}{path}?{urlencode(query)}"


def _link(**addresses: str) -> dict[str, str]:
    return {"Link": ", ".join(f'<{url}>; rel="{rel}"' for rel, url in addresses.items())} if addresses else {}


def window(call: Call, total: int, per_page: int | None = None) -> tuple[slice, dict[str, str]]:
    """The part of a listing that this page holds, and its Link header."""
    per, page = per_page or size(call), number(call)
    last = max(1, -(-total // per))
    part = slice((page - 1) * per, page * per)
    fault = call.request.fault
    if fault and fault.kind == "repeated_token":
        return part, _link(next=address(call))
    if fault and fault.kind == "empty_page":
        return slice(0, 0), _link(next=address(call, page=page))
    links: dict[str, str] = {}
    if page > 1:
        links["prev"] = address(call, page=min(page - 1, last))
    if page < last:
        links["next"] = address(call, page=page + 1)
        links["last"] = address(call, page=last)
    if page > 1:
        links["first"] = address(call, page=1)
    return part, _link(**links)


def paged(call: Call, entries: Sequence[Any], show: Callable[[Any], Any]) -> Response:
    """A page of these entries."""
    part, headers = window(call, len(entries))
    return Response.of([show(entry) for entry in entries[part]], headers=headers)


def large(call: Call, entries: Sequence[Any], key: Callable[[Any], Key], show: Callable[[Any], Any]) -> Response:
    """A page of what may be a large listing; ``entries`` ascend by ``key``, and are read backwards unless
    ``direction=asc``.

    Beyond 1,000 entries the link leads on by ``after``, which names a place in the order, and tells no last page.
    """
    ascending = call.choice("direction", ("desc", "asc")) == "asc"
    per, page, after = size(call), number(call), call.request.first("after")
    if call.request.first("before"):
        raise refuse(422, "the sandbox pages forwards only: it knows no before")
    if after is None and len(entries) <= REACH:
        return paged(call, entries if ascending else entries[::-1], show)
    if after is None and page * per > REACH:
        raise refuse(422, _TOO_DEEP)
    start = _place(entries, key, _key(after), ascending) if after else (page - 1) * per
    part = entries[start : start + per] if ascending else _backwards(entries, start, per)
    following = _cursor(key(part[-1])) if start + per < len(entries) else None
    fault = call.request.fault
    if fault and fault.kind == "repeated_token":
        return Response.of([show(entry) for entry in part], headers=_link(next=address(call)))
    if fault and fault.kind == "empty_page":
        return Response.of([], headers=_link(next=address(call, page=page)))
    headers = _link(next=address(call, after=following, page=page + 1)) if following else {}
    return Response.of([show(entry) for entry in part], headers=headers)


def _backwards(entries: Sequence[Any], start: int, count: int) -> Sequence[Any]:
    end = max(0, len(entries) - start)
    return entries[max(0, end - count) : end][::-1]


def _place(entries: Sequence[Any], key: Callable[[Any], Key], last: Key, ascending: bool) -> int:
    """How many entries stand up to and with the one that was last, whether or not it is still there."""
    if ascending:
        return bisect_right(entries, last, key=key)
    return len(entries) - bisect_left(entries, last, key=key)


def _cursor(key: Key) -> str:
    return base64.urlsafe_b64encode(b"cursor:v2:" + orjson.dumps(key)).decode()


def _key(cursor: str) -> Key:
    try:
        value, tie = orjson.loads(base64.urlsafe_b64decode(cursor).removeprefix(b"cursor:v2:"))
    except (binascii.Error, ValueError, TypeError):
        raise invalid("Issue", "after") from None
    return value, tie
