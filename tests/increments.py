"""What people do in Jira and in the configuration, in whatever order; every sync is held against a rebuild.

One thing cannot be known: an item that moves while it is hidden keeps, for those below it, the key it had.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from small_company import Company, differences, published_alike, small_company
from sqlalchemy import select

from config import Config
from okrsync.connections import once
from okrsync.sandbox.jira.issue import Issue
from okrsync.store import Store, sources
from okrsync.store import tables as t
from okrsync.sync import Options, Watcher, reconcile

PROJECTS = st.sampled_from(["SHOP", "PAY", "PLAT"])
LABELS = st.sampled_from(["okr:KR-UX", "OKR-kr-pay", "okr:KR-UXX", "ktlo", "team:KR-UX", "O-SHOP", "blue"])
STATUSES = st.sampled_from(["À faire", "En cours", "Terminé"])
PLACES = st.integers(min_value=0, max_value=200)
CHANGES = [
    ('projects = ["SHOP", "PAY"]', 'projects = ["SHOP", "PAY", "PLAT"]'),
    ('projects = ["SHOP", "PAY"]', 'projects = ["SHOP"]'),
    ('epics = ["jira:SHOP-2"]', 'epics = ["jira:SHOP-1", "jira:PLAT-1"]'),
    ('id = "KR-PAY"', 'id = "KR-PAY"\nstate = "dropped"'),
    ('id = "KR-UX"', 'id = "KR-UXX"'),
    ("[mapping]", '[mapping]\nlabel_patterns = ["team:(?P<id>[A-Z-]+)"]'),
    ('labels = ["ktlo"]', 'labels = ["blue"]'),
    ("end = 2026-12-31", "end = 2026-10-24"),
]

SMALL = settings(
    max_examples=12,
    stateful_step_count=20,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink takes minutes: run the soak for that
)
LARGE = settings(SMALL, max_examples=500, stateful_step_count=50, phases=tuple(Phase), print_blob=True)


class Increments(RuleBasedStateMachine):
    """Rules are what people do; every sync is held against a fresh database after a full pull.

    ``silent`` says that something happened of which a tool tells nothing before a census.
    """

    @initialize()
    def open(self) -> None:
        self.stack = ExitStack()
        self.company = self.begin(Path(self.stack.enter_context(tempfile.TemporaryDirectory())))
        self.store = self.company.store()
        self.applied: set[tuple[str, str]] = set()
        self.formerly: list[str] = []  # keys of Jira before a move
        self.silent = False
        self.company.sync(self.store)

    def begin(self, folder: Path) -> Company:
        """The world as it is at first."""
        return self.stack.enter_context(small_company(folder))

    def told(self, store: Store, config: Config) -> dict[str, Any]:
        """All that is compared."""
        return self.company.state(store, config=config)

    def comparable(self, config: Config) -> Store:
        """The store, without what a fresh one cannot know."""
        return self.store

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    def issue(self, place: int | None) -> Issue | None:
        issues = list(self.company.site.issues.values())
        return issues[place % len(issues)] if issues and place is not None else None

    @rule(project=PROJECTS, place=st.none() | PLACES, labels=st.lists(LABELS, max_size=2, unique=True))
    def create(self, project: str, place: int | None, labels: list[str]) -> None:
        fields: dict[str, object] = {"labels": labels}
        if parent := self.issue(place):
            fields["parent"] = parent.key
        made = self.company.create(project, **fields)
        note(f"created {made.key} {fields}")
        self.company.wait(minutes=1)

    @rule(place=PLACES, label=LABELS)
    def toggle_label(self, place: int, label: str) -> None:
        if issue := self.issue(place):
            had = label in issue.fields["labels"]
            note(f"label {issue.key} {'-' if had else '+'}{label}")
            self.company.edit(issue, labels={"remove" if had else "add": [label]})
            self.company.wait(minutes=1)

    @rule(place=PLACES, parent=st.none() | PLACES)
    def reparent(self, place: int, parent: int | None) -> None:
        if issue := self.issue(place):
            above = self.issue(parent)
            note(f"reparent {issue.key} below {above and above.key}")
            self.company.edit(issue, fields={"parent": above and {"key": above.key}})
            self.company.wait(minutes=1)

    @rule(place=PLACES, status=STATUSES)
    def work(self, place: int, status: str) -> None:
        if issue := self.issue(place):
            note(f"status {issue.key} {status}")
            self.company.edit(issue, status=status)
            self.company.wait(minutes=1)

    @rule(place=PLACES, other=PLACES)
    def block(self, place: int, other: int) -> None:
        issue, by = self.issue(place), self.issue(other)
        if issue and by and by is not issue:
            note(f"{issue.key} is blocked by {by.key}")
            self.company.edit(issue, blocked_by=by.key)
            self.company.wait(minutes=1)

    @rule(place=PLACES, project=PROJECTS)
    def move(self, place: int, project: str) -> None:
        issue = self.issue(place)
        if issue is not None and issue.id not in self.company.site.account.hidden_issues:  # else nobody can tell
            was = issue.key
            self.formerly.append(was)
            self.company.edit(issue, project=project)
            note(f"moved {was} → {issue.key}")
            self.silent = True
            self.company.wait(minutes=1)

    @rule(place=PLACES)
    def delete(self, place: int) -> None:
        if issue := self.issue(place):
            note(f"deleted {issue.key}")
            self.company.edit(issue, delete=True)
            self.silent = True

    @rule(place=PLACES)
    def hide_or_show(self, place: int) -> None:
        if issue := self.issue(place):
            hidden = issue.id in self.company.site.account.hidden_issues
            note(f"{'shown' if hidden else 'hidden'} {issue.key}")
            (self.company.site.show if hidden else self.company.site.hide)(issue.key)
            self.silent = True

    @rule(change=st.sampled_from(CHANGES))
    def configure(self, change: tuple[str, str]) -> None:
        self.toggle(change)

    def toggle(self, change: tuple[str, str]) -> None:
        """Edit the configuration, or take the edit back."""
        old, new = change if change not in self.applied else change[::-1]
        if old in self.company.text:
            note(f"configured {new!r}")
            self.applied ^= {change}
            self.company.replace(old, new)
            self.silent = True

    @rule(days=st.integers(1, 4))
    def wait(self, days: int) -> None:
        self.company.wait(days=days)

    @rule(place=PLACES, some=st.integers(1, 3))
    def hear(self, place: int, some: int) -> None:
        """Webhooks name scopes, and items of any kind: only these are looked at."""
        settings = self.company.config
        source = settings.sources[place % len(settings.sources)]
        with self.store.read() as tx:
            scopes = [one.id for one in sources.scopes(tx, source.id)][::some]
            items = list(tx.scalars(select(t.item.c.remote_id).where(t.item.c.source == source.id).order_by("uid")))
        note(f"webhooks of {source.id}: {scopes}")
        reconcile(
            self.store,
            source,
            goals=settings.goals,
            borrow=once(self.company.connect),
            clock=self.company.now,
            options=Options(scopes=frozenset(scopes), items=frozenset(items[place % 5 :: 5])),
            watcher=Watcher(),
        )

    @rule(full=st.booleans())
    def sync(self, full: bool) -> None:
        note(f"sync {'--full' if full else ''}")
        self.compare(full=full)
        self.silent = False

    def compare(self, *, full: bool) -> None:
        """Sync; what is stored then is what a fresh database holds, and one more sync finds nothing new."""
        settings = self.company.config
        results = self.company.sync(self.store, config=settings, full=full)
        fresh = self.company.store()
        again = self.company.sync(fresh, config=settings)
        assert [one.state for one in results] == [one.state for one in again]
        published_alike(self.store, fresh)
        found, rebuilt = (self.told(store, settings) for store in (self.comparable(settings), fresh))
        assert not (lines := differences(found, rebuilt)), "\n".join(lines)
        assert not any(one.changed for one in self.company.sync(self.store, config=settings))
