"""The company of the demo behind a server, and installations where nothing was done yet; once for all tests here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_company import Company
from served_company import company, running, site
from web_server import Served, installed

from okrsync.dashboard import shelf

__all__ = ["company", "running", "site"]

BARE = """
[okrsync]
database = "sqlite:///okrsync.db"
timezone = "Europe/Paris"
language = "en"
instance = "fresh"

[[sources]]
id = "jira"
kind = "jira"
url = "https://fresh.test"
auth = { email = "bot@fresh.test", token = { file = "token" } }
projects = ["SHOP"]
"""


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer is of now, however slow the machine: no older one is given meanwhile."""
    monkeypatch.setattr(shelf, "PATIENCE", 60.0)
    monkeypatch.setattr(shelf, "REST", 0.0)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Served]:
    """An installation without objectives, which never synced."""
    with installed(tmp_path, BARE) as found:
        yield found


@pytest.fixture
def unread(tmp_path: Path, company: Company) -> Iterator[Served]:
    """The company's configuration over a database that holds nothing yet."""
    with installed(tmp_path, (company.folder / "okrsync.toml").read_text(encoding="utf-8")) as found:
        yield found
