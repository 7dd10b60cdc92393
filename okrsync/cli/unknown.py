"""What is said of a name that nothing has."""

from __future__ import annotations

from collections.abc import Iterable

from config.faults import hint, listed
from okrsync.errors import UsageError


def unknown(what: str, name: str, known: Iterable[str]) -> UsageError:
    """That there is no ``what`` of this ``name``: with the one that was likely meant, else with all that there are."""
    names = tuple(known)
    return UsageError(f"no {what} {name!r}{hint(name, names) or f'; there are: {listed(names)}'}")
