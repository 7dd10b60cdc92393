"""What real Jira sites sent, through the connector's own reading: golden results, short and without people in them.

Recorded are pages of changelogs and sprints of a Cloud site, issues with links of a Data Center site, and two whole
sites, which the sandbox serves as Cloud and as Data Center.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import golden
import orjson
import pytest

from connectors import jira_changes, registry
from connectors.jira_changes import Reading, read_changes, sprint_ids
from connectors.jira_fields import Fields, read_blocking, read_fields, read_statuses
from connectors.jira_wire import Site, read_issue
from okrsync.model import COMPONENTS, Change, ChangeKind, Item, ReferenceKind, Secret, SecretRef, SourceConfig
from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.jira import sprints
from okrsync.sandbox.jira.issue import Issue

ASKED = "https://merico.atlassian.net/rest/api/3/issue/"
PROJECTS = {"merico": ("EE", "K5"), "appcelerator": ("ALOY", "DAEMON")}


def rows(shared: Path, name: str) -> list[dict[str, Any]]:
    path = shared / "recorded" / "jira" / name
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def metadata(shared: Path, name: str) -> list[dict[str, Any]]:
    path = shared / "recorded" / "world" / "jira" / "merico" / name
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def pages(shared: Path) -> dict[str, list[dict[str, Any]]]:
    """The entries of every recorded page of a changelog, by issue."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows(shared, "jira_api_issue_changelogs.jsonl"):
        assert row["url"].startswith(ASKED)
        found[row["url"].removeprefix(ASKED).partition("/")[0]].append(row["data"])
    return found


def change_lines(changes: Iterable[Change]) -> Iterator[str]:
    for one in changes:
        yield f"  {one.at:%Y-%m-%d %H:%M:%S} {one.kind}: {one.before or '-'} → {one.after or '-'}"


def digest(values: object) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()[:12]


def connect(url: str, projects: Sequence[str]) -> Any:
    settings = registry.settings()["jira"](projects=projects, fields={"points": "customfield_10024"})
    source = SourceConfig("jira", "jira", url, "bot@acme.test", SecretRef("env", "TOKEN"), settings)
    return registry.connect(source, Secret("good"))


# ── changelogs ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_golden_changelog_pages(shared: Path) -> None:
    """Every entry of every page: what it says of which field, and what it comes to."""
    reading = Reading(Fields(sprint="customfield_10020"), read_statuses(metadata(shared, "statuses.jsonl")))
    text = []
    for issue, entries in sorted(pages(shared).items()):
        said = Counter(item["field"] for entry in entries for item in entry["items"])
        text.append(f"issue {issue}: {len(entries)} entries; {', '.join(f'{n} {c}' for n, c in sorted(said.items()))}")
        text += change_lines(jira_changes.in_order(read_changes(entries, reading)))
    golden.check("jira_recorded_changelogs.txt", "\n".join(text) + "\n")


def test_golden_histories_come_the_same_through_both_editions(shared: Path) -> None:
    """The entries in a site, those that its issues came with too, asked for in bulk by Cloud and with the search by
    Data Center."""
    world = World.load(shared / "recorded" / "world")
    site = world.jira.sites["merico"]
    model = next(iter(site.issues.values()))
    for identity, entries in pages(shared).items():
        oldest_first = sorted(entries, key=lambda entry: (entry["created"], int(entry["id"])))
        site.put(Issue(identity, f"EE-{identity}", dict(model.fields), oldest_first))
    found: dict[bool, dict[str, tuple[Change, ...]]] = {}
    with Sandbox(world) as sandbox:
        for datacenter in (False, True):
            site.datacenter = datacenter
            source = connect(f"{sandbox.url}/jira/merico", PROJECTS["merico"])
            found[datacenter] = {one.remote_id: one.changes for one in source.history(sorted(site.issues))}
            source.close()
    assert found[False].keys() == found[True].keys() == site.issues.keys()
    reading = Reading(Fields(sprint="customfield_10020"), read_statuses(metadata(shared, "statuses.jsonl")))
    for identity, entries in pages(shared).items():
        assert found[False][identity] == jira_changes.in_order(read_changes(entries, reading))
    text = []
    for identity, changes in sorted(found[False].items(), key=lambda pair: int(pair[0])):
        issue, kinds = site.issues[identity], Counter(str(change.kind) for change in changes)
        said = ", ".join(f"{kind} {times}" for kind, times in sorted(kinds.items())) or "nothing"
        text.append(f"{issue.key}: {len(issue.histories)} entries; {said}; {digest(list(change_lines(changes)))}")
    golden.check("jira_recorded_histories.txt", "\n".join(text) + "\n")
    for identity in site.issues:
        assert _but_parents(found[True][identity]) == _but_parents(found[False][identity])


def _but_parents(changes: Iterable[Change]) -> list[Change]:
    return [change for change in changes if change.kind is not ChangeKind.PARENT]


# ── links ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_golden_links_of_a_data_center(shared: Path) -> None:
    """Every link of every recorded issue: the reference that it is, or why it is none; and its history."""
    field_list = [{"id": "customfield_10005", "name": "Rank", "schema": {"custom": "x:gh-lexo-rank"}}]
    site = Site("jira", "https://jira.test/browse/", read_fields(field_list, linked=True))
    text, kinds = [], Counter[str]()
    for row in rows(shared, "jira_api_issue_relationships.jsonl"):
        raw = row["data"]
        item = read_issue(raw, site)
        assert (item.remote_id, item.key, item.title) == (raw["id"], raw["key"], raw["fields"]["summary"])
        assert item.body == raw["fields"]["description"].replace("\r\n", "\n").strip()
        references = {reference.target_id: reference for reference in item.references}
        links = raw["fields"]["issuelinks"]
        text.append(f"{item.key}: {item.state}, level {item.level}, {len(links)} links")
        for link in links:
            side = "inwardIssue" if "inwardIssue" in link else "outwardIssue"
            words = link["type"]["inward" if side == "inwardIssue" else "outward"]
            reference = references.pop(link[side]["id"], None)
            kinds[link["type"]["name"]] += 1
            text.append(f"  {words} {link[side]['key']}: {reference.kind if reference else 'no reference'}")
            assert (reference is not None) == (words == "is blocked by")
        assert not references
        text += change_lines(jira_changes.in_order(read_changes(raw["changelog"]["histories"], Reading())))
    assert kinds == {"Blocks": 6, "Cloners": 4, "Duplicate": 4, "Relates": 2}
    golden.check("jira_recorded_links.txt", "\n".join(text) + "\n")


def test_a_blocking_link_is_known_by_its_type_whatever_it_is_called(shared: Path) -> None:
    types = {
        link["type"]["id"]: link["type"]
        for row in rows(shared, "jira_api_issue_relationships.jsonl")
        for link in row["data"]["fields"]["issuelinks"]
    }
    blocking = read_blocking({"issueLinkTypes": list(types.values())})
    assert [kind["name"] for kind in types.values() if blocking.holds(kind)] == ["Blocks"]
    assert blocking.holds(types["10000"] | {"name": "Bloque", "inward": "est bloqué par"})


# ── sprints ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_recorded_sprint_is_read_as_an_object_and_as_java(shared: Path) -> None:
    recorded = [row["data"] for row in rows(shared, "jira_api_sprints.jsonl")]
    assert len(recorded) == 30
    for sprint in recorded:
        awkward = sprint | {"name": f"{sprint['name']}, id=9] [x", "goal": None}
        for one in (sprint, awkward):
            assert sprint_ids([one]) == sprint_ids([sprints.java(one)]) == (str(sprint["id"]),)
    ids = tuple(str(sprint["id"]) for sprint in recorded)
    assert sprint_ids(recorded) == sprint_ids([sprints.java(sprint) for sprint in recorded]) == ids


def test_the_sprints_that_changelogs_name_are_the_recorded_ones(shared: Path) -> None:
    known = {f"sprint:{row['data']['id']}" for row in rows(shared, "jira_api_sprints.jsonl")}
    reading = Reading(Fields(sprint="customfield_10020"))
    members = [
        change
        for entries in pages(shared).values()
        for _, _, change in read_changes(entries, reading)
        if change.kind is ChangeKind.MEMBER
    ]
    named = {side for change in members for side in (change.before, change.after) if side}
    assert named <= known
    assert len(members) == 12


# ── whole sites ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def pulled(shared: Path) -> dict[tuple[str, bool], dict[str, Item]]:
    """The items of each recorded site, (name, whether it is a Data Center) → by id."""
    world = World.load(shared / "recorded" / "world")
    world.clock = Clock(datetime(2026, 11, 20, tzinfo=UTC))
    found: dict[tuple[str, bool], dict[str, Item]] = {}
    with Sandbox(world) as sandbox:
        for name, projects in PROJECTS.items():
            for datacenter in (False, True):
                world.jira.sites[name].datacenter = datacenter
                source = connect(f"{sandbox.url}/jira/{name}", projects)
                scopes = {scope.id: None for scope in source.scopes() if scope.readable}
                items = [item for page in source.pull(scopes) for item in page.items]
                found[name, datacenter] = {item.remote_id: item for item in items}
                assert len(items) == len(found[name, datacenter])
                source.close()
    return found


def test_golden_items_of_recorded_sites(pulled: dict[tuple[str, bool], dict[str, Item]]) -> None:
    merico = pulled["merico", False].values()
    text = [_line(item) for item in sorted(merico, key=lambda item: int(item.remote_id))]
    for (name, datacenter), items in sorted(pulled.items()):
        states = Counter(str(item.state) for item in items.values())
        references = Counter(str(one.kind) for item in items.values() for one in item.references)
        text.append(f"{name}, {'Data Center' if datacenter else 'Cloud'}: {len(items)} items")
        text.append(f"  states {dict(sorted(states.items()))}")
        text.append(f"  references {dict(sorted(references.items()))}")
        text.append(f"  labels {sum(len(item.labels) for item in items.values())}")
        components = [one.value for item in items.values() for one in item.fields if one.id == COMPONENTS]
        text.append(f"  components {len(components)} of {len(set(components))} names, {digest(sorted(components))}")
        text.append(f"  values {digest(sorted(map(_value, items.values())))}")
    golden.check("jira_recorded_items.txt", "\n".join(text) + "\n")


def _line(item: Item) -> str:
    parts = [
        item.key,
        str(item.state),
        f"level {item.level}",
        f"{item.points if item.points is not None else '-'} points",
    ]
    parts += [f"{one.kind} {one.target}" for one in item.references]
    parts += [f"label {label}" for label in item.labels]
    return f"{', '.join(parts)}; {item.updated_at:%Y-%m-%d %H:%M:%S}, body {digest(item.body)}"


def _value(item: Item) -> tuple[object, ...]:
    return (
        item.remote_id,
        item.key,
        item.state,
        item.title,
        item.created_at,
        item.updated_at,
        item.due,
        item.points,
        item.labels,
        item.resolution,
        item.scope,
        item.flagged,
    )


@pytest.mark.parametrize("name", PROJECTS)
def test_a_recorded_site_says_the_same_as_cloud_and_as_data_center(
    name: str, pulled: dict[tuple[str, bool], dict[str, Item]]
) -> None:
    cloud, datacenter = pulled[name, False], pulled[name, True]
    assert cloud.keys() == datacenter.keys()
    for identity, item in cloud.items():
        other = datacenter[identity]
        assert _value(item) == _value(other)
        assert [one for one in item.references if one.kind not in ABOVE] == [
            one for one in other.references if one.kind not in ABOVE
        ]
        assert _above(item, cloud) == _above(other, datacenter)


ABOVE = (ReferenceKind.PARENT, ReferenceKind.EPIC)  # what is a parent on Cloud is an epic on Data Center


def _above(item: Item, known: dict[str, Item]) -> list[tuple[str, str | None]]:
    """Key and id of what an item hangs below; Data Center names an epic by its key, so one out of sight has no id."""
    above = [one for one in item.references if one.kind in ABOVE]
    return [(one.target, one.target_id if one.target_id in known else None) for one in above]
