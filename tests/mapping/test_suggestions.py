"""Suggestions are learnt from what was there before, tell how sure they are, and say nothing where that is little."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from mapping import suggestions
from mapping.likeness import Candidate, Work
from mapping.suggestions import learn
from mapping.trials import FEW, LEAST, LIKELIER, NEVER, Trial, measure, measure_as_told, threshold
from mapping.wilson import wilson
from okrsync.texts import LANGUAGES, say

BORN = datetime(2026, 1, 5, 9, tzinfo=UTC)
TOPICS = {
    1: "basket checkout voucher delivery address",
    2: "search synonyms ranking facets typing",
    3: "invoice ledger refund bank statement",
    4: "push notification badge device token",
}
ANYBODYS = ["fix", "improve", "page", "list", "error", "test"]
CANDIDATES = [Candidate(number, f"Epic: {words}", key=f"EP-{number}") for number, words in TOPICS.items()]


def company(count: int, seed: int = 7) -> list[Work]:
    """Tickets of four epics, in words of their own and some of anybody's; each epic is mostly one person's work."""
    dice = random.Random(seed)
    made = []
    for number in range(count):
        parent = dice.choice(list(TOPICS))
        words = [*dice.sample(TOPICS[parent].split(), 2), *dice.sample(ANYBODYS, 2)]
        made.append(
            Work(
                id=100 + number,
                created=BORN + timedelta(hours=7 * number),
                title=" ".join(words),
                key=f"SHOP-{number}",
                author=f"person {parent if dice.random() < 0.8 else dice.randint(1, 4)}",
                parent=parent,
            )
        )
    return made


def orphan(title: str, **how: object) -> Work:
    return Work(**{"id": 9999, "created": BORN + timedelta(days=40), "title": title, **how})  # type: ignore[arg-type]


def test_the_parent_is_found_and_the_evidence_can_be_checked():
    learned = learn(company(140), CANDIDATES)
    (found,) = learned.suggest([orphan("Voucher is lost in the checkout basket", author="person 1")])
    assert found.candidate == 1
    assert found.probability >= learned.threshold
    assert (found.of, found.right > 0.8 * found.of) == (suggestions.AS_SURE, True)
    assert len(found.alike) == suggestions.SHOWN_ALIKE
    kin = {work.id: work for work in company(140)}
    assert {kin[alike].parent for alike in found.alike} == {1}
    said = {one.code: dict(one.args) for one in found.evidence}
    assert set(str(said["suggest.words"]["words"]).split(", ")) == {"basket", "checkout", "voucher"}
    same = [work for work in kin.values() if work.parent == 1]
    assert said["suggest.author"]["same"] == sum(work.author == "person 1" for work in same)
    assert said["suggest.author"]["of"] == len(same)
    for language in LANGUAGES:
        assert all(say(one, language) for one in found.evidence)
    assert found.probability + sum(probability for _, probability in found.others) <= 1
    measured = measure(learned.trials, share=0.5)
    assert measured.precision is not None
    assert measured.precision > 0.95


def test_the_same_store_gives_the_same_answer_in_whatever_order_it_is_read():
    works, asked = company(120), [orphan("refund of an invoice"), orphan("typing in the search", id=9998)]
    first = learn(works, CANDIDATES)
    again = learn(random.Random(1).sample(works, len(works)), CANDIDATES[::-1])
    assert first.trials == again.trials
    assert list(first.suggest(asked, 0.0)) == list(again.suggest(asked, 0.0))


def test_nothing_of_the_future_is_known():
    """Whatever happens later — work, its parents, people, words — moves no answer that was given before."""
    works = company(150)
    early = learn(works[:100], CANDIDATES).trials
    shuffled = [
        Work(one.id, one.created, other.title, other.body, one.key, author=other.author, parent=other.parent)
        for one, other in zip(works[100:], works[:99:-1], strict=True)
    ]
    odd = [orphan("basket checkout voucher " * 50, id=5000 + number, parent=2, author="x") for number in range(30)]
    late = Candidate(77, "checkout basket voucher", key="EP-77", created=BORN + timedelta(days=60))
    for future in (works[100:], shuffled, [*works[100:], *odd]):
        later = learn([*works[:100], *future], [*CANDIDATES, late]).trials
        assert len(later) > len(early)
        for one, other in zip(early, later, strict=False):
            assert (one.item, one.candidate, one.right, one.possible) == (
                *(other.item, other.candidate, other.right, other.possible),
            )
            assert one.probability == pytest.approx(other.probability, abs=1e-9)
            assert one.threshold == pytest.approx(other.threshold, abs=1e-9)


def test_work_of_the_same_instant_does_not_give_itself_away():
    """A plan that is imported at once has no siblings yet, in a trial."""
    works = [
        Work(one.id, BORN + timedelta(days=number // 50), one.title, key=one.key, parent=one.parent)
        for number, one in enumerate(company(100))
    ]
    bare = [Candidate(number, key=f"EP-{number}", created=BORN) for number in TOPICS]
    trials = learn(works, bare).trials
    assert not any(trial.right for trial in trials if trial.item in {work.id for work in works[:50]})


def test_what_is_not_sure_enough_is_not_said():
    learned = learn(company(140), CANDIDATES)
    assert list(learned.suggest([orphan("Oubli", created=BORN + timedelta(days=700))])) == []
    assert len(list(learned.suggest([orphan("Oubli", created=BORN + timedelta(days=700))], 0.0))) == 1
    dice = random.Random(3)
    noise = [
        Work(one.id, one.created, dice.choice("abcdefgh") * 4, key=one.key, parent=dice.choice(list(TOPICS)))
        for one in company(140)
    ]
    blind = learn(noise, CANDIDATES)
    assert blind.threshold == NEVER
    assert list(blind.suggest([orphan("checkout basket")])) == []


def test_what_never_found_a_parent_teaches_to_abstain():
    """Orphans in words of their own are told apart from the linked work that shares their author and their days."""
    works, dice = company(140), random.Random(5)
    strange = [
        orphan(" ".join(dice.sample(ANYBODYS, 3)), id=5000 + number, created=one.created, author=one.author)
        for number, one in enumerate(works)
    ]
    learned = learn(works, CANDIDATES, strange)
    given = measure_as_told(learned.strays)
    shown = measure_as_told(learned.trials)
    assert given.asked > 90
    assert (given.coverage or 0) < 0.05
    assert (shown.coverage or 0) > 0.5
    assert learn(works, CANDIDATES, strange[::-1]).trials == learned.trials
    early = learn(works[:100], CANDIDATES, strange[:100]).trials
    later = learn(works, CANDIDATES, strange).trials
    assert [(one.item, one.candidate, one.right) for one in early] == [
        (one.item, one.candidate, one.right) for one in later[: len(early)]
    ]


def test_few_links_are_no_measure():
    learned = learn(company(LEAST - 1), CANDIDATES)
    assert (learned.trials, learned.threshold) == ((), NEVER)
    assert list(learned.suggest([orphan("checkout basket voucher")])) == []
    (found,) = learned.suggest([orphan("checkout basket voucher")], 0.0)
    assert (found.candidate, found.right, found.of) == (1, 0, 0)


@pytest.mark.parametrize("count", [0, 1, 60])
@pytest.mark.parametrize("candidates", [[], CANDIDATES[:1]])
def test_one_candidate_or_none(count, candidates):
    learned = learn(company(count), candidates)
    found = list(learned.suggest([orphan("checkout basket voucher")], 0.0))
    assert [one.candidate for one in found] == ([1] if found else [])
    assert found == [] or count > 1


def test_hostile_and_empty_texts():
    hostile = [
        "",
        " ",
        "\x00\ud800",
        "💥" * 500,
        "{title} {0} %s",
        "a" * 100_000,
        "<b>[x](y)</b>",
        "الف \u202e طلب",
        "́",
    ]
    works = company(90) + [
        Work(5000 + number, BORN + timedelta(days=number), text, text, key=text[:9], author=text[:9], parent=2)
        for number, text in enumerate(hostile)
    ]
    learned = learn(works, [*CANDIDATES, Candidate(5, "", "", "")])
    found = list(learned.suggest([orphan(text, id=7000 + number) for number, text in enumerate(hostile)], 0.0))
    assert len(found) == len(hostile)
    assert all(0 <= one.probability <= 1 for one in found)


@pytest.mark.parametrize(
    "topics",
    [
        ("购物车结算优惠券", "搜索排序同义词", "发票退款银行对账"),
        ("カート決済クーポン配送", "検索順位同義語候補", "請求書返金銀行照合"),
        ("корзина купон доставка", "поиск синонимы выдача", "счёт возврат выписка"),
        ("سلة قسيمة توصيل عنوان", "بحث مرادفات ترتيب نتائج", "فاتورة استرداد كشف بنك"),
    ],
)
def test_titles_in_any_script_are_told_apart(topics):
    """Of the three topics each title says a part, with spaces or without."""
    dice = random.Random(11)
    works = []
    for number in range(90):
        parent = dice.randint(1, 3)
        topic, start = topics[parent - 1], dice.randint(0, 2)
        title = f"{topic[start : start + 6]} {dice.choice('一二三四五')}"
        works.append(Work(100 + number, BORN + timedelta(hours=number), title, key=f"X-{number}", parent=parent))
    learned = learn(works, [Candidate(number, key=f"EP-{number}") for number in (1, 2, 3)])
    assert (measure(learned.trials).precision or 0) > 0.95
    assert [one.candidate for one in learned.suggest([orphan(topics[1])], 0.0)] == [2]


def test_the_same_title_everywhere_tells_nothing():
    dice = random.Random(2)
    works = [
        Work(100 + number, BORN + timedelta(hours=number), "Fix it", key=f"X-{number}", parent=dice.randint(1, 4))
        for number in range(120)
    ]
    learned = learn(works, CANDIDATES)
    assert learned.threshold == NEVER
    (found,) = learned.suggest([orphan("Fix it")], 0.0)
    assert found.probability < 0.6
    assert len(found.alike) == 1, "of several with the same title the first"


def test_nothing_hangs_on_itself_nor_below_itself_nor_on_its_own_level():
    topic = TOPICS[1]
    works = company(140)
    on_itself = orphan(topic, id=1, key="EP-1")
    assert [one.candidate for one in learn(works, CANDIDATES).suggest([on_itself], 0.0)] != [1]
    under = [Candidate(1, f"Epic: {topic}", key="EP-1", under=frozenset({9999})), *CANDIDATES[1:]]
    assert next(learn(works, under).suggest([orphan(topic)], 0.0)).candidate != 1
    level = [Candidate(1, f"Epic: {topic}", key="EP-1", level=0), *CANDIDATES[1:]]
    assert next(learn(works, level).suggest([orphan(topic, level=0)], 0.0)).candidate != 1
    assert next(learn(works, level).suggest([orphan(topic, level=-1)], 0.0)).candidate == 1


def test_a_key_in_the_text_speaks_for_where_that_item_hangs():
    learned = learn(company(140), CANDIDATES)
    kin = next(work for work in company(140) if work.parent == 3)
    named, unnamed = (
        next(learned.suggest([orphan(f"{kin.title}, as in {key}")], 0.0)) for key in (kin.key, f"{kin.key.lower()}x")
    )
    assert {named.candidate, unnamed.candidate} == {3}
    assert {"suggest.named"} == {one.code for one in named.evidence} - {one.code for one in unnamed.evidence}


def trial(probability: float, right: bool, told: float = 0.0) -> Trial:
    return Trial(1, 2, probability, right, True, told)


def test_the_threshold_is_where_the_past_was_right_often_enough():
    sure = [trial(0.9, right=True)] * 45 + [trial(0.8, right=False)] * 5 + [trial(0.7, right=False)] * 50
    assert threshold(sure) == 0.8
    assert threshold([trial(0.9, right=True)] * (FEW - 1)) == NEVER
    assert threshold([trial(0.9, right=False)] * 100) == NEVER
    assert threshold([trial(0.2, right=True)] * 100) == LIKELIER
    told = measure_as_told([trial(0.9, right=True, told=0.8), trial(0.7, right=False, told=0.8)])
    assert (told.asked, told.answered, told.right) == (2, 1, 1)


def test_the_interval_is_wilsons():
    low, high = wilson(81, 263)  # Newcombe 1998, table I
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == pytest.approx(1)
    assert (measure([]).coverage, measure([]).precision, measure([]).interval) == (None, None, None)
