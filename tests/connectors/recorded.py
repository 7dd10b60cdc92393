"""Recorded exchanges with GitHub, played again at an address of our own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

GITHUB = "https://api.github.com"
_OF_THE_CONNECTION = frozenset({"connection", "content-length", "transfer-encoding", "content-encoding"})
_PAGE_SIZE = "per_page"


def exchanges(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The exchanges of every scenario, in their order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in path.read_bytes().splitlines():
        row = orjson.loads(line)
        found.setdefault(row["scenario"], []).append(row)
    return found


class Recording:
    """Answers each request by the first recorded one of its method, path and query that was not played yet, and by the
    last such one from then on; 404, and a note in ``unknown``, where there is none.

    How many rows a page has is ours to ask: where the recorded request does not say it, it makes no difference.
    """

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.url = ""
        self.played: list[str] = []
        self.unknown: list[str] = []
        self.rows = rows
        self._left = [(*_key(row["method"], row["path"]), row) for row in rows]
        self._last: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._lock = threading.Lock()

    def also(self, path: str, response: Any) -> None:
        """What was recorded as part of another answer is there by itself too."""
        row = {"status": 200, "rawHeaders": ["Content-Type", "application/json"], "response": response}
        self._left.append((*_key("GET", path), row))

    def find(self, method: str, path: str) -> dict[str, Any] | None:
        with self._lock:
            asked, query = _key(method, path)
            for place, (key, recorded, row) in enumerate(self._left):
                if key == asked and query in (recorded, recorded | {_PAGE_SIZE: query.get(_PAGE_SIZE)}):
                    del self._left[place]
                    self._last[asked] = row
                    break
            row_ = self._last.get(asked)
            (self.played if row_ else self.unknown).append(f"{method} {path}")
            return row_

    def answer(self, row: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body, with our address for GitHub's."""
        raw = row["rawHeaders"]
        headers = [
            (name, value.replace(GITHUB, self.url))
            for name, value in zip(raw[::2], raw[1::2], strict=True)
            if name.lower() not in _OF_THE_CONNECTION
        ]
        body = b"" if row["response"] == "" else orjson.dumps(row["response"])
        return row["status"], headers, body.replace(GITHUB.encode(), self.url.encode())


def _key(method: str, path: str) -> tuple[tuple[str, str], dict[str, Any]]:
    parts = urlsplit(path)
    return (method.upper(), parts.path), dict(parse_qsl(parts.query))


@contextmanager
def playing(rows: list[dict[str, Any]]) -> Iterator[Recording]:
    """The recording at an address, as long as the block lasts."""
    recording = Recording(rows)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing."""

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            row = recording.find(self.command, self.path)
            status, headers, body = recording.answer(row) if row else (404, [], b'{"message":"Not Found"}')
            self.send_response_only(status)
            for name, value in headers:
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    recording.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield recording
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
