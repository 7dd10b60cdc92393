"""The company of the demo as an installation that was worked with: read, linked, planned and partly written; behind a
server it is looked at by the tests of the API and of the dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from config import Config
from okrsync import publishing
from okrsync.cli.session import Session
from okrsync.engine.threads import ThreadEngine
from okrsync.model import Reading
from okrsync.sandbox import Sandbox
from okrsync.sandbox import company as demo
from okrsync.store import Store, people
from okrsync.sync import Options, sync
from okrsync.writing.applying import apply
from okrsync.writing.plan import plan

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
"""When the tests look at it: the company is another one at another moment."""
MORE = """
[[gates]]
id = "coverage"
measure = "coverage"
at_least = 0.5
window = "28d"
"""


@dataclass
class Company:
    """The demo as an installation."""

    folder: Path
    sandbox: Sandbox
    config: Config
    store: Store
    now: datetime


@contextmanager
def worked_with(folder: Path, now: datetime = NOW) -> Iterator[Company]:
    """The company in this folder, until the end of the block: the same one each time, measured as its people did."""
    with Sandbox(demo.company(now)) as sandbox:
        sandbox.world.clock.set(now)
        (folder / "token").write_text("any but bad\n")
        told = demo.company_config(sandbox.url, "sqlite:///okrsync.db", now) + MORE
        (folder / "okrsync.toml").write_text(told, encoding="utf-8")
        session = Session(str(folder / "okrsync.toml"))
        config, store = session.config, session.store
        engine = ThreadEngine()
        sync(
            store, config, config.sources, connect=session.connect, clock=lambda: now, engine=engine, options=Options()
        )
        with store.begin() as tx:
            for one in demo.readings(now):
                people.add_reading(tx, Reading(one.key_result, one.at, one.value, "camille", one.why))
        publishing.publish(store, config, now)
        apply(store, config, connect=session.connect, clock=lambda: now, by="ada", confirmed=True)
        plan(store, config, connect=session.connect, by="ada", now=now)
        yield Company(folder, sandbox, config, store, now)
        store.close()
