"""Everything that is broken in the chain, in either direction, with evidence and fix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

import mapping
import rollup
from config import Config
from okrsync.assess import Assessment
from okrsync.model import Gap, GapKind, Say, Severity
from okrsync.reports.common import Speak, freshness_line, head, indented, iso, text
from okrsync.store import queries
from okrsync.writeback import write_targets

if TYPE_CHECKING:
    from sqlalchemy import Connection

SEVERITY_STYLE = {"high": "red", "medium": "yellow", "low": "dim"}
_ORDER = list(Severity)


def answer(tx: Connection, config: Config, assessment: Assessment, speak: Speak) -> dict[str, Any]:
    """DESIGN's ``gaps``, the gravest first."""
    gaps = sorted(collect(tx, config, assessment), key=lambda gap: (_ORDER.index(gap.severity), gap.kind, gap.subject))
    return {
        **head(assessment.freshness, config, assessment.now),
        "gaps": [
            {
                "kind": gap.kind.value,
                "severity": gap.severity.value,
                "subject": gap.subject,
                "evidence": speak(gap.evidence),
                "fix": speak(gap.fix),
                "since": iso(gap.since),
                "items": list(gap.items),
            }
            for gap in gaps
        ],
    }


def collect(tx: Connection, config: Config, assessment: Assessment) -> Iterable[Gap]:
    """The gaps of the chain, of the goals, and of what was read."""
    yield from mapping.chain_gaps(queries.marked(tx), config.goals, config.rules, assessment.now)
    yield from rollup.goal_gaps(config.goals, assessment.progress)
    yield from rollup.unresolved_targets(config.goals, write_targets(tx, config), config.writeback)
    for scope in assessment.freshness.unreadable:
        yield Gap(
            GapKind.SCOPE_UNREACHABLE,
            Severity.HIGH,
            scope,
            Say.of("report.gap.scope_unreachable", scope=scope),
            Say.of("report.fix.scope_unreachable", source=scope.partition(":")[0]),
        )
    for status, keys in queries.unknown_statuses(tx):
        yield Gap(
            GapKind.UNKNOWN_STATUS,
            Severity.LOW,
            status,
            Say.of("report.gap.unknown_status", status=status, count=len(keys)),
            Say.of("report.fix.unknown_status", status=status),
            items=tuple(keys),
        )


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """One block a kind, the gravest first; each gap with what was found and what to do."""
    parts: list[RenderableType] = [freshness_line(answer, speak)]
    if not answer["gaps"]:
        return [*parts, Text(speak(Say.of("report.no_gaps" if answer["as_of"] else "report.no_gap_known")))]
    for (severity, kind), found in groupby(answer["gaps"], key=lambda gap: (gap["severity"], gap["kind"])):
        gaps = list(found)
        name, weight = speak(Say.of(f"report.gap_kind.{kind}")), speak(Say.of(f"report.severity.{severity}"))
        parts += ["", Text(f"{name} ({len(gaps)}) · {weight}", style=SEVERITY_STYLE[severity])]
        for gap in gaps:
            parts.append(indented(Text.assemble(text(gap["subject"], "bold"), "  ", text(gap["evidence"])), 2))
            parts.append(indented(text(f"→ {gap['fix']}"), 4))
    return parts
