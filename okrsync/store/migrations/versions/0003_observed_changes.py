"""Changes that two syncs saw where the tool keeps no log; commits have no history to be behind with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("change", sa.Column("observed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.drop_index("ix_item_stale", "item")
    behind = (
        "kind != 'commit' AND {readable} AND deleted_at IS NULL AND (history_at IS NULL OR history_at < updated_at)"
    )
    op.create_index(
        "ix_item_stale",
        "item",
        ["source"],
        sqlite_where=sa.text(behind.format(readable="readable = 1")),
        postgresql_where=sa.text(behind.format(readable="readable")),
    )
