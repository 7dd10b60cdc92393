"""The same commands in front of a person, in a pipe, and cut short."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time

import pytest
from installation import Installation
from rich.table import Table
from rich.text import Text

from okrsync.cli.lines import HoldingConsole

PROGRAM = [sys.executable, "-c", "from okrsync.cli import main; main()"]
EACH = """
import sys
from okrsync.cli import main
for line in sys.argv[1:]:
    print(end="\\f", flush=True)
    sys.argv[1:] = line.split()
    try:
        main()
    except SystemExit as ended:
        if ended.code:
            raise
"""
CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\]8;[^\x1b]*\x1b\\")  # colours, the cursor, links


def at_terminal(
    installed: Installation, *command: str, width: int = 80, interrupt: float | None = None
) -> tuple[int, str]:
    """The exit code and all that a terminal of this width got; Ctrl-C is typed after so many seconds."""
    return shown([*PROGRAM, "--config", str(installed.config), *command], width, interrupt)


def shown(program: list[str], width: int, interrupt: float | None = None) -> tuple[int, str]:
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execvp(program[0], program)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    if interrupt is not None:
        time.sleep(interrupt)
        os.write(terminal, b"\x03")
    got = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        got += piece
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), got.decode()


def in_shell(installed: Installation, line: str) -> subprocess.CompletedProcess[str]:
    okrsync = f"{sys.executable} -c 'from okrsync.cli import main; main()' --config {installed.config}"
    return subprocess.run(
        ["bash", "-c", "set -o pipefail; " + line.replace("okrsync", okrsync, 1)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_sync_shows_a_bar_on_a_terminal_and_json_lines_in_a_pipe(acme: Installation) -> None:
    code, got = at_terminal(acme, "sync")
    assert code == 0
    assert "pulling" in got
    assert '"event"' not in got
    assert "175" in CONTROL.sub("", got)
    code, got = at_terminal(acme, "--quiet", "sync")
    assert (code, "pulling" in got) == (0, False)
    piped = in_shell(acme, "okrsync sync")
    assert {json.loads(line)["event"] for line in piped.stderr.splitlines()} >= {"synced", "linked"}
    assert CONTROL.search(piped.stdout) is None


def test_the_log_of_a_failure_stands_on_a_line_of_its_own(acme: Installation) -> None:
    (acme.folder / "token").write_text("bad")
    code, got = at_terminal(acme, "sync", width=200)
    assert code == 77
    (told,) = [line for line in got.splitlines() if "not synced" in line]
    assert "pulling" not in told.rpartition("\x1b[2K")[2]


@pytest.mark.parametrize("width", [80, pytest.param(120, marks=pytest.mark.soak), 200])
def test_tables_fit(synced: Installation, width: int) -> None:
    commands = ("status", "orphans", "gaps", "plan", "runs", "trace SHOP-11", "check-config --online")
    lines = [f"--config {synced.config} {command}" for command in commands]
    code, got = shown([sys.executable, "-c", EACH, *lines], width)
    assert code == 0
    begun, *tables = CONTROL.sub("", got).split("\f")
    assert begun == ""
    for command, table in zip(commands, tables, strict=True):
        assert 20 < max(map(len, table.splitlines())) <= width, command
    for title in ("Premier bulletin en 10 minutes au lieu de 24", "Tous les services sur Kubernetes"):
        assert title in tables[0], "titles of key results stay in one piece"


def test_ctrl_c_ends_a_sync_at_once_and_keeps_what_is_stored(synced: Installation) -> None:
    before = synced.json("orphans")["totals"]
    synced.sandbox.fault("hang", path=".*/search/jql", times=None, seconds=20)
    began = time.monotonic()
    code, got = at_terminal(synced, "sync", "--full", interrupt=2.0)
    assert code == 130
    assert time.monotonic() - began < 10
    assert "Traceback" not in got
    synced.sandbox.clear()
    assert synced.json("orphans")["totals"] == before
    assert "sound" in synced.ok("db", "check")
    synced.ok("sync")


def test_an_output_that_nobody_takes_ends_quietly(synced: Installation) -> None:
    for command in ("orphans --format json", "config show", "status"):
        done = in_shell(synced, f"okrsync {command} | true")
        assert done.stderr == "", command
    full = in_shell(synced, "okrsync status > /dev/full")
    assert full.returncode == 74
    assert full.stderr.count("\n") == 1
    assert "No space left" in full.stderr


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ["Où en sont les objectifs", "n’a servi aucun objectif"]),
        pytest.param("en", ["Where do the objectives", "served no objective"], marks=pytest.mark.soak),
    ],
)
def test_the_demo_tells_the_whole_story_without_noise(language: str, words: list[str]) -> None:
    environment = {**os.environ, "OKRSYNC_LANGUAGE": language}
    done = subprocess.run(
        [*PROGRAM, "demo", "--once"], capture_output=True, text=True, check=False, env=environment, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    order = [f"$ okrsync {one}" for one in ("sync", "status", "orphans", "trace", "backlog", "plan", "apply")]
    places = [done.stdout.index(step) for step in order]
    assert places == sorted(places)
    assert done.stdout.count("$ okrsync plan") == 2
    for word in words:
        assert word in done.stdout
    assert len(done.stdout.splitlines()) < 450


def test_the_demo_takes_no_folder_that_holds_something(synced: Installation) -> None:
    done = synced.run("demo", "--once", "--keep", str(synced.folder))
    assert (done.code, "not empty" in done.err) == (2, True)


@pytest.mark.parametrize("width", range(20, 60, 3))
def test_a_line_is_broken_where_a_person_would_break_it(width: int) -> None:
    told = "Lien à voir\u00a0: dit «\u00a0Un tunnel\u00a0», puis «\u00a0deux\u00a0» ; 85\u00a0% de 1\u202f000\u202f000"
    buffer = io.StringIO()
    paper = HoldingConsole(file=buffer, width=width)
    table = Table.grid()
    table.add_row("│", Text(told))
    paper.print(Text(told), table, sep="\n")
    lines = buffer.getvalue().splitlines()
    assert "".join("".join(lines).split("│")).replace(" ", "") == 2 * told.replace(" ", "")
    assert not [line for line in lines if line.strip("│ ")[:1] in set(":»%\u00a0\u202f")]
    assert max(map(len, lines)) <= width
