"""What people read, and what JSON holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


@dataclass(frozen=True, slots=True)
class Say:
    """A sentence by its code and its facts; ``okrsync.texts`` turns it into French or English at the very end."""

    code: str
    args: tuple[tuple[str, str | int | float], ...] = ()

    @classmethod
    def of(cls, code: str, **args: str | int | float) -> Say:
        return cls(code, tuple(args.items()))
