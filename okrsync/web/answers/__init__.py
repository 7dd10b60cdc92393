"""What the API answers: DESIGN's JSON, typed. The answers themselves are those of the reports.

Instants are ISO 8601 in UTC, shares and progress fractions of 1, and what is not known is null.
"""

from okrsync.web.answers.common import Answer, Error
from okrsync.web.answers.daemon import AlertsAnswer, Alive, Ready, SourcesAnswer, VersionAnswer
from okrsync.web.answers.goals import StatusAnswer
from okrsync.web.answers.orphans import OrphansAnswer
from okrsync.web.answers.work import BacklogAnswer, EffortAnswer, GapsAnswer, TraceAnswer
from okrsync.web.answers.writes import PlanAnswer, RunAnswer, RunsAnswer

__all__ = [
    "AlertsAnswer",
    "Alive",
    "Answer",
    "BacklogAnswer",
    "EffortAnswer",
    "Error",
    "GapsAnswer",
    "OrphansAnswer",
    "PlanAnswer",
    "Ready",
    "RunAnswer",
    "RunsAnswer",
    "SourcesAnswer",
    "StatusAnswer",
    "TraceAnswer",
    "VersionAnswer",
]
