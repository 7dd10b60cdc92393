"""``okrsync hooks``: made beside the running daemon, listed, renewed, deleted; nothing that others made is touched."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hooked import SECRET, Hooked, hooked
from installation import Installation
from sqlalchemy import select
from trio import ARCHIVE, BOARD

from okrsync.cli.session import Session
from okrsync.sandbox.github import hooks as of_github
from okrsync.store import tables as t


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Hooked]:
    with hooked(tmp_path) as running:
        yield running


@pytest.fixture
def typed(office: Hooked, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setenv("TOKEN", "good")
    monkeypatch.setattr(Session, "now", lambda _: office.company.now())
    return Installation(office.company.folder, office.company.sandbox, capsys, monkeypatch)


def rows(typed: Installation, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = typed.json("hooks", *arguments)["hooks"]
    return found


def conditions(typed: Installation, *arguments: str) -> dict[str, str]:
    return {row["source"]: row["done"] or row["condition"] for row in rows(typed, *arguments)}


def everywhere(of: str) -> dict[str, str]:
    return dict.fromkeys(("jira", "github", "asana"), of)


def test_made_once_listed_and_deleted(office: Hooked, typed: Installation) -> None:
    assert conditions(typed, "list") == everywhere("missing")
    assert conditions(typed, "create") == everywhere("made")
    site, hub, workspace = office.company.site, office.trio.repository, office.trio.workspace
    sandbox = office.company.sandbox
    sandbox.world.posted()
    assert [(one.url, one.secret) for one in site.hooks.values()] == [(f"{office.url}/webhooks/jira", SECRET)]
    (made,) = hub.hooks.values()
    assert (made.url, made.secret, made.insecure_ssl, made.content_type) == (
        f"{office.url}/webhooks/github",
        SECRET,
        "0",
        "json",
    )
    assert [(one.event, one.status) for one in made.deliveries] == [("ping", 202)]
    assert [one.resource["gid"] for one in workspace.hooks.values()] == [BOARD]

    sandbox.clear_requests()
    assert conditions(typed, "create") == everywhere("here")
    unsafe = [one for one in sandbox.unsafe_requests() if not one.path.endswith(("/search/jql", "/graphql"))]
    assert unsafe == [], "a second time nothing is sent but what lists them"
    assert conditions(typed, "list") == everywhere("here")
    assert conditions(typed, "delete") == everywhere("deleted")
    assert not (site.hooks)
    assert not (hub.hooks)
    assert not (workspace.hooks)
    with office.store.read() as tx:
        assert tx.execute(select(t.hook)).all() == []
    assert conditions(typed, "list") == everywhere("missing")
    assert rows(typed, "delete") == []


def test_what_differs_is_renewed(office: Hooked, typed: Installation) -> None:
    typed.ok("hooks", "create")
    (jira,) = office.company.site.hooks.values()
    (github,) = office.trio.repository.hooks.values()
    (asana,) = office.trio.workspace.hooks.values()
    jira.events, github.active, asana.active = ["jira:issue_created"], False, False
    assert conditions(typed, "list") == everywhere("differs")
    assert conditions(typed, "create") == everywhere("renewed")
    assert conditions(typed, "list") == everywhere("here")
    assert github.active
    assert len(jira.events) == 3
    assert [one.gid for one in office.trio.workspace.hooks.values()] != [asana.gid], "Asana tells no secret twice"

    (office.company.folder / "secret").write_text("another one\n", encoding="utf-8")
    assert conditions(typed, "list") == everywhere("differs"), "what signs with the old secret"
    assert conditions(typed, "create") == everywhere("renewed")
    assert (jira.secret, github.secret) == ("another one", "another one")
    office.person("asana/1200000000000001/tasks", name="Signed with the new one", project=BOARD)
    office.company.sandbox.world.posted()
    (asana,) = office.trio.workspace.hooks.values()
    assert asana.deliveries[-1].status == 200


def test_what_others_made_stays(office: Hooked, typed: Installation) -> None:
    elsewhere = of_github.Hook(5, "https://ci.acme.test/hook", "x", ["push"], "json", "0", True, "", "")
    by_hand = of_github.Hook(6, f"{office.url}/webhooks/github", "x", ["push"], "json", "0", True, "", "")
    office.trio.repository.hooks |= {5: elsewhere, 6: by_hand}
    assert conditions(typed, "list", "--source", "github") == {"github": "foreign"}
    assert rows(typed, "delete") == []
    assert set(office.trio.repository.hooks) == {5, 6}
    assert conditions(typed, "create", "--source", "github") == {"github": "renewed"}, (
        "it leads here, so it is ours now"
    )
    assert by_hand.secret == SECRET
    assert conditions(typed, "delete", "--source", "github") == {"github": "deleted"}
    assert set(office.trio.repository.hooks) == {5}


def test_what_is_not_allowed_says_what_to_do(office: Hooked, typed: Installation) -> None:
    office.company.site.account.denied.add("ADMINISTER")
    office.company.sandbox.world.github.account.denied.add("hooks")
    office.company.sandbox.world.github.account.scopes = None
    done = typed.run("hooks", "create", "--format", "json")
    assert done.code == 69
    found = {row["source"]: row for row in json.loads(done.out)["hooks"]}
    assert {name: row["done"] or row["condition"] for name, row in found.items()} == {
        "jira": "refused",
        "github": "refused",
        "asana": "made",
    }
    assert "WebHooks → Create a WebHook" in found["jira"]["why"]
    assert "Resource not accessible" in found["github"]["why"]


def test_a_source_that_fails_holds_up_no_other(office: Hooked, typed: Installation) -> None:
    def told(command: str, code: int, **statuses: int) -> dict[str, str]:
        for tool, status in statuses.items():
            office.company.sandbox.fault("answer", path=f"/{tool}/.*", status=status, times=None)
        done = typed.run("hooks", command, "--format", "json")
        office.company.sandbox.clear()
        assert done.code == code
        found = {row["source"]: row for row in json.loads(done.out)["hooks"]}
        assert all(str(status) in found[tool]["why"] for tool, status in statuses.items())
        return {name: row["done"] or row["condition"] for name, row in found.items()}

    assert told("list", 69, jira=503) == everywhere("missing") | {"jira": "failed"}
    assert told("create", 77, jira=401) == everywhere("made") | {"jira": "failed"}
    assert told("create", 0) == everywhere("here") | {"jira": "made"}
    assert told("delete", 69, github=503, jira=401) == everywhere("failed") | {"asana": "deleted"}
    typed.edit('email = "bot@acme.test", token = { env = "TOKEN" }', 'email = "bot@acme.test", token = { env = "NO" }')
    assert told("delete", 78) == {"jira": "failed", "github": "deleted"}


def test_what_was_made_before_a_tool_went_down_is_told(office: Hooked, typed: Installation) -> None:
    typed.edit(f'projects = ["{BOARD}"]', f'projects = ["{BOARD}", "{ARCHIVE}"]')
    office.company.sandbox.fault("answer", method="POST", path="/asana/.*/webhooks", skip=1, status=503, times=None)
    done = typed.run("hooks", "create", "--source", "asana", "--format", "json")
    assert done.code == 69
    rows = json.loads(done.out)["hooks"]
    assert [(row["place"], row["done"] or row["condition"]) for row in rows] == [("Board", "made"), ("", "failed")]


def test_data_center_takes_no_secret_from_a_program(office: Hooked, typed: Installation) -> None:
    office.company.site.datacenter = True
    found = rows(typed, "list", "--source", "jira")
    assert [row["condition"] for row in found] == ["refused"]
    assert "Data Center" in found[0]["why"]


def test_without_the_daemon_nothing_of_asana_is_made(office: Hooked, typed: Installation) -> None:
    office.server.stop()
    done = typed.run("hooks", "create", "--source", "asana")
    assert done.code == 69
    assert not office.trio.workspace.hooks
    with office.store.read() as tx:
        assert tx.execute(select(t.hook)).all() == []


def test_a_secret_that_did_not_arrive_leaves_nothing(office: Hooked, typed: Installation) -> None:
    """Another okrsync answers at this address: it has another database."""
    real = office.daemon.receiver._shake_hands

    def forgets(source: Any, theirs: str, hook: str, ours: Any) -> Any:
        answer = real(source, theirs, hook, ours)
        with office.store.begin() as tx:
            tx.execute(t.hook.update().values(sealed=None))
        return answer

    typed.monkeypatch.setattr(office.daemon.receiver, "_shake_hands", forgets)
    done = typed.run("hooks", "create", "--source", "asana", "--format", "json")
    assert done.code == 69
    assert "was not told the secret" in json.loads(done.out)["hooks"][0]["why"]
    assert not office.trio.workspace.hooks


def test_a_place_that_left_the_configuration(office: Hooked, typed: Installation) -> None:
    typed.edit(f'projects = ["{BOARD}"]', f'projects = ["{BOARD}", "{ARCHIVE}"]')
    assert Counter(row["done"] for row in rows(typed, "create", "--source", "asana")) == {"made": 2}
    typed.edit(f'projects = ["{BOARD}", "{ARCHIVE}"]', f'projects = ["{BOARD}"]')
    found = {row["condition"]: row["place"] for row in rows(typed, "list", "--source", "asana")}
    assert found == {"here": "Board", "left": ARCHIVE}
    typed.ok("hooks", "delete")
    assert not office.trio.workspace.hooks


def test_where_tools_cannot_reach_us_nothing_is_made(office: Hooked, typed: Installation) -> None:
    typed.edit(f'url = "{office.url}"', 'url = "http://okrsync.acme.test"')
    done = typed.run("hooks", "create")
    assert done.code == 78
    assert "[server] url: http://okrsync.acme.test is not https" in done.err
    typed.edit('url = "http://okrsync.acme.test"\n', "")
    done = typed.run("hooks", "create")
    assert done.code == 78
    assert "[server] url: missing" in done.err


@pytest.mark.parametrize(("language", "word"), [("en", "missing"), ("fr", "absent")])
def test_the_table_in_both_languages(language: str, word: str, typed: Installation) -> None:
    typed.edit('language = "en"', f'language = "{language}"')
    shown = typed.ok("hooks", "list")
    assert shown.count(word) >= 3
    assert "okrsync hooks create" in shown
    for form in ("csv", "md", "html"):
        assert "acme/shop" in typed.ok("hooks", "list", "--format", form)
