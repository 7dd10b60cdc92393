"""What the settings of connectors share: lists without twins, options whose form a fault tells in words."""

from __future__ import annotations

import re

from pydantic import AfterValidator


def once(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names as they are; ValueError, naming them, where some stand twice."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"named twice: {', '.join(twice)}")
    return names


def form(pattern: str, words: str) -> AfterValidator:
    """Text that fits ``pattern`` whole; of any other the fault says ``words``: "must be …"."""
    whole = re.compile(pattern)

    def fitting(text: str) -> str:
        if not whole.fullmatch(text):
            raise ValueError(words)
        return text

    return AfterValidator(fitting)
