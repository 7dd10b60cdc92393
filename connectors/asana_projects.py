"""The projects that a configuration of Asana means: by gid, by portfolio, or every one that the account sees.

What can be read is known for an hour, or until one of them is refused: a quiet cycle asks for none of it. What cannot
be read is asked for in each cycle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from connectors import asana_wire as wire
from connectors.asana_changes import HOUR
from connectors.raw import text
from okrsync.errors import MalformedPage, Rejected, Unavailable
from okrsync.model import Scope

if TYPE_CHECKING:
    from connectors.asana_api import Api  # loads the asana package

ALL = "*"
PAGE = 100  # objects a page: the most that Asana gives
_BROKEN = (500, 504)  # of a portfolio that Asana cannot list; 502 and 503 are of all Asana

T = TypeVar("T")


class Hourly:
    """What is asked at most once an hour: a name, and what was answered."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._known: dict[str, tuple[datetime, Any]] = {}

    def get(self, name: str, ask: Callable[[], T], *, keeps: Callable[[T], bool] = lambda _: True) -> T:
        """The answer that is known, or a new one; one that ``keeps`` does not want is not remembered."""
        now = self._clock()
        if name in self._known:
            at, known = self._known[name]
            if at <= now < at + HOUR:
                found: T = known
                return found
        fresh = ask()
        if keeps(fresh):
            self._known[name] = now, fresh
        return fresh

    def forget(self) -> None:
        """Everything is asked anew."""
        self._known.clear()


def portfolio_entry(gid: str) -> str:
    """The entry of the configuration that stands for the projects of a portfolio: a pattern, which lists them."""
    return f"portfolio:{gid}/*"


def listing(api: Api, path: str, **query: str) -> Iterator[Any]:
    """The objects of a listing, each once: one that moves, or starts again, gives some twice."""
    seen: set[str] = set()
    for page in api.pages(path, {**query, "limit": str(PAGE)}):
        yield from (one for one in page if wire.gid_of(one) not in seen)
        seen |= {gid for one in page if (gid := wire.gid_of(one))}


class Projects:
    """Which projects there are. ``archived`` names those that were, when they were read last."""

    def __init__(
        self, api: Api, workspace: str, projects: Sequence[str], portfolios: Sequence[str], hourly: Hourly
    ) -> None:
        self._api, self._workspace, self._hourly = api, workspace, hourly
        self._asks: dict[str, Callable[[], list[Scope]]] = {
            **{entry: self._every if entry == ALL else partial(self._one, entry) for entry in projects},
            **{portfolio_entry(gid): partial(self._within, gid) for gid in portfolios},
        }
        self.archived: set[str] = set()

    def read(self) -> list[Scope]:
        """Every project, each once; what cannot be read is told as a scope that says so."""
        found: dict[str, Scope] = {}
        for entry, ask in self._asks.items():
            for scope in self._hourly.get(entry, ask, keeps=_are_readable):
                found.setdefault(scope.id, scope)
        return list(found.values())

    def _one(self, gid: str) -> list[Scope]:
        try:
            return [self._scope(self._api.get(f"/projects/{gid}", {"opt_fields": wire.PROJECT}), gid)]
        except Rejected as error:
            return [Scope(gid, gid, readable=False, why=str(error), configured=gid)]

    def _every(self) -> list[Scope]:
        try:
            rows = list(listing(self._api, "/projects", workspace=self._workspace, opt_fields=wire.PROJECT))
        except Rejected as error:
            return [Scope(ALL, ALL, readable=False, why=str(error), configured=ALL)]
        return [self._scope(row, ALL) for row in rows]

    def _within(self, top: str) -> list[Scope]:
        """The projects of a portfolio and of those in it. One that cannot be listed stands for itself; where it is the
        configured one, for all that it ever listed."""
        entry = portfolio_entry(top)
        met, waiting = {top}, [top]
        found: list[Scope] = []
        while waiting:
            gid = waiting.pop()
            path = f"/portfolios/{quote(gid, safe='')}/items"
            try:
                rows = list(listing(self._api, path, opt_fields=wire.ENTRY))
            except (Rejected, Unavailable) as error:
                if isinstance(error, Unavailable) and error.status not in _BROKEN:
                    raise
                key = f"portfolio:{gid}"
                if gid == top:
                    return [Scope(entry, key, readable=False, why=str(error), configured=entry)]
                found.append(Scope(key, key, readable=False, why=str(error)))
                continue
            nested = {wire.gid_of(row) for row in rows if text(row, "resource_type") == "portfolio"} - met
            met |= nested
            waiting += sorted(nested)
            found += [self._scope(row, entry) for row in rows if text(row, "resource_type") == "project"]
        return found

    def _scope(self, project: Mapping[str, Any], entry: str) -> Scope:
        gid = wire.gid_of(project)
        if not gid:
            raise MalformedPage(f"{self._api.host}: a project without a gid")
        if project.get("archived") is True:
            self.archived.add(gid)
        else:
            self.archived.discard(gid)
        return Scope(gid, gid, text(project, "name"), configured=entry)


def _are_readable(scopes: Iterable[Scope]) -> bool:
    return all(scope.readable for scope in scopes)
