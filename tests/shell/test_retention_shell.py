"""What is forgotten because it is old moves no number, of now or of the past."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import Any

from small_company import START
from sqlalchemy import func, select

from config.operation import Retention
from okrsync.store import Store
from okrsync.store import tables as t
from okrsync.store.retention import forget_old

ANSWERS = (
    *(("status",), ("status", "KR-UX"), ("trace", "KR-UX"), ("trace", "SHOP-1"), ("orphans",), ("gaps",), ("backlog",)),
    *(("effort",), ("effort", "--since", "2026-10-01"), ("overrides",), ("report",), ("gates",)),
    *(("status", "--at", f"{START + timedelta(days=days):%Y-%m-%d}") for days in (1, 11, 18, 21)),
)


def test_no_number_moves_by_what_is_forgotten(office: Any) -> None:
    """Deleted work that served a goal, that held up another, that was never anybody's; daily comments for a month."""
    company, installed = office.company, office.installed
    served = company.create(summary="Served", parent="SHOP-1", customfield_10016=8)
    never = [company.create("PAY", summary=f"Never {number}") for number in range(20)]
    epic = company.create(summary="An epic of nobody", issuetype="Epic")
    child = company.create(summary="Below it", parent=epic.key)
    holding = company.create("PAY", summary="Holds up")
    held = company.create(summary="Held up", parent="SHOP-1")
    company.edit(held, blocked_by=holding.key)
    office.later(hours=1)
    installed.ok("apply", "--yes")
    for issue in (served, *never, epic, child, holding):
        company.edit(issue, delete=True)
    company.wait(hours=1)
    installed.ok("sync", "--full", "--allow-mass-delete")
    for number in range(5):
        issue = company.site.find(f"SHOP-{number + 4}")
        company.edit(issue, status="En cours" if number % 2 else "Terminé")
        office.later(days=1)
        installed.ok("apply", "--yes")

    def told() -> dict[tuple[str, ...], str]:
        return {answer: installed.run(*answer, "--format", "json").out for answer in ANSWERS}

    before = told()
    assert sum(bool(text) for text in before.values()) >= 12
    with closing(Store.open(f"sqlite:///{office.installed.folder / 'okrsync.db'}")) as store:
        gone: dict[str, int] = {}
        while True:
            with store.begin() as tx:
                some = forget_old(tx, Retention(), company.now() + timedelta(days=1000), limit=7)
            if not some:
                break
            gone = {kind: gone.get(kind, 0) + some.get(kind, 0) for kind in {*gone, *some}}
        with store.read() as tx:
            left = tx.scalar(select(func.count()).where(t.item.c.deleted_at.is_not(None)))
    assert gone["items"] == len(never) + 2
    assert gone["writes"] > 0
    assert left == 2, "what served a goal, and what held another up"
    assert told() == before
    installed.ok("sync", "--full")
    assert installed.json("plan")["writes"] == []
    assert installed.ok("db", "check") == "the database is sound\n"
    installed.ok("undo", "--all", "--yes")
    assert not [
        issue.key for issue in company.site.issues.values() for text in [office.text(issue.key)] if text.strip()
    ]
