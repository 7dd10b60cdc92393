"""The company of the demo behind a server, and the commands beside it."""

from __future__ import annotations

import os

import pytest
from demo_company import Company
from installation import Installation
from served_company import company, running, site

from okrsync.cli.session import Session

__all__ = ["company", "running", "site"]


@pytest.fixture
def typed(company: Company, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Installation:
    """The commands that somebody types beside it, at the same instant."""
    for name in [name for name in os.environ if name.startswith("OKRSYNC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(Session, "now", lambda _: company.now)
    return Installation(company.folder, company.sandbox, capsys, monkeypatch)
