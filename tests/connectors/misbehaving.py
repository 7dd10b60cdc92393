"""A server that misbehaves on real sockets, exactly as it is told."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

Behaviour = Callable[[socket.socket, bytes], None]


def reply(
    body: bytes | Any = b"",
    status: str = "200 OK",
    content_type: str = "application/json",
    **headers: str,
) -> Behaviour:
    """A behaviour that answers properly; a body that is no bytes is sent as JSON."""
    payload = body if isinstance(body, bytes) else orjson.dumps(body)
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(payload)}",
        "Connection: close",
    ]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    def answer(line: socket.socket, request: bytes) -> None:
        line.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + payload)

    return answer


@dataclass
class Loopback:
    """Answers the n-th request by the n-th behaviour, and by the last one from then on."""

    behaviours: list[Behaviour] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def script(self, *behaviours: Behaviour) -> str:
        self.behaviours = list(behaviours)
        return self.url

    def serve(self, line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            line.settimeout(20)
            data = b""
            while b"\r\n\r\n" not in data:
                part = line.recv(65536)
                if not part:
                    return
                data += part
            head, _, body = data.partition(b"\r\n\r\n")
            length = next(
                (int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length")), 0
            )
            while len(body) < length:
                body += line.recv(65536)
            number = len(self.requests)
            self.requests.append(head + b"\r\n\r\n" + body)
            self.behaviours[min(number, len(self.behaviours) - 1)](line, self.requests[-1])

    def drip(self, before: bytes, forever: bytes, every: float = 0.02) -> Behaviour:
        """A behaviour that sends ``before`` and then ``forever``, byte by byte, until the test ends."""

        def answer(line: socket.socket, request: bytes) -> None:
            line.sendall(before)
            while not self.stop.wait(every):
                line.sendall(forever)

        return answer

    def hang(self, line: socket.socket, request: bytes) -> None:
        """A behaviour that says nothing at all."""
        self.stop.wait(20)
