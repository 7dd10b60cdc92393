"""Which of our languages a person reads."""

from __future__ import annotations

from okrsync.texts import LANGUAGES


def preferred(header: str) -> str | None:
    """The language that an ``Accept-Language`` likes best, of those that we speak; None where it is none of them
    (RFC 9110, section 12.5.4)."""
    ranked: list[tuple[float, str]] = []
    for part in header.split(","):
        name, _, quality = part.partition(";")
        language = name.strip().lower().partition("-")[0]
        try:
            weight = float(quality.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if language in LANGUAGES and weight > 0:
            ranked.append((weight, language))
    return max(ranked, key=lambda one: one[0])[1] if ranked else None
