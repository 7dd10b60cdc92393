"""Of many key results that are proposed, which are worth keeping: a place for each, and the reason of it.

They take their places in turn: next comes the best of what is left, given those that stand above it already. So of two
that hold the same work, or say the same, the better one keeps its points and the other loses them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from rapidfuzz.fuzz import token_sort_ratio
from rapidfuzz.process import cdist

from okrsync.model import KeyResult, KeyResultKind
from rollup.workload import Array

EFFORT = 40  # points of the one with the most linked effort; the others have them by their place below it
VALUE = 20  # of them, at least, for one that is measured by a value: it may move without any work linked to it
OWN = 25  # points for items that no key result above it serves
OWNER, MEASURE, DUE = 10, 15, 10  # points for what is there
TWIN = -25  # points for saying what another says
NO_ONE = -1  # the place of nobody
ALIKE = 88  # likeness of two titles, of 100, from which on one says what the other says


class Lack(StrEnum):
    """What a key result cannot be steered without."""

    OWNER = "owner"
    BASELINE = "baseline"
    WORK = "work"  # measured by its work, and there is none
    DUE_DATE = "due_date"


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A key result, the uids of the items that serve it, and the effort that they stand for."""

    kr: KeyResult
    items: Array
    effort: float


@dataclass(frozen=True, slots=True)
class Rank:
    """A place: ``score`` points of 100, and what they are made of.

    ``ahead`` is the share of the other candidates that have less effort. ``shared`` of its ``items`` serve key results
    above it or standing beside, most of them ``shared_with``; its title says what that of ``twin`` says.
    """

    kr: str
    score: float
    effort: float
    ahead: float
    items: int
    shared: int
    shared_with: str | None
    twin: str | None
    lacks: tuple[Lack, ...]


def rank(candidates: Sequence[Candidate], standing: Sequence[Candidate] = ()) -> list[Rank]:
    """Every candidate, the best first. ``standing`` are key results that stay whatever is decided: what a candidate has
    in common with them it does not bring. Ties go by effort, then by the given order."""
    return list(_Field(candidates, standing).places())


class _Field:
    """The candidates while they take their places. What stands beside them has taken its own before."""

    def __init__(self, candidates: Sequence[Candidate], standing: Sequence[Candidate]) -> None:
        self._all = (*candidates, *standing)
        self._waiting = np.arange(len(self._all)) < len(candidates)
        self._sizes = np.array([len(np.unique(one.items)) for one in self._all], int)
        self._owners, self._bounds, self._items = _owners(self._all)
        self._free = np.ones(len(self._bounds) - 1, bool)  # items that nobody above serves
        self._shared = np.zeros(len(self._all), int)  # how many of its items somebody above serves
        titles = [_plain(one.kr.title) for one in self._all]
        self._alike = cdist(titles, titles, scorer=token_sort_ratio, score_cutoff=ALIKE)
        self._twins = np.full(len(self._all), NO_ONE)  # of those above the one that says the same
        efforts = [one.effort for one in candidates]
        alone = len(efforts) == 1
        self._ahead = np.ones(1) if alone else np.searchsorted(np.sort(efforts), efforts) / max(len(efforts) - 1, 1)
        self._lacks = [tuple(_lacks(one)) for one in candidates]
        own = [self._own_points(place) for place in range(len(candidates))]
        self._points = np.array([*own, *(0.0 for _ in standing)])
        for place in range(len(candidates), len(self._all)):
            self._take(place)

    def places(self) -> Iterator[Rank]:
        """The candidates, the best first."""
        while self._waiting.any():
            scores = np.round(self._scores(), 9)
            best = max(
                np.flatnonzero(self._waiting).tolist(), key=lambda one: (scores[one], self._all[one].effort, -one)
            )
            yield self._rank(best, float(scores[best]))
            self._take(best)

    def _own_points(self, place: int) -> float:
        """What nobody above takes from it."""
        one, lacks = self._all[place], self._lacks[place]
        points = EFFORT * float(self._ahead[place]) if self._sizes[place] else 0.0
        if one.kr.kind is not KeyResultKind.WORK:
            points = max(points, VALUE)
        points += OWNER * (Lack.OWNER not in lacks) + DUE * (Lack.DUE_DATE not in lacks)
        return points + MEASURE * (Lack.BASELINE not in lacks and Lack.WORK not in lacks)

    def _scores(self) -> Array:
        brings = np.array([one.kr.kind is not KeyResultKind.WORK for one in self._all], float)
        np.divide(self._sizes - self._shared, self._sizes, out=brings, where=self._sizes > 0)
        scores: Array = np.maximum(0.0, self._points + OWN * brings + TWIN * (self._twins != NO_ONE))
        return scores

    def _take(self, place: int) -> None:
        """It stands above all that wait from now on."""
        self._waiting[place] = False
        fresh = self._items[place][self._free[self._items[place]]]
        self._free[fresh] = False
        self._shared += self._holders(fresh)
        before = np.where(self._twins == NO_ONE, 0, self._alike[np.arange(len(self._all)), self._twins])
        self._twins[self._alike[place] > before] = place

    def _holders(self, items: Array) -> Array:
        """How many of these items each serves."""
        begins, counts = self._bounds[items], self._bounds[items + 1] - self._bounds[items]
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return np.bincount(self._owners[np.repeat(begins, counts) + within], minlength=len(self._all))

    def _rank(self, place: int, score: float) -> Rank:
        one, shared, twin = self._all[place], int(self._shared[place]), int(self._twins[place])
        return Rank(
            kr=one.kr.id,
            score=score,
            effort=one.effort,
            ahead=float(self._ahead[place]),
            items=int(self._sizes[place]),
            shared=shared,
            shared_with=self._rival(place) if shared else None,
            twin=None if twin == NO_ONE else self._all[twin].kr.id,
            lacks=self._lacks[place],
        )

    def _rival(self, place: int) -> str:
        """The key result above that shares most items with this one, the first of several."""
        common = np.where(self._waiting, 0, self._holders(self._items[place]))
        return self._all[int(np.argmax(common))].kr.id


def _owners(every: Sequence[Candidate]) -> tuple[Array, Array, list[Array]]:
    """Whom item n serves, ``owners[bounds[n]:bounds[n + 1]]``, and the items of each candidate by these numbers."""
    items = [np.unique(one.items) for one in every]
    known, numbers = np.unique(np.concatenate([np.zeros(0, np.int64), *items]), return_inverse=True)
    holders = np.repeat(np.arange(len(every)), [len(one) for one in items])
    order = np.argsort(numbers, kind="stable")
    bounds = np.searchsorted(numbers[order], np.arange(len(known) + 1))
    ends = np.cumsum([len(one) for one in items])
    return holders[order], bounds, np.split(numbers, ends[:-1]) if every else []


def _lacks(one: Candidate) -> Iterator[Lack]:
    kr = one.kr
    if not kr.owner:
        yield Lack.OWNER
    if kr.kind in (KeyResultKind.METRIC, KeyResultKind.MIXED) and kr.baseline is None:
        yield Lack.BASELINE
    if kr.kind is KeyResultKind.WORK and not len(one.items):
        yield Lack.WORK
    if kr.window.end is None:
        yield Lack.DUE_DATE


def _plain(title: str) -> str:
    """Without case and accents."""
    letters = unicodedata.normalize("NFKD", title.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
