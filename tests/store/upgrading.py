"""A database is opened and upgraded, and the process killed at one of the moments of it.

Usage: ``upgrading.py URL MOMENT``; the moments are the statements and the steps of the backup, and one after it all.
Says how many there were, where it was not killed.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from sqlalchemy import Engine, event

from okrsync.store import Store, backup

url, moment = sys.argv[1], int(sys.argv[2])
passed = 0


def strike(*_: Any) -> None:
    global passed
    passed += 1
    if passed == moment:
        os.kill(os.getpid(), signal.SIGKILL)


event.listen(Engine, "before_cursor_execute", strike)
event.listen(Engine, "commit", strike)
made = backup.backup
backup.PAGES = 20
backup.backup = lambda database, target: made(database, target, strike)  # type: ignore[assignment]
Store.open(url, upgrade=True)
strike()
print(passed)
