"""Two changes of one second, and the history read between them: a tool that counts in seconds tells of no update."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from small_company import Company
from trio import Trio, three_tools

from okrsync.store import Store


def since(company: Company, store: Store, source: str, remote_id: str) -> Any:
    """Target → since when, of what an item serves."""
    said = company.state(store)["verdicts"][source, remote_id]
    return {link.target: link.since for link in said.links}


@pytest.fixture
def trio(tmp_path: Any) -> Any:
    with three_tools(tmp_path) as found:
        yield found


@pytest.mark.parametrize("tool", ["jira", "github"])
def test_a_history_that_was_read_in_the_second_of_a_change_is_read_again(trio: Trio, tool: str) -> None:
    company, hub, store = trio.company, trio.repository, trio.synced()
    company.census = timedelta(days=400)
    basket = company.site.find("SHOP-3")
    assert basket is not None
    remote_id = {"jira": basket.id, "github": f"{hub.id}#2"}[tool]
    labels: list[str] = []
    company.wait(hours=1)
    for label in ("blue", "okr:KR-PAY"):
        labels.append(label)
        if tool == "jira":
            company.edit(basket, labels=labels)
        else:
            hub.edit(2, labels=labels)
        company.sync(store)
    assert since(company, store, tool, remote_id) == {"KR-PAY": company.clock()}
