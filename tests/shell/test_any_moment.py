"""The company of the demo at the moments at which calendars are wrong: everything is told, and adds up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from crawling import crawl
from demo_company import Company, worked_with
from installation import Installation
from web_server import served

from okrsync.sandbox import company as demo
from okrsync.weeks import last_whole

ZONE = "Europe/Paris"
MOMENTS = {
    "the year has a minute left in its zone": datetime(2026, 12, 31, 22, 59, tzinfo=UTC),
    "the year is over in UTC": datetime(2027, 1, 1, tzinfo=UTC),
    "a week of the zone began, not one of UTC": datetime(2026, 11, 29, 23, 30, tzinfo=UTC),
    "the first Monday": datetime(2027, 1, 4, 0, 1, tzinfo=UTC),
    "the hour that is not there": datetime(2027, 3, 28, 1, 0, tzinfo=UTC),
    "the hour that is there twice": datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
    "the day that is not there": datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC),
    "the middle of a summer": datetime(2028, 7, 14, 12, tzinfo=UTC),
}
IN_EVERY_RUN = "the year has a minute left in its zone"
ANSWERS = (
    "status",
    "orphans",
    "orphans --since {month_ago}",
    "gaps",
    "effort",
    "backlog --objective O-CLOTURE",
    "plan",
    "alerts",
    "runs",
    "calibrate",
    "waves --team paiement",
    "gate",
    "report",
)


@pytest.fixture(
    params=[
        pytest.param(name, marks=[] if name == IN_EVERY_RUN else pytest.mark.soak, id=name.replace(" ", "-"))
        for name in MOMENTS
    ]
)
def company(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Company]:
    """The demo's company at such a moment."""
    with worked_with(tmp_path, MOMENTS[request.param]) as found:
        yield found


def test_everything_is_told_and_adds_up(
    company: Company, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = Installation(company.folder, company.sandbox, capsys, monkeypatch)
    installed.stop_clock(company.now)
    month_ago = company.now.date() - timedelta(days=30)
    for command in ANSWERS:
        for form in ("table", "json", "csv", "html"):
            done = installed.run(*command.format(month_ago=month_ago).split(), "--format", form, "--output", "-")
            assert (done.code, done.err) == (0, ""), (command, form)
            assert done.out
    totals = installed.json("orphans")["totals"]
    assert totals["items"] == sum(totals[name] for name in ("traced", "exempt", "orphan", "unresolvable")) > 1000
    goals = installed.json("status")["objectives"]
    assert {one["progress"] is not None for one in goals if one["id"] in demo.STRATEGY} == {True}

    report = installed.json("report")
    assert (report["week"], report["over"]) == (last_whole(company.now, ZONE).name, True)
    year, week, _ = company.now.astimezone(ZoneInfo(ZONE)).isocalendar()
    runs = installed.json("report", "--week", f"{year}-W{week:02d}")
    assert not runs["over"]

    for source in installed.json("sync")["sources"]:
        assert (source["state"], source["changed"]) == ("ok", 0), source["id"]
    with served(company.config, company.store, company.now) as site:
        found = crawl(site.url, of_a_kind=1)
    assert len(found.pages) > 20
    assert found.wrong == []
