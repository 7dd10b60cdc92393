"""``okrsync.toml`` and the environment → values of the model, or every problem at once (docs/configuration.md)."""

from __future__ import annotations

from config.differences import Difference, How, applied, differences
from config.effective import Setting
from config.files import find, template
from config.loader import Config, load, restored
from config.operation import AlertKind, Alerts, Maintenance, Retention, Schedule, Server
from config.reports import Reports, Smtp

__all__ = [
    "AlertKind",
    "Alerts",
    "Config",
    "Difference",
    "How",
    "Maintenance",
    "Reports",
    "Retention",
    "Schedule",
    "Server",
    "Setting",
    "Smtp",
    "applied",
    "differences",
    "find",
    "load",
    "restored",
    "template",
]
