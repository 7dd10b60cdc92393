"""What the sandbox keeps → JSON as GitHub sends it, with every address of the moment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from okrsync.sandbox.github.addresses import WEB, repository_addresses, user_object
from okrsync.sandbox.github.directory import Directory
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import (
    Comment,
    Commit,
    Issue,
    Label,
    Milestone,
    Pull,
    Ref,
    Signature,
    Status,
    User,
    sha_of,
)

Json = dict[str, Any]
API = "https://api.github.com"
_UNVERIFIED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
_REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


class Show:
    """Shows things under the address of an API, ``base``, and of its pages, ``web``. ``directory`` knows what stands
    elsewhere; ``newer`` is whether things have what an Enterprise Server does not know yet."""

    def __init__(self, base: str, directory: Directory, web: str = WEB, *, newer: bool = True) -> None:
        self.base = base
        self.directory = directory
        self.web = web
        self.newer = newer
        self._repositories: dict[int, Json] = {}

    def user(self, user: User | None) -> Json | None:
        return user_object(user, self.base, self.web) if user else None

    # ── repositories ──

    def at(self, state: State) -> str:
        return f"{self.base}/repos/{state.full_name}"

    def repository(self, state: State) -> Json:
        """The repository as other objects and lists hold it."""
        known = self._repositories.get(state.id)
        if known is None:
            known = self._repositories[state.id] = self._repository(state)
        return known

    def _repository(self, state: State) -> Json:
        open_issues = state.open_issues()
        return {
            "id": state.id,
            "node_id": state.node_id,
            "name": state.name,
            "full_name": state.full_name,
            "private": False,
            "owner": self.user(state.owner),
            "description": None,
            "fork": False,
            **repository_addresses(state.full_name, self.base, self.web),
            "created_at": state.created_at,
            "updated_at": state.updated_at,
            "pushed_at": state.pushed_at,
            "homepage": None,
            "size": len(state.history.commits),
            "stargazers_count": 0,
            "watchers_count": 0,
            "language": None,
            "has_issues": True,
            "has_projects": True,
            "has_downloads": True,
            "has_wiki": True,
            "has_pages": False,
            "has_discussions": False,
            "forks_count": 0,
            "mirror_url": None,
            "archived": False,
            "disabled": False,
            "open_issues_count": open_issues,
            "license": None,
            "allow_forking": True,
            "is_template": False,
            "web_commit_signoff_required": False,
            "topics": [],
            "visibility": "private" if state.facts.get("private") else "public",
            "forks": 0,
            "open_issues": open_issues,
            "watchers": 0,
            "default_branch": state.default_branch,
            **state.facts,
        }

    def full_repository(self, state: State) -> Json:
        """The repository as ``GET /repos/{owner}/{repo}`` gives it."""
        found = {**self.repository(state), "network_count": 0, "subscribers_count": 0, "temp_clone_token": ""}
        if state.owner.type == "Organization":
            found["organization"] = self.user(state.owner)
        return found

    # ── labels and milestones ──

    def label(self, state: State, label: Label) -> Json:
        return {
            "id": label.id,
            "node_id": label.node_id,
            "url": f"{self.at(state)}/labels/{quote(label.name, safe='')}",
            "name": label.name,
            "color": label.color,
            "default": label.default,
            "description": label.description,
        }

    def labels(self, state: State, issue: Issue) -> list[Json]:
        return [self.label(state, state.labels[name]) for name in state.seen("labels", issue.number, issue.labels)]

    def milestone(self, state: State, milestone: Milestone) -> Json:
        at = f"{self.at(state)}/milestones/{milestone.number}"
        return {
            "url": at,
            "html_url": f"{self.web}/{state.full_name}/milestone/{milestone.number}",
            "labels_url": f"{at}/labels",
            "id": milestone.id,
            "node_id": milestone.node_id,
            "number": milestone.number,
            "title": milestone.title,
            "description": state.seen("milestone", milestone.number, milestone.description),
            "creator": self.user(milestone.creator),
            "open_issues": state.count(milestone.number, "open"),
            "closed_issues": state.count(milestone.number, "closed"),
            "state": milestone.state,
            "created_at": milestone.created_at,
            "updated_at": milestone.updated_at,
            "due_on": milestone.due_on,
            "closed_at": milestone.closed_at,
        }

    def _milestone_of(self, state: State, issue: Issue) -> Json | None:
        return self.milestone(state, state.milestones[issue.milestone]) if issue.milestone is not None else None

    # ── issues ──

    def issue(self, state: State, issue: Issue) -> Json:
        """An issue, or the issue that a pull request also is, as lists and ``GET …/issues/{number}`` give it."""
        at = f"{self.at(state)}/issues/{issue.number}"
        found = {
            "url": at,
            "repository_url": self.at(state),
            "labels_url": f"{at}/labels{{/name}}",
            "comments_url": f"{at}/comments",
            "events_url": f"{at}/events",
            "html_url": html_of(state, issue, self.web),
            "id": issue.id,
            "node_id": issue.node_id,
            **self._common(state, issue),
            "comments": len(issue.comments),
            "closed_by": self.user(issue.closed_by),
            "reactions": {"url": f"{at}/reactions", "total_count": 0, **dict.fromkeys(_REACTIONS, 0)},
            "timeline_url": f"{at}/timeline",
            "performed_via_github_app": None,
            "state_reason": issue.state_reason,
        }
        if self.newer:
            found["type"] = issue.type
        if issue.pull:
            html = html_of(state, issue, self.web)
            found["draft"] = issue.pull.draft
            found["pull_request"] = {
                "url": f"{self.at(state)}/pulls/{issue.number}",
                "html_url": html,
                "diff_url": f"{html}.diff",
                "patch_url": f"{html}.patch",
                "merged_at": issue.pull.merged_at,
            }
        elif self.newer:
            found |= self._around(state, issue)
        return found

    def _around(self, state: State, issue: Issue) -> Json:
        """What an issue says of those above, below, before and after it."""
        ref = Ref(state.full_name, issue.number)
        found: Json = {
            "sub_issues_summary": self.summary(ref),
            "issue_dependencies_summary": self.dependencies(issue, ref),
        }
        if issue.parent is not None:
            parent = self.directory.current(issue.parent)
            found["parent_issue_url"] = f"{self.base}/repos/{parent.repository}/issues/{parent.number}"
        return found

    def _common(self, state: State, issue: Issue) -> Json:
        """What an issue and a pull request show alike."""
        people = [self.user(one) for one in issue.assignees]
        return {
            "number": issue.number,
            "title": issue.title,
            "user": self.user(issue.user),
            "labels": self.labels(state, issue),
            "state": issue.state,
            "locked": issue.locked,
            "assignee": people[0] if people else None,
            "assignees": people,
            "milestone": self._milestone_of(state, issue),
            "created_at": issue.created_at,
            "updated_at": issue.updated_at,
            "closed_at": issue.closed_at,
            "author_association": issue.association,
            "active_lock_reason": issue.lock_reason,
            "body": issue.body,
        }

    def summary(self, ref: Ref) -> Json:
        """How many sub-issues an issue has, and how many are done."""
        children = self._read(self.directory.children(ref))
        done = sum(issue.state == "closed" for issue in children)
        percent = done * 100 // len(children) if children else 0
        return {"total": len(children), "completed": done, "percent_completed": percent}

    def dependencies(self, issue: Issue, ref: Ref) -> Json:
        """How many issues block this one and how many it blocks: the open ones, and all."""
        before, after = self._read(issue.blockers), self._read(self.directory.blocked(ref))
        return {
            "blocked_by": sum(one.state == "open" for one in before),
            "total_blocked_by": len(before),
            "blocking": sum(one.state == "open" for one in after),
            "total_blocking": len(after),
        }

    def _read(self, refs: Iterable[Ref]) -> list[Issue]:
        """Those of these issues that can be read."""
        directory = self.directory
        return [found[1] for ref in refs if (found := directory.issue(directory.current(ref)))]

    def comment(self, state: State, comment: Comment) -> Json:
        at = f"{self.at(state)}/issues"
        html = html_of(state, state.issues[comment.number], self.web)
        return {
            "url": f"{at}/comments/{comment.id}",
            "html_url": f"{html}#issuecomment-{comment.id}",
            "issue_url": f"{at}/{comment.number}",
            "id": comment.id,
            "node_id": comment.node_id,
            "user": self.user(comment.user),
            "created_at": comment.created_at,
            "updated_at": comment.updated_at,
            "author_association": comment.association,
            "body": state.seen("comment", comment.id, comment.body),
            "performed_via_github_app": None,
        }

    # ── pull requests ──

    def pull(self, state: State, issue: Issue) -> Json:
        """A pull request as lists give it."""
        pull = issue.pull
        assert pull is not None
        api, html = self.at(state), html_of(state, issue, self.web)
        at, issue_at = f"{api}/pulls/{issue.number}", f"{api}/issues/{issue.number}"
        urls = {
            "html": html,
            "issue": issue_at,
            "comments": f"{issue_at}/comments",
            "review_comments": f"{at}/comments",
            "review_comment": f"{api}/pulls/comments{{/number}}",
            "commits": f"{at}/commits",
            "statuses": f"{api}/statuses/{pull.head_sha}",
        }
        links = {name: {"href": url} for name, url in {"self": at, **urls}.items()}
        return {
            "url": at,
            "id": pull.id,
            "node_id": issue.node_id,
            **{f"{name}_url": url for name, url in urls.items()},
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            **self._common(state, issue),
            "merged_at": pull.merged_at,
            "merge_commit_sha": pull.merge_sha,
            "requested_reviewers": [],
            "requested_teams": [],
            "draft": pull.draft,
            "head": self._head(state, pull, issue),
            "base": self._end(state.owner, pull.base, pull.base_sha, self.repository(state)),
            "_links": links,
            "auto_merge": None,
        }

    def _head(self, state: State, pull: Pull, issue: Issue) -> Json:
        if pull.fork is None:
            return self._end(state.owner, pull.head, pull.head_sha, self.repository(state))
        if not pull.fork:
            return self._end(issue.user, pull.head, pull.head_sha, None)
        name = pull.fork["full_name"]
        owner = User.named(name.partition("/")[0])
        there = {
            **self.repository(state),
            **pull.fork,
            **repository_addresses(name, self.base, self.web),
            "owner": self.user(owner),
        }
        return self._end(owner, pull.head, pull.head_sha, there)

    def _end(self, owner: User | None, ref: str, sha: str, repository: Json | None) -> Json:
        label = f"{owner.login if owner else 'unknown'}:{ref}"
        return {"label": label, "ref": ref, "sha": sha, "user": self.user(owner), "repo": repository}

    def full_pull(self, state: State, issue: Issue, commits: int) -> Json:
        """A pull request as ``GET …/pulls/{number}`` gives it."""
        pull = issue.pull
        assert pull is not None
        mergeable = issue.state == "open"
        return {
            **self.pull(state, issue),
            "merged": pull.merged_at is not None,
            "mergeable": mergeable or None,
            "rebaseable": mergeable or None,
            "mergeable_state": "clean" if mergeable else "unknown",
            "merged_by": self.user(pull.merged_by),
            "comments": len(issue.comments),
            "review_comments": 0,
            "maintainer_can_modify": False,
            "commits": commits,
            "additions": 0,
            "deletions": 0,
            "changed_files": 0,
        }

    # ── commits ──

    def commit(self, state: State, commit: Commit) -> Json:
        """A commit as lists give it."""
        at, html, sha = self.at(state), f"{self.web}/{state.full_name}", commit.sha
        tree = sha_of(f"tree:{sha}")
        return {
            "sha": sha,
            "node_id": commit.node_id,
            "commit": {
                "author": _signature(commit.authored),
                "committer": _signature(commit.committed),
                "message": commit.message,
                "tree": {"sha": tree, "url": f"{at}/git/trees/{tree}"},
                "url": f"{at}/git/commits/{sha}",
                "comment_count": 0,
                "verification": _UNVERIFIED,
            },
            "url": f"{at}/commits/{sha}",
            "html_url": f"{html}/commit/{sha}",
            "comments_url": f"{at}/commits/{sha}/comments",
            "author": self.user(commit.author),
            "committer": self.user(commit.committer),
            "parents": [
                {"sha": one, "url": f"{at}/commits/{one}", "html_url": f"{html}/commit/{one}"} for one in commit.parents
            ],
        }

    def branch(self, state: State, name: str) -> Json:
        sha = state.branches[name]
        return {"name": name, "commit": {"sha": sha, "url": f"{self.at(state)}/commits/{sha}"}, "protected": False}

    def status(self, state: State, status: Status) -> Json:
        creator = self.user(status.creator)
        return {
            "url": f"{self.at(state)}/statuses/{status.sha}",
            "avatar_url": creator["avatar_url"] if creator else None,
            "id": status.id,
            "node_id": status.node_id,
            "state": status.state,
            "description": status.description,
            "target_url": status.target_url,
            "context": status.context,
            "created_at": status.created_at,
            "updated_at": status.created_at,
            "creator": creator,
        }


def _signature(signature: Signature) -> Json:
    return {"name": signature.name, "email": signature.email, "date": signature.date}


def html_of(state: State, issue: Issue, web: str) -> str:
    """The page of an issue or a pull request."""
    return f"{web}/{state.full_name}/{'pull' if issue.pull else 'issues'}/{issue.number}"
