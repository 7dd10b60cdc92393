"""How GitHub is written: how many requests it takes, what is left alone, what becomes of hostile titles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import requests
from github_world import Connect, block, push, write
from github_world import stands as read
from hostile_titles import TITLES

from connectors import github_sink, lately
from okrsync.errors import RateLimited, Rejected, Unavailable
from okrsync.model import Json, Surface, Write
from okrsync.sandbox import Sandbox
from okrsync.sandbox.github.repository import Repository
from okrsync.sandbox.github.values import User

LABEL, OBJECTIVE, COMMENT, STATUS = Surface.LABEL, Surface.OBJECTIVE_LABEL, Surface.COMMENT, Surface.STATUS


@pytest.fixture(params=["with queries", "without queries"])
def way(request: pytest.FixtureRequest, hub: Sandbox) -> str:
    if request.param == "without queries":
        hub.fault("answer", status=404, body="{}", path=r".*/graphql", times=None)
    return str(request.param)


def asked(hub: Sandbox) -> list[str]:
    """The requests since the last time: method and last part of the address."""
    found = [f"{one.method} {one.path.rpartition('/')[2]}" for one in hub.requests]
    hub.clear_requests()
    return found


def shown(hub: Sandbox, repository: Repository) -> Any:
    return requests.get(f"{hub.url}/_sandbox/github/{repository.full_name}/shown", timeout=5).json()


# ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_hundred_objects_are_read_with_one_request(
    shop: Repository, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    shop.commit("Begin")
    pull = shop.pull("Pull", head="topic", commits=["Work"])
    milestone = shop.milestone("Spring", description="Words")
    assert pull.pull
    issues = [(repository, repository.issue("Issue").number) for repository in (shop, plan) for _ in range(49)]
    writes = [write(repository, number, LABEL, "okr-orphan", True) for repository, number in issues]
    writes += [write(repository, number, COMMENT, "acme", "Text") for repository, number in issues]
    writes += [write(shop, pull.number, STATUS, pull.pull.head_sha, None), block(shop, milestone.number, None)]
    sink = connect()
    assert set(sink.read([one.slot for one in writes]).values()) == {None}
    assert sorted(asked(hub)) == sorted(["GET user", f"GET {shop.id}", f"GET {plan.id}", "POST graphql"])
    assert sink.read([]) == {}
    assert asked(hub) == []


def test_a_write_of_what_was_just_read_is_one_request(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.commit("Begin")
    issue, pull = shop.issue("Issue"), shop.pull("Pull", head="topic", commits=["Work"])
    for name in ("okr-orphan", "okr-objective:O-1"):
        shop.label(name)
    assert pull.pull
    failure: Json = {"state": "failure", "description": "reaches no objective"}
    sink = connect()
    touches = [
        [
            write(shop, issue.number, LABEL, "okr-orphan", True),
            write(shop, issue.number, OBJECTIVE, "okr-objective:O-1", True),
        ],
        [write(shop, issue.number, COMMENT, "acme", "First")],
        [write(shop, issue.number, COMMENT, "acme", "Second")],
        [write(shop, pull.number, STATUS, pull.pull.head_sha, failure)],
        [write(shop, issue.number, LABEL, "okr-orphan", None)],
    ]
    expected = ["POST labels", "POST comments", "PATCH {}", f"POST {pull.pull.head_sha}", "DELETE okr-orphan"]
    for writes, request in zip(touches, expected, strict=True):
        sink.read([one.slot for one in writes])
        asked(hub)
        assert [one.value for one in sink.push(writes)] == [one.after for one in writes]
        assert asked(hub) == [request.format(issue.comments[-1].id if issue.comments else "")]
        sink.push(writes)  # twice is once: it is looked at again, and nothing is sent
        assert asked(hub) == ["POST graphql"]
    assert [one.body.partition("\n")[0] for one in issue.comments] == ["Second"]


def test_what_was_read_long_ago_is_read_again(
    shop: Repository, hub: Sandbox, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.label("okr-orphan")
    wanted = write(shop, shop.issue("Issue").number, LABEL, "okr-orphan", True)
    sink = connect()
    sink.read([wanted.slot])
    asked(hub)
    monkeypatch.setattr(lately, "FRESH", -1.0)
    push(sink, wanted)
    assert asked(hub) == ["POST graphql", "POST labels"]


def test_what_was_read_of_one_of_two_is_not_enough(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    issue = shop.issue("Issue")
    shop.label("okr-orphan")
    label, comment = (
        write(shop, issue.number, LABEL, "okr-orphan", True),
        write(shop, issue.number, COMMENT, "acme", "1"),
    )
    sink = connect()
    sink.read([label.slot])
    asked(hub)
    assert [one.value for one in push(sink, label, comment)] == [True, "1"]
    assert asked(hub) == ["GET user", "POST graphql", "POST labels", "POST comments"]


def test_a_thousand_labels_take_little_more_than_a_thousand_requests(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    writes = [write(shop, shop.issue("Issue").number, LABEL, "okr-orphan", True) for _ in range(1000)]
    sink = connect()
    sink._api._transport._quota.writes._rate = sink._api._transport._quota.reads._rate = 1e9
    for start in range(0, 1000, 50):
        some = writes[start : start + 50]
        sink.read([one.slot for one in some])
        for one in some:
            push(sink, one)
    assert sink.requests() == 1 + 20 + 1 + 1000  # the repository, the queries, the definition of the label, the writes
    assert len(hub.unsafe_requests()) == 1001


def test_more_comments_than_a_query_tells_are_listed(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    issue = shop.issue("Issue")
    shop.comment(issue.number, "Mine\n\n<!-- okrsync:acme -->", by=hub.world.github.account.user.login)
    for number in range(120):
        shop.comment(issue.number, f"Word {number}")
    assert read(connect(), write(shop, issue.number, COMMENT, "acme", None).slot) == "Mine"
    assert [one for one in asked(hub) if "comments" in one] == ["GET comments"] * 2


def test_a_mark_of_some_bot_is_looked_at_closely(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    """The ids of apps need not be the same in both interfaces: none of ours is to be taken for another's."""
    issue = shop.issue("Issue")
    shop.comment(issue.number, "Words\n\n<!-- okrsync:acme -->")
    issue.comments[0].user = User.named("other[bot]")
    assert read(connect(), write(shop, issue.number, COMMENT, "acme", None).slot) is None
    assert "GET comments" in asked(hub)


# ── what is there already, or no longer ──────────────────────────────────────────────────────────────────────────────


def test_of_a_status_the_newest_of_our_context_counts_whoever_posted_it(
    shop: Repository, hub: Sandbox, connect: Connect, way: str
) -> None:
    shop.commit("Begin")
    pull = shop.pull("Pull", head="topic", commits=["Work"])
    assert pull.pull
    failure: Json = {"state": "failure", "description": "reaches no objective", "target_url": "https://acme.test/x"}
    wanted = write(shop, pull.number, STATUS, pull.pull.head_sha, failure)
    sink = connect()
    assert push(sink, wanted).value == failure
    (ours,) = shop.statuses[pull.pull.head_sha]
    theirs = type(ours)(
        **{name: getattr(ours, name) for name in ours.__slots__} | {"creator": User.named("x"), "state": "success"}
    )
    shop.statuses[pull.pull.head_sha].append(theirs)
    assert read(sink, wanted.slot) == failure | {"state": "success"}
    other = type(ours)(**{name: getattr(theirs, name) for name in ours.__slots__} | {"context": "ci/build"})
    shop.statuses[pull.pull.head_sha] = [other]
    assert read(sink, wanted.slot) is None


def test_a_right_that_is_missing_is_not_taken_for_nothing(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.commit("Begin")
    pull = shop.pull("Pull", head="topic", commits=["Work"])
    assert pull.pull
    hub.world.github.account.denied |= {"statuses:read"}
    with pytest.raises(Rejected, match="needs statuses=read"):
        read(connect(), write(shop, pull.number, STATUS, pull.pull.head_sha, None).slot)


def test_what_is_gone_is_refused_alone(shop: Repository, plan: Repository, connect: Connect, way: str) -> None:
    kept, deleted, moved = (shop.issue("Issue") for _ in range(3))
    shop.delete(deleted.number)
    shop.transfer(moved.number, plan)
    slots = [write(shop, one.number, COMMENT, "acme", None).slot for one in (kept, deleted, moved)]
    slots.append(block(shop, 9, None).slot)
    found = connect().read(slots)
    assert found[slots[0]] is None
    for slot in slots[1:]:
        assert isinstance(found[slot], Rejected)
        assert found[slot].status in (404, 410)


def test_a_comment_that_goes_just_before_it_is_edited_is_not_written_anew(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    issue = shop.issue("Issue")
    sink = connect()
    push(sink, first := write(shop, issue.number, COMMENT, "acme", "First"))
    second = Write(first.slot, "acme/shop#1", "url", "First", "Second", first.why)
    sink.read([second.slot])
    issue.comments.clear()
    with pytest.raises(Rejected, match="acme/shop#1 was changed just before it was written") as caught:
        push(sink, second)
    assert caught.value.status == 409
    assert issue.comments == []


def test_an_issue_that_moves_just_before_it_is_written_is_left(
    shop: Repository, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    issue = shop.issue("Issue")
    shop.label("okr-orphan")
    sink = connect()
    wanted = write(shop, issue.number, LABEL, "okr-orphan", True)
    sink.read([wanted.slot])
    moved = shop.transfer(issue.number, plan)
    with pytest.raises(Rejected) as caught:
        push(sink, wanted)
    assert caught.value.status == 404
    assert moved.labels == []


def test_nothing_is_told_or_written_of_another_repository_that_took_the_name(
    shop: Repository, plan: Repository, connect: Connect, way: str
) -> None:
    issue, other = shop.issue("Issue"), plan.issue("Issue")
    assert issue.number == other.number
    milestones = [one.milestone("Spring", description="Words") for one in (shop, plan)]
    plan.label("okr-orphan")
    sink = connect()
    writes = [write(shop, issue.number, LABEL, "okr-orphan", True), write(shop, issue.number, COMMENT, "acme", "Text")]
    writes += [block(shop, milestones[0].number, "Text")]
    for one in writes:
        push(sink, one)
    plan.issues[other.number].labels.append("okr-orphan")
    shop.rename("store")
    plan.rename("shop")
    found = sink.read([one.slot for one in writes])
    assert all(
        isinstance(one, Rejected) or one == wanted.after for one, wanted in zip(found.values(), writes, strict=True)
    )
    for one in writes:
        with suppress(Rejected):
            push(sink, Write(one.slot, "key", "url", one.after, None, one.why))
    with suppress(Rejected):
        sink.sweep([writes[0].slot])
    assert (other.labels, other.comments, milestones[1].description) == (["okr-orphan"], [], "Words")
    assert "okr-orphan" in plan.labels


def test_of_more_labels_than_a_query_tells_each_is_seen(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    labels = [f"label {number}" for number in range(130)]
    issue = shop.issue("Issue", labels=[*labels, "okr-orphan"])
    assert read(connect(), write(shop, issue.number, LABEL, "okr-orphan", True).slot) is True


def test_a_lost_answer_to_a_first_comment_makes_no_second(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    issue = shop.issue("Issue")
    sink = connect()
    wanted = write(shop, issue.number, COMMENT, "acme", "Text")
    sink.read([wanted.slot])
    hub.fault("reset", after=True, method="POST", path=r".*/comments")
    with pytest.raises(Unavailable) as caught:
        push(sink, wanted)
    assert caught.value.sent
    push(sink, wanted)
    assert len(issue.comments) == 1


@pytest.mark.parametrize("surface", ["label", "comment", "status", "block"])
def test_what_is_written_shows_late_where_the_sandbox_is_told(
    shop: Repository, hub: Sandbox, connect: Connect, surface: str, way: str
) -> None:
    shop.commit("Begin")
    pull = shop.pull("Pull", head="topic", commits=["Work"])
    assert pull.pull
    milestone = shop.milestone("Spring")
    wanted = {
        "label": write(shop, pull.number, LABEL, "okr-orphan", True),
        "comment": write(shop, pull.number, COMMENT, "acme", "Text"),
        "status": write(shop, pull.number, STATUS, pull.pull.head_sha, {"state": "success", "description": "O-1"}),
        "block": block(shop, milestone.number, "Text"),
    }[surface]
    sink = connect()
    hub.fault(
        "late", seconds=0.1, method="POST|PATCH", path=r".*/(comments|issues/\d+/labels|statuses/.*|milestones/1)"
    )
    assert push(sink, wanted).value == wanted.after
    assert read(sink, wanted.slot) is None
    hub.world.clock.advance(timedelta(seconds=0.2))
    assert read(sink, wanted.slot) == wanted.after


# ── labels ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_label_of_an_objective_is_made_with_what_it_means_and_swept(
    shop: Repository, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    issue, pull = shop.issue("Issue"), shop.issue("Other")
    shop.label("okr-objective:O-3").description = "Our own words"
    names = [f"okr-objective:O-{number}" for number in (1, 2, 3)]
    sink = connect()
    writes = [write(shop, issue.number, OBJECTIVE, name, True) for name in names]
    push(sink, *writes)
    push(sink, write(shop, pull.number, OBJECTIVE, names[1], True))
    assert shop.label(names[0]).description == "Objective O-1 (okrsync)"
    push(sink, *(write(shop, issue.number, OBJECTIVE, name, None) for name in names))
    assert issue.labels == []
    assert sink.sweep([one.slot for one in writes]) == 1, "one is borne still, one was made by somebody else"
    assert [name in shop.labels for name in map(str.casefold, names)] == [False, True, True]
    assert sink.sweep([one.slot for one in writes]) == 0


def test_a_label_that_somebody_makes_meanwhile_is_used(shop: Repository, connect: Connect) -> None:
    issue = shop.issue("Issue")
    sink = connect()
    wanted = write(shop, issue.number, LABEL, "okr-orphan", True)
    sink.read([wanted.slot])
    shop.label("OKR-orphan")
    assert push(sink, wanted).value is True
    assert (issue.labels, list(shop.labels)) == (["okr-orphan"], ["okr-orphan"])


def test_a_label_on_closed_work_is_not_swept(shop: Repository, connect: Connect) -> None:
    issue = shop.issue("Issue")
    sink = connect()
    wanted = write(shop, issue.number, OBJECTIVE, "okr-objective:O-1", True)
    push(sink, wanted)
    issue.state = "closed"
    assert sink.sweep([wanted.slot]) == 0
    assert issue.labels == ["okr-objective:o-1"]


def test_a_label_that_people_bear_survives_a_sweep_whatever_its_name(shop: Repository, connect: Connect) -> None:
    """GitHub takes a comma between labels for "and": it cannot be asked what bears one that has a comma in it."""
    sink = connect()
    ours, theirs = (
        write(shop, shop.issue("Issue").number, OBJECTIVE, "okr-objective:A,B", value) for value in (None, True)
    )
    push(sink, theirs)
    assert sink.sweep([ours.slot]) == 0
    assert "okr-objective:a,b" in shop.labels


def test_a_repository_that_refuses_hinders_no_other_sweep(
    shop: Repository, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    sink = connect()
    marks = [write(one, one.issue("Issue").number, LABEL, "okr-orphan", True) for one in (shop, plan)]
    for wanted in marks:
        push(sink, wanted)
        push(sink, Write(wanted.slot, "key", "url", True, None, wanted.why))
    hub.fault("answer", status=403, body='{"message": "no"}', path=rf".*/repositories/{shop.id}/labels")
    slots = [wanted.slot for wanted in marks]
    with pytest.raises(Rejected, match="403"):
        sink.sweep(slots)
    assert ("okr-orphan" in shop.labels, "okr-orphan" in plan.labels) == (True, False)
    plan.hide()
    assert connect().sweep(slots) == 1


def test_a_label_that_is_too_long_is_refused_in_words_and_hinders_no_other(shop: Repository, connect: Connect) -> None:
    issue = shop.issue("Issue")
    long, short = (write(shop, issue.number, OBJECTIVE, f"okr-objective:{'O' * size}", True) for size in (37, 36))
    sink = connect()
    found = sink.read([long.slot, short.slot])
    assert found[short.slot] is None
    assert "has 51 characters, and GitHub takes 50: give the objective a shorter id" in str(found[long.slot])
    with pytest.raises(Rejected):
        push(sink, long)
    push(sink, short)
    assert len(issue.labels) == 1


def test_a_silent_drop_is_told(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    issue = shop.issue("Issue")
    hub.fault(
        "answer", status=200, body="[]", headers={"Content-Type": "application/json"}, path=r".*/issues/\d+/labels"
    )
    with pytest.raises(Rejected, match="did not take the label okr-orphan"):
        push(connect(), write(shop, issue.number, LABEL, "okr-orphan", True))
    assert len(hub.unsafe_requests()) == 2  # the definition, and the label once


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_status_too_many_is_refused_in_words(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.commit("Begin")
    pull = shop.pull("Pull", head="topic", commits=["Work"])
    assert pull.pull
    sink = connect()
    wanted = write(shop, pull.number, STATUS, pull.pull.head_sha, {"state": "success", "description": "O-1"})
    push(sink, wanted)
    (one,) = shop.statuses[pull.pull.head_sha]
    shop.statuses[pull.pull.head_sha] = [one] * 1000
    with pytest.raises(Rejected, match="maximum number of statuses"):
        push(sink, write(shop, pull.number, STATUS, pull.pull.head_sha, None))


def test_what_github_says_of_creating_content_holds(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    requests.post(f"{hub.url}/_sandbox/github/limits", json={"content": {"60": 3, "3600": 5}}, timeout=5)
    issues = [shop.issue("Issue") for _ in range(6)]
    sink = connect()
    made = iter(write(shop, issue.number, COMMENT, "acme", "Text") for issue in issues)
    for most, wait in ((3, timedelta(minutes=1)), (2, timedelta(hours=1))):
        for _ in range(most):
            push(sink, next(made))
        with pytest.raises(RateLimited):
            push(sink, write(shop, issues[-1].number, COMMENT, "acme", "Text"))
        sink._api._transport._quota.lift()
        hub.world.clock.advance(wait)
    assert sink.budgets() == github_sink.BUDGETS
    assert {(one.writes, one.per) for one in github_sink.BUDGETS} == {
        (80, timedelta(minutes=1)),
        (500, timedelta(hours=1)),
    }


def test_two_writes_are_a_second_apart(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    issue = shop.issue("Issue")
    shop.label("okr-orphan")
    sink = connect()
    for value in (True, None, True):
        push(sink, write(shop, issue.number, LABEL, "okr-orphan", value))
    assert [round(one) for one in sink.waits if one > 0.5] == [1, 2]  # kept waits do not pass


# ── titles that were made to harm ────────────────────────────────────────────────────────────────────────────────────


LINES = (
    "Heading\n===",
    "    indented",
    "| a | b |\n| - | - |\n| c | d |",
    "line one\r\n\r\nline two",
)
"""What would do something in GitHub as more than a title."""


def words(title: str) -> Iterator[str]:
    yield f"KR-UX “{title}”: 50 %"
    yield title
    yield f"- {title}"
    yield f"{title}\n{title}"


def test_nothing_comes_of_a_hostile_title(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    """In comments and blocks: no mention, no reference, no link, no formatting, no mark but ours; it is read back."""
    shop.commit("Begin")
    pull = shop.pull("Pull", head="topic", commits=["Work"])
    milestone = shop.milestone("Spring")
    assert pull.pull
    sink = connect()
    sink._api._transport._quota.writes._rate = sink._api._transport._quota.reads._rate = 1e9
    for title in (*TITLES, *LINES):
        text = "\n".join(words(title))
        for wanted in (write(shop, pull.number, COMMENT, "acme", text), block(shop, milestone.number, text)):
            assert push(sink, wanted).value == text
            assert read(sink, wanted.slot) == text
        said: Json = {"state": "failure", "description": title[:140]}
        status = write(shop, pull.number, STATUS, pull.pull.head_sha, said)
        push(sink, status)
        assert read(sink, status.slot) == said
        for one in shown(hub, shop):
            if one["where"] in ("comment", "milestone"):
                marks = [f"{end}okrsync:acme" for end in (("",) if one["where"] == "comment" else ("", "/"))]
                assert one["hidden"] == marks, title
                assert bare(one["text"]) == bare(text), title
            for what in ("mentions", "references", "closes", "links", "images", "html", "formatting"):
                assert one[what] == [], (title, one)


def bare(text: str) -> list[str]:
    """The words as people see them: without what has no width, bullets and the blanks at the ends of lines."""
    lines = (re.sub(r"^[\s-]+|\s+$|\u200b", "", line) for line in text.splitlines())
    return [line for line in lines if line]
