"""An incoming webhook on this machine, that takes, refuses, redirects or drips as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Channel:
    """What was posted, and how it answers."""

    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0  # seconds between two bytes of the answer
    posts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)  # the status of each
    url: str = ""


@contextmanager
def channel(**how: Any) -> Iterator[Channel]:
    heard = Channel(**how)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = heard.status
            heard.posts.append((self.path, document))
            heard.answers.append(status)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(heard.body)), **heard.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                for byte in heard.body if heard.drip else ():
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(heard.drip)
                if not heard.drip:
                    self.wfile.write(heard.body)
            except OSError:
                pass  # whoever asked has gone

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    heard.url = f"http://127.0.0.1:{server.server_port}/services/T000/B000/secret-of-the-channel"
    try:
        yield heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
