"""Writing into Asana: tags that are not unique, metrics that are not ours, status updates that cannot be edited."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import responses
from asana_site import API, UPDATE, connect, page, push, sent, stands, write
from requests.exceptions import ReadTimeout
from responses.matchers import json_params_matcher

from okrsync.errors import Rejected, Unavailable
from okrsync.model import Json, Slot, Surface

ORPHAN = "This work reaches no objective (okrsync)"
SITE = "https://okrsync.acme.test"


@pytest.fixture
def fake(asana_fake: responses.RequestsMock) -> responses.RequestsMock:
    return asana_fake


def test_a_tag_is_made_once_and_found_whatever_its_case(fake: responses.RequestsMock) -> None:
    fake.get(f"{API}/tags", json=page([{"gid": "3", "name": "other"}]))
    made = fake.post(
        f"{API}/tags",
        json={"data": {"gid": "4"}},
        status=201,
        match=[json_params_matcher({"data": {"name": "okr-orphan", "notes": ORPHAN, "workspace": "1"}})],
    )
    for gid in ("10", "11"):
        body = json_params_matcher({"data": {"tag": "4"}})
        fake.post(f"{API}/tasks/{gid}/addTag", json={"data": {}}, match=[body])
    sink = connect()
    for gid in ("10", "11"):
        assert push(sink, write(Surface.LABEL, "okr-orphan", True, gid)).value is True
    assert made.call_count == 1
    assert len(sent(fake)) == 4, "the tags, the new one, and one request a task"


def test_an_existing_tag_is_used_whatever_its_case(fake: responses.RequestsMock) -> None:
    fake.get(f"{API}/tags", json=page([{"gid": "3", "name": "OKR-Orphan"}]))
    fake.post(f"{API}/tasks/10/addTag", json={"data": {}}, match=[json_params_matcher({"data": {"tag": "3"}})])
    push(connect(), write(Surface.LABEL, "okr-orphan", True))


@pytest.mark.parametrize("status", [200, 403], ids=["allowed", "not ours to edit"])
def test_where_a_tag_leads_is_told_anew_when_it_is_put_next(fake: responses.RequestsMock, status: int) -> None:
    """And an older address is no reason to put no tag."""
    former = f"{ORPHAN} → https://old.acme.test/orphans"
    fake.get(f"{API}/tags", json=page([{"gid": "3", "name": "okr-orphan", "notes": former}]))
    now = json_params_matcher({"data": {"notes": f"{ORPHAN} → {SITE}/orphans"}})
    edited = fake.put(f"{API}/tags/3", json={"data": {}, "errors": [{"message": "no"}]}, status=status, match=[now])
    fake.post(f"{API}/tasks/10/addTag", json={"data": {}})
    sink = connect(base=SITE)
    for _ in range(2):
        assert push(sink, write(Surface.LABEL, "okr-orphan", True)).value is True
    assert edited.call_count == 1


def test_what_people_say_of_a_tag_stays(fake: responses.RequestsMock) -> None:
    for notes in ("Ask Ada before you put it.", "", f"{ORPHAN} Ask Ada."):
        fake.get(f"{API}/tags", json=page([{"gid": "3", "name": "okr-orphan", "notes": notes}]))
        fake.post(f"{API}/tasks/10/addTag", json={"data": {}})
        push(connect(base=SITE), write(Surface.LABEL, "okr-orphan", True))
    assert {call.request.method for call in fake.calls} == {"GET", "POST"}


def test_every_tag_of_the_name_is_taken_away(fake: responses.RequestsMock) -> None:
    tags = [{"gid": "3", "name": "okr-orphan"}, {"gid": "4", "name": "mine"}, {"gid": "5", "name": "OKR-ORPHAN"}]
    fake.get(f"{API}/tags", json=page(tags))
    fake.post(f"{API}/tasks/10/removeTag", json={"data": {}})
    assert push(connect(), write(Surface.LABEL, "okr-orphan", None)).value is None
    removed = [orjson.loads(call.request.body)["data"]["tag"] for call in fake.calls if call.request.method == "POST"]
    assert removed == ["3", "5"]


def test_a_tag_that_went_since_it_was_listed_is_looked_for_again(fake: responses.RequestsMock) -> None:
    fake.get(f"{API}/tags", json=page([{"gid": "3", "name": "okr-orphan"}]))
    fake.post(f"{API}/tasks/10/addTag", json={"errors": [{"message": "tag: Unknown object: 3"}]}, status=400)
    fake.get(f"{API}/tags", json=page([{"gid": "4", "name": "okr-orphan"}]))
    fake.post(f"{API}/tasks/10/addTag", json={"data": {}}, match=[json_params_matcher({"data": {"tag": "4"}})])
    sink = connect()
    with pytest.raises(Rejected, match="Unknown object"):
        push(sink, write(Surface.LABEL, "okr-orphan", True))
    push(sink, write(Surface.LABEL, "okr-orphan", True))


def test_a_tag_whose_making_was_not_answered_is_looked_for_before_it_is_made_again(
    fake: responses.RequestsMock,
) -> None:
    fake.get(f"{API}/tags", json=page([]))
    fake.post(f"{API}/tags", body=ReadTimeout())
    fake.get(f"{API}/tags", json=page([{"gid": "4", "name": "okr-orphan"}]))
    fake.post(f"{API}/tasks/10/addTag", json={"data": {}})
    sink = connect()
    with pytest.raises(Unavailable) as caught:
        push(sink, write(Surface.LABEL, "okr-orphan", True))
    assert caught.value.sent
    push(sink, write(Surface.LABEL, "okr-orphan", True))
    assert sent(fake).count("POST /tags") == 1


def goal(**metric: Any) -> dict[str, Any]:
    held = {"unit": "percentage", "precision": 0, "current_number_value": 0.8, "progress_source": "manual", **metric}
    return {"data": {"gid": "9", "name": "Rétention", "metric": held}}


def test_a_metric_is_rounded_and_compared_before_it_is_set(fake: responses.RequestsMock) -> None:
    fake.get(f"{API}/goals/9", json=goal())
    body = json_params_matcher({"data": {"current_number_value": 0.82}})
    done = fake.post(f"{API}/goals/9/setMetricCurrentValue", json=goal(current_number_value=0.82), match=[body])
    sink = connect()
    assert push(sink, write(Surface.METRIC, "metric", 0.80123, "goal:9")).value == 0.8
    assert done.call_count == 0
    assert push(sink, write(Surface.METRIC, "metric", 0.8213, "goal:9")).value == 0.82
    assert done.call_count == 1


@pytest.mark.parametrize(
    ("metric", "value", "why"),
    [
        ({"progress_source": "project_task_completion"}, 0.5, "Asana computes its progress itself"),
        ({"progress_source": "external", "can_manage": False}, 0.5, "another integration"),
        ({}, None, "takes a number"),
        ({}, "0.5", "takes a number"),
        ({}, True, "takes a number"),
    ],
)
def test_a_metric_that_is_not_ours_is_not_sent(
    metric: dict[str, Any], value: Json, why: str, fake: responses.RequestsMock
) -> None:
    fake.get(f"{API}/goals/9", json=goal(**metric))
    with pytest.raises(Rejected, match=why):
        push(connect(), write(Surface.METRIC, "metric", value, "goal:9"))


def update(gid: str, at: str, text: str, by: str = "5") -> dict[str, Any]:
    return {
        "gid": gid,
        "created_at": f"2026-03-0{at}T00:00:00.000Z",
        "created_by": {"gid": by},
        "status_type": "at_risk",
        "title": "KR-UX",
        "text": text,
    }


def posted(fake: responses.RequestsMock, *updates: dict[str, Any]) -> None:
    """The updates of the goal; we are 5."""
    fake.get(f"{API}/status_updates", json=page(list(updates)))
    fake.get(f"{API}/users/me", json={"data": {"gid": "5", "name": "Bot"}})


MARK = "\n\nokrsync · acme · KR-UX"


def test_own_updates_are_known_by_their_last_line_and_by_who_posted_them(fake: responses.RequestsMock) -> None:
    found = [
        update("1", "1", f"old{MARK}"),
        update("2", "5", "by a person\nokrsync · acme · KR-UX\nbut quoted"),
        update("3", "6", "other\n\nokrsync · other · KR-UX"),
        update("4", "3", f"new{MARK}".replace(" ", "\u00a0") + "\n"),
        {"gid": "5"},
        {"gid": "6", "text": None},
        update("7", "9", f"a person took ours as a draft{MARK}", by="8"),
        {**update("8", "9", f"nobody knows who{MARK}"), "created_by": None},
    ]
    posted(fake, *found)
    read: Any = stands(connect(), Slot("asana", "goal:9", Surface.UPDATE, "acme"))
    assert read == {"status_type": "at_risk", "title": "KR-UX", "text": found[3]["text"]}


def test_what_stands_there_but_for_its_spaces_is_not_posted_again(fake: responses.RequestsMock) -> None:
    posted(fake, update("4", "3", f"50\u00a0%{MARK}"))
    receipt = push(connect(), write(Surface.UPDATE, "acme", UPDATE, "goal:9"))
    assert (receipt.value, receipt.handle) == (UPDATE, "4")


def test_a_change_is_a_new_post(fake: responses.RequestsMock) -> None:
    posted(fake, update("4", "3", f"40 %{MARK}"))
    assert isinstance(UPDATE, dict)
    body = json_params_matcher({"data": {**UPDATE, "parent": "9"}})
    fake.post(f"{API}/status_updates", json={"data": {"gid": "5"}}, status=201, match=[body])
    assert push(connect(), write(Surface.UPDATE, "acme", UPDATE, "goal:9")).handle == "5"


def test_what_is_put_back_takes_the_newest_post_away(fake: responses.RequestsMock) -> None:
    posted(fake, update("5", "4", f"60 %{MARK}"), update("4", "3", f"50 %{MARK}"))
    fake.delete(f"{API}/status_updates/5", json={"data": {}})
    assert push(connect(), write(Surface.UPDATE, "acme", UPDATE, "goal:9")).handle == "4"


def test_nothing_of_ours_is_left_where_nothing_should_stand(fake: responses.RequestsMock) -> None:
    posted(fake, update("5", "4", f"60 %{MARK}"), update("4", "3", "by a person"))
    gone = fake.delete(f"{API}/status_updates/5", status=404)
    assert push(connect(), write(Surface.UPDATE, "acme", None, "goal:9")).value is None
    assert gone.call_count == 1


@pytest.mark.parametrize("value", ["text", 7, {"status_type": "on_hold", "title": "t", "text": "x"}, {}])
def test_a_status_that_goals_do_not_have_is_not_sent(value: Json, fake: responses.RequestsMock) -> None:
    fake.get(f"{API}/status_updates", json=page([]))
    with pytest.raises(Rejected, match="a goal has no status"):
        push(connect(), write(Surface.UPDATE, "acme", value, "goal:9"))
