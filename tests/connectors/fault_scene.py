"""One source of each tool on one sandbox, read through okrsync's own sync, on a clock that tests move.

What goes wrong is armed at the sandbox and comes over sockets; waits are written down and not slept.
"""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from lumen_metadata import PROJECTS
from sqlalchemy import select

import config
from config import Config
from connectors import registry
from okrsync.engine.threads import ThreadEngine
from okrsync.errors import ToolError
from okrsync.model import Cursor, Secret, SourceConfig
from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.company.jira_metadata import FIELDS, ISSUE_TYPES, STATUSES
from okrsync.sandbox.github.repository import Repository
from okrsync.sandbox.jira import changes
from okrsync.sandbox.jira.account import Account
from okrsync.sandbox.jira.changes import Hand
from okrsync.sandbox.jira.site import Site
from okrsync.store import Store, sources
from okrsync.store import tables as t
from okrsync.sync import Options, SourceResult, sync

TOOLS = ("jira", "github", "asana")
TOKEN = "canary-0123456789"
LEAD = timedelta(hours=2)  # from its beginning to the fault: then it is now, for what a tool asks to wait is counted so
TIMEOUT = 0.5  # seconds; the deadline of 30 s, scaled
PULLS = {"jira": r".*/search/jql", "github": r".*/issues", "asana": r".*/tasks(/search)?"}  # what is asked page by page

CONFIG = """
[okrsync]
database = "sqlite:///unused.db"
timezone = "UTC"
language = "en"
instance = "acme"

[[sources]]
id = "jira"
kind = "jira"
url = "{url}/jira/acme"
auth = {{ email = "bot@acme.test", token = {{ env = "TOKEN" }} }}
projects = ["SHOP", "PAY"]

[[sources]]
id = "github"
kind = "github"
url = "{url}/github"
auth = {{ token = {{ env = "TOKEN" }} }}
repositories = ["acme/shop", "acme/pay"]

[[sources]]
id = "asana"
kind = "asana"
url = "{url}/asana/api/1.0"
auth = {{ token = {{ env = "TOKEN" }} }}
workspace = "1100"
projects = ["2001", "2002"]

[[cycles]]
id = "2026-Q4"
start = 2026-10-01
end = 2026-12-31

[[objectives]]
id = "O-SHOP"
title = "A shop that people come back to"
owner = "cpo@acme.test"
cycle = "2026-Q4"

[[objectives.key_results]]
id = "KR-UX"
title = "The new checkout is live"
owner = "cpo@acme.test"
"""


@dataclass
class Scene:
    """One tool in front of the faults; ``items`` of it were there before anything went wrong."""

    tool: str
    sandbox: Sandbox
    folder: Path
    clock: Clock
    store: Store
    site: Site
    repositories: tuple[Repository, Repository]
    workspace: Workspace
    census: timedelta = timedelta(hours=24)
    url: str = ""  # where the source is sought instead
    timeout: float = 10.0  # on whatever machine this is
    waits: list[float] = field(default_factory=list)
    opened: list[Any] = field(default_factory=list)

    # ── the tool, as people use it ──

    def add(self, count: int) -> list[str]:
        """So many more items, shared between both scopes."""
        return [self._add(number) for number in range(count)]

    def _add(self, number: int) -> str:
        second = number % 2
        match self.tool:
            case "jira":
                fields = {"summary": f"Work {number}", "project": ("SHOP", "PAY")[second], "issuetype": "Bug"}
                return changes.create(self.site, fields, self._hand()).id
            case "github":
                repository = self.repositories[second]
                return f"{repository.id}#{repository.issue(f'Work {number}').number}"
        return self.workspace.task(f"Work {number}", project=("2001", "2002")[second])

    def retitle(self, identity: str, title: str) -> None:
        match self.tool:
            case "jira":
                changes.change(self.site, self.site.issues[identity], {"summary": title}, self._hand())
            case "github":
                repository, number = self._found(identity)
                repository.edit(number, title=title)
            case _:
                self.workspace.edit(f"tasks/{identity}", {"name": title})

    def delete(self, identity: str) -> None:
        match self.tool:
            case "jira":
                changes.delete(self.site, self.site.issues[identity])
            case "github":
                repository, number = self._found(identity)
                repository.delete(number)
            case _:
                self.workspace.edit(f"tasks/{identity}", {"delete": True})

    def hide_second(self) -> None:
        """The account does not see the second scope any more."""
        match self.tool:
            case "jira":
                self.site.hide("PAY")
            case "github":
                self.repositories[1].hide()
            case _:
                self.workspace.hide("2002")

    def rename_second(self) -> None:
        """The second scope is called otherwise; nothing in it is updated."""
        match self.tool:
            case "jira":
                project = self.site.project("PAY")
                assert project is not None
                project["key"] = "CASH"
                for issue in list(self.site.issues.values()):
                    if issue.project_id == project["id"]:
                        issue.fields["project"] = dict(project)
                        self.site.rekey(issue, f"CASH-{issue.number}")
            case "github":
                self.repositories[1].rename("cash")
            case _:
                self.workspace.edit("projects/2002", {"name": "Cash"})

    def _hand(self) -> Hand:
        return Hand(Account("acc-ada", "Ada"), self.clock())

    def _found(self, identity: str) -> tuple[Repository, int]:
        place, _, number = identity.partition("#")
        return next(one for one in self.repositories if str(one.id) == place), int(number)

    # ── okrsync ──

    @cached_property
    def _written(self) -> Config:
        path = self.folder / "okrsync.toml"
        path.write_text(CONFIG.format(url=self.sandbox.url), encoding="utf-8")
        return config.load(path, {}, registry.settings())

    @property
    def config(self) -> Config:
        return replace(self._written, sources=tuple(self._as_it_is(source) for source in self._written.sources))

    def _as_it_is(self, source: SourceConfig) -> SourceConfig:
        url = self.url if self.url and source.id == self.tool else source.url
        return replace(source, url=url, census=self.census, timeout=timedelta(seconds=self.timeout))

    def connect(self, source: SourceConfig) -> Any:
        made: Any = registry.connect(source, Secret(TOKEN))
        made._api._transport._wait = self._wait
        self.opened.append(made)
        return made

    def _wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return False

    def sync(self, *, others: bool = False) -> SourceResult:
        """One cycle of this source, and of the others beside it where they matter."""
        settings = self.config
        chosen = [source for source in settings.sources if others or source.id == self.tool]
        results = sync(
            self.store,
            settings,
            chosen,
            connect=self.connect,
            clock=self.clock,
            engine=ThreadEngine(),
            options=Options(),
        )
        for result in results:
            assert result.id == self.tool or result.state == "ok", f"{result.id}: {result.error}"
        return next(result for result in results if result.id == self.tool)

    def ask(self) -> ToolError | None:
        """What a pull of everything, by a connector alone, ends with."""
        source = self.connect(next(one for one in self.config.sources if one.id == self.tool))
        try:
            for _ in source.pull({scope.id: None for scope in source.scopes() if scope.readable}):
                pass
        except ToolError as failure:
            return failure
        finally:
            source.close()
        return None

    def cursors(self) -> dict[str, Cursor | None]:
        with self.store.read() as tx:
            return sources.cursors(tx, self.tool)

    def titles(self) -> dict[str, str]:
        """Identity → title of all that is stored and not taken for deleted."""
        with self.store.read() as tx:
            rows = tx.execute(select(t.item.c.remote_id, t.item.c.title).where(t.item.c.source == self.tool, t.LIVE))
            return {row.remote_id: row.title for row in rows}


@cache
def _empty() -> bytes:
    """A database with the schema and nothing in it, to copy: migrating one anew takes longer than a sync."""
    with tempfile.TemporaryDirectory(prefix="okrsync-faults-") as folder:
        Store.open(f"sqlite:///{folder}/empty.db").close()
        return (Path(folder) / "empty.db").read_bytes()


def store_in(folder: Path) -> Store:
    """An empty store."""
    (folder / "okrsync.db").write_bytes(_empty())
    return Store.open(f"sqlite:///{folder}/okrsync.db")


@contextmanager
def scene(tool: str) -> Iterator[Scene]:
    """A tool with two scopes and nothing in them."""
    clock = Clock(datetime.now(UTC) - LEAD)
    site = Site(
        "acme", projects=map(dict, PROJECTS), statuses=map(dict, STATUSES), issue_types=ISSUE_TYPES, fields=FIELDS
    )
    repositories = Repository("acme/shop"), Repository("acme/pay")
    workspace = Workspace("1100", projects=[{"gid": "2001", "name": "Shop"}, {"gid": "2002", "name": "Pay"}])
    world = World([site], github=list(repositories), asana=[workspace], clock=clock)
    with Sandbox(world) as sandbox, tempfile.TemporaryDirectory(prefix="okrsync-faults-") as folder:
        store = store_in(Path(folder))
        try:
            made = Scene(tool, sandbox, Path(folder), clock, store, site, repositories, workspace)
            yield made
            for source in made.opened:
                source.close()
        finally:
            store.close()


# ── addresses that lead nowhere ──


@contextmanager
def refused() -> Iterator[str]:
    """Nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


@contextmanager
def unknown_host() -> Iterator[str]:
    """No such name."""
    yield "http://no-such-host.invalid"


@contextmanager
def no_tls() -> Iterator[str]:
    """What listens does not speak TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        with _answering(listener):
            yield f"https://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def silent_tls() -> Iterator[str]:
    """The handshake is never answered."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def black_hole() -> Iterator[str]:
    """The queue of connections that nobody accepts is full: a further SYN gets no answer."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as waiting:
        for _ in range(3):
            line = waiting.enter_context(socket.socket())
            line.setblocking(False)
            line.connect_ex(full.getsockname())
        yield f"http://127.0.0.1:{full.getsockname()[1]}"


@contextmanager
def _answering(listener: socket.socket) -> Iterator[None]:
    """Whoever comes gets a few words that are no TLS."""
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError):
                line, _ = listener.accept()
                with line:
                    line.recv(4096)
                    line.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield
    over.set()
    thread.join(5)
