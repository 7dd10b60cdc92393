"""The first schema: sources and scopes, items and their histories, links, people's words, the journal of writes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.create_table(
        "reading",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key_result", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reading"),
    )
    op.create_index("ix_reading_key_result", "reading", ["key_result"])
    op.create_table(
        "run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_table(
        "source",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("last_attempt", sa.BigInteger(), nullable=True),
        sa.Column("last_success", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_source"),
    )
    op.create_table(
        "item",
        sa.Column("uid", BIG, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        sa.Column("due", sa.String(), nullable=True),
        sa.Column("points", sa.Float(), nullable=True),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=True),
        sa.Column("fields", sa.Text(), nullable=True),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("readable", sa.Boolean(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("fingerprint", BIG, nullable=False),
        sa.Column("history_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["source.id"], name="fk_item_source"),
        sa.PrimaryKeyConstraint("uid", name="pk_item"),
        sa.UniqueConstraint("source", "remote_id", name="uq_item_source_remote_id"),
    )
    op.create_index(
        "ix_item_context",
        "item",
        ["source"],
        sqlite_where=sa.text("counted = 0 AND deleted_at IS NULL"),
        postgresql_where=sa.text("NOT counted AND deleted_at IS NULL"),
    )
    op.create_index("ix_item_folded", "item", ["folded"])
    op.create_index(
        "ix_item_live",
        "item",
        ["source", "scope"],
        sqlite_where=sa.text("counted = 1 AND deleted_at IS NULL"),
        postgresql_where=sa.text("counted AND deleted_at IS NULL"),
    )
    op.create_index(
        "ix_item_stale",
        "item",
        ["source"],
        sqlite_where=sa.text("readable = 1 AND deleted_at IS NULL AND (history_at IS NULL OR history_at < updated_at)"),
        postgresql_where=sa.text("readable AND deleted_at IS NULL AND (history_at IS NULL OR history_at < updated_at)"),
    )
    op.create_table(
        "scope",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=True),
        sa.Column("last_success", sa.BigInteger(), nullable=True),
        sa.Column("census_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["source.id"], name="fk_scope_source"),
        sa.PrimaryKeyConstraint("source", "remote_id", name="pk_scope"),
    )
    op.create_table(
        "write",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run", BIG, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("surface", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("intent_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("handle", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name="fk_write_run"),
        sa.PrimaryKeyConstraint("id", name="pk_write"),
        sa.UniqueConstraint("run", "seq", name="uq_write_run_seq"),
    )
    op.create_index("ix_write_state", "write", ["state"])
    op.create_table(
        "alias",
        sa.Column("uid", BIG, nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["uid"], ["item.uid"], name="fk_alias_uid"),
        sa.PrimaryKeyConstraint("uid", "folded", name="pk_alias"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_alias_folded", "alias", ["folded"])
    op.create_table(
        "body",
        sa.Column("uid", BIG, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["uid"], ["item.uid"], name="fk_body_uid"),
        sa.PrimaryKeyConstraint("uid", name="pk_body"),
    )
    op.create_table(
        "change",
        sa.Column("uid", BIG, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["uid"], ["item.uid"], name="fk_change_uid"),
        sa.PrimaryKeyConstraint("uid", "n", name="pk_change"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dirty",
        sa.Column("uid", BIG, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.ForeignKeyConstraint(["uid"], ["item.uid"], name="fk_dirty_uid"),
        sa.PrimaryKeyConstraint("uid", name="pk_dirty"),
    )
    op.create_table(
        "known",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("surface", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("write", BIG, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["write"], ["write.id"], name="fk_known_write"),
        sa.PrimaryKeyConstraint("source", "remote_id", "surface", "name", name="pk_known"),
    )
    op.create_table(
        "link",
        sa.Column("uid", BIG, nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["uid"], ["item.uid"], name="fk_link_uid"),
        sa.PrimaryKeyConstraint("uid", "target", "rule", "valid_from", name="pk_link"),
    )
    op.create_index("ix_link_target", "link", ["target", "valid_to"])
    op.create_table(
        "override",
        sa.Column("id", BIG, nullable=False),
        sa.Column("uid", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("targets", sa.Text(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("removed_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["uid"], ["item.uid"], name="fk_override_uid"),
        sa.PrimaryKeyConstraint("id", name="pk_override"),
    )
    op.create_index("ix_override_uid", "override", ["uid"])
    op.create_table(
        "reference",
        sa.Column("uid", BIG, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=True),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["uid"], ["item.uid"], name="fk_reference_uid"),
        sa.PrimaryKeyConstraint("uid", "n", name="pk_reference"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_reference_key",
        "reference",
        ["folded"],
        sqlite_where=sa.text("target_id IS NULL"),
        postgresql_where=sa.text("target_id IS NULL"),
    )
    op.create_index("ix_reference_target", "reference", ["source", "kind", "target_id"])
    op.create_table(
        "verdict",
        sa.Column("uid", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("orphan", sa.String(), nullable=True),
        sa.Column("details", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["uid"], ["item.uid"], name="fk_verdict_uid"),
        sa.PrimaryKeyConstraint("uid", name="pk_verdict"),
    )
    op.create_index("ix_verdict_kind", "verdict", ["kind", "orphan"])
