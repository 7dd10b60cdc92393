"""What okrsync writes into GitHub, and how it is known there again. Pure.

A comment and the block in the description of a milestone bear the instance in a mark that nobody sees; what other
people wrote around them is kept byte for byte.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors import described
from connectors.markdown import from_markdown, to_markdown
from connectors.raw import text
from okrsync.errors import Rejected
from okrsync.model import OBJECTIVE_LABEL, Json

CONTEXT = "okrsync/traceability"
WITHDRAWN = "Withdrawn by okrsync"  # a status cannot be deleted: this one says that none of ours counts
COMMENT_CHARS = 65_536
DESCRIPTION_CHARS = 140
LABEL_CHARS = 50
LABEL_DESCRIPTION_CHARS = 100
OPENING = "<!-- okrsync:"  # of every mark
COLOURS = {"okr-orphan": "d93f0b", "okr-dangling": "fbca04"}
OBJECTIVE_COLOUR, OTHER_COLOUR = "1d76db", "ededed"
_APART = ("\r\n\r\n", "\n\n")  # what stands between the words of people and a block


# ── labels ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def definition(name: str, base: str = "") -> tuple[str, str]:
    """Colour and description of a label of ours, for the first time that a repository needs it."""
    folded = name.casefold()
    colour = OBJECTIVE_COLOUR if folded.startswith(OBJECTIVE_LABEL) else COLOURS.get(folded, OTHER_COLOUR)
    return colour, described.description(name, base, LABEL_DESCRIPTION_CHARS)


def check_label(name: str) -> None:
    """Rejected, in words for people, where GitHub takes no label of such a length."""
    if len(name) > LABEL_CHARS:
        raise Rejected(
            f"the label {name} has {len(name)} characters, and GitHub takes {LABEL_CHARS}: give the objective a "
            "shorter id, or leave objective_label out of the surfaces of this source"
        )


# ── comments ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def marker(instance: str) -> str:
    """What the comments of an instance bear."""
    return f"{OPENING}{instance} -->"


def comment_of(words: str, instance: str) -> str:
    """The body of the comment that says this; Rejected where it is too long."""
    body = f"{to_markdown(words)}\n\n{marker(instance)}"
    if len(body) > COMMENT_CHARS:
        raise Rejected(
            f"the comment is longer than {COMMENT_CHARS} characters, the most that GitHub takes: give its key results "
            "shorter titles, or leave comment out of the surfaces of this source"
        )
    return body


def bears(body: str, instance: str) -> bool:
    """Whether a comment bears the mark of an instance, and does not only quote it."""
    mark = marker(instance)
    return any(mark in line and not line.lstrip().startswith(">") for line in body.splitlines())


def is_untouched(body: str, instance: str) -> bool:
    """Whether a comment of ours is one that we could have written: nothing in it shows another hand."""
    return body.replace("\r\n", "\n").rstrip() == comment_of(said_in(body, instance), instance)


def said_in(body: str, instance: str) -> str:
    """What a comment of ours says, without its mark and the blank lines that an editor leaves behind it."""
    before, _, after = body.replace("\r\n", "\n").rstrip().rpartition(marker(instance))
    return from_markdown(before.removesuffix("\n\n") + after)


# ── the block of a milestone ─────────────────────────────────────────────────────────────────────────────────────────


def block_in(description: str, instance: str) -> str | None:
    """What our block in a description says, None where there is none; Rejected where its marks are damaged."""
    found = _parts(description, instance)
    if found is None:
        return None
    return from_markdown(found[1].replace("\r\n", "\n").removeprefix("\n").removesuffix("\n"))


def with_block(description: str, instance: str, words: str | None) -> str:
    """The description with our block saying this, or without it; all else stays byte for byte.

    Rejected where the marks of the block are damaged: nobody can tell then what is ours.
    """
    found = _parts(description, instance)
    block = f"{marker(instance)}\n{to_markdown(words)}\n{_end(instance)}" if words is not None else ""
    if found is None:
        return f"{description}{_APART[-1]}{block}" if description and block else description + block
    before, _, after = found
    if not block:
        apart = next((one for one in _APART if before.endswith(one)), "")
        before = before.removesuffix(apart)
    return before + block + after


def _end(instance: str) -> str:
    return f"<!-- /okrsync:{instance} -->"


def _parts(description: str, instance: str) -> tuple[str, str, str] | None:
    """What stands before our block, in it and behind it."""
    begin, end = marker(instance), _end(instance)
    counts = description.count(begin), description.count(end)
    if counts == (0, 0):
        return None
    before, _, rest = description.partition(begin)
    block, _, after = rest.partition(end)
    if counts != (1, 1) or end in before:
        raise Rejected(
            f"the marks of the block of okrsync in the description are damaged ({begin} stands there {counts[0]} "
            f"times, {end} {counts[1]} times): mend them by hand, or delete what is left of the block"
        )
    return before, block, after


# ── commit statuses ──────────────────────────────────────────────────────────────────────────────────────────────────


def status_of(value: Json) -> dict[str, Json]:
    """The status that says this; Rejected where it is too long."""
    if not isinstance(value, Mapping):
        return {"state": "success", "description": WITHDRAWN}
    if len(text(value, "description")) > DESCRIPTION_CHARS:
        raise Rejected(f"the status says more than {DESCRIPTION_CHARS} characters, the most that GitHub takes")
    return dict(value)


def told_by(state: str, description: str, target: str) -> Json:
    """What a status says to people; None where it only withdraws."""
    found: dict[str, Json] = {"state": state.lower(), "description": description}
    if target:
        found["target_url"] = target
    return None if found == {"state": "success", "description": WITHDRAWN} else found
