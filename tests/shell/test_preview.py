"""``config show --diff``: what a change of the configuration would do is what it then does."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from installation import Installation
from postgresql_server import Server
from sqlalchemy import select

from okrsync.cli.session import Session
from okrsync.store import Store, decisions
from okrsync.store import tables as t

PREFIX = """[[objectives.key_results]]
id = "KR-D"
title = "Ce que deux tickets veulent dire par leur étiquette okr:KR-DNS"

"""
DIFF = ("config", "show", "--diff")
K8S = """[[objectives.key_results]]
id = "KR-K8S"
title = "Tous les services sur Kubernetes"
kind = "work"
owner = "karim.haddad@lumen.test"
"""
PROJECTS, EXEMPT = 'projects = ["SHOP", "PAY", "PLAT"]', 'exempt = [{ labels = ["ktlo"] }]'
ONBOARDING = 'id = "KR-ONBOARDING"'

Standing = dict[tuple[str, str], tuple[str, str | None, tuple[str, ...]]]


def standing(of: Installation) -> Standing:
    """(source, key) → kind, class and targets, as they are stored."""
    store = Session(str(of.config)).store
    try:
        with store.read() as tx:
            held = decisions.decisions(tx)
            names = {uid: (source, key) for uid, source, key in tx.execute(select(t.item.c.uid, *_NAME))}
    finally:
        store.close()
    told = [held.meanings[code] for code in held.codes]
    return {
        names[uid]: (one.kind.value, one.orphan and one.orphan.value, one.targets)
        for uid, one in zip(held.uids, told, strict=True)
    }


_NAME = (t.item.c.source, t.item.c.key)


def expected(before: Standing, after: Standing) -> dict[str, set[tuple[str, str]]]:
    """Movement → the items that take part in it, told from what stood and what stands."""
    arrived = {"traced": "linked", "exempt": "exempted", "orphan": "orphaned", "unresolvable": "unresolved"}
    found: dict[str, set[tuple[str, str]]] = {}
    for name, (kind, orphan, targets) in before.items():
        now = after.get(name)
        said = []
        if now is None:
            said = ["left"]
        elif now[0] != kind:
            said = [arrived[now[0]], *(["unexempted"] if kind == "exempt" else [])]
        else:
            said = [*(["reclassed"] if now[1] != orphan else []), *(["moved"] if now[2] != targets else [])]
        for movement in said:
            found.setdefault(movement, set()).add(name)
    return found


@pytest.fixture
def linked(synced: Installation) -> Installation:
    """The payroll company with one more key result, which nothing names yet."""
    synced.stop_clock()
    synced.edit(K8S, PREFIX + K8S)
    synced.ok("status")
    return synced


@pytest.mark.parametrize(
    ("old", "new", "movements"),
    [
        (K8S, "", {"orphaned"}),
        (ONBOARDING, f'{ONBOARDING}\nepics = ["jira:SHOP-3"]', {"linked"}),
        (EXEMPT, "exempt = []", {"orphaned", "unexempted"}),
        (EXEMPT, 'exempt = [{ labels = ["ktlo"] }, { projects = ["jira:PAY"] }]', {"exempted"}),
        (EXEMPT, f'{EXEMPT}\nlabel_patterns = ["okr:(?P<id>KR-D)NS"]', {"linked"}),
        (PROJECTS, 'projects = ["SHOP", "PAY"]', {"left"}),
        ('id = "KR-UX"', 'id = "KR-MOBILE"', {"moved"}),
        ('id = "KR-K8S"', 'id = "KR-KUBE"', {"orphaned"}),
        (EXEMPT, f'{EXEMPT}\nrules = ["override", "label", "field", "container", "exempt"]', {"orphaned", "reclassed"}),
        ('title = "Une paie juste', 'state = "dropped"\ntitle = "Une paie juste', {"orphaned"}),
    ],
)
def test_what_is_foreseen_is_what_then_happens(linked: Installation, old: str, new: str, movements: set[str]) -> None:
    before = standing(linked)
    linked.edit(old, new)
    foreseen = linked.json(*DIFF)
    assert standing(linked) == before
    linked.ok("status")
    after = standing(linked)
    moved = expected(before, after)
    assert set(moved) == movements
    told = foreseen["together"]
    assert {name: one["items"] for name, one in told["movements"].items()} == {k: len(v) for k, v in moved.items()}
    for name, one in told["movements"].items():
        assert {(item["source"], item["key"]) for item in one["examples"]} <= moved[name]
        assert len(one["examples"]) == min(3, one["items"])
    classes = Counter(after[name][1] for name in moved.get("orphaned", ()))
    assert told["movements"].get("orphaned", {}).get("classes", {}) == classes
    for side, stands in (("before", before), ("after", after)):
        kinds = Counter(kind for kind, _, _ in stands.values())
        assert told["totals"][side] == {
            "items": len(stands),
            **{kind: kinds[kind] for kind in ("traced", "exempt", "orphan", "unresolvable")},
        }
    assert all(one["movements"] == told["movements"] for one in foreseen["changes"] if len(foreseen["changes"]) == 1)
    assert linked.json(*DIFF)["changes"] == [], "the store was linked under it meanwhile"


def test_a_dropped_key_result_and_a_pattern_alone_and_together(linked: Installation) -> None:
    whole = linked.config.read_text(encoding="utf-8")
    pattern = f'{EXEMPT}\nlabel_patterns = ["okr:(?P<id>KR-D)NS"]'
    alone = []
    for old, new in ((K8S, ""), (EXEMPT, pattern)):
        linked.edit(old, new)
        alone.append(linked.json(*DIFF))
        linked.config.write_text(whole, encoding="utf-8")
    linked.edit(K8S, "")
    linked.edit(EXEMPT, pattern)
    both = linked.json(*DIFF)
    assert [(one["how"], one["key"]) for one in both["changes"]] == [
        ("dropped", "objectives.O-PLATEFORME.key_results.KR-K8S"),
        ("added", "mapping.label_patterns"),
    ]
    for one, only in zip(both["changes"], alone, strict=True):
        assert {**one, "origin": None} == {**only["changes"][0], "origin": None}
    dropped, added = both["changes"]
    assert (dropped["old"]["id"], dropped["new"], dropped["origin"]) == ("KR-K8S", None, None)
    assert (added["old"], added["new"], added["origin"]) == (None, "okr:(?P<id>KR-D)NS", "okrsync.toml")
    assert dropped["effect"] == added["effect"] == "links"
    assert dropped["movements"]["orphaned"]["items"] == both["together"]["movements"]["orphaned"]["items"] > 5
    assert added["movements"]["linked"]["items"] == both["together"]["movements"]["linked"]["items"] == 1
    goals = {goal["id"]: goal for goal in both["together"]["goals"]}
    assert goals["KR-K8S"]["after"] is None
    assert goals["KR-K8S"]["before"]["items"] == dropped["movements"]["orphaned"]["items"]
    assert (goals["KR-D"]["before"]["items"], goals["KR-D"]["after"]["items"]) == (0, 1)
    shown = linked.ok(*DIFF).replace("\u00a0", " ")
    assert "− objectives.O-PLATEFORME.key_results.KR-K8S" in shown
    assert f"rend {dropped['movements']['orphaned']['items']} éléments orphelins (ouverts : " in shown
    assert "relie 1 élément (ouverts : 1, " not in shown
    assert "relie 1 élément (ouverts : 1) : PAY-" in shown
    assert "KR-D : éléments 0 → 1" in shown
    linked.monkeypatch.setenv("OKRSYNC_LANGUAGE", "en")
    shown = linked.ok(*DIFF)
    assert f"orphans {dropped['movements']['orphaned']['items']} items (open: " in shown
    assert "links 1 item (open: 1): PAY-" in shown


def test_what_moves_numbers_is_told_from_what_moves_nothing(linked: Installation) -> None:
    linked.ok("metric", "set", "KR-RETENTION", "82")
    linked.edit("weight = 2.0", "weight = 1.0")
    linked.edit('owner = "karim.haddad@lumen.test"', 'owner = "nobody@lumen.test"')
    linked.edit("baseline = 12.0", "baseline = 12.5")
    linked.edit("[writeback]", "[rollup]\ncommitted = 0.2\n\n[writeback]\ncap = 7")
    found = linked.json(*DIFF)
    effects = {one["key"].rpartition(".")[2]: one for one in found["changes"]}
    assert {name: one["effect"] for name, one in effects.items()} == {
        "weight": "numbers",
        "baseline": "nothing",
        "owner": "nothing",
        "committed": "numbers",
        "cap": "nothing",
    }
    assert [name for name, one in effects.items() if one["written"]] == ["cap"]
    assert (effects["weight"]["old"], effects["weight"]["new"]) == (2.0, 1.0)
    assert (effects["cap"]["old"], effects["cap"]["new"]) == (50, 7), "the default is told where nothing was said"
    assert [goal["id"] for goal in effects["weight"]["goals"]] == ["O-LEADER", "O-RETENTION"]
    assert effects["weight"]["movements"] == found["together"]["movements"] == {}
    linked.ok("sync")
    assert linked.json(*DIFF)["changes"] == [], "a sync remembers what moves no link too"


def test_nothing_is_written_and_nobody_is_asked(linked: Installation) -> None:
    linked.edit(K8S, "")
    linked.edit(PROJECTS, 'projects = ["SHOP"]')
    linked.sandbox.clear_requests()
    database = linked.folder / "okrsync.db"
    before, content = database.read_bytes(), _dump(linked)
    found = linked.json(*DIFF)
    assert found["together"]["movements"]["left"]["items"] > 20
    assert "2 changes since the last link job" not in linked.ok("check-config")
    assert "3 changes since the last link job: okrsync config show --diff tells what they do" in linked.ok(
        "check-config"
    )
    assert linked.json("check-config")["changes"] == 3
    assert database.read_bytes() == before
    assert _dump(linked) == content
    assert linked.sandbox.requests == ()


def _dump(of: Installation) -> list[str]:
    with sqlite3.connect(of.folder / "okrsync.db") as database:
        lines = list(database.iterdump())
    database.close()
    return lines


def test_where_nothing_is_stored_or_linked_it_says_what_to_type(acme: Installation) -> None:
    refused = acme.run(*DIFF)
    assert (refused.code, refused.out) == (2, "")
    assert "type: okrsync sync" in refused.err
    assert not (acme.folder / "okrsync.db").exists(), "a look makes no database"
    assert acme.json("check-config")["changes"] is None
    acme.ok("db", "upgrade")
    refused = acme.run(*DIFF)
    assert (refused.code, refused.out) == (2, "")
    assert "--diff FILE" in refused.err
    refused = acme.run("config", "show", "--each")
    assert refused.code == 2
    assert "belong to --diff" in refused.err


def test_a_reworded_goal_tells_how_many_links_become_suspect(linked: Installation) -> None:
    linked.edit('title = "Tous les services sur Kubernetes"', 'title = "Tous les services chez Nomad"')
    (change,) = linked.json(*DIFF)["changes"]
    shown = linked.ok(*DIFF)
    linked.ok("status")
    (gap,) = suspects(linked)
    count = len(gap["items"])
    assert change["reworded"] == {"goal": "KR-K8S", "suspect": count}
    assert f"liens vers KR-K8S à confirmer, car son énoncé change\u00a0: {count} " in shown
    assert "ne change rien" not in shown
    linked.edit('title = "Tous les services chez Nomad"', 'title = "Tous les services chez Nomad, vraiment"')
    (again,) = linked.json(*DIFF)["changes"]
    assert again["reworded"] == {"goal": "KR-K8S", "suspect": 0}, "they are suspect already"
    linked.edit('title = "Tous les services chez Nomad, vraiment"', 'title = "Tous les services chez Nomad"')
    linked.edit('title = "Tous les services chez Nomad"', 'title = "Tous les services sur  kubernetes"')
    (back,) = linked.json(*DIFF)["changes"]
    assert back["reworded"] == {"goal": "KR-K8S", "suspect": 0}, "it says again what it said when they were made"


def suspects(of: Installation) -> list[dict[str, Any]]:
    return [gap for gap in of.json("gaps")["gaps"] if gap["kind"] == "suspect_link"]


def test_nothing_changed(linked: Installation) -> None:
    assert linked.json(*DIFF)["changes"] == []
    assert linked.json(*DIFF)["together"]["goals"] == []
    assert "Aucune option ne diffère" in linked.ok(*DIFF)
    assert "since the last link job" not in linked.ok("check-config")
    assert linked.json("check-config")["changes"] == 0


def test_another_file_is_compared_with(linked: Installation) -> None:
    other = linked.folder / "before.toml"
    other.write_text(linked.config.read_text(encoding="utf-8"), encoding="utf-8")
    linked.edit(K8S, "")
    linked.ok("status")
    assert linked.json(*DIFF)["changes"] == []
    found = linked.json(*DIFF, str(other))
    assert found["against"] == str(other)
    assert [one["how"] for one in found["changes"]] == ["dropped"]
    assert found["together"]["movements"]["orphaned"]["items"] > 5
    assert linked.run(*DIFF, str(linked.folder / "none.toml")).code == 78


def test_what_cannot_stand_alone_is_tried_with_what_it_needs(linked: Installation) -> None:
    text = linked.config.read_text(encoding="utf-8")
    start, end = text.index("[[cycles]]", text.index("[[cycles]]") + 1), text.index("[[objectives]]")
    name = text[start:end].split('"')[1]
    year = text.split('[[cycles]]\nid = "')[1].split('"')[0]
    text = text[:start] + text[end:].replace(f'cycle = "{name}"', f'cycle = "{year}"')
    linked.config.write_text(text, encoding="utf-8")
    found = linked.json(*DIFF)
    dropped = next(one for one in found["changes"] if one["how"] == "dropped")
    assert dropped["key"] == f"cycles.{name}"
    others = [one["key"] for one in found["changes"] if one is not dropped]
    assert dropped["beside"] == others, "it goes only where nothing names it any more"
    assert all(one["beside"] == [] and one["effect"] != "inseparable" for one in found["changes"] if one is not dropped)


def test_a_key_result_moves_together_with_the_objective_that_takes_it(linked: Installation) -> None:
    head = '[[objectives.key_results]]\nid = "KR-DISPO"'
    linked.edit(head, f'[[objectives]]\nid = "O-RUN"\ntitle = "Always there"\n\n{head}')
    changes = {one["key"]: one for one in linked.json(*DIFF)["changes"]}
    moved = changes["objectives.O-PLATEFORME.key_results.KR-DISPO"]
    assert (moved["how"], moved["beside"]) == ("moved", ["objectives.O-RUN"])
    assert moved["effect"] != "inseparable"
    assert changes["objectives.O-RUN"]["beside"] == []


def test_ten_are_tried_alone_and_all_where_that_is_asked_for(linked: Installation) -> None:
    text = "".join(f'[[objectives]]\nid = "O-{number}"\ntitle = "One more"\n' for number in range(12))
    linked.edit("[mapping]", text + "\n[mapping]")
    found = linked.json(*DIFF)
    assert found["left_out"] == 2
    assert [one["effect"] for one in found["changes"]].count("left_out") == 2
    assert "--each les essaie tous" in linked.ok(*DIFF)
    assert linked.json(*DIFF, "--each")["left_out"] == 0


def test_what_is_to_be_read_first_is_said(linked: Installation) -> None:
    linked.edit(PROJECTS, 'projects = ["SHOP", "PAY", "PLAT", "DATA"]')
    (one,) = linked.json(*DIFF)["changes"]
    assert (one["how"], one["key"], one["new"], one["pull"]) == ("added", "sources.jira.projects", "DATA", True)
    assert "prochaine synchronisation" in linked.ok(*DIFF)


def test_a_database_that_is_being_written_is_waited_for_and_then_left(linked: Installation) -> None:
    linked.edit(K8S, "")
    linked.monkeypatch.setattr(Store, "existing", partial(Store.existing, wait=timedelta(milliseconds=100)))
    other = sqlite3.connect(linked.folder / "okrsync.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused = linked.run(*DIFF)
    other.rollback()
    other.close()
    assert (refused.code, refused.out) == (75, "")
    assert "another okrsync" in refused.err
    store = Session(str(linked.config)).store
    with store.lock():  # as a daemon holds it while it does nothing
        linked.ok(*DIFF)
    store.close()


def test_hostile_titles_stay_text_in_every_form(linked: Installation) -> None:
    title = "=1+1 \x1b[31m<script>alert(1)</script> |x| \u202e"
    with sqlite3.connect(linked.folder / "okrsync.db") as database:
        database.execute("UPDATE item SET title = ?, key = '=' || key", (title,))
    database.close()
    linked.edit(K8S, "")
    linked.edit('title = "Une paie juste du premier coup"', 'title = "=<b>{not} a [field]"')
    table = linked.ok(*DIFF)
    assert not set("\x1b\u202e") & set(table)
    assert "{not} a [field]" in table
    rows = list(csv.DictReader(io.StringIO(linked.ok(*DIFF, "--format", "csv"))))
    assert not any(cell.strip()[:1] in "=+-@" for row in rows for cell in row.values() if cell)
    assert rows[-1]["orphaned"] == rows[1]["orphaned"]
    page = linked.ok(*DIFF, "--format", "html")
    assert "<script>" not in page
    assert "<b>" not in page
    assert "\\<b\\>" in linked.ok(*DIFF, "--format", "md")


def test_postgresql_answers_the_same(acme: Installation, postgresql: Server) -> None:
    acme.stop_clock()
    answers: list[Any] = []
    for address in ("sqlite:///okrsync.db", postgresql.migrated()):
        acme.monkeypatch.setenv("OKRSYNC_DATABASE", address)
        acme.ok("sync")
        whole = acme.config.read_text(encoding="utf-8")
        acme.edit(K8S, "")
        acme.edit(PROJECTS, 'projects = ["SHOP"]')
        answers.append(acme.json(*DIFF))
        assert acme.json(*DIFF) == answers[-1], "nothing of it stays"
        acme.config.write_text(whole, encoding="utf-8")
        assert acme.json(*DIFF)["changes"] == []
    for answer in answers:
        answer["as_of"] = None
    assert answers[0] == answers[1]
