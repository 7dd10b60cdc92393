"""Texts → references: the keys, addresses, trailers and reverts in what pull requests and commits say."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mapping.addresses import Addresses, Form, Hit
from mapping.evidence import Where, note
from mapping.prose import HIDDEN, legible
from mapping.words import fold
from okrsync.model import ItemKind, Place, Reference, ReferenceKind, Text

_READING = 2  # grows with every release that reads a text otherwise
_ID = 100  # characters; what is longer behind "OKR:" is a sentence

_TRAILER = re.compile(r"^[ \t]*(?:OKR|KR)[ \t]*:([^\n]+)", re.M | re.I)
_REVERT = re.compile(r"(?<![\w-])(?:this )?reverts commit\s{1,2}(?:[\w.-]+/[\w.-]+@)?([0-9a-f]{7,40})(?!\w)", re.I)
_NUMBER = re.compile(r"-([1-9][0-9]*+)(?![^\W_]|@|\.[^\W_])")
_STEM = re.compile(r"\w+\Z")
_SHORT = re.compile(r"(?:(?<![\w./&#-])([\w-]++/[\w.-]++)|(?<![\w/&#]))#([1-9][0-9]*+)(?!\w)")
_BEFORE = re.compile(
    r"(?<![\w-])(?:(?P<closes>close[sd]?|fix(?:e[sd])?|resolve[sd]?):?|reverts:?(?:[ \t]+(?:pull request|PR|commit))?)"
    r"[ \t]+\Z",
    re.I,
)
_REACH = 40  # characters before a reference in which such a word can stand


class Reader:
    """Reads texts in the vocabulary of all configured sources.

    What is a reference, to the letter, is in docs/linking.md. Reading is linear in the length of the text.
    """

    def __init__(self, places: Sequence[Place]) -> None:
        self._projects = {fold(key): key for place in places if place.kind == "jira" for key in place.projects}
        self._longest = max(map(len, [*self._projects, "gh"]))
        self._repositories = {fold(key): key for place in places if place.kind == "github" for key in place.projects}
        self._addresses = Addresses(places)

    def read(self, text: Text) -> tuple[Reference, ...]:
        """Every reference of the text, each target once; closing it says more than naming it."""
        said = ((Where.TITLE, legible(text.title)), (Where.BODY, legible(text.body)), (Where.BRANCH, text.branch))
        found = [one for where, words in said if words for one in self._references(text, where, words)]
        return _once(found) if len(found) > 1 else tuple(found)

    def _references(self, text: Text, where: Where, words: str) -> Iterator[Reference]:
        rest = words
        if where is Where.BODY and ":" in words:
            for line in _TRAILER.finditer(words):
                yield from _trailers(line[0], line[1])
            rest = _TRAILER.sub(_blank, words)
        if where is not Where.BRANCH and "commit" in words.lower():
            for revert in _REVERT.finditer(rest):
                yield Reference(ReferenceKind.REVERTS, revert[1].lower(), evidence=note(where, revert[0]))
        closing = where is Where.BODY or (where is Where.TITLE and text.kind is ItemKind.COMMIT)
        hits, rest = self._addressed(rest) if "/" in rest else ([], rest)
        if "-" in rest:
            hits += self._keys(text, rest)
        if "#" in rest:
            hits += self._numbers(text, rest)
        for hit in sorted(hits, key=lambda one: one.start):
            word = None if where is Where.BRANCH else _BEFORE.search(rest, max(hit.start - _REACH, 0), hit.start)
            kind = _kind(hit, word, closing)
            if kind is not None:
                start = hit.start if word is None or kind is ReferenceKind.MENTIONS else word.start()
                said = note(where, words[start : hit.end])
                yield Reference(kind, hit.target, evidence=said, target_source=hit.source)

    def _addressed(self, words: str) -> tuple[list[Hit], str]:
        """What the addresses lead to, and the text with nothing in their places."""
        hits, pieces, at = [], [], 0
        for start, end, hit in self._addresses.read(words):
            if hit is not None:
                hits.append(hit)
            pieces += [words[at:start], HIDDEN * (end - start)]
            at = end
        return hits, "".join([*pieces, words[at:]]) if at else words

    def _keys(self, text: Text, words: str) -> Iterator[Hit]:
        """``SHOP-12`` of a configured project, in any case; and ``GH-12``, which is ``#12``."""
        for number in _NUMBER.finditer(words):
            end = number.start()
            stem = _STEM.search(words, max(end - self._longest - 1, 0), end)
            if stem is None:
                continue
            start, cut = stem.start(), 0
            while (name := fold(words[start:end])) not in self._projects and name != "gh" and cut >= 0:
                cut = words.find("_", start, end)  # an underscore separates, unless it belongs to the project's key
                start = cut + 1 if cut >= 0 else start
            if words[start - 1 : start] == "@":
                continue
            if name in self._projects:
                yield Hit(start, number.end(), Form.KEY, f"{self._projects[name]}-{number[1]}")
            elif name == "gh" and text.project:
                yield Hit(start, number.end(), Form.NUMBER, f"{text.project}#{number[1]}")

    def _numbers(self, text: Text, words: str) -> Iterator[Hit]:
        """``#12`` of this repository, ``acme/shop#12`` of a configured one."""
        for match in _SHORT.finditer(words):
            repository = self._repositories.get(fold(match[1])) if match[1] else text.project
            if repository:
                yield Hit(match.start(), match.end(), Form.NUMBER, f"{repository}#{match[2]}")


def reading_stamp(places: Iterable[Place]) -> str:
    """A text that is another one exactly when every stored text has to be read again."""
    made_of = sorted([one.source, one.kind, one.web, sorted(one.projects)] for one in places)
    return hashlib.sha256(json.dumps([_READING, made_of]).encode()).hexdigest()


def _kind(hit: Hit, word: re.Match[str] | None, closing: bool) -> ReferenceKind | None:
    """How a text with this ``word`` before the hit refers to it; None: not at all."""
    closes = word is not None and word["closes"] is not None
    if word is not None and not closes and hit.form is not Form.KEY:
        return ReferenceKind.REVERTS
    if hit.form is Form.COMMIT:
        return None
    return ReferenceKind.CLOSES if closes and closing else ReferenceKind.MENTIONS


def _trailers(line: str, values: str) -> Iterator[Reference]:
    said = note(Where.BODY, line.replace(HIDDEN, " "))
    for value in values.split(","):
        named = value.strip(f" \t{HIDDEN}")
        if named and len(named) <= _ID and HIDDEN not in named:
            yield Reference(ReferenceKind.TRAILER, named, evidence=said)


def _blank(match: re.Match[str]) -> str:
    return HIDDEN * len(match[0])


_RANK = {ReferenceKind.TRAILER: 0, ReferenceKind.REVERTS: 1, ReferenceKind.CLOSES: 2, ReferenceKind.MENTIONS: 3}


def _once(found: Iterable[Reference]) -> tuple[Reference, ...]:
    """Each target once, by the word that says most of it, in the order in which they were read.

    A key that also stands there as an address is the item at that address; what is reverted is not also named.
    """
    best: dict[tuple[bool, str], dict[str | None, Reference]] = {}
    for one in found:
        sources = best.setdefault((one.kind is ReferenceKind.TRAILER, fold(one.target)), {})
        known = sources.get(one.target_source)
        if known is None or _RANK[one.kind] < _RANK[known.kind]:
            sources[one.target_source] = one
    result = []
    for sources in best.values():
        bare = sources.pop(None, None) if len(sources) > 1 else None
        for one in sources.values():
            more = bare is not None and _RANK[bare.kind] < _RANK[one.kind]
            result.append(replace(bare, target_source=one.target_source) if bare and more else one)
    return tuple(result)
