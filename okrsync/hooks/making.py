"""Webhooks are made where they are missing, renewed where they differ, and deleted; only what we made is deleted.

Where the tool chooses the secret, it tells it to the running daemon while the webhook is being made: the row that
expects it is written first, and a webhook whose secret did not arrive is taken away again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from config import Config
from config.operation import is_local
from okrsync.errors import ConfigError, Problem, Rejected
from okrsync.hooks.sealing import seal, unseal
from okrsync.hooks.standing import NOWHERE, Address, Condition, Standing, compare
from okrsync.model import Secret, SourceConfig
from okrsync.ports import HasHooks, Hooks, Place, RemoteHook, Source
from okrsync.store import Store
from okrsync.store import hooks as stored

WINDOW = timedelta(minutes=1)
"""For so long after its making begins the secret of a webhook is expected."""

MADE, RENEWED, DELETED = "made", "renewed", "deleted"
_ARRIVED = "the daemon at {url} was not told the secret; start okrsync run with the same database, then type it again"


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one webhook: how it stands now, and ``made``, ``renewed`` or ``deleted`` where it was."""

    standing: Standing
    what: str = ""


class Making:
    """The webhooks of one source, over one connection. Raises what the tool raises but refusals of single places."""

    def __init__(
        self,
        store: Store,
        config: Config,
        source: SourceConfig,
        remote: Source,
        secret: Secret | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._source, self._remote, self._secret, self._clock = store, source, remote, secret, clock
        self._hooks: Hooks | None = remote.hooks() if isinstance(remote, HasHooks) else None
        self._url = config.server.url

    # ── what there is ──

    def look(self) -> list[Standing]:
        """What is there beside what should be."""
        if self._secret is None:
            return self._off()
        scopes = [scope for scope in self._remote.scopes() if scope.readable]
        hooks, secret = self._known(), self._secret
        places = hooks.places(scopes)
        remote: dict[str, list[RemoteHook]] = {}
        refused: list[Standing] = []
        for place in places:
            try:
                remote[place.id] = list(hooks.listed(place))
            except Rejected as refusal:
                refused.append(Standing(self._source.id, place, Condition.REFUSED, why=str(refusal)))
        seen = [place for place in places if place.id in remote]
        closed = {one.place.id for one in refused}
        ours = [hook for hook in self._ours() if hook.place not in closed]
        address = self._address(hooks)

        def is_readable(hook: stored.Hook) -> bool:
            return hook.sealed is not None and unseal(hook.sealed, hook.id, secret) is not None

        return [*compare(self._source.id, seen, remote, ours, address, is_readable), *refused]

    def _off(self) -> list[Standing]:
        ours = self._ours()
        left = [Standing(self._source.id, _place(hook), Condition.LEFT, hook) for hook in ours if hook.remote_id]
        off = Standing(self._source.id, NOWHERE, Condition.OFF)
        return [*left, *([] if left else [off])]

    # ── what is done, webhook by webhook as it is asked for ──

    def create(self) -> Iterator[Done]:
        """Every place has its webhook, as it would be made now; one that another program made for our address becomes
        ours. A second time nothing is sent but what lists them."""
        check_url(self._url, self._source)
        return map(self._created, self.look())

    def _created(self, one: Standing) -> Done:
        adopts = one.condition is Condition.FOREIGN and not self._known().chooses
        try:
            if one.condition is Condition.MISSING:
                return Done(self._make(one.place), MADE)
            if one.condition is Condition.DIFFERS or adopts:
                return Done(self._renew(one), RENEWED)
        except Rejected as refusal:
            return Done(replace(one, condition=Condition.REFUSED, why=str(refusal)))
        return Done(one)

    def delete(self) -> Iterator[Done]:
        """What we made is gone from the tool, and nothing is known of it any more."""
        hooks = self._known()
        for hook in self._ours():
            one = Standing(self._source.id, _place(hook), Condition.LEFT, hook)
            try:
                if hook.remote_id:
                    hooks.remove(one.place, hook.remote_id)
            except Rejected as refusal:
                yield Done(replace(one, condition=Condition.REFUSED, why=str(refusal)))
                continue
            self._drop(hook.id)
            if hook.remote_id:
                yield Done(one, DELETED)

    # ── one webhook ──

    def _make(self, place: Place) -> Standing:
        hooks, secret = self._known(), self._asked()
        name, url = self._expected(place, hooks)
        try:
            made = hooks.make(place, url, secret)
        except BaseException:
            self._drop(name)
            raise
        return self._settled(place, name, made, secret)

    def _renew(self, one: Standing) -> Standing:
        hooks, secret = self._known(), self._asked()
        assert one.remote is not None
        if one.hook is not None and not hooks.chooses:
            name, url = one.hook.id, self._address(hooks).base
        else:
            name, url = self._expected(one.place, hooks)
        try:
            made = hooks.renew(one.place, one.remote.id, url, secret)
        except BaseException:
            if one.hook is None or name != one.hook.id:
                self._drop(name)
            raise
        if one.hook is not None and name != one.hook.id:
            self._drop(one.hook.id)
        return self._settled(one.place, name, made, secret)

    def _expected(self, place: Place, hooks: Hooks) -> tuple[str, str]:
        """The name of a new webhook, for which a secret may be told from now on where the tool chooses it; and where it
        is to send."""
        name = secrets.token_hex(16)
        now = self._clock()
        until = now + (WINDOW if hooks.chooses else timedelta())
        with self._store.begin() as tx:
            stored.expect(tx, name, self._source.id, place.id, until, now)
        return name, self._address(hooks).of(name)

    def _settled(self, place: Place, name: str, made: RemoteHook, secret: Secret) -> Standing:
        """The tool has it, and both sides know the secret."""
        hooks = self._known()
        with self._store.begin() as tx:
            stored.made(tx, name, made.id, None if hooks.chooses else seal("", name, secret))
            found = stored.find(tx, self._source.id, name)
        if found is None or found.sealed is None:
            hooks.remove(place, made.id)
            self._drop(name)
            raise Rejected(f"{place.key}: {_ARRIVED.format(url=self._url)}")
        return Standing(self._source.id, place, Condition.HERE, found, made)

    def _drop(self, name: str) -> None:
        with self._store.begin() as tx:
            stored.drop(tx, name)

    def _ours(self) -> list[stored.Hook]:
        with self._store.read() as tx:
            return stored.hooks(tx, self._source.id)

    def _known(self) -> Hooks:
        if self._hooks is None:
            raise ConfigError([Problem(f"[sources.{self._source.id}]", "webhooks of this tool are made by hand")])
        return self._hooks

    def _asked(self) -> Secret:
        assert self._secret is not None, "nothing is made for a source without a secret"
        return self._secret

    def _address(self, hooks: Hooks) -> Address:
        return Address(f"{self._url}/webhooks/{self._source.id}", own=hooks.chooses)


def check_url(url: str, source: SourceConfig) -> None:
    """ConfigError where no tool could reach us by this address: it must be https, unless all is on this machine."""
    parts = urlsplit(url)
    nearby = is_local(urlsplit(source.url).hostname or "") and is_local(parts.hostname or "")
    if not url:
        why = 'missing; tools send webhooks there: url = "https://okrsync.example.org"'
    elif parts.scheme != "https" and not nearby:
        why = f"{url} is not https, without which nobody should send webhooks"
    else:
        return
    raise ConfigError([Problem("[server] url", why)])


def _place(hook: stored.Hook) -> Place:
    return Place(hook.place, hook.place, frozenset({hook.place}))
