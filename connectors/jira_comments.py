"""The one comment of ours on an issue: found again by its mark, edited in place, never posted twice.

What was read is good for the next push on that issue, so that a comment that was just looked at is not looked for
again; else the issue's own list is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

from connectors import jira_wire as wire
from connectors.jira_edition import EDITED
from connectors.lately import Lately, overtaken
from connectors.raw import inner, member, text
from okrsync.errors import Rejected
from okrsync.model import Json, Receipt, Slot, Write

if TYPE_CHECKING:
    from connectors.jira_api import Api  # loads the jira package
    from connectors.jira_edition import Edition

SPARES = 10  # comments of ours that one push deletes besides: an issue takes 20 writes in 2 s
GONE = 404

Comment: TypeAlias = "Mapping[str, Any]"


class Comments:
    """Our comments on the issues of one site. ``edit`` sends a PUT for a write, as quietly as the account may."""

    def __init__(self, api: Api, edit: Callable[[str, Json, Write], Any]) -> None:
        self._api, self._edit = api, edit
        self._seen: Lately[tuple[str, str], list[Comment]] = Lately()  # ours, by issue and instance

    def read(self, pages: Iterable[tuple[Slot, object]], edition: Edition) -> dict[Slot, Json]:
        """What our comments say, None where there is none. Beside each slot stands what came with its issue in place of
        its comments: where that is not all of them, the issue's own list is asked."""
        asked_at = monotonic()
        found: dict[str, dict[Slot, list[Comment]]] = {}
        for slot, page in pages:
            whole = _whole(page)
            found.setdefault(slot.name, {})[slot] = self._listed(slot) if whole is None else whole
        values: dict[Slot, Json] = {}
        for instance, comments in found.items():
            marked = edition.own([one for some in comments.values() for one in some], instance)
            ours = {id(one) for one in marked}
            for slot, some in comments.items():
                own = [one for one in some if id(one) in ours]
                self._seen.note({(slot.remote_id, instance): own}, asked_at)
                values[slot] = edition.words(own[0], instance) if own else None
        return values

    def push(self, write: Write, edition: Edition) -> Receipt:
        slot, value = write.slot, write.after
        own = self._own(slot, edition)
        path = _path(slot)
        # two of ours are one too many, left by a lost answer; but not one in which somebody else wrote
        spares = [one for one in own[1:] if not edition.words(one, slot.name).endswith(EDITED)][:SPARES]
        left = [one for one in own[1:] if one not in spares or not self._is_dropped(f"{path}/{text(one, 'id')}")]
        if value is None:
            for one in own[:1]:
                self._delete(f"{path}/{text(one, 'id')}")
            return Receipt(edition.words(left[0], slot.name) if left else None)
        body = edition.comment(str(value), slot.name)
        if not own:
            answer = self._api.post(path, body | edition.mark(slot.name))
        elif edition.words(own[0], slot.name) == value:
            answer = own[0]
        else:
            answer = self._edited(f"{path}/{text(own[0], 'id')}", body, write)
        member(answer, "body", object)
        return Receipt(edition.words(answer, slot.name), text(answer, "id"))

    def _own(self, slot: Slot, edition: Edition) -> list[Comment]:
        """Our comments on an issue, oldest first: those that carry our mark, whoever edited them since."""
        return self._seen.taken((slot.remote_id, slot.name), lambda _: edition.own(self._listed(slot), slot.name))

    def _edited(self, path: str, body: Json, write: Write) -> Any:
        """The comment as it is now; Rejected where it is gone."""
        try:
            return self._edit(path, body, write)
        except Rejected as refusal:
            if refusal.status != GONE:
                raise
            raise overtaken(self._api.host, write.key) from None

    def _delete(self, path: str) -> None:
        """The comment is gone, whoever made it so."""
        try:
            self._api.call("DELETE", path)
        except Rejected as refusal:
            if refusal.status != GONE:
                raise

    def _is_dropped(self, path: str) -> bool:
        """Whether a comment that is one too many is gone now; where Jira refuses that, it is no reason to write
        nothing."""
        try:
            self._delete(path)
        except Rejected:
            return False
        return True

    def _listed(self, slot: Slot) -> list[Comment]:
        """All comments of an issue, oldest first, by its own list."""
        comments: dict[str, Comment] = {}
        start, total = 0, 1
        while start < total:
            query = {"startAt": str(start), "maxResults": "100", "orderBy": "created"}
            answer = self._api.get(_path(slot), query)
            page = {identity: one for one in member(answer, "comments", list) if (identity := text(one, "id"))}
            total = 0 if page.keys() <= comments.keys() else wire.count(answer, "total")  # or nothing new comes
            comments |= page
            start += len(page)
        return list(comments.values())


def _whole(page: object) -> list[Comment] | None:
    """The comments that came with an issue, where they are all; None where some are not among them."""
    comments = inner(page, "comments")
    if not isinstance(comments, list) or wire.count(page, "total") > len(comments):
        return None
    return [one for one in comments if text(one, "id")]


def _path(slot: Slot) -> str:
    return f"issue/{quote(slot.remote_id, safe='')}/comment"
