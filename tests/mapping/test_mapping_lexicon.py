"""Which texts name a goal, which were meant to, and which are just words."""

from __future__ import annotations

import string
import time
import unicodedata

import pytest

from benchmarks.typos import IDS as PLANTED
from benchmarks.typos import Corpora, alarms, measure
from mapping.lexicon import Lexicon, Misnamed

IDS = ("KR-UX", "KR-RETENTION", "O-LEADER")


@pytest.fixture
def lexicon():
    return Lexicon(IDS)


def typos(word):
    """Every word that is one slip of the pen away: a letter left out, doubled or replaced, or two swapped."""
    letters = string.ascii_uppercase
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
        yield from (word[:place] + letter + word[place:] for letter in letters)
        yield from (word[:place] + letter + word[place + 1 :] for letter in letters)
        yield word[:place] + word[place : place + 2][::-1] + word[place + 2 :]
    yield from (word + letter for letter in letters)


def planted():
    return [(wrong, right) for right in IDS for wrong in sorted(set(typos(right)) - set(IDS)) if wrong]


@pytest.mark.parametrize("form", ["okr:", "okr/", "okr-", "OKR:"])
def test_every_typo_in_a_form_of_okr_is_found_and_nearly_all_are_understood(lexicon, form):
    read = [(lexicon.label(form + wrong), right) for wrong, right in planted()]
    assert all(isinstance(one, Misnamed) for one, _ in read)
    understood = sum(one.suggestion == right for one, right in read)
    misunderstood = sum(one.suggestion not in (right, None) for one, right in read)
    assert understood / len(read) > 0.95
    assert misunderstood == 0


def test_typos_of_bare_ids_are_found_where_they_can_be_nothing_else(lexicon):
    found: dict[str, list[bool]] = {}
    for wrong, right in planted():
        read = lexicon.label(wrong)
        if isinstance(read, Misnamed):
            assert read.suggestion == right
        found.setdefault(right, []).append(isinstance(read, Misnamed))
    recall = {right: sum(hits) / len(hits) for right, hits in found.items()}
    assert recall["KR-RETENTION"] > 0.75
    assert recall["O-LEADER"] > 0.75
    assert recall["KR-UX"] < 0.1, "two short parts: any other letter may be a word of its own"


def test_planted_slips_of_every_kind():
    """Shares that are found, each with the right goal and none with a wrong one; `python -m benchmarks.typos` tells
    more."""
    counts = measure()
    assert {kind: round(count.recall, 3) for (kind, where), count in counts.items() if where == "bare"} == {
        "a key beside, typed along": 0.745,
        "a letter left out": 0.691,
        "a key beside, instead": 0.684,
        "two signs swapped": 0.775,
        "a letter doubled": 0.753,
        "another separator, or none": 0.963,
        "a letter that looks the same": 0.902,
        "an invisible character": 1.0,
        "an accent more or less": 0.885,
        "the form itself": 0.82,
    }
    assert {count.wrong for count in counts.values()} == {0}
    for where in ("okr", "trailer"):
        behind = [count for (_, place), count in counts.items() if place == where]
        assert {count.recall for count in behind} == {1.0}, "behind okr: every slip is found"
        assert sum(count.right for count in behind) / sum(count.planted for count in behind) > 0.995


def test_labels_of_real_trackers_are_no_false_alarms(shared):
    """2,316 labels, 16,505 values of fields, 64,593 words of titles; also where ids are made of the words of
    the labels: there three words beside an "o" in titles look like typos, and no label does."""
    real = Corpora.read(shared)
    assert (len(real.labels), len(real.values), len(real.words)) == (2316, 16505, 64593)
    usual, hostile = Lexicon(PLANTED), Lexicon(real.hostile())
    for texts in (real.labels, real.values):
        assert alarms(usual, texts) == alarms(hostile, texts) == []
    assert alarms(usual, real.words) == []
    assert alarms(hostile, real.words) == [("O-Allow", "O-ALLOY"), ("O-Fonts", "O-FONT"), ("o-links", "O-LINK")]


def test_reading_a_value_costs_no_more_where_there_are_many_goals():
    """A million values of fields are read: what is looked up is what the value says, not every goal."""

    def cost(goals):
        lexicon = Lexicon([f"KR-{number:x}-RETENTION-{number % 97}" for number in range(goals)])
        start = time.process_time()
        for number in range(2000):
            lexicon.value(f"some value {number}")
        return time.process_time() - start

    assert cost(5000) < 10 * min(cost(50) for _ in range(3)) + 0.05


ORDINARY = [
    "okra-recipes",
    "frontEnd",
    "okr",
    "kr-ui",
    "o-leaders-club",
    "retention",
    "leader",
    "KR",
    "UX",
    "attention",
]


@pytest.mark.parametrize("label", [*ORDINARY, "KR-UY", "KR-1-RETENTION", "QA-UX", "", "-", "🚀", "\u200b"])
def test_ordinary_labels_are_no_references(lexicon, label):
    assert lexicon.label(label) is None


SLIPS = ["KR-RETENTOIN", "kr-retenton", "RK-RETENTION", "KKR-RETENTION", "krretentoin", "K-RRETENTION", "O-LEADERS"]
ALIKE = ["KR_UX", "KRUX", "kr ux", "O.LEADER", "okr_KR-UX", "okrKR-UX-", "okr KR-UX", "okrs:KR-UX", "okt:O-LEADER"]


@pytest.mark.parametrize("label", [*SLIPS, *ALIKE])
def test_what_can_be_nothing_else_is_misnamed(lexicon, label):
    assert isinstance(lexicon.label(label), Misnamed)


def test_where_ids_are_plain_words_their_neighbours_are_words():
    lexicon = Lexicon(["RETENTION", "UX"])
    assert [lexicon.label(label) for label in ("retentions", "attention", "ui", "retention")] == [
        None,
        None,
        None,
        "RETENTION",
    ]
    assert lexicon.label("okr:retentions") == Misnamed("RETENTION", explicit=True)


def test_numbers_are_never_slips():
    lexicon = Lexicon(["KR-1", "KR-2", "TEAM-2026", "KR-10"])
    assert lexicon.label("KR-3") is None
    assert lexicon.label("TEAM-2027") is None
    assert lexicon.label("okr:KR-3") == Misnamed(None, explicit=True)
    assert lexicon.label("okr:KR-01") == Misnamed("KR-10", explicit=True), "two digits swapped are a slip"


def test_a_suggestion_that_two_ids_share_is_none():
    lexicon = Lexicon(["KR-CHURNA", "KR-CHURNB"])
    assert lexicon.label("okr:KR-CHURN") == Misnamed(None, explicit=True)
    assert lexicon.label("KR-CHURN") == Misnamed(None, explicit=False)


def test_the_end_of_an_id_is_understood(lexicon):
    assert lexicon.label("okr:UX") == Misnamed("KR-UX", explicit=True)
    assert lexicon.label("okr:X") == Misnamed(None, explicit=True)


def test_an_id_that_begins_like_a_form_is_itself():
    lexicon = Lexicon(["OKR-1", "1"])
    assert lexicon.label("okr-1") == "OKR-1"
    assert lexicon.label("okr:1") == "1"


@pytest.mark.parametrize("text", ["é-ÉQUIPE", "ﬁn-ﬁn", "Ω-Ωmega", "ǰ-ǰump", "İ-istanbul", "목표-하나"])
def test_ids_in_any_script(text):
    lexicon = Lexicon([text])
    for form in ("NFC", "NFD"):
        for changed in (str.upper, str.lower, str):
            label = unicodedata.normalize(form, changed(text))
            if unicodedata.normalize("NFC", label).casefold() == unicodedata.normalize("NFC", text).casefold():
                assert lexicon.label(label) == lexicon.label(f"okr:{label}") == text


@pytest.mark.parametrize("label", ["okr:🚀", "okr:" + "x" * 10_000, "okr:\u202eXU-RK", "okr:\x00", "y" * 100_000])
def test_strange_labels_are_read(lexicon, label):
    assert not isinstance(lexicon.label(label), str)


def test_without_goals_nothing_is_named():
    lexicon = Lexicon([])
    assert lexicon.label("okr:KR-UX") == Misnamed(None, explicit=True)
    assert lexicon.label("KR-UX") is None
