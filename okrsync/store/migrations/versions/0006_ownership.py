"""Who wrote what stands in a slot, when it was last looked at, who approved a write, and whether a tool refused it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("run", sa.Column("kind", sa.String(), nullable=False, server_default="plan"))
    op.add_column("run", sa.Column("undoes", BIG))
    op.add_column("write", sa.Column("approved_by", sa.String()))
    op.add_column("write", sa.Column("approved_at", sa.BigInteger()))
    op.add_column("write", sa.Column("refused", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_write_settled", "write", ["settled_at"])
    with op.batch_alter_table("known") as known:
        known.alter_column("value", existing_type=sa.Text(), nullable=True)
        known.alter_column("write", existing_type=BIG, nullable=True)
        known.add_column(sa.Column("ours", sa.Text()))
        known.add_column(sa.Column("restored", sa.Integer(), nullable=False, server_default="0"))
        known.add_column(sa.Column("seen_at", sa.BigInteger()))
    op.execute("UPDATE known SET ours = value")
