"""Whatever happens in three tools and in the configuration, in whatever order: increments equal a rebuild."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from increments import CHANGES, LABELS, LARGE, PLACES, SMALL, Increments
from small_company import Company, differences
from sqlalchemy import delete, select
from trio import BOARD, CAMPAIGNS, GOAL, LINKED, READ, SECTION, three_tools

from config import Config
from okrsync.assess import assess
from okrsync.errors import UsageError
from okrsync.reports import gaps
from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.github.repository import Repository
from okrsync.sandbox.github.values import Issue
from okrsync.store import Store, goals
from okrsync.store import tables as t

Words: TypeAlias = list[tuple[str, int, int]]

REPOSITORIES = st.sampled_from(["shop", "tools", "else"])
AUTHORS = st.sampled_from(["ada", "ada", "dependabot[bot]"])
TITLES = st.sampled_from(["Work", "Release v1.2.3", "KR-UX"])
METHODS = st.sampled_from(["merge", "squash", "rebase"])
MORE = [
    ('repositories = ["acme/shop"]', 'repositories = ["acme/shop", "acme/tools"]'),
    ('repositories = ["acme/shop"]', 'repositories = ["acme/shop", "acme/e*"]'),
    (f'projects = ["{BOARD}"]', f'projects = ["{BOARD}", "{CAMPAIGNS}"]'),
    (f'projects = ["{BOARD}"]', f'projects = ["{CAMPAIGNS}"]'),
    (f'projects = ["{BOARD}"]', 'projects = "*"'),
    (
        'id = "KR-PAY"',
        f'id = "KR-PAY"\ncontainers = ["github:milestone:acme/shop#1", "asana:section:{SECTION}",'
        f' "asana:project:{CAMPAIGNS}", "asana:goal:{GOAL}"]',
    ),
    ("[mapping]", "[mapping]\nexempt_defaults = false"),
    ("[mapping]", '[mapping]\nconflict = "first"'),
    ("[mapping]", '[mapping]\nrules = ["label", "reference", "parent", "trailer", "exempt", "revert", "container"]'),
]
FORMS = {
    "key": lambda one, a, b: one.key(a),
    "small": lambda one, a, b: one.key(a).lower(),
    "closes": lambda one, a, b: f"Closes {one.key(a)}",
    "address": lambda one, a, b: f"{one.company.sandbox.url}/jira/acme/browse/{one.key(a)}",
    "number": lambda one, a, b: f"#{a % 9 + 1}",
    "fixes": lambda one, a, b: f"Fixes #{a % 9 + 1}, #{b % 9 + 1}",
    "other": lambda one, a, b: f"closes acme/{one.name(b)}#{a % 9 + 1}",
    "page": lambda one, a, b: f"https://github.com/acme/{one.name(b)}/issues/{a % 9 + 1}",
    "task": lambda one, a, b: f"https://app.asana.com/0/{BOARD}/{one.gid(a)}",
    "trailer": lambda one, a, b: f"\n\nKR: {['KR-UX', 'kr-pay', 'KR-UXX', 'O-SHOP', 'KR-UX, KR-PAY'][a % 5]}\n",
    "reverts": lambda one, a, b: f"\n\nThis reverts commit {one.sha(a)[: 7 + b % 34]}.",
    "undoes": lambda one, a, b: f"Reverts #{a % 9 + 1}",
    "suffix": lambda one, a, b: f"Basket (#{a % 9 + 1})",
}
WORDS = st.lists(st.tuples(st.sampled_from(sorted(FORMS)), PLACES, PLACES), max_size=3)


class ThreeTools(Increments):
    """Jira as it is there, and beside it three repositories and three projects, of which not all are configured."""

    def begin(self, folder: Path) -> Company:
        trio = self.stack.enter_context(three_tools(folder))
        self.repositories = {
            "shop": trio.repository,
            "tools": Repository("acme/tools"),
            "else": Repository("acme/else"),
        }
        for name in "tools", "else":
            trio.company.sandbox.world.github.add(self.repositories[name])
            self.repositories[name].push(["Begin"])
            self.repositories[name].issue("Elsewhere", labels=["okr:KR-PAY"])
        for one in self.repositories.values():
            one.milestone("Soon")
        shop = trio.repository
        shop.issue("Below", parent=1)
        shop.pull("Ready", body="Closes #5, SHOP-6", head="ready", commits=["Ready"])
        (done,) = shop.push(["Basket (#3)"])
        shop.push([f'Revert "Basket"\n\nThis reverts commit {done.sha}.', "OKR: KR-PAY\n\nOKR: KR-PAY"])
        trio.workspace.task("Below", parent=trio.workspace.task("Between", parent=LINKED))
        self.workspace: Workspace = trio.workspace
        self.projects = list(trio.workspace.held["project"])
        trio.company.replace(', "github:acme/shop#1"', "")
        trio.company.replace(
            f'metric = {{{{ from = "asana_goal", goal = "asana:goal:{READ}" }}}}\n', ""
        )  # read when first seen
        return trio.company

    def comparable(self, config: Config) -> Store:
        """A copy without what was observed in Asana, which a fresh database cannot know. With all of that, what was
        linked by increments is what linking everything anew says."""
        judged_anew = self.company.copy(self.store)
        lines = differences(self.told(self.store, config), self.told(judged_anew, config))
        assert not lines, "\n".join(lines)
        forgetful = self.company.copy(self.store)
        with forgetful.begin() as tx:
            tx.execute(delete(t.change).where(t.change.c.observed))
        return forgetful

    def told(self, store: Store, config: Config) -> dict[str, Any]:
        found = super().told(store, config)
        with store.begin() as tx:
            kept = {(one[0], one[1]): goal for one, goal in goals.goals(tx).items()}
            found["goals"] = kept
            found["gaps"] = {
                (gap.kind, gap.subject): replace(gap, mend=None)
                for gap in gaps.collect(tx, config, assess(tx, config, self.company.now()))
            }
            rows = (
                select(
                    t.item.c.source,
                    t.item.c.remote_id,
                    t.reference.c.kind,
                    t.reference.c.target,
                    t.reference.c.evidence,
                )
                .join(t.reference, t.reference.c.uid == t.item.c.uid)
                .where(t.LIVE, t.reference.c.textual)
                .order_by(t.reference.c.uid, t.reference.c.n)
            )
            read: dict[tuple[str, str], list[Any]] = {}
            for source, remote_id, *said in tx.execute(rows):
                read.setdefault((source, remote_id), []).append(said)
            found["read"] = read
        return found

    # ── names ──

    def key(self, place: int) -> str:
        """A key of Jira that is there, was there, or may come."""
        keys = [issue.key for issue in self.company.site.issues.values()]
        keys += [*self.formerly, "SHOP-16", "SHOP-99", "PAY-6", "PLAT-2", "WEB-1"]
        return keys[place % len(keys)]

    def name(self, place: int) -> str:
        return ["shop", "tools", "else", "stall"][place % 4]

    def gid(self, place: int) -> str:
        gids = [*self.workspace.held["task"], "404"]
        return gids[place % len(gids)]

    def sha(self, place: int) -> str:
        shas = [sha for one in self.repositories.values() for sha in one.history.commits]
        return shas[place % len(shas)]

    def words(self, chosen: Words) -> str:
        return " and ".join(FORMS[form](self, a, b) for form, a, b in chosen)

    def done(self, what: str, *, silent: bool = False) -> None:
        note(what)
        self.silent |= silent
        self.company.wait(minutes=1)

    # ── GitHub ──

    def entry(self, place: int, *, pulls: bool) -> tuple[Repository, Issue] | None:
        """An issue or a pull request of any repository that is not hidden."""
        found = [one for one in self.entries(pulls=pulls) if not one[0].hidden]
        return found[place % len(found)] if found else None

    def entries(self, *, pulls: bool) -> list[tuple[Repository, Issue]]:
        return [
            (one, issue)
            for one in self.repositories.values()
            for issue in one.issues.values()
            if (issue.pull is not None) == pulls
        ]

    @rule(
        name=REPOSITORIES,
        words=WORDS,
        labels=st.lists(LABELS, max_size=1),
        parent=st.none() | PLACES,
        soon=st.booleans(),
    )
    def open_issue(self, name: str, words: Words, labels: list[str], parent: int | None, soon: bool) -> None:
        more: dict[str, Any] = {"milestone": 1} if soon else {}
        if parent is not None and (above := self.entry(parent, pulls=False)):
            more["parent"] = f"{above[0].full_name}#{above[1].number}"
        made = self.repositories[name].issue("Work", body=self.words(words), labels=labels, **more)
        self.done(f"opened {name}#{made.number} {labels} {more}")

    @rule(place=PLACES, change=st.sampled_from(["label", "state", "milestone", "parent"]), label=LABELS, other=PLACES)
    def edit_issue(self, place: int, change: str, label: str, other: int) -> None:
        if not (found := self.entry(place, pulls=False)):
            return
        where, issue = found
        wanted: dict[str, Any]
        if change == "label":
            wanted = {"labels": sorted({where.labels[one].name for one in issue.labels} ^ {label})}
        elif change == "state":
            wanted = {"state": "closed" if issue.state == "open" else "open"}
        elif change == "milestone":
            wanted = {"milestone": None if issue.milestone else 1}
        else:
            above = self.entry(other, pulls=False)
            assert above is not None
            wanted = {"parent": None if above[1] is issue else f"{above[0].full_name}#{above[1].number}"}
        where.edit(issue.number, **wanted)
        self.done(f"edited {where.full_name}#{issue.number} {wanted}")

    @rule(
        name=REPOSITORIES,
        title=TITLES,
        words=WORDS,
        branch=WORDS,
        commits=st.lists(WORDS, min_size=1, max_size=2),
        by=AUTHORS,
    )
    def open_pull(self, name: str, title: str, words: Words, branch: Words, commits: list[Words], by: str) -> None:
        where = self.repositories[name]
        head = f"b{len(where.branches)}-" + "-".join(self.key(a) for form, a, _ in branch if form in ("key", "small"))
        messages = [f"Work {self.words(one)}" for one in commits]
        made = where.pull(
            f"{title} {self.words(words[:1])}", body=self.words(words[1:]), head=head, commits=messages, by=by
        )
        self.done(f"opened pull {name}#{made.number} {made.title!r} {made.body!r} {head} {messages}")

    @rule(place=PLACES, change=st.sampled_from(["body", "body", "close", "closes", "label"]), words=WORDS, label=LABELS)
    def edit_pull(self, place: int, change: str, words: Words, label: str) -> None:
        if not (found := self.entry(place, pulls=True)):
            return
        where, issue = found
        wanted: dict[str, Any] = {"body": self.words(words)}
        if change == "close" and issue.pull and not issue.pull.merged_at:
            wanted = {"state": "closed" if issue.state == "open" else "open"}
        elif change == "closes":
            named = self.entry(len(words) + place, pulls=False)
            wanted = {"closes": [f"{named[0].full_name}#{named[1].number}"] if named else []}
        elif change == "label":
            wanted = {"labels": sorted({where.labels[one].name for one in issue.labels} ^ {label})}
        where.edit(issue.number, **wanted)
        self.done(f"edited pull {where.full_name}#{issue.number} {wanted}")

    @rule(name=REPOSITORIES, words=WORDS, pull=st.none() | PLACES, by=AUTHORS, title=TITLES)
    def push(self, name: str, words: Words, pull: int | None, by: str, title: str) -> None:
        where, branch = self.repositories[name], None
        if pull is not None and (found := self.entry(pull, pulls=True)) and found[1].pull:
            where, branch = found[0], found[1].pull.head
        (made,) = where.push([f"{title} {self.words(words)}"], branch=branch, by=by)
        self.done(f"pushed {made.sha} to {where.full_name} {branch}: {made.message!r}")

    @rule(place=PLACES, method=METHODS)
    def merge(self, place: int, method: Any) -> None:
        found = self.entry(place, pulls=True)
        if found and found[1].state == "open":
            made = found[0].merge(found[1].number, method=method)
            self.done(f"merged {found[0].full_name}#{found[1].number} by {method} as {made.sha}")

    @rule(place=PLACES)
    def revert(self, place: int) -> None:
        sha = self.sha(place)
        where = next(one for one in self.repositories.values() if sha in one.history.commits)
        (made,) = where.push([f'Revert "Work"\n\nThis reverts commit {sha}.'])
        self.done(f"reverted {sha} by {made.sha} in {where.full_name}")

    @rule(name=REPOSITORIES, words=WORDS)
    def force_push(self, name: str, words: Words) -> None:
        where = self.repositories[name]
        if len(list(where.history.commits)) > 2:
            try:
                where.force_push([f"Instead {self.words(words)}"])
            except ValueError:
                return
            self.done(f"force pushed {name}", silent=True)

    @rule(place=PLACES, to=REPOSITORIES)
    def lose(self, place: int, to: str) -> None:
        """An issue is deleted, or goes to another repository."""
        found = self.entry(place, pulls=False)
        if self.repositories[to].hidden:
            return
        if found and found[0] is not self.repositories[to]:
            moved = found[0].transfer(found[1].number, self.repositories[to])
            self.done(f"transferred {found[0].full_name}#{found[1].number} → {to}#{moved.number}", silent=True)
        elif found:
            found[0].delete(found[1].number)
            self.done(f"deleted {found[0].full_name}#{found[1].number}", silent=True)

    @rule(name=REPOSITORIES, label=LABELS, other=LABELS)
    def rename_label(self, name: str, label: str, other: str) -> None:
        labels = self.repositories[name].labels
        if label.casefold() in labels and other.casefold() not in labels:
            self.repositories[name].rename_label(label, other)
            self.done(f"renamed label {label} → {other} in {name}")

    @rule(sure=st.integers(0, 2))
    def rename_shop(self, sure: int) -> None:
        """Once: GitHub tells nobody what a repository was called before, so only the configuration can know."""
        shop = self.repositories["shop"]
        if shop.full_name == "acme/shop" and '"acme/shop"' in self.company.text and not sure:
            shop.rename("stall")
            self.done(f"renamed shop → {shop.full_name}")

    @rule()
    def hide_else(self) -> None:
        where = self.repositories["else"]
        parents = (issue.parent for _, issue in self.entries(pulls=False) if issue.parent)
        if all(where.directory.current(one).repository != "acme/else" for one in parents):
            where.hide(not where.hidden)  # GitHub's two interfaces tell different things of a parent that is hidden
            self.done(f"else hidden: {where.hidden}", silent=True)

    # ── Asana ──

    def task(self, place: int) -> Any:
        tasks = list(self.workspace.held["task"].values())
        return tasks[place % len(tasks)] if tasks else None

    @rule(project=st.none() | PLACES, parent=st.none() | PLACES, tags=st.lists(LABELS, max_size=1))
    def add_task(self, project: int | None, parent: int | None, tags: list[str]) -> None:
        wanted: dict[str, Any] = {"tags": tags}
        if parent is not None and (above := self.task(parent)):
            wanted["parent"] = above["gid"]
        if project is not None or "parent" not in wanted:
            wanted["project"] = self.projects[(project or 0) % len(self.projects)]
        gid = self.workspace.task("Work", **wanted)
        self.done(f"added task {gid} {wanted}")

    @rule(place=PLACES, label=LABELS, change=st.sampled_from(["tag", "done", "approval"]))
    def edit_task(self, place: int, label: str, change: str) -> None:
        if task := self.task(place):
            wanted: dict[str, Any] = {"completed": not task.get("completed", False)}
            if change == "tag":
                has = any(tag["name"] == label for tag in task.get("tags", ()))
                wanted = {"tags": {"remove" if has else "add": [label]}}
            elif change == "approval":
                wanted = {"approval_status": ["pending", "approved", "rejected", "changes_requested"][place % 4]}
            self.workspace.edit(f"tasks/{task['gid']}", wanted)
            self.done(f"edited task {task['gid']} {wanted}")

    @rule(place=PLACES, project=PLACES, change=st.sampled_from(["project", "section", "remove"]))
    def place_task(self, place: int, project: int, change: str) -> None:
        if task := self.task(place):
            target = self.projects[project % len(self.projects)]
            key = {"project": "project", "section": "section", "remove": "remove_from"}[change]
            sections = list(self.workspace.held["section"])
            wanted = {key: sections[project % len(sections)] if change == "section" else target}
            self.workspace.edit(f"tasks/{task['gid']}", wanted)
            self.done(f"placed task {task['gid']} {wanted}", silent=True)

    @rule(place=PLACES, other=st.none() | PLACES, change=st.sampled_from(["parent", "blocked_by"]))
    def tie_task(self, place: int, other: int | None, change: str) -> None:
        task, above = self.task(place), self.task(other) if other is not None else None
        if task is None or above is task:
            return
        gid = above["gid"] if above else None
        if change == "blocked_by" and gid is None:
            return
        try:
            self.workspace.edit(f"tasks/{task['gid']}", {change: gid})
        except UsageError as error:
            note(f"refused: {error}")
            return
        self.done(f"tied task {task['gid']} {change} {gid}", silent=True)

    @rule(place=PLACES, hide=st.booleans())
    def lose_task(self, place: int, hide: bool) -> None:
        if task := self.task(place):
            if not hide:
                self.workspace.edit(f"tasks/{task['gid']}", {"delete": True})
            elif task["gid"] in self.workspace.hidden:
                self.workspace.show(task["gid"])
            else:
                self.workspace.hide(task["gid"])
            self.done(f"{'hid or showed' if hide else 'deleted'} task {task['gid']}", silent=True)

    @rule(place=PLACES, whole=st.booleans(), forsake=st.booleans())
    def support_goal(self, place: int, whole: bool, forsake: bool) -> None:
        task = self.task(place)
        work = self.projects[place % len(self.projects)] if whole or not task else task["gid"]
        try:
            self.workspace.edit(f"goals/{GOAL}", {"forsake" if forsake else "support": [work]})
        except UsageError as error:
            note(f"refused: {error}")
            return
        self.done(f"{'forsook' if forsake else 'supports'} {work}")

    @rule(label=LABELS, other=LABELS)
    def rename_tag(self, label: str, other: str) -> None:
        tag = self.workspace.named("tag", label)
        if tag and not self.workspace.named("tag", other):
            with self.workspace.lock:
                tag["name"] = other
                self.workspace.revision += 1
            self.done(f"renamed tag {label} → {other}")

    # ── okrsync ──

    @initialize(every=st.sampled_from([1, 2, 3, 4, 6, 9]))
    def begin_counting(self, every: int) -> None:
        self.every, self.steps = every, 0

    @invariant()
    def every_now_and_then(self) -> None:
        """Hypothesis leaves rules out for whole examples; what is compared must not be among them."""
        if hasattr(self, "every"):
            self.steps += 1
            if self.steps % self.every == 0:
                self.settle()

    @rule(change=st.sampled_from([*CHANGES, *MORE]))
    def configure(self, change: tuple[str, str]) -> None:
        self.toggle(change)

    @rule()
    def settle(self) -> None:
        self.sync(full=False)

    @rule()
    def look(self) -> None:
        """A sync without a census, compared where nothing happened that only a census finds."""
        note("sync without a census")
        self.company.census = timedelta(days=400)
        if self.silent:
            self.company.sync(self.store)
        else:
            self.compare(full=False)
        self.company.census = timedelta()


class TestIncrementsOfThree(ThreeTools.TestCase):
    settings = settings(SMALL, max_examples=2, stateful_step_count=8)


@pytest.mark.soak
@pytest.mark.timeout(7200)
class TestManyIncrementsOfThree(ThreeTools.TestCase):
    settings = LARGE
