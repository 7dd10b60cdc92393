"""A database as each former version of okrsync left it, every table filled, and what is to be in it after an upgrade.

What a migration changed is said here by hand, from what the versions meant, and not by running it.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from alembic import command
from sqlalchemy import Boolean, Connection, create_engine, insert, table
from sqlalchemy import column as named
from sqlalchemy.pool import NullPool

from okrsync.store import migrate
from okrsync.store import tables as t
from okrsync.store.copying import advance, batches

Row = dict[str, Any]
Content = dict[str, list[Row]]

DAY = 86_400_000_000  # microseconds
AT_TIME = datetime(2026, 9, 21, tzinfo=UTC)
AT = 1_790_000_000_000_000  # in September 2026, in microseconds


def _item(uid: int, **values: Any) -> Row:
    return {
        "uid": uid,
        "source": "jira",
        "remote_id": str(1000 + uid),
        "key": f"SHOP-{uid}",
        "folded": f"shop-{uid}",
        "kind": "ticket",
        "title": f"Étape {uid} · 結 🎯",
        "url": f"https://acme.test/browse/SHOP-{uid}",
        "type": "Histoire",
        "level": 0,
        "state": "in_progress",
        "status": "En cours",
        "resolution": None,
        "scope": "10000",
        "project": "SHOP",
        "created_at": AT,
        "completed_at": None,
        "due": "2026-12-24",
        "points": 2.5,
        "assignee": "ada",
        "author": "grace",
        "labels": '["okr:KR-1","été"]',
        "fields": '[["customfield_1","Goal","KR-1"]]',
        "flagged": 0,
        "branch": "",
        "base": "",
        "head": "",
        "updated_at": AT + uid,
        "counted": 1,
        "readable": 1,
        "deleted_at": None,
        "fingerprint": -(2**63) + uid,
        "history_at": AT + uid,
        **values,
    }


def _reference(uid: int, n: int, kind: str, target: str, **values: Any) -> Row:
    given = {"textual": 0, "source": "jira", "target_id": None, "target_source": None, "evidence": kind, "since": None}
    return {"uid": uid, "n": n, "kind": kind, "target": target, "folded": target.lower(), **given, **values}


def _write(number: int, seq: int, state: str, **values: Any) -> Row:
    return {
        "id": number,
        "run": 3,
        "seq": seq,
        "source": "jira",
        "remote_id": "1007",
        "surface": "label",
        "name": "okr-orphan",
        "key": "SHOP-7",
        "url": "https://acme.test/browse/SHOP-7",
        "before": "null",
        "after": "true",
        "why": '["orphan",[]]',
        "state": state,
        "intent_at": AT,
        "settled_at": None,
        "receipt": None,
        "handle": None,
        "error": "",
        "refused": 0,
        "approved_by": None,
        "approved_at": None,
        **values,
    }


def _known(remote_id: str, value: str | None, write: int | None, **values: Any) -> Row:
    slot = {"source": "jira", "remote_id": remote_id, "surface": "label", "name": "okr-orphan"}
    return {**slot, "value": value, "ours": value, "write": write, "at": AT, "restored": 0, "seen_at": None, **values}


def _scope(source: str, remote_id: str, state: str, **values: Any) -> Row:
    given = {"key": "SHOP", "name": "Shop", "configured": "", "error": "", "cursor": None, "mark": ""}
    more = {"last_success": None, "census_at": None}
    return {"source": source, "remote_id": remote_id, "state": state, **given, **more, **values}


def _source(name: str, state: str, **values: Any) -> Row:
    given = {"last_attempt": None, "last_success": None, "error": "", "day": None, "ok": 0, "cycles": 0}
    return {"id": name, "kind": name, "state": state, **given, **values}


def _override(number: int, uid: int, **values: Any) -> Row:
    said = {"kind": "link", "targets": '["KR-1"]', "why": "said so", "by": "ana", "at": AT}
    return {"id": number, "uid": uid, **said, "removed_at": None, "removed_by": None, **values}


NOW: Content = {
    "source": [
        _source("jira", "ok", last_attempt=AT, last_success=AT, day="2026-11-23", ok=4, cycles=5),
        _source("github", "auth_failed", error="401: renew the token"),
    ],
    "scope": [
        _scope("jira", "10000", "ok", configured="SHOP", cursor=AT, mark="m", last_success=AT, census_at=AT),
        _scope("jira", "20000", "unreachable", error="403"),
    ],
    "item": [
        _item(7),
        _item(8, state="done", completed_at=AT + DAY, resolution="Fait", points=None, level=None, labels=None),
        _item(9, counted=0, assignee=None, due=None, fields=None),
        _item(10, deleted_at=AT + 2 * DAY, flagged=1),
        _item(
            11,
            source="github",
            kind="pull_request",
            key="acme/shop#1",
            folded="acme/shop#1",
            branch="shop-7",
            base="main",
            head="abc",
            history_at=None,
            scope="1",
        ),
    ],
    "body": [{"uid": 7, "text": "Long\nwords, 'quoted' \"twice\"; \\ and a tab\t"}, {"uid": 11, "text": ""}],
    "alias": [{"uid": 7, "folded": "old-7", "source": "jira", "key": "OLD-7"}],
    "reference": [
        _reference(8, 0, "parent", "SHOP-7", target_id="1007", since=AT),
        _reference(8, 1, "epic", "E-1"),
        _reference(8, 2, "member", "board", target_id="5"),
        _reference(11, 0, "merged_as", "abc123", source="github"),
        _reference(11, 0, "mentions", "SHOP-7", source="github", textual=1, target_source="jira"),
    ],
    "change": [
        {"uid": 7, "n": 0, "at": AT, "kind": "label_added", "before": None, "after": "okr:KR-1", "observed": 0},
        {"uid": 8, "n": 0, "at": AT, "kind": "parent", "before": "SHOP-9", "after": "SHOP-7", "observed": 1},
        {"uid": 8, "n": 1, "at": AT + 1, "kind": "label_removed", "before": "okr:KR-1", "after": None, "observed": 0},
    ],
    "dirty": [{"uid": 9, "version": 2}],
    "link": [
        {"uid": 7, "target": "KR-1", "rule": "label", "valid_from": AT, "valid_to": AT + DAY, "via": "okr:KR-1"},
        {"uid": 7, "target": "KR-2", "rule": "label", "valid_from": AT + DAY, "valid_to": None, "via": "okr:KR-2"},
    ],
    "verdict": [
        {"uid": 7, "kind": "traced", "orphan": None, "mend": None, "dangling": 0},
        {"uid": 8, "kind": "orphan", "orphan": "transitive", "mend": 7, "dangling": 1},
    ],
    "workload": [{"part": 0, "items": b"\x00\xff1", "links": b"", "turns": b"\\x41"}],
    "snapshot": [
        {"goal": "KR-1", "day": "2026-11-22", "at": AT, "status": "on_track", "progress": 0.1, "probability": 0.7}
        | {"done": 3.0, "scope": 30.0, "unit": "points"},
        {"goal": "KR-1", "day": "2026-11-23", "at": AT, "status": "no_data", "progress": None, "probability": None}
        | {"done": None, "scope": None, "unit": ""},
    ],
    "attempt": [{"source": "jira", "day": "2026-11-22", "ok": 287, "cycles": 288}],
    "goal": [{"source": "jira", "id": "1200", "document": '{"name":"Goal"}'}],
    "revision": [{"goal": "KR-1", "at": AT, "document": '{"title":"Été"}'}],
    "override": [_override(1, 7), _override(4, 8, kind="exempt", targets="[]", removed_at=AT, removed_by="bob")],
    "confirmation": [
        {"id": 2, "goal": "KR-1", "uid": None, "why": "still", "by": "ana", "at": AT},
        {"id": 3, "goal": "KR-1", "uid": 7, "why": "this one", "by": "ana", "at": AT},
    ],
    "reading": [{"id": 5, "key_result": "KR-2", "at": AT, "value": 81.5, "by": "ana", "why": ""}],
    "run": [
        {"id": 3, "at": AT, "by": "ana", "kind": "plan", "undoes": None},
        {"id": 6, "at": AT, "by": "okrsync run", "kind": "undo", "undoes": 3},
    ],
    "write": [
        _write(30, 0, "applied", settled_at=AT, receipt="true", handle="h"),
        _write(31, 1, "intended", name="other"),
        _write(32, 2, "planned", intent_at=None, approved_by="ana", approved_at=AT, refused=1),
    ],
    "known": [
        _known("1007", "true", 30, restored=2, seen_at=AT),
        _known("1008", "null", 30),
        _known("1009", None, None, ours=None),
    ],
    "alert": [
        {"id": 1, "kind": "status", "subject": "KR-1", "document": "{}", "since": AT, "ended_at": AT + DAY}
        | {"told_at": AT, "end_told_at": AT + DAY},
        {"id": 2, "kind": "source", "subject": "jira", "document": "{}", "since": AT, "ended_at": None}
        | {"told_at": None, "end_told_at": None},
    ],
    "hook": [
        {"id": "h1", "source": "asana", "target": "1200", "remote_id": "9", "sealed": "gAAA", "expected_until": AT}
        | {"created_at": AT},
        {"id": "h2", "source": "asana", "target": "1200", "remote_id": None, "sealed": None, "expected_until": None}
        | {"created_at": AT},
    ],
    "forgotten": [{"digest": "d1", "alias": "person-1", "at": AT}],
    "meta": [
        {"key": "ruleset", "value": '"x"'},
        {"key": "reading", "value": '"y"'},
        {"key": "fence", "value": "4"},
    ],
}
"""What the present schema holds: at least a row in each table, and each column with a value and, where it may, none."""

TABLES = {
    "0002": ("goal",),
    "0004": ("workload", "revision", "confirmation"),
    "0005": ("snapshot", "attempt"),
    "0007": ("alert", "hook", "forgotten"),
}
"""Tables that came with a version."""

COLUMNS: dict[str, dict[tuple[str, str], Any]] = {
    "0002": {
        **{("item", name): "" for name in ("branch", "base", "head")},
        ("scope", "configured"): "",
        ("scope", "mark"): "",
        ("reference", "textual"): 0,
        ("reference", "target_source"): None,
    },
    "0003": {("change", "observed"): 0},
    "0005": {("source", "day"): None, ("source", "ok"): 0, ("source", "cycles"): 0},
    "0006": {
        ("run", "kind"): "plan",
        ("run", "undoes"): None,
        ("write", "approved_by"): None,
        ("write", "approved_at"): None,
        ("write", "refused"): 0,
        ("known", "restored"): 0,
        ("known", "seen_at"): None,
    },
}
"""Columns that came with a version, and what they say of what was there before."""


def versions() -> list[str]:
    """Every version that there ever was, the newest last."""
    from alembic.script import ScriptDirectory

    return sorted(script.revision for script in ScriptDirectory.from_config(migrate.config()).walk_revisions())


def then(version: str) -> Content:
    """What a database of this version holds."""
    content = _of_the_time(version)
    for since, columns in COLUMNS.items():
        for (name, column), _ in columns.items():
            if version < since:
                for row in content[name]:
                    del row[column]
    if version < "0002":
        content["scope"].append({**_without(_scope("jira", "30000", "dropped"), "configured", "mark")})
    if version < "0004":
        for row in content["link"]:
            del row["via"]
            row |= {"evidence": "[]", "path": "[]"}
        for row in content["verdict"]:
            row.pop("mend"), row.pop("dangling")
            row["details"] = "{}"
    if version < "0006":
        for row in content["known"]:
            del row["ours"]
    return content


def upgraded(version: str) -> Content:
    """What this program finds in it after the upgrade."""
    content = _of_the_time(version)
    for since, columns in COLUMNS.items():
        for (name, column), default in columns.items():
            if version < since:
                for row in content[name]:
                    row[column] = default
    if version < "0004":  # decisions are made again; what ended is kept, without what made it
        content["verdict"] = []
        content["link"] = [row | {"via": ""} for row in content["link"] if row["valid_to"] is not None]
        content["meta"] = [row for row in content["meta"] if row["key"] != "ruleset"]
    if version < "0006":
        for row in content["known"]:
            row["ours"] = row["value"]
    return content


def _of_the_time(version: str) -> Content:
    """The rows that could be there, as the present would say them."""
    content = deepcopy(NOW)
    for since, names in TABLES.items():
        if version < since:
            for name in names:
                content[name] = []
    if version < "0002":  # the tools' own word alone
        content["reference"] = [row for row in content["reference"] if not row["textual"]]
    if version < "0006":  # what okrsync wrote alone
        content["known"] = [row for row in content["known"] if row["write"] is not None]
    return content


def _without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def make(url: str, version: str) -> None:
    """A database of this version at the address, filled."""
    engine, content = create_engine(url, poolclass=NullPool), then(version)
    with engine.begin() as tx:
        command.upgrade(migrate.config(tx), version)
        for name in [*OWNERS, *(name for name in content if name not in OWNERS)]:
            if rows := content[name]:
                into = table(name, *(named(column) for column in rows[0]))
                tx.execute(insert(into), [_typed(name, row) for row in rows])
        if tx.dialect.name == "postgresql":
            advance(tx, [t.metadata.tables[name] for name, rows in content.items() if rows])


OWNERS = ("source", "item", "run", "write")
"""Tables whose rows others name."""

_TRUTHS = {
    one.name: frozenset(column.name for column in one.columns if isinstance(column.type, Boolean))
    for one in t.metadata.sorted_tables
}


def _typed(name: str, row: Row) -> Row:
    return {key: bool(value) if key in _TRUTHS[name] else value for key, value in row.items()}


def held(tx: Connection) -> Content:
    """What a database of the present schema holds, alike on SQLite and PostgreSQL."""
    names = {one.name: [column.name for column in one.columns] for one in t.metadata.sorted_tables}
    return {
        one.name: [dict(zip(names[one.name], row, strict=True)) for rows in batches(tx, one) for row in rows]
        for one in t.metadata.sorted_tables
    }


def in_order(content: Content) -> dict[str, list[str]]:
    """The content, comparable: rows in the order of their words, columns in that of their names."""
    return {name: sorted(repr(sorted(row.items())) for row in rows) for name, rows in content.items()}
