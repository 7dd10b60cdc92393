"""``[[sources]]``: the keys that all kinds share, and the two ways to sign in; other keys belong to the kind."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field, ValidationInfo, field_validator

from config.context import context_of
from config.faults import Unfit
from config.fields import AppId, Cron, Day, Email, InstallationId, LastingDuration, SecretReference, SourceId, Text, Url
from config.schema import TomlTable
from config.writeback import WritebackTable


class AuthTable(TomlTable):
    """An account, by its token."""

    email: Email | None = None
    token: Annotated[SecretReference, Field(examples=['{ env = "JIRA_TOKEN" }'])]
    expires: Day | None = None


class AppAuthTable(TomlTable):
    """An app that signs in by itself, by its private key."""

    app_id: Annotated[AppId, Field(examples=['"12345"'])]
    installation_id: Annotated[InstallationId, Field(examples=['"678"'])]
    private_key: Annotated[SecretReference, Field(examples=['{ file = "/run/secrets/github-app.pem" }'])]
    email: Annotated[object, Field(exclude=True)] = None
    token: Annotated[object, Field(exclude=True)] = None
    expires: Annotated[object, Field(exclude=True)] = None

    @field_validator("email", "token", "expires")
    @classmethod
    def _belongs_to_an_account(cls, value: object) -> None:
        if value is not None:
            raise Unfit("belongs to an account and cannot stand beside an app; keep one of them", show=False)


Auth = TypeVar("Auth", bound=AuthTable | AppAuthTable)


class SourceTable(TomlTable, Generic[Auth]):
    """The keys that every kind of source has; the others belong to the settings of its kind."""

    id: Annotated[SourceId, Field(examples=['"jira"'])]
    kind: Annotated[str, Field(examples=['"jira"'])]
    url: Annotated[Url, Field(examples=['"https://acme.atlassian.net"'])]
    auth: Annotated[Auth, Field(examples=['{ email = "okrsync@acme.test", token = { env = "JIRA_TOKEN" } }'])]
    every: LastingDuration = timedelta(minutes=5)
    cron: Cron | None = None
    census: LastingDuration = timedelta(hours=24)
    timeout: LastingDuration = timedelta(seconds=30)
    ca_file: Text | None = None
    webhook_secret: SecretReference | None = None

    @field_validator("id")
    @classmethod
    def _is_no_option_of_writeback(cls, value: str) -> str:
        if value in WritebackTable.model_fields:
            raise Unfit(f"cannot be used, because writeback.{value} means something else")
        return value

    @field_validator("kind")
    @classmethod
    def _exists(cls, value: str, info: ValidationInfo) -> str:
        if value not in context_of(info).kinds:
            raise Unfit("there is no source of this kind", candidates=sorted(context_of(info).kinds))
        return value

    @field_validator("cron")
    @classmethod
    def _stands_alone(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("every") != cls.model_fields["every"].default:
            raise Unfit("cannot stand beside every; keep one of them")
        return value

    @field_validator("ca_file")
    @classmethod
    def _is_a_file(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and not (context_of(info).base / value).is_file():
            raise Unfit("there is no such file")
        return value


def source_table(auth: object, *, takes_app: bool) -> type[SourceTable[Any]]:
    """The table of a source with this ``auth``: that of an app, where its kind takes one and a key of one is there."""
    of_app = AppAuthTable.model_fields.keys() - AuthTable.model_fields.keys()
    if takes_app and isinstance(auth, dict) and not of_app.isdisjoint(auth):
        return SourceTable[AppAuthTable]
    return SourceTable[AuthTable]
