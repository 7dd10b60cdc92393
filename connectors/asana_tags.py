"""The tags of a workspace that okrsync writes. Their names are not unique in Asana, and case means nothing in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors import asana_wire as wire
from connectors.asana_text import plain
from connectors.raw import member, text
from okrsync.errors import Rejected
from okrsync.model import is_managed

if TYPE_CHECKING:
    from connectors.asana_api import Api  # loads the asana package

PAGE = 100  # objects a page: the most that Asana gives


class Tags:
    """The tags of one workspace by name, listed once, and again where one of them was not what it was known to be."""

    def __init__(self, api: Api, workspace: str) -> None:
        self._api, self._workspace = api, workspace
        self._known: dict[str, list[str]] | None = None  # folded name → gids

    def put(self, task: str, name: str) -> None:
        """The task, by its path, bears a tag of this name; one is made where the workspace has none."""
        gids = self._all().get(folded(name)) or [self._made(name)]
        self._ask(f"{task}/addTag", gids[0])

    def take(self, task: str, name: str) -> None:
        """The task, by its path, bears no tag of this name."""
        for gid in self._all().get(folded(name), ()):
            self._ask(f"{task}/removeTag", gid)

    def sweep(self, names: Iterable[str]) -> int:
        """The tags of these names that no task bears are gone; how many that were.

        Asana does not tell who made a tag: the names are okrsync's own.
        """
        self._known = None
        wanted = {folded(name) for name in names}
        gone = 0
        for gid in [gid for name, gids in self._all().items() if name in wanted for gid in gids]:
            path = f"/tags/{quote(gid, safe='')}"
            if next(self._api.pages(f"{path}/tasks", {"opt_fields": "gid", "limit": "1"}), None) is None:
                self._api.delete(path)
                gone += 1
        self._known = None
        return gone

    def _all(self) -> dict[str, list[str]]:
        if self._known is None:
            found: dict[str, list[str]] = {}
            query = {"workspace": self._workspace, "opt_fields": "name", "limit": str(PAGE)}
            for page in self._api.pages("/tags", query):
                for tag in page:
                    if (gid := wire.gid_of(tag)) and is_managed(plain(text(tag, "name"))):
                        found.setdefault(folded(text(tag, "name")), []).append(gid)
            self._known = found
        return self._known

    def _made(self, name: str) -> str:
        """The gid of a new tag. Where the answer is lost the tags are listed again before another one is made."""
        known, self._known = self._all(), None
        made: str = member(self._api.post("/tags", {"name": name, "workspace": self._workspace}), "gid", str)
        known.setdefault(folded(name), []).append(made)
        self._known = known
        return made

    def _ask(self, path: str, gid: str) -> None:
        try:
            self._api.post(path, {"tag": gid})
        except Rejected:
            self._known = None  # it may be the tag that is gone
            raise


def folded(name: str) -> str:
    return plain(name).casefold()


def named(tags: Iterable[Any], name: str) -> bool:
    """Whether one of these tags has this name."""
    return any(folded(text(tag, "name")) == folded(name) for tag in tags)
