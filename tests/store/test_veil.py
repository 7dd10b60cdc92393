"""Which words of a text are a name, and what stands in their place."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.store.veil import BLANK, Veil, aliases

KEY = b"k" * 32
NAMES = ("Léa Dubois", "lea.dubois@acme.test", "ldubois", "557058:0a1b-2c", "O'Neil Anne-Marie", "Léa Dubois Martin")
VEIL = Veil(KEY, aliases(KEY, NAMES, ("will",), "P"))


@pytest.mark.parametrize(
    ("text", "veiled"),
    [
        ("Léa Dubois", "P"),
        ("LÉA  dubois, and léa\nDubois.", "P, and P."),
        (unicodedata.normalize("NFD", "ask Léa Dubois"), "ask P"),
        ("<lea.dubois@acme.test>; mailto:Lea.Dubois@acme.test.", "<P>; mailto:P."),
        ("@ldubois [~ldubois] ldubois/SHOP-12 (ldubois) ldubois's _ldubois_", "@P [~P] P/SHOP-12 (P) P's _P_"),
        ("[~accountid:557058:0a1b-2c]", "[~accountid:P]"),
        ("o'neil anne-marie", "P"),
        ("Léa Dubois Martin and Léa Dubois", "P and P"),
        ("Léa Dubois\u00a0Martin", "P"),
        ("@will will; assignee=will; [~will]", "@P will; assignee=P; [~P]"),
    ],
)
def test_a_name_is_found_however_it_is_written(text: str, veiled: str) -> None:
    assert VEIL.text(text) == veiled
    assert VEIL.text(veiled) == veiled, "once more changes nothing"


@pytest.mark.parametrize(
    "text",
    [
        "Léa and Dubois",
        "Léa D. Dubois",
        "Léa Dubois-Perrin",
        "bob.lea.dubois@acme.test",
        "lea.dubois@acme.test.org",
        "ldubois2 xldubois bob-ldubois ldubois_old",
        "will you? good-will, Will.",
        "557058:0a1b",
        "",
        "\ud800 lone",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert VEIL.text(text) is text


def test_a_field_names_a_person_as_a_whole() -> None:
    assert VEIL.person("will") == VEIL.person("WILL") == VEIL.person(" léa  dubois ") == "P"
    assert VEIL.person("Léa Dubois (Shop)") == "P (Shop)"
    assert VEIL.document({"by": "will", "x": ["Léa Dubois wrote", 1, None, True]}) == {
        "by": "P",
        "x": ["P wrote", 1, None, True],
    }


def test_no_name_is_kept_nor_told_by_another_key() -> None:
    known = aliases(KEY, NAMES, ("will",), "P")
    assert not [one for one in known if any(word in one for word in ("ubois", "will"))]
    assert Veil(b"another", known).text("Léa Dubois") == "Léa Dubois"
    assert BLANK.text("Léa Dubois") == "Léa Dubois"


@given(st.text(), st.text())
def test_what_stands_around_a_name_stays(before: str, after: str) -> None:
    """Whatever is around it, in NFC and apart from it: only the name goes, and nothing else is moved."""
    before, after = unicodedata.normalize("NFC", before), unicodedata.normalize("NFC", after)
    assert VEIL.text(f"{before} | ldubois | {after}") == f"{VEIL.text(before)} | P | {VEIL.text(after)}"
