"""What is Data Center's own: pages by offset that shift, epics by a field, Java's sprints, wiki text, tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
from conformance_harness import drain, ids, start
from contract import Contract
from jira_site import DataCenterHarness, JiraHarness, serving

from okrsync.errors import MalformedPage, Rejected
from okrsync.model import ChangeKind, Cursor, ReferenceKind, Say, Slot, Surface, Write
from okrsync.sandbox.jira import sprints


@pytest.fixture
def server(watch: Callable[[Contract, str], None], jira_contract: Contract) -> Iterator[JiraHarness]:
    with serving(DataCenterHarness, watch, jira_contract) as made:
        yield made


# ── pages by offset ──────────────────────────────────────────────────────────────────────────────────────────────────


def pages(server: JiraHarness, source: Any) -> list[list[str]]:
    return [[item.remote_id for item in page.items] for page in source.pull(start(source))]


def meanwhile(server: JiraHarness, after: int, *edits: tuple[str, dict[str, Any]]) -> None:
    """These edits are made right after so many pages of a pull were answered."""
    server.sandbox.fault("meanwhile", path=server.pulls, skip=after, edits=edits)


@pytest.mark.parametrize("gone", [1, 3, 8])
def test_rows_that_leave_while_pages_are_read_hide_no_other(gone: int, server: JiraHarness) -> None:
    """A row before the next page goes: all behind it move to the front, and none of them is missed."""
    seeded = server.seed(23)
    leaving = [(f"jira/acme/issues/{server.site.issues[one].key}", {"delete": True}) for one in seeded[:gone]]
    meanwhile(server, 2, *leaving)  # the estimate, one page, and then
    found = pages(server, server.connect())
    assert {one for page in found for one in page} >= set(seeded[gone:])
    assert all(len(set(page)) == len(page) for page in found)


def test_rows_that_come_while_pages_are_read_are_for_the_next_pull(server: JiraHarness) -> None:
    """What is updated behind the pull comes with the next one, however late the pull itself reads on."""
    old, *seeded = server.seed(16)
    source = server.connect()
    server.advance(timedelta(days=1))
    _, since = drain(source, start(source))
    server.advance(timedelta(days=1))
    for one in seeded:
        server.touch(one)
    changed = server.site.issues[old].key
    first = f"{(server.clock() + timedelta(minutes=1)):%Y-%m-%dT%H:%M:%SZ}"
    last = f"{(server.clock() + timedelta(hours=2)):%Y-%m-%dT%H:%M:%SZ}"
    server.advance(timedelta(hours=3))
    behind, ahead = {"labels": ["late"], "at": first}, {"labels": ["later"], "at": last}
    later = server.site.issues[seeded[-1]].key
    meanwhile(server, 2, (f"jira/acme/issues/{changed}", behind))  # the newest, the oldest, one page, and then
    meanwhile(server, 3, (f"jira/acme/issues/{later}", ahead))  # one page more
    pulled, since = drain(source, since)
    assert set(ids(pulled)) >= set(seeded)
    again, _ = drain(source, since)
    assert old in {*ids(pulled), *ids(again)}


def test_a_search_that_flips_moves_no_cursor_past_what_came_behind(server: JiraHarness) -> None:
    """Asked what was newest when the second page came, the index knows nothing: the time of that answer counts."""
    _, *seeded = server.seed(16)
    source = server.connect()
    server.advance(timedelta(days=1))
    _, since = drain(source, start(source))
    server.advance(timedelta(days=1))
    for one in seeded:
        server.touch(one)
    until = server.clock()
    ahead = {"labels": ["later"], "at": f"{until + timedelta(minutes=4):%Y-%m-%dT%H:%M:%SZ}"}
    meanwhile(server, 3, (f"jira/acme/issues/{server.site.issues[seeded[-1]].key}", ahead))
    server.sandbox.fault("index_flip", path=server.pulls, skip=3, times=1)  # of the search behind that one
    _, since = drain(source, since)
    assert max(cursor.at for cursor in since.values()) <= until


def test_no_cursor_before_the_last_page(server: JiraHarness) -> None:
    """In the order of creation nothing says how far the updates were read."""
    server.seed(12)
    source = server.connect()
    *before, last = source.pull(start(source))
    assert [page.cursors for page in before] == [{}] * len(before)
    assert len(last.cursors) == 2


def test_every_search_says_its_order_and_none_is_by_update(server: JiraHarness) -> None:
    server.seed(7)
    source = server.connect()
    sent: list[str] = []
    post = source._api.post
    source._api.post = lambda path, body, *more: sent.append(body["jql"]) or post(path, body, *more)
    _, since = drain(source, start(source))
    drain(source, since)
    paged = [
        query for query in sent if " ORDER BY " in query and "updated DESC" not in query and "updated ASC" not in query
    ]
    assert len(paged) >= 2
    assert all(query.endswith(" ORDER BY created ASC, key ASC") for query in paged)


@pytest.mark.parametrize("rows", [1, 2])
def test_the_smallest_pages_bring_everything(rows: int, server: JiraHarness) -> None:
    seeded = server.seed(9)
    server.site.page_limits = (rows,)
    source = server.connect()
    assert ids(drain(source, start(source))[0]) == sorted(seeded)


SITE = "https://jira.acme.test/jira"


def odd(server: JiraHarness, *answers: dict[str, Any]) -> list[list[str]]:
    """What a pull makes of these answers to its searches, the last one for ever."""
    with responses.RequestsMock() as mock:
        mock.get(f"{SITE}/rest/api/2/serverInfo", json={"deploymentType": "Server", "baseUrl": SITE})
        mock.get(f"{SITE}/rest/api/2/field", json=[])
        for answer in answers:
            mock.post(f"{SITE}/rest/api/2/search", json=answer)
        source = server.connect(url=SITE)
        return [[item.remote_id for item in page.items] for page in source._read({"1": Cursor(datetime.now(UTC))})]


def rows(*numbers: int, start: int = 0, total: int = 300) -> dict[str, Any]:
    found = [{"id": str(number), "key": f"SHOP-{number}", "fields": {}} for number in numbers]
    return {"startAt": start, "maxResults": len(found), "total": total, "issues": found}


@pytest.mark.parametrize(
    "answers",
    [
        [rows(1, 2, 3), rows(1, 2, 3)],  # where it begins is not where it was asked to
        [rows(1, 2, 3), rows(1, 2, 3, start=2)],  # or it lies about that
        [rows(1, 2, 3), rows(start=2)],  # nothing, for ever
        [{"issues": [], "startAt": 0}],  # no total
        [{**rows(1), "total": None}],
        [{"total": 3, "startAt": 0}],
        [rows(1, 2), {"startAt": 1, "total": 9, "issues": [{"key": "SHOP-3"}]}],
    ],
)
def test_offsets_that_lead_nowhere_are_an_error(answers: list[dict[str, Any]], server: JiraHarness) -> None:
    """Never the end of the list, behind which all would be taken for read."""
    newest = rows(1, total=1)
    with pytest.raises(MalformedPage):
        odd(server, newest, *answers)


# ── what issues say ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_parents_by_three_fields_and_levels_by_their_signs(server: JiraHarness) -> None:
    epic = server.create("Epic", issuetype="Epic")
    far = server.create("Far", issuetype="Epic", project="DATA")
    story = server.create("Story", issuetype="Histoire", parent={"id": epic.id})
    away = server.create("Away", issuetype="Histoire", parent={"id": far.id})
    part = server.create("Part", issuetype="Sous-tâche", parent={"id": story.id})
    source = server.connect()
    before = source.requests()
    items = {item.remote_id: item for item in drain(source, start(source))[0]}
    assert {one: items[one].level for one in (epic.id, story.id, part.id)} == {epic.id: 1, story.id: 0, part.id: -1}

    def named(identity: str) -> list[tuple[ReferenceKind, str, str | None]]:
        return [(one.kind, one.target, one.target_id) for one in items[identity].references]

    assert named(story.id) == [(ReferenceKind.EPIC, epic.key, epic.id)]
    assert named(away.id) == [(ReferenceKind.EPIC, far.key, far.id)], "an epic of no configured project has an id too"
    assert named(part.id) == [(ReferenceKind.PARENT, story.key, story.id)]
    assert [item.remote_id for item in source.fetch([far.id])] == [far.id]
    assert source.requests() - before <= 7


def test_epics_of_the_same_page_are_not_asked_for(server: JiraHarness) -> None:
    server.site.page_limits = ()
    for _ in range(3):
        epic = server.create("Epic", issuetype="Epic")
        server.create("Story", issuetype="Histoire", parent={"id": epic.id})
    source = server.connect()
    since = start(source)
    before = source.requests()
    items = drain(source, since)[0]
    named = [one.target_id for item in items for one in item.references]
    assert len(named) == 3
    assert all(named)
    assert source.requests() - before == 3, "fields, an estimate, one page"


def test_an_epic_that_is_hidden_is_named_by_its_key_alone(server: JiraHarness) -> None:
    far = server.create("Far", issuetype="Epic", project="DATA")
    server.create("Away", issuetype="Histoire", parent={"id": far.id})
    server.site.hide("DATA")
    source = server.connect()
    (away,) = drain(source, start(source))[0]
    assert [(one.target, one.target_id) for one in away.references] == [(far.key, None)]


def test_sprints_in_javas_words_and_their_past(server: JiraHarness) -> None:
    names = ("Sprint, 1] [id=99,", "rapidViewId=8,id=77", "Été")
    first, second, third = (sprints.create(server.site, name, state="closed")["id"] for name in names)
    issue = server.create()
    server.edit(issue, sprint={"add": first})
    server.edit(issue, sprint={"add": second})
    server.edit(issue, sprint={"add": third})
    server.edit(issue, sprint={"remove": first})
    source = server.connect()
    (item,) = drain(source, start(source))[0]
    assert [r.target for r in item.references if r.kind is ReferenceKind.MEMBER] == [
        f"sprint:{second}",
        f"sprint:{third}",
    ]
    (history,) = source.history([issue.id])
    moved = [(change.before, change.after) for change in history.changes if change.kind is ChangeKind.MEMBER]
    joined = [(None, f"sprint:{one}") for one in (first, second, third)]
    assert moved == [*joined, (f"sprint:{first}", None)]
    server.site.sprints[second]["name"] = "Renamed"
    before = source.metadata()
    sprints.change(server.site, third, name="Another")
    source.scopes()
    assert source.metadata() == before, "a name of a sprint is no reason to read everything again"


def test_wiki_text_is_kept_as_it_is(server: JiraHarness) -> None:
    issue = server.create()
    server.edit(issue, fields={"description": "one\n\ntwo"})
    source = server.connect()
    (item,) = drain(source, start(source))[0]
    assert item.body == "one\n\ntwo"


def test_histories_tell_parents_links_and_moves_without_ids_of_fields(server: JiraHarness) -> None:
    epic, other = server.create("Epic", issuetype="Epic"), server.create("Other", issuetype="Epic")
    story, blocker = server.create("Story", issuetype="Histoire"), server.create()
    server.site.link_type |= {"name": "Bloque", "inward": "est bloqué par", "outward": "bloque"}
    server.edit(story, fields={"parent": {"id": epic.id}})
    server.edit(story, fields={"parent": {"id": other.id}})
    server.edit(story, blocked_by=blocker.key)
    server.edit(story, unblocked_by=blocker.key)
    server.edit(story, flagged=True)
    server.edit(story, fields={"customfield_10016": 3})
    old = story.key
    server.edit(story, project="PAY")
    source = server.connect(blocks=server.site.link_type["id"])
    (history,) = source.history([story.id])
    assert [(change.kind, change.before, change.after) for change in history.changes] == [
        (ChangeKind.PARENT, None, epic.id),
        (ChangeKind.PARENT, epic.id, other.id),
        (ChangeKind.BLOCKED_BY, None, blocker.key),
        (ChangeKind.BLOCKED_BY, blocker.key, None),
        (ChangeKind.FLAG, None, "1"),
        (ChangeKind.POINTS, None, "3"),
        (ChangeKind.KEY, old, story.key),
    ]


def test_a_changelog_that_the_search_cuts_is_read_by_itself(server: JiraHarness) -> None:
    (one,) = server.seed(1)
    for name in ("a", "b", "c"):
        server.label(one, name)
    server.site.histories_shown = 1
    (history,) = server.connect().history([one])
    assert [change.after for change in history.changes if change.kind == "label_added"] == ["a", "b", "c"]


def test_one_that_goes_while_its_changelog_is_asked_for_loses_no_other(server: JiraHarness) -> None:
    one, other = server.seed(2)
    for identity in (one, one, other, other):
        server.touch(identity)
    server.site.histories_shown = 1
    server.sandbox.fault("answer", status=404, path=f".*/issue/{one}")
    (history,) = server.connect().history([one, other])
    assert history.remote_id == other
    assert len(history.changes) == 2


def test_what_is_gone_has_no_history(server: JiraHarness) -> None:
    one, other = server.seed(2)
    source = server.connect()
    start(source)
    server.delete(one)
    assert [history.remote_id for history in source.history([one, other, "x"])] == [other]


# ── comments and tokens ──────────────────────────────────────────────────────────────────────────────────────────────


def comment(server: JiraHarness, issue: str, instance: str = "acme") -> Write:
    return Write(Slot("it", issue, Surface.COMMENT, instance), "SHOP-1", "url", None, "KR 1", Say("why"))


def test_an_anchor_that_somebody_copied_is_not_ours(server: JiraHarness) -> None:
    issue = server.create()
    ours = server.connect()
    ours.push([comment(server, issue.id)])
    (posted,) = server.site.comments_of(issue)
    copied = {**posted, "id": "1", "author": {"accountId": "acc-2", "displayName": "Bo"}}
    server.site.comments_of(issue).insert(0, copied)
    ours.push([comment(server, issue.id)])
    assert len(server.site.comments_of(issue)) == 2
    slots = [comment(server, issue.id).slot, comment(server, issue.id, "other").slot]
    assert ours.read(slots) == dict(zip(slots, ("KR 1", None), strict=True))


def test_a_token_that_ends_is_told(server: JiraHarness) -> None:
    end = datetime(2026, 12, 24, 12, tzinfo=UTC)
    assert server.connect().check().expires_at is None
    server.site.token_expires = end
    account = server.connect().check()
    assert (account.product, account.expires_at) == ("Jira Data Center", end)


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_tokens_that_jira_does_not_list_are_no_failure(status: int, server: JiraHarness) -> None:
    server.sandbox.fault("answer", status=status, path=".*/pat/latest/tokens", times=None)
    assert server.connect().check().expires_at is None


def test_a_query_that_is_none_is_refused_and_another_is_counted(server: JiraHarness) -> None:
    server.seed(4)
    source = server.connect()
    assert source.count("project = SHOP") == 2
    with pytest.raises(Rejected):
        source.count("project = (")
