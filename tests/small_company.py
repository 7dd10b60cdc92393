"""A small Jira site, the configuration that reads it, and a store: syncs and applies through the Python interface.

Everything runs on one clock that stands still until a test moves it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from looking import explained
from lumen_metadata import PROJECTS
from told import empty

import config
from config import Config
from connectors import registry
from okrsync.assess import assess
from okrsync.engine.threads import ThreadEngine
from okrsync.linking import RULESET, relink
from okrsync.model import Progress, Say, Secret, SourceConfig, State, Ticket, Verdict
from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.company.jira_metadata import FIELDS, ISSUE_TYPES, STATUSES
from okrsync.sandbox.jira import changes
from okrsync.sandbox.jira.account import Account
from okrsync.sandbox.jira.admin import change
from okrsync.sandbox.jira.changes import Hand
from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.site import Site
from okrsync.store import Store, check, meta, queries, tickets
from okrsync.store import tables as t
from okrsync.store.bulk import insert_rows, raw
from okrsync.sync import Options, SourceResult, sync
from okrsync.writing.applying import apply
from okrsync.writing.outcome import Outcome
from okrsync.writing.plan import Plan, plan
from okrsync.writing.undoing import undo

START = datetime(2026, 10, 20, 9, 30, tzinfo=UTC)
PERSON = Account("acc-ada", "Ada")

CONFIG = """
[okrsync]
database = "sqlite:///unused.db"
timezone = "Europe/Paris"
language = "en"
instance = "acme"

[[sources]]
id = "jira"
kind = "jira"
url = "{url}/jira/acme"
auth = {{ email = "bot@acme.test", token = {{ env = "TOKEN" }} }}
projects = ["SHOP", "PAY"]

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
write_to = ["jira:SHOP-1"]

[[objectives.key_results]]
id = "KR-PAY"
title = "Three ways to pay"
owner = "cpo@acme.test"
epics = ["jira:SHOP-2"]

[mapping]
exempt = [{{ labels = ["ktlo"] }}]

[writeback]
mode = "apply"
"""


@lru_cache
def _loaded(path: Path, told: str) -> Config:
    """What the file says, which holds just this; looked at many times in a test."""
    return config.load(path, {}, registry.settings())


@dataclass
class Company:
    """The site ``acme`` behind its sandbox, and what an installation does with it."""

    folder: Path
    site: Site
    clock: Clock
    sandbox: Sandbox
    text: str
    skew: timedelta = timedelta()
    census: timedelta = timedelta()
    stores: list[Store] = field(default_factory=list)

    # ── the tool, as people use it ──

    def hand(self) -> Hand:
        return Hand(PERSON, self.clock())

    def create(self, project: str = "SHOP", *, site: Site | None = None, **fields: Any) -> Issue:
        held = site or self.site
        with held.lock:
            return changes.create(
                held, {"summary": "Work", "project": project, "issuetype": "Histoire", **fields}, self.hand()
            )

    def edit(self, issue: Issue, **what: Any) -> None:
        """As the sandbox takes it: ``fields``, ``status``, ``labels``, ``project``, ``blocked_by``, ``delete`` …"""
        with self.site.lock:
            change(self.site, issue, {"at": self.clock().isoformat(), **what})

    def rename_project(self, old: str, new: str) -> None:
        """Every key changes, and no issue's ``updated``, as in Jira."""
        with self.site.lock:
            project = self.site.project(old)
            assert project is not None
            project["key"] = new
            for issue in list(self.site.issues.values()):
                if issue.project_id == project["id"]:
                    issue.fields["project"] = dict(project)
                    self.site.rekey(issue, f"{new}-{issue.number}")
                    changes._refresh_stubs(self.site, issue)

    def second_site(self) -> Site:
        """One more site, "beta", with a project SHOP of its own, read as the source ``beta``."""
        made = Site(
            "beta",
            projects=map(dict, PROJECTS),
            statuses=map(dict, STATUSES),
            issue_types=ISSUE_TYPES,
            fields=FIELDS,
            clock=self.clock,
        )
        self.sandbox.world.jira.sites["beta"] = made
        block = CONFIG[CONFIG.index("[[sources]]") : CONFIG.index("[[cycles]]")]
        block = block.replace('"jira"\nkind', '"beta"\nkind').replace("/jira/acme", "/jira/beta")
        self.text = self.text.replace("[[cycles]]", block + "[[cycles]]")
        return made

    def wait(self, **how: float) -> None:
        self.clock.advance(timedelta(**how))

    # ── okrsync ──

    def now(self) -> datetime:
        """What the machine of okrsync takes for now."""
        return self.clock() + self.skew

    @property
    def config(self) -> Config:
        path = self.folder / "okrsync.toml"
        path.write_text(self.text.format(url=self.sandbox.url), encoding="utf-8")
        found = _loaded(path, path.read_text(encoding="utf-8"))
        return replace(found, sources=tuple(replace(source, census=self.census) for source in found.sources))

    def replace(self, old: str, new: str) -> None:
        """Edit the configuration."""
        assert old in self.text, f"{old!r} is not in the configuration"
        self.text = self.text.replace(old, new)

    def connect(self, source: SourceConfig) -> Any:
        made: Any = registry.connect(source, Secret("good"))
        made._api._transport._wait = lambda seconds: False  # tries again at once
        return made

    def store(self) -> Store:
        """One more empty database."""
        path = self.folder / f"okrsync-{len(self.stores)}.db"
        path.write_bytes(empty())
        self.stores.append(Store.open(f"sqlite:///{path}"))
        return self.stores[-1]

    def copy(self, store: Store) -> Store:
        """A copy of this store, every item of which is to be judged again."""
        made = self.store()
        with (
            closing(sqlite3.connect(str(store._engine.url.database))) as held,
            closing(sqlite3.connect(str(made._engine.url.database))) as target,
        ):
            held.backup(target)
        with made.begin() as tx:
            meta.set_meta(tx, RULESET, None)
        return made

    def sync(
        self,
        store: Store,
        *,
        config: Config | None = None,
        full: bool = False,
        sure: bool = True,
        only: Sequence[str] = (),
    ) -> list[SourceResult]:
        settings = config or self.config
        chosen = [source for source in settings.sources if not only or source.id in only]
        return sync(
            store,
            settings,
            chosen,
            connect=self.connect,
            clock=self.now,
            engine=ThreadEngine(),
            options=Options(full=full, allow_mass_delete=sure),
        )

    def plan(self, store: Store, config: Config | None = None, **how: Any) -> Plan:
        settings = config or self.config
        with store.begin() as tx:
            relink(tx, settings, self.now())
        return plan(store, settings, **{"connect": self.connect, "by": "test", "now": self.now(), **how})

    def apply(self, store: Store, *, config: Config | None = None, run: int | None = None, **how: Any) -> Any:
        settings = config or self.config
        with store.begin() as tx:
            relink(tx, settings, self.now())
        how = {"connect": self.connect, "confirmed": True, "wait": at_once, **how}
        return apply(store, settings, clock=self.now, by="test", run=run, **how)

    def undo(self, store: Store, run: int) -> tuple[int | None, list[Outcome]]:
        done = undo(store, self.config, run, connect=self.connect, clock=self.now, by="test", wait=at_once)
        return done.run, list(done.outcomes)

    def state(self, store: Store, *, config: Config | None = None) -> dict[str, Any]:
        """All that reports are made of, told by identities that no sync can change."""
        settings = config or self.config
        now = self.now()
        with store.begin() as tx:
            relink(tx, settings, now)
            assessment = assess(tx, settings, now)
            items = {one.uid: one for one in queries.decided(tx)}
            said = {
                (items[one.item].source, items[one.item].remote_id): one for one in explained(tx, settings, items, now)
            }
            totals = queries.totals(tx)
            blocked = {(one.source, one.remote_id): _held_up(one) for one in tickets.read(tx, blockers=True)}
            assert list(check.content(tx)) == []
        return {
            "totals": totals,
            "items": {
                (one.source, one.remote_id): replace(one, uid=0, parent=None, blockers=(), updated_at=None)
                for one in items.values()
            },
            "blocked": blocked,
            "verdicts": {identity: _told(one) for identity, one in said.items()},
            "progress": {kr: lasting(one) for kr, one in assessment.progress.items()},
            "objectives": assessment.objectives,
        }


def at_once(_: float) -> bool:
    """Waits for nothing: a run takes what it waited for to be over."""
    return False


def published_alike(store: Store, other: Store) -> None:
    """The second store knows of what was published what the first one does: no tool can tell it that."""
    with store.read() as tx:
        said = [tuple(row) for row in raw(tx, t.snapshot.select())]
    with other.begin() as tx:
        tx.execute(t.snapshot.delete())
        insert_rows(tx, t.snapshot, tuple(column.name for column in t.snapshot.columns), said)


def differences(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Where two states of a company differ, one line each."""
    lines = []
    for part in expected:
        for key in sorted(found[part].keys() | expected[part].keys(), key=str):
            one, other = found[part].get(key), expected[part].get(key)
            if one != other:
                names = [
                    name
                    for name in getattr(one, "__slots__", ())
                    if other and getattr(one, name) != getattr(other, name)
                ]
                shown = [f"{name}: {getattr(one, name)} ≠ {getattr(other, name)}" for name in names]
                lines.append(f"{part} {key} " + ("; ".join(shown) or f"{one} ≠ {other}"))
    return lines


def _held_up(ticket: Ticket) -> list[str]:
    """The keys of what holds a ticket up; done ones are not asked for that."""
    return sorted({one.key for one in ticket.blockers if one.open and ticket.state is not State.DONE})


def lasting(progress: Progress) -> Progress:
    """Without what left the scope: that is known only to a store which held it before."""
    causes = tuple(
        replace(cause, text=Say(cause.text.code, tuple(pair for pair in cause.text.args if pair[0] != "removed")))
        for cause in progress.causes
    )
    return replace(progress, removed=None, causes=causes)


def _told(verdict: Verdict) -> Verdict:
    def links(found: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(sorted((replace(link, item=0) for link in found), key=repr))

    broken = verdict.broken_at and replace(verdict.broken_at, item=None)
    return replace(verdict, item=0, links=links(verdict.links), lost=links(verdict.lost), broken_at=broken)


@contextmanager
def small_company(folder: Path) -> Iterator[Company]:
    """SHOP-1 (epic, labelled KR-UX) and SHOP-2 (epic of KR-PAY), PLAT-1 outside the scope, and work below them."""
    clock = Clock(START - timedelta(days=10))
    site = Site(
        "acme", projects=map(dict, PROJECTS), statuses=map(dict, STATUSES), issue_types=ISSUE_TYPES, fields=FIELDS
    )
    with Sandbox(World([site], clock=clock)) as sandbox:
        found = Company(folder, site, clock, sandbox, CONFIG)
        steps: list[Callable[[], Any]] = [
            lambda: found.create(summary="Checkout", issuetype="Epic", labels=["okr:KR-UX"]),
            lambda: found.create(summary="Payment", issuetype="Epic"),
            lambda: found.create("PLAT", summary="Platform", issuetype="Epic", labels=["okr:KR-UX"]),
            lambda: found.create(summary="Basket", parent="SHOP-1", customfield_10016=3),
            lambda: found.create(summary="Cards", parent="SHOP-2", customfield_10016=5, status="Terminé"),
            lambda: found.create("PAY", summary="Ledger", parent="PLAT-1"),
            lambda: found.create("PAY", summary="Loose ends"),
            lambda: found.create("PAY", summary="Mistyped", labels=["okr:KR-UXX"]),
            lambda: found.create("PAY", summary="Lights on", labels=["ktlo"]),
        ]
        for step in steps:
            step()
            found.wait(hours=7)
        clock.set(START)
        yield found
        for store in found.stores:
            store.close()
