"""Who asks: an account of a Jira site, what it may not see and what it may not do."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

PERMISSIONS = (
    "BROWSE_PROJECTS",
    "CREATE_ISSUES",
    "EDIT_ISSUES",
    "DELETE_ISSUES",
    "ADD_COMMENTS",
    "EDIT_OWN_COMMENTS",
    "EDIT_ALL_COMMENTS",
    "DELETE_OWN_COMMENTS",
    "DELETE_ALL_COMMENTS",
    "LINK_ISSUES",
    "TRANSITION_ISSUES",
    "ADMINISTER_PROJECTS",
    "ADMINISTER",
    "BULK_CHANGE",
)
GLOBAL_PERMISSIONS = frozenset({"ADMINISTER", "BULK_CHANGE"})


@dataclass(slots=True)
class Account:
    """One account. Hidden projects and issues are held by id; ``denied`` names permissions that it lacks."""

    account_id: str
    name: str
    email: str = ""
    time_zone: str = "UTC"
    hidden_projects: set[str] = field(default_factory=set)
    hidden_issues: set[str] = field(default_factory=set)
    denied: set[str] = field(default_factory=set)
    language: str = ""  # "de", "fr" or "zh": names of statuses and the like; "" leaves them as they are
    anonymous: bool = False

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def may(self, permission: str) -> bool:
        return not self.anonymous and permission not in self.denied

    def user(self, base: str) -> dict[str, Any]:
        """The account as Jira shows it inside other objects; without its own address where ``base`` is empty."""
        address = {"self": f"{base}/rest/api/3/user?accountId={self.account_id}"} if base else {}
        return {
            **address,
            "accountId": self.account_id,
            "displayName": self.name,
            "active": True,
            "timeZone": self.time_zone,
            "accountType": "atlassian",
            "avatarUrls": {},
        }


def anonymous() -> Account:
    return Account(account_id="anonymous", name="Anonymous", anonymous=True)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an Authorization header holds. ``email`` is None for a bearer token."""

    email: str | None
    token: str


def credentials(header: str | None) -> Credentials | None:
    """Email and token of an Authorization header; None where there is none or it cannot be read."""
    scheme, _, value = (header or "").partition(" ")
    if scheme.lower() == "bearer" and value:
        return Credentials(None, value)
    if scheme.lower() != "basic":
        return None
    try:
        email, _, token = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return Credentials(email, token)
