"""What a run does with time: lost answers that show late, limits, budgets, pauses, drafts, and sources side by side."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from small_company import Company
from trio import GOAL, Trio, three_tools
from wrapped_sink import Dead, WrappedSink

from okrsync.assess import assess
from okrsync.errors import Busy, RateLimited, Refused, Rejected, Unavailable
from okrsync.model import Gap, GapKind, Receipt, Slot, Surface, Write, WriteState
from okrsync.ports import Budget
from okrsync.reports import gaps
from okrsync.store import Store, fence, journal
from okrsync.writing import approval, pausing, undoing
from okrsync.writing.outcome import Outcome
from okrsync.writing.part import OVERTAKEN, THERE
from okrsync.writing.recovering import ARRIVED, SETTLE


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    with three_tools(tmp_path) as found:
        yield found


@pytest.fixture
def store(trio: Trio) -> Store:
    return trio.synced()


def passing(trio: Trio, seconds: float) -> bool:
    """Waiting moves the one clock on."""
    trio.company.clock.advance(timedelta(seconds=seconds))
    return False


def by_state(outcomes: Sequence[Outcome]) -> dict[WriteState, set[str]]:
    """State → the sources of which a write ended so."""
    found: dict[WriteState, set[str]] = {}
    for one in outcomes:
        found.setdefault(one.state, set()).add(one.write.slot.source)
    return found


# ── P3: unknown outcomes ──


class Losing(WrappedSink):
    """Every so many answers to a write get lost."""

    def __init__(self, inner: Any, dice: random.Random, share: float) -> None:
        super().__init__(inner)
        self.dice, self.share = dice, share

    def push(self, writes: Sequence[Write]) -> Sequence[Receipt]:
        receipts = super().push(writes)
        if self.dice.random() < self.share:
            raise Unavailable("the answer was lost")
        return receipts


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 22))])
def test_what_shows_late_and_whose_answer_is_lost_is_written_once(trio: Trio, store: Store, seed: int) -> None:
    """A fifth of what is posted shows 100 ms late, and the answers to half of it get lost."""
    dice = random.Random(seed)
    planned = trio.company.plan(store).writes
    where = {"method": "POST", "path": ".*(comment|status_updates).*"}
    for number in range(40):
        if number < 2 or dice.random() < 0.2:
            trio.company.sandbox.fault("late", **where, skip=0 if number < 2 else number, seconds=0.1)
    wait = partial(passing, trio)
    share = 1.0 if seed == 1 else 0.5

    def connect(config: Any) -> Any:
        return Losing(trio.company.connect(config), dice, share)

    for _ in range(12):
        _, outcomes = trio.company.apply(store, connect=connect, wait=wait)
        if not outcomes:
            break
        assert {one.note for one in outcomes if one.state is WriteState.APPLIED} <= {"", ARRIVED, THERE}
        trio.company.wait(minutes=1)
    assert trio.company.plan(store).writes == ()
    trio.is_written_once(planned)


def test_a_write_of_unknown_outcome_is_not_looked_for_before_it_can_be_seen(trio: Trio, store: Store) -> None:
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return passing(trio, seconds)

    def connect(config: Any) -> Any:
        return Losing(trio.company.connect(config), random.Random(1), 1.0 if config.id == "github" else 0.0)

    _, outcomes = trio.company.apply(store, connect=connect, wait=wait)
    assert {one.write.slot.source for one in outcomes if one.note == ARRIVED} == {"github"}
    assert SETTLE <= timedelta(seconds=sum(waited)) <= 2 * SETTLE


@pytest.mark.parametrize("end", [Unavailable("the answer was lost"), Dead()], ids=["lost", "dead"])
def test_what_was_taken_long_after_its_intent_has_its_time_to_show(
    trio: Trio, store: Store, end: BaseException
) -> None:
    """The tool took the request long after the intent, showed it late, and never answered."""
    planned = trio.company.plan(store).writes
    trio.company.sandbox.fault("late", method="POST", path="/github/.*", times=None, seconds=0.1)

    class Slow(WrappedSink):
        def push(self, writes: Sequence[Write]) -> Sequence[Receipt]:
            trio.company.wait(seconds=90)
            super().push(writes)
            raise end

    def connect(config: Any) -> Any:
        inner = trio.company.connect(config)
        return Slow(inner) if config.id == "github" else inner

    with pytest.raises(Dead) if isinstance(end, Dead) else nullcontext():
        trio.company.apply(store, connect=connect, wait=partial(passing, trio))
    trio.company.apply(store, wait=partial(passing, trio))
    trio.company.wait(minutes=1)
    assert trio.company.plan(store).writes == ()
    trio.is_written_once(planned)


def test_what_did_not_arrive_is_planned_anew(trio: Trio, store: Store) -> None:
    class Sending(WrappedSink):
        def push(self, writes: Sequence[Write]) -> Sequence[Receipt]:
            raise Unavailable("the request was lost")

    def connect(config: Any) -> Any:
        inner = trio.company.connect(config)
        return Sending(inner) if config.id == "github" else inner

    planned = trio.company.plan(store).writes
    _, outcomes = trio.company.apply(store, connect=connect)
    states = by_state(outcomes)
    assert states[WriteState.FAILED] == {"github"}
    assert WriteState.UNKNOWN not in states
    assert {one.slot.source for one in trio.company.plan(store).writes} == {"github"}
    trio.company.apply(store)
    trio.is_written_once(planned)


# ── limits ──


class Limited(WrappedSink):
    """After one touch the tool wants to be left alone until then."""

    def __init__(self, inner: Any, until: datetime, clock: Callable[[], datetime]) -> None:
        super().__init__(inner)
        self.until, self.clock, self.taken = until, clock, 0

    def push(self, writes: Sequence[Write]) -> Sequence[Receipt]:
        self.taken += 1
        if self.taken > 1 and self.clock() < self.until:
            raise RateLimited("it is too much", retry_at=self.until)
        return super().push(writes)


@pytest.mark.parametrize("minutes", [0.5, 120])
def test_a_limit_is_waited_for_or_leaves_the_rest_planned(trio: Trio, store: Store, minutes: float) -> None:
    until = trio.company.now() + timedelta(minutes=minutes)

    def connect(config: Any) -> Any:
        inner = trio.company.connect(config)
        return Limited(inner, until, trio.company.now) if config.id == "jira" else inner

    run, outcomes = trio.company.apply(store, connect=connect, wait=partial(passing, trio))
    jira = [one for one in outcomes if one.write.slot.source == "jira"]
    assert {one.write.slot.source for one in outcomes if one.state is WriteState.APPLIED} == {"jira", "github", "asana"}
    if minutes < 1:
        assert {one.state for one in jira} == {WriteState.APPLIED}
        assert trio.company.now() == until
        return
    assert [one.state for one in jira] == [WriteState.APPLIED] + [WriteState.PLANNED] * (len(jira) - 1)
    assert {one.until for one in jira[1:]} == {until}
    with store.read() as tx:
        waiting = [entry for entry in journal.entries(tx, run) if entry.state is WriteState.PLANNED]
        assert {entry.intent_at for entry in waiting} == {None}, "it was not sent"
    trio.company.sandbox.clear_requests()
    _, outcomes = trio.company.apply(store)
    assert by_state(outcomes) == {WriteState.PLANNED: {"jira"}}
    assert trio.company.sandbox.unsafe_requests() == []
    trio.company.clock.set(until)
    _, outcomes = trio.company.apply(store)
    assert by_state(outcomes) == {WriteState.APPLIED: {"jira"}}


def test_a_limit_amid_several_writes_on_one_object_leaves_them_to_be_read_back(trio: Trio, store: Store) -> None:
    planned = trio.company.plan(store).writes
    until = trio.company.now() + timedelta(hours=1)

    class Half(WrappedSink):
        def push(self, writes: Sequence[Write]) -> Sequence[Receipt]:
            if len(writes) > 1 and trio.company.now() < until:
                super().push(writes[:1])
                raise RateLimited("it is too much", retry_at=until)
            return super().push(writes)

    def connect(config: Any) -> Any:
        return Half(trio.company.connect(config))

    _, outcomes = trio.company.apply(store, connect=connect)
    assert {one.write.key for one in outcomes if one.state is WriteState.UNKNOWN} >= {"SHOP-1"}
    trio.company.clock.set(until)
    trio.company.apply(store, connect=connect)
    assert trio.company.plan(store).writes == ()
    trio.is_written_once(planned)


class Budgeted(WrappedSink):
    def budgets(self) -> Sequence[Budget]:
        return (Budget(2, timedelta(seconds=30), self.surfaces()), Budget(3, timedelta(hours=1), self.surfaces()))


def test_a_short_budget_is_waited_for_and_a_long_one_leaves_the_rest_planned(trio: Trio, store: Store) -> None:
    for number in range(3):
        trio.repository.issue(f"More loose ends {number}")
    trio.company.wait(days=2)
    trio.company.sync(store)
    began = trio.company.now()

    def connect(config: Any) -> Any:
        inner = trio.company.connect(config)
        return Budgeted(inner) if config.id == "github" else inner

    run, outcomes = trio.company.apply(store, connect=connect, wait=partial(passing, trio))
    hub = [one for one in outcomes if one.write.slot.source == "github"]
    assert [one.state for one in hub] == [WriteState.APPLIED] * 3 + [WriteState.PLANNED] * (len(hub) - 3)
    assert len(hub) > 4
    with store.read() as tx:
        sent = [entry.intent_at for entry in journal.entries(tx, run) if entry.write.slot.source == "github"][:3]
    assert [at is not None and at - began >= timedelta(seconds=30) for at in sent] == [False, False, True]
    assert {one.until for one in hub[3:]} == {sent[0] + timedelta(hours=1) if sent[0] else None}
    assert "github takes 3 writes in 60 min; next at" in hub[3].note
    again = {one.write.slot for one in hub[3:]}
    _, outcomes = trio.company.apply(store, connect=connect, wait=partial(passing, trio))
    assert {(one.write.slot, one.state) for one in outcomes} == {(slot, WriteState.PLANNED) for slot in again}


# ── side by side ──


def test_a_slow_source_delays_no_other(trio: Trio, store: Store) -> None:
    """Jira's first write is not answered before all that the others get stands there."""
    others = {"github", "asana"}
    waiting = {one.slot for one in trio.company.plan(store).writes if one.slot.source in others}

    class Slow(WrappedSink):
        def push(self, writes: Sequence[Write]) -> Sequence[Receipt]:
            for _ in range(1000):
                if not waiting:
                    break
                Event().wait(0.01)
            assert not waiting, "they waited for Jira"
            return super().push(writes)

    def connect(config: Any) -> Any:
        inner = trio.company.connect(config)
        return Slow(inner) if config.id == "jira" else inner

    _, outcomes = trio.company.apply(store, connect=connect, watch=lambda one: waiting.discard(one.write.slot))
    assert by_state(outcomes) == {WriteState.APPLIED: {"jira", *others}}


# ── drafts ──


def test_a_draft_waits_and_goes_as_it_was_approved(trio: Trio, store: Store) -> None:
    trio.company.replace('mode = "apply"', f'mode = "apply"\ntargets = {{{{ "asana:goal:{GOAL}" = "draft" }}}}')
    trio.company.apply(store)
    assert trio.updates(GOAL) == []
    drafts = trio.company.plan(store)
    assert {one.key for one in drafts.writes} == {f"goal:{GOAL}"}
    (update,) = (one for one in drafts.writes if one.slot.surface is Surface.UPDATE)
    with store.begin() as tx:
        assert journal.approve(tx, [update.id or 0], "ada", trio.company.now()) == 1
    for issue in trio.company.site.issues.values():
        if issue.fields["summary"].startswith(("Step", "Basket")):
            trio.company.edit(issue, status="Terminé")
    trio.company.wait(days=1)
    trio.company.sync(store)
    again = trio.company.plan(store)
    assert again.run != drafts.run
    run, outcomes = trio.company.apply(store)
    mine = [one.write for one in outcomes if one.write.key == f"goal:{GOAL}"]
    assert [(one.slot.surface, one.after) for one in mine] == [(Surface.UPDATE, update.after)]
    (said,) = trio.updates(GOAL)
    assert said["text"] == update.after["text"]  # type: ignore[index, call-overload]
    assert trio.current(GOAL) == 0.05, "the metric was not approved"
    with store.read() as tx:
        assert {one.write.slot: one.approved_by for one in journal.entries(tx, run)}[update.slot] == "ada"
    trio.company.apply(store)
    assert len(trio.updates(GOAL)) == 1, "an approval is for one write"


def test_an_approval_is_void_once_somebody_changed_the_target(trio: Trio, store: Store) -> None:
    trio.company.replace('mode = "apply"', f'mode = "apply"\ntargets = {{{{ "asana:goal:{GOAL}" = "draft" }}}}')
    drafts = trio.company.plan(store)
    with store.begin() as tx:
        journal.approve(tx, [one.id for one in drafts.writes if one.id], "ada", trio.company.now())
    trio.workspace.edit(f"goals/{GOAL}", {"metric": {"current_number_value": 0.5}})
    trio.company.sync(store)
    trio.company.apply(store)
    assert trio.current(GOAL) == 0.5
    assert len(trio.updates(GOAL)) == 1, "what nobody changed goes"


# ── pauses ──


def test_nothing_is_sent_during_a_pause(trio: Trio, store: Store) -> None:
    with store.begin() as tx:
        until = trio.company.now() + timedelta(hours=1)
        pausing.pause(tx, by="ada", until=until, why="quarter review", now=trio.company.now())
    assert trio.company.plan(store).writes != ()
    with pytest.raises(Refused, match="quarter review"):
        trio.company.apply(store)
    assert trio.company.sandbox.unsafe_requests() == []
    trio.company.clock.set(until)
    _, outcomes = trio.company.apply(store)
    assert set(by_state(outcomes)) == {WriteState.APPLIED}


def test_a_pause_that_begins_meanwhile_ends_the_run(trio: Trio, store: Store) -> None:
    begun: list[Outcome] = []

    def watch(outcome: Outcome) -> None:
        if not begun:
            with store.begin() as tx:
                pausing.pause(tx, by="ada", until=None, why="", now=trio.company.now())
        begun.append(outcome)

    _, outcomes = trio.company.apply(store, watch=watch)
    states = [one.state for one in outcomes]
    assert 0 < states.count(WriteState.APPLIED) < len(states)
    assert set(states) == {WriteState.APPLIED, WriteState.PLANNED}


# ── who may send ──


def test_one_that_lost_the_fence_sends_nothing_more(trio: Trio, store: Store) -> None:
    """It was stopped in the middle, and another went to work meanwhile."""
    planned = trio.company.plan(store).writes
    sent: list[Outcome] = []

    def watch(outcome: Outcome) -> None:
        if not sent:
            with store.begin() as tx:
                fence.take(tx)
        sent.append(outcome)

    with pytest.raises(Busy):
        trio.company.apply(store, watch=watch)
    assert len(sent) < len(planned)
    trio.company.apply(store)
    assert trio.company.plan(store).writes == ()
    trio.is_written_once(planned)


# ── restraint ──


def test_an_object_is_touched_three_times_a_day(trio: Trio, store: Store) -> None:
    first = trio.company.plan(store).writes
    (label,) = (one for one in first if one.key == "PAY-2")
    for number in range(5):
        trio.company.apply(store)
        trio.company.wait(hours=1)
        issue = trio.company.site.find("PAY-2")
        trio.company.edit(issue, labels={"add" if number % 2 == 0 else "remove": ["okr:KR-UX"]})
        trio.company.sync(store)
    with store.read() as tx:
        assert journal.touched(tx, trio.company.now() - timedelta(days=1))["jira", label.slot.remote_id] == 3
    (left,) = (one for one in trio.company.plan(store).left if one.key == "PAY-2")
    assert left.why.code == "write.left.daily"
    trio.company.wait(days=1)
    trio.company.sync(store)
    assert [one.key for one in trio.company.plan(store).writes if one.key == "PAY-2"] == ["PAY-2"]


# ── looking ──


def test_what_a_person_did_is_seen_before_the_plan(trio: Trio, store: Store) -> None:
    """An edit that moves the item is looked at with the next plan, in one request for all."""
    trio.company.apply(store)
    trio.company.wait(hours=1)
    trio.company.sync(store)
    trio.company.plan(store)
    trio.company.edit(trio.company.site.find("PAY-2"), labels={"remove": ["okr-orphan"]})
    trio.company.edit(trio.company.site.find("PAY-3"), fields={"summary": "Mistyped still"})
    trio.company.wait(minutes=10)
    trio.company.sync(store)
    trio.company.sandbox.clear_requests()
    planned = trio.company.plan(store)
    assert planned.writes == ()
    assert [(one.key, one.why.code) for one in planned.left] == [("PAY-2", "write.left.deleted")]
    looked = [one for one in trio.company.sandbox.requests if one.path.startswith("/jira/")]
    assert len(looked) <= 2
    assert trio.company.sandbox.unsafe_requests() == []


def test_a_tool_that_is_down_does_not_stop_a_plan(trio: Trio, store: Store) -> None:
    trio.company.apply(store)
    trio.company.wait(days=2)
    trio.company.replace('id = "KR-UX"\ntitle = "The new checkout is live"', 'id = "KR-UX"\ntitle = "It is live"')
    trio.company.sandbox.fault("answer", path="/jira/.*", status=503, times=None)
    planned = trio.company.plan(store)
    assert set(planned.unread) == {"jira"}
    assert {"github"} <= {one.slot.source for one in planned.writes}


def test_a_plan_in_words_is_kept_as_long_as_it_holds(trio: Trio, store: Store) -> None:
    first = trio.company.plan(store)
    assert trio.company.plan(store) == replace(first, unread={})


def test_nothing_is_planned_on_what_is_gone(small: Company) -> None:
    store = small.store()
    small.wait(days=3)
    small.sync(store)
    small.apply(store)
    issue = next(one for one in small.site.issues.values() if "okr-orphan" in one.fields["labels"])
    small.edit(issue, delete=True)
    small.wait(days=2)
    small.sync(store, full=True)
    plan = small.plan(store)
    assert (plan.writes, plan.left) == ((), ())


# ── what a tool refuses ──


class Refusing(WrappedSink):
    """No label can be written, as long as the ``rights`` are missing."""

    def __init__(self, inner: Any, rights: list[str], asked: list[Slot]) -> None:
        super().__init__(inner)
        self.rights, self.asked = rights, asked

    def push(self, writes: Sequence[Write]) -> Sequence[Receipt]:
        self.asked += [write.slot for write in writes if write.slot.surface is Surface.LABEL]
        if not self.rights and any(write.slot.surface is Surface.LABEL for write in writes):
            raise Rejected("you may not edit labels.", status=403)
        return super().push(writes)


def test_what_was_refused_rests_for_a_day_or_until_a_person_approves_it(small: Company) -> None:
    store, rights, asked = small.store(), [], []
    small.wait(days=3)
    small.sync(store)

    def connect(source: Any) -> Any:
        return Refusing(small.connect(source), rights, asked)

    def applied() -> int:
        asked.clear()
        small.apply(store, connect=connect)
        return len(asked)

    def left() -> dict[str, Any]:
        return {one.key: one for one in small.plan(store).left if one.why.code == "write.left.refused"}

    def told() -> list[Gap]:
        with store.read() as tx:
            found = list(gaps.collect(tx, small.config, assess(tx, small.config, small.now())))
        return [one for one in found if one.kind is GapKind.WRITE_CONFLICT]

    assert applied() == 2
    assert left().keys() == {"PAY-2", "PAY-3"}
    assert dict(left()["PAY-2"].why.args)["note"] == "you may not edit labels"
    (gap,) = told()
    assert (gap.items, gap.typed) == (("PAY-2", "PAY-3"), "okrsync approve 1")
    assert applied() == 0, "it is not sent again"
    small.wait(hours=25)
    small.sync(store)
    assert (told(), applied()) == ([], 2), "a day later it is"
    with store.begin() as tx:
        place = next((slot.source, slot.remote_id) for slot in asked)
        done = approval.of_places(tx, small.config, {place}, by="ada", now=small.now())
    assert [(one.source, one.remote_id) for one in done.retried] == [place]
    assert (applied(), len(left())) == (1, 2)
    rights.append("edit")
    with store.begin() as tx:
        newest = journal.newest_run(tx)
        assert newest is not None
        approval.of_run(tx, small.config, newest.id, by="ada", now=small.now())
    assert (applied(), len(left())) == (1, 1)
    small.wait(hours=25)
    small.sync(store)
    assert (applied(), left(), told()) == (1, {}, [])


def test_what_changes_between_the_look_and_the_write_is_left_out_and_planned_anew(small: Company) -> None:
    store = small.store()
    small.wait(days=3)
    small.sync(store)
    late = [True]

    class Overtaken(WrappedSink):
        def push(self, writes: Sequence[Write]) -> Sequence[Receipt]:
            if late:
                raise Rejected("it was changed just before it was written", status=409)
            return super().push(writes)

    def applied() -> set[tuple[WriteState, str]]:
        _, outcomes = small.apply(store, connect=lambda source: Overtaken(small.connect(source)))
        return {(one.state, one.note) for one in outcomes}

    assert applied() == {(WriteState.SKIPPED, OVERTAKEN)}, "no fault, and no refusal that rests for a day"
    late.clear()
    assert applied() == {(WriteState.APPLIED, "")}


def test_an_undo_names_the_run_that_wrote_later(small: Company) -> None:
    for number in range(6):
        small.create(parent="SHOP-1", status="Terminé" if number < 2 else "À faire")
    small.wait(days=20)
    store = small.store()
    small.sync(store)
    first, _ = small.apply(store)
    for key in ("SHOP-3", "SHOP-4"):
        small.edit(small.site.find(key), status="Terminé")
    small.wait(days=8)
    small.sync(store)
    later, outcomes = small.apply(store)
    assert outcomes
    undone = undoing.undo(
        store, small.config, first, connect=small.connect, clock=small.now, by="test", wait=lambda _: False
    )
    again = [dict(one.why.args)["run"] for one in undone.left if one.why.code == "undo.left.later"]
    assert again == [later] * len(outcomes)
