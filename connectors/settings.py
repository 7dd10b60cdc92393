"""What the settings of connectors share: options whose form a fault tells in words, not as a pattern."""

from __future__ import annotations

import re

from pydantic import AfterValidator


def form(pattern: str, words: str) -> AfterValidator:
    """Text that fits ``pattern`` whole; of any other the fault says ``words``: "must be …"."""
    whole = re.compile(pattern)

    def fitting(text: str) -> str:
        if not whole.fullmatch(text):
            raise ValueError(words)
        return text

    return AfterValidator(fitting)
