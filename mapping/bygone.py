"""Which items were exempt at moments of the past, as their histories and the words on them tell it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from mapping.chronicle import Chronicle, Words
from mapping.verdicts import Court
from mapping.words import fold
from okrsync.model import ChangeKind, Goals, Node, OverrideKind, Rules, VerdictKind

LABELLING = (ChangeKind.LABEL_ADDED, ChangeKind.LABEL_REMOVED)
"""The changes that put a label on or take one off."""

_NEXT = timedelta(microseconds=1)


def exempting_labels(rules: Rules) -> frozenset[str]:
    """The labels that exempt, alone or with something else, after :func:`mapping.words.fold`."""
    return frozenset(fold(label) for one in rules.exempt for label in one.labels)


def exempted_since(words: Words, since: datetime) -> set[int]:
    """The items that a person exempted after that, or of which the exemption was taken back."""
    return {
        uid
        for uid, said in words.items()
        for word in said
        if word.kind is OverrideKind.EXEMPT and max(word.at, word.removed_at or word.at) > since
    }


def exempt_at(
    nodes: Iterable[Node],
    goals: Goals,
    rules: Rules,
    words: Words,
    moments: Sequence[datetime],
    only: Collection[int],
) -> dict[int, tuple[bool, ...]]:
    """Whether each of ``only`` was exempt at each of these moments, by the rules of now. ``nodes`` are as for
    :func:`mapping.past.periods`. What lies between two moments at which nothing moved is judged once."""
    chronicle = Chronicle({node.uid: node for node in nodes}, words)
    turns, court = _turns(chronicle), Court(goals, rules, moments[-1])
    told: dict[int, dict[int, bool]] = {}
    for moment in moments:
        after, turn = moment + _NEXT, bisect_right(turns, moment)
        if turn not in told:
            world = court.world([chronicle.node(uid, after) for uid in chronicle.nodes])
            said = {uid: word for uid in words.keys() & chronicle.nodes.keys() if (word := chronicle.word(uid, after))}
            rulings = court.rulings(world, said, only=only)
            told[turn] = {ruling.item: ruling.kind is VerdictKind.EXEMPT for ruling in rulings}
    order = [told[bisect_right(turns, moment)] for moment in moments]
    return {uid: tuple(one[uid] for one in order) for uid in order[0]}


def _turns(chronicle: Chronicle) -> list[datetime]:
    """When anything that matters here was said of any of the items."""
    changed = {change.at for node in chronicle.nodes.values() for change in node.changes}
    mine = (words for uid, words in chronicle.words.items() if uid in chronicle.nodes)
    said = {at for words in mine for word in words for at in (word.at, word.removed_at) if at is not None}
    return sorted(changed | said)
