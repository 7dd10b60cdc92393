"""One job after another in this thread: the engine of the command line."""

from __future__ import annotations

from collections import OrderedDict

from okrsync.ports import Job


class SerialEngine:
    """Runs what waits when it is drained, in order; jobs of one key are merged while they wait."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, Job] = OrderedDict()

    def submit(self, job: Job) -> bool:
        if job.key in self._waiting:
            return False
        self._waiting[job.key] = job
        return True

    def drain(self) -> None:
        while self._waiting:
            _, job = self._waiting.popitem(last=False)
            job.run()
