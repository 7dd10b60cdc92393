"""Alerts that stand, webhooks that we made, people whose data was removed, and what finds rows that are of no use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("told_at", sa.BigInteger()),
        sa.Column("end_told_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
    )
    op.create_table(
        "hook",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String()),
        sa.Column("sealed", sa.String()),
        sa.Column("expected_until", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hook"),
    )
    op.create_table(
        "forgotten",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_forgotten"),
    )
    for name, column, table, condition in (
        ("ix_item_deleted", "deleted_at", "item", "deleted_at IS NOT NULL"),
        ("ix_change_blocked", "after", "change", "kind = 'blocked_by'"),
        ("ix_change_freed", "before", "change", "kind = 'blocked_by'"),
    ):
        where = sa.text(condition)
        op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
    op.create_index("ix_write_slot", "write", ["source", "remote_id", "surface", "name"])
    op.create_index("ix_known_write", "known", ["write"])
