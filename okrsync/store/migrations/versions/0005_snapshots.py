"""What was published of each goal, and how many cycles of each source ended well, day by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "snapshot",
        sa.Column("goal", sa.String(), primary_key=True),
        sa.Column("day", sa.String(), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        *(sa.Column(name, sa.Float()) for name in ("progress", "probability", "done", "scope")),
        sa.Column("unit", sa.String(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "attempt",
        sa.Column("source", sa.String(), primary_key=True),
        sa.Column("day", sa.String(), primary_key=True),
        sa.Column("ok", sa.Integer(), nullable=False),
        sa.Column("cycles", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.add_column("source", sa.Column("day", sa.String()))
    for name in ("ok", "cycles"):
        op.add_column("source", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
