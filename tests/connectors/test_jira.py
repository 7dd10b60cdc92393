"""What is Jira's own: settings, the query, odd answers, rights, the ways in which a write can go wrong."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import responses
from pydantic import ValidationError
from responses.matchers import json_params_matcher, query_param_matcher

from connectors import registry
from connectors.jira import Jira, JiraSettings
from okrsync.errors import AuthError, MalformedPage, Rejected, ToolError, Unavailable
from okrsync.model import Cursor, Lack, Say, Scope, Secret, SecretRef, Slot, SourceConfig, Surface, Write
from okrsync.ports import HasHistory, Sink

SITE = "https://acme.test"
API = SITE + "/rest/api/3"
INFO = SITE + "/rest/api/2/serverInfo"
CLOUD = {"deploymentType": "Cloud", "baseUrl": "https://browse.acme.test/"}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def connect(token: str = "t0k3n", email: str | None = "me@acme.test", **settings: Any) -> Jira:
    given = JiraSettings(**{"projects": ("SHOP", "PAY"), **settings})
    source = SourceConfig("jira", "jira", SITE, email, SecretRef("env", "X"), given)
    made: Any = registry.connect(source, Secret(token))
    made._api._transport._wait = lambda seconds: False
    return made


@pytest.fixture
def fake(jira_contract: Any) -> Iterator[responses.RequestsMock]:
    """A site of answers that are written here; every request to it is held against Atlassian's specification."""
    with responses.RequestsMock() as mock:
        yield mock
        assert len(mock.calls) > 0
        for call in mock.calls:
            jira_contract.check(call.request, SITE)


@pytest.fixture
def cloud(fake: responses.RequestsMock) -> responses.RequestsMock:
    fake.get(INFO, json=CLOUD)
    fake.get(f"{API}/field", json=[])
    return fake


def issue(identity: int, updated: str = "2026-03-01T10:00:00.000+0000") -> dict[str, Any]:
    return {"id": str(identity), "key": f"SHOP-{identity}", "fields": {"updated": updated}}


def asked_first(end: str) -> Callable[[Any], tuple[bool, str]]:
    """Matches a search for the first issue of an order."""

    def match(request: Any) -> tuple[bool, str]:
        body = orjson.loads(request.body)
        return body["maxResults"] == 1 and body["jql"].endswith(end), f"no search for the first: {body}"

    return match


# ── settings and registry ────────────────────────────────────────────────────────────────────────────────────────────


def test_settings() -> None:
    settings = registry.settings()["jira"].model_validate(
        {"projects": ["SHOP", "P2_X"], "fields": {"points": "customfield_1"}}
    )
    assert settings == JiraSettings(projects=("SHOP", "P2_X"), fields={"points": "customfield_1"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"projects": []},
        {"projects": ["shop"]},
        {"projects": ['X" OR 1=1']},
        {"projects": ["SHOP", "SHOP"]},
        {"projects": ["SHOP"], "fields": {"points": "Story Points"}},
        {"projects": ["SHOP"], "fields": {"sprints": "customfield_1"}},
        {"projects": ["SHOP"], "blocks": "Blocks"},
        {"projects": ["SHOP"], "project": "PAY"},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        JiraSettings.model_validate(wrong)


def test_no_library_is_loaded_before_somebody_connects() -> None:
    code = "import sys, connectors.registry as r; r.settings(); print(*sorted({'jira', 'requests'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_it_has_every_ability() -> None:
    source = connect()
    assert isinstance(source, HasHistory)
    assert isinstance(source, Sink)
    assert source.requests() == 0


@pytest.mark.parametrize("token", ["a\nb", "a\x00b", "jeton-é"])
def test_a_token_that_no_header_can_hold(token: str) -> None:
    with pytest.raises(AuthError, match="source jira: the token holds characters") as caught:
        connect(token)
    assert token not in str(caught.value)


def test_a_token_without_an_email_is_a_bearer(cloud: responses.RequestsMock) -> None:
    cloud.post(f"{API}/issue/bulkfetch", json={"issues": []})
    assert list(connect("t0k3n", email=None).fetch(["1"])) == []
    assert cloud.calls[0].request.headers["Authorization"] == "Bearer t0k3n"


# ── what kind of Jira ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["Server", "Data Center", None])
def test_whatever_is_no_cloud_is_asked_as_data_center(kind: str | None, fake: responses.RequestsMock) -> None:
    fake.get(INFO, json={"deploymentType": kind, "baseUrl": SITE})
    fake.get(f"{SITE}/rest/api/2/project", json=[{"id": "1", "key": "SHOP"}, {"id": "2", "key": "PAY"}])
    assert [(scope.id, scope.key) for scope in connect().scopes()] == [("1", "SHOP"), ("2", "PAY")]


@pytest.mark.parametrize("answer", [{}, [], 7, {"deploymentType": 7}, {"status": "ok"}])
def test_what_does_not_say_that_it_is_jira_is_none(answer: Any, fake: responses.RequestsMock) -> None:
    """Neither edition is guessed: the wrong one would be asked for an hour, under another address."""
    fake.get(INFO, json=answer)
    with pytest.raises(MalformedPage, match="does not say what this is"):
        connect().scopes()


def test_rights_that_are_missing_are_named_with_what_for(fake: responses.RequestsMock) -> None:
    fake.get(INFO, json=CLOUD)
    fake.get(f"{API}/myself", json={"displayName": "Bot", "timeZone": "Europe/Paris"})
    rights = {"BROWSE_PROJECTS": {"havePermission": True}, "EDIT_ISSUES": {"havePermission": False}, "ADD_COMMENTS": 7}
    fake.get(f"{API}/mypermissions", json={"permissions": rights})
    account = connect(projects=("SHOP",)).check()
    assert (account.name, account.product, account.timezone) == ("Bot", "Jira Cloud", "Europe/Paris")
    assert account.rights["SHOP BROWSE_PROJECTS"]
    assert not account.rights["SHOP EDIT_ISSUES"]
    without = "SHOP: without EDIT_ISSUES, labels, fields and properties cannot be written"
    assert Lack(without, JiraSettings.surfaces - {Surface.COMMENT}) in account.lacks
    assert len(account.lacks) == 5


def test_scopes_are_paged_renamed_and_archived(fake: responses.RequestsMock) -> None:
    fake.get(INFO, json=CLOUD)
    first = {"id": "1", "key": "SHOP", "name": "Shop"}
    for start, page in (("0", [first]), ("1", [{"id": "2", "key": "PAY", "archived": True}])):
        query = {"keys": ["SHOP", "PAY", "OLD"], "startAt": start, "maxResults": "50"}
        fake.get(
            f"{API}/project/search",
            json={"values": page, "total": 2, "isLast": start == "1"},
            match=[query_param_matcher(query)],
        )
    fake.get(f"{API}/project/OLD", json={"id": "3", "key": "NEW", "name": "New"})
    shop, pay, new = connect(projects=("SHOP", "PAY", "OLD")).scopes()
    assert (shop.id, shop.key, shop.name, shop.readable) == ("1", "SHOP", "Shop", True)
    assert (pay.id, pay.readable, pay.why) == ("2", False, "archived in Jira")
    assert (new.id, new.key, new.readable) == ("3", "NEW", True)


def test_projects_that_never_end_do_end(fake: responses.RequestsMock) -> None:
    fake.get(INFO, json=CLOUD)
    page = [{"id": "1", "key": "SHOP"}, {"id": "2", "key": "PAY"}]
    fake.get(f"{API}/project/search", json={"values": page, "total": 10**9, "isLast": False})
    source = connect()
    assert [scope.id for scope in source.scopes()] == ["1", "2"]
    assert source.requests() == 3


# ── pulling ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_query_for_all_scopes_and_a_cursor_each(cloud: responses.RequestsMock) -> None:
    since = {"10001": None, "10003": Cursor(NOON), "10002": Cursor(NOON), "10004": Cursor(NOON + timedelta(days=9))}
    query = (
        "(project in (10001)) OR (project in (10002,10003) AND updated >= 1772452500000) OR "
        "(project in (10004) AND updated >= 1773230100000) ORDER BY updated ASC, key ASC"
    )
    cloud.post(
        f"{API}/search/approximate-count",
        json={"count": 2},
        match=[json_params_matcher({"jql": query.partition(" ORDER")[0]})],
    )
    cloud.post(f"{API}/search/jql", json={"issues": [issue(1)]}, match=[asked_first("ORDER BY updated DESC")])
    cloud.post(f"{API}/search/jql", json={"issues": [issue(1)]}, match=[asked_first("ORDER BY updated ASC")])
    pages = [[issue(1, "2026-03-01T10:00:00.000+0000")], [issue(2, "2026-03-05T10:00:00.000+0000")]]
    cloud.post(f"{API}/search/jql", json={"issues": pages[0], "nextPageToken": "n"})
    cloud.post(f"{API}/search/jql", json={"issues": pages[1], "isLast": True})
    one, two = connect().pull(since)
    sent = orjson.loads(cloud.calls[-1].request.body)
    assert (sent["jql"], sent["maxResults"], sent["nextPageToken"]) == (query, 100, "n")
    assert "updated" in sent["fields"]
    assert (one.total, two.total) == (2, 2)
    at = {scope: cursor.at for scope, cursor in one.cursors.items()}
    first, last = datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 5, 10, tzinfo=UTC)
    assert at == {"10001": first, "10002": NOON, "10003": NOON, "10004": NOON + timedelta(days=9)}
    at = {scope: cursor.at for scope, cursor in two.cursors.items()}
    assert at == {"10001": last, "10002": last, "10003": last, "10004": NOON + timedelta(days=9)}
    assert one.items[0].url == "https://browse.acme.test/browse/SHOP-1"


def test_nothing_asked_nothing_sent() -> None:
    source = connect()
    assert list(source.pull({})) == []
    assert source.requests() == 0


def test_a_scope_that_is_no_project_is_refused(cloud: responses.RequestsMock) -> None:
    with pytest.raises(Rejected, match="is no Jira project id"):
        list(connect().pull({"1) OR (1=1": None}))


def test_an_estimate_that_fails_is_no_failure(cloud: responses.RequestsMock) -> None:
    cloud.post(f"{API}/search/approximate-count", status=400)
    cloud.post(f"{API}/search/jql", json={"issues": [issue(1)]})
    (page,) = connect().pull({"10001": None})
    assert page.total is None


@pytest.mark.parametrize(
    "answers",
    [
        [{"issues": [1], "nextPageToken": t} for t in "abca"],
        [{"issues": [1], "nextPageToken": "a"}, {"issues": [1], "nextPageToken": "a"}],
        [{"issues": [1], "isLast": False}],
        [{"issues": [1], "nextPageToken": 7}],
        [{"issues": None}],
        [{"values": []}],
        [[]],
        [{"issues": [{"key": "SHOP-1"}]}],
        *([[{"issues": [], "nextPageToken": str(n)} for n in range(11)]]),
    ],
)
def test_pages_that_lead_nowhere_are_an_error(answers: list[Any], cloud: responses.RequestsMock) -> None:
    for answer in answers:
        filled = (
            answer if not isinstance(answer, dict) or answer.get("issues") != [1] else {**answer, "issues": [issue(1)]}
        )
        cloud.post(f"{API}/search/jql", json=filled)
    with pytest.raises(MalformedPage):
        list(connect().pull({"10001": Cursor(NOON)}))


def test_changed_fields_are_seen_by_the_next_pull(cloud: responses.RequestsMock) -> None:
    cloud.post(f"{API}/search/jql", json={"issues": []})
    cloud.post(f"{API}/search/jql", json={"issues": []})
    schema = {"type": "number", "custom": "com.pyxis.greenhopper.jira:jsw-story-points"}
    cloud.get(f"{API}/field", json=[{"id": "customfield_7", "name": "Pts", "schema": schema}])
    source = connect()
    cloud.get(f"{API}/project/search", json={"values": [{"id": "1", "key": "SHOP"}, {"id": "2", "key": "PAY"}]})
    for asked in (False, True):
        source.scopes()
        list(source.pull({"1": None}))
        assert ("customfield_7" in orjson.loads(cloud.calls[-1].request.body)["fields"]) is asked


def test_fetch_asks_again_for_what_jira_could_not_return_at_once(cloud: responses.RequestsMock) -> None:
    errors = [{"id": "2", "errorMessage": "later"}]
    cloud.post(f"{API}/issue/bulkfetch", json={"issues": [issue(1)], "issueErrors": errors})
    cloud.post(f"{API}/issue/bulkfetch", json={"issues": [issue(2)]})
    assert [item.remote_id for item in connect().fetch(["1", "2", "3"])] == ["1", "2"]
    assert orjson.loads(cloud.calls[-1].request.body)["issueIdsOrKeys"] == ["2"]


def test_fetch_goes_on_as_long_as_something_comes(cloud: responses.RequestsMock) -> None:
    """Where the issues are too large for one answer, Jira returns a part of them."""
    for one in range(1, 7):
        later = [{"id": str(n), "errorMessage": "payload too large"} for n in range(one + 1, 7)]
        cloud.post(f"{API}/issue/bulkfetch", json={"issues": [issue(one)], "issueErrors": later})
    assert [item.remote_id for item in connect().fetch([str(n) for n in range(1, 7)])] == [*"123456"]


def test_what_jira_cannot_return_now_is_not_taken_for_gone(cloud: responses.RequestsMock) -> None:
    answer = {"issues": [], "issueErrors": [{"id": "2", "errorMessage": "later"}]}
    cloud.post(f"{API}/issue/bulkfetch", json=answer)
    with pytest.raises(Unavailable, match="cannot return 2 at the moment"):
        list(connect().fetch(["2"]))


def test_ids_are_sent_in_the_chunks_that_jira_takes(cloud: responses.RequestsMock) -> None:
    cloud.post(f"{API}/issue/bulkfetch", json={"issues": []})
    cloud.post(f"{API}/changelog/bulkfetch", json={"issueChangeLogs": []})
    cloud.get(f"{API}/status", json=[])
    cloud.get(f"{API}/issueLinkType", json={"issueLinkTypes": []})
    source = connect()
    list(source.fetch([str(n) for n in range(201)]))
    histories = list(source.history([str(n) for n in range(1001)]))
    assert [history.changes for history in histories] == [()] * 1001
    sizes = [
        len(orjson.loads(call.request.body)["issueIdsOrKeys"]) for call in cloud.calls if call.request.method == "POST"
    ]
    assert sizes == [100, 100, 1, 1000, 1]


def test_a_history_that_spans_pages_is_one(cloud: responses.RequestsMock) -> None:
    def log(identity: Any, *entries: tuple[str, str, str]) -> dict[str, Any]:
        rows = [
            {"id": n, "created": at, "items": [{"field": "Key", "fromString": before, "toString": after}]}
            for n, (at, before, after) in enumerate(entries)
        ]
        return {"issueId": identity, "changeHistories": rows}

    cloud.get(f"{API}/status", json=[])
    cloud.get(f"{API}/issueLinkType", json={"issueLinkTypes": []})
    first = [
        log("1", ("2026-01-01T00:00:00.000+0000", "A-1", "B-1")),
        log(2, ("2026-01-02T00:00:00.000+0000", "A-2", "B-2")),
    ]
    second = [log("1", ("2026-01-03T00:00:00.000+0000", "B-1", "C-1")), {"issueId": "1", "changeHistories": None}, None]
    cloud.post(f"{API}/changelog/bulkfetch", json={"issueChangeLogs": first, "nextPageToken": "n"})
    cloud.post(f"{API}/changelog/bulkfetch", json={"issueChangeLogs": second})
    one, two = connect().history(["1", "2"])
    assert [change.after for change in one.changes] == ["B-1", "C-1"]
    assert [change.after for change in two.changes] == ["B-2"]


@pytest.mark.parametrize("junk", [None, 7, "x", [], [None], {}, {"issues": {}}, {"values": [None]}, {"comments": [7]}])
def test_junk_is_an_error_of_ours_or_nothing(junk: Any) -> None:
    """Every operation, with every answer but serverInfo junk: a ToolError or a value, and never anything else."""
    comments = Slot("jira", "10", Surface.COMMENT, "acme")
    asks: list[Callable[[Jira], Any]] = [
        lambda it: it.check(),
        lambda it: it.scopes(),
        lambda it: list(it.pull({"1": None})),
        lambda it: list(it.fetch(["1"])),
        lambda it: list(it.census(Scope("1", "SHOP"))),
        lambda it: list(it.history(["1"])),
        *(
            lambda it, surface=surface: it.read([replace(comments, surface=surface)])
            for surface in sorted(JiraSettings.surfaces)
        ),
        *(lambda it, surface=surface: it.push([write(surface, "x", "y")]) for surface in sorted(JiraSettings.surfaces)),
    ]
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(INFO, json=CLOUD)
        for method in ("GET", "POST", "PUT", "DELETE"):
            mock.add(method, re.compile(r".*"), json=junk)
        for ask in asks:
            with contextlib.suppress(ToolError):
                ask(connect())
        assert len(mock.calls) > len(asks)


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def write(surface: Surface, name: str, after: Any) -> Write:
    return Write(Slot("jira", "10", surface, name), "SHOP-10", SITE, None, after, Say("why"))


def test_labels_are_edited_without_mail_and_with_it_where_that_is_refused(fake: responses.RequestsMock) -> None:
    fake.get(INFO, json=CLOUD)
    body = json_params_matcher({"update": {"labels": [{"add": "okr-orphan"}]}})
    quiet, loud = query_param_matcher({"notifyUsers": "false"}), query_param_matcher({})
    refused = fake.put(f"{API}/issue/10", status=403, json={"errorMessages": ["no admin"]}, match=[body, quiet])
    done = fake.put(f"{API}/issue/10", status=204, match=[body, loud])
    sink = connect()
    for _ in range(3):
        assert sink.push([write(Surface.LABEL, "okr-orphan", True)])[0].value is True
    assert (refused.call_count, done.call_count) == (1, 3)


def test_mail_in_one_project_makes_none_in_another(fake: responses.RequestsMock) -> None:
    """The right to write without mail is one of a project."""
    fake.get(INFO, json=CLOUD)
    quiet = query_param_matcher({"notifyUsers": "false"})
    fake.put(f"{API}/issue/10", status=403, match=[quiet])
    loud = fake.put(f"{API}/issue/10", status=204, match=[query_param_matcher({})])
    silent = fake.put(f"{API}/issue/20", status=204, match=[quiet])
    sink = connect()
    here = write(Surface.LABEL, "okr-orphan", True)
    there = replace(here, slot=replace(here.slot, remote_id="20"), key="PAY-1")
    for one in (here, there, here, there):
        sink.push([one])
    assert (loud.call_count, silent.call_count) == (2, 2)


def test_a_right_that_is_missing_is_not_taken_for_the_mail(fake: responses.RequestsMock) -> None:
    fake.get(INFO, json=CLOUD)
    fake.put(f"{API}/issue/10", status=403, json={"errorMessages": ["You may not edit"]})
    sink = connect()
    for _ in range(2):
        with pytest.raises(Rejected, match="You may not edit"):
            sink.push([write(Surface.LABEL, "okr-orphan", None)])
    assert len(fake.calls) == 1 + 4


def test_a_property_that_is_too_long_is_not_sent(fake: responses.RequestsMock) -> None:
    fake.get(INFO, json=CLOUD)
    sink = connect()
    with pytest.raises(Rejected, match="longer than 32768"):
        sink.push([write(Surface.PROPERTY, "okrsync", {"x": "y" * 33_000})])
    assert sink.requests() == 1


def comment(identity: str, text: str, instance: Any = "acme") -> dict[str, Any]:
    content = [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]
    marks = [{"key": "okrsync", "value": {"instance": instance}}] if instance else []
    return {"id": identity, "body": {"type": "doc", "version": 1, "content": content}, "properties": marks}


def test_of_two_own_comments_one_is_kept(fake: responses.RequestsMock) -> None:
    fake.get(INFO, json=CLOUD)
    found = [comment("1", "human", None), comment("2", "old"), comment("3", "theirs", "other"), comment("4", "old")]
    fake.get(f"{API}/issue/10/comment", json={"comments": found[:3], "total": 4})
    fake.get(f"{API}/issue/10/comment", json={"comments": found[3:], "total": 4})
    fake.post(f"{API}/comment/list", json={"values": found})
    fake.delete(f"{API}/issue/10/comment/4", status=204)
    fake.put(f"{API}/issue/10/comment/2", json=comment("2", "new as Jira keeps it"))
    (receipt,) = connect().push([write(Surface.COMMENT, "acme", "new")])
    assert (receipt.value, receipt.handle) == ("new as Jira keeps it", "2")


def test_a_comment_that_is_listed_twice_is_one(fake: responses.RequestsMock) -> None:
    """Where a page comes again for whatever it is asked, our comment is not deleted as a second one."""
    fake.get(INFO, json=CLOUD)
    listed = fake.get(f"{API}/issue/10/comment", json={"comments": [comment("2", "old")], "total": 10**9})
    fake.post(f"{API}/comment/list", json={"values": [comment("2", "old")]})
    fake.put(f"{API}/issue/10/comment/2", json=comment("2", "new"))
    assert connect().push([write(Surface.COMMENT, "acme", "new")])[0].handle == "2"
    assert listed.call_count == 2


@pytest.mark.parametrize(
    ("location", "refused"),
    [
        ("https://jira.sso.test/rest/api/2/issue/10/comment/5", False),
        ("https://acme.test/login.jsp?os_destination=%2Frest%2Fapi%2F2%2Fissue", True),
        ("https://idp.test/saml/auth?next=/rest/api/3", True),
    ],
)
def test_where_something_now_stands_is_no_sign_in_page(
    location: str, refused: bool, fake: responses.RequestsMock
) -> None:
    fake.get(INFO, json=CLOUD)
    fake.get(f"{API}/issue/10/comment", json={"comments": [], "total": 0})
    fake.post(f"{API}/issue/10/comment", status=201, json=comment("5", "new"), headers={"Location": location})
    expected = pytest.raises(AuthError, match="sign-in page") if refused else contextlib.nullcontext()
    with expected:
        assert connect().push([write(Surface.COMMENT, "acme", "new")])[0].handle == "5"


@pytest.mark.parametrize(
    "odd", [None, 7, {"id": "1"}, {"properties": 7}, {"properties": [None, {"key": "okrsync", "value": 7}]}]
)
def test_odd_comments_are_not_ours(odd: Any, fake: responses.RequestsMock) -> None:
    fake.get(INFO, json=CLOUD)
    found = {"comments": [comment("1", "a"), odd], "total": 2}
    fake.post(f"{API}/issue/bulkfetch", json={"issues": [{"id": "10", "fields": {"comment": found}}]})
    fake.post(f"{API}/comment/list", json={"values": [odd]})
    slot = Slot("jira", "10", Surface.COMMENT, "acme")
    assert connect().read([slot]) == {slot: None}


# ── the specification ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/search/jql", {"jql": "project = 1", "startAt": 0}),
        ("POST", "/search/jql", {"jql": "project = 1", "expand": None}),
        ("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": ["1"], "fieldIds": [str(n) for n in range(11)]}),
        ("POST", "/search", {"jql": "project = 1", "nextPageToken": "x"}),
    ],
)
def test_the_requests_are_checked(
    method: str, path: str, body: Any, shared: Any, check_jira_request: Callable[..., None]
) -> None:
    """The check that every request of these tests passes is one that can fail; skipped where the file is absent."""
    from openapi_core.exceptions import OpenAPIError

    with pytest.raises(OpenAPIError):
        check_jira_request(method, API.replace("acme.test", "your-domain.atlassian.net") + path, body)


def test_a_good_request_passes_the_check(shared: Any, check_jira_request: Callable[..., None]) -> None:
    url = API.replace("acme.test", "your-domain.atlassian.net") + "/search/jql"
    check_jira_request("POST", url, {"jql": "project = 1", "fields": ["id"], "maxResults": 5000})
