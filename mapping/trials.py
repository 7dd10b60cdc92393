"""What the past tells of suggestions: of each linked item is asked, in the order of time, where it hangs.

In a trial nothing is in sight that is younger than the item. The trials teach what each feature of
:mod:`mapping.likeness` is worth, tell how often answers as sure as one were right, and set the probability below which
nothing is said.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sklearn.linear_model import LogisticRegression

from mapping.likeness import Bools, Floats, Id, Pairs, Shelf, Work
from mapping.wilson import wilson

LEAST = 30  # linked items below which nothing can be measured
TAUGHT = 2_000  # items whose pairs a model is fitted to: the latest
GROWTH, STEP = 1.1, 10  # the model is fitted anew when the past has grown by so much, and by so many
PULL = 0.1  # inverse strength of the regularisation
RIGHT = 0.9  # share of right answers, in the past, that the threshold stands for
FEW = 20  # trials that a threshold rests on at least
LIKELIER = 0.5  # nothing is said that is likelier wrong than right
NEVER = 2.0  # a probability that nothing reaches
MOST = 50.0  # of the logarithm of odds
LITTLE = 1e-6  # a probability is never nearer to 0 or 1


@dataclass(frozen=True, slots=True)
class Trial:
    """An item whose link is known, and what was said when only older items were. ``possible``: its real parent was
    among the candidates that there were."""

    item: Id
    candidate: Id
    probability: float
    right: bool
    possible: bool
    threshold: float  # that stood then, of older trials; above 1 where nothing would have been said


@dataclass(frozen=True, slots=True)
class Measure:
    """How often answers were right: ``right`` of ``answered``, where ``asked`` were asked."""

    asked: int
    answered: int
    right: int

    @property
    def coverage(self) -> float | None:
        return self.answered / self.asked if self.asked else None

    @property
    def precision(self) -> float | None:
        return self.right / self.answered if self.answered else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Of the precision, by Wilson, 95 %."""
        return wilson(self.right, self.answered) if self.answered else None


def threshold(trials: Iterable[Trial]) -> float:
    """The lowest probability, LIKELIER at least, from which on the answers of these trials were right often enough;
    NEVER where none is."""
    best, right = NEVER, 0
    for count, trial in enumerate(sorted(trials, key=lambda one: (-one.probability, one.right)), start=1):
        right += trial.right
        if count >= FEW and right >= RIGHT * count:
            best = max(LIKELIER, trial.probability)
    return best


def measure(trials: Sequence[Trial], *, share: float | None = None, least: float | None = None) -> Measure:
    """Of all trials, of the surest ``share`` of them, or of those from the probability ``least`` on."""
    answered = sorted(trials, key=lambda one: -one.probability)
    if share is not None:
        answered = answered[: round(share * len(answered))]
    if least is not None:
        answered = [one for one in answered if one.probability >= least]
    return Measure(len(trials), len(answered), sum(one.right for one in answered))


def measure_as_told(trials: Sequence[Trial]) -> Measure:
    """Of those that were above the threshold which older trials had set: what a user would have seen."""
    answered = [one for one in trials if one.probability >= one.threshold]
    return Measure(len(trials), len(answered), sum(one.right for one in answered))


# ── learning ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic regression over the pairs of an item and a candidate."""

    mean: Floats
    scale: Floats
    weights: Floats
    intercept: float

    def chances(self, features: Floats) -> Floats:
        """Of each candidate of one item to be its parent, where it may also be none of them."""
        odds = np.exp(np.clip(((features - self.mean) / self.scale) @ self.weights + self.intercept, -MOST, MOST))
        chances: Floats = odds / (1.0 + odds.sum())
        return chances


@dataclass(frozen=True, slots=True)
class Temper:
    """Turns what a model takes for likely into what was right so often (Platt scaling)."""

    slope: float = 1.0
    shift: float = 0.0

    def one(self, chance: float) -> float:
        """The probability of an answer to be right."""
        return 1.0 / (1.0 + math.exp(-(self.slope * float(_log_odds(np.array(chance))) + self.shift)))


def _log_odds(chances: Floats) -> Floats:
    bounded = np.clip(chances, LITTLE, 1 - LITTLE)
    odds: Floats = np.log(bounded / (1 - bounded))
    return odds


class Walk:
    """The past, gone through block by block in the order of time: what is asked in one is answered by what the blocks
    before it taught."""

    def __init__(self, shelf: Shelf, unlinked: Sequence[Work], gap: float) -> None:
        self.trials: list[Trial] = []
        self.strays: list[Trial] = []
        self._shelf = shelf
        self._features: deque[Floats] = deque(maxlen=TAUGHT)
        self._right: deque[Bools] = deque(maxlen=TAUGHT)
        # what the model took for likely, and whether it was right
        self._answers: deque[tuple[float, bool]] = deque(maxlen=TAUGHT)
        count, start = len(shelf.linked), 0
        for first, last in _blocks(count):
            end = len(unlinked) if last == count else bisect_right(unlinked, shelf.linked[last - 1].created, key=_born)
            strays, start = _spread(unlinked[start:end], last - first), end
            self._ask(
                [(shelf.linked[pairs.item], pairs) for pairs in shelf.past(first, last, gap=gap)],
                [(strays[pairs.item], pairs) for pairs in shelf.then(strays, first, gap=gap)],
                self.model() if first >= LEAST else None,
            )

    def _ask(
        self, linked: Sequence[tuple[Work, Pairs]], strays: Sequence[tuple[Work, Pairs]], model: Model | None
    ) -> None:
        tempered, least = self.temper(), self.threshold()
        for trials, asked in ((self.trials, linked), (self.strays, strays)):
            for work, pairs in asked:
                real = np.array([self._shelf.candidates[one].id == work.parent for one in pairs.candidates], dtype=bool)
                self._features.append(pairs.features)
                self._right.append(real)
                if model is None:
                    continue
                chances = model.chances(pairs.features)
                best = int(np.argmax(chances))
                self._answers.append((float(chances[best]), bool(real[best])))
                trials.append(
                    Trial(
                        item=work.id,
                        candidate=self._shelf.candidates[pairs.candidates[best]].id,
                        probability=tempered.one(float(chances[best])),
                        right=bool(real[best]),
                        possible=bool(real.any()),
                        threshold=least,
                    )
                )

    def model(self) -> Model | None:
        """What the latest pairs teach; None where they hold nothing to tell apart."""
        if not self._features:
            return None
        rows, right = np.vstack(list(self._features)), np.concatenate(list(self._right))
        if right.all() or not right.any():
            return None
        mean, scale = rows.mean(axis=0), rows.std(axis=0)
        scale[scale == 0] = 1.0
        fitted = LogisticRegression(C=PULL, max_iter=300).fit((rows - mean) / scale, right)
        return Model(mean, scale, fitted.coef_[0], float(fitted.intercept_[0]))

    def temper(self) -> Temper:
        """What the latest answers tell; as it is where they are few, or all of one kind."""
        right = np.array([one for _, one in self._answers], dtype=bool)
        if len(right) < LEAST or right.all() or not right.any():
            return Temper()
        fitted = LogisticRegression().fit(_log_odds(np.array([chance for chance, _ in self._answers]))[:, None], right)
        return Temper(float(fitted.coef_[0, 0]), float(fitted.intercept_[0]))

    def threshold(self) -> float:
        """What the trials on linked work tell so far."""
        return threshold(self.trials)


def _born(work: Work) -> datetime:
    return work.created


def _spread(works: Sequence[Work], count: int) -> Sequence[Work]:
    """So many of these at most, from all over them."""
    return works[:: max(1, math.ceil(len(works) / count))]


def _blocks(count: int) -> Iterator[tuple[int, int]]:
    """From where to where the past is walked in one go; what comes later moves none of these borders."""
    first, last = 0, LEAST
    while first < count:
        yield first, min(last, count)
        first, last = last, max(last + STEP, int(last * GROWTH))
