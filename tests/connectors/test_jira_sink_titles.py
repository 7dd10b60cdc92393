"""Whatever a title holds, it is words in Jira, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from contract import Contract
from hostile_titles import TITLES
from jira_sinking import EDITIONS, write
from jira_site import OBJECTIVE, JiraHarness, serving, stands

from okrsync.model import Surface
from okrsync.sandbox.jira import screens


@pytest.fixture
def site(
    made_by: type[JiraHarness], watch: Callable[[Contract, str], None], jira_contract: Contract
) -> Iterator[JiraHarness]:
    with serving(made_by, watch, jira_contract) as made:
        made.fields()
        yield made


@EDITIONS
@pytest.mark.parametrize("wrapped", ["{}", "KR-UX · {}: 50 %", "- {}"])
def test_no_title_is_more_than_words(wrapped: str, site: JiraHarness) -> None:
    """As Jira shows it: every comment says the title, letter for letter, and nothing in it is alive."""
    (first,) = site.seed(1)
    seeded = [first, *site.seed(len(TITLES) - 1)]
    source = site.connect()
    for issue, title in zip(seeded, TITLES, strict=True):
        words = wrapped.format(title)
        held = {"title": title, title: [title]}
        writes = [write(issue, Surface.COMMENT, words), write(issue, Surface.PROPERTY, held)]
        source.push(writes)
        assert source.read([one.slot for one in writes]) == {one.slot: one.after for one in writes}
        url = f"{site.sandbox.url}/_sandbox/jira/acme/issues/{issue}"
        shown = requests.get(url, timeout=10).json()
        (comment,) = shown["comments"]
        seen = f"• {words[2:]}" if words.startswith("- ") else words
        assert (comment["text"], comment["live"]) == (seen, []), title
        assert shown["properties"] == {"okrsync-acme": held}


@EDITIONS
def test_the_sandbox_shows_what_is_alive(site: JiraHarness) -> None:
    """The test above could fail: sent as they are, most of the titles do something."""
    issue = site.create()
    alive = 0
    for title in TITLES:
        body: Any = title
        if not site.site.datacenter:
            body = {
                "type": "doc",
                "version": 1,
                "content": [
                    {"type": "paragraph", "content": [{"type": "mention", "attrs": {"id": "1", "text": title}}]}
                ],
            }
        site.edit(issue, comment=title)
        site.edit(issue, comment={"id": site.site.comments_of(issue)[-1]["id"], "body": body})
    url = f"{site.sandbox.url}/_sandbox/jira/acme/issues/{issue.key}"
    for comment in requests.get(url, timeout=10).json()["comments"]:
        alive += bool(comment["live"])
    assert alive >= 25


@EDITIONS
def test_a_title_in_an_option_changes_nothing(site: JiraHarness) -> None:
    """The field is filled with the option that an administrator made, whatever it says behind the id."""
    (first,) = site.seed(1)
    seeded = [first, *site.seed(len(TITLES) - 1)]
    options = [f"O-{number} · {title}" for number, title in enumerate(TITLES)]
    screens.define(site.site, {"id": OBJECTIVE, "options": options})
    source = site.connect()
    for number, (issue, option) in enumerate(zip(seeded, options, strict=True)):
        one = write(issue, Surface.OBJECTIVE_FIELD, f"O-{number}")
        source.push([one])
        assert stands(source, one.slot) == f"O-{number}"
        assert site.site.issues[issue].fields[OBJECTIVE]["value"] == option
