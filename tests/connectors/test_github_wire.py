"""GitHub's JSON → items: what every field becomes, and that no field can stop an item."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import golden
import orjson
import pytest
from damaged import damaged

from connectors import github_graphql as graphql
from connectors.github_mark import Ids, Mark, Walk, digests, is_without
from connectors.github_wire import (
    Pull,
    Repo,
    blocked_by,
    is_blocked,
    issue_id,
    parts,
    place_of,
    read_commit,
    read_issue,
    read_pull,
    read_repo,
)
from okrsync.errors import MalformedPage
from okrsync.model import Item, ItemKind, Reference, ReferenceKind, State

REPO = Repo("github", "10", "acme/shop", "https://github.com/acme/shop", "main", "acme/shop")
SHA = "a" * 40
ISSUE: dict[str, Any] = {
    "number": 12,
    "html_url": "https://github.com/acme/shop/issues/12",
    "title": "Refonte",
    "body": "Why",
    "state": "closed",
    "state_reason": "completed",
    "user": {"login": "ada", "type": "User"},
    "assignee": {"login": "bo", "type": "User"},
    "labels": [{"name": "okr:KR-UX"}, {"name": "OKR-Orphan"}, "mobile", {"name": None}],
    "milestone": {"number": 3, "title": "v1"},
    "type": {"name": "Bug"},
    "parent_issue_url": "https://api.github.com/repos/acme/plan/issues/5",
    "created_at": "2026-01-05T00:00:00Z",
    "updated_at": "2026-03-02T09:00:00Z",
    "closed_at": "2026-03-02T04:30:00Z",
}
PULL: dict[str, Any] = {
    **ISSUE,
    "pull_request": {"merged_at": None},
    "draft": False,
    "state": "open",
    "closed_at": None,
}
COMMIT: dict[str, Any] = {
    "sha": SHA,
    "html_url": f"https://github.com/acme/shop/commit/{SHA}",
    "commit": {
        "message": "Fix the cart (#7)\n\nKR: KR-UX\n",
        "author": {"name": "Ada", "date": "2026-02-28T23:30:00-05:00"},
        "committer": {"name": "GitHub", "date": "2026-03-02T09:00:00Z"},
    },
    "author": {"login": "ada", "type": "User"},
    "parents": [{"sha": "b" * 40}],
}

NODE: dict[str, Any] = {
    "__typename": "Issue",
    "number": 12,
    "title": "Refonte",
    "body": "Why",
    "url": ISSUE["html_url"],
    "closed": True,
    "createdAt": ISSUE["created_at"],
    "updatedAt": ISSUE["updated_at"],
    "closedAt": ISSUE["closed_at"],
    "stateReason": "COMPLETED",
    "author": {"__typename": "User", "login": "ada"},
    "assignees": {"nodes": [{"login": "bo"}]},
    "labels": {"nodes": [{"name": "okr:KR-UX"}, {"name": "okr-orphan"}, {"name": "mobile"}]},
    "milestone": {"number": 3, "title": "v1"},
    "issueType": {"name": "Bug"},
    "parent": {"number": 5, "repository": {"nameWithOwner": "acme/plan"}},
}


def test_a_full_issue() -> None:
    item = read_issue(ISSUE, REPO, None, {"acme/plan": "77"})
    assert (item.source, item.remote_id, item.key, item.scope, item.project) == (
        "github",
        "10#12",
        "acme/shop#12",
        "10",
        "acme/shop",
    )
    assert (item.kind, item.type, item.title, item.body) == (ItemKind.TICKET, "Bug", "Refonte", "Why")
    assert (item.state, item.status, item.resolution) == (State.DONE, "closed", "completed")
    assert (item.assignee, item.author, item.labels) == ("bo", "ada", ("okr:KR-UX", "mobile"))
    assert item.created_at == datetime(2026, 1, 5, tzinfo=UTC)
    assert item.completed_at == datetime(2026, 3, 2, 4, 30, tzinfo=UTC)
    assert item.references == (
        Reference(ReferenceKind.PARENT, "acme/plan#5", "77#5", "parent"),
        Reference(ReferenceKind.MEMBER, "milestone:acme/shop#3", None, "v1"),
    )


def test_a_parent_that_may_not_be_read_keeps_its_name() -> None:
    (parent, _) = read_issue(ISSUE, REPO, None, {"acme/plan": ""}).references
    assert (parent.target, parent.target_id) == ("acme/plan#5", "acme/plan#5")
    own = {**ISSUE, "parent_issue_url": "https://ghe.acme.test/api/v3/repos/Acme/Shop/issues/2"}
    assert read_issue(own, REPO).references[0].target_id == "10#2"


@pytest.mark.parametrize(
    ("configured", "milestones"),
    [
        ("acme/shop", ["milestone:acme/shop#3"]),
        ("Acme/Shop", ["milestone:acme/shop#3"]),
        ("acme/sh*", ["milestone:acme/shop#3"]),
        ("acme/store", ["milestone:acme/shop#3", "milestone:acme/store#3"]),
    ],
)
def test_a_milestone_is_known_by_the_name_that_the_configuration_has(configured: str, milestones: list[str]) -> None:
    item = read_issue({**ISSUE, "parent_issue_url": None}, replace(REPO, configured=configured))
    assert [reference.target for reference in item.references] == milestones


@pytest.mark.parametrize(
    ("said", "state", "status", "resolution"),
    [
        ({"state": "open"}, State.TODO, "open", None),
        ({"state": "open", "state_reason": "reopened"}, State.TODO, "open", None),
        ({"state": "closed", "state_reason": "not_planned"}, State.DONE, "closed", "not_planned"),
        ({"state": "closed", "state_reason": None}, State.DONE, "closed", None),
        ({"state": "resting"}, State.UNKNOWN, "resting", None),
        ({"state": None}, State.UNKNOWN, "", None),
    ],
)
def test_states_of_issues(said: dict[str, Any], state: State, status: str, resolution: str | None) -> None:
    item = read_issue(ISSUE | said, REPO)
    assert (item.state, item.status, item.resolution) == (state, status, resolution)
    assert (item.completed_at is not None) is (state is State.DONE)


MERGED = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "pull", "state", "status", "resolution"),
    [
        ({}, Pull(), State.IN_PROGRESS, "open", None),
        ({}, Pull(draft=True), State.TODO, "draft", None),
        ({"draft": True}, None, State.TODO, "draft", None),
        ({"state": "closed"}, Pull(merged_at=MERGED), State.DONE, "merged", None),
        ({"state": "closed", "pull_request": {"merged_at": "2026-03-01T00:00:00Z"}}, None, State.DONE, "merged", None),
        ({"state": "closed", "state_reason": "completed"}, Pull(), State.DONE, "closed", "not_merged"),
    ],
)
def test_states_of_pull_requests(
    said: dict[str, Any], pull: Pull | None, state: State, status: str, resolution: str | None
) -> None:
    item = read_issue(PULL | said, REPO, pull)
    assert (item.kind, item.state, item.status, item.resolution) == (ItemKind.PULL_REQUEST, state, status, resolution)
    if status == "merged":
        assert item.completed_at == MERGED


def test_what_makes_a_pull_request() -> None:
    closes = Reference(ReferenceKind.CLOSES, "acme/plan#5", "77#5", "closes")
    pull = Pull("topic", "main", SHA, merged_at=MERGED, merge_sha="c" * 40, closes=(closes,))
    item = read_issue({**PULL, "parent_issue_url": "", "milestone": None}, REPO, pull)
    assert (item.branch, item.base, item.head) == ("topic", "main", SHA)
    assert item.references == (closes, Reference(ReferenceKind.MERGED_AS, "c" * 40, f"10@{'c' * 40}", "merge commit"))
    assert read_issue(ISSUE, REPO, pull).branch == ""  # not one


def test_the_merge_commit_of_a_trial_is_none() -> None:
    answer = {"merge_commit_sha": "c" * 40, "head": {"ref": "topic", "sha": SHA}, "base": {"ref": "main"}}
    assert read_pull(answer | {"merged_at": None}).merge_sha == ""
    assert read_pull(answer | {"merged_at": "2026-03-01T00:00:00Z"}) == Pull(
        "topic", "main", SHA, merged_at=MERGED, merge_sha="c" * 40
    )


def test_a_commit() -> None:
    item = read_commit(COMMIT, REPO)
    assert (item.remote_id, item.key, item.kind, item.type) == (f"10@{SHA}", SHA, ItemKind.COMMIT, "")
    assert (item.title, item.body, item.author, item.state) == ("Fix the cart (#7)", "KR: KR-UX", "ada", State.DONE)
    assert item.created_at == datetime(2026, 3, 1, 4, 30, tzinfo=UTC)
    assert item.updated_at == item.completed_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    merge = read_commit({**COMMIT, "parents": [{"sha": SHA}, {"sha": SHA}]}, REPO)
    assert merge.type == "merge"


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ({"login": "renovate", "type": "Bot"}, "renovate[bot]"),
        ({"login": "dependabot[bot]", "type": "Bot"}, "dependabot[bot]"),
        (None, "Ada"),
        ({}, "Ada"),
    ],
)
def test_who_wrote_a_commit(author: Any, name: str) -> None:
    assert read_commit({**COMMIT, "author": author}, REPO).author == name


def test_an_author_date_after_the_commit_is_no_creation() -> None:
    late = copy.deepcopy(COMMIT)
    late["commit"]["author"]["date"] = "2038-01-01T00:00:00Z"
    item = read_commit(late, REPO)
    assert item.created_at == item.updated_at


def test_an_account_that_is_gone_is_a_ghost() -> None:
    assert read_issue({**ISSUE, "user": None}, REPO).author == "ghost"


def test_a_query_says_the_same_as_the_list() -> None:
    ids = {"acme/plan": "77"}
    assert read_issue(graphql.entry_of(NODE), REPO, None, ids) == read_issue(ISSUE, REPO, None, ids)
    assert not graphql.is_pull(NODE)


def test_what_blocks_is_the_same_by_either_interface() -> None:
    row = {"number": 5, "repository_url": "https://api.github.com/repos/acme/plan"}
    node = {"number": 5, "repository": {"databaseId": 77, "nameWithOwner": "acme/plan"}}
    said = Reference(ReferenceKind.BLOCKED_BY, "acme/plan#5", "77#5", "blocked by")
    assert place_of(row) == ("acme/plan", 5)
    assert blocked_by("acme/plan", 5, "77") == said
    assert graphql.named_by({"blockedBy": {"nodes": [node, None, {}]}}, graphql.BLOCKERS) == [said]
    assert blocked_by("acme/plan", 5, "").target_id == "acme/plan#5"
    assert said in read_issue(ISSUE, REPO, blockers=[said]).references
    counts = ({}, None, {"total_blocked_by": 0}, {"total_blocked_by": 2}, {"blocked_by": 1})
    assert [is_blocked({"issue_dependencies_summary": one}) for one in counts] == [False, False, False, True, True]


# ── identities and marks ──


def test_identities() -> None:
    assert parts("10#12") == ("10", 12, "")
    assert parts(f"10@{SHA}") == ("10", 0, SHA)
    for no_id in ("", "acme/shop#12", "10", "10#", "10@zz", "999999999"):
        assert parts(no_id) == ("", 0, "")
    assert issue_id("10", 12) == "10#12"


def test_a_mark_survives_and_a_broken_one_reads_everything_again() -> None:
    walk = Walk("main", "b" * 40, "/x?page=2")
    for mark in (
        Mark(),
        Mark({"main": SHA, "rel/1": SHA}),
        Mark({"main": SHA}, walk),
        Mark({}, None, "0123abcd", "2026-03-01T08:00:00Z", "7@2026-03-01T08:00:00Z 0@", 7, 12),
    ):
        assert Mark.load(mark.dump()) == mark
    good = Mark({"main": SHA}).dump()
    for broken in (
        "",
        "{",
        "[]",
        "7",
        '{"v":1}',
        good.replace('"v":2', '"v":1'),
        good.replace("null", '["a"]'),
        good.replace("-1", "null"),
    ):
        assert Mark.load(broken) == Mark()


def test_names_are_what_they_were_unless_one_is_changed_or_gone() -> None:
    labels = [
        {"node_id": "a", "name": "bug"},
        {"node_id": "b", "name": "okr:KR"},
        {"node_id": "c", "name": "okr-orphan"},
    ]
    milestones = [{"number": 1, "title": "v1"}, {"number": 2, "title": "v2"}]
    known = digests(labels, milestones)
    asked = [{"id": one["node_id"], "name": one["name"]} for one in labels]  # as a query has them
    assert digests(reversed(asked), milestones) == known
    assert digests([*labels[:2], None, 7, {"name": None}], milestones) == known  # ours do not matter
    for now in (
        digests([*labels, {"node_id": "d", "name": "new"}], milestones),
        digests(labels, [*milestones, {"number": 3}]),
    ):
        assert not is_without(now, known)
        assert is_without(known, now)
    renamed = [{"node_id": "a", "name": "bugs"}, *labels[1:]]
    again = [{"node_id": "z", "name": "bug"}, *labels[1:]]  # deleted, and another one is called so
    for now in (digests(renamed, milestones), digests(again, milestones), digests(labels[1:], milestones)):
        assert is_without(now, known)
    for fewer in ([{"number": 1, "title": "v1"}], [{"number": 1, "title": "v1"}, {"number": 2, "title": "v2.1"}]):
        assert is_without(digests(labels, fewer), known)


def test_ids_are_kept_in_few_bytes_and_come_back_as_they_were() -> None:
    items = [read_issue(ISSUE, REPO), read_issue(PULL, REPO), read_commit(COMMIT, REPO)]
    ids = Ids()
    ids.add(items)
    assert sorted(ids.of("10")) == sorted(item.remote_id for item in items)


# ── whatever is missing ──


def _never_stops(answer: dict[str, Any], name: str, kind: type[Any], read: Callable[[Any], object]) -> None:
    """Without its number or sha an entry is malformed; whatever else is damaged, it is an item."""
    for one in damaged(answer):
        if type(one.get(name)) is kind and one[name] != "":
            assert hash(read(one))
        else:
            with pytest.raises(MalformedPage):
                read(one)


def test_nothing_missing_stops_an_item() -> None:
    for entry in (ISSUE, PULL):
        _never_stops(entry, "number", int, lambda one: read_issue(one, REPO, None, {"acme/plan": "77"}))
    _never_stops(COMMIT, "sha", str, lambda one: read_commit(one, REPO))


def test_nothing_missing_stops_what_a_query_found() -> None:
    def read(node: Any) -> Item:
        return read_issue(graphql.entry_of(node), REPO, graphql.pull_of(node) if graphql.is_pull(node) else None)

    closes = {"number": 5, "repository": {"databaseId": 77, "nameWithOwner": "acme/plan"}}
    more = {"hasNextPage": True, "endCursor": "x"}
    pull = {
        **NODE,
        "__typename": "PullRequest",
        "isDraft": False,
        "mergedAt": "2026-03-01T00:00:00Z",
        "headRefName": "topic",
        "mergeCommit": {"oid": SHA},
        "closingIssuesReferences": {"nodes": [closes], "pageInfo": more},
    }
    assert [one.kind for one in read(pull).references if one.target_id] == ["parent", "closes", "merged_as"]
    for node in (NODE, pull):
        _never_stops(node, "number", int, read)
    for node in damaged(pull):
        after = graphql.after(node, graphql.CLOSES)
        assert after is None or isinstance(after, str)


@pytest.mark.parametrize(
    "answer",
    [
        *(None, [], {}, {"id": 1}, {"id": "1", "full_name": "a/b"}, {"full_name": "a/b"}),
        *({"id": True, "full_name": "a/b"}, {"id": 1, "full_name": "b"}),
    ],
)
def test_a_repository_without_id_or_name_is_malformed(answer: Any) -> None:
    with pytest.raises(MalformedPage):
        read_repo(answer, "github")


# ── recorded answers ──


def _rows(path: Path) -> list[Any]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def test_nothing_missing_stops_a_recorded_item(shared: Path) -> None:
    world = shared / "recorded" / "world" / "github" / "panjf2000/ants"
    issues, pulls, commits = (_rows(world / f"{name}.jsonl") for name in ("issues", "pulls", "commits"))
    for entry in (next(one for one in issues if one["labels"]), next(one for one in issues if one["milestone"])):
        _never_stops(entry, "number", int, lambda one: read_issue(one, REPO, None, {}))
    merged = next(one for one in pulls if one["merged_at"])
    for one in damaged(merged):
        assert hash(read_issue(PULL, REPO, read_pull(one)))
    _never_stops(commits[0], "sha", str, lambda one: read_commit(one, REPO))
    for one in damaged({"repo": merged["base"]["repo"]}):
        try:
            assert read_repo(one.get("repo"), "github").id
        except MalformedPage:
            continue


def test_golden_items_of_recorded_answers(shared: Path) -> None:
    """What recorded issues, pull requests and commits become, without their texts."""
    world = shared / "recorded" / "world" / "github"
    ants = replace(REPO, full_name="panjf2000/ants", configured="panjf2000/ants")
    pulls = {one["number"]: read_pull(one) for one in _rows(world / "panjf2000/ants/pulls.jsonl")}
    items = [read_issue(one, ants, pulls.get(one["number"])) for one in _rows(world / "panjf2000/ants/issues.jsonl")]
    for name, step in (("panjf2000/ants", 9), ("tidev/alloy", 200), ("simonw/datasette", 200)):
        commits = _rows(world / name / "commits.jsonl")[::step]
        items += [read_commit(one, replace(REPO, full_name=name, configured=name)) for one in commits]
    lines = [
        f"{item.key} {item.kind} {item.state} {item.status or '-'} {item.type or '-'} {item.resolution or '-'} "
        f"{item.created_at:%Y-%m-%dT%H:%M:%SZ} {item.completed_at and format(item.completed_at, '%Y-%m-%dT%H:%M:%SZ')} "
        f"by {item.author} to {item.assignee} {item.branch or '-'} {item.base or '-'} {item.head or '-'} "
        f"{list(item.labels)} {[f'{one.kind} {one.target_id or one.target}' for one in item.references]} "
        f"{len(item.title)}+{len(item.body)}"
        for item in items
    ]
    golden.check("github_items.txt", "\n".join(lines) + "\n")
