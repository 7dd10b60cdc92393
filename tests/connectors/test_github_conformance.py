"""The conformance suite over GitHub, served by the sandbox; its requests are held against GitHub's own description."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from conformance import TOKEN, SandboxHarness, SourceConformance, Trial, drain, start
from contract import Contract
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors import registry
from connectors.github import GitHubSettings
from okrsync.model import AppIdentity, Secret, SecretRef, Slot, SourceConfig, Surface
from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.github.repository import Repository

PRIVATE_KEY = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    .decode()
)


class GitHubHarness(SandboxHarness):
    """github.com with a personal token."""

    base = "/github"
    app: ClassVar[AppIdentity | None] = None
    page = 100
    unknown = "999999999#1"
    quiet = 2  # of a gate query each
    pulls = r".*/(issues|commits)"
    indispensable = frozenset({"number"})
    open_query = "repo:acme/shop repo:acme/mobile is:open"
    bad_query = "is:open repo:acme/nowhere"
    cannot: ClassVar[Mapping[str, str]] = {
        "hide": "GitHub hides whole repositories, never one issue",
        "move": "a transferred issue gets another identity; the old one is gone",
        "logged out": "only Jira answers so",
        "delete under status": "a pull request cannot be deleted",
        "delete under block": "a milestone is no item",
    }

    def __init__(self, sandbox: Sandbox, shop: Repository, mobile: Repository) -> None:
        super().__init__(sandbox)
        self.shop, self.mobile = shop, mobile
        shop.commit("Begin")
        mobile.commit("Begin")

    def connect(self, token: str = TOKEN) -> Any:
        source = SourceConfig(
            id="it",
            kind="github",
            url=self.sandbox.url + self.base,
            email=None,
            token=SecretRef("env", "GITHUB_TOKEN"),
            settings=GitHubSettings(repositories=("acme/shop", "acme/mob*"), branches=("release/*",)),
            timeout=self.timeout,
            app=self.app,
        )
        made: Any = registry.connect(source, Secret(PRIVATE_KEY if self.app else token))
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

    def label(self, remote_id: str, name: str) -> None:
        repository, number = self._found(remote_id)
        repository.edit(number, labels=[*(one.name for one in repository.find(number).labels), name])

    def finish(self, remote_id: str) -> None:
        repository, number = self._found(remote_id)
        repository.edit(number, state="closed")

    def reword(self) -> None:
        self.shop.rename_label("okr:KR-1", "okr:KR-2")

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
        for label in ("okr-orphan", "okr-objective:O-1"):
            self.shop.label(label)
        stone = self.shop.milestone("Spring", description="Words of people\r\n")
        assert pull.pull is not None
        text = "KR-UX: 50 %\n- one <b> @bo #12 fixes acme/shop#3\n- two\n\n<!-- okrsync:acme -->\n# *x* | `y`"
        failure = {"state": "failure", "description": "reaches no objective", "target_url": "https://acme.test/x"}
        identity, head = f"{self.shop.id}#{issue.number}", pull.pull.head_sha
        return (
            Trial(Slot("it", identity, Surface.LABEL, "okr-orphan"), True, True),
            Trial(Slot("it", identity, Surface.OBJECTIVE_LABEL, "okr-objective:O-1"), True, True),
            Trial(Slot("it", identity, Surface.COMMENT, "acme"), text, "Done"),
            Trial(Slot("it", f"milestone:{self.shop.id}:{stone.number}", Surface.BLOCK, "acme"), text, "Done"),
            Trial(
                Slot("it", f"{self.shop.id}#{pull.number}", Surface.STATUS, head),
                failure,
                {"state": "success", "description": "Customers stay"},
            ),
        )


class ServerHarness(GitHubHarness):
    """An Enterprise Server of version 3.17."""

    base = "/ghes/api/v3"


class AppHarness(GitHubHarness):
    """An app that signs in by itself."""

    app = AppIdentity("42", "7")


class RestHarness(GitHubHarness):
    """A server that takes no queries at all."""

    quiet = 2 + 2 * 4  # the repositories; of each its labels, milestones, branches and newest issues
    cannot: ClassVar[Mapping[str, str]] = {**GitHubHarness.cannot, "batched reads": "the REST interface has none"}

    def __init__(self, sandbox: Sandbox, shop: Repository, mobile: Repository) -> None:
        super().__init__(sandbox, shop, mobile)
        self.heal()

    def heal(self) -> None:
        super().heal()
        self.sandbox.fault("answer", status=404, body="{}", path=r".*/graphql", times=None)


@pytest.fixture
def harness(
    request: pytest.FixtureRequest, watch: Callable[[Contract, str], None], github_contract: Contract
) -> Iterator[GitHubHarness]:
    clock = Clock(datetime(2026, 3, 1, 8, 0, tzinfo=UTC))
    shop, mobile = Repository("acme/shop"), Repository("acme/mobile")
    with Sandbox(World(github=[shop, mobile], clock=clock)) as sandbox:
        watch(github_contract, sandbox.url + request.cls.of.base)
        made: GitHubHarness = request.cls.of(sandbox, shop, mobile)
        yield made
        made.close()


class TestGitHub(SourceConformance):
    """GitHub."""

    of = GitHubHarness

    def test_no_request_an_item(self, harness: GitHubHarness) -> None:
        """A first pull: the gate (one query for the names, one for the pattern), pages of issues with a query each. One
        with a change: the gate, and the page of that repository. A quiet one: the gate."""
        harness.seed(2 * harness.page)
        source = harness.connect()
        _, since = drain(source, start(source))
        assert _asked(harness) == ["graphql"] * (2 + 3) + ["issues"] * 3
        assert source.requests() == 2 + 3 + 3
        harness.shop.issue("One more")
        harness.advance(timedelta(hours=1))
        changed = harness.connect()  # as the shell does after a failure
        start(changed)
        _, since = drain(changed, since)
        assert _asked(harness) == ["graphql", "graphql", "issues"]
        for _ in range(2):
            start(changed)
            assert drain(changed, since) == ([], since)
            assert _asked(harness) == ["graphql", "graphql"]


class TestGitHubEnterprise(SourceConformance):
    """GitHub Enterprise Server."""

    of = ServerHarness


@pytest.mark.soak
class TestGitHubApp(SourceConformance):
    """GitHub, for an app."""

    of = AppHarness


@pytest.mark.soak
class TestGitHubWithoutQueries(SourceConformance):
    """GitHub by its REST interface alone."""

    of = RestHarness
    # a request a pull request, and two for the past of each of a few: more than these cases allow
    test_the_nth_request_fails_for_every_n = None  # type: ignore[assignment]
    test_histories_tell_what_happened_in_bulk = None  # type: ignore[assignment]


def _asked(harness: GitHubHarness) -> list[str]:
    """The last parts of the addresses asked since the last time, sorted."""
    found = sorted(one.path.rpartition("/")[2] for one in harness.sandbox.requests)
    harness.sandbox.clear_requests()
    return found
