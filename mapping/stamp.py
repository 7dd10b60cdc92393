"""When all verdicts have to be given again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import datetime

from mapping.tree import GoalTree
from okrsync.model import Goals, Rules

_LOGIC = 4  # grows with every release that links, judges or explains otherwise


def fingerprint(goals: Goals, rules: Rules, now: datetime) -> str:
    """A text that is another one exactly when verdicts given under it need to be given again.

    It covers what verdicts are made of: ids, titles, tree, epics and containers of the goals, which of them are dead at
    ``now``, the rules, and the time zone in which days are told. Owners, weights, targets and readings are not in it.
    """
    tree = GoalTree(goals, now)
    made_of = {
        "logic": _LOGIC,
        "timezone": goals.timezone,
        "objectives": [[one.id, one.title, one.parent, one.relation] for one in goals.objectives.values()],
        "key_results": [
            [one.id, one.title, one.objective, [str(epic) for epic in one.epics], one.containers]
            for one in goals.key_results.values()
        ],
        "deaths": [[goal, death.how, death.goal, death.last_day] for goal, death in tree.deaths.items()],
        "rules": asdict(rules),
    }
    return hashlib.sha256(json.dumps(made_of, ensure_ascii=True).encode()).hexdigest()
