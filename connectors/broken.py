"""Why a request came to no answer: the cause under the wrappings of ``requests`` and ``urllib3``, in a few words."""

from __future__ import annotations

import http.client
import socket
import ssl
from dataclasses import dataclass

import requests
import urllib3.exceptions

MAX_BYTES = 64_000_000  # of one decompressed answer


class TooLong(OSError):
    """An answer of more than ``MAX_BYTES``."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Why there is no answer, in a few words ("": time was up)."""

    words: str
    sent: bool = True
    lasting: bool = False  # no use in trying again
    malformed: bool = False


_BROKEN: tuple[tuple[type[BaseException], Broken], ...] = (
    (TooLong, Broken(f"more than {MAX_BYTES // 1_000_000} MB in one answer", malformed=True)),
    (urllib3.exceptions.DecodeError, Broken("a compressed answer that cannot be unpacked", malformed=True)),
    (requests.exceptions.ContentDecodingError, Broken("a compressed answer that cannot be unpacked", malformed=True)),
    (socket.gaierror, Broken("no such host (DNS)", sent=False)),
    (urllib3.exceptions.NameResolutionError, Broken("no such host (DNS)", sent=False)),
    (urllib3.exceptions.SSLError, Broken("TLS failed", sent=False, lasting=True)),
    (requests.exceptions.SSLError, Broken("TLS failed", sent=False, lasting=True)),
    (ssl.SSLError, Broken("TLS failed", sent=False, lasting=True)),
    (ConnectionRefusedError, Broken("connection refused", sent=False)),
    (urllib3.exceptions.NewConnectionError, Broken("no route to the host", sent=False)),
    (urllib3.exceptions.ConnectTimeoutError, Broken("", sent=False)),
    (requests.exceptions.ConnectTimeout, Broken("", sent=False)),
    (TimeoutError, Broken("")),
    (urllib3.exceptions.TimeoutError, Broken("")),
    (requests.exceptions.Timeout, Broken("")),
    (http.client.RemoteDisconnected, Broken("the connection was closed without an answer")),
    (ConnectionResetError, Broken("the connection was reset")),
    (BrokenPipeError, Broken("the connection was reset")),
    (http.client.IncompleteRead, Broken("the connection broke in the middle of the answer")),
)


def diagnose(error: BaseException) -> Broken:
    """The cause under the wrappings of ``requests`` and ``urllib3``; none of their texts, which hold addresses."""
    chain: list[BaseException] = []
    todo: list[object] = [error]
    while todo:
        one = todo.pop()
        if isinstance(one, BaseException) and not any(one is seen for seen in chain):
            chain.append(one)
            todo += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
    for one in chain:
        if isinstance(one, ssl.SSLCertVerificationError):
            return Broken(f"TLS certificate refused: {one.verify_message}", sent=False, lasting=True)
    for kind, broken in _BROKEN:
        if any(isinstance(one, kind) for one in chain):
            return broken
    return Broken("the connection broke")
