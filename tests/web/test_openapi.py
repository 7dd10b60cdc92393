"""The OpenAPI document: valid, complete, and kept to by every answer, whatever is asked (schemathesis)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate
from web_server import Served, served

from okrsync.hooks.receiver import Receiver
from okrsync.model import Secret, SecretRef

TOKEN = "a-long-token-of-ours"
CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance"),
    *("response_schema_conformance", "unsupported_method", "negative_data_rejection"),
)
SOAK = [pytest.mark.soak, pytest.mark.timeout(3600)]


class Nobody:
    """Hears what was touched."""

    def touched(self, source: str, scopes: object, items: object = ()) -> None: ...


@pytest.fixture
def whole(site: Served) -> Iterator[Served]:
    """The server with webhooks, behind a token."""
    ref = SecretRef("env", "SECRET")
    hooked = replace(site.config, sources=tuple(replace(one, webhook_secret=ref) for one in site.config.sources))
    reveal = lambda *_: Secret("the-secret-of-the-webhooks")  # noqa: E731
    receiver = Receiver(site.store, lambda: hooked, reveal, Nobody(), lambda: site.now)
    with served(hooked, site.store, site.now, hooks=receiver) as found:
        found.beside.token = Secret(TOKEN)
        yield found


def document(site: Served) -> dict[str, Any]:
    found: dict[str, Any] = site.json("/api/v1/openapi.json", headers={"Authorization": f"Bearer {TOKEN}"})
    return found


def test_it_is_valid_and_holds_everything(whole: Served) -> None:
    told = document(whole)
    validate(told)
    posts = told["paths"].pop("/webhooks/{source}")
    assert posts.keys() == {"post"}
    assert {"202", "401", "404", "408", "413"} <= posts["post"]["responses"].keys()
    assert {path.removeprefix("/api/v1/") for path in told["paths"]} == {
        *("/healthz", "/readyz", "/metrics", "status", "orphans", "gaps", "backlog", "effort", "trace/{item}"),
        *("plan", "runs", "runs/{run}", "sources", "alerts", "version"),
    }
    for path, methods in told["paths"].items():
        assert methods.keys() == {"get"}, "read-only"
        operation = methods["get"]
        assert operation["description"], path
        if path.startswith("/api/"):
            assert operation["security"], path
            assert {"200", "401", "421", "422", "503"} <= operation["responses"].keys(), path
            schema = operation["responses"]["422"]["content"]["application/json"]["schema"]
            assert schema["$ref"].endswith("/Error"), path


def conforms(site: Served, folder: Path, *arguments: str) -> str:
    """What schemathesis says of requests of all sorts, fit and unfit ones, to every address."""
    (folder / "openapi.json").write_bytes(
        site.get("/api/v1/openapi.json", headers={"Authorization": f"Bearer {TOKEN}"}).content
    )
    command = [str(Path(sys.executable).with_name("st")), "--no-color", "run", "openapi.json", "--url", site.url]
    command += ["--checks", ",".join(CHECKS), "--generation-database", "none", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "16 selected / 16 total" in done.stdout
    return done.stdout


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(["--max-examples", "2", "--phases", "fuzzing", "--seed", "8"], id="few"),
        pytest.param(["--max-examples", "20", "--phases", "coverage", "--seed", "8"], id="edges", marks=SOAK),
        pytest.param(
            ["--max-examples", "1000", "--phases", "examples,coverage,fuzzing,stateful"], id="many", marks=SOAK
        ),
    ],
)
@pytest.mark.parametrize("token", [True, False])
def test_every_answer_keeps_to_it(whole: Served, tmp_path: Path, how: list[str], *, token: bool) -> None:
    """No fault of the server, and each answer of a documented status, kind and shape; with the token and without."""
    said = conforms(whole, tmp_path, *how, *(["-H", f"Authorization: Bearer {TOKEN}"] if token else []))
    assert "No issues found" in said or "passed" in said
