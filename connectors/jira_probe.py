"""How a Jira site reads times in JQL, tried on its newest issue."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.jira_time import Epoch, Literal, zone
from connectors.raw import inner, instant, text
from okrsync.errors import Rejected

if TYPE_CHECKING:
    from connectors.jira_api import Api  # loads the jira package
    from connectors.jira_edition import Edition

KNOWN = 3600.0  # seconds for which what a site seldom changes is taken as known
SLACK = timedelta(minutes=1)  # to which a filter by time may be inexact


class Probe:
    """Tells in what form a site reads times: milliseconds, tried once an hour, unless it does not read these."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._exact: bool | None = None
        self._tried = 0.0
        self._literal: Literal | None = None

    def begin(self) -> None:
        """A cycle begins: the time zone of the account, which is its own to choose, is not known."""
        self._literal = None

    def form(self, edition: Edition, where: str) -> Epoch | Literal:
        """The form of a time in a query for what ``where`` finds, or for a part of that."""
        if self._exact is None or time.monotonic() - self._tried > KNOWN:
            self._exact, self._tried = _reads_epochs(edition, where), time.monotonic()
        if self._exact is not False:  # or there is nothing yet to try it on, and nothing to lose
            return Epoch()
        if self._literal is None:
            self._literal = Literal(zone(self._zone()))
        return self._literal

    def _zone(self) -> str:
        try:
            return text(self._api.get("myself"), "timeZone")
        except Rejected:
            return ""  # who may not ask who it is reads a day again


def newest(edition: Edition, where: str) -> datetime | None:
    """When the last update was of what a clause finds; None where it finds nothing."""
    return _first(edition, f"{where} ORDER BY updated DESC")


def _reads_epochs(edition: Edition, where: str) -> bool | None:
    """Whether ``updated >= MILLISECONDS`` finds the newest issue, and none from before; None without any issue."""
    last = newest(edition, where)
    if last is None:
        return None
    start = last - SLACK
    try:
        oldest = _first(edition, f"{where} AND updated >= {Epoch().write(start)} ORDER BY updated ASC")
    except Rejected:
        return False
    return oldest is not None and oldest >= start - SLACK


def _first(edition: Edition, query: str) -> datetime | None:
    for issues in edition.search(query, ["updated"], 1):
        return instant(inner(inner(issues[0], "fields"), "updated"))
    return None
