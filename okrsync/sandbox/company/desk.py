"""The desk at which the teams write: one Jira, one Asana, and the repositories."""

from __future__ import annotations

from okrsync.sandbox.company.asana import Asana
from okrsync.sandbox.company.github import Codebase
from okrsync.sandbox.company.jira import Jira
from okrsync.sandbox.company.lives import Lives
from okrsync.sandbox.company.quarter import Quarter
from okrsync.sandbox.world import World


class Desk:
    """What is written on it becomes a world."""

    def __init__(self, quarter: Quarter) -> None:
        self.quarter = quarter
        self.jira = Jira(quarter)
        self.asana = Asana(quarter)
        self.repositories: list[Codebase] = []

    def lives(self, team: str) -> Lives:
        """Lives for a team: those of one do not depend on what another has."""
        return Lives(self.quarter, f"L’Ormeraie, {team}")

    def repository(self, name: str, team: str, *, newest: int) -> Codebase:
        """A new repository of a team; ``newest``: the highest number of its issues and pull requests."""
        made = Codebase(self.quarter, name, team, newest=newest)
        self.repositories.append(made)
        return made

    def world(self) -> World:
        """Jira first: what developers write names its tickets."""
        self.jira.write()
        return World([self.jira.site], [one.write() for one in self.repositories], [self.asana.write()])
