"""Whose work an item is, found once for all that are alike: their teams, and the value streams of these."""

from __future__ import annotations

import rollup
from config import Config
from okrsync.store.codec import load_labels


class Teams:
    """The teams of the configuration. Labels are those of an item as the store keeps them."""

    def __init__(self, config: Config) -> None:
        self._teams = config.teams
        self._streams = {team.id: team.value_stream or None for team in config.teams}
        self.by_label = any(one.labels for one in config.teams)
        self._known: dict[tuple[str, str, str | None], str | None] = {}

    def of(self, source: str, project: str, labels: str | None) -> str | None:
        """The first team that an item of which this is known belongs to."""
        alike = (source, project, labels if self.by_label else None)
        if alike not in self._known:
            self._known[alike] = rollup.team_at(source, project, load_labels(labels), self._teams)
        return self._known[alike]

    def stream_of(self, team: str | None) -> str | None:
        """The value stream of a team; None for a team without one, and for none."""
        return None if team is None else self._streams[team]

    def scale(self, source: str, project: str, labels: str | None) -> tuple[str, ...]:
        """Whose scale the estimates of an item have: its team's, else its project's."""
        team = self.of(source, project, labels)
        return (source, project) if team is None else (team,)
