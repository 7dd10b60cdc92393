"""What differs between the editions of Jira, as one interface: how each is asked, paged and written to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Protocol

from okrsync.errors import Rejected
from okrsync.model import Json

EDITED = "\n✎"
"""Ends the words of a comment of ours whose form somebody changed, be its words those that we wrote."""


class Edition(Protocol):
    """One edition of Jira over one connection. Issues are raw JSON; lists are pages as they came."""

    product: ClassVar[str]
    version: ClassVar[str]  # of the API
    linked: ClassVar[bool]  # epics and parents above them stand in fields of their own
    order: ClassVar[str]  # in which a pull reads
    resumable: ClassVar[bool]  # after each page of that order, else after the last one only
    history_batch: ClassVar[int]  # ids in one call of histories() …
    direct_batch: ClassVar[int]  # … and of direct()

    def projects(self, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """The projects of these keys that the account sees, by key."""
        ...

    def permissions(self, project: str, rights: Sequence[str], /) -> Mapping[str, Any]:
        """Name of a right → its entry, in one project."""
        ...

    def search(self, query: str, fields: Sequence[str], size: int) -> Iterator[list[Any]]:
        """The pages of a search that hold something; each issue at least once."""
        ...

    def count(self, query: str) -> int | None:
        """How many issues a query finds; None where the answer is none."""
        ...

    def issues(self, ids: Sequence[str], fields: Sequence[str]) -> Iterator[list[Any]]:
        """The issues of these ids; what is gone or hidden is left out."""
        ...

    def direct(
        self, ids: Sequence[str], fields: Sequence[str], properties: Sequence[str]
    ) -> Iterator[tuple[str, Mapping[str, Any] | Rejected]]:
        """Id and issue as it stands now, with these fields and at most five properties: never as an index remembers
        it. What is gone or hidden is left out or told."""
        ...

    def epics(self, keys: Sequence[str], /) -> dict[str, str]:
        """Key → id of issues that are named by their keys alone, as far as they can be read."""
        ...

    def histories(self, ids: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
        """Id and entries of changelogs, in portions; an id that never comes could not be read."""
        ...

    def comment(self, words: str, instance: str, /) -> dict[str, Json]:
        """The body of a request that writes our comment …"""
        ...

    def mark(self, instance: str, /) -> dict[str, Json]:
        """… and what it holds besides where it posts a new one, so that we know it again."""
        ...

    def words(self, comment: Mapping[str, Any], instance: str, /) -> str:
        """What one of our comments says; never what we wrote where somebody else changed as much as its form."""
        ...

    def own(self, comments: Sequence[Any], instance: str) -> list[Mapping[str, Any]]:
        """Those of the comments of an issue that are ours, in their order."""
        ...

    def expires_at(self) -> datetime | None:
        """When the token ends, where the tool tells."""
        ...
