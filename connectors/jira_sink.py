"""Writing into Jira: labels, one property and one comment an issue.

Twice is the same as once: a label and a property are set to a value, a comment is looked up by its mark before it is
posted. How people see it: docs/writing-back.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from connectors import jira_wire as wire
from connectors.raw import member, text
from okrsync.errors import Rejected
from okrsync.model import Json, Receipt, Slot, Surface, Write

if TYPE_CHECKING:
    from connectors.jira_api import Api  # loads the jira package
    from connectors.jira_edition import Edition

SURFACES = frozenset({Surface.LABEL, Surface.PROPERTY, Surface.COMMENT})
PROPERTY_CHARS = 32_768


class JiraSink:
    """The writing half of a Jira site; implements the port Sink for :class:`connectors.jira.Jira`.

    ``opened`` gives the edition of the site, found out where it is not known yet.
    """

    def __init__(self, api: Api, opened: Callable[[], Edition]) -> None:
        self._api, self._opened = api, opened
        self._loud: set[str] = set()  # projects that refused to be edited without mail

    def read(self, slot: Slot) -> Json:
        edition, issue = self._edition(slot), _issue(slot)
        match slot.surface:
            case Surface.LABEL:
                labels = member(self._api.get(issue, {"fields": "labels"}), "fields", dict).get("labels")
                return True if isinstance(labels, list) and slot.name in labels else None
            case Surface.PROPERTY:
                answer = self._property(slot)
                return None if answer is None else member(answer, "value", object)
            case _:
                own = self._own_comments(slot, edition)
                return edition.words(own[0], slot.name) if own else None

    def push(self, write: Write) -> Receipt:
        edition = self._edition(write.slot)
        match write.slot.surface:
            case Surface.LABEL:
                verb = "add" if write.after else "remove"
                self._edit(_issue(write.slot), {"update": {"labels": [{verb: write.slot.name}]}}, write)
                return Receipt(write.after)
            case Surface.PROPERTY:
                self._push_property(write.slot, write.after)
                return Receipt(write.after)
            case _:
                return self._push_comment(write, edition)

    def _edition(self, slot: Slot) -> Edition:
        if slot.surface not in SURFACES:
            raise Rejected(f"{self._api.host}: Jira has no {slot.surface.value}")
        return self._opened()

    def _push_property(self, slot: Slot, value: Json) -> None:
        path = f"{_issue(slot)}/properties/{quote(slot.name, safe='')}"
        if value is None:
            if self._property(slot) is not None:
                self._api.call("DELETE", path)
            return
        if len(orjson.dumps(value).decode()) > PROPERTY_CHARS:
            raise Rejected(f"{self._api.host}: property {slot.name} is longer than {PROPERTY_CHARS} characters")
        self._api.call("PUT", path, body=value)

    def _property(self, slot: Slot) -> Mapping[str, Any] | None:
        """The property, None where the issue has none; Rejected where the issue itself is gone or hidden."""
        try:
            found: Mapping[str, Any] = self._api.get(f"{_issue(slot)}/properties/{quote(slot.name, safe='')}")
            return found
        except Rejected as error:
            if error.status != 404:
                raise
        self._api.get(_issue(slot), {"fields": "id"})
        return None

    def _push_comment(self, write: Write, edition: Edition) -> Receipt:
        slot, value = write.slot, write.after
        own = self._own_comments(slot, edition)
        comments = f"{_issue(slot)}/comment"
        for spare in own[1:] if value is not None else own:  # two of ours are one too many, left by a lost answer
            self._api.call("DELETE", f"{comments}/{text(spare, 'id')}")
        if value is None:
            return Receipt(None)
        body = edition.comment(str(value), slot.name)
        if not own:
            answer = self._api.post(comments, body | edition.mark(slot.name))
        elif edition.words(own[0], slot.name) == value:
            answer = own[0]
        else:
            answer = self._edit(f"{comments}/{text(own[0], 'id')}", body, write)
        member(answer, "body", object)
        return Receipt(edition.words(answer, slot.name), text(answer, "id"))

    def _own_comments(self, slot: Slot, edition: Edition) -> list[Mapping[str, Any]]:
        """Our comments on an issue, oldest first: those that carry our mark, whoever edited them since."""
        comments: dict[str, Any] = {}
        start, total = 0, 1
        while start < total:
            query = {"startAt": str(start), "maxResults": "100", "orderBy": "created"}
            answer = self._api.get(f"{_issue(slot)}/comment", query)
            page = {identity: one for one in member(answer, "comments", list) if (identity := text(one, "id"))}
            total = 0 if page.keys() <= comments.keys() else wire.count(answer, "total")  # or nothing new comes
            comments |= page
            start += len(page)
        return edition.own(list(comments.values()), slot.name)

    def _edit(self, path: str, body: Json, write: Write) -> Any:
        """PUT without mail to the watchers; with mail in a project where this account may not silence it."""
        project = write.key.rpartition("-")[0]
        if project not in self._loud:
            try:
                return self._api.call("PUT", path, {"notifyUsers": "false"}, body)
            except Rejected as error:
                if error.status != 403:
                    raise
        answer = self._api.call("PUT", path, None, body)
        self._loud.add(project)
        return answer


def _issue(slot: Slot) -> str:
    return f"issue/{quote(slot.remote_id, safe='')}"
