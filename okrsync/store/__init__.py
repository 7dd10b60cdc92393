"""The store: every row that okrsync remembers, on SQLite or PostgreSQL.

``Store`` opens the database and yields transactions; the modules beside it hold the functions that work in one:
``sources``, ``pages``, ``graph``, ``people``, ``tickets``, ``queries``, ``journal``. Effects and the rows that record
them share a transaction because the caller's ``with store.begin() as tx:`` is the only one there is.
"""

from okrsync.store.database import Store

__all__ = ["Store"]
