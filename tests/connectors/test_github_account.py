"""Who we are on GitHub, what is lacking and what is left; and what a search counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from github_world import NO_QUERIES, Connect
from misbehaving import Loopback, reply

from okrsync.errors import Rejected
from okrsync.sandbox import Sandbox
from okrsync.sandbox.github.repository import Repository

# ── who we are ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_lacking_and_what_is_left(shop: Repository, plan: Repository, hub: Sandbox, connect: Connect) -> None:
    account = hub.world.github.account
    account.denied |= {"push", "triage"}
    plan.hide()
    found = connect("acme/shop", "acme/plan").check()
    assert [(lack.text.partition(" (")[0], sorted(lack.surfaces)) for lack in found.lacks] == [
        ("acme/shop: without triage, labels cannot be written", ["label", "objective_label"]),
        (
            "acme/shop: without push, commit statuses and the descriptions of milestones cannot be written",
            ["block", "status"],
        ),
        ("acme/plan: nothing can be read", []),
    ]
    core = {limit.name: limit for limit in found.limits}["core"]
    assert (core.limit, 0 < core.left < 5000) == (5000, True)
    assert core.resets_at is not None


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("2026-12-01 08:00:00 UTC", datetime(2026, 12, 1, 8, tzinfo=UTC)),
        ("2026-12-01 08:00:00 +0200", datetime(2026, 12, 1, 6, tzinfo=UTC)),
        ("soon", None),
        ("", None),
    ],
)
def test_when_a_token_ends(said: str, at: datetime | None, loopback: Loopback, connect: Connect) -> None:
    headers = {"GitHub-Authentication-Token-Expiration": said} if said else {}
    url = loopback.script(
        NO_QUERIES,
        reply({"id": 1, "full_name": "acme/shop", "permissions": {"pull": True}}),
        reply({"login": "ada"}, **headers),
        reply({"message": "Rate limiting is not enabled."}, "404 Not Found"),
    )
    account = connect(url=url).check()
    assert (account.name, account.expires_at, account.limits, account.lacks) == ("ada", at, (), ())


@pytest.mark.parametrize(
    ("scopes", "lacks"),
    [
        ("repo, read:org", []),
        ("public_repo", ["the token lacks the scope repo: public repositories only"]),
        ("", ["the token lacks the scope repo: public repositories only"]),
    ],
)
def test_what_a_classic_token_says(scopes: str, lacks: list[str], hub: Sandbox, connect: Connect) -> None:
    hub.world.github.account.scopes = scopes
    assert [lack.text for lack in connect().check().lacks if not lack.surfaces] == lacks


@pytest.mark.parametrize(
    ("right", "words"),
    [("issues", "issues cannot be read"), ("pullRequests", "pull requests cannot be read")],
)
def test_what_a_query_refuses_is_told(right: str, words: str, hub: Sandbox, connect: Connect) -> None:
    said = "Resource not accessible by personal access token"
    error = f'{{"type": "FORBIDDEN", "path": ["r0", "{right}"], "message": "{said}"}}'
    body = f'{{"data": {{"r0": null}}, "errors": [{error}]}}'
    hub.fault(
        "answer", status=200, body=body, headers={"Content-Type": "application/json"}, path=r".*/graphql", times=1
    )
    (lack,) = connect().check().lacks
    assert (lack.text, lack.surfaces) == (f"acme/shop: {words} ({said})", frozenset())


# ── counting ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_search_is_counted_or_not_yet(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    for number in range(3):
        shop.issue(f"Issue {number}", labels=["tech-debt"])
    shop.edit(1, state="closed")
    hub.world.clock.advance(timedelta(minutes=5))
    source = connect()
    assert source.count("repo:acme/shop is:issue is:open label:tech-debt") == 2
    hub.fault("incomplete_search", times=1)
    assert source.count("repo:acme/shop is:issue") is None
    with pytest.raises(Rejected):
        source.count("repo:acme/nowhere")
    source._api._wait = source.waits.append
    for _ in range(10):
        source.count("repo:acme/shop is:issue")
    assert source.waits
    assert max(source.waits) < 60
