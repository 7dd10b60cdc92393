"""A cycle of every source and one link job for each line on standard input; says what it cost on standard output."""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from typing import Any

from sqlalchemy import Engine, event

from okrsync import logs
from okrsync.cli.session import Session
from okrsync.connections import Connections
from okrsync.store import sources
from okrsync.sync import Options, Watcher, link, reconcile

_WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)

logs.configure(level=40)
session = Session(sys.argv[1])
kept = Connections(session.connect)
with session.store.begin() as tx:
    sources.register(tx, session.config.sources)
rows: Counter[str] = Counter()


@event.listens_for(Engine, "after_cursor_execute")
def _count(_: Any, cursor: Any, statement: str, *__: Any) -> None:
    if found := _WRITES.match(statement):
        rows[found[1]] += max(cursor.rowcount, 0)


for _ in sys.stdin:
    rows.clear()
    began = time.process_time()
    for source in session.config.sources:
        result = reconcile(
            session.store,
            source,
            goals=session.config.goals,
            borrow=kept.borrow,
            clock=session.now,
            options=Options(),
            watcher=Watcher(),
        )
        assert result.state == "ok", result.error
    link(session.store, session.config, session.now)
    print(json.dumps({"cpu": time.process_time() - began, "rows": {k: v for k, v in rows.items() if v}}), flush=True)
kept.close()
