"""The past as commands tell it: after one sync, beside what was published, and over the end of a cycle."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from installation import Installation
from small_company import START, Company
from sqlalchemy import select, update

from okrsync import publishing
from okrsync.assess import Assessment, assess
from okrsync.history import assess_at, burn_ups, look_back
from okrsync.linking import relink
from okrsync.model import Point, Progress, Reading, Snapshot, Status
from okrsync.store import Store, attempts, people, snapshots
from okrsync.store import tables as t

DAY = timedelta(days=1)
KR = '[[objectives.key_results]]\nid = "{name}"\ntitle = "{name}"\nowner = "cpo@acme.test"\n{more}\n'
Q3 = "start = 2026-07-01\nend = 2026-09-30\n"


def now_of(company: Company, store: Store) -> Assessment:
    with store.begin() as tx:
        relink(tx, company.config, company.now())
        return assess(tx, company.config, company.now())


def then_of(company: Company, store: Store, at: datetime) -> Assessment:
    with store.read() as tx:
        return assess_at(tx, company.config, at, company.now())


def points(company: Company, store: Store, kr: str) -> tuple[Point, ...]:
    with store.read() as tx:
        return burn_ups(tx, company.config, company.now(), only=[kr])[kr]


def figures(known: Progress) -> tuple[Any, ...]:
    return known.done, known.scope, known.initial, known.added, known.removed


def rows(store: Store) -> dict[tuple[str, str], Snapshot]:
    with store.read() as tx:
        days = tx.scalars(select(t.snapshot.c.day).distinct())
        return {(goal, f"{day}"): one for day in list(days) for goal, one in snapshots.of_day(tx, day).items()}


# ── from the first sync on ───────────────────────────────────────────────────────────────────────────────────────────


def test_one_sync_is_enough_and_a_moved_label_is_seen_from_before_and_after(small: Company) -> None:
    """A store that is filled at the end tells the same past as one that was there all along."""
    along = small.store()
    small.sync(along)
    moving, done = small.site.find("SHOP-3"), small.create(summary="Filters", labels=["okr:KR-UX"])
    seen = {}
    for step in (
        lambda: small.edit(moving, labels=["okr:KR-UX"]),
        lambda: small.edit(done, status="Terminé"),
        lambda: small.edit(moving, labels=["okr:KR-PAY"]),
        lambda: small.edit(done, status="En cours"),
        lambda: small.edit(done, fields={"resolution": {"name": "Won't Do"}}, status="Terminé"),
    ):
        small.wait(days=5)
        step()
        small.wait(hours=1)
        small.sync(along)
        seen[small.now()] = now_of(small, along)
        small.wait(hours=1)
    fresh = small.store()
    small.sync(fresh)
    for at, known in seen.items():
        for store in (along, fresh):
            told = then_of(small, store, at)
            assert {kr: figures(one) for kr, one in told.progress.items()} == {
                kr: figures(one) for kr, one in known.progress.items()
            }, at
            assert {one: (told.objectives[one].done, told.objectives[one].scope) for one in told.objectives} == {
                one: (known.objectives[one].done, known.objectives[one].scope) for one in known.objectives
            }
    assert len({figures(one.progress["KR-UX"]) for one in seen.values()}) == 5
    with along.read() as tx, fresh.read() as other:
        assert burn_ups(tx, small.config, small.now()) == burn_ups(other, small.config, small.now())
    assert points(small, fresh, "KR-UX")[-1].scope == now_of(small, fresh).progress["KR-UX"].scope


# ── what was published ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_day_keeps_what_was_published_and_its_correction_stands_beside_it(small: Company) -> None:
    store = small.store()
    small.sync(store)
    small.wait(hours=3)
    small.edit(small.site.find("SHOP-3"), status="Terminé")
    small.sync(store)
    first = rows(store)
    assert {goal for goal, _ in first} == {"KR-UX", "KR-PAY", "O-SHOP"}
    assert first["KR-UX", "2026-10-20"].progress == 0.5, "rewritten on its own day"
    late = small.create(summary="Forgotten", labels=["okr:KR-UX"])
    small.wait(days=2)
    small.sync(store)
    assert {goal: one for goal, one in rows(store).items() if goal in first} == first
    assert len(rows(store)) == 6
    with store.read() as tx:
        known, published = look_back(tx, small.config, START.replace(hour=21, minute=59), small.now())
    assert known.progress["KR-UX"].scope == 3, f"{late.key} was there already"
    assert (published["KR-UX"].progress, published["KR-UX"].scope) == (0.5, 2.0)


def test_a_quiet_day_publishes_once_and_each_new_day_anew(small: Company) -> None:
    store = small.store()
    small.sync(store)
    before = rows(store)
    for _ in range(3):
        small.wait(minutes=20)
        small.sync(store)
    assert rows(store) == before
    small.wait(days=1)
    small.sync(store)
    assert len(rows(store)) == 2 * len(before)
    with store.read() as tx:
        assert attempts.counts(tx, START) == {"jira": (5, 5)}


def test_another_configuration_is_published_on_the_same_day(small: Company) -> None:
    store = small.store()
    small.edit(small.site.find("SHOP-3"), status="En cours")
    small.sync(store)
    assert rows(store)["KR-UX", "2026-10-20"].progress == 0
    small.replace("[mapping]", "[rollup]\nin_progress_credit = 0.5\n\n[mapping]")
    small.wait(minutes=5)
    small.sync(store)
    assert rows(store)["KR-UX", "2026-10-20"].progress == 0.25


def test_a_source_that_fails_is_published_as_stale_on_the_same_day(small: Company) -> None:
    store = small.store()
    small.replace("[mapping]", '[rollup]\nsource_limit = "1h"\n\n[mapping]')
    small.sync(store)
    small.wait(hours=2)
    small.sandbox.fault("reset", path="/jira/.*", times=None)
    small.sync(store)
    assert rows(store)["KR-UX", "2026-10-20"].status is Status.STALE


def test_of_two_processes_that_publish_the_newer_state_stands(small: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the one worked out while the other linked and published more is worked out anew."""
    store = small.store()
    small.sync(store)
    small.wait(hours=1)
    with monkeypatch.context() as patch:
        patch.setattr("okrsync.sync.publish", lambda *_: 0)
        small.edit(small.site.find("SHOP-3"), status="Terminé")
        small.sync(store)
    slow, worked_out = publishing.assess, []

    def meanwhile(*given: Any) -> Assessment:
        found = slow(*given)
        worked_out.append(found.progress["KR-UX"].scope)
        if len(worked_out) == 1:
            small.create(summary="One more", labels=["okr:KR-UX"])
            small.wait(minutes=1)
            small.sync(store)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "assess", meanwhile)
        publishing.publish(store, small.config, small.now())
    assert worked_out[:2] == [2, 3], "the other process had more"
    assert rows(store)["KR-UX", "2026-10-20"].scope == 3


def test_nothing_is_published_before_a_source_was_read(small: Company) -> None:
    store = small.store()
    small.sandbox.fault("reset", path="/jira/.*", times=None)
    small.sync(store)
    assert rows(store) == {}
    small.sandbox.clear()
    small.wait(minutes=5)
    small.sync(store)
    assert len(rows(store)) == 3
    with store.read() as tx:
        assert attempts.counts(tx, START) == {"jira": (1, 2)}


def test_the_status_that_was_published_goes_into_the_next_roll_up(small: Company) -> None:
    """The same store at the same instant says the same; another published status may say another thing."""
    for number in range(8):
        small.create(summary=f"Work {number}", labels=["okr:KR-UX"])
    store = small.store()
    small.wait(days=40)
    small.sync(store)
    with store.begin() as tx:
        snapshot = snapshots.newest(tx)["KR-UX"]
        one = assess(tx, small.config, small.now())
        assert one == assess(tx, small.config, small.now())
        assert one.progress["KR-UX"].status is snapshot.status
    with store.read() as tx:
        assert assess_at(tx, small.config, small.now(), small.now()).progress == one.progress


# ── the end of a cycle ───────────────────────────────────────────────────────────────────────────────────────────────


def two_cycles(small: Company, more: str = "") -> Company:
    """KR-Q3 and KR-Q4 beside what there is, and a clock that stands in September."""
    both = KR.format(name="KR-Q3", more=Q3 + more) + KR.format(name="KR-Q4", more="")
    small.replace("[mapping]", both + "[mapping]")
    small.clock.set(datetime(2026, 9, 1, 9, tzinfo=START.tzinfo))
    return small


def test_over_the_end_of_a_cycle(small: Company) -> None:
    """Finished in Q3; open and carried into Q4; open and left behind; finished late; carried though done before."""
    company = two_cycles(small)
    done, carried, _, late, early = (
        company.create(summary=name, labels=["okr:KR-Q3"]) for name in ("done", "carried", "left", "late", "early")
    )
    company.wait(days=10)
    for issue in (done, early):
        company.edit(issue, status="Terminé")
    company.clock.set(datetime(2026, 10, 5, 9, tzinfo=START.tzinfo))
    store = company.store()
    company.sync(store)
    closed = now_of(company, store).progress["KR-Q3"]
    assert (closed.status, closed.progress, closed.grade) == (Status.MISSED, 0.4, 0.4)
    company.wait(days=2)
    before = company.now()
    company.wait(hours=1)
    for issue in (carried, early):
        company.edit(issue, labels=["okr:KR-Q4"])
    company.edit(late, status="Terminé")
    company.wait(days=5)
    company.edit(carried, status="Terminé")
    company.wait(hours=1)
    fresh = company.store()
    for one in (store, fresh):
        company.sync(one)
        known = now_of(company, one)
        assert known.progress["KR-Q3"] == closed, "its grade and its scope stay, in a new store too"
        new = known.progress["KR-Q4"]
        assert (new.done, new.scope, new.initial, new.added) == (2, 2, 0, 2), "they count from their change on"
        told = then_of(company, one, before)
        assert told.progress["KR-Q3"] == closed
        assert told.progress["KR-Q4"].scope == 0
        september = then_of(company, one, datetime(2026, 9, 20, 9, tzinfo=START.tzinfo)).progress
        assert (september["KR-Q3"].done, september["KR-Q3"].scope) == (2, 5)
        assert september["KR-Q4"].status is Status.NOT_STARTED
        assert [(point.done, point.scope) for point in points(company, one, "KR-Q4")][-2:] == [(1, 2), (2, 2)]
        assert points(company, one, "KR-Q3")[-1].at.date() == datetime(2026, 9, 30, tzinfo=START.tzinfo).date()
    objective = now_of(company, fresh).objectives["O-SHOP"]
    assert objective.scope == now_of(company, store).objectives["O-SHOP"].scope


def test_a_reading_after_the_end_changes_no_grade(small: Company) -> None:
    company = two_cycles(small, 'kind = "metric"\nbaseline = 0\ntarget = 10\n')
    store = company.store()
    company.sync(store)
    with store.begin() as tx:
        people.add_reading(tx, Reading("KR-Q3", datetime(2026, 9, 20, tzinfo=START.tzinfo), 8.0, "test"))
        people.add_reading(tx, Reading("KR-Q3", datetime(2026, 10, 2, tzinfo=START.tzinfo), 9.5, "test"))
    company.clock.set(datetime(2026, 10, 5, tzinfo=START.tzinfo))
    known = now_of(company, store).progress["KR-Q3"]
    assert (known.status, known.value, known.grade) == (Status.MISSED, 8.0, 0.8)
    assert replace(known, causes=()) == replace(then_of(company, store, company.now()).progress["KR-Q3"], causes=())


# ── as people type it ────────────────────────────────────────────────────────────────────────────────────────────────


def test_status_at_tells_the_day_what_was_published_then_and_of_no_day_to_come(synced: Installation) -> None:
    today = datetime.now(UTC).astimezone(ZoneInfo("Europe/Paris")).date()
    fortnight = synced.json("status", "--at", f"{today - 14 * DAY}")
    assert fortnight["day"] == f"{today - 14 * DAY}"
    assert fortnight["as_of"] == fortnight["at"] < synced.json("status")["as_of"]
    now, then = (
        {kr["id"]: kr for one in answer["objectives"] for kr in one["key_results"]}
        for answer in (synced.json("status"), fortnight)
    )
    assert {kr["published"] for kr in now.values()} == {None}
    assert then["KR-UX"]["done"] < now["KR-UX"]["done"]
    with closing(Store.open(f"sqlite:///{synced.folder}/okrsync.db")) as store, store.begin() as tx:
        first = snapshots.newest(tx)["KR-UX"]
        day, said = today - 14 * DAY, datetime.now(UTC).replace(microsecond=0) - 15 * DAY
        snapshots.publish(tx, [replace(first, progress=0.62, status=Status.AT_RISK)])
        tx.execute(update(t.snapshot).where(t.snapshot.c.goal == "KR-UX").values(day=day, at=said))
    told = synced.json("status", "--at", f"{day}")["objectives"][1]["key_results"][0]["published"]
    assert told == {"status": "at_risk", "progress": 0.62, "at": f"{said:%Y-%m-%dT%H:%M:%SZ}"}
    page = synced.ok("status", "--at", f"{day}")
    assert page.startswith(f"Situation à la fin du {day}, d’après tout ce qui est connu à ce jour.")
    assert "publié alors\u00a0: 62\u00a0%, à risque" in page
    assert "0.62" in synced.ok("status", "--at", f"{day}", "--format", "csv")
    assert synced.ok("status", "--at", f"{today}").count("Situation") == 1, "of now: as of the last sync"
    noon = synced.ok("status", "--at", f"{today - DAY}T12:00").splitlines()[0]
    assert noon.startswith(f"Situation au {today - DAY} "), "of an instant: as of that"
    for wrong in (f"{today + DAY}", "yesterday", f"{today}T99:00"):
        refused = synced.run("status", "--at", wrong)
        assert (refused.code, wrong in refused.err) == (2, True)
