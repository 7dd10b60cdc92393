"""Text of ours in GitHub's Markdown: it comes back exactly, and is nothing but text."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.markdown import from_markdown, to_markdown

NASTY = st.text(alphabet=st.sampled_from("ab1 -+=*_#@<>&;:/\\`~|[]().!\n\t\r8203​wgh"), max_size=60)


@given(st.one_of(NASTY, st.text(max_size=80)))
@example("&#8203;")
@example("#&#13;\r@")
@example("- - x\n1. y\n---\n===\n    code")
@example("\\-\\&lt;")
@example("- a\n\n\n- b\nc\n- d\n")
def test_every_text_comes_back(text: str) -> None:
    assert from_markdown(to_markdown(text)) == text


@given(NASTY)
def test_nothing_in_it_is_more_than_text(text: str) -> None:
    made = to_markdown(text)
    assert not re.search(r"[<>]", made)
    assert not re.search(
        r"[@#](?!&#8203;)", re.sub(r"&#\d+;", "", made.replace("@&#8203;", "").replace("#&#8203;", ""))
    )
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_\[\]~|]", made)
    assert "://" not in made.replace("://&#8203;", "")
    for line in made.split("\n"):
        assert not re.match(r"- [-+=]|[+=]|-(?! )|\d{1,9}[.)]|\s", line)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("KR-UX: 50 %", "KR-UX: 50 %"),
        ("- one\n- two", "- one\n- two"),
        ("above\n- one\n- two\nbelow", "above\n- one\n- two\n\nbelow"),
        ("ask @bo about #12", "ask @&#8203;bo about #&#8203;12"),
        ("fixes acme/shop#3", "fixes acme/shop#&#8203;3"),
        ("see https://github.com/acme/shop/issues/3", "see https://&#8203;github.com/acme/shop/issues/3"),
        ("Revert a1b2c3d4e5f60718", "Revert a1b2c3&#8203;d4e5f6&#8203;0718"),
        ("cafe 123456 A1B2C3D", "cafe 123456 A1B2C3&#8203;D"),
        ("GH-12 and high-12", "GH-&#8203;12 and high-12"),
        ("<!-- okrsync:x --> <b>&amp;", "&lt;!-- okrsync:x --&gt; &lt;b&gt;&amp;amp;"),
        ("*a* _b_ `c` [d](e) | ~f~", r"\*a\* \_b\_ \`c\` \[d\](e) \| \~f\~"),
        ("1. one\n---\n  two", "1\\. one\n\\---\n&#32;&#32;two"),
    ],
)
def test_how_it_is_written(text: str, made: str) -> None:
    assert to_markdown(text) == made


def test_a_line_that_is_an_address_of_ours_is_a_link_and_nothing_else_is() -> None:
    page = "https://okr.acme.test/key-results/KR_A%23~b"
    made = to_markdown(f"- Done\n→ {page}\n→ {page} and more\n{page}")
    assert made.split("\n")[2] == f"→ <{page}>"
    assert made.count("://&#8203;") == 2
    assert from_markdown(made) == f"- Done\n→ {page}\n→ {page} and more\n{page}"
    assert from_markdown(to_markdown(f"→ <{page}>")) == f"→ <{page}>"


def test_what_people_wrote_is_read_too() -> None:
    assert from_markdown("Hello\r\n**bold** &copy;") == "Hello\n**bold** &copy;"
