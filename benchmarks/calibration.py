"""How well the status rule tells what becomes of groups of items, as Markdown: before and after, held out, and steady.

Four questions. What the rule is worth on the recorded groups, in all and by tier, beside the rules of other tools.
What the way to choose its constants (``benchmarks.choice``) is worth on groups that it has not seen: they are chosen
anew on some of the groups and judged on the others, split by group and by time. What it is worth on key results that
were drawn at random and whose work comes steadily. And how well anything could do (``benchmarks.ceiling``).

Usage: ``python -m benchmarks.calibration [--shared ../shared] [--synthetic 1500]``.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks import ceiling, choice
from benchmarks.tenths import by_chance, reading
from okrsync.calibrating import RecordedGroup, RecordedItem, recorded_trial, recorded_trials
from okrsync.model import Status, Thresholds
from rollup.borders import Borders
from rollup.calibration import Rule, Score, calibrate, score
from rollup.calibration import rules as all_rules
from rollup.forecast import calibrated
from rollup.span import WEEK
from rollup.trials import Look, Trial

LIMITS = Thresholds()
OURS, _, FIRST, *_ = all_rules(LIMITS)
SEED = 20261123
DRAWN = 500  # to choose by
SHOWN = ("balanced", "hard", "healthy_red", "failing_green", "amber", "abstained", "flips", "brier")

# ── held out ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def held_out(trials: Sequence[Trial], drawn: Sequence[Trial]) -> None:
    print("\n## Constants chosen on some groups, judged on others\n")
    print("certainty, off_track_probability, at_risk_probability; pooled balanced / hard\n")
    print("| chosen on | chosen | a, d no worse | judged on | okrsync | first | best other | Brier, before | gap … |")
    print("|---|---|---|--:|---|---|---|---|---|")
    known = choice.looks(trials, drawn)
    by_tenths: list[Trial] = []
    for name, limits, met, (parts, eras) in choice.choices(known):
        tested = judged_anew(choice.within(trials, parts, eras), limits)
        if len(parts) == 1:
            by_tenths += tested
        line(name, constants(limits), "yes" if met else "no", tested)
    line("all tenths", "", "", by_tenths)
    for place, tier in enumerate(choice.TIERS[: choice.DRAWN]):
        line(f"all tenths, {tier}", "", "", [one for one in by_tenths if choice.tier(one) == place])
    limits, met = choice.choose(known, known.part >= 0)
    print(f"\nChosen on all: {constants(limits)}; a and d no worse: {'yes' if met else 'no'}.\n")
    print("Chances of the tenths:\n")
    show_deciles(by_tenths)


def judged_anew(trials: Sequence[Trial], limits: Thresholds) -> list[Trial]:
    """Trials as these limits would have had them judged, nothing published before."""

    def anew(look: Look) -> Look:
        if look.uncalibrated is None:
            return look
        chance = calibrated(look.uncalibrated, limits)
        status = Borders.of(limits).status(chance)
        if status is Status.ON_TRACK and look.hindered:
            status = Status.AT_RISK
        return replace(look, chance=chance, status=status)

    return [replace(one, looks=tuple(map(anew, one.looks)), weekly=()) for one in trials]


def constants(limits: Thresholds) -> str:
    """Those that are chosen."""
    return f"{limits.certainty:g}, {limits.off_track_probability:g}, {limits.at_risk_probability:g}"


def line(name: str, chosen: str, met: str, tested: Sequence[Trial]) -> None:
    ours, _, *others = calibrate(tested, LIMITS).scores
    best = [min(getattr(one, error) or 1.0 for one in others) for error in ("balanced", "hard")]
    cells = [name, chosen, met, str(len(tested)), errors(ours), errors(others[0])]
    cells += [f"{best[0]:.3f} / {best[1]:.3f}", f"{ours.brier or 0:.3f}, {others[0].brier or 0:.3f}"]
    cells.append(reading(said_by(OURS, tested)))
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


def steady(trials: Sequence[Trial]) -> None:
    share = sum(one.reached for one in trials) / len(trials)
    print(f"\n## {len(trials)} key results drawn at random, {share:.0%} reached\n")
    print("| rule | balanced / hard, from week 3 | healthy red, week 2 and 4 | failing green, week 4 | flips |")
    print("|---|---|---|--:|--:|")
    late = at_weeks(trials, slice(2, None))
    for rule in all_rules(LIMITS):
        found = score(rule, late)
        second, fourth = (score(rule, at_weeks(trials, slice(week, week + 1))) for week in (1, 3))
        red = f"{second.healthy_red or 0:.0%}, {fourth.healthy_red or 0:.0%}"
        print(f"| {rule.name} | {errors(found)} | {red} | {fourth.failing_green or 0:.0%} | {found.flips or 0:.2f} |")
    print()
    show_deciles(late)


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
        show_deciles(some)
    spread, seen = by_chance(trials)
    print(f"\nStandard error of each tenth, over all: {', '.join(f'{one:.3f}' for one in spread)}.")
    print(f"Tenths in which a chance that is exactly right would be seen within 5 points: {seen:.1f}.")


def show_deciles(trials: Sequence[Trial]) -> None:
    print("| chance | looks | said | happened | 95 % interval |")
    print("|---|--:|--:|--:|---|")
    for one in calibrate(trials, LIMITS).deciles:
        low, high = one.interval or (math.nan, math.nan)
        said = f"| {one.low:.1f} | {one.count} | {cell(one.said)} | {cell(one.happened)} "
        print(f"{said}| {low:.2f} to {high:.2f} |" if one.count else f"{said}| |")
    print("\nGap on average, tenths within 5 points, and tenths inside their interval:")
    for rule in (OURS, FIRST):
        print(f"{rule.name}: {reading(said_by(rule, trials))}.")


def said_by(rule: Rule, trials: Sequence[Trial]) -> list[tuple[float, bool]]:
    """Chances and what came of them."""
    assert rule.chance is not None
    told = ((rule.chance(look), one.reached) for one in trials for look in one.looks)
    return [(chance, reached) for chance, reached in told if chance is not None]


def bound(trials: Sequence[Trial], drawn: Sequence[Trial]) -> None:
    print("\n## What could be told at all: models fitted on the other recorded groups\n")
    print("| model | judged on | balanced / hard | best row of each | Brier | gap, tenths within 5 points, inside |")
    print("|---|---|---|---|--:|---|")
    for model, judged_on, mine, best, came in ceiling.judged(trials, drawn):
        brier = math.fsum((chance - reached) ** 2 for chance, reached in came) / len(came)
        cells = [model, judged_on, *(f"{one[0]:.3f} / {one[1]:.3f}" for one in (mine, best)), f"{brier:.3f}"]
        print("| " + " | ".join([*cells, reading(came)]) + " |")
    mine = score(OURS, judged_anew(drawn, LIMITS))
    print(f"| okrsync | d | {errors(mine)} | | {mine.brier or 0:.3f} | {reading(said_by(OURS, drawn))} |")


def cell(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="the folder that holds recorded/")
    parser.add_argument("--synthetic", type=int, default=1500, help="how many key results are drawn at random")
    options = parser.parse_args()
    trials = recorded_trials(options.shared / "recorded" / "histories" / "histories.jsonl", LIMITS)
    chosen_by = at_weeks(drawn(DRAWN, LIMITS, SEED), slice(2, None))
    recorded(trials)
    held_out(trials, chosen_by)
    steady(drawn(options.synthetic, LIMITS, SEED + 1))
    bound(trials, chosen_by)


if __name__ == "__main__":
    main()
