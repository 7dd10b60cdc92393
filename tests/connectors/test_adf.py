"""Rich text: ours makes the round trip exactly, theirs comes back readable, and nothing fails."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.adf import from_adf, is_plain, to_adf
from okrsync.sandbox.jira.adf import kept

LINES = st.lists(
    st.one_of(st.text(st.characters(exclude_characters="\n")), st.just("- "), st.just("- item"), st.just(""))
)


@given(LINES)
def test_our_text_makes_the_round_trip(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert from_adf(to_adf(text)) == text


@given(LINES)
def test_what_jira_stores_of_our_text_is_our_text(lines: list[str]) -> None:
    """Ids, merged texts and lost empty paragraphs are no edit; empty lines at the end are the one thing that goes."""
    text = "\n".join(lines).rstrip("\n")
    stored = kept(to_adf(text))
    assert is_plain(stored)
    assert from_adf(stored) == text


@given(LINES, st.sampled_from(["strong", "code", "link"]), st.data())
def test_no_mark_goes_unseen(lines: list[str], mark: str, data: st.DataObject) -> None:
    document = kept(to_adf("\n".join(lines)))

    def texts(node: Any) -> list[Any]:
        inside = [one for child in node.get("content", []) for one in texts(child)]
        return [node] if node["type"] == "text" else inside

    if found := texts(document):
        data.draw(st.sampled_from(found))["marks"] = [{"type": mark, "attrs": {"href": "https://x.test"}}]
        assert not is_plain(document)


def test_our_text_is_inert_text_nodes() -> None:
    document = to_adf("KR: 50 %\n- [~admin] @bo {panel} *b*\n- two\n\nfooter")
    assert [block["type"] for block in document["content"]] == ["paragraph", "bulletList", "paragraph", "paragraph"]

    def kinds(node: Any) -> set[str]:
        return {node["type"]}.union(*map(kinds, node.get("content", [])))

    assert kinds(document) == {"doc", "paragraph", "bulletList", "listItem", "text"}
    assert document["version"] == 1


def test_a_line_that_is_an_address_of_ours_is_a_link_and_nothing_else_is() -> None:
    page = "https://okr.acme.test/key-results/KR_A%23~b"
    text = f"- Done\n→ {page}\n→ {page} and more\n{page}"
    document = to_adf(text)
    leads = [node["marks"] for one in document["content"] for node in one["content"] if "marks" in node]
    assert leads == [[{"type": "link", "attrs": {"href": page}}]]
    assert is_plain(kept(document))
    assert from_adf(kept(document)) == text


def block(kind: str, *content: Any, **attributes: Any) -> dict[str, Any]:
    return {"type": kind, "content": list(content), **({"attrs": attributes} if attributes else {})}


def text(words: str, *marks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": words, **({"marks": list(marks)} if marks else {})}


def test_what_people_write_stays_readable() -> None:
    document = block(
        "doc",
        block("heading", text("Goal"), level=1),
        block("paragraph", text("see "), text("here", {"type": "link", "attrs": {"href": "https://x.test/KR-1"}})),
        block("paragraph", text("a"), {"type": "hardBreak"}, text("b", {"type": "code"})),
        block(
            "paragraph",
            {"type": "mention", "attrs": {"text": "@Bo"}},
            text(" on "),
            {"type": "date", "attrs": {"timestamp": "1767225600000"}},
        ),
        block("paragraph", {"type": "inlineCard", "attrs": {"url": "https://acme.test/browse/SHOP-1"}}),
        block("codeBlock", text("KR-9\nKR-8"), language="sh"),
        block("blockquote", block("paragraph", text("quoted"))),
        block(
            "orderedList",
            block(
                "listItem",
                block("paragraph", text("one")),
                block("bulletList", block("listItem", block("paragraph", text("in")))),
            ),
        ),
        block("panel", block("paragraph", text("note"))),
        block(
            "table",
            block(
                "tableRow",
                block("tableCell", block("paragraph", text("x"))),
                block("tableCell", block("paragraph", text("y"))),
            ),
        ),
        {"type": "rule"},
        {"type": "mediaSingle", "content": [{"type": "media", "attrs": {"id": "1"}}]},
    )
    assert from_adf(document).split("\n") == [
        "Goal",
        "see here (https://x.test/KR-1)",
        "a",
        "`b`",
        "@Bo on 2026-01-01",
        "https://acme.test/browse/SHOP-1",
        "```",
        "KR-9",
        "KR-8",
        "```",
        "> quoted",
        "1. one",
        "   - in",
        "note",
        "x | y",
        "---",
    ]


@pytest.mark.parametrize("nothing", [None, 7, [], {}, {"type": "doc"}, {"type": "doc", "content": [None, 7, {}]}])
def test_nothing_is_no_text(nothing: Any) -> None:
    assert from_adf(nothing) == ""


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.fixed_dictionaries(
                {},
                optional={
                    "type": st.sampled_from(
                        ["doc", "text", "paragraph", "bulletList", "date", "mention", "tableRow", "x"]
                    ),
                    "content": inner,
                    "text": inner,
                    "attrs": inner,
                    "marks": inner,
                },
            )
        ),
        max_leaves=20,
    )
)
def test_nothing_fails(document: Any) -> None:
    assert isinstance(from_adf(document), str)


def test_a_bottomless_document_ends() -> None:
    document: dict[str, Any] = block("paragraph", text("deep"))
    for _ in range(5000):
        document = {"type": "panel", "content": [document]}
    assert from_adf(document) == ""
