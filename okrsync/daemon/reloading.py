"""The configuration read anew while the process goes on by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from config import Config
from okrsync.model import SourceConfig


@dataclass(frozen=True, slots=True)
class Reading:
    """The configuration in force, when it was read, and whether the last reading of its file was good."""

    config: Config
    at: datetime
    good: bool = True


def in_force(old: Config, new: Config) -> tuple[Config, tuple[str, ...]]:
    """The new configuration but for what needs a restart, which stays old, and the names of that.

    An address that others reach stays, so its token does where the new file names none.
    """
    stays = []
    if new.database != old.database:
        stays.append("okrsync.database")
    server = new.server
    if server.listen != old.server.listen:
        stays.append("server.listen")
        token = server.token or old.server.token
        server = replace(server, listen=old.server.listen, hosts=server.hosts | old.server.hosts, token=token)
    return replace(new, database=old.database, server=server), tuple(stays)


def gone(old: Config, new: Config) -> list[str]:
    """Ids of the sources that are not configured any more."""
    known = {source.id for source in new.sources}
    return [source.id for source in old.sources if source.id not in known]


def changed(old: Config, new: Config) -> Iterator[SourceConfig]:
    """The sources that are new, or that are to be read otherwise than before."""
    before = {source.id: source for source in old.sources}
    return (source for source in new.sources if before.get(source.id) != source)
