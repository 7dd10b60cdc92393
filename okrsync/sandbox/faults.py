"""Faults on demand: which request goes wrong, and how.

A fault is armed in the :class:`Faults` of a server and taken by the first request that it matches. Some
change what an answer *says* (:mod:`okrsync.sandbox.delivery`); some change how it *travels* (reset, hang, drip, wrong
length) and are made by the server at the socket; some only the tool can make, and reach its handler in the request.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import orjson

from okrsync.errors import UsageError

ANSWER_KINDS = frozenset(
    {"answer", "login_page", "logged_out", "redirect", "truncated", "gzip_bomb", "edited", "page_cycle"}
)
SOCKET_KINDS = frozenset({"reset", "hang", "drip_headers", "drip_body", "wrong_length"})
TOOL_KINDS = frozenset(
    {"repeated_token", "empty_page", "short_page", "expired_token", "late", "primary_limit", "secondary_limit"}
    | {"index_flip", "duplicate_key", "jira_quota_global", "jira_quota_tenant", "jira_burst", "jira_per_issue"}
    | {"meanwhile", "incomplete_search"}
)
KINDS = ANSWER_KINDS | SOCKET_KINDS | TOOL_KINDS
EDITS = frozenset({"removed", "null", "odd", "unclean", "added"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; ``method`` and ``path`` are regular expressions that must match whole.

    ``skip`` requests pass first; of the others a ``share``, drawn with ``seed``, is hit, ``times`` at most (None: all).
    With ``after`` the request is carried out before the fault, so that a write happens and its answer is lost.
    ``seconds`` is how long to hang, the pause between two dripped bytes, how late what was written becomes visible, or
    how long until a limit is lifted. ``rows`` is how many rows a short page holds, and how many pages a cycle has. An
    edit (one of ``EDITS``) is done to every ``member`` of this name in the JSON of an answer, however deep; what is
    added stands in every object. ``edits`` are what a person does meanwhile, right after the request was answered:
    paths and bodies of calls under ``/_sandbox``.
    """

    kind: str
    method: str = ".*"
    path: str = ".*"
    skip: int = 0
    times: int | None = 1
    share: float = 1.0
    seed: int = 0
    after: bool = False
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    seconds: float = 1.0
    location: str = ""
    megabytes: int = 100
    rows: int = 3
    member: str = ""
    edit: str = "removed"
    edits: Sequence[tuple[str, Mapping[str, Any]]] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageError(f"unknown fault {self.kind!r}: one of {', '.join(sorted(KINDS))}")
        if self.edit not in EDITS:
            raise UsageError(f"unknown edit {self.edit!r}: one of {', '.join(sorted(EDITS))}")
        for name in ("method", "path"):
            try:
                re.compile(getattr(self, name))
            except re.error as error:
                raise UsageError(f"fault {self.kind}: {name} is no regular expression: {error}") from None

    @classmethod
    def parse(cls, data: object) -> Fault:
        """A fault from the body of an admin call, its own ``body`` a text or an object; UsageError names the key that
        does not fit."""
        if not isinstance(data, dict) or "kind" not in data:
            raise UsageError('a fault is an object with at least {"kind": …}')
        known = {entry.name for entry in fields(cls)}
        if unknown := sorted(set(data) - known):
            raise UsageError(f"unknown keys of a fault: {', '.join(unknown)}; allowed: {', '.join(sorted(known))}")
        if not isinstance(data.get("body", ""), str):
            headers = {"Content-Type": "application/json", **data.get("headers", {})}
            data = {**data, "body": orjson.dumps(data["body"]).decode(), "headers": headers}
        return cls(**data)


class _Armed:
    __slots__ = ("dice", "fault", "left", "method", "path", "skip")

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.method = re.compile(fault.method)
        self.path = re.compile(fault.path)
        self.skip = fault.skip
        self.left = fault.times
        self.dice = random.Random(fault.seed)


class Faults:
    """The armed faults of one server, in the order in which they were armed. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []

    def arm(self, fault: Fault) -> None:
        with self._lock:
            self._armed.append(_Armed(fault))

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def take(self, method: str, path: str, *, late: bool = False) -> Fault | None:
        """The fault that this request gets, if any; one that is still skipping counts the request and lets it pass.

        What is written late is asked for by itself (``late``): its own answer is lost or not, as another fault has it.
        """
        if not self._armed:
            return None
        with self._lock:
            for armed in self._armed:
                if (armed.fault.kind == "late") is not late:
                    continue
                if not (armed.method.fullmatch(method) and armed.path.fullmatch(path)):
                    continue
                if armed.skip:
                    armed.skip -= 1
                    continue
                if armed.fault.share < 1 and armed.dice.random() >= armed.fault.share:
                    continue
                if armed.left is not None:
                    armed.left -= 1
                    if not armed.left:
                        self._armed.remove(armed)
                return armed.fault
        return None

    def armed(self) -> list[dict[str, Any]]:
        """What is still waiting, for people."""
        with self._lock:
            return [
                {"kind": a.fault.kind, "method": a.fault.method, "path": a.fault.path, "skip": a.skip, "times": a.left}
                for a in self._armed
            ]
