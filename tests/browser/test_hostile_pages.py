"""Whatever a tool, a configuration or an address may say, a page shows it and does nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from urllib.parse import quote, urlencode

import hostile_names
import pytest
import requests
from browsing import Visit
from crawling import Found, crawl
from documents import LOADING, Document
from hostile_names import dress, say_in_tables
from payloads import FEW, PAYLOADS
from playwright.sync_api import Browser
from small_company import Company, small_company
from sqlalchemy import select, update
from web_server import Served, served

from okrsync.dashboard.pages import ALL
from okrsync.logs import neutral
from okrsync.model import Reading
from okrsync.store import Store, alerts, people
from okrsync.store import tables as t

PLAIN = "means no harm"
TITLE = "EVIL-JIRA"
ADDRESSES = (
    *("javascript:alert(1)", "data:text/html,<script>alert(2)</script>", "//evil.test/", "vbscript:x", "\\\\evil.test"),
    *("https://evil.test/' onclick='alert(3)", "https://evil.test/<b>", "java\tscript:alert(4)", " https://evil.test"),
)
"""Where items say that they are."""

WRITTEN = set(re.findall(r"<(\w+)", " ".join(PAYLOADS))) - {"a", "b", "details", "div", "p", "svg"}
"""The elements of the texts."""

FOREIGN = """names => [...document.querySelectorAll(names)]
    .filter(one => !one.src?.startsWith(location.origin + "/static/")).length"""


@contextmanager
def world(folder: Path, said: str) -> Iterator[Served]:
    """A company on three tools in which every text that has an author says this, read, written to and planned for."""
    with pytest.MonkeyPatch.context() as patch, small_company(folder) as company:
        patch.setattr(hostile_names, "MARKUP", said)
        patch.setenv("TOKEN", "good")
        dress(company)
        store = company.store()
        company.sync(store)
        company.wait(days=20)
        company.sync(store)
        company.apply(store)
        company.plan(store)
        _say_everywhere(company, store, said)
        with served(company.config, store, company.now()) as site:
            yield site


def _say_everywhere(company: Company, store: Store, said: str) -> None:
    """The same in what the sandbox would not say, and what people and tools said to the daemon."""
    now = company.now()
    with store.begin() as tx:
        say_in_tables(tx, said)
        uids = tx.scalars(select(t.item.c.uid).order_by(t.item.c.source, t.item.c.remote_id)).all()
        for uid, address in zip(uids, cycle(ADDRESSES)):
            tx.execute(update(t.item).where(t.item.c.uid == uid).values(url=address))
        tx.execute(update(t.write).values(url=ADDRESSES[0]))
        for row in tx.execute(select(t.write.c.id, t.write.c.before, t.write.c.after)).all():
            texts = {name: said for name in ("before", "after") if isinstance(row._mapping[name], str)}
            if texts:
                tx.execute(update(t.write).where(t.write.c.id == row.id).values(texts))
        people.add_reading(tx, Reading("KR-PAY", now - timedelta(days=1), 4, said, said))
        worse = {"title": said, "objective": "O-SHOP", "from": "on_track", "to": "off_track", "cause": []}
        alerts.begin(tx, "status", "KR-UX", worse, now)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Found]:
    with world(tmp_path_factory.mktemp("plain"), PLAIN) as site:
        yield crawl(site.url, of_a_kind=3)


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with world(tmp_path_factory.mktemp("evil"), FEW) as site:
        yield site


def look(browser: Browser, site: Served, addresses: list[str], *, refused: bool = False, **how: object) -> list[str]:
    """What pages do in a browser beside showing text, and what they are not wide enough for."""
    with Visit(browser, site.url, **how) as one:
        one.refused_is_fine = refused
        for address in addresses:
            one.go(address)
            one.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            one.page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
            foreign = one.page.evaluate(FOREIGN, ", ".join(sorted(LOADING)))
            one.faults += [f"{address}: {foreign} elements that nobody wrote"] * bool(foreign)
            one.faults += [f"{address}: {wide} pixels too wide"] if (wide := one.overflow()) > 0 else []
        return one.faults


def alike(plain: Found, found: Found) -> list[str]:
    """The pages that hold elements which they do not hold where all texts are harmless. Those of running text, which
    come and go with what there is to say, are looked at by :mod:`documents`."""
    more = {
        address: _tags(found.pages[address]) - _tags(plain.pages[address])
        for address in plain.pages.keys() & found.pages.keys()
    }
    return [f"{address}: {dict(tags)}" for address, tags in more.items() if tags]


def _tags(page: Document) -> Counter[str]:
    return Counter(one.tag for one in page.elements if one.tag in WRITTEN)


def test_no_text_is_more_than_text(plain: Found, evil: Served, browser: Browser) -> None:
    found = crawl(evil.url, of_a_kind=3)
    assert plain.wrong == found.wrong == []
    assert alike(plain, found) == []
    assert look(browser, evil, found.one_of_each_kind()) == []
    said = shown(FEW)
    naming = {address for address, page in found.pages.items() if said in page.main}
    assert len({address.split("?")[0] for address in naming}) >= 6, "the texts were shown, as they are"


def test_a_small_screen_holds_them(evil: Served, browser: Browser) -> None:
    assert look(browser, evil, crawl(evil.url, "fr", of_a_kind=1).one_of_each_page(), width=360, language="fr") == []


def test_no_address_is_more_than_an_address(evil: Served, browser: Browser) -> None:
    every = list(asked(FEW))
    for address in every:
        page = requests.get(evil.url + address, timeout=30)
        assert page.status_code in (200, 404, 422), (address, page.status_code)
        assert "location" not in page.headers
    assert look(browser, evil, every, refused=True) == []


@pytest.mark.soak
@pytest.mark.parametrize("place", range(len(PAYLOADS)))
def test_each_of_fifty_is_text(place: int, plain: Found, tmp_path: Path, browser: Browser) -> None:
    said = PAYLOADS[place]
    with world(tmp_path, said) as site:
        found = crawl(site.url, of_a_kind=3)
        assert found.wrong == []
        assert alike(plain, found) == []
        assert any(shown(said) in page.main for page in found.pages.values())
        assert look(browser, site, found.one_of_each_kind()) == []
        assert look(browser, site, found.one_of_each_page(), width=360, color_scheme="dark") == []
        assert look(browser, site, list(asked(said)), refused=True) == []


def asked(said: str) -> Iterator[str]:
    """Every page with this as the value of every parameter, and as every part of its path."""
    for page in ALL:
        path = page.path
        if "{" in path:
            path = path.partition("{")[0] + quote(said, safe="")
            yield path
        names = [name for name in page.asked.model_fields if f"{{{name}}}" not in page.path]
        for name in (*names, said):
            yield f"{path}?{urlencode({name: said})}"
    yield from (
        f"/{quote(said, safe='')}",
        f"/static/{quote(said, safe='')}/okrsync.css",
        f"/?{quote(said)}#{quote(said)}",
    )


def shown(said: str) -> str:
    """This text as a page shows it: without what moves the writing, blanks made one."""
    return " ".join(neutral(said).split())
