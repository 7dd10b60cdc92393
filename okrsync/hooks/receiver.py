"""What comes in at ``/webhooks/SOURCE``: checked, told once, answered; nothing is believed of it but that something
changed, and where.

The signature is looked at before the body is read, and only what is signed has any effect. A delivery that comes again
changes nothing. What cannot be read and is signed all the same touches the whole source.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import structlog

from config import Config
from connectors import registry
from okrsync import logs
from okrsync.errors import ConfigError, OkrsyncError
from okrsync.hooks.memory import Memory
from okrsync.hooks.sealing import seal, unseal
from okrsync.model import Secret, SecretRef, SourceConfig
from okrsync.ports import Inbox, Told
from okrsync.store import Store
from okrsync.store import hooks as stored

log = structlog.get_logger(__name__)

ACCEPTED, REPEATED, REFUSED = "accepted", "repeated", "refused"
HANDSHAKE = "x-hook-secret"
LONGEST_SECRET = 256  # characters of one that a tool chooses
OPTION = "webhook_secret"

Reveal = Callable[[SecretRef, str], Secret]


class Touch(Protocol):
    """Where it is told."""

    def touched(self, source: str, scopes: Collection[str] | None, items: Collection[str] = ()) -> None:
        """Something changed in these scopes (by id), or somewhere in the source (None); these items are to be looked at
        by id as well. Returns at once."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered; no body tells more than the status."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Receiver:
    """Takes what tools send. Safe to use from any thread; what it reads of the store is one row at most, and it writes
    only while a webhook is being made."""

    def __init__(
        self, store: Store, config: Callable[[], Config], reveal: Reveal, touch: Touch, clock: Callable[[], datetime]
    ) -> None:
        self._store, self._config, self._reveal, self._touch, self._clock = store, config, reveal, touch, clock
        self._memory = Memory()
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._refusing: set[str] = set()  # sources whose last delivery was refused, which was told

    def counts(self) -> Mapping[tuple[str, str], int]:
        """(source, "accepted" | "repeated" | "refused") → how many deliveries."""
        with self._lock:
            return dict(self._counts)

    def receive(self, source: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, str]) -> Answer:
        """The answer to one request; the names of ``headers`` may have any case."""
        found = next((one for one in self._config().sources if one.id == source), None)
        inbox = registry.inbox(found.kind) if found and found.webhook_secret else None
        if found is None or found.webhook_secret is None or inbox is None:
            return Answer(404)
        small = {name.lower(): value for name, value in headers.items()}
        try:
            secret = self._reveal(found.webhook_secret, OPTION)
            if HANDSHAKE in small:
                return self._shake_hands(found, small[HANDSHAKE], query.get("hook", ""), secret)
            return self._take(found, inbox, small, body, query.get("hook", ""), secret)
        except ConfigError as fault:
            self._refused(found.id, str(fault))
            return Answer(503)
        except OkrsyncError as fault:  # the store is away: the tool sends it again
            log.warning("webhook not taken", source=found.id, error=str(fault))
            return Answer(503)

    def _take(
        self, source: SourceConfig, inbox: Inbox, headers: Mapping[str, str], body: bytes, hook: str, ours: Secret
    ) -> Answer:
        place, secret, good = "", ours, 202
        if hook:  # one whose tool chose the secret
            known = self._known(source.id, hook, ours)
            if known is None:
                return self._refused(source.id, "no webhook of ours has this address")
            place, secret = known
            good = 200
        if not inbox.is_genuine(headers, body, secret.reveal().encode()):
            return self._refused(source.id, "its signature is not that of the secret")
        name = hashlib.sha256(f"{hook}\n{inbox.delivery(headers)}\n".encode() + body).digest()
        if not self._memory.is_new(source.id, name, self._clock()):
            self._count(source.id, REPEATED)
            return Answer(good)
        try:
            told = inbox.told(headers, body, place)
        except ValueError:
            told = Told(None)
        if told.scopes is None or told.scopes or told.items:
            try:
                self._touch.touched(source.id, told.scopes, told.items)
            except BaseException:
                self._memory.forget(source.id, name)
                raise
        self._count(source.id, ACCEPTED)
        return Answer(good)

    def _known(self, source: str, hook: str, ours: Secret) -> tuple[str, Secret] | None:
        """What a webhook tells of, and the secret that its tool chose for it."""
        with self._store.read() as tx:
            found = stored.find(tx, source, hook)
        theirs = unseal(found.sealed, found.id, ours) if found and found.sealed else None
        return (found.place, Secret(theirs)) if found and theirs else None

    def _shake_hands(self, source: SourceConfig, theirs: str, hook: str, ours: Secret) -> Answer:
        """The secret that a tool tells is kept, and told back, only while we make this webhook, and once."""
        now = self._clock()
        with self._store.read() as tx:
            found = stored.find(tx, source.id, hook) if hook else None
        awaited = found is not None and found.sealed is None and found.expected_until and now < found.expected_until
        usable = theirs.isascii() and theirs.isprintable() and 8 <= len(theirs) <= LONGEST_SECRET and " " not in theirs
        if not awaited or not usable:
            return self._refused(source.id, "nobody makes a webhook of this address now")
        logs.protect([theirs])
        with self._store.begin() as tx:
            kept = stored.keep_secret(tx, source.id, hook, seal(theirs, hook, ours), now)
        return Answer(200, {"X-Hook-Secret": theirs}) if kept else self._refused(source.id, "it told a secret already")

    def _refused(self, source: str, why: str) -> Answer:
        """Said once, until one is good again: anybody may send anything."""
        with self._lock:
            self._counts[source, REFUSED] += 1
            news = source not in self._refusing
            self._refusing.add(source)
        if news:
            log.warning("webhook refused", source=source, why=why)
        return Answer(401)

    def _count(self, source: str, how: str) -> None:
        with self._lock:
            self._counts[source, how] += 1
            self._refusing.discard(source)
