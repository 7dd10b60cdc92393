"""Text that people read in Asana ⇄ what is sent there. Pure.

okrsync sends plain text, never ``html_text``: nothing in it is markup, and there is nothing to escape. What Asana makes
of plain text by itself are links, and of addresses of its own objects mentions; so an invisible joint keeps addresses
apart, but for a line that is the address of a page of ours. Text that okrsync writes makes the round trip exactly:
``from_asana(to_asana(text)) == text``.
"""

from __future__ import annotations

import re

from okrsync.model import pages

_JOINT = "\u2060"  # word joiner: no width, no break
_LINK = re.compile(rf"@|(?i:\b(?:www|asana))(?={_JOINT}*\.)|(?i:\bmailto)(?={_JOINT}*:)|:(?={_JOINT}*//)")
_KEPT = re.compile(rf"(@|(?i:\b(?:www|asana))(?={_JOINT}+\.)|(?i:\bmailto)(?={_JOINT}+:)|:(?={_JOINT}+//)){_JOINT}")


def to_asana(text: str) -> str:
    """The text in which nothing becomes a link or a mention."""
    return "\n".join(line if pages.link(line) else _LINK.sub(rf"\g<0>{_JOINT}", line) for line in text.split("\n"))


def from_asana(text: str) -> str:
    """The text that :func:`to_asana` was given, as far as people left it so."""
    return _KEPT.sub(r"\1", text)


def plain(value: str) -> str:
    """The text with plain spaces: no-break spaces do not survive every way through Asana."""
    return value.replace("\u00a0", " ")


def mark(instance: str) -> str:
    """What the last line of a text of this installation begins with."""
    return f"okrsync · {instance}"


def marked_by(text: str) -> str:
    """The instance that the last line of a text names, "" where it is no mark."""
    name, _, rest = _last(text).partition(" · ")
    return rest.partition(" · ")[0] if name == "okrsync" else ""


def is_marked(text: str, instance: str) -> bool:
    """Whether this installation wrote a text: its last line is its mark."""
    return marked_by(text) == plain(instance)


def signed(text: str, instance: str) -> str:
    """The text with a mark as its last line, which its author may have written already."""
    return text if _last(text).startswith(plain(f"{mark(instance)} · ")) else f"{text}\n{mark(instance)}"


def unsigned(text: str, instance: str) -> str:
    """The text that :func:`signed` was given."""
    return text.rstrip().rpartition("\n")[0] if _last(text) == plain(mark(instance)) else text


def _last(text: str) -> str:
    return plain(text).rstrip().rpartition("\n")[2]
