"""How webhooks leave: over HTTP, one after the other, from a thread that no answer waits for."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import queue
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlsplit

PATIENCE = 10.0  # seconds that an answer may take


@dataclass(slots=True)
class Delivery:
    """One message to an address: what was sent, and what came back (``status`` 0: no answer)."""

    url: str
    headers: dict[str, str]
    body: bytes
    guid: str = field(default_factory=lambda: str(uuid.uuid4()))
    event: str = ""
    action: str | None = None
    redelivery: bool = False
    status: int = 0
    answer: Mapping[str, str] = field(default_factory=dict)  # headers, names in small letters
    said: str = ""
    seconds: float = 0.0


def signature(secret: str, body: bytes, method: str = "sha256") -> str:
    """The HMAC of a body as hexadecimals."""
    return hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()


def send(delivery: Delivery) -> None:
    """The delivery holds what became of it."""
    parts = urlsplit(delivery.url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    began = monotonic()
    try:
        line = kind(parts.hostname or "", parts.port, timeout=PATIENCE)
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            line.request("POST", path, delivery.body, {"Content-Type": "application/json", **delivery.headers})
            response = line.getresponse()
            delivery.said = response.read(1000).decode("utf-8", "replace")
            delivery.status = response.status
            delivery.answer = {name.lower(): value for name, value in response.getheaders()}
        finally:
            line.close()
    except (OSError, http.client.HTTPException) as fault:
        delivery.status, delivery.said = 0, str(fault)
    delivery.seconds = monotonic() - began


class Post:
    """A queue of deliveries and the thread that sends them, begun with the first."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[Delivery, Callable[[Delivery], None]] | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def put(self, delivery: Delivery, done: Callable[[Delivery], None]) -> None:
        """It is sent after all that wait; ``done`` is called in the sending thread, with what became of it."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="sandbox post", daemon=True)
                self._thread.start()
        self._waiting.put((delivery, done))

    def drain(self) -> None:
        """Return when everything that waited was sent."""
        self._waiting.join()

    def close(self) -> None:
        """Nothing is sent any more; what waits is dropped."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            while True:
                try:
                    self._waiting.get_nowait()
                    self._waiting.task_done()
                except queue.Empty:
                    break
            self._waiting.put(None)
            thread.join(PATIENCE)

    def _work(self) -> None:
        while (task := self._waiting.get()) is not None:
            delivery, done = task
            try:
                send(delivery)
                done(delivery)
            finally:
                self._waiting.task_done()
        self._waiting.task_done()
