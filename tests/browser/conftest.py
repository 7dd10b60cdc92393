"""One browser, and a server over each of two worlds: the company of the demo, and one where every name is hostile."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from browsing import CHROMIUM, Visit, chromium
from crawling import Found, crawl
from demo_company import NOW, worked_with
from playwright.sync_api import Browser
from web_server import Served, served

from okrsync.dashboard import shelf


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.get_closest_marker("soak"):
        item.add_marker(pytest.mark.timeout(3600))


@pytest.fixture(scope="session", autouse=True)
def exact() -> Iterator[None]:
    """What is shown was made in this very test: no page is given for an older one, and none asks to be loaded again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelf, "PATIENCE", 60.0)
        patch.setattr(shelf, "FRESH", float("inf"))
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine; .ci/run installs Debian's")
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The company of the demo on a day that never changes."""
    with (
        worked_with(tmp_path_factory.mktemp("demo")) as company,
        served(company.config, company.store, NOW) as found,
    ):
        yield found


@pytest.fixture(scope="session")
def crawled(demo: Served) -> Found:
    """What can be reached in the demo's company: some of each kind."""
    return crawl(demo.url, of_a_kind=2)


@pytest.fixture
def visit(browser: Browser, demo: Served) -> Iterator[Callable[..., Visit]]:
    """``visit(language="fr", width=360, …)``: a window on the demo's company; the test fails where a page did what it
    should not."""
    made: list[Visit] = []

    def begin(site: Served = demo, **how: object) -> Visit:
        made.append(Visit(browser, site.url, **how))
        return made[-1]

    yield begin
    for one in made:
        one.__exit__(None, None, None)
    assert [fault for one in made for fault in one.faults] == []
