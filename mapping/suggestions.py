"""Likely parents for orphans: learnt from the links that are there, measured on them, silent where that says little.

How sure a suggestion is, is learnt on this installation and nowhere else: see :mod:`mapping.trials`.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from threadpoolctl import threadpool_limits

from mapping.likeness import Candidate, Floats, Id, Numbers, Pairs, Shelf, Work, keys
from mapping.trials import LITTLE, Walk
from mapping.words import fold, parts, visible
from okrsync.model import Say

HELD = 5_000  # linked items that are looked at: the latest
AS_SURE = 40  # trials that tell how often answers as sure as one were right
SHOWN_ALIKE, SHOWN_WORDS, SHOWN_OTHERS = 3, 5, 2
OFTENER = 1.5  # times as often as elsewhere a word is to stand among the children
SHORTEST = 4  # letters of a word that is worth telling
SEVERAL = 2  # children that are worth telling
LATELY = 14  # days that are worth telling
TELLING = ("author", "team", "component")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Where an item may belong. ``right`` of ``of`` trials that were as sure as this were right; ``alike`` are linked
    items of the candidate, the most alike first; ``others`` are the next candidates with their probabilities."""

    item: Id
    candidate: Id
    probability: float
    right: int
    of: int
    alike: tuple[Id, ...]
    evidence: tuple[Say, ...]
    others: tuple[tuple[Id, float], ...]


def learn(
    linked: Iterable[Work], candidates: Iterable[Candidate], unlinked: Iterable[Work] = (), *, gap: float = 0.0
) -> Learned:
    """What the links that are there teach; the order of nothing here matters.

    Linked items that hang on no candidate teach nothing. The ``unlinked`` may hang on nothing for good, so to name a
    parent for one counts as wrong; of these no more are looked at than of linked ones. With ``gap`` a trial sees only
    what is older by so many days: a harder measure, as if work that is planned all at once had no siblings yet.
    """
    shelved = sorted(candidates, key=lambda one: _in_order(one.id))
    known = {one.id for one in shelved}
    works = sorted((one for one in linked if one.parent in known), key=_by_age)[-HELD:]
    with threadpool_limits(1):  # small matrices: threads only wait for one another, and each sums in its own order
        return Learned(Shelf(works, shelved), sorted(unlinked, key=_by_age), gap)


def _by_age(work: Work) -> tuple[datetime, tuple[int, str]]:
    return work.created, _in_order(work.id)


def _in_order(id_: Id) -> tuple[int, str]:
    """Items by their uids, goals after them by their ids."""
    return (id_, "") if isinstance(id_, int) else (sys.maxsize, id_)


class Learned:
    """The linked work of an installation, the trials that were made on it and on ``strays``, which are linked to
    nothing, and the model that they taught."""

    def __init__(self, shelf: Shelf, unlinked: Sequence[Work], gap: float) -> None:
        self._shelf = shelf
        walked = Walk(shelf, unlinked, gap)
        self.trials, self.strays = tuple(walked.trials), tuple(walked.strays)
        self._model, self._tempered = walked.model(), walked.temper()
        self.threshold = walked.threshold()
        self._sureness = sorted((trial.probability, trial.right) for trial in self.trials)
        self._titles = Counter(word for work in shelf.linked for word in _title_words(work.title))
        self._children: dict[int, list[int]] = {}
        for number, parent in enumerate(shelf.parents.tolist()):
            self._children.setdefault(parent, []).append(number)

    @property
    def linked(self) -> int:
        """How many linked items it rests on."""
        return len(self._shelf.linked)

    def suggest(self, works: Sequence[Work], least: float | None = None) -> Iterator[Suggestion]:
        """For those of ``works`` where it is sure enough: from :attr:`threshold` on, or from ``least``.

        All at once costs less than one by one.
        """
        least = self.threshold if least is None else least
        if self._model is None or least > 1:
            return
        for pairs in self._shelf.now(works):
            chances = self._model.chances(pairs.features)
            order = np.argsort(-chances, kind="stable")
            probability = self._tempered.one(float(chances[order[0]]))
            if probability >= least:
                chances *= (1 - probability) / (1 - min(chances[order[0]], 1 - LITTLE))  # of the others, what is left
                yield self._suggestion(works[pairs.item], pairs, order, probability, chances[order[1:]].tolist())

    def _suggestion(
        self, work: Work, pairs: Pairs, order: Numbers, probability: float, rest: Sequence[float]
    ) -> Suggestion:
        found = [self._shelf.candidates[place].id for place in pairs.candidates[order]]
        best = int(pairs.candidates[order[0]])
        children = [number for number in self._children.get(best, ()) if self._shelf.linked[number].id != work.id]
        alike = self._most_alike(children, pairs.alike)
        right, of = self.as_sure(probability)
        return Suggestion(
            item=work.id,
            candidate=found[0],
            probability=probability,
            right=right,
            of=of,
            alike=tuple(self._shelf.linked[number].id for number in alike),
            evidence=tuple(self._evidence(work, best, children)),
            others=tuple(zip(found[1:], rest, strict=True))[:SHOWN_OTHERS],
        )

    def _most_alike(self, children: Iterable[int], alike: Floats) -> list[int]:
        """The first few of these that are alike at all; of several with the same title the first."""
        found: dict[frozenset[str], int] = {}
        for number in sorted(children, key=lambda number: (-alike[number], number)):
            if len(found) == SHOWN_ALIKE or not alike[number]:
                break
            found.setdefault(frozenset(_title_words(self._shelf.linked[number].title)), number)
        return list(found.values())

    def as_sure(self, probability: float) -> tuple[int, int]:
        """(right, of): of the trials whose probabilities were nearest to this one."""
        place = bisect_left(self._sureness, (probability, False))
        start = max(0, min(place - AS_SURE // 2, len(self._sureness) - AS_SURE))
        near = self._sureness[start : start + AS_SURE]
        return sum(right for _, right in near), len(near)

    def _evidence(self, work: Work, place: int, children: Sequence[int]) -> Iterator[Say]:
        """What a person can check, beside the items that are alike."""
        candidate = self._shelf.candidates[place]
        below = [self._shelf.linked[number] for number in children]
        if shared := self._shared(work, candidate, below):
            yield Say.of("suggest.words", words=", ".join(shared))
        named = {candidate.key, *(child.key for child in below)} & set(keys(work))
        if named:
            yield Say.of("suggest.named", keys=", ".join(sorted(named)))
        for name in TELLING:
            same = sum(getattr(child, name) == getattr(work, name) for child in below)
            if getattr(work, name) and same >= SEVERAL:
                yield Say.of(f"suggest.{name}", same=same, of=len(below), value=getattr(work, name))
        days = min((abs(work.created - child.created).days for child in below), default=LATELY)
        if days < LATELY:
            yield Say.of("suggest.near", days=days)

    def _shared(self, work: Work, candidate: Candidate, below: Sequence[Work]) -> list[str]:
        """Words of the item's title that are the candidate's own, the rarest first: they stand in its title, or in
        those of its children more often than anywhere."""
        own, theirs = _title_words(candidate.title), Counter(word for one in below for word in _title_words(one.title))
        usual = OFTENER * len(below) / max(1, len(self._shelf.linked))
        shared = [
            word
            for word in _title_words(work.title)
            if word in own or (word in theirs and theirs[word] >= usual * self._titles[word])
        ]
        return sorted(shared, key=lambda word: (self._titles[word], word))[:SHOWN_WORDS]


def _title_words(title: str) -> set[str]:
    return {word for word in parts(fold(visible(title))) if len(word) >= SHORTEST}
