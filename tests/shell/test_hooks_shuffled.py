"""P6: webhooks that come several times, in any order, or not at all, leave the state of polling alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hooked import TOOLS
from listening import Ears, Parcel, secret
from small_company import differences
from trio import BOARD, LINKED, TASK, WORKSPACE, Trio, three_tools

from okrsync.connections import Connections
from okrsync.model import SourceState
from okrsync.sandbox.github import changes
from okrsync.store import Store
from okrsync.sync import Options, Watcher, reconcile

WORDS = ("Basket", "Cards KR-PAY", "SHOP-3 once more", "Loose ends")


class Shuffled:
    """Two installations of one company: one is told by webhooks and polls, the other polls alone; each poll takes a
    census, without which a webhook knows earlier of what was deleted."""

    def __init__(self, trio: Trio, folder: Path, seed: int) -> None:
        self.trio, self.company, self.rng = trio, trio.company, random.Random(seed)
        secret(trio, folder)
        self.config = self.company.config
        self.told, self.polled = trio.synced(), trio.synced()
        self.connections = {one: Connections(self.company.connect) for one in (self.told, self.polled)}
        self.played = self.narrowed = 0
        self.ears = Ears(trio)
        self.ears.open(self.told, lambda: self.config)

    # ── what people do ──

    def edit(self) -> None:
        rng, site, hub = self.rng, self.company.site, self.trio.repository
        self.company.wait(seconds=rng.randrange(1, 90))
        issues = sorted(site.issues.values(), key=lambda one: one.id)
        numbers = sorted(hub.issues)
        match rng.randrange(10):
            case 0:
                self.company.create(rng.choice(["SHOP", "PAY"]), summary=rng.choice(WORDS), parent="SHOP-1")
            case 1:
                self.company.edit(rng.choice(issues), status=rng.choice(["Terminé", "À faire"]))
            case 2:
                self.company.edit(rng.choice(issues), labels=rng.choice([["okr:KR-UX"], [], ["ktlo"]]))
            case 3 if len(issues) > 12:
                self.company.edit(issues[-1], delete=True)
            case 4:
                hub.issue(rng.choice(WORDS), labels=rng.choice([["okr:KR-PAY"], []]))
            case 5 if number := rng.choice(numbers):
                if hub.find(number).pull is None:
                    hub.edit(number, state=rng.choice(["open", "closed"]))
            case 6 if len(numbers) > 8:
                self.person(f"github/acme/shop/issues/{numbers[-1]}", delete=True)
            case 7:
                hub.commit(rng.choice(WORDS))
            case 8:
                self.person(f"asana/{WORKSPACE}/tasks", name=rng.choice(WORDS), project=BOARD)
            case _:
                self.person(f"asana/{WORKSPACE}/tasks/{rng.choice([TASK, LINKED])}", completed=rng.random() < 0.5)
        self.company.sandbox.world.notice()

    def person(self, path: str, **what: Any) -> None:
        tool, _, rest = path.partition("/")
        if tool == "asana":
            self.trio.workspace.edit(rest.partition("/")[2], what)
        else:
            number = int(path.rpartition("/")[2])
            with self.trio.repository.directory.lock:
                changes.delete(self.trio.repository, self.trio.repository.find(number))
        self.company.sandbox.world.notice()

    # ── what okrsync does ──

    def play(self, parcel: Parcel) -> None:
        self.ears.play(*parcel)
        self.played += 1

    def heed(self) -> None:
        """A narrowed cycle of each source that was touched."""
        for source, options in self.ears.heard().items():
            self.cycle(self.told, source, options)
            self.narrowed += 1

    def cycle(self, store: Store, name: str, options: Options) -> int:
        source = next(one for one in self.config.sources if one.id == name)
        kept = {"borrow": self.connections[store].borrow, "clock": self.company.clock, "watcher": Watcher()}
        result = reconcile(store, source, goals=self.config.goals, options=options, **kept)  # type: ignore[arg-type]
        assert result.state is SourceState.OK, result.error
        return result.changed

    def poll(self, store: Store) -> int:
        return sum(self.cycle(store, name, Options(allow_mass_delete=True)) for name in TOOLS)


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Trio]:
    with three_tools(tmp_path) as trio:
        yield trio


def is_like_polling(trio: Trio, folder: Path, count: int, *, rounds: int) -> Shuffled:
    both = Shuffled(trio, folder, count)
    rng, pool, sent = both.rng, [], 0
    missed = brought = 0
    while sent < count:
        for _ in range(max(1, count // rounds)):
            both.edit()
        new = both.ears.deliveries()
        sent += len(new)
        kept = [one for one in new if rng.random() >= 0.1]
        pool += [one for one in kept for _ in range(rng.randrange(1, 6))]
        rng.shuffle(pool)
        now, pool = pool[: len(pool) * 3 // 4], pool[len(pool) * 3 // 4 :]  # the rest is late: after the next changes
        for one in now:
            both.play(one)
            if rng.random() < 0.02:
                both.heed()
        both.heed()
        missed += both.poll(both.told)
        brought += both.poll(both.polled)
        told, polled = (both.company.state(one, config=both.config) for one in (both.told, both.polled))
        assert not (lines := differences(told, polled)), "\n".join(lines)
    for late in pool:
        both.play(late)
    both.heed()
    told, polled = (both.company.state(one, config=both.config) for one in (both.told, both.polled))
    assert not (lines := differences(told, polled)), "\n".join(lines)
    assert missed < brought / 2, "webhooks brought most of it"
    print(
        f"{sent} deliveries, played {both.played} times, {both.narrowed} narrowed cycles; polls brought {missed} items"
        f" beside {brought} of polling alone"
    )
    for one in both.connections.values():
        one.close()
    return both


def test_shuffled_repeated_and_lost_webhooks_leave_the_state_of_polling(company: Trio, tmp_path: Path) -> None:
    is_like_polling(company, tmp_path, 60, rounds=3)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1_000, 1_001])
def test_a_thousand_shuffled_webhooks_leave_the_state_of_polling(seed: int, company: Trio, tmp_path: Path) -> None:
    is_like_polling(company, tmp_path, seed, rounds=10)
