"""Every page and file says the same over SQLite and over PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from demo_company import Company
from documents import Document
from postgresql_server import Server
from web_server import Served, served

from okrsync.dashboard.export import FORMS
from okrsync.dashboard.pages import ALL
from okrsync.store import Store
from okrsync.store.copying import copy

HEADERS = {"Accept-Language": "fr"}
ROOMS = {"{id:path}": ["KR-3X", "KR-RECHERCHE"], "{run}": ["1"]}
"""What stands in an address → what is asked for there."""


@pytest.fixture
def other(company: Company, postgresql: Server) -> Iterator[Served]:
    """The company's server over a copy of its database."""
    with closing(Store.open(postgresql.empty())) as store:
        copy(company.store, store)
        with served(company.config, store, company.now) as found:
            yield found


def addresses(site: Served) -> Iterator[str]:
    for page in ALL:
        room = next((one for one in ROOMS if one in page.path), "")
        yield from [page.path.replace(room, name) for name in ROOMS[room]] if room else [page.path]
        yield from [f"{page.path}.{form}" for form in FORMS] if page.export is not None else []
    examples = Document(site.get("/trace", headers=HEADERS).text, "/trace")
    yield from sorted({one.get("href") for one in examples.links() if one.get("href").startswith("/trace?item=")})


def test_every_page_and_file_is_the_same(site: Served, other: Served) -> None:
    for address in addresses(site):
        told = [one.get(address, headers=HEADERS) for one in (site, other)]
        assert [one.status_code for one in told] == [200, 200], (address, told[1].text[:2000])
        assert told[0].text == told[1].text, address
