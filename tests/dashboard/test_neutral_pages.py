"""Whatever has a name has a hostile one: no page turns the direction of writing, and none holds control characters."""

from __future__ import annotations

from pathlib import Path

import pytest
from crawling import crawl
from hostile_names import HARMFUL, dress, say_in_tables
from small_company import small_company
from web_server import served

SAID = "\u202eevil\u2066 \x1b[31m \x9b2J \u200fx"


def test_no_page_holds_what_turns_or_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "good")
    with small_company(tmp_path) as company:
        dress(company)
        store = company.store()
        company.sync(store)
        company.apply(store)
        company.plan(store)
        with store.begin() as tx:
            say_in_tables(tx, SAID)
        with served(company.config, store, company.now()) as site:
            found = crawl(site.url, of_a_kind=2)
        assert len(found.pages) > 20
        assert [address for address, page in found.pages.items() if HARMFUL.search(page.main)] == []
