"""Wiki text, as Jira Data Center has it in comments, ⇄ plain text. Pure.

Text that okrsync writes makes the round trip exactly. What looks like a mention, a link or a macro stays words: in
wiki text, whatever could be markup is written as an entity (``&#91;``), which every renderer of Jira leaves alone. A
line that is the address of a page of ours is a link.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from okrsync.model import pages

_MARKUP = re.compile(
    r"[\\{}\[\]!|*_~^+?&]"  # macros, links, images, tables, emphasis; entities themselves
    r"|^[^\S\n]|^#|(?<=\bh[1-6])\.|(?<=\bbq)\.|^-(?!\ )"  # lists, headings, rules; blanks may stand before them
    r"|(?<!^)(?<![^\W_])-(?!(?<=\ -)\ )|(?<=[^\W_])-(?![^\W_])"  # struck text, dashes; no hyphen in a word or alone
    r"|:(?=[(DPp])|(?<=[^\w\s]|_)\)|\((?=(?:[ynx/i]|on|off|flag\w*)\))"  # emoticons, and what entities would make one
    r"|(?<=[a-z]):(?=\S)|:(?=//)|(?<=\bwww)\.",  # addresses of any kind
    re.MULTILINE | re.IGNORECASE,
)
_ENTITY = re.compile(r"&#(\d{1,6});")
_LINK = re.compile(rf"^({pages.LINK})\[([^\[\]\s]+)\]$", re.MULTILINE)


def to_wiki(text: str, instance: str) -> str:
    """Wiki text that shows ``text``, lines starting with "- " as bullets; an invisible anchor tells whose it is."""
    body = "\n".join(map(_line, text.split("\n")))
    return f"{body}\n{_anchor(instance)}"


def from_wiki(body: object, instance: str) -> str:
    """The text that :func:`to_wiki` was given, as far as people left it so."""
    if not isinstance(body, str):
        return ""
    own = _trimmed(body)
    anchor = _anchor(instance)
    own = own.removesuffix(f"\n{anchor}") if own.endswith(f"\n{anchor}") else own.replace(anchor, "")
    return _ENTITY.sub(_character, _LINK.sub(r"\1\2", own))


def is_plain(body: object, instance: str) -> bool:
    """Whether a text says what it says as :func:`to_wiki` would: no markup in it was put there by somebody else."""
    return isinstance(body, str) and _trimmed(body) == to_wiki(from_wiki(body, instance), instance)


def is_marked(body: object, instance: str) -> bool:
    """Whether a comment in wiki text bears the anchor of this installation."""
    return isinstance(body, str) and _anchor(instance) in body


def _line(line: str) -> str:
    if page := pages.link(line):
        return f"{pages.LINK}[{page}]"
    return _MARKUP.sub(lambda found: f"&#{ord(found.group())};", line)


def _trimmed(body: str) -> str:
    """The text as it was sent, where a browser made other ends of lines of it, and left blank ones behind it."""
    return body.replace("\r\n", "\n").rstrip()


def _anchor(instance: str) -> str:
    return f"{{anchor:okrsync-{quote(instance, safe='')}}}"


def _character(entity: re.Match[str]) -> str:
    code = int(entity.group(1))
    return chr(code) if code < 0x110000 else entity.group()
