"""What Asana does with fields, tags and comments, and what people see of them then."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from running import until

from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.asana import limits as of_limits
from okrsync.sandbox.asana.workspace import Workspace


class Site:
    """A workspace with a project of one task, and the calls of a program and of a person."""

    def __init__(self, sandbox: Sandbox, workspace: Workspace) -> None:
        self.sandbox, self.workspace = sandbox, workspace
        self.task = workspace.task("Epic")

    def ask(self, method: str, path: str, data: Any = None, **query: str) -> requests.Response:
        url = f"{self.sandbox.url}/asana/api/1.0{path}"
        body = None if data is None else {"data": data}
        return requests.request(
            method, url, json=body, params=query, headers={"Authorization": "Bearer good"}, timeout=10
        )

    def fill(self, value: Any, name: str = "Field") -> requests.Response:
        return self.ask("PUT", f"/tasks/{self.task}", {"custom_fields": {self.gid(name): value}})

    def gid(self, name: str) -> str:
        field = self.workspace.custom.named(name)
        assert field is not None
        return str(field["gid"])

    def edit(self, path: str, **body: Any) -> Any:
        return self.workspace.edit(path, body)

    def seen(self, path: str) -> Any:
        return requests.get(f"{self.sandbox.url}/_sandbox/asana/77/{path}", timeout=10)

    def has(self, **field: Any) -> None:
        self.edit("projects/Shop", fields=[{"name": "Field", **field}])

    def fields(self) -> Any:
        return self.seen(f"tasks/{self.task}").json()["fields"]


@pytest.fixture
def site() -> Iterator[Site]:
    workspace = Workspace("77", projects=[{"gid": "10", "name": "Shop"}, {"gid": "20", "name": "Pay"}])
    with Sandbox(World(asana=[workspace])) as sandbox:
        yield Site(sandbox, workspace)


# ── custom fields ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("how", "value", "held", "shown"),
    [
        ({"precision": 1}, 0.251, 0.3, "0.3"),
        ({"format": "percentage", "precision": 0}, 0.2549, 0.25, "25%"),
        ({"format": "percentage", "precision": 1}, 0.2549, 0.255, "25.5%"),
    ],
)
def test_a_number_is_rounded_as_it_is_shown(how: Any, value: Any, held: Any, shown: Any, site: Site) -> None:
    site.has(type="number", **how)
    (entry,) = site.fill(value).json()["data"]["custom_fields"]
    assert (entry["number_value"], entry["display_value"]) == (held, shown)


def test_what_a_field_refuses(site: Site) -> None:
    site.has(type="enum", options=["a", "b"])
    options = {
        one["name"]: one["gid"]
        for one in site.ask("GET", f"/custom_fields/{site.gid('Field')}").json()["data"]["enum_options"]
    }
    assert site.fill(options["a"]).status_code == 200
    assert site.fill("a").status_code == 400, "an option is named by its gid"
    site.edit("fields/Field", options={"b": False, "c": True})
    assert site.fill(options["b"]).status_code == 400
    site.edit("fields/Field", enabled=False)
    assert site.fill(options["a"]).status_code == 400
    site.edit("fields/Field", enabled=True, formula=True)
    assert site.fill(None).status_code == 400
    assert site.fields() == {"Field": "a"}
    assert "enabled" not in site.ask("GET", f"/custom_fields/{site.gid('Field')}").json()["data"]
    assert site.ask("GET", "/custom_fields/9").status_code == 404


def test_a_field_comes_and_goes_with_the_projects_of_a_task(site: Site) -> None:
    site.has(type="text")
    site.edit("projects/Pay", fields=[{"name": "Field"}])
    assert site.fill("x").status_code == 200
    site.edit(f"tasks/{site.task}", project="Pay")
    site.edit("projects/Shop", drop_fields=["Field"])
    assert site.fields() == {"Field": "x"}
    site.edit("projects/Pay", drop_fields=["Field"])
    assert site.fields() == {}
    assert "is not on given object" in site.fill("x").text


# ── tags and comments ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_deleted_tag_is_on_no_task(site: Site) -> None:
    site.edit(f"tasks/{site.task}", tags={"add": ["a", "b"]})
    tag = site.workspace.named("tag", "a")
    assert tag is not None
    assert site.ask("DELETE", f"/tags/{tag['gid']}").json() == {"data": {}}
    assert site.seen(f"tasks/{site.task}").json()["tags"] == ["b"]
    assert site.ask("DELETE", f"/tags/{tag['gid']}").status_code == 404


@pytest.mark.parametrize(
    "html",
    [
        "no body",
        "<p>no body</p>",
        "<body><p>a</p></body>",
        "<body>a<br></body>",
        "<body>a & b</body>",
        "<body><a>nowhere</a></body>",
        "<body><script>1</script></body>",
    ],
)
def test_markup_that_asana_does_not_take(html: str, site: Site) -> None:
    assert site.ask("POST", f"/tasks/{site.task}/stories", {"html_text": html}).status_code == 400


def test_what_people_see_of_texts(site: Site) -> None:
    me = site.ask("GET", "/users/me").json()["data"]["gid"]
    html = f'<body><strong>Hi</strong> <a data-asana-gid="{me}"/> <a href="https://x.test">x</a><ul><li>one</li></ul></body>'
    made = site.ask("POST", f"/tasks/{site.task}/stories", {"html_text": html, "is_pinned": True}).json()["data"]
    plain = f"see https://app.asana.com/0/0/{site.task}/f, www.x.test\u2060 and ana@x.test"
    site.edit(f"tasks/{site.task}", comment=plain)
    rich, text = site.seen(f"tasks/{site.task}").json()["comments"]
    assert rich == {
        "by": "okrsync",
        "pinned": True,
        "text": "Hi @okrsync x\n- one",
        "links": ["https://x.test"],
        "mentions": [me],
    }
    assert (text["mentions"], len(text["links"])) == ([site.task], 3)
    assert "\u2060" not in text["text"]
    site.edit(f"stories/{made['gid']}", editable=False)
    assert site.ask("PUT", f"/stories/{made['gid']}", {"text": "no"}).status_code == 403
    site.edit(f"stories/{made['gid']}", delete=True)
    assert site.ask("GET", f"/stories/{made['gid']}").status_code == 404


def test_an_edited_comment_moves_its_task(site: Site) -> None:
    story = site.ask("POST", f"/tasks/{site.task}/stories", {"text": "a"}).json()["data"]
    site.sandbox.world.clock.advance(timedelta(hours=1))
    before = site.ask("GET", f"/tasks/{site.task}").json()["data"]["modified_at"]
    site.ask("PUT", f"/stories/{story['gid']}", {"text": "b"})
    assert site.ask("GET", f"/tasks/{site.task}").json()["data"]["modified_at"] > before
    assert site.ask("PUT", f"/stories/{story['gid']}", {"text": "b", "html_text": "<body>b</body>"}).status_code == 400


def test_nothing_is_shown_of_what_is_not_there(site: Site) -> None:
    assert site.seen("tasks/9").status_code == site.seen("users/9").status_code == 404
    assert requests.get(f"{site.sandbox.url}/_sandbox/asana/78/tasks/9", timeout=10).status_code == 404
    assert requests.get(f"{site.sandbox.url}/_sandbox/nobody/x", timeout=10).status_code == 404


# ── at once ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("method", "most"), [("GET", {"reading": 3}), ("POST", {"writing": 3})])
def test_more_at_once_than_asana_takes_are_refused(
    method: str, most: dict[str, int], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits, over = site.workspace.limits, threading.Event()
    monkeypatch.setattr(of_limits, "time", SimpleNamespace(sleep=lambda _: over.wait(30)))
    limits.seconds = 1.0
    for name, granted in most.items():
        setattr(limits, name, granted)
    path = f"/tasks/{site.task}" + ("/stories" if method == "POST" else "")
    found: list[int] = []
    body = {"text": "a"} if method == "POST" else None
    threads = [
        threading.Thread(target=lambda: found.append(site.ask(method, path, body).status_code)) for _ in range(8)
    ]
    for one in threads:
        one.start()
    until(lambda: limits.most[method == "POST"] == 8)
    over.set()
    for one in threads:
        one.join()
    assert sorted(found) == [200 if method == "GET" else 201] * 3 + [429] * 5
    assert site.ask(method, path, body).status_code in (200, 201)
