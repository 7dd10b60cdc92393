"""The rules for Prometheus: valid, and each of them fires when it should and only then."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

PLAYED = [Path(__file__).parent / name for name in ("alerts_played.yml", "alerts_played_by_the_hour.yml")]


def alerts(text: str) -> set[str]:
    return set(re.findall(r"^ *- alert: (\w+)$", text, re.M))


def test_the_files_are_valid(deploy: Path, tool: Callable[..., str]) -> None:
    assert "SUCCESS" in tool("promtool", "check", "rules", deploy / "prometheus" / "alerts.yml")
    assert "FAILED" not in tool("promtool", "check", "config", deploy / "prometheus" / "scrape.yml")


def test_each_alert_fires_when_it_should_and_only_then(deploy: Path, tool: Callable[..., str], tmp_path: Path) -> None:
    played = {path.name: path.read_text(encoding="utf-8") for path in PLAYED}
    rules = (deploy / "prometheus" / "alerts.yml").read_text(encoding="utf-8")
    fired = set(re.findall(r"alertname: (\w+)\n +exp_alerts: *\n? +- ", "".join(played.values())))
    assert fired == alerts(rules)
    (tmp_path / "alerts.yml").write_text(rules, encoding="utf-8")
    for name, text in played.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert tool("promtool", "test", "rules", *(tmp_path / name for name in played)).count("SUCCESS") == len(played)
