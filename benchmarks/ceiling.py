"""How well anything that learns from what is known at a look tells what becomes of groups that it has not seen.

A bound for any rule, explainable or not. Each model is fitted on some groups; its borders are those with which, by what
it says of groups left out of a second fit, it comes nearest to beating every other row in both errors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks import choice
from benchmarks.choice import Flags, Values
from okrsync.model import Thresholds
from rollup.calibration import rules
from rollup.trials import Trial

FOLDS = 4
SEED = 20261123
EDGE = 0.005
BORDERS = [
    replace(Thresholds(), off_track_probability=float(low), at_risk_probability=float(high))
    for low, high in product(np.arange(0.05, 0.5, 0.05), np.arange(0.3, 0.9, 0.05))
    if low <= high
]
MODELS: dict[str, Callable[[], Any]] = {
    "logistic regression": lambda: make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=1000)),
    "random forest": lambda: RandomForestClassifier(200, min_samples_leaf=15, max_features=0.5, random_state=SEED),
    "boosted trees": lambda: HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=60, max_leaf_nodes=6, min_samples_leaf=20, random_state=SEED
    ),
}
COLUMNS = {"": slice(None), ", without the length of the window": slice(-1)}
"""Of the facts of a look, of which the length of the window is the last."""


def judged(
    recorded: Sequence[Trial], drawn: Sequence[Trial]
) -> Iterator[tuple[str, str, Values, Values, list[tuple[float, bool]]]]:
    """(model, judged on, its errors, the least of each among the other rows, chances and what came of them), on groups
    that it was not fitted on: the other recorded ones, and those drawn at random, on which none is."""
    trials = [*recorded, *drawn]
    known, facts = choice.looks(recorded, drawn), _facts(trials)
    told, real = ~np.isnan(known.chance), known.tier != choice.DRAWN
    rows = [np.array([rule.colour(look) for one in trials for look in one.looks]) for rule in rules(Thresholds())[2:]]
    splits = {"by tenths": [(real & (known.part != part), real & (known.part == part)) for part in range(choice.PARTS)]}
    for era, share in enumerate(choice.ERAS, start=1):
        splits[f"after the oldest {share:.0%}"] = [(real & (known.era < era), real & (known.era >= era))]
    splits["d"] = [(real, ~real)]

    def said(model: Callable[[], Any], columns: slice, learned: Flags, asked: Flags) -> Values:
        fitted = model().fit(facts[told & learned, columns], known.reached[told & learned])
        chances = np.full(len(told), math.nan)
        chances[told & asked] = fitted.predict_proba(facts[told & asked, columns])[:, 1]
        return chances

    def best(some: Flags) -> Values:
        return np.min([known.errors(row, some) for row in rows], axis=0)

    def coloured(
        model: Callable[[], Any], columns: slice, learned: Flags, asked: Flags
    ) -> tuple[Values, NDArray[np.str_]]:
        inner = np.full(len(told), math.nan)
        for fold in range(FOLDS):
            left_out = learned & (known.part % FOLDS == fold)
            inner[left_out] = said(model, columns, learned & ~left_out, left_out)[left_out]
        aim = best(learned)
        borders = min(BORDERS, key=lambda one: float((known.errors(known.colours(inner, one), learned) - aim).max()))
        chances = said(model, columns, learned, asked)
        return chances, known.colours(chances, borders)

    for (name, model), (blind, columns), (split, pairs) in product(MODELS.items(), COLUMNS.items(), splits.items()):
        parts = [(asked, *coloured(model, columns, learned, asked)) for learned, asked in pairs]
        asked = np.logical_or.reduce([one for one, _, _ in parts])
        chances, colours = np.full(len(told), math.nan), known.spoken.copy()
        for some, chance, colour in parts:
            chances[some], colours[some] = chance[some], colour[some]
        came = list(zip(chances[told & asked].tolist(), known.reached[told & asked].tolist(), strict=True))
        yield name + blind, split, known.errors(colours, asked), best(asked), came


def _facts(trials: Sequence[Trial]) -> Values:
    # of each look: what a rule could go by
    return np.array(
        [
            (
                _logit(look.uncalibrated),
                look.progress / look.elapsed,
                look.progress - look.elapsed,
                look.progress,
                look.elapsed,
                math.log(look.items),
                look.hindered,
                math.log(one.weeks),
            )
            for one in trials
            for look in one.looks
        ]
    )


def _logit(chance: float | None) -> float:
    if chance is None:
        return math.nan
    known = min(max(chance, EDGE), 1 - EDGE)
    return math.log(known / (1 - known))
