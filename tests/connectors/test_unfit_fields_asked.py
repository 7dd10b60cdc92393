"""Whether a field that is to be filled takes what is written there is asked as the tools describe it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from asana_site import SHOP, Site
from contract import Contract
from jira_site import JiraHarness, serving

from okrsync.model import Surface
from okrsync.sandbox.jira import screens


@pytest.fixture
def cloud(watch: Callable[[Contract, str], None], jira_contract: Contract) -> Iterator[JiraHarness]:
    with serving(JiraHarness, watch, jira_contract) as made:
        yield made


def test_jira_tells_a_text_from_a_number(cloud: JiraHarness) -> None:
    screens.define(cloud.site, {"id": "customfield_10101", "name": "Progress", "type": "text"})
    (lack,) = cloud.connect().unfit({Surface.NUMBER: "customfield_10101"}, ())
    assert "is not a number field" in lack.text
    assert lack.surfaces == {Surface.NUMBER}


def test_asana_tells_a_text_from_a_number(asana_at: Site) -> None:
    asana_at.workspace.edit(f"projects/{SHOP}", {"fields": [{"name": "Told", "type": "text"}]})
    gid = next(gid for gid, row in asana_at.workspace.custom.fields.items() if row["name"] == "Told")
    (lack,) = asana_at.connect().unfit({Surface.NUMBER: gid}, ())
    assert "is no number" in lack.text
    assert lack.surfaces == {Surface.NUMBER}
