"""A quarter is lived week by week and published each time; a store that is built anew and knows what was published says
the same of every goal, its damped states too."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from random import Random

from small_company import lasting, published_alike
from told import DAY, MINUTE, SCOPES, START, Thing, Tools, begin, configured, database, empty

from okrsync.assess import Assessment, assess
from okrsync.linking import relink
from okrsync.model import Change, ChangeKind, Item, ItemKind, SourceState, State, Status
from okrsync.publishing import publish
from okrsync.store import Store, snapshots, sources

CONFIG = configured(frozenset())
GOALS = ("okr:KR-UX", "okr:KR-PAY")
JUDGED = {Status.OFF_TRACK, Status.AT_RISK, Status.ON_TRACK}


class Quarter:
    """Forty tickets of two key results, worked off by chance; some are reopened, flagged, relabelled or given up."""

    def __init__(self, seed: int) -> None:
        self.chance, self.clock, self.tools = Random(seed), START - 15 * DAY, Tools()
        self.pace = self.chance.uniform(0.4, 1.4)
        for _ in range(40):
            self.create()

    def create(self) -> None:
        number = len(self.tools.things) + 1
        key, label = f"SHOP-{number}", self.chance.choice([GOALS[0], *GOALS])
        self.clock += MINUTE
        item = Item(
            *("jira", f"10{number:03d}", key, ItemKind.TICKET, "Work", f"https://acme.test/browse/{key}", State.TODO),
            *("", self.clock, self.clock),
            scope="10",
            project="SHOP",
            labels=(label,),
            points=self.chance.choice([1.0, 2.0, 3.0, None]),
        )
        self.tools.things["jira", item.remote_id] = Thing(item)

    def edit(self, thing: Thing, changes: list[tuple[ChangeKind, str | None, str | None]], **values: object) -> None:
        self.clock += MINUTE
        thing.item = replace(thing.item, updated_at=self.clock, **values)
        thing.changes += [Change(self.clock, *change) for change in changes]

    def live(self, days: int) -> None:
        """Work goes on for some days."""
        for _ in range(days):
            self.clock += DAY
            for thing in self.chance.sample(list(self.tools.things.values()), 3):
                if self.chance.random() < self.pace / 2:
                    self.work(thing)
                elif self.chance.random() < 0.1:
                    self.disturb(thing)

    def work(self, thing: Thing) -> None:
        before = thing.item.state
        after = State.DONE if before is not State.DONE else State.TODO if self.chance.random() < 0.1 else State.DONE
        if after is not before:
            done = self.clock + MINUTE if after is State.DONE else None
            given_up = "Won't Do" if done and self.chance.random() < 0.1 else None
            move = (ChangeKind.STATE, before.value, after.value)
            self.edit(thing, [move], state=after, completed_at=done, resolution=given_up)

    def disturb(self, thing: Thing) -> None:
        match self.chance.randrange(3):
            case 0:
                self.create()
            case 1:
                was = thing.item.flagged
                self.edit(thing, [(ChangeKind.FLAG, "1" if was else None, None if was else "1")], flagged=not was)
            case _:
                old = thing.item.labels[0]
                new = GOALS[old == GOALS[0]]
                moves = [(ChangeKind.LABEL_REMOVED, old, None), (ChangeKind.LABEL_ADDED, None, new)]
                self.edit(thing, moves, labels=(new,))


def cycle(store: Store, quarter: Quarter) -> None:
    """What a sync does, up to what it publishes."""
    quarter.tools.tell(store, CONFIG, quarter.clock)
    quarter.tools.remember(store)
    with store.begin() as tx:
        relink(tx, CONFIG, quarter.clock)
        for source in SCOPES:
            sources.mark(tx, source, SourceState.OK, quarter.clock, success=True)


def said(store: Store, now: datetime) -> Assessment:
    with store.read() as tx:
        return assess(tx, CONFIG, now)


def test_a_store_that_is_built_anew_says_the_same_of_every_goal() -> None:
    judged, held = (sum(counts) for counts in zip(*map(lived, range(4)), strict=True))
    assert judged > 30, "hardly anything was judged: this proves little"
    assert held > 0, "nothing was held by damping"


def lived(seed: int) -> tuple[int, int]:
    """How many states of a quarter were judged by their chance, and how many of those damping held; each time all that
    is said is what a new store says."""
    quarter = Quarter(seed)
    grown = database("grown", empty())
    begin(grown, quarter.tools, CONFIG, quarter.clock)
    judged, held = 0, 0
    for _ in range(10):
        quarter.live(quarter.chance.randrange(3, 9))
        cycle(grown, quarter)
        assert publish(grown, CONFIG, quarter.clock) > 0
        fresh = database("fresh", empty())
        begin(fresh, quarter.tools, CONFIG, quarter.clock)
        cycle(fresh, quarter)
        published_alike(grown, fresh)
        one, other = said(grown, quarter.clock), said(fresh, quarter.clock)
        assert {kr: lasting(known) for kr, known in other.progress.items()} == {
            kr: lasting(known) for kr, known in one.progress.items()
        }
        assert other.objectives == one.objectives
        with grown.read() as tx:
            stands = snapshots.newest(tx)
        assert {goal: stands[goal].status for goal in one.progress} == {
            goal: known.status for goal, known in one.progress.items()
        }
        judged += sum(known.status in JUDGED for known in one.progress.values())
        held += sum(known.undamped is not None for known in one.progress.values())
    return judged, held
