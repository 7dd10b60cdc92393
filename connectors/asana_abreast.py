"""Reading many objects of Asana at once: several requests in flight, and whole projects where that takes fewer.

Asana has no request for several objects: ``/batch`` takes ten, and counts each. It lists the tasks of a project a
hundred a page, which is the cheapest way to many of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from connectors import asana_wire as wire
from okrsync.errors import Rejected, Unavailable

if TYPE_CHECKING:
    from connectors.asana_api import Api  # loads the asana package

PAGE = 100  # objects a page: the most that Asana gives
FLIGHT = 8  # requests at once: what the transport keeps open, and a sixth of the reads that Asana allows
FEW = 3  # tasks that are read one by one whatever their projects are
PATIENCE = 5  # pages of a project that hold nothing of what is looked for
_UNLISTED = (400, 403, 404, 500, 504)  # how Asana says that it will not list a project, or not so much of it

K = TypeVar("K")
V = TypeVar("V")


def abreast(ask: Callable[[K], V], keys: Sequence[K]) -> dict[K, V | Rejected]:
    """Each key with its answer, or with why Asana would not give it; several are asked for at once.

    Raises what concerns more than one of them.
    """
    if len(keys) < 2:
        return {key: _settled(ask, key) for key in keys}
    with ThreadPoolExecutor(min(FLIGHT, len(keys)), thread_name_prefix="asana") as pool:
        waiting: dict[K, Future[V | Rejected]] = {key: pool.submit(_settled, ask, key) for key in keys}
        try:
            return {key: one.result() for key, one in waiting.items()}
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _settled(ask: Callable[[K], V], key: K) -> V | Rejected:
    try:
        return ask(key)
    except Rejected as refusal:
        return refusal


class Boards:
    """Tasks as they stand now, each with ``fields``, or why Asana does not show it.

    A handful is read one by one. The projects that these are in are then listed, as long as their pages save more
    requests than they cost; so it never takes many more than there are tasks, and mostly a hundredth of that. Where it
    is asked again it goes on where its listings stopped, and gives what they held besides without another look.
    """

    def __init__(self, api: Api, fields: str) -> None:
        self._api, self._fields = api, f"{fields},{wire.PLACE}"
        self._held: dict[str, Any] = {}  # of the tasks that were listed, and not yet given
        self._pages: dict[str, Iterator[list[Any]]] = {}  # project → what is still to be listed of it
        self.began = monotonic()

    def read(self, gids: Iterable[str]) -> Mapping[str, Any | Rejected]:
        wanted = dict.fromkeys(gids)
        found: dict[str, Any | Rejected] = {gid: self._held.pop(gid) for gid in wanted if gid in self._held}
        missing = {gid: None for gid in wanted if gid not in found}
        for project in list(self._pages):
            self._pick(project, missing, found)
        while missing:
            some = list(missing)[: FLIGHT if self._pages or len(missing) <= FLIGHT else FEW]
            read = abreast(self._alone, some)
            found |= read
            for gid in some:
                del missing[gid]
            for project in _projects(read.values()):
                if project not in self._pages and len(missing) > FEW:
                    self._pages[project] = self._listed(project)
                    self._pick(project, missing, found)
        return found

    def forget(self, gid: str) -> None:
        """This task is about to change."""
        self._held.pop(gid, None)

    def _alone(self, gid: str) -> Any:
        return self._api.get(f"/tasks/{quote(gid, safe='')}", {"opt_fields": self._fields})

    def _listed(self, project: str) -> Iterator[list[Any]]:
        """The pages of a project; none where Asana will not list it, or not so much of it."""
        query = {"project": project, "opt_fields": self._fields, "limit": str(PAGE)}
        try:
            yield from self._api.pages("/tasks", query)
        except (Rejected, Unavailable) as error:
            if error.status not in _UNLISTED:
                raise

    def _pick(self, project: str, missing: dict[str, None], found: dict[str, Any | Rejected]) -> None:
        """Of what is missing, what a project holds, until its pages hold less of it than one each."""
        spare = PATIENCE
        while len(missing) > FEW and spare >= 0:
            page = next(self._pages[project], None)
            if page is None:
                return
            for task in page:
                gid = wire.gid_of(task)
                if gid in missing:
                    del missing[gid]
                    found[gid] = task
                    spare += 1
                elif gid not in found:
                    self._held[gid] = task
            spare -= 1


def _projects(tasks: Iterable[Any | Rejected]) -> Iterable[str]:
    return dict.fromkeys(project for one in tasks if not isinstance(one, Rejected) for project in wire.projects_of(one))
