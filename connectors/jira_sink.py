"""Writing into Jira Cloud: labels, one property and one comment an issue.

Twice is the same as once: a label and a property are set to a value, a comment is looked up by its mark before it is
posted. How people see it: docs/writing-back.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from connectors import jira_wire as wire
from connectors.adf import from_adf, to_adf
from connectors.raw import chunks, member, text
from okrsync.errors import Rejected
from okrsync.model import Json, Receipt, Slot, Surface, Write

if TYPE_CHECKING:
    from connectors.jira_api import Api  # loads the jira package

SURFACES = frozenset({Surface.LABEL, Surface.PROPERTY, Surface.COMMENT})
PROPERTY_CHARS = 32_768
COMMENT_IDS = 1000  # in one POST comment/list
MARK = "okrsync"  # the comment property that makes a comment ours


class JiraSink:
    """The writing half of a Jira site; implements the port Sink for :class:`connectors.jira.Jira`."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._silent = True  # until a site refuses to edit without mail

    def read(self, slot: Slot) -> Json:
        issue = _issue(slot)
        match slot.surface:
            case Surface.LABEL:
                labels = member(self._api.get(issue, {"fields": "labels"}), "fields", dict).get("labels")
                return True if isinstance(labels, list) and slot.name in labels else None
            case Surface.PROPERTY:
                answer = self._property(slot)
                return None if answer is None else member(answer, "value", object)
            case Surface.COMMENT:
                own = self._own_comments(slot)
                return from_adf(own[0].get("body")) if own else None
            case _:
                raise self._no_such_surface(slot)

    def push(self, write: Write) -> Receipt:
        match write.slot.surface:
            case Surface.LABEL:
                verb = "add" if write.after else "remove"
                self._edit(_issue(write.slot), {"update": {"labels": [{verb: write.slot.name}]}})
                return Receipt(write.after)
            case Surface.PROPERTY:
                self._push_property(write.slot, write.after)
                return Receipt(write.after)
            case Surface.COMMENT:
                return self._push_comment(write.slot, write.after)
            case _:
                raise self._no_such_surface(write.slot)

    def _no_such_surface(self, slot: Slot) -> Rejected:
        return Rejected(f"{self._api.host}: Jira has no {slot.surface.value}")

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

    def _push_comment(self, slot: Slot, value: Json) -> Receipt:
        own = self._own_comments(slot)
        comments = f"{_issue(slot)}/comment"
        for spare in own[1:] if value is not None else own:  # two of ours are one too many, left by a lost answer
            self._api.call("DELETE", f"{comments}/{text(spare, 'id')}")
        if value is None:
            return Receipt(None)
        body: dict[str, Json] = {"body": to_adf(str(value))}
        if not own:
            mark: Json = {"key": MARK, "value": {"instance": slot.name}}
            answer = self._api.post(comments, body | {"properties": [mark]})
        elif from_adf(own[0].get("body")) == value:
            answer = own[0]
        else:
            answer = self._edit(f"{comments}/{text(own[0], 'id')}", body)
        return Receipt(from_adf(member(answer, "body", object)), text(answer, "id"))

    def _own_comments(self, slot: Slot) -> list[Mapping[str, Any]]:
        """Our comments on an issue, oldest first: those that carry our mark, whoever edited them since.

        Jira shows the properties of comments only where they are asked for by id (POST comment/list).
        """
        comments: list[Any] = []
        start, total = 0, 1
        while start < total:
            query = {"startAt": str(start), "maxResults": "100", "orderBy": "created"}
            answer = self._api.get(f"{_issue(slot)}/comment", query)
            page = member(answer, "comments", list)
            comments += page
            start += len(page)
            total = wire.count(answer, "total") if page else start
        ids = [identity for comment in comments if (identity := text(comment, "id")).isdecimal()]
        own: set[str] = set()
        for some in chunks(ids, COMMENT_IDS):
            answer = self._api.post("comment/list", {"ids": [int(one) for one in some]}, {"expand": "properties"})
            values = member(answer, "values", list)
            own |= {text(comment, "id") for comment in values if _is_marked(comment, slot.name)}
        return [comment for comment in comments if text(comment, "id") in own]

    def _edit(self, path: str, body: Json) -> Any:
        """PUT without mail to the watchers; with mail where this account may not silence it."""
        if self._silent:
            try:
                return self._api.call("PUT", path, {"notifyUsers": "false"}, body)
            except Rejected as error:
                if error.status != 403:
                    raise
        answer = self._api.call("PUT", path, None, body)
        self._silent = False
        return answer


def _issue(slot: Slot) -> str:
    return f"issue/{quote(slot.remote_id, safe='')}"


def _is_marked(comment: object, instance: str) -> bool:
    properties = comment.get("properties") if isinstance(comment, dict) else None
    return any(
        isinstance(entry, dict)
        and entry.get("key") == MARK
        and isinstance(value := entry.get("value"), dict)
        and value.get("instance") == instance
        for entry in (properties if isinstance(properties, list) else ())
    )
