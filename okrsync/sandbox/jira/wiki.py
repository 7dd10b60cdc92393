"""Jira's older texts: an Atlassian document as wiki markup, which is what version 2 of the interface speaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

_MARKS = {"strong": "*", "em": "_", "code": "{{", "strike": "-", "underline": "+"}
_CLOSING = {"{{": "}}"}


def wiki(document: Mapping[str, Any]) -> str:
    """The document as wiki markup; blocks are parted by an empty line. What has no markup is left as its text."""
    return "\n\n".join(_block(block) for block in _content(document))


def _content(node: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = node.get("content") or ()
    return found


def _block(node: Mapping[str, Any], bullets: str = "") -> str:
    make = _BLOCKS.get(str(node.get("type")))
    if make is not None:
        return make(node, bullets)
    return "".join(_inline(child) for child in _content(node))


def _heading(node: Mapping[str, Any], _: str) -> str:
    return f"h{node.get('attrs', {}).get('level', 1)}. " + "".join(_inline(child) for child in _content(node))


def _list(mark: str) -> Callable[[Mapping[str, Any], str], str]:
    def listed(node: Mapping[str, Any], bullets: str) -> str:
        depth = bullets + mark
        return "\n".join(_entry(entry, depth) for entry in _content(node))

    return listed


def _entry(entry: Mapping[str, Any], bullets: str) -> str:
    found = []
    for block in _content(entry):
        nested = block.get("type") in ("bulletList", "orderedList")
        found.append(_block(block, bullets) if nested else f"{bullets} {_block(block)}")
    return "\n".join(found)


def _fenced(name: str) -> Callable[[Mapping[str, Any], str], str]:
    def fenced(node: Mapping[str, Any], _: str) -> str:
        inside = (
            "".join(_inline(child) for child in _content(node))
            if name == "code"
            else "\n\n".join(_block(child) for child in _content(node))
        )
        return f"{{{name}}}\n{inside}\n{{{name}}}"

    return fenced


def _table(node: Mapping[str, Any], _: str) -> str:
    rows = []
    for row in _content(node):
        cells = _content(row)
        bar = "||" if cells and all(cell.get("type") == "tableHeader" for cell in cells) else "|"
        rows.append(bar + bar.join(" ".join(_block(block) for block in _content(cell)) for cell in cells) + bar)
    return "\n".join(rows)


_BLOCKS: dict[str, Callable[[Mapping[str, Any], str], str]] = {
    "heading": _heading,
    "bulletList": _list("*"),
    "orderedList": _list("#"),
    "codeBlock": _fenced("code"),
    "blockquote": _fenced("quote"),
    "panel": _fenced("panel"),
    "rule": lambda *_: "----",
    "table": _table,
}


def _inline(node: Mapping[str, Any]) -> str:
    attributes = node.get("attrs") or {}
    match node.get("type"):
        case "text":
            return _marked(str(node.get("text", "")), node.get("marks") or ())
        case "hardBreak":
            return "\n"
        case "mention":
            return f"[~{attributes.get('id', '')}]"
        case "emoji":
            return str(attributes.get("text") or attributes.get("shortName", ""))
        case "inlineCard" | "blockCard":
            return f"[{attributes.get('url', '')}]"
    return "".join(_inline(child) for child in _content(node))


def _marked(text: str, marks: Sequence[Mapping[str, Any]]) -> str:
    for mark in marks:
        if mark.get("type") == "link":
            text = f"[{text}|{mark.get('attrs', {}).get('href', '')}]"
        elif sign := _MARKS.get(str(mark.get("type"))):
            text = f"{sign}{text}{_CLOSING.get(sign, sign)}"
    return text
