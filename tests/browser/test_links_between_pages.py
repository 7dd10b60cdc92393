"""Every page that can be reached from the first one is there, is well-formed, and is a read."""

from __future__ import annotations

import pytest
import requests
from crawling import Found, crawl, page_of
from web_server import Served

from okrsync.dashboard.pages import ALL


def test_every_page_is_reached_and_no_link_is_dead(crawled: Found) -> None:
    assert crawled.wrong == []
    assert {page_of(address.partition("?")[0]) for address in crawled.pages} >= {page.name for page in ALL}


def test_the_other_language_is_linked_as_well(demo: Served) -> None:
    found = crawl(demo.url, "fr", of_a_kind=1)
    assert found.wrong == []
    assert all(one.get("lang") == "fr" for page in found.pages.values() for one in page.all("html"))


@pytest.mark.soak
def test_everything_that_can_be_reached(demo: Served) -> None:
    found = crawl(demo.url, of_a_kind=500, at_most=3000)
    assert found.wrong == []
    assert len(found.pages) > 1000


def test_every_address_is_a_read(demo: Served, crawled: Found) -> None:
    with requests.Session() as session:
        for address in (*crawled.one_of_each_page(), *list(crawled.others)[:3], "/static/x/okrsync.css"):
            for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
                answer = session.request(method, demo.url + address, timeout=30)
                assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD"), (method, address)
        for address in crawled.one_of_each_page():
            head, get = session.head(demo.url + address, timeout=30), session.get(demo.url + address, timeout=30)
            assert (head.status_code, head.content) == (200, b""), address
            assert head.headers["content-type"] == get.headers["content-type"]


def test_what_can_be_taken_along_is_a_file(crawled: Found) -> None:
    files = {address: answer for address, answer in crawled.others.items() if answer.status_code == 200}
    assert {address.partition("?")[0].rpartition(".")[2] for address in files} == {"csv", "md", "json"}
    for address, answer in files.items():
        assert answer.headers["content-disposition"].startswith("attachment"), address
        assert answer.content, address
