"""Hooks of repositories: made, read back, renewed and removed, each request as GitHub describes it."""

from __future__ import annotations

import orjson
import pytest
from github_world import Connect
from misbehaving import Loopback, reply

from connectors.github_hooks import EVENTS, OLDER
from okrsync.errors import Rejected
from okrsync.model import Secret
from okrsync.ports import Place
from okrsync.sandbox import Sandbox
from okrsync.sandbox.github.repository import Repository

URL = "https://okrsync.acme.test/webhooks/github"
SECRET = Secret("It's a Secret to Everybody")


def test_made_listed_renewed_removed(shop: Repository, connect: Connect, hub: Sandbox) -> None:
    source = connect()
    hooks = source.hooks()
    (place,) = hooks.places(source.scopes())
    assert (place.id, place.key, place.scopes) == (str(shop.id), "acme/shop", {str(shop.id)})
    assert hooks.listed(place) == []
    made = hooks.make(place, URL, SECRET)
    assert (made.url, made.fits) == (URL, True)
    assert [one.id for one in hooks.listed(place)] == [made.id]
    (stands,) = shop.hooks.values()
    assert (stands.secret, stands.events) == (SECRET.reveal(), sorted(EVENTS))
    stands.insecure_ssl = "1"
    assert [one.fits for one in hooks.listed(place)] == [False]
    assert hooks.renew(place, made.id, URL, Secret("another")).fits
    assert (stands.secret, stands.insecure_ssl) == ("another", "0")
    hooks.remove(place, made.id)
    hooks.remove(place, made.id)
    assert not shop.hooks
    with pytest.raises(Rejected, match="not supported"):
        hooks.make(place, "ftp://nowhere", SECRET)


def test_who_may_not_see_hooks_is_told_what_it_takes(shop: Repository, connect: Connect, hub: Sandbox) -> None:
    source = connect()
    hooks = source.hooks()
    (place,) = hooks.places(source.scopes())
    hub.world.github.account.scopes = None
    hub.world.github.account.denied |= {"hooks"}
    with pytest.raises(Rejected, match="needs hooks=write"):
        hooks.listed(place)
    assert shop.hooks == {}


def test_a_server_that_knows_fewer_events_gets_the_older_ones(connect: Connect, loopback: Loopback) -> None:
    refusal = {"message": "Validation Failed", "errors": [{"resource": "Hook", "message": "Invalid event: sub_issues"}]}
    config = {"url": URL, "content_type": "json", "insecure_ssl": "0"}
    made = {"id": 7, "active": True, "events": list(OLDER), "config": config}
    loopback.script(reply(refusal, "422 Unprocessable Entity"), reply(made, "201 Created"))
    hooks = connect(url=loopback.url).hooks()
    found = hooks.make(Place("1", "acme/shop", frozenset({"1"})), URL, SECRET)
    assert (found.id, found.url, found.fits) == ("7", URL, True)
    first, second = (orjson.loads(one.partition(b"\r\n\r\n")[2]) for one in loopback.requests)
    assert (first["events"], second["events"]) == (list(EVENTS), list(OLDER))
