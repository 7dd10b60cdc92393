"""How well the status rule tells what becomes of groups of items, as Markdown: before and after, held out, and steady.

Three questions. What the rule is worth on the recorded groups, in all and by tier, beside the rules of other tools.
What the way to choose its constants (``benchmarks.choice``) is worth on groups that it has not seen: they are chosen
anew on some of the groups and judged on the others, split by group and by time. And what it is worth on key results
that were drawn at random and whose work comes steadily.

Usage: ``python -m benchmarks.calibration [--shared ../shared] [--synthetic 1500]``.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks import choice
from okrsync.calibrating import RecordedGroup, RecordedItem, recorded_trial, recorded_trials
from okrsync.model import Status, Thresholds
from rollup.borders import Borders
from rollup.calibration import Calibration, Score, calibrate, score
from rollup.calibration import rules as all_rules
from rollup.forecast import LENGTHS, within
from rollup.span import WEEK
from rollup.trials import Look, Trial

LIMITS = Thresholds()
SEED = 20261123
DRAWN = 500  # to choose by
SHOWN = ("balanced", "hard", "healthy_red", "failing_green", "amber", "abstained", "flips", "brier")

# ── held out ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def judged_anew(trials: Sequence[Trial], limits: Thresholds) -> list[Trial]:
    """Trials with the closed form as it is, as these limits would have had them judged, nothing published before."""

    def anew(one: Trial, look: Look) -> Look:
        if look.chance is None:
            return look
        ahead = limits.catch_up * math.log(within(LENGTHS, one.weeks) / limits.even_weeks)
        odds = limits.certainty * math.log(look.chance / (1 - look.chance)) + (1 - look.elapsed) * ahead
        chance = 1 / (1 + math.exp(-odds))
        status = Borders.of(limits).status(chance)
        if status is Status.ON_TRACK and look.hindered:
            status = Status.AT_RISK
        return replace(look, chance=chance, status=status)

    return [replace(one, looks=tuple(anew(one, look) for look in one.looks), weekly=()) for one in trials]


def held_out(source: choice.Source) -> None:
    print("\n## Constants chosen on some groups, judged on others\n")
    print("φ, certainty, catch_up, even_weeks, off_track_probability, at_risk_probability; pooled balanced / hard\n")
    print("| chosen on | chosen | given up | judged on | okrsync | first design | best other | Brier, before |")
    print("|---|---|---|--:|---|---|---|---|")
    known = choice.cells(source)
    recorded = {phi: source(choice.plain(phi))[0] for phi in choice.OVERDISPERSIONS}
    by_tenths: list[Trial] = []
    for name, limits, given_up, (parts, eras) in choice.choices(known):
        places = choice.within_cells(recorded[limits.overdispersion], parts, eras)
        tested = judged_anew([recorded[limits.overdispersion][place] for place in places], limits)
        if len(parts) == 1:
            by_tenths += tested
        line(name, constants(limits), given_up, tested)
    line("all tenths", "", "", by_tenths)
    limits, given_up = choice.choose(known, range(choice.PARTS), range(len(choice.ERAS) + 1))
    print(f"\nChosen on all: {constants(limits)}; given up: {given_up or 'nothing'}. Chances of the tenths:\n")
    show_deciles(calibrate(by_tenths, LIMITS))


def constants(limits: Thresholds) -> str:
    """Those that are chosen, in the order of the grid."""
    chance = (limits.overdispersion, limits.certainty, limits.catch_up, limits.even_weeks)
    return ", ".join(f"{one:g}" for one in (*chance, limits.off_track_probability, limits.at_risk_probability))


def line(name: str, chosen: str, given_up: str, tested: Sequence[Trial]) -> None:
    ours, _, *others = calibrate(tested, LIMITS).scores
    best = [min(getattr(one, error) or 1.0 for one in others) for error in ("balanced", "hard")]
    cells = [name, chosen, given_up, str(len(tested)), errors(ours), errors(others[0])]
    cells += [f"{best[0]:.3f} / {best[1]:.3f}", f"{ours.brier or 0:.3f}, {others[0].brier or 0:.3f}"]
    print("| " + " | ".join(cells) + " |")


def errors(one: Score) -> str:
    return f"{one.balanced or 0:.3f} / {one.hard or 0:.3f}"


# ── drawn at random ──────────────────────────────────────────────────────────────────────────────────────────────────

WEEKS = 13
START = datetime(2026, 1, 5, tzinfo=UTC)


def drawn(count: int, limits: Thresholds, seed: int) -> list[Trial]:
    """Key results of a quarter whose work is done at a steady rate, of which each has its own, with weeks that vary by
    four times what pure chance would; their scope grows by 15 %."""
    chance = np.random.default_rng(seed)
    trials = []
    for number in range(count):
        size = int(np.exp(chance.uniform(np.log(8), np.log(60))))
        rate = 1.15 * float(np.exp(chance.normal(0, 0.45) - 0.45**2 / 2)) * size / WEEKS
        created = [START - WEEK] * size
        done: list[datetime] = []
        for week in range(WEEKS):
            created += [moment(chance, week) for _ in range(chance.poisson(0.15 * size / WEEKS))]
            some = min(int(chance.negative_binomial(rate / 3, 0.25)), len(created) - len(done))
            done += [moment(chance, week + 0.5) for _ in range(some)]
        ends: list[datetime | None] = [*sorted(done), *[None] * (len(created) - len(done))]
        items = tuple(
            RecordedItem(id=f"{place}", created=began, completed=ended and max(began, ended))
            for place, (began, ended) in enumerate(zip(created, ends, strict=True))
        )
        group = RecordedGroup(group_id=f"drawn-{number}", start=START, due=START + WEEKS * WEEK, items=items)
        one = recorded_trial(group, limits)
        assert one is not None
        trials.append(replace(one, kind="drawn"))
    return trials


def moment(chance: np.random.Generator, week: float) -> datetime:
    """An instant in the first half of the week from there on."""
    return START + (week + 0.5 * float(chance.random())) * WEEK + timedelta(minutes=1)


def steady(count: int) -> None:
    trials = drawn(count, LIMITS, SEED + 1)
    print(f"\n## {count} key results drawn at random, {sum(one.reached for one in trials) / count:.0%} reached\n")
    print("| rule | balanced / hard, from week 3 | healthy red, week 2 and 4 | failing green, week 4 | flips |")
    print("|---|---|---|--:|--:|")
    for rule in all_rules(LIMITS):
        late = score(rule, at_weeks(trials, slice(2, None)))
        second, fourth = (score(rule, at_weeks(trials, slice(week, week + 1))) for week in (1, 3))
        red = f"{second.healthy_red or 0:.0%}, {fourth.healthy_red or 0:.0%}"
        print(f"| {rule.name} | {errors(late)} | {red} | {fourth.failing_green or 0:.0%} | {late.flips or 0:.2f} |")


def at_weeks(trials: Sequence[Trial], weeks: slice) -> list[Trial]:
    """The same trials, looked at on these weeks."""
    return [replace(one, looks=one.weekly[weeks]) for one in trials]


# ── what is printed ──────────────────────────────────────────────────────────────────────────────────────────────────


def recorded(trials: Sequence[Trial]) -> None:
    parts: list[tuple[str, Callable[[Trial], bool]]] = [
        ("all", lambda one: one.weeks > 0),
        *((name, lambda one, place=place: choice.tier(one) == place) for place, name in enumerate(choice.TIERS[:3])),
    ]
    for name, chosen in parts:
        some = [one for one in trials if chosen(one)]
        found = calibrate(some, LIMITS)
        print(f"\n## {name}: {found.trials} groups, {found.reached} reached\n")
        print(f"| rule | {' | '.join(SHOWN)} |")
        print("|---" * (len(SHOWN) + 1) + "|")
        for row in found.scores:
            print(f"| {row.rule} | {' | '.join(cell(getattr(row, column)) for column in SHOWN)} |")
        print()
        show_deciles(found)


def show_deciles(found: Calibration) -> None:
    print("| chance | looks | said | happened | 95 % interval |")
    print("|---|--:|--:|--:|---|")
    for one in found.deciles:
        low, high = one.interval or (math.nan, math.nan)
        said = f"| {one.low:.1f} | {one.count} | {cell(one.said)} | {cell(one.happened)} "
        print(f"{said}| {low:.2f} to {high:.2f} |" if one.count else f"{said}| |")


def cell(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="the folder that holds recorded/")
    parser.add_argument("--synthetic", type=int, default=1500, help="how many key results are drawn at random")
    options = parser.parse_args()
    path = options.shared / "recorded" / "histories" / "histories.jsonl"
    recorded(recorded_trials(path, LIMITS))

    @cache
    def source(limits: Thresholds) -> tuple[Sequence[Trial], Sequence[Trial]]:
        return recorded_trials(path, limits), at_weeks(drawn(DRAWN, limits, SEED), slice(2, None))

    held_out(source)
    if options.synthetic:
        steady(options.synthetic)


if __name__ == "__main__":
    main()
