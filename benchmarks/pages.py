"""What each page of the dashboard takes: its first making, once it is kept, and where a filter is asked for that nobody
asked for before; and how many bytes it has.

The company of the demo (some 1,230 items) is read from its sandbox; one of any other size is stored directly
(:mod:`benchmarks.company`). Usage: ``python -m benchmarks.pages [demo|N …]``, by default ``demo 100000``.
"""

from __future__ import annotations

import argparse
import http.client
import logging
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog
from sqlalchemy import select

from benchmarks.host import Host
from benchmarks.serving import Still, serving
from okrsync.cli.session import Session
from okrsync.dashboard import marks, shelf
from okrsync.dashboard.look import Page
from okrsync.dashboard.pages import ALL
from okrsync.dashboard.warming import Warming
from okrsync.engine.threads import ThreadEngine
from okrsync.sandbox import Sandbox
from okrsync.sandbox import company as demo
from okrsync.store import Store, meta
from okrsync.store import tables as t
from okrsync.sync import Options, sync
from okrsync.web.app import application
from okrsync.web.server import Server
from okrsync.writing.applying import apply

TIMES = 9
WAIT = 5.0


@contextmanager
def playing() -> Iterator[tuple[Store, Any, Server]]:
    """A server over the company of the demo, read and written back once."""
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as name, Sandbox(demo.company(now)) as sandbox:
        folder = Path(name)
        (folder / "token").write_text("good\n")
        told = demo.company_config(sandbox.url, "sqlite:///okrsync.db", now)
        (folder / "okrsync.toml").write_text(told, encoding="utf-8")
        session, still = Session(str(folder / "okrsync.toml")), Still()
        config, store, connect = session.config, session.store, session.connect
        sync(
            store, config, config.sources, connect=connect, clock=lambda: now, engine=ThreadEngine(), options=Options()
        )
        apply(store, config, connect=connect, clock=lambda: now, by="ada", confirmed=True)
        app = application(lambda: config, store, still, still, clock=lambda: now, token=lambda: None)
        server = Server(app, "127.0.0.1:0")
        try:
            yield store, config, server
        finally:
            server.stop()
            store.close()


def addresses(page: Page[Any], store: Store, config: Any) -> list[str]:
    """The page as somebody asks for it: of a key result the first, of a thread an item that is linked."""
    if page.name == "trace":
        with store.read() as tx:
            linked = select(t.item.c.source, t.item.c.key).join(t.link, t.link.c.uid == t.item.c.uid).limit(1)
            source, key = tx.execute(linked).one()
        return [marks.thread(source, key)]
    if "{" not in page.path:
        return [page.path]
    if page.path.startswith("/key-results/"):
        return [marks.goal(next(iter(config.goals.key_results)))]
    with store.read() as tx:
        run = tx.scalar(select(t.run.c.id).limit(1))
    return [] if run is None else [page.path.replace(page.path[page.path.index("{") :], quote(str(run)))]


def filtered(config: Any, now: datetime) -> list[str]:
    """Filters, each of which is asked for once, after the page itself was."""
    source, team = config.sources[0].id, config.teams[0].id
    return [
        *("/?status=at_risk", "/?status=off_track"),
        *(f"/orphans?source={source}", f"/orphans?team={team}", "/orphans?age=older", "/orphans?group_by=project"),
        *("/orphans?verdict=exempt", "/orphans?offset=50"),
        *(f"/backlog?source={source}", f"/backlog?team={team}", "/backlog?offset=50"),
        *("/gaps?severity=high", f"/gaps?source={source}", f"/gaps?team={team}"),
        *(f"/teams?team={team}", f"/teams?by=value_stream&team={team}"),
        *(f"{path}?since={now - timedelta(days=20):%Y-%m-%d}" for path in ("/orphans", "/teams", "/gaps")),
    ]


def asked(server: Server, path: str) -> tuple[float, int]:
    """Seconds and bytes of one answer, on a connection of its own."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=600)
    began = time.perf_counter()
    connection.request("GET", path, headers={"Accept": "text/html", "Accept-Language": "en"})
    answer = connection.getresponse()
    length = len(answer.read())
    assert answer.status == 200, (path, answer.status)
    connection.close()
    return time.perf_counter() - began, length


def show(store: Store, config: Any, server: Server) -> None:
    """First: nothing was made, not even what is known of the goals. After a write: an older page is there."""
    print(f"{'page':44} {'first':>10} {'kept':>10} {'written':>10} {'bytes':>10}")
    for page in ALL:
        for path in addresses(page, store, config):
            with store.begin() as tx:
                meta.set_meta(tx, "benchmark", time.time())
            first, length = asked(server, path)
            kept = sorted(asked(server, path)[0] for _ in range(TIMES))[TIMES // 2]
            time.sleep(first * shelf.REST)
            with store.begin() as tx:
                meta.set_meta(tx, "benchmark", time.time())
            written, _ = asked(server, path)
            print(f"{path:44} {first * 1000:7.0f} ms {kept * 1000:7.1f} ms {written * 1000:7.0f} ms {length:10,}")
            time.sleep(first)


def show_filters(store: Store, config: Any, server: Server) -> None:
    with store.begin() as tx:
        meta.set_meta(tx, "benchmark", time.time())
    for page in ALL:
        if page.kept and "{" not in page.path:
            asked(server, page.path)
            time.sleep(WAIT)  # the older one was given; it is made meanwhile
    for path in filtered(config, datetime.now(UTC)):
        took, length = asked(server, path)
        print(f"{path:44} {took * 1000:7.0f} ms {'':>10} {'':>10} {length:10,}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", default=["demo", "100000"])
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    Warming.begin = lambda _: None  # type: ignore[method-assign]  # what is measured is what somebody waits for
    for size in parser.parse_args().sizes:
        with playing() if size == "demo" else serving(int(size), teams=True) as (store, config, server):
            print(f"── {size if size == 'demo' else f'{int(size):,} items'}")
            host = Host()
            show(store, config, server)
            show_filters(store, config, server)
            print(f"   ({host.told()})")


if __name__ == "__main__":
    main()
