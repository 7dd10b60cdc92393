"""A link job, roll-up included, on the database that the configuration names: wall and CPU seconds of this process,
those of reading the texts apart, its peak memory, and how many items it gave another verdict or other links. ``anew``:
everything is judged again, though nothing changed. ``publish``: instead of a link job, what a sync ends with; written
are snapshots then."""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import UTC, datetime

from sqlalchemy import Connection

from config import Config
from okrsync import linking, publishing
from okrsync.cli.session import Session
from okrsync.store import graph


def main(config: str, step: str) -> None:
    session = Session(path=config, flags={})
    now = datetime.now(UTC)
    store, settings = session.store, session.config
    if step == "anew":
        with store.begin() as tx:
            graph.set_meta(tx, linking.RULESET, None)
    reading = {"seconds": 0.0, "cpu": 0.0}
    read_texts = linking.read_texts

    def timed(tx: Connection, config: Config) -> int:
        began, used = time.perf_counter(), time.process_time()
        changed = read_texts(tx, config)
        reading.update(seconds=time.perf_counter() - began, cpu=time.process_time() - used)
        return changed

    linking.read_texts = timed
    began, used = time.perf_counter(), time.process_time()
    if step == "publish":
        written = publishing.publish(store, settings, now)
    else:
        with store.begin() as tx:
            written = linking.relink(tx, settings, now)
    took, used = time.perf_counter() - began - reading["seconds"], time.process_time() - used - reading["cpu"]
    store.close()
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": took, "cpu": used, "rss": rss, "written": written, "reading": reading}))


if __name__ == "__main__":
    main(*sys.argv[1:])
