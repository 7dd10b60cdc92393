"""``make audit``: the real pip-audit, asking servers on this machine that play the two advisory services."""

from __future__ import annotations

import inspect
import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from mail_server import certificates
from pip_audit._service.pypi import PyPIService
from running import free_port

from benchmarks import audit

LOCK = """\
left==1.0 \\
    --hash=sha256:aaaa
    # via okrsync (pyproject.toml)
other-platform==2.0 ; sys_platform == 'win32' \\
    --hash=sha256:bbbb \\
    --hash=sha256:cccc
two.versions==3.0 ; python_full_version < '3.12' \\
    --hash=sha256:dddd
two.versions==4.0 ; python_full_version >= '3.12' \\
    --hash=sha256:eeee
"""
PINS = {("left", "1.0"), ("other-platform", "2.0"), ("two-versions", "3.0"), ("two-versions", "4.0")}


class Advisories:
    """What a service says of a package, by its name; nothing of the others. Remembers what it was asked."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}
        self.status = 200
        self.asked: set[tuple[str, str]] = set()
        self.tls: ssl.SSLContext | None = None

    def handler(self) -> type[BaseHTTPRequestHandler]:
        advisories = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                """OSV."""
                query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._say(query["package"]["name"], query["version"], {})

            def do_CONNECT(self) -> None:
                """As a proxy that is the very server behind it."""
                assert advisories.tls is not None
                self.send_response(200)
                self.end_headers()
                self.close_connection = False
                self.connection = advisories.tls.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)

            def do_GET(self) -> None:
                """PyPI."""
                _, _, name, version, _ = self.path.split("/")
                self._say(name, version, {"vulnerabilities": []})

            def finish(self) -> None:
                super().finish()
                self.connection.close()

            def _say(self, name: str, version: str, nothing: Any) -> None:
                advisories.asked.add((name, version))
                said = advisories.known.get(name, nothing)
                body = json.dumps(said).encode()
                self.send_response(404 if said is None else advisories.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


@contextmanager
def served(advisories: Advisories) -> Iterator[str]:
    """Its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), advisories.handler())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def service() -> Advisories:
    return Advisories()


@pytest.fixture
def osv(service: Advisories, tmp_path: Path) -> Iterator[list[str]]:
    """The options that ask it in the place of OSV."""
    with served(service) as url:
        yield ["--vulnerability-service", "osv", "--osv-url", url, "--cache-dir", str(tmp_path), "--timeout", "5"]


@pytest.fixture
def pypi(service: Advisories, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The options that ask it in the place of PyPI."""
    asks = re.search(r"https://([\w.]+)/", inspect.getsource(PyPIService))
    assert asks is not None
    authority, service.tls = certificates(tmp_path, asks[1])
    with served(service) as url:
        for name, value in {"HTTPS_PROXY": url, "REQUESTS_CA_BUNDLE": str(authority)}.items():
            monkeypatch.setenv(name, value)
        for name in ("NO_PROXY", "no_proxy", "https_proxy", "CURL_CA_BUNDLE"):
            monkeypatch.delenv(name, raising=False)
        yield ["--vulnerability-service", "pypi", "--cache-dir", str(tmp_path / "cache")]


def shown(options: list[str]) -> tuple[bool, str]:
    """Whether the audit of the lock is clean, and what a person reads."""
    pins = audit.pins(LOCK)
    verdict = audit.audit(pins, options)
    return verdict.good, audit.told("a.lock", len(pins), verdict)


def test_every_pin_is_asked_of_whatever_its_platform(service: Advisories, osv: list[str]) -> None:
    assert shown(osv) == (True, "a.lock: 4 pins, 4 audited, 0 known vulnerabilities")
    assert service.asked == PINS


def test_a_vulnerability_is_named_with_its_cure(service: Advisories, osv: list[str]) -> None:
    package = {"name": "left", "ecosystem": "PyPI"}
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2"}]}]
    service.known["left"] = {"vulns": [{"id": "GHSA-1", "affected": [{"package": package, "ranges": ranges}]}]}
    good, said = shown(osv)
    assert not good
    assert said.splitlines()[1:] == ["  vulnerable: left 1.0: GHSA-1, mended in 1.2"]


def test_a_package_that_the_service_does_not_know_is_a_failure(service: Advisories, pypi: list[str]) -> None:
    assert shown(pypi)[0]
    service.known["left"] = service.known["two-versions"] = None
    good, said = shown(pypi)
    assert not good
    why = "Dependency not found on PyPI and could not be audited"
    named = "left 1.0, two-versions 3.0, two-versions 4.0"
    assert said.splitlines() == ["a.lock: 4 pins, 1 audited, 0 known vulnerabilities", f"  not audited: {named}: {why}"]


@pytest.mark.parametrize("cause", ["Connection refused", "500 Server Error"])
def test_a_service_that_does_not_answer_is_named_and_so_is_what_was_not_audited(
    cause: str, service: Advisories, osv: list[str]
) -> None:
    if cause.startswith("500"):
        service.status = 500
    else:
        osv[3] = f"http://127.0.0.1:{free_port()}"
    good, said = shown(osv)
    assert not good
    assert "Traceback" not in said
    [line] = said.splitlines()[1:]
    assert line.startswith("  not audited: left 1.0, other-platform 2.0, two-versions 3.0, two-versions 4.0: 127.0.0.1")
    assert line.endswith(f"did not answer as it should ({cause})")


def answer(*found: tuple[str, str], code: int = 0) -> audit.Ended:
    dependencies = [{"name": name, "version": version, "vulns": []} for name, version in found]
    return audit.Ended(code, json.dumps({"dependencies": dependencies}), "a last word\n")


@pytest.mark.parametrize(
    ("ended", "audited", "why"),
    [
        (answer(("left", "1.0"), ("right", "2.0")), 2, None),
        (answer(("left", "1.0")), 1, "pip-audit says nothing of it"),
        (answer(("left", "1.0"), ("right", "2.1")), 1, "pip-audit says nothing of it"),
        (answer(("left", "1.0"), ("right", "2.0"), code=1), 0, "pip-audit ended with 1 (a last word)"),
        (audit.Ended(0, "", ""), 0, "pip-audit ended with 0 (without a word)"),
        (audit.Ended(0, "[]", ""), 0, "pip-audit ended with 0 (without a word)"),
    ],
)
def test_no_answer_is_taken_for_a_good_one(ended: audit.Ended, audited: int, why: str | None) -> None:
    left, right = audit.Pin("left", "1.0", ""), audit.Pin("right", "2.0", "")
    verdict = audit.judged([left, right], ended)
    assert verdict.audited == audited
    assert verdict.good == (why is None)
    assert {reason for _, reason in verdict.missing} == ({why} if why else set())


def test_every_lock_is_audited_and_the_command_ends_as_the_worst_of_them(
    service: Advisories, osv: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = {path.relative_to(audit.ROOT).as_posix() for path in audit.ROOT.glob("*.lock")}
    kept |= {path.relative_to(audit.ROOT).as_posix() for path in audit.ROOT.glob("[a-z]*/*.lock")}
    assert kept == set(audit.LOCKS)
    monkeypatch.setattr(audit, "LOCKS", ("deploy/build.lock",))
    assert audit.main(osv) == 0
    assert capsys.readouterr().out.startswith("deploy/build.lock: 6 pins, 6 audited, 0 known")
    service.status = 503
    assert audit.main(osv) == 1
    assert capsys.readouterr().out.endswith("this is no clean audit\n")
