"""L’Ormeraie, a made-up French seller of furniture and garden wares, over Jira, GitHub and Asana.

``company(now)`` depends on nothing but ``now``: the same instant gives the same company, eight weeks into a quarter of
thirteen. It shows what okrsync finds: an epic that nobody linked, labels with a typo, a dropped objective that still
costs, upkeep that is declared and upkeep that is not, fifteen tickets blocked for four days, a key result whose work is
nearly done while its metric stands still, a large pull request about to be merged that serves no objective, an epic on
a board outside the scope, and a parent that the account may not read.
"""

from __future__ import annotations

from datetime import datetime

from okrsync.sandbox.company import teams
from okrsync.sandbox.company.config import company_config
from okrsync.sandbox.company.desk import Desk
from okrsync.sandbox.company.github import ORGANISATION
from okrsync.sandbox.company.quarter import Quarter
from okrsync.sandbox.company.readings import readings
from okrsync.sandbox.company.teams import paiement
from okrsync.sandbox.world import World

STRATEGY = ("O-FIDELITE", "O-LIVRER", "O-RENTABLE", "O-SOCLE")
"""The objectives of the year."""

TEAM_EXAMPLES = ("O-PARCOURS", "O-PAIEMENT")
"""Two of the quarter: work without effect, and work that is blocked."""

BACKLOG_EXAMPLE = "O-CLOTURE"
"""One of the quarter whose work lies in two tools."""

TRACED_EXAMPLE = "bd98b8cc32"
"""The commit of a pull request of a story: six hops below the strategy."""

UNTRACED_EXAMPLE = f"{ORGANISATION}/{paiement.REPOSITORY}#{paiement.UNTRACED_NUMBER}"
"""The pull request that is about to be merged."""

__all__ = [
    "BACKLOG_EXAMPLE",
    "STRATEGY",
    "TEAM_EXAMPLES",
    "TRACED_EXAMPLE",
    "UNTRACED_EXAMPLE",
    "Quarter",
    "company",
    "company_config",
    "readings",
]


def company(now: datetime) -> World:
    """The company as its tools hold it at this instant."""
    desk = Desk(Quarter(now))
    teams.write(desk)
    return desk.world()
