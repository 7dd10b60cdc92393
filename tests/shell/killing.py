"""A command of okrsync at an instant; says "ready" into a pipe once all is loaded and what follows is its work.

Usage: ``killing.py PIPE CONFIG INSTANT COMMAND…``. No tool is waited for: time passes between the commands alone.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from importlib import import_module
from typing import Any

from connectors import asana_api
from okrsync.cli import main
from okrsync.cli.session import Session
from okrsync.model import SourceConfig

LOADED = ("connectors.jira", "connectors.github", "connectors.asana", "okrsync.cli.work", "okrsync.cli.write", "github")

pipe, path, instant, *command = sys.argv[1:]
connected = Session.connect


def connect(session: Session, source: SourceConfig) -> Any:
    found: Any = connected(session, source)
    found._api._transport._wait = lambda seconds: False
    return found


Session.now = lambda _: datetime.fromisoformat(instant)  # type: ignore[method-assign, assignment]
Session.connect = connect  # type: ignore[method-assign, assignment]
asana_api.SEARCHES = 6000
for name in LOADED:
    import_module(name)
sys.argv = ["okrsync", "--config", path, *command]
with os.fdopen(int(pipe), "wb") as ready:
    ready.write(b"ready")
main()
