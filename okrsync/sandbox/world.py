"""A world: everything that the stand-in tools hold, in memory or from a folder (docs/sandbox.md)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from okrsync.errors import UsageError
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.jira import Jira
from okrsync.sandbox.jira.site import Site
from okrsync.sandbox.web import Request, Response


class Tool(Protocol):
    """One stand-in tool. Paths reach it without the tool's own prefix."""

    def answer(self, request: Request) -> Response:
        """What the tool says."""
        ...

    def edit(self, request: Request) -> Response:
        """An edit as a person makes it in the tool, from ``/_sandbox/{tool}/…``."""
        ...

    def save(self, folder: Path) -> None:
        """Write what the tool holds into its folder of a world."""
        ...


class World:
    """The tools and their common clock. ``config`` is the text of the world's own okrsync.toml, if it has one."""

    def __init__(self, jira: Iterable[Site] = (), *, clock: Clock | None = None, config: str | None = None) -> None:
        self.clock = clock or Clock()
        self.config = config
        self.jira = Jira(jira)
        for site in self.jira.sites.values():
            site.clock = self.clock
        self.tools: dict[str, Tool] = {"jira": self.jira}

    @classmethod
    def load(cls, folder: Path) -> World:
        """The world of a folder; a tool that this version does not serve is left alone.

        UsageError names the folder that is missing, or the file and line that is broken.
        """
        if not folder.is_dir():
            raise UsageError(f"{folder}: no such folder; a world is a folder that holds jira/<site>/issues.jsonl")
        clock = Clock()
        config = folder / "okrsync.toml"
        sites = sorted(path for path in (folder / "jira").glob("*") if path.is_dir())
        return cls(
            (Site.load(path, clock) for path in sites),
            clock=clock,
            config=config.read_text(encoding="utf-8") if config.is_file() else None,
        )

    def save(self, folder: Path) -> None:
        """Write every tool back into a folder that :meth:`load` reads."""
        for name, tool in self.tools.items():
            tool.save(folder / name)
