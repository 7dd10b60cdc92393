"""What okrsync writes for Jira to read: wiki text that says what was meant, and instants that are never too late."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.jira_markup import from_wiki, is_marked, is_plain, to_wiki
from connectors.jira_query import Marks, changed
from connectors.jira_time import Epoch, Literal, zone
from okrsync.errors import Rejected
from okrsync.model import Cursor
from okrsync.sandbox.jira import shown

ZONES = ("UTC", "Pacific/Kiritimati", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@given(st.text(st.characters(exclude_characters="\r")), st.text(min_size=1))
def test_our_wiki_text_makes_the_round_trip(text: str, instance: str) -> None:
    written = to_wiki(text, instance)
    assert from_wiki(written, instance) == text
    assert from_wiki(written.replace("\n", "\r\n"), instance) == text, "as a browser sends it back"
    edited = f"{written}\r\n \r\n"
    assert from_wiki(edited, instance) == text
    assert is_plain(edited, instance), "blank lines behind it are no edit"
    assert is_marked(written, instance)
    assert not is_marked(written, instance + "x")


@given(
    st.text(st.sampled_from("ab1 \n-_*+^~?!|#{}[]()\\&;:/.<>@hDPyx")).filter(lambda text: not text.endswith("\n")),
)
@example("<!-- x --> a -- b ----")
@example("x -y- (-) -z")
def test_data_center_shows_the_words_and_nothing_else(text: str) -> None:
    """Letter for letter, as the sandbox renders wiki text; lines that begin with "- " are bullets."""
    words, live = shown.wiki(to_wiki(text, "acme"))
    assert live == []
    assert words == re.sub("^- ", "• ", text, flags=re.MULTILINE)


@given(st.text(st.sampled_from("ab -*[]{}!\n"), min_size=1), st.integers(0), st.sampled_from("*[{-x"))
def test_no_edit_of_a_wiki_text_goes_unseen(text: str, place: int, letter: str) -> None:
    """Whatever is typed into it, it is another text, or not ours in form, or no longer ours."""
    written = to_wiki(text, "acme")
    place %= len(written) + 1
    edited = written[:place] + letter + written[place:]
    same = is_marked(edited, "acme") and is_plain(edited, "acme") and from_wiki(edited, "acme") == text
    assert not same


@pytest.mark.parametrize(
    "markup",
    [
        "{panel}x{panel}",
        "[~admin]",
        "[x|https://x.test]",
        "!image.png!",
        "*b* _i_ -s- +u+ ^a^ ~b~ ??c??",
        "|| head || x |",
        "h1. Big",
        "bq. quoted",
        "# one",
        "* one",
        ":) ;) :D (y) (on)",
        "https://x.test/a",
        "mailto:a@x.test",
        "\\\\",
        "{anchor:okrsync-other}",
        "&#91;x]",
    ],
)
def test_nothing_in_it_is_markup(markup: str) -> None:
    """No character that would start one is left as it is."""
    body = to_wiki(markup, "acme").removesuffix("\n{anchor:okrsync-acme}")
    assert from_wiki(body, "acme") == markup
    left = body.replace("&#", "")
    assert ";)" not in body
    assert not set("\\{}[]!|*_~^+?&") & set(left)
    assert not left.startswith(("#", "h1.", "bq."))
    assert not any(one in left for one in ("://", ":)", ":D", "(y)", "(on)", "mailto:"))


def test_a_line_that_is_an_address_of_ours_is_a_link_and_nothing_else_is() -> None:
    page = "https://okr.acme.test/key-results/KR_A%23~b"
    text = f"- Done\n→ {page}\n→ {page} and more\n{page}"
    made = to_wiki(text, "acme")
    assert f"\n→ [{page}]\n" in made
    assert made.count("&#58;//") == 2
    assert from_wiki(made, "acme") == text
    assert is_plain(made, "acme")
    assert not is_plain(made.replace(f"[{page}]", page), "acme")


def test_bullets_stay_bullets_and_keys_stay_readable() -> None:
    assert to_wiki("KR-UX: 50 %\n- SHOP-12", "acme") == "KR-UX: 50 %\n- SHOP-12\n{anchor:okrsync-acme}"


@given(
    st.integers(1_700_000_000, 1_830_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from(ZONES),
)
def test_a_literal_is_never_later_than_meant(at: datetime, name: str) -> None:
    """Whichever of two equal hours Jira takes; and never more than two hours too early."""
    written = Literal(zone(name)).write(at)
    local = datetime.strptime(written, '"%Y-%m-%d %H:%M"').replace(tzinfo=ZoneInfo(name))
    meant = [local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    assert max(meant) <= at
    assert min(meant) > at - timedelta(hours=2, minutes=33)


@pytest.mark.parametrize("name", ["", "Nowhere/Land", "../etc", "Europe", "\x00"])
def test_a_zone_that_is_none_costs_a_day(name: str) -> None:
    assert zone(name) is None
    assert Literal(None).write(NOON) == '"2026-03-01 12:00"'


def test_milliseconds_are_exact() -> None:
    assert Epoch().write(datetime(2026, 3, 2, 12, 0, 59, 900_000, UTC)) == "1772452859900"


def test_one_query_groups_scopes_that_were_left_together() -> None:
    since = {"10": Cursor(NOON), "9": None, "8": Cursor(NOON)}
    assert changed(since, lambda at: f"{at:%H:%M}") == "(project in (8,10) AND updated >= 11:55) OR (project in (9))"
    with pytest.raises(Rejected, match="no Jira project id"):
        changed({"1) OR (1=1": None}, str)


def test_marks_go_forward_only() -> None:
    marks = Marks({"1": Cursor(NOON), "2": None})
    assert marks.cursors(NOON) == {"1": Cursor(NOON)}, "what was never read has no place to go on from"
