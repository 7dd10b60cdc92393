"""What stands around every page, on every page that there is: navigation, language, faults in words, what a newcomer is
told, what is loaded; and that an older page says so of itself."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest
from running import LATE
from web_server import Served, served

from okrsync.dashboard import frame, making, shelf, unfit, warming
from okrsync.dashboard import site as site_module
from okrsync.dashboard.look import Asked, Look, Page
from okrsync.dashboard.making import Making, Wanted
from okrsync.dashboard.pages import ALL
from okrsync.errors import StoreError
from okrsync.store import meta
from okrsync.texts.site import CATALOG

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PATHS = [page.path for page in ALL if "{" not in page.path]
VOID = {"meta", "link", "img", "input", "br", "hr", "wbr", "col"}


class Read(HTMLParser):
    """A page as a browser reads it: elements with their attributes, and the text of each kind of element."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.unclosed: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.unclosed.append(tag)
        else:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts[tag][-1] += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for one, attributes in self.elements if one == tag]

    def text(self, tag: str) -> str:
        return " ".join(" ".join(self.texts[tag]).split())


def read(site: Served, path: str, language: str = "en", status: int = 200) -> Read:
    answer = site.get(path, headers={**BROWSER, "Accept-Language": language})
    assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Language"] == language
    assert "accept-language" in answer.headers["Vary"].lower()
    return Read(answer.text)


# ── every page ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", [*PATHS, "/nothing"])
def test_every_page_stands_in_its_frame(site: Served, path: str, language: str) -> None:
    page = read(site, path, language, 404 if path == "/nothing" else 200)
    assert page.all("html") == [{"lang": language}]
    assert not page.unclosed
    assert len(page.texts["h1"]) == len(page.texts["main"]) == 1
    assert page.text("title").startswith(page.text("h1"))
    links = [one["href"] for one in page.all("a")]
    for name in frame.NAVIGATION:
        assert ("/" if name == "overview" else f"/{name}") in links
    current = [one["href"] for one in page.all("a") if one.get("aria-current") == "page"]
    assert current[:1] == ([path] if path.strip("/") in (*frame.NAVIGATION, "") else [])
    assert links[0] == "#content", "the first thing that Tab reaches"
    names = [one["id"] for _, one in page.elements if "id" in one]
    assert len(names) == len(set(names))
    assert {one["for"] for one in page.all("label") if "for" in one} <= set(names)


@pytest.mark.parametrize("path", [*PATHS, "/nothing"])
def test_every_page_keeps_to_the_content_security_policy(site: Served, path: str) -> None:
    """Nothing in it that a browser would refuse: no style or script within, and nothing from elsewhere."""
    page = read(site, path, status=404 if path == "/nothing" else 200)
    for tag, attributes in page.elements:
        assert tag not in ("style", "base", "iframe", "object", "embed")
        assert "style" not in attributes, (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        for name in ("src", "data", "poster", "action", "formaction"):
            assert attributes.get(name, "/").startswith("/"), (tag, attributes)
        if tag in ("script", "img", "link"):
            address = attributes.get("src", attributes.get("href", ""))
            answer = site.get(address)
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == site_module.FOREVER
            assert answer.headers["Content-Type"] == frame.STATIC[address.rpartition("/")[2]]
    for link in page.all("a"):
        if not link["href"].startswith(("/", "#")) and link["href"]:
            assert re.match(r"https?://", link["href"])
            assert link["hx-boost"] == "false"
            assert set(link["rel"].split()) >= {"noreferrer", "noopener"}


def test_a_file_of_another_version_is_not_there(site: Served) -> None:
    assert site.get("/static/000000000000/okrsync.css").status_code == 404
    assert site.get(f"{frame.static('okrsync.css')}/../../../../pyproject.toml").status_code == 404
    assert site.get("/static/x/..%2F..%2Fsite.py").status_code == 404
    assert {one.name for one in files("okrsync.dashboard").joinpath("static").iterdir()} == {
        *frame.STATIC,
        "htmx.LICENSE",
    }


def test_language_is_the_readers_then_the_installations(site: Served) -> None:
    for asked, told in (("de, fr;q=0.5, en;q=0.2", "fr"), ("en-GB", "en"), ("de", "fr"), ("", "fr")):
        site.config = replace(site.config, language="fr")
        answer = site.get("/sources", headers={**BROWSER, "Accept-Language": asked})
        assert answer.headers["Content-Language"] == told, asked


def test_both_languages_say_the_same_things() -> None:
    for code, (english, french) in CATALOG.items():
        assert set(re.findall(r"{(\w+)", english)) == set(re.findall(r"{(\w+)", french)), code


# ── faults ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_asks_is_told_as_who_it_is(site: Served) -> None:
    """A browser reads a page, a program JSON; below the addresses of programs always."""
    assert "Introuvable" in read(site, "/nothing", "fr", 404).text("h1")
    for path in ("/api/v1/nothing", "/metrics/nothing", "/healthz/x", "/webhooks/x/y", "/static/x", "/api"):
        assert set(site.get(path, headers=BROWSER).json()) == {"error"}
    for accept in ("application/json", "*/*", ""):
        assert set(site.get("/nothing", headers={"Accept": accept}).json()) == {"error"}
    assert "text/html" in site.get("/apis", headers=BROWSER).headers["Content-Type"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_address_that_cannot_be_read_says_what_where_and_what_to_type(site: Served, language: str) -> None:
    page = read(site, "/backlog?limit=many&offset=-1&colour=%3Cscript%3E", language, 422)
    told = page.text("main")
    assert "limit" in told
    assert "many" in told
    assert "limit=50" in told
    assert "offset" in told
    assert "colour" in told
    assert "<script>" not in told
    assert "pydantic" not in told
    assert "Input should" not in told
    assert [one["href"] for one in page.all("a") if one.get("class") == "button"] == ["/backlog"]


@pytest.mark.parametrize(
    ("path", "leads"),
    [
        ("/orphans?since=2999-01-01", "/orphans"),
        ("/gaps?since=yesterday", "/gaps"),
        ("/backlog?objective=O-NONE", "/backlog"),
        ("/teams?team=none", "/teams"),
        ("/orphans.csv?team=none", "/orphans"),
    ],
)
def test_what_no_filter_can_mean_leads_back_to_the_page(site: Served, path: str, leads: str) -> None:
    """It is an address that cannot be read, and no page that is not there; the API says the same."""
    page = read(site, path, "fr", 422)
    assert page.text("h1") == "Cette adresse ne peut pas être lue"
    assert [one["href"] for one in page.all("a") if one.get("class") == "button"] == [leads]


@pytest.mark.parametrize("path", ["/runs/999", "/key-results/KR-NONE"])
def test_a_page_that_is_not_there_leads_to_the_overview(site: Served, path: str) -> None:
    page = read(site, path, "fr", 404)
    assert page.text("h1") == "Introuvable"
    assert [one["href"] for one in page.all("a") if one.get("class") == "button"] == ["/"]


def test_every_kind_of_wrong_parameter_has_its_sentence() -> None:
    for kind in {*unfit.KINDS.values(), "unknown", "nothing", "other"}:
        assert f"site.unfit.{kind}" in CATALOG


def test_a_database_that_is_away_leaves_the_frame(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def away(_: Any) -> Iterator[Any]:
        raise StoreError("the database cannot be reached <now>")
        yield

    monkeypatch.setattr(type(site.store), "read", away)
    with served(site.config, site.store, site.now) as cold:
        for path in PATHS:
            page = read(cold, path, "fr", 503)
            assert "<now>" in page.text("main")
            assert len(page.all("nav")) == 1
            assert cold.get(path, headers=BROWSER).headers["Retry-After"] == "10"


def test_a_fault_of_ours_is_a_page_too(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("secret of the inside")

    monkeypatch.setattr(making.Making, "page", broken)
    page = read(site, "/sources", "en", 500)
    assert "log" in page.text("main")
    assert "inside" not in page.text("body")


# ── newcomers ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_installation_leads_on(fresh: Served, unread: Served, site: Served) -> None:
    for path in PATHS:
        told = read(fresh, path).text("main")
        assert "[[objectives]]" in told
        assert "okrsync sync" in told
        assert "okrsync check-config" in told
        told = read(unread, path, "fr").text("main")
        assert "okrsync sync" in told
        assert "Aucun objectif n’est encore configuré" not in told
        assert "first-steps" not in {one.get("id") for _, one in read(site, path).elements}


# ── older pages, and pages before anybody asks ───────────────────────────────────────────────────────────────────────


class Slow:
    """A page that takes until it is let go, and tells how often it was made."""

    def __init__(self) -> None:
        self.count, self.goes = 0, threading.Event()
        self.goes.set()
        self.pages = tuple(Page("fault", path, Asked, self.view) for path in ("/", "/other"))

    def view(self, look: Look, __: Asked) -> dict[str, Any]:
        self.count += 1
        count = self.count
        assert self.goes.wait(20)
        sentences = [f"<!--older:note--> made {count} for {look.config.instance}"]
        return {"title": "Slow", "sentences": sentences, "original": "", "leads": "/", "status": 200}


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    found = Slow()
    for module in (site_module, making):
        monkeypatch.setattr(module, "ALL", found.pages)
    monkeypatch.setattr(warming, "LOOK", 0.02)
    monkeypatch.setattr(warming.Warming, "begin", lambda _: None)
    yield found
    found.goes.set()


def write(site: Served) -> None:
    with site.store.begin() as tx:
        meta.set_meta(tx, "test", time.monotonic())


def until(true: Any, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_an_older_page_says_so_and_shows_the_newer_one_by_itself(
    unread: Served, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "PATIENCE", 0.05)
    with served(unread.config, unread.store, unread.now) as site:
        first = read(site, "/")
        assert "<!--older:note--> made 1" in first.text("main"), "what others wrote is no place of ours"
        assert not [one for _, one in first.elements if one.get("id") == "older"]
        assert "<!--" not in site.get("/", headers={"Accept-Language": "en"}).text
        slow.goes.clear()
        write(site)
        for _ in range(3):
            older = read(site, "/")
            assert "made 1" in older.text("main")
            assert "Newer figures" in older.text("main")
        note = next(one for _, one in older.elements if one.get("id") == "older")
        assert note["hx-trigger"] == "load delay:2s"
        assert note["hx-target"] == note["hx-select"] == "#content"
        assert note["role"] == "status"
        assert [one["content"] for one in older.all("meta") if one.get("http-equiv") == "refresh"] == ["2"]
        assert len(older.texts["noscript"]) == 1, "a browser with scripts does not reload"
        assert "Refresh" not in site.get("/", headers={"Accept-Language": "en"}).headers, (
            "it would reload what htmx has shown meanwhile"
        )
        assert slow.count == 2, "one is being made, however many ask"
        slow.goes.set()
        until(lambda: "made 2" in read(site, "/").text("main"))
        assert not [one for _, one in read(site, "/").elements if one.get("id") == "older"]


def test_a_write_and_a_reload_make_pages_anew_and_nothing_else_does(unread: Served, slow: Slow) -> None:
    with served(unread.config, unread.store, unread.now) as site:
        for _ in range(3):
            assert "made 1 for" in read(site, "/").text("main")
        write(site)
        assert "made 2 for" in read(site, "/").text("main")
        made = 2
        for name in ("one", "two", "three"):  # of configurations that are gone others may take the place in memory
            site.config = replace(unread.config, instance=name)
            made += 1
            assert f"made {made} for {name}" in read(site, "/").text("main")
        assert "made 6 for" in read(site, "/", "fr").text("main"), "each language has its own"
        assert "made 5 for" in read(site, "/").text("main")


@pytest.fixture
def warm(unread: Served, slow: Slow) -> Iterator[tuple[Making, warming.Warming, list[bool]]]:
    weightier = [False]
    made = Making(lambda: unread.config, unread.store, unread.beside, lambda: unread.now)
    found = warming.Warming(made, lambda: weightier[0])
    yield made, found, weightier
    found.end()
    slow.goes.set()
    made.close()


def run(found: warming.Warming) -> threading.Thread:
    thread = threading.Thread(target=found._run, name="warming", daemon=True)
    thread.start()
    return thread


def test_pages_are_there_before_somebody_asks(
    unread: Served, slow: Slow, warm: tuple[Making, warming.Warming, list[bool]]
) -> None:
    """All in the configured language, once; after something was written those that somebody asked for lately, in his;
    none beside weightier work."""
    made, found, weightier = warm
    language = unread.config.language
    other = "en" if language == "fr" else "fr"
    assert [(one.page.path, one.language) for one in made.doors()] == [("/", language), ("/other", language)]
    made.page(Wanted(slow.pages[1], Asked(), other))
    assert [(one.page.path, one.language) for one in made.lately()] == [("/other", other)]
    thread = run(found)
    until(lambda: slow.count == 3)
    time.sleep(0.2)
    assert slow.count == 3, "each once"
    weightier[0] = True
    write(unread)
    time.sleep(0.3)
    assert slow.count == 3
    weightier[0] = False
    until(lambda: slow.count == 4)
    time.sleep(0.2)
    assert [b"made 4" in made.page(one) for one in made.lately()] == [True]
    assert slow.count == 4
    found.end()
    thread.join(5)
    assert not thread.is_alive()


def test_a_page_that_fails_keeps_no_other_from_being_made(
    slow: Slow, warm: tuple[Making, warming.Warming, list[bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, found, _ = warm
    made.page(Wanted(slow.pages[1], Asked(), "fr"))
    tried: list[str] = []

    def renew(wanted: Wanted) -> None:
        tried.append(wanted.page.path)
        raise (StoreError("away") if len(tried) % 2 else ZeroDivisionError)

    monkeypatch.setattr(made, "renew", renew)
    run(found)
    until(lambda: len(tried) == 2)
    assert tried == ["/", "/other"]


def test_the_end_waits_for_no_page(unread: Served, slow: Slow) -> None:
    slow.goes.clear()
    with served(unread.config, unread.store, unread.now) as site:
        asking = threading.Thread(target=lambda: site.speak(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        asking.start()
        until(lambda: slow.count == 1)
        began = time.monotonic()
        assert site.server is not None
        site.server.stop()
        assert time.monotonic() - began < 2.5 + LATE
        asking.join(LATE)
    assert all(one.daemon for one in threading.enumerate() if one.name in ("shelf", "warming", "answer"))


def test_what_was_asked_is_remembered_within_bounds(
    slow: Slow, warm: tuple[Making, warming.Warming, list[bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, now = warm[0], [1000.0]
    monkeypatch.setattr(making, "monotonic", lambda: now[0])
    for number in range(40):
        made.page(Wanted(Page("fault", f"/{number}", Asked, slow.view), Asked(), "en"))
    paths = [one.page.path for one in made.lately()]
    assert paths == [f"/{number}" for number in range(39, 39 - making.WANTED, -1)]
    now[0] += making.LATELY + 1
    assert made.lately() == []


def test_nothing_is_made_beforehand_while_the_daemon_starts() -> None:
    asked = threading.Event()

    class Looked:
        def mark(self) -> str:
            asked.set()
            return "first"

    found = warming.Warming(Looked(), lambda: False)  # type: ignore[arg-type]
    found.begin()
    assert not asked.wait(warming.LOOK / 10)
    found.end()
