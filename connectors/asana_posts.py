"""What okrsync says in Asana: the comment on a task that it edits in place, the status updates of a goal.

Both are plain text whose last line is a mark; ours are those that bear it and that our account wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors import asana_wire as wire
from connectors.asana_text import from_asana, is_marked, plain, signed, to_asana, unsigned
from connectors.lately import Lately, overtaken
from connectors.raw import member, text
from okrsync.errors import Rejected
from okrsync.model import Json, Receipt, Slot, Write

if TYPE_CHECKING:
    from connectors.asana_api import Api  # loads the asana package

PAGE = 100  # objects a page: the most that Asana gives
GOAL = "goal:"  # before the gid, in the slots of a goal
STATUSES = frozenset({"on_track", "at_risk", "off_track", "achieved", "partial", "missed", "dropped"})
"""What a status update of a goal may say; Asana has others for projects."""


class Account:
    """Who we are, asked once."""

    def __init__(self, api: Api) -> None:
        self._api, self._gid = api, ""
        self._lock = Lock()

    def wrote(self, post: Any) -> bool:
        with self._lock:
            if not self._gid:
                self._gid = member(self._api.me(), "gid", str)
        return wire.gid_of(post.get("created_by")) == self._gid


class Comments:
    """The one comment of an installation on a task: pinned when it is posted, and edited from then on, which tells
    nobody. Where people unpin it, it stays so."""

    def __init__(self, api: Api, account: Account) -> None:
        self._api, self._account = api, account
        self._seen: Lately[Slot, list[Any]] = Lately()  # ours

    def read(self, slot: Slot) -> Json:
        own = self._seen.looked(slot, self._own)
        return _body(own[0], slot) if own else None

    def push(self, write: Write) -> Receipt:
        slot, value = write.slot, write.after
        own = self._seen.taken(slot, self._own)
        if value is None:
            self._delete(own)
            return Receipt(None)
        if not isinstance(value, str):
            raise Rejected(f"{self._api.host}: a comment is text, not {value!r:.40}")
        said = to_asana(signed(value, slot.name))
        if own:
            self._edit(own[0], said, write)
            with suppress(Rejected):  # those that are one too many are no reason to fail
                self._delete(own[1:])
            return Receipt(value, wire.gid_of(own[0]))
        asked: Mapping[str, Json] = {"text": said, "is_pinned": True}
        posted = self._api.post(f"/tasks/{quote(slot.remote_id, safe='')}/stories", asked)
        return Receipt(value, wire.gid_of(posted))

    def _own(self, slot: Slot) -> list[Any]:
        """Our comments on a task: the pinned one first, then the oldest; there is one, unless an answer was lost."""
        query = {"opt_fields": wire.STORY, "limit": str(PAGE)}
        path = f"/tasks/{quote(slot.remote_id, safe='')}/stories"
        found = (story for page in self._api.pages(path, query) for story in page)
        marked = [story for story in found if text(story, "type") == "comment" and _bears(story, slot)]
        own = [story for story in marked if self._account.wrote(story)]
        return sorted(own, key=lambda story: (story.get("is_pinned") is not True, text(story, "created_at")))

    def _edit(self, story: Any, said: str, write: Write) -> None:
        """The comment says this now; Rejected where it is gone."""
        if plain(text(story, "text")).rstrip() == plain(said).rstrip():
            return
        if story.get("is_editable") is False:
            how = f"delete it in Asana, then type: okrsync approve {write.slot.source}:{write.slot.remote_id}"
            raise Rejected(f"{self._api.host}: our comment on {write.key} can be edited no more: {how}")
        try:
            self._api.put(f"/stories/{quote(wire.gid_of(story), safe='')}", {"text": said})
        except Rejected as refusal:
            if refusal.status != 404:
                raise
            raise overtaken(self._api.host, write.key) from None

    def _delete(self, stories: list[Any]) -> None:
        for story in stories:
            self._api.delete(f"/stories/{quote(wire.gid_of(story), safe='')}")


class Updates:
    """The status updates of goals: never edited, so that what changed is posted anew, and what is put back to the post
    before takes the newest away."""

    def __init__(self, api: Api, account: Account) -> None:
        self._api, self._account = api, account
        self._seen: Lately[Slot, list[Any]] = Lately()  # ours

    def read(self, slot: Slot) -> Json:
        own = self._seen.looked(slot, self._own)
        return _said(own[0]) if own else None

    def push(self, slot: Slot, value: Json) -> Receipt:
        own = self._seen.taken(slot, self._own)
        if value is None:
            for update in own:
                self._delete(update)
            return Receipt(None)
        if not isinstance(value, Mapping) or value.get("status_type") not in STATUSES:
            raise Rejected(f"{self._api.host}: a goal has no status {value!r:.40}")
        if own and _same(own[0], value):
            return Receipt(value, wire.gid_of(own[0]))
        if len(own) > 1 and _same(own[1], value):
            self._delete(own[0])
            return Receipt(value, wire.gid_of(own[1]))
        given = {name: to_asana(said) if isinstance(said, str) else said for name, said in value.items()}
        posted = self._api.post("/status_updates", {**given, "parent": goal_gid(slot)})
        return Receipt(value, wire.gid_of(posted))

    def _own(self, slot: Slot) -> list[Any]:
        """Our updates of a goal, the newest first."""
        query = {"parent": goal_gid(slot), "opt_fields": wire.UPDATE, "limit": str(PAGE)}
        found = (update for page in self._api.pages("/status_updates", query) for update in page)
        marked = [update for update in found if _bears(update, slot)]
        own = [update for update in marked if self._account.wrote(update)]
        return sorted(own, key=lambda update: text(update, "created_at"), reverse=True)

    def _delete(self, update: Any) -> None:
        self._api.delete(f"/status_updates/{quote(wire.gid_of(update), safe='')}")


def goal_gid(slot: Slot) -> str:
    return slot.remote_id.removeprefix(GOAL)


def _bears(post: Any, slot: Slot) -> bool:
    return is_marked(text(post, "text"), slot.name)


def _body(story: Any, slot: Slot) -> str:
    return unsigned(from_asana(text(story, "text")), slot.name)


def _said(update: Any) -> dict[str, Json]:
    return {name: from_asana(text(update, name)) for name in ("status_type", "title", "text")}


def _same(update: Any, value: Mapping[str, Json]) -> bool:
    """Whether an update says this, no-break spaces aside."""
    return all(plain(said) == plain(str(value.get(name, ""))) for name, said in _pairs(update))


def _pairs(update: Any) -> Iterator[tuple[str, str]]:
    return ((name, str(said)) for name, said in _said(update).items())
