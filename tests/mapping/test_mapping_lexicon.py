"""Which texts name a goal, which were meant to, and which are just words."""

from __future__ import annotations

import json
import string
import unicodedata

import pytest

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


def test_labels_of_real_trackers_are_no_false_alarms(lexicon, shared):
    labels = [
        label
        for site in ("merico", "appcelerator")
        for line in (shared / "recorded/world/jira" / site / "issues.jsonl").read_text("utf-8").splitlines()
        for label in json.loads(line)["fields"].get("labels") or ()
    ]
    assert len(labels) > 1000
    assert {label for label in labels if lexicon.label(label) is not None} == set()


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


@pytest.mark.parametrize("label", ["KR-RETENTOIN", "kr-retenton", "KR_UX", "KRUX", "kr ux", "O.LEADER", "O-LEADERS"])
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
