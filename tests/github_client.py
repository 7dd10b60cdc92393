"""A client of the stand-in GitHub, and a check of whole exchanges against GitHub's own specification."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

Check = Callable[[requests.Response], None]


class Client(requests.Session):
    """A session on the API at an address. ``check`` gets every exchange."""

    def __init__(self, url: str, check: Check | None = None, token: str = "token") -> None:
        super().__init__()
        self.trust_env = False
        self.base = f"{url}/github"
        self.edits = f"{url}/_sandbox/github"
        if token:
            self.headers["Authorization"] = f"Bearer {token}"
        if check is not None:
            self.hooks["response"].append(lambda response, **_: check(response))

    def send_to(self, method: str, path: str, body: object = None, **query: Any) -> requests.Response:
        """The answer to a request for a path, or for a whole address."""
        url = path if "://" in path else self.base + path
        return self.request(method, url, json=body, params=query, timeout=10, allow_redirects=False)

    def ask(self, method: str, path: str, body: object = None, status: int = 200, **query: Any) -> Any:
        """The decoded answer; fails where the status is another."""
        answer = self.send_to(method, path, body, **query)
        assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
        return answer.json() if answer.content else None

    def pages(self, path: str, **query: Any) -> list[Any]:
        """Every page of a listing, by its next links."""
        found: list[Any] = []
        answer = self.send_to("GET", path, **query)
        while True:
            assert answer.status_code == 200, answer.text
            found.append(answer.json())
            if "next" not in answer.links:
                return found
            answer = self.send_to("GET", answer.links["next"]["url"])

    def query(self, text: str, **variables: Any) -> Any:
        """The whole answer to a GraphQL query."""
        return self.ask("POST", "/graphql", {"query": text, "variables": variables})

    def person(self, path: str, body: object, status: int | None = None) -> Any:
        """An edit as a person makes it in GitHub."""
        answer = self.post(f"{self.edits}/{path}", json=body, timeout=10)
        assert answer.status_code == status if status else answer.ok, answer.text
        return answer.json()


_UNTOLD = {
    ("get", "/app"): "integration",
    ("get", "/users/{user}"): "public-user",
    ("delete", "/repos/{owner}/{repo}/issues/{number}/dependencies/blocked_by/{issue_id}"): "issue",
}
"""Operations that the trimmed file lacks, and the schema of what they answer with."""

_UNCHECKED = re.compile(
    r"/(?:graphql|repositories/\d+.*|users/[^/]+/repos|repos/[^/]+/[^/]+/branches/.+|app/installations/\d+"
    r"|repos/[^/]+/[^/]+/commits/[^/]+/status|repos/[^/]+/[^/]+/hooks(?:/\d+(?:/pings)?)?)$"
)
"""Paths that it lacks as well, with the schemas of their answers; and addresses by id, which it never names."""


def _untold(path: str, schema: str) -> dict[str, Any]:
    names = re.findall(r"\{(\w+)\}", path)
    answer = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    return {
        "parameters": [{"name": one, "in": "path", "required": True, "schema": {"type": "string"}} for one in names],
        "responses": {"200": {"description": "", "content": {"application/json": answer}}},
    }


def _mend(document: dict[str, Any]) -> None:
    """Let the specification take what GitHub really sends: nulls that it does not allow for."""
    schemas = document["components"]["schemas"]
    for name in ("pull-request", "pull-request-simple"):
        schemas[name]["properties"]["labels"]["items"]["properties"]["description"]["nullable"] = True
    for name in ("author", "committer"):
        schemas["commit"]["properties"][name]["oneOf"].append({"type": "object", "nullable": True, "enum": [None]})
    document["paths"] |= {path: {method: _untold(path, schema)} for (method, path), schema in _UNTOLD.items()}
    for name in ("issue", "nullable-issue", "issue-search-result-item"):
        issue = schemas[name]["properties"]
        issue["type"] = {"nullable": True, "allOf": [issue["type"]]}
        issue["body"]["nullable"] = True


def contract(specs: Path) -> Callable[[str], Check]:
    """A check of exchanges with an address against GitHub's OpenAPI file; paths that the trimmed file lacks pass."""
    from openapi_core import OpenAPI
    from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
    from openapi_core.templating.paths.exceptions import PathNotFound
    from openapi_core.templating.responses.exceptions import ResponseNotFound

    text = (specs / "github-rest-openapi.json").read_text(encoding="utf-8")

    def at(address: str) -> Check:
        document = json.loads(text)
        _mend(document)
        document["servers"] = [{"url": address}]
        api = OpenAPI.from_dict(document)

        def check(response: requests.Response) -> None:
            request = RequestsOpenAPIRequest(response.request)
            try:
                if response.ok:
                    api.validate_request(request)
                if response.content:
                    api.validate_response(request, RequestsOpenAPIResponse(response))
            except PathNotFound:
                path = str(response.request.url).removeprefix(address).partition("?")[0]
                assert _UNCHECKED.match(path), response.request.url
            except ResponseNotFound:
                assert not response.ok, response.request.url  # the file lacks refusals that GitHub documents

        return check

    return at
