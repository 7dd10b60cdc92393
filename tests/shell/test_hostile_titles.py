"""What people may write in GitHub and Asana, and what they may name wrongly, as it is read in a terminal, a page, a
sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from installation import Installation

from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.github.repository import Repository

TITLES = (
    "<script>alert(1)</script>",
    "=1+1",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "@everyone ping @acme/team #1",
    "x" * 10_000,
    "a|b`c`*d*_e_[l](http://evil.test)",
    "\u202egnp.exe",
    "one\nline",
)
HARMFUL = set("\x1b\x07\u202e")
CONFIG = """
[[sources]]
id = "github"
kind = "github"
url = "{url}/github"
auth = {{ token = {{ file = "token" }} }}
repositories = ["acme/shop"]

[[sources]]
id = "asana"
kind = "asana"
url = "{url}/asana/api/1.0"
auth = {{ token = {{ file = "token" }} }}
workspace = "5000"
projects = ["51"]

[[objectives]]
id = "O-SHOP"
title = "A shop <b>that</b> people come back to"

[[objectives.key_results]]
id = "KR-UX"
title = "=Checkout <script>alert(2)</script> @everyone"
containers = ["asana:section:53", "asana:project:999", "github:milestone:acme/shop#9"]
write_to = ["github:acme/shop#1"]

[[objectives.key_results]]
id = "KR-OTHER"
title = "Other"
epics = ["github:acme/shop#2", "github:acme/shop#4711"]

[writeback]
mode = "apply"
"""


@pytest.fixture
def hostile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    """A repository and a project full of such titles, synced."""
    old = {"created_at": "2026-01-05T10:00:00Z", "updated_at": "2026-01-06T10:00:00Z"}
    numbered = list(enumerate(TITLES, start=1))
    repository = Repository(
        "acme/shop",
        issues=[{"number": number, "title": title, "body": title, **old} for number, title in numbered],
        pulls=[{"number": 100 + number, "title": title, "body": title, **old} for number, title in numbered],
        commits=[{"commit": {"message": title}} for title in TITLES],
    )
    workspace = Workspace(
        "5000",
        projects=[{"gid": "51", "name": "Shop <i>"}],
        sections=[{"gid": gid, "name": gid, "project": {"gid": "51"}} for gid in ("52", "53")],
        tasks=[
            {"gid": f"54{number}", "name": title, "notes": title, "created_at": "2026-01-05T10:00:00.000Z"}
            for number, title in numbered
        ]
        + [{"gid": "5500", "name": "In it", "memberships": [{"project": {"gid": "51"}, "section": {"gid": "53"}}]}],
    )
    with Sandbox(World(github=[repository], asana=[workspace])) as sandbox:
        (tmp_path / "token").write_text("good\n")
        (tmp_path / "okrsync.toml").write_text(CONFIG.format(url=sandbox.url), encoding="utf-8")
        found = Installation(tmp_path, sandbox, capsys, monkeypatch)
        found.ok("sync")
        yield found


@pytest.mark.parametrize(
    "listing",
    ["status", "orphans", "gaps", "backlog", "plan", *(f"trace acme/shop#{n}" for n in range(1, 9)), "trace 543"],
)
def test_no_title_does_anything_anywhere(hostile: Installation, listing: str) -> None:
    said = {form: hostile.ok(*listing.split(), "--format", form) for form in ("table", "json", "csv", "md", "html")}
    assert not [form for form, text in said.items() if HARMFUL & set(text)]
    assert "<script>alert" not in said["html"]
    assert "<script>alert" not in said["md"]
    assert "](http://evil.test)" not in said["md"].replace("\\]", "")
    cells = [cell for row in csv.reader(io.StringIO(said["csv"])) for cell in row]
    assert not [cell for cell in cells if cell[:1] in set("=@+")]
    assert max(map(len, said["table"].splitlines())) <= 120
    assert said["table"].count("x") < 2_000, "nobody reads a title of ten thousand letters"


def test_a_command_copied_from_a_comment_works(hostile: Installation) -> None:
    """GitHub shows ``acme/shop#1`` with an invisible character in it, so that it links nothing."""
    hostile.monkeypatch.setenv("OKRSYNC_WRITEBACK__SURFACES", '["comment"]')
    hostile.ok("apply", "--yes")
    (comment,) = hostile.sandbox.world.github.repositories["acme/shop"].find(1).comments
    assert "<script>" not in comment.body
    assert "@everyone" not in comment.body
    assert "acme/shop#1" in hostile.ok("trace", "acme/shop#\u200b1")


def test_what_a_key_result_names_and_is_not_there_is_a_gap(hostile: Installation) -> None:
    """An epic with a typo, a milestone and a project that nobody has; not what is there."""
    found = [gap for gap in hostile.json("gaps")["gaps"] if gap["kind"] == "nothing_there"]
    assert {gap["subject"] for gap in found} == {"KR-UX", "KR-OTHER"}
    said = "\n".join(f"{gap['evidence']} {gap['fix']}" for gap in found)
    for missing in ("github:acme/shop#4711", "asana:project:999", "github:milestone:acme/shop#9"):
        assert missing in said
    assert len(found) == 3
    hostile.sandbox.fault("truncated", path="/asana/.*", times=None)
    hostile.run("sync")
    left = [gap["evidence"] for gap in hostile.json("gaps")["gaps"] if gap["kind"] == "nothing_there"]
    assert not [one for one in left if "asana:" in one], "nobody knows while the source is not read"


def test_projects_are_told_by_name_too(hostile: Installation) -> None:
    groups = {group["name"]: group for group in hostile.json("orphans", "--group-by", "project")["groups"]}
    assert groups["asana:51"]["title"] == "Shop <i>"
    assert groups["github:acme/shop"]["title"] == "", "its key tells it"
    assert "asana:51  Shop <i>" in hostile.ok("orphans", "--group-by", "project")


def test_a_source_of_which_nothing_can_be_read_fails_the_check(hostile: Installation) -> None:
    hostile.edit('repositories = ["acme/shop"]', 'repositories = ["acme/none-*"]')
    checked = hostile.run("check-config", "--online")
    assert checked.code == 69
    assert checked.out.count("no repository that this token sees has such a name") == 1, "told once"
    assert "✔ tasks: 51" in checked.out
