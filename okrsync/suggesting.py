"""What is stored, as suggestions see it: linked work on its candidates, and the work that hangs on nothing.

What an item hangs on is what somebody would have to choose for it: the parent whose link it inherits; for a pull
request or a commit that of the ticket which it closes or names; or else the goal that it is linked to directly. Nothing
that tells it is left: no label, field or project that linked anything, no trailer, and in pull requests and commits no
key.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import rollup
from config import Config
from mapping.likeness import Candidate, Id, Work
from mapping.suggestions import HELD, Learned, learn
from mapping.tree import GoalTree
from okrsync.model import COMPONENTS, ItemKind, RuleName, State, Ticket
from okrsync.store import codec, corpus
from okrsync.store.corpus import Entry, Tie

if TYPE_CHECKING:
    from sqlalchemy import Connection

_INHERITED = (RuleName.PARENT, RuleName.REFERENCE)  # whose links name the key that they came by
_TELLING = (RuleName.LABEL, RuleName.FIELD, RuleName.CONTAINER)  # … the label, the value, the container
_OURS = re.compile(r"okr[-:/]", re.IGNORECASE)
_TRAILER = re.compile(r"^[ \t]*(?:OKR|KR)[ \t]*:.*$", re.IGNORECASE | re.MULTILINE)
_NAMES = re.compile(r"\b\w{1,9}://\S+|\b[A-Za-z][A-Za-z0-9_]+-\d+\b|(?<![\w./-])(?:[\w.-]+/[\w.-]+)?#\d+")


@dataclass(frozen=True, slots=True)
class Known:
    """What the links of an installation teach. ``entries`` are the items that it speaks of, by uid; ``goals`` tells
    for each candidate the living goals that hanging on it serves."""

    learned: Learned
    entries: Mapping[int, Entry]
    goals: Mapping[Id, tuple[str, ...]]
    telling: frozenset[str]  # labels, values of fields and containers that linked something, as they are compared


def known(tx: Connection, config: Config, now: datetime) -> Known:
    """Everything that can be learnt from the links that hold now and lead to a living goal, and from the orphans."""
    living = GoalTree(config.goals, now).living
    uids = corpus.latest(tx, living, HELD)
    ties = _living(corpus.ties(tx, uids), living)
    items = {entry.uid: entry for entry in corpus.entries(tx, uids)}
    parents = _parents(tx, {uid: entry.source for uid, entry in items.items()}, ties, living)
    epics = {entry.uid for entry in items.values() if entry.level is not None and entry.level > 0}
    held = sorted(epics.union(parent for parent in parents.values() if isinstance(parent, int)))
    items |= {entry.uid: entry for entry in corpus.entries(tx, [uid for uid in held if uid not in items])}
    served = _living(corpus.ties(tx, held), living)
    told = [tie for some in ties.values() for tie in some if tie.rule in _TELLING]
    telling = frozenset(codec.fold(tie.via) for tie in told)
    under = corpus.above(tx, held)
    goals: dict[Id, tuple[str, ...]] = {goal: (goal,) for goal in living}
    goals |= {uid: tuple(dict.fromkeys(tie.target for tie in served[uid])) for uid in held if served.get(uid)}
    candidates = [_candidate(items[uid], under[uid]) for uid in held if uid in goals]
    linked = [_work(items[uid], config, telling, parent) for uid, parent in parents.items()]
    unlinked = [_work(entry, config, telling, None) for entry in corpus.entries(tx, corpus.unlinked(tx, HELD))]
    learned = learn(linked, [*candidates, *_goal_candidates(config, living)], unlinked)
    return Known(learned, items, goals, telling)


def works(found: Known, entries: Iterable[Entry], config: Config) -> list[Work]:
    """These items as work that hangs on nothing."""
    return [_work(entry, config, found.telling, None) for entry in entries]


def team_of(entry: Entry, config: Config) -> str | None:
    """The team of an item, as everywhere else."""
    ticket = Ticket(
        *(entry.uid, entry.source, entry.key, entry.kind, State.UNKNOWN, entry.created_at),
        project=entry.project,
        labels=entry.labels,
    )
    return rollup.team_of(ticket, config.teams)


# ── what an item hangs on ────────────────────────────────────────────────────────────────────────────────────────────


def _parents(
    tx: Connection, sources: Mapping[int, str], ties: Mapping[int, Sequence[Tie]], living: Collection[str]
) -> dict[int, Id]:
    """What each of these items hangs on, by the first of its ties; ``sources`` tells where each item is from.

    Left out are items of which it cannot be said, and those that came by a pull request or a commit: nobody is asked
    for these, and the text of what they are a copy of would give them away.
    """
    first = {uid: some[0] for uid, some in ties.items() if some}
    named = _by_key(tx, {tie.via for tie in first.values() if tie.rule in _INHERITED})
    found: dict[int, Id] = {}
    through: dict[int, tuple[str, int]] = {}
    for uid, tie in first.items():
        above = _named(named, sources[uid], tie.via) if tie.rule in _INHERITED else None
        if tie.rule not in (*_INHERITED, RuleName.REVERT):
            found[uid] = tie.target
        elif above is not None and tie.rule is RuleName.PARENT:
            found[uid] = above[1]
        elif above is not None:
            through[uid] = above
    if through:  # to tickets, which come by no reference themselves
        tickets = {uid: source for source, uid in through.values()}
        onward = _parents(tx, tickets, _living(corpus.ties(tx, tickets), living), living)
        found |= {uid: onward[ticket] for uid, (_, ticket) in through.items() if ticket in onward}
    return found


def _living(ties: Mapping[int, Sequence[Tie]], living: Collection[str]) -> dict[int, list[Tie]]:
    return {uid: [tie for tie in some if tie.target in living] for uid, some in ties.items()}


def _by_key(tx: Connection, keys: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
    """Key, as keys are compared → (source, uid) of the tickets that have it."""
    found: dict[str, list[tuple[str, int]]] = {}
    for (source, key), uid in sorted(corpus.tickets(tx, keys).items()):
        found.setdefault(key, []).append((source, uid))
    return found


def _named(named: Mapping[str, Sequence[tuple[str, int]]], source: str, key: str) -> tuple[str, int] | None:
    """The ticket that a key names: of the same source, or the only one."""
    some = named.get(codec.fold(key), ())
    own = [one for one in some if one[0] == source]
    fits = own or some
    return fits[0] if len(fits) == 1 else None


# ── as likeness sees it ──────────────────────────────────────────────────────────────────────────────────────────────


def _work(entry: Entry, config: Config, telling: frozenset[str], parent: Id | None) -> Work:
    words = str if entry.kind is ItemKind.TICKET else _nameless
    placed = codec.fold(f"{entry.source}:project:{entry.project}") not in telling
    fields = [field for field in entry.fields if codec.fold(field.value) not in telling]
    labels = [label for label in entry.labels if codec.fold(label) not in telling and not _OURS.match(label)]
    return Work(
        id=entry.uid,
        created=entry.created_at,
        title=words(entry.title[: corpus.START]),
        body=words(_TRAILER.sub("", entry.body)),
        key=entry.key,
        kind=f"{entry.kind.value}/{entry.type}",
        author=entry.author,
        assignee=entry.assignee,
        team=(team_of(entry, config) or "") if placed else "",
        project=f"{entry.source}:{entry.project}" if placed else "",
        component=next((field.value for field in fields if field.id == COMPONENTS), ""),
        labels=(*labels, *(f"{field.name or field.id}={field.value}" for field in fields)),
        level=entry.level,
        parent=parent,
    )


def _nameless(text: str) -> str:
    return _NAMES.sub(" ", text)


def _candidate(entry: Entry, under: frozenset[int]) -> Candidate:
    return Candidate(
        entry.uid, entry.title[: corpus.START], entry.body, entry.key, entry.created_at, entry.level, under
    )


def _goal_candidates(config: Config, living: Collection[str]) -> list[Candidate]:
    """The key results that live, with the titles of their objectives, and the objectives that live."""
    objectives, results = config.goals.objectives, config.goals.key_results
    found = [
        Candidate(result.id, result.title, objectives[result.objective].title, result.id)
        for result in results.values()
        if result.id in living
    ]
    return found + [Candidate(one.id, one.title, "", one.id) for one in objectives.values() if one.id in living]
