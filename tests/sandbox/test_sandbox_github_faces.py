"""Signing in as an App, and the same repositories as an Enterprise Server gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from github import Auth, Github, GithubIntegration
from github_client import Client

from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.github.apps import Installation
from okrsync.sandbox.github.repository import Repository

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SHOP = "/repos/acme/shop"
SELECTED = Installation("7", "acme", frozenset({"acme/shop"}), {"metadata": "read", "issues": "read"})
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
PRIVATE = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    shop = Repository("acme/shop", commits=[{"commit": {"message": "first"}}])
    shop.issue("One", type="Bug", at=NOON)
    shop.issue("Two", parent=1, at=NOON)
    shop.block(2, 1)
    pay = Repository("acme/pay")
    with Sandbox(World(github=[shop, pay], clock=Clock(NOON))) as running:
        running.world.github.apps.register("42", public_key=PUBLIC, installations=[SELECTED])
        yield running


@pytest.fixture
def connect(sandbox: Sandbox) -> Iterator[Callable[..., Client]]:
    opened: list[Client] = []

    def connected(token: str = "token", face: str = "github") -> Client:
        client = Client(sandbox.url, token=token)
        client.base = f"{sandbox.url}/{face}"
        opened.append(client)
        return client

    yield connected
    for client in opened:
        client.close()


def signed(key: Any = KEY, algorithm: str = "RS256", **claims: Any) -> str:
    now = int(datetime.now(UTC).timestamp())
    return jwt.encode({"iss": "42", "iat": now - 60, "exp": now + 300, **claims}, key, algorithm=algorithm)


# ── Apps ──


def test_an_installation_sees_and_does_what_it_was_given(connect: Callable[..., Client], sandbox: Sandbox) -> None:
    made = connect(signed()).ask("POST", "/app/installations/7/access_tokens", status=201)
    left = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    assert (made["token"][:4], made["repository_selection"]) == ("ghs_", "selected")
    assert made["permissions"] == {"metadata": "read", "issues": "read"}
    client = connect(made["token"])
    found = client.ask("GET", "/installation/repositories")
    assert [one["full_name"] for one in found["repositories"]] == ["acme/shop"]
    assert client.ask("GET", "/user", status=403)["message"] == "Resource not accessible by integration"
    assert len(client.ask("GET", f"{SHOP}/issues", state="all")) == 2
    client.ask("GET", "/repos/acme/pay", status=404)
    assert [one["name"] for one in client.ask("GET", "/orgs/acme/repos")] == ["shop"]
    refused = client.send_to("GET", f"{SHOP}/commits")
    assert (refused.status_code, refused.headers["X-Accepted-GitHub-Permissions"]) == (403, "contents=read")
    client.ask("POST", f"{SHOP}/issues/1/labels", {"labels": ["x"]}, status=403)
    assert "X-OAuth-Scopes" not in client.send_to("GET", SHOP).headers
    query = '{ shop: repository(owner: "acme", name: "shop") { viewerPermission } '
    query += 'pay: repository(owner: "acme", name: "pay") { name } }'
    answer = client.query(query)
    assert answer["data"] == {"shop": {"viewerPermission": None}, "pay": None}
    connect("token").ask("GET", "/installation/repositories", status=403)
    assert not sandbox.unsafe_requests()[1:], "signing in is no write"


def test_a_token_of_an_installation_ends(connect: Callable[..., Client], sandbox: Sandbox) -> None:
    app = connect(signed())
    client = connect(app.ask("POST", "/app/installations/7/access_tokens", status=201)["token"])
    client.ask("GET", SHOP)
    sandbox.world.github.apps.expire()
    assert client.ask("GET", SHOP, status=401)["message"] == "Bad credentials"
    sandbox.world.github.apps.lifetime = timedelta(seconds=-1)
    token = app.ask("POST", "/app/installations/7/access_tokens", status=201)["token"]
    connect(token).ask("GET", SHOP, status=401)


@pytest.mark.parametrize(
    ("claims", "status", "words"),
    [
        ({"key": OTHER}, 401, "could not be decoded"),
        ({"key": "s" * 32, "algorithm": "HS256"}, 401, "could not be decoded"),
        ({"iss": "43"}, 404, "Integration not found"),
        ({"exp": 1}, 401, "must be a numeric value representing the future"),
        ({"exp": 4_000_000_000}, 401, "too far in the future"),
        ({"iat": 4_000_000_000}, 401, "'Issued at' claim"),
    ],
)
def test_an_app_that_signs_badly_is_refused(
    connect: Callable[..., Client], claims: dict[str, Any], status: int, words: str
) -> None:
    client = connect(signed(**claims))
    assert words in client.ask("POST", "/app/installations/7/access_tokens", status=status)["message"]


def test_an_installation_that_is_not_there_or_suspended(connect: Callable[..., Client], sandbox: Sandbox) -> None:
    client = connect(signed())
    client.ask("POST", "/app/installations/8/access_tokens", status=404)
    connect("token").ask("GET", "/app", status=401)
    stopped = Installation("9", suspended=True)
    sandbox.world.github.apps.register("42", public_key=PUBLIC, installations=[stopped])
    assert "suspended" in client.ask("POST", "/app/installations/9/access_tokens", status=403)["message"]
    assert client.ask("GET", "/app/installations/9")["suspended_at"]


def test_the_real_library_signs_in_as_an_app(sandbox: Sandbox) -> None:
    auth = Auth.AppAuth(42, PRIVATE)
    how: dict[str, Any] = {"retry": None, "seconds_between_requests": 0, "seconds_between_writes": 0}
    integration = GithubIntegration(auth=auth, base_url=f"{sandbox.url}/github", **how)
    assert integration.get_app().id == 42
    installed = Github(auth=auth.get_installation_auth(7), base_url=f"{sandbox.url}/github", **how)
    assert [one.number for one in installed.get_repo("acme/shop").get_issues()] == [2, 1]
    assert installed.get_repo("acme/shop").get_issue(1).title == "One"
    asked = [one.path for one in sandbox.requests if one.path.endswith("/access_tokens")]
    assert len(asked) == 1
    integration.close()
    installed.close()


# ── an Enterprise Server ──


def test_a_server_has_the_same_items_with_less_around_them(connect: Callable[..., Client], sandbox: Sandbox) -> None:
    server, cloud = connect(face="ghes/api/v3"), connect()
    answer = server.send_to("GET", f"{SHOP}/issues/2")
    assert answer.headers["X-GitHub-Enterprise-Version"] == "3.17.4"
    assert not [name for name in answer.headers if name.lower().startswith("x-ratelimit")]
    issue, same = answer.json(), cloud.ask("GET", f"{SHOP}/issues/2")
    newer = {"type", "parent_issue_url", "sub_issues_summary", "issue_dependencies_summary"}
    assert same.keys() - issue.keys() == newer
    assert issue["html_url"] == f"{sandbox.url}/ghes/acme/shop/issues/2"
    assert issue["url"] == f"{sandbox.url}/ghes/api/v3/repos/acme/shop/issues/2"
    assert "github.com" not in answer.text
    assert "github.com/" not in server.send_to("GET", f"{SHOP}/commits").text
    listed = server.send_to("GET", f"{SHOP}/issues", per_page=1)
    assert listed.links["next"]["url"].startswith(f"{sandbox.url}/ghes/api/v3/repositories/")
    for path in ("parent", "sub_issues", "dependencies/blocked_by"):
        server.ask("GET", f"{SHOP}/issues/2/{path}", status=404)
    assert server.ask("GET", f"{SHOP}/issues/2/events") == []
    assert server.ask("GET", "/rate_limit", status=404)["message"] == "Rate limiting is not enabled."
    connect(face="ghes").ask("GET", SHOP, status=404)
    connect("bad", face="ghes/api/v3").ask("GET", SHOP, status=401)


@pytest.mark.parametrize(
    ("issue", "code", "words"),
    [
        ("parent { number }", "undefinedField", "Field 'parent' doesn't exist on type 'Issue'"),
        ("issueType { name }", "undefinedField", "Field 'issueType' doesn't exist on type 'Issue'"),
        ("blockedBy(first: 1) { totalCount }", "undefinedField", "Field 'blockedBy' doesn't exist on type 'Issue'"),
        (
            "timelineItems(first: 1) { nodes { ... on BlockedByAddedEvent { id } } }",
            "undefinedType",
            "No such type BlockedByAddedEvent",
        ),
        (
            "timelineItems(first: 1, itemTypes: [PARENT_ISSUE_ADDED_EVENT]) { totalCount }",
            "argumentLiteralsIncompatible",
            "PARENT_ISSUE_ADDED_EVENT",
        ),
    ],
)
def test_a_server_refuses_what_is_new_in_graphql(
    connect: Callable[..., Client], issue: str, code: str, words: str
) -> None:
    query = f'{{ repository(owner: "acme", name: "shop") {{ issue(number: 2) {{ title {issue} }} }} }}'
    answer = connect(face="ghes/api").query(query)
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], words in error["message"]) == (code, True)
    assert "data" not in answer
    assert connect().query(query)["data"]["repository"]["issue"]["title"] == "Two"


def test_a_server_without_limits_tells_none_or_zero_of_zero(connect: Callable[..., Client], sandbox: Sandbox) -> None:
    rest, graphql = connect(face="ghes/api/v3"), connect(face="ghes/api")
    query = "{ viewer { login } rateLimit { cost limit remaining } }"
    assert graphql.query(query)["data"] == {"viewer": {"login": "okrsync-bot"}, "rateLimit": None}
    sandbox.world.enterprise.limits = "zero"
    for _ in range(3):
        answer = rest.send_to("GET", SHOP)
        assert answer.status_code == 200
        told = {name: answer.headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining")}
        assert told == {"Limit": "0", "Remaining": "0"}
    assert graphql.query(query)["data"]["rateLimit"] == {"cost": 1, "limit": 0, "remaining": 0}
    assert rest.ask("GET", "/rate_limit")["rate"]["limit"] == 0


def test_the_real_library_finds_a_server(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/ghes/api/v3"
    library = Github(base_url=url, auth=Auth.Token("t"), retry=None, seconds_between_requests=0)
    repo = library.get_repo("acme/shop")
    assert [one.title for one in repo.get_issues(sort="created", direction="asc")] == ["One", "Two"]
    _, answer = library.requester.graphql_query("{ viewer { login } }", {})
    assert answer["data"]["viewer"]["login"] == "okrsync-bot"
    library.close()
