"""What was sent to each source, and what is left of its quotas, whoever asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors import tally
from okrsync.model import Limit

RESET = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=30)


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_sent", "_told"):
        monkeypatch.setattr(tally, name, type(getattr(tally, name))())


def told(limit: object, left: object, reset: object = int(RESET.timestamp()), **more: str) -> dict[str, Any]:
    headers = {"Limit": limit, "Remaining": left, "Reset": reset, **more}
    return {f"X-RateLimit-{name}": str(value) for name, value in headers.items()}


def test_the_newest_word_on_each_quota_holds() -> None:
    tally.note("github", told(5000, 4999, Resource="core"))
    tally.note("github", told(30, 29, Resource="search"))
    tally.note("github", told(5000, 4998, Resource="core"))
    tally.note("jira", told(400, 12, RESET.isoformat()))
    tally.note("asana", {})
    assert tally.limits() == {
        "github": [Limit("core", 5000, 4998, RESET), Limit("search", 30, 29, RESET)],
        "jira": [Limit("requests", 400, 12, RESET)],
    }


def test_a_quota_that_is_whole_again_is_not_told() -> None:
    tally.note("github", told(5000, 0, int(datetime.now(UTC).timestamp()) - 1, Resource="core"))
    assert tally.limits() == {"github": []}


@pytest.mark.parametrize(
    "headers",
    [
        told(0, 0),
        told("", 3),
        told("9" * 5000, 3),
        told(-1, 3),
        told("٣", 3),
        told(10, 3, Resource="x" * 100),
        told(10, 3, Resource='a"b\n'),
    ],
)
def test_what_makes_no_sense_is_passed_over(headers: dict[str, str]) -> None:
    tally.note("github", headers)
    assert tally.limits() == {}


@pytest.mark.parametrize("reset", ["", "soon", "9" * 15, "9" * 40])
def test_a_reset_that_makes_no_sense_is_none(reset: str) -> None:
    tally.note("github", told(10, 3, reset))
    assert [one.left for one in tally.limits()["github"]] == [3]


def test_a_tool_cannot_fill_the_memory() -> None:
    for number in range(1000):
        tally.note("github", told(10, 3, Resource=f"quota-{number}"))
    assert len(tally.limits()["github"]) == tally.NAMES


def test_requests_count_by_source() -> None:
    for source in ("jira", "jira", "github", ""):
        tally.add(source)
    assert tally.sent() == {"jira": 2, "github": 1}
