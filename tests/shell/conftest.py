"""The payroll company, as an installation."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from demo_company import NOW
from installation import Installation
from lumen import company, company_config
from running import Running
from small_company import Company, small_company
from told import empty

from okrsync.cli.session import Session
from okrsync.sandbox import Sandbox
from okrsync.sandbox import company as demo

HEARD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


@pytest.fixture(autouse=True)
def quiet_again() -> Iterator[None]:
    """Commands configure logging and signals for the process; put it back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    heard = {number: signal.getsignal(number) for number in HEARD}
    yield
    for number, handler in heard.items():
        signal.signal(number, handler)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def searching_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Days pass in a second here: Asana's sixty searches a minute would be waited for."""
    monkeypatch.setattr("connectors.asana_api.SEARCHES", 6000)


@pytest.fixture
def acme(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """The payroll company, not yet synced."""
    for name in [name for name in os.environ if name.startswith("OKRSYNC_")]:
        monkeypatch.delenv(name)
    with Sandbox(company(datetime.now(UTC))) as sandbox:
        (tmp_path / "token").write_text("good\n")
        (tmp_path / "okrsync.toml").write_text(company_config(sandbox.url, "sqlite:///okrsync.db"), encoding="utf-8")
        yield Installation(tmp_path, sandbox, capsys, monkeypatch)


@pytest.fixture
def synced(acme: Installation) -> Installation:
    """The payroll company after its first sync, into a database that holds the schema."""
    (acme.folder / "okrsync.db").write_bytes(empty())
    acme.ok("sync")
    acme.sandbox.clear_requests()
    return acme


@pytest.fixture
def running(acme: Installation) -> Iterator[Callable[..., Running]]:
    """Starts daemons on the payroll company; none outlives the test."""
    started: list[Running] = []

    def start(**how: Any) -> Running:
        started.append(Running(acme, **how))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait()


@pytest.fixture
def eager(acme: Installation) -> Installation:
    """Read every second, and everything was written that is due."""
    (acme.folder / "okrsync.db").write_bytes(empty())
    acme.edit('kind = "jira"', 'kind = "jira"\nevery = "1s"')
    acme.ok("sync")
    acme.ok("apply", "--yes")
    return acme


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Company]:
    """A site of a few issues, not yet synced, for tests that speak to the shell itself."""
    with small_company(tmp_path) as company:
        yield company


@dataclass
class Office:
    """The small company, and the commands that somebody types about it on its own clock; synced in the middle of the
    quarter, when labels, a property and a comment are due."""

    company: Company
    installed: Installation

    def edit(self, old: str, new: str) -> None:
        self.company.replace(old, new)
        self.company.config  # noqa: B018 - writes the file

    def text(self, key: str) -> str:
        """The comment on an issue, as the site holds it; nothing where there is none."""
        issue = self.company.site.find(key)
        assert issue is not None
        return " ".join(str(comment["body"]) for comment in self.company.site.comments_of(issue))

    def labels(self, key: str) -> list[str]:
        issue = self.company.site.find(key)
        assert issue is not None
        return list(issue.fields["labels"])

    def later(self, **how: float) -> None:
        """Time goes by, and a sync."""
        self.company.wait(**how)
        self.installed.ok("sync")


@pytest.fixture
def office(small: Company, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Office:
    for name in [name for name in os.environ if name.startswith("OKRSYNC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TOKEN", "good")
    monkeypatch.setattr(Session, "now", lambda _: small.now())
    for number in range(6):
        small.create(summary=f"Step {number}", parent="SHOP-1", status="Terminé" if number < 2 else "À faire")
    (small.folder / "okrsync.db").write_bytes(empty())
    found = Office(small, Installation(small.folder, small.sandbox, capsys, monkeypatch))
    found.edit("unused.db", "okrsync.db")
    found.later(days=20)
    small.sandbox.clear_requests()
    return found


@pytest.fixture
def ormeraie(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    """The company of the demo after its first sync, at one moment for all, for its figures are another day's tomorrow;
    what that asked for is forgotten."""
    for name in [name for name in os.environ if name.startswith("OKRSYNC_")]:
        monkeypatch.delenv(name)
    with Sandbox(demo.company(NOW)) as sandbox:
        (tmp_path / "token").write_text("good\n")
        config = demo.company_config(sandbox.url, "sqlite:///okrsync.db", NOW)
        (tmp_path / "okrsync.toml").write_text(config, encoding="utf-8")
        installed = Installation(tmp_path, sandbox, capsys, monkeypatch)
        installed.stop_clock(NOW)
        installed.ok("sync")
        sandbox.clear_requests()
        yield installed
