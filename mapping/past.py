"""The past of links: from when until when an item served what it serves no more, as the histories of items tell it.

Each item is judged as it was before every *turning* moment: one at which it, or what stood above it, lost a link or got
one back (:mod:`mapping.unrolled`), by the rules and goals of now. What it reached before and not after it, ended then.
The cost is the sum, over the turning moments, of what stood below then; most changes only begin something, which is
known of the items that changed, without a look at all that hangs below them. What has no date was always so: trailers,
what texts name, and what the configuration says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import pairwise

from mapping.book import CLIMBING
from mapping.chronicle import Chronicle, Words
from mapping.instants import micros
from mapping.lexicon import Lexicon
from mapping.unrolled import Moments, Times, Unrolled
from mapping.verdicts import Court
from mapping.words import fold
from okrsync.model import Change, ChangeKind, Goals, Node, Period, ReferenceKind, RuleName, Rules

__all__ = ["Words", "periods", "telling", "turning"]

_INHERITED = frozenset({RuleName.PARENT, RuleName.REFERENCE, RuleName.REVERT})
_REMEMBERED = 1 << 16


def telling(goals: Goals, rules: Rules, *, torn: bool = True) -> Callable[[Change], bool]:
    """Whether a change can have ended a link: of a label that names a goal or exempts, of a field that names one, of a
    container that a key result names, and of any parent. A first parent ends nothing where what is inherited ranks
    last, but for what is ``torn``: with two ways up, of which one overrules the other."""
    lexicon = Lexicon((*goals.objectives, *goals.key_results), rules.label_patterns)
    exempting = frozenset(fold(label) for one in rules.exempt for label in one.labels)
    containers = frozenset(
        fold(container.partition(":")[2]) for kr in goals.key_results.values() for container in kr.containers
    )

    @lru_cache(_REMEMBERED)
    def tells(kind: ChangeKind, text: str) -> bool:
        match kind:
            case ChangeKind.LABEL_ADDED | ChangeKind.LABEL_REMOVED:
                return isinstance(lexicon.label(text), str) or fold(text.strip()) in exempting
            case ChangeKind.FIELD:
                return isinstance(lexicon.value(text.partition("=")[2]), str)
            case ChangeKind.MEMBER:
                return fold(text) in containers
            case ChangeKind.PARENT:
                return RuleName.PARENT in rules.order
            case _:
                return False

    first_tells = torn or not _inherits_last(rules)

    def told(change: Change) -> bool:
        if _is_first_parent(change) and not first_tells:
            return False
        return any(tells(change.kind, text) for text in (change.before, change.after) if text)

    return told


def turning(
    nodes: Iterable[Node],
    goals: Goals,
    rules: Rules,
    words: Words,
    now: datetime,
    only: Collection[int],
    torn: Collection[int] = (),
) -> dict[int, set[datetime]]:
    """When each of ``only`` lost a link or got one back by its own changes, or words on it; those that never did are
    left out. ``nodes`` are as for :func:`periods`, and ``torn`` the items among them above something that is torn.

    For these, or where what is inherited does not rank last, it is whenever anything was said: what hangs below may
    have lost a link though the item did not.
    """
    return _Past(nodes, goals, rules, words, now).turning(only, torn)


def periods(
    nodes: Iterable[Node],
    goals: Goals,
    rules: Rules,
    words: Words,
    now: datetime,
    only: Collection[int],
    turned: Moments | None = None,
) -> dict[int, tuple[Period, ...]]:
    """The periods of links that ended, oldest first, of those of ``only`` that have any.

    ``nodes`` holds the items of ``only``, all that stands above them (:func:`mapping.judge`), and all that ever stood
    there: what their changes of parent name, and what stood above that. ``turned`` is what :func:`turning` says of all
    of them; without it, it is found out. No period reaches into the time of the link to the same goal that holds now;
    where that was overruled for a while and came back, the while is not cut out of it.
    """
    past = _Past(nodes, goals, rules, words, now)
    if turned is None:
        turned = past.turning(past.nodes, past.above_torn())
    return {uid: ended for uid, times in past.judged(turned, only) if (ended := _ended(times))}


class _Past:
    """What can have moved links in one world, and when it did.

    ``_said`` holds by uid each instant at which anything was said or unsaid that can have ended a link, and whether
    that was nothing but a first parent.
    """

    def __init__(self, nodes: Iterable[Node], goals: Goals, rules: Rules, words: Words, now: datetime) -> None:
        self.nodes = {node.uid: node for node in nodes}
        self._said = _said(self.nodes, telling(goals, rules), words)
        self._unrolled = Unrolled(Chronicle(self.nodes, words), self._said)
        self._court, self._goals = Court(goals, rules, now), goals
        self._inherits_last = _inherits_last(rules)

    def judged(self, moments: Moments, only: Iterable[int]) -> Iterable[tuple[int, Times]]:
        """What each of these had between the moments."""
        return self._unrolled.judged(self._court, self._goals, moments, only)

    def above_torn(self) -> set[int]:
        """What is torn, and all that ever stood above it."""
        return self._unrolled.above(uid for uid, node in self.nodes.items() if _is_torn(node))

    def turning(self, only: Iterable[int], torn: Collection[int]) -> dict[int, set[datetime]]:
        asked = self._said.keys() & set(only)
        certain = asked.intersection(torn) if self._inherits_last else asked
        found = {uid: set(self._said[uid]) for uid in certain}
        told = {
            uid: {at for at, first in said.items() if not first or not self._inherits_last or uid in torn}
            for uid, said in self._said.items()
        }
        for uid, times in self.judged(told, asked - certain):
            if turned := _turned(times, told[uid]):
                found[uid] = turned
        return found


def _said(world: Mapping[int, Node], tells: Callable[[Change], bool], words: Words) -> dict[int, dict[datetime, bool]]:
    found: dict[int, dict[datetime, bool]] = {}
    for uid, node in world.items():
        for change in node.changes:
            if tells(change):
                said = found.setdefault(uid, {})
                said[change.at] = said.get(change.at, True) and _is_first_parent(change)
        for word in words.get(uid, ()):
            for at in (word.at, word.removed_at):
                if at is not None:
                    found.setdefault(uid, {})[at] = False
    return found


def _is_first_parent(change: Change) -> bool:
    return change.kind is ChangeKind.PARENT and not change.before


def _is_torn(node: Node) -> bool:
    """Two ways up, of which the one may overrule the other: by two parents, or by a revert. No history adds a way."""
    kinds = [reference.kind for reference in node.references]
    return ReferenceKind.REVERTS in kinds or sum(kind in CLIMBING for kind in kinds) > 1


def _inherits_last(rules: Rules) -> bool:
    """Whether no link that an item has by itself gives way to one that it inherits."""
    ranks = [name in _INHERITED for name in rules.order if name is not RuleName.EXEMPT]
    return rules.conflict != "first" and ranks == sorted(ranks)


def _turned(times: Times, moments: Collection[datetime]) -> set[datetime]:
    """Of these moments, those at which what had begun before was another than after."""
    return {at for (_, has), (at, had) in pairwise(times) if at in moments and _begun(had, at) != _begun(has, at)}


def _begun(periods: Iterable[Period], at: datetime) -> set[tuple[str, RuleName, int]]:
    return {(one.target, one.rule, one.since) for one in periods if one.since < micros(at)}


# ── one item ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _ended(times: Times) -> tuple[Period, ...]:
    (_, held), *before = times
    thread = _Thread(held)
    for at, had in before:
        thread.back_to(micros(at), had)
    return thread.ended()


class _Thread:
    """The links of one item from those of now back, and the periods that come out of it."""

    def __init__(self, held: Iterable[Period]) -> None:
        self._held = {(one.target, one.rule): one for one in held}
        self._open = {one.target: one.since for one in self._held.values()}
        self._ended: list[Period] = []

    def back_to(self, at: int, held: Iterable[Period]) -> None:
        """Just before ``at`` the item had these links; what it had after that began no earlier, unless it is one of
        them."""
        before = {(one.target, one.rule): one._replace(until=at) for one in held if one.since < at}
        for key, later in self._held.items():
            earlier = before.get(key)
            if earlier is None:
                self._end(later, max(later.since, at))
            elif later.since >= at:
                self._end(later, later.since)
            elif later.until is None:  # what there is before its beginning
                before[key] = earlier._replace(until=later.since)
            else:
                before[key] = earlier._replace(until=later.until, via=later.via)
        self._held = before

    def ended(self) -> tuple[Period, ...]:
        """All that ended; what follows on its like without a gap is one with it."""
        for one in self._held.values():
            self._end(one, one.since)
        self._held = {}
        merged: list[Period] = []
        for one in sorted(self._ended, key=lambda one: (one.target, one.rule, one.since)):
            last = merged[-1] if merged else None
            if last is not None and (last.target, last.rule, last.until) == (one.target, one.rule, one.since):
                merged[-1] = one._replace(since=last.since)
            else:
                merged.append(one)
        return tuple(sorted(merged, key=lambda one: (one.since, one.target, one.rule)))

    def _end(self, one: Period, since: int) -> None:
        if one.until is not None:
            until = min(one.until, self._open.get(one.target, one.until))
            if since < until:
                self._ended.append(one._replace(since=since, until=until))
