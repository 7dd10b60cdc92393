"""``[reports]``: when, to whom, through what; and every way to say it wrong."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

import config
from config import Config, Reports, Smtp
from connectors import registry
from okrsync.errors import ConfigError
from okrsync.model import SecretRef

ROOT = Path(__file__).resolve().parents[2]
BASE = """
[[sources]]
id = "jira"
kind = "jira"
url = "https://acme.atlassian.net"
auth = { email = "okrsync@acme.test", token = { env = "JIRA_TOKEN" } }
projects = ["SHOP"]

[reports]
"""
SMTP = 'smtp = { host = "smtp.acme.test", from = "okrsync@acme.test" }\n'


def load(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "okrsync.toml"
    path.write_text(BASE + text, encoding="utf-8")
    return config.load(path, {}, registry.settings())


def test_what_the_documentation_shows_is_what_it_means(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    (tmp_path / "okrsync.toml").write_text(example, encoding="utf-8")
    loaded = config.load(tmp_path / "okrsync.toml", {}, registry.settings())
    assert loaded.reports == Reports(
        weeks=1,
        cron="0 7 * * mon",
        to=("cto@acme.test", "cpo@acme.test"),
        smtp=Smtp(
            *("smtp.acme.test", 587, "starttls", "okrsync@acme.test", "okrsync"), SecretRef("env", "SMTP_PASSWORD")
        ),
        webhook=SecretRef("env", "SLACK_URL"),
    )
    again = config.restored(loaded.given, loaded.path, registry.settings())
    assert again.reports == loaded.reports


@pytest.mark.parametrize(
    ("text", "weeks", "cron"),
    [
        ("", None, "0 7 * * mon"),
        ('every = "2w"\n', 2, "0 7 * * mon"),
        ('every = "14d"\ncron = "30 8 * * 2"\n', 2, "30 8 * * tue"),
        ('cron = "30 8 * * fri"\n', 1, "30 8 * * fri"),
    ],
)
def test_every_says_how_often_and_cron_when_in_the_week(
    tmp_path: Path, text: str, weeks: int | None, cron: str
) -> None:
    reports = load(tmp_path, text + 'webhook = { env = "CHAT" }\n').reports
    assert (reports.weeks, reports.cron) == (weeks, cron)


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_is_that_of_the_security(tmp_path: Path, security: str, port: int) -> None:
    smtp = f'smtp = {{ host = "::1", from = "a@acme.test", security = "{security}", timeout = "1m" }}\n'
    found = load(tmp_path, smtp).reports.smtp
    assert found is not None
    assert (found.port, found.timeout, found.host) == (port, timedelta(minutes=1), "::1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('every = "3d"\nwebhook = { env = "CHAT" }\n', "every: must be whole weeks"),
        ('every = "1w"\n', "webhook: missing, and so is to: every sends to nobody"),
        ('cron = "0 7 * * mon"\n', "webhook: missing, and so is to: cron sends to nobody"),
        ('to = ["cto@acme.test"]\n', "smtp: missing; mail to cto@acme.test needs a server"),
        ('to = ["nobody"]\n' + SMTP, 'to #1: must be an address such as "okrsync@acme.test"'),
        ('to = ["a@b.test\\nBcc: c@d.test"]\n' + SMTP, "to #1: must be an address"),
        ('webhook = "https://hooks.slack.com/services/T0/B0/hush"\n', "webhook: a secret is never written inline"),
        ('smtp = "smtps://okrsync:hush@smtp.acme.test"\n', "smtp: must be a table"),
        ('smtp = { host = "smtp.acme.test:25", from = "a@b.test" }\n', "the port has a key of its own"),
        ('smtp = { host = "smtp.acme.test" }\n', "smtp.from: missing"),
        ('smtp = { host = "s", from = "a@b.test", user = "u" }\n', "smtp.password: missing; user signs in with it"),
        (
            'smtp = { host = "s", from = "a@b.test", user = "u", password = "hush" }\n',
            "a secret is never written inline",
        ),
        (
            'smtp = { host = "s", from = "a@b.test", security = "none", user = "u", password = { env = "P" } }\n',
            "smtp.password: would be sent for all to read",
        ),
        ('smtp = { host = "s", from = "a@b.test", ca_file = "none.pem" }\n', "smtp.ca_file: there is no such file"),
    ],
)
def test_each_mistake_is_told_with_its_place_and_without_a_secret(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as told:
        load(tmp_path, text)
    assert "okrsync.toml: [reports] " in str(told.value)
    assert words in str(told.value)
    assert "hush" not in str(told.value)
    assert len(told.value.problems) == 1


def test_a_variable_that_holds_a_secret_is_no_option(tmp_path: Path) -> None:
    path = tmp_path / "okrsync.toml"
    smtp = 'smtp = { host = "s", from = "a@b.test", user = "u", password = { env = "OKRSYNC_MAIL" } }\n'
    path.write_text(BASE + smtp + 'webhook = { env = "OKRSYNC_CHAT" }\n', encoding="utf-8")
    environ = {"OKRSYNC_MAIL": "hush", "OKRSYNC_CHAT": "https://chat.acme.test/hush"}
    loaded = config.load(path, environ, registry.settings())
    assert "hush" not in repr(loaded) + repr(loaded.origins) + repr(loaded.given)
