"""``okrsync …`` that waits for a database for a short time only."""

from __future__ import annotations

from datetime import timedelta

from okrsync.cli import main
from okrsync.store import Store

Store.open.__func__.__kwdefaults__["wait"] = timedelta(milliseconds=200)  # type: ignore[attr-defined]
main()
