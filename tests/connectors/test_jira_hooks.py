"""The webhook of a site: made by an administrator, read back, renewed and removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from contract import Contract
from jira_site import DataCenterHarness, JiraHarness, serving

from connectors.jira_hooks import EVENTS
from okrsync.errors import Rejected
from okrsync.model import Secret

URL = "https://okrsync.acme.test/webhooks/jira"
SECRET = Secret("It's a Secret to Everybody")


@pytest.fixture
def cloud(watch: Callable[[Contract, str], None], jira_contract: Contract) -> Iterator[JiraHarness]:
    with serving(JiraHarness, watch, jira_contract) as made:
        yield made


@pytest.fixture
def datacenter(watch: Callable[[Contract, str], None], jira_contract: Contract) -> Iterator[JiraHarness]:
    with serving(DataCenterHarness, watch, jira_contract) as made:
        yield made


def test_made_listed_renewed_removed(cloud: JiraHarness) -> None:
    source = cloud.connect()
    scopes = source.scopes()
    hooks = source.hooks()
    (place,) = hooks.places(scopes)
    assert place.scopes == {scope.id for scope in scopes}
    assert hooks.listed(place) == []
    made = hooks.make(place, URL, SECRET)
    assert (made.url, made.fits) == (URL, True)
    (stands,) = cloud.site.hooks.values()
    assert (stands.secret, stands.events) == (SECRET.reveal(), list(EVENTS))
    assert stands.jql == f"project in ({', '.join(sorted(place.scopes))})"
    (fewer,) = hooks.places(scopes[:1])
    assert [one.fits for one in hooks.listed(fewer)] == [False], "other projects than it tells of"
    assert hooks.renew(fewer, made.id, URL, Secret("another")).fits
    assert stands.secret == "another"
    hooks.remove(place, made.id)
    hooks.remove(place, made.id)
    assert not cloud.site.hooks
    assert hooks.places([]) == []
    source.close()


def test_who_does_not_administer_is_told_what_to_click(cloud: JiraHarness) -> None:
    source = cloud.connect()
    scopes = source.scopes()
    cloud.site.account.denied.add("ADMINISTER")
    (place,) = source.hooks().places(scopes)
    with pytest.raises(Rejected, match="does not administer Jira; let an administrator"):
        source.hooks().listed(place)
    source.close()


def test_data_center_is_left_to_people(datacenter: JiraHarness) -> None:
    source = datacenter.connect()
    (place,) = source.hooks().places(source.scopes())
    with pytest.raises(Rejected, match="Data Center takes no secret from a program"):
        source.hooks().listed(place)
    source.close()
