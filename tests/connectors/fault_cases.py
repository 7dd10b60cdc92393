"""What the tools do wrong, and what okrsync makes of it: the one table of P13 to P24, P28 and P30.

Each case is carried out for each of its tools by :func:`carry_out`: by ``test_faults.py``, and by
``benchmarks.faults``, which prints the outcomes. Deadlines of 30 s are scaled to ``fault_scene.TIMEOUT``; nothing else
is.
"""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import fault_scene
from fault_scene import LEAD, PULLS, TIMEOUT, TOKEN, TOOLS, Scene, scene
from running import LATE

from connectors.transport import LONGEST_WAIT, TRIES
from okrsync.errors import AuthError, MalformedPage, RateLimited, Rejected, ToolError, Unavailable

Arm = Mapping[str, Any]
Act = Callable[[Scene], None]


@dataclass(frozen=True)
class Case:
    """One fault. ``arm`` is how the sandbox is told to make it, on what a pull asks; ``act`` is what a person does in
    the tool instead, ``at`` an address at which the source is sought. ``error`` is what a connector ends with,
    ``state`` the source's state after a sync. ``tries`` is how often the request is sent, ``waits`` the least of the
    waits before it is sent again. ``items`` were there before; with ``first`` they are read for the first time. With
    ``others`` the other tools are synced beside it, and have to be well."""

    promise: str
    name: str
    arm: Arm = field(default_factory=dict)
    act: Act | None = None
    at: Callable[[], AbstractContextManager[str]] | None = None
    error: type[ToolError] | None = None
    state: str = "ok"
    says: str = ""
    tries: int | None = None
    waits: float | None = None
    retry: timedelta | None = None
    items: int = 12
    first: bool = False
    gone: int = 0  # items that are deleted for good
    census: timedelta = timedelta(hours=24)
    tools: tuple[str, ...] = TOOLS
    memory: int | None = None  # megabytes more, at most
    others: bool = False
    why_not: str = ""  # why the other tools have no such fault

    @property
    def id(self) -> str:
        return f"{self.promise} {self.name}"


@dataclass(frozen=True)
class Outcome:
    """What came of a case."""

    error: str
    said: str
    state: str
    requests: int  # of what a pull asks, by a connector alone
    waited: tuple[float, ...]
    seconds: float
    memory: float  # megabytes more at the peak
    cursor: str  # "stays", "moves"
    lost: int  # items that were missing once it was over
    deleted: int  # items that were taken for deleted meanwhile


def _date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def _status(status: int, body: str = "", **headers: str) -> Arm:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"kind": "answer", "status": status, "body": body, "headers": named}


HTML = "<!doctype html><title>Bad Gateway</title>"
PASSING: Arm = {"times": 1}
MISSING_PAGES = "a page of GitHub's listings is a window of a fixed size"


def _deleting(count: int) -> Act:
    def act(held: Scene) -> None:
        for identity in sorted(held.titles())[:count]:
            held.delete(identity)

    return act


CASES: tuple[Case, ...] = (
    # P13: never earlier than asked; long waits give the thread back
    Case("P13", "429, Retry-After 2", _status(429, Retry_After="2") | PASSING, tries=2, waits=2),
    Case("P13", "429, Retry-After 1.5", _status(429, Retry_After="1.5") | PASSING, tries=2, waits=1.5),
    Case("P13", "429, Retry-After as a date", {**_status(429), "date": 9} | PASSING, tries=2, waits=7),
    Case("P13", "429, Retry-After 0", _status(429, Retry_After="0") | PASSING, tries=2, waits=0),
    Case("P13", "429, Retry-After -5", _status(429, Retry_After="-5") | PASSING, tries=2, waits=0),
    Case("P13", "429 without Retry-After", _status(429) | PASSING, tries=2, waits=0, tools=("jira", "asana"),
         why_not="GitHub says to wait for a minute then: the case below"),
    Case("P13", "429 without Retry-After, of GitHub", _status(429) | PASSING, error=RateLimited, state="degraded",
         tries=1, retry=timedelta(minutes=1), tools=("github",), why_not="the case above"),
    Case(
        "P13", "429, Retry-After 3600", _status(429, Retry_After="3600"), error=RateLimited, state="degraded", tries=1,
        says="asked to wait until", retry=timedelta(hours=1), others=True,
    ),
    Case(
        "P13", "429, Retry-After 10⁹", _status(429, Retry_After="1000000000"), error=RateLimited, state="degraded",
        tries=1, says="asked to wait until", retry=timedelta(days=11_575),
    ),
    Case("P13", "429 for ever, Retry-After 0", _status(429, Retry_After="0"), error=RateLimited, state="degraded",
         tries=TRIES),
    # P14: ≤ 5 tries, then degraded
    *(
        Case("P14", f"{status}{' with an HTML body' * bool(body)}",
             _status(status, body, **({"Content_Type": "text/html"} if body else {})),
             error=Unavailable, state="degraded", tries=TRIES, says=f"answered {status}")
        for status, body in ((502, ""), (503, ""), (502, HTML))
    ),
    Case("P14", "500", _status(500), error=Unavailable, state="degraded", tries=TRIES, says="answered 500",
         tools=("jira", "github"), why_not="Asana's search may break alone: the two cases below"),
    Case("P14", "500 of all that tells changes", {**_status(500), "path": r".*/(tasks(/search)?|events)"},
         error=Unavailable, state="degraded", says="answered 500", tools=("asana",), why_not="the case above"),
    Case("P14", "500 of the search", {**_status(500), "path": r".*/tasks/search"}, tools=("asana",),
         why_not="they have no other way to tell changes"),
    Case("P14", "500 once", _status(500) | PASSING, tries=2),
    Case("P14", "503, Retry-After 3", _status(503, Retry_After="3") | PASSING, tries=2, waits=3),
    # P15: never an empty result
    Case("P15", "200 with a login page", {"kind": "login_page"}, error=AuthError, state="auth_failed", tries=1,
         says="login page"),
    Case("P15", "200 with an HTML page", _status(200, "<html>Down", Content_Type="text/html"), error=MalformedPage,
         state="degraded", tries=1, says="HTML page"),
    Case("P15", "200, AUTHENTICATED_FAILED", {"kind": "logged_out"}, error=AuthError, state="auth_failed", tries=2,
         tools=("jira",), says="credentials were refused", why_not="only Jira answers so"),
    # P16: an error, and little memory
    Case("P16", "truncated JSON", {"kind": "truncated"}, error=MalformedPage, state="degraded", tries=1,
         says="cut off or broken"),
    Case("P16", "a wrong length", {"kind": "wrong_length"}, error=Unavailable, state="degraded", tries=TRIES,
         says="broke in the middle|no complete answer"),
    Case("P16", "a gzip bomb of 1 GB", {"kind": "gzip_bomb", "megabytes": 1000}, error=MalformedPage, state="degraded",
         tries=1, says="more than 64 MB", memory=200),
    # P17: goes on, or stops within one repeat
    Case("P17", "an empty page that leads on", {"kind": "empty_page", "times": 1, "skip": 1}, items=450, first=True),
    Case("P17", "empty pages for ever", {"kind": "empty_page"}, error=MalformedPage, state="degraded", items=450,
         first=True, says="circle"),
    Case("P17", "the same token twice", {"kind": "repeated_token"}, error=MalformedPage, state="degraded", items=450,
         first=True, says="circle"),
    Case("P17", "a cycle of 3 pages", {"kind": "page_cycle", "rows": 3}, error=MalformedPage, state="degraded",
         items=900, first=True, says="circle"),
    Case("P17", "a page size that changes", {"kind": "short_page", "rows": 7, "skip": 1, "times": 3}, items=450,
         first=True, tools=("jira", "asana"), why_not=MISSING_PAGES),
    # P18: one total deadline
    *(
        Case("P18", name, arm, error=Unavailable, state="degraded", tries=1, says="no complete answer within")
        for name, arm in (
            ("a byte a second in the headers", {"kind": "drip_headers", "of_the_deadline": 1 / 30}),
            ("a byte a second in the body", {"kind": "drip_body", "of_the_deadline": 1 / 30}),
            ("no answer", {"kind": "hang", "of_the_deadline": 20}),
        )
    ),
    Case("P18", "a black hole", at=fault_scene.black_hole, error=Unavailable, state="degraded",
         says="no complete answer within"),
    Case("P18", "a handshake without an answer", at=fault_scene.silent_tls, error=Unavailable, state="degraded",
         says="no complete answer within"),
    # P19: one line naming host and cause
    Case("P19", "reset", {"kind": "reset"}, error=Unavailable, state="degraded", tries=TRIES, says="127.0.0.1.*reset"),
    Case("P19", "reset once", {"kind": "reset"} | PASSING, tries=2),
    Case("P19", "connection refused", at=fault_scene.refused, error=Unavailable, state="degraded",
         says="127.0.0.1.*refused"),
    Case("P19", "no such host", at=fault_scene.unknown_host, error=Unavailable, state="degraded",
         says=r"no-such-host\.invalid.*no such host \(DNS\)"),
    Case("P19", "no TLS", at=fault_scene.no_tls, error=Unavailable, state="degraded", says="127.0.0.1.*TLS failed"),
    # P20: after one confirmed failure
    Case("P20", "401", _status(401), error=AuthError, state="auth_failed", tries=2, others=True,
         says="renew the token"),
    Case("P20", "401 once", _status(401) | PASSING, tries=2),
    # P21: only that project is marked, its items are kept
    Case("P21", "one scope is hidden", act=Scene.hide_second, census=timedelta()),
    *(
        Case("P21", f"{status} to all that is asked", _status(status), error=Rejected, state="unreachable", first=True,
             says=f"answered {status}")
        for status in (403, 404, 410, 451)
    ),
    # P22: identity is (source, immutable id)
    Case("P22", "one scope is renamed", act=Scene.rename_second, census=timedelta()),
    Case("P22", "an item is deleted", act=_deleting(1), gone=1, census=timedelta()),
    # P23: the token goes nowhere else
    *(
        Case("P23", f"{status} to another host", {"kind": "redirect", "status": status, "elsewhere": True},
             error=MalformedPage, state="degraded", tries=1, says="leads to another host")
        for status in (301, 302, 307, 308)
    ),
    Case("P23", "a next link to another host", {**_status(200, "[]", Content_Type="application/json"), "link": True},
         error=MalformedPage, state="degraded", tries=1, says="leads to another host", tools=("github",),
         why_not="tokens of Jira and Asana are no addresses"),
    # P24: refused
    Case("P24", "most items are gone", act=_deleting(11), state="needs_confirmation", census=timedelta()),
    # P28, P30: cleaned at the door; no crash
    *(
        Case(promise, name, {"kind": "edited", "member": "TITLE", "edit": edit})
        for promise, name, edit in (
            ("P28", "NUL and a lone surrogate in a title", "unclean"),
            ("P30", "no title", "removed"),
            ("P30", "a null title", "null"),
            ("P30", "a title that is a number", "odd"),
            ("P30", "members that nobody knows", "added"),
        )
    ),
)  # fmt: skip

TITLE = {"jira": "summary", "github": "title", "asana": "name"}


def carry_out(case: Case, tool: str, *, deadline: float = TIMEOUT) -> Outcome:
    """The case, for one tool: a source that was read, then the fault, then the same without it."""
    with scene(tool) as held, contextlib.ExitStack() as stack:
        held.add(case.items)
        held.clock.advance(LEAD / 2)
        if not case.first:
            assert held.sync().state == "ok"
        before, known = held.cursors(), held.titles()
        held.clock.advance(LEAD / 2)
        held.census = case.census
        fresh = [] if case.first or case.act else held.add(1)
        if case.act:
            case.act(held)
        if case.at:
            held.url = stack.enter_context(case.at())
        arm = _armed(case, tool, deadline, stack)
        held.timeout = deadline if case.promise == "P18" else held.timeout
        # a connector alone
        held.waits.clear()
        failure, requests, waited, seconds, memory = _alone(held, arm)
        # and a sync
        _arm(held, arm)
        result = held.sync(others=case.others)
        after = held.cursors()
        kept = {scope: after.get(scope) for scope in before}
        missing = set(known) - set(held.titles())
        # once it is over
        held.sandbox.faults.clear()
        held.url, held.timeout = "", Scene.timeout
        if case.retry:
            _asks_nothing(held)
            held.clock.advance(case.retry + timedelta(minutes=1))
        else:
            held.clock.advance(timedelta(minutes=10))
        wanted = (set(known) | set(fresh)) if not case.first else set(range(case.items))
        if result.state != "needs_confirmation":
            assert held.sync().state == "ok"
        lost = len(wanted) - len(held.titles()) - case.gone if result.state != "needs_confirmation" else 0
        assert TOKEN not in result.error
        return Outcome(
            error=type(failure).__name__ if failure else "",
            said=str(failure or result.error),
            state=str(result.state),
            requests=requests,
            waited=waited,
            seconds=seconds,
            memory=memory,
            cursor="stays" if kept == before else "moves",
            lost=lost,
            deleted=len(missing),
        )


def _armed(case: Case, tool: str, deadline: float, stack: contextlib.ExitStack) -> dict[str, Any]:
    """The fault as the sandbox takes it, for this tool and this moment."""
    arm = {"times": None, "path": PULLS[tool], **case.arm}
    if share := arm.pop("of_the_deadline", None):
        arm["seconds"] = share * deadline
    if seconds := arm.pop("date", None):
        arm["headers"] = {"Retry-After": _date(seconds)}
    if arm.pop("elsewhere", False):
        arm["location"] = f"http://127.0.0.1:{_nobody_calls(stack)}/steal"
    if arm.pop("link", False):
        arm["headers"] = {**arm["headers"], "Link": f'<http://127.0.0.1:{_nobody_calls(stack)}/steal>; rel="next"'}
    if arm.get("member") == "TITLE":
        arm["member"] = TITLE[tool]
    return arm if case.arm else {}


def _arm(held: Scene, arm: dict[str, Any]) -> None:
    held.sandbox.faults.clear()
    if arm:
        held.sandbox.fault(**arm)


def _nobody_calls(stack: contextlib.ExitStack) -> int:
    """The port of a listener to which nobody has come when all is over."""
    listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    listener.settimeout(0.01)

    def nobody() -> None:
        with contextlib.suppress(TimeoutError):
            listener.accept()
            raise AssertionError("something was sent to another host")

    stack.callback(nobody)
    return int(listener.getsockname()[1])


def _alone(held: Scene, arm: dict[str, Any]) -> tuple[ToolError | None, int, tuple[float, ...], float, float]:
    _arm(held, arm)
    held.sandbox.clear_requests()
    resident = _memory("VmRSS", reset=True)
    begin = time.monotonic()
    failure = held.ask()
    seconds = time.monotonic() - begin
    path = re.compile(PULLS[held.tool])
    requests = sum(bool(path.fullmatch(asked.path)) for asked in held.sandbox.requests)
    waited = tuple(held.waits)
    assert sum(waited) <= LONGEST_WAIT
    return failure, requests, waited, seconds, _memory("VmHWM") - resident


def _memory(name: str, *, reset: bool = False) -> float:
    """Megabytes of this process: what it holds now, or its peak since the last reset."""
    if reset:
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def _asks_nothing(held: Scene) -> None:
    """While the tool wants to be left alone, a sync sends nothing."""
    held.sandbox.clear_requests()
    assert held.sync().state == "degraded"
    assert held.sandbox.requests == ()


def check(case: Case, outcome: Outcome, *, deadline: float = TIMEOUT) -> list[str]:
    """Where an outcome is not what the case promises, in words."""
    wrong = []
    expected_error = case.error.__name__ if case.error else ""

    def must(true: bool, what: str) -> None:
        if not true:
            wrong.append(what)

    must(outcome.error == expected_error, f"ends with {outcome.error or 'nothing'}, not {expected_error or 'nothing'}")
    must(outcome.state == case.state, f"the source is {outcome.state}, not {case.state}: {outcome.said}")
    if case.says:
        must(re.search(case.says, outcome.said) is not None, f"says {outcome.said!r}")
    must("\n" not in outcome.said, "says more than one line")
    must(TOKEN not in outcome.said, "says the token")
    if case.tries is not None and case.error:
        must(outcome.requests == case.tries, f"sent {outcome.requests} times, not {case.tries}")
    if case.waits is not None:
        must(bool(outcome.waited) and outcome.waited[0] >= case.waits, f"waited {outcome.waited}")
    if case.tries == TRIES and case.error is Unavailable:
        first = TRIES - 1 - len(outcome.waited)  # one try more goes at once where a kept connection was reset
        spread = all(wait <= 0.5 * 2**n for n, wait in enumerate(outcome.waited, first))
        must(first in (0, 1) and spread, f"waits are {outcome.waited}")
    if case.promise == "P18":
        must(outcome.seconds < deadline + LATE, f"took {outcome.seconds:.1f} s")
    if case.memory is not None:
        must(outcome.memory < case.memory, f"took {outcome.memory:.0f} MB more")
    if case.error and not case.first:
        must(outcome.cursor == "stays", "the cursor moved")
    must(outcome.deleted == (case.gone if case.act else 0), f"{outcome.deleted} items were taken for deleted")
    must(outcome.lost == 0, f"{outcome.lost} items were lost")
    return wrong


def named() -> list[tuple[Case, str]]:
    """Every case with every tool that it is for."""
    return [(case, tool) for case in CASES for tool in case.tools]
