"""Many repositories for benchmarks, small and alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from okrsync.sandbox.github.repository import Repository
from okrsync.sandbox.github.values import stamp

BORN = datetime(2026, 1, 5, 8, tzinfo=UTC)
_STEP = timedelta(minutes=7)
_KEY_RESULTS = 20


def repositories(count: int, *, issues: int = 10, commits: int = 5, owner: str = "bulk") -> Iterator[Repository]:
    """So many repositories ``owner/r000`` …, each with so many issues, every fifth a merged pull request, and commits.

    Always the same for the same numbers.
    """
    for which in range(count):
        numbers = range(1, issues + 1)
        yield Repository(
            f"{owner}/r{which:03}",
            issues=[_entry(which, number) for number in numbers if number % 5],
            pulls=[_entry(which, number) for number in numbers if not number % 5],
            commits=[_commit(which, place) for place in reversed(range(commits))],
        )


def _at(which: int, place: int) -> datetime:
    return BORN + timedelta(seconds=which) + _STEP * place


def _entry(which: int, number: int) -> dict[str, object]:
    at = _at(which, number)
    done = stamp(at + timedelta(hours=5)) if number % 3 != 1 else None
    entry: dict[str, object] = {
        "number": number,
        "title": f"Issue {number} of repository {which}: make the list load quickly",
        "body": f"As a user of module {number % 25} I want the list to load quickly. Acceptance criteria apply.",
        "user": {"login": f"person-{(which + number) % 40}"},
        "state": "closed" if done else "open",
        "labels": [f"okr:KR-{number % _KEY_RESULTS}" if number % 10 == 1 else "backend"],
        "created_at": stamp(at),
        "updated_at": done or stamp(at),
        "closed_at": done,
    }
    if number % 5 == 0:
        entry |= {"merged_at": done, "head": {"ref": f"feature-{number}"}, "base": {"ref": "main"}}
    return entry


def _commit(which: int, place: int) -> dict[str, object]:
    person = {"name": f"Person {place % 40}", "date": stamp(_at(which, place))}
    return {"commit": {"message": f"Module {place % 97}: load faster", "author": person, "committer": person}}
