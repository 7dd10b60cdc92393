"""The conformance suite over GitHub, served by the sandbox; its requests are held against GitHub's own description."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from conformance import TOKEN, SandboxHarness, SourceConformance, Trial, drain, start
from contract import Contract

from connectors import registry
from connectors.github import GitHubSettings
from okrsync.model import Secret, SecretRef, Slot, SourceConfig, Surface
from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.github.repository import Repository


class GitHubHarness(SandboxHarness):
    page = 100
    unknown = "999999999#1"
    pulls = r".*/(issues|commits)"
    cannot: ClassVar[Mapping[str, str]] = {
        "hide": "GitHub hides whole repositories, never one issue",
        "move": "a transferred issue gets another identity; the old one is gone",
        "logged out": "only Jira answers so",
        "delete under status": "a pull request cannot be deleted",
    }
    timeout = timedelta(seconds=0.5)  # a page of a hundred takes a while here

    def __init__(self, sandbox: Sandbox, shop: Repository, mobile: Repository) -> None:
        super().__init__(sandbox)
        self.shop, self.mobile = shop, mobile
        shop.commit("Begin")
        mobile.commit("Begin")

    def connect(self, token: str = TOKEN) -> Any:
        source = SourceConfig(
            id="it",
            kind="github",
            url=f"{self.sandbox.url}/github",
            email=None,
            token=SecretRef("env", "GITHUB_TOKEN"),
            settings=GitHubSettings(repositories=("acme/shop", "acme/mob*"), branches=("release/*",)),
            timeout=self.timeout,
        )
        made: Any = registry.connect(source, Secret(token))
        made._api._transport._wait = lambda seconds: False  # tries again at once
        self.opened.append(made)
        return made

    def seed(self, count: int, *, at: datetime | None = None) -> list[str]:
        found = []
        for number in range(count):
            self.advance(timedelta(minutes=7))
            repository = (self.shop, self.mobile)[number % 10 == 9]
            if number % 3 == 2:
                made = repository.pull(f"Pull request {number}", head=f"feature-{number}", at=at)
            else:
                made = repository.issue(f"Issue {number}", at=at)
            found.append(f"{repository.id}#{made.number}")
        self.advance(timedelta(hours=1))
        return found

    def _found(self, remote_id: str) -> tuple[Repository, int]:
        place, _, number = remote_id.partition("#")
        return next(one for one in (self.shop, self.mobile) if str(one.id) == place), int(number)

    def touch(self, remote_id: str) -> None:
        repository, number = self._found(remote_id)
        repository.edit(number, title=f"Touched at {self.sandbox.world.clock():%H:%M}")

    def delete(self, remote_id: str) -> None:
        repository, number = self._found(remote_id)
        repository.delete(number)

    def hide(self, remote_id: str) -> None:
        raise NotImplementedError(self.cannot["hide"])

    def hide_scope(self) -> str:
        self.shop.hide()
        return "acme/shop"

    def trials(self) -> Sequence[Trial]:
        issue, pull = self.shop.issue("An issue"), self.shop.pull("A pull request", head="topic", commits=["Work"])
        self.shop.label("okr-orphan")
        assert pull.pull is not None
        text = "KR-UX: 50 %\n- one <b> @bo #12 fixes acme/shop#3\n- two\n\n<!-- okrsync:acme -->\n# *x* | `y`"
        failure = {"state": "failure", "description": "reaches no objective", "target_url": "https://acme.test/x"}
        identity, head = f"{self.shop.id}#{issue.number}", pull.pull.head_sha
        return (
            Trial(Slot("it", identity, Surface.LABEL, "okr-orphan"), True, True),
            Trial(Slot("it", identity, Surface.COMMENT, "acme"), text, "Done"),
            Trial(
                Slot("it", f"{self.shop.id}#{pull.number}", Surface.STATUS, head),
                failure,
                {"state": "success", "description": "Customers stay"},
            ),
        )


@pytest.fixture
def harness(watch: Callable[[Contract, str], None], github_contract: Contract) -> Iterator[GitHubHarness]:
    clock = Clock(datetime(2026, 3, 1, 8, 0, tzinfo=UTC))
    shop, mobile = Repository("acme/shop"), Repository("acme/mobile")
    with Sandbox(World(github=[shop, mobile], clock=clock)) as sandbox:
        watch(github_contract, f"{sandbox.url}/github")
        made = GitHubHarness(sandbox, shop, mobile)
        yield made
        made.close()


class TestGitHub(SourceConformance):
    """GitHub."""

    def test_no_request_an_item(self, harness: GitHubHarness) -> None:
        """A first pull: two scopes, their labels and branches, pages of issues with a query each. A quiet one: the same
        with one page a repository, and no page that GitHub says is the same is sent again."""
        harness.timeout = timedelta(seconds=10)  # a busy machine costs no second try
        harness.seed(2 * harness.page)
        source = harness.connect()
        _, since = drain(source, start(source))
        asked = [one.path.rpartition("/")[2] for one in harness.sandbox.requests]
        once = ["branches"] * 2 + ["labels"] * 2 + ["repos", "shop"]
        assert sorted(asked) == sorted([*once, *["graphql"] * 3, *["issues"] * 3])
        assert source.requests() == len(asked)
        harness.sandbox.clear_requests()
        for _ in range(2):
            quiet = harness.connect()  # as the daemon does in each cycle
            start(quiet)
            drain(quiet, since)
        asked = [f"{one.path.rpartition('/')[2]} {one.status}" for one in harness.sandbox.requests]
        known = ["repos 304", "shop 304", *["branches 304"] * 2, *["labels 304"] * 2]
        assert sorted(asked) == sorted([*known, *known, *["issues 200"] * 2, *["issues 304"] * 2])
