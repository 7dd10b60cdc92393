"""P37, of the daemon: no secret of any kind is in what it logs, stores, answers or sends, whatever goes wrong.

Tools, webhooks, alerts, the report, mail, the API and the database each have a secret of their own; who is asked tells
all of them back wherever it can.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import requests
from chat_server import Channel, channel
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from installation import Installation
from postgresql_server import Server
from running import Running, free_port, until
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url
from told import empty

from okrsync import logs
from okrsync.sandbox import Sandbox
from okrsync.sandbox import company as demo
from okrsync.sandbox.github.apps import Installation as Installed

EMAIL = "okrsync@ormeraie.test"
ODD = "/t0k+en=9%~"  # what a form of it changes
SIZE, STEP = 16, 8  # characters of a piece that is looked for, and between the beginnings of two
API = (
    *("status", "orphans", "gaps", "backlog", "effort", "plan", "runs", "runs/1", "sources", "alerts?all=true"),
    *(
        "version",
        "openapi.json",
        "trace/BOUT-1219",
        "trace/{}",
        "status?objective={}",
        "gaps?team={}",
        "orphans?since={}",
    ),
)


class Canaries:
    """Every secret that there is, by what it is for, and a search for a piece of any in any of its forms."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def new(self, what: str) -> str:
        said = base64.b32encode(os.urandom(30)).decode().lower()
        return self.add(what, f"C4n{said[:24]}{ODD}{said[24:]}")

    def add(self, what: str, secret: str) -> str:
        self.known[what] = secret
        return secret

    def forms(self, secret: str) -> Iterator[str]:
        """As text, in an address, in JSON, and as libraries put it into headers; what they begin with is no secret."""
        basic = base64.b64encode(f"{EMAIL}:{secret}".encode()).decode()[4 * (len(EMAIL) // 3 + 1) :]
        encoded = (
            base64.b64encode(secret.encode()).decode(),
            base64.urlsafe_b64encode(secret.encode()).decode(),
            basic,
        )
        yield from (secret, *encoded)
        yield from (quote(one, safe="") for one in (secret, *encoded))
        yield from (quote(secret), quote_plus(secret), json.dumps(secret)[1:-1])

    def echo(self, *told: str) -> str:
        """What somebody would say who tells back all that he was ever told: these secrets."""
        return json.dumps({"errorMessages": [form for one in told for form in self.whole(self.known[one])]})

    def whole(self, secret: str) -> Iterator[str]:
        """Each form as somebody would tell it back: none begins or ends within a secret."""
        signed_in = base64.b64encode(f"{EMAIL}:{secret}".encode()).decode()
        yield from (
            form for form in self.forms(secret) if form not in signed_in and form not in quote(signed_in, safe="")
        )
        yield from (signed_in, quote(signed_in, safe=""))

    def clean(self, where: str, said: str) -> None:
        for what, secret in self.known.items():
            for form in self.forms(secret):
                pieces = (form[at : at + SIZE] for at in range(0, max(1, len(form) - SIZE + 1), STEP))
                found = next((piece for piece in pieces if piece in said), None)
                assert found is None, f"{where}: {what}: …{said[max(0, said.find(found or '') - 200) :][:400]}"


@pytest.fixture
def canaries() -> Canaries:
    return Canaries()


@pytest.fixture
def chat(canaries: Canaries) -> Iterator[Channel]:
    """Where alerts and reports are posted: it takes nothing, and tells back where it was asked."""
    with channel(status=500) as heard:
        yield heard


@pytest.fixture
def installed(
    tmp_path: Path,
    chat: Channel,
    canaries: Canaries,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Installation]:
    """The company of the demo, with every secret that a configuration can name."""
    for name in [name for name in os.environ if name.startswith("OKRSYNC_")]:
        monkeypatch.delenv(name)
    now = datetime.now(UTC)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    place = tmp_path / "secrets"
    place.mkdir()

    def keep(name: str, secret: str) -> None:
        (place / name).write_text(f"{secret}\n", encoding="utf-8")

    keep("app.pem", private)
    for line in private.splitlines()[1:-1]:
        canaries.add(f"private key {len(canaries.known)}", line)
    for name in ("jira", "asana", "hooks", "server", "post"):
        keep(name, canaries.new(name))
    address = chat.url.partition("/services/")[0]
    chatting = f"{address}/services/{quote(canaries.new('chat'), safe='')}"
    keep("alerts", chatting)
    keep("report", chatting)
    with Sandbox(demo.company(now)) as sandbox:
        hub = Installed("7", owner="ormeraie")
        sandbox.world.github.apps.register("42", public_key=public.decode(), installations=[hub])
        (tmp_path / "okrsync.toml").write_text(demo.company_config(sandbox.url, "sqlite:///okrsync.db", now))
        (tmp_path / "okrsync.db").write_bytes(empty())
        found = Installation(tmp_path, sandbox, capsys, monkeypatch)
        listen = f"127.0.0.1:{free_port()}"
        hooks = 'webhook_secret = { file = "secrets/hooks" }\ntimeout = "2s"\nevery = "2s"\n'
        app = 'app_id = "42", installation_id = "7", private_key = { file = "secrets/app.pem" }'
        found.edit('kind = "jira"\n', f'kind = "jira"\n{hooks}')
        found.edit('kind = "github"\n', f'kind = "github"\n{hooks}')
        found.edit('kind = "asana"\n', f'kind = "asana"\n{hooks}')
        found.edit('token = { file = "token" }', 'token = { file = "secrets/jira" }')
        found.edit('token = { file = "token" }', app)
        found.edit('token = { file = "token" }', 'token = { file = "secrets/asana" }')
        found.edit(
            "[[cycles]]",
            f'[server]\nlisten = "{listen}"\nurl = "http://{listen}"\ntoken = {{ file = "secrets/server" }}\n\n'
            '[alerts]\nurl = { file = "secrets/alerts" }\nafter = "1s"\n\n'
            '[reports]\nto = ["ada@ormeraie.test"]\nwebhook = { file = "secrets/report" }\ncron = "* * * * *"\n\n'
            '[reports.smtp]\nhost = "127.0.0.1"\nport = POST\nsecurity = "none"\nfrom = "okrsync@ormeraie.test"\n'
            'user = "okrsync"\npassword = { file = "secrets/post" }\n\n[[cycles]]',
        )
        yield found


@contextmanager
def grumpy_post(said: str) -> Iterator[int]:
    """The port of a mail server that takes no password, and tells it back."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection, connection.makefile("rwb") as line:
                    line.write(b"220 grumpy\r\n")
                    line.flush()
                    while asked := line.readline():
                        hello = asked[:4].upper() == b"EHLO"
                        line.write(b"250-grumpy\r\n250 AUTH PLAIN LOGIN\r\n" if hello else f"535 {said}\r\n".encode())
                        line.flush()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def files(folder: Path) -> Iterator[Path]:
    """Everything that was written, but the secrets themselves."""
    yield from (path for path in folder.rglob("*") if path.is_file() and path.parent.name != "secrets")


def typed(installed: Installation, canaries: Canaries, *command: str) -> str:
    """What a command says as the first of its process: nothing was hidden by an earlier one."""
    installed.monkeypatch.setattr(logs, "_secrets", ())
    done = installed.run("--verbose", *command)
    canaries.clean(f"stdout of {command}", done.out)
    canaries.clean(f"stderr of {command}", done.err)
    return done.out + done.err


@pytest.mark.soak  # the faults of all tools at DEBUG are searched in test_no_secrets.py in every run
def test_a_daemon_in_trouble_says_much_and_no_secret(
    installed: Installation, canaries: Canaries, chat: Channel
) -> None:
    secret = canaries.known["server"]
    with grumpy_post(" ".join(canaries.whole(canaries.known["post"]))) as port:
        installed.edit("port = POST", f"port = {port}")
        chat.body = canaries.echo("chat").encode()
        site = (
            installed.config.read_text(encoding="utf-8")
            .partition("[server]")[2]
            .partition('url = "')[2]
            .partition('"')[0]
        )
        with daemon(installed, site) as running:
            until(lambda: running.events("linked"), 60)
            assert "créé" in typed(installed, canaries, "hooks", "create")
            for hook in installed.sandbox.world.asana.workspaces["1207000000000001"].hooks.values():
                canaries.add("secret of a hook of Asana", hook.secret)
            typed(installed, canaries, "hooks", "list", "--format", "json")
            asked(site, canaries, secret)
            deliveries(site, canaries)
            for tool in ("jira", "asana"):
                installed.sandbox.fault("answer", path=f"/{tool}/.*", status=500, body=canaries.echo(tool), times=3)
            until(lambda: chat.posts, 40)
            for status in (400, 401, 403, 429, 302, 200):
                leads = {"Location": f"https://me:{quote(secret, safe='')}@evil.test/{quote(secret, safe='')}"}
                headers = {"WWW-Authenticate": f"Bearer {secret}", "Retry-After": "0", **leads}
                for tool in ("jira", "asana"):
                    how = {"status": status, "headers": headers, "body": canaries.echo(tool), "times": 2}
                    installed.sandbox.fault("answer", path=f"/{tool}/.*", **how)
            installed.sandbox.fault("reset", times=2)
            until(lambda: {one["source"] for one in running.events("not synced")} >= {"jira", "asana"}, 40)
            asked(site, canaries, secret)
            good = installed.config.read_text(encoding="utf-8")
            inline = f'\n[[sources]]\nid = "x"\nkind = "jira"\nauth = {{ token = "{secret}" }}\n'
            installed.config.write_text(good + inline, encoding="utf-8")
            running.send(signal.SIGHUP)
            until(lambda: running.events("not reloaded; the old configuration stays"))
            typed(installed, canaries, "check-config")
            installed.config.write_text(good, encoding="utf-8")
            running.send(signal.SIGHUP)
            until(lambda: running.events("reloaded"), 40)
            installed.sandbox.faults.clear()
            running.send(signal.SIGUSR1)
            until(lambda: running.events("state"))
            asked(site, canaries, secret)
            said = "".join(
                typed(installed, canaries, *command)
                for command in (
                    ("config", "show"),
                    ("config", "show", "--format", "json"),
                    ("check-config", "--online"),
                    ("alerts", "--all"),
                    ("report", "--send"),
                    ("runs",),
                    ("hooks", "delete"),
                    ("db", "backup", "--to", str(installed.folder / "copy.db")),
                )
            )
            assert running.end()[0] == 0
        log = running.log.read_text(encoding="utf-8")
    assert "/rest/api/3/search/jql" in log, "the libraries were not logged at DEBUG"
    assert "secrets/server" in said, "config show names the place of a secret"
    assert running.events("webhook refused")
    assert len(chat.posts) > 1
    for path in files(installed.folder):
        canaries.clean(path.name, path.read_bytes().decode("latin-1"))


@contextmanager
def daemon(installed: Installation, site: str) -> Iterator[Running]:
    """``okrsync --verbose run``, and nothing on its standard output."""
    environ = {"OKRSYNC_SERVER__LISTEN": site.removeprefix("http://")}
    running = Running(installed, environ, options=("--verbose",))
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
        running.process.wait()


def asked(site: str, canaries: Canaries, token: str) -> None:
    """Every address, with the right token and with wrong ones, about every secret."""
    wrong = canaries.known["jira"]
    for given in (token, token[:-1], wrong, ""):
        headers = {"Authorization": f"Bearer {given}"} if given else {}
        for path in ("/metrics", "/healthz", "/readyz", *(f"/api/v1/{one}" for one in API)):
            answer = requests.get(site + path.format("nobody"), headers=headers, timeout=20)
            told = json.dumps(dict(answer.headers)) + answer.text
            canaries.clean(f"{path} with {'the' if given == token else 'another'} token", told)
            assert (answer.status_code == 401) == (given != token and path not in ("/healthz", "/readyz")), path


def deliveries(site: str, canaries: Canaries) -> None:
    """Webhooks that are refused, whatever they bring along."""
    bodies = (canaries.echo(*canaries.known).encode(), b"{}", b"\xff")
    heads: tuple[Callable[[str], dict[str, str]], ...] = (
        lambda one: {},
        lambda one: {"X-Hub-Signature-256": "sha256=" + quote(one, safe="")},
        lambda one: {"X-Hub-Signature": quote(one, safe=""), "X-GitHub-Delivery": quote(one, safe="")},
        lambda one: {"X-Hook-Secret": quote(one, safe="")},
        lambda one: {"X-Hook-Signature": quote(one, safe="")},
    )
    for source in ("jira", "github", "asana", "nobody"):
        for body in bodies:
            for head in heads:
                named = head(canaries.known["hooks"])
                answer = requests.post(f"{site}/webhooks/{source}?hook=x", data=body, headers=named, timeout=20)
                assert answer.status_code in (401, 404)
                canaries.clean("the answer to a webhook", json.dumps(dict(answer.headers)) + answer.text)


# ── the password of the database ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "where",
    [
        "postgresql+psycopg://okr:{}@127.0.0.1:1/okrsync",
        "postgresql+psycopg://127.0.0.1:1/okrsync?user=okr&password={}",
    ],
)
def test_the_password_of_a_database_that_is_away(acme: Installation, canaries: Canaries, where: str) -> None:
    address = where.format(quote(canaries.new("database"), safe=""))
    acme.monkeypatch.setenv("OKRSYNC_DATABASE", address)
    for command in (("status",), ("sync",), ("config", "show"), ("check-config",), ("db", "check"), ("db", "upgrade")):
        typed(acme, canaries, *command)
    command = [sys.executable, "-c", "from okrsync.cli import main; main()", "--config", str(acme.config)]
    done = subprocess.run([*command, "--verbose", "run"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 74
    canaries.clean("okrsync run", done.stdout + done.stderr)
    acme.monkeypatch.delenv("OKRSYNC_DATABASE")
    acme.ok("sync")
    typed(acme, canaries, "db", "copy", "--to", address)


def test_the_password_of_a_database_that_is_there(acme: Installation, canaries: Canaries, postgresql: Server) -> None:
    """The server of the tests asks for none, so any is right; what goes wrong in it names none."""
    whole = make_url(postgresql.empty())
    address = whole.update_query_dict({"password": canaries.new("database")}).render_as_string(hide_password=False)
    acme.monkeypatch.setenv("OKRSYNC_DATABASE", address)
    for command in (("sync",), ("config", "show"), ("config", "show", "--format", "json"), ("runs",), ("db", "backup")):
        typed(acme, canaries, *command)
    engine = create_engine(whole)
    with engine.begin() as tx:
        for table in inspect(tx).get_table_names():
            rows: list[Any] = [row[0] for row in tx.execute(text(f'SELECT t::text FROM "{table}" t'))]
            canaries.clean(f"table {table}", "\n".join(rows))
        tx.execute(text("DROP TABLE verdict CASCADE"))
    engine.dispose()
    for one in (("status",), ("sync",), ("db", "check")):
        typed(acme, canaries, *one)
