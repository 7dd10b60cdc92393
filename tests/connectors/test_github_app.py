"""Signing in as a GitHub App: tokens that end, are withdrawn, and are shared by threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from conformance import drain, start
from contract import Contract
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from github_world import push, read, stands, write

from connectors import registry
from connectors.github import GitHubSettings
from okrsync.errors import AuthError, Rejected
from okrsync.model import AppIdentity, Secret, SecretRef, SourceConfig, Surface
from okrsync.sandbox import Sandbox
from okrsync.sandbox.github.apps import Installation
from okrsync.sandbox.github.repository import Repository

TOKENS = "/access_tokens"


@dataclass
class Key:
    private: str
    public: str


@pytest.fixture(scope="module")
def key() -> Key:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = made.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Key(private.decode(), public.decode())


@dataclass
class Signed:
    """Connects as app 42 installed as 7."""

    hub: Sandbox
    key: Key
    opened: list[Any] = field(default_factory=list)

    def install(self, **wanted: Any) -> None:
        installation = Installation("7", owner="acme", **wanted)
        self.hub.world.github.apps.register("42", public_key=self.key.public, installations=[installation])

    def connect(
        self, *repositories: str, installation: str = "7", private: str = "", url: str = "", app: str = "42"
    ) -> Any:
        source = SourceConfig(
            id="github",
            kind="github",
            url=url or f"{self.hub.url}/github",
            email=None,
            token=SecretRef("file", "key.pem"),
            settings=GitHubSettings(repositories=repositories or ("acme/shop",)),
            timeout=timedelta(seconds=5),
            app=AppIdentity(app, installation),
        )
        made: Any = registry.connect(source, Secret(private or self.key.private))
        made._api._transport._wait = lambda seconds: False
        self.opened.append(made)
        return made

    @property
    def tokens(self) -> int:
        return sum(one.path.endswith(TOKENS) for one in self.hub.requests)


@pytest.fixture
def signed(
    hub: Sandbox, key: Key, watch: Callable[[Contract, str], None], github_contract: Contract
) -> Iterator[Signed]:
    watch(github_contract, f"{hub.url}/github")
    made = Signed(hub, key)
    made.install()
    yield made
    for source in made.opened:
        source.close()


def test_an_app_reads_and_writes_with_one_token(shop: Repository, signed: Signed) -> None:
    issue = shop.issue("Issue")
    shop.commit("Begin")
    source = signed.connect()
    items, _ = read(source)
    assert len(items) == 2
    for name, value in (("okr-orphan", True), ("acme", "KR-UX: 50 %")):
        surface = Surface.LABEL if value is True else Surface.COMMENT
        pushed = write(shop, issue.number, surface, name, value)
        assert push(source, pushed).value == value
        assert push(source, pushed) == push(source, pushed)  # its own comment is known again
        assert stands(source, pushed.slot) == value
    assert len(issue.comments) == 1
    assert signed.tokens == 1


def test_a_token_is_renewed_before_it_ends(shop: Repository, signed: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.issue("Issue")
    source = signed.connect()
    now = [1000.0]
    monkeypatch.setattr("connectors.github_app.time.monotonic", lambda: now[0])
    for seconds, tokens in ((0, 1), (3200, 1), (200, 2), (10, 2)):
        now[0] += seconds
        assert len(read(source)[0]) == 1
        assert signed.tokens == tokens


def test_a_token_that_was_withdrawn_is_replaced_at_once(shop: Repository, signed: Signed) -> None:
    issue = shop.issue("Issue")
    shop.label("okr-orphan")
    source = signed.connect()
    since = start(source)
    signed.hub.world.github.apps.expire()
    assert len(drain(source, since)[0]) == 1
    assert signed.tokens == 2
    signed.hub.world.github.apps.expire()
    push(source, write(shop, issue.number, Surface.LABEL, "okr-orphan", True))  # refused means not done
    assert list(issue.labels) == ["okr-orphan"]
    assert signed.tokens == 3


def test_threads_share_a_token_and_its_renewal(shop: Repository, signed: Signed) -> None:
    shop.issue("Issue")
    source = signed.connect()

    def ask(_: int) -> str:
        (item,) = source.fetch([f"{shop.id}#1"])
        return str(item.title)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(40))) == {"Issue"}
        assert signed.tokens == 1
        signed.hub.world.github.apps.expire()
        assert set(pool.map(ask, range(40))) == {"Issue"}
    assert signed.tokens == 2


def test_etags_belong_to_the_installation_and_miss_after_a_renewal(shop: Repository, signed: Signed) -> None:
    """GitHub's ETags are of one token: after a renewal everything is transferred once, and nothing is wrong."""
    shop.issue("Issue")
    source = signed.connect()
    assert list(source.fetch([f"{shop.id}#1"]))
    asked = [one for one in signed.hub.requests if one.path.endswith(f"/repositories/{shop.id}")]
    for expire, status in ((False, 304), (True, 200), (False, 304)):
        signed.hub.clear_requests()
        fresh = signed.connect()
        fresh._api.app._token, fresh._api.app._until = source._api.app._token, source._api.app._until
        if expire:
            signed.hub.world.github.apps.expire()
        assert [item.title for item in fresh.fetch([f"{shop.id}#1"])] == ["Issue"]
        asked = [one for one in signed.hub.requests if one.path.endswith(f"/repositories/{shop.id}")]
        assert asked[-1].status == status
        source = fresh


@pytest.mark.parametrize("queries", [True, False])
def test_a_pattern_names_what_the_app_is_given(queries: bool, hub: Sandbox, signed: Signed) -> None:
    for name in ("acme/mobile-ios", "acme/mobile-web"):
        hub.world.github.add(Repository(name, repo={"private": True}))
    signed.install(repositories=frozenset({"acme/shop", "acme/mobile-ios"}))
    if not queries:
        hub.fault("answer", status=404, body="{}", path=r".*/graphql", times=None)
    source = signed.connect("acme/*")
    assert sorted(scope.key for scope in source.scopes() if scope.readable) >= ["acme/mobile-ios", "acme/shop"]
    assert "acme/mobile-web" not in {scope.key for scope in source.scopes()}
    assert any(one.path.endswith("/installation/repositories") for one in hub.requests) is not queries


def test_what_an_app_may_do(signed: Signed) -> None:
    account = signed.connect().check()
    assert (account.name, account.lacks, account.expires_at) == ("okrsync[bot]", (), None)
    assert account.rights["issues:write"]
    assert {limit.name for limit in account.limits} == {"core", "graphql", "search"}
    signed.install(permissions={"metadata": "read", "issues": "read", "contents": "read", "pull_requests": "read"})
    account = signed.connect().check()
    assert [(lack.text, sorted(lack.surfaces)) for lack in account.lacks] == [
        (
            "the app lacks issues: write; labels, comments and the descriptions of milestones cannot be written",
            ["block", "comment", "label", "objective_label"],
        ),
        ("the app lacks statuses: write; commit statuses cannot be written", ["status"]),
    ]
    assert not any(one.path.endswith("/user") for one in signed.hub.requests)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"installation": "8"}, "is app 42 installed as 8"),
        ({"app": "43"}, "is app 43 installed as 7"),
    ],
)
def test_an_app_that_is_not_installed(wanted: dict[str, str], words: str, signed: Signed) -> None:
    with pytest.raises(AuthError, match=words):
        signed.connect(**wanted).check()


def test_an_installation_that_is_suspended(signed: Signed) -> None:
    signed.install(suspended=True)
    with pytest.raises(AuthError, match="suspended"):
        signed.connect().scopes()


@pytest.mark.parametrize("private", ["no key", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"])
def test_a_key_that_is_none_is_told_without_being_shown(private: str, signed: Signed) -> None:
    with pytest.raises(AuthError, match="private key of the app cannot be used") as caught:
        signed.connect(private=private)
    assert "AAAA" not in f"{caught.value}{caught.value.__cause__}"


def test_a_key_of_another_app_is_refused(signed: Signed) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    source = signed.connect(private=private)
    words = "could not be decoded; is this the private key of app 42, and is the clock of this machine right"
    for ask in (source.scopes, lambda: source._api.app.ask("/app")):
        with pytest.raises(AuthError, match=words) as caught:
            ask()
        assert private[40:80] not in str(caught.value)
        assert "token of this source" not in str(caught.value)


def test_nothing_shows_the_key_or_a_token(shop: Repository, signed: Signed) -> None:
    shop.issue("Issue")
    source = signed.connect()
    read(source)
    token = source._api.app.token
    body = f'{{"message": "Bad credentials {token}"}}'
    signed.hub.fault("answer", status=403, body=body, headers={"Content-Type": "application/json"}, times=None)
    with pytest.raises(Rejected) as caught:
        source._api.get("/user")
    shown = f"{caught.value}{caught.value!r}{source!r}{vars(source)}{vars(source._api)}"
    assert token not in shown
    assert signed.key.private[60:100] not in shown
