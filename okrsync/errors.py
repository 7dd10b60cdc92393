"""Everything that okrsync raises on purpose, by what to do next.

::

    OkrsyncError
    ├── ConfigError          stop and edit the configuration            exit 78
    ├── UsageError           type the command another way               exit 2
    ├── Refused              confirm, then run again                    exit 1
    ├── Busy                 another okrsync holds the lock: wait       exit 75
    ├── StoreError           mend the database or its disk              exit 74
    └── ToolError            a tool said no
        ├── AuthError        renew the token or its rights              exit 77
        ├── RateLimited      wait until ``retry_at``                    exit 69
        ├── Unavailable      back off, try later                        exit 69
        ├── Rejected         skip this one request                      exit 69
        └── MalformedPage    look closer: the answer is not what it should be    exit 69

A message says what happened, where, and what to type; it never holds a secret, a traceback or a body.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


class OkrsyncError(Exception):
    """Base of all; ``exit_code`` is what a command that ends on it returns (docs/commands.md)."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of the configuration: where it stands and what to do about it."""

    place: str  # "okrsync.toml: [sources.jira] projects"
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class ConfigError(OkrsyncError):
    """Every fault of the configuration at once."""

    exit_code = 78

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class UsageError(OkrsyncError):
    """The command names something that does not exist, or in a form that cannot be read."""

    exit_code = 2


class Refused(OkrsyncError):
    """okrsync will not do this without a word of confirmation, which the message names."""


class Busy(OkrsyncError):
    """Another process holds the lock of this database."""

    exit_code = 75


class StoreError(OkrsyncError):
    """The database cannot be opened, read or written."""

    exit_code = 74


class ToolError(OkrsyncError):
    """A tool did not do what was asked. ``status`` is the HTTP status, where there was an answer."""

    exit_code = 69

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class AuthError(ToolError):
    """The credentials are refused, expired or lack a right."""

    exit_code = 77


class RateLimited(ToolError):
    """The tool asked to wait. ``retry_at`` is the earliest instant of a new try, in UTC."""

    def __init__(self, message: str, *, retry_at: datetime, status: int | None = 429) -> None:
        super().__init__(message, status=status)
        self.retry_at = retry_at


class Unavailable(ToolError):
    """No usable answer: the network, the host or the service failed.

    ``sent`` tells whether the request may have arrived: after a write, an unknown outcome is read back,
    never sent again.
    """

    def __init__(self, message: str, *, status: int | None = None, sent: bool = True) -> None:
        super().__init__(message, status=status)
        self.sent = sent


class Rejected(ToolError):
    """The tool understood and said no to this one request (400, 403, 404, 409, 413, 422)."""


class MalformedPage(ToolError):
    """An answer that looks like success and is not what was asked for."""
