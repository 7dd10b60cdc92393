"""Four tools without HTTP, the configuration that reads them, and what a store decided: a tool is a table of items, and
``Tools.tell`` does what a cycle does with it, by the functions of the store itself."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache
from math import isnan
from pathlib import Path
from typing import Any, TypeAlias

from disk import memory
from sqlalchemy import select

import config
from config import Config
from connectors import registry
from okrsync import linking
from okrsync.model import Change, History, Item, Override, Page, Scope
from okrsync.store import Store, pages, people, sources, workload
from okrsync.store import tables as t
from rollup.workload import Workload

START = datetime.fromisoformat("2026-10-20T09:30:00+00:00")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

CONFIG = """
[okrsync]
database = "sqlite:///unused.db"
timezone = "Europe/Paris"
language = "en"
instance = "acme"

[[sources]]
id = "jira"
kind = "jira"
url = "https://acme.test"
auth = { email = "bot@acme.test", token = { env = "TOKEN" } }
projects = ["SHOP", "PAY"]

[[sources]]
id = "sister"
kind = "jira"
url = "https://sister.test"
auth = { email = "bot@acme.test", token = { env = "TOKEN" } }
projects = ["SHOP"]

[[sources]]
id = "github"
kind = "github"
url = "https://api.github.com"
auth = { token = { env = "TOKEN" } }
repositories = ["acme/shop", "acme/mobile"]

[[sources]]
id = "asana"
kind = "asana"
url = "https://app.asana.com/api/1.0"
auth = { token = { env = "TOKEN" } }
workspace = "1"
projects = ["1200"]

[[cycles]]
id = "2026-Q4"
start = 2026-10-01
end = 2026-12-31

[[objectives]]
id = "O-SHOP"
title = "A shop that people come back to"
owner = "cpo@acme.test"
cycle = "2026-Q4"

[[objectives.key_results]]
id = "KR-UX"
title = "The new checkout is live"
owner = "cpo@acme.test"

[[objectives.key_results]]
id = "KR-PAY"
title = "Three ways to pay"
owner = "cpo@acme.test"
epics = ["jira:SHOP-2"]
containers = ["github:milestone:acme/shop#1", "asana:project:1200"]
end = 2026-10-27

[mapping]
# rules
# patterns
# conflict
# fields
exempt = [{ labels = ["ktlo"] }]
"""

CHANGES = (
    ('projects = ["SHOP", "PAY"]', 'projects = ["SHOP"]'),
    ('projects = ["SHOP", "PAY"]', 'projects = ["SHOP", "PAY", "OPS"]'),
    ('repositories = ["acme/shop", "acme/mobile"]', 'repositories = ["acme/shop"]'),
    ('epics = ["jira:SHOP-2"]', 'epics = ["jira:SHOP-1", "jira:OPS-1", "github:acme/shop#1"]'),
    ('containers = ["github:milestone:acme/shop#1", "asana:project:1200"]', 'containers = ["asana:section:7"]'),
    ('id = "KR-PAY"', 'id = "KR-PAY"\nstate = "dropped"'),
    ('id = "KR-UX"', 'id = "KR-UXX"'),
    ('title = "The new checkout is live"', 'title = "The new checkout is loved"'),
    ("# patterns", 'label_patterns = ["team:(?P<id>[A-Z-]+)"]'),
    ("# conflict", 'conflict = "first"'),
    ("# fields", 'fields = ["Goal"]'),
    ("# rules", 'rules = ["label", "parent", "exempt", "revert", "reference", "override", "trailer"]'),
    ("# rules", 'rules = ["override", "label", "container", "trailer", "reference"]'),
    ('labels = ["ktlo"]', 'labels = ["blue"]'),
    ("end = 2026-12-31", "end = 2026-10-24"),
)

SCOPES = {
    "jira": {"10": "SHOP", "20": "PAY", "30": "OPS"},  # OPS is not configured at first
    "sister": {"10": "SHOP"},
    "github": {"1": "acme/shop", "2": "acme/mobile"},
    "asana": {"1200": "1200"},
}
WEBS = {
    "jira": "https://acme.test/browse/",
    "sister": "https://sister.test/browse/",
    "github": "https://github.com/",
    "asana": "https://app.asana.com/0/0/",
}
LABELS = ("okr:KR-UX", "OKR-kr-pay", "okr:KR-UXX", "ktlo", "team:KR-UX", "O-SHOP", "blue")


@lru_cache(maxsize=4096)
def configured(changes: frozenset[tuple[str, str]]) -> Config:
    """The configuration after these edits, made in the order of ``CHANGES``; one that fits no more is left out."""
    written = CONFIG
    for old, new in CHANGES:
        if (old, new) in changes and old in written:
            written = written.replace(old, new, 1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "okrsync.toml"
        path.write_text(written, encoding="utf-8")
        return config.load(path, {}, registry.settings())


@cache
def empty() -> bytes:
    """A database with the schema and nothing in it: to migrate one takes longer than a sequence."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        Store.open(f"sqlite:///{path}").close()
        return path.read_bytes()


@dataclass
class Thing:
    """An item as its tool has it, and what only that tool knows of it."""

    item: Item
    changes: list[Change] = field(default_factory=list)
    hidden: bool = False


Word: TypeAlias = "tuple[tuple[str, str], Override | None, datetime]"
"""Of which item, what, and when; None: what was said is taken back."""


@dataclass
class Tools:
    """What four tools hold now, and what people said to okrsync."""

    things: dict[tuple[str, str], Thing] = field(default_factory=dict)
    words: list[Word] = field(default_factory=list)

    def tell(self, store: Store, settings: Config, now: datetime, *, only: Collection[str] = tuple(SCOPES)) -> None:
        """Do what a cycle does, for some sources or for all: scopes, pages, census, context."""
        with store.begin() as tx:
            sources.register(tx, settings.sources)
            for source in settings.sources:
                if source.id in only:
                    self._cycle(tx, source.id, source.entries, now)

    def remember(self, store: Store) -> None:
        """What a cycle does last: the histories of what changed since they were read."""
        with store.begin() as tx:
            for source in SCOPES:
                if stale := pages.stale_history(tx, source, 1000):
                    told = [History(id_, tuple(self.things[source, id_].changes)) for id_ in stale]
                    pages.save_history(tx, source, stale, told)

    def _cycle(self, tx: Any, source: str, entries: tuple[str, ...], now: datetime) -> None:
        named = {scope: key for scope, key in SCOPES[source].items() if key in entries}
        sources.save_scopes(tx, source, [Scope(scope, key, configured=key) for scope, key in named.items()], now)
        shown = {id_: one for (held, id_), one in self.things.items() if held == source and not one.hidden}
        if not shown and not tx.scalar(select(t.item.c.uid).where(t.item.c.source == source).limit(1)):
            return
        page = tuple(one.item for one in shown.values() if one.item.scope in named)
        pages.save_page(tx, source, Page(page, {}), now)
        for scope in named:
            missing = pages.live_ids(tx, source, scope) - {item.remote_id for item in page}
            moved = [shown[id_].item for id_ in sorted(missing) if id_ in shown]
            pages.save_context(tx, source, moved, (), now)
            pages.move_out(tx, source, [item.remote_id for item in moved], now)
            pages.tombstone(tx, source, sorted(missing - shown.keys()), now)
        while wanted := pages.wanted_context(tx, source):
            found = [shown[id_].item for id_ in wanted if id_ in shown]
            if not pages.save_context(tx, source, found, [id_ for id_ in wanted if id_ not in shown], now).changed:
                break
        pages.settle_context(tx, source, now)

    def say(self, store: Store, words: Iterable[Word]) -> None:
        """Write down what people said of items, as ``okrsync link`` and ``exempt`` do; None takes it back."""
        with store.begin() as tx:
            uids = {identity: uid for uid, identity in identities(tx).items()}
            for identity, word, at in words:
                uid = uids.get(identity)
                if uid is not None and word is not None:
                    people.add_override(tx, replace(word, item=uid, at=at))
                elif uid is not None:
                    people.remove_override(tx, uid, "ann", at)


_BEGUN: list[bytes] = []


def begin(store: Store, tools: Tools, settings: Config, now: datetime) -> None:
    """The store is told of these tools and links, and again when it is told what people said."""
    tools.tell(store, settings, now)
    tools.remember(store)
    for words in ([], tools.words):
        tools.say(store, words)
        with store.begin() as tx:
            linking.relink(tx, settings, now)


def begun(tools: Tools, settings: Config, now: datetime) -> bytes:
    """A database that began with these tools, as every sequence finds them; made once."""
    if not _BEGUN:
        store = database("begun", empty())
        begin(store, tools, settings, now)
        store.close()
        _BEGUN.append(_path("begun").read_bytes())
    return _BEGUN[0]


def database(name: str, content: bytes) -> Store:
    """The store of this name, with this content; the same object each time, for it knows its statements by heart."""
    store = _stores(name)
    store.close()
    _path(name).write_bytes(content)
    for leftover in ("-wal", "-shm"):
        Path(f"{_path(name)}{leftover}").unlink(missing_ok=True)
    return store


@cache
def _stores(name: str) -> Store:
    _path(name).write_bytes(empty())
    return Store.open(f"sqlite:///{_path(name)}")


def _path(name: str) -> Path:
    return Path(_folder().name) / f"{name}.db"


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """In memory, where that is a folder."""
    return tempfile.TemporaryDirectory(prefix="okrsync-sequences-", dir=memory())


def identities(tx: Any) -> dict[int, tuple[str, str]]:
    """uid → what an item is in every store."""
    return {
        uid: (source, id_) for uid, source, id_ in tx.execute(select(t.item.c.uid, t.item.c.source, t.item.c.remote_id))
    }


def decided(store: Store, settings: Config) -> dict[str, dict[Any, Any]]:
    """Verdicts, open links, and what the roll-up weighs, by identities; and ended periods, of which an older store may
    know more."""
    with store.read() as tx:
        who = identities(tx)
        verdicts = {}
        for row in tx.execute(select(t.verdict)).mappings():
            said = dict(row)
            identity = who[said.pop("uid")]
            verdicts[identity] = said | {"mend": who.get(said["mend"])}
        links, ended = {}, {}
        for row in tx.execute(select(t.link)).mappings():
            said = dict(row)
            key = (who[said.pop("uid")], said.pop("target"), said.pop("rule"), said.pop("valid_from"))
            (links if said["valid_to"] is None else ended)[key] = said
        return {
            "verdicts": verdicts,
            "links": links,
            **_weighed(workload.read(tx, settings.goals), who),
            "ended": ended,
        }


def _weighed(stored: Workload, who: dict[int, tuple[str, str]]) -> dict[str, dict[Any, Any]]:
    items = {}
    for row in stored.items:
        columns: dict[str, Any] = {name: row[name].item() for name in stored.items.dtype.names or ()}
        named = {"resolution": stored.resolutions[columns["resolution"]], "source": stored.sources[columns["source"]]}
        points = None if isnan(columns["points"]) else columns["points"]
        identity = who[columns.pop("uid")]
        items[identity] = columns | named | {"parent": who.get(columns["parent"]), "points": points}
    return {
        "weighed items": items,
        "weighed links": {(who[uid], stored.targets[target]): since for uid, since, target in stored.links.tolist()},
        "turns": Counter((who[uid], at) for uid, at in stored.turns.tolist()),
    }


def explained(store: Store, settings: Config, now: datetime) -> list[str]:
    """Where the explanation of an item, made on demand, is another than what was decided and stored, a line each."""
    lines = []
    with store.read() as tx:
        links: dict[int, set[tuple[str, str, datetime]]] = defaultdict(set)
        for row in tx.execute(select(t.link).where(t.link.c.valid_to.is_(None))):
            links[row.uid].add((row.target, row.rule, row.valid_from))
        stored = {row.uid: row for row in tx.execute(select(t.verdict))}
        for one in linking.explain(tx, settings, list(stored), now):
            row = stored.pop(one.item)
            mend = one.broken_at.item if one.broken_at else None
            told = (
                one.kind,
                one.orphan,
                mend,
                bool(one.dangling),
                {(link.target, link.rule, link.since) for link in one.links},
            )
            if told != (row.kind, row.orphan, row.mend, row.dangling, links[row.uid]):
                lines.append(f"explained {identities(tx)[row.uid]}: {told}, and stored {row} {links[row.uid]}")
        lines += [f"not explained: {identities(tx)[uid]}" for uid in stored]
    return lines


def differences(found: dict[str, dict[Any, Any]], expected: dict[str, dict[Any, Any]]) -> list[str]:
    """Where a store that grew says other things than one that begins today, a line each."""
    lines = []
    for part in expected:
        keys = expected[part].keys() if part == "ended" else found[part].keys() | expected[part].keys()
        for key in sorted(keys):
            one, other = found[part].get(key), expected[part].get(key)
            if one != other:
                lines.append(f"{part} {key}: {one}, and rebuilt {other}")
    return lines
