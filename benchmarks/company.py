"""A company of any size, put into a store as syncs would have: what the link job and the roll-up are measured on.

Seven items in ten are tickets in four levels (initiative, epic, story, sub-task), three are commits; every ticket has
two labels, and some of the upper ones have a third that names one of 300 key results. Nine commits in ten name a ticket
in their message. One ticket in ten has a history: its state, its last label, and for some a first parent that it got
after its creation, a move from one parent to another, or a label that went from one key result to another, which all
that hangs below has a past by. The same number gives the same company.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from pathlib import Path

from config import Config, load
from connectors import registry
from okrsync.model import (
    Change,
    ChangeKind,
    Cursor,
    History,
    Item,
    ItemKind,
    Page,
    Reference,
    ReferenceKind,
    Scope,
    SourceState,
    State,
)
from okrsync.store import Store, pages, sources

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
BORN = datetime(2026, 1, 5, 8, tzinfo=UTC)
LEVELS = {"Initiative": 0.001, "Epic": 0.009, "Story": 0.19}  # shares of the tickets; the rest are sub-tasks
NAMING = {"Initiative": 0.5, "Epic": 0.15, "Story": 0.02, "Sub-task": 0.005}  # shares with a label that names a goal
TICKETS = 0.7
TOLD = 10  # one ticket in so many has a history; of these …
ADOPTED, MOVED = 0.3, 0.05  # … so many got their first parent later, or another one, …
RELABELLED = {"Initiative": 0.05, "Epic": 0.05, "Story": 0.01, "Sub-task": 0.01}  # … or went to another key result
KEY_RESULTS, OBJECTIVES = 300, 60
PROJECTS = [f"P{letter}" for letter in "ABCDEFGHIJKLMNOPQRST"]
REPOSITORIES = [f"bench/repo-{number}" for number in range(20)]
WORDS = [f"label-{number}" for number in range(200)]
PAGE = 5000

_HEAD = """
[okrsync]
database = "{url}"
timezone = "Europe/Paris"
language = "en"
instance = "bench"

[[sources]]
id = "jira"
kind = "jira"
url = "http://127.0.0.1:1/jira/bench"
auth = {{ email = "bench@acme.test", token = {{ file = "token" }} }}
projects = {projects}

[[sources]]
id = "github"
kind = "github"
url = "http://127.0.0.1:1/github"
auth = {{ token = {{ file = "token" }} }}
repositories = {repositories}

[[cycles]]
id = "2026"
start = 2026-01-01
end = 2026-12-31

[[gates]]
id = "coverage"
measure = "coverage"
at_least = 0.0
window = "28d"

[[objectives]]
id = "O-MISSION"
title = "The mission"
owner = "ceo@acme.test"
cycle = "2026"
"""
_OBJECTIVE = """
[[objectives]]
id = "O-{number}"
title = "Objective {number}"
owner = "lead@acme.test"
cycle = "2026"
parent = "O-MISSION"
"""
_KEY_RESULT = """
[[objectives.key_results]]
id = "KR-{number}"
title = "Key result {number}"
kind = "work"
"""
_TEAM = """team-{project} = {{ projects = ["jira:{project}"], repositories = ["github:{repository}"] }}
"""


def configuration(folder: Path, url: str, *, teams: bool = False) -> Config:
    """The goals and sources of the company, with its store at ``url``, written into ``folder``; with ``teams``, a
    project and a repository belong to each of twenty."""
    (folder / "token").write_text("good", encoding="utf-8")
    parts = [_HEAD.format(url=url, projects=PROJECTS, repositories=REPOSITORIES).replace("'", '"')]
    for objective in range(OBJECTIVES):
        parts.append(_OBJECTIVE.format(number=objective))
        share = KEY_RESULTS // OBJECTIVES
        parts += [_KEY_RESULT.format(number=objective * share + place) for place in range(share)]
    if teams:
        owned = zip(PROJECTS, REPOSITORIES, strict=True)
        parts += ["\n[teams]\n", *(_TEAM.format(project=project, repository=name) for project, name in owned)]
    path = folder / "okrsync.toml"
    path.write_text("".join(parts), encoding="utf-8")
    return load(path, {}, registry.settings(), {})


def fill(store: Store, config: Config, items: int, *, histories: bool = True) -> None:
    """Store a company of so many items: all of them changed, nothing read in their texts, nothing linked."""
    with store.begin() as tx:
        sources.register(tx, config.sources)
        for source, keys in (("jira", PROJECTS), ("github", REPOSITORIES)):
            sources.save_scopes(tx, source, [Scope(key, key, key, configured=key) for key in keys], NOW)
            cursors = {key: Cursor(NOW) for key in keys}
            pages.save_page(tx, source, Page((), cursors), NOW)
            sources.mark(tx, source, SourceState.OK, datetime.now(UTC), success=True)  # or all would be stale
    tickets = round(items * TICKETS)
    _save(store, "jira", _tickets(tickets))
    _save(store, "github", _commits(items - tickets, tickets))
    if histories:
        _tell(store, tickets)


def _tell(store: Store, tickets: int) -> None:
    with store.begin() as tx:
        first = _first(tickets)
        for start in range(0, tickets, PAGE * TOLD):
            told = range(start, min(start + PAGE * TOLD, tickets), TOLD)
            some = [_history(number, first, tickets) for number in told]
            pages.save_history(tx, "jira", [one.remote_id for one in some], some)


def change(store: Store, items: int, count: int) -> None:
    """Edit so many items, spread over all: half get another label, three in ten another parent, the rest are commits
    that name another ticket."""
    tickets = round(items * TICKETS)
    chance = random.Random(count)
    first = _first(tickets)
    leaves = chance.sample(range(first["Sub-task"], tickets), count * 8 // 10)
    edited: list[Item] = []
    for place, number in enumerate(leaves):
        item = _ticket(number, first, tickets)
        if place < count // 2:
            item = replace(item, labels=(*item.labels[:2], f"okr:KR-{chance.randrange(KEY_RESULTS)}"))
        else:
            item = replace(item, references=(_below(chance.randrange(first["Story"], first["Sub-task"])),))
        edited.append(replace(item, updated_at=NOW))
    commits = [
        replace(_commit(number, tickets), body=f"{_key(chance.randrange(tickets))} instead", updated_at=NOW)
        for number in chance.sample(range(items - tickets), count - len(edited))
    ]
    with store.begin() as tx:
        pages.save_page(tx, "jira", Page(tuple(edited), {}), NOW)
        pages.save_page(tx, "github", Page(tuple(commits), {}), NOW)


def _save(store: Store, source: str, items: Iterator[Item]) -> None:
    batch: list[Item] = []
    for item in items:
        batch.append(item)
        if len(batch) == PAGE:
            _save_page(store, source, batch)
            batch = []
    _save_page(store, source, batch)


def _save_page(store: Store, source: str, items: list[Item]) -> None:
    with store.begin() as tx:
        pages.save_page(tx, source, Page(tuple(items), {}), NOW)


# ── items by their number ────────────────────────────────────────────────────────────────────────────────────────────


def _first(tickets: int) -> dict[str, int]:
    """The number of the first ticket of each level; those of a level follow each other."""
    starts, at = {}, 0
    for level, share in LEVELS.items():
        starts[level] = at
        at += max(round(tickets * share), 1)
    return {**starts, "Sub-task": at}


def _tickets(tickets: int) -> Iterator[Item]:
    first = _first(tickets)
    return (_ticket(number, first, tickets) for number in range(tickets))


def _ticket(number: int, first: dict[str, int], tickets: int) -> Item:
    chance = random.Random(number)
    level = _level(number, first)
    labels = chance.sample(WORDS, 2)
    if chance.random() < NAMING[level] or _is_relabelled(number, level):
        labels.append(f"okr:KR-{chance.randrange(KEY_RESULTS)}")
    elif chance.random() < 0.001:
        labels.append(f"okr:KR-{chance.randrange(KEY_RESULTS)}x")
    created = _born(number, tickets)
    done = chance.random() < 0.6
    above = _above(level, first)
    references = (_below(chance.choice(above)),) if above and chance.random() < 0.97 else ()
    return Item(
        source="jira",
        remote_id=str(number),
        key=_key(number),
        kind=ItemKind.TICKET,
        title=f"{level} {number}: the list of the customers loads quickly",
        url=f"http://127.0.0.1:1/jira/bench/browse/{_key(number)}",
        state=State.DONE if done else chance.choice((State.TODO, State.IN_PROGRESS)),
        status="Done" if done else "Open",
        created_at=created,
        updated_at=created,
        scope=_key(number).partition("-")[0],
        project=_key(number).partition("-")[0],
        type=level,
        resolution=chance.choice(("Fixed", "Fixed", "Fixed", "Won't Do")) if done else None,
        completed_at=created + (NOW - created) * chance.random() if done else None,
        points=float(chance.choice((1, 2, 3, 5, 8))) if chance.random() < 0.85 else None,
        assignee=f"person {chance.randrange(500)}",
        author=f"person {chance.randrange(500)}",
        labels=tuple(labels),
        flagged=not done and chance.random() < 0.02,
        references=references,
    )


def _commits(commits: int, tickets: int) -> Iterator[Item]:
    return (_commit(number, tickets) for number in range(commits))


def _commit(number: int, tickets: int) -> Item:
    chance = random.Random(-number - 1)
    repository = REPOSITORIES[number % len(REPOSITORIES)]
    sha = f"{chance.getrandbits(160):040x}"
    named = f"{_key(chance.randrange(tickets))} " if chance.random() < 0.9 else ""
    created = BORN + timedelta(seconds=number * 60 % 27_000_000)
    title = f"{named}make the list load quickly"
    return Item(
        source="github",
        remote_id=f"{repository}@{sha}",
        key=sha,
        kind=ItemKind.COMMIT,
        title=title,
        url=f"http://127.0.0.1:1/{repository}/commit/{sha}",
        state=State.DONE,
        status="",
        created_at=created,
        updated_at=created,
        scope=repository,
        project=repository,
        type="merge" if chance.random() < 0.05 else "",
        body="Tested by hand, and measured before and after.",
        completed_at=created,
        author="renovate[bot]" if chance.random() < 0.03 else f"person {chance.randrange(500)}",
    )


def _history(number: int, first: dict[str, int], tickets: int) -> History:
    """What became of a ticket, up to what it is."""
    ticket, level = _ticket(number, first, tickets), _level(number, first)
    chance = random.Random(f"the history of {number}")
    days = sorted(chance.random() for _ in range(4))
    begun, adopted, labelled, moved = (ticket.created_at + (NOW - ticket.created_at) * day for day in days)
    label = ticket.labels[-1]
    changes = [Change(begun, ChangeKind.STATE, State.TODO, State.IN_PROGRESS)]
    if ticket.references:
        parent, above = ticket.references[0].target_id, _above(level, first)
        if chance.random() < MOVED:
            now, parent = parent, str(chance.choice(above))
            changes.append(Change(moved, ChangeKind.PARENT, parent, now))
        if chance.random() < ADOPTED:
            changes.append(Change(adopted, ChangeKind.PARENT, None, parent))
    if _is_relabelled(number, level):
        former_label = f"okr:KR-{chance.randrange(KEY_RESULTS)}"
        changes.append(Change(moved, ChangeKind.LABEL_REMOVED, former_label, None))
        changes.append(Change(moved, ChangeKind.LABEL_ADDED, None, label))
        label = former_label
    changes.append(Change(labelled, ChangeKind.LABEL_ADDED, None, label))
    return History(ticket.remote_id, tuple(sorted(changes, key=attrgetter("at"))))


def _is_relabelled(number: int, level: str) -> bool:
    """Whether its label names another key result than before."""
    return number % TOLD == 0 and random.Random(f"the label of {number}").random() < RELABELLED[level]


def _level(number: int, first: dict[str, int]) -> str:
    return next(level for level in reversed(first) if number >= first[level])


def _above(level: str, first: dict[str, int]) -> range:
    """The numbers of those of the level above."""
    order = list(first)
    place = order.index(level)
    return range(first[order[place - 1]], first[level]) if place else range(0)


def _born(number: int, tickets: int) -> datetime:
    return BORN + timedelta(seconds=round(25_000_000 * number / tickets))


def _key(number: int) -> str:
    return f"{PROJECTS[number % len(PROJECTS)]}-{number // len(PROJECTS) + 1}"


def _below(number: int) -> Reference:
    return Reference(ReferenceKind.PARENT, _key(number), str(number))
