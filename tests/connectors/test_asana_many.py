"""Many slots of Asana read at once, tags that nothing bears, the newest word on a goal; requests are counted."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random
from threading import Event

import pytest
from asana_site import NOON, PAY, SHOP, UPDATE, Site, push, stands, write

from connectors.asana_abreast import FEW, PATIENCE
from connectors.asana_sink import LATELY
from okrsync.errors import AuthError, Rejected, Unavailable
from okrsync.model import SaidStatus, Slot, Surface
from okrsync.sandbox.asana.limits import Limits


def label(gid: str, name: str = "okr-orphan") -> Slot:
    return Slot("asana", gid, Surface.LABEL, name)


# ── read ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_hundreds_of_tasks_are_read_from_the_listings_of_their_projects(asana_at: Site) -> None:
    """400 of 450 tasks in two projects: a few alone, then the pages of each project."""
    gids = [asana_at.task(f"Task {number}", project=(SHOP, PAY)[number % 2]) for number in range(450)]
    for gid in gids[:100]:
        asana_at.edit(f"tasks/{gid}", tags={"add": ["OKR-Orphan"]})
    sink = asana_at.connect()
    found = sink.read([label(gid) for gid in gids[:400]])
    assert Counter(found.values()) == {True: 100, None: 300}
    assert [slot for slot, value in found.items() if value] == [label(gid) for gid in gids[:100]]
    assert sink.requests() <= FEW + 3 + 3 + FEW


def test_a_few_tasks_among_thousands_are_read_alone(asana_at: Site) -> None:
    few = [asana_at.task(f"Marked {number}") for number in range(2)]
    for number in range(2000):
        asana_at.task(f"Task {number}")
    few += [asana_at.task(f"Marked {number}") for number in range(2, 6)]
    sink = asana_at.connect()
    assert set(sink.read([label(gid) for gid in few]).values()) == {None}
    assert sink.requests() <= len(few) + PATIENCE + 1


def test_subtasks_and_tasks_without_a_project_are_read_too(asana_at: Site) -> None:
    parents = [asana_at.task(f"Parent {number}") for number in range(20)]
    below = [asana_at.task("below", parent=parent) for parent in parents]
    alone = [asana_at.task("alone", project=None) for _ in range(20)]
    asana_at.edit(f"tasks/{below[7]}", tags={"add": ["okr-orphan"]})
    sink = asana_at.connect()
    found = sink.read([label(gid) for gid in (*parents, *below, *alone)])
    assert [slot.remote_id for slot, value in found.items() if value] == [below[7]]
    assert sink.requests() <= 60


def test_what_is_gone_or_hidden_is_told_beside_the_rest(asana_at: Site) -> None:
    gids = [asana_at.task(f"Task {number}") for number in range(12)]
    asana_at.edit(f"tasks/{gids[3]}", delete=True)
    asana_at.workspace.hide(gids[8])
    asana_at.edit(f"tasks/{gids[5]}", tags={"add": ["okr-orphan"]})
    found = asana_at.connect().read([label(gid) for gid in gids])
    refused = {gids.index(slot.remote_id): one.status for slot, one in found.items() if isinstance(one, Rejected)}
    assert refused == {3: 404, 8: 403}
    assert found[label(gids[5])] is True


def test_several_requests_are_in_flight_and_never_more_than_asana_allows(asana_at: Site) -> None:
    gids = [asana_at.task(f"Epic {number}") for number in range(30)]
    limits = asana_at.workspace.limits
    limits.seconds = 0.02
    sink = asana_at.connect()
    found = sink.read([Slot("asana", gid, Surface.COMMENT, "acme") for gid in gids])
    assert list(found.values()) == [None] * 30
    assert 1 < limits.most[False] <= 8
    assert not any(one.status == 429 for one in asana_at.sandbox.requests)


def test_a_token_that_is_refused_stops_the_rest(asana_at: Site) -> None:
    gids = [asana_at.task(f"Epic {number}") for number in range(200)]
    asana_at.sandbox.fault("answer", status=401, times=None)
    sink = asana_at.connect()
    with pytest.raises(AuthError):
        sink.read([Slot("asana", gid, Surface.COMMENT, "acme") for gid in gids])
    assert sink.requests() < 100


@pytest.mark.parametrize(("status", "listed"), [(403, False), (500, False), (503, True)])
def test_a_project_that_cannot_be_listed_is_read_task_by_task_but_an_outage_is_one(
    status: int, listed: bool, asana_at: Site
) -> None:
    gids = [asana_at.task(f"Task {number}") for number in range(12)]
    asana_at.sandbox.fault("answer", status=status, path=".*/tasks", times=None)
    sink = asana_at.connect()
    if listed:
        with pytest.raises(Unavailable):
            sink.read([label(gid) for gid in gids])
    else:
        assert set(sink.read([label(gid) for gid in gids]).values()) == {None}


def test_what_asana_publishes_is_kept_by_the_transport_alone(asana_at: Site) -> None:
    """15 writes and 50 reads at once, 1,500 requests a minute: nothing beyond that is a limit of writes."""
    limits = Limits()
    assert (limits.reading, limits.writing) == (50, 15)
    assert asana_at.connect().budgets() == ()


def test_more_than_asana_allows_at_once_is_tried_again(asana_at: Site) -> None:
    asana_at.workspace.limits = Limits(reading=4, seconds=0.05)
    gids = [asana_at.task(f"Epic {number}") for number in range(6)]
    sink = asana_at.connect()
    sink._api._transport._wait = Event().wait
    found = sink.read([Slot("asana", gid, Surface.COMMENT, "acme") for gid in gids])
    assert list(found.values()) == [None] * 6
    assert any(one.status == 429 for one in asana_at.sandbox.requests)


@pytest.mark.parametrize("order", ["as they are listed", "any"])
def test_tags_are_written_by_a_request_each(order: str, asana_at: Site) -> None:
    """As an apply does it: targets are looked at fifty at a time, then each is written. The listing goes on where it
    stopped, and nothing is listed twice."""
    gids = [asana_at.task(f"Task {number}", project=(SHOP, PAY)[number % 2]) for number in range(400)]
    if order == "any":
        Random(7).shuffle(gids)
    sink = asana_at.connect()
    for start in range(0, len(gids), 50):
        chunk = gids[start : start + 50]
        assert set(sink.read([label(gid) for gid in chunk]).values()) == {None}
        for gid in chunk:
            push(sink, write(Surface.LABEL, "okr-orphan", True, gid))
    assert sink.requests() <= 400 + 400 // 100 + 5 * FEW + 2, "the first few, the tags, the new tag"
    assert set(sink.read([label(gid) for gid in gids]).values()) == {True}


def test_a_listing_holds_for_half_a_minute(asana_at: Site) -> None:
    """What somebody else does to a tag meanwhile is seen then; what we do, at once."""
    gids = [asana_at.task(f"Task {number}") for number in range(40)]
    sink = asana_at.connect()
    sink.read([label(gid) for gid in gids[:20]])
    asana_at.edit(f"tasks/{gids[30]}", tags={"add": ["okr-orphan"]})
    asana_at.asked()
    assert stands(sink, label(gids[31])) is None
    assert asana_at.asked() == [], "it was listed just now"
    asana_at.sandbox.fault("reset", after=True, method="POST", path=".*/addTag")
    with pytest.raises(Unavailable):
        push(sink, write(Surface.LABEL, "okr-orphan", True, gids[32]))
    assert stands(sink, label(gids[32])) is True, "read back"
    sink._sink._tagged.began -= LATELY + 1
    assert stands(sink, label(gids[30])) is True
    assert stands(sink, label(gids[33])) is None


# ── tags that nothing bears ──────────────────────────────────────────────────────────────────────────────────────────


def test_tags_of_ours_that_no_task_bears_are_deleted(asana_at: Site) -> None:
    one, other = asana_at.task("One"), asana_at.task("Other")
    names = ("okr-orphan", "okr-dangling", "okr-objective:O-1")
    sink = asana_at.connect()
    for name in names:
        push(sink, write(Surface.LABEL, name, True, one))
    asana_at.edit(f"tasks/{other}", tags={"add": ["urgent", "okr-dangling"]})
    asana_at.edit(f"tasks/{other}", tags={"remove": ["urgent"]})
    slots = [label(one, name) for name in (*names, "urgent")]
    assert sink.sweep(slots) == 0, "they are all borne"
    for name in names:
        push(sink, write(Surface.LABEL, name, None, one))
    assert sink.sweep(slots) == 2
    assert sorted(tag["name"] for tag in asana_at.workspace.held["tag"].values()) == ["okr-dangling", "urgent"]
    push(sink, write(Surface.LABEL, "okr-orphan", True, one))
    assert stands(sink, label(one)) is True, "it is made anew"


# ── the newest word on a goal ────────────────────────────────────────────────────────────────────────────────────────


def test_the_newest_word_on_a_goal_comes_with_the_goals(asana_at: Site) -> None:
    goal = asana_at.edit("goals", name="Keep them")["gid"]
    sink = asana_at.connect(goals=True)
    assert [one.said for one in sink.goals()] == [None]
    handle = push(sink, write(Surface.UPDATE, "acme", UPDATE, f"goal:{goal}")).handle
    asana_at.asked()
    (ours,) = sink.goals()
    assert ours.said == SaidStatus(handle, "at_risk", "okrsync", ours.said.at, "acme")
    assert asana_at.asked() == ["/goals"], "no request more"
    asana_at.advance(hours=1)
    asana_at.edit(f"goals/{goal}", status_update={"status_type": "on_track", "text": "All is well"}, by="Ana")
    (theirs,) = sink.goals()
    assert (theirs.said.status, theirs.said.by, theirs.said.instance) == ("on_track", "Ana", "")
    assert NOON + timedelta(hours=1) <= theirs.said.at < NOON + timedelta(hours=2)
    assert [one.said for one in sink.goals()] == [theirs.said]
