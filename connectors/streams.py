"""Reading several scopes, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from okrsync.errors import Rejected
from okrsync.model import Page


def one_by_one(scopes: Iterable[tuple[str, Iterator[Page]]]) -> Iterator[Page]:
    """The pages of every scope (id, pages). One that the tool refuses is named as refused, and the others are read;
    Rejected, the first refusal, where it refuses all."""
    refusals: list[tuple[str, Rejected]] = []
    read = False
    for scope, pages in scopes:
        try:
            yield from pages
            read = True
        except Rejected as refusal:
            refusals.append((scope, refusal))
    if refusals and not read:
        raise refusals[0][1]
    if refusals:
        yield Page((), {}, refused={scope: str(refusal) for scope, refusal in refusals})
