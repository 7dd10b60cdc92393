"""Plain text ⇄ GitHub's Markdown.

Text that okrsync writes makes the round trip exactly: ``from_markdown(to_markdown(text)) == text``. It shows as what it
is, and nothing in it becomes a mention, a reference to an issue or a commit, a link, HTML, an emoji, a formula or
formatting; lines that start with "- " are bullets, and a line that is the address of a page of ours is a link. Below
bullets an empty line sets the text apart, which else would be shown as part of the last one.
"""

from __future__ import annotations

import html
import re
from itertools import pairwise

from okrsync.model import pages

BULLET = "- "
_APART = re.compile(r"^(- .*)\n$\n?", re.MULTILINE)  # the empty line below a bullet
_BREAK = "&#8203;"  # zero width: between "@" and a name GitHub sees no mention, in ":tada:" no emoji
_SPECIAL = re.compile(r"[\\`*_\[\]~|$]")
_ESCAPED = re.compile(r"\\([\\`*_\[\]~|$+=.)-])")
_STRUCTURE = re.compile(r"(\d{0,9})([+=.)-])")  # at the start of a line: a list, a heading's underline, a rule
_LIVE = re.compile(r"(@|#|://|(?i:www\.|\bgh-|:(?=(?:[\w+-]*[a-z][\w+-]*|100|1234|[+-]1):)))")
_COMMIT = re.compile(r"(?<![^\W_])[0-9a-fA-F]{7,40}(?![^\W_])")  # what may be a sha, or begin one
_ENTITY = re.compile(r"&(?:amp|lt|gt|#9|#13|#32);")
_LINK = re.compile(rf"^({pages.LINK})<([^<>\s]+)>$", re.MULTILINE)


def to_markdown(text: str) -> str:
    """The Markdown that shows ``text`` as it is."""
    lines = text.split("\n")
    apart = [bullet.startswith(BULLET) and not below.startswith(BULLET) for bullet, below in pairwise(lines)]
    return "\n".join(
        f"{_line(line)}\n" if ends else _line(line) for line, ends in zip(lines, [*apart, False], strict=True)
    )


def from_markdown(text: str) -> str:
    """The text of what :func:`to_markdown` made; of anything else, something near it."""
    joined = _LINK.sub(r"\1\2", _APART.sub(r"\1\n", text.replace("\r\n", "\n")))
    plain = _ESCAPED.sub(r"\1", joined.replace(_BREAK, ""))
    return _ENTITY.sub(lambda found: html.unescape(found[0]), plain)


def _line(line: str) -> str:
    if page := pages.link(line):
        return f"{pages.LINK}<{page}>"
    bullet = BULLET if line.startswith(BULLET) else ""
    line = line[len(bullet) :]
    start = len(line) - len(line.lstrip(" \t"))
    return bullet + "".join(map(_blank, line[:start])) + _words(line[start:])


def _blank(character: str) -> str:
    return "&#32;" if character == " " else "&#9;"


def _words(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _SPECIAL.sub(r"\\\g<0>", text)
    if found := _STRUCTURE.match(text):
        text = f"{found[1]}\\{text[found.start(2) :]}"
    text = _LIVE.sub(rf"\1{_BREAK}", text).replace("\r", "&#13;")
    return _COMMIT.sub(lambda found: re.sub(r".{6}(?=.)", rf"\g<0>{_BREAK}", found[0]), text)
