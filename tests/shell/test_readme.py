"""The README is true: its configuration validates, and every command in it runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import golden
from installation import Installation

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SET_UP = ("make ", "python3 -m venv ", "okrsync-env/bin/pip ")  # .ci/run and the tests of the wheel run these


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, re.M | re.S)


def commands() -> list[str]:
    typed = [line[2:] for block in blocks("console") for line in block.splitlines() if line.startswith("$ ")]
    return [command for command in typed if not command.startswith(SET_UP)]


def test_the_ten_lines_are_ten_and_every_command_runs_on_them(acme: Installation) -> None:
    (text,) = blocks("toml")
    assert len(text.splitlines()) == 10
    config = text.replace("https://acme.atlassian.net", f"{acme.sandbox.url}/jira/lumen")
    acme.config.write_text(config, encoding="utf-8")
    acme.monkeypatch.setenv("JIRA_TOKEN", "good")
    assert len(commands()) >= 6
    for command in commands():
        program, *arguments = shlex.split(command)
        assert program == "okrsync", command
        acme.ok(*arguments)
    assert acme.json("trace", "SHOP-1")["links"][0]["rule"] == "container"
    for promised in ("okrsync init", "okrsync apply --yes", "okrsync undo RUN"):
        assert promised in README


def test_its_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for link in re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_make_targets_that_it_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake ([a-z]+)", README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))
    assert {"demo", "test"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_its_picture_is_what_comes_out() -> None:
    printed = set((golden.FOLDER / "demo_en.txt").read_text(encoding="utf-8").splitlines())
    (picture,) = blocks("text")
    assert [line for line in picture.splitlines() if line != "…" and line not in printed] == []
