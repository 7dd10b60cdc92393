"""What was read a moment ago: given once, and for a minute at most."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from connectors.lately import FRESH, Lately, overtaken


def test_it_is_given_once() -> None:
    seen: Lately[str, list[int]] = Lately()
    seen.note({"a": [1], "b": []}, monotonic())
    assert seen.take("a", "c", "a") == {"a": [1]}
    assert seen.take("a", "b") == {"b": []}, "nothing is also known"
    assert seen.take("a", "b") == {}


def test_it_counts_from_when_it_was_asked_for() -> None:
    seen: Lately[str, int] = Lately()
    seen.note({"young": 1}, monotonic() - FRESH + 5)
    seen.note({"old": 2}, monotonic() - FRESH - 1)
    assert seen.take("old", "young") == {"young": 1}
    seen.note({"held": 1}, monotonic() - FRESH - 1)
    seen.note({"new": 1}, monotonic())
    assert list(seen._held) == ["new"], "what nobody asks for is not kept"


def test_the_last_look_counts() -> None:
    seen: Lately[str, int] = Lately()
    seen.note({"a": 1}, monotonic())
    seen.note({"a": 2}, monotonic())
    assert seen.take("a") == {"a": 2}


def test_what_is_known_is_not_asked_for() -> None:
    seen: Lately[str, list[str]] = Lately()
    asked: list[str] = []

    def ask(key: str) -> list[str]:
        asked.append(key)
        return []

    assert seen.looked("a", ask) == seen.taken("a", ask) == []
    assert asked == ["a"]
    assert seen.taken("a", ask) == []
    assert asked == ["a", "a"]


def test_of_several_threads_one_gets_it() -> None:
    seen: Lately[int, int] = Lately()
    with ThreadPoolExecutor(8) as pool:
        for number in range(200):
            pool.submit(seen.note, {number: number}, monotonic())
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda number: seen.take(number), [*range(200)] * 4))
    assert sorted(key for one in taken for key in one) == list(range(200))


def test_what_was_overtaken_says_what_to_do() -> None:
    fault = overtaken("jira.test", "SHOP-1")
    assert fault.status == 409
    assert str(fault) == "jira.test: SHOP-1 was changed just before it was written; okrsync plan shows it anew"
