"""The one comment of okrsync on a task of Asana: pinned, edited in place, and what people do with it."""

from __future__ import annotations

from time import monotonic
from typing import Any

import pytest
from asana_site import UPDATE, Site, push, stands, write

from connectors import lately
from okrsync.errors import Rejected, Unavailable
from okrsync.model import Json, Slot, Surface, Write

FIRST, SECOND = "KR-UX · Faster\n- on track, 35 %", "KR-UX · Faster\n- at risk, 36 %"


def said(gid: str, text: Json = FIRST, instance: str = "acme") -> Write:
    return write(Surface.COMMENT, instance, text, gid)


def comments(site: Site) -> list[dict[str, Any]]:
    return [story for story in site.workspace.held["story"].values() if story["type"] == "comment"]


def twins(site: Site, gid: str) -> None:
    """Two comments of ours, as two processes leave them that posted at once."""
    for sink in (site.connect(), site.connect()):
        sink._sink._comments._seen.note({said(gid).slot: []}, monotonic())
        push(sink, said(gid))


def test_it_is_pinned_once_and_edited_in_place(asana_at: Site) -> None:
    gid = asana_at.task("Epic")
    sink = asana_at.connect()
    first = push(sink, said(gid))
    (story,) = comments(asana_at)
    assert story["is_pinned"] is True
    assert story["text"] == f"{FIRST}\nokrsync · acme"
    asana_at.edit(f"stories/{first.handle}", pinned=False)
    assert stands(sink, said(gid).slot) == FIRST
    assert push(sink, said(gid, SECOND)).handle == first.handle
    (story,) = comments(asana_at)
    assert (story["is_pinned"], story["is_edited"]) == (False, True), "unpinned by a person, it stays so"
    assert stands(sink, said(gid).slot) == SECOND
    assert push(sink, said(gid, None)).value is None
    assert comments(asana_at) == []


def test_a_write_that_was_read_before_takes_one_request(asana_at: Site) -> None:
    gid = asana_at.task("Epic")
    sink = asana_at.connect()
    for text in (FIRST, SECOND):
        assert sink.read([said(gid).slot]).keys() == {said(gid).slot}
        asana_at.asked()
        push(sink, said(gid, text))
        assert len(asana_at.asked()) == 1


def test_what_others_wrote_is_not_ours(asana_at: Site) -> None:
    """A person who quotes the mark, another installation of ours, the mark in the middle, the notes of the tool."""
    gid = asana_at.task("Epic")
    asana_at.edit(f"tasks/{gid}", comment=f"{FIRST}\nokrsync · acme", name="Renamed")
    sink = asana_at.connect()
    push(sink, said(gid, instance="other"))
    push(sink, said(gid, "okrsync · acme\nsaid somebody", instance="third"))
    assert stands(sink, said(gid).slot) is None
    push(sink, said(gid, SECOND))
    push(sink, said(gid, None))
    assert len(comments(asana_at)) == 3
    assert stands(sink, said(gid, instance="other").slot) == FIRST


def test_an_answer_that_was_lost_leaves_one_comment(asana_at: Site) -> None:
    gid = asana_at.task("Epic")
    sink = asana_at.connect()
    stands(sink, said(gid).slot)
    asana_at.sandbox.fault("reset", after=True, method="POST")
    with pytest.raises(Unavailable):
        push(sink, said(gid))
    push(sink, said(gid))
    assert len(comments(asana_at)) == 1


def test_twins_become_one(asana_at: Site) -> None:
    """The next write edits one and takes the other away."""
    gid = asana_at.task("Epic")
    twins(asana_at, gid)
    assert len(comments(asana_at)) == 2
    assert push(asana_at.connect(), said(gid, SECOND)).handle == comments(asana_at)[0]["gid"]
    assert [story["text"] for story in comments(asana_at)] == [f"{SECOND}\nokrsync · acme"]


def test_of_twins_the_one_that_people_pinned_stays(asana_at: Site) -> None:
    gid = asana_at.task("Epic")
    twins(asana_at, gid)
    older, pinned = comments(asana_at)
    asana_at.edit(f"stories/{older['gid']}", pinned=False)
    assert push(asana_at.connect(), said(gid, SECOND)).handle == pinned["gid"]
    assert [story["gid"] for story in comments(asana_at)] == [pinned["gid"]]


def test_a_twin_that_cannot_be_deleted_keeps_nothing_from_being_written(asana_at: Site) -> None:
    gid = asana_at.task("Epic")
    twins(asana_at, gid)
    asana_at.sandbox.fault("answer", method="DELETE", status=403)
    sink = asana_at.connect()
    assert push(sink, said(gid, SECOND)).value == SECOND == stands(sink, said(gid).slot)


@pytest.mark.parametrize("surface", [Surface.COMMENT, Surface.UPDATE, Surface.METRIC])
def test_what_was_read_long_ago_is_read_again(
    surface: Surface, asana_at: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that slept between look and write meets what another one wrote meanwhile."""
    values = {f"{name}_number_value": value for name, value in (("initial", 0), ("current", 0.2), ("target", 1))}
    metric = {"unit": "percentage", "precision": 2, "progress_source": "manual", **values}
    goal = asana_at.edit("goals", name="Keep them", metric=metric)["gid"]
    wanted = {
        Surface.COMMENT: said(asana_at.task("Epic")),
        Surface.UPDATE: write(Surface.UPDATE, "acme", UPDATE, f"goal:{goal}"),
        Surface.METRIC: write(Surface.METRIC, "metric", 0.4, f"goal:{goal}"),
    }[surface]
    sleeper = asana_at.connect()
    stands(sleeper, wanted.slot)
    push(asana_at.connect(), wanted)
    monkeypatch.setattr(lately, "FRESH", -1.0)
    sent = len(asana_at.sandbox.unsafe_requests())
    assert push(sleeper, wanted).value == wanted.after
    assert len(asana_at.sandbox.unsafe_requests()) == sent


@pytest.mark.parametrize("name", ["acme", "acme-2", "acm", "acme.x", "a--", "ACME", "x" * 64])
def test_instances_are_told_apart_by_their_whole_names(name: str, asana_at: Site) -> None:
    gid = asana_at.task("Epic")
    sink, others = asana_at.connect(), [one for one in ("acme", "acme-2", "acme-", "acme.x") if one != name]
    for other in others:
        push(sink, said(gid, f"by {other}", other))
    for value in ("by us", "news", None):
        push(sink, said(gid, value, name))
        for instance, words in [(name, value), *((other, f"by {other}") for other in others)]:
            assert stands(asana_at.connect(), said(gid, None, instance).slot) == words
    assert len(comments(asana_at)) == len(others)


def test_one_that_is_deleted_between_look_and_write_is_not_posted_anew(asana_at: Site) -> None:
    """It is for the setting, and for the next plan, whether it comes again."""
    gid = asana_at.task("Epic")
    sink = asana_at.connect()
    first = push(sink, said(gid))
    stands(sink, said(gid).slot)
    asana_at.edit(f"stories/{first.handle}", delete=True)
    with pytest.raises(Rejected, match="was changed just before it was written; okrsync plan shows it anew") as caught:
        push(sink, said(gid, SECOND))
    assert caught.value.status == 409
    assert comments(asana_at) == []


def test_one_that_can_be_edited_no_more_says_what_to_do(asana_at: Site) -> None:
    gid = asana_at.task("Epic")
    sink = asana_at.connect()
    first = push(sink, said(gid))
    asana_at.edit(f"stories/{first.handle}", editable=False)
    with pytest.raises(Rejected, match=f"delete it in Asana, then type: okrsync approve asana:{gid}"):
        push(sink, said(gid, SECOND))
    assert stands(sink, said(gid).slot) == FIRST


def test_it_is_found_behind_hundreds_of_stories(asana_at: Site) -> None:
    gid = asana_at.task("Epic")
    sink = asana_at.connect()
    push(sink, said(gid))
    for number in range(250):
        asana_at.edit(f"tasks/{gid}", comment=f"comment {number}")
    asana_at.asked()
    assert stands(sink, said(gid).slot) == FIRST
    assert asana_at.asked() == [*[f"/tasks/{gid}/stories"] * 3, "/users/me"]


@pytest.mark.parametrize("value", [7, True, {}, ["text"]])
def test_only_text_is_sent(value: Json, asana_at: Site) -> None:
    gid = asana_at.task("Epic")
    with pytest.raises(Rejected, match="a comment is text"):
        push(asana_at.connect(), said(gid, value))
    assert comments(asana_at) == []


def test_a_task_that_is_gone(asana_at: Site) -> None:
    gone = said("999999")
    found = asana_at.connect().read([gone.slot])[gone.slot]
    assert isinstance(found, Rejected)
    assert found.status == 404
    assert isinstance(gone.slot, Slot)
    with pytest.raises(Rejected):
        push(asana_at.connect(), gone)
