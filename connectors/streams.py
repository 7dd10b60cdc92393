"""Reading several scopes, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from okrsync.errors import Rejected
from okrsync.model import Page


def one_by_one(scopes: Iterable[Iterator[Page]]) -> Iterator[Page]:
    """The pages of every scope. Where the tool refuses one, the others are read first; then Rejected, the first one."""
    refusals: list[Rejected] = []
    for pages in scopes:
        try:
            yield from pages
        except Rejected as refusal:
            refusals.append(refusal)
    if refusals:
        raise refusals[0]
