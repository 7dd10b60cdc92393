"""Signing in as an installation of a GitHub App: short-lived tokens, made and renewed by its private key."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from github import Auth

from connectors import answer
from connectors.raw import instant, text
from connectors.transport import RENEW
from okrsync.errors import AuthError, Rejected
from okrsync.model import AppIdentity, Secret

MARGIN = 300.0  # seconds before its end at which a token is renewed
HOUR = 3600.0  # how long GitHub's tokens live, where it does not say

Send = Callable[[str, str, str], tuple[Any, Mapping[str, str]]]
"""Method, path, JWT → the decoded answer and its headers."""


class Installation(Auth.Auth):
    """The credentials of one installation, as PyGithub's requester takes them. Safe to use from any thread."""

    def __init__(self, source: str, app: AppIdentity, key: Secret, send: Send) -> None:
        self._source, self._app, self._send = source, app, send
        try:
            self._signer = Auth.AppAuth(app.app_id, key.reveal())  # dated back by a minute, against clocks that differ
            self._signer.create_jwt()
        except Exception as error:  # whatever the libraries below say of a broken key
            raise AuthError(
                f"source {source}: the private key of the app cannot be used ({type(error).__name__}); "
                "download a new one (PEM) from the settings of the app"
            ) from None
        self._token, self._until = "", 0.0
        self._granted: Mapping[str, str] = {}
        self._lock = threading.Lock()

    @property
    def token_type(self) -> str:
        return "Bearer"

    @property
    def token(self) -> str:
        """A token that is good for minutes to come."""
        with self._lock:
            if not self._token or time.monotonic() >= self._until:
                self._renew()
            return self._token

    def granted(self) -> Mapping[str, str]:
        """What the installation may do: permission → "read" or "write"."""
        return self._granted if self.token else {}

    def forget(self, token: str) -> None:
        """A token that was refused is used no more; whoever has another one already keeps that."""
        with self._lock:
            if self._token == token:
                self._token = ""

    def ask(self, path: str) -> Any:
        """What GitHub answers the app itself."""
        return self._signed("GET", path)[0]

    def _signed(self, method: str, path: str) -> tuple[Any, Mapping[str, str]]:
        try:
            return self._send(method, path, self._signer.token)
        except AuthError as error:  # there is no token that somebody could renew
            raise AuthError(
                f"{str(error).removesuffix(f'; {RENEW}')}; is this the private key of app {self._app.app_id}, and is "
                "the clock of this machine right?",
                status=error.status,
            ) from None

    def _renew(self) -> None:
        path = f"/app/installations/{self._app.installation_id}/access_tokens"
        try:
            said, headers = self._signed("POST", path)
        except Rejected as error:
            raise AuthError(
                f"{error}; is app {self._app.app_id} installed as {self._app.installation_id}, and not suspended?",
                status=error.status,
            ) from None
        token, ends = text(said, "token"), instant(said.get("expires_at") if isinstance(said, dict) else None)
        if not token or not token.isprintable() or not token.isascii():
            raise AuthError(f"source {self._source}: GitHub gave the app no token")
        lasts = (ends - answer.clock(headers, datetime.now(UTC))).total_seconds() if ends else HOUR
        lasts = lasts if 0 < lasts < HOUR else HOUR
        self._token, self._until = token, time.monotonic() + max(lasts - MARGIN, lasts / 2)
        granted = said.get("permissions")
        self._granted = dict(granted) if isinstance(granted, dict) else {}
