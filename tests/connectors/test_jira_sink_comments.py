"""Comments in Jira, Cloud and Data Center alike: ours is found again, and nobody else's is touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from contract import Contract
from jira_sinking import CLOUD, DATACENTER, EDITIONS, everything, write
from jira_site import DataCenterHarness, JiraHarness, serving, stands

from connectors.jira_edition import EDITED
from okrsync.errors import Rejected, Unavailable
from okrsync.model import Surface


@pytest.fixture
def site(
    made_by: type[JiraHarness], watch: Callable[[Contract, str], None], jira_contract: Contract
) -> Iterator[JiraHarness]:
    with serving(made_by, watch, jira_contract) as made:
        made.fields()
        yield made


@EDITIONS
def test_a_comment_that_nobody_edited_reads_as_it_was_written(site: JiraHarness) -> None:
    (issue,) = site.seed(1)
    text = "KR-UX · Checkout: 62 %\n- 10 of 16\n-  indented\n\n-no bullet\n  two spaces  \nthe end"
    source = site.connect()
    for after in (text, text + "\n- more", text):
        one = write(issue, Surface.COMMENT, after)
        assert source.push([one])[0].value == after == stands(source, one.slot) == stands(site.connect(), one.slot)
    assert len(site.site.comments_of(site.site.issues[issue])) == 1


def _edits(datacenter: bool) -> dict[str, Any]:
    def paragraph(*content: Any) -> dict[str, Any]:
        return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": list(content)}]}

    def text(words: str, *marks: str) -> dict[str, Any]:
        return {"type": "text", "text": words, "marks": [{"type": mark} for mark in marks]}

    anchor = "\n{anchor:okrsync-acme}"
    if datacenter:
        bodies = (
            "Hi [~admin] here!" + anchor,
            "Hi &#91;~admin] *here*" + anchor,
            "Hi &#91;~admin] here" + anchor + " x",
        )
        return dict(zip(("a mention", "bold", "words after"), bodies, strict=True))
    mention = {"type": "mention", "attrs": {"id": "1", "text": "[~admin]"}}
    return {
        "a mention": paragraph(text("Hi "), mention, text(" here")),
        "bold": paragraph(text("Hi [~admin] "), text("here", "strong")),
        "a heading": {**paragraph(), "content": [{"type": "heading", "content": [text("Hi [~admin] here")]}]},
        "words": paragraph(text("Hi [~admin] there")),
    }


@pytest.mark.parametrize(
    ("made_by", "edit"),
    [(made_by, edit) for made_by in (JiraHarness, DataCenterHarness) for edit in _edits(made_by is DataCenterHarness)],
)
def test_a_comment_that_a_person_edited_reads_as_another(edit: str, site: JiraHarness) -> None:
    """Be it but its form: what looks like the same words may mention somebody now."""
    (issue,) = site.seed(1)
    source = site.connect()
    one = write(issue, Surface.COMMENT, "Hi [~admin] here")
    (receipt,) = source.push([one])
    body = _edits(site.site.datacenter)[edit]
    site.edit(site.site.issues[issue], comment={"id": receipt.handle, "body": body})
    assert stands(source, one.slot) not in (None, one.after)
    if edit in ("bold", "a heading"):
        assert str(stands(source, one.slot)).endswith(EDITED)
    assert source.push([one])[0].handle == receipt.handle, "put back in place"
    assert stands(source, one.slot) == one.after


@CLOUD
def test_what_jira_makes_of_a_document_is_no_edit(site: JiraHarness) -> None:
    """Whoever opens a comment and saves it unchanged, and what Jira may do that nobody knows yet."""
    (issue,) = site.seed(1)
    source = site.connect()
    one = write(issue, Surface.COMMENT, "KR-UX\n- two words")
    (receipt,) = source.push([one])
    (comment,) = site.site.comments_of(site.site.issues[issue])
    split = [{"type": "text", "text": "two "}, {"type": "text", "text": "words", "marks": []}]
    item = {"type": "listItem", "attrs": {"localId": None}, "content": [{"type": "paragraph", "content": split}]}
    content = [comment["body"]["content"][0], {"type": "bulletList", "attrs": {}, "content": [item]}]
    body = {
        "type": "doc",
        "version": 1,
        "content": [*content, {"type": "paragraph"}, {"type": "paragraph", "content": []}],
    }
    site.edit(site.site.issues[issue], comment={"id": receipt.handle, "body": body})
    assert stands(source, one.slot) == one.after
    comment["body"] = {
        "type": "doc",
        "version": 1,
        "content": [{"type": "panel", "content": comment["body"]["content"]}],
    }
    comment["updateAuthor"] = comment["author"]
    assert stands(source, one.slot) == one.after


@EDITIONS
def test_one_that_goes_just_before_it_is_written_is_not_posted_anew(site: JiraHarness) -> None:
    """It is for the setting, and for the next plan, whether it comes again; and gone is gone where it should go."""
    (issue,) = site.seed(1)
    source = site.connect()
    for after in ("KR 2", None):
        (receipt,) = source.push([one := write(issue, Surface.COMMENT, "KR 1")])
        source.read([one.slot])
        site.edit(site.site.issues[issue], comment={"id": receipt.handle, "delete": True})
        if after is None:
            assert source.push([write(issue, Surface.COMMENT, None)])[0].value is None
        else:
            with pytest.raises(Rejected, match="SHOP-1 was changed just before it was written") as caught:
                source.push([write(issue, Surface.COMMENT, after)])
            assert caught.value.status == 409, "the issue is there"
        assert not site.site.comments_of(site.site.issues[issue])


def twins(site: JiraHarness, issue: str, count: int) -> list[Any]:
    """So many comments of ours, as processes leave them that posted at once."""
    one = write(issue, Surface.COMMENT, "KR 1")
    for source in [site.connect() for _ in range(count)]:
        source._sink._comments._seen.note({(issue, "acme"): []}, monotonic())
        source.push([one])
        site.advance(timedelta(minutes=1))
    comments: list[Any] = site.site.comments_of(site.site.issues[issue])
    assert len(comments) == count
    return comments


@EDITIONS
def test_twins_become_one_but_none_in_which_a_person_wrote(site: JiraHarness) -> None:
    (issue,) = site.seed(1)
    _, theirs, _ = twins(site, issue, 3)
    edit = _edits(site.site.datacenter)["bold"]
    body = edit.replace("Hi", "I") if isinstance(edit, str) else edit
    site.edit(site.site.issues[issue], comment={"id": theirs["id"], "body": body})
    source = site.connect()
    (receipt,) = source.push([write(issue, Surface.COMMENT, "KR 2")])
    left = site.site.comments_of(site.site.issues[issue])
    assert [one["id"] for one in left] == [receipt.handle, theirs["id"]]
    (receipt,) = source.push([gone := write(issue, Surface.COMMENT, None)])
    assert [one["id"] for one in site.site.comments_of(site.site.issues[issue])] == [theirs["id"]]
    assert receipt.value == stands(source, gone.slot), "the receipt tells what stands"


@EDITIONS
def test_a_push_takes_away_no_more_than_an_issue_allows_and_says_what_stands(site: JiraHarness) -> None:
    (issue,) = site.seed(1)
    twins(site, issue, 13)
    source = site.connect()
    for left, value in ((2, "KR 1"), (0, None)):
        (receipt,) = source.push([gone := write(issue, Surface.COMMENT, None)])
        assert receipt.value == stands(source, gone.slot) == value
        assert len(site.site.comments_of(site.site.issues[issue])) == left
        site.advance(timedelta(minutes=1))


@EDITIONS
def test_one_too_many_that_cannot_be_deleted_keeps_nothing_from_being_written(site: JiraHarness) -> None:
    (issue,) = site.seed(1)
    _, spare = twins(site, issue, 2)
    site.sandbox.fault("answer", method="DELETE", path=f".*/comment/{spare['id']}", status=403, body="{}", times=None)
    source = site.connect()
    for value in ("KR 2", None):
        (receipt,) = source.push([one := write(issue, Surface.COMMENT, value)])
        assert receipt.value == stands(source, one.slot) == (value or "KR 1"), "the receipt tells what stands"


@DATACENTER
def test_a_person_who_copies_ours_in_wiki_text_stays_the_author(site: JiraHarness) -> None:
    (issue,) = site.seed(1)
    source = site.connect()
    source.push([one := write(issue, Surface.COMMENT, "KR 1")])
    (ours,) = site.site.comments_of(site.site.issues[issue])
    site.edit(site.site.issues[issue], comment=ours["wiki"])
    for after in ("KR 2", None):
        source.push([write(issue, Surface.COMMENT, after)])
        assert stands(site.connect(), one.slot) == after
    (theirs,) = site.site.comments_of(site.site.issues[issue])
    assert theirs["id"] != ours["id"]


@EDITIONS
def test_a_comment_that_was_deleted_is_none(site: JiraHarness) -> None:
    (issue,) = site.seed(1)
    source = site.connect()
    one = write(issue, Surface.COMMENT, "KR 1")
    (receipt,) = source.push([one])
    site.edit(site.site.issues[issue], comment={"id": receipt.handle, "delete": True})
    assert stands(source, one.slot) is None


@EDITIONS
def test_among_many_comments_ours_is_found(site: JiraHarness) -> None:
    """An issue shows no more than some of its comments with its fields: then its own list is asked."""
    (issue,) = site.seed(1)
    held = site.site.issues[issue]
    for number in range(130):
        site.edit(held, comment=f"comment {number}")
    source = site.connect()
    one = write(issue, Surface.COMMENT, "KR 1")
    (receipt,) = source.push([one])
    assert stands(source, one.slot) == "KR 1"
    assert source.push([write(issue, Surface.COMMENT, "KR 2")])[0].handle == receipt.handle
    assert len(site.site.comments_of(held)) == 131


@EDITIONS
def test_a_comment_that_shows_late_comes_once(site: JiraHarness) -> None:
    """The answer is lost and the comment not there yet: whoever waits finds it, by the issue's own comments."""
    (issue,) = site.seed(1)
    source = site.connect()
    one = write(issue, Surface.COMMENT, "KR 1")
    site.sandbox.fault("late", method="POST", path=".*/comment", seconds=0.1)
    source.push([one])
    assert stands(source, one.slot) is None
    site.advance(timedelta(seconds=5))
    assert stands(source, one.slot) == "KR 1"
    source.push([one])
    assert len(site.site.comments_of(site.site.issues[issue])) == 1


@EDITIONS
def test_after_a_lost_answer_nothing_is_remembered(site: JiraHarness) -> None:
    (issue,) = site.seed(1)
    source = site.connect()
    writes = everything(issue)
    source.read([one.slot for one in writes])
    site.sandbox.fault("reset", after=True, method="POST", path=".*/comment")
    with pytest.raises(Unavailable) as lost:
        source.push(writes)
    assert lost.value.sent
    source.push(writes)
    assert source.read([one.slot for one in writes]) == {one.slot: one.after for one in writes}
    assert len(site.site.comments_of(site.site.issues[issue])) == 1
