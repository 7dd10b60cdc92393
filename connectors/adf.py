"""Atlassian Document Format ⇄ plain text.

Text that okrsync writes makes the round trip exactly: ``from_adf(to_adf(text)) == text``. It is written as text nodes
only, so that a title that looks like a mention, a link or a macro stays what it is; a line that is the address of a
page of ours is a link. Text that people wrote comes back reasonably faithful: lines, bullets, code fences, quotes and
the addresses behind links are kept.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from okrsync.model import pages

Adf = dict[str, Any]

_DEPTH = 64  # nested blocks beyond this are left out: nobody wrote them by hand
_ATTRIBUTES = {
    "mention": ("text",),
    "emoji": ("text", "shortName"),
    "status": ("text",),
    "inlineCard": ("url",),
    "blockCard": ("url",),
    "embedCard": ("url",),
}


def to_adf(text: str) -> Adf:
    """The document of ``text``: one paragraph a line, and a bullet list of the lines that start with "- "."""
    content: list[Adf] = []
    for bullets, lines in groupby(text.split("\n"), key=lambda line: line.startswith("- ")):
        if bullets:
            items = [{"type": "listItem", "content": [_paragraph(line[2:])]} for line in lines]
            content.append({"type": "bulletList", "content": items})
        else:
            content += [_paragraph(line) for line in lines]
    return {"type": "doc", "version": 1, "content": content}


def _paragraph(text: str) -> Adf:
    content: list[Adf] = [{"type": "text", "text": text}] if text else []
    if page := pages.link(text):
        leads = {"type": "link", "attrs": {"href": page}}
        content = [{"type": "text", "text": pages.LINK}, {"type": "text", "text": page, "marks": [leads]}]
    return {"type": "paragraph", "content": content}


def is_plain(document: object) -> bool:
    """Whether a document says what it says as :func:`to_adf` would, apart from what Jira adds and drops by itself: ids
    of nodes, members that hold nothing, borders between texts, empty paragraphs at the end."""
    return _bare(document, 0) == _bare(to_adf(from_adf(document)), 0)


def _bare(node: object, depth: int) -> object:
    """A node without what Jira adds and drops by itself."""
    if not isinstance(node, dict) or depth > _DEPTH:
        return None
    content: list[Any] = []
    for child in _content(node):
        bare = _bare(child, depth + 1)
        last = content[-1] if content else None
        if (
            isinstance(bare, dict)
            and isinstance(last, dict)
            and "text" in bare
            and {**bare, "text": ""} == {**last, "text": ""}
        ):
            last["text"] += bare["text"]
        else:
            content.append(bare)
    while node.get("type") == "doc" and content and content[-1] == {"type": "paragraph"}:
        content.pop()
    attributes = node.get("attrs")
    kept = (
        {name: value for name, value in attributes.items() if name != "localId"} if isinstance(attributes, dict) else {}
    )
    text = node.get("text")
    members = {"attrs": kept, "marks": node.get("marks"), "content": content}
    found = {"type": node.get("type")} | {name: held for name, held in members.items() if held}
    return found | {"text": text} if isinstance(text, str) else found


def from_adf(document: object) -> str:
    """The text of a document; of a plain string, itself; of anything else, "". Never fails."""
    if isinstance(document, str):
        return document
    return "\n".join(_lines(document, 0)) if isinstance(document, dict) else ""


def _lines(node: Adf, depth: int) -> list[str]:
    """The lines of a block."""
    if depth > _DEPTH:
        return []
    match node.get("type"):
        case "doc":
            return [line for child in _content(node) for line in _lines(child, depth + 1)]
        case "paragraph" | "heading" | "decisionItem" | "taskItem" | "caption":
            return _inline(node).split("\n")
        case "bulletList" | "taskList" | "decisionList":
            return [line for item in _content(node) for line in _indent(_lines(item, depth + 1), "- ")]
        case "orderedList":
            numbered = enumerate(_content(node), 1)
            return [line for n, item in numbered for line in _indent(_lines(item, depth + 1), f"{n}. ")]
        case "codeBlock":
            return ["```", *_inline(node).split("\n"), "```"]
        case "blockquote":
            return [f"> {line}" for child in _content(node) for line in _lines(child, depth + 1)]
        case "tableRow":
            return [" | ".join(" ".join(_lines(cell, depth + 1)) for cell in _content(node))]
        case "rule":
            return ["---"]
        case "text" | "hardBreak" | "date" | "mention" | "emoji" | "status" | "inlineCard" | "blockCard" | "embedCard":
            return _piece(node).split("\n")
    return [line for child in _content(node) for line in _lines(child, depth + 1)]


def _indent(lines: list[str], mark: str) -> list[str]:
    return [(mark if n == 0 else " " * len(mark)) + line for n, line in enumerate(lines or [""])]


def _content(node: Adf) -> list[Adf]:
    content = node.get("content")
    return [child for child in content if isinstance(child, dict)] if isinstance(content, list) else []


def _inline(node: Adf) -> str:
    return "".join(map(_piece, _content(node)))


def _piece(node: Adf) -> str:
    kind = node.get("type")
    if kind == "text":
        return _marked(node)
    if kind == "hardBreak":
        return "\n"
    attributes = node.get("attrs")
    if not isinstance(attributes, dict):
        return ""
    if kind == "date":
        return _date(attributes.get("timestamp"))
    values = (attributes.get(name) for name in _ATTRIBUTES.get(str(kind), ()))
    return next((value for value in values if isinstance(value, str) and value), "")


def _marked(node: Adf) -> str:
    text = node.get("text")
    if not isinstance(text, str):
        return ""
    marks = node.get("marks")
    if not marks or not isinstance(marks, list):
        return text
    for mark in marks:
        if not isinstance(mark, dict):
            continue
        if mark.get("type") == "code":
            text = f"`{text}`"
        attributes = mark.get("attrs")
        address = attributes.get("href") if mark.get("type") == "link" and isinstance(attributes, dict) else None
        if isinstance(address, str) and address != text:
            text = f"{text} ({address})"
    return text


def _date(milliseconds: object) -> str:
    try:
        return datetime.fromtimestamp(int(str(milliseconds)) / 1000, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""
