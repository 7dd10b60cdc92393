"""Which issues a text closes, as GitHub reads it: a keyword before each one, outside code, quotes and comments."""

from __future__ import annotations

import re

from okrsync.sandbox.github.values import Ref

_UNREAD = re.compile(
    r"<!--.*?(?:-->|\Z)"  # comments
    r"|^[ ]{0,3}(`{3,}|~{3,}).*?(?:^[ ]{0,3}\1|\Z)"  # fenced code
    r"|(`+)(?!`).+?(?<!`)\2(?!`)"  # inline code
    r"|^[ ]{0,3}>.*?$",  # quotes
    re.DOTALL | re.MULTILINE,
)
_CLOSES = re.compile(
    r"(?<![\w-])(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+"
    r"(?:https?://github\.com/(?P<owner>[\w.-]+/[\w.-]+)/issues/(?P<at>\d+)"
    r"|(?P<repository>[\w.-]+/[\w.-]+)?(?:#|\bGH-)(?P<number>\d+))(?![\w/])",
    re.IGNORECASE,
)


def closed_by(text: str, here: str) -> list[Ref]:
    """The issues that this text closes, each once, in its order; a bare ``#12`` is one of the repository ``here``."""
    read = _UNREAD.sub(" ", text)
    found = (
        Ref(match["owner"] or match["repository"] or here, int(match["at"] or match["number"]))
        for match in _CLOSES.finditer(read)
    )
    return list(dict.fromkeys(found))
