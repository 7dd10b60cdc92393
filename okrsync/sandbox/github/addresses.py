"""The addresses with which GitHub's objects are full, of users and of repositories."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import quote

from okrsync.sandbox.github.values import User

Json = dict[str, Any]
WEB = "https://github.com"


@lru_cache(maxsize=4096)
def user_object(user: User, base: str, web: str) -> Json:
    """A user as other objects hold one. Shared: not to be changed."""
    at = f"{base}/users/{quote(user.login, safe='')}"
    return {
        "login": user.login,
        "id": user.id,
        "node_id": user.node_id,
        "avatar_url": f"https://avatars.githubusercontent.com/u/{user.id}?v=4",
        "gravatar_id": "",
        "url": at,
        "html_url": f"{web}/apps/{user.login.removesuffix('[bot]')}" if user.type == "Bot" else f"{web}/{user.login}",
        "followers_url": f"{at}/followers",
        "following_url": f"{at}/following{{/other_user}}",
        "gists_url": f"{at}/gists{{/gist_id}}",
        "starred_url": f"{at}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{at}/subscriptions",
        "organizations_url": f"{at}/orgs",
        "repos_url": f"{at}/repos",
        "events_url": f"{at}/events{{/privacy}}",
        "received_events_url": f"{at}/received_events",
        "type": user.type,
        "user_view_type": "public",
        "site_admin": False,
    }


_PLAIN_URLS = (
    "contributors", "deployments", "downloads", "events", "forks", "hooks", "languages", "merges", "stargazers",
    "subscribers", "subscription", "tags", "teams",
)  # fmt: skip
_TEMPLATE_URLS = {
    "archive": "{archive_format}{/ref}",
    "assignees": "assignees{/user}",
    "blobs": "git/blobs{/sha}",
    "branches": "branches{/branch}",
    "collaborators": "collaborators{/collaborator}",
    "comments": "comments{/number}",
    "commits": "commits{/sha}",
    "compare": "compare/{base}...{head}",
    "contents": "contents/{+path}",
    "git_commits": "git/commits{/sha}",
    "git_refs": "git/refs{/sha}",
    "git_tags": "git/tags{/sha}",
    "issue_comment": "issues/comments{/number}",
    "issue_events": "issues/events{/number}",
    "issues": "issues{/number}",
    "keys": "keys{/key_id}",
    "labels": "labels{/name}",
    "milestones": "milestones{/number}",
    "notifications": "notifications{?since,all,participating}",
    "pulls": "pulls{/number}",
    "releases": "releases{/id}",
    "statuses": "statuses/{sha}",
    "trees": "git/trees{/sha}",
}


@lru_cache(maxsize=1024)
def repository_addresses(full_name: str, base: str, web: str) -> Json:
    """Every address that the object of a repository holds. Shared: not to be changed."""
    at = f"{base}/repos/{full_name}"
    found = {f"{name}_url": f"{at}/{name}" for name in _PLAIN_URLS}
    found |= {f"{name}_url": f"{at}/{template}" for name, template in _TEMPLATE_URLS.items()}
    host = web.partition("://")[2]
    return found | {
        "url": at,
        "html_url": f"{web}/{full_name}",
        "git_url": f"git://{host}/{full_name}.git",
        "ssh_url": f"git@{host}:{full_name}.git",
        "clone_url": f"{web}/{full_name}.git",
        "svn_url": f"{web}/{full_name}",
    }
