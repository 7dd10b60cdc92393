"""Incremental = rebuild: 500 sequences of whatever happens in tools, configuration and by hand (DESIGN §3)."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from postgresql_server import Server
from sequences import SOAK, SUITE, Sequences
from told import begin

from okrsync.store import Store


@pytest.mark.timeout(900)
class TestSequences(Sequences.TestCase):
    settings = SUITE


def test_sequences_on_postgresql(postgresql: Server) -> None:
    """A few of them, for what the two databases do in their own ways."""
    opened: dict[str, Store] = {}

    def empty(name: str) -> Store:
        if name in opened:
            opened[name].close()
        opened[name] = Store.open(postgresql.migrated())
        return opened[name]

    class OnPostgreSQL(Sequences):
        def grown(self) -> Store:
            store = empty("grown")
            begin(store, self.tools, self.config, self.clock)
            return store

        def fresh(self) -> Store:
            return empty("fresh")

    run_state_machine_as_test(OnPostgreSQL, settings=settings(SUITE, max_examples=4))
    for store in opened.values():
        store.close()


@pytest.mark.soak
@pytest.mark.timeout(14_400)
class TestLongSequences(Sequences.TestCase):
    settings = SOAK
