"""What okrsync writes into GitHub, beside what people wrote there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from github_world import Connect, write

from connectors.github_sink import WITHDRAWN
from okrsync.errors import Rejected
from okrsync.model import Surface
from okrsync.sandbox import Sandbox
from okrsync.sandbox.github.repository import Repository
from okrsync.sandbox.github.values import User


def test_a_label_is_made_properly_and_leaves_the_others(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    issue = shop.issue("Issue", labels=["bug"])
    sink = connect()
    for name in ("okr-orphan", "okr/KR 3: ü"):
        sink.push(write(shop, issue.number, Surface.LABEL, name, True))
    assert [shop.labels[name].name for name in issue.labels] == ["bug", "okr-orphan", "okr/KR 3: ü"]
    assert (shop.label("okr-orphan").color, bool(shop.label("okr-orphan").description)) == ("d93f0b", True)
    for name in ("okr-orphan", "okr/KR 3: ü"):
        sink.push(write(shop, issue.number, Surface.LABEL, name, None))
    assert issue.labels == ["bug"]


def test_a_label_in_another_case_is_the_same(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    issue = shop.issue("Issue", labels=["OKR-Orphan"])
    sink = connect()
    wanted = write(shop, issue.number, Surface.LABEL, "okr-orphan", True)
    assert sink.read(wanted.slot) is True
    sink.push(wanted)
    assert hub.unsafe_requests() == []


def test_a_comment_is_ours_by_marker_and_author(shop: Repository, connect: Connect) -> None:
    issue = shop.issue("Issue")
    shop.comment(issue.number, "Look:\n\n<!-- okrsync:acme -->", by="a-person")
    sink = connect()
    text = "KR-UX: 50 %\n- <b>@bo</b> closes #1\n<!-- okrsync:x -->"
    wanted = write(shop, issue.number, Surface.COMMENT, "acme", text)
    assert sink.read(wanted.slot) is None
    receipt = sink.push(wanted)
    assert receipt.value == wanted.after == sink.read(wanted.slot)
    theirs, ours = issue.comments
    assert receipt.handle == str(ours.id)
    assert ours.body == (
        "KR-UX: 50 %\n- &lt;b&gt;@&#8203;bo&lt;/b&gt; closes #&#8203;1\n&lt;!-- okrsync:x --&gt;\n\n"
        "<!-- okrsync:acme -->"
    )
    sink.push(write(shop, issue.number, Surface.COMMENT, "acme", "Done"))
    assert [one.body for one in issue.comments] == [theirs.body, "Done\n\n<!-- okrsync:acme -->"]
    assert sink.read(write(shop, issue.number, Surface.COMMENT, "other", None).slot) is None
    sink.push(write(shop, issue.number, Surface.COMMENT, "acme", None))
    assert [one.body for one in issue.comments] == [theirs.body]


def test_a_reply_that_quotes_ours_is_not_ours_even_where_the_account_is_shared(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    issue = shop.issue("Issue")
    me = hub.world.github.account.user.login
    sink = connect()
    wanted = write(shop, issue.number, Surface.COMMENT, "acme", "Text")
    sink.push(wanted)
    shop.comment(issue.number, "> Text\n>\n> <!-- okrsync:acme -->\n\nI do not think so", by=me)
    issue.comments[0].body += " a word behind it"
    assert sink.read(wanted.slot) == "Text a word behind it"
    sink.push(write(shop, issue.number, Surface.COMMENT, "acme", None))
    assert [one.body.partition("\n")[0] for one in issue.comments] == ["> Text"]


def test_of_two_comments_the_older_stays(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    issue = shop.issue("Issue")
    for text in ("One", "Two"):
        shop.comment(issue.number, f"{text}\n\n<!-- okrsync:acme -->", by=hub.world.github.account.user.login)
    first = issue.comments[0]
    connect().push(write(shop, issue.number, Surface.COMMENT, "acme", "Now"))
    assert [(one.id, one.body) for one in issue.comments] == [(first.id, "Now\n\n<!-- okrsync:acme -->")]


def test_a_human_edit_is_seen(shop: Repository, connect: Connect) -> None:
    issue = shop.issue("Issue")
    sink = connect()
    wanted = write(shop, issue.number, Surface.COMMENT, "acme", "Text")
    sink.push(wanted)
    issue.comments[0].body = "My own words\r\n\r\n<!-- okrsync:acme -->\r\nand more"
    assert sink.read(wanted.slot) == "My own words\nand more"


def test_what_is_too_long_is_refused_before_it_is_sent(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.commit("Begin")
    pull = shop.pull("Pull", head="topic", commits=["Work"])
    sink = connect()
    with pytest.raises(Rejected, match="longer than 65536"):
        sink.push(write(shop, pull.number, Surface.COMMENT, "acme", "x" * 65_530))
    status = {"state": "success", "description": "x" * 141}
    with pytest.raises(Rejected, match="more than 140"):
        sink.push(write(shop, pull.number, Surface.STATUS, shop.branches["topic"], status))
    assert hub.unsafe_requests() == []


def test_a_status_is_told_once_and_withdrawn(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.commit("Begin")
    pull = shop.pull("Pull", head="topic", commits=["Work"])
    sha = shop.branches["topic"]
    sink = connect()
    wanted = write(shop, pull.number, Surface.STATUS, sha, {"state": "failure", "description": "no objective"})
    sink.push(write(shop, pull.number, Surface.STATUS, sha, None))
    assert shop.statuses == {}
    sink.push(wanted)
    sink.push(wanted)
    (status,) = shop.statuses[sha]
    assert (status.context, status.state, status.description) == ("okrsync/traceability", "failure", "no objective")
    sink.push(write(shop, pull.number, Surface.STATUS, sha, None))
    assert sink.read(wanted.slot) is None
    assert [one.description for one in shop.statuses[sha]] == ["no objective", WITHDRAWN]
    shop.statuses[sha] = [replace(status, creator=User.named("somebody"))]
    assert sink.read(wanted.slot) is None


def test_a_status_on_a_commit_that_is_gone(shop: Repository, connect: Connect) -> None:
    shop.commit("Begin")
    pull = shop.pull("Pull", head="topic")
    for act in (lambda one: connect().read(one.slot), lambda one: connect().push(one)):
        with pytest.raises(Rejected) as caught:
            act(write(shop, pull.number, Surface.STATUS, "0" * 40, {"state": "success", "description": "x"}))
        assert caught.value.status == 404


def test_a_repository_that_was_renamed_is_written_by_its_id(shop: Repository, connect: Connect) -> None:
    issue = shop.issue("Issue")
    shop.rename("store")
    connect().push(write(shop, issue.number, Surface.LABEL, "okr-orphan", True))
    assert issue.labels == ["okr-orphan"]


def test_a_missing_right_to_write(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    issue = shop.issue("Issue")
    shop.label("okr-orphan")
    hub.world.github.account.denied.add("issues")
    with pytest.raises(Rejected, match="the token needs issues=write"):
        connect().push(write(shop, issue.number, Surface.LABEL, "okr-orphan", True))
    assert issue.labels == []
