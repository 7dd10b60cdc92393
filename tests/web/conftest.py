"""The company of the demo behind a server: read, linked, planned and partly written, once for all tests here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from installation import Installation
from web_server import Served, served

from config import Config
from okrsync.cli.session import Session
from okrsync.engine.threads import ThreadEngine
from okrsync.sandbox import Sandbox
from okrsync.sandbox import company as demo
from okrsync.store import Store
from okrsync.sync import Options, sync
from okrsync.writing.applying import apply
from okrsync.writing.plan import plan

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


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder, now = tmp_path_factory.mktemp("company"), datetime.now(UTC)
    with Sandbox(demo.company(now)) as sandbox:
        (folder / "token").write_text("good\n")
        told = demo.company_config(sandbox.url, "sqlite:///okrsync.db", now) + MORE
        (folder / "okrsync.toml").write_text(told, encoding="utf-8")
        session = Session(str(folder / "okrsync.toml"))
        config, store = session.config, session.store
        engine = ThreadEngine()
        sync(
            store, config, config.sources, connect=session.connect, clock=lambda: now, engine=engine, options=Options()
        )
        apply(store, config, connect=session.connect, clock=lambda: now, by="ada", confirmed=True)
        plan(store, config, connect=session.connect, by="ada", now=now)
        yield Company(folder, sandbox, config, store, now)
        store.close()


@pytest.fixture(scope="session")
def running(company: Company) -> Iterator[Served]:
    with served(company.config, company.store, company.now) as found:
        yield found


@pytest.fixture
def site(running: Served, company: Company) -> Iterator[Served]:
    """The server, with a daemon that is well and asks for no token."""
    yield running
    running.config, running.now = company.config, company.now
    running.beside.__init__()  # type: ignore[misc]  # as it was


@pytest.fixture
def typed(company: Company, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Installation:
    """The commands that somebody types beside it, at the same instant."""
    for name in [name for name in os.environ if name.startswith("OKRSYNC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(Session, "now", lambda _: company.now)
    return Installation(company.folder, company.sandbox, capsys, monkeypatch)
