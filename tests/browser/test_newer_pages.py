"""An older page that is read while the newer one is made: that one takes its place, and the reader keeps his."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from browsing import Visit
from playwright.sync_api import Locator, expect
from web_server import Served

from okrsync.dashboard import shelf
from okrsync.store import meta


@pytest.mark.parametrize("path", ["/", "/orphans"])
def test_the_newer_page_leaves_the_reader_where_he_is(
    path: str, demo: Served, visit: Callable[..., Visit], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = visit()
    older = _begun(one, path, demo, monkeypatch)
    folds = one.page.locator("#content details")
    before = _open(folds)
    place = next(place for place, fold in reversed(list(enumerate(folds.all()))) if fold.is_visible())
    folds.nth(place).locator("> summary").click()
    expected = [is_open != (number == place) for number, is_open in enumerate(before)]
    assert _open(folds) == expected
    expect(older).to_have_count(0)
    assert _open(folds) == expected
    expect(folds.nth(place).locator("> summary")).to_be_focused()


def test_who_fills_in_a_form_is_left_alone(
    demo: Served, visit: Callable[..., Visit], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = visit()
    older = _begun(one, "/orphans", demo, monkeypatch)
    one.page.locator("#content form").locator("xpath=ancestor::details/summary").first.click()
    choice = one.page.locator("#content select").nth(1)
    choice.select_option(index=1)
    choice.focus()
    with one.page.expect_response(lambda answer: "/static/" not in answer.url):
        pass
    expect(one.page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    expect(choice).to_be_focused()
    assert choice.evaluate("one => one.selectedIndex") == 1
    older.locator("a").click()
    expect(older).to_have_count(0)


def _begun(one: Visit, path: str, demo: Served, monkeypatch: pytest.MonkeyPatch) -> Locator:
    """The older page; what it says of itself."""
    one.go(path)
    monkeypatch.setattr(shelf, "PATIENCE", 0.0)
    monkeypatch.setattr(shelf, "REST", 0.0)
    with demo.store.begin() as tx:
        meta.set_meta(tx, "seen", str(time.monotonic()))
    one.go(path)
    older = one.page.locator("#older")
    expect(older).to_have_count(1)
    return older


def _open(folds: Locator) -> list[bool]:
    return [bool(fold.evaluate("one => one.open")) for fold in folds.all()]
