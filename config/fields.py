"""The types of single options: text → value, or a sentence on what is allowed."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, PlainSerializer, PlainValidator, ValidationInfo

from config.context import context_of
from config.database import database_url
from config.faults import Unfit, hint, listed, quoted
from okrsync.model import MANAGED_LABELS, OBJECTIVE_LABEL, ItemRef, SecretRef, is_managed

SECRET_KINDS = ("env", "file", "credential")

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(\d{1,6})([smhdw])")
_LAST_PORT = 65_535
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_OWN_LABELS = (*sorted(MANAGED_LABELS), f"{OBJECTIVE_LABEL}ID")
EARLIEST, LATEST = date(1970, 1, 1), date(2999, 12, 31)


# ── text ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def fold(text: str) -> str:
    """The form in which two ids are the same: NFC, and no matter of case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _one_line(text: str) -> str:
    if not text.strip():
        raise Unfit("must not be empty", show=False)
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise Unfit("must be one line, without control characters")
    return text


def usable(text: object) -> bool:
    """Whether this can be an id at all: text that can be printed and holds no space."""
    return isinstance(text, str) and text != "" and text.isprintable() and not any(map(str.isspace, text))


def _goal_id(text: str) -> str:
    if not usable(text):
        raise Unfit('must be an id without spaces, such as "KR-CHURN"')
    if is_managed(fold(text)) or is_managed(f"okr-{fold(text)}"):
        raise Unfit(f"is kept for the labels that okrsync writes itself ({listed(_OWN_LABELS)})")
    return unicodedata.normalize("NFC", text)


def _word(text: str) -> str:
    if not usable(text):
        raise Unfit('must be a name without spaces, such as "pilot-coverage"')
    return unicodedata.normalize("NFC", text)


def _field_id(text: str) -> str:
    if text and not usable(text):
        raise Unfit('must be the id of a field, such as "customfield_10200"')
    return text


def _source_id(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", text):
        raise Unfit('must be letters, digits, "-" and "_", such as "jira"')
    return text


def _instance(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", text):
        raise Unfit('must be letters, digits, ".", "-" and "_", such as "acme"')
    return text


def _digits_as_text(value: object) -> object:
    """A number that names something may be written without quotes."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**18 else value


def _app_id(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.]{1,64}", text):
        raise Unfit('must be the id of the app as its page shows it, such as "12345"', show=False)
    return text


def _installation_id(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise Unfit('must be the number that ends the address of the installation, such as "678"', show=False)
    return text


def _email(text: str) -> str:
    if not re.fullmatch(r"[^\s@:]+@[^\s@]+", text):
        raise Unfit('must be an address such as "okrsync@acme.test"', show=False)
    return text


def _pattern(text: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the doubtful but valid, such as a nested set
        try:
            groups = re.compile(text).groupindex
        except (re.error, OverflowError, RecursionError) as error:
            raise Unfit(f"is not a regular expression ({error})") from None
    if "id" not in groups:
        raise Unfit('needs a group named "id", such as "okr:(?P<id>[A-Z0-9-]+)"')
    return text


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        zones = sorted(available_timezones())
        raise Unfit('must be a time zone such as "Europe/Paris"', candidates=zones) from None
    return name


def _cron(text: str) -> str:
    """Five fields as crontab(5) has them, the days of the week by name: their numbers mean other days elsewhere."""
    from apscheduler.triggers.cron import CronTrigger  # not before a cron is there

    form = 'must be five fields such as "*/5 8-19 * * mon-fri"'
    fields = text.lower().split()
    if len(fields) != 5:
        raise Unfit(form)
    if fields[2] != "*" and fields[4] != "*":
        raise Unfit("names days of the month and days of the week; keep one of them, the other is *")
    fields[4] = re.sub(r"(?<![/\d])\d(?!\d)", lambda day: _WEEKDAYS[int(day[0]) % 7], fields[4])
    try:
        CronTrigger.from_crontab(" ".join(fields), timezone="UTC")
    except ValueError as error:
        raise Unfit(f"{form} ({error})") from None
    return " ".join(fields)


Cron = Annotated[str, AfterValidator(_cron)]
Text = Annotated[str, AfterValidator(_one_line)]
GoalId = Annotated[str, AfterValidator(_goal_id)]
Word = Annotated[str, AfterValidator(_word)]
FieldId = Annotated[str, BeforeValidator(_digits_as_text), AfterValidator(_field_id)]
SourceId = Annotated[str, AfterValidator(_source_id)]
Instance = Annotated[str, AfterValidator(_instance)]
AppId = Annotated[str, BeforeValidator(_digits_as_text), AfterValidator(_app_id)]
InstallationId = Annotated[str, BeforeValidator(_digits_as_text), AfterValidator(_installation_id)]
Email = Annotated[str, AfterValidator(_email)]
LabelPattern = Annotated[str, AfterValidator(_pattern)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]


# ── numbers, days and durations ──────────────────────────────────────────────────────────────────────────────────────


def _day(value: object) -> date:
    day = value
    if isinstance(value, str):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
    if not isinstance(day, date) or isinstance(day, datetime):
        raise Unfit("must be a date such as 2026-10-01")
    if not EARLIEST <= day <= LATEST:
        raise Unfit(f"must be a date between {EARLIEST} and {LATEST}")
    return day


def midnight(day: date, zone: tzinfo) -> datetime:
    """The first instant of a day in the zone, in UTC."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def _duration(value: object) -> timedelta:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Unfit('must be a duration such as "30s", "5m", "24h", "21d" or "2w"')
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])


def _not_zero(value: timedelta) -> timedelta:
    if not value:
        raise Unfit("must be longer than nothing", show=False)
    return value


def duration_text(value: timedelta) -> str:
    """A duration as the file writes it, in the largest unit that needs no fraction, up to two days in hours."""
    seconds = int(value.total_seconds())
    units = [unit for unit in "dhm" if seconds % _SECONDS[unit] == 0 and seconds >= _SECONDS[unit]]
    unit = next((unit for unit in units if unit != "d" or seconds > _SECONDS["d"]), "s")
    return f"{seconds // _SECONDS[unit]}{unit}"


Number = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1e15, le=1e15)]
Positive = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=1e6)]
NotNegative = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=1e6)]
Share = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=1)]
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Switch = Annotated[bool, Field(strict=True)]
Day = Annotated[InstanceOf[date], BeforeValidator(_day), PlainSerializer(date.isoformat)]
Duration = Annotated[InstanceOf[timedelta], BeforeValidator(_duration), PlainSerializer(duration_text)]
LastingDuration = Annotated[Duration, AfterValidator(_not_zero)]

DatedShares = tuple[tuple[date, float], ...]


def _curve(value: object) -> str | DatedShares:
    if value in ("linear", "s"):
        return str(value)
    if not isinstance(value, list | tuple) or not value:
        raise Unfit('must be "linear", "s" or dated shares such as [[2026-10-31, 0.2], [2026-11-30, 0.7]]')
    points = tuple(_dated_share(entry, number) for number, entry in enumerate(value, start=1))
    for (day, share), (later, more) in pairwise(points):
        if later <= day or more < share:
            raise Unfit(f"must rise from date to date; {later} with {more:g} follows {day} with {share:g}", show=False)
    return points


def _dated_share(entry: object, number: int) -> tuple[date, float]:
    match entry:
        case [day, int() | float() as share] if not isinstance(share, bool) and 0 <= share <= 1:
            try:
                return _day(day), float(share)
            except Unfit:
                pass
    raise Unfit(f"entry {number} must be a date and a share from 0 to 1, such as [2026-10-31, 0.2]", show=False)


def _curve_text(value: str | DatedShares) -> object:
    return value if isinstance(value, str) else [[day.isoformat(), share] for day, share in value]


CurveShape = Annotated[str | DatedShares, PlainValidator(_curve), PlainSerializer(_curve_text)]


# ── references ───────────────────────────────────────────────────────────────────────────────────────────────────────


def known(value: str, names: frozenset[str] | Mapping[str, str] | None, what: str) -> str:
    """The value, where it is one of the names (None: they are not all known, so nothing can be said)."""
    if names is not None and value not in names:
        raise Unfit(f"there is no {what} of this id", candidates=sorted(names))
    return value


def _cycle_ref(value: str, info: ValidationInfo) -> str:
    return known(unicodedata.normalize("NFC", value), context_of(info).cycles, "cycle")


def _objective_ref(value: str, info: ValidationInfo) -> str:
    return known(unicodedata.normalize("NFC", value), context_of(info).objectives, "objective")


def _team_ref(value: str, info: ValidationInfo) -> str:
    return known(value, context_of(info).teams, "team")


def _source_ref(value: str, info: ValidationInfo) -> str:
    return known(value, context_of(info).sources, "source")


def _source_and_rest(value: object, form: str, info: ValidationInfo) -> tuple[str, str]:
    """What stands before and after the first colon, the first being the id of a source."""
    source, colon, rest = value.partition(":") if isinstance(value, str) else ("", "", "")
    if not source or not colon or not usable(rest):
        raise Unfit(f"must be {form}")
    sources = context_of(info).sources
    if sources is not None and source not in sources:
        near = hint(source, sources)
        raise Unfit(f"there is no source {quoted(source)}{near or f'; sources: {listed(sources)}'}")
    return source, rest


def _item_ref(value: object, info: ValidationInfo) -> ItemRef:
    return ItemRef(*_source_and_rest(value, 'SOURCE-ID:KEY, such as "jira:SHOP-12"', info))


def _project_ref(value: object, info: ValidationInfo) -> ItemRef:
    return ItemRef(*_source_and_rest(value, 'SOURCE-ID:PROJECT, such as "jira:SHOP"', info))


def _container(value: object, info: ValidationInfo) -> str:
    """``SOURCE-ID:KIND:KEY``; the settings of a source kind say in ``container_kinds`` which kinds it has."""
    source, rest = _source_and_rest(value, "SOURCE-ID:KIND:KEY", info)
    context = context_of(info)
    settings = context.kinds.get((context.sources or {}).get(source, ""))
    if settings is not None:
        provided: tuple[str, ...] = getattr(settings, "container_kinds", ())
        kind, colon, key = rest.partition(":")
        if kind not in provided or not colon or not key:
            raise Unfit(f"{quoted(source)} has containers of these kinds: {listed(provided)}; name epics under epics")
    return f"{source}:{rest}"


def _repository_ref(value: object, info: ValidationInfo) -> ItemRef:
    return ItemRef(*_source_and_rest(value, 'SOURCE-ID:REPOSITORY, such as "github:acme/mobile-*"', info))


def count_key(source: str | None, info: ValidationInfo) -> str:
    """The key under which a source takes a query to count by, "" where it takes none or is not known; the settings of
    its kind name it."""
    context = context_of(info)
    settings = context.kinds.get((context.sources or {}).get(source or "", ""))
    key: str = getattr(settings, "count_key", "")
    return key


def _counting_source(value: str, info: ValidationInfo) -> str:
    sources = context_of(info).sources
    if sources is None:
        return value
    counting = [one for one in sources if count_key(one, info)]
    if value in sources and value not in counting:
        raise Unfit(f"this source cannot count; those that can: {listed(counting)}")
    return known(value, dict.fromkeys(counting, ""), "source")


def _goal_ref(value: object, info: ValidationInfo) -> ItemRef:
    """A goal that a tool keeps itself; the settings of a kind that has goals name them among their containers."""
    source, rest = _source_and_rest(value, 'SOURCE-ID:goal:GID, such as "asana:goal:1200000000000777"', info)
    context = context_of(info)
    settings = context.kinds.get((context.sources or {}).get(source, ""))
    if settings is not None and "goal" not in getattr(settings, "container_kinds", ()):
        raise Unfit(f"{quoted(source)} is a tool without goals")
    if not rest.removeprefix("goal:") or not rest.startswith("goal:"):
        raise Unfit('must be SOURCE-ID:goal:GID, such as "asana:goal:1200000000000777"')
    return ItemRef(source, rest)


ItemReference = Annotated[InstanceOf[ItemRef], BeforeValidator(_item_ref), PlainSerializer(str)]
ProjectReference = Annotated[InstanceOf[ItemRef], BeforeValidator(_project_ref), PlainSerializer(str)]
RepositoryReference = Annotated[InstanceOf[ItemRef], BeforeValidator(_repository_ref), PlainSerializer(str)]
GoalReference = Annotated[InstanceOf[ItemRef], BeforeValidator(_goal_ref), PlainSerializer(str)]
CountingSource = Annotated[str, AfterValidator(_counting_source)]
Container = Annotated[str, BeforeValidator(_container)]
CycleReference = Annotated[str, AfterValidator(_cycle_ref)]
ObjectiveReference = Annotated[str, AfterValidator(_objective_ref)]
TeamReference = Annotated[str, AfterValidator(_team_ref)]
SourceReference = Annotated[str, AfterValidator(_source_ref)]


# ── addresses and secrets ────────────────────────────────────────────────────────────────────────────────────────────


def _url(value: str) -> str:
    """An http(s) address without credentials, query or trailing slash. What is refused may hold a secret: not shown."""
    try:
        parts = urlsplit(value)
        host, with_credentials, _ = parts.hostname, "@" in parts.netloc, parts.port
    except ValueError:
        raise Unfit('must be an address such as "https://acme.atlassian.net"') from None
    if with_credentials:
        raise Unfit("must hold no credentials; name them under auth", show=False)
    if parts.scheme not in {"http", "https"} or not host or not usable(value):
        plain = re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+/?", value)
        example = f"https://{value}" if plain else "https://acme.atlassian.net"
        raise Unfit(f'must start with http:// or https://, such as "{example}"', show=False)
    if parts.query or parts.fragment:
        raise Unfit("must end with its path, without ? and #", show=False)
    return value.rstrip("/")


_SECRETS = {
    "token": '{ env = "JIRA_TOKEN" }',
    "private_key": '{ file = "/run/secrets/github-app.pem" }',
    "password": '{ env = "SMTP_PASSWORD" }',
    "webhook": '{ env = "SLACK_URL" }',
    "webhook_secret": '{ env = "JIRA_WEBHOOK_SECRET" }',
    "url": '{ env = "ALERTS_URL" }',
}


def _secret_ref(value: object, info: ValidationInfo) -> SecretRef:
    """Where the secret is. Whatever else stands here may be the secret itself: never shown."""
    key = str(info.field_name)
    inline = f"a secret is never written inline: {key} = {_SECRETS[key]}"
    if not isinstance(value, dict):
        raise Unfit(inline, show=False)
    if len(value) != 1 or not set(value) <= set(SECRET_KINDS):
        raise Unfit(f"must name one of {listed(SECRET_KINDS)}; {inline}", show=False)
    kind, name = next(iter(value.items()))
    if not isinstance(name, str) or not name.isprintable() or not name.strip():
        raise Unfit(f"{kind} must be a name in quotes: {key} = {{ {kind} = … }}", show=False)
    if kind == "env" and not re.fullmatch(r"[A-Z_][A-Z0-9_]{0,63}", name):
        raise Unfit("env must be the name of an environment variable in capitals, such as JIRA_TOKEN", show=False)
    if kind == "credential" and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", name):
        raise Unfit("credential must be the name given to LoadCredential=, such as jira-token", show=False)
    return SecretRef(kind, name)


def _listen(value: str) -> str:
    """HOST:PORT, an IPv6 address in brackets; port 0 lets the system choose."""
    host, colon, port = value.rpartition(":")
    if not (host and colon and port.isdecimal() and int(port) <= _LAST_PORT) or not usable(value):
        raise Unfit('must be HOST:PORT, such as "127.0.0.1:8017"')
    return value


Url = Annotated[str, AfterValidator(_url)]
Listen = Annotated[str, AfterValidator(_listen)]
DatabaseUrl = Annotated[str, AfterValidator(database_url)]
SecretReference = Annotated[
    InstanceOf[SecretRef], BeforeValidator(_secret_ref), PlainSerializer(lambda ref: {ref.kind: ref.name})
]
Language = Literal["fr", "en"]
