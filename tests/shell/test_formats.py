"""Every listing in every form, and the backlog."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from installation import Installation

from okrsync.reports.sheet import Sheet, as_csv, as_html
from okrsync.texts import speaker

LISTINGS = (
    "status",
    "orphans",
    "gaps",
    "trace SHOP-11",
    "trace SHOP-74",
    "backlog",
    "effort",
    "effort --group-by value_stream",
    "plan",
    "runs",
    "config show",
    "check-config",
)
FORMS = ("table", "json", "csv", "md", "html")


class Page(HTMLParser):
    """The cells of the table, and every tag that was opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self._in_cell = False
        self.feed(text)

    @property
    def parts(self) -> int:
        """How many tables stand under a heading of their own."""
        return self.tags.count("h2")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "td":
            self.cells.append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.cells[-1] += data


@pytest.mark.parametrize("listing", LISTINGS)
def test_every_listing_in_every_form(listing: str, synced: Installation) -> None:
    said = {form: synced.ok(*listing.split(), "--format", form) for form in FORMS}
    json.loads(said["json"])
    rows = list(csv.reader(io.StringIO(said["csv"])))
    assert len({len(row) for row in rows}) == 1, "every row has every column"
    page = Page(said["html"])
    assert said["html"].startswith("<!doctype html>")
    assert page.tags.count("h1") == 1
    assert page.tags.count("tr") == len(rows) or (len(rows) == 1 and page.tags.count("tr") == 0) or page.parts
    table = [line for line in said["md"].rpartition("\n## ")[-1].splitlines() if line.startswith("| ")]
    assert len(table) == (len(rows) if len(rows) > 1 else 0)
    tables = sum(line.startswith(("|---", "|--:")) for line in said["md"].splitlines())
    assert page.tags.count("table") == tables == (page.parts or tables), "as many tables, one under each heading"


def test_a_form_that_does_not_exist_is_told(synced: Installation) -> None:
    ended = synced.run("status", "--format", "pdf")
    assert ended.code == 2
    assert all(form in ended.err for form in FORMS)


def test_the_sync_and_what_was_written(acme: Installation) -> None:
    assert (
        acme.ok("sync", "--format", "csv").splitlines()[0]
        == "id,state,pulled,changed,requests,seconds,error,unreadable"
    )
    assert "<td>applied</td>" in acme.ok("apply", "--yes", "--format", "html")
    assert "| 1 |" in acme.ok("runs", "--format", "md")


def test_hostile_titles_stay_text(acme: Installation) -> None:
    """P29, in the forms that are markup."""
    site = acme.sandbox.world.jira.sites["lumen"]
    issue = site.find("SHOP-74")
    assert issue is not None
    issue.fields["summary"] = "<script>alert(1)</script> [x](javascript:y) | @ops `c` =1+1 ![i](http://e.example/p)"
    acme.ok("sync")
    for listing in ("orphans", "backlog"):
        html = Page(acme.ok(listing, "--format", "html"))
        assert "script" not in html.tags
        assert not [value for name, value in html.attributes if name == "href" and not str(value).startswith("http")]
        text = acme.ok(listing, "--format", "md")
        if listing == "orphans":
            assert any("<script>alert(1)</script>" in cell for cell in html.cells)
            assert "\\<script\\>alert(1)" in text
            assert "@ops" not in text
        assert "<script>" not in text
        assert "![i]" not in text


def test_the_backlog_begins_with_the_worst_objective(synced: Installation) -> None:
    answer = synced.json("backlog")
    items = answer["items"]
    assert [item["rank"] for item in items] == list(range(1, len(items) + 1))
    states = {one["id"]: one["status"] for one in answer["objectives"]}
    order = [
        "missed",
        "off_track",
        "at_risk",
        "stale",
        "no_due_date",
        "on_track",
        "done",
        "achieved",
        "too_early",
        "not_started",
        "no_data",
        "dropped",
    ]
    served = [states[item["objective"]] for item in items if item["objective"]]
    ranks = [order.index(state) // 2 if state in order[:2] else order.index(state) for state in served]
    assert ranks == sorted(ranks)
    assert [bool(item["objective"]) for item in items] == sorted(
        (bool(item["objective"]) for item in items), reverse=True
    )
    assert all(item["status"] != "done" for item in items)
    blocked = next(item for item in items if item["key_result"] == "KR-DSN" and "bloqué" in item["why"])
    assert "KR-DSN" in blocked["why"]
    one = synced.json("backlog", "--objective", blocked["objective"])["items"]
    assert {item["objective"] for item in one} == {blocked["objective"]}
    assert {item["rank"] for item in one} <= {item["rank"] for item in items}
    assert synced.run("backlog", "--objective", "O-NONE").code == 2
    assert synced.run("backlog", "--team", "nobody").code == 2


def test_the_cuts_of_the_gaps(synced: Installation) -> None:
    every = synced.json("gaps")
    assert sum(group["gaps"] for group in every["groups"]) == len(every["gaps"])
    teams = synced.json("gaps", "--group-by", "team")["groups"]
    of_team = next(group for group in teams if group["name"] != "(sans équipe)")
    cut = synced.json("gaps", "--team", of_team["name"])
    assert 0 < len(cut["gaps"]) < len(every["gaps"])
    assert len(cut["gaps"]) == of_team["gaps"]
    dated = synced.json("gaps", "--since", "2020-01-01")["gaps"]
    assert dated == [gap for gap in every["gaps"] if gap["since"]]
    assert synced.run("gaps", "--since", "2999-01-01").code == 2
    for command in ("gaps", "orphans", "effort"):
        refused = synced.run(command, "--since", "last week")
        assert refused.code == 2
        assert refused.err.startswith("okrsync: --since last week is no day; write it as 20")
    assert synced.run("gaps", "--group-by", "mood").code == 2


def test_the_groups_of_the_gaps_are_read_in_every_form(synced: Installation) -> None:
    teams = [group["name"] for group in synced.json("gaps", "--group-by", "team")["groups"]]
    assert len(teams) > 1
    for form in ("table", "csv", "md", "html"):
        shown = synced.ok("gaps", "--group-by", "team", "--format", form)
        assert all(name in shown for name in teams), form


def test_a_cut_without_gaps_does_not_say_that_there_are_none(synced: Installation) -> None:
    every = len(synced.json("gaps")["gaps"])
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    for form in ("table", "md", "html"):
        shown = synced.ok("gaps", "--since", yesterday, "--format", form)
        assert "Aucune rupture dans la chaîne" not in shown
        assert f"en tout, il y en a {every}" in shown


def test_a_sentence_above_the_table_is_as_neutral_as_its_cells() -> None:
    sheet = Sheet("T", ("SHOP-1  \x1b[31mred\x07\u202e",), ("key",), [])
    page = as_html(sheet, speaker("en"), "en")
    assert not set(page) & set("\x1b\x07\u202e")


@pytest.mark.parametrize("began", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("before", ["", " ", "\t", "\r", "\n", "\t\r ", "\u200b", "\ufeff", "\u00a0", "\x00"])
def test_a_cell_begins_no_formula(before: str, began: str) -> None:
    """Nor with what a spreadsheet passes over (TAB, CR) before it looks."""
    cell = f'{before}{began}HYPERLINK("http://evil.test","{began}1")'
    rows = [{"a": cell, "b": [cell], "c": {"k": cell}, "d": -1}]
    (_, row) = csv.reader(io.StringIO(as_csv(Sheet("", (), ("a", "b", "c", "d"), rows))))
    assert row[0].startswith("'")
    assert row[1].startswith("'")
    assert row[2].startswith("{")
    assert row[3] == "-1", "a number stays one"
    assert not [one for one in row if set(one) & set("\t\r\n\x00")]
