"""The daemon as the unit and the container start it: as nobody, on a root that is read-only but for one folder."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from lumen import company, company_config
from running import GRACE, free_port, until

from okrsync.sandbox import Sandbox

NOBODY = "65534"
FOUND = shutil.which("bwrap")


class Service:
    """It runs, and its manager listens."""

    def __init__(self, folder: Path) -> None:
        self.state, self.told = folder / "state", list[str]()
        self.url = f"http://127.0.0.1:{free_port()}"
        self._heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._heard.bind(str(self.state / "notify"))
        self._heard.setblocking(False)
        inside = [FOUND or "", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/dev/shm"]
        inside += ["--bind", str(self.state), str(self.state), "--chdir", str(self.state)]
        inside += ["--unshare-user", "--uid", NOBODY, "--gid", NOBODY, "--cap-drop", "ALL", "--die-with-parent"]
        command = [
            sys.executable,
            "-c",
            "from okrsync.cli import main; main()",
            "--config",
            str(folder / "okrsync.toml"),
        ]
        environ = {
            "PATH": os.environ["PATH"],
            "NOTIFY_SOCKET": str(self.state / "notify"),
            "CREDENTIALS_DIRECTORY": str(folder / "credentials"),
            "OKRSYNC_SERVER__LISTEN": self.url.removeprefix("http://"),
        }
        self.log = (folder / "log").open("wb+")
        self.process = subprocess.Popen([*inside, *command, "run"], env=environ, stderr=self.log)

    def hears(self, word: str) -> bool:
        """Whether its manager was told so by now."""
        try:
            while True:
                self.told += self._heard.recv(4096).decode().splitlines()
        except BlockingIOError:
            return word in self.told

    def metrics(self) -> set[str]:
        page = requests.get(f"{self.url}/metrics", timeout=5).text
        return set(re.findall(r"^# TYPE (\w+)", page, re.M))

    def send(self, number: int) -> None:
        """To the daemon itself: what confines it stands between, and hands nothing on."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        os.kill(int(children[0]), number)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._heard.close()
        self.log.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder on a disk: who is confined has a /dev of its own, and nothing of what others keep in memory there."""
    with tempfile.TemporaryDirectory(prefix="okrsync-confined-", dir="/var/tmp") as name:
        yield Path(name)


@pytest.fixture
def service(folder: Path) -> Iterator[Service]:
    if FOUND is None:
        pytest.skip("no bwrap on this machine: .ci/run installs it")
    tried = subprocess.run(
        [FOUND, "--ro-bind", "/", "/", "--unshare-user", "true"], stderr=subprocess.PIPE, check=False
    )
    if tried.returncode:
        pytest.skip(f"this machine lets nobody be confined: {tried.stderr.decode().strip()}")
    (folder / "state").mkdir()
    (folder / "credentials").mkdir()
    (folder / "credentials" / "okrsync_jira").write_text("good\n")
    with Sandbox(company(datetime.now(UTC))) as sandbox:
        config = company_config(sandbox.url, f"sqlite:///{folder}/state/okrsync.db")
        config = config.replace('{ file = "token" }', '{ credential = "okrsync_jira" }')
        (folder / "okrsync.toml").write_text(config, encoding="utf-8")
        running = Service(folder)
        yield running
        running.close()


def test_it_works_confined_and_its_manager_hears_of_it(service: Service, deploy: Path) -> None:
    until(lambda: service.hears("READY=1"))
    until(lambda: '"synced"' in Path(service.log.name).read_text())
    assert requests.get(f"{service.url}/readyz", timeout=5).json()["ready"] is True
    named = set(re.findall(r"\bokrsync_\w+", (deploy / "prometheus" / "alerts.yml").read_text(encoding="utf-8")))
    until(lambda: named <= service.metrics())  # some are measured beside the scrape that asks first
    service.told.clear()
    service.send(signal.SIGHUP)
    until(lambda: service.hears("RELOADING=1"))
    until(lambda: service.hears("READY=1"))
    assert any(line.startswith("MONOTONIC_USEC=") for line in service.told)
    service.send(signal.SIGTERM)
    assert service.process.wait(GRACE) == 0
    assert service.hears("STOPPING=1")
    assert {path.name for path in service.state.iterdir()} >= {"okrsync.db", "notify"}
