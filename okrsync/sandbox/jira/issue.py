"""One Jira issue as the sandbox holds it, and Jira's way of writing instants."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from okrsync.sandbox.jira import adf

RICH_FIELDS = ("description", "environment")


def stamp(at: datetime, zone: tzinfo = UTC) -> str:
    """``2024-09-19T22:00:08.689-0500``: milliseconds, and an offset without a colon."""
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"


def millis(text: str) -> int:
    """Epoch milliseconds of such a stamp; ValueError where it is none."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return round(at.timestamp() * 1000)


def linked(link: Mapping[str, Any]) -> dict[str, Any]:
    """The other end of an entry of ``issuelinks``."""
    found: dict[str, Any] = link.get("inwardIssue") or link["outwardIssue"]
    return found


class Issue:
    """An issue: its fields as Jira v3 serves them, its histories oldest first, its entity properties."""

    __slots__ = ("created_ms", "fields", "histories", "id", "key", "number", "old_keys", "properties", "updated_ms")

    def __init__(
        self,
        id: str,  # noqa: A002
        key: str,
        fields: dict[str, Any],
        histories: list[dict[str, Any]] | None = None,
        properties: dict[str, Any] | None = None,
    ) -> None:
        """ValueError or KeyError where a field that every issue has is absent or unreadable."""
        self.id = id
        self.fields = fields
        self.histories = histories if histories is not None else []
        self.properties = properties if properties is not None else {}
        self.old_keys: list[str] = []
        self.rename(key)
        self.created_ms = millis(fields["created"])
        self.updated_ms = millis(fields["updated"])
        for name in RICH_FIELDS:
            if isinstance(fields.get(name), str):
                fields[name] = adf.document(fields[name])

    @property
    def numeric_id(self) -> int:
        return int(self.id)

    @property
    def project_id(self) -> str:
        return str(self.fields["project"]["id"])

    def rename(self, key: str) -> None:
        self.key = key
        self.number = int(key.rpartition("-")[2])

    def touch(self, at: datetime, zone: tzinfo = UTC) -> None:
        """The issue was updated at this instant; never earlier than before."""
        moment = round(at.timestamp() * 1000)
        if moment > self.updated_ms:
            self.updated_ms = moment
            self.fields["updated"] = stamp(at, zone)

    def stub(self) -> dict[str, Any]:
        """The issue as it stands inside another: as a parent, a sub-task or the end of a link."""
        shown = {name: self.fields.get(name) for name in ("summary", "status", "priority", "issuetype")}
        return {"id": self.id, "key": self.key, "fields": {name: value for name, value in shown.items() if value}}

    def raw(self) -> dict[str, Any]:
        """The issue as a line of ``issues.jsonl``."""
        value: dict[str, Any] = {"id": self.id, "key": self.key, "fields": self.fields}
        if self.histories:
            newest_first = self.histories[::-1]
            value["changelog"] = {
                "startAt": 0,
                "maxResults": len(newest_first),
                "total": len(newest_first),
                "histories": newest_first,
            }
        if self.properties:
            value["properties"] = self.properties
        return value
