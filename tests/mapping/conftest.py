"""A small world to judge: goals, and items that are added by key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import mapping
from okrsync.model import (
    Cycle,
    FieldValue,
    Goals,
    GoalState,
    ItemKind,
    ItemRef,
    KeyResult,
    Node,
    Objective,
    Override,
    OverrideKind,
    Reference,
    ReferenceKind,
    Relation,
    Rules,
    Say,
    State,
    Verdict,
    Window,
)
from okrsync.texts.chain import CATALOG

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
BORN = datetime(2026, 10, 5, tzinfo=UTC)
Q3 = Window(datetime(2026, 6, 30, 22, tzinfo=UTC), datetime(2026, 9, 30, 22, tzinfo=UTC))
Q4 = Window(datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC))


def said(verdicts: Iterable[Verdict]) -> set[str]:
    """Every code in these verdicts, after each was said in both languages."""
    codes = set()
    for verdict in verdicts:
        links = [link.evidence for link in (*verdict.links, *verdict.lost)]
        broken = [verdict.broken_at.why, verdict.broken_at.fix] if verdict.broken_at else []
        for one in (*links, *broken, *([verdict.exemption] if verdict.exemption else [])):
            speak(one)
            codes.add(one.code)
    return codes


def speak(one: Say) -> tuple[str, str]:
    english, french = CATALOG[one.code]
    return english.format(**dict(one.args)), french.format(**dict(one.args))


@dataclass
class World:
    """Items by key; uids in the order of their coming. Judged afresh at each question."""

    goals: Goals
    rules: Rules = field(default_factory=Rules)
    nodes: dict[int, Node] = field(default_factory=dict)
    overrides: dict[int, Override] = field(default_factory=dict)
    now: datetime = NOW

    def add(
        self,
        key: str,
        parent: str | None = None,
        *labels: str,
        source: str = "jira",
        fields: Mapping[str, str] | None = None,
        **rest: Any,
    ) -> Node:
        """An open ticket; ``parent`` by key, and by id where that key is in the world already."""
        references = tuple(rest.pop("references", ()))
        if parent is not None:
            known = next((one for one in self.nodes.values() if one.key == parent and one.source == source), None)
            remote = known.remote_id if known else rest.pop("parent_id", None)
            references += (Reference(ReferenceKind.PARENT, parent, remote, since=rest.pop("joined", None)),)
        uid = len(self.nodes) + 1
        values = tuple(FieldValue(f"customfield_{name}", name, value) for name, value in (fields or {}).items())
        node = Node(
            **{
                "uid": uid,
                "source": source,
                "remote_id": str(10_000 + uid),
                "key": key,
                "kind": ItemKind.TICKET,
                "title": f"Title of {key}",
                "url": f"https://{source}.test/browse/{key}",
                "state": State.TODO,
                "created_at": BORN,
                "labels": labels,
                "fields": values,
                "references": references,
                **rest,
            }
        )
        self.nodes[uid] = node
        return node

    def change(self, key: str, **changes: Any) -> None:
        node = self[key]
        self.nodes[node.uid] = replace(node, **changes)

    def link(self, key: str, *targets: str, kind: OverrideKind = OverrideKind.LINK) -> None:
        uid = self[key].uid
        self.overrides[uid] = Override(uid, kind, targets, "we agreed so", "ana", BORN + timedelta(days=3))

    def __getitem__(self, key: str) -> Node:
        return next(node for node in self.nodes.values() if node.key == key)

    def judge(self, nodes: Iterable[Node] | None = None, only: set[int] | None = None) -> dict[int, Verdict]:
        given = list(self.nodes.values()) if nodes is None else list(nodes)
        verdicts = list(mapping.judge(given, self.goals, self.rules, self.overrides, self.now, only=only))
        said(verdicts)
        by_uid = {verdict.item: verdict for verdict in verdicts}
        assert len(by_uid) == len(verdicts), "an item was judged twice"
        return by_uid

    def verdict(self, key: str) -> Verdict:
        return self.judge()[self[key].uid]

    def targets(self, key: str) -> list[str]:
        return [link.target for link in self.verdict(key).links]


def tree(**more: KeyResult | Objective) -> Goals:
    """O-ROOT ← O-LEADER ← KR-UX (names the epic jira:SHOP-12), KR-RETENTION; and dead ones of each sort."""
    objectives = [
        Objective("O-ROOT", "The company that people stay with", cycle="2026"),
        Objective("O-LEADER", "Lead the market", cycle="2026-Q4", window=Q4, parent="O-ROOT"),
        Objective("O-CRAFT", "Better craft", window=Q4, parent="O-ROOT", relation=Relation.SUPPORTS),
        Objective("O-OLD", "Last quarter", window=Q3, parent="O-ROOT"),
        Objective("O-GONE", "Given up", window=Q4, state=GoalState.DROPPED),
        Objective("O-BELOW", "Below what was given up", window=Q4, parent="O-GONE"),
        Objective("O-BESIDE", "Beside what was given up", window=Q4, parent="O-GONE", relation=Relation.SUPPORTS),
    ]
    results = [
        KeyResult("KR-UX", "O-LEADER", "Mobile UX shipped", window=Q4, epics=(ItemRef("jira", "SHOP-12"),)),
        KeyResult("KR-RETENTION", "O-LEADER", "Retention 80 to 85 %", window=Q4),
        KeyResult("KR-CRAFT", "O-CRAFT", "No flaky test", window=Q4),
        KeyResult("KR-DRAFT", "O-LEADER", "Not yet approved", window=Q4, state=GoalState.DRAFT),
        KeyResult("KR-DROPPED", "O-LEADER", "Dropped", window=Q4, state=GoalState.DROPPED),
        KeyResult("KR-CLOSED", "O-LEADER", "Closed", window=Q4, state=GoalState.CLOSED),
        KeyResult("KR-OLD", "O-OLD", "Of last quarter", window=Q3),
        KeyResult("KR-LONGER", "O-OLD", "Prolonged on purpose", window=Q4),
        KeyResult("KR-BARE", "O-OLD", "Without a window of its own"),
        KeyResult("KR-BELOW", "O-BELOW", "Two below what was given up", window=Q4),
        KeyResult("KR-BESIDE", "O-BESIDE", "Beside what was given up", window=Q4),
    ]
    return Goals(
        {"2026-Q4": Cycle("2026-Q4", Q4)},
        {one.id: one for one in [*objectives, *(one for one in more.values() if isinstance(one, Objective))]},
        {one.id: one for one in [*results, *(one for one in more.values() if isinstance(one, KeyResult))]},
        "Europe/Paris",
    )


@pytest.fixture
def world() -> World:
    return World(tree())


@pytest.fixture
def worlds() -> Callable[..., World]:
    """Another world, with other goals or rules: ``worlds(goals=…, rules=…)``."""
    return lambda goals=None, rules=None: World(goals or tree(), rules or Rules())


@pytest.fixture
def collect_codes() -> Callable[[Iterable[Verdict]], set[str]]:
    return said


@pytest.fixture
def in_words() -> Callable[[Say], tuple[str, str]]:
    return speak
