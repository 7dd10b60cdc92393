"""What of a text is read: not its code, its quotes and its comments."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Generator, Iterator

HIDDEN = "\x00"
"""Stands for whatever is not read; a NUL cannot come from a tool, for texts are cleaned at the door."""

_MARKS = ("`", "~~~", "<!--", ">")
_SUSPECT = re.compile(r"`|~~~|<!--|^[ \t]*>", re.M)
_FENCE = re.compile(r"[ \t]*(?:(`{3,})[^`]*|(~{3,}).*)", re.S)
_RUN = re.compile(r"`+")
_MARK = re.compile(r"`+|<!--")
_CLOSE = "-->"


def legible(text: str) -> str:
    """The text without code fences, inline code, quotes and HTML comments, each hidden part as one :data:`HIDDEN`.

    As GitHub renders Markdown, with these differences: a quote ends with its last line that begins with ``>``; code
    that is marked by nothing but four spaces is read, for squash merges indent the messages that they gather; and a
    comment that never ends hides the rest only where it begins a line. Commit messages are read alike: they are no
    Markdown, but people write the same marks. Linear in the length of the text.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    suspect = any(mark in text for mark in _MARKS) and _SUSPECT.search(text)
    return "".join(_pieces(text)) if suspect else text


def _pieces(text: str) -> Iterator[str]:
    last_close = text.rfind(_CLOSE)
    start = 0  # of what is neither given nor hidden yet
    fence = ""
    for begin, end in _lines(text):
        if end <= start:
            continue  # inside a comment
        line = text[begin:end]
        if fence:
            fence = "" if _closes(line, fence) else fence
            start = end
            continue
        whole = begin >= start
        opening = _FENCE.fullmatch(line.rstrip("\n")) if whole else None
        quoted = whole and line.lstrip(" \t").startswith(">")
        if not (opening or quoted or line.isspace()):
            continue  # one more line of a paragraph
        start = yield from _paragraph(text, start, begin, last_close)
        if start <= begin:
            fence = (opening[1] or opening[2]) if opening else ""
            yield f"{HIDDEN}\n" if opening or quoted else line
            start = end
    yield from _paragraph(text, start, len(text), last_close)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    while begin < len(text):
        end = text.find("\n", begin) + 1 or len(text)
        yield begin, end
        begin = end


def _closes(line: str, fence: str) -> bool:
    bare = line.strip()
    return len(bare) >= len(fence) and bare == fence[0] * len(bare)


def _paragraph(text: str, start: int, end: int, last_close: int) -> Generator[str, None, int]:
    """Give ``text[start:end]`` without its code and comments; answers where the text goes on after the last one."""
    runs: dict[int, list[int]] = defaultdict(list)  # length of a run of backticks → where such runs stand
    for run in _RUN.finditer(text, start, end):
        runs[len(run[0])].append(run.start())
    for mark in _MARK.finditer(text, start, end):
        begin, found = mark.start(), mark[0]
        if begin < start:
            continue  # hidden already
        if found[0] == "`":
            twins = runs[len(found)]
            twin = bisect_right(twins, begin)
            stop = twins[twin] + len(found) if twin < len(twins) else 0
        elif begin + 2 <= last_close:
            stop = text.index(_CLOSE, begin + 2) + len(_CLOSE)
        else:
            stop = len(text) if _leads(text, begin) else 0
        if stop:
            yield text[start:begin] + HIDDEN
            start = stop
    if start < end:
        yield text[start:end]
    return max(start, end)


def _leads(text: str, at: int) -> bool:
    """Nothing but up to three spaces stands before ``at`` in its line."""
    _, newline, lead = text[max(at - 4, 0) : at].rpartition("\n")
    return (bool(newline) or at < 4) and not lead.strip(" ")
