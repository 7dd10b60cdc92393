"""``check-config --online``: who we are, what we may do, what is missing for what is switched on, what is left."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from installation import Installation
from rich.console import RenderableType
from small_company import Company

from okrsync.cli.output import as_text
from okrsync.model import Account, Lack, Limit, Scope, SourcePolicy, Surface, WriteMode
from okrsync.reports.setup import Checked, Count, check_answer, draw_check
from okrsync.sandbox.github.repository import Repository

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
READING = Lack("SHOP: nothing can be read (403)")
LABELS = Lack("SHOP: without EDIT_ISSUES, nothing is marked", frozenset({Surface.LABEL, Surface.PROPERTY}))
COMMENTS = Lack("SHOP: without ADD_COMMENTS, nobody is told", frozenset({Surface.COMMENT}))
ACCOUNT = Account("okrsync", "Jira Cloud", "Europe/Paris", {"SHOP BROWSE_PROJECTS": True}, (READING, LABELS, COMMENTS))
METRIC = """
[[objectives.key_results]]
id = "KR-DEBT"
title = "Peu de dette"
kind = "metric"
target = 0
metric = { from = "count", source = "jira", jql = "labels = okr-none" }

[mapping]"""


def told(
    small: Company, account: Account, *, counts: tuple[Count, ...] = (), scopes: tuple[Scope, ...] = (), **policy: Any
) -> tuple[dict[str, Any], str]:
    """The account in the answer, and the text that people read."""
    config = small.config
    config = replace(config, writeback=replace(config.writeback, **policy))
    answer = check_answer(config, [Checked(config.sources[0], account, scopes, counts)], NOW)
    parts: list[RenderableType] = draw_check(answer)
    return answer["accounts"][0], as_text(parts)


@pytest.mark.parametrize(
    ("policy", "missed"),
    [
        ({}, [[], ["label", "property"], ["comment"]]),
        ({"surfaces": frozenset({Surface.PROPERTY, Surface.STATUS})}, [[], ["property"]]),
        ({"mode": WriteMode.OFF}, [[]]),
        ({"sources": {"jira": SourcePolicy(mode=WriteMode.OFF)}}, [[]]),
        ({"mode": WriteMode.PLAN}, [[], ["label", "property"], ["comment"]]),
    ],
)
def test_a_right_is_missed_for_reading_and_for_what_is_switched_on(
    small: Company, policy: dict[str, Any], missed: list[list[str]]
) -> None:
    account, shown = told(small, ACCOUNT, **policy)
    assert [one["surfaces"] for one in account["lacks"]] == missed
    assert shown.count("  ! ") == len(missed)
    assert "! SHOP: nothing can be read (403)\n" in shown
    assert ("nobody is told (comment)" in shown) == (["comment"] in missed)
    assert "✔ BROWSE_PROJECTS: SHOP" in shown


def test_what_is_left_of_the_limits_is_told(small: Company) -> None:
    limits = (Limit("core", 5000, 4200, NOW + timedelta(hours=1)), Limit("search", 30, 0))
    account, shown = told(small, replace(ACCOUNT, limits=limits))
    assert account["limits"] == [
        {"name": "core", "limit": 5000, "left": 4200, "resets_at": "2026-11-20T13:00:00Z"},
        {"name": "search", "limit": 30, "left": 0, "resets_at": None},
    ]
    assert "limits: core 4200 of 5000 left until 2026-11-20 13:00 UTC, search 0 of 30 left\n" in shown


@pytest.mark.parametrize(
    ("left", "days", "line"),
    [
        (timedelta(days=14), 14, "  the token expires on 2026-12-04, in 14 days"),
        (timedelta(days=13, hours=23), 13, "  ! the token expires on 2026-12-04, in 13 days"),
        (timedelta(days=1, hours=2), 1, "  ! the token expires on 2026-11-21, in one day"),
        (timedelta(hours=2), 0, "  ! the token expires on 2026-11-20, within a day"),
        (timedelta(days=-2), -2, "  ! the token ended on 2026-11-18, as the tool tells"),
    ],
)
def test_a_token_that_expires_is_told_and_warned_of_in_time(
    small: Company, left: timedelta, days: int, line: str
) -> None:
    account, shown = told(small, replace(ACCOUNT, expires_at=NOW + left))
    assert (account["expires_at"], account["expires_in_days"]) == (f"{NOW + left:%Y-%m-%dT%H:%M:%SZ}", days)
    assert f"\n{line}" in shown
    account, shown = told(small, ACCOUNT)
    assert (account["expires_at"], account["expires_in_days"]) == (None, None)
    assert "the token expires" not in shown


def test_a_scope_that_cannot_be_read_is_told_once(small: Company) -> None:
    scopes = (Scope("1", "SHOP", readable=False, why="403"), Scope("2", "PAY", readable=False, why="404: gone"))
    account, shown = told(small, ACCOUNT, scopes=scopes)
    assert account["unreadable"] == ["SHOP: 403", "PAY: 404: gone"]
    assert account["state"] == "unreachable"
    assert shown.count("403") == shown.count("404: gone") == 1
    scopes = (Scope("1", "SHOP", readable=False, why="no project could be found"),)
    account, shown = told(small, ACCOUNT, scopes=scopes)
    assert account["unreadable"] == ["SHOP: no project could be found"]
    assert shown.count("! SHOP: nothing can be read") == 1
    assert "no project could be found" not in shown, "the tool answers each question in other words"


def test_rights_and_numbers_read_like_words(small: Company) -> None:
    _, shown = told(small, replace(ACCOUNT, rights={"issues:read": True, "SHOP pull": False, "PAY pull": False}))
    assert "\n  ✔ issues:read\n" in shown, "a right that is of no project"
    assert "\n  ✖ pull: SHOP, PAY\n" in shown
    assert ", 1 source " in " ".join(shown.split()), "wherever the line was broken"


def test_what_a_query_finds_is_told_and_what_refuses_it(small: Company) -> None:
    counts = (
        Count("labels = debt", ("KR-A", "KR-B"), 42),
        Count("labels = x", ("KR-C",)),
        Count("labls = x", ("KR-D",), error="Field 'labls' does not exist"),
    )
    account, shown = told(small, ACCOUNT, counts=counts)
    assert [one["count"] for one in account["counts"]] == [42, None, None]
    assert "\n  KR-A, KR-B: 42 found (labels = debt)\n" in shown
    assert "\n  KR-C: not known at the moment (labels = x)\n" in shown
    assert "\n  ! KR-D: Field 'labls' does not exist (labls = x)\n" in shown


def test_the_tool_is_asked_by_each_query(acme: Installation) -> None:
    acme.edit("\n[mapping]", METRIC)
    (account,) = acme.json("check-config", "--online")["accounts"]
    (count,) = account["counts"]
    assert count == {"query": "labels = okr-none", "key_results": ["KR-DEBT"], "count": 0, "error": ""}
    acme.edit("labels = okr-none", "labls = okr-none")
    done = acme.run("check-config", "--online")
    assert done.code == 0, "what is refused fails nothing else"
    assert "! KR-DEBT: " in done.out
    assert "labls" in done.out


def test_a_field_and_a_link_type_that_a_site_does_not_have_are_told(acme: Installation) -> None:
    acme.edit("[[cycles]]", 'fields = { points = "customfield_99", flagged = "customfield_10021" }\n\n[[cycles]]')
    acme.edit("projects = [", 'blocks = "4711"\nprojects = [')
    (account,) = acme.json("check-config", "--online")["accounts"]
    assert account["lacks"] == [
        {"text": "fields.points: this site has no field customfield_99, or does not show it", "surfaces": []},
        {"text": "blocks: this site has no type of link 4711", "surfaces": []},
    ]
    acme.edit('blocks = "4711"', 'blocks = "10000"')
    acme.edit('points = "customfield_99", ', "")
    (account,) = acme.json("check-config", "--online")["accounts"]
    assert account["lacks"] == []


def test_a_right_that_is_denied_is_in_every_form(acme: Installation) -> None:
    site = next(iter(acme.sandbox.world.jira.sites.values()))
    site.account.denied = {"ADD_COMMENTS"}
    (account,) = acme.json("check-config", "--online")["accounts"]
    assert {tuple(one["surfaces"]) for one in account["lacks"]} == {("comment",)}
    assert [one["text"].partition(":")[0] for one in account["lacks"]] == ["SHOP", "PAY", "PLAT"]
    (row,) = csv.DictReader(io.StringIO(acme.ok("check-config", "--online", "--format", "csv")))
    assert row["lacks"].count("(comment)") == 3
    for form in ("md", "html"):
        assert "(comment)" in acme.ok("check-config", "--online", "--format", form)
    acme.edit("[writeback]", '[writeback]\nsurfaces = ["label"]')
    (account,) = acme.json("check-config", "--online")["accounts"]
    assert account["lacks"] == []


APP = """
[[sources]]
id = "github"
kind = "github"
url = "{url}/github"
auth = {{ app_id = "12345", installation_id = "7", private_key = {{ file = "app.pem" }} }}
repositories = ["acme/shop"]

[[cycles]]"""


def test_an_app_signs_in_and_its_key_is_told_to_nobody(acme: Installation) -> None:
    """The key is read from its file with all its lines, whoever asks, and no line of it leaves."""
    acme.sandbox.world.github.add(Repository("acme/shop"))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, plain).decode()
    (acme.folder / "app.pem").write_text(pem, encoding="utf-8")
    acme.edit("\n[[cycles]]", APP.format(url=acme.sandbox.url))
    _, account = acme.json("check-config", "--online")["accounts"]
    assert (account["state"], account["error"]) == ("ok", None)
    acme.ok("sync", "--source", "github")
    said = [acme.run("--verbose", *command) for command in (["check-config", "--online"], ["sync"], ["config", "show"])]
    first, *body, last = pem.splitlines()
    (acme.folder / "app.pem").write_text("\n".join([first, *reversed(body), last]), encoding="utf-8")
    said.append(acme.run("--verbose", "sync", "--source", "github"))
    assert said[-1].code == 77
    (acme.folder / "app.pem").write_text("a token", encoding="utf-8")
    said.append(acme.run("sync", "--source", "github"))
    assert (said[-1].code, "is no private key" in said[-1].err) == (78, True)
    for line in body:
        assert not any(line in one.out + one.err for one in said)
