"""The conformance suite over Asana, served by the sandbox; its requests are held against Asana's specification."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from conformance import TOKEN, SandboxHarness, SourceConformance, Trial, drain, ids, start, write
from conformance_harness import cycle
from contract import Contract

from connectors import asana_changes, asana_projects, asana_search, asana_tasks, registry
from connectors.asana import AsanaSettings
from okrsync.model import ReferenceKind, Secret, SecretRef, Slot, SourceConfig, Surface
from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.clock import Clock

WORKSPACE, SHOP, PAY, GOAL = "1100", "2001", "2002", "3001"
METRIC = {
    "unit": "percentage",
    "precision": 0,
    "initial_number_value": 0,
    "target_number_value": 1,
    "current_number_value": 0.2,
    "progress_source": "manual",
}


FIELDS = (
    {"name": "Objective", "type": "enum", "options": ["O-1 · Faster checkout", "O-2"]},
    {"name": "OKR progress", "type": "number", "precision": 0, "format": "percentage"},
)


class AsanaHarness(SandboxHarness):
    page = 5
    unknown = "999999999"
    quiet = 3  # the goals, and of each project its events
    pulls = r".*/tasks"
    indispensable = frozenset({"data", "gid", "next_page"})
    cannot: ClassVar[Mapping[str, str]] = {
        "logged out": "only Jira answers as if to nobody",
        "batched reads": "three tasks are asked for first, to know which projects to list (test_asana_many)",
    }
    lacks: ClassVar[frozenset[str]] = frozenset({"search"})  # of the plan

    def __init__(self, sandbox: Sandbox, workspace: Workspace) -> None:
        super().__init__(sandbox)
        self.workspace = workspace
        self.workspace.lacks = set(self.lacks)
        self.later = timedelta()  # than it is, for the connectors: what they ask once an hour is asked again

    def connect(self, token: str = TOKEN, **settings: Any) -> Any:
        given = AsanaSettings(**{"workspace": WORKSPACE, "projects": (SHOP, PAY), "goals": True, **settings})
        source = SourceConfig(
            id="it",
            kind="asana",
            url=f"{self.sandbox.url}/asana/api/1.0",
            email=None,
            token=SecretRef("env", "ASANA_TOKEN"),
            settings=given,
            timeout=self.timeout,
        )
        made: Any = registry.connect(source, Secret(token))
        made._api._transport._wait = made._api._wait = lambda seconds: False  # tries again at once
        made._clock = lambda: datetime.now(UTC) + self.later
        self.opened.append(made)
        return made

    def seed(self, count: int, *, at: datetime | None = None) -> list[str]:
        found = []
        for number in range(count):
            self.advance(timedelta(minutes=7))
            when = (at or self.sandbox.world.clock()).isoformat()
            found.append(self.workspace.task(f"Task {number}", project=(SHOP, PAY)[number % 2], at=when))
        self.advance(timedelta(hours=1))
        return found

    def edit(self, path: str, **body: Any) -> Any:
        return self.workspace.edit(path, body)

    def touch(self, remote_id: str) -> None:
        self.edit(f"tasks/{remote_id}", name=f"touched at {self.sandbox.world.clock()}")

    def label(self, remote_id: str, name: str) -> None:
        self.edit(f"tasks/{remote_id}", tags={"add": [name]})

    def finish(self, remote_id: str) -> None:
        self.edit(f"tasks/{remote_id}", completed=True)

    def reword(self) -> None:
        self.later += timedelta(hours=1)
        for tag in self.workspace.held["tag"].values():
            tag["name"] = "okr:KR-2"

    def delete(self, remote_id: str) -> None:
        kind = "goals" if remote_id.startswith("goal:") else "tasks"
        self.edit(f"{kind}/{remote_id.removeprefix('goal:')}", delete=True)

    def move(self, remote_id: str) -> tuple[str, str]:
        self.later += timedelta(hours=1)  # where the search finds no edit, events are asked for once an hour
        self.edit(f"tasks/{remote_id}", project=PAY, remove_from=SHOP)
        return remote_id, remote_id

    def hide(self, remote_id: str) -> None:
        self.workspace.hide(remote_id)

    def hide_scope(self) -> str:
        self.later += timedelta(hours=1)
        self.workspace.hide(PAY)
        return PAY

    def trials(self) -> Sequence[Trial]:
        (task,) = self.seed(1)
        tags = ["okr-orphan", "okr-objective:O-1"]
        self.edit(f"tasks/{task}", tags={"add": tags})  # so that the tags exist
        self.edit(f"tasks/{task}", tags={"remove": tags})
        self.edit(f"projects/{SHOP}", fields=FIELDS)
        objective, progress = (self.workspace.custom.named(one["name"]) for one in FIELDS)
        assert objective is not None
        assert progress is not None
        goal = f"goal:{GOAL}"
        at_risk, on_track = (
            {"status_type": status, "title": "KR-UX", "text": f"50\u00a0% <b>&\n\nokrsync · acme · KR-UX, {status}"}
            for status in ("at_risk", "on_track")
        )
        return (
            Trial(Slot("it", task, Surface.LABEL, tags[0]), True, True),
            Trial(Slot("it", task, Surface.OBJECTIVE_LABEL, tags[1]), True, True),
            Trial(Slot("it", task, Surface.OBJECTIVE_FIELD, objective["gid"]), "O-1", "O-2"),
            Trial(Slot("it", task, Surface.NUMBER, progress["gid"]), 35, 62),
            Trial(Slot("it", task, Surface.COMMENT, "acme"), "35 % <b>&", "KR-UX · @ana\n- see www.asana.com"),
            Trial(Slot("it", goal, Surface.METRIC, "metric"), 0.35, 0.4, before=0.2),
            Trial(Slot("it", goal, Surface.UPDATE, "acme"), at_risk, on_track),
        )


class SearchHarness(AsanaHarness):
    """A plan that has search."""

    quiet = 2  # the goals, and one search for every project
    pulls = r".*/tasks|.*/tasks/search"
    lacks: ClassVar[frozenset[str]] = frozenset()


@pytest.fixture
def kind() -> type[AsanaHarness]:
    return AsanaHarness


@pytest.fixture
def harness(
    kind: type[AsanaHarness],
    watch: Callable[[Contract, str], None],
    asana_contract: Contract,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[AsanaHarness]:
    for module in (asana_projects, asana_tasks, asana_changes):
        monkeypatch.setattr(module, "PAGE", AsanaHarness.page)
    monkeypatch.setattr(asana_search, "FOUND", AsanaHarness.page)
    workspace = Workspace(
        WORKSPACE,
        projects=[{"gid": SHOP, "name": "Shop"}, {"gid": PAY, "name": "Pay"}],
        goals=[{"gid": GOAL, "name": "Keep them", "metric": METRIC}],
    )
    clock = Clock(datetime(2026, 3, 1, 8, 0, tzinfo=UTC))
    with Sandbox(World(asana=[workspace], clock=clock)) as sandbox:
        watch(asana_contract, f"{sandbox.url}/asana/api/1.0")
        made = kind(sandbox, workspace)
        yield made
        made.close()


def pull(source: Any) -> dict[str, Any]:
    return {item.remote_id: item for item in drain(source, start(source))[0]}


class TestAsana(SourceConformance):
    """Asana 1.0, in a plan without search."""

    def test_requests_of_a_first_and_of_a_quiet_sync(self, harness: AsanaHarness) -> None:
        """First: projects, goals and their support, and per project a token of events and its pages, besides one a
        parent that has subtasks. Then, kept: the goals, and the events of each project, or the search for all."""
        seeded = harness.seed(8 * harness.page)
        parents = seeded[:6]
        for parent in parents:
            harness.edit("tasks", name="below", parent=parent)
        source = harness.connect()
        _, since = drain(source, start(source))
        assert source.requests() == len(harness.sandbox.requests) == 2 + 2 + 2 + 8 + len(parents)
        harness.advance(timedelta(hours=1))
        for _ in range(2):
            before = source.requests()
            _, since = cycle(source, since)
        assert source.requests() - before == harness.quiet
        assert list(source.pull(since)) == [], "no page, no row"

    def test_a_task_of_several_projects_is_one_item(self, harness: AsanaHarness) -> None:
        one, other = harness.seed(2)
        harness.edit(f"tasks/{one}", project=PAY)
        source = harness.connect()
        items, since = drain(source, start(source))
        assert ids(items) == sorted([one, other])
        item = next(item for item in items if item.remote_id == one)
        assert item.scope == SHOP
        targets = {ref.target for ref in item.references if ref.kind is ReferenceKind.MEMBER}
        assert {f"project:{SHOP}", f"project:{PAY}"} <= targets
        assert [list(source.census(scope)) for scope in source.scopes()] == [[one], [other]]
        assert list(source.fetch([one])) == [item]
        assert all(since.values())

    def test_subtasks_of_any_depth(self, harness: AsanaHarness) -> None:
        (root,) = harness.seed(1)
        chain = [root]
        for depth in range(6):
            chain.append(harness.workspace.task(f"Depth {depth}", parent=chain[-1]))
        wide = [harness.workspace.task(f"Wide {n}", parent=root) for n in range(harness.page + 2)]
        heading = harness.edit("tasks", name="Heading:", parent=root)["gid"]
        harness.workspace.held["task"][heading]["is_rendered_as_separator"] = True
        source = harness.connect()
        items = pull(source)
        assert sorted(items) == sorted([*chain, *wide])
        assert {item.scope for item in items.values()} == {SHOP}
        parents = [ref.target_id for ref in items[chain[3]].references if ref.kind is ReferenceKind.PARENT]
        assert parents == [chain[2]]
        assert sorted(source.census(source.scopes()[0])) == sorted(items)
        assert {item.remote_id: item for item in source.fetch([*items, heading])} == items

    def test_what_moves_no_modified_at_is_told_by_events(self, harness: AsanaHarness) -> None:
        """A label, a blocker, a finished subtask, a new one: the next pull has them, the listing has none."""
        seeded = harness.seed(4)
        child = harness.workspace.task("child", parent=seeded[0])
        source = harness.connect()
        _, since = drain(source, start(source))
        harness.advance(timedelta(hours=1))
        harness.edit(f"tasks/{seeded[1]}", tags={"add": ["okr:KR-UX"]})
        harness.edit(f"tasks/{seeded[2]}", blocked_by=[seeded[3]])
        harness.edit(f"tasks/{child}", completed=True)
        fresh = harness.workspace.task("fresh", parent=seeded[0])
        harness.later += timedelta(hours=1)
        changed = {item.remote_id: item for item in drain(source, since)[0]}
        assert changed[seeded[1]].labels == ("okr:KR-UX",)
        assert seeded[3] in [ref.target_id for ref in changed[seeded[2]].references]
        assert changed[child].completed_at is not None
        assert changed[fresh].scope == SHOP

    def test_a_task_that_joins_a_project_brings_its_subtasks(self, harness: AsanaHarness) -> None:
        harness.seed(2)
        outside = harness.workspace.task("outside", project=None)
        child = harness.workspace.task("its subtask", parent=outside)
        source = harness.connect()
        items, since = drain(source, start(source))
        assert outside not in ids(items)
        harness.advance(timedelta(days=3))
        harness.edit(f"tasks/{outside}", project=PAY)
        changed = {item.remote_id: item.scope for item in drain(source, since)[0]}
        assert (changed[outside], changed[child]) == (PAY, PAY)

    def test_a_forgotten_token_of_events_loses_nothing(self, harness: AsanaHarness) -> None:
        seeded = harness.seed(4)
        source = harness.connect()
        _, since = drain(source, start(source))
        harness.edit(f"tasks/{seeded[1]}", tags={"add": ["okr:KR-UX"]})
        harness.advance(timedelta(hours=25))
        harness.later += timedelta(hours=1)
        items = {item.remote_id: item for item in drain(source, since)[0]}
        assert sorted(items) == sorted(seeded)
        assert items[seeded[1]].labels == ("okr:KR-UX",)

    def test_an_offset_that_dies_in_the_middle_of_a_listing(self, harness: AsanaHarness) -> None:
        seeded = harness.seed(6 * harness.page)
        source = harness.connect()
        found = set()
        for number, page in enumerate(source.pull(start(source))):
            found |= {item.remote_id for item in page.items}
            if number == 1:
                harness.advance(timedelta(minutes=20))
        assert found == set(seeded)

    def test_goals_and_what_supports_them(self, harness: AsanaHarness) -> None:
        direct, by_project = harness.seed(2)
        harness.edit(f"goals/{GOAL}", support=[direct, PAY])
        source = harness.connect()
        (goal,) = source.goals()
        assert (goal.id, goal.current, goal.writable) == (GOAL, 0.2, True)
        before = source.metadata()
        items = pull(source)
        for gid in (direct, by_project):
            assert f"goal:{GOAL}" in [ref.target for ref in items[gid].references]
        harness.edit(f"goals/{GOAL}", forsake=[PAY])
        harness.later += timedelta(hours=1)
        assert source.metadata()["goals"] != before["goals"]
        assert f"goal:{GOAL}" not in [ref.target for ref in pull(source)[by_project].references]

    def test_a_plan_without_goals(self, harness: AsanaHarness) -> None:
        seeded = harness.seed(2)
        harness.workspace.lacks |= {"goals"}
        source = harness.connect()
        assert source.goals() == []
        assert sorted(pull(source)) == sorted(seeded)
        (hidden,) = [scope for scope in source.scopes() if not scope.readable]
        assert (hidden.key, hidden.configured) == ("goals", "goals"), "refused is not none"
        assert "402" in hidden.why
        account = source.check()
        assert account.rights[f"{WORKSPACE} goals"] is False
        assert any("goals" in lack.text and not lack.surfaces for lack in account.lacks)

    @pytest.mark.parametrize(
        ("approval", "state"),
        [("approved", "done"), ("rejected", "done"), ("changes_requested", "in_progress"), ("pending", "todo")],
    )
    def test_approvals(self, approval: str, state: str, harness: AsanaHarness) -> None:
        (gid,) = harness.seed(1)
        harness.edit(f"tasks/{gid}", resource_subtype="approval", approval_status=approval)
        item = pull(harness.connect())[gid]
        assert (item.state, item.status) == (state, approval)
        assert item.resolution == ("rejected" if approval == "rejected" else None)

    def test_an_archived_project_is_read_once(self, harness: AsanaHarness) -> None:
        seeded = harness.seed(4)
        harness.edit(f"projects/{PAY}", archived=True)
        source = harness.connect(projects="*")
        assert [(scope.id, scope.readable, scope.configured) for scope in source.scopes()] == [
            (SHOP, True, "*"),
            (PAY, True, "*"),
        ]
        items, since = drain(source, start(source))
        assert ids(items) == sorted(seeded)
        harness.advance(timedelta(days=2))
        harness.touch(seeded[1])
        assert seeded[1] not in ids(drain(source, since)[0])
        harness.edit(f"projects/{PAY}", archived=False)
        harness.later += timedelta(hours=1)
        source.scopes()
        assert seeded[1] in ids(drain(source, since)[0])

    def test_a_renamed_tag_is_seen(self, harness: AsanaHarness) -> None:
        (gid,) = harness.seed(1)
        harness.edit(f"tasks/{gid}", tags={"add": ["okr:KR-1"]})
        source = harness.connect()
        before = source.metadata()
        (tag,) = harness.workspace.held["tag"].values()
        tag["name"] = "okr:KR-2"
        assert source.metadata() == before, "asked once an hour"
        harness.later += timedelta(hours=1)
        after = source.metadata()
        assert {name for name in before if before[name] != after.get(name)} == {f"tag {tag['gid']}"}

    def test_a_tag_is_made_where_there_is_none(self, harness: AsanaHarness) -> None:
        (gid,) = harness.seed(1)
        sink = harness.connect()
        slot = Slot("it", gid, Surface.LABEL, "okr-dangling")
        sink.push([write(Trial(slot, True, True), None, True)])
        assert sink.read([slot]) == {slot: True}
        assert [tag["name"] for tag in harness.workspace.held["tag"].values()] == ["okr-dangling"]


class TestAsanaWithSearch(TestAsana):
    """The same where the plan has search."""

    @pytest.fixture
    def kind(self) -> type[AsanaHarness]:
        return SearchHarness
