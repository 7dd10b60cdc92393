"""Which work needs no objective, by the configuration and by what every installation takes for granted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mapping.titles import exempts, merges
from mapping.words import fold
from mapping.world import COMMIT, Origin
from okrsync.model import Exemption, Rules, Say

_MERGED = "merge"  # the type of a commit of several parents
_BOT = "[bot]"


class Exemptions:
    """What is exempt. An item is, if the bits of its origin, its author and its labels have one in common; or, where
    ``by_title``, if it is a commit whose title is that of a merge or a release. Each entry of the configuration that
    asks for anything has a bit, and so have the two defaults, merges and bots.
    """

    def __init__(self, rules: Rules) -> None:
        self._entries = [
            _Entry.of(one) for one in rules.exempt if one.labels or one.authors or one.types or one.projects
        ]
        self._merge, self._bot = (1 << len(self._entries), 2 << len(self._entries)) if rules.exempt_defaults else (0, 0)
        self.by_title = rules.exempt_defaults

    def own(self, origin: Origin, author: str, labels: Iterable[str], title: str) -> Say | None:
        """Why an item is exempt by itself; None where it is not."""
        labels = tuple(labels)
        by_title = self.by_title and origin.kind == COMMIT and exempts(title)
        exempt = by_title or self.of_origin(origin) & self.of_author(author) & self.of_labels(labels)
        return self.why(origin, author, labels, title) if exempt else None

    def of_origin(self, origin: Origin) -> int:
        """The bits of what types and projects allow."""
        allowed = self._bits(entry.comes_from(origin) for entry in self._entries) | self._bot
        return allowed | self._merge if _is_merge(origin) else allowed

    def of_author(self, author: str) -> int:
        """The bits of what authors allow."""
        allowed = self._bits(entry.is_by(author) for entry in self._entries) | self._merge
        return allowed | self._bot if _is_bot(author) else allowed

    def of_labels(self, labels: Iterable[str]) -> int:
        """The bits of what labels allow."""
        return self._bits(entry.bears(labels) for entry in self._entries) | self._merge | self._bot

    def why(self, origin: Origin, author: str, labels: Iterable[str], title: str) -> Say:
        """Why an item is exempt that is; the configuration's own words come before the defaults."""
        for entry in self._entries:
            if entry.comes_from(origin) and entry.is_by(author) and entry.bears(labels):
                return entry.why(origin, author, labels)
        if _is_bot(author):
            return Say.of("exempt.bot", author=author)
        if _is_merge(origin) or merges(title):
            return Say.of("exempt.merge")
        return Say.of("exempt.release", title=title.strip())

    @staticmethod
    def _bits(fits: Iterable[bool]) -> int:
        return sum(1 << place for place, one in enumerate(fits) if one)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of the configuration: every list that is not empty has to match."""

    labels: frozenset[str]
    types: frozenset[str]
    projects: frozenset[tuple[str, str]]
    authors: Callable[[str], object] | None
    because: str

    @classmethod
    def of(cls, one: Exemption) -> _Entry:
        return cls(
            frozenset(map(fold, one.labels)),
            frozenset(map(fold, one.types)),
            frozenset((ref.source, fold(ref.key)) for ref in one.projects),
            _any_of(one.authors),
            one.why,
        )

    def comes_from(self, origin: Origin) -> bool:
        return (not self.types or fold(origin.type) in self.types) and (
            not self.projects or (origin.source, fold(origin.project)) in self.projects
        )

    def is_by(self, author: str) -> bool:
        return self.authors is None or bool(self.authors(fold(author)))

    def bears(self, labels: Iterable[str]) -> bool:
        return not self.labels or self.label(labels) is not None

    def label(self, labels: Iterable[str]) -> str | None:
        return next((label for label in labels if fold(label.strip()) in self.labels), None)

    def why(self, origin: Origin, author: str, labels: Iterable[str]) -> Say:
        """The first of the lists, in this order, and what it found."""
        if self.labels:
            what, value = "label", self.label(labels) or ""
        elif self.authors:
            what, value = "author", author
        elif self.types:
            what, value = "type", origin.type
        else:
            what, value = "project", f"{origin.source}:{origin.project}"
        if self.because:
            return Say.of(f"exempt.{what}.why", value=value, why=self.because)
        return Say.of(f"exempt.{what}", value=value)


def _is_bot(author: str) -> bool:
    return author.lower().endswith(_BOT)


def _is_merge(origin: Origin) -> bool:
    return origin.kind == COMMIT and origin.type == _MERGED


def _any_of(patterns: Iterable[str]) -> Callable[[str], object] | None:
    """Matches shell patterns of which only ``*`` and ``?`` are special: the brackets of ``*[bot]`` are brackets."""
    texts = [
        "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in fold(pattern))
        for pattern in patterns
    ]
    return re.compile("|".join(texts), re.DOTALL).fullmatch if texts else None
