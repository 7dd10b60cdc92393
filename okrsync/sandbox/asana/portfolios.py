"""Portfolios: what a person keeps together, projects and other portfolios."""

from __future__ import annotations

from okrsync.sandbox.asana.call import Call, refuse
from okrsync.sandbox.asana.paging import born, page
from okrsync.sandbox.asana.records import PORTFOLIOS
from okrsync.sandbox.web import Response

_NOT_IN_PLAN = "Portfolios are not available on the plan of this workspace."


def _needs(call: Call) -> Call:
    if PORTFOLIOS in call.workspace.lacks:
        raise refuse(402, _NOT_IN_PLAN)
    return call


def listed(call: Call) -> Response:
    """GET portfolios: of a workspace; a personal token sees its own alone."""
    if _needs(call).first("workspace") != call.workspace.gid:
        raise refuse(400, f"workspace: Unknown object: {call.first('workspace')}")
    held = call.workspace.held["portfolio"].values()
    return page(call, lambda: born(call, [one for one in held if one.get("owner") is call.workspace.me]))


def read(call: Call) -> Response:
    return _needs(call).one(call.record("portfolio"))


def items(call: Call) -> Response:
    """GET portfolios/{gid}/items: projects and portfolios; what may not be seen is left out."""
    portfolio = _needs(call).record("portfolio")
    return page(call, lambda: born(call, portfolio.get("items", ())))
