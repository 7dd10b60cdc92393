"""The schema through its versions: made, moved up to this program's, and compared with the tables it declares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from okrsync.store.tables import metadata

VERSION_TABLE = "schema_version"


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings for the migrations of this package; no file is read."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings


def head() -> str:
    """The newest version that this program knows."""
    newest = ScriptDirectory.from_config(config()).get_current_head()
    assert newest is not None, "the package holds its migrations"
    return newest


def known(version: str) -> bool:
    """Whether this program knows a version; one that it does not know is newer."""
    return any(script.revision == version for script in ScriptDirectory.from_config(config()).walk_revisions())


def upgrade(tx: Connection) -> None:
    """Bring the schema to this program's version, within the transaction of ``tx``."""
    command.upgrade(config(tx), "head")


def differences(tx: Connection) -> list[str]:
    """Where the schema differs from the declared tables, one line each."""
    context = MigrationContext.configure(tx, opts={"version_table": VERSION_TABLE, "compare_type": True})
    return [_line(difference) for difference in compare_metadata(context, metadata)]


def _line(difference: Any) -> str:
    if isinstance(difference, list):
        return "; ".join(_line(part) for part in difference)
    what, *subject = difference
    return f"{what}: {' '.join(str(getattr(part, 'name', part)) for part in subject if part is not None)}"
