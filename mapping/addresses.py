"""Addresses in texts → the items of configured sources that they lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from mapping.words import fold
from okrsync import addresses
from okrsync.model import Place


class Form(Enum):
    """What a text names, by its form."""

    KEY = "key"  # SHOP-12, the gid of a task
    NUMBER = "number"  # acme/shop#12: an issue or a pull request
    COMMIT = "commit"  # its sha, or the start of it: named by nothing but a revert


@dataclass(frozen=True, slots=True)
class Hit:
    """What stands at ``[start, end)`` of a text and names an item; ``source`` where an address gives it."""

    start: int
    end: int
    form: Form
    target: str
    source: str | None = None


_ADDRESS = re.compile(rf"(?:://|\.[A-Za-z]{{2,24}}(?::[0-9]{{1,5}})?/)[^\s<>\"'`\])|{chr(0)}]*")
_SCHEME = re.compile(r"(?<![\w+.-])https?\Z", re.I)
_HOST = re.compile(r"(?<![\w.@/\\-])[A-Za-z0-9][A-Za-z0-9.-]*\Z")
_REACH = 255  # characters of a host


class Addresses:
    """Knows the addresses of the places; what stands in any other is nobody's key."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = [(place, {fold(key): key for key in place.projects}) for place in places if place.web]

    def read(self, words: str) -> Iterator[tuple[int, int, Hit | None]]:
        """Where each address begins and ends, from the first on, and what it leads to."""
        given = 0
        for match in _ADDRESS.finditer(words):
            start, end = match.span()
            if match[0].startswith("://"):
                known = _SCHEME.search(words, max(start - 6, given), start)
                address = match[0][3:]
            else:
                known = _HOST.search(words, max(start - _REACH, given), start)
                address = known[0] + match[0] if known else ""
            if known:
                start = known.start()
            given = end
            yield start, end, self._lead(address, start, end) if known else None

    def _lead(self, address: str, start: int, end: int) -> Hit | None:
        """The item of a configured project. A task of Asana that is in several has an address in each: any will do."""
        for place, projects in self._places:
            named = addresses.named(f"https://{address}", place.kind, place.web)
            if named is None:
                continue
            if not named.project:
                return Hit(start, end, Form.KEY, named.key, place.source)
            project = projects.get(fold(named.project))
            if project is not None:
                return Hit(start, end, *_target(named, project), place.source)
        return None


def _target(named: addresses.Named, project: str) -> tuple[Form, str]:
    """What is named, its project as the configuration spells it."""
    if not named.key.startswith(named.project):
        return Form.COMMIT, named.key
    number = named.key[len(named.project) :]
    return Form.NUMBER if number.startswith("#") else Form.KEY, project + number
