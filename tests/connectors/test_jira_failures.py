"""What real tools did to other connectors of Jira, one test a case (facts on Jira, section 5); over sockets where the
sandbox can show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
from conformance_harness import TOKEN, drain, ids, start
from contract import Contract
from jira_site import DataCenterHarness, JiraHarness, serving, stands

from connectors import jira_cloud
from connectors.transport import TRIES
from okrsync.errors import AuthError, MalformedPage, RateLimited, Rejected, ToolError, Unavailable
from okrsync.model import ChangeKind, Cursor, Say, Slot, Surface, Write

EDITIONS = pytest.mark.parametrize("made_by", [JiraHarness, DataCenterHarness])


@pytest.fixture
def made_by() -> type[JiraHarness]:
    """Cloud, where a test says nothing else."""
    return JiraHarness


@pytest.fixture
def site(
    made_by: type[JiraHarness], watch: Callable[[Contract, str], None], jira_contract: Contract
) -> Iterator[JiraHarness]:
    with serving(made_by, watch, jira_contract) as made:
        yield made


def asked(site: JiraHarness) -> list[str]:
    return [f"{one.method} {one.path.partition('/rest')[2]}" for one in site.sandbox.requests]


def comment(issue: str, text: str = "KR 1") -> Write:
    return Write(Slot("it", issue, Surface.COMMENT, "acme"), "SHOP-1", "url", None, text, Say("why"))


@EDITIONS
def test_jira_failure_01_the_search_that_was_removed(site: JiraHarness, made_by: type[JiraHarness]) -> None:
    """Which search there is, the site says itself; one that is gone (410) is a refusal, never an empty list."""
    seeded = site.seed(3)
    source = site.connect()
    since = start(source)
    assert ids(drain(source, since)[0]) == seeded
    cloud = made_by is JiraHarness
    assert ("POST /api/2/search" in asked(site)) is not cloud
    assert ("POST /api/3/search/jql" in asked(site)) is cloud
    site.sandbox.fault("answer", status=410, path=site.pulls, times=None)
    with pytest.raises(Rejected, match="410"):
        drain(source, since)


@EDITIONS
def test_jira_failure_02_an_expired_token_and_zero_issues(site: JiraHarness) -> None:
    """200 and nothing in it, for nobody: no list, no census and no issue by id is believed."""
    seeded = site.seed(3)
    source = site.connect()
    scopes = source.scopes()
    _, since = drain(source, start(source))
    site.fail("logged out", "write")
    reads: list[Callable[[], object]] = [
        lambda: drain(source, since),
        lambda: list(source.census(scopes[0])),
        lambda: list(source.fetch(seeded)),
        lambda: list(source.history(seeded)),
        lambda: source.count("project = SHOP"),
    ]
    for read in reads:
        with pytest.raises(AuthError, match="credentials were refused"):
            read()


@EDITIONS
def test_jira_failure_03_the_time_zone_of_the_account(site: JiraHarness) -> None:
    """Fourteen hours ahead, on a site that reads no milliseconds, and the account moves in between: nothing is lost."""
    site.site.epochs, site.site.account.time_zone = "refused", "Pacific/Kiritimati"
    (identity,) = site.seed(1)
    source = site.connect()
    _, since = drain(source, start(source))
    for zone in ("Pacific/Kiritimati", "America/Los_Angeles", "Pacific/Kiritimati"):
        site.site.account.time_zone = zone
        site.advance(timedelta(minutes=20))
        site.touch(identity)
        source.scopes()
        changed, since = drain(source, since)
        assert ids(changed) == [identity], zone


@EDITIONS
def test_jira_failure_04_a_search_that_flips_to_nothing(site: JiraHarness) -> None:
    """The same query finds nothing now and everything a moment later: no cursor moves for nothing, and what a census
    misses is asked for by id before it counts as gone."""
    seeded = site.seed(4)
    source = site.connect()
    scopes = source.scopes()
    site.sandbox.fault("index_flip", path=site.pulls, times=3)
    _, since = drain(source, start(source))
    assert set(since.values()) == {None}
    site.heal()
    found, since = drain(source, since)
    assert ids(found) == seeded
    _, since = drain(source, since)
    site.advance(timedelta(hours=1))
    site.touch(seeded[0])
    site.sandbox.fault("index_flip", path=site.pulls)
    assert drain(source, since) == ([], since)
    assert seeded[0] in ids(drain(source, since)[0])
    site.sandbox.fault("index_flip", path=site.pulls, times=1)
    assert [one for scope in scopes for one in source.census(scope)] != seeded
    assert sorted(item.remote_id for item in source.fetch(seeded)) == seeded


@EDITIONS
def test_jira_failure_05_pages_that_are_cut_or_never_end(site: JiraHarness) -> None:
    """A page may be shorter than asked, and is then not the last; pages that never end do end."""
    seeded = site.seed(13)
    site.fail("short pages", "pull")
    source = site.connect()
    since = start(source)
    assert ids(drain(source, since)[0]) == seeded
    site.heal()
    site.fail("empty pages", "pull")
    with pytest.raises(MalformedPage, match="in a circle"):
        drain(source, since)
    assert len(site.sandbox.requests) < 60


def test_jira_failure_06_a_changelog_in_pieces(site: JiraHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cloud spreads changelogs over pages, also in the middle of an issue: each entry comes to its own issue."""
    monkeypatch.setattr(jira_cloud, "HISTORY_PAGE", 3)
    seeded = site.seed(2)
    for number in range(5):
        for identity in seeded:
            site.advance(timedelta(minutes=1))
            site.label(identity, f"{identity}-{number}")
    for history in site.connect().history(seeded):
        labels = [change.after for change in history.changes if change.kind is ChangeKind.LABEL_ADDED]
        assert labels == [f"{history.remote_id}-{number}" for number in range(5)]
    assert asked(site).count("POST /api/3/changelog/bulkfetch") >= 4


@pytest.mark.parametrize(("by_itself", "expected"), [(3, ["a", "b", "c"]), (1, ["c", "b"])])
def test_jira_failure_06_a_changelog_that_a_search_cuts(by_itself: int, expected: list[str], site: JiraHarness) -> None:
    """Data Center, where a search says that there are more: the issue is asked itself, and the longer one counts."""
    url = "https://jira.acme.test"

    def logged(total: int, *keys: str) -> dict[str, Any]:
        entries = [
            {"id": str(n), "created": "2026-01-01T00:00:00.000+0000", "items": [{"field": "Key", "toString": key}]}
            for n, key in enumerate(keys)
        ]
        return {"id": "1", "changelog": {"startAt": 0, "maxResults": len(keys), "total": total, "histories": entries}}

    with responses.RequestsMock() as mock:
        mock.get(f"{url}/rest/api/2/serverInfo", json={"deploymentType": "Server"})
        for path in ("field", "status", "issueLinkType"):
            mock.get(f"{url}/rest/api/2/{path}", json=[])
        mock.post(f"{url}/rest/api/2/search", json={"startAt": 0, "total": 1, "issues": [logged(3, "c", "b")]})
        mock.get(f"{url}/rest/api/2/issue/1", json=logged(by_itself, *"abc"[:by_itself]))
        (history,) = site.connect(url=url).history(["1"])
    assert [change.after for change in history.changes] == expected


@EDITIONS
def test_jira_failure_07_every_way_to_say_later(site: JiraHarness) -> None:
    """Retry-After 0, none, a date, a fraction; 503 without one; and a storm that ends as a limit, after five tries."""
    seeded = site.seed(2)
    source = site.connect()
    since = start(source)
    for status, headers in (
        (429, {"Retry-After": "0"}),
        (429, {}),
        (429, {"Retry-After": "Sun, 01 Mar 2026 08:00:00 GMT"}),
        (429, {"Retry-After": "0.5"}),
        (503, {}),
        (500, {}),
    ):
        site.sandbox.fault("answer", status=status, headers=headers, path=site.pulls, times=2)
        assert ids(drain(source, since)[0]) == seeded
    site.sandbox.fault("answer", status=429, headers={"Retry-After": "0"}, path=site.pulls, times=None)
    before = source.requests()
    with pytest.raises(RateLimited):
        drain(source, _known(since))
    assert source.requests() - before == 5


def _known(since: dict[str, Any]) -> dict[str, Cursor | None]:
    return dict.fromkeys(since, Cursor(datetime(2026, 1, 1, tzinfo=UTC)))


@pytest.mark.parametrize("kind", ["jira_quota_global", "jira_quota_tenant", "jira_burst", "jira_per_issue"])
def test_jira_failure_07_each_limit_is_kept_to(kind: str, site: JiraHarness) -> None:
    """A quota stops everything until it is there again; the limit of an endpoint or of an issue stops nothing else."""
    one, other = site.seed(2)
    source = site.connect()
    since = start(source)
    where = ".*/issue/.*/comment" if kind == "jira_per_issue" else site.pulls
    site.sandbox.fault(kind, path=where, seconds=1800)
    ask = (lambda: source.push([comment(one)])) if kind == "jira_per_issue" else (lambda: drain(source, _known(since)))
    before = datetime.now(UTC)
    with pytest.raises(RateLimited) as caught:
        ask()
    if kind == "jira_per_issue":
        source.push([comment(other)])
    elif kind == "jira_burst":
        assert ids(list(source.fetch([one, other]))) == [one, other]
    else:
        assert caught.value.retry_at - before > timedelta(minutes=29)
        sent = source.requests()
        with pytest.raises(RateLimited, match="not sent"):
            list(source.fetch([one]))
        assert source.requests() == sent


def test_jira_failure_08_a_scoped_token_at_the_wrong_door(site: JiraHarness) -> None:
    """The site refuses it, and we say what to type; through the gateway it works, and links lead to the site."""
    (identity,) = site.seed(1)
    gateway = f"https://api.atlassian.com/ex/jira/{site.site.cloud_id}"
    with pytest.raises(AuthError, match=f'needs url = "{gateway}"'):
        site.connect("scoped-token").check()
    source = site.connect("scoped-token", url=f"{site.sandbox.url}/ex/jira/{site.site.cloud_id}")
    assert source.check().name == "okrsync"
    (item,) = drain(source, start(source))[0]
    assert (item.remote_id, item.url) == (identity, f"{site.sandbox.url}/jira/acme/browse/{item.key}")
    source.push([comment(identity)])
    assert stands(source, comment(identity).slot) == "KR 1"
    with pytest.raises(AuthError) as refused:
        site.connect("bad", url=f"{site.sandbox.url}/ex/jira/{site.site.cloud_id}").check()
    assert "gateway" not in str(refused.value), "who is at the right door is not sent to it"
    assert "ex/jira" not in str(refused.value).replace("/ex/jira/" + site.site.cloud_id, "")


@EDITIONS
def test_jira_failure_09_a_document_here_and_plain_text_there(site: JiraHarness, made_by: type[JiraHarness]) -> None:
    """Cloud refuses a text and Data Center a document; each gets what it takes, and gives back what we wrote."""
    text = "KR-UX: 50 % (y)\n- [~admin] *b* {panel} h1. &#91; \\ https://x.test/a\n# not a list\n-struck- !image.png!"
    issue = site.create()
    source = site.connect()
    (receipt,) = source.push([comment(issue.id, text)])
    (posted,) = site.site.comments_of(issue)
    assert ("wiki" in posted) is (made_by is DataCenterHarness)
    assert receipt.value == stands(source, comment(issue.id).slot) == text


@EDITIONS
def test_jira_failure_10_one_that_is_gone_does_not_lose_the_others(site: JiraHarness) -> None:
    """An epic that was deleted, or stands on no board, in a list of others."""
    here = site.create("Here", issuetype="Epic")
    away = site.create("Away", issuetype="Epic", project="DATA")
    gone = site.create("Gone", issuetype="Epic", project="DATA")
    below = [site.create(issuetype="Histoire", parent={"id": one.id}) for one in (here, away, gone)]
    hidden = {**below[2].fields["parent"]}
    site.delete(gone.id)
    below[2].fields["parent"] = hidden  # as an index that lags still has it
    source = site.connect()
    items = drain(source, start(source))[0]
    assert ids(items) == sorted([here.id, *(one.id for one in below)])
    wanted = [here.id, away.id, gone.id]
    assert [item.remote_id for item in source.fetch(wanted)] == [here.id, away.id]
    histories = [one.remote_id for one in source.history(wanted)]
    assert set(histories) >= {here.id, away.id}


@EDITIONS
def test_jira_failure_11_deleted_and_archived_issues(site: JiraHarness) -> None:
    """Neither crashes anything, neither is found, and only a direct read says so."""
    kept, deleted, archived = site.seed(3)
    source = site.connect()
    scopes = source.scopes()
    _, since = drain(source, start(source))
    site.delete(deleted)
    site.edit(site.site.issues[archived], archived=True)
    assert deleted not in ids(drain(source, since)[0])
    assert {one for scope in scopes for one in source.census(scope)} == {kept}
    assert {item.remote_id for item in source.fetch([kept, deleted])} == {kept}
    with pytest.raises(Rejected):
        stands(source, comment(deleted).slot)


@EDITIONS
def test_jira_failure_12_a_refusal_is_not_an_empty_list(site: JiraHarness, made_by: type[JiraHarness]) -> None:
    """A 400 is told. What is not needed may be refused: the list of projects, an estimate, link types, tokens."""
    seeded = site.seed(2)
    source = site.connect()
    optional = r".*/(project/search|project|search/approximate-count|issueLinkType|pat/latest/tokens)"
    site.sandbox.fault("answer", status=403, path=optional, times=None)
    assert [scope.key for scope in source.scopes() if scope.readable] == ["SHOP", "PAY"]
    since = start(source)
    assert ids(drain(source, since)[0]) == seeded
    assert len(list(source.history(seeded))) == 2
    assert source.check().expires_at is None
    site.sandbox.fault("answer", status=400, path=site.pulls, times=None)
    for read in (lambda: drain(source, since), lambda: list(source.census(source.scopes()[0]))):
        with pytest.raises(Rejected):
            read()


@EDITIONS
def test_jira_failure_12_a_project_that_goes_midway_is_named(site: JiraHarness) -> None:
    """Jira refuses a query for one project in it: the others are read, and that one is told."""
    site.seed(4)
    source = site.connect()
    since = start(source)
    shop, pay = since
    site.site.hide("PAY")
    read, refused = [], {}
    for page in source.pull(since):
        read += [item.scope for item in page.items]
        refused |= page.refused
    assert read == [shop, shop]
    assert list(refused) == [pay]
    assert "400" in refused[pay]


@pytest.mark.parametrize("rows", [3, 1, 0])
def test_jira_failure_13_a_page_that_jira_cannot_make(rows: int, site: JiraHarness) -> None:
    """500 "Duplicate key" for whatever is larger: half the page, and half again; at last one issue by its id."""
    site.site.page_limits = ()
    seeded = site.seed(130)
    source = site.connect()
    since = start(source)
    site.sandbox.fault("duplicate_key", path=site.pulls, rows=max(rows, 1), times=None)
    if not rows:  # not even one issue, by whatever size of a page
        site.heal()
        site.sandbox.fault("duplicate_key", path=site.pulls, rows=0, times=TRIES * 7, skip=1)
    assert ids(drain(source, since)[0]) == seeded
    assert asked(site).count("POST /api/3/issue/bulkfetch") == (0 if rows else 1)


def test_jira_failure_13_any_other_500_is_an_outage(site: JiraHarness) -> None:
    site.seed(2)
    source = site.connect()
    since = _known(start(source))
    site.fail("500", "pull")
    before = source.requests()
    with pytest.raises(Unavailable):
        drain(source, since)
    assert source.requests() - before <= 6  # the field list, and five tries


@EDITIONS
@pytest.mark.parametrize("day", ["+12345-01-01", "0000-00-00", "20026-02-30T25:61:00.000+0000", 10**18, -1, {}])
def test_jira_failure_14_dates_that_are_none(day: Any, site: JiraHarness) -> None:
    """The field is left out, the issue is not."""
    issue = site.create()
    site.edit(issue, raw={"duedate": day, "resolutiondate": day, "statuscategorychangedate": day})
    (item,) = drain(source := site.connect(), start(source))[0]
    assert (item.remote_id, item.due) == (issue.id, None)


@EDITIONS
def test_jira_failure_15_what_is_remembered_was_lost(site: JiraHarness) -> None:
    """Whoever comes anew, with an index that knows nothing, finds what stands on the issue itself: nothing twice."""
    issue = site.create()
    (first,) = site.connect().push([comment(issue.id)])
    site.sandbox.fault("index_flip", path=".*/search.*", times=None)
    (again,) = site.connect().push([comment(issue.id, "KR 1: 70 %")])
    assert again.handle == first.handle
    assert len(site.site.comments_of(issue)) == 1


@EDITIONS
def test_jira_failure_16_tokens_stay_here_and_comments_come_once(site: JiraHarness) -> None:
    """A redirect is not followed to another host, nothing shows the token, a lost answer posts nothing again."""
    issue = site.create()
    source = site.connect()
    site.sandbox.fault("redirect", location="http://127.0.0.1:9/latest/meta-data", path=".*/field")
    with pytest.raises(ToolError, match="another host") as caught:
        source.metadata()
    assert TOKEN not in f"{caught.value!r}{vars(source)!r}{vars(source._api)!r}"
    site.fail("lost answer once", "write")
    with pytest.raises(Unavailable) as lost:
        source.push([comment(issue.id)])
    assert lost.value.sent
    assert stands(source, comment(issue.id).slot) == "KR 1"
    for _ in range(4):
        source.push([comment(issue.id)])
    assert len(site.site.comments_of(issue)) == 1
