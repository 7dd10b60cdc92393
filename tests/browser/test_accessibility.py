"""axe-core finds nothing serious, the keyboard reaches everything, a small screen and a sheet of paper hold a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import SCHEMES, WIDTHS, Visit
from crawling import Found

GRAVE = ("serious", "critical")
A4 = 718  # pixels of CSS between the margins of a sheet
Begin = Callable[..., Visit]

FOCUSED = """() => {
    const one = document.activeElement
    const box = one.getBoundingClientRect(), style = getComputedStyle(one)
    return [[...document.querySelectorAll("*")].indexOf(one), one.outerHTML.slice(0, 120),
            box.width > 0 && box.height > 0, style.outlineStyle !== "none"]
}"""
REACHABLE = """() => {
    const all = [...document.querySelectorAll("*")]
    return all.filter(one => one.matches("a[href], button, input, select, textarea, summary, [tabindex='0']")
        && one.checkVisibility()).map(one => all.indexOf(one))
}"""


def grave(visit: Visit) -> list[str]:
    """What axe-core says of the page that is open."""
    found: dict[str, Any] = Axe().run(visit.page).response
    return [
        f"{visit.path}: {one['id']}, {one['help']}: {node['target']} {node['html'][:200]}"
        for one in found["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_serious_on_any_page(scheme: str, crawled: Found, visit: Begin) -> None:
    one = visit(color_scheme=scheme)
    found = []
    for address in crawled.one_of_each_page():
        one.go(address)
        found += grave(one)
    assert found == []


@pytest.mark.soak
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_serious_anywhere(
    scheme: str, width: int, language: str, crawled: Found, visit: Begin
) -> None:
    one = visit(color_scheme=scheme, width=width, language=language)
    found = []
    for address in crawled.one_of_each_kind():
        one.go(address)
        one.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found += grave(one)
    assert found == []


def test_the_keyboard_reaches_everything_in_the_order_of_the_page(crawled: Found, visit: Begin) -> None:
    one = visit()
    for address in crawled.one_of_each_page():
        one.go(address)
        reachable, reached = one.page.evaluate(REACHABLE), [-1]
        while len(reached) <= len(reachable):
            one.page.keyboard.press("Tab")
            place, element, shown, ringed = one.page.evaluate(FOCUSED)
            assert shown, (address, element, "has no room")
            assert ringed, (address, element, "is not seen to be where the keyboard is")
            if place != reached[-1]:  # a date has fields of its own
                reached.append(place)
        assert reached[1:] == reachable, address


def test_the_first_thing_that_the_keyboard_reaches_leads_to_the_content(visit: Begin) -> None:
    one = visit()
    one.go("/")
    one.page.keyboard.press("Tab")
    assert one.page.evaluate("document.activeElement.className") == "skip"
    assert one.page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    one.page.keyboard.press("Enter")
    assert one.page.evaluate("document.activeElement.id") == "content"
    one.page.keyboard.press("Tab")
    assert one.page.evaluate("document.activeElement.closest('main') !== null")


def test_what_is_folded_away_opens_by_the_keyboard(crawled: Found, visit: Begin) -> None:
    one = visit()
    opened = 0
    for address in crawled.one_of_each_page():
        one.go(address)
        folded = one.page.locator("main details:not([open]) > summary")
        if folded.count():
            folded.first.focus()
            before = one.page.locator("main details[open]").count()
            one.page.keyboard.press("Enter")
            assert one.page.locator("main details[open]").count() == before + 1, address
            opened += 1
    assert opened


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_small_screen_scrolls_one_way_only(language: str, crawled: Found, visit: Begin) -> None:
    one = visit(language=language, width=360)
    wide = {}
    for address in crawled.one_of_each_kind():
        one.go(address)
        one.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        wide[address] = one.overflow()
    assert {address: by for address, by in wide.items() if by > 0} == {}


def test_a_sheet_of_paper_holds_the_page(crawled: Found, visit: Begin) -> None:
    one = visit(width=A4, color_scheme="dark")
    one.page.emulate_media(media="print")
    for address in crawled.one_of_each_page():
        one.go(address)
        assert not one.page.locator(".top nav").is_visible(), address
        assert not one.page.get_by_role("search").is_visible(), address
        assert one.overflow() <= 0, address
        assert one.page.evaluate("getComputedStyle(document.body).backgroundColor") in (
            "rgb(255, 255, 255)",
            "rgba(0, 0, 0, 0)",
        )
        cut = one.page.evaluate(
            "[...document.querySelectorAll('.wide')].filter(one => one.scrollWidth > one.clientWidth + 1).length"
        )
        assert cut == 0, (address, "something is cut off")
        assert one.page.pdf(format="A4").startswith(b"%PDF-"), address
