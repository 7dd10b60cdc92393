"""What is broken in the chain apart from orphans: wrong labels, dead goals, circles, keys that mean two things."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import permutations

from mapping import breaks
from mapping.graph import circles
from mapping.lexicon import Lexicon
from mapping.tree import GoalTree
from mapping.words import fold, visible
from okrsync.model import Dangling, Gap, GapKind, Goals, ItemKind, Rules, Say, Severity, Ticket, Verdict, Window

_SHOWN = 5


def chain_gaps(
    tickets: Iterable[Ticket],
    said: Mapping[int, Verdict],
    served: Mapping[int, Collection[str]],
    goals: Goals,
    rules: Rules,
    now: datetime,
) -> list[Gap]:
    """The gaps of these counted items together, by kind and subject.

    ``said`` are the verdicts on those of them that name something which is not there, ``served`` the goals that those
    which are not done are linked to, by uid. Of a ticket it reads uid, source, key, kind, labels and parent. What has
    no part in any gap may be left out; of labels that are twins (:func:`twins`), of a circle, and of a key that stands
    for several items, all that has part in it is given.
    """
    tree = GoalTree(goals, now)
    every = sorted(tickets, key=lambda one: (one.source, one.key))
    return [
        *_dead_goals(every, served, tree),
        *_across_cycles(every, served, goals, now),
        *_dangling(every, said, tree),
        *_twins(every, _lexicon(goals, rules, now)),
        *_circles(every),
        *_duplicates(every),
    ]


def twins(labels: Iterable[str], goals: Goals, rules: Rules, now: datetime) -> set[str]:
    """Those of these labels that are one to okrsync, or to the eye, and two to the tool."""
    lexicon = _lexicon(goals, rules, now)
    spelled: dict[str, set[str]] = defaultdict(set)
    for label in labels:
        spelled[_form(label, lexicon)].add(label)
    return {label for spellings in spelled.values() if len(spellings) > 1 for label in spellings}


def in_circles(up: Mapping[int, int]) -> set[int]:
    """The items that are above themselves, where each has at most one above it."""
    return {uid for ring in circles(up, key=lambda uid: uid) for uid in ring}


def _lexicon(goals: Goals, rules: Rules, now: datetime) -> Lexicon:
    return Lexicon(GoalTree(goals, now).ids, rules.label_patterns)


def _dead_goals(tickets: Iterable[Ticket], served: Mapping[int, Collection[str]], tree: GoalTree) -> Iterator[Gap]:
    """Goals that take no more work and still hold some that is open."""
    work: dict[str, list[Ticket]] = defaultdict(list)
    for ticket in tickets:
        for goal in served.get(ticket.uid, ()):
            if goal in tree.deaths:
                work[goal].append(ticket)
    for goal, held in sorted(work.items()):
        death = tree.deaths[goal]
        facts = dict(breaks.over(death).args)
        yield Gap(
            GapKind.DEAD_GOAL,
            Severity.HIGH,
            goal,
            Say.of(f"gap.dead_goal.{death.how}", count=len(held), subject=goal, **facts),
            Say.of("fix.dead_goal", goal=goal),
            death.until,
            _keys(held),
            typed=f'okrsync link {held[0].key} GOAL --why "WHY"',
            mend=held[0].uid,
        )


def _across_cycles(
    tickets: Iterable[Ticket], served: Mapping[int, Collection[str]], goals: Goals, now: datetime
) -> Iterator[Gap]:
    """Pairs of goals whose windows have no instant in common, and the open tickets that serve both: they count in the
    scope of two cycles, and can be done for one. The goal that runs now is kept, else the later one."""
    windows = {one.id: one.window for one in goals.objectives.values()}
    windows |= {one.id: one.window for one in goals.key_results.values()}
    pairs: dict[tuple[str, str], list[Ticket]] = defaultdict(list)
    for ticket in tickets:
        if ticket.kind is ItemKind.TICKET:
            named = sorted(goal for goal in served.get(ticket.uid, ()) if goal in windows)
            for one, other in permutations(named, 2):
                if _before(windows[one], windows[other]):
                    pairs[one, other].append(ticket)
    for (early, late), held in sorted(pairs.items()):
        end, start = windows[early].end, windows[late].start
        assert end is not None
        assert start is not None
        kept, wrong = (early, late) if now < end else (late, early)
        keys = _some(_keys(held))
        yield Gap(
            GapKind.LINKED_ACROSS_CYCLES,
            Severity.MEDIUM,
            wrong,
            Say.of("gap.linked_across_cycles", count=len(held), keys=keys, early=early, late=late),
            Say.of("fix.linked_across_cycles", wrong=wrong, kept=kept),
            start if start <= now else None,
            _keys(held),
            typed=f'okrsync link {held[0].key} {kept} --why "WHY"',
            mend=held[0].uid,
        )


def _before(one: Window, other: Window) -> bool:
    """Whether the one is over before the other begins."""
    return one.end is not None and other.start is not None and one.end <= other.start


def _dangling(every: Iterable[Ticket], said: Mapping[int, Verdict], tree: GoalTree) -> Iterator[Gap]:
    """Labels, fields, trailers and words of people that name no goal, on traced items too; then keys."""
    found: dict[tuple[str, str], tuple[Dangling, list[Ticket]]] = {}
    keys: dict[str, dict[str, list[Ticket]]] = defaultdict(lambda: defaultdict(list))  # project → key → what names it
    for ticket in every:
        if ticket.uid not in said:
            continue
        verdict = said[ticket.uid]
        for dangling in verdict.dangling:
            if breaks.settled(ticket.kind, verdict, dangling):
                continue
            if dangling.where == "key":
                keys[_project(dangling.text)][dangling.text].append(ticket)
            else:
                found.setdefault((dangling.where, dangling.text), (dangling, []))[1].append(ticket)
    for (where, text), (dangling, tickets) in sorted(found.items()):
        kind, _, name = where.partition(" ")
        facts = {"field": name} if kind == "field" else {}
        # a command takes one item, and how to mend a trailer depends on what bears it
        where_to_mend = tickets[0].key if kind in ("override", "trailer") else _some(_keys(tickets))
        yield Gap(
            GapKind.DANGLING_LABEL,
            Severity.MEDIUM,
            text,
            Say.of(f"gap.dangling.{kind}", text=text, keys=_some(_keys(tickets)), **facts),
            breaks.misnamed_fix(where_to_mend, tickets[0].kind, dangling, tree.example),
            items=_keys(tickets),
            typed=_command(tickets[0], dangling),
            mend=tickets[0].uid,
        )
    for project, by_key in sorted(keys.items()):
        yield _dangling_keys(project, by_key)


def _command(ticket: Ticket, dangling: Dangling) -> str:
    """What to type where the mend is the word of a person."""
    by_hand = dangling.where == "override" or breaks.unchangeable(ticket.kind, dangling)
    return f'okrsync link {ticket.key} {dangling.suggestion or "GOAL"} --why "WHY"' if by_hand else ""


def _dangling_keys(project: str, by_key: dict[str, list[Ticket]]) -> Gap:
    """All keys of one project that name no item, together: a long history holds thousands of old ones."""
    naming = {(one.source, one.key): one.key for tickets in by_key.values() for one in tickets}
    editable = next((one for tickets in by_key.values() for one in tickets if one.kind is ItemKind.PULL_REQUEST), None)
    first = editable or next(iter(by_key.values()))[0]
    missing = sorted(by_key, key=lambda key: (-len(by_key[key]), len(key), key))
    return Gap(
        GapKind.DANGLING_KEY,
        Severity.LOW,
        project,
        Say.of("gap.dangling.key", project=project, count=len(missing), naming=len(naming), keys=_some(missing)),
        Say.of("fix.dangling_key", project=project),
        items=tuple(naming.values()),
        typed="" if editable else f"okrsync trace {first.key}",
        mend=None if editable is None else editable.uid,
    )


def _project(key: str) -> str:
    """The project or repository of a key: ``SHOP-12`` → ``SHOP``, ``acme/shop#12`` → ``acme/shop``."""
    return key.rpartition("#" if "#" in key else "-")[0]


def _twins(tickets: Iterable[Ticket], lexicon: Lexicon) -> Iterator[Gap]:
    """Labels that are one to okrsync, or to the eye, and two to the tool.

    References to goals in spellings that differ in case or Unicode form; of other labels only those that look the same,
    for ``ios`` and ``iOS`` are the business of their teams.
    """
    spelled: dict[str, dict[str, list[Ticket]]] = defaultdict(lambda: defaultdict(list))
    for ticket in tickets:
        for label in ticket.labels:
            spelled[_form(label, lexicon)][label].append(ticket)
    for spellings in spelled.values():
        if len(spellings) > 1:
            labels = sorted(spellings)
            clean = {label: visible(label) == label for label in labels}
            best = max(labels, key=lambda label: (clean[label], len(spellings[label]), label))
            marked = sorted({ticket.key for tickets in spellings.values() for ticket in tickets})
            other = next(label for label in labels if label != best)
            yield Gap(
                GapKind.LABEL_TWINS,
                Severity.LOW,
                labels[0],
                Say.of("gap.label_twins", labels=" · ".join(labels), keys=_some(marked)),
                Say.of("fix.label_twins", label=best, text=other),
                items=tuple(marked),
                mend=spellings[other][0].uid,
            )


def _form(label: str, lexicon: Lexicon) -> str:
    """What two labels share that are taken for one: their look, and where they refer to a goal, whatever their case."""
    seen = visible(label)
    return fold(seen) if lexicon.label(label) is not None else unicodedata.normalize("NFC", seen)


def _circles(tickets: Sequence[Ticket]) -> Iterator[Gap]:
    """Items that are, by their parents, above themselves."""
    by_uid = {ticket.uid: ticket for ticket in tickets}
    up = {ticket.uid: ticket.parent for ticket in tickets if ticket.parent is not None}
    for ring in circles(up, key=lambda uid: (by_uid[uid].source, by_uid[uid].key)):
        keys = [by_uid[uid].key for uid in ring]
        yield Gap(
            GapKind.PARENT_CYCLE,
            Severity.MEDIUM,
            keys[0],
            Say.of("gap.parent_cycle", circle=breaks.round_trip(keys), count=len(keys)),
            Say.of("fix.cycle", key=keys[0], parent=keys[1 % len(keys)]),
            items=tuple(keys),
            mend=ring[0],
        )


def _duplicates(tickets: Iterable[Ticket]) -> Iterator[Gap]:
    """Keys that stand for one item in one source and for another in the next; a commit is the same wherever it is."""
    owners: dict[str, dict[str, str]] = defaultdict(dict)
    for ticket in tickets:
        if ticket.kind is ItemKind.COMMIT:
            continue
        owners[fold(ticket.key)].setdefault(ticket.source, f"{ticket.source}:{ticket.key}")
    for by_source in owners.values():
        if len(by_source) > 1:
            names = [name for _, name in sorted(by_source.items())]
            key = names[0].partition(":")[2]
            yield Gap(
                GapKind.DUPLICATE_KEY,
                Severity.LOW,
                key,
                Say.of("gap.duplicate_key", key=key, sources=", ".join(sorted(by_source))),
                Say.of("fix.duplicate_key", example=names[0]),
                items=tuple(names),
                typed=f"okrsync trace {names[0]}",
            )


def _keys(tickets: Iterable[Ticket]) -> tuple[str, ...]:
    return tuple(ticket.key for ticket in tickets)


def _some(keys: Sequence[str]) -> str:
    return ", ".join([*keys[:_SHOWN], "…"] if len(keys) > _SHOWN else keys)
