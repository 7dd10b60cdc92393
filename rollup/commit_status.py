"""The commit status of every open pull request: the objective that it serves, or what is missing and how to mend it.

A tool keeps one status a commit, so that of two open pull requests with the same last commit the elder one bears it,
with the graver word. What it says of a commit that is no longer the last one is history, and stays.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from okrsync.model import (
    Goals,
    ItemKind,
    Json,
    Link,
    OrphanClass,
    Say,
    Slot,
    Standing,
    State,
    Surface,
    Ticket,
    Verdict,
    VerdictKind,
    pages,
)
from rollup.alive import open_goals
from rollup.facts import neutral, shortened
from rollup.keys import natural
from rollup.restraint import last_said

LENGTH = 140
"""Characters of a description; GitHub refuses more."""

QUOTED = 40
"""Characters of what somebody typed that are repeated to them."""

GRAVITY = ("success", "pending", "failure")


@dataclass(frozen=True, slots=True)
class Bearer:
    """A pull request, what its commit status should be, and why."""

    ticket: Ticket
    value: Mapping[str, Json]
    why: Say

    @property
    def slot(self) -> Slot:
        return status_slot(self.ticket)


def bears_status(ticket: Ticket) -> bool:
    """Whether it is an open pull request with a commit to bear the status."""
    return ticket.kind is ItemKind.PULL_REQUEST and ticket.state is not State.DONE and bool(ticket.head)


def status_slot(ticket: Ticket) -> Slot:
    """The slot of the status of its last commit; a new commit is another slot."""
    return Slot(ticket.source, ticket.remote_id, Surface.STATUS, ticket.head)


@dataclass(frozen=True, slots=True)
class Reviewer:
    """What every status of one run shares.

    ``order`` ranks the goals, those that take work now first; ``example`` is the first of these; ``late`` are the
    sources that could not be read in time. ``base`` is where people reach the pages of okrsync ("": nowhere).
    """

    goals: Goals
    order: Mapping[str, int]
    example: str | None
    late: Collection[str]
    standing: Mapping[Slot, Standing]
    render: Callable[[Say], str]
    base: str = ""

    @classmethod
    def at(
        cls,
        goals: Goals,
        now: datetime,
        late: Collection[str],
        standing: Mapping[Slot, Standing],
        render: Callable[[Say], str],
        base: str = "",
    ) -> Reviewer:
        """The one who knows these goals as they stand at ``now``."""
        takers = open_goals(goals, now)
        ranked = dict.fromkeys([*takers, *goals.key_results, *goals.objectives])
        order = {goal: n for n, goal in enumerate(ranked)}
        return cls(goals, order, next(iter(takers), None), late, standing, render, base)

    def statuses(self, marked: Iterable[tuple[Ticket, Verdict]]) -> Iterator[Bearer]:
        """One for each commit that is the last one of an open pull request."""
        commits: dict[tuple[str, str, str], list[tuple[Ticket, Verdict]]] = {}
        for ticket, verdict in marked:
            if bears_status(ticket):
                commits.setdefault((ticket.source, ticket.project, ticket.head), []).append((ticket, verdict))
        for members in commits.values():
            bearer = min((ticket for ticket, _ in members), key=lambda ticket: natural(ticket.key))
            yield max(
                (Bearer(bearer, *self._judged(bearer, ticket, verdict)) for ticket, verdict in members),
                key=lambda one: GRAVITY.index(str(one.value["state"])),
            )

    def _judged(self, bearer: Ticket, ticket: Ticket, verdict: Verdict) -> tuple[Mapping[str, Json], Say]:
        match verdict.kind:
            case VerdictKind.TRACED:
                told, leads = self._served(verdict.links), self._thread(ticket)
                return _value("success", told, leads), Say.of("write.traced")
            case VerdictKind.EXEMPT:
                exemption = self.render(verdict.exemption) if verdict.exemption is not None else ""
                told = exemption[:1].upper() + exemption[1:]
                return _value("success", told, self._thread(ticket)), Say.of("write.exempt")
            case VerdictKind.UNRESOLVABLE:
                broken = verdict.broken_at
                say = Say.of("check.unresolvable", key=broken.key if broken is not None else ticket.key)
                return _value("pending", self.render(say), self._place(ticket, verdict)), Say.of("write.unresolvable")
            case VerdictKind.ORPHAN if self.late:
                return self._waiting(bearer)
            case VerdictKind.ORPHAN:
                missing = self.render(self._missing(verdict))
                return _value("failure", missing, self._place(ticket, verdict)), _why(verdict)

    def _served(self, links: Iterable[Link]) -> str:
        """``KR-UX · title → O-RETENTION · title``: the goal that it serves, one that takes work before one that is
        over, and how many more there are."""
        targets = sorted({link.target for link in links if link.target in self.order}, key=self.order.__getitem__)
        if not targets:
            return ""
        more = f" (+{len(targets) - 1})" if len(targets) > 1 else ""
        kr = self.goals.key_results.get(targets[0])
        objective = self.goals.objectives[kr.objective if kr is not None else targets[0]]
        named = [(one.id, neutral(one.title)) for one in (kr, objective) if one is not None]
        room = LENGTH - len(more) - sum(len(identity) + 3 for identity, _ in named) - 3 * (len(named) - 1)
        titles = _fitted([title for _, title in named], room)
        return " → ".join(f"{one} · {title}" for (one, _), title in zip(named, titles, strict=True)) + more

    def _missing(self, verdict: Verdict) -> Say:
        """What is missing, and the cheapest way to mend it from here."""
        example = self.example
        if verdict.orphan is OrphanClass.AMBIGUOUS:
            return Say.of("check.ambiguous")
        if verdict.orphan is OrphanClass.DANGLING and verdict.dangling:
            dangling = verdict.dangling[0]
            text = shortened(neutral(dangling.text), QUOTED)
            if dangling.where == "key":
                return Say.of("check.dangling_key", text=text)
            if dangling.suggestion is not None:
                return Say.of("check.dangling", text=text, right=dangling.suggestion)
            if example is not None:
                return Say.of("check.dangling_unknown", text=text, example=example)
        if example is None:
            return Say.of("check.no_goal")
        if verdict.orphan is OrphanClass.DEAD and verdict.links:
            return Say.of("check.dead", goal=verdict.links[0].target, example=example)
        if verdict.orphan is OrphanClass.TRANSITIVE and verdict.broken_at is not None:
            return Say.of("check.transitive", key=verdict.broken_at.key, example=example)
        return Say.of("check.direct", example=example)

    def _waiting(self, bearer: Ticket) -> tuple[Mapping[str, Json], Say]:
        """Nothing new is held against anybody while a source that may know better was not read."""
        stands = last_said(self.standing.get(status_slot(bearer)))
        if isinstance(stands, Mapping):
            return stands, Say.of("write.unchanged")
        say = Say.of("check.waiting", sources=", ".join(sorted(self.late)))
        return _value("pending", self.render(say), self._thread(bearer)), Say.of("write.waiting")

    def _thread(self, ticket: Ticket) -> str | None:
        """The page that explains it."""
        return pages.at(self.base, pages.thread(ticket.source, ticket.key)) or None

    def _place(self, ticket: Ticket, verdict: Verdict) -> str | None:
        """The page that explains it, else where to mend it, if that is somewhere else."""
        if explained := self._thread(ticket):
            return explained
        url = verdict.broken_at.url if verdict.broken_at is not None else ""
        return url if url.startswith(("https://", "http://")) and url != ticket.url else None


def _why(verdict: Verdict) -> Say:
    if verdict.orphan is OrphanClass.DANGLING and verdict.dangling:
        return Say.of("write.dangling", text=verdict.dangling[0].text)
    return Say.of(f"write.orphan.{verdict.orphan or OrphanClass.DIRECT}")


def _value(state: str, description: str, url: str | None = None) -> Mapping[str, Json]:
    value: dict[str, Json] = {"state": state, "description": shortened(neutral(description), LENGTH)}
    return value if url is None else {**value, "target_url": url}


def _fitted(titles: list[str], room: int) -> list[str]:
    """The titles within ``room`` characters together; a short one leaves its part to the other."""
    if sum(map(len, titles)) <= room:
        return titles
    part = room // len(titles)
    spare = part + sum(max(part - len(title), 0) for title in titles)
    return [shortened(title, spare) if len(title) > part else title for title in titles]
