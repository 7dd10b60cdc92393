"""Goals, items and what stands in the tools because of them, for tests of what okrsync would write."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import rollup
from okrsync.model import (
    Dangling,
    ItemRef,
    OrphanClass,
    Slot,
    Standing,
    Surface,
    Verdict,
    VerdictKind,
    WritebackPolicy,
)
from okrsync.texts import speaker

DAY = timedelta(days=1)
EPIC, OTHER = ItemRef("jira", "SHOP-12"), ItemRef("jira", "PAY-1")
TARGETS = {
    EPIC: rollup.Target("10012", "SHOP-12", "https://acme.test/browse/SHOP-12", "SHOP"),
    OTHER: rollup.Target("20001", "PAY-1", "https://acme.test/browse/PAY-1", "PAY"),
}
JIRA = frozenset(Surface) - {Surface.BLOCK, Surface.STATUS, Surface.METRIC, Surface.UPDATE}
ENGLISH = speaker("en")
OFFERS = {"jira": JIRA, "another": JIRA}
RECORD = Slot("jira", "10012", Surface.PROPERTY, "okrsync-acme")
COMMENT = Slot("jira", "10012", Surface.COMMENT, "acme")


def confirm(standing, write, now):
    """What the journal knows once a write was confirmed."""
    before = standing.pop(write.slot, None)
    if write.after is not None:
        restored = 0 if before is None else before.restored
        restored += write.why.code == "write.restored"
        standing[write.slot] = Standing(write.after, write.after, now, restored)


class World:
    """Goals, progress and items, and what was written of them so far."""

    def __init__(self, make, krs=(), marked=(), policy=None):
        self.make, self.krs, self.marked = make, list(krs), list(marked)
        self.policy = policy or WritebackPolicy(quiet=DAY)
        self.progress = {}
        self.standing, self.touched, self.pending, self.refused = {}, {}, (), {}
        self.objectives, self.narratives = (), {}
        self.targets = TARGETS
        self.base = ""

    def plan(self, now=None, **how):
        return list(self.planned(now, **how).writes)

    def planned(self, now=None, render=ENGLISH, offers=OFFERS, late=(), thresholds=None):
        now = now or self.make.middle
        goals = self.make.goals(self.krs, self.objectives)
        measured = rollup.measure_objectives(goals, self.progress, {}, self.make.thresholds, now)
        wanted = rollup.desired(
            goals, self.progress, measured, iter(self.marked), self.targets, self.standing, self.policy, offers=offers,
            late=late, instance="acme", now=now, thresholds=thresholds or self.make.thresholds, render=render,
            narratives=self.narratives, base=self.base,
        )  # fmt: skip
        return rollup.plan(
            wanted, self.standing, self.policy, touched=self.touched, pending=self.pending, released={},
            refused=self.refused,
        )  # fmt: skip

    def apply(self, now=None, **how):
        done = self.planned(now, **how)
        for slot in done.forgotten:
            del self.standing[slot]
        for write in done.writes:
            confirm(self.standing, write, now or self.make.middle)
        return list(done.writes)

    def found(self, slot, value):
        """Somebody else put it there before okrsync came, or changed it since, or took it away (None)."""
        before = self.standing.get(slot)
        if before is None:
            self.standing[slot] = Standing(value, None, self.make.middle)
        else:
            self.standing[slot] = replace(before, value=value)


def orphan(make, uid, kind=OrphanClass.DIRECT, **more):
    verdict = VerdictKind.ORPHAN
    dangling = (Dangling("okr:KR-9", "label", None),) if kind is OrphanClass.DANGLING else ()
    return make.ticket(uid, more.pop("state", "todo"), **more), Verdict(uid, verdict, kind, dangling=dangling)
