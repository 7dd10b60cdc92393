"""A receiver without any tool: a store, three sources with a secret, one without, and what was touched."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from told import empty

import config
from config import Config
from connectors import registry
from okrsync.hooks.receiver import Answer, Receiver
from okrsync.hooks.sealing import seal
from okrsync.model import Secret
from okrsync.store import Store
from okrsync.store import hooks as stored
from okrsync.weekly import revealer

SECRET = "It's a Secret to Everybody"
THEIRS = "c4fe5ca1b2d14c2b8f0ea9d2b0a5b2f0"
PROJECT = "1200000000000002"
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)

TEXT = """
[okrsync]
database = "sqlite:///okrsync.db"
timezone = "Europe/Paris"
instance = "acme"

[[sources]]
id = "jira"
kind = "jira"
url = "https://acme.atlassian.net"
auth = { email = "bot@acme.test", token = { env = "TOKEN" } }
projects = ["SHOP"]
webhook_secret = { file = "secret" }

[[sources]]
id = "github"
kind = "github"
url = "https://api.github.com"
auth = { token = { env = "TOKEN" } }
repositories = ["acme/shop"]
webhook_secret = { file = "secret" }

[[sources]]
id = "asana"
kind = "asana"
url = "https://app.asana.com/api/1.0"
auth = { token = { env = "TOKEN" } }
workspace = "1200000000000001"
projects = ["1200000000000002"]
webhook_secret = { file = "secret" }

[[sources]]
id = "closed"
kind = "github"
url = "https://ghe.acme.test/api/v3"
auth = { token = { env = "TOKEN" } }
repositories = ["acme/plan"]
"""


@dataclass
class Inbox:
    """What a tool sends in, and what came of it."""

    store: Store
    config: Config
    touched_: list[tuple[str, frozenset[str] | None, frozenset[str]]] = field(default_factory=list)
    now: datetime = NOW
    broken: bool = False
    receiver: Receiver = field(init=False)

    def __post_init__(self) -> None:
        self.receiver = Receiver(self.store, lambda: self.config, revealer(self.config), self, clock=lambda: self.now)

    def touched(self, source: str, scopes: Collection[str] | None, items: Collection[str] = ()) -> None:
        if self.broken:
            raise RuntimeError("nobody heeds it")
        self.touched_.append((source, None if scopes is None else frozenset(scopes), frozenset(items)))

    def github(self, body: bytes, headers: dict[str, str] | None = None, **more: str) -> Answer:
        """As GitHub sends it; ``headers`` take the place of its own."""
        own = {
            "X-GitHub-Event": more.get("event", "issues"),
            "X-GitHub-Delivery": more.get("delivery", "1"),
            "X-Hub-Signature-256": f"sha256={sign(body, more.get('secret', SECRET))}",
        }
        return self.receiver.receive("github", own if headers is None else headers, body, {})

    def jira(self, body: bytes, delivery: str = "1") -> Answer:
        headers = {"X-Hub-Signature": f"sha256={sign(body)}", "X-Atlassian-Webhook-Identifier": delivery}
        return self.receiver.receive("jira", headers, body, {})

    def asana(self, body: bytes, hook: str = "h", secret: str = THEIRS) -> Answer:
        return self.receiver.receive("asana", {"X-Hook-Signature": sign(body, secret)}, body, {"hook": hook})

    def shake(self, hook: str, secret: str = THEIRS) -> Answer:
        return self.receiver.receive("asana", {"X-Hook-Secret": secret}, b"{}", {"hook": hook})

    def expect(self, hook: str, lasts: timedelta = timedelta(minutes=1)) -> None:
        with self.store.begin() as tx:
            stored.expect(tx, hook, "asana", PROJECT, self.now + lasts, self.now)

    def know(self, hook: str, secret: str = THEIRS) -> None:
        """A webhook of Asana that was made before."""
        self.expect(hook)
        with self.store.begin() as tx:
            stored.made(tx, hook, "77", seal(secret, hook, Secret(SECRET)))


def sign(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def inbox(folder: Path) -> Inbox:
    (folder / "okrsync.toml").write_text(TEXT, encoding="utf-8")
    (folder / "secret").write_text(f"{SECRET}\n", encoding="utf-8")
    (folder / "okrsync.db").write_bytes(empty())
    found = config.load(folder / "okrsync.toml", {}, registry.settings())
    return Inbox(Store.open(f"sqlite:///{folder / 'okrsync.db'}"), found)
