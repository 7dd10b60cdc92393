"""Web addresses: what they name, and what they do not."""

from __future__ import annotations

import pytest

from okrsync import addresses

JIRA, GITHUB, ASANA = "https://acme.test/jira/browse/", "https://github.com/", "https://app.asana.com/"
SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("kind", "web", "url", "key"),
    [
        ("jira", JIRA, "https://acme.test/jira/browse/SHOP-12", "SHOP-12"),
        ("jira", JIRA, "HTTP://Acme.Test/jira/browse/shop-12?focusedCommentId=7#c", "SHOP-12"),
        ("jira", JIRA, "https://acme.test/jira/browse/%C3%84-1/", "Ä-1"),
        ("jira", JIRA, "https://acme.test/jira/boards/1?view=x&selectedIssue=SHOP-12&y", "SHOP-12"),
        ("jira", JIRA, "https://acme.test/jira/projects/SHOP/issues/SHOP-12?filter=all", "SHOP-12"),
        ("jira", JIRA, "https://acme.test/jira/browse/SHOP-12.", "SHOP-12"),
        ("jira", JIRA, "https://acme.test/browse/SHOP-12", None),
        ("jira", JIRA, "https://else.test/jira/browse/SHOP-12", None),
        ("jira", JIRA, "https://acme.test/jira/browse/SHOP-12x", None),
        ("jira", JIRA, "https://acme.test/jira/browse/SHOP", None),
        ("github", GITHUB, "https://github.com/acme/shop/issues/12", "acme/shop#12"),
        ("github", GITHUB, "https://GitHub.com/acme/my.shop/pull/12/files?w=1#diff-1", "acme/my.shop#12"),
        ("github", GITHUB, "https://github.com/acme/shop/pull/12.diff", "acme/shop#12"),
        ("github", GITHUB, f"https://github.com/acme/shop/commit/{SHA.upper()}", SHA),
        ("github", GITHUB, "https://github.com/acme/shop/commit/0123456#r1", "0123456"),
        ("github", GITHUB, f"https://github.com/acme/shop/pull/12/commits/{SHA}", "acme/shop#12"),
        ("github", GITHUB, "https://github.com/acme/shop/commit/012345", None),
        ("github", GITHUB, "https://github.com/acme/shop/issues/12a", None),
        ("github", GITHUB, "https://github.com/acme/shop/wiki/12", None),
        ("github", GITHUB, "https://gitlab.com/acme/shop/issues/12", None),
        ("asana", ASANA, "https://app.asana.com/0/111/222", "222"),
        ("asana", ASANA, "https://app.asana.com/0/0/222/f", "222"),
        ("asana", ASANA, "https://app.asana.com/0/inbox/111/222/333", "222"),
        ("asana", ASANA, "https://app.asana.com/1/9/project/111/task/222?focus=true", "222"),
        ("asana", ASANA, "https://app.asana.com/1/9/task/222/comment/333", "222"),
        ("asana", ASANA, "https://app.asana.com/0/111/list", None),
        ("asana", ASANA, "https://app.asana.com/0/111/111", None),
        ("asana", ASANA, "https://app.asana.com/1/9/project/111/list/222", None),
        ("jira", "", "https://acme.test/jira/browse/SHOP-12", None),
        ("other", "https://acme.test/", "https://acme.test/1", None),
    ],
)
def test_an_address_names_one_item_or_none(kind: str, web: str, url: str, key: str | None) -> None:
    found = addresses.named(url, kind, web)
    assert (found and found.key) == key


@pytest.mark.parametrize(
    ("kind", "url", "web"),
    [
        ("jira", "https://ACME.test/jira/browse/SHOP-12", JIRA),
        ("github", "https://github.com/acme/shop/issues/12", GITHUB),
        ("asana", "https://app.asana.com/1/9/task/222", ASANA),
        ("jira", "https://acme.test/projects/SHOP", ""),
        ("github", "", ""),
        ("other", "https://acme.test/1", ""),
    ],
)
def test_the_start_of_the_addresses_of_a_site_is_read_off_one(kind: str, url: str, web: str) -> None:
    assert addresses.web(url, kind) == web
