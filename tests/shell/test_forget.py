"""What somebody types who was asked to remove a person's data, over the three tools of the demo."""

from __future__ import annotations

from typing import Any

import pytest
from installation import Installation

from okrsync.sandbox.company.people import EVERYBODY, Person

ANSWERS = (
    ("status",),
    ("orphans",),
    ("gaps",),
    ("backlog",),
    ("effort",),
    ("status", "--at", "2026-01-01"),
    ("overrides",),
)


def named(one: Person) -> tuple[str, ...]:
    return (one.name, one.email, one.login, one.account.account_id, one.gid)


@pytest.fixture
def busy(ormeraie: Installation) -> Person:
    """Who does the most work in the demo and owns no goal."""
    world = ormeraie.sandbox.world
    said = repr([repository.__dict__ for repository in world.github.repositories.values()])
    owners = ormeraie.config.read_text("utf-8")
    return max((one for one in EVERYBODY if one.email not in owners), key=lambda one: said.count(one.login))


def told(installed: Installation) -> Any:
    """All that is shown, but when it was asked for."""
    found = {}
    for answer in ANSWERS:
        shown = installed.json(*answer)
        for moment in ("generated_at", "as_of", "at", "now"):
            shown.pop(moment, None)
        for source in shown.get("sources", ()):
            source.pop("last_success", None)
        found[answer] = shown
    return found


def bytes_naming(installed: Installation, names: tuple[str, ...]) -> list[str]:
    held = [(path, path.read_bytes().decode("utf-8", "replace")) for path in installed.folder.glob("okrsync.db*")]
    return [f"{path.name}: {name}" for path, text in held for name in names if name in text]


def test_a_person_is_forgotten_and_no_number_moves(ormeraie: Installation, busy: Person) -> None:
    names = named(busy)
    before = told(ormeraie)
    assert bytes_naming(ormeraie, names), "the demo names this person"
    asked = ormeraie.run("db", "forget", *names)
    assert asked.code == 1
    assert "items: title, author, assignee" in asked.out
    assert "add --yes" in asked.err
    assert told(ormeraie) == before, "nothing is replaced before somebody means it"
    done = ormeraie.ok("db", "forget", *names, "--yes")
    assert done.splitlines()[0] == asked.out.splitlines()[0], "as many as were told"
    alias = done.split("from now on this person is ")[1].split(",")[0]
    assert "in backups of the database" in done
    assert not [name for name in names if name in done], "what is printed may be kept"
    assert bytes_naming(ormeraie, names) == []
    assert renamed(told(ormeraie), alias) == renamed(before, *names)
    ormeraie.ok("sync", "--full")
    assert bytes_naming(ormeraie, names) == [], "nor do the names come back"
    assert renamed(told(ormeraie), alias) == renamed(before, *names)
    again = ormeraie.json("sync", "--full")
    assert {source["changed"] for source in again["sources"]} == {0}, "the second writes nothing"
    assert ormeraie.ok("db", "check") == "the database is sound\n"


def renamed(shown: Any, *names: str) -> str:
    text = repr(shown)
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "SOMEBODY")
    return text


def test_what_the_configuration_says_is_to_go_first(office: Any) -> None:
    refused = office.installed.run("db", "forget", "cpo@acme.test", "--yes")
    assert refused.code == 1
    assert "the configuration names this person" in refused.err
    assert "owner" in refused.err
    assert "okrsync.toml" in refused.err
    for typed in (("db", "forget"), ("db", "forget", "@", "--yes")):
        assert office.installed.run(*typed).code == 2


def test_what_was_written_is_still_ours_after_its_reader_was_forgotten(office: Any) -> None:
    """A comment that names somebody by the title of a ticket is written anew when it is due, and taken back."""
    installed = office.installed
    office.company.edit(office.company.site.find("SHOP-1"), fields={"summary": "Ask Ada Lovelace"})
    office.later(hours=1)
    installed.ok("apply", "--yes")
    installed.ok("db", "forget", "Ada Lovelace", "--yes")
    installed.ok("sync")
    assert installed.json("plan")["writes"] == []
    for issue in list(office.company.site.issues.values()):
        if issue.fields.get("parent", {}) and issue.fields["status"]["name"] != "Terminé":
            office.company.edit(issue, status="Terminé")
    office.later(days=8)
    done = installed.json("apply", "--yes")
    assert done["writes"]
    assert {write["state"] for write in done["writes"]} == {"applied"}
    assert "SHOP-1" in office.text("SHOP-1") or office.text("SHOP-1")
