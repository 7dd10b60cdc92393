"""Writing into Jira: labels, fields, one property and one comment an issue.

Twice is the same as once: a label, a field and a property are set to a value, a comment is looked up by its mark before
it is posted. How people see it: docs/writing-back.md.

A push on one issue is at most three writes, and few more where comments of ours have to go: labels and fields in one
edit, the property, the comment. An issue is touched once in a run, so Jira's 20 writes in 2 s and 100 in 30 s to one
issue are never near.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from connectors.jira_comments import Comments
from connectors.jira_screens import KIND, Screens, stands
from connectors.raw import chunks, inner, member
from okrsync.errors import Rejected
from okrsync.model import Json, Receipt, Slot, Surface, Write

if TYPE_CHECKING:
    from connectors.jira_api import Api  # loads the jira package
    from connectors.jira_edition import Edition

LABELS = frozenset({Surface.LABEL, Surface.OBJECTIVE_LABEL})
FIELDS = frozenset({Surface.OBJECTIVE_FIELD, Surface.NUMBER})
SURFACES = LABELS | FIELDS | {Surface.PROPERTY, Surface.COMMENT}
PROPERTIES = 5  # in one request for issues
PROPERTY_CHARS = 32_768
LABEL_CHARS = 255
BAD, GONE = 400, 404


class JiraSink:
    """The writing half of a Jira site; implements the port Sink for :class:`connectors.jira.Jira`.

    ``opened`` gives the edition of the site, found out where it is not known yet.
    """

    def __init__(self, api: Api, opened: Callable[[], Edition]) -> None:
        self._api, self._opened = api, opened
        self._comments = Comments(api, self._edit)
        self._screens = Screens(api)
        self._loud: set[str] = set()  # projects that refused to be edited without mail

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def read(self, slots: Sequence[Slot]) -> dict[Slot, Json | Rejected]:
        found: dict[Slot, Json | Rejected] = {}
        issues: dict[str, list[Slot]] = {}
        for slot in slots:
            if slot.surface in SURFACES:
                issues.setdefault(slot.remote_id, []).append(slot)
            else:
                found[slot] = self._unknown(slot.surface)
        if issues:
            edition = self._opened()
            # those whose comments are wanted stand together: no more issues than need be come with their comments
            ids = sorted(issues, key=lambda one: all(slot.surface is not Surface.COMMENT for slot in issues[one]))
            for chunk in chunks(ids, edition.direct_batch):
                found |= dict(self._read(edition, {identity: issues[identity] for identity in chunk}))
        return found

    def _read(self, edition: Edition, issues: Mapping[str, list[Slot]]) -> Iterator[tuple[Slot, Json | Rejected]]:
        wanted = [slot for slots in issues.values() for slot in slots]
        fields = list(dict.fromkeys(field for slot in wanted for field in _asked(slot))) or ["id"]
        names = list(dict.fromkeys(slot.name for slot in wanted if slot.surface is Surface.PROPERTY))
        some, *more = list(chunks(names, PROPERTIES)) or [[]]
        held = dict(edition.direct(list(issues), fields, some))
        properties = {identity: _properties(one) for identity, one in held.items()}
        for others in more:
            for identity, one in edition.direct(list(issues), ["id"], others):
                properties[identity] = {**properties.get(identity, {}), **_properties(one)}
        pages: list[tuple[Slot, object]] = []
        for slot in wanted:
            issue = held.get(slot.remote_id)
            if issue is None:
                gone = f"{self._api.host}: issue {slot.remote_id} is gone, or hidden from this account"
                yield slot, Rejected(gone, status=GONE)
            elif isinstance(issue, Rejected):
                yield slot, issue
            elif slot.surface is Surface.PROPERTY:
                yield slot, properties[slot.remote_id].get(slot.name)
            else:
                values = member(issue, "fields", dict)
                if slot.surface is Surface.COMMENT:
                    pages.append((slot, values.get("comment")))
                elif slot.surface in LABELS:
                    labels = values.get("labels")
                    yield slot, True if isinstance(labels, list) and slot.name in labels else None
                else:
                    self._screens.note(slot.remote_id, values)
                    yield slot, stands(slot.surface, values.get(slot.name))
        yield from self._comments.read(pages, edition).items()

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def push(self, writes: Sequence[Write]) -> list[Receipt]:
        """What can be done is done before the first refusal is raised, except where the issue itself is gone."""
        for write in writes:
            if write.slot.surface not in SURFACES:
                raise self._unknown(write.slot.surface)
        edition = self._opened()
        receipts: dict[Slot, Receipt] = {}
        refusals: list[Rejected] = []

        def tried(step: Callable[[Write], Receipt], write: Write) -> None:
            try:
                receipts[write.slot] = step(write)
            except Rejected as refusal:
                if refusal.status == GONE:
                    raise
                refusals.append(refusal)

        edits = [write for write in writes if write.slot.surface in LABELS | FIELDS]
        body: dict[str, Any] = {}
        for write in edits:
            tried(lambda one: self._edited(one, body), write)
        if body:
            refusals += self._sent(body, edits[0])
        for write in writes:
            if write.slot.surface is Surface.PROPERTY:
                tried(self._push_property, write)
            elif write.slot.surface is Surface.COMMENT:
                tried(lambda one: self._comments.push(one, edition), write)
        if refusals:
            raise refusals[0]
        return [receipts[write.slot] for write in writes]

    def _sent(self, body: Mapping[str, Any], write: Write) -> list[Rejected]:
        """The edit is sent, and why parts of it were refused: Jira refuses all of an edit for one of its fields, so the
        others are then sent by themselves."""
        path, refusals = _issue(write.slot), []
        parts = [{"update": body["update"]}] if "update" in body else []
        parts += [{"fields": {name: value}} for name, value in body.get("fields", {}).items()]
        try:
            self._edit(path, body, write)
            return []
        except Rejected as refusal:
            if refusal.status == GONE:
                raise
            if refusal.status != BAD or len(parts) == 1:
                return [refusal]
        for part in parts:
            try:
                self._edit(path, part, write)
            except Rejected as refusal:
                refusals.append(refusal)
        return refusals

    def _edited(self, write: Write, body: dict[str, Any]) -> Receipt:
        """The receipt of a label or a field, whose part of the edit stands in ``body`` from now on."""
        slot = write.slot
        if slot.surface in FIELDS:
            body.setdefault("fields", {})[slot.name], stood = self._screens.value(write)
            return Receipt(stood)
        if write.after and (len(slot.name) > LABEL_CHARS or not slot.name or slot.name.split() != [slot.name]):
            raise Rejected(
                f"{self._api.host}: a label of Jira has no spaces and at most {LABEL_CHARS} characters: give the "
                "objective another id, or leave objective_label out of the surfaces of this source"
            )
        verb = "add" if write.after else "remove"
        body.setdefault("update", {}).setdefault("labels", []).append({verb: slot.name})
        return Receipt(write.after)

    def _push_property(self, write: Write) -> Receipt:
        slot, value = write.slot, write.after
        path = f"{_issue(slot)}/properties/{quote(slot.name, safe='')}"
        if value is None:
            try:
                self._api.call("DELETE", path)
            except Rejected as refusal:
                if refusal.status != GONE:
                    raise
                self._api.get(_issue(slot), {"fields": "id"})  # only the property is gone, or the issue too
            return Receipt(None)
        if len(orjson.dumps(value).decode()) > PROPERTY_CHARS:
            raise Rejected(
                f"{self._api.host}: property {slot.name} is longer than {PROPERTY_CHARS} characters: leave property "
                "out of the surfaces of this source"
            )
        self._api.call("PUT", path, body=value)
        return Receipt(value)

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

    def _unknown(self, surface: Surface) -> Rejected:
        return Rejected(f"{self._api.host}: Jira has no {surface.value}")


def _asked(slot: Slot) -> tuple[str, ...]:
    """The fields of an issue that tell what stands in a slot."""
    if slot.surface in FIELDS:
        return slot.name, *KIND
    return ("labels",) if slot.surface in LABELS else ("comment",) if slot.surface is Surface.COMMENT else ()


def _properties(issue: Mapping[str, Any] | Rejected) -> dict[str, Json]:
    held = inner(issue, "properties")
    return dict(held) if isinstance(held, dict) else {}


def _issue(slot: Slot) -> str:
    return f"issue/{quote(slot.remote_id, safe='')}"
