"""Orphans by the place to mend: one link on an epic serves all that hang below it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from okrsync.model import Break, OrphanClass, Say, Verdict


@dataclass(frozen=True, slots=True)
class MendGroup:
    """One mend and the items (uids) that it brings home. ``orphan`` is None where the items are unresolvable."""

    source: str
    key: str
    title: str
    url: str
    orphan: OrphanClass | None
    fix: Say
    items: tuple[int, ...]


def group(verdicts: Iterable[Verdict]) -> list[MendGroup]:
    """The orphans and the unresolvable, by the node to mend, the group with the most items first.

    An epic that is itself an orphan stands in the group of what hangs below it, and the group has the class and the
    mend of those: linking it serves them all.
    """
    groups: dict[tuple[str, str], list[tuple[Verdict, Break]]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.broken_at is not None:
            groups[verdict.broken_at.source, verdict.broken_at.key].append((verdict, verdict.broken_at))
    return sorted(map(_of, groups.values()), key=lambda one: (-len(one.items), one.source, one.key))


def _of(members: list[tuple[Verdict, Break]]) -> MendGroup:
    first, at = min(members, key=lambda member: (member[0].orphan is not OrphanClass.TRANSITIVE, member[0].item))
    items = sorted(verdict.item for verdict, _ in members)
    return MendGroup(at.source, at.key, at.title, at.url, first.orphan, at.fix, tuple(items))
