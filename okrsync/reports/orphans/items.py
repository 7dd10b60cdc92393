"""The items that reach no objective, one by one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from config import Config
from okrsync.linking import explain
from okrsync.model import Say, Ticket, Verdict, VerdictKind
from okrsync.reports.common import Speak, iso
from okrsync.store import tickets
from okrsync.store.bulk import among
from okrsync.worked import Worked
from rollup.effort import EffortReport
from rollup.worked import VERDICTS

if TYPE_CHECKING:
    from sqlalchemy import Connection

LISTED = (VerdictKind.ORPHAN, VerdictKind.UNRESOLVABLE, VerdictKind.EXEMPT)


def listing(
    tx: Connection, config: Config, now: datetime, worked: Worked, effort: EffortReport, speak: Speak
) -> list[dict[str, Any]]:
    """What is said of each of them that is asked for, the most effort first."""
    work = worked.work
    asked = work["chosen"] & np.isin(work["verdict"], [VERDICTS.index(kind) for kind in LISTED])
    cost = np.zeros(len(work))
    cost[effort.rows] = effort.sizes
    uids = work["uid"][asked].tolist()
    teams = [worked.places[place].team for place in work["place"][asked].tolist()]
    every = tickets.read(tx, chosen=lambda uid: among(uid, uids), placed=False)
    judged = explain(tx, config, uids, now)
    rows = [_item(*told, speak) for told in zip(every, judged, teams, cost[asked].tolist(), strict=True)]
    return sorted(rows, key=lambda row: (-row["effort"], row["source"], row["key"]))


def _item(item: Ticket, verdict: Verdict, team: str | None, effort: float, speak: Speak) -> dict[str, Any]:
    broken = verdict.broken_at
    evidence = verdict.exemption or (broken.why if broken else None)
    return {
        "source": item.source,
        "key": item.key,
        "kind": item.kind.value,
        "title": item.title,
        "url": item.url,
        "verdict": verdict.kind.value,
        "class": verdict.orphan.value if verdict.orphan else None,
        "fix": speak(broken.fix) if broken else None,
        "evidence": speak(evidence) if evidence else None,
        "effort": effort,
        "team": team,
        "created_at": iso(item.created_at),
        "updated_at": iso(item.updated_at),
    }


def words(item: dict[str, Any], speak: Speak) -> dict[str, str | None]:
    """The verdict and the class of an item in words."""
    why = item["class"]
    return {
        "verdict_word": speak(Say.of(f"report.verdict.{item['verdict']}")),
        "class_word": speak(Say.of(f"report.class.{why}")) if why else None,
    }
