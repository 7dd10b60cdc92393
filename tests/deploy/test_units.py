"""The units: clean and closed as systemd itself judges them, and what is written in them is so of okrsync."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from okrsync.errors import Busy, ConfigError, StoreError, UsageError
from okrsync.model import SecretRef
from okrsync.secrets import resolve

SERVICES = ["okrsync.service", "okrsync-backup.service"]
LOOSEST = 20  # tenths of systemd's measure of exposure, from 0 to 100


@pytest.fixture
def units(deploy: Path, tmp_path: Path) -> Path:
    """All units as installed, the program where it stands here."""
    for path in (deploy / "systemd").iterdir():
        text = path.read_text(encoding="utf-8").replace("/opt/okrsync/bin/okrsync", sys.executable)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return tmp_path


def settings(path: Path) -> dict[str, list[str]]:
    """Name → the values that it is given, in their order."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", path.read_text(encoding="utf-8"), re.M):
        found.setdefault(name, []).append(value)
    return found


def test_systemd_finds_no_fault(units: Path, tool: Callable[..., str]) -> None:
    said = tool("systemd-analyze", "verify", *sorted(units.glob("*.service")), *sorted(units.glob("*.timer")))
    assert str(units) not in said
    assert "okrsync" not in said


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_closed(name: str, units: Path, tool: Callable[..., str]) -> None:
    said = tool("systemd-analyze", "security", "--offline=true", f"--threshold={LOOSEST}", units / name)
    exposure = re.search(r"exposure level for \S+: ([\d.]+)", said)
    assert exposure is not None
    assert float(exposure[1]) * 10 <= LOOSEST


def test_what_a_restart_cannot_mend_is_not_started_again(deploy: Path) -> None:
    unit = settings(deploy / "systemd" / "okrsync.service")
    final = {int(code) for code in unit["RestartPreventExitStatus"][0].split()}
    assert unit["Restart"] == ["on-failure"]
    assert final == {UsageError.exit_code, ConfigError.exit_code}
    assert not final & {Busy.exit_code, StoreError.exit_code}, "somebody else is at work, or the database is away"


def test_a_file_of_the_credentials_folder_is_a_secret_by_the_documented_name(deploy: Path, tmp_path: Path) -> None:
    """systemd names what it finds in a folder by its id, an underscore and the name of the file."""
    unit = settings(deploy / "systemd" / "okrsync.service")
    [(name, folder)] = [one.split(":") for one in unit["LoadCredential"]]
    (tmp_path / f"{name}_jira").write_text("good\n")
    secret = resolve(SecretRef("credential", f"{name}_jira"), {"CREDENTIALS_DIRECTORY": str(tmp_path)}, tmp_path)
    assert secret.reveal() == "good"
    assert f'credential = "{name}_' in (deploy.parent / "docs" / "deploying.md").read_text(encoding="utf-8")
    assert f"LoadCredential={name}:{folder}" in (deploy / "systemd" / "okrsync").read_text(encoding="utf-8")


def test_service_backup_and_typed_commands_are_of_one_account_and_one_installation(deploy: Path) -> None:
    service, backup = (settings(deploy / "systemd" / name) for name in SERVICES)
    typed = (deploy / "systemd" / "okrsync").read_text(encoding="utf-8")
    for name in ("User", "Group", "UMask", "WorkingDirectory"):
        assert service[name] == backup[name]
    assert f"--uid={service['User'][0]} --gid={service['Group'][0]}" in typed
    command = service["ExecStart"][0].removesuffix(" run")
    assert f"{command} db backup --to" in backup["ExecStart"][0]
    assert f"{command} " in typed
    assert f"u {service['User'][0]} " in (deploy / "systemd" / "okrsync.sysusers").read_text(encoding="utf-8")


def test_what_closes_the_daemon_closes_the_backup_too(deploy: Path) -> None:
    daemon, backup = (settings(deploy / "systemd" / name) for name in SERVICES)
    closing = re.compile(
        r"Private|Protect|Restrict(?!Prevent)|SystemCall|NoNew|Lock|Memory|Capabilit|Ambient|Device|RemoveIPC|Proc"
    )
    for name in filter(closing.match, daemon):
        if name != "RestrictAddressFamilies":  # a backup needs no network
            assert backup[name] == daemon[name], name


def test_the_backup_of_a_day_of_the_week_is_made_as_the_unit_types_it(deploy: Path) -> None:
    command = settings(deploy / "systemd" / "okrsync-backup.service")["ExecStart"][0].replace("%%", "%")
    shell = shlex.split(command)
    assert shell[:2] == ["/bin/sh", "-c"]
    assert "$(date +%a).db" in shell[2]


def test_the_page_installs_every_unit_and_names_no_file_that_there_is_not(deploy: Path) -> None:
    page = (deploy.parent / "docs" / "deploying.md").read_text(encoding="utf-8")
    named = {path for one in re.findall(r"deploy/[\w./*-]*\w", page) for path in deploy.parent.glob(one)}
    assert set((deploy / "systemd").iterdir()) <= named
    assert not [one for one in re.findall(r"deploy/[\w./*-]*\w", page) if not list(deploy.parent.glob(one))]
    for unit in re.findall(r"\bokrsync-?\w*\.(?:service|timer)\b", page):
        assert (deploy / "systemd" / unit).is_file(), unit
