"""What a cycle costs and tells: few requests, rights that are missing, limits, histories of sprints, counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from conformance_harness import cycle, drain, start
from contract import Contract
from jira_site import PERSON, DataCenterHarness, JiraHarness, serving

from connectors.jira_account import RIGHTS
from connectors.jira_probe import KNOWN
from okrsync.errors import MalformedPage, Rejected
from okrsync.model import ChangeKind, Lack, Limit, ReferenceKind, State, Surface
from okrsync.ports import HasCounts
from okrsync.sandbox.company.jira_metadata import project
from okrsync.sandbox.jira import changes, sprints
from okrsync.sandbox.jira.changes import Hand
from okrsync.sandbox.jira.language import LANGUAGES
from okrsync.sandbox.jira.limits import Bucket

JSON = {"Content-Type": "application/json"}


@pytest.fixture(params=[JiraHarness, DataCenterHarness])
def site(
    request: pytest.FixtureRequest, watch: Callable[[Contract, str], None], jira_contract: Contract
) -> Iterator[JiraHarness]:
    with serving(request.param, watch, jira_contract) as made:
        yield made


def test_a_quiet_cycle_of_fifty_projects_takes_four_requests(site: JiraHarness) -> None:
    """Projects, fields, statuses, one search; once an hour besides what the site is and how it reads times."""
    keys = [f"P{number}" for number in range(50)]
    rows = [project(str(20_000 + number), key, key) for number, key in enumerate(keys)]
    site.site.projects |= {row["id"]: row for row in rows}
    for key in keys[::10]:
        site.create(project=key)
    source = site.connect(projects=keys)
    _, since = cycle(source, {})
    _, since = cycle(source, since)
    for _ in range(3):
        before = source.requests()
        site.advance(timedelta(hours=1))
        assert cycle(source, since)[1] == since
        assert source.requests() - before == 4
    source._opened -= KNOWN
    source._probe._tried -= KNOWN
    before = source.requests()
    cycle(source, since)
    assert source.requests() - before == 4 + 1 + 2


def test_a_quiet_cycle_where_milliseconds_are_not_read(site: JiraHarness) -> None:
    """That is tried once an hour as well; only the time zone of the account is asked for each cycle."""
    site.seed(2)
    site.site.epochs = "refused"
    source = site.connect()
    _, since = cycle(source, {})
    site.advance(timedelta(hours=1))
    _, since = cycle(source, since)
    before = source.requests()
    cycle(source, since)
    assert source.requests() - before == 4 + 1
    site.sandbox.fault("answer", status=403, path=".*/myself", times=None)
    site.touch(touched := next(iter(site.site.issues)))
    found = cycle(source, since)[0]
    assert touched in {item.remote_id for item in found}, "who may not ask who it is reads a day again"


@pytest.mark.parametrize("projects", [("SHOP", "STORE", "PAY"), ("STORE", "PAY", "SHOP")])
def test_a_project_under_both_of_its_names_is_one_scope(projects: tuple[str, ...], site: JiraHarness) -> None:
    shop = next(row for row in site.site.projects.values() if row["key"] == "SHOP")
    changes.rename(site.site, shop, "STORE")
    scopes = site.connect(projects=projects).scopes()
    assert [(one.key, one.configured) for one in scopes] in (
        [("STORE", "STORE"), ("PAY", "PAY")],
        [("PAY", "PAY"), ("STORE", "STORE")],
    )
    assert len({one.id for one in scopes}) == 2


@pytest.mark.parametrize("count", [1, 12])
def test_an_issue_from_the_future_hides_nothing_of_today(count: int, site: JiraHarness) -> None:
    """An import may say that an issue was updated in 2062; what is updated until then is read all the same."""
    seeded = site.seed(count)
    ahead = site.create()
    changes.touch(site.site, ahead, Hand(PERSON, site.clock() + timedelta(days=13_000)))
    source = site.connect()
    _, since = cycle(source, {})
    for identity in seeded[:3]:
        site.advance(timedelta(minutes=20))
        site.touch(identity)
        found, since = cycle(source, since)
        assert identity in {item.remote_id for item in found}


def test_what_only_other_teams_have_is_no_reason_to_read_anything_again(site: JiraHarness) -> None:
    """A team-managed project keeps statuses and fields of its own, which that team renames as it likes."""
    ours = next(row for row in site.site.projects.values() if row["key"] == "SHOP")
    category = site.site.statuses[0]["statusCategory"]
    source = site.connect()
    source.scopes()
    before = dict(source.metadata())
    for number, team in (("901", "4711"), ("902", ours["id"])):
        scope = {"type": "PROJECT", "project": {"id": team}}
        site.site.statuses.append({"id": number, "name": "Done", "statusCategory": category, "scope": scope})
        for custom, name in (("x:select", "KR"), ("x:float", "Story Points")):
            identity = f"customfield_{number}{len(name)}"
            schema = {"type": "number", "custom": custom}
            site.site.fields.append({"id": identity, "name": name, "custom": True, "schema": schema, "scope": scope})
    source.scopes()
    after = dict(source.metadata())
    new = {name for name in after if after[name] != before.get(name)}
    if site.site.datacenter:  # has no such projects, and tells no scopes
        assert {"status 901", "status 902"} <= new
    else:
        assert new == {"status 902", "field customfield_9022", "points"}
        assert after["points"].split() == [*before["points"].split(), "customfield_90212"]


def test_another_choice_of_the_type_that_blocks_is_a_reason(site: JiraHarness) -> None:
    before, after = (dict(site.connect(blocks=chosen).metadata()) for chosen in (None, "10000"))
    assert before == {**after, "blocks": ""}


@pytest.mark.parametrize("what", ["field", "status"])
def test_metadata_that_is_no_list_is_not_taken_for_none(what: str, site: JiraHarness) -> None:
    """Or everything would be read again, without its points."""
    site.sandbox.fault("answer", status=200, body='{"values": []}', headers=JSON, path=f".*/{what}")
    with pytest.raises(MalformedPage, match=f"{what} is no list"):
        site.connect().metadata()


def test_an_estimate_that_is_limited_is_no_reason_to_wait(site: JiraHarness) -> None:
    if not site.site.datacenter:  # where it is a search like the others
        seeded = site.seed(2)
        source = site.connect()
        site.sandbox.fault("jira_burst", path=site.counts, seconds=1800)
        assert sorted(item.remote_id for item in drain(source, start(source))[0]) == seeded


def test_what_is_missing_is_told_with_what_it_blocks(site: JiraHarness) -> None:
    site.site.account.denied = {"ADD_COMMENTS", "ADMINISTER_PROJECTS"}
    site.site.hide("PAY")
    account = site.connect().check()
    lacks = {lack.text: lack.surfaces for lack in account.lacks}
    assert lacks["SHOP: without ADD_COMMENTS, comments cannot be written"] == {Surface.COMMENT}
    loud = lacks["SHOP: without ADMINISTER_PROJECTS, watchers get a mail for each label or field that is written"]
    assert loud == {Surface.LABEL, Surface.OBJECTIVE_LABEL, Surface.OBJECTIVE_FIELD, Surface.NUMBER}
    (hidden,) = (lack for lack in account.lacks if lack.text.startswith("PAY: "))
    assert hidden == Lack(hidden.text, frozenset())
    assert len(account.lacks) == 3
    assert account.rights["SHOP BROWSE_PROJECTS"]
    assert {key.partition(" ")[2] for key in account.rights if key.startswith("SHOP")} == set(RIGHTS)


def test_what_is_configured_and_not_there_is_told(site: JiraHarness) -> None:
    named: dict[str, Any] = {"fields": {"points": "customfield_99"}, "blocks": "4711"}
    lacks = ["fields.points: this site has no field customfield_99, or does not show it"]
    blocks = "blocks: this site has no type of link 4711"
    assert [lack.text for lack in site.connect(**named).check().lacks] == [*lacks, blocks]
    points = next(row["id"] for row in site.site.fields if row["id"].startswith("customfield_"))
    there: dict[str, Any] = {"fields": {"points": points}, "blocks": site.site.link_type["id"]}
    assert site.connect(**there).check().lacks == ()
    for status, body in ((403, ""), (200, '{"issueLinkTypes": 7}')):
        site.sandbox.fault("answer", status=status, body=body, headers=JSON, path=".*/issueLinkType")
        assert [lack.text for lack in site.connect(**named).check().lacks] == [*lacks, blocks]


def test_limits_are_told_where_jira_tells_them(site: JiraHarness) -> None:
    assert site.connect().check().limits == ()
    if site.site.datacenter:
        site.site.bucket = Bucket(50)
        (limit,) = site.connect().check().limits
        assert (limit.name, limit.limit, limit.resets_at) == ("requests", 50, None)
        assert 0 < limit.left < 50
        assert isinstance(limit, Limit)


def test_counts_are_asked_not_pulled(site: JiraHarness) -> None:
    site.seed(5)
    source = site.connect()
    assert isinstance(source, HasCounts)
    assert source.count("project = SHOP AND statusCategory != Done") == 3
    before = source.requests()
    assert source.count("project = PAY") == 2
    assert source.requests() - before == 1
    with pytest.raises(Rejected):
        source.count('project = "')
    site.sandbox.fault("answer", status=200, body='{"count": -1, "total": "x"}', headers=JSON, path=site.counts)
    assert source.count("project = PAY") is None
    site.sandbox.fault("answer", status=503, path=site.counts, times=None)
    assert source.count("project = PAY") is None


def test_an_unbounded_count_is_refused_on_cloud(site: JiraHarness) -> None:
    source = site.connect()
    if not site.site.datacenter:
        with pytest.raises(Rejected, match="Unbounded"):
            source.count("ORDER BY created")


def test_statuses_are_known_by_category_in_any_language(site: JiraHarness) -> None:
    issue = site.create()
    for language in sorted(LANGUAGES):
        site.site.account.language = language
        (item,) = drain(source := site.connect(), start(source))[0]
        assert item.state is State.TODO
    assert item.status != issue.fields["status"]["name"]
    site.site.account.language = ""
    site.edit(issue, status="Terminé")
    row = next(one for one in site.site.statuses if one["id"] == issue.fields["status"]["id"])
    row["statusCategory"] = {"id": 1, "key": "undefined", "name": "Done"}
    issue.fields["status"] = row
    (item,) = drain(source := site.connect(), start(source))[0]
    assert item.state is State.UNKNOWN
    assert f"status {row['id']}" in source.metadata()


def test_a_sprint_is_a_container_with_a_past(site: JiraHarness) -> None:
    sprint = sprints.create(site.site, "Été, 1]", state="active")["id"]
    issue = site.create()
    site.edit(issue, sprint={"add": sprint})
    source = site.connect()
    (item,) = drain(source, start(source))[0]
    assert [(one.kind, one.target) for one in item.references] == [(ReferenceKind.MEMBER, f"sprint:{sprint}")]
    (history,) = source.history([issue.id])
    assert [(one.kind, one.after) for one in history.changes] == [(ChangeKind.MEMBER, f"sprint:{sprint}")]
    before = source.metadata()
    sprints.change(site.site, sprint, name="Automne", state="closed")
    source.scopes()
    assert source.metadata() == before


def test_the_life_of_an_issue(site: JiraHarness) -> None:
    """Created, started, done, reopened, flagged, blocked and freed: each with its instant."""
    issue, blocker = site.create(), site.create()
    site.edit(issue, status="En cours")
    site.edit(issue, flagged=True, blocked_by=blocker.key)
    site.edit(issue, unblocked_by=blocker.key, flagged=False)
    site.edit(issue, status="Terminé")
    done = site.clock()
    site.edit(issue, status="En cours")
    (history,) = site.connect().history([issue.id])
    said = [(one.kind, one.before, one.after) for one in history.changes]
    assert [one for one in said if one[0] is ChangeKind.STATE] == [
        (ChangeKind.STATE, "todo", "in_progress"),
        (ChangeKind.STATE, "in_progress", "done"),
        (ChangeKind.STATE, "done", "in_progress"),
    ]
    assert {(ChangeKind.BLOCKED_BY, None, blocker.key), (ChangeKind.BLOCKED_BY, blocker.key, None)} <= set(said)
    assert {(ChangeKind.FLAG, None, "1"), (ChangeKind.FLAG, "1", None)} <= set(said)
    assert [one.at for one in history.changes if one.after == "done"] == [done.replace(microsecond=0)]


def test_a_cycle_begins_with_the_scopes(site: JiraHarness) -> None:
    """A kept connector sees a field that was chosen, and a time zone that was moved, since the cycle before."""
    site.seed(1)
    source = site.connect()
    before: dict[str, Any] = dict(source.metadata())
    site.site.fields.append(
        {"id": "customfield_99", "name": "KR", "custom": True, "schema": {"type": "option", "custom": "x:select"}}
    )
    assert source.metadata() == before
    source.scopes()
    assert source.metadata() == {**before, "field customfield_99": "KR"}
