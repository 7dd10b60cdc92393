"""GitHub Apps: how one signs in, what its installations may see, and the tokens that these get.

Tokens live by the clock of the machine, as the signed request for one does, and not by the clock of the world.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from okrsync.sandbox.github.call import Account, refuse
from okrsync.sandbox.github.values import User
from okrsync.sandbox.web import HttpError

PREFIX = "ghs_"
LONGEST = timedelta(minutes=10)
_DRIFT = timedelta(seconds=60)
PERMISSIONS = {
    "metadata": "read",
    "contents": "read",
    "issues": "write",
    "pull_requests": "write",
    "statuses": "write",
}


@dataclass(slots=True)
class Installation:
    """What of an App is installed where: in all repositories of an ``owner`` (of everybody, where that is empty), or in
    these; ``permissions`` as GitHub words them."""

    id: str
    owner: str = ""
    repositories: frozenset[str] | None = None
    permissions: Mapping[str, str] = field(default_factory=lambda: dict(PERMISSIONS))
    suspended: bool = False

    def holds(self, full_name: str) -> bool:
        """Whether it may see the repository of this name."""
        if self.repositories is not None:
            return full_name.casefold() in self.repositories
        return not self.owner or full_name.partition("/")[0].casefold() == self.owner.casefold()


@dataclass(slots=True)
class App:
    """An App. Without a ``public_key`` any signature of the right form is good; without ``installations`` any is."""

    id: str
    slug: str = "okrsync"
    public_key: str | None = None
    installations: dict[str, Installation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grant:
    """A token of an installation and until when it is good."""

    token: str
    expires_at: datetime
    app: App
    installation: Installation


class Apps:
    """The Apps that were registered, or any where none was, and the tokens given so far."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.lifetime = timedelta(hours=1)
        self.registered: dict[str, App] = {}
        self._now = now
        self._granted: dict[str, Grant] = {}

    def register(
        self,
        app: str,
        *,
        slug: str = "okrsync",
        public_key: str | None = None,
        installations: Iterable[Installation] = (),
    ) -> App:
        """From now on only registered Apps may sign in, this one among them."""
        made = App(app, slug, public_key, {one.id: one for one in installations})
        self.registered[app] = made
        return made

    def expire(self) -> None:
        """Every token given so far is refused."""
        past = self._now() - timedelta(seconds=1)
        self._granted = {token: Grant(token, past, one.app, one.installation) for token, one in self._granted.items()}

    # ── signing in ──

    def signed_in(self, token: str) -> App:
        """The App that signed this; HttpError, as GitHub words it, where it did not do so well."""
        try:
            header = jwt.get_unverified_header(token)
            claims = jwt.decode(token, options={"verify_signature": False})
        except jwt.PyJWTError:
            raise refuse(401, "A JSON web token could not be decoded") from None
        app = self._app(str(claims.get("iss", "")))
        if header.get("alg") != "RS256":
            raise refuse(401, "A JSON web token could not be decoded")
        if app.public_key is not None:
            self._verify(token, app.public_key)
        self._check_times(claims)
        return app

    def _app(self, issuer: str) -> App:
        if not issuer:
            raise refuse(401, "'Issuer' claim ('iss') must be an Integer")
        if self.registered and issuer not in self.registered:
            raise refuse(404, "Integration not found")
        return self.registered.get(issuer) or App(issuer)

    def _verify(self, token: str, public_key: str) -> None:
        unchecked = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
        try:
            jwt.decode(token, public_key, algorithms=["RS256"], options=unchecked)  # type: ignore[arg-type]
        except jwt.PyJWTError:
            raise refuse(401, "A JSON web token could not be decoded") from None

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = self._now().timestamp()
        issued, expires = claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int) or issued > now + _DRIFT.total_seconds():
            words = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
            raise refuse(401, words)
        if not isinstance(expires, int) or expires <= now:
            words = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the"
            raise refuse(401, f"{words} assertion expires")
        if expires > now + LONGEST.total_seconds():
            raise refuse(401, "'Expiration time' claim ('exp') is too far in the future")

    def installation(self, app: App, wanted: str) -> Installation:
        """HttpError where the App is not installed under this id."""
        if app.installations and wanted not in app.installations:
            raise refuse(404, "Not Found")
        return app.installations.get(wanted) or Installation(wanted)

    def grant(self, app: App, installation: Installation) -> Grant:
        """A new token for an installation; HttpError where that is suspended."""
        if installation.suspended:
            raise refuse(403, "This installation has been suspended")
        made = Grant(f"{PREFIX}{secrets.token_hex(18)}", self._now() + self.lifetime, app, installation)
        self._granted[made.token] = made
        return made

    # ── asking ──

    def account(self, token: str) -> Account | None:
        """Who asks with this token, None where no installation was given it; HttpError where it is good no more."""
        grant = self._granted.get(token)
        if grant is None:
            return None
        if grant.expires_at <= self._now():
            raise _bad_credentials()
        return Account(
            User.named(f"{grant.app.slug}[bot]"), None, _denied(grant.installation), installation=grant.installation
        )


def _bad_credentials() -> HttpError:
    return refuse(401, "Bad credentials")


def _denied(installation: Installation) -> set[str]:
    """What the permissions of an installation leave out."""
    held = installation.permissions
    names = [name for name in PERMISSIONS if name != "metadata"]
    unwritten = {name for name in names if held.get(name) != "write"}
    return unwritten | {f"{name}:read" for name in names if name not in held}
