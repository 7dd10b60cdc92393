"""The address of the database: its form, its place on disk, and how it is shown without what is secret in it."""

from __future__ import annotations

import re
from pathlib import Path

from config.faults import Unfit

_SQLITE = "sqlite:///"
_POSTGRES = "postgresql+psycopg://"
_SECRET_PARAMETER = re.compile(r"([?&][^=&]*(?:pass|secret|token|sslkey)[^=&]*=)[^&]*", re.IGNORECASE)


def database_url(value: str) -> str:
    """The value, where SQLAlchemy can open it. It may hold a password: never shown."""
    allowed = f'write "{_SQLITE}okrsync.db" or "{_POSTGRES}USER@HOST/NAME"'
    if not value.isprintable() or not value.startswith(("sqlite:", _POSTGRES)):
        raise Unfit(f"must name SQLite or PostgreSQL; {allowed}", show=False)
    if value.startswith("sqlite:") and not re.fullmatch(r"sqlite:///[^?:][^?]*(?<!/)(\?.*)?", value):
        raise Unfit(f'must name a file, such as "{_SQLITE}okrsync.db"', show=False)
    if value.startswith(_POSTGRES) and not re.fullmatch(r"(.*@)?[^/@?]*/[^/?]+(\?.*)?", value.removeprefix(_POSTGRES)):
        raise Unfit(f"names no database; {allowed}", show=False)
    return value


def resolved(url: str, base: Path) -> str:
    """The address with the path of an SQLite file made absolute; relative ones start at ``base``."""
    return f"{_SQLITE}{base / url.removeprefix(_SQLITE)}" if url.startswith(_SQLITE) else url


def has_password(url: str) -> bool:
    user = _user(url)
    return ":" in user or _SECRET_PARAMETER.search(url) is not None


def without_credentials(url: str) -> str:
    """The address without user, password and secret parameters."""
    user = _user(url)
    return without_secret_parameters(url.replace(user, "…@", 1) if user else url)


def without_secret_parameters(url: str) -> str:
    """The address without what its parameters keep secret, such as ``?password=``."""
    return _SECRET_PARAMETER.sub(r"\1…", url)


def _user(url: str) -> str:
    """``user:password@`` up to the last @, as SQLAlchemy reads it: a password may hold any character but @."""
    match = None if url.startswith("sqlite:") else re.match(r"[^:]*://(.*@)", url)
    return match[1] if match else ""
