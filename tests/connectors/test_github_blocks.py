"""The block of okrsync in the description of a milestone: all around it stays byte for byte."""

from __future__ import annotations

import pytest
from github_world import Connect, block, push
from github_world import stands as read

from connectors.github_marked import block_in, with_block
from okrsync.errors import Rejected
from okrsync.sandbox import Sandbox
from okrsync.sandbox.github.repository import Repository


@pytest.mark.parametrize(
    "words", ["", "Ends\n", "Line one\r\nLine two\r\n", "Ünïcode 🎉  \n\n\n", "<b>x</b> <!-- theirs -->"]
)
def test_all_around_a_block_stays_byte_for_byte(shop: Repository, hub: Sandbox, connect: Connect, words: str) -> None:
    milestone = shop.milestone("Spring", description=words)
    sink = connect()
    for text in ("KR-UX: 50 %\n- one", "Done"):
        assert push(sink, block(shop, milestone.number, text)).value == text
        assert read(sink, block(shop, milestone.number, None).slot) == text
        assert str(milestone.description).startswith(words)
    shop.edit_milestone(milestone.number, description=f"Before\r\n{milestone.description}\r\nbehind")
    assert push(sink, block(shop, milestone.number, "More")).value == "More"
    assert str(milestone.description).endswith("\r\nbehind")
    assert push(sink, block(shop, milestone.number, None)).value is None
    assert milestone.description == f"Before\r\n{words}\r\nbehind"


def test_a_block_that_was_edited_in_a_browser_goes_without_a_trace() -> None:
    made = with_block("Words", "acme", "Text").replace("\n", "\r\n")
    assert with_block(made, "acme", None) == "Words"


def test_the_description_is_read_once_more_just_before(shop: Repository, connect: Connect) -> None:
    milestone = shop.milestone("Spring", description="Words")
    sink = connect()
    wanted = block(shop, milestone.number, "Text")
    sink.read([wanted.slot])
    shop.edit_milestone(milestone.number, description="Other words")
    push(sink, wanted)
    assert str(milestone.description).startswith("Other words\n\n<!-- okrsync:acme -->")


def test_a_block_that_changes_just_before_it_is_written_is_left(shop: Repository, connect: Connect) -> None:
    milestone = shop.milestone("Spring", description="Words")
    sink = connect()
    push(sink, block(shop, milestone.number, "First"))
    ours = str(milestone.description)
    for value in ("Second", None):
        wanted = block(shop, milestone.number, value)
        sink.read([wanted.slot])
        edited = ours.replace("First", "A person knows better")
        shop.edit_milestone(milestone.number, description=edited)
        with pytest.raises(Rejected, match="was changed just before it was written") as caught:
            push(sink, wanted)
        assert caught.value.status == 409
        assert milestone.description == edited
        shop.edit_milestone(milestone.number, description=ours)


@pytest.mark.parametrize("before", ["", "Words", "Words\n\n", "\r\n", "<!-- okrsync -->", "`<!-- okrsync:acm -->`"])
@pytest.mark.parametrize("after", ["", "\n\nbehind", "behind\r\n"])
def test_a_block_leaves_no_trace(before: str, after: str) -> None:
    """Byte for byte; also what people wrote behind it, and the block of another installation."""
    other = with_block(before, "acme-2", "Theirs")
    for stood in (before, other):
        made = with_block(stood, "acme", "Text\n")
        assert (block_in(made, "acme"), block_in(made, "acme-2")) == ("Text\n", block_in(stood, "acme-2"))
        assert with_block(made + after, "acme", None) == stood + after
        assert with_block(made + after, "acme", "Text\n") == made + after
    both = with_block(other, "acme", "Ours")
    assert with_block(with_block(both, "acme-2", None), "acme", None) == before


@pytest.mark.parametrize(
    "damaged",
    [
        "<!-- okrsync:acme -->\nText",
        "Text\n<!-- /okrsync:acme -->",
        "<!-- /okrsync:acme -->\nText\n<!-- okrsync:acme -->",
        "<!-- okrsync:acme -->a<!-- /okrsync:acme --><!-- okrsync:acme -->b<!-- /okrsync:acme -->",
    ],
)
def test_damaged_marks_are_refused_and_nothing_is_written(
    shop: Repository, hub: Sandbox, connect: Connect, damaged: str
) -> None:
    milestone = shop.milestone("Spring", description=damaged)
    sink = connect()
    for value in ("Text", None):
        with pytest.raises(Rejected, match="marks of the block of okrsync in the description are damaged"):
            push(sink, block(shop, milestone.number, value))
    assert isinstance(sink.read([slot := block(shop, milestone.number, None).slot])[slot], Rejected)
    assert hub.unsafe_requests() == []
