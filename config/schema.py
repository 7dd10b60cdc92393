"""The tables of ``okrsync.toml``, one model each: what may stand there, its type and its default.

A rule between two keys of one table is a validator of the *later* key, which sees those before it that are valid; so a
wrong value hides no other fault and raises no second one. A default that has to be checked says ``validate_default``.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from config.context import context_of
from config.faults import Unfit
from config.fields import (
    Container,
    CountingSource,
    CurveShape,
    CycleReference,
    DatabaseUrl,
    Day,
    GoalId,
    GoalReference,
    Instance,
    ItemReference,
    LabelPattern,
    Language,
    LastingDuration,
    NotNegative,
    Number,
    ObjectiveReference,
    Positive,
    ProjectReference,
    RepositoryReference,
    Share,
    Switch,
    Text,
    TimeZone,
    count_key,
)
from okrsync.model import (
    Commitment,
    GoalState,
    ItemKind,
    ItemRef,
    KeyResultKind,
    Relation,
    RuleName,
    Rules,
    Thresholds,
)

Value = TypeVar("Value")

RULES, THRESHOLDS = Rules(), Thresholds()  # the documented defaults live in the model


class TomlTable(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# ── [okrsync] ───────────────────────────────────────────────────────────────────────────────────────────


class OkrsyncTable(TomlTable):
    database: DatabaseUrl = "sqlite:///okrsync.db"
    timezone: TimeZone = "UTC"
    language: Language = "en"
    instance: Instance = "okrsync"
    include: tuple[Text, ...] = ()


# ── [[cycles]], [[objectives]] ───────────────────────────────────────────────────────────────────────────────────────


class CycleTable(TomlTable):
    id: Annotated[GoalId, Field(examples=['"2026-Q4"'])]
    start: Annotated[Day, Field(examples=["2026-10-01"])]
    end: Annotated[Day, Field(examples=["2026-12-31"])]

    @field_validator("end")
    @classmethod
    def _is_not_before_start(cls, value: date, info: ValidationInfo) -> date:
        if "start" in info.data and value < info.data["start"]:
            raise Unfit(f"must not be before start = {info.data['start']}")
        return value


class ObjectiveTable(TomlTable):
    """An objective without its key results, which are tables of their own."""

    id: Annotated[GoalId, Field(examples=['"O-RETENTION"'])]
    title: Annotated[Text, Field(examples=['"A sentence that people read"'])]
    owner: Text | None = None
    cycle: CycleReference | None = None
    parent: ObjectiveReference | None = None
    relation: Relation = Relation.CONTRIBUTES
    weight: NotNegative = 1.0
    state: GoalState = GoalState.APPROVED


class MetricTable(TomlTable):
    """Where readings come from; the query of a count stands under the key of its own language."""

    from_: Annotated[Literal["manual", "asana_goal", "count"], Field(alias="from")] = "manual"
    goal: Annotated[GoalReference | None, Field(validate_default=True)] = None
    source: Annotated[CountingSource | None, Field(validate_default=True)] = None
    jql: Annotated[Text | None, Field(validate_default=True)] = None
    search: Annotated[Text | None, Field(validate_default=True)] = None

    @property
    def query(self) -> str:
        return self.jql or self.search or ""

    @field_validator("goal")
    @classmethod
    def _belongs_to_asana_goal(cls, value: ItemRef | None, info: ValidationInfo) -> ItemRef | None:
        named = info.data.get("from_")
        if value is None and named == "asana_goal":
            raise Unfit('missing; it names the goal, such as goal = "asana:goal:1200000000000777"')
        if value is not None and named in ("manual", "count"):
            raise Unfit(f'{_READINGS[named]}; write from = "asana_goal" beside it')
        return value

    @field_validator("source")
    @classmethod
    def _belongs_to_count(cls, value: str | None, info: ValidationInfo) -> str | None:
        named = info.data.get("from_")
        if value is None and named == "count":
            raise Unfit('missing; it names the source that counts, such as source = "jira"')
        if value is not None and named in ("manual", "asana_goal"):
            raise Unfit(f'{_READINGS[named]}; write from = "count" beside it')
        return value

    @field_validator("jql", "search")
    @classmethod
    def _is_what_the_source_counts_by(cls, value: str | None, info: ValidationInfo) -> str | None:
        named, source, key = info.data.get("from_"), info.data.get("source"), str(info.field_name)
        if value is not None and named in ("manual", "asana_goal"):
            raise Unfit(f'{_READINGS[named]}; write from = "count" beside it')
        if named == "count" and (language := count_key(source, info)):
            if value is None and key == language:
                raise Unfit(f'missing; write for example: {key} = "{_QUERIES[key]}"')
            if value is not None and key != language:
                raise Unfit(f'"{source}" counts by {language}: write {language} = "{_QUERIES[language]}"')
        return value


_READINGS = {
    "manual": "readings are manual",
    "asana_goal": "readings come from a goal",
    "count": "readings are counts",
}
_QUERIES = {
    "jql": "labels = tech-debt AND statusCategory != Done",
    "search": "repo:acme/shop is:issue label:bug is:open",
}


_MEASURED = frozenset({KeyResultKind.METRIC, KeyResultKind.MIXED})
_READ = _MEASURED | {KeyResultKind.KEEP}
_KINDS_WITH = {
    "baseline": _MEASURED,
    "target": _MEASURED,
    "curve": _MEASURED,
    "low": frozenset({KeyResultKind.KEEP}),
    "high": frozenset({KeyResultKind.KEEP}),
    "unit": _READ,
    "metric": _READ,
    "stale_after": _READ,
}


class KeyResultTable(TomlTable):
    id: Annotated[GoalId, Field(examples=['"KR-CHURN"'])]
    title: Annotated[Text, Field(examples=['"A result that can be measured"'])]
    kind: KeyResultKind = KeyResultKind.WORK
    owner: Text | None = None
    counts: Annotated[tuple[ItemKind, ...], Field(min_length=1)] = (ItemKind.TICKET,)
    epics: tuple[ItemReference, ...] = ()
    containers: tuple[Container, ...] = ()
    commitment: Commitment = Commitment.COMMITTED
    weight: NotNegative = 1.0
    state: GoalState = GoalState.APPROVED
    write_to: tuple[ItemReference, ...] = ()
    baseline: Number | None = None
    target: Annotated[Number | None, Field(validate_default=True)] = None
    low: Annotated[Number | None, Field(validate_default=True)] = None
    high: Annotated[Number | None, Field(validate_default=True)] = None
    unit: Text = ""
    metric: MetricTable = MetricTable()
    curve: CurveShape = "linear"
    stale_after: LastingDuration | None = None
    start: Day | None = None
    end: Annotated[Day | None, Field(validate_default=True)] = None

    @field_validator(*_KINDS_WITH)
    @classmethod
    def _belongs_to_the_kind(cls, value: Value, info: ValidationInfo) -> Value:
        kind, kinds = info.data.get("kind"), _KINDS_WITH[str(info.field_name)]
        if value is not None and kind is not None and kind not in kinds:
            others = " or ".join(f'"{other}"' for other in sorted(kinds))
            raise Unfit(f'a key result of kind "{kind}" has none; set kind = {others}')
        return value

    @field_validator("target")
    @classmethod
    def _differs_from_baseline(cls, value: float | None, info: ValidationInfo) -> float | None:
        kind = info.data.get("kind")
        if value is None and kind in _MEASURED:
            raise Unfit(f'missing; a key result of kind "{kind}" needs a target to measure against')
        if value is not None and value == info.data.get("baseline"):
            raise Unfit("must differ from baseline, or no progress can be measured")
        return value

    @field_validator("low", "high")
    @classmethod
    def _bounds_the_band(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value is None and info.data.get("kind") is KeyResultKind.KEEP:
            raise Unfit('missing; a key result of kind "keep" needs both low and high')
        low = info.data.get("low")
        if value is not None and low is not None and value < low:
            raise Unfit(f"must not be less than low = {low:g}")
        return value

    @field_validator("end")
    @classmethod
    def _is_not_before_start(cls, value: date | None, info: ValidationInfo) -> date | None:
        if "start" not in info.data:
            return value
        cycle = context_of(info)
        first, last = info.data["start"] or cycle.first, value or cycle.last
        if first is not None and last is not None and last < first:
            of_start = "" if info.data["start"] else " of its cycle"
            of_end = "" if value else " of its cycle"
            raise Unfit(f"its window would end on {last}{of_end}, before its start on {first}{of_start}", show=False)
        return value


def _rule(value: object) -> RuleName:
    if not isinstance(value, str) or value not in RULES.order:
        raise Unfit("there is no rule of this name", candidates=RULES.order)
    return RuleName(value)


Rule = Annotated[RuleName, BeforeValidator(_rule)]

# ── [mapping], [rollup], [teams] ─────────────────────────────────────────────────────────────────────────────────────


class ExemptTable(TomlTable):
    labels: tuple[Text, ...] = ()
    authors: tuple[Text, ...] = ()
    types: tuple[Text, ...] = ()
    projects: tuple[ProjectReference, ...] = ()
    why: Text = ""


class MappingTable(TomlTable):
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)] = RULES.order
    label_patterns: tuple[LabelPattern, ...] = ()
    fields: tuple[Text, ...] = ()
    exempt: tuple[ExemptTable, ...] = ()
    exempt_defaults: Switch = True
    conflict: Literal["all", "first"] = "all"

    @field_validator("rules")
    @classmethod
    def _are_named_once(cls, value: tuple[RuleName, ...]) -> tuple[RuleName, ...]:
        twice = [rule for rule in RULES.order if value.count(rule) > 1]
        if twice:
            raise Unfit(f"names {', '.join(twice)} twice", show=False)
        return value

    @field_validator("exempt")
    @classmethod
    def _match_something(cls, value: tuple[ExemptTable, ...]) -> tuple[ExemptTable, ...]:
        for number, entry in enumerate(value, start=1):
            if not (entry.labels or entry.authors or entry.types or entry.projects):
                raise Unfit(f"entry {number} must name labels, authors, types or projects", show=False)
        return value


class RollupTable(TomlTable):
    """Every constant of docs/status.md; names and defaults are those of :class:`okrsync.model.Thresholds`."""

    committed: Share = THRESHOLDS.committed
    aspirational: Share = THRESHOLDS.aspirational
    cancelled_resolutions: tuple[Text, ...] = THRESHOLDS.cancelled_resolutions
    in_progress_credit: Annotated[float, Field(strict=True, ge=0, le=0.5)] = THRESHOLDS.in_progress_credit
    estimated_share: Share = THRESHOLDS.estimated_share
    half_life_weeks: Positive = THRESHOLDS.half_life_weeks
    overdispersion: Positive = THRESHOLDS.overdispersion
    prior_weeks: Positive = THRESHOLDS.prior_weeks
    prior_growth: NotNegative = THRESHOLDS.prior_growth
    certainty: Annotated[float, Field(strict=True, gt=0, le=10)] = THRESHOLDS.certainty
    early_elapsed: Share = THRESHOLDS.early_elapsed
    early_weight: NotNegative = THRESHOLDS.early_weight
    off_track_probability: Share = THRESHOLDS.off_track_probability
    at_risk_probability: Share = THRESHOLDS.at_risk_probability
    damping: Share = THRESHOLDS.damping
    blocked_days: NotNegative = THRESHOLDS.blocked_days
    stalled_days: NotNegative = THRESHOLDS.stalled_days
    stalled_share: Share = THRESHOLDS.stalled_share
    metric_on_track: NotNegative = THRESHOLDS.metric_on_track
    metric_at_risk: NotNegative = THRESHOLDS.metric_at_risk
    outcome_elapsed: Share = THRESHOLDS.outcome_elapsed
    output_share: Share = THRESHOLDS.output_share
    outcome_share: Share = THRESHOLDS.outcome_share
    scope_growth: Annotated[float, Field(strict=True, ge=1, le=1e6)] = THRESHOLDS.scope_growth
    cancelled_share: Share = THRESHOLDS.cancelled_share
    heavy_share: Share = THRESHOLDS.heavy_share
    effort_difference: Share = THRESHOLDS.effort_difference
    source_limit: LastingDuration = THRESHOLDS.source_limit
    write_move: Share = THRESHOLDS.write_move
    write_every: LastingDuration = THRESHOLDS.write_every

    @field_validator("at_risk_probability")
    @classmethod
    def _is_not_below_off_track(cls, value: float, info: ValidationInfo) -> float:
        bound = info.data.get("off_track_probability")
        if bound is not None and value < bound:
            raise Unfit(f"must not be less than off_track_probability = {bound:g}")
        return value

    @field_validator("metric_at_risk")
    @classmethod
    def _is_not_above_on_track(cls, value: float, info: ValidationInfo) -> float:
        bound = info.data.get("metric_on_track")
        if bound is not None and value > bound:
            raise Unfit(f"must not be more than metric_on_track = {bound:g}")
        return value


class TeamTable(TomlTable):
    projects: tuple[ProjectReference, ...] = ()
    repositories: tuple[RepositoryReference, ...] = ()
    labels: Annotated[tuple[Text, ...], Field(validate_default=True)] = ()
    value_stream: Text = ""

    @field_validator("labels")
    @classmethod
    def _match_something(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not value and info.data.get("projects") == () and info.data.get("repositories") == ():
            raise Unfit("missing; a team is known by its projects, its repositories or its labels", show=False)
        return value
