"""Titles from elsewhere in the texts of okrsync in Asana, read back as people see them."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
import requests
from asana_site import SHOP, WORKSPACE, Site, push, stands, write
from hostile_titles import TITLES
from hypothesis import given
from hypothesis import strategies as st

from connectors.asana_text import from_asana, is_marked, marked_by, plain, signed, to_asana, unsigned
from okrsync.model import Json, Slot, Surface

ADDRESSES = (
    "https://app.asana.com/0/{goal}/list",
    "https://app.asana.com/0/{project}/{task}",
    "https://app.asana.com/0/{project}/{task}/f",
    "https://app.asana.com/0/0/{task}",
    "https://app.asana.com/1/1100/project/{project}/task/{task}",
    "https://app.asana.com/1/1100/profile/{user}",
    "HTTPS://APP.ASANA.COM/0/{user}/list",
    "http://app.asana.com/0/{user}",
    "app.asana.com/0/0/{task}",
    "www.asana.com/0/0/{task}",
    "asana.com/0/0/{task}",
    "(https://app.asana.com/0/0/{task})",
    '<a href="https://app.asana.com/0/0/{task}">here</a>',
    '<a data-asana-gid="{user}"/>',
    '<body><a data-asana-gid="{user}"/></body>',
    "<a data-asana-gid='{task}'>look</a>",
    "</body><a data-asana-gid='{task}'/><body>",
    "<![CDATA[<a data-asana-gid='{user}'/>]]>",
    "x" * 2_000,
    "- a bullet\\n- another",
)
"""What would do something in Asana alone: it names what there is."""


def named(asana_at: Site) -> dict[str, str]:
    """Gids that a title may name."""
    task = asana_at.task("Somebody's work", assignee="Ana")
    goal = asana_at.edit("goals", name="Keep them")["gid"]
    user = asana_at.workspace.named("user", "Ana")
    assert user is not None
    return {"task": task, "goal": goal, "project": SHOP, "user": user["gid"]}


def seen(asana_at: Site, path: str) -> Any:
    """What people see of an object."""
    answer = requests.get(f"{asana_at.sandbox.url}/_sandbox/asana/{WORKSPACE}/{path}", timeout=5)
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize("title", [*TITLES, *ADDRESSES])
def test_a_title_is_words_and_nothing_else(title: str, asana_at: Site) -> None:
    gids = named(asana_at)
    for name, gid in gids.items():
        title = title.replace(f"{{{name}}}", gid)
    asana_at.edit(f"projects/{SHOP}", fields=[{"name": "Objective", "type": "text"}])
    field = next(iter(asana_at.workspace.custom.fields))
    epic, goal = asana_at.task("Epic"), f"goal:{gids['goal']}"
    sink = asana_at.connect()
    text = f"KR-UX · {title}\n- on track ({title})"
    update: Json = {"status_type": "at_risk", "title": f"KR-UX · {title}", "text": f"{text}\nokrsync · acme · KR-UX"}
    for surface, name, value, remote_id in (
        (Surface.COMMENT, "acme", text, epic),
        (Surface.UPDATE, "acme", update, goal),
        (Surface.OBJECTIVE_FIELD, field, "O-1", epic),
        (Surface.OBJECTIVE_LABEL, "okr-objective:O-1", True, epic),
    ):
        for _ in range(2):
            push(sink, write(surface, name, value, remote_id))
        assert stands(asana_at.connect(), Slot("asana", remote_id, surface, name)) == value
    task, kept = seen(asana_at, f"tasks/{epic}"), seen(asana_at, f"goals/{gids['goal']}")
    (comment,), (posted,) = task["comments"], kept["updates"]
    for one in (comment, posted, posted["title"]):
        assert (one["links"], one["mentions"]) == ([], [])
    shown = "".join(one for one in title if unicodedata.category(one) != "Cf")
    assert shown in comment["text"]
    assert shown in posted["text"]
    assert shown in posted["title"]["text"]
    assert (task["fields"], task["tags"]) == ({"Objective": "O-1"}, ["okr-objective:O-1"])


def test_a_line_that_is_an_address_of_ours_is_a_link_and_nothing_else_is() -> None:
    page = "https://okr.acme.test/key-results/KR_A%23~b"
    text = f"- Done\n→ {page}\n→ {page} and more\n{page}"
    assert to_asana(text).count("://") == 1
    assert from_asana(to_asana(text)) == text


def test_the_eye_sees_what_a_plain_text_would_do(asana_at: Site) -> None:
    """The check above is one that can fail."""
    gids = named(asana_at)
    said = f"see https://app.asana.com/0/0/{gids['task']} and www.evil.test, ana@example.test"
    asana_at.edit(f"tasks/{gids['task']}", comment=said)
    (comment,) = seen(asana_at, f"tasks/{gids['task']}")["comments"]
    assert comment["mentions"] == [gids["task"]]
    assert len(comment["links"]) == 3


WORDS = st.lists(st.sampled_from([*"@:/.w \n", "\u2060", "asana", "www", "mailto", "com", "okrsync · acme", "é"])).map(
    "".join
)


@given(WORDS | st.text())
def test_what_is_written_is_read_back(text: str) -> None:
    assert from_asana(to_asana(text)) == text


@given(WORDS | st.text(), st.booleans())
def test_what_is_signed_is_marked_and_comes_back_without(text: str, marked: bool) -> None:
    said = f"{text}\nokrsync · acme · KR" if marked else text
    assert is_marked(to_asana(signed(said, "acme")), "acme")
    assert unsigned(from_asana(to_asana(signed(said, "acme"))), "acme") == said


@pytest.mark.parametrize(
    ("text", "instance"),
    [
        ("x\nokrsync · acme", "acme"),
        ("x\nokrsync\u00a0·\u00a0acme · KR-1, KR-2\n \n", "acme"),
        ("okrsync · acme\nx", ""),
        ("x okrsync · acme", ""),
        ("okrsync", ""),
        ("", ""),
    ],
)
def test_marks(text: str, instance: str) -> None:
    assert marked_by(text) == instance
    assert plain("a\u00a0b") == "a b"
