"""A page of Jira in, golden items out: whatever the connector reads differently shows in a diff."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import golden
import orjson
from lumen import SITE, company

from connectors import registry
from okrsync.model import Secret, SecretRef, SourceConfig
from okrsync.sandbox import Sandbox

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_golden_items_and_histories_of_a_company() -> None:
    with Sandbox(company(NOW)) as sandbox:
        url = f"{sandbox.url}/jira/{SITE}"
        settings = registry.settings()["jira"](projects=("SHOP", "PAY", "PLAT"))
        source = SourceConfig("jira", "jira", url, "bot@acme.test", SecretRef("env", "TOKEN"), settings)
        jira = registry.connect(source, Secret("good"))
        scopes = {scope.id: None for scope in jira.scopes()}
        items = [item for page in jira.pull(scopes) for item in page.items]
        chosen = sorted(items, key=lambda item: int(item.remote_id))[::8]
        histories = {one.remote_id: one for one in jira.history([item.remote_id for item in chosen])}  # type: ignore[attr-defined]
    shown = [asdict(item) | {"history": asdict(histories[item.remote_id])["changes"]} for item in chosen]
    text = orjson.dumps(shown, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()
    golden.check("jira_items.json", text.replace(url, "https://jira.test") + "\n")
