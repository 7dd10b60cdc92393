"""Writing into Jira, Cloud and Data Center alike: as few requests as can be, and never a word of somebody else's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from contract import Contract
from jira_sinking import CLOUD, DATACENTER, EDITIONS, asked, everything, write
from jira_site import OBJECTIVE, OPTIONS, PROGRESS, JiraHarness, serving, stands

from connectors.jira_sink import SURFACES
from okrsync.errors import RateLimited, Rejected
from okrsync.model import Surface
from okrsync.sandbox.jira import screens


@pytest.fixture
def site(
    made_by: type[JiraHarness], watch: Callable[[Contract, str], None], jira_contract: Contract
) -> Iterator[JiraHarness]:
    with serving(made_by, watch, jira_contract) as made:
        made.fields()
        yield made


# ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@CLOUD
def test_a_hundred_issues_are_read_in_one_request(site: JiraHarness) -> None:
    """Labels, fields and properties come with the issues; comments cost one more, which tells whose they are."""
    seeded = site.seed(101)
    source = site.connect()
    slots = [one.slot for issue in seeded for one in everything(issue) if one.slot.surface is not Surface.COMMENT]
    found = source.read(slots[:500])
    assert (list(found), set(found.values())) == (slots[:500], {None})
    assert asked(site) == ["POST issue/bulkfetch"]
    source.read(slots)
    assert asked(site) == ["POST issue/bulkfetch"] * 2
    comments = [write(issue, Surface.COMMENT, "KR 1: 50 %") for issue in seeded[:100]]
    for one in comments[:3]:
        source.push([one])
    asked(site)
    assert list(source.read([one.slot for one in comments]).values()) == ["KR 1: 50 %"] * 3 + [None] * 97
    assert asked(site) == ["POST issue/bulkfetch", "POST comment/list"]


@CLOUD
def test_an_issue_is_asked_for_its_comments_where_they_are_wanted(site: JiraHarness) -> None:
    seeded = site.seed(120)
    slots = [write(issue, Surface.LABEL, True).slot for issue in seeded]
    comment = write(seeded[-1], Surface.COMMENT, "x").slot
    assert site.connect().read([*slots, comment]) == dict.fromkeys([*slots, comment])
    bodies = [one.body for one in site.sandbox.requests if one.path.endswith("/bulkfetch")]
    assert [b'"comment"' in body for body in bodies] == [True, False]


@DATACENTER
def test_data_center_is_read_issue_by_issue(site: JiraHarness) -> None:
    """The index of a search learns of a write later than the issue does: it is not asked."""
    seeded = site.seed(3)
    site.site.index_lag = timedelta(hours=1)
    source = site.connect()
    for issue in seeded:
        source.push(everything(issue))
    asked(site)
    wanted = {one.slot: one.after for issue in seeded for one in everything(issue)}
    assert source.read(list(wanted)) == wanted
    assert asked(site) == [f"GET issue/{issue}" for issue in seeded]


@DATACENTER
def test_a_version_that_shows_no_properties_is_asked_for_them(site: JiraHarness) -> None:
    (issue,) = site.seed(1)
    source = site.connect()
    (one,) = (one for one in everything(issue) if one.slot.surface is Surface.PROPERTY)
    source.push([one])
    site.sandbox.fault("edited", member="properties", path=f".*/issue/{issue}", times=None)
    other = write(issue, Surface.PROPERTY, None, "okrsync-other").slot
    assert source.read([one.slot, other]) == {one.slot: one.after, other: None}


@EDITIONS
def test_labels_and_fields_are_one_edit(site: JiraHarness) -> None:
    """And all that can stand on an issue is three writes, within which no limit of an issue is ever near."""
    first, second = site.seed(3)[::2]
    source = site.connect()
    writes = everything(first)
    source.read([one.slot for one in writes])
    asked(site)
    receipts = source.push(writes)
    assert [receipt.value for receipt in receipts] == [one.after for one in writes]
    unsafe = [f"PUT issue/{first}", f"PUT issue/{first}/properties/okrsync-acme", f"POST issue/{first}/comment"]
    assert asked(site) == [f"GET issue/{first}/editmeta", *unsafe], "a comment that was just looked for is not again"
    again = everything(second)
    source.read([one.slot for one in again])
    asked(site)
    source.push(again)
    assert len(asked(site)) == 3, "the screen of this type of issue is known"
    issue = site.site.issues[first]
    assert issue.fields["labels"] == ["okr-orphan", "okr-objective:O-UX"]
    assert (issue.fields[OBJECTIVE]["value"], issue.fields[PROGRESS]) == ("O-UX", 62.0)
    assert source.read([one.slot for one in writes]) == {one.slot: one.after for one in writes}


@EDITIONS
def test_all_is_taken_back(site: JiraHarness) -> None:
    (issue,) = site.seed(1)
    held = dict(site.site.issues[issue].fields)
    source = site.connect()
    for value in (None, None):
        source.push(everything(issue))
        gone = [write(issue, one.slot.surface, value) for one in everything(issue)]
        for _ in range(2):
            assert {receipt.value for receipt in source.push(gone)} == {None}
        assert set(source.read([one.slot for one in gone]).values()) == {None}
    assert not site.site.comments_of(site.site.issues[issue])
    left = site.site.issues[issue].fields
    assert {name: left[name] for name in held if name != "updated"} == {
        name: value for name, value in held.items() if name != "updated"
    }


@CLOUD
def test_the_sandbox_keeps_the_limit_of_an_issue(site: JiraHarness) -> None:
    """20 writes in 2 s and 100 in 30 s. Pushes on one issue as often as a day allows are far from it."""
    one, other = site.seed(2)
    source = site.connect()
    before = len(site.sandbox.unsafe_requests())
    for turn in range(3):
        source.push([write(one, Surface.NUMBER, turn), *everything(one)[4:]])
    assert len(site.sandbox.unsafe_requests()) - before <= 9

    def put(issue: str) -> requests.Response:
        url = f"{site.sandbox.url}/jira/acme/rest/api/3/issue/{issue}"
        return requests.put(url, json={"fields": {}}, auth=("a@b.test", "t"), timeout=10)

    site.advance(timedelta(minutes=1))
    assert {put(other).status_code for _ in range(20)} == {204}
    refused = put(other)
    assert (refused.status_code, refused.headers["RateLimit-Reason"]) == (429, "jira-per-issue-on-write")
    assert refused.headers["Retry-After"] == "2"
    assert put(one).status_code == 204, "the limit is one of an issue"
    for _ in range(4):
        site.advance(timedelta(seconds=2))
        assert {put(other).status_code for _ in range(20)} == {204}
    site.advance(timedelta(seconds=2))
    refused = put(other)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "20")
    with pytest.raises(RateLimited):
        source.push([write(other, Surface.LABEL, True)])


@EDITIONS
def test_two_installations_on_one_issue_leave_each_other_alone(site: JiraHarness) -> None:
    """One comment and one property each, told apart in one read; what one takes away is its own."""
    (issue,) = site.seed(1)
    source = site.connect()
    writes = {
        instance: [
            write(issue, Surface.COMMENT, f"by {instance}", instance),
            write(issue, Surface.PROPERTY, {"by": instance}, f"okrsync-{instance}"),
        ]
        for instance in ("acme", "acme-test", "ac")
    }
    for _ in range(2):
        for each in writes.values():
            source.push(each)
    every = [one for each in writes.values() for one in each]
    assert source.read([one.slot for one in every]) == {one.slot: one.after for one in every}
    source.push([write(issue, one.slot.surface, None, one.slot.name) for one in writes["acme"]])
    found = source.read([one.slot for one in every])
    assert {slot.name for slot, value in found.items() if value is None} == {"acme", "okrsync-acme"}
    assert len(site.site.comments_of(site.site.issues[issue])) == 2


@CLOUD
def test_more_properties_than_one_request_shows(site: JiraHarness) -> None:
    seeded = site.seed(2)
    source = site.connect()
    writes = [write(issue, Surface.PROPERTY, {"n": n}, f"okrsync-{n}") for issue in seeded for n in range(7)]
    for one in writes:
        source.push([one])
    asked(site)
    assert source.read([one.slot for one in writes]) == {one.slot: one.after for one in writes}
    assert asked(site) == ["POST issue/bulkfetch"] * 2


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@EDITIONS
def test_what_an_administrator_has_to_do_is_said(site: JiraHarness) -> None:
    """And whatever else can be written on the issue is written."""
    (issue,) = site.seed(1)
    source = site.connect()
    with pytest.raises(Rejected, match=r'Objective \(customfield_10100\) has no option for O-NEW; .*option "O-NEW"'):
        source.push([write(issue, Surface.OBJECTIVE_FIELD, "O-NEW"), *everything(issue)[3:], everything(issue)[0]])
    fields = site.site.issues[issue].fields
    assert (fields["labels"], fields[PROGRESS], fields.get(OBJECTIVE)) == (["okr-orphan"], 62.0, None)
    assert source.read([one.slot for one in everything(issue)[3:]]) == {
        one.slot: one.after for one in everything(issue)[3:]
    }
    screens.define(site.site, {"id": OBJECTIVE, "off_screens": ["SHOP"]})
    words = f"field {OBJECTIVE} is not on the edit screen of SHOP-1; a Jira admin adds it there"
    with pytest.raises(Rejected, match=words):
        site.connect().push([write(issue, Surface.OBJECTIVE_FIELD, "O-UX")])


@EDITIONS
@pytest.mark.parametrize(
    ("kind", "surface", "words"),
    [
        ("text", Surface.NUMBER, "is not a number field; name another one as progress_field"),
        ("number", Surface.OBJECTIVE_FIELD, r"is not a select list \(single choice\) or short text"),
        ("paragraph", Surface.OBJECTIVE_FIELD, "name another one as objective_field"),
    ],
)
def test_a_field_of_another_kind_is_refused(kind: str, surface: Surface, words: str, site: JiraHarness) -> None:
    (issue,) = site.seed(1)
    row = screens.define(site.site, {"name": "Other", "type": kind})
    with pytest.raises(Rejected, match=words):
        site.connect().push([write(issue, surface, 7, row["id"])])
    assert not site.sandbox.unsafe_requests()


@EDITIONS
def test_one_field_that_is_refused_does_not_take_the_others_along(site: JiraHarness) -> None:
    """Jira refuses an edit whole; the parts of it are then sent by themselves."""
    (issue,) = site.seed(1)
    screens.define(site.site, {"id": "labels", "off_screens": ["SHOP"]})
    source = site.connect()
    with pytest.raises(Rejected, match="labels"):
        source.push(everything(issue))
    slots = [one.slot for one in everything(issue)]
    assert list(source.read(slots).values()) == [None, None, *(one.after for one in everything(issue)[2:])]


@EDITIONS
@pytest.mark.parametrize("name", ["okr-objective:a b", "okr-objective:" + "x" * 255, "okr-objective:a\u00a0b"])
def test_a_label_that_jira_cannot_hold_is_not_sent(name: str, site: JiraHarness) -> None:
    (issue,) = site.seed(1)
    with pytest.raises(Rejected, match="no spaces and at most 255 characters"):
        site.connect().push([write(issue, Surface.OBJECTIVE_LABEL, True, name)])
    assert not site.sandbox.unsafe_requests()


@EDITIONS
def test_an_issue_that_is_gone_is_told_and_the_others_are_read(site: JiraHarness) -> None:
    here, gone = site.seed(2)
    site.delete(gone)
    source = site.connect()
    slots = [one.slot for issue in (gone, here) for one in everything(issue)]
    found = source.read(slots)
    told = [value for slot, value in found.items() if slot.remote_id == gone]
    assert [value.status for value in told if isinstance(value, Rejected)] == [404] * len(SURFACES)
    assert {value for slot, value in found.items() if slot.remote_id == here} == {None}
    with pytest.raises(Rejected) as refused:
        source.push(everything(gone))
    assert refused.value.status == 404
    assert len(site.sandbox.unsafe_requests()) <= 1


@EDITIONS
def test_an_issue_that_goes_just_before_it_is_written_is_tried_once(site: JiraHarness) -> None:
    (issue,) = site.seed(1)
    source = site.connect()
    writes = everything(issue)[4:]
    source.read([one.slot for one in writes])
    site.delete(issue)
    with pytest.raises(Rejected) as refused:
        source.push(writes)
    assert refused.value.status == 404
    assert len(site.sandbox.unsafe_requests()) == 1, "what else is due on it goes nowhere either"
    with pytest.raises(Rejected) as refused:
        source.push([write(issue, Surface.PROPERTY, None)])
    assert refused.value.status == 404, "it is not only the property that is gone"


@EDITIONS
def test_a_project_that_lets_nobody_silence_an_edit_is_asked_once(site: JiraHarness) -> None:
    first, _, second = site.seed(3)
    site.sandbox.fault("answer", method="PUT", path=f".*/issue/{first}", status=403, body="{}", times=1)
    source = site.connect()
    for issue in (first, second):
        source.push([write(issue, Surface.LABEL, True)])
        assert site.site.issues[issue].fields["labels"] == ["okr-orphan"]
    assert ["notifyUsers" in one.query for one in site.sandbox.unsafe_requests()] == [True, False, False]


@EDITIONS
def test_a_status_in_which_nothing_is_edited_says_nothing_of_the_others(site: JiraHarness) -> None:
    first, second = site.seed(3)[::2]
    source = site.connect()
    empty = {"kind": "answer", "status": 200, "body": '{"fields": {}}', "headers": {"Content-Type": "application/json"}}
    site.sandbox.fault(path=f".*/issue/{first}/editmeta", **empty)
    with pytest.raises(Rejected, match="lets nobody edit it"):
        source.push([write(first, Surface.NUMBER, 1)])
    assert source.push([write(second, Surface.NUMBER, 1)])[0].value == 1


# ── fields ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@EDITIONS
@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        (OPTIONS, "O-UX"),
        (("O-UX-2 · Other", "o-ux · Lower"), "o-ux · Lower"),
        (("O-UX · Long", "O-UX"), "O-UX"),
        (({"value": "O-UX", "disabled": True}, "O-UX · Long"), "O-UX · Long"),
    ],
)
def test_the_option_is_found_by_the_id_of_the_objective(options: Any, chosen: str, site: JiraHarness) -> None:
    (issue,) = site.seed(1)
    screens.define(site.site, {"id": OBJECTIVE, "options": options})
    source = site.connect()
    one = write(issue, Surface.OBJECTIVE_FIELD, "O-UX")
    (receipt,) = source.push([one])
    assert site.site.issues[issue].fields[OBJECTIVE]["value"] == chosen
    assert receipt.value == stands(source, one.slot) == chosen.partition(" · ")[0]


@EDITIONS
def test_a_text_field_holds_the_id(site: JiraHarness) -> None:
    (issue,) = site.seed(1)
    row = screens.define(site.site, {"name": "Parent objective", "type": "text"})
    source = site.connect()
    one = write(issue, Surface.OBJECTIVE_FIELD, "O-UX", row["id"])
    source.push([one])
    assert site.site.issues[issue].fields[row["id"]] == stands(source, one.slot) == "O-UX"


@EDITIONS
def test_the_echo_of_a_write_is_no_change(site: JiraHarness) -> None:
    """Neither the item nor its history says another thing than before, though Jira dates it anew."""
    issue, *_ = site.seed(2)
    source = site.connect(written=frozenset({OBJECTIVE, PROGRESS}))
    source.scopes()
    (before,) = source.fetch([issue])
    (past,) = source.history([issue])
    metadata = source.metadata()
    site.advance(timedelta(minutes=5))
    source.push(everything(issue))
    source.scopes()
    (after,) = source.fetch([issue])
    assert after.updated_at > before.updated_at
    assert (
        type(after)(**{**{name: getattr(after, name) for name in after.__slots__}, "updated_at": before.updated_at})
        == before
    )
    assert list(source.history([issue])) == [past]
    assert source.metadata() == metadata
    assert len(site.site.issues[issue].histories) == 1
    (read,) = site.connect().fetch([issue])
    assert [field.value for field in read.fields] == ["O-UX"], "a field that okrsync does not fill is a fact"


@EDITIONS
def test_fields_that_cannot_be_filled_are_told_by_the_check(site: JiraHarness) -> None:
    written = frozenset({OBJECTIVE, PROGRESS, "customfield_4711"})
    site.create(project="PAY")
    site.seed(1)
    screens.define(site.site, {"id": OBJECTIVE, "off_screens": ["PAY"]})
    lacks = {lack.text: lack.surfaces for lack in site.connect(written=written).check().lacks}
    assert lacks == {
        "this site has no field customfield_4711, or does not show it: it cannot be filled": {
            Surface.OBJECTIVE_FIELD,
            Surface.NUMBER,
        },
        f"PAY: field Objective ({OBJECTIVE}) is not on the edit screen of PAY-1; a Jira admin adds it there (Project "
        "settings, Screens)": {Surface.OBJECTIVE_FIELD},
    }
    long = screens.define(site.site, {"name": "Long", "type": "paragraph"})["id"]
    (lack,) = site.connect(written=frozenset({long})).check().lacks
    assert "is neither a number field" in lack.text
