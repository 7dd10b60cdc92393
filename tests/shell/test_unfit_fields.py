"""``check-config --online`` tells which field cannot be filled, and with what, before anything is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from installation import Installation

from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.jira import screens

OBJECTIVE, PROGRESS = "customfield_10100", "customfield_10101"
WRITEBACK = f"""mode = "plan"
surfaces = ["objective_field", "number"]

[writeback.jira]
objective_field = "{OBJECTIVE}"
progress_field = "{PROGRESS}"
"""
SELECT = {"id": OBJECTIVE, "name": "Objective", "type": "select"}
NUMBER = {"id": PROGRESS, "name": "OKR progress", "type": "number"}
ADVICE = 'adds the option "O-SHOP" to it (Settings, Fields, Contexts and default value, Edit options)'


@pytest.mark.parametrize("datacenter", [False, True], ids=["cloud", "datacenter"])
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{**SELECT, "options": ["o-shop · People come back"]}, NUMBER], []),
        (
            [{**SELECT, "options": ["O-SHOPPING"]}, NUMBER],
            [
                f"{key}: field Objective ({OBJECTIVE}) has no option for O-SHOP; a Jira admin {ADVICE}"
                for key in ("SHOP", "PAY")
            ],
        ),
        (
            [{**SELECT, "type": "number"}, {**NUMBER, "type": "text"}],
            [
                f"field OKR progress ({PROGRESS}) is not a number field; name another one as progress_field",
                f"field Objective ({OBJECTIVE}) is not a select list (single choice) or short text; name another one "
                "as objective_field",
            ],
        ),
    ],
)
def test_jira_fields_of_another_kind_and_missing_options(
    office: Any, datacenter: bool, rows: list[dict[str, Any]], expected: list[str]
) -> None:
    office.company.site.datacenter = datacenter
    for row in rows:
        screens.define(office.company.site, row)
    office.edit('mode = "apply"\n', WRITEBACK)
    (account,) = office.installed.json("check-config", "--online")["accounts"]
    assert [lack["text"] for lack in account["lacks"] if lack["surfaces"]] == expected
    office.edit('mode = "plan"\n', 'mode = "off"\n')
    (account,) = office.installed.json("check-config", "--online")["accounts"]
    assert [lack for lack in account["lacks"] if lack["surfaces"]] == [], "what is switched off is not missed"


ASANA = """
[okrsync]
database = "sqlite:///okrsync.db"

[[sources]]
id = "asana"
kind = "asana"
url = "{url}/asana/api/1.0"
auth = {{ token = {{ file = "token" }} }}
workspace = "5000"
projects = ["51"]

[[objectives]]
id = "O-SHOP"
title = "A shop that people come back to"

[[objectives.key_results]]
id = "KR-UX"
title = "The new checkout is live"

[writeback]
mode = "plan"

[writeback.asana]
objective_field = "{objective}"
progress_field = "{progress}"
"""


@pytest.mark.parametrize(
    ("objective", "progress", "expected"),
    [
        ({"type": "text"}, {"type": "number"}, []),
        (
            {"type": "enum", "options": ["O-OTHER"]},
            {"type": "text"},
            [
                "the field 'Progress' ({progress}) is no number: name a number field in progress_field",
                "the field 'Objective' ({objective}) has no option 'O-SHOP': add one in Asana that is called so, or "
                "“O-SHOP · …”",
            ],
        ),
        (
            {"type": "number"},
            {"type": "number"},
            [
                "the field 'Objective' ({objective}) is neither text nor single-select: name another one in "
                "objective_field"
            ],
        ),
    ],
)
def test_asana_fields_of_another_kind_and_missing_options(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    objective: dict[str, Any],
    progress: dict[str, Any],
    expected: list[str],
) -> None:
    workspace = Workspace("5000", projects=[{"gid": "51", "name": "Shop"}])
    workspace.edit("projects/51", {"fields": [{"name": "Objective", **objective}, {"name": "Progress", **progress}]})
    gids = dict(zip(("objective", "progress"), workspace.custom.fields, strict=True))
    with Sandbox(World(asana=[workspace])) as sandbox:
        (tmp_path / "token").write_text("good\n")
        (tmp_path / "okrsync.toml").write_text(ASANA.format(url=sandbox.url, **gids), encoding="utf-8")
        (account,) = Installation(tmp_path, sandbox, capsys, monkeypatch).json("check-config", "--online")["accounts"]
    told = [lack["text"] for lack in account["lacks"] if not {"number", "objective_field"}.isdisjoint(lack["surfaces"])]
    assert told == [line.format(**gids) for line in expected]
