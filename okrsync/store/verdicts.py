"""What mapping said, as rows and back: verdicts, and links with the time in which each was true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, Connection, select, text, type_coerce

from okrsync.model import Break, Dangling, Link, OrphanClass, Verdict, VerdictKind
from okrsync.store import codec
from okrsync.store import tables as t
from okrsync.store.bulk import BATCH, AnyRow, among, delete_rows, upsert_rows

LOAD = 5000
"""So many changes make PostgreSQL's picture of the tables useless; until it looks again, it plans for empty ones."""

VERDICT = ("uid", "kind", "orphan", "details")
LINK = ("uid", "target", "rule", "valid_from", "valid_to", "evidence", "path")

LINKS = select(*(t.link.c[name] for name in LINK)).where(t.link.c.valid_to.is_(None)).order_by(t.link.c.uid)
"""The links that hold now, for ``load_verdict``."""

VERDICTS = {kind.value: kind for kind in VerdictKind}
ORPHANS = {orphan.value: orphan for orphan in OrphanClass}

Key = tuple[str, str, int]  # target, rule, valid from
Rest = tuple[int | None, str, str]  # valid to, evidence, path


def save_verdicts(tx: Connection, verdicts: Iterable[Verdict], now: datetime) -> int:
    """These items are judged so; how many verdicts or links had to be written for it.

    A link is known by its item, target and rule. One that is no more ends now; one that is told again with another
    beginning, evidence or path is corrected, since the tool knows its own past better than we did; an equal one stays
    untouched. What is not counted, or gone, has neither verdict nor open link, and a verdict for it is passed over.
    """
    written = 0
    for batch in _batches(verdicts):
        written += _save(tx, batch, codec.micros(now))
    if written >= LOAD and tx.dialect.name == "postgresql":
        tx.execute(text("ANALYZE item, reference, change, link, verdict"))
    return written


def _batches(verdicts: Iterable[Verdict]) -> Iterator[list[Verdict]]:
    rest = iter(verdicts)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _save(tx: Connection, verdicts: Sequence[Verdict], now: int) -> int:
    uids = [verdict.item for verdict in verdicts]
    stored = {
        uid: row
        for uid, *row in tx.execute(
            select(t.item.c.uid, t.verdict.c.kind, t.verdict.c.orphan, t.verdict.c.details)
            .outerjoin(t.verdict, t.verdict.c.uid == t.item.c.uid)
            .where(among(t.item.c.uid, uids), t.LIVE)
        )
    }
    links = _stored_links(tx, uids)
    changed: set[int] = set()
    rows: list[tuple[Any, ...]] = []
    fresh: list[tuple[Any, ...]] = []
    moved: list[tuple[Any, ...]] = []
    for verdict in verdicts:
        uid = verdict.item
        if uid not in stored:
            continue
        row = [verdict.kind.value, verdict.orphan.value if verdict.orphan else None, _details(verdict)]
        if row != stored[uid]:
            rows.append((uid, *row))
            changed.add(uid)
        old, new = links.get(uid, {}), _links(verdict.links)
        if old or new:
            settled = _settle(old, new, now)
            if settled != old:
                changed.add(uid)
                moved += [(uid, *key) for key in old if key not in settled]
                fresh += [(uid, *key, *rest) for key, rest in settled.items() if old.get(key) != rest]
    upsert_rows(tx, t.verdict, VERDICT, rows)
    delete_rows(tx, t.link, LINK[:4], moved)
    upsert_rows(tx, t.link, LINK, fresh)
    return len(changed)


def _stored_links(tx: Connection, uids: Sequence[int]) -> dict[int, dict[Key, Rest]]:
    link = t.link.c
    statement = select(
        *(link.uid, link.target, link.rule, type_coerce(link.valid_from, BigInteger)),
        *(type_coerce(link.valid_to, BigInteger), link.evidence, link.path),
    ).where(among(link.uid, uids))
    found: dict[int, dict[Key, Rest]] = {}
    for uid, target, rule, valid_from, valid_to, evidence, path in tx.execute(statement):
        found.setdefault(uid, {})[target, rule, valid_from] = (valid_to, evidence, path)
    return found


def _links(links: Iterable[Link]) -> dict[Key, Rest]:
    """The links as rows; of several open ones to one target by one rule the earliest, which spans the others."""
    rows: dict[Key, Rest] = {}
    opened: dict[tuple[str, str], Key] = {}
    for link in links:
        key = (link.target, link.rule.value, codec.micros(link.since))
        if link.until is None:
            earlier = opened.get(key[:2])
            if earlier is not None and earlier[2] <= key[2]:
                continue
            if earlier is not None:
                del rows[earlier]
            opened[key[:2]] = key
        evidence, path = codec.dumps(codec.dump_say(link.evidence)), codec.dumps(codec.dump_path(link.path))
        rows[key] = (codec.maybe_micros(link.until), evidence, path)
    return rows


def _settle(old: dict[Key, Rest], new: dict[Key, Rest], now: int) -> dict[Key, Rest]:
    """What is to stand after this judgement: closed periods stay, open ones are corrected, ended or begun."""
    told = {key[:2] for key, (valid_to, _, _) in new.items() if valid_to is None}
    settled: dict[Key, Rest] = {}
    for key, (valid_to, evidence, path) in old.items():
        if valid_to is not None:
            settled[key] = (valid_to, evidence, path)
        elif key[:2] not in told:
            settled[key] = (max(now, key[2]), evidence, path)
    return settled | new


def _details(verdict: Verdict) -> str | None:
    """All that a verdict says beyond its kind and its links, as JSON; None where that is nothing."""
    if not (verdict.lost or verdict.dangling or verdict.exemption or verdict.broken_at):
        return None
    broken = verdict.broken_at
    return codec.dumps(
        {
            "lost": [
                [
                    *(link.target, link.rule.value, codec.dump_say(link.evidence), codec.dump_path(link.path)),
                    *(codec.micros(link.since), codec.maybe_micros(link.until)),
                ]
                for link in verdict.lost
            ],
            "dangling": [[dangling.text, dangling.where, dangling.suggestion] for dangling in verdict.dangling],
            "exemption": verdict.exemption and codec.dump_say(verdict.exemption),
            "broken_at": broken
            and [
                *(broken.source, broken.key, broken.title, broken.url),
                *(codec.dump_say(broken.why), codec.dump_say(broken.fix)),
            ],
        }
    )


def load_verdict(uid: int, kind: str, orphan: str | None, details: str | None, links: Iterable[AnyRow]) -> Verdict:
    """The verdict that these columns and link rows (of ``LINKS``) hold."""
    said: dict[str, Any] = codec.loads(details) if details else {}
    exemption, broken = said.get("exemption"), said.get("broken_at")
    return Verdict(
        item=uid,
        kind=VERDICTS[kind],
        orphan=ORPHANS[orphan] if orphan else None,
        links=tuple(
            Link(
                item=uid,
                target=row.target,
                rule=codec.RULES[row.rule],
                evidence=codec.load_say(codec.loads(row.evidence)),
                path=codec.load_path(codec.loads(row.path)),
                since=row.valid_from,
                until=row.valid_to,
            )
            for row in links
        ),
        lost=tuple(
            Link(
                item=uid,
                target=target,
                rule=codec.RULES[rule],
                evidence=codec.load_say(evidence),
                path=codec.load_path(path),
                since=codec.instant(since),
                until=codec.maybe_instant(until),
            )
            for target, rule, evidence, path, since, until in said.get("lost", ())
        ),
        dangling=tuple(Dangling(*dangling) for dangling in said.get("dangling", ())),
        exemption=codec.load_say(exemption) if exemption else None,
        broken_at=_load_break(broken) if broken else None,
    )


def _load_break(document: Sequence[Any]) -> Break:
    source, key, title, url, why, fix = document
    return Break(source, key, title, url, codec.load_say(why), codec.load_say(fix))
