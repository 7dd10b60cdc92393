"""What systemd is told (sd_notify): a datagram to the socket that it names, and nothing where it names none."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from time import CLOCK_MONOTONIC, clock_gettime_ns


class Notifier:
    """Tells the service manager that started us. ``watchdog`` is how often, in seconds, it wants to hear that we live;
    None where it does not care."""

    def __init__(self, environ: Mapping[str, str], pid: int) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        told = environ.get("WATCHDOG_USEC", "")
        mine = environ.get("WATCHDOG_PID", str(pid)) == str(pid)
        self.watchdog = int(told) / 1e6 if mine and told.isdigit() and int(told) else None

    def tell(self, **said: str | int) -> None:
        """Send these values; a manager that does not listen is no fault of the work."""
        if not self._address.startswith(("/", "@")):
            return
        text = "\n".join(f"{name}={value}" for name, value in said.items())
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.setblocking(False)
                out.sendto(text.encode(), address)
        except OSError:
            return

    def ready(self, status: str) -> None:
        self.tell(READY=1, STATUS=status)

    def reloading(self) -> None:
        """Until the next :meth:`ready`; the instant tells the manager which of its requests this answers."""
        self.tell(RELOADING=1, MONOTONIC_USEC=clock_gettime_ns(CLOCK_MONOTONIC) // 1000)

    def stopping(self) -> None:
        self.tell(STOPPING=1, STATUS="stopping")

    def alive(self, status: str) -> None:
        self.tell(WATCHDOG=1, STATUS=status)
