"""What all parts of the page of one key result share: its words, its days, and the items that stand behind them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from okrsync.dashboard.look import Look
from okrsync.dashboard.marks import Marks
from okrsync.model import KeyResult
from okrsync.reports import key_result as report
from okrsync.reports.common import line
from rollup.facts import day
from rollup.span import Span, whole_days


class Words:
    """Of one key result, in one language."""

    def __init__(self, look: Look, kr: KeyResult, answer: Mapping[str, Any]) -> None:
        self._look, self._kr, self._answer = look, kr, answer
        self._mark, self._zone = Marks(look.speak), look.config.goals.timezone

    def clause(self, clause: Mapping[str, Any]) -> dict[str, Any]:
        """A cause or a sentence, with the items behind it."""
        total = clause.get("items_total", len(clause["items"]))
        shown = clause["items"][: report.NAMED]
        return {
            "text": line(clause["text"]),
            "items": [self.named(key) for key in shown],
            "count": self._say("items_behind", count=total),
            "more": total - len(shown),
        }

    def named(self, key: str, source: str | None = None) -> dict[str, str]:
        """An item of which only the key is known here, with its title where the store has it."""
        return self._mark.item(self._answer["named"].get(key, {"source": source, "key": key}))

    @property
    def _span(self) -> Span:
        return Span(self._kr.window, datetime.fromisoformat(self._answer["now"]))

    def _days(self, since: str) -> int:
        return whole_days(self._span.now - datetime.fromisoformat(since))

    def _iso_day(self, at: str) -> str:
        return day(datetime.fromisoformat(at), self._zone)

    def _day(self, at: str) -> str:
        return self._say("date", date=self._iso_day(at))

    def _say(self, code: str, **args: Any) -> str:
        return self._look.say(f"site.key_result.{code}", **args)
