"""Drafts of a status in words: constructed situations in both languages, looked at once and kept; and what must hold
of every draft."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from string import Formatter
from typing import Any

import golden
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rollup
from okrsync.model import (
    Cause,
    ChangeKind,
    Commitment,
    Flag,
    GoalState,
    KeyResult,
    KeyResultKind,
    Objective,
    Progress,
    Reading,
    Say,
    State,
    Status,
    Thresholds,
    Ticket,
    Window,
)
from okrsync.reports.narrative import draft
from okrsync.texts import LANGUAGES, choices, grammar, obstacles, overview, say, speaker
from okrsync.texts import narrative as sentences
from rollup.account import Account
from rollup.moves import moves, week_before
from rollup.narrative import MOST_CLAUSES, narrative
from rollup.overview import overviews
from rollup.timeline import linked_at, state_at
from rollup.workload import workload

CATALOG = sentences.CATALOG | obstacles.CATALOG | choices.CATALOG | overview.CATALOG

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
OWNER = "nora@acme.test"


@dataclass(frozen=True)
class Scene:
    """A key result at an instant, and what became of it."""

    name: str
    kr: KeyResult
    progress: Progress
    clauses: tuple[Cause, ...]
    keys: frozenset[str]
    before: float | None


def as_of(ticket: Ticket, at: datetime) -> Ticket:
    """A ticket as it stood at an instant."""
    state = state_at(ticket, at)
    done = state is State.DONE
    return replace(
        ticket,
        state=state or State.TODO,
        completed_at=ticket.completed_at if done else None,
        resolution=ticket.resolution if done else None,
    )


class Stage:
    """Situations, put on by a few words."""

    def __init__(self, make: Any) -> None:
        self.make = make
        self.now = make.at(0.6).replace(hour=9, minute=0, second=0, microsecond=0)

    def play(
        self,
        name: str,
        tickets: Sequence[Ticket] = (),
        readings: Sequence[Reading] = (),
        *,
        kr: KeyResult | None = None,
        now: datetime | None = None,
        left: Sequence[Ticket] = (),
        held: Status | None = None,
        **more: Any,
    ) -> Scene:
        chosen, at = kr or self.make.kr(owner=OWNER), now or self.now
        limits = Thresholds()
        progress = rollup.measure_key_result(
            chosen, tickets, readings, limits, at, "Europe/Paris", **({"stale": False} | more)
        )
        if held is not None:
            progress = replace(progress, undamped=held)
        since = week_before(chosen, at)[0]
        was = [as_of(one, since) for one in (*tickets, *left) if linked_at(one) <= since]
        then, linked = (workload({chosen.id: some}).linked(chosen.id) for some in (was, tickets))
        happened = moves(chosen, then, linked, readings, limits, at, "Europe/Paris")
        keys = {one.uid: one.key for one in (*tickets, *left)}
        told = Account(chosen, progress, happened.named(keys, {}), limits, at, "Europe/Paris")
        return Scene(name, chosen, progress, narrative(told), frozenset(keys.values()), happened.progress)

    def done(self, numbers: Sequence[int], weeks: float = 3, **more: Any) -> list[Ticket]:
        """Finished one after the other, the last of them so many weeks before now."""
        first = self.make.start + DAY
        last = self.now - weeks * WEEK
        step = (last - first) / max(len(numbers), 1)
        return [
            self.make.ticket(one, State.DONE, completed_at=first + step * place, **more)
            for place, one in enumerate(numbers, start=1)
        ]

    def open(self, numbers: Sequence[int], state: State = State.TODO, **more: Any) -> list[Ticket]:
        return [self.make.ticket(one, state, **more) for one in numbers]

    def flagged(self, numbers: Sequence[int], days: float) -> list[Ticket]:
        since = self.now - timedelta(days=days)
        raised = [self.make.change(ChangeKind.FLAG, since, None, "Impediment")]
        return self.open(numbers, flagged=True, changes=tuple(raised))

    def metric(self, **more: Any) -> KeyResult:
        facts = {"baseline": 14.0, "target": 6.0, "owner": OWNER, "title": "Empty searches: from 14 to 6 %"}
        return self.make.metric(**(facts | more))  # type: ignore[no-any-return]

    def read(self, *values: tuple[float, float]) -> list[Reading]:
        """(value, days ago)…"""
        return [self.make.reading(value, self.now - timedelta(days=days)) for value, days in values]


@pytest.fixture(scope="module")
def scenes(make: Any) -> list[Scene]:
    return list(_scenes(Stage(make)))


def _scenes(on: Stage) -> Iterator[Scene]:
    make, now, play = on.make, on.now, on.play
    yield from _work(on)
    # ── what came and went
    fresh = {"created_at": now - 3 * DAY, "linked_since": now - 3 * DAY}
    yield play(
        "the scope rose", [*on.done(range(1, 16), 0.4), *on.open(range(16, 24)), *on.open([24, 25, 26], **fresh)]
    )
    many = on.open(range(24, 38), **fresh)
    yield play("the scope outran the work", [*on.done(range(1, 16), 0.4), *on.open(range(16, 24)), *many])
    yield play("the scope alone moved", [*on.done(range(1, 16), 1.2), *on.open(range(16, 24)), *many])
    grown = {"created_at": make.start + 14 * DAY, "linked_since": make.start + 14 * DAY}
    yield play("the scope doubled", [*on.done(range(1, 16), 0.4), *on.open(range(16, 31), **grown)])
    yield play(
        "the scope fell", [*on.done(range(1, 13)), *on.open(range(13, 19))], left=on.open([30, 31, 32, 33]), removed=4
    )
    gone = {"resolution": "Won't Do", "completed_at": now - 2 * DAY}
    cancelled = [make.ticket(number, State.DONE, **gone) for number in (31, 32, 33, 34, 35, 36)]
    yield play("closed by cancelling", [*on.done(range(1, 13), 0.4), *on.open(range(13, 18)), *cancelled])
    turned = tuple(
        make.change(ChangeKind.STATE, at, before, after)
        for at, before, after in ((make.start + 20 * DAY, "todo", "done"), (now - 2 * DAY, "done", "todo"))
    )
    back = make.ticket(40, State.TODO, changes=turned)
    yield play("an item was reopened", [*on.done(range(1, 12)), *on.open(range(12, 20)), back])
    yield play("finished and reopened", [*on.done(range(1, 12), 0.2), *on.open(range(12, 20)), back])
    again = [make.ticket(40, State.TODO, changes=turned), make.ticket(41, State.TODO, changes=turned)]
    yield play("two items were reopened", [*on.done(range(1, 12), 1.2), *on.open(range(12, 20)), *again])
    came = {"created_at": now - 3 * DAY, "linked_since": now - 3 * DAY}
    yield play(
        "all at once",
        [*on.done(range(1, 12), 0.2), *on.open(range(12, 16)), *on.open([21, 22], **came), *cancelled[:1]],
        left=on.open([30]),
        removed=1,
    )
    # ── where no pace is judged
    yield play("before it begins", on.open([1, 2]), now=make.start - 5 * DAY)
    yield play("before it begins, with nothing linked", now=make.start - 5 * DAY)
    one = make.ticket(1, State.DONE, completed_at=make.start + 2 * DAY)
    yield play("its first days", [*on.open(range(2, 11)), one], now=make.start + 4 * DAY)
    yield play("its first days, idle", on.open(range(1, 11)), now=make.start + 4 * DAY)
    yield play("too early, one item", on.open([1]), now=make.at(0.3))
    yield play("nothing linked")
    yield play("nothing linked, and nobody to ask", kr=make.kr())
    yield play("everything cancelled", cancelled[:3])
    yield play("estimated at nothing", on.open([1, 2, 3], points=0.0))
    yield play("a tool was not read", [*on.done(range(1, 6)), *on.open(range(6, 11))], stale=True)
    yield play("no due date", [*on.done(range(1, 6), 0.3), *on.open(range(6, 9))], kr=make.kr(window=Window()))
    yield play("dropped", on.open([1, 2, 3]), kr=make.kr(state=GoalState.DROPPED))
    yield from _ends(on)
    yield from _metrics(on)


def _work(on: Stage) -> Iterator[Scene]:
    make, play = on.make, on.play
    yield play("on track, one item finished", [*on.done(range(1, 15)), *on.done([15], 0.3), *on.open(range(16, 21))])
    yield play(
        "on track, many finished", [*on.done(range(1, 12)), *on.done(range(12, 17), 0.2), *on.open(range(17, 22))]
    )
    yield play("on track, one item blocked",
               [*on.done(range(1, 16), 0.4), *on.open(range(16, 20)), *on.flagged([20], 9)])  # fmt: skip
    yield play("late, and still likely", [*on.done(range(1, 10)), *on.done([10, 11], 0.3), *on.open(range(12, 22))])
    points = [*on.done(range(1, 10), points=3.0), *on.done([10], 0.3, points=5.0)]
    yield play("aspirational, in points", [*points, *on.open(range(11, 21), points=3.0)],
               kr=make.kr(commitment=Commitment.ASPIRATIONAL))  # fmt: skip
    yield play("in time, some blocked",
               [*on.done(range(1, 13), 0.3), *on.open(range(13, 19)), *on.flagged([19, 20], 12)])  # fmt: skip
    yield play("behind", [*on.done(range(1, 10)), *on.done([10], 0.3), *on.open(range(11, 26))])
    yield play("behind in points", [*points, *on.open(range(11, 26), points=3.0)])
    yield play("behind, some blocked",
               [*on.done(range(1, 11), 0.3), *on.open(range(11, 24)), *on.flagged([24, 25], 12)])  # fmt: skip
    yield play("far behind", [*on.done(range(1, 6), 0.4), *on.open(range(6, 41))])
    few = on.done(range(1, 6), 0.4, points=2.0)
    yield play("far behind in points", [*few, *on.open(range(6, 41), points=2.0)])
    yield play("far behind, one blocked", [*on.done(range(1, 6), 0.4), *on.open(range(6, 40)), *on.flagged([40], 6)])
    yield play("most open items blocked", [*on.done(range(1, 12), 0.2), *on.open([12]), *on.flagged([13, 14, 15], 8)])
    yield play("15 of 40 blocked", [*on.done(range(1, 26), 0.2), *on.flagged(range(26, 41), 4)])
    yield play("all of a few blocked", [*on.done(range(1, 6), 0.2), *on.flagged([6, 7], 20)])
    yield play("one blocked item decides", [*on.done(range(1, 6), 0.2), *on.flagged([6], 20)])
    yield play("off track", [*on.done(range(1, 4)), *on.open(range(4, 31))])
    yield play("off track, nothing ever done", on.open(range(1, 21)))
    yield play("stalled with work in progress",
               [*on.done(range(1, 15), 4), *on.open([15, 16], State.IN_PROGRESS), *on.open(range(17, 21))])  # fmt: skip
    yield play("stalled", [*on.done(range(1, 15), 4), *on.open(range(15, 19))])
    yield play("nothing moved this week", [*on.done(range(1, 14), 1.2), *on.open(range(14, 21))])
    late = make.end - 4 * DAY
    yield play("the cycle closes", [*on.done(range(1, 16), -3), *on.open(range(16, 24))], now=late)
    points = [*on.done(range(1, 16), -3, points=2.0), *on.open(range(16, 24), points=2.0)]
    yield play("the cycle closes, in points", points, now=late)
    yield play("in time, and thin", [*on.done(range(1, 15)), *on.open(range(15, 21))])
    yield play("held by damping", [*on.done(range(1, 12)), *on.done([12], 0.3), *on.open(range(13, 21))],
               held=Status.AT_RISK)  # fmt: skip


def _ends(on: Stage) -> Iterator[Scene]:
    make, play = on.make, on.play
    after = make.end + 3 * DAY
    yield play("all done", on.done(range(1, 11), 2))
    yield play("all done, the last ones this week", [*on.done(range(1, 9)), *on.done([9, 10], 0.3)])
    yield play("missed", [*on.done(range(1, 8)), *on.open([8, 9, 10])], now=after)
    yield play("achieved, with a rest", [*on.done(range(1, 20)), *on.open([20])], now=after)
    yield play("metric missed", readings=on.read((14.0, 50), (9.0, 2)), kr=on.metric(), now=after)
    yield play("metric achieved", readings=on.read((14.0, 50), (6.4, 2)), kr=on.metric(), now=after)


def _metrics(on: Stage) -> Iterator[Scene]:
    play, metric, read = on.play, on.metric, on.read
    yield play("a falling target, off track", readings=read((14.0, 50), (13.8, 9), (13.4, 2)), kr=metric())
    rising = metric(baseline=62.0, target=70.0)
    yield play("a rising target, ahead", readings=read((62.0, 50), (65.5, 9), (67.5, 2)), kr=rising)
    yield play("a rising target, just behind", readings=read((62.0, 50), (65.5, 9), (66.6, 2)), kr=rising)
    yield play("a metric without an owner", readings=read((14.0, 50), (10.4, 2)), kr=metric(owner=None))
    yield play("a metric gone the wrong way", readings=read((13.0, 9), (15.0, 2)), kr=metric())
    yield play("a metric that was not read", readings=read((14.0, 50), (10.2, 15)), kr=metric())
    yield play("a metric that stands still", readings=read((10.2, 15), (10.2, 1)), kr=metric())
    yield play("a first reading", readings=read((11.0, 2)), kr=metric(unit="€"))
    yield play("no reading", kr=metric())
    yield play("no reading, and nobody to ask", kr=metric(owner=None))
    yield play("no reading in its window", readings=read((14.0, 90)), kr=metric())
    yield play("too early for a metric", readings=read((14.0, 52)), kr=metric(), now=on.make.start + 5 * DAY)
    curve = ((on.make.at(0.8), 0.0),)
    yield play("nothing due yet", readings=read((13.0, 2)), kr=metric(curve=curve))
    yield play("ahead of an S-curve", readings=read((13.0, 9), (8.0, 2)), kr=metric(curve="s"))
    yield play("no baseline", readings=read((11.0, 2)), kr=metric(baseline=None))
    yield play("a stale reading", readings=read((14.0, 50), (11.0, 30)), kr=metric(stale_after=2 * WEEK))
    yield play("exceeded", readings=read((14.0, 50), (7.0, 9), (5.2, 2)), kr=metric())
    band = metric(kind=KeyResultKind.KEEP, baseline=None, target=None, low=99.5, high=None)
    yield play("inside its band", readings=read((99.8, 20), (99.9, 2)), kr=band)
    yield play("outside its band", readings=read((99.8, 20), (99.1, 9), (99.2, 2)), kr=band)
    yield play(
        "outside its band, and nobody to ask", readings=read((99.8, 20), (99.2, 2)), kr=replace(band, owner=None)
    )
    mixed = metric(kind=KeyResultKind.MIXED)
    work = [*on.done(range(1, 10)), *on.done([10], 0.3), *on.open([11])]
    yield play("output without outcome", work, read((14.0, 50), (13.4, 2)), kr=mixed)
    yield play("outcome without output", [*on.done([1]), *on.open(range(2, 11))], read((14.0, 50), (7.5, 2)), kr=mixed)
    blocked = [*on.done(range(1, 6), 0.4), *on.flagged([6, 7, 8], 8)]
    yield play("mixed, the work blocked", blocked, read((14.0, 50), (9.0, 2)), kr=mixed)


@dataclass(frozen=True)
class Tree:
    """Objectives, and what is said of each."""

    name: str
    statuses: dict[str, Status]
    told: dict[str, tuple[Cause, ...]]


@pytest.fixture(scope="module")
def trees(make: Any) -> list[Tree]:
    on = Stage(make)
    good = [*on.done(range(1, 15)), *on.done([15], 0.3), *on.open(range(16, 21))]
    late = [*on.done(range(1, 10)), *on.done([10], 0.3), *on.open(range(11, 31))]
    ended = on.done(range(1, 11), 2)
    blocked = [*on.done(range(1, 26), 0.2), *on.flagged(range(26, 41), 4)]
    fresh = make.days(date(2027, 1, 1), date(2027, 3, 31))
    child = Objective("O-2", "Pay in three parts", window=make.window, parent="O-1")
    return [
        _tree(on, "all well", {"KR-1": good, "KR-2": good}),
        _tree(on, "one drives it", {"KR-1": good, "KR-2": late, "KR-3": ended}),
        _tree(on, "several drive it", {"KR-1": late, "KR-2": late, "KR-3": good}),
        _tree(on, "one cannot be told", {"KR-1": good, "KR-2": []}),
        _tree(on, "nothing is measured", {"KR-1": [], "KR-2": []}),
        _tree(on, "all reached", {"KR-1": ended, "KR-2": ended}),
        _tree(on, "alone", {"KR-1": good}),
        _tree(on, "a child is worst", {"KR-1": good, "KR-2": blocked}, children={"KR-2": child}),
        _tree(on, "dropped", {"KR-1": good}, state=GoalState.DROPPED),
        _tree(on, "empty", {}),
        _tree(on, "not begun", {"KR-1": on.open([1])}, window=fresh),
        _tree(on, "over", {"KR-1": late, "KR-2": ended}, now=make.end + 2 * DAY),
    ]


def _tree(
    on: Stage,
    name: str,
    work: dict[str, list[Ticket]],
    *,
    children: dict[str, Objective] | None = None,
    state: GoalState = GoalState.APPROVED,
    window: Window | None = None,
    now: datetime | None = None,
) -> Tree:
    make, at, limits = on.make, now or on.now, Thresholds()
    below = children or {}
    top = Objective("O-1", "Lead", owner=OWNER, window=window or make.window, state=state)
    krs = [
        make.kr(
            kr, owner=OWNER, title=f"Result {kr}", window=top.window, objective=below[kr].id if kr in below else "O-1"
        )
        for kr in work
    ]
    goals = make.goals(krs, [top, *below.values()])
    scenes = {kr.id: on.play(kr.id, work[kr.id], kr=kr, now=at) for kr in krs}
    progress = {kr: scene.progress for kr, scene in scenes.items()}
    known = rollup.measure_objectives(goals, progress, work, limits, at)
    before = {kr: scene.before for kr, scene in scenes.items()}
    told = overviews(goals, progress, known, before, {kr: one.clauses for kr, one in scenes.items()}, limits, at)
    return Tree(name, {one: state.status for one, state in known.items()}, told)


def _page(scenes: Sequence[Scene], trees: Sequence[Tree], language: str) -> str:
    speak = speaker(language)
    parts = []
    for one in scenes:
        flags = " ".join(sorted(one.progress.flags))
        parts.append(f"── {one.name} · {one.progress.status}{' · ' if flags else ''}{flags}")
        for clause in one.clauses:
            keys = f"  [{' '.join(clause.items)}]" if clause.items else ""
            parts.append(f"{speak(clause.text)}{keys}")
        parts.append("")
    for tree in trees:
        parts.append(f"── objective, {tree.name}")
        for objective, clauses in tree.told.items():
            parts += [f"{objective} · {tree.statuses[objective]}", *(speak(clause.text) for clause in clauses)]
        parts.append("")
    return "\n".join(parts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_golden_narratives(scenes: list[Scene], trees: list[Tree], language: str) -> None:
    golden.check(f"narrative_{language}.txt", _page(scenes, trees, language))


def test_most_sentences_are_read_in_these_situations(scenes: list[Scene], trees: list[Tree]) -> None:
    told = [clause for scene in scenes for clause in scene.clauses]
    told += [clause for tree in trees for clauses in tree.told.values() for clause in clauses]
    unread = CATALOG.keys() - {clause.text.code for clause in told}
    assert len(unread) < len(CATALOG) / 3, sorted(unread)


@pytest.mark.parametrize("many", [0, 1, 2, 11])
def test_every_sentence_can_be_said_of_one_and_of_many(many: int) -> None:
    given_for = {"day": "--11-12", "list": "SHOP-1, SHOP-2, +3", "unit": "%", ".10g": 4.5, "length": many, "": "7"}
    for code, texts in CATALOG.items():
        specs = {(name, spec or "") for text in texts for _, name, spec, _ in Formatter().parse(text) if name}
        told = {name: given_for.get(spec, many) for name, spec in sorted(specs)}  # a plural goes before none
        for language in LANGUAGES:
            what = Say(code, tuple(told.items()))
            said = say(what, language)
            assert said.endswith("."), said
            assert not set(said) & set("{}|#@^"), said


def test_an_objective_names_what_drives_it_and_the_decision_there(trees: list[Tree]) -> None:
    driven = next(tree for tree in trees if tree.name == "a child is worst")
    above, below = driven.told["O-1"], driven.told["O-2"]
    assert dict(above[1].text.args)["goals"] == "O-2"
    assert above[-2:] == below[-2:], "the decision lies where the trouble lies"
    assert dict(below[-2].text.args)["goal"] == "KR-2"
    assert below[-1].items, "with the items that are blocked"


def test_the_situations_cover_every_status_and_flag(scenes: list[Scene]) -> None:
    assert {one.progress.status for one in scenes} == set(Status)
    assert {flag for one in scenes for flag in one.progress.flags} == set(Flag)


def test_every_clause_names_items_of_the_key_result_and_the_text_names_no_other(scenes: list[Scene]) -> None:
    for scene in scenes:
        for clause in scene.clauses:
            assert set(clause.items) <= scene.keys, scene.name
            for language in LANGUAGES:
                named = set(re.findall(r"SHOP-\d+", say(clause.text, language)))
                assert named <= set(clause.items), (scene.name, clause)


def test_a_draft_is_short_and_ends_with_what_to_decide(scenes: list[Scene]) -> None:
    for scene in scenes:
        codes = [clause.text.code for clause in scene.clauses]
        assert 1 <= len(codes) <= MOST_CLAUSES, (scene.name, codes)
        assert len(codes) == len(set(codes))
        assert not any(".decide." in code for code in codes[:-1])
        assert ".decide." in codes[-1], scene.name


def test_no_clause_contradicts_the_status(scenes: list[Scene]) -> None:
    for scene in scenes:
        codes = {clause.text.code.removeprefix("narrative.") for clause in scene.clauses}
        status = scene.progress.status
        reassuring = {"pace.early", "pace.just", "pace.enough", "decide.nothing", "way.behind.near"}
        alarming = {"pace.late", "pace.late.whole", "pace.none", "decide.free", "way.behind", "way.none"}
        if status in {Status.AT_RISK, Status.OFF_TRACK}:
            assert not codes & reassuring, (scene.name, codes)
        if status is Status.ON_TRACK:
            assert not codes & alarming, (scene.name, codes)
            assert not any(code.startswith(("decide.cut", "decide.carry", "decide.closing")) for code in codes)


def test_french_and_english_tell_the_same_facts_in_the_same_clauses(scenes: list[Scene]) -> None:
    for scene in scenes:
        english, french = (draft(scene.clauses, speaker(language)) for language in ("en", "fr"))
        told = [[one["items"] for one in text["narrative_clauses"]] for text in (english, french)]
        assert told[0] == told[1]
        assert english["narrative"] != french["narrative"]
    for english, french in CATALOG.values():
        assert _facts(english) == _facts(french), english


def _facts(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_no_form_of_a_plural_holds_a_fact() -> None:
    """A key such as acme/shop#12 would be taken for a number in it."""
    for texts in CATALOG.values():
        for template in texts:
            assert not any("{" in spec for _, _, spec, _ in Formatter().parse(template) if spec), template


def test_french_typography() -> None:
    for _, french in CATALOG.values():
        assert "'" not in french
        outside = re.sub(r"\{[^}]*\}", "x", french)
        assert not re.search(r"\S[;:!?%»](\s|$)", outside), french


@given(st.permutations(range(12)))
def test_the_order_of_the_items_is_irrelevant(make: Any, order: Sequence[int]) -> None:
    on = Stage(make)
    tickets = [*on.done(range(1, 7), 0.2), *on.open(range(7, 11)), *on.flagged([11, 12], 5)]
    straight, mixed = on.play("straight", tickets), on.play("mixed", [tickets[place] for place in order])
    assert straight.clauses == mixed.clauses


# ── grammar ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("number", "english", "french"),
    [(0, "no items", "aucun élément"), (1, "one item", "un élément"), (2, "two items", "deux éléments"),
     (10, "ten items", "dix éléments"), (11, "11 items", "11 éléments")],
)  # fmt: skip
def test_one_and_many(number: int, english: str, french: str) -> None:
    assert grammar.agreed(number, "no items|one item|@ items", "en") == english
    assert grammar.agreed(number, "aucun élément|un élément|@ éléments", "fr") == french


@pytest.mark.parametrize(
    ("days", "english", "french"),
    [(1, "a day", "un jour"), (7, "a week", "une semaine"), (13, "13 days", "13 jours"),
     (14, "two weeks", "deux semaines"), (18, "three weeks", "trois semaines"), (120, "four months", "quatre mois")],
)  # fmt: skip
def test_lengths_of_time(days: int, english: str, french: str) -> None:
    assert (grammar.length(days, "en"), grammar.length(days, "fr")) == (english, french)


def test_days_are_written_in_words_and_the_first_is_special() -> None:
    assert grammar.day("--11-12", "fr") == "12\u00a0novembre"
    assert grammar.day("--11-12", "en") == "12\u00a0November"
    assert grammar.day(date(2027, 1, 1).isoformat(), "fr") == "1er\u00a0janvier 2027"


def test_lists_are_joined_as_in_a_sentence() -> None:
    assert grammar.listed(["A-1", "A-2", "A-3"], "fr") == "A-1, A-2 et A-3"
    assert grammar.listed(["A-1", "A-2", "+13"], "en") == "A-1, A-2 and 13 others"
    assert grammar.listed(["A-1", "A-2", "+1"], "en") == "A-1, A-2 and one other"
