"""Webhooks of three tools as okrsync makes them: the sandbox keeps what it would send, and a test plays it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from hooked import SECRET
from trio import BOARD, Trio

from config import Config
from connectors import asana_hooks, github_hooks, jira_hooks
from okrsync.hooks.receiver import Receiver
from okrsync.hooks.sealing import seal
from okrsync.model import Secret
from okrsync.sandbox.asana import hooks as of_asana
from okrsync.sandbox.github import hooks as of_github
from okrsync.sandbox.github.repository import Repository
from okrsync.sandbox.jira import hooks as of_jira
from okrsync.sandbox.post import Delivery
from okrsync.store import Store
from okrsync.store import hooks as stored
from okrsync.sync import Options

NOWHERE = "http://127.0.0.1:9/webhooks"  # nobody answers there
THEIRS = "d" * 64

Parcel = tuple[str, Delivery, str]
"""Source, what it sends, and the id of the hook where its tool needs one."""


def secret(trio: Trio, folder: Path) -> None:
    """Each source has a secret for its webhooks."""
    (folder / "secret").write_text(SECRET, encoding="utf-8")
    trio.company.replace("auth = {{", 'webhook_secret = {{ file = "secret" }}\nauth = {{')


class Ears:
    """A webhook of each tool, repository and project, and what an installation heard and did not yet heed."""

    def __init__(self, trio: Trio, repositories: Sequence[Repository] = (), projects: Sequence[str] = (BOARD,)) -> None:
        self.company, self.workspace = trio.company, trio.workspace
        self.waiting: dict[str, tuple[set[str] | None, set[str]]] = defaultdict(lambda: (set(), set()))
        self.seen: set[str] = set()
        self.jira = of_jira.Hook(1, "okrsync", NOWHERE, SECRET, list(jira_hooks.EVENTS), "", False, True)
        self.company.site.hooks[1] = self.jira
        self.hubs = []
        for repository in repositories or (trio.repository,):
            hook = of_github.Hook(1, NOWHERE, SECRET, list(github_hooks.EVENTS), "json", "0", True, "", "")
            repository.hooks[1] = hook
            self.hubs.append(hook)
        self.boards: dict[str, of_asana.Hook] = {}
        filters = [{"resource_type": kind, "action": action} for kind, action in asana_hooks.FILTERS]
        for gid in projects:
            board = self.workspace.find("project", gid)
            assert board is not None
            hook_of_board = of_asana.Hook(gid, board, NOWHERE, THEIRS, filters, self.workspace.log.end, "")
            self.boards[gid] = self.workspace.hooks[gid] = hook_of_board
        self.company.sandbox.world.notice()  # from here on

    def open(self, store: Store, config: Callable[[], Config]) -> None:
        """This installation listens from now on; what it heard before is forgotten."""
        now = self.company.clock()
        with store.begin() as tx:
            for gid in self.boards:
                stored.expect(tx, f"h{gid}", "asana", gid, now, now)
                stored.made(tx, f"h{gid}", gid, seal(THEIRS, f"h{gid}", Secret(SECRET)))
        self.reopen(store, config)

    def reopen(self, store: Store, config: Callable[[], Config]) -> None:
        """The same after a restart: the store knows its hooks."""
        self.waiting.clear()
        self.receiver = Receiver(store, config, lambda *_: Secret(SECRET), self, clock=self.company.clock)

    def deliveries(self) -> list[Parcel]:
        """What the tools sent since this was asked last."""
        self.company.sandbox.world.notice()
        self.company.sandbox.world.posted()
        found = [("jira", one, "") for one in self.jira.deliveries]
        found += [("github", one, "") for hub in self.hubs for one in hub.deliveries]
        found += [("asana", one, f"h{gid}") for gid, board in self.boards.items() for one in board.deliveries]
        new = [one for one in found if one[1].guid not in self.seen]
        self.seen |= {one[1].guid for one in new}
        return new

    def touched(self, source: str, scopes: Collection[str] | None, items: Collection[str] = ()) -> None:
        known, named = self.waiting[source]
        self.waiting[source] = (None if scopes is None or known is None else known | set(scopes), named | set(items))

    def play(self, source: str, delivery: Delivery, hook: str) -> None:
        answer = self.receiver.receive(source, delivery.headers, delivery.body, {"hook": hook} if hook else {})
        assert answer.status in (200, 202)

    def heard(self) -> dict[str, Options]:
        """The narrowed cycles that are due, by source; asked once."""
        due = {
            source: Options(scopes=None if scopes is None else frozenset(scopes), items=frozenset(items))
            for source, (scopes, items) in self.waiting.items()
        }
        self.waiting.clear()
        return due
