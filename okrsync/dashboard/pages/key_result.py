"""One key result: how it stands and why, its way and where it leads, the items behind it, what the tools say of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from okrsync import typed
from okrsync.dashboard.look import Asked, Look, Page
from okrsync.dashboard.marks import goal, objective
from okrsync.dashboard.pages.goal_lists import Lists
from okrsync.dashboard.pages.goal_words import Words
from okrsync.dashboard.pages.way import way
from okrsync.model import GoalState
from okrsync.reports import common
from okrsync.reports import key_result as report
from okrsync.reports.common import instant, line, percent
from okrsync.reports.status import GOAL_STATUSES, measure
from rollup.facts import day
from rollup.span import whole_days

VALUE = 160  # characters of what was written that are shown


class Wanted(Asked):
    """Which key result, and which of its items; ``limit`` and ``offset`` count items."""

    id: str
    show: Literal["all", "open", "done", "blocked", "cancelled", "added"] = "all"
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=2**53)


def view(look: Look, asked: Wanted) -> Mapping[str, Any]:
    kr = look.config.goals.key_results.get(asked.id)
    if kr is None:
        raise typed.unknown("key result", asked.id, look.config.goals.key_results)
    page = common.Page(asked.offset, asked.limit)
    answer = report.answer(look.tx, look.config, look.assess(), look.speak, kr, cut=asked.show, page=page)
    top, lists = _Head(look, kr, answer), Lists(look, kr, answer)
    return {
        "title": line(kr.title),
        "kr": top.head(),
        "cards": top.cards(),
        "notes": top.notes(),
        "facts": top.facts(),
        "way": way(look, answer),
        "causes": [top.clause(one) for one in answer["cause"]],
        "narrative": top.narrative(),
        "blocked": lists.blocked(),
        "beside": lists.beside(),
        "items": lists.items(asked.show),
        "written": lists.written(),
        "suspect": lists.suspect(),
    }


class _Head(Words):
    """How it stands, what is to be known first, and why."""

    # ── the head ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def head(self) -> dict[str, Any]:
        return {
            "id": self._kr.id,
            "path": goal(self._kr.id),
            "objectives": [
                {"title": line(one["title"]), "path": objective(one["id"])} for one in self._answer["objectives"]
            ],
            "no_reading": self._answer["kind"] in ("metric", "keep", "mixed") and self._answer["value"] is None,
        }

    def cards(self) -> list[dict[str, Any]]:
        """Status, progress, chance or grade, time."""
        answer, facts = self._answer, measure(self._answer, self._look.speak)
        keep = answer["kind"] == "keep"
        cards: list[dict[str, Any]] = [
            {"title": self._say("status"), "badge": self._mark.status(answer["status"]), "told": self._verdict()},
            {
                "title": self._say("progress.keep" if keep else "progress"),
                "figure": percent(answer["progress"], self._look.speak),
                "bar": self._mark.share(answer["progress"]),
                "tone": self._mark.status(answer["status"])["tone"],
                "told": " · ".join(map(line, facts[: 2 if answer["kind"] == "mixed" else 1])),
                "more": self._say("to_reach", share=percent(answer["course"]["share"], self._look.speak)),
            },
        ]
        forecast = answer["forecast"]
        if answer["grade"] is not None:
            cards.append(
                {
                    "title": self._say("grade"),
                    "figure": self._mark.number(answer["grade"]),
                    "told": self._say("grade.of"),
                }
            )
        elif forecast["probability"] is not None:
            date = forecast["date"]
            cards.append(
                {
                    "title": self._say("chance"),
                    "figure": percent(forecast["probability"], self._look.speak),
                    "told": self._say("chance.at_pace", date=date) if date else self._say("chance.no_pace"),
                }
            )
        elapsed = self._span.elapsed
        cards.append(
            {
                "title": self._say("time"),
                "figure": percent(elapsed, self._look.speak),
                "bar": self._mark.share(elapsed),
                "tone": "calm",
                "told": self._window(),
                "more": self._left(),
            }
        )
        return cards

    def notes(self) -> list[str]:
        """What is to be known before anything else."""
        kr, answer = self._kr, self._answer
        states = {GoalState.DRAFT: "draft", GoalState.DROPPED: "dropped", GoalState.CLOSED: "closed"}
        told = [self._say(states[kr.state])] if kr.state in states else []
        if self._span.over:
            told.append(self._say("over"))
        if said := answer["published"]:
            share = percent(said["progress"], self._look.speak)
            word = self._look.say(f"status.{said['status']}")
            words = word if said["progress"] is None else f"{share}, {word}"
            told.append(self._say("published", at=instant(said["at"]), said=words))
        if other := answer["override"]:
            status = other["status"]
            status = self._look.say(f"status.{status}") if status in GOAL_STATUSES else line(status)
            at = instant(other["at"])
            where, by = line(other["where"]), line(other["by"])
            told.append(self._look.say("report.overridden", id=kr.id, by=by, status=status, where=where, at=at))
        return told

    def facts(self) -> list[tuple[str, str]]:
        kr, answer = self._kr, self._answer
        kind = f"{self._say('kind.' + answer['kind'])}, {self._say('commitment.' + answer['commitment'])}"
        told = [
            (self._say("owner"), line(kr.owner) if kr.owner else self._say("nobody")),
            (self._say("sort"), kind),
            (self._say("cycle"), f"{line(kr.cycle)} · {self._window()}" if kr.cycle else self._window()),
            (self._say("weight"), self._mark.number(kr.weight)),
        ]
        if answer["kind"] in ("work", "mixed") and answer["scope"]:
            numbers = {
                name: self._mark.number(answer[name]) for name in ("done", "scope", "initial", "added", "cancelled")
            }
            estimated = percent(answer["estimated"], self._look.speak)
            done = {name: numbers.pop(name) for name in ("done", "scope")}
            told.append((self._say("counted"), self._say(f"counted.{answer['unit']}", estimated=estimated, **done)))
            if answer["initial"] is not None:
                told.append((self._say("moved"), self._say("moved.told", removed=int(answer["removed"]), **numbers)))
        return told

    def _verdict(self) -> str:
        """What damping keeps back; else what the cards beside it do not tell of why."""
        alone = self._look.assess().progress[self._kr.id].undamped
        if alone is not None:
            return self._say("status.held", status=self._look.say(f"status.{alone.value}"))
        judged = self._answer["forecast"]["probability"] is not None  # then chance and pace come first
        causes = self._answer["cause"][2 if judged else 0 :]
        return line(causes[0]["text"]) if causes else ""

    def _window(self) -> str:
        start, last = self._kr.window.start, self._span.last_day(self._zone)
        first = None if start is None else day(start, self._zone)
        if first is not None and last is not None:
            return self._say("window", start=first, end=last.isoformat())
        if first is not None:
            return self._say("window.from", start=first)
        return self._say("window.none") if last is None else self._say("window.until", end=last.isoformat())

    def _left(self) -> str:
        end = self._kr.window.end
        if end is None or self._span.over or not self._span.started:
            return ""
        return self._say("left", days=whole_days(end - self._span.now))

    # ── why ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    def narrative(self) -> dict[str, Any]:
        """The draft, what became of it, and what to type."""
        waiting = [one for one in self._answer["written"] if one["waits"]]
        told = [one for one in self._answer["written"] if one["state"] == "applied"]
        approval = any(one["waits"] == "approval" for one in waiting)
        command = f"okrsync approve {self._kr.id}" if approval else ""
        if not self._answer["write_to"]:
            state = self._say("narrative.nowhere")
        elif approval:
            state = self._say("narrative.approval")
        elif turn := [one for one in waiting if one["waits"] == "turn"]:
            by, at = turn[0]["approved_by"], instant(turn[0]["at"])
            state = self._say("narrative.approved", by=line(by), at=at) if by else self._say("narrative.turn")
        elif waiting:
            state = self._say("narrative.mode")
        elif told:
            state = self._say("narrative.told", at=instant(max(one["at"] for one in told)))
        else:
            state = self._say("narrative.draft")
        return {
            "sentences": [self.clause(one) for one in self._answer["narrative_clauses"]],
            "state": state,
            "command": command,
        }


PAGE = Page("key_result", "/key-results/{id:path}", Wanted, view)
