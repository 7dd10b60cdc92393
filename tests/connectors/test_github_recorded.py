"""Real exchanges with GitHub, recorded by octokit, through the connector's own transport, paging and parsing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import golden
import pytest
from recorded import Recording, exchanges, playing

from connectors import registry
from connectors.github import GitHubSettings
from connectors.github_wire import Repo, read_issue, read_repo
from okrsync.errors import Rejected, Unavailable
from okrsync.model import Item, Secret, SecretRef, Slot, SourceConfig, Surface

OWNER = "/repos/octokit-fixture-org"
PLAYED = frozenset(
    {"add-labels-to-issue", "create-status", "errors", "get-repository", "labels", "paginate-issues"}
    | {"rename-repository", "search-issues"}
)
OF_NO_USE = frozenset(
    {"add-and-remove-repository-collaborator", "branch-protection", "create-file", "get-organization", "lock-issue"}
    | {"project-cards"}
)
"""What okrsync neither reads nor writes."""


class Played:
    """A connector to one recorded scenario."""

    def __init__(self, rows: list[dict[str, Any]], stack: ExitStack) -> None:
        self.recording: Recording = stack.enter_context(playing(rows))
        settings = GitHubSettings(repositories=("octokit-fixture-org/hello-world",))
        token = SecretRef("env", "TOKEN")
        source = SourceConfig("github", "github", self.recording.url, None, token, settings)
        self.github: Any = registry.connect(source, Secret("0000000000000000000000000000000000000001"))
        stack.callback(self.github.close)
        self.api = self.github._api
        self.name = next(row["path"] for row in rows if row["path"].startswith(OWNER)).split("/")[3]
        self.path = f"{OWNER}/{self.name}"


@pytest.fixture(scope="session")
def scenarios(shared: Path) -> dict[str, list[dict[str, Any]]]:
    return exchanges(shared / "recorded" / "github" / "octokit_fixtures.jsonl")


@pytest.fixture
def play(request: pytest.FixtureRequest, scenarios: dict[str, list[dict[str, Any]]]) -> Iterator[Played]:
    """The scenario of this name, as the parameter of a test."""
    with ExitStack() as stack:
        played = Played(scenarios[request.param], stack)
        yield played
        assert played.recording.unknown == [], "what was asked was recorded"


def test_every_recorded_scenario_is_played_or_of_no_use(scenarios: dict[str, Any]) -> None:
    assert scenarios.keys() - OF_NO_USE == PLAYED


@pytest.mark.parametrize("play", ["paginate-issues"], indirect=True)
def test_golden_items_of_pages_that_lead_on_by_the_id_of_the_repository(play: Played) -> None:
    pages = list(play.api.pages(f"{play.path}/issues", {"per_page": "3"}))
    assert [len(rows) for rows, _ in pages] == [3, 3, 3, 3, 1]
    assert pages[0][1] == "/repositories/515435940/issues?per_page=3&page=2"
    assert play.recording.played[1:] == [
        f"GET /repositories/515435940/issues?page={page}&per_page=3" for page in (2, 3, 4, 5)
    ]
    repo = Repo("github", "515435940", f"octokit-fixture-org/{play.name}", "", "main")
    items = [read_issue(entry, repo) for rows, _ in pages for entry in rows]
    golden.check("github_recorded_pages.txt", "".join(map(_line, items)))


def _line(item: Item) -> str:
    return (
        f"{item.remote_id} {item.kind} {item.state} {item.status} {item.created_at:%Y-%m-%dT%H:%M:%SZ} "
        f"{item.updated_at:%Y-%m-%dT%H:%M:%SZ} by {item.author} {list(item.labels)} {item.title!r} {item.url}\n"
    )


@pytest.mark.parametrize("play", ["rename-repository"], indirect=True)
def test_a_renamed_repository_is_read_under_its_new_name_and_never_written_by_its_old_one(play: Played) -> None:
    assert play.api.call("PATCH", play.path, {"name": "newname"})["id"] == 515436299, "a person renames it"
    found = read_repo(play.api.get(play.path).value, "github", f"octokit-fixture-org/{play.name}")
    assert (found.id, found.full_name) == ("515436299", f"octokit-fixture-org/{play.name}-newname")
    assert found.names == (f"octokit-fixture-org/{play.name}-newname", f"octokit-fixture-org/{play.name}")
    assert play.recording.played[1:] == [f"GET {play.path}", "GET /repositories/515436299"]
    with pytest.raises(Unavailable) as refusal:
        play.api.call("PATCH", play.path, {"name": "x"})
    assert refusal.value.status == 307


@pytest.mark.parametrize("play", ["errors"], indirect=True)
def test_golden_words_of_a_refusal(play: Played) -> None:
    with pytest.raises(Rejected) as refusal:
        play.api.call("POST", f"{play.path}/labels", {"name": "foo", "color": "invalid"})
    assert refusal.value.status == 422
    said = str(refusal.value).replace(play.recording.url, "").replace(play.name, "REPO")
    golden.check("github_recorded_refusal.txt", said + "\n")


@pytest.mark.parametrize("play", ["labels"], indirect=True)
def test_labels_are_listed_made_and_found(play: Played) -> None:
    (rows,) = [rows for rows, _ in play.api.pages(f"{play.path}/labels")]
    assert sorted(row["name"] for row in rows)[:2] == ["bug", "documentation"]
    assert len(rows) == 9
    made = play.api.call("POST", f"{play.path}/labels", {"name": "test-label", "color": "663399"})
    assert play.api.get(f"{play.path}/labels/test-label").value == made
    assert play.api.call("DELETE", f"{play.path}/labels/test-label-updated") is None, "204 has no body"


@pytest.mark.parametrize("play", ["add-labels-to-issue"], indirect=True)
def test_labels_that_an_issue_was_given_come_back(play: Played) -> None:
    given = play.api.call("POST", f"{play.path}/issues/1/labels", {"labels": ["Foo", "bAr", "baZ"]})
    assert sorted(label["name"] for label in given) == ["Foo", "bAr", "baZ"]


@pytest.mark.parametrize("play", ["create-status"], indirect=True)
def test_of_the_statuses_of_a_commit_the_newest_of_a_context_counts(
    play: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = play.recording.rows[0]["response"]
    path = next(row["path"] for row in play.recording.rows if row["path"].endswith("/statuses"))
    (statuses,) = [rows for rows, _ in play.api.pages(path, {"per_page": "100"})]
    newest = statuses[0]
    play.recording.also(f"/repositories/{made['id']}", made)
    sha = path.split("/")[-2]
    play.recording.also(f"/repositories/{made['id']}/commits/{sha}/statuses", statuses)  # it is asked for by id
    slot = Slot("github", f"{made['id']}#1", Surface.STATUS, sha)
    play.github._sink._looks._queries.refuse("standing")  # none was recorded
    for context, expected in ((newest["context"], newest), ("okrsync/none", None)):
        monkeypatch.setattr("connectors.github_marked.CONTEXT", context)
        told = expected and {name: expected[name] for name in ("state", "description", "target_url")}
        assert play.github.read([slot]) == {slot: told}


@pytest.mark.parametrize("play", ["get-repository"], indirect=True)
def test_a_repository_is_read_as_it_was(play: Played) -> None:
    repo = read_repo(play.api.get(play.path).value, "github")
    assert (repo.id, repo.full_name, repo.branch) == ("103703892", "octokit-fixture-org/hello-world", "master")
    assert repo.permissions["push"] is True


@pytest.mark.parametrize("play", ["search-issues"], indirect=True)
def test_a_search_is_counted(play: Played) -> None:
    assert play.github.count(f"sesame repo:octokit-fixture-org/{play.name}") == 2
