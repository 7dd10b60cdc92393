"""GitHub's own signer, ``@octokit/webhooks-methods``, over real payloads: all are taken, and no mutation of any."""

from __future__ import annotations

import base64
import json
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from inbox import SECRET, Inbox, inbox

PACKAGE = "@octokit/webhooks-methods@6.0.0"
PAYLOADS = 161
SCRIPT = """
import { sign, verify } from "@octokit/webhooks-methods";
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const { secret, body, signature } = JSON.parse(line);
  const text = Buffer.from(body, "base64").toString("utf8");
  const said = signature === undefined ? await sign(secret, text) : await verify(secret, text, signature);
  process.stdout.write(JSON.stringify(said) + "\\n");
}
"""

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Signs a body, or verifies a signature, in one node process for all."""
    if not (shutil.which("npm") and shutil.which("node")):
        pytest.skip("no node and npm here, which GitHub's signer needs")
    folder = tmp_path_factory.mktemp("signer")
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    (folder / "ask.mjs").write_text(SCRIPT)
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), PACKAGE]
    try:
        installed = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not install {PACKAGE} within a minute")
    if installed.returncode:
        pytest.skip(f"npm cannot install {PACKAGE}: {installed.stderr.strip().splitlines()[-1:]}")
    node = subprocess.Popen(
        ["node", str(folder / "ask.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder
    )
    assert node.stdin
    assert node.stdout
    pipes = node.stdin, node.stdout

    def ask(body: bytes, signature: str | None = None) -> Any:
        asked = {"secret": SECRET, "body": base64.b64encode(body).decode()}
        pipes[0].write(orjson.dumps(asked | ({} if signature is None else {"signature": signature})) + b"\n")
        pipes[0].flush()
        return orjson.loads(pipes[1].readline())

    yield ask
    for pipe in pipes:
        pipe.close()
    node.wait(10)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Inbox]:
    found = inbox(tmp_path)
    yield found
    found.store.close()


@pytest.fixture(scope="module")
def payloads(shared: Path) -> list[tuple[str, bytes]]:
    lines = (shared / "recorded/github/webhook_examples.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    assert len(found) == PAYLOADS
    return [(one["event"], orjson.dumps(one["payload"])) for one in found]


def headers(event: str, delivery: int, signature: str) -> dict[str, str]:
    return {"x-github-event": event, "x-github-delivery": str(delivery), "x-hub-signature-256": signature}


def test_what_github_signs_is_taken(signer: Ask, payloads: list[tuple[str, bytes]], box: Inbox) -> None:
    for number, (event, body) in enumerate(payloads):
        answer = box.receiver.receive("github", headers(event, number, signer(body)), body, {})
        assert answer.status == 202, (event, answer)
    assert box.receiver.counts() == {("github", "accepted"): PAYLOADS}
    pings = [event for event, _ in payloads].count("ping")
    assert len(box.touched_) == PAYLOADS - pings
    known = [scopes for _, scopes, _ in box.touched_ if scopes is not None]
    assert known
    assert all(scope.isdecimal() for scopes in known for scope in scopes)


def mutated(rng: random.Random, body: bytes, signature: str) -> tuple[bytes, str]:
    """Another body or another signature; never both as they were."""
    place = rng.randrange(len(body))
    digit = rng.randrange(7, len(signature))
    match rng.randrange(14):
        case 0:  # one bit
            return body[:place] + bytes([body[place] ^ 1 << rng.randrange(8)]) + body[place + 1 :], signature
        case 1:
            return body[:place], signature
        case 2:
            return body[:place] + body[place + 1 :], signature
        case 3:
            return body[:place] + bytes([rng.randrange(256)]) + body[place:], signature
        case 4:
            return body + rng.choice([b" ", b"\n", b"\0", b"{}"]), signature
        case 5:  # the same JSON, written otherwise
            return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2), signature
        case 6:
            changed = rng.choice([one for one in "0123456789abcdef" if one != signature[digit]])
            return body, signature[:digit] + changed + signature[digit + 1 :]
        case 7:
            return body, signature[:digit]
        case 8:
            return body, signature[:digit] + rng.choice("0123456789abcdef") + signature[digit:]
        case 9:
            return body, rng.choice(["sha1=", "sha512=", "", "sha256:", "SHA256=", "sha256=="]) + signature[7:]
        case 10:
            return body, "sha256=" + signature[7:].upper()
        case 11:
            return body, f"{signature}, {signature}"
        case 12:
            return body, f"sha256={rng.randbytes(32).hex()}"
        case _:
            return body, rng.choice([" ", "\t"]) + signature if rng.random() < 0.5 else signature + " "


def is_none_taken(count: int, signer: Ask, payloads: list[tuple[str, bytes]], box: Inbox, *, asked: int) -> None:
    rng = random.Random(count)
    signed = [(event, body, signer(body)) for event, body in payloads]
    box.receiver.receive("github", headers(signed[0][0], 0, signed[0][2]), signed[0][1], {})
    box.touched_.clear()
    for number in range(count):
        event, body, signature = rng.choice(signed)
        other, said = mutated(rng, body, signature)
        if (other, said) == (body, signature):  # the same JSON is written the same, capitals of digits are digits
            continue
        answer = box.receiver.receive("github", headers(event, number, said), other, {})
        assert answer.status == 401, (event, number, said, len(other))
        if number < asked and other.isascii():  # their own verifier says the same
            assert signer(other, said) is False
    assert box.touched_ == []


def test_of_a_thousand_mutations_none_is_taken(signer: Ask, payloads: list[tuple[str, bytes]], box: Inbox) -> None:
    is_none_taken(1_000, signer, payloads, box, asked=200)


@pytest.mark.soak
def test_of_ten_thousand_mutations_none_is_taken(signer: Ask, payloads: list[tuple[str, bytes]], box: Inbox) -> None:
    is_none_taken(10_000, signer, payloads, box, asked=2_000)
