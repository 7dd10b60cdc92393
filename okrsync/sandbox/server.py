"""The HTTP server of a world: threads, keep-alive, a log of what was asked, and faults at the socket."""

from __future__ import annotations

import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from okrsync.errors import UsageError
from okrsync.sandbox import admin, delivery
from okrsync.sandbox.faults import SOCKET_KINDS, TOOL_KINDS, Fault, Faults
from okrsync.sandbox.web import HttpError, Request, Response, reads
from okrsync.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that came in. ``status`` is 0 where a fault left it without an answer; ``body`` is what was sent."""

    method: str
    path: str
    status: int
    query: str = ""
    body: bytes = b""

    @property
    def unsafe(self) -> bool:
        """Whether it may have changed something: a POST that only reads is none."""
        return not reads(self.method, self.path)


class Sandbox:
    """A world at an address. Use it as a context manager, or call :meth:`start` and :meth:`stop`."""

    def __init__(self, world: World, host: str = "127.0.0.1", port: int = 0) -> None:
        self.world = world
        self.faults = Faults()
        self.tapes = delivery.Tapes()
        self.stopping = threading.Event()
        self._log_lock = threading.Lock()
        self._requests: list[Asked] = []
        self._persist: Path | None = None
        try:
            self._server = _Server((host, port), self)
        except OSError as error:
            raise UsageError(f"cannot listen on {host}:{port}: {error.strerror}") from None
        self._thread: threading.Thread | None = None
        self.host = host
        self.port: int = self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    # ── life ──

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Serve in a daemon thread."""
        self._thread = threading.Thread(target=self.serve_forever, name="sandbox", daemon=True)
        self._thread.start()

    def serve_forever(self) -> None:
        """Serve in this thread until :meth:`stop` is called from another."""
        self._server.serve_forever(poll_interval=0.01)

    def stop(self) -> None:
        """No socket is open any more."""
        self.stopping.set()
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.close_connections()
        self._server.server_close()
        self.world.silence()

    def persist(self, folder: Path) -> None:
        """Write the world back into this folder after every request that may have changed it."""
        self._persist = folder

    # ── what tests look at and turn ──

    @property
    def requests(self) -> Sequence[Asked]:
        """What was asked so far, without the calls under ``/_sandbox``."""
        with self._log_lock:
            return tuple(self._requests)

    def unsafe_requests(self) -> list[Asked]:
        """Those that may have changed something."""
        return [asked for asked in self.requests if asked.unsafe]

    def clear(self) -> None:
        """Forget the requests and the armed faults; the world stays."""
        self.clear_requests()
        self.faults.clear()

    def clear_requests(self) -> None:
        with self._log_lock:
            self._requests.clear()

    def fault(self, kind: str, **how: Any) -> None:
        """Arm a fault: ``sandbox.fault("hang", path=r".*/search/jql", skip=1, seconds=5)``."""
        self.faults.arm(Fault(kind, **how))

    # ── one request ──

    def answer(self, request: Request) -> Response:
        """What the tool under this path says, without faults."""
        tool_name, _, rest = request.path.lstrip("/").partition("/")
        try:
            if tool_name == "_sandbox":
                return admin.answer(self, request, rest)
            tool = self.world.served.get(tool_name)
            if tool is None:
                served = ", ".join(f"/{name}" for name in self.world.tools)
                return Response.of({"message": f"nothing is served at /{tool_name}; there is {served}"}, 404)
            return tool.answer(_under(request, rest))
        except HttpError as refusal:
            return refusal.response

    def log(self, asked: Asked) -> None:
        with self._log_lock:
            self._requests.append(asked)
        if asked.unsafe:
            self.world.notice()
            self.save_if_persistent()

    def save_if_persistent(self) -> None:
        """Write the world back, where :meth:`persist` was asked for."""
        if self._persist is not None:
            self.world.save(self._persist)


def _under(request: Request, rest: str) -> Request:
    return Request(
        request.method, "/" + rest, request.query, request.headers, request.body, request.base, request.fault
    )


def serve(
    world_dir: Path,
    listen: str = "127.0.0.1:8019",
    persist: bool = False,
    ready: Callable[[str], object] = str,
    *,
    datacenter: bool = False,
) -> None:
    """Serve the world of a folder until KeyboardInterrupt; ``ready`` gets the address once it answers.

    With ``datacenter`` its Jira sites answer as Jira Data Center does, otherwise as Cloud.

    UsageError where the folder, a line of it or the address cannot be used.
    """
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        raise UsageError(f"--listen {listen!r}: write HOST:PORT, for example 127.0.0.1:8019")
    world = World.load(world_dir)
    for site in world.jira.sites.values():
        site.datacenter = datacenter
    sandbox = Sandbox(world, host, int(port))
    if persist:
        sandbox.persist(world_dir)
    ready(sandbox.url)
    try:
        sandbox.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        sandbox.stop()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """End what clients keep alive; each handler thread then closes its own socket."""
        with self._open_lock:
            still = list(self._open)
        for connection in still:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing for a client that goes away in the middle; the trace for anything else, which is a fault of ours."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing: the sandbox keeps its own log."""

    def do_GET(self) -> None:
        sandbox = self.server.sandbox
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        own = url.path.startswith("/_sandbox")
        fault = None if own else sandbox.faults.take(self.command, url.path)
        late = None if own else sandbox.faults.take(self.command, url.path, late=True)
        if fault is not None and fault.kind == "edited":
            del self.headers["If-None-Match"]  # what is edited is not what was known
        request = Request(
            method=self.command,
            path=url.path,
            query=parse_qs(url.query, keep_blank_values=True),
            headers=self.headers,
            body=body,
            base=f"http://{self.headers.get('Host') or f'{sandbox.host}:{sandbox.port}'}",
            fault=fault if fault and fault.kind in TOOL_KINDS else late,
        )
        carried_out = fault is None or fault.after or fault.kind in TOOL_KINDS or fault.kind in delivery.NEED_ANSWER
        response = sandbox.answer(request) if carried_out else Response()
        if fault is not None and fault.kind == "page_cycle":
            response = sandbox.tapes.play(fault, url.path, response)
        elif fault is not None:
            response = delivery.changed(response, fault)
            admin.meanwhile(sandbox, fault)
        lost = fault is not None and fault.kind in ("reset", "hang")
        if not own:
            sandbox.log(Asked(self.command, url.path, 0 if lost else response.status, url.query, body))
        if fault is not None and fault.kind in SOCKET_KINDS:
            self._deliver(response, fault)
        else:
            self.wfile.write(self._bytes(response, len(response.body)))

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815  (names that http.server asks for)

    def _bytes(self, response: Response, length: int) -> bytes:
        head = [f"HTTP/1.1 {response.status} {_phrase(response.status)}"]
        if "Date" not in response.headers:
            head.append(f"Date: {self.date_time_string()}")
        if response.body:
            head.append(f"Content-Type: {response.type}")
        if response.status != 204:
            head.append(f"Content-Length: {length}")
        head.extend(f"{name}: {value}" for name, value in response.headers.items())
        body = b"" if self.command == "HEAD" else response.body
        return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body

    def _deliver(self, response: Response, fault: Fault) -> None:
        """An answer that travels badly; the connection ends with it."""
        self.close_connection = True
        pause = self.server.sandbox.stopping.wait
        if fault.kind == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif fault.kind == "hang":
            pause(fault.seconds)
        elif fault.kind == "wrong_length":
            self.wfile.write(self._bytes(response, len(response.body) + 100))
        else:
            whole = self._bytes(response, len(response.body))
            start = 0 if fault.kind == "drip_headers" else whole.index(b"\r\n\r\n") + 4
            self.wfile.write(whole[:start])
            for place in range(start, len(whole)):
                if pause(fault.seconds):
                    return
                self.wfile.write(whole[place : place + 1])


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
