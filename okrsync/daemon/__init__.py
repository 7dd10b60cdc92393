"""``okrsync run``: the timetable chooses, threads work, the store remembers (docs/running.md).

Every source has its own timetable and is read by one cycle at a time. When a cycle ends, one link job, shared by all,
judges what changed, and one write-back job plans, or applies what may be applied, where anything may be due. A source
that is down keeps its own thread busy and nobody else's.

============== =====================================================================
``daemon``      the parts put together; what the HTTP side is told
``timetable``   when: APScheduler, jitter
``jobs``        how: an engine, and what a job that failed says
``reading``     the cycles of the sources, by timetable and by webhook
``touches``     which webhooks wait, and how often they are heeded
``writing``     planned or applied, after the link job
``posting``     the report of the week
``upkeep``      midnight, what is forgotten, what a token may still do
``maintenance`` the times in which all of that rests; pure
``reloading``   the configuration read anew; pure but for the reading
``heart``       whether the process lives, and who is told so
``notify``      systemd
``memory``      the C library
``standing``    what SIGUSR1 prints
============== =====================================================================
"""

from okrsync.daemon.daemon import Daemon

__all__ = ["Daemon"]
