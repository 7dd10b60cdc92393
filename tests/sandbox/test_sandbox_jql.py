"""JQL: what it selects, in which order, in whose time, and what Jira says to what it cannot read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from okrsync.sandbox import Sandbox
from okrsync.sandbox.jira import changes
from okrsync.sandbox.jira.changes import Hand
from okrsync.sandbox.jira.jql import JqlError, parse
from okrsync.sandbox.jira.site import Site

EIGHT = 1_772_438_400_000  # 2026-03-02 08:00 UTC, when SHOP-2 was created


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ("project = SHOP", "SHOP-1 SHOP-2 SHOP-3 SHOP-4"),
        ("project = shop", "SHOP-1 SHOP-2 SHOP-3 SHOP-4"),
        ("project = 10002", "PAY-1"),
        ('project = "Moteur de paie"', "PAY-1"),
        ("project in (SHOP, PAY) AND project != SHOP", "PAY-1"),
        ("key = SHOP-2 OR key = PAY-1", "PAY-1 SHOP-2"),
        ("issuekey in (SHOP-2, shop-3)", "SHOP-2 SHOP-3"),
        ("project = SHOP AND key > SHOP-2", "SHOP-3 SHOP-4"),
        ("id in (10001, 10005)", "PAY-1 SHOP-1"),
        ("parent = SHOP-1", "SHOP-2 SHOP-3"),
        ("parent in (10001, SHOP-2)", "SHOP-2 SHOP-3 SHOP-4"),
        ("project = SHOP AND parent is empty", "SHOP-1"),
        ("parent IS NOT EMPTY", "SHOP-2 SHOP-3 SHOP-4"),
        ('labels = "okr:KR-UX"', "SHOP-1"),
        ("labels = BLUE", "SHOP-4"),
        ("labels not in (blue)", "SHOP-1"),  # an issue without labels is in neither
        ("NOT labels = blue", "SHOP-1"),  # and NOT means the opposite operator, as in Jira
        ("project = SHOP AND labels is null", "SHOP-2 SHOP-3"),
        ("labels in (blue, EMPTY) AND project = SHOP", "SHOP-2 SHOP-3 SHOP-4"),
        ('status = "En cours"', "PAY-1"),
        ("status in (10001)", "SHOP-3"),
        ("statusCategory = Done", "SHOP-3"),
        ('statusCategory in ("To Do", indeterminate) AND project = PAY', "PAY-1"),
        ("statusCategory != done", "PAY-1 SHOP-1 SHOP-2 SHOP-4"),
        ("issuetype = Epic", "SHOP-1"),
        ("type in (Epic, 10003)", "SHOP-1 SHOP-4"),
        ("resolution = Done", "SHOP-3"),
        ("resolution = Unresolved AND project = SHOP", "SHOP-1 SHOP-2 SHOP-4"),
        ("resolution is not empty", "SHOP-3"),
        ('assignee = "acc-2"', "SHOP-3"),
        ("assignee is empty AND project = PAY", "PAY-1"),
        ("reporter = currentUser()", ""),
        ("cf[10016] >= 3", "PAY-1 SHOP-2"),
        ('"Story point estimate" = 8', "PAY-1"),
        ("cf[10016] is empty AND project = SHOP", "SHOP-1 SHOP-3 SHOP-4"),
        ("Flagged is empty AND project = PAY", "PAY-1"),
        ("due = 2026-04-01", "PAY-1"),
        (f"created >= {EIGHT}", "PAY-1 SHOP-2 SHOP-3 SHOP-4"),
        (f"created > {EIGHT}", "PAY-1 SHOP-3 SHOP-4"),
        (f"created >= {EIGHT + 1}", "PAY-1 SHOP-3 SHOP-4"),
        ('updated >= "2026-03-02 10:00"', "PAY-1 SHOP-4"),
        ("updated >= '2026/03/02 10:01'", "PAY-1"),
        ("updated >= 2026-03-02", "PAY-1 SHOP-1 SHOP-2 SHOP-3 SHOP-4"),
        ("updated >= '2026/03/03'", ""),
        ("updated > -61m", "PAY-1"),
        ("updated > -121m", "PAY-1 SHOP-4"),
        ('updated <= "-1h 30m"', "SHOP-1 SHOP-2 SHOP-3 SHOP-4"),
        ("resolved is not empty", "SHOP-3"),
        ("(project = SHOP OR project = PAY) AND NOT (labels is empty OR status = Terminé)", "SHOP-1 SHOP-4"),
        ("project = SHOP and not (parent is empty) && key != SHOP-4", "SHOP-2 SHOP-3"),
        ("created < now()", "PAY-1 SHOP-1 SHOP-2 SHOP-3 SHOP-4"),
        ("created >= startOfDay()", "PAY-1 SHOP-1 SHOP-2 SHOP-3 SHOP-4"),
        ('created >= startOfDay("+1")', ""),
        ('created <= endOfDay("-1d") OR key = PAY-1', "PAY-1"),
        ('created >= startOfMonth() AND due >= startOfMonth("+1M") AND due <= endOfMonth("+1M")', "PAY-1"),
        ("due > endOfYear()", ""),
        ("created > startOfWeek() AND created < endOfWeek() AND project = PAY", "PAY-1"),
        ("labels = blue AND statusCategory != Done", "SHOP-4"),
        ("summary ~ fir", "SHOP-2"),
        ('text ~ "FIRST" OR summary !~ "pay" AND project = PAY', "SHOP-2"),
        ('"Epic Link" = SHOP-1', "SHOP-2 SHOP-3"),
    ],
)
def test_selects(client: Any, jql: str, keys: str) -> None:
    assert client.keys(f"{jql} ORDER BY key ASC") == keys.split()


@pytest.mark.parametrize(
    ("order", "keys"),
    [
        ("updated ASC, key ASC", "SHOP-1 SHOP-2 SHOP-3 SHOP-4 PAY-1"),
        ("updated DESC", "PAY-1 SHOP-4 SHOP-3 SHOP-2 SHOP-1"),
        ("key DESC", "SHOP-4 SHOP-3 SHOP-2 SHOP-1 PAY-1"),
        ("project DESC, key ASC", "PAY-1 SHOP-1 SHOP-2 SHOP-3 SHOP-4"),  # by the names of the projects
        ("project ASC, key DESC", "SHOP-4 SHOP-3 SHOP-2 SHOP-1 PAY-1"),
        ("cf[10016] DESC, key", "SHOP-1 SHOP-3 SHOP-4 PAY-1 SHOP-2"),
        ("created", "PAY-1 SHOP-4 SHOP-3 SHOP-2 SHOP-1"),
    ],
)
def test_orders(client: Any, order: str, keys: str) -> None:
    whole = client.keys(f"project in (SHOP, PAY) ORDER BY {order}")
    assert whole == keys.split()
    found, token = [], None
    while True:
        body = {"jql": f"project in (SHOP, PAY) ORDER BY {order}", "fields": ["key"], "maxResults": 2}
        page = client.ask("POST", "/search/jql", body | ({"nextPageToken": token} if token else {}))
        found += [issue["key"] for issue in page["issues"]]
        token = page.get("nextPageToken")
        if page["isLast"]:
            break
    assert (found, token) == (whole, None)


@pytest.mark.parametrize(
    ("jql", "words"),
    [
        ("", "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."),
        ("ORDER BY key", "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."),
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("project in (SHOP, 99999)", "A value with ID '99999' does not exist for the field 'project'."),
        ("key in (SHOP-1, SHOP-99)", "An issue with key 'SHOP-99' does not exist for field 'key'."),
        ("id in (10001, 424242)", "A value with ID '424242' does not exist for the field 'id'."),
        ("parent = SHOP-99", "An issue with key 'SHOP-99' does not exist for field 'parent'."),
        ("status = Nope", "The value 'Nope' does not exist for the field 'status'."),
        ("issuetype = Nope", "The value 'Nope' does not exist for the field 'issuetype'."),
        ("colour = red", "Field 'colour' does not exist or you do not have permission to view it."),
        ("cf[4711] = 1", "Field 'cf[4711]' does not exist or you do not have permission to view it."),
        ("project > SHOP", "The operator '>' is not supported by the 'project' field."),
        ("updated in (x) AND key = SHOP-1", "Date value 'x' for field 'updated' is invalid."),
        ('updated >= "1772438400000"', "Date value '1772438400000' for field 'updated' is invalid."),
        ("created > foo()", "Unable to find JQL function 'foo()'."),
        ('created > startOfDay("11h")', "Unable to find JQL function 'startOfDay()'."),
        ("summary = First", "The operator '=' is not supported by the 'summary' field."),
        ("assignee = foo()", "Unable to find JQL function 'foo()'."),
        ("project = SHOP ORDER BY colour", "Not able to sort using field 'colour'."),
        ("(project = SHOP", "Error in the JQL Query: Expecting ')' before the end of the query."),
        ("project = SHOP status = x", "Expecting either 'OR' or 'AND' but got 'status'. (line 1, character 16)"),
        ("project SHOP", "Expecting operator but got 'SHOP'. The valid operators are '=', '!='"),
        ("project = A%B", "The character '%' is a reserved JQL character."),
        ('project = "A', "The quoted string 'A' has not been completed."),
        ("labels = okr:KR-UX AND\nproject = ", "Expecting either a value, list or function before the end"),
        ("project = SHOP ORDER BY a, b, c, d, e, f, g, h", "can contain a maximum of 7 fields"),
    ],
)
def test_refuses_in_jiras_words(client: Any, jql: str, words: str) -> None:
    assert words in client.refusal(jql)


def test_values_are_unescaped() -> None:
    query = parse(r'labels = "a\"b\\c" AND summary = d\u0041')
    assert [clause.operands[0].text for clause in query.where.parts] == ['a"b\\c', "dA"]  # type: ignore[union-attr]


def test_the_tree_binds_and_before_or() -> None:
    with_parentheses = parse("a = 1 or (b = 2 and c = 3)")
    assert parse("a = 1 or b = 2 and c = 3") == with_parentheses
    assert parse("(a = 1 or b = 2) and c = 3") != with_parentheses
    with pytest.raises(JqlError):
        parse("a = 1 or")


@pytest.mark.parametrize(
    ("zone", "at", "local", "later"),
    [
        ("Pacific/Kiritimati", "2026-03-02T09:59:59.900+00:00", "2026-03-02 23:59", "2026-03-03 00:00"),
        ("America/St_Johns", "2026-03-02T12:29:59.900+00:00", "2026-03-02 08:59", "2026-03-02 09:00"),
        # the night without 02:30: it is read with the offset before the change, 03:30 summer time
        ("America/St_Johns", "2026-03-08T06:00:30.000+00:00", "2026-03-08 02:30", "2026-03-08 03:31"),
        # the hour that comes twice: the first one is meant
        ("America/St_Johns", "2026-11-01T04:00:00.000+00:00", "2026-11-01 01:30", "2026-11-01 01:31"),
        ("Europe/Paris", "2026-10-25T00:30:00.000+00:00", "2026-10-25 02:30", "2026-10-25 02:31"),
    ],
)
def test_text_dates_are_read_in_the_zone_of_the_account_to_the_minute(
    sandbox: Sandbox, client: Any, site: Site, zone: str, at: str, local: str, later: str
) -> None:
    moment = datetime.fromisoformat(at)
    site.account.time_zone = zone
    issue = changes.create(site, {"project": "PAY", "issuetype": "Epic", "summary": "x"}, Hand(site.account, moment))
    assert datetime.fromisoformat(issue.fields["updated"]).astimezone(UTC) == moment
    assert moment.astimezone(ZoneInfo(zone)).strftime("%z") == issue.fields["updated"][-5:]
    assert client.keys(f'project = PAY AND created >= "{local}" AND key = {issue.key}') == [issue.key]
    assert client.keys(f'project = PAY AND created >= "{later}" AND key = {issue.key}') == []
    exact = round(moment.timestamp() * 1000)
    assert client.keys(f"created >= {exact} AND key = {issue.key}") == [issue.key]
    assert client.keys(f"created >= {exact + 1} AND key = {issue.key}") == []


@pytest.mark.parametrize(
    ("epochs", "minute", "day"),
    [
        ("exact", ["SHOP-4"], ["SHOP-3", "SHOP-4"]),
        ("future", [], []),
        ("past", ["SHOP-3", "SHOP-4"], ["SHOP-3", "SHOP-4"]),
    ],
)
def test_a_site_may_misread_bare_numbers(
    epochs: str, minute: list[str], day: list[str], client: Any, site: Site
) -> None:
    """Read right, an earlier bound finds more; a site that misreads them says nothing of it."""
    asked = f"key in (SHOP-3, SHOP-4) AND updated >= {EIGHT + 7_199_000} ORDER BY key"
    client.keys(asked)  # what is remembered of it is of no use to another way of reading
    site.epochs = epochs
    assert client.keys(asked) == minute
    assert client.keys(f"key in (SHOP-3, SHOP-4) AND updated >= {EIGHT} ORDER BY key") == day


def test_a_site_may_refuse_bare_numbers(client: Any, site: Site) -> None:
    site.epochs = "refused"
    assert f"Date value '{EIGHT}' for field 'updated' is invalid." in client.refusal(f"updated >= {EIGHT}")
    assert client.keys('key = SHOP-4 AND updated >= "2026-03-02 10:00"') == ["SHOP-4"]
