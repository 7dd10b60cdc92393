"""The Containerfile copies all that there is to install, installs nothing that no lock names, and runs as nobody."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatch

import pytest

from benchmarks import audit
from benchmarks.audit import ROOT


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """The instructions, each on a line of its own."""
    text = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
    return re.sub(r" *\\\n *", " ", re.sub(r"^#.*\n", "", text, flags=re.M)).splitlines()


def copied(lines: list[str]) -> set[str]:
    """What is taken out of the checkout."""
    plain = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    return {path for paths in plain for path in paths}


def test_it_copies_every_package_and_what_the_wheel_is_made_of(lines: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    wanted = {*wheel["packages"], *wheel["force-include"], project["project"]["readme"]}
    assert wanted | {"LICENSE", "pyproject.toml", "requirements.lock", "deploy/build.lock"} == copied(lines)


def test_the_build_sees_what_it_copies_and_nothing_else(lines: list[str]) -> None:
    seen = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert seen[1] == "*"
    assert {line[1:] for line in seen if line.startswith("!")} == copied(lines)
    assert any(fnmatch("okrsync/store/__pycache__", line) for line in seen[2:])


def test_nothing_is_installed_that_no_lock_names(lines: list[str]) -> None:
    """The packages that build the wheel are those of the development lock."""
    installs = [step for line in lines for step in line.split("&&") if "pip install" in step]
    assert len(installs) == 3
    for step in installs:
        assert "--require-hashes" in step or "--no-index" in step
    built = audit.pins((ROOT / "deploy" / "build.lock").read_text(encoding="utf-8"))
    developed = audit.pins((ROOT / "requirements-dev.lock").read_text(encoding="utf-8"))
    assert {(pin.name, pin.version, *sorted(pin.hashes.split())) for pin in built} <= {
        (pin.name, pin.version, *sorted(pin.hashes.split())) for pin in developed
    }
    installed = {pin.name for pin in audit.pins((ROOT / "requirements.lock").read_text(encoding="utf-8"))}
    assert "psycopg-binary" in installed, "an installation can go on to PostgreSQL"


def test_it_runs_as_nobody_writes_to_one_folder_and_tells_its_health(lines: list[str]) -> None:
    last = lines[max(index for index, line in enumerate(lines) if line.startswith("FROM ")) :]
    settings = dict(line.split(" ", 1) for line in last if line)
    assert settings["USER"] == "65534:65534"
    assert settings["VOLUME"] == settings["WORKDIR"] == "/var/lib/okrsync"
    assert "sqlite:////var/lib/okrsync/" in settings["ENV"]
    assert "/healthz" in settings["HEALTHCHECK"]
    assert (settings["ENTRYPOINT"], settings["CMD"]) == ('["okrsync"]', '["run"]')
