"""The tables. Classes declare them for people and migrations; the names in lower case are what statements are made of.

``item`` is what counts and what carries links; its long text lives in ``body``, so that a scan of the items stays
narrow. Everything that hangs on an item names it by ``uid``. ``verdict`` holds a row for each live, counted item that
was judged, and for no other. ``dirty`` is the queue between the pull and the link job.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Index, MetaData, Table, Text, and_, false, literal_column, or_
from sqlmodel import Field, SQLModel, UniqueConstraint

from okrsync.model import Json
from okrsync.store.columns import CleanText, Day, Document, Id, Instant

CLUSTERED = {"sqlite_with_rowid": False}  # rows live in the tree of their primary key


class Row(SQLModel):
    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )


# ── sources ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Source(Row, table=True):
    id: str = Field(primary_key=True, sa_type=CleanText)
    kind: str
    state: str
    last_attempt: datetime | None = Field(default=None, sa_type=Instant)
    last_success: datetime | None = Field(default=None, sa_type=Instant)
    error: str = Field(default="", sa_type=CleanText)
    day: date | None = Field(default=None, sa_type=Day)  # of its last cycle, in UTC
    ok: int  # cycles of that day that ended well
    cycles: int  # and all of them


class Scope(Row, table=True):
    source: str = Field(primary_key=True, foreign_key="source.id")
    remote_id: str = Field(primary_key=True, sa_type=CleanText)
    key: str = Field(sa_type=CleanText)
    name: str = Field(default="", sa_type=CleanText)
    configured: str = Field(default="", sa_type=CleanText)  # the entry that names it; "": not known yet
    state: str  # ScopeState
    error: str = Field(default="", sa_type=CleanText)
    cursor: datetime | None = Field(default=None, sa_type=Instant)
    mark: str = Field(default="", sa_type=Text)  # what the connector wants to find beside the cursor
    last_success: datetime | None = Field(default=None, sa_type=Instant)  # set when it ceases to be readable
    census_at: datetime | None = Field(default=None, sa_type=Instant)


# ── items ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Item(Row, table=True):
    __table_args__ = (UniqueConstraint("source", "remote_id"),)
    uid: int | None = Field(default=None, primary_key=True, sa_type=Id)
    source: str = Field(foreign_key="source.id")
    remote_id: str
    key: str
    folded: str = Field(index=True)  # the key as keys are compared
    kind: str
    title: str
    url: str
    type: str
    level: int | None
    state: str
    status: str
    resolution: str | None
    scope: str
    project: str
    created_at: datetime = Field(sa_type=Instant)
    completed_at: datetime | None = Field(sa_type=Instant)
    due: date | None = Field(sa_type=Day)
    points: float | None
    assignee: str | None
    author: str
    labels: str | None = Field(sa_type=Text)  # JSON array; NULL: none
    fields: str | None = Field(sa_type=Text)  # JSON array of [id, name, value]; NULL: none
    flagged: bool
    branch: str  # of a pull request, as the two below
    base: str
    head: str
    updated_at: datetime = Field(sa_type=Instant)
    counted: bool
    readable: bool
    deleted_at: datetime | None = Field(sa_type=Instant)
    fingerprint: int = Field(sa_type=Id)  # of all that the tool said, but the time of the update
    history_at: datetime | None = Field(default=None, sa_type=Instant)  # the updated_at that the changes belong to


class Body(Row, table=True):
    uid: int = Field(primary_key=True, foreign_key="item.uid", sa_type=Id)
    text: str = Field(sa_type=Text)


class Alias(Row, table=True):
    """A key that an item had before."""

    __table_args__ = (CLUSTERED,)
    uid: int = Field(primary_key=True, foreign_key="item.uid", sa_type=Id)
    folded: str = Field(primary_key=True, index=True)
    source: str
    key: str


class Reference(Row, table=True):
    """What an item points at: by the tool's own word, or ``textual``, as mapping read it in the item's text. A pull
    replaces the former, the link job the latter."""

    __table_args__ = (CLUSTERED,)
    uid: int = Field(primary_key=True, foreign_key="item.uid", sa_type=Id)
    textual: bool = Field(primary_key=True)
    n: int = Field(primary_key=True)
    source: str  # of the item
    kind: str
    target: str
    target_id: str | None
    target_source: str | None
    folded: str  # the target as keys are compared
    evidence: str
    since: datetime | None = Field(sa_type=Instant)


class Change(Row, table=True):
    """The history of an item, in the tool's order; ``observed``: as two syncs saw it differ."""

    __table_args__ = (CLUSTERED,)
    uid: int = Field(primary_key=True, foreign_key="item.uid", sa_type=Id)
    n: int = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
    kind: str
    before: str | None
    after: str | None
    observed: bool = False


# ── what mapping said ────────────────────────────────────────────────────────────────────────────────────────────────


class Dirty(Row, table=True):
    uid: int = Field(primary_key=True, foreign_key="item.uid", sa_type=Id)
    version: int = Field(sa_type=Id)


class Link(Row, table=True):
    """A period in which an item served a goal. Evidence and path are not kept: they follow from the items.

    As in ``verdict``, the database is not asked whether the item is there: the link job has just read it, items are
    never deleted, and looking a million of them up again takes its time.
    """

    __table_args__ = (CLUSTERED,)
    uid: int = Field(primary_key=True, sa_type=Id)
    target: str = Field(primary_key=True)
    rule: str = Field(primary_key=True)
    valid_from: datetime = Field(primary_key=True, sa_type=Instant)
    valid_to: datetime | None = Field(sa_type=Instant)
    via: str  # what made it, in few characters: the label, the value of the field, the key that it was inherited from


class Verdict(Row, table=True):
    uid: int = Field(primary_key=True, sa_type=Id)
    kind: str
    orphan: str | None
    mend: int | None = Field(
        sa_type=Id
    )  # the item whose mend brings it home; NULL: none is needed, or it is not stored
    dangling: bool  # something that it says of itself names nothing


class Workload(Row, table=True):
    """What the roll-up weighs of the items that are linked to a goal now, packed (``rollup.workload``): so many uids a
    part, no row where none of them is."""

    part: int = Field(primary_key=True, sa_type=Id)
    items: bytes
    links: bytes
    turns: bytes


# ── what was published, and how the syncs went ───────────────────────────────────────────────────────────────────────


class Snapshot(Row, table=True):
    """What was last published of a goal on a local day: rewritten until that day is over, and never after."""

    __table_args__ = (CLUSTERED,)
    goal: str = Field(primary_key=True, sa_type=CleanText)
    day: date = Field(primary_key=True, sa_type=Day)
    at: datetime = Field(sa_type=Instant)
    status: str
    progress: float | None
    probability: float | None
    done: float | None
    scope: float | None
    unit: str


class Attempt(Row, table=True):
    """How many cycles of a source ended on a UTC day that is over, and how many of them well."""

    __table_args__ = (CLUSTERED,)
    source: str = Field(primary_key=True, sa_type=CleanText)
    day: date = Field(primary_key=True, sa_type=Day)
    ok: int
    cycles: int


# ── goals that a tool keeps itself ───────────────────────────────────────────────────────────────────────────────────


class Goal(Row, table=True):
    source: str = Field(primary_key=True, foreign_key="source.id")
    id: str = Field(primary_key=True, sa_type=CleanText)
    document: Json = Field(sa_type=Document)


class Revision(Row, table=True):
    """What a goal said from an instant on, as the link job first saw it."""

    __table_args__ = (CLUSTERED,)
    goal: str = Field(primary_key=True, sa_type=CleanText)
    at: datetime = Field(primary_key=True, sa_type=Instant)
    document: Json = Field(sa_type=Document)


# ── what people said ─────────────────────────────────────────────────────────────────────────────────────────────────


class Override(Row, table=True):
    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    uid: int = Field(foreign_key="item.uid", index=True, sa_type=Id)
    kind: str
    targets: Json = Field(sa_type=Document)
    why: str = Field(sa_type=CleanText)
    by: str = Field(sa_type=CleanText)
    at: datetime = Field(sa_type=Instant)
    removed_at: datetime | None = Field(default=None, sa_type=Instant)
    removed_by: str | None = Field(default=None, sa_type=CleanText)


class Confirmation(Row, table=True):
    """Links made before a goal was reworded still hold: those of one item, or all of them."""

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    goal: str = Field(index=True, sa_type=CleanText)
    uid: int | None = Field(default=None, foreign_key="item.uid", sa_type=Id)
    why: str = Field(sa_type=CleanText)
    by: str = Field(sa_type=CleanText)
    at: datetime = Field(sa_type=Instant)


class Reading(Row, table=True):
    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    key_result: str = Field(index=True, sa_type=CleanText)
    at: datetime = Field(sa_type=Instant)
    value: float
    by: str = Field(sa_type=CleanText)
    why: str = Field(default="", sa_type=CleanText)


# ── the journal of writes ────────────────────────────────────────────────────────────────────────────────────────────


class Run(Row, table=True):
    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    at: datetime = Field(sa_type=Instant)
    by: str = Field(sa_type=CleanText)
    kind: str = "plan"  # "plan", "undo" of one run, "undo_all"
    undoes: int | None = Field(default=None, sa_type=Id)


class Write(Row, table=True):
    __table_args__ = (UniqueConstraint("run", "seq"),)
    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    run: int = Field(foreign_key="run.id", sa_type=Id)
    seq: int
    source: str
    remote_id: str
    surface: str
    name: str
    key: str
    url: str
    before: Json = Field(sa_type=Document)
    after: Json = Field(sa_type=Document)
    why: str = Field(sa_type=Text)
    state: str
    intent_at: datetime | None = Field(default=None, sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)  # confirmed, skipped, failed or lost
    receipt: Json = Field(default=None, sa_type=Document, nullable=True)  # what the tool confirmed
    handle: str | None = Field(default=None, sa_type=CleanText)
    error: str = Field(default="", sa_type=CleanText)
    refused: bool = Field(
        default=False, sa_column_kwargs={"server_default": false()}
    )  # the tool said no, until retried
    approved_by: str | None = Field(default=None, sa_type=CleanText)
    approved_at: datetime | None = Field(default=None, sa_type=Instant)


class Known(Row, table=True):
    """What stands in a slot, as far as we know, and what okrsync last wrote there; no row where neither is anything."""

    source: str = Field(primary_key=True)
    remote_id: str = Field(primary_key=True)
    surface: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    value: Json = Field(default=None, sa_type=Document, nullable=True)
    ours: Json = Field(default=None, sa_type=Document, nullable=True)
    write: int | None = Field(default=None, foreign_key="write.id", sa_type=Id)  # None: only ever read
    at: datetime = Field(sa_type=Instant)
    restored: int = 0
    seen_at: datetime | None = Field(default=None, sa_type=Instant)


# ── the daemon ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Alert(Row, table=True):
    """Something that people are told of once, and of whose end they are told once; ``document`` says what."""

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    kind: str
    subject: str = Field(sa_type=CleanText)
    document: Json = Field(sa_type=Document)
    since: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    told_at: datetime | None = Field(default=None, sa_type=Instant)
    end_told_at: datetime | None = Field(default=None, sa_type=Instant)


class Hook(Row, table=True):
    """A webhook that we made, or are making until ``expected_until``; ``sealed`` is the secret that the tool chose for
    it, encrypted by the ``webhook_secret`` of its source."""

    id: str = Field(primary_key=True, sa_type=CleanText)
    source: str = Field(sa_type=CleanText)
    target: str = Field(sa_type=CleanText)  # what it tells of: a repository, a project
    remote_id: str | None = Field(default=None, sa_type=CleanText)
    sealed: str | None = Field(default=None, sa_type=CleanText)
    expected_until: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)


class Forgotten(Row, table=True):
    """A name or address whose person asked for their data to be removed: it is stored as ``alias`` from then on, and
    only its keyed digest is known; "" where the digest is of words with which a name begins."""

    digest: str = Field(primary_key=True)
    alias: str
    at: datetime = Field(sa_type=Instant)


class Meta(Row, table=True):
    key: str = Field(primary_key=True)
    value: Json = Field(sa_type=Document)


# ── the tables themselves ────────────────────────────────────────────────────────────────────────────────────────────

metadata = Row.metadata


def _table(name: str) -> Table:
    return metadata.tables[name]


source, scope = _table("source"), _table("scope")
item, body, alias, reference, change = (_table(name) for name in ("item", "body", "alias", "reference", "change"))
dirty, link, verdict, workload = _table("dirty"), _table("link"), _table("verdict"), _table("workload")
goal, revision = _table("goal"), _table("revision")
snapshot, attempt = _table("snapshot"), _table("attempt")
override, confirmation, reading = _table("override"), _table("confirmation"), _table("reading")
run, write, known, meta = _table("run"), _table("write"), _table("known"), _table("meta")
alert, hook, forgotten = _table("alert"), _table("hook"), _table("forgotten")

LIVE = and_(item.c.counted, item.c.deleted_at.is_(None))
"""What totals count: the items of the configured scopes that still exist."""

CONTEXT = and_(~item.c.counted, item.c.deleted_at.is_(None))
"""Parents from outside, read only so that a climb can go on."""

WORDS = and_(item.c.kind != literal_column("'ticket'"), item.c.readable, item.c.deleted_at.is_(None))
"""Pull requests and commits: what says in words which items it belongs to."""

STALE = and_(
    item.c.kind != literal_column("'commit'"),
    item.c.readable,
    item.c.deleted_at.is_(None),
    or_(item.c.history_at.is_(None), item.c.history_at < item.c.updated_at),
)
"""Items whose stored changes are older than they are; commits have none."""

Index("ix_item_live", item.c.source, item.c.scope, sqlite_where=LIVE, postgresql_where=LIVE)
Index("ix_item_context", item.c.source, sqlite_where=CONTEXT, postgresql_where=CONTEXT)
Index("ix_item_words", item.c.source, sqlite_where=WORDS, postgresql_where=WORDS)
Index("ix_item_stale", item.c.source, sqlite_where=STALE, postgresql_where=STALE)
Index("ix_reference_target", reference.c.source, reference.c.kind, reference.c.target_id)
KEYED = and_(reference.c.target_id.is_(None), reference.c.kind != literal_column("'member'"))
"""References that name an item by its key alone."""

Index("ix_reference_key", reference.c.folded, sqlite_where=KEYED, postgresql_where=KEYED)
MERGED = reference.c.kind == literal_column("'merged_as'")
"""A pull request names the commit that it became: the one reference whose holder stands above its target."""

REVERTING = reference.c.kind == literal_column("'reverts'")
"""The one reference that may name a commit by the start of its sha."""

Index("ix_reference_merged", reference.c.folded, sqlite_where=MERGED, postgresql_where=MERGED)
Index("ix_reference_reverts", reference.c.folded, sqlite_where=REVERTING, postgresql_where=REVERTING)
MOVED = and_(change.c.kind == literal_column("'parent'"), change.c.before.is_not(None))
"""Changes by which an item left a parent."""

Index("ix_change_moved", change.c.before, sqlite_where=MOVED, postgresql_where=MOVED)
BLOCKING = change.c.kind == literal_column("'blocked_by'")
"""Changes by which an item was blocked by another, or was no longer."""

Index("ix_change_blocked", change.c.after, sqlite_where=BLOCKING, postgresql_where=BLOCKING)
Index("ix_change_freed", change.c.before, sqlite_where=BLOCKING, postgresql_where=BLOCKING)
DELETED = item.c.deleted_at.is_not(None)
Index("ix_item_deleted", item.c.deleted_at, sqlite_where=DELETED, postgresql_where=DELETED)
Index("ix_link_target", link.c.target, link.c.valid_to)
Index("ix_verdict_kind", verdict.c.kind, verdict.c.orphan)
MENDED = verdict.c.mend.is_not(None)
DANGLING = verdict.c.dangling
Index("ix_verdict_mend", verdict.c.mend, sqlite_where=MENDED, postgresql_where=MENDED)
Index("ix_verdict_dangling", verdict.c.uid, sqlite_where=DANGLING, postgresql_where=DANGLING)
Index("ix_write_state", write.c.state)
Index("ix_write_settled", write.c.settled_at)
Index("ix_write_slot", write.c.source, write.c.remote_id, write.c.surface, write.c.name)
Index("ix_known_write", known.c.write)
