"""What a store counts and judges, by the keys of its items."""

from __future__ import annotations

from typing import Any

from looking import the_verdict
from small_company import Company

from okrsync.linking import relink
from okrsync.store import Store, queries


def keys(company: Company, store: Store, source: str = "jira") -> set[str]:
    """The keys of all that counts and is judged."""
    return set(labels(company, store, source))


def labels(company: Company, store: Store, source: str = "jira") -> dict[str, tuple[str, ...]]:
    """Key → labels of all that counts and is judged."""
    with store.begin() as tx:
        relink(tx, company.config, company.now())
        return {one.key: one.labels for one in queries.decided(tx) if one.source == source}


def verdict(company: Company, store: Store, key: str) -> Any:
    with store.read() as tx:
        (found,) = queries.find(tx, key)
        return the_verdict(tx, company.config, found.uid, company.now())
