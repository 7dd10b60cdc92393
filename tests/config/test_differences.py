"""What changed between two configurations, and either with some of the changes applied."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cases import cases
from hypothesis import given
from hypothesis import strategies as st

import config
from config import How, applied, differences
from connectors import registry
from okrsync.errors import ConfigError

SHIPPED = Path(__file__).resolve().parents[2] / "okrsync.toml"
SHOP, PAY = {"id": "KR-UX", "title": "UX"}, {"id": "KR-PAY", "title": "Pay", "epics": ["jira:SHOP-2"]}


def document(**sections: Any) -> dict[str, Any]:
    """Two objectives, two key results, one cycle, one pattern."""
    return {
        "cycles": [{"id": "Q4", "start": "2026-10-01", "end": "2026-12-31"}],
        "objectives": [
            {"id": "O-1", "title": "One", "cycle": "Q4", "key_results": [SHOP, PAY]},
            {"id": "O-2", "title": "Two", "cycle": "Q4", "parent": "O-1", "key_results": []},
        ],
        "mapping": {"rules": ["label", "parent", "reference"], "label_patterns": ["a(?P<id>.)"], "exempt": []},
        "teams": {"web": {"labels": ["w"]}, "app": {"labels": ["a"]}},
    } | sections


def told(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, Any, Any]]:
    found = differences(old, new)
    assert settled(applied(old, found)) == settled(new), "all changes together make the new one"
    return [(one.how.value, one.key, one.old, one.new) for one in found]


def settled(given: Any) -> str:
    """The same text for documents that mean the same: tables keep their order, options have none."""
    document = {"sources": [], **{name: value for name, value in given.items() if value or name == "sources"}}
    return json.dumps(document | {"teams": [*document.get("teams", {}).items()]}, sort_keys=True)


# ── what a change is ─────────────────────────────────────────────────────────────────────────────────────────────────


def edited(edit: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    new: dict[str, Any] = json.loads(json.dumps(document()))
    edit(new)
    return new


OPTION = "objectives.O-1.key_results.KR-PAY"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda new: None, []),
        (
            lambda new: new["objectives"][0]["key_results"].pop(0),
            [("dropped", "objectives.O-1.key_results.KR-UX", SHOP, None)],
        ),
        (
            lambda new: new["objectives"][0]["key_results"].insert(1, {"id": "KR-NEW", "title": "New"}),
            [("added", "objectives.O-1.key_results.KR-NEW", None, {"id": "KR-NEW", "title": "New"})],
        ),
        (
            lambda new: new["objectives"][0]["key_results"][0].update(id="KR-UX2"),
            [("renamed", "objectives.O-1.key_results.KR-UX", "KR-UX", "KR-UX2")],
        ),
        (
            lambda new: new["objectives"][0]["key_results"][0].update(id="KR-UX2", title="Another"),
            [
                ("dropped", "objectives.O-1.key_results.KR-UX", SHOP, None),
                ("added", "objectives.O-1.key_results.KR-UX2", None, {"id": "KR-UX2", "title": "Another"}),
            ],
        ),
        (
            lambda new: new["objectives"][1]["key_results"].append(new["objectives"][0]["key_results"].pop()),
            [("moved", "objectives.O-1.key_results.KR-PAY", "O-1", "O-2")],
        ),
        (
            lambda new: new["objectives"][0]["key_results"][1]["epics"].append("jira:PAY-2"),
            [("added", f"{OPTION}.epics", None, "jira:PAY-2")],
        ),
        (
            lambda new: new["objectives"][0]["key_results"][1].update(epics=["jira:PAY-2"]),
            [("set", f"{OPTION}.epics", "jira:SHOP-2", "jira:PAY-2")],
        ),
        (
            lambda new: new["objectives"][0]["key_results"][1].update(weight=2.0, epics=[]),
            [("dropped", f"{OPTION}.epics", "jira:SHOP-2", None), ("set", f"{OPTION}.weight", None, 2.0)],
        ),
        (
            lambda new: new["mapping"].update(rules=["label", "reference", "parent"]),
            [("set", "mapping.rules", ["label", "parent", "reference"], ["label", "reference", "parent"])],
        ),
        (lambda new: new["mapping"]["rules"].remove("parent"), [("dropped", "mapping.rules", "parent", None)]),
        (
            lambda new: new["mapping"].update(label_patterns=["b(?P<id>.)", "a(?P<id>.)", "c(?P<id>.)"]),
            [
                ("added", "mapping.label_patterns", None, "b(?P<id>.)"),
                ("added", "mapping.label_patterns", None, "c(?P<id>.)"),
            ],
        ),
        (
            lambda new: new.update(teams={"app": {"labels": ["a"]}, "web": {"labels": ["w"]}}),
            [("reordered", "teams", ["web", "app"], ["app", "web"])],
        ),
        (lambda new: new["teams"].pop("app"), [("dropped", "teams.app", {"labels": ["a"]}, None)]),
        (
            lambda new: new["objectives"].reverse(),
            [("reordered", "objectives", ["O-1", "O-2"], ["O-2", "O-1"])],
        ),
    ],
)
def test_a_change_is_what_a_person_did(
    edit: Callable[[dict[str, Any]], Any], expected: list[tuple[str, str, Any, Any]]
) -> None:
    assert told(document(), edited(edit)) == expected


def test_a_renamed_cycle_or_objective_is_renamed_wherever_it_is_named() -> None:
    text = json.dumps(document())
    assert told(document(), json.loads(text.replace('"Q4"', '"2026-Q4"'))) == [
        ("renamed", "cycles.Q4", "Q4", "2026-Q4")
    ]
    assert told(document(), json.loads(text.replace('"O-1"', '"O-ONE"'))) == [
        ("renamed", "objectives.O-1", "O-1", "O-ONE")
    ]


def test_what_changed_below_a_renamed_objective_is_told_by_its_old_name() -> None:
    new = json.loads(json.dumps(document()).replace('"O-1"', '"O-ONE"').replace("jira:SHOP-2", "jira:SHOP-9"))
    found = differences(document(), new)
    assert [(one.how, one.key) for one in found] == [(How.RENAMED, "objectives.O-1"), (How.SET, f"{OPTION}.epics")]
    alone = applied(document(), found[1:])
    assert [one["id"] for one in alone["objectives"]] == ["O-1", "O-2"]  # type: ignore
    assert alone["objectives"][0]["key_results"][1]["epics"] == ["jira:SHOP-9"]  # type: ignore


def test_a_key_result_that_is_moved_needs_its_new_objective_and_the_old_one_goes_without_it() -> None:
    new = document()
    new["objectives"] = [
        {"id": "O-3", "title": "Three", "key_results": [PAY]},
        {"id": "O-2", "title": "Two", "cycle": "Q4", "key_results": []},
    ]
    old = document()
    old["objectives"] = [{"id": "O-1", "title": "One", "key_results": [SHOP, PAY]}, new["objectives"][1]]
    found = differences(old, new)
    assert settled(applied(old, found)) == settled(new)
    by_how = {one.how: (number, one) for number, one in enumerate(found)}
    assert by_how[How.MOVED][1].needs == (by_how[How.ADDED][0],)
    assert by_how[How.DROPPED][1].needs == (by_how[How.MOVED][0],)


# ── anything to anything ─────────────────────────────────────────────────────────────────────────────────────────────

IDS = st.sampled_from([f"KR-{number}" for number in range(6)])
ENTRIES = st.lists(st.sampled_from("abcde"), max_size=4)
TABLES = st.fixed_dictionaries({"title": st.sampled_from("xy"), "epics": ENTRIES}, optional={"weight": st.just(2.0)})


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Objectives and key results under ids that are unique, as a configuration has them."""
    cycles = draw(st.permutations(["A", "B", "C"]))[: draw(st.integers(0, 3))]
    names = draw(st.permutations([f"O-{number}" for number in range(4)]))[: draw(st.integers(0, 4))]
    free = list(draw(st.permutations([f"KR-{number}" for number in range(6)])))
    objectives = []
    for index, name in enumerate(names):
        held = [{"id": free.pop(), **draw(TABLES)} for _ in range(draw(st.integers(0, min(2, len(free)))))]
        table = {"id": name, "title": draw(st.sampled_from("pq")), "key_results": held}
        if cycles and draw(st.booleans()):
            table["cycle"] = draw(st.sampled_from(cycles))
        if index and draw(st.booleans()):
            table["parent"] = draw(st.sampled_from(names[:index]))
        objectives.append(table)
    teams = {name: {"labels": draw(ENTRIES)} for name in draw(st.permutations(["t", "u"]))}
    rules = draw(st.permutations(["label", "parent", "reference"]))[: draw(st.integers(1, 3))]
    days = [{"id": name, "end": draw(st.sampled_from(["2026-06-30", "2026-12-31"]))} for name in cycles]
    return {"cycles": days, "objectives": objectives, "mapping": {"rules": rules}, "teams": teams}


@cases(400)
@given(documents(), documents())
def test_all_changes_together_make_the_new_one_of_the_old(old: dict[str, Any], new: dict[str, Any]) -> None:
    found = differences(old, new)
    assert settled(applied(old, found)) == settled(new)
    assert (found == ()) == (settled(old) == settled(new))
    for number, one in enumerate(found):
        chosen, waiting = {number}, list(one.needs)
        while waiting:
            chosen.add(other := waiting.pop())
            waiting += found[other].needs
        applied(old, [found[index] for index in sorted(chosen)])


# ── a configuration, and what it says ────────────────────────────────────────────────────────────────────────────────


def test_what_is_given_makes_the_same_configuration_again() -> None:
    loaded = config.load(SHIPPED, {"OKRSYNC_WRITEBACK__CAP": "7"}, registry.settings())
    remembered = json.loads(json.dumps(loaded.given))
    again = config.restored(remembered, loaded.path, registry.settings())
    for name in ("sources", "goals", "rules", "thresholds", "teams", "writeback", "reports", "server", "given"):
        assert getattr(again, name) == getattr(loaded, name), name
    assert (again.timezone, again.language, again.writeback.cap) == ("Europe/Paris", "fr", 7)


def test_what_is_given_holds_no_password_and_needs_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    (tmp_path / "more.toml").write_text('[[objectives]]\nid = "O-MORE"\ntitle = "More"\n')
    text = SHIPPED.read_text(encoding="utf-8")
    text = text.replace('kind     = "jira"', 'kind = "jira"\nca_file = "ca.pem"', 1)
    assert "ca_file" in text
    text = text.replace('language = "fr"', 'language = "fr"\ninclude = ["more.toml"]', 1)
    (tmp_path / "okrsync.toml").write_text(text, encoding="utf-8")
    environ = {"OKRSYNC_DATABASE": "postgresql+psycopg://bob:hunter2@db/okrs"}
    loaded = config.load(tmp_path / "okrsync.toml", environ, registry.settings())
    assert "hunter2" not in json.dumps(loaded.given)
    for name in ("ca.pem", "more.toml"):
        (tmp_path / name).unlink()
    again = config.restored(loaded.given, loaded.path, registry.settings())
    assert "O-MORE" in again.goals.objectives


def test_a_change_that_cannot_stand_alone_is_refused_where_it_stands() -> None:
    loaded = config.load(SHIPPED, {}, registry.settings())
    given: dict[str, Any] = json.loads(json.dumps(loaded.given))
    given["cycles"].pop()
    with pytest.raises(ConfigError) as refused:
        config.restored(given, loaded.path, registry.settings())
    assert "okrsync.toml: [objectives.O-RETENTION] cycle" in str(refused.value)
