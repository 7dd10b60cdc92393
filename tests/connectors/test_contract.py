"""The contracts refuse what a tool would refuse, and every place of a connector that sends was held against one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import places
import pytest
from contract import Contract, Sent

SHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
DOC = {"type": "doc", "version": 1, "content": []}

# method, address, body, what is said of it ("": nothing)
JIRA: tuple[tuple[str, str, Any, str], ...] = (
    ("POST", "/rest/api/3/search/jql", {"jql": "project = A", "fields": ["id"], "maxResults": 5000}, ""),
    ("POST", "/rest/api/3/search/jql", {"jql": "ORDER BY updated ASC"}, "not bounded"),
    ("POST", "/rest/api/3/search/approximate-count", {"jql": " order by key"}, "not bounded"),
    ("POST", "/rest/api/3/search/jql", {"jql": "project = A", "maxResults": 5001}, "1 to 5000"),
    ("POST", "/rest/api/3/search/jql", {"jql": "project = A", "fields": ["a", "b"], "maxResults": 500}, "hundred"),
    ("POST", "/rest/api/3/search/jql", {"jql": "project = A", "startAt": 0}, "startAt"),
    ("POST", "/rest/api/3/search/jql", {"jql": "project = A", "nextPageTokem": "x"}, "nextPageTokem"),
    ("GET", "/rest/api/3/issue/1?fild=labels", None, "no parameter fild"),
    ("POST", "/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": ["1"] * 100}, ""),
    ("POST", "/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": ["1"] * 101}, "at most 100"),
    ("POST", "/rest/api/3/changelog/bulkfetch", {"issueIdsOrKeys": ["1"] * 1001}, "too long"),
    ("POST", "/rest/api/3/issue/1/comment", {"body": DOC}, ""),
    ("POST", "/rest/api/3/issue/1/comment", {"body": "text"}, "a document"),
    ("PUT", "/rest/api/3/issue/1", {"update": {"labels": [{"add": "a b"}]}}, "no label"),
    ("PUT", "/rest/api/3/issue/1", {"update": {"labels": []}, "fields": {"labels": []}}, "both set and updated"),
    ("PUT", "/rest/api/3/issue/1/properties/p", {"x": "y" * 40_000}, "32768"),
    ("GET", "/rest/api/3/serch", None, "/rest/api/3/serch"),
)
GITHUB: tuple[tuple[str, str, Any, str], ...] = (
    ("GET", "/repos/a/b/issues?state=all&per_page=100", None, ""),
    ("GET", "/repos/a/b/issues?per_page=101", None, "1 to 100"),
    ("GET", "/repos/a/b/issues?statee=all", None, "no parameter statee"),
    ("GET", "/repos/a/b/issues?state=everything", None, "state"),
    ("GET", "/repositories/1/issues?state=all&per_page=100&after=Y3", None, ""),
    ("POST", "/repos/a/b/issues/1/comments", {"body": "text"}, ""),
    ("POST", "/repos/a/b/issues/1/comments", {"body": "text", "bodi": "x"}, "no member bodi"),
    ("POST", "/repos/a/b/issues/1/comments", {"body": "x" * 70_000}, "65536"),
    ("POST", f"/repos/a/b/statuses/{SHA}", {"state": "success", "description": "x" * 141}, "140"),
    ("POST", "/repos/a/b/statuses/6dcb09b", {"state": "success"}, "whole sha"),
    ("PUT", "/repos/a/b/issues/1/labels", {"labels": ["a"]}, "what people put there"),
    ("POST", "/graphql", {"query": "query { viewer { login } }"}, ""),
    ("POST", "/graphql", {"query": "query { viewer { nickname } }"}, "Cannot query field 'nickname'"),
    ("POST", "/graphql", {"query": "query { node { id } }"}, "Argument 'Query.node(id:)'"),
)
ASANA: tuple[tuple[str, str, Any, str], ...] = (
    ("GET", "/tasks?project=1&limit=100&opt_fields=gid,memberships.project.gid", None, ""),
    ("GET", "/tasks?project=1&limit=500&opt_fields=gid", None, "500"),
    ("GET", "/tasks?project=1&limit=100", None, "without opt_fields"),
    ("GET", "/tasks?project=1&limit=100&opt_fields=gid&modified_sinc=x", None, "no parameter modified_sinc"),
    ("GET", "/tasks?project=1&opt_fields=gid&modified_since=2026-03-01T10:00:00", None, "date-time"),
    ("GET", "/tasks?project=1&opt_fields=gid&offset=abc", None, "with its limit"),
    ("POST", "/tasks/1/addTag", {"data": {"tag": "2"}}, ""),
    ("POST", "/tasks/1/addTag", {"tag": "2"}, "data"),
    ("POST", "/tags", {"data": {"name": "x", "workspace": "1", "colour": "red"}}, "no member data.colour"),
    ("POST", "/goals/1/setMetric", {"data": {"metric_type": "number"}}, "takes away"),
    ("POST", "/status_updates", {"data": {"parent": "1", "text": "x", "status_type": "on_hold"}}, "no state of a goal"),
    ("GET", "/goals/1/subgoals?opt_fields=gid", None, "subgoals"),
)


@pytest.mark.parametrize(
    ("tool", "method", "path", "body", "said"),
    [(tool, *one) for tool, cases in (("jira", JIRA), ("github", GITHUB), ("asana", ASANA)) for one in cases],
)
def test_the_known_holes_of_the_files_are_closed(
    tool: str,
    method: str,
    path: str,
    body: Any,
    said: str,
    shared: Path,
    jira_contract: Contract,
    github_contract: Contract,
    asana_contract: Contract,
) -> None:
    agreed = {"jira": jira_contract, "github": github_contract, "asana": asana_contract}[tool]
    data = b"" if body is None else orjson.dumps(body)
    sent = Sent(method, agreed.server + path, {"Content-Type": "application/json"}, data)
    if not said:
        agreed.validate(sent)
        return
    with pytest.raises(Exception) as caught:
        agreed.validate(sent)
    assert said in f"{caught.value} {caught.value.__cause__} {getattr(caught.value.__cause__, 'schema_errors', '')}"


NOT_HELD: dict[str, str] = {}
"""Module → why what it sends is held against no description."""


@pytest.mark.afterwards
@pytest.mark.parametrize("tool", ["jira", "github", "asana"])
def test_every_place_that_sends_was_held_against_the_contract(
    tool: str, request: pytest.FixtureRequest, shared: Path
) -> None:
    """Once all tests of this folder ran: each line of a connector that asks its tool something sent a request that the
    tool's own description, and the rules beside it, allow."""
    folder = Path(__file__).parent
    ran = {item.path for item in request.session.items}
    if request.config.option.keyword or not set(folder.glob("test_*.py")) <= ran:
        pytest.skip("only some of the tests of this folder run")
    agreed: Contract = request.getfixturevalue(f"{tool}_contract")
    assert agreed.places - {places.NOWHERE}
    missing = [
        f"{name}:{first}"
        for (name, first), (_, last) in places.sending(tool).items()
        if name not in NOT_HELD and not any(at[0] == name and first <= at[1] <= last for at in agreed.places)
    ]
    assert missing == [], missing
