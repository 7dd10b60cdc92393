"""Whether a locked requirement has a known vulnerability; what could not be asked of is a failure too.

Every pin of every lock is asked of, those for other platforms included. Ends with 0 only where the service knew each of
them and had nothing to say; else it prints, by lock, what is vulnerable and what was not audited and why. Usage:
``python -m benchmarks.audit [OPTION …]``; the options are those of pip-audit, such as ``--vulnerability-service osv``.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock", "benchmarks/dlt.lock", "deploy/build.lock")
_PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9][\w.-]*)==(?P<version>[^\s;\\]+)[^\\\n]*(?P<hashes>(?:\\\n\s+--hash=\S+ ?)*)", re.M
)
_HOST = re.compile(r"\bhost='(?P<host>[^']+)'|for url: \w+://(?P<asked>[^/\s]+)")
_CAUSE = re.compile(
    r"(?<=\] )[A-Z][A-Za-z ]+|timed out|\d{3} \w+ Error|certificate verify failed",
)
_SKIPPED = "could not be audited"
SHOWN = 5  # pins that are named for one reason


@dataclass(frozen=True, slots=True)
class Pin:
    """A package in one version, and the text of its hashes as a lock holds it."""

    name: str
    version: str
    hashes: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class Ended:
    """pip-audit, when it was done."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """On one lock: a line for each vulnerability, and why a pin was not audited."""

    audited: int
    vulnerable: tuple[str, ...] = ()
    missing: tuple[tuple[Pin, str], ...] = ()

    @property
    def good(self) -> bool:
        return not self.vulnerable and not self.missing


def pins(lock: str) -> list[Pin]:
    """Everything that the lock names, whatever the platform or the Python that it is for."""
    return [Pin(_canonical(pin["name"]), pin["version"], pin["hashes"]) for pin in _PIN.finditer(lock)]


def sheets(wanted: Sequence[Pin]) -> list[list[Pin]]:
    """The pins, no package twice on one sheet: pip-audit takes no second version of one."""
    out: list[dict[str, Pin]] = []
    for pin in wanted:
        sheet = next((one for one in out if pin.name not in one), None)
        if sheet is None:
            out.append(sheet := {})
        sheet[pin.name] = pin
    return [list(sheet.values()) for sheet in out]


def judged(wanted: Sequence[Pin], ended: Ended) -> Verdict:
    """What the answer of pip-audit says of these pins; an answer that cannot be read says that nothing was audited."""
    try:
        found = json.loads(ended.out)["dependencies"]
        known = {_canonical(one["name"]): one for one in found}
    except (ValueError, KeyError, TypeError):
        why = _why(ended)
        return Verdict(0, missing=tuple((pin, why) for pin in wanted))
    vulnerable: list[str] = []
    missing: list[tuple[Pin, str]] = []
    audited = 0
    for pin in wanted:
        one = known.get(pin.name, {})
        if "skip_reason" in one:
            missing.append((pin, one["skip_reason"].removesuffix(f": {pin.name} ({pin.version})")))
        elif one.get("version") != pin.version or not isinstance(one.get("vulns"), list):
            missing.append((pin, "pip-audit says nothing of it"))
        else:
            audited += 1
            vulnerable += [f"{pin}: {_flaw(flaw)}" for flaw in one["vulns"]]
    if ended.code and not vulnerable and not missing:
        return Verdict(0, missing=tuple((pin, _why(ended)) for pin in wanted))
    return Verdict(audited, tuple(vulnerable), tuple(missing))


def _flaw(flaw: dict[str, object]) -> str:
    fixed = flaw.get("fix_versions")
    versions = ", ".join(map(str, fixed)) if isinstance(fixed, list) else ""
    return f"{flaw.get('id')}, {f'mended in {versions}' if versions else 'not mended yet'}"


def _why(ended: Ended) -> str:
    """What pip-audit's last words come to, a traceback among them."""
    host, causes = _HOST.search(ended.err), list(_CAUSE.finditer(ended.err))
    if host is not None and causes:
        return f"{host['host'] or host['asked']} did not answer as it should ({causes[-1][0]})"
    said = [line for line in ended.err.splitlines() if line.strip()]
    return f"pip-audit ended with {ended.code} ({said[-1].strip() if said else 'without a word'})"


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def asked(wanted: Sequence[Pin], options: Sequence[str]) -> Ended:
    """pip-audit on these; where it stops at the first package that it skips, once more, to hear of all of them."""
    with tempfile.TemporaryDirectory() as folder:
        pinned = Path(folder) / "requirements.txt"
        pinned.write_text("".join(f"{pin.name}=={pin.version} {pin.hashes}\n" for pin in wanted), encoding="utf-8")
        quiet = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
        command = [sys.executable, "-m", "pip_audit", *quiet, "--requirement", str(pinned), *options]
        ended = _run([*command, "--strict"])
        return _run(command) if ended.code and _SKIPPED in ended.err else ended


def audit(wanted: Sequence[Pin], options: Sequence[str]) -> Verdict:
    """On all of them; none may be missing in what is asked."""
    verdicts = [judged(sheet, asked(sheet, options)) for sheet in sheets(wanted)]
    return Verdict(
        sum(one.audited for one in verdicts),
        tuple(line for one in verdicts for line in one.vulnerable),
        tuple(pair for one in verdicts for pair in one.missing),
    )


def _run(command: list[str]) -> Ended:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return Ended(done.returncode, done.stdout, done.stderr)


def told(name: str, wanted: int, verdict: Verdict) -> str:
    """What a person reads of one lock."""
    lines = [f"{name}: {wanted} pins, {verdict.audited} audited, {len(verdict.vulnerable)} known vulnerabilities"]
    lines += [f"  vulnerable: {line}" for line in verdict.vulnerable]
    reasons: dict[str, list[str]] = {}
    for pin, reason in verdict.missing:
        reasons.setdefault(reason, []).append(str(pin))
    for reason, named in reasons.items():
        more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
        lines.append(f"  not audited: {', '.join(named[:SHOWN])}{more}: {reason}")
    return "\n".join(lines)


def main(options: Sequence[str]) -> int:
    good = True
    for name in LOCKS:
        wanted = pins((ROOT / name).read_text(encoding="utf-8"))
        verdict = audit(wanted, options)
        good &= verdict.good
        print(told(name, len(wanted), verdict), flush=True)
    print("nothing is known against any of them" if good else "this is no clean audit")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
