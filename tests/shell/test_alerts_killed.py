"""Alerts over failing posts, restarts and kills: none is lost, and none comes twice but for a kill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alarms import HOUR, MINUTE, Tower
from chat_server import Channel, channel
from hypothesis import HealthCheck, given
from hypothesis import settings as playing
from hypothesis import strategies as st
from postgresql_server import Server
from sqlalchemy import delete, event
from told import database, empty

from okrsync.model import SourceState, Status
from okrsync.reports.alerts import News, sentence
from okrsync.store import Store
from okrsync.store import tables as t
from okrsync.texts import speaker

OK, DOWN, REFUSED = SourceState.OK, SourceState.DEGRADED, SourceState.AUTH_FAILED
SPEAK = speaker("en")


class Killed(BaseException):
    """The process is no more: nothing catches this."""


class Fate:
    """Kills at the statement, or the commit, of this number; reading ones count where ``every`` does."""

    def __init__(self, engine: Any, *, every: bool = True) -> None:
        self._engine, self._every, self.count, self.at = engine, every, 0, 0
        event.listen(engine, "before_cursor_execute", self._execute)
        event.listen(engine, "commit", self._commit)

    def close(self) -> None:
        event.remove(self._engine, "before_cursor_execute", self._execute)
        event.remove(self._engine, "commit", self._commit)

    def _execute(self, _: Any, cursor: Any, statement: str, *__: Any) -> None:
        if (self._every or not statement.startswith("SELECT")) and self._hit():
            cursor.close()
            raise Killed

    def _commit(self, _: Any) -> None:
        if self._hit():
            raise Killed

    def _hit(self) -> bool:
        self.count += 1
        return self.count == self.at

    @contextmanager
    def awaits(self, at: int) -> Iterator[None]:
        self.count, self.at = 0, at
        try:
            yield
        finally:
            self.at = 0


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        (tmp_path / "okrsync.db").write_bytes(empty())
        url = f"sqlite:///{tmp_path}/okrsync.db"
    else:
        server: Server = request.getfixturevalue("postgresql")
        url = server.migrated()
    opened = Store.open(url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def chat() -> Iterator[Channel]:
    with channel() as heard:
        yield heard


def story(tower: Tower, look: Callable[[], None]) -> None:
    """Two alerts at once, one of them over, the other one worse and over; all of it posted."""
    tower.publish(KR_UX=Status.ON_TRACK)
    look()
    tower.cycle("jira", REFUSED)
    tower.publish(KR_UX=Status.AT_RISK)
    look()
    tower.cycle("jira")
    tower.publish(KR_UX=Status.OFF_TRACK)
    look()
    tower.publish(KR_UX=Status.ON_TRACK)
    look()


def told(tower: Tower) -> Counter[str]:
    return Counter(tower.lines())


def owed(tower: Tower) -> Counter[str]:
    """What people are to be told of the alerts that are stored, each line once."""
    rows = tower.every()
    begun = [f"▲ {sentence(News(one), SPEAK)}" for one in rows]
    ended = [f"✔ {sentence(News(one, over=True), SPEAK)}" for one in rows if one.ended_at is not None]
    return Counter([*begun, *ended])


def cleared(store: Store, chat: Channel) -> Tower:
    with store.begin() as tx:
        for table in (t.alert, t.snapshot, t.meta, t.source):
            tx.execute(delete(table))
    chat.posts.clear()
    chat.answers.clear()
    chat.status = 200
    return Tower(store, chat)


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_killed_between_any_two_statements_nothing_is_lost(store: Store, chat: Channel, every: bool) -> None:
    fate = Fate(store._engine, every=every)
    tower = cleared(store, chat)
    fate.count = 0
    steps: list[int] = []

    def counted() -> None:
        fate.count = 0
        tower.look()
        steps.append(fate.count)

    story(tower, counted)
    expected = told(tower)
    assert expected == owed(tower)
    assert expected.total() == 6
    killed = 0
    for which, of in enumerate(steps):
        for at in range(1, of + 1):
            tower, place = cleared(store, chat), iter(range(len(steps)))

            def looked(tower: Tower = tower, place: Iterator[int] = place, which: int = which, at: int = at) -> None:
                with fate.awaits(at if next(place) == which else 0):
                    try:
                        tower.look()
                    except Killed:
                        nonlocal killed
                        killed += 1
                        tower.now -= MINUTE
                        tower.start()
                        fate.at = 0
                        tower.look()

            story(tower, looked)
            assert tower.standing() == []
            assert owed(tower) == expected, (which, at)
            assert told(tower).keys() == expected.keys(), (which, at)
            assert (told(tower) - expected).total() <= 2, "only what was posted just then comes again"
    assert killed == sum(steps) > (80 if every else 20)


moves = st.lists(
    st.one_of(
        st.tuples(st.just("cycle"), st.sampled_from(["jira", "github"]), st.sampled_from([OK, DOWN, REFUSED])),
        st.tuples(st.just("publish"), st.just("KR_UX"), st.sampled_from([*Status])),
        st.tuples(st.just("publish"), st.just("O_SHOP"), st.sampled_from([Status.ON_TRACK, Status.AT_RISK])),
        st.tuples(st.just("chat"), st.sampled_from([200, 404, 429, 503])),
        st.tuples(st.just("restart")),
        st.tuples(st.just("kill"), st.integers(1, 25)),
        st.tuples(st.just("wait"), st.integers(1, 90)),
    ),
    max_size=40,
)


@playing(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(moves)
def test_over_any_sequence_each_alert_and_its_end_are_told_once(chat: Channel, sequence: list[tuple[Any, ...]]) -> None:
    store = database("alerts", empty())
    tower = cleared(store, chat)
    fate, kills = Fate(store._engine), 0
    try:
        for what, *how in sequence:
            match what:
                case "cycle":
                    tower.cycle(*how)
                case "publish":
                    tower.publish(**{how[0]: how[1]})
                case "chat":
                    (chat.status,) = how
                case "restart":
                    tower.start()
                case "wait":
                    tower.wait(how[0] * MINUTE)
            with fate.awaits(how[0] if what == "kill" else 0):
                try:
                    tower.look()
                except Killed:
                    kills += 1
                    tower.start()
            taken = Counter(line for status, line in lines(chat) if status == 200)
            assert taken.keys() <= owed(tower).keys()
        chat.status = 200
        tower.start()
        tower.look(HOUR)
        taken, expected = Counter(line for status, line in lines(chat) if status == 200), owed(tower)
        assert taken.keys() == expected.keys(), "nothing is lost"
        assert kills or taken == expected, "nothing comes twice"
        for one in tower.every():
            assert one.told_at is not None
            assert (one.ended_at is None) is (one.end_told_at is None)
    finally:
        fate.close()


def lines(chat: Channel) -> Iterator[tuple[int, str]]:
    """Every line that was posted, and how that was answered."""
    for status, (_, post) in zip(chat.answers, chat.posts, strict=True):
        for line in post["text"].split("\n")[1:]:
            yield status, line
