"""P2 and P3 in three tools: a crash, or a lost answer, around any write repeats nothing (design: promises)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from trio import Trio, three_tools

from okrsync.model import Json, Receipt, Slot, Surface, Write, WriteState
from okrsync.store import Store, journal

VISIBLE = "comment|statuses|setMetricCurrentValue|status_updates"


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    with three_tools(tmp_path) as found:
        yield found


@pytest.fixture
def store(trio: Trio) -> Store:
    return trio.synced()


class Dead(BaseException):
    """The process is gone: nobody catches this."""


class Dying:
    """A sink that dies at the first write on a surface: before it is sent, after it, or before it is recorded."""

    def __init__(self, inner: Any, surface: Surface, moment: str, patch: pytest.MonkeyPatch) -> None:
        self.inner, self.surface, self.moment, self.patch = inner, surface, moment, patch

    def close(self) -> None:
        self.inner.close()

    def surfaces(self) -> frozenset[Surface]:
        return self.inner.surfaces()  # type: ignore[no-any-return]

    def read(self, slot: Slot) -> Json:
        return self.inner.read(slot)  # type: ignore[no-any-return]

    def push(self, write: Write) -> Receipt:
        hit = write.slot.surface is self.surface
        if hit and self.moment == "before it is sent":
            raise Dead
        receipt: Receipt = self.inner.push(write)
        if hit and self.moment == "before it is answered":
            raise Dead
        if hit and self.moment == "before it is recorded":
            self.patch.setattr(journal, "confirm", _dies)
        return receipt


def _dies(*_: Any) -> None:
    raise Dead


PLACES = [
    *(("jira", surface) for surface in (Surface.LABEL, Surface.PROPERTY, Surface.COMMENT)),
    *(("github", surface) for surface in (Surface.LABEL, Surface.COMMENT, Surface.STATUS)),
    *(("asana", surface) for surface in (Surface.LABEL, Surface.METRIC, Surface.UPDATE)),
]


@pytest.mark.parametrize("moment", ["before it is sent", "before it is answered", "before it is recorded"])
@pytest.mark.parametrize(("source", "surface"), PLACES)
def test_a_crash_around_a_write_repeats_nothing(
    trio: Trio, store: Store, source: str, surface: Surface, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = trio.company.plan(store).writes

    def connect(config: Any) -> Any:
        inner = trio.company.connect(config)
        return Dying(inner, surface, moment, monkeypatch) if config.id == source else inner

    with pytest.raises(Dead):
        trio.company.apply(store, connect=connect)
    monkeypatch.undo()
    trio.company.apply(store)
    assert trio.company.plan(store).writes == ()
    trio.is_written_once(planned)


@pytest.mark.parametrize("lost", ["reset", "truncated"])
def test_a_lost_answer_repeats_nothing(trio: Trio, store: Store, lost: str) -> None:
    planned = trio.company.plan(store).writes
    for tool in "jira", "github", "asana":
        trio.company.sandbox.fault(lost, method="POST|PUT", path=f"/{tool}/.*({VISIBLE}).*", after=True)
    _, outcomes = trio.company.apply(store)
    assert {one.write.slot.source for one in outcomes if one.state is WriteState.UNKNOWN} == {"jira", "github", "asana"}
    trio.company.apply(store)
    assert trio.company.plan(store).writes == ()
    trio.is_written_once(planned)
