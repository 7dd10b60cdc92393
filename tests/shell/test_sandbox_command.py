"""``okrsync sandbox`` as a person runs it, and a sync against it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from installation import Installation

from okrsync.sandbox import World
from okrsync.sandbox.bulk import many

PROGRAM = [sys.executable, "-c", "from okrsync.cli import main; main()"]


@pytest.mark.parametrize(
    ("jira", "search"), [("cloud", "/rest/api/3/search/jql"), ("datacenter", "/rest/api/2/search")]
)
def test_it_serves_a_folder_until_it_is_interrupted(jira: str, search: str, acme: Installation, tmp_path: Path) -> None:
    world = tmp_path / "world"
    many(120).save(world)
    command = [*PROGRAM, "sandbox", "--world", str(world), "--listen", "127.0.0.1:0", "--jira", jira]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        url = serving.stdout.readline().split()[-1]
        acme.edit(f"{acme.sandbox.url}/jira/lumen", f"{url}/jira/bulk")
        acme.edit('projects = ["SHOP", "PAY", "PLAT"]', 'projects = ["P0", "P1"]')
        assert acme.json("sync")["sources"][0]["pulled"] == 120
        asked = requests.get(f"{url}/_sandbox/requests", timeout=5).json()
        assert any(one["path"].endswith(search) for one in asked)
        serving.send_signal(signal.SIGINT)
        _, said = serving.communicate(timeout=10)
    assert serving.returncode == 0
    assert "Traceback" not in said
    assert World.load(world).jira.sites["bulk"].issues.keys() == many(120).jira.sites["bulk"].issues.keys()


def test_a_broken_world_names_file_and_line(acme: Installation, tmp_path: Path) -> None:
    site = tmp_path / "world" / "jira" / "x"
    site.mkdir(parents=True)
    (site / "issues.jsonl").write_text('{"id": "1"\n', encoding="utf-8")
    done = acme.run("sandbox", "--world", str(tmp_path / "world"))
    assert done.code == 2
    assert "issues.jsonl, line 1" in done.err
    assert acme.run("sandbox", "--world", str(tmp_path / "none")).code == 2
