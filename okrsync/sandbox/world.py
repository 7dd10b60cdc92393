"""A world: everything that the stand-in tools hold, in memory or from a folder (docs/sandbox.md)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from okrsync.errors import UsageError
from okrsync.sandbox.asana import Asana
from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.github import GitHub
from okrsync.sandbox.github.enterprise import Enterprise
from okrsync.sandbox.github.repository import Repository
from okrsync.sandbox.jira import Gateway, Jira
from okrsync.sandbox.jira.site import Site
from okrsync.sandbox.post import Post
from okrsync.sandbox.web import Request, Response


class Answers(Protocol):
    """What stands behind the first segment of a path; the rest of the path reaches it."""

    def answer(self, request: Request) -> Response:
        """What the tool says."""
        ...


class Tool(Answers, Protocol):
    """One stand-in tool."""

    def edit(self, request: Request) -> Response:
        """An edit as a person makes it in the tool, from ``/_sandbox/{tool}/…``."""
        ...

    def notice(self) -> None:
        """What changed is on its way to the webhooks that want to know."""
        ...

    def posts(self) -> Iterable[Post]:
        """By which webhooks leave."""
        ...

    def save(self, folder: Path) -> None:
        """Write what the tool holds into its folder of a world."""
        ...


class World:
    """The tools and their common clock. ``config`` is the text of the world's own okrsync.toml, if it has one."""

    def __init__(
        self,
        jira: Iterable[Site] = (),
        github: Iterable[Repository] = (),
        asana: Iterable[Workspace] = (),
        *,
        clock: Clock | None = None,
        config: str | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.config = config
        self.jira = Jira(jira)
        for site in self.jira.sites.values():
            site.clock = self.clock
        self.github = GitHub(github, clock=self.clock)
        self.enterprise = Enterprise(self.github)
        self.asana = Asana(asana, clock=self.clock)
        self.tools: dict[str, Tool] = {"jira": self.jira, "github": self.github, "asana": self.asana}
        self.served: dict[str, Answers] = {**self.tools, "ex": Gateway(self.jira), "ghes": self.enterprise}

    @classmethod
    def load(cls, folder: Path) -> World:
        """The world of a folder.

        UsageError names the folder that is missing, or the file and line that is broken.
        """
        if not folder.is_dir():
            raise UsageError(f"{folder}: no such folder; a world is a folder that holds jira/, github/ or asana/")
        clock = Clock()
        config = folder / "okrsync.toml"
        return cls(
            (Site.load(path, clock) for path in _folders(folder / "jira", "*")),
            (Repository.load(path) for path in _folders(folder / "github", "*/*")),
            (Workspace.load(path) for path in _folders(folder / "asana", "*")),
            clock=clock,
            config=config.read_text(encoding="utf-8") if config.is_file() else None,
        )

    def notice(self) -> None:
        """Webhooks tell what changed since they told last, whoever changed it."""
        for tool in self.tools.values():
            tool.notice()

    def posted(self) -> None:
        """Return when every webhook that was on its way was answered, or not."""
        for tool in self.tools.values():
            for post in tool.posts():
                post.drain()

    def silence(self) -> None:
        """No webhook leaves any more."""
        for tool in self.tools.values():
            for post in tool.posts():
                post.close()

    def save(self, folder: Path) -> None:
        """Write every tool back into a folder that :meth:`load` reads."""
        for name, tool in self.tools.items():
            tool.save(folder / name)


def _folders(below: Path, pattern: str) -> list[Path]:
    return sorted(path for path in below.glob(pattern) if path.is_dir())
