"""Whether a person reads an answer, or a program."""

from __future__ import annotations

PROGRAMS = ("/api", "/metrics", "/webhooks", "/healthz", "/readyz", "/static")
"""Where only programs ask, and below."""


def reads_pages(path: str, accept: str) -> bool:
    """Whether who asks there with this ``Accept`` is told faults as a page: a browser, where pages are."""
    if any(path == one or path.startswith(f"{one}/") for one in PROGRAMS):
        return False
    return any(part.partition(";")[0].strip().lower() == "text/html" for part in accept.split(","))
