"""P37: a token is in nothing that leaves or stays, whatever goes wrong and however much is logged."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from installation import Done, Installation

import connectors.transport
from okrsync.sandbox.faults import KINDS

TOKEN = "C4n4ry/t0k+en=9%ATATT" + "3xFfGf0=" * 20  # as long as Atlassian's, which a cut may halve
EMAIL = "okrsync@lumen.test"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


PLAIN = (TOKEN, _base64(TOKEN), _base64(f"{EMAIL}:{TOKEN}"))
FORMS = (*PLAIN, *(quote(form, safe="") for form in PLAIN))
ECHO = json.dumps(
    {"errorMessages": [f"{'x' * 30} {form} {'y' * 300}" for form in FORMS[:3]], "errors": {"token": " ".join(FORMS)}}
)
SPLIT = [form[start : start + 20] for form in FORMS for start in range(0, len(form) - 20, 10)]


@pytest.fixture
def canary(acme: Installation, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """The company behind a token that would be recognised anywhere, with short deadlines and few tries."""
    monkeypatch.setattr(connectors.transport, "TRIES", 2)
    (acme.folder / "token").write_text(f"{TOKEN}\n")
    acme.edit('kind = "jira"', 'kind = "jira"\ntimeout = "1s"')
    assert EMAIL in acme.config.read_text(encoding="utf-8")
    return acme


def clean(where: str, text: str) -> None:
    """Nothing of the token, not even a piece of it in one of its forms, is in the text."""
    found = [piece for piece in SPLIT if piece in text]
    assert not found, f"{where} holds {found[0]!r} of the token"


def clean_output(what: str, done: Done) -> None:
    clean(f"stdout of {what}", done.out)
    clean(f"stderr of {what}", done.err)


def clean_folder(installation: Installation) -> None:
    """No file holds the token but the one in which it is kept; that includes the database with its -wal."""
    files = [path for path in installation.folder.rglob("*") if path.is_file() and path.name != "token"]
    assert any(path.suffix == ".db" for path in files)
    for path in files:
        clean(path.name, path.read_bytes().decode("latin-1"))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_fault_brings_the_token_out(canary: Installation, kind: str) -> None:
    canary.ok("sync")
    how = {"status": 302, "location": f"https://me:{quote(TOKEN, safe='')}@evil.test/{TOKEN}?token={TOKEN}"}
    lasts = 1 if kind.startswith("jira_") else 3  # a limit that is waited for, or longer than the deadline
    for path in (".*/search/jql", ".*/myself", ".*/project/search"):
        canary.sandbox.fault(kind, path=path, times=None, seconds=lasts, rows=40, body=ECHO, megabytes=70, **how)
    for command in (("sync", "--full"), ("check-config", "--online")):
        done = canary.run("--verbose", *command)
        clean_output(f"{command} under {kind}", done)
    clean_folder(canary)


@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 503])
def test_no_answer_that_repeats_the_token_brings_it_out(canary: Installation, status: int) -> None:
    canary.ok("sync")
    headers = {"WWW-Authenticate": f'Basic realm="{TOKEN}"', "Retry-After": "0", "X-Seraph-LoginReason": TOKEN}
    canary.sandbox.fault("answer", status=status, headers=headers, body=ECHO, times=None)
    for command in (("sync", "--full"), ("check-config", "--online"), ("check-config", "--online", "--format", "json")):
        done = canary.run("--verbose", *command)
        assert done.code != 0
        clean_output(f"{command} under {status}", done)
    canary.sandbox.faults.clear()
    for command in (("runs",), ("runs", "--format", "json"), ("status",), ("config", "show")):
        clean_output(str(command), canary.run(*command))
    clean_folder(canary)


def test_a_full_run_at_debug_says_much_and_no_secret(canary: Installation) -> None:
    canary.edit('mode = "plan"', 'mode = "apply"')
    said = ""
    for command in (
        ("check-config", "--online"),
        ("config", "show"),
        ("sync",),
        ("plan",),
        ("apply", "--yes"),
        ("plan",),
    ):
        done = canary.run("--verbose", *command)
        assert done.code == 0, done.err
        clean_output(str(command), done)
        said += done.out + done.err
    assert "/rest/api/3/search/jql" in said, "the libraries were not logged at DEBUG"
    assert "token" in said, "config show names the place of the token"
    clean_folder(canary)


def test_an_unknown_outcome_of_a_write_is_told_without_the_token(canary: Installation) -> None:
    canary.ok("sync")
    canary.sandbox.fault("answer", method="PUT|POST", path=".*/issue/.*", status=500, body=ECHO, times=None, after=True)
    done = canary.run("--verbose", "apply", "--yes")
    clean_output("apply", done)
    clean_output("runs", canary.run("runs", "--format", "json"))
    clean_folder(canary)
