"""Webhooks of projects: made with a handshake, read back, made anew and removed."""

from __future__ import annotations

import socket

import pytest
from asana_site import PAY, SHOP, Site
from misbehaving import Loopback, reply

from connectors.asana_hooks import FILTERS
from okrsync.errors import Rejected
from okrsync.model import Secret

SECRET = Secret("not used: Asana chooses")


def echo(line: socket.socket, request: bytes) -> None:
    """Tells every secret back, as the daemon does."""
    told = next(one for one in request.split(b"\r\n") if one.lower().startswith(b"x-hook-secret"))
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n" + told + b"\r\n\r\n")


@pytest.fixture
def url(loopback: Loopback) -> str:
    return f"{loopback.script(echo)}/webhooks/asana?hook=1"


def test_made_listed_made_anew_removed(asana_at: Site, url: str) -> None:
    source = asana_at.connect()
    hooks = source.hooks()
    shop, pay = hooks.places(source.scopes())
    assert (shop.id, shop.key, pay.id) == (SHOP, "Shop", PAY)
    assert hooks.listed(shop) == []
    made = hooks.make(shop, url, SECRET)
    assert (made.url, made.fits, made.failing) == (url, True, "")
    assert [one.id for one in hooks.listed(shop)] == [made.id]
    assert hooks.listed(pay) == []
    held = asana_at.workspace.hooks[made.id]
    assert [(one["resource_type"], one["action"]) for one in held.filters] == list(FILTERS)
    held.last_failure_at, held.last_failure_content = "2030-01-01T00:00:00.000Z", "500 Server Error"
    assert [one.failing for one in hooks.listed(shop)] == ["500 Server Error"]
    held.active = False
    assert [one.fits for one in hooks.listed(shop)] == [False]
    again = hooks.renew(shop, made.id, url, SECRET)
    assert set(asana_at.workspace.hooks) == {again.id}
    hooks.remove(shop, again.id)
    hooks.remove(shop, again.id)
    assert not asana_at.workspace.hooks


def test_an_address_that_does_not_tell_the_secret_back_is_refused(asana_at: Site, loopback: Loopback) -> None:
    loopback.script(reply(b""))
    source = asana_at.connect()
    (shop, _) = source.hooks().places(source.scopes())
    with pytest.raises(Rejected, match="responded with an incorrect HTTP status"):
        source.hooks().make(shop, f"{loopback.url}/webhooks/asana?hook=1", SECRET)


def test_nothing_happens_in_an_archived_project(asana_at: Site) -> None:
    found = asana_at.workspace.find("project", PAY)
    assert found is not None
    found["archived"] = True
    source = asana_at.connect()
    assert [one.id for one in source.hooks().places(source.scopes())] == [SHOP]
