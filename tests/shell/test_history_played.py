"""A random company is played step by step and measured as it goes; afterwards its past says of each instant what was
measured then.

What no tool keeps is no part of the play: estimates, parents that change without a word, deletions, cancellations that
are taken back, and links to blockers that no change tells.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from sequences import PLACES, SUITE, Sequences
from told import DAY, MINUTE, SCOPES, START, Tools, begin, database, empty

from okrsync.assess import Assessment, assess
from okrsync.history import assess_at
from okrsync.linking import relink
from okrsync.model import ChangeKind, ItemKind, Reference, ReferenceKind, SourceState, State
from okrsync.store import Store, sources

WONT_DO, CONTAINER = "Won't Do", "project:1200"


class Played(Sequences):
    """Rules are what people do; ``measure`` is a cycle with its link job, and what is said after it."""

    delete = hide_or_show = configure = reparent = move = take_back = tell = link = None  # type: ignore[assignment]
    close_by_tool = reword = commit = pull = fill = None  # type: ignore[assignment]

    @initialize()
    def open(self) -> None:
        self.clock, self.tools, self.changes = START, Tools(), frozenset()
        self.last: dict[tuple[str, str], int] = {}
        self.touched = set(SCOPES)
        self.create("jira", "10", None, ["okr:KR-UX"])
        self.create("jira", "10", 0, ["ktlo"])
        for _ in range(5):
            self.create("jira", "10", 0, [])
            self.create("asana", "1200", None, [])
        self.store = database("grown", empty())
        begin(self.store, self.tools, self.config, self.clock)
        self.seen: dict[datetime, Assessment] = {}
        self.measure()

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.look_back()

    # ── what people do ──

    @rule(place=PLACES, state=st.sampled_from([State.TODO, State.IN_PROGRESS, State.DONE]), cancelled=st.booleans())
    def work(self, place: int, state: State, cancelled: bool) -> None:
        thing = self.pick(place, ItemKind.TICKET)
        if thing is None or thing.item.resolution or thing.item.state is state:
            return
        done = self.clock if state is State.DONE else None
        more = {"resolution": WONT_DO} if done and cancelled else {}
        note(f"{self.clock} {thing.item.key} is {state} {more}")
        change = self.change(ChangeKind.STATE, thing.item.state, state)
        self.put(replace(thing.item, state=state, completed_at=done, **more), change)

    @rule(days=st.integers(1, 15))
    def wait(self, days: int) -> None:
        self.clock += days * DAY

    @rule(place=PLACES, word=st.sampled_from(["KR-UX", "KR-PAY", "exempt"]))
    def speak(self, place: int, word: str) -> None:
        """Once of each item: a link that was overruled for a while, and came back, is one without a gap."""
        thing = self.pick(place)
        if thing and (thing.item.source, thing.item.remote_id) not in {about for about, *_ in self.tools.words}:
            super().speak(place, word)

    @rule(place=PLACES)
    def join(self, place: int) -> None:
        """It comes into the container of a key result, or leaves it."""
        if thing := self.pick(place, ItemKind.TICKET, source="asana"):
            member = Reference(ReferenceKind.MEMBER, CONTAINER)
            left = member in thing.item.references
            rest = tuple(one for one in thing.item.references if one != member)
            note(f"{self.clock} {thing.item.key} is in {CONTAINER}: {not left}")
            words = (CONTAINER, None) if left else (None, CONTAINER)
            change = self.change(ChangeKind.MEMBER, *words)
            self.put(replace(thing.item, references=rest if left else (*rest, member)), change)

    @rule(place=PLACES)
    def flag(self, place: int) -> None:
        if thing := self.pick(place, ItemKind.TICKET):
            flagged = not thing.item.flagged
            note(f"{self.clock} {thing.item.key} is flagged: {flagged}")
            words = ("", "Impediment") if flagged else ("Impediment", "")
            self.put(replace(thing.item, flagged=flagged), self.change(ChangeKind.FLAG, *words))

    @rule(place=PLACES, other=PLACES)
    def block(self, place: int, other: int | None) -> None:
        """It is blocked by another one from now on, or no more."""
        thing = self.pick(place, ItemKind.TICKET)
        by = self.pick(other, ItemKind.TICKET, source=thing.item.source) if thing else None
        if thing is None or by is None or by is thing:
            return
        said = Reference(ReferenceKind.BLOCKED_BY, by.item.key, by.item.remote_id)
        held = said in thing.item.references
        rest = tuple(one for one in thing.item.references if one != said)
        note(f"{self.clock} {thing.item.key} is blocked by {by.item.key}: {not held}")
        words = (by.item.key, None) if held else (None, by.item.key)
        self.put(
            replace(thing.item, references=rest if held else (*rest, said)), self.change(ChangeKind.BLOCKED_BY, *words)
        )

    # ── what okrsync says ──

    @rule()
    def measure(self) -> None:
        self.told(self.store)
        with self.store.read() as tx:
            self.seen[self.clock] = assess(tx, self.config, self.clock)
        note(f"{self.clock} measured")
        self.clock += MINUTE

    def told(self, store: Store) -> None:
        """A cycle with its link job."""
        self.tools.tell(store, self.config, self.clock)
        self.tools.remember(store)
        with store.begin() as tx:
            relink(tx, self.config, self.clock)
            for source in SCOPES:
                sources.mark(tx, source, SourceState.OK, self.clock, success=True)

    @rule()
    def compare(self) -> None:
        """Nothing is compared before the end."""

    def look_back(self) -> None:
        fresh = database("fresh", empty())
        self.tools.tell(fresh, self.config, self.clock)
        self.tools.say(fresh, self.tools.words)
        for store in (self.store, fresh):
            self.told(store)
            with store.read() as tx:
                for at, seen in self.seen.items():
                    then = assess_at(tx, self.config, at, self.clock)
                    assert not (lines := differences(then, seen)), "\n".join([f"{at}, {store is fresh}", *lines])


def differences(found: Assessment, expected: Assessment) -> list[str]:
    """Where two assessments differ, a line for each goal and field."""
    pairs: list[tuple[Any, Any]] = [(found.progress, expected.progress), (found.objectives, expected.objectives)]
    return [
        f"{goal}.{name}: {getattr(one[goal], name)} ≠ {getattr(other[goal], name)}"
        for one, other in pairs
        for goal in other
        for name in type(other[goal]).__slots__
        if getattr(one[goal], name) != getattr(other[goal], name)
    ]


class TestPlayed(Played.TestCase):
    settings = settings(SUITE, max_examples=25, stateful_step_count=20)
