"""Secrets are found where the references say, and can be printed nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from okrsync.errors import ConfigError
from okrsync.model import SecretRef
from okrsync.secrets import pieces, private_key, resolve

CANARY = "C4NARY-s3cret"


def test_a_secret_is_found_in_each_place(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{CANARY}\r\n")
    environ = {"JIRA_TOKEN": f" {CANARY} ", "CREDENTIALS_DIRECTORY": str(tmp_path)}
    for ref in (
        SecretRef("env", "JIRA_TOKEN"),
        SecretRef("file", "token"),
        SecretRef("file", str(tmp_path / "token")),
        SecretRef("credential", "token"),
    ):
        secret = resolve(ref, environ, tmp_path)
        assert secret.reveal() == CANARY  # also in a file with a line end, and in a variable with a space before it
        assert CANARY not in f"{secret} {secret!r}"


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        (
            SecretRef("env", "ABSENT"),
            'token = { env = "ABSENT" }: the variable ABSENT is not set; type `export ABSENT=…`',
        ),
        (SecretRef("env", "BLANK"), 'token = { env = "BLANK" }: is empty'),
        (SecretRef("env", "LINES"), "holds more than one line"),
        (SecretRef("file", "absent"), "there is no file"),
        (SecretRef("file", "blank"), 'token = { file = "blank" }: is empty; write the token into it'),
        (SecretRef("file", "."), "cannot be read: Is a directory"),
        (SecretRef("file", "latin"), "is not text in UTF-8"),
        (SecretRef("file", "long"), "is too long"),
        (SecretRef("file", "a\0b"), "cannot be read"),
        (
            SecretRef("credential", "jira"),
            "CREDENTIALS_DIRECTORY is not set; start okrsync by systemd, with LoadCredential=jira:",
        ),
        (SecretRef("vault", "x"), "write env, file or credential"),
    ],
)
def test_a_secret_that_is_missing_or_unusable_says_what_to_do_and_never_itself(
    tmp_path: Path, ref: SecretRef, expected: str
) -> None:
    (tmp_path / "blank").write_text(" \n\n")
    (tmp_path / "latin").write_bytes(CANARY.encode() + b"\xe9")
    (tmp_path / "long").write_text(CANARY * 10_000)
    with pytest.raises(ConfigError) as caught:
        resolve(ref, {"BLANK": "", "LINES": f"{CANARY}\n{CANARY}"}, tmp_path)
    assert expected in str(caught.value)
    assert CANARY not in str(caught.value)
    assert caught.value.exit_code == 78


def test_a_missing_credential_names_its_unit(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"LoadCredential=jira"):
        resolve(SecretRef("credential", "jira"), {"CREDENTIALS_DIRECTORY": str(tmp_path)}, tmp_path)


PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{'C4NARY' * 10}\n{'Secret' * 10}\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize("written", [f"{PEM}\n", PEM.replace("\n", "\r\n"), PEM.replace("\n", "\\n")])
def test_a_private_key_is_found_whatever_its_line_ends(tmp_path: Path, written: str) -> None:
    (tmp_path / "app.pem").write_bytes(written.encode())
    for ref in (SecretRef("file", "app.pem"), SecretRef("env", "KEY"), SecretRef("credential", "app.pem")):
        key = private_key(ref, {"KEY": written, "CREDENTIALS_DIRECTORY": str(tmp_path)}, tmp_path)
        assert key.reveal() == PEM
        assert pieces(key) == ["C4NARY" * 10, "Secret" * 10]


@pytest.mark.parametrize("written", [CANARY, PEM.partition("-----END")[0], PEM.replace("\n", " "), PEM + CANARY])
def test_what_is_no_private_key_says_what_one_is_and_never_itself(tmp_path: Path, written: str) -> None:
    with pytest.raises(ConfigError) as caught:
        private_key(SecretRef("env", "KEY"), {"KEY": written}, tmp_path)
    assert str(caught.value).startswith('private_key = { env = "KEY" }: is no private key; give the whole .pem file')
    assert "C4NARY" not in str(caught.value)


@pytest.mark.parametrize(
    "written",
    [
        PEM.replace("RSA PRIVATE", "ENCRYPTED PRIVATE"),
        PEM.replace("KEY-----\nC4", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nC4"),
    ],
)
def test_a_private_key_with_a_passphrase_is_refused_as_one(tmp_path: Path, written: str) -> None:
    with pytest.raises(ConfigError, match="is locked by a passphrase") as caught:
        private_key(SecretRef("env", "KEY"), {"KEY": written}, tmp_path)
    assert "C4NARY" not in str(caught.value)


def test_a_missing_private_key_is_told_as_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"keep the private key in a file: private_key = \{ file = … \}"):
        private_key(SecretRef("env", "KEY"), {}, tmp_path)
