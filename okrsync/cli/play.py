"""The sandbox, and the demonstration that runs on it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import typer

from okrsync.errors import StoreError, UsageError


def sandbox(world: Path, listen: str, *, persist: bool, datacenter: bool) -> None:
    """Serve a world until Ctrl-C."""
    from okrsync.sandbox import serve

    serve(world, listen, persist=persist, ready=typer.echo, datacenter=datacenter)


def demo(*, once: bool, keep: Path | None) -> None:
    """The tour, in a folder that goes with it unless ``keep`` names one."""
    from okrsync import demo

    if keep is None:
        with tempfile.TemporaryDirectory(prefix="okrsync-demo-") as folder:
            demo.tour(Path(folder), once=once)
        return
    try:
        keep.mkdir(parents=True, exist_ok=True)
        taken = any(keep.iterdir())
    except OSError as fault:
        raise StoreError(f"cannot use {keep}: {fault.strerror}") from fault
    if taken:
        raise UsageError(f"{keep} is not empty; --keep takes a folder of its own")
    demo.tour(keep.resolve(), once=once)
