"""What a query finds on a site for an account, in order; remembered until the site changes."""

from __future__ import annotations

from collections.abc import Collection

from okrsync.sandbox.jira.call import Call, refuse
from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.jql import JqlError, Query, parse
from okrsync.sandbox.jira.order import SortKey, order
from okrsync.sandbox.jira.query import Asker, Test, depends_on_time, test

CACHED_QUERIES = 8


def parsed(jql: str) -> Query:
    """The tree of a query; 400 in Jira's words where it has none."""
    try:
        return parse(jql)
    except JqlError as error:
        raise refuse(400, str(error)) from None


def matching(
    jql: str, query: Query, call: Call, *, strict: bool = True, reconciled: Collection[str] = ()
) -> tuple[list[SortKey], list[Issue]]:
    """Every issue that matches and that the index knows, in order, beside its sort key.

    400 where the query names what the account does not see; not ``strict``, nothing matches such a value. The index
    knows the ``reconciled`` issues without lag.
    """
    keys, issues = _matching(jql, query, call, strict)
    lag = call.site.index_lag
    if not lag:
        return keys, issues
    known = round((call.site.clock() - lag).timestamp() * 1000)
    rows = [
        (key, issue)
        for key, issue in zip(keys, issues, strict=True)
        if issue.updated_ms <= known or issue.id in reconciled
    ]
    return [key for key, _ in rows], [issue for _, issue in rows]


def _matching(jql: str, query: Query, call: Call, strict: bool) -> tuple[list[SortKey], list[Issue]]:
    site, account = call.site, call.account
    if account.anonymous:
        return [], []
    remembered = (account.account_id, account.time_zone, site.epochs, strict, jql)
    cached = site.searches.get(remembered)
    if cached is not None and cached[0] == site.revision:
        return cached[1], cached[2]
    asker = Asker(site, account, site.clock(), strict)
    try:
        matches: Test = test(query.where, asker) if query.where is not None else lambda _: True
        key = order(query, site)
    except JqlError as error:
        raise refuse(400, str(error)) from None
    found = sorted(((key(issue), issue) for issue in site.found(account) if matches(issue)), key=lambda p: p[0])
    keys, issues = [pair[0] for pair in found], [pair[1] for pair in found]
    if not depends_on_time(query.where):
        while len(site.searches) >= CACHED_QUERIES:
            site.searches.pop(next(iter(site.searches)))
        site.searches[remembered] = (site.revision, keys, issues)
    return keys, issues
