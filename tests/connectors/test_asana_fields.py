"""The custom fields that okrsync fills in Asana: options by id, percent, and what keeps a field from being filled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from asana_site import SHOP, Site, drained, push, stands, write

from okrsync.errors import Rejected
from okrsync.model import Json, Surface, Write

OBJECTIVE = {"name": "Objective", "type": "enum", "options": ["O-1 · Faster", "o-2", "O-30", "O-3"]}
PROGRESS = {"name": "OKR %", "type": "number", "precision": 0, "format": "percentage"}


def field(site: Site, given: Mapping[str, Any]) -> str:
    """The gid of a field that the first project has from now on."""
    site.edit(f"projects/{SHOP}", fields=[given])
    found = site.workspace.custom.named(given["name"])
    assert found is not None
    gid: str = found["gid"]
    return gid


def shown(site: Site, gid: str) -> dict[str, Any]:
    """What people see in the fields of a task."""
    task = site.workspace.held["task"][gid]
    return {entry["name"]: entry["display_value"] for entry in task["custom_fields"]}


def objective(gid: str, name: str, value: Json) -> Write:
    return write(Surface.OBJECTIVE_FIELD, name, value, gid)


def number(gid: str, name: str, value: Json) -> Write:
    return write(Surface.NUMBER, name, value, gid)


@pytest.mark.parametrize(
    ("wanted", "option", "read"),
    [("O-1", "O-1 · Faster", "O-1"), ("O-2", "o-2", "o-2"), ("O-3", "O-3", "O-3"), (None, None, None)],
)
def test_an_option_is_found_by_the_id_of_the_objective(wanted: Any, option: Any, read: Any, asana_at: Site) -> None:
    name = field(asana_at, OBJECTIVE)
    gid = asana_at.task("Ticket", custom_fields={"Objective": "O-30"})
    sink = asana_at.connect()
    assert stands(sink, objective(gid, name, wanted).slot) == "O-30"
    for _ in range(2):
        assert push(sink, objective(gid, name, wanted)).value == wanted
        assert shown(asana_at, gid)["Objective"] == option
        assert stands(sink, objective(gid, name, wanted).slot) == read


def test_a_text_field_holds_the_id(asana_at: Site) -> None:
    name = field(asana_at, {"name": "Objective", "type": "text"})
    gid = asana_at.task("Ticket")
    sink = asana_at.connect()
    assert stands(sink, objective(gid, name, None).slot) is None
    push(sink, objective(gid, name, "O-1"))
    assert stands(sink, objective(gid, name, None).slot) == "O-1"


@pytest.mark.parametrize(
    ("how", "value", "text", "read"),
    [
        ({"format": "percentage", "precision": 0}, 35, "35%", 35),
        ({"format": "percentage", "precision": 1}, 35.25, "35.2%", 35.2),
        ({"precision": 0}, 35, "35", 35),
        ({"precision": 2}, 35.257, "35.26", 35.26),
        ({"format": "percentage", "precision": 0}, 0, "0%", 0),
        ({"format": "percentage", "precision": 0}, None, None, None),
    ],
)
def test_percent_as_the_field_shows_them(how: Any, value: Any, text: Any, read: Any, asana_at: Site) -> None:
    name = field(asana_at, {"name": "OKR %", "type": "number", **how})
    gid = asana_at.task("Epic")
    sink = asana_at.connect()
    assert push(sink, number(gid, name, value)).value == read, "the receipt tells what stands"
    assert shown(asana_at, gid)["OKR %"] == text
    assert stands(sink, number(gid, name, value).slot) == read


def test_all_fields_of_a_task_go_in_one_request(asana_at: Site) -> None:
    names = field(asana_at, OBJECTIVE), field(asana_at, PROGRESS)
    gid = asana_at.task("Epic")
    sink = asana_at.connect()
    writes = [objective(gid, names[0], "O-1"), number(gid, names[1], 62), write(Surface.LABEL, "okr-orphan", True, gid)]
    sink.read([one.slot for one in writes])
    push(sink, write(Surface.LABEL, "okr-orphan", True, asana_at.task("Other")))  # the tag is made
    asana_at.asked()
    assert [one.value for one in sink.push(writes)] == ["O-1", 62, True]
    assert asana_at.asked() == [f"/tasks/{gid}/addTag", f"/custom_fields/{names[0]}", f"/tasks/{gid}"]
    again = [number(gid, names[1], 63), objective(gid, names[0], None)]
    sink.push(again)
    (sent,) = [one for one in asana_at.sandbox.requests if one.method == "PUT"]
    assert orjson.loads(sent.body) == {"data": {"custom_fields": {names[0]: None, names[1]: 0.63}}}
    assert shown(asana_at, gid) == {"Objective": None, "OKR %": "63%"}


@pytest.mark.parametrize(
    ("given", "then", "write_", "why"),
    [
        (OBJECTIVE, {}, ("objective", "O-9"), "has no option 'O-9': add one in Asana that is called so, or “O-9 · …”"),
        (OBJECTIVE, {"options": {"O-3": False}}, ("objective", "O-3"), "is switched off: switch it on in Asana"),
        (OBJECTIVE, {"enabled": False}, ("objective", "O-3"), "switch it on there"),
        (OBJECTIVE, {}, ("number", 5), "is no number: name a number field in progress_field"),
        (PROGRESS, {}, ("objective", "O-1"), "neither text nor single-select: name another one in objective_field"),
        (PROGRESS, {"formula": True}, ("number", 5), "Asana computes the field 'OKR %'"),
        (PROGRESS, {}, ("number", "5"), "a number field takes a number"),
        (PROGRESS, {}, ("number", True), "a number field takes a number"),
    ],
)
def test_what_cannot_be_filled_says_what_to_do(given: Any, then: Any, write_: Any, why: str, asana_at: Site) -> None:
    name = field(asana_at, given)
    gid = asana_at.task("Epic")
    if then:
        asana_at.edit(f"fields/{name}", **then)
    surface, value = write_
    with pytest.raises(Rejected, match=why):
        push(asana_at.connect(), {"objective": objective, "number": number}[surface](gid, name, value))
    assert shown(asana_at, gid)[given["name"]] is None


def test_a_field_that_is_not_on_the_task(asana_at: Site) -> None:
    name = field(asana_at, OBJECTIVE)
    gid = asana_at.task("Elsewhere", project="2002")
    sink = asana_at.connect()
    assert stands(sink, objective(gid, name, None).slot) is None
    with pytest.raises(Rejected, match="add the field to a project of the task in Asana"):
        push(sink, objective(gid, name, "O-1"))
    asana_at.edit("projects/2002", fields=[{"name": "Objective"}])
    push(sink, objective(gid, name, "O-1"))
    assert shown(asana_at, gid) == {"Objective": "O-1 · Faster"}


def test_a_field_that_changed_since_is_looked_at_again(asana_at: Site) -> None:
    name = field(asana_at, OBJECTIVE)
    gid = asana_at.task("Ticket")
    sink = asana_at.connect()
    push(sink, objective(gid, name, "O-1"))
    asana_at.edit(f"fields/{name}", options={"O-3": False})
    with pytest.raises(Rejected, match="400"):
        push(sink, objective(gid, name, "O-3"))
    with pytest.raises(Rejected, match="is switched off: switch it on in Asana"):
        push(sink, objective(gid, name, "O-3"))


def test_a_task_that_goes_just_before_it_is_written_is_tried_once(asana_at: Site) -> None:
    name = field(asana_at, PROGRESS)
    gid = asana_at.task("Epic")
    sink = asana_at.connect()
    push(sink, write(Surface.LABEL, "okr-orphan", True, asana_at.task("Other")))  # the tag is made
    writes = [write(Surface.LABEL, "okr-orphan", True, gid), write(Surface.COMMENT, "acme", "1", gid)]
    writes.append(number(gid, name, 5))
    sink.read([one.slot for one in writes])
    asana_at.edit(f"tasks/{gid}", delete=True)
    sent = len(asana_at.sandbox.unsafe_requests())
    with pytest.raises(Rejected) as caught:
        sink.push(writes)
    assert caught.value.status == 404
    assert len(asana_at.sandbox.unsafe_requests()) == sent + 1


def test_a_field_that_nobody_knows(asana_at: Site) -> None:
    gid = asana_at.task("Epic")
    sink = asana_at.connect()
    wanted = number(gid, "4711", 5)
    found = sink.read([wanted.slot])[wanted.slot]
    assert isinstance(found, Rejected)
    assert "Asana shows no custom field '4711'" in str(found)
    assert found.status is None, "it is not the task that is gone"
    with pytest.raises(Rejected, match="no custom field '4711'"):
        push(sink, wanted)


def test_a_field_that_this_account_does_not_see_is_told_before_anything_is_written(asana_at: Site) -> None:
    name = field(asana_at, OBJECTIVE)
    account = asana_at.connect(written=frozenset({name, "4711"})).check()
    (lack,) = [one for one in account.lacks if Surface.NUMBER in one.surfaces]
    assert lack.text.startswith("4711: the field cannot be filled (")
    assert not asana_at.sandbox.unsafe_requests()


def test_what_is_refused_keeps_nothing_else_from_being_written(asana_at: Site) -> None:
    names = field(asana_at, OBJECTIVE), field(asana_at, PROGRESS)
    gid = asana_at.task("Epic")
    sink = asana_at.connect()
    writes = [
        objective(gid, names[0], "O-9"),
        number(gid, names[1], 62),
        write(Surface.COMMENT, "acme", "62 %", gid),
        write(Surface.LABEL, "okr-orphan", True, gid),
    ]
    with pytest.raises(Rejected, match="has no option 'O-9'"):
        sink.push(writes)
    assert [sink.read([one.slot])[one.slot] for one in writes] == [None, 62, "62 %", True]


def test_fields_that_okrsync_fills_are_no_facts(asana_at: Site) -> None:
    """Neither are its tags and its comment: after an apply a pull finds the items that it found before."""
    names = field(asana_at, OBJECTIVE), field(asana_at, {"name": "Points", "type": "number"})
    gid = asana_at.task("Epic", custom_fields={"Points": 5})
    sink = asana_at.connect(written=frozenset({names[0]}))
    before, _, since = drained(sink, {SHOP: None})
    asana_at.advance(minutes=10)
    tags = [
        write(Surface.LABEL, "okr-orphan", True, gid),
        write(Surface.OBJECTIVE_LABEL, "okr-objective:O-1", True, gid),
    ]
    metadata = sink.metadata()
    sink.push([*tags, objective(gid, names[0], "O-1"), write(Surface.COMMENT, "acme", "5 %", gid)])
    asana_at.later = asana_at.later.resolution * 3_600_000_000
    after = drained(sink, since)[0]
    assert after[gid].updated_at > before[gid].updated_at
    assert {gid: _content(item) for gid, item in after.items()} == {gid: _content(before[gid])}
    assert before[gid].points == 5
    assert before[gid].fields == ()
    assert sink.metadata() == metadata, "the new tags are nobody's labels"


def _content(item: Any) -> dict[str, Any]:
    names = [name for name in item.__slots__ if name != "updated_at"]
    return {name: getattr(item, name) for name in names}
