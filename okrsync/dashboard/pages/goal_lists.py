"""The lists of the page of one key result: its items, what blocks it, what stands beside it, what the tools say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from okrsync.assess import GOAL
from okrsync.dashboard.marks import goal
from okrsync.dashboard.pages.goal_words import Words
from okrsync.reports import linked, pages
from okrsync.reports.common import instant, line
from okrsync.reports.status import measure
from rollup.facts import shortened

VALUE = 160  # characters of what was written that are shown
TONES = {"done": "good", "blocked": "bad"}
SYMBOLS = {"done": "✔", "in_progress": "◐", "cancelled": "–", "blocked": "■"}


class Lists(Words):
    """Each of them."""

    # ── obstacles, outcome and output ────────────────────────────────────────────────────────────────────────────────

    def blocked(self) -> dict[str, Any]:
        rows = [
            {
                "item": self._mark.item(one),
                "since": self._say("blocked.days", days=self._days(one["blocked_since"])),
                "day": self._day(one["blocked_since"]),
                "flag": self._say("blocked.flag") if one["flagged"] else "",
                "by": [
                    self._mark.item(self._answer["named"].get(key, {"source": one["source"], "key": key}))
                    for key in one["blockers"]
                ],
                "weight": self._mark.number(one["weight"]),
                "team": one["team"],
            }
            for one in self._answer["blocked"]
        ]
        total = self._answer["blocked_total"]
        return {"rows": rows, "total": total, "more": total - len(rows)}

    def beside(self) -> dict[str, Any]:
        """The metrics and the work of its objective, its own first."""
        every = [self._answer, *self._answer["siblings"]]
        outcome = [self._goal(one) for one in every if one["kind"] != "work"]
        output = [self._work(one) for one in every if one["kind"] in ("work", "mixed")]
        notes = [
            self._say(f"beside.{flag}", id=one["id"])
            for one in every
            for flag in ("output_without_outcome", "outcome_without_output")
            if flag in one["flags"]
        ]
        if not outcome or not output:
            notes.append(self._say("beside.no_outcome" if output else "beside.no_output"))
        return {"outcome": outcome, "output": output, "notes": notes}

    def _goal(self, one: Mapping[str, Any]) -> dict[str, Any]:
        own = one["id"] == self._kr.id
        return {
            "id": one["id"],
            "title": line(one["title"]),
            "path": "" if own else goal(one["id"]),
            "status": self._mark.status(one["status"]),
            "share": self._mark.share(one["progress"]),
            "told": " · ".join(map(line, measure(one, self._look.speak))),
        }

    def _work(self, one: Mapping[str, Any]) -> dict[str, Any]:
        """The work of a goal; of a mixed one what is done of it, which its status does not tell."""
        told = self._goal(one)
        if one["kind"] == "work":
            return told
        share = one["done"] / one["scope"] if one["scope"] else None
        facts = measure({**one, "kind": "work"}, self._look.speak)
        return {**told, "status": None, "share": self._mark.share(share), "told": " · ".join(map(line, facts))}

    # ── the items ────────────────────────────────────────────────────────────────────────────────────────────────────

    def items(self, show: str) -> dict[str, Any]:
        found = self._answer["linked"]
        counts = found["counts"]
        weighing = self._answer["kind"] in ("work", "mixed")
        unit = self._look.say(f"report.unit.{found['unit']}")
        return {
            "lead": self._say("items.weighing", count=found["weighing"], unit=unit)
            if weighing
            else self._say("items.beside", count=counts["all"]),
            "cuts": [
                {"name": cut, "word": self._say(f"cut.{cut}"), "count": counts[cut], "chosen": cut == show}
                for cut in linked.CUTS
                if counts[cut] or cut in ("all", show)
            ],
            "rows": [self._item(one) for one in found["items"]],
            "count": counts[show],
            "any": counts["all"] > 0,
        }

    def _item(self, one: Mapping[str, Any]) -> dict[str, Any]:
        state = "cancelled" if one["cancelled"] else "blocked" if one["blocked_since"] else ""
        kind = state or one["state"]
        finished = one["finished_at"] if one["state"] == "done" and not state else None
        since = one["blocked_since"]
        return {
            "item": self._mark.item(one),
            "state": {
                "word": self._say(f"state.{state}") if state else self._look.say(f"state.{one['state']}"),
                "symbol": SYMBOLS.get(kind, "○"),
                "tone": TONES.get(kind, "calm"),
            },
            "told": self._say("state.on", date=self._iso_day(finished)) if finished else
                    self._say("blocked.days", days=self._days(since)) if since else "",
            "weight": self._say("sums") if one["sums"] else self._mark.number(one["weight"]),
            "since": self._day(one["since"]),
            "rule": self._look.say(f"rule.{one['rule']}") if one["rule"] else "—",
            "via": line(one["via"] or ""),
            "team": one["team"] or "",
            "source": one["source"],
        }  # fmt: skip

    # ── the tools ────────────────────────────────────────────────────────────────────────────────────────────────────

    def written(self) -> dict[str, Any]:
        places: Sequence[str] = self._answer["write_to"]
        return {
            "rows": [self._write(one) for one in self._answer["written"]],
            "places": ", ".join(map(line, places)),
            "any": bool(places),
        }

    def _write(self, one: Mapping[str, Any]) -> dict[str, Any]:
        title, key, theirs = line(one["title"] or ""), line(one["target"]), one["theirs"]
        changed = ""
        if one["changed"]:
            changed = self._say("written.theirs" if theirs is not None else "written.taken_away")
        return {
            "key": "" if title and key.startswith(GOAL) else key,  # which nobody knows a goal by
            "title": title,
            "url": pages.web(one["url"]),
            "what": self._look.say(f"report.surface.{one['surface']}", name=line(one["name"])),
            "value": _on_one_line(one["value"]),
            "state": self._say(f"written.state.{one['state']}"),
            "at": instant(one["at"]) if one["at"] else "",
            "run": self._say("written.run", run=one["run"]),
            "run_path": f"/runs/{one['run']}",
            "error": line(one["error"] or ""),
            "changed": changed,
            "theirs": "" if theirs is None else _on_one_line(theirs),
            "command": f"okrsync approve {self._kr.id}",
        }

    def suspect(self) -> dict[str, Any] | None:
        one = self._answer["suspect"]
        if one is None:
            return None
        facts = {"was": line(one["was"]), "now": line(one["is"]), "date": self._iso_day(one["since"])}
        return {
            "told": self._say("suspect.told", count=one["total"], **facts),
            "command": f"okrsync confirm {self._kr.id} --why '…'",
            "items": [self._mark.item(item) for item in one["items"]],
            "more": one["total"] - len(one["items"]),
        }


def _on_one_line(value: str | None) -> str:
    """What stands in a tool, as far as it is shown."""
    return "—" if value is None else shortened(line(" · ".join(value.split("\n"))), VALUE)
