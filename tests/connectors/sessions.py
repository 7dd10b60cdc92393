"""Sessions over the transport, as its tests open them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import requests

from connectors.transport import Transport, session

TOKEN = "s3cr3t-canary"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

Open = Callable[..., requests.Session]


@contextmanager
def sessions(waits: Any) -> Iterator[Open]:
    """Opens sessions over transports with short deadlines and recorded waits; ``session.transport`` is at hand."""
    opened: list[requests.Session] = []

    def open_session(url: str, *, seconds: float = 0.4, **options: Any) -> requests.Session:
        options.setdefault("wait", waits)
        transport = Transport(url, timeout=timedelta(seconds=seconds), **options)
        made = session(transport)
        made.headers["Authorization"] = f"Bearer {TOKEN}"
        made.transport = transport  # type: ignore[attr-defined]
        opened.append(made)
        return made

    yield open_session
    for made in opened:
        made.close()
