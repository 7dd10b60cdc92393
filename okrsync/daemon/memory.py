"""How the C library hands out memory to a process of many short-lived threads."""

from __future__ import annotations

import ctypes
import os

M_ARENA_MAX = -8  # of malloc.h, as glibc has had it since 2.10
ARENAS = 2


def few_arenas(arenas: int = ARENAS) -> bool:
    """Whether from now on the threads share so many arenas; False where the C library is not glibc, or a person chose
    (``MALLOC_ARENA_MAX``).

    By default glibc gives threads eight arenas a core. As each job has a thread of its own, what jobs free lies about
    in all of them, and the process grows for thousands of cycles although nothing is kept (P39).
    """
    if "MALLOC_ARENA_MAX" in os.environ:
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    return bool(mallopt(M_ARENA_MAX, arenas))
