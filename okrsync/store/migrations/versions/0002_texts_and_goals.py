"""Pull requests and commits: their branches, what their texts say, marks of cursors; and goals that a tool keeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("branch", "base", "head"):
        op.add_column("item", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.create_index(
        "ix_item_words",
        "item",
        ["source"],
        sqlite_where=sa.text("kind != 'ticket' AND readable = 1 AND deleted_at IS NULL"),
        postgresql_where=sa.text("kind != 'ticket' AND readable AND deleted_at IS NULL"),
    )
    op.add_column("scope", sa.Column("configured", sa.String(), nullable=False, server_default=""))
    op.add_column("scope", sa.Column("mark", sa.Text(), nullable=False, server_default=""))
    op.execute("DELETE FROM scope WHERE state = 'dropped'")  # such a scope has no row any more
    _references()
    op.create_table(
        "goal",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["source.id"], name="fk_goal_source"),
        sa.PrimaryKeyConstraint("source", "id", name="pk_goal"),
    )


def _references() -> None:
    """All that is there is the tools' own word; SQLite makes the table anew, for its rows live in their key."""
    op.drop_index("ix_reference_key", "reference")
    op.drop_index("ix_reference_target", "reference")
    with op.batch_alter_table("reference", table_kwargs={"sqlite_with_rowid": False}) as batch:
        batch.add_column(sa.Column("textual", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("target_source", sa.String(), nullable=True))
        batch.drop_constraint("pk_reference", type_="primary")
        batch.create_primary_key("pk_reference", ["uid", "textual", "n"])
    op.create_index("ix_reference_target", "reference", ["source", "kind", "target_id"])
    for name, condition in (
        ("ix_reference_key", "target_id IS NULL AND kind != 'member'"),
        ("ix_reference_merged", "kind = 'merged_as'"),
        ("ix_reference_reverts", "kind = 'reverts'"),
    ):
        where = sa.text(condition)
        op.create_index(name, "reference", ["folded"], sqlite_where=where, postgresql_where=where)
