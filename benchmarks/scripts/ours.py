"""One cycle of the one configured source, then the link job."""

import json
import resource
import sys
import time

from okrsync import linking, logs
from okrsync.cli.session import Session
from okrsync.connections import once
from okrsync.store import sources
from okrsync.sync import Options, Watcher, reconcile

logs.configure(level=40)
session = Session(sys.argv[1])
with session.store.begin() as tx:
    sources.register(tx, session.config.sources)
(source,) = session.config.sources
session.connect(source)
began = time.process_time()
result = reconcile(
    session.store,
    source,
    goals=session.config.goals,
    borrow=once(session.connect),
    clock=session.now,
    options=Options(),
    watcher=Watcher(),
)
assert result.state == "ok", result.error
pulled = time.process_time()
with session.store.begin() as tx:
    linking.relink(tx, session.config, session.now())
linked = time.process_time()
used = resource.getrusage(resource.RUSAGE_SELF)
print(
    json.dumps(
        {
            "requests": result.requests,
            "start": began,
            "pull": pulled - began,
            "link": linked - pulled,
            "rss": used.ru_maxrss / 1024,
        }
    )
)
