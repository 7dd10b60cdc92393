"""Links and verdicts keep decisions alone; what the roll-up weighs, what goals said, and what was confirmed.

Verdicts and links that are open are given again by the next link job; periods that ended stay.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("verdict")
    op.create_table(
        "verdict",
        sa.Column("uid", _id(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("orphan", sa.String()),
        sa.Column("mend", _id()),
        sa.Column("dangling", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_verdict_kind", "verdict", ["kind", "orphan"])
    mended = sa.text("mend IS NOT NULL")
    op.create_index("ix_verdict_mend", "verdict", ["mend"], sqlite_where=mended, postgresql_where=mended)
    op.create_index(
        "ix_verdict_dangling",
        "verdict",
        ["uid"],
        sqlite_where=sa.text("dangling = 1"),
        postgresql_where=sa.text("dangling"),
    )
    moved = sa.text("kind = 'parent' AND before IS NOT NULL")
    op.create_index("ix_change_moved", "change", ["before"], sqlite_where=moved, postgresql_where=moved)
    op.drop_index("ix_link_target", "link")
    op.rename_table("link", "former_link")
    if op.get_bind().dialect.name == "postgresql":  # whose constraint keeps its name
        op.execute("ALTER TABLE former_link RENAME CONSTRAINT pk_link TO pk_former_link")
    op.create_table(
        "link",
        sa.Column("uid", _id(), primary_key=True),
        sa.Column("target", sa.String(), primary_key=True),
        sa.Column("rule", sa.String(), primary_key=True),
        sa.Column("valid_from", sa.BigInteger(), primary_key=True),
        sa.Column("valid_to", sa.BigInteger()),
        sa.Column("via", sa.String(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO link (uid, target, rule, valid_from, valid_to, via) "
        "SELECT uid, target, rule, valid_from, valid_to, '' FROM former_link WHERE valid_to IS NOT NULL"
    )
    op.drop_table("former_link")
    op.create_index("ix_link_target", "link", ["target", "valid_to"])
    op.create_table(
        "workload",
        sa.Column("part", _id(), primary_key=True),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("items", "links", "turns")),
    )
    if op.get_bind().dialect.name == "postgresql":  # which would try to compress what is packed already
        for name in ("items", "links", "turns"):
            op.execute(f"ALTER TABLE workload ALTER COLUMN {name} SET STORAGE EXTERNAL")
    op.create_table(
        "revision",
        sa.Column("goal", sa.String(), primary_key=True),
        sa.Column("at", sa.BigInteger(), primary_key=True),
        sa.Column("document", sa.Text(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "confirmation",
        sa.Column("id", _id(), primary_key=True),
        sa.Column("goal", sa.String(), nullable=False),
        sa.Column("uid", _id(), sa.ForeignKey("item.uid")),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_confirmation_goal", "confirmation", ["goal"])
    op.execute("DELETE FROM meta WHERE key = 'ruleset'")


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
