"""Plain text ⇄ GitHub's Markdown.

Text that okrsync writes makes the round trip exactly: ``from_markdown(to_markdown(text)) == text``. It shows as what it
is, and nothing in it becomes a mention, a reference to an issue, a link, HTML or formatting; lines that start with "- "
are bullets.
"""

from __future__ import annotations

import html
import re

_BREAK = "&#8203;"  # zero width: between "@" and a name, GitHub sees no mention
_SPECIAL = re.compile(r"[\\`*_\[\]~|]")
_ESCAPED = re.compile(r"\\([\\`*_\[\]~|+=.)-])")
_STRUCTURE = re.compile(r"(\d{0,9})([+=.)-])")  # at the start of a line: a list, a heading's underline, a rule
_MENTION = re.compile(r"(@|#|://|(?i:www\.|\bgh-))")
_ENTITY = re.compile(r"&(?:amp|lt|gt|#9|#13|#32);")


def to_markdown(text: str) -> str:
    """The Markdown that shows ``text`` as it is."""
    return "\n".join(map(_line, text.split("\n")))


def from_markdown(text: str) -> str:
    """The text of what :func:`to_markdown` made; of anything else, something near it."""
    plain = _ESCAPED.sub(r"\1", text.replace("\r\n", "\n").replace(_BREAK, ""))
    return _ENTITY.sub(lambda found: html.unescape(found[0]), plain)


def _line(line: str) -> str:
    bullet = "- " if line.startswith("- ") else ""
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
    return _MENTION.sub(rf"\1{_BREAK}", text).replace("\r", "&#13;")
