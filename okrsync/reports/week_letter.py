"""The report of a week in a few lines: the text of a mail, and a message in a chat."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from okrsync.model import Json, Say
from okrsync.reports import week as week_report
from okrsync.reports.common import Speak, freshness_sentence, line
from okrsync.sending.mail import Letter

BLOCKS, SECTION, HEADING = 50, 3000, 150
"""What Slack takes: blocks of a message, characters of a section and of a heading."""
LISTED = 12
"""Lines of one part that a chat shows."""
_CALLS = re.compile(r"(?<!\w)@(?=\w)")  # a name that some chats would call


def letter(answer: Mapping[str, Any], page: str, speak: Speak, unique: str) -> Letter:
    """What is mailed; ``unique`` tells this message from any other of this installation."""
    return Letter(
        subject=subject(answer, speak),
        text=summary(answer, speak),
        page=page,
        name=f"okrsync-{answer['week']}.html",
        id=f"okrsync.{unique}",
    )


def subject(answer: Mapping[str, Any], speak: Speak) -> str:
    """Whose report it is, of what week, and how many key results need a look."""
    late = len(week_report.worst(answer))
    many = "fine" if not late else "late.one" if late == 1 else "late.many"
    short = speak(Say.of(f"week.subject.{many}", count=late))
    return speak(Say.of("week.subject", name=answer["instance"], week=answer["week"], short=short))


def summary(answer: Mapping[str, Any], speak: Speak) -> str:
    """Plain text: the sentence, what changed, the worst key results; it leads nowhere."""
    parts = [week_report.headline(answer, speak), line(answer["sentence"]), freshness_sentence(answer, speak)]
    for heading, lines in week_report.sections(answer, speak):
        parts.append("\n".join([heading, *(f"- {one.plain}" for one in lines)]))
    parts.append(speak(Say.of("week.attached")))
    return "\n\n".join(parts) + "\n"


def chat(answer: Mapping[str, Any], speak: Speak) -> dict[str, Json]:
    """A message as incoming webhooks of Slack take it: ``text`` for notifications, ``blocks`` for the channel."""
    blocks: list[Json] = [
        {"type": "header", "text": {"type": "plain_text", "text": cut(week_report.headline(answer, speak), HEADING)}},
        _section(f"*{mrkdwn(answer['sentence'])}*"),
    ]
    for heading, lines in week_report.sections(answer, speak):
        blocks.append(_section(f"*{mrkdwn(heading)}*"))
        shown = [f"• {mrkdwn(one.plain)}" for one in lines[:LISTED]]
        if len(lines) > LISTED:
            shown.append(mrkdwn(speak(Say.of("week.more", count=len(lines) - LISTED))))
        blocks += [_section(text) for text in _packed(shown)]
    fresh = cut(mrkdwn(freshness_sentence(answer, speak)), SECTION)
    last: Json = {"type": "context", "elements": [{"type": "mrkdwn", "text": fresh, "verbatim": True}]}
    return {"text": mrkdwn(subject(answer, speak)), "blocks": [*blocks[: BLOCKS - 1], last]}


def mrkdwn(text: object) -> str:
    """Text from anywhere in Slack's markup: it makes no link and calls nobody."""
    escaped = (
        "\n".join(map(line, str(text).split("\n"))).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    )
    return _CALLS.sub(lambda found: found[0] + "\u2060", escaped)


def _packed(lines: list[str]) -> list[str]:
    """The lines in as few texts as a section holds."""
    packed: list[str] = []
    for one in lines:
        text = cut(one, SECTION)
        if packed and len(packed[-1]) + 1 + len(text) <= SECTION:
            packed[-1] += f"\n{text}"
        else:
            packed.append(text)
    return packed


def _section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, SECTION), "verbatim": True}}


def cut(text: str, length: int) -> str:
    """At most so many characters, none of them half an escape."""
    if len(text) <= length:
        return text
    kept = text[: length - 1]
    amp = kept.rfind("&")
    return (kept[:amp] if amp > len(kept) - 6 and ";" not in kept[amp:] else kept) + "…"
