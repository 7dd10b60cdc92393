"""Texts as people see them in GitHub, and what comes of them: who is notified, what is linked, what is formatted.

Comments and the descriptions of milestones are Markdown; GitHub looks for mentions and references in what that shows,
so that a backslash before them changes nothing. Descriptions of commit statuses and of labels are plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from okrsync.sandbox.github.state import State

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_URL = re.compile(r"(?i)(?:\bhttps?://|\bftp://|(?<![\w.])www\.)\w[^\s<]*|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_MENTION = re.compile(r"(?<![\w`/])@([a-zA-Z\d](?:-?[a-zA-Z\d]){0,38}(?:/[\w-]+)?)")
_REFERENCE = re.compile(r"(?i)(?<![\w&/.-])(?:[\w.-]+/[\w.-]+|[\w-]+)?#\d+\b|\bGH-\d+\b")
_COMMIT = re.compile(r"(?<![^\W_])[0-9a-f]{7,40}(?![^\W_])")  # whether there is one that begins so or not
_CLOSES = re.compile(r"(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+$")
_EMOJI = re.compile(r":(?:[\w+-]*[a-z][\w+-]*|100|1234|[+-]1):")
_MATH = re.compile(r"(?<!\\)\$[^\s$](?:[^$\n]*[^\s$\\])?\$(?!\d)")
_HIDDEN = re.compile(r"<!--(.*?)-->", re.DOTALL)
_TAG = re.compile(r"</?([a-zA-Z][\w-]*)")
_PLAIN = frozenset({"paragraph", "text", "softbreak", "hardbreak", "inline", "bullet_list", "list_item"})


@dataclass(slots=True)
class Shown:
    """One text as it shows. ``hidden`` are the HTML comments in it; ``formatting`` is what is more than plain lines and
    bullets: "em", "heading", "code_inline", "math" …"""

    where: str  # "comment", "milestone", "status", "label"
    of: str  # the number of an issue or milestone, a sha, the name of a label
    text: str = ""
    mentions: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    closes: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    formatting: list[str] = field(default_factory=list)


def texts(state: State) -> list[dict[str, Any]]:
    """Every comment, description of a milestone, of a commit status and of a label of a repository."""
    found = [
        markdown(comment.body, "comment", str(issue.number))
        for issue in state.issues.values()
        for comment in issue.comments
    ]
    found += [markdown(one.description or "", "milestone", str(one.number)) for one in state.milestones.values()]
    found += [Shown("status", sha, status.description or "") for sha, some in state.statuses.items() for status in some]
    found += [Shown("label", one.name, one.description or "") for one in state.labels.values()]
    return [asdict(one) for one in found]


def markdown(body: str, where: str, of: str) -> Shown:
    """A Markdown text as it shows."""
    made = Shown(where, of)
    lines: list[str] = []
    for token in _parser().parse(body):
        if token.type == "inline":
            lines.append("".join(_inline(token.children or [], made)))
            made.formatting += ["math"] * bool(_MATH.search(token.content))
        elif token.type == "html_block":
            _html(token.content, made)
        else:
            if token.type in ("fence", "code_block"):
                lines.append(token.content)
            _formatted(token, made)
    made.text = "\n".join(lines)
    return made


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # when somebody looks

    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def _inline(tokens: Sequence[Token], made: Shown) -> Iterator[str]:
    """The words of one line of text after another, and what comes of them."""
    for token in tokens:
        if token.type == "text":
            _words(token.content, made)
            yield token.content
        elif token.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif token.type == "html_inline":
            _html(token.content, made)
        elif token.type == "link_open":
            made.links.append(str(token.attrs.get("href")))
        elif token.type == "image":
            made.images.append(str(token.attrs.get("src")))
        elif token.content:
            yield token.content
        _formatted(token, made)


def _formatted(token: Token, made: Shown) -> None:
    name = token.type.removesuffix("_open").removesuffix("_close")
    if name not in _PLAIN | {"html_inline", "html_block", "link", "image"} and name not in made.formatting:
        made.formatting.append(name)


def _html(source: str, made: Shown) -> None:
    made.hidden += [one.strip() for one in _HIDDEN.findall(source)]
    made.html += _TAG.findall(_HIDDEN.sub("", source))


def _words(text: str, made: Shown) -> None:
    """What GitHub makes of the words between formatting."""
    made.links += _URL.findall(text)
    left = _URL.sub(" ", text)
    made.mentions += _MENTION.findall(left)
    made.references += _COMMIT.findall(left)
    for found in _REFERENCE.finditer(left):
        made.references.append(found[0])
        if _CLOSES.search(left[: found.start()]):
            made.closes.append(found[0])
    made.formatting += ["emoji"] * bool(_EMOJI.search(left))
