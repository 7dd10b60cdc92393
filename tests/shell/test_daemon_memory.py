"""What a job freed in the holes between what stays goes back to the system (P39, whose full number is a soak)."""

from __future__ import annotations

import ctypes
import os
import platform

import pytest

from benchmarks.daemons import usage
from okrsync.daemon.memory import give_back, sparing

BLOCK, BLOCKS, KEPT = 4000, 10_000, 50  # bytes; 40 MB; one in so many is kept

glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no malloc_trim")


@glibc
def test_holes_are_given_back() -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = (
        ctypes.c_void_p,
        [ctypes.c_size_t],
        [ctypes.c_void_p],
    )
    blocks = [libc.malloc(BLOCK) for _ in range(BLOCKS)]
    for block in blocks:
        ctypes.memset(block, 1, BLOCK)
    for block in (block for place, block in enumerate(blocks) if place % KEPT):
        libc.free(block)
    before = usage(os.getpid()).rss
    assert give_back()
    after = usage(os.getpid()).rss
    for block in blocks[::KEPT]:
        libc.free(block)
    assert before - after > 0.5 * BLOCK * BLOCKS / 1e6


def test_a_person_who_chose_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_ARENA_MAX", "8")
    assert not sparing()
