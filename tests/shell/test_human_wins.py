"""What people do with what okrsync wrote (P32): on every surface of every tool the last word is theirs."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from every_surface import Everywhere, every_surface
from hands import LABELS, SPOTS, TWICE, VALUES, Place, choices, issue, jira_comments, say, seen, task, updates, words
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from trio import GOAL
from worlds import rest

from okrsync.assess import assess
from okrsync.model import GapKind, Slot, Surface, WriteState
from okrsync.reports import gaps
from okrsync.sandbox.jira import adf
from okrsync.store import Store, journal

DAY = timedelta(days=1)
RESTORED = {place for place in SPOTS if place[1] not in LABELS | VALUES | {Surface.UPDATE}}
TAKEN = {place for place, spot in SPOTS.items() if spot.take is not None}


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Everywhere]:
    with every_surface(tmp_path) as found:
        begin(found)
        yield found


def begin(trio: Everywhere, deleted: str = "leave") -> None:
    """As shipped, but for what happens to what people delete."""
    trio.company.replace("daily = 1000\n", f'deleted = "{deleted}"\n')
    choices(trio, "Sales")
    trio.repository.edit_milestone(1, description="Words of people\r\n")


def a_day(trio: Everywhere, store: Store) -> None:
    """So long that all that is known is looked at again."""
    trio.company.wait(hours=26)
    trio.company.sync(store)


def places(trio: Everywhere, found: Any) -> set[Place]:
    """Where these writes, or what is left, are, of the places that are looked at."""
    at = {(tool, spot.remote_id(trio), surface): (tool, surface) for (tool, surface), spot in SPOTS.items()}
    keys = ((one.slot.source, one.slot.remote_id, one.slot.surface.value) for one in found)
    return {at[key] for key in keys if key in at}


def reported(trio: Everywhere, store: Store) -> list[Any]:
    """What ``okrsync gaps`` says of all this."""
    with store.read() as tx:
        found = gaps.collect(tx, trio.company.config, assess(tx, trio.company.config, trio.company.now()))
        return [one for one in found if one.kind is GapKind.WRITE_CONFLICT]


def restorations(store: Store) -> dict[Slot, int]:
    with store.read() as tx:
        return {slot: one.restored for slot, one in journal.standing(tx).items() if one.restored}


# ── every place, once ────────────────────────────────────────────────────────────────────────────────────────────────


def surround(trio: Everywhere) -> None:
    """People write beside what okrsync wrote, in each of its places."""
    company, hub, space = trio.company, trio.repository, trio.workspace
    for key in ("SHOP-1", "SHOP-3", "PAY-2"):
        company.edit(issue(trio, key), labels={"add": ["urgent"]}, comment=f"On {key}: okr-orphan?", flagged=True)
    issue(trio, "SHOP-1").properties["okrsync-of-somebody"] = {"mine": True}
    for number in (1, 2, 4):
        hub.edit(number, body=f"#{number} closes nothing <!-- okrsync:other -->", labels=["urgent"])
        hub.comment(number, "I agree\r\n")
    hub.edit_milestone(1, description=f"Before\r\n{hub.milestones[1].description}\r\n\r\nAfter \t")
    say(trio, "green", "ci/build")
    for gid in (task(trio), SPOTS["asana", "objective_label"].remote_id(trio)):
        space.edit(f"tasks/{gid}", {"notes": "Words", "tags": {"add": ["urgent"]}, "comment": "okrsync is right"})
    space.edit(f"goals/{GOAL}", {"notes": "Words"})


def test_what_stands_beside_it_is_kept_byte_for_byte(trio: Everywhere) -> None:
    store = trio.synced()
    trio.company.apply(store)
    surround(trio)
    theirs = rest(trio)
    for key in ("SHOP-7", "SHOP-8"):
        trio.company.edit(issue(trio, key), status="Terminé")
        a_day(trio, store)
        theirs[f"jira {key}"] = rest(trio)[f"jira {key}"]
        _, outcomes = trio.company.apply(store)
        assert outcomes, "there was news"
        assert rest(trio) == theirs
    assert (trio.repository.milestones[1].description or "").startswith("Before\r\nWords of people\r\n")
    assert (trio.repository.milestones[1].description or "").endswith("\r\n\r\nAfter \t")
    with store.read() as tx:
        runs = [one.id for one in journal.runs(tx)]
    for run in runs:
        trio.company.undo(store, run)
    assert rest(trio) == theirs
    assert [place for place, value in seen(trio).items() if value and place[1] not in ("status", "metric")] == []


def test_what_is_changed_inside_is_put_back_once_then_left_and_reported(trio: Everywhere) -> None:
    store = trio.synced()
    trio.company.apply(store)
    ours = seen(trio)
    assert {place for place, value in ours.items() if value is None} == set(), "okrsync wrote in every place"
    for turn in range(3):
        for place, spot in SPOTS.items():
            if place[1] not in LABELS:
                spot.put(trio, words(place, turn))
        theirs, beside = seen(trio), rest(trio)
        a_day(trio, store)
        planned = trio.company.plan(store)
        _, outcomes = trio.company.apply(store)
        assert {one.state for one in outcomes} <= {WriteState.APPLIED}
        after = seen(trio)
        restored = RESTORED if turn == 0 else set()
        assert {place for place in SPOTS if after[place] != theirs[place]} == restored
        assert {place: after[place] for place in restored if place != ("github", "status")} == {
            place: ours[place] for place in restored if place != ("github", "status")
        }
        assert {one.why.code for one in planned.writes if places(trio, [one]) & restored} <= {"write.restored"}
        assert places(trio, planned.left) == {place for place in SPOTS if place[1] in VALUES} | (RESTORED - restored)
        assert rest(trio) == beside
        assert set(restorations(store).values()) == {1}
        assert len(restorations(store)) == len(RESTORED)
    told = {one.subject: one.typed for one in reported(trio, store)}
    assert told.keys() >= {"SHOP-1", "SHOP-3", "acme/shop#1", "acme/shop#4", "milestone:acme/shop#1", f"goal:{GOAL}"}
    assert told["milestone:acme/shop#1"] == "okrsync approve github:milestone:acme/shop#1"


@pytest.mark.parametrize("deleted", ["leave", "restore"])
def test_what_is_deleted_stays_away_or_comes_back_once(trio: Everywhere, deleted: str) -> None:
    trio.company.replace('deleted = "leave"', f'deleted = "{deleted}"')
    store = trio.synced()
    trio.company.apply(store)
    ours = seen(trio)
    for turn in range(2):
        for place in TAKEN:
            SPOTS[place].take(trio)  # type: ignore[misc]
        a_day(trio, store)
        comes_back = TAKEN if (deleted, turn) == ("restore", 0) else set()
        planned = trio.company.plan(store)
        assert places(trio, planned.left) == TAKEN - comes_back
        trio.company.apply(store)
        after = seen(trio)
        assert {place for place in TAKEN if after[place] is not None} == comes_back
        assert {place: after[place] for place in comes_back} == {place: ours[place] for place in comes_back}
    assert len(reported(trio, store)) >= 9


@pytest.mark.soak  # in small, tests/shell/test_write_runs.py has it
def test_one_object_is_touched_three_times_a_day_then_reported(trio: Everywhere) -> None:
    """Whatever happens to it: news on each run, or somebody who fights."""
    store = trio.synced()
    trio.company.apply(store)
    (comment,) = jira_comments(trio)
    written = []
    for turn in range(5):
        trio.company.edit(issue(trio, f"SHOP-{turn + 5}"), status="Terminé")
        if turn == 1:
            comment["body"] = adf.document(TWICE[0])
            issue(trio, "SHOP-1").touch(trio.company.clock())
        trio.company.wait(hours=1)
        trio.company.sync(store)
        run, _ = trio.company.apply(store)
        with store.read() as tx:
            entries = journal.entries(tx, run) if run is not None else []
        written.append(any(one.write.key == "SHOP-1" and one.state is WriteState.APPLIED for one in entries))
    assert sum(written) == 2, "the first apply of the day was one, too"
    left = trio.company.plan(store).left
    assert {one.why.code for one in left if one.key == "SHOP-1"} == {"write.left.daily"}
    assert "SHOP-1" in {one.subject for one in reported(trio, store) if one.typed == "okrsync runs"}
    a_day(trio, store)
    assert "SHOP-1" in {one.write.key for one in trio.company.apply(store)[1]}
    assert trio.company.plan(store).writes == ()


def test_after_a_persons_word_on_a_goal_okrsync_is_silent(trio: Everywhere) -> None:
    store = trio.synced()
    trio.company.apply(store)
    trio.company.wait(minutes=1)
    SPOTS["asana", "update"].put(trio, "I know better")
    for number in range(4, 10):
        trio.company.edit(issue(trio, f"SHOP-{number}"), status="Terminé")
    for _ in range(2):
        trio.company.wait(days=8)
        trio.company.sync(store)
        trio.company.apply(store)
    assert trio.updates(GOAL)[-1]["text"] == "I know better"
    assert len(updates(trio)) == 1
    assert ("asana", "update") in places(trio, trio.company.plan(store).left)


@pytest.mark.parametrize(
    "saved", [pytest.param(False, marks=pytest.mark.soak), True], ids=["planned and applied", "a saved run"]
)
def test_a_persons_word_after_the_last_sync_is_heard(trio: Everywhere, saved: bool) -> None:
    """Nothing tells that it is there: it is asked for before okrsync speaks again."""
    store = trio.synced()
    trio.company.apply(store)
    trio.company.wait(days=8)
    trio.company.sync(store)
    run = trio.company.plan(store).run if saved else None
    trio.company.wait(minutes=1)
    SPOTS["asana", "update"].put(trio, "I know better")
    _, outcomes = trio.company.apply(store, run=run)
    assert trio.updates(GOAL)[-1]["text"] == "I know better"
    assert ("asana", "update") not in places(trio, [one.write for one in outcomes if one.state is WriteState.APPLIED])


# ── in any order ─────────────────────────────────────────────────────────────────────────────────────────────────────


class People(RuleBasedStateMachine):
    """People and okrsync in any order. ``theirs`` are the places that a person changed after okrsync wrote there, and
    that it has not put back since: what stands there is theirs."""

    deleted = "leave"

    @initialize(deleted=st.sampled_from(["leave", "restore"]), datacenter=st.booleans())
    def open(self, deleted: str, datacenter: bool) -> None:
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.trio = self.stack.enter_context(every_surface(folder))
        self.trio.company.site.datacenter = datacenter
        begin(self.trio, deleted)
        self.store = self.trio.synced()
        self.theirs: set[Place] = set()
        self.turns = 0
        self.apply()

    @rule(place=st.sampled_from(sorted(SPOTS)))
    def change(self, place: Place) -> None:
        spot, value = SPOTS[place], words(place, self.turns)
        before = spot.sees(self.trio)
        if before is None and place[1] not in LABELS | VALUES:
            return  # there is nothing that anybody could edit
        self.turns = 1 - self.turns
        self.trio.company.wait(minutes=1)  # whoever speaks on a goal in the same instant as okrsync is not heard
        spot.put(self.trio, value)
        if place[1] in LABELS:
            self.theirs.discard(place)
        elif spot.sees(self.trio) != before:
            self.theirs.add(place)

    @rule(place=st.sampled_from(sorted(TAKEN)))
    def take_away(self, place: Place) -> None:
        spot = SPOTS[place]
        if spot.sees(self.trio) is not None:
            spot.take(self.trio)  # type: ignore[misc]
            self.theirs.add(place)

    @rule(number=st.integers(3, 10), status=st.sampled_from(["Terminé", "En cours", "À faire"]))
    def work(self, number: int, status: str) -> None:
        self.trio.company.edit(issue(self.trio, f"SHOP-{number}"), status=status)

    @rule(mended=st.booleans())
    def link(self, mended: bool) -> None:
        """What was an orphan serves a goal, or no longer does: whoever took its mark away meant the other state."""
        ticket = issue(self.trio, "PAY-2")
        kept = [label for label in ticket.fields["labels"] if label != "okr:KR-UX"]
        self.trio.company.edit(ticket, labels=[*kept, *["okr:KR-UX"] * mended])
        self.theirs.discard(("jira", "label"))

    @rule(hours=st.sampled_from([1, 5, 26, 24 * 8]))
    def wait(self, hours: int) -> None:
        self.trio.company.wait(hours=hours)
        self.trio.company.sync(self.store)

    @rule()
    def sync(self) -> None:
        self.trio.company.sync(self.store)

    @rule()
    def apply(self) -> None:
        trio, company = self.trio, self.trio.company
        before, beside = seen(trio), rest(trio)
        run, outcomes = company.apply(self.store)
        after = seen(trio)
        assert rest(trio) == beside, "what is not okrsync's was touched"
        assert {one.state for one in outcomes} <= {WriteState.APPLIED, WriteState.SKIPPED}
        applied = [one.write for one in outcomes if one.state is WriteState.APPLIED]
        restored = places(trio, [one for one in applied if one.why.code == journal.RESTORED])
        for place in self.theirs - restored:
            assert after[place] == before[place], f"{place}: what a person put there was written over"
        self.theirs -= restored
        self.keeps_to_itself()
        if not any(one.state is WriteState.SKIPPED for one in outcomes):
            assert company.plan(self.store).writes == ()
        note(f"run {run}: {len(applied)} writes, {len(restored)} put back, {len(self.theirs)} theirs")

    def keeps_to_itself(self) -> None:
        """One restoration a slot, three runs a day on an object, one text of each kind on an object."""
        with self.store.read() as tx:
            entries = [entry for one in journal.runs(tx) for entry in journal.entries(tx, one.id)]
        done = [entry for entry in entries if entry.state is WriteState.APPLIED]
        put_back = [entry.write.slot for entry in done if entry.write.why.code == journal.RESTORED]
        assert len(put_back) == len(set(put_back))
        touches = defaultdict(dict)
        for entry in done:
            touches[entry.write.slot.source, entry.write.slot.remote_id][entry.run] = entry.intent_at
        for runs in touches.values():
            times = sorted(runs.values())
            assert all(last - first >= DAY for first, last in zip(times, times[3:], strict=False))
        twice = {what for what, count in self.trio.visible().items() if count > 1}
        assert {what[0] for what in twice} <= {"status", "update", "jira comment"}

    @precondition(lambda self: hasattr(self, "trio"))
    @rule()
    def settle(self) -> None:
        """After a day without people there is one round to do, and then nothing."""
        for _ in range(2):
            a_day(self.trio, self.store)
            self.apply()
        assert self.trio.company.plan(self.store).writes == ()

    def teardown(self) -> None:
        if hasattr(self, "trio"):
            try:
                self.settle()
            finally:
                self.stack.close()


SMALL = settings(
    max_examples=1,
    stateful_step_count=15,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
LARGE = settings(
    SMALL,
    max_examples=100,
    stateful_step_count=50,
    phases=tuple(Phase),
    print_blob=True,
)


def test_people_and_okrsync_in_any_order() -> None:
    run_state_machine_as_test(People, settings=SMALL)


@pytest.mark.soak
def test_people_and_okrsync_in_any_order_for_long() -> None:
    run_state_machine_as_test(People, settings=LARGE)
