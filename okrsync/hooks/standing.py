"""Which webhooks there are beside those that there should be. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from okrsync.ports import Place, RemoteHook
from okrsync.store.hooks import Hook


class Condition(StrEnum):
    """How it stands with the webhook of a place."""

    HERE = "here"
    FAILING = "failing"  # the tool could not deliver when it last tried
    DIFFERS = "differs"  # ours, and not as it would be made now
    MISSING = "missing"
    FOREIGN = "foreign"  # it sends to our address, and we do not know that we made it
    LEFT = "left"  # ours, of a place that is not configured any more
    REFUSED = "refused"  # the account may not see or make webhooks there
    OFF = "off"  # the source has no webhook_secret, so nothing is taken
    FAILED = "failed"  # the source could not be gone through


NOWHERE = Place("", "", frozenset())
"""What is told of a source, and of none of its places."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One webhook that is there or should be. ``hook`` is what we know of it, ``remote`` what the tool shows."""

    source: str
    place: Place
    condition: Condition
    hook: Hook | None = None
    remote: RemoteHook | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the webhooks of a source are to send; with ``own`` each has an address of its own."""

    base: str
    own: bool

    def of(self, hook: str) -> str:
        return f"{self.base}?hook={hook}" if self.own else self.base

    def is_ours(self, url: str) -> bool:
        return url == self.base or url.startswith(f"{self.base}?")


def compare(
    source: str,
    places: Sequence[Place],
    remote: Mapping[str, Sequence[RemoteHook]],
    ours: Sequence[Hook],
    address: Address,
    is_readable: Callable[[Hook], bool],
) -> list[Standing]:
    """A line for each place, one for each other hook that sends to us, and what was left behind.

    ``remote``: place → its hooks; ``is_readable`` tells whether the secret of one is sealed by the one in force.
    """
    known = {hook.remote_id: hook for hook in ours if hook.remote_id}
    found: list[Standing] = []
    for place in places:
        found += _of(source, place, remote.get(place.id, ()), known, address, is_readable)
    wanted = {place.id for place in places}
    left = [hook for hook in ours if hook.place not in wanted and hook.remote_id]
    found += [Standing(source, Place(hook.place, hook.place, frozenset()), Condition.LEFT, hook) for hook in left]
    return found


def _of(
    source: str,
    place: Place,
    remote: Sequence[RemoteHook],
    known: Mapping[str, Hook],
    address: Address,
    is_readable: Callable[[Hook], bool],
) -> Iterator[Standing]:
    mine = [one for one in remote if one.id in known]
    for number, one in enumerate(mine):
        hook = known[one.id]
        right = one.fits and one.url == address.of(hook.id) and is_readable(hook) and number == 0
        failing = Condition.FAILING if one.failing else Condition.HERE
        yield Standing(source, place, failing if right else Condition.DIFFERS, hook, one, one.failing)
    others = [one for one in remote if one.id not in known and address.is_ours(one.url)]
    yield from (Standing(source, place, Condition.FOREIGN, None, one) for one in others)
    if not mine and (address.own or not others):
        yield Standing(source, place, Condition.MISSING)
