"""How alike work and its possible parents are: texts as sparse vectors, and for each pair a row of features.

A feature compares an item with what already hangs on a candidate, or with the candidate's own text. The same lines
serve the past, where an item is only beside what was there before it, and today, where it is beside everything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

Id: TypeAlias = "int | str"
"""Of an item its uid, of a goal its id."""

Floats: TypeAlias = "NDArray[np.float64]"
Numbers: TypeAlias = "NDArray[np.int64]"
Bools: TypeAlias = "NDArray[np.bool_]"

WIDTH = 1 << 18  # columns that words are hashed into: a word has the same one, whatever else is read
TITLE = 5  # a word of the title counts as so many of the body
CHARACTERS = (4, 4)  # of the title, so that inflected, compound and mistyped words are alike too
MONTH = 30.0  # days in which what a child tells of "lately" falls to 1/e
LONG = 3650.0  # days; what never happened is as long ago
CELLS = 1 << 20  # of items beside items at a time: what bounds the memory
KEPT = (16, 8, 8, 4)  # candidates of an item that are weighed: the first by each of SHORT
SHORT = ("words", "own", "pace", "author")
SHARES = ("author", "assignee", "team", "component", "project", "kind")
FEATURES = (
    "words",  # likeness to all its children's texts: the sum of the cosines over the root of their number
    "near",  # to the most alike child
    "own",  # to its own title and text
    "named",  # 1 where the text names it, or a child of it, by key
    "last",  # days since its last child, as a logarithm
    "pace",  # children of the last weeks, as a logarithm
    "habit",  # share of what the same author wrote that went there
    "hand",  # days since that author's last one there, as a logarithm
    "labels",  # mean overlap with the labels of its children
    "size",  # number of its children, as a logarithm
    "bare",  # 1 where it has no child, and nothing but its own text and age can speak for it
    "bare_own",  # that text, there
    "bare_age",  # and that age, as a logarithm
    *SHARES,  # the share of its children that have the same
)
RIVALS = ("words", "near", "own", "pace", "author")  # seen as the distance from the best candidate too
_AT = {name: number for number, name in enumerate(FEATURES)}
_KEY = re.compile(r"\b[A-Z][A-Z0-9_]+-\d+\b")
_WORD = r"(?u)[^\W_]{2,}"
_ADDRESS = re.compile(r"\b\w{1,9}://\S+")


@dataclass(frozen=True, slots=True)
class Work:
    """An item as its likeness is seen. ``parent`` is what it hangs on, where that is known; nothing else tells it."""

    id: Id
    created: datetime
    title: str = ""
    body: str = ""
    key: str = ""
    kind: str = ""
    author: str = ""
    assignee: str = ""
    team: str = ""
    project: str = ""
    component: str = ""
    labels: tuple[str, ...] = ()
    level: int | None = None
    parent: Id | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """What work can hang on: a parent item, or a goal.

    ``created`` is None where it was always there. Nothing hangs on what is of the same ``level`` or below, nor on what
    is ``under`` it.
    """

    id: Id
    title: str = ""
    body: str = ""
    key: str = ""
    created: datetime | None = None
    level: int | None = None
    under: frozenset[Id] = frozenset()


@dataclass(frozen=True, slots=True)
class Pairs:
    """The candidates of one item that are worth weighing, by their places, with a row of features each; and how alike
    it is to each linked work that it is held beside."""

    item: int
    candidates: Numbers
    features: Floats
    alike: Floats


@dataclass(frozen=True, slots=True)
class Side:
    """Some works as columns, one side of a comparison; ``barred`` are the candidates that each cannot hang on."""

    days: Floats
    levels: Floats
    words: csr_matrix
    labels: csr_matrix
    codes: dict[str, Numbers]
    named: list[tuple[str, ...]]
    barred: list[list[int]]

    def part(self, first: int, last: int) -> Side:
        some = slice(first, last)
        codes = {name: values[some] for name, values in self.codes.items()}
        return Side(
            self.days[some],
            self.levels[some],
            self.words[some],
            self.labels[some],
            codes,
            self.named[some],
            self.barred[some],
        )


class Shelf:
    """Linked work in the order of its creation, on the candidates that it hangs on; any work can be held beside it."""

    def __init__(self, linked: Sequence[Work], candidates: Sequence[Candidate]) -> None:
        self.linked, self.candidates = linked, candidates
        place = {one.id: number for number, one in enumerate(candidates)}
        self.parents: Numbers = np.array(
            [place[one.parent] for one in linked if one.parent is not None], dtype=np.int64
        )
        self._barred: dict[Id, list[int]] = {}
        for number, candidate in enumerate(candidates):
            for below in {candidate.id, *candidate.under}:
                self._barred.setdefault(below, []).append(number)
        self._codes: dict[str, dict[str, int]] = {name: {} for name in SHARES}
        self._side = self.side(linked)
        self._own = _words([(one.title, one.body) for one in candidates])
        self._born = np.array([-np.inf if one.created is None else _day(one.created) for one in candidates])
        self._levels = np.array([np.inf if one.level is None else one.level for one in candidates])
        self._order = np.argsort(self.parents, kind="stable")  # children side by side
        self._held, self._starts = np.unique(self.parents[self._order], return_index=True)
        self._keys: dict[str, list[int]] = {}
        for number, candidate in enumerate(candidates):
            self._keys.setdefault(candidate.key, []).append(number)
        self._children: dict[str, list[int]] = {}
        for number, work in enumerate(linked):
            self._children.setdefault(work.key, []).append(number)

    def side(self, works: Sequence[Work]) -> Side:
        """These works, ready to be held beside what is linked."""
        return Side(
            np.array([_day(work.created) for work in works]),
            np.array([-np.inf if work.level is None else work.level for work in works]),
            _words([(work.title, work.body) for work in works]),
            _labels([work.labels for work in works]),
            {name: self._coded(name, [getattr(work, name) for work in works]) for name in SHARES},
            [keys(work) for work in works],
            [self._barred.get(work.id, []) for work in works],
        )

    def past(self, first: int, last: int, *, gap: float = 0.0) -> Iterator[Pairs]:
        """The linked works from ``first`` to ``last``, each beside those older than itself by more than ``gap`` days.

        How rare a word is, is known from those before ``first``.
        """
        for pairs in self._older(self._side.part(first, last), first, gap):
            yield replace(pairs, item=first + pairs.item)

    def then(self, works: Sequence[Work], known: int, *, gap: float = 0.0) -> Iterator[Pairs]:
        """Other works in the same way; how rare a word is, is known from the first ``known`` linked ones."""
        yield from self._older(self.side(works), known, gap)

    def _older(self, side: Side, known: int, gap: float) -> Iterator[Pairs]:
        days = self._side.days

        def before(part: Side, _start: int) -> Bools:
            seen: Bools = days[None, :] < (part.days - gap)[:, None]
            return seen

        yield from self._pairs(side, before, known, then=True)

    def now(self, works: Sequence[Work]) -> Iterator[Pairs]:
        """These works beside all that is linked, but themselves."""
        place = {work.id: number for number, work in enumerate(self.linked)}

        def others(part: Side, start: int) -> Bools:
            seen = np.ones((len(part.days), len(self.linked)), dtype=bool)
            for row in range(len(part.days)):
                if (own := place.get(works[start + row].id)) is not None:
                    seen[row, own] = False
            return seen

        yield from self._pairs(self.side(works), others, len(self.linked), then=False)

    # ── comparing ──

    def _pairs(self, side: Side, seen_by: Callable[[Side, int], Bools], known: int, *, then: bool) -> Iterator[Pairs]:
        """``seen_by`` tells which linked works a part of ``side`` may be held beside; ``then``: candidates that were
        not there yet are not seen either."""
        rarity = self._rarity(known)
        shelf, own = (_weighed(words, rarity).T.tocsr() for words in (self._side.words, self._own))
        step = max(1, CELLS // max(1, len(self.linked), len(self.candidates) * len(FEATURES)))
        for start in range(0, len(side.days), step):
            part = side.part(start, start + step)
            asked = _weighed(part.words, rarity)
            seen = seen_by(part, start)
            alike = (asked @ shelf).toarray() * seen
            table = self._table(part, seen, alike, (asked @ own).toarray())
            there = self._levels[None, :] > part.levels[:, None]
            if then:
                there &= (self._born[None, :] < part.days[:, None]) | (table[:, :, _AT["size"]] > 0)
            for row, barred in enumerate(part.barred):
                there[row, barred] = False
                kept = _shortlist(table[row], np.flatnonzero(there[row]))
                if len(kept):
                    yield Pairs(start + row, kept, _among_rivals(table[row, kept]), alike[row])

    def _table(self, part: Side, seen: Bools, alike: Floats, own: Floats) -> Floats:
        """Item × candidate × feature."""
        order, shelf = self._order, self._side
        mentions = self._mentions(part, seen)
        seen = seen[:, order]
        alike = alike[:, order]
        overlap = _overlap(part.labels, shelf.labels)[:, order] * seen
        age = np.abs(part.days[:, None] - shelf.days[None, order])
        same = {
            name: (part.codes[name][:, None] == shelf.codes[name][None, order])
            & seen
            & (part.codes[name] >= 0)[:, None]
            for name in SHARES
        }
        counts = self._summed(seen)
        some, bare = np.maximum(counts, 1.0), (counts == 0).astype(np.float64)
        written = self._summed(same["author"])
        born = np.minimum(np.abs(part.days[:, None] - self._born[None, :]), LONG)
        values = {name: self._summed(same[name]) / some for name in SHARES} | {
            "words": self._summed(alike) / np.sqrt(some),
            "near": self._largest(alike, 0.0),
            "own": own,
            "named": mentions,
            "last": np.log1p(-self._largest(np.where(seen, -age, -LONG), -LONG)),
            "pace": np.log1p(self._summed(np.exp(-age / MONTH) * seen)),
            "habit": written / np.maximum(same["author"].sum(axis=1), 1)[:, None],
            "hand": np.log1p(-self._largest(np.where(same["author"], -age, -LONG), -LONG)),
            "labels": self._summed(overlap) / some,
            "size": np.log1p(counts),
            "bare": bare,
            "bare_own": bare * own,
            "bare_age": bare * np.log1p(born),
        }
        return np.stack([values[name] for name in FEATURES], axis=2)

    def _summed(self, values: NDArray[Any]) -> Floats:
        """Over the children of each candidate."""
        found = np.zeros((len(values), len(self.candidates)))
        if len(self._held):
            found[:, self._held] = np.add.reduceat(values, self._starts, axis=1, dtype=np.float64)
        return found

    def _largest(self, values: Floats, nothing: float) -> Floats:
        """Among the children of each candidate; ``nothing`` where it has none."""
        found = np.full((len(values), len(self.candidates)), nothing)
        if len(self._held):
            found[:, self._held] = np.maximum.reduceat(values, self._starts, axis=1)
        return found

    def _mentions(self, part: Side, seen: Bools) -> Floats:
        found = np.zeros((len(part.days), len(self.candidates)))
        for row, keys in enumerate(part.named):
            for key in keys:
                found[row, self._keys.get(key, [])] = 1.0
                children = [child for child in self._children.get(key, ()) if seen[row, child]]
                found[row, self.parents[children]] = 1.0
        return found

    # ── columns ──

    def _rarity(self, seen: int) -> Floats:
        """What each word weighs, by how few of the first ``seen`` linked works hold it."""
        held = np.bincount(self._side.words[:seen].indices, minlength=WIDTH)
        rarity: Floats = np.log((1 + seen) / (1 + held)) + 1
        return rarity

    def _coded(self, name: str, values: Sequence[str]) -> Numbers:
        """The same number for the same value; -1 for none."""
        codes = self._codes[name]
        return np.array([codes.setdefault(value, len(codes)) if value else -1 for value in values], dtype=np.int64)


def keys(work: Work) -> tuple[str, ...]:
    """The keys of other items that its text names."""
    return tuple(sorted(set(_KEY.findall(f"{work.title}\n{work.body}")) - {work.key}))


def _words(texts: Sequence[tuple[str, str]]) -> csr_matrix:
    """How often each word, and each run of characters in a title, stands there, as 1 + its logarithm."""
    if not texts:
        return csr_matrix((0, WIDTH))
    words = _hashing(token_pattern=_WORD)
    characters = _hashing(analyzer="char_wb", ngram_range=CHARACTERS)
    titles = [_sound(title) for title, _ in texts]
    said = [
        f"{title} " * TITLE + _ADDRESS.sub(" ", _sound(body)) for title, (_, body) in zip(titles, texts, strict=True)
    ]
    return csr_matrix(_damped(words.transform(said)) + _damped(characters.transform(titles)))


def _sound(text: str) -> str:
    """The text without halves of characters, which nothing can encode."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _hashing(**how: Any) -> HashingVectorizer:
    return HashingVectorizer(n_features=WIDTH, strip_accents="unicode", alternate_sign=False, norm=None, **how)


def _damped(counts: csr_matrix) -> csr_matrix:
    counts.data = 1 + np.log(counts.data)
    return counts


def _labels(labels: Sequence[tuple[str, ...]]) -> csr_matrix:
    if not labels:
        return csr_matrix((0, WIDTH))
    one_by_one = HashingVectorizer(
        n_features=WIDTH,
        analyzer=lambda some: [_sound(one.casefold()) for one in some],
        alternate_sign=False,
        norm=None,
        binary=True,
    )
    return one_by_one.transform(labels)


def _weighed(words: csr_matrix, rarity: Floats) -> csr_matrix:
    weighed = words.copy()
    weighed.data = weighed.data * rarity[weighed.indices]
    return normalize(weighed, copy=False)


def _overlap(some: csr_matrix, others: csr_matrix) -> Floats:
    """What two have in common of what either has."""
    common: Floats = (some @ others.T).toarray()
    either = some.getnnz(axis=1)[:, None] + others.getnnz(axis=1)[None, :] - common
    found: Floats = common / np.maximum(either, 1.0)
    return found


def _shortlist(table: Floats, there: Numbers) -> Numbers:
    """Of these candidates those that are among the first by one of SHORT, in their order."""
    if len(there) <= sum(KEPT):
        return there
    first = [
        there[np.argpartition(-table[there, _AT[name]], kept)[:kept]] for name, kept in zip(SHORT, KEPT, strict=True)
    ]
    return np.unique(np.concatenate(first))


def _among_rivals(features: Floats) -> Floats:
    rivals = features[:, [_AT[name] for name in RIVALS]]
    return np.hstack([features, rivals - rivals.max(axis=0)])


def _day(instant: datetime) -> float:
    """Days since 1970."""
    return instant.astimezone(UTC).timestamp() / 86_400
