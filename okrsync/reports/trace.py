"""One item: every hop up to the objective and why, or where exactly the chain breaks and what to click to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import mapping
from config import Config
from mapping.breaks import choosing, misnamed_fix, misnamed_why, settled
from mapping.clicks import names_goal
from mapping.evidence import bare, shortened
from mapping.tree import GoalTree
from okrsync.assess import Assessment
from okrsync.gain import gain
from okrsync.mending import clicked
from okrsync.model import Break, Dangling, Hop, Link, RuleName, Say, Verdict
from okrsync.reports.common import Speak, head, iso
from okrsync.store import graph, people, periods, revisions
from okrsync.store.periods import Former
from okrsync.store.queries import Found

if TYPE_CHECKING:
    from sqlalchemy import Connection

GOALS = ("key_result", "objective")
_DATED = frozenset({RuleName.PARENT, RuleName.LABEL, RuleName.FIELD})
"""Steps of which it is worth telling since when they hold; the others hold since the item is there, or tell it."""


def answer(tx: Connection, config: Config, found: Found, assessment: Assessment, speak: Speak) -> dict[str, Any]:
    """DESIGN's ``trace``; an item outside the configured scope has links, and no verdict of its own."""
    nodes, words = graph.around(tx, [found.uid]).nodes, people.overrides(tx)
    verdict = mapping.trace(found.uid, nodes, config.goals, config.rules, words, assessment.now)
    page = _Page(tx, config, found, verdict, assessment, speak)
    return {
        **head(assessment.freshness, config, assessment.now),
        "source": found.source,
        "key": found.key,
        "kind": found.kind.value,
        "title": found.title,
        "url": found.url,
        "verdict": verdict.kind.value if found.counted else None,
        "class": verdict.orphan.value if verdict.orphan and found.counted else None,
        "exemption": speak(verdict.exemption) if verdict.exemption else None,
        "exempt_because": speak(bare(verdict.exemption)) if verdict.exemption else None,
        "exempt_path": page.path(verdict.exempt_path),
        "links": [page.link(link) for link in verdict.links],
        "lost": [page.lost(link) for link in verdict.lost],
        "former": [page.former(one) for one in periods.former(tx, found.uid)],
        "dangling": [page.dangling(one) for one in verdict.dangling if not settled(found.kind, verdict, one)],
        "broken_at": page.broken(verdict.broken_at) if verdict.broken_at else None,
        "mend": page.mend(verdict.broken_at) if verdict.broken_at else None,
    }


class _Page:
    """One item, as it is told."""

    def __init__(
        self, tx: Connection, config: Config, found: Found, verdict: Verdict, assessment: Assessment, speak: Speak
    ) -> None:
        self._tx, self._config, self._found, self._verdict = tx, config, found, verdict
        self._assessment, self._speak = assessment, speak
        self._zone = ZoneInfo(config.goals.timezone)
        self._tree = GoalTree(config.goals, assessment.now)

    # ── upwards ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def link(self, link: Link) -> dict[str, Any]:
        said = self._speak(Say.of("trace.serves", target=link.target, day=self._day(link.since)))
        return {**self._told(link), "said": said, "suspect": self._suspect(link)}

    def _told(self, link: Link) -> dict[str, Any]:
        return {
            "target": link.target,
            "rule": link.rule.value,
            "evidence": self._speak(link.evidence),
            "since": iso(link.since),
            "path": self.path(link.path),
        }

    def _suspect(self, link: Link) -> dict[str, Any] | None:
        """The goal was reworded since the link was made, and nobody said that it still holds."""
        one = revisions.suspicion_of(self._tx, link)
        if one is None:
            return None
        holder = next(hop.key for hop in reversed(link.path) if hop.kind not in GOALS)
        said = Say.of("trace.suspect", goal=one.goal, was=one.was, now=one.now, day=self._day(one.since))
        return {
            "since": iso(one.since),
            "was": one.was,
            "is": one.now,
            "said": self._speak(said),
            "fix": self._speak(Say.of("trace.suspect.fix", goal=one.goal, item=shortened(holder))),
        }

    def path(self, hops: Sequence[Hop]) -> list[dict[str, Any]]:
        """Each hop, and in ``why`` what leads from the one before to it."""
        reasons = chain([None], (self._why(below, hop) for below, hop in pairwise(hops)))
        return [
            {
                "kind": hop.kind,
                "source": hop.source,
                "key": hop.key,
                "title": hop.title,
                "hop": hop.hop,
                "url": hop.url,
                "why": why,
                "since": iso(hop.since),
                **self._state(hop),
            }
            for hop, why in zip(hops, reasons, strict=False)
        ]

    def _why(self, below: Hop, hop: Hop) -> str | None:
        if hop.why is None:
            if below.kind not in GOALS:
                return None
            relation = "belongs" if below.kind == "key_result" else hop.hop
            return self._speak(Say.of(f"why.{relation}", key=below.key, above=hop.key))
        why = self._speak(Say.of(hop.why.code, **{**dict(hop.why.args), "goal": hop.key}))
        if hop.since is None or hop.hop not in _DATED:
            return why
        return self._speak(Say.of("trace.step_since", why=why, day=self._day(hop.since)))

    def _state(self, hop: Hop) -> dict[str, Any]:
        """Where a goal stands now; nothing of an item."""
        known = self._assessment.progress.get(hop.key) if hop.kind == "key_result" else None
        state = known or (self._assessment.objectives.get(hop.key) if hop.kind == "objective" else None)
        return {"status": state.status.value, "progress": state.progress} if state else {}

    # ── beside it ────────────────────────────────────────────────────────────────────────────────────────────────────

    def lost(self, link: Link) -> dict[str, Any]:
        told = self._told(link)
        stood = next((hop["why"] for hop in told["path"] if hop["kind"] in GOALS), None)
        facts = {"rule": self._rule(link.rule), "target": link.target}
        reason = stood or self._speak(bare(link.evidence))
        given = self._speak(Say.of("lost.goal" if link.target else "lost.exempt", **facts, because=reason))
        return {**told, "given": given, "because": self._because(link)}

    def _because(self, lost: Link) -> str:
        """Why another finding decided."""
        winner = self._winner()
        if winner is not lost.rule:
            return self._speak(Say.of("lost.rank", winner=self._rule(winner)))
        return self._speak(Say.of("lost.first" if lost.target else "lost.link"))

    def _winner(self) -> RuleName:
        if self._verdict.links:
            return self._verdict.links[0].rule
        if len(self._verdict.exempt_path) > 1:
            return RuleName(self._verdict.exempt_path[1].hop)
        by_hand = self._verdict.exemption is not None and self._verdict.exemption.code == "exempt.override"
        return RuleName.OVERRIDE if by_hand else RuleName.EXEMPT

    def former(self, one: Former) -> dict[str, Any]:
        since, until = self._day(one.since), self._day(one.until)
        facts = {"target": one.target, "since": since, "until": until, "rule": self._rule(one.rule)}
        code = ("trace.former.day" if since == until else "trace.former") + ("" if one.via else ".plain")
        return {
            "target": one.target,
            "rule": one.rule.value,
            "via": one.via,
            "since": iso(one.since),
            "until": iso(one.until),
            "said": self._speak(Say.of(code, **facts, via=shortened(one.via))),
        }

    def dangling(self, one: Dangling) -> dict[str, Any]:
        fix = misnamed_fix(self._found.key, self._found.kind, one, self._tree.example)
        return {
            "text": one.text,
            "where": one.where,
            "suggestion": one.suggestion,
            "why": self._speak(misnamed_why(self._found.key, one)),
            "fix": self._speak(fix),
        }

    # ── the mend ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def broken(self, at: Break) -> dict[str, Any]:
        return {**_place(at), "why": self._speak(at.why), "fix": self._speak(at.fix), "path": self.path(at.path)}

    def mend(self, at: Break) -> dict[str, Any]:
        """The one change, step by step, and what it links besides."""
        named = str(dict(at.fix.args).get("right", "")).removeprefix("okr:") or None
        brings = None
        if at.item is not None and names_goal(at.fix):
            brings = gain(self._tx, self._config, at.item, named, self._assessment.now)
        likely = brings.likely if brings and not named else None
        fix = choosing(at.fix, likely) if likely else at.fix
        source = next((one for one in self._config.sources if one.id == at.source), None)
        return {
            **_place(at),
            "fix": self._speak(fix),
            "steps": [self._speak(step) for step in clicked(replace(at, fix=fix), source)],
            "links": brings.items if brings else None,
            "open": brings.open if brings else None,
            "kinds": {kind.value: count for kind, count in brings.kinds.items()} if brings else {},
            "classes": {orphan.value: count for orphan, count in brings.classes.items()} if brings else {},
            "waiting": periods.waiting(self._tx, at.item) if at.item is not None else None,
            "likely": {"goal": likely, "title": self._title(likely), "items": brings.serving}
            if brings and likely
            else None,
            "goals": self._choice() if brings and not named and not likely else [],
        }

    def _choice(self) -> list[dict[str, Any]]:
        """The goals that take work, those first that most of its project serve."""
        serving = periods.served_in(self._tx, self._found.source, self._found.project)
        ranked = sorted(self._tree.living, key=lambda one: -serving.get(one, 0))
        return [{"id": one, "title": self._title(one), "items": serving.get(one, 0)} for one in ranked]

    def _title(self, goal: str) -> str:
        goals = self._config.goals
        found = goals.key_results.get(goal) or goals.objectives.get(goal)
        return found.title if found else ""

    # ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _rule(self, rule: RuleName) -> str:
        return self._speak(Say.of(f"rule.{rule}"))

    def _day(self, at: datetime) -> str:
        return at.astimezone(self._zone).date().isoformat()


def _place(at: Break) -> dict[str, Any]:
    return {"source": at.source, "key": at.key, "title": at.title, "url": at.url}
