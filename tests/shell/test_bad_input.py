"""Bad input: a clear line with the place and the remedy, the right exit code, nothing lost, never a traceback."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from installation import Done, Installation

from okrsync.cli.session import Session


def one_line(done: Done, code: int, *words: str) -> None:
    """The command failed as announced, with these words and no traceback, and named no secret."""
    said = done.out + done.err
    assert done.code == code, said
    assert "Traceback" not in said
    assert "bad-secret-token" not in said
    for word in words:
        assert word in said


@pytest.mark.parametrize("path", ["/jira/lumiere", "", "/jira/lumen/browse/SHOP-1", "/jira/lumen/rest/api/3"])
def test_an_address_with_a_wrong_path_says_which_one_is_meant(acme: Installation, path: str) -> None:
    acme.edit("/jira/lumen", path)
    done = acme.run("check-config", "--online", "--format", "json")  # a terminal breaks lines
    one_line(done, 69, "answered 404", "check the url of this source", "context path")


def test_a_wrong_token_stops_only_that_source_and_keeps_what_is_stored(synced: Installation) -> None:
    before = synced.json("orphans")["totals"]
    (synced.folder / "token").write_text("bad")
    one_line(synced.run("sync"), 77, "auth_failed", "jira")
    after = synced.json("orphans")
    assert after["totals"] == before
    assert after["complete"] is False
    one_line(synced.run("check-config", "--online"), 77)
    (synced.folder / "token").write_text("good")
    synced.ok("sync")
    assert synced.json("orphans")["complete"] is True


def test_a_missing_token_names_the_place(acme: Installation) -> None:
    (acme.folder / "token").unlink()
    one_line(acme.run("sync"), 78, "token")


def test_a_source_that_is_down(synced: Installation) -> None:
    synced.sandbox.stop()
    before = synced.json("orphans")["totals"]
    one_line(synced.run("sync"), 69, "degraded", "127.0.0.1")
    assert synced.json("orphans")["totals"] == before


@pytest.mark.parametrize("kind", ["login_page", "logged_out", "truncated"])
def test_html_or_half_an_answer_is_an_error_and_deletes_nothing(synced: Installation, kind: str) -> None:
    before = synced.json("orphans")["totals"]
    synced.sandbox.fault(kind, path=".*/search/jql", times=None)
    done = synced.run("sync", "--full")
    one_line(done, 69 if kind == "truncated" else 77)
    synced.sandbox.clear()
    assert synced.json("orphans")["totals"] == before
    assert synced.json("sync", "--full")["sources"][0]["changed"] == 0


def test_an_empty_site_is_not_believed(synced: Installation) -> None:
    site = next(iter(synced.sandbox.world.jira.sites.values()))
    before = synced.json("orphans")["totals"]["items"]
    for issue in list(site.issues.values()):
        site.drop(issue)
    one_line(synced.run("sync", "--full"), 69, "needs_confirmation", "--allow-mass-delete")
    assert synced.json("orphans")["totals"]["items"] == before
    synced.ok("sync", "--full", "--allow-mass-delete")
    assert synced.json("orphans")["totals"]["items"] == 0


def test_a_project_that_may_not_be_read_is_marked_and_kept(synced: Installation) -> None:
    site = next(iter(synced.sandbox.world.jira.sites.values()))
    before = synced.json("orphans")["totals"]["items"]
    hidden = synced.json("orphans")["items"][0]["key"].partition("-")[0]
    site.hide(hidden)
    said = synced.ok("sync", "--full")
    assert f"\njira:{hidden}: " in said
    assert "its items are kept as they were; okrsync gaps tells what to do" in said
    assert synced.json("orphans")["totals"]["items"] == before
    assert synced.json("orphans")["complete"] is False
    (gap,) = [gap for gap in synced.json("gaps")["gaps"] if gap["kind"] == "scope_unreachable"]
    assert gap["subject"] == f"jira:{hidden}"
    assert f"No project could be found with key '{hidden}'" in gap["evidence"], "the tool's own words"
    assert "okrsync sync --source jira --allow-mass-delete" in gap["fix"], "what is gone for good"


def test_every_fault_of_the_file_at_once(acme: Installation) -> None:
    acme.edit('timezone = "Europe/Paris"', 'timezone = "Europe/Pariss"\nlangage = "fr"')
    acme.edit("projects = ", "project = ")
    done = acme.run("check-config")
    one_line(done, 78, "okrsync.toml", "timezone", "Europe/Pariss", "langage", 'did you mean "language"', "project")
    assert len(done.err.strip().splitlines()) >= 3
    for command in (["sync"], ["status"], ["plan"]):
        assert acme.run(*command).code == 78


def test_a_file_that_is_no_toml(acme: Installation) -> None:
    acme.config.write_text("[okrsync\n", encoding="utf-8")
    one_line(acme.run("status"), 78, "okrsync.toml", "line 1")


def test_no_configuration_says_how_to_make_one(acme: Installation) -> None:
    acme.config.unlink()
    one_line(acme.run("status"), 78, "okrsync.toml", "no such file")
    acme.monkeypatch.chdir(acme.folder)
    one_line(acme.run("status", config=False), 78, "okrsync init")


def test_names_that_do_not_exist(synced: Installation) -> None:
    one_line(synced.run("trace", "NOPE-1"), 2, "NOPE-1")
    one_line(synced.run("sync", "--source", "nope"), 2, "jira")
    one_line(synced.run("status", "--objective", "O-NOPE"), 2, "O-NOPE")
    one_line(synced.run("metric", "set", "KR-NOPE", "1"), 2, "KR-NOPE")
    one_line(synced.run("apply", "999"), 2, "999")
    key = synced.json("orphans")["items"][0]["key"]
    one_line(synced.run("link", key, "KR-NOPE", "--why", "x"), 2, "KR-NOPE")
    one_line(synced.run("nonsense"), 2)


def test_two_at_once(synced: Installation) -> None:
    from okrsync.store import Store

    store = Store.open(f"sqlite:///{synced.folder / 'okrsync.db'}")
    try:
        with store.lock():
            one_line(synced.run("sync"), 75, "pid")
            assert synced.run("status").code == 0, "reading goes on"
    finally:
        store.close()
    synced.ok("sync")


def test_a_database_that_is_none_or_newer(acme: Installation) -> None:
    database = acme.folder / "okrsync.db"
    database.write_bytes(b"this is no database" * 100)
    one_line(acme.run("status"), 74, "okrsync.db")
    database.unlink()
    acme.ok("sync")
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE schema_version SET version_num = '9999'")
    connection.close()
    one_line(acme.run("status"), 78, "9999", "upgrade okrsync")


def test_an_unreadable_parent_is_unresolvable_not_orphan(synced: Installation) -> None:
    items = [item for item in synced.json("orphans")["items"] if item["verdict"] == "unresolvable"]
    assert items
    answer = synced.json("trace", items[0]["key"])
    assert answer["broken_at"]["why"]
    assert answer["class"] is None


def test_init_never_overwrites(acme: Installation) -> None:
    target = acme.folder / "new.toml"
    acme.ok("init", str(target))
    assert acme.run("init", str(target)).code == 2
    acme.ok("init", "--force", str(target))
    assert "[[sources]]" in target.read_text(encoding="utf-8")


def test_the_database_is_checked_and_upgraded(synced: Installation) -> None:
    assert "sound" in synced.ok("db", "check")
    synced.ok("db", "upgrade")


def test_goals_that_cannot_be_are_all_told_each_on_its_line(acme: Installation) -> None:
    acme.edit("target = 85.0", "target = 80.0")
    acme.edit('id = "KR-DSN"', 'id = "KR-UX"')
    acme.edit('title = "Être la référence', 'parent = "O-PAIE"\ntitle = "Être la référence')
    done = acme.run("sync")
    one_line(done, 78, "must differ from baseline", "already the id of", "O-LEADER → O-PAIE → O-LEADER")
    assert all(line.startswith("okrsync: okrsync.toml: [") for line in done.err.splitlines()), done.err


def test_a_circle_of_parents_is_a_gap_and_an_orphan(acme: Installation) -> None:
    site = next(iter(acme.sandbox.world.jira.sites.values()))
    one, two = site.find("PLAT-33"), site.find("PLAT-34")
    one.fields["parent"], two.fields["parent"] = {"id": two.id, "key": two.key}, {"id": one.id, "key": one.key}
    acme.ok("sync")
    answer = acme.json("trace", "PLAT-33")
    assert (answer["verdict"], answer["class"]) == ("orphan", "transitive")
    assert answer["broken_at"]["fix"]
    assert "parent_cycle" in {gap["kind"] for gap in acme.json("gaps")["gaps"]}


def test_one_source_of_two_is_down(acme: Installation) -> None:
    text = acme.config.read_text(encoding="utf-8")
    source = text[text.index("[[sources]]") : text.index("[[cycles]]")]
    down = source.replace('id = "jira"', 'id = "down"').replace(acme.sandbox.url, "http://127.0.0.1:9")
    acme.config.write_text(text.replace("[[cycles]]", down + "[[cycles]]", 1), encoding="utf-8")
    one_line(acme.run("sync"), 69, "down", "degraded", "check-config --online")
    answer = acme.json("orphans")
    assert answer["totals"]["items"] == 175
    assert answer["complete"] is False
    assert [one["source"] for one in answer["behind"]] == ["down"]


def test_a_tool_that_asks_to_wait_is_not_asked_before(synced: Installation) -> None:
    moment = datetime.now(UTC)
    synced.monkeypatch.setattr(Session, "now", lambda _: moment)
    synced.sandbox.fault("answer", path=".*/search/jql", status=429, headers={"Retry-After": "600"})
    one_line(synced.run("sync"), 69, "degraded", "wait")
    synced.sandbox.clear_requests()
    one_line(synced.run("sync"), 69, "asked to wait until", "nothing was sent")
    assert synced.sandbox.requests == ()
    moment += timedelta(seconds=700)
    synced.ok("sync")
    assert synced.json("orphans")["complete"] is True


def test_a_name_that_nothing_has_is_answered_with_the_one_that_was_meant(synced: Installation) -> None:
    one_line(synced.run("link", "SHOP-2", "KR-ONBORDING", "--why", "x"), 2, "did you mean", "KR-ONBOARDING")
    one_line(synced.run("link", "SHOP-2", "zzzzzz", "--why", "x"), 2, "there are: ", "KR-ONBOARDING", "O-PAIE")
    one_line(synced.run("confirm", "KR-ONBORDING", "--why", "x"), 2, "KR-ONBOARDING")
    one_line(synced.run("metric", "set", "KR-ONBORDING", "3"), 2, "KR-ONBOARDING")
    dated = synced.run("metric", "set", "KR-ONBOARDING", "3", "--at", "yesterday")
    one_line(dated, 2, "--at yesterday is no day; write it as 20")
    objective = next(one for one in synced.json("status")["objectives"] if one["key_results"])
    known = objective["key_results"][0]["id"]
    for goal in (known, f"okr:{known.lower()}", objective["id"]):
        one_line(synced.run("trace", goal), 2, f"okrsync status --objective {objective['id']}")
    one_line(synced.run("status", "--objective", known), 2, f"--objective {objective['id']}")


def test_before_the_first_sync_no_item_is_looked_for(acme: Installation) -> None:
    one_line(acme.run("trace", "SHOP-2"), 2, "type: okrsync sync")
