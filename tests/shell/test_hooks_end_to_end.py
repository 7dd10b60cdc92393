"""From a change in a tool to a changed status: the tool signs and sends, one narrowed cycle reads, the link job judges;
polling would tell an hour later."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hooked import Hooked, hooked
from sqlalchemy import select
from trio import LINKED, WORKSPACE

from okrsync.assess import assess
from okrsync.store import queries
from okrsync.store import tables as t

BAR = 5.0  # seconds


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hooked]:
    with hooked(tmp_path_factory.mktemp("hooked")) as running:
        yield running


def state(office: Hooked, source: str, identity: str) -> str:
    with office.store.read() as tx:
        where = (t.item.c.source == source) & (t.item.c.remote_id == identity)
        return str(tx.scalar(select(t.item.c.state).where(where)))


def done(office: Hooked) -> float:
    """How much of KR-UX is done, as it is judged."""
    with office.store.read() as tx:
        assert sum(queries.totals(tx).values()) > 0
        return assess(tx, office.config, office.company.now()).progress["KR-UX"].done or 0.0


@pytest.mark.parametrize("tool", ["jira", "github", "asana"])
def test_a_closed_ticket_changes_the_progress_within_seconds(tool: str, office: Hooked) -> None:
    assert {one.what for one in office.create(tool)} == {"made"}
    office.calm()
    before = done(office)
    office.company.sandbox.clear_requests()
    match tool:
        case "jira":
            issue = office.company.site.find("SHOP-3")  # below the epic of KR-UX
            assert issue is not None
            office.person("jira/acme/issues/SHOP-3", status="Terminé")
        case "github":
            office.person("github/acme/shop/issues/1", state="closed")
        case _:
            office.person(f"asana/{WORKSPACE}/tasks/{LINKED}", completed=True)
    took = office.until(lambda: done(office) > before)
    assert took < BAR, f"{tool}: {took:.2f} s"
    print(f"{tool}: from the change to the progress {took:.2f} s")
    office.calm()
    others = {"jira", "github", "asana"} - {tool}
    asked = {one.path.split("/")[1] for one in office.company.sandbox.requests}
    assert not asked & others, "nothing was asked of the other tools"


def test_what_is_deleted_is_gone_within_seconds(office: Hooked) -> None:
    """No list of what changed shows it; the webhook names it."""
    office.create("jira")
    office.create("github")
    issue = office.company.create(summary="To be deleted")
    number = office.trio.repository.issue("To be deleted").number
    office.company.sandbox.world.notice()
    place = f"{office.trio.repository.id}#{number}"
    office.until(lambda: state(office, "jira", issue.id) != "None" and state(office, "github", place) != "None")
    office.person(f"jira/acme/issues/{issue.key}", delete=True)
    office.person(f"github/acme/shop/issues/{number}", delete=True)

    def gone() -> bool:
        with office.store.read() as tx:
            rows = select(t.item.c.remote_id).where(t.item.c.deleted_at.is_not(None))
            return {issue.id, place} <= set(tx.scalars(rows))

    assert office.until(gone) < BAR
