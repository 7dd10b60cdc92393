"""Fixtures: the company of the demo behind a server, once for all tests of a folder whose conftest takes them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from demo_company import Company, worked_with
from web_server import Served, served


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with worked_with(tmp_path_factory.mktemp("company")) as found:
        yield found


@pytest.fixture(scope="session")
def running(company: Company) -> Iterator[Served]:
    with served(company.config, company.store, company.now) as found:
        yield found


@pytest.fixture
def site(running: Served, company: Company) -> Iterator[Served]:
    """The server, with a daemon that is well and asks for no token; ``site.get("/", headers=…)``."""
    yield running
    running.config, running.now = company.config, company.now
    running.beside.__init__()  # type: ignore[misc]  # as it was
