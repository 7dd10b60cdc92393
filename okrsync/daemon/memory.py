"""How the C library hands out memory to a process of many short-lived threads, and gives it back."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Any

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8  # of malloc.h, as glibc has had them since 2.10
ARENAS = 2
LARGE = 64 * 1024  # bytes; what is larger goes back to the system as soon as it is freed


def sparing() -> bool:
    """Whether from now on the threads share few arenas, and what is large lies outside them; False where the C library
    is not glibc, or a person chose (``MALLOC_…``, ``GLIBC_TUNABLES``).

    By default glibc gives threads eight arenas a core, and puts into them whatever is smaller than the largest block
    that was ever freed (mallopt(3)). As each job has a thread of its own, what jobs free lies about in all of them, and
    the process grows for thousands of cycles although nothing is kept (P39).
    """
    if any(name.startswith(("MALLOC_", "GLIBC_TUNABLES")) for name in os.environ):
        return False
    mallopt = _of_glibc("mallopt")
    return mallopt is not None and all((mallopt(M_ARENA_MAX, ARENAS), mallopt(M_MMAP_THRESHOLD, LARGE)))


def give_back() -> bool:
    """Whether pages were free and went back to the system; False too where the C library is not glibc.

    By itself glibc gives back only what is free at the end of an arena, not the holes between what is in use, and
    these grow as the process ages (P39; malloc_trim(3)).
    """
    trim = _of_glibc("malloc_trim")
    return trim is not None and bool(trim(ctypes.c_size_t(0)))


def _of_glibc(function: str) -> Callable[..., Any] | None:
    try:
        return getattr(ctypes.CDLL(None), function)  # type: ignore[no-any-return]
    except (AttributeError, OSError):
        return None
