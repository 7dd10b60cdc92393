"""Adapters of :class:`okrsync.ports.Engine`: who runs the jobs."""
