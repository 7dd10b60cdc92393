"""A link job, roll-up included, on the database that the configuration names: wall and CPU seconds of this process, its
peak memory, and how many items it gave another verdict or other links. ``anew``: everything is judged again, though
nothing changed; ``read``: the texts are read, and no more."""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import UTC, datetime

from okrsync import linking
from okrsync.cli.session import Session
from okrsync.store import graph


def main(config: str, step: str) -> None:
    session = Session(path=config, flags={})
    now = datetime.now(UTC)
    store, settings = session.store, session.config
    if step == "anew":
        with store.begin() as tx:
            graph.set_meta(tx, linking.RULESET, None)
    began, used = time.perf_counter(), time.process_time()
    with store.begin() as tx:
        written = linking.read_texts(tx, settings) if step == "read" else linking.relink(tx, settings, now)
    took, used = time.perf_counter() - began, time.process_time() - used
    store.close()
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": took, "cpu": used, "rss": rss, "written": written}))


if __name__ == "__main__":
    main(*sys.argv[1:])
