"""The tags of a workspace that okrsync writes. Their names are not unique in Asana, and case means nothing in them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors import asana_wire as wire
from connectors import described
from connectors.asana_text import plain
from connectors.raw import member, text
from okrsync.errors import Rejected
from okrsync.model import is_managed

if TYPE_CHECKING:
    from connectors.asana_api import Api  # loads the asana package

PAGE = 100  # objects a page: the most that Asana gives
ROOM = 1000  # characters of what a tag says of itself, of which Asana documents no end


@dataclass(slots=True)
class _Tag:
    gid: str
    notes: str


class Tags:
    """The tags of one workspace by name, listed once, and again where one of them was not what it was known to be. What
    a tag says of itself leads to our pages, where people reach them at a ``base``."""

    def __init__(self, api: Api, workspace: str, base: str = "") -> None:
        self._api, self._workspace, self._base = api, workspace, base
        self._known: dict[str, list[_Tag]] | None = None  # by folded name

    def put(self, task: str, name: str) -> None:
        """The task, by its path, bears a tag of this name; one is made where the workspace has none."""
        known = self._all().get(folded(name))
        if known:
            tag = known[0]
            self._describe(tag, name)
        else:
            tag = self._made(name)
        self._ask(f"{task}/addTag", tag.gid)

    def take(self, task: str, name: str) -> None:
        """The task, by its path, bears no tag of this name."""
        for tag in self._all().get(folded(name), ()):
            self._ask(f"{task}/removeTag", tag.gid)

    def sweep(self, names: Iterable[str]) -> int:
        """The tags of these names that no task bears are gone; how many that were.

        Asana does not tell who made a tag: the names are okrsync's own.
        """
        self._known = None
        wanted = {folded(name) for name in names}
        gone = 0
        for tag in [tag for name, tags in self._all().items() if name in wanted for tag in tags]:
            path = _path(tag)
            if next(self._api.pages(f"{path}/tasks", {"opt_fields": "gid", "limit": "1"}), None) is None:
                self._api.delete(path)
                gone += 1
        self._known = None
        return gone

    def _all(self) -> dict[str, list[_Tag]]:
        if self._known is None:
            found: dict[str, list[_Tag]] = {}
            query = {"workspace": self._workspace, "opt_fields": "name,notes", "limit": str(PAGE)}
            for page in self._api.pages("/tags", query):
                for tag in page:
                    if (gid := wire.gid_of(tag)) and is_managed(plain(text(tag, "name"))):
                        found.setdefault(folded(text(tag, "name")), []).append(_Tag(gid, text(tag, "notes")))
            self._known = found
        return self._known

    def _made(self, name: str) -> _Tag:
        """A new tag. Where the answer is lost the tags are listed again before another one is made."""
        known, self._known = self._all(), None
        notes = described.description(name, self._base, ROOM)
        given = self._api.post("/tags", {"name": name, "notes": notes, "workspace": self._workspace})
        made = _Tag(member(given, "gid", str), notes)
        known.setdefault(folded(name), []).append(made)
        self._known = known
        return made

    def _describe(self, tag: _Tag, name: str) -> None:
        """Where it says of itself what we said, the address of our page is that of now."""
        notes = described.description(name, self._base, ROOM)
        if tag.notes != notes and described.is_ours(name, plain(tag.notes)):
            with suppress(Rejected):  # an older address is no reason to put no tag
                self._api.put(_path(tag), {"notes": notes})
            tag.notes = notes

    def _ask(self, path: str, gid: str) -> None:
        try:
            self._api.post(path, {"tag": gid})
        except Rejected:
            self._known = None  # it may be the tag that is gone
            raise


def _path(tag: _Tag) -> str:
    return f"/tags/{quote(tag.gid, safe='')}"


def folded(name: str) -> str:
    return plain(name).casefold()


def named(tags: Iterable[Any], name: str) -> bool:
    """Whether one of these tags has this name."""
    return any(folded(text(tag, "name")) == folded(name) for tag in tags)
