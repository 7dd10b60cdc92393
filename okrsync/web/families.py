"""The metrics by family: name, what it means, and its samples (docs/api.md lists them all)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from okrsync import __version__
from okrsync.assess import Freshness
from okrsync.model import Snapshot, SourceState, Status
from okrsync.store.database import HEAD

if TYPE_CHECKING:
    from config import Config
    from okrsync.web.measuring import Figures
    from okrsync.web.ports import Gauges

Samples: TypeAlias = Iterable[tuple[tuple[str, ...], float | None]]
"""The values of the labels, and what was measured; None is not told."""

_SOURCE, _QUOTA = ("source",), ("source", "quota")


def of_process(gauges: Gauges) -> Iterator[Metric]:
    """What only the process knows."""
    yield _gauge("build_info", "1; which okrsync this is", [((__version__, HEAD), 1)], "version", "schema")
    yield _counter("ticks_skipped", "Ticks that found their source being read", _named(gauges.skipped()), *_SOURCE)
    yield _counter("requests", "HTTP requests sent, repeated ones included", _named(gauges.requests()), *_SOURCE)
    left = {(source, one.name): one for source, limits in gauges.limits().items() for one in limits}
    limits = [(at, one.limit) for at, one in left.items()]
    remaining = [(at, one.left) for at, one in left.items()]
    whole = [(at, _stamp(one.resets_at)) for at, one in left.items()]
    yield _gauge("requests_limit", "All of a quota, as last told", limits, *_QUOTA)
    yield _gauge("requests_remaining", "What is left of a quota, as last told", remaining, *_QUOTA)
    yield _gauge("requests_reset_timestamp_seconds", "When a quota is whole again", whole, *_QUOTA)
    good, at = gauges.reload()
    yield _gauge("config_reload_success", "1 where the configuration was good when it was read last", [((), good)])
    yield _gauge("config_reload_timestamp_seconds", "When the configuration in force was read", [((), _stamp(at))])
    yield _counter("webhooks", "Webhooks, by what became of them", gauges.deliveries().items(), "source", "result")
    yield _gauge("job_running_seconds", "For how long each job that runs has run", _named(gauges.jobs()), "work")


def of_sources(fresh: Freshness, ends: Mapping[str, datetime], now: datetime) -> Iterator[Metric]:
    """How the sources are, and when their tokens end."""
    known = fresh.sources
    read = {(one.id,): one.last_success for one in known if one.last_success is not None}
    up = [((one.id,), one.state is SourceState.OK) for one in known]
    states = [((one.id, state.value), one.state is state) for one in known for state in SourceState]
    lags = [(source, (now - at).total_seconds()) for source, at in read.items()]
    stamps = [(source, _stamp(at)) for source, at in read.items()]
    expiries = [((source,), _stamp(at)) for source, at in ends.items()]
    yield _gauge("source_up", "1 where the source was read without a fault last time", up, *_SOURCE)
    yield _gauge("source_state", "1 for the state that the source is in, 0 for all others", states, "source", "state")
    yield _gauge("last_success_timestamp_seconds", "When the source was last read in full", stamps, *_SOURCE)
    yield _gauge("lag_seconds", "How long ago the source was last read in full", lags, *_SOURCE)
    yield _gauge("token_expiry_timestamp_seconds", "When the token of the source ends, if known", expiries, *_SOURCE)
    yield _gauge("unreadable_scopes", "Projects and repositories that are refused", [((), len(fresh.unreadable))])
    yield _gauge("complete", "1 where all sources were read in full and in time", [((), fresh.complete)])


def of_figures(known: Figures | None) -> Iterator[Metric]:
    """What the link job made of the items, once it was measured."""
    if known is None:
        return
    share = "Share of the effort of the current cycle that served no objective"
    yield _gauge("items", "Items that count, by verdict", known.items.items(), "source", "kind", "verdict")
    yield _gauge("orphan_ratio", share, [((), known.orphans)])
    yield _gauge("gate_passed", "1 where a gate holds, 0 where not; absent without data", _named(known.gates), "gate")


def of_goals(config: Config, said: Mapping[str, Snapshot]) -> Iterator[Metric]:
    """The goals as they were published last."""
    for what, goals in (("objective", config.goals.objectives), ("key_result", config.goals.key_results)):
        found = [said[goal] for goal in goals if goal in said]
        progress = [((one.goal,), one.progress) for one in found]
        statuses = [((one.goal, status.value), one.status is status) for one in found for status in Status]
        yield _gauge(f"{what}_progress_ratio", "Progress; 1 is all of it", progress, what)
        yield _gauge(f"{what}_status", "1 for the status that it has, 0 for all others", statuses, what, "status")
    chances = [((kr,), said[kr].probability) for kr in config.goals.key_results if kr in said]
    yield _gauge("key_result_probability_ratio", "The chance to reach it in time", chances, "key_result")


def of_writes(ended: Mapping[tuple[str, str], int], waiting: Mapping[str, int]) -> Iterator[Metric]:
    """What became of the writes. No counter: the journal forgets old ones in time."""
    yield _gauge("writes", "Writes that the journal remembers, by how they ended", ended.items(), "source", "result")
    yield _gauge("writes_waiting", "Writes of the newest plan that wait", _named(waiting), *_SOURCE)


def of_rest(*, database: bool, maintenance: bool) -> Iterator[Metric]:
    """Whether the store answers, and whether work goes on."""
    yield _gauge("database_up", "1 where the database answers; else nothing stored is told", [((), database)])
    yield _gauge("maintenance", "1 while nothing is read or written, by configuration", [((), maintenance)])


def of_queues(unlinked: int, alerts: Mapping[str, int]) -> Iterator[Metric]:
    """What waits for the link job, and for people."""
    yield _gauge("unlinked_items", "Items that wait for the link job", [((), unlinked)])
    yield _gauge("alerts", "Alerts that stand", _named(alerts), "kind")


def _named(values: Mapping[str, float]) -> Samples:
    return [((name,), value) for name, value in values.items()]


def _stamp(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()


def _gauge(name: str, meaning: str, samples: Samples, *labels: str) -> Metric:
    return _filled(GaugeMetricFamily(f"okrsync_{name}", meaning, labels=labels), samples)


def _counter(name: str, meaning: str, samples: Samples, *labels: str) -> Metric:
    return _filled(CounterMetricFamily(f"okrsync_{name}", meaning, labels=labels), samples)


def _filled(family: GaugeMetricFamily | CounterMetricFamily, samples: Samples) -> Metric:
    for labels, value in samples:
        if value is not None:
            family.add_metric(list(labels), float(value))
    return family
