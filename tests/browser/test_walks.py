"""A person goes through all pages by the links on them, with scripts and without: what is seen is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from urllib.parse import urlsplit

import pytest
import requests
from browsing import Visit
from crawling import Found
from documents import Document
from playwright.sync_api import expect
from web_server import Served

LANGUAGES = ("en", "fr")
Begin = Callable[..., Visit]


def steps(crawled: Found) -> Iterator[tuple[str, list[str]]]:
    """(page, links on it to go): every kind of link is gone once."""
    gone = [(crawled.led[address], address) for address in crawled.one_of_each_kind() if address != "/"]
    for by, group in groupby(sorted(gone), key=lambda step: step[0]):
        yield by, [address for _, address in group]


def plain(site: Served, address: str, language: str) -> Document:
    """The page as the server makes it."""
    return Document(requests.get(site.url + address, headers={"Accept-Language": language}, timeout=30).text, address)


def click(visit: Visit, address: str) -> None:
    """The link that leads to this address, wherever it is folded away; afterwards it is shown."""
    with visit.page.expect_response(lambda one: one.url == visit.url + address):
        visit.page.evaluate(
            """address => [...document.links].find(one => one.href.split("#")[0] === address).click()""",
            visit.url + address,
        )
    settled(visit, address)


def settled(visit: Visit, address: str) -> None:
    visit.page.wait_for_url(lambda url: url.split("#")[0] == visit.url + address)
    visit.page.wait_for_load_state("load")
    expect(visit.page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False], ids=["htmx", "plain"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_link_shows_what_the_server_made(
    language: str, scripts: bool, demo: Served, crawled: Found, visit: Begin
) -> None:
    one = visit(language=language, java_script_enabled=scripts)
    made = {address: plain(demo, address, language) for by, to in steps(crawled) for address in (by, *to)}
    for by, addresses in steps(crawled):
        one.go(by)
        for address in addresses:
            if scripts:
                click(one, address)
                expect(one.page.locator(f"[id='{urlsplit(one.path).fragment or 'content'}']")).to_be_focused()
            else:
                one.go(address)
            assert (one.page.title(), one.main) == (made[address].title, made[address].main), (by, address)
            assert one.page.locator("html").get_attribute("lang") == language
            if scripts:
                one.page.go_back(wait_until="load")
                settled(one, by)
                expect(one.page).to_have_title(made[by].title)
                assert one.main == made[by].main, (address, "back to", by)


@pytest.mark.parametrize("scripts", [True, False], ids=["htmx", "plain"])
def test_every_form_asks_what_stands_in_it(scripts: bool, crawled: Found, visit: Begin) -> None:
    one = visit(java_script_enabled=scripts)
    asked = 0
    for address in crawled.one_of_each_page():
        one.go(address)
        for place in range(one.page.locator("main form").count()):
            form = one.page.locator("main form").nth(place)
            for folded in form.locator("xpath=ancestor::details[not(@open)]/summary").all():
                folded.click()
            with one.page.expect_response(lambda answer: "/static/" not in answer.url) as told:
                form.locator("button").first.click()
            assert told.value.status == 200, (address, told.value.url)
            one.page.wait_for_load_state("load")
            asked += 1
            one.go(address)
    assert asked >= 3


@pytest.mark.parametrize("scripts", [True, False], ids=["htmx", "plain"])
def test_a_key_that_is_pasted_leads_to_its_thread(scripts: bool, demo: Served, visit: Begin) -> None:
    one = visit(java_script_enabled=scripts)
    one.go("/")
    key = next(row["key"] for row in requests.get(demo.url + "/api/v1/orphans?limit=1", timeout=30).json()["items"])
    one.page.get_by_role("search").get_by_role("searchbox").fill(key)
    one.page.keyboard.press("Enter")
    one.page.wait_for_url("**/trace?item=*")
    assert key in one.page.locator("main").inner_text()


@pytest.mark.parametrize("scripts", [True, False], ids=["htmx", "plain"])
def test_what_is_not_there_is_said_on_a_page(scripts: bool, visit: Begin) -> None:
    one = visit(java_script_enabled=scripts)
    one.refused_is_fine = True
    for address in ("/key-results/KR-NONE", "/nowhere", "/orphans?offset=-1", "/backlog?nonsense=1"):
        one.go(address)
        assert one.page.locator("h1").count() == 1, address
        assert one.page.get_by_role("navigation").first.is_visible(), address
