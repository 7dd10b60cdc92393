"""The command line: parses, calls, prints; every error becomes a clear line and an exit code (docs/commands.md)."""

from __future__ import annotations

import gc
import os
import sys

from okrsync.errors import OkrsyncError

INTERRUPTED, NO_READER = 130, 141  # as a shell counts SIGINT and SIGPIPE


class Ended(Exception):
    """The daemon came to its end and closed what it held; what its threads still make is for nobody."""


def main() -> None:
    """The ``okrsync`` command."""
    gc.set_threshold(50_000, 20, 50)  # what is loaded and read has few cycles: a tenth of a start, a sixth of a sync
    from okrsync.cli.app import app

    try:
        app(prog_name="okrsync")
    except OkrsyncError as fault:
        for line in str(fault).splitlines():
            print(f"okrsync: {line}", file=sys.stderr)  # noqa: T201
        _end(fault.exit_code)
    except KeyboardInterrupt:
        _end(INTERRUPTED)
    except BrokenPipeError:
        _end(NO_READER)
    except Ended:
        _flush()
        os._exit(0)  # at its own end Python unwinds threads out of C++, which aborts the process


def _end(code: int) -> None:
    _flush()
    sys.exit(code)


def _flush() -> None:
    """What was said is out, without another word about an output that nobody takes."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
