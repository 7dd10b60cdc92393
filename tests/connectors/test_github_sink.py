"""What okrsync writes into GitHub, beside what people wrote there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from github_world import Connect, block, push, write
from github_world import stands as read

from connectors.github_marked import WITHDRAWN
from okrsync.errors import Rejected
from okrsync.model import Surface, Write
from okrsync.sandbox import Sandbox
from okrsync.sandbox.github.repository import Repository
from okrsync.sandbox.github.values import User


def test_a_label_is_made_properly_and_leaves_the_others(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    issue = shop.issue("Issue", labels=["bug"])
    sink = connect()
    for name in ("okr-orphan", "okr/KR 3: ü"):
        push(sink, write(shop, issue.number, Surface.LABEL, name, True))
    assert [shop.labels[name].name for name in issue.labels] == ["bug", "okr-orphan", "okr/KR 3: ü"]
    assert (shop.label("okr-orphan").color, bool(shop.label("okr-orphan").description)) == ("d93f0b", True)
    for name in ("okr-orphan", "okr/KR 3: ü"):
        push(sink, write(shop, issue.number, Surface.LABEL, name, None))
    assert issue.labels == ["bug"]


def test_a_label_leads_to_our_page_wherever_that_is_now(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    """The description of a label of ours follows the address; that of people stays, and so does the label where we may
    not change it."""
    issues = [shop.issue("Issue") for _ in range(4)]

    def marked_by(base: str, issue: int, name: str = "okr-orphan") -> str:
        push(connect(base=base), write(shop, issues[issue].number, Surface.LABEL, name, True))
        assert name in [shop.labels[one].name for one in issues[issue].labels]
        return shop.label(name).description

    assert "https" not in (without := marked_by("", 0))
    assert marked_by("https://okr.example", 1) == f"{without} → https://okr.example/orphans"
    hub.fault("answer", method="PATCH", path=".*/labels/.*", status=403, body='{"message": "no"}')
    assert marked_by("https://okr.acme.example", 2) == f"{without} → https://okr.example/orphans"
    assert marked_by("https://okr.acme.example", 3) == f"{without} → https://okr.acme.example/orphans"
    shop.label("okr-dangling").description = "Ask Ada"
    assert marked_by("https://okr.example", 0, "okr-dangling") == "Ask Ada"


def test_a_label_in_another_case_is_the_same(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    issue = shop.issue("Issue", labels=["OKR-Orphan"])
    sink = connect()
    wanted = write(shop, issue.number, Surface.LABEL, "okr-orphan", True)
    assert read(sink, wanted.slot) is True
    push(sink, wanted)
    assert hub.unsafe_requests() == []


def test_a_comment_is_ours_by_marker_and_author(shop: Repository, connect: Connect) -> None:
    issue = shop.issue("Issue")
    shop.comment(issue.number, "Look:\n\n<!-- okrsync:acme -->", by="a-person")
    sink = connect()
    text = "KR-UX: 50 %\n- <b>@bo</b> closes #1\n<!-- okrsync:x -->"
    wanted = write(shop, issue.number, Surface.COMMENT, "acme", text)
    assert read(sink, wanted.slot) is None
    receipt = push(sink, wanted)
    assert receipt.value == wanted.after == read(sink, wanted.slot)
    theirs, ours = issue.comments
    assert receipt.handle == str(ours.id)
    assert ours.body == (
        "KR-UX: 50 %\n- &lt;b&gt;@&#8203;bo&lt;/b&gt; closes #&#8203;1\n\n&lt;!-- okrsync:x --&gt;\n\n"
        "<!-- okrsync:acme -->"
    )
    push(sink, write(shop, issue.number, Surface.COMMENT, "acme", "Done"))
    assert [one.body for one in issue.comments] == [theirs.body, "Done\n\n<!-- okrsync:acme -->"]
    assert read(sink, write(shop, issue.number, Surface.COMMENT, "other", None).slot) is None
    push(sink, write(shop, issue.number, Surface.COMMENT, "acme", None))
    assert [one.body for one in issue.comments] == [theirs.body]


def test_a_reply_that_quotes_ours_is_not_ours_even_where_the_account_is_shared(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    issue = shop.issue("Issue")
    me = hub.world.github.account.user.login
    sink = connect()
    wanted = write(shop, issue.number, Surface.COMMENT, "acme", "Text")
    push(sink, wanted)
    shop.comment(issue.number, "> Text\n>\n> <!-- okrsync:acme -->\n\nI do not think so", by=me)
    issue.comments[0].body += " a word behind it"
    assert read(sink, wanted.slot) == "Text a word behind it"
    push(sink, write(shop, issue.number, Surface.COMMENT, "acme", None))
    assert [one.body.partition("\n")[0] for one in issue.comments] == ["> Text"]
    assert read(sink, wanted.slot) is None


def test_of_two_comments_the_older_stays(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    issue = shop.issue("Issue")
    for text in ("One", "Two"):
        shop.comment(issue.number, f"{text}\n\n<!-- okrsync:acme -->", by=hub.world.github.account.user.login)
    first = issue.comments[0]
    push(connect(), write(shop, issue.number, Surface.COMMENT, "acme", "Now"))
    assert [(one.id, one.body) for one in issue.comments] == [(first.id, "Now\n\n<!-- okrsync:acme -->")]


def test_one_too_many_that_cannot_be_deleted_keeps_nothing_from_being_written(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    issue = shop.issue("Issue")
    for _ in range(2):
        shop.comment(issue.number, "One\n\n<!-- okrsync:acme -->", by=hub.world.github.account.user.login)
    refused = {"status": 403, "body": '{"message": "no"}', "headers": {"Content-Type": "application/json"}}
    hub.fault("answer", method="DELETE", path=f".*/comments/{issue.comments[1].id}", times=None, **refused)
    sink = connect()
    for value in ("Now", None):
        receipt = push(sink, wanted := write(shop, issue.number, Surface.COMMENT, "acme", value))
        assert receipt.value == read(sink, wanted.slot) == (value or "One"), "the receipt tells what stands"


def test_a_second_comment_in_which_a_person_wrote_is_never_deleted(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    """Somebody who shares the account took ours as a draft. What only a lost answer can have left goes."""
    issue = shop.issue("Issue")
    me = hub.world.github.account.user.login
    sink = connect()
    push(sink, write(shop, issue.number, Surface.COMMENT, "acme", "Ours"))
    shop.comment(issue.number, "**Ours** <!-- okrsync:acme --> but I think otherwise", by=me)
    shop.comment(issue.number, "Ours\r\n\r\n<!-- okrsync:acme -->", by=me)
    theirs = issue.comments[1].body
    push(sink, write(shop, issue.number, Surface.COMMENT, "acme", "Now"))
    assert [one.body for one in issue.comments] == ["Now\n\n<!-- okrsync:acme -->", theirs]
    receipt = push(sink, wanted := write(shop, issue.number, Surface.COMMENT, "acme", None))
    assert [one.body for one in issue.comments] == [theirs]
    assert receipt.value == read(sink, wanted.slot), "the receipt tells what stands"


@pytest.mark.parametrize("name", ["acme", "acme-2", "acm", "acme.x", "a--", "a_b", "ACME", "x" * 64])
def test_instances_are_told_apart_by_their_whole_names(
    name: str, shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    """On one issue and in one description; each is found, changed and taken back by itself."""
    issue, milestone = shop.issue("Issue"), shop.milestone("Spring", description="Words of people\r\n")
    sink, others = connect(), [one for one in ("acme", "acme-2", "acme-", "acme.x") if one != name]

    def places(instance: str, value: str | None) -> list[Write]:
        one = block(shop, milestone.number, value)
        comment = write(shop, issue.number, Surface.COMMENT, instance, value)
        return [comment, replace(one, slot=replace(one.slot, name=instance))]

    for other in others:
        for wanted in places(other, f"by {other}"):
            push(sink, wanted)
    bodies, description = [one.body for one in issue.comments], milestone.description
    for value in ("by us", "news", None):
        for wanted in places(name, value):
            push(sink, wanted)
        for instance, said in [(name, value), *((other, f"by {other}") for other in others)]:
            assert [read(connect(), one.slot) for one in places(instance, None)] == [said, said]
    assert ([one.body for one in issue.comments], milestone.description) == (bodies, description)


def test_a_human_edit_is_seen(shop: Repository, connect: Connect) -> None:
    issue = shop.issue("Issue")
    sink = connect()
    wanted = write(shop, issue.number, Surface.COMMENT, "acme", "Text")
    push(sink, wanted)
    issue.comments[0].body = "Text\r\n\r\n<!-- okrsync:acme -->\r\n\r\n"
    assert read(sink, wanted.slot) == "Text", "opened in a browser, and saved"
    issue.comments[0].body = "My own words\r\n\r\n<!-- okrsync:acme -->\r\nand more"
    assert read(sink, wanted.slot) == "My own words\nand more"


def test_what_is_too_long_is_refused_before_it_is_sent(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.commit("Begin")
    pull = shop.pull("Pull", head="topic", commits=["Work"])
    sink = connect()
    with pytest.raises(Rejected, match="longer than 65536"):
        push(sink, write(shop, pull.number, Surface.COMMENT, "acme", "x" * 65_530))
    status = {"state": "success", "description": "x" * 141}
    with pytest.raises(Rejected, match="more than 140"):
        push(sink, write(shop, pull.number, Surface.STATUS, shop.branches["topic"], status))
    assert hub.unsafe_requests() == []


def test_a_status_is_told_once_and_withdrawn(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.commit("Begin")
    pull = shop.pull("Pull", head="topic", commits=["Work"])
    sha = shop.branches["topic"]
    sink = connect()
    wanted = write(shop, pull.number, Surface.STATUS, sha, {"state": "failure", "description": "no objective"})
    push(sink, write(shop, pull.number, Surface.STATUS, sha, None))
    assert shop.statuses == {}
    push(sink, wanted)
    push(sink, wanted)
    (status,) = shop.statuses[sha]
    assert (status.context, status.state, status.description) == ("okrsync/traceability", "failure", "no objective")
    push(sink, write(shop, pull.number, Surface.STATUS, sha, None))
    assert read(sink, wanted.slot) is None
    assert [one.description for one in shop.statuses[sha]] == ["no objective", WITHDRAWN]
    shop.statuses[sha] = [replace(status, creator=User.named("somebody"))]
    assert read(sink, wanted.slot) == wanted.after, "what counts is the context, whoever posts there"


def test_a_status_on_a_commit_that_is_gone(shop: Repository, connect: Connect) -> None:
    shop.commit("Begin")
    pull = shop.pull("Pull", head="topic")
    for act in (lambda one: read(connect(), one.slot), lambda one: push(connect(), one)):
        with pytest.raises(Rejected) as caught:
            act(write(shop, pull.number, Surface.STATUS, "0" * 40, {"state": "success", "description": "x"}))
        assert caught.value.status == 404


def test_a_repository_that_was_renamed_is_written_by_its_id(shop: Repository, connect: Connect) -> None:
    issue = shop.issue("Issue")
    shop.rename("store")
    push(connect(), write(shop, issue.number, Surface.LABEL, "okr-orphan", True))
    assert issue.labels == ["okr-orphan"]


def test_a_missing_right_to_write(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    issue = shop.issue("Issue")
    shop.label("okr-orphan")
    hub.world.github.account.denied.add("issues")
    with pytest.raises(Rejected, match="the token needs issues=write"):
        push(connect(), write(shop, issue.number, Surface.LABEL, "okr-orphan", True))
    assert issue.labels == []
