"""The names of a person are nowhere in the database any more, and do not come back with the next sync."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import String, insert, select
from sqlalchemy.sql.sqltypes import Text

from okrsync.errors import UsageError
from okrsync.model import (
    Change,
    ChangeKind,
    FieldValue,
    History,
    Override,
    OverrideKind,
    Reading,
    Receipt,
    Reference,
    ReferenceKind,
    RemoteGoal,
    SaidStatus,
    Say,
    Scope,
    Slot,
    Surface,
    Write,
)
from okrsync.store import Store, forgetting, goals, journal, meta, pages, people, revisions, sources, veil
from okrsync.store import tables as t
from okrsync.store.bulk import insert_rows
from okrsync.store.codec import micros
from okrsync.store.columns import Day
from okrsync.store.forgetting import DOCUMENTS, PEOPLE, TEXTS, forget

T0 = datetime(2026, 1, 5, 9, 30, 15, 123456, tzinfo=UTC)
NAME, MAIL, LOGIN = "Léa Dubois", "lea.dubois@acme.test", "ldubois"
NAMES = (NAME, MAIL, LOGIN)
KEPT: dict[str, set[str]] = {
    "source": {"id", "kind", "state"},
    "scope": {"source", "remote_id", "key", "configured", "state", "mark"},
    "item": {
        *("source", "remote_id", "key", "folded", "kind", "url", "type", "state", "status", "resolution", "scope"),
        *("project", "head"),
    },
    "alias": {"folded", "source", "key"},
    "reference": {"source", "kind", "target", "target_id", "target_source", "folded"},
    "change": {"kind"},
    "link": {"target", "rule"},
    "verdict": {"kind", "orphan"},
    "snapshot": {"goal", "status", "unit"},
    "attempt": {"source"},
    "goal": {"source", "id"},
    "revision": {"goal"},
    "override": {"kind", "targets"},
    "confirmation": {"goal"},
    "reading": {"key_result"},
    "run": {"kind"},
    "write": {"source", "remote_id", "surface", "name", "key", "url", "state", "handle"},
    "known": {"source", "remote_id", "surface", "name"},
    "alert": {"kind", "subject"},
    "hook": {"id", "source", "target", "remote_id", "sealed"},
    "forgotten": {"digest", "alias"},
    "meta": {"key"},
}
"""What holds no name of a person, or is how a tool calls a thing."""


def test_of_every_text_it_is_known_whether_a_name_may_stand_there() -> None:
    """A new column is named here, or in the module."""
    for table in t.metadata.sorted_tables:
        texts = {
            column.name
            for column in table.columns
            if isinstance(getattr(column.type, "impl_instance", column.type), String | Text)
            and not isinstance(column.type, Day)
        }
        named = {name for kind in (PEOPLE, TEXTS, DOCUMENTS) for name in kind.get(table.name, ())}
        assert texts == named | KEPT.get(table.name, set()), table.name
        assert not named & KEPT.get(table.name, set())


def spoken_item(make: Any, **how: Any) -> Any:
    return make(
        1,
        title=f"Call {NAME} back",
        body=f"As {NAME} said to @{LOGIN}: write to <{MAIL}>. " * 200,
        assignee=NAME,
        author=LOGIN,
        labels=("shop", f"for {NAME}"),
        fields=(FieldValue("customfield_1", "Reviewer", NAME), FieldValue("customfield_2", "Mail", MAIL)),
        branch=f"{LOGIN}/SHOP-1",
        references=(Reference(ReferenceKind.CLOSES, "SHOP-9", None, f"{NAME} closes it"),),
        **how,
    )


HISTORY = History(
    "1001",
    (
        Change(T0, ChangeKind.FIELD, None, f"customfield_1={NAME}"),
        Change(T0, ChangeKind.LABEL_ADDED, None, f"for {NAME}"),
        Change(T0, ChangeKind.STATE, "todo", "done"),
    ),
)
GOAL = RemoteGoal(
    "77", f"Goal of {NAME}", "https://app.asana.com/0/goal/77", said=SaidStatus("5", "on_track", NAME, T0)
)
SCOPE = Scope("10000", "SHOP", f"Shop of {NAME}")


def everywhere(store: Store, save: Any, make: Any) -> None:
    """The names of one person in every place that can hold one, as the store itself puts them there."""
    save(make(1, body=f"older text of {NAME}"), make(2, assignee="Bob Lea", title="Léa and Dubois"))
    save(spoken_item(make, updated_at=T0 + timedelta(days=1)))
    slot = Slot("jira", "1001", Surface.COMMENT, "acme")
    with store.begin() as tx:
        pages.save_history(tx, "jira", ["1001"], [HISTORY])
        sources.save_scopes(tx, "jira", [SCOPE], T0)
        goals.save_goals(tx, "jira", [GOAL])
        uid = tx.scalar(select(t.item.c.uid).where(t.item.c.key == "SHOP-1"))
        people.add_override(tx, Override(uid, OverrideKind.LINK, ("KR-1",), f"{NAME} asked", LOGIN, T0))
        people.remove_override(tx, uid, LOGIN, T0)
        people.add_reading(tx, Reading("KR-1", T0, 3.0, LOGIN, f"told by {MAIL}"))
        revisions.confirm(tx, "KR-1", uid, why=f"said {NAME}", by=LOGIN, now=T0)
        insert_rows(
            tx,
            t.link,
            ("uid", "target", "rule", "valid_from", "valid_to", "via"),
            [(uid, "KR-1", "label", micros(T0), micros(T0), f"for {NAME}")],
        )
        write = Write(slot, "SHOP-1", "", f"by {NAME}", {"told": [NAME]}, Say.of("write.first", who=NAME))
        saved = journal.save_run(tx, LOGIN, [write], T0)
        (write,) = journal.writes(tx, saved.id)
        journal.approve(tx, [write.id or 0], LOGIN, T0)
        journal.intend(tx, write.id or 0, T0)
        journal.confirm(tx, write.id or 0, Receipt({"told": [NAME]}), T0)
        tx.execute(insert(t.revision).values(goal="KR-1", at=T0, document={"title": f"{NAME} is happy", "owner": MAIL}))
        tx.execute(insert(t.alert).values(kind="status", subject="KR-1", document={"cause": NAME}, since=T0))
        tx.execute(t.source.update().values(error=f"{NAME} may not"))
        meta.set_meta(tx, "pause", {"by": LOGIN, "why": f"{NAME} is away"})


def naming(store: Store) -> list[str]:
    """Where any of the names stands."""
    found = []
    with store.read() as tx:
        for table in t.metadata.sorted_tables:
            for row in tx.exec_driver_sql(f"SELECT * FROM {table.name}").mappings():
                found += [f"{table.name}.{name}" for name, value in row.items() if shows(str(value))]
    return found


def shows(text: str) -> bool:
    said = text.replace("\\u00e9", "é")
    return any(name in said for name in NAMES)


def test_no_row_names_the_person_and_every_row_still_means_the_same(store, save, make) -> None:
    everywhere(store, save, make)
    assert {place.split(".")[0] for place in naming(store)} == {*PEOPLE, *TEXTS, *DOCUMENTS}
    with store.begin() as tx:
        done = forget(tx, NAMES, (), T0)
    assert naming(store) == []
    assert done.rows.keys() == {*PEOPLE, *TEXTS, *DOCUMENTS}
    with store.read() as tx:
        item = tx.execute(select(t.item).where(t.item.c.key == "SHOP-1")).one()
        assert (item.assignee, item.author, item.title) == (done.alias, done.alias, f"Call {done.alias} back")
        assert item.branch == f"{done.alias}/SHOP-1"
        other = tx.execute(select(t.item).where(t.item.c.key == "SHOP-2")).one()
        assert (other.assignee, other.title) == ("Bob Lea", "Léa and Dubois")
        assert goals.goals(tx)["jira", "77"].said == replace(GOAL.said, by=done.alias)
        (entry,) = journal.entries(tx, 1)
        assert entry.write.why == Say.of("write.first", who=done.alias)
        assert journal.standing(tx)[entry.write.slot].ours == {"told": [done.alias]}


def test_what_the_tools_tell_next_is_stored_by_the_alias_and_then_nothing_is_written(store, save, make) -> None:
    everywhere(store, save, make)
    with store.begin() as tx:
        alias = forget(tx, NAMES, (), T0).alias
    told = spoken_item(make, updated_at=T0 + timedelta(days=2), status="Doing")
    assert save(told).changed == 1
    assert save(replace(told, updated_at=T0 + timedelta(days=3))).changed == 0, "the fingerprint is that of the alias"
    with store.begin() as tx:
        assert pages.save_history(tx, "jira", ["1001"], [HISTORY]) == 0
        assert goals.save_goals(tx, "jira", [GOAL]) is False
        assert sources.save_scopes(tx, "jira", [SCOPE], T0) == 0
        assert sources.scopes(tx, "jira")[0].name == f"Shop of {alias}"
    assert naming(store) == []


def test_what_is_written_meanwhile_is_known_by_the_alias(store) -> None:
    slot = Slot("jira", "1001", Surface.COMMENT, "orphan")
    with store.begin() as tx:
        saved = journal.save_run(tx, "ops", [Write(slot, "SHOP-1", "", None, "a word", Say.of("write.first"))], T0)
        (write,) = journal.writes(tx, saved.id)
        journal.approve(tx, [write.id or 0], "ops", T0)
        journal.intend(tx, write.id or 0, T0)
        alias = forget(tx, NAMES, (), T0).alias
        journal.confirm(tx, write.id or 0, Receipt({"told": [NAME]}), T0)
        assert journal.standing(tx)[slot].ours == {"told": [alias]}
    assert naming(store) == []


def test_what_is_being_stored_meanwhile_holds_no_name_in_the_end(store) -> None:
    reached, go_on = Event(), Event()

    def page() -> None:
        with store.begin() as tx:
            veiled = veil.stored(tx)
            reached.set()
            go_on.wait(30)
            tx.execute(t.scope.update().values(name=veiled.text(f"of {NAME}")))

    def another() -> None:
        """Another process, for the threads of one write one after the other."""
        with closing(Store.open(store._engine.url.render_as_string(hide_password=False))) as its, its.begin() as tx:
            forget(tx, NAMES, (), T0)

    with ThreadPoolExecutor() as pool:
        storing = pool.submit(page)
        reached.wait(30)
        forgetting_ = pool.submit(another)
        with suppress(TimeoutError):
            forgetting_.result(1)
        go_on.set()
        storing.result(30)
        forgetting_.result(30)
    assert naming(store) == []


def test_names_that_are_remembered_later_get_the_same_alias(store, save, make) -> None:
    with store.begin() as tx:
        first = forget(tx, (NAME,), (), T0)
        again = forget(tx, (NAME, "lea"), ("dubois",), T0)
        other = forget(tx, ("Bob",), (), T0)
    assert first.alias == again.alias != other.alias
    assert first.rows == {}
    save(make(3, title="lea, dubois and @dubois", assignee="dubois", author="bob"))
    with store.read() as tx:
        row = tx.execute(select(t.item.c.title, t.item.c.assignee, t.item.c.author)).one()
    assert tuple(row) == (f"{first.alias}, dubois and @{first.alias}", first.alias, other.alias)


@pytest.mark.parametrize("name", ["", " ", "a", "@", "--", "."])
def test_a_name_that_could_be_anything_is_refused(store, name) -> None:
    with pytest.raises(UsageError, match="no name that could be found"), store.begin() as tx:
        forget(tx, (name,), (), T0)
    with store.read() as tx:
        assert veil.stored(tx) is veil.BLANK


def test_the_bytes_are_gone_from_the_files(tmp_path: Path, store, save, make) -> None:
    """Also those of a text that was replaced before, which stayed in the file as room to be used again."""
    everywhere(store, save, make)
    with store.begin() as tx:
        forget(tx, NAMES, (), T0)
    assert store.rewrite() is True
    if store.path is None:
        return
    for path in tmp_path.glob("okrsync.db*"):
        held = path.read_bytes().lower()
        assert not [name for name in NAMES if name.lower().encode() in held], path.name
        assert b"dubois" not in held.replace(b"l\xc3\xa9a and dubois", b""), path.name


def test_who_reads_keeps_the_log_and_it_is_said(store, save, make) -> None:
    if store.path is None:
        pytest.skip("only SQLite keeps its log in a file of ours")
    everywhere(store, save, make)
    reader = Store.open(f"sqlite:///{store.path}", wait=timedelta(seconds=1))
    eager = Store.open(f"sqlite:///{store.path}", wait=timedelta(seconds=1))
    with reader.read() as tx:
        tx.execute(select(t.item)).all()
        with eager.begin() as mine:
            forget(mine, NAMES, (), T0)
        assert eager.rewrite() is False
    assert eager.rewrite() is True
    reader.close()
    eager.close()


def test_the_tables_are_those_of_the_store() -> None:
    for kind in (PEOPLE, TEXTS, DOCUMENTS):
        for table, columns in kind.items():
            assert set(columns) <= {column.name for column in t.metadata.tables[table].columns}
    assert forgetting.JUDGED == ("item", "body", "reference", "change")
