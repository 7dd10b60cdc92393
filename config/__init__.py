"""``okrsync.toml`` and the environment → values of the model, or every problem at once (docs/configuration.md)."""

from __future__ import annotations

from config.effective import Setting
from config.files import find, template
from config.loader import Config, Reports, Server, load

__all__ = ["Config", "Reports", "Server", "Setting", "find", "load", "template"]
