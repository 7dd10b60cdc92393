"""A valid configuration becomes the values of the model."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import config
from okrsync.errors import ConfigError
from okrsync.model import (
    AppIdentity,
    Deleted,
    Exemption,
    GoalState,
    ItemKind,
    ItemRef,
    KeyResultKind,
    MetricSource,
    Pause,
    Relation,
    RuleName,
    Rules,
    SecretRef,
    SourcePolicy,
    Surface,
    Team,
    Thresholds,
    Window,
    WritebackPolicy,
    WriteMode,
)

GOALS = """
[okrsync]
timezone = "Europe/Paris"

[[cycles]]
id = "2026"
start = 2026-01-01
end = 2026-12-31

[[cycles]]
id = "2026-Q4"
start = 2026-10-01
end = 2026-12-31

[[objectives]]
id = "O-TOP"
title = "Top"
cycle = "2026"

[[objectives]]
id = "O-MID"
title = "Middle"
parent = "O-TOP"
relation = "supports"
weight = 3
state = "draft"

[[objectives.key_results]]
id = "KR-WORK"
title = "Work"
epics = ["jira:SHOP-12"]
counts = ["ticket", "commit"]

[[objectives.key_results]]
id = "KR-LATE"
title = "Added mid-cycle"
kind = "metric"
baseline = 85
target = 80
unit = "%"
start = 2026-03-29
curve = [[2026-03-29, 0.0], [2026-10-25, 0.5]]
stale_after = "3w"
"""


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_the_smallest_configuration_takes_every_default(load, tmp_path: Path) -> None:
    loaded = load()
    assert loaded.database == f"sqlite:///{tmp_path}/okrsync.db"
    assert (loaded.timezone, loaded.language, loaded.instance) == ("UTC", "en", "okrsync")
    assert loaded.rules == Rules()
    assert loaded.thresholds == Thresholds()
    assert loaded.writeback == WritebackPolicy()
    assert loaded.reports == config.Reports(by_assignee=False)
    (source,) = loaded.sources
    assert (source.id, source.kind, source.url) == ("jira", "jira", "https://acme.atlassian.net")
    assert (source.email, source.token) == ("okrsync@acme.test", SecretRef("env", "JIRA_TOKEN"))
    assert (source.census, source.timeout, source.ca_file) == (timedelta(hours=24), timedelta(seconds=30), None)
    assert source.settings.projects == ("SHOP",)


def test_goals_carry_their_windows_in_utc(load) -> None:
    goals = load(GOALS).goals
    year = Window(utc(2025, 12, 31, 23), utc(2026, 12, 31, 23))
    assert goals.timezone == "Europe/Paris"
    assert goals.cycles["2026"].window == year
    assert goals.cycles["2026-Q4"].window == Window(utc(2026, 9, 30, 22), utc(2026, 12, 31, 23))
    middle = goals.objectives["O-MID"]
    assert (middle.cycle, middle.window) == ("2026", year), "an objective without a cycle has that of its parent"
    assert (middle.relation, middle.weight, middle.state) == (Relation.SUPPORTS, 3.0, GoalState.DRAFT)
    work = goals.key_results["KR-WORK"]
    assert (work.objective, work.cycle, work.window) == ("O-MID", "2026", year)
    assert work.epics == (ItemRef("jira", "SHOP-12"),)
    assert work.counts == {ItemKind.TICKET, ItemKind.COMMIT}


def test_a_key_result_has_its_own_start_and_the_end_of_its_cycle(load) -> None:
    late = load(GOALS).goals.key_results["KR-LATE"]
    assert late.kind is KeyResultKind.METRIC
    assert late.window == Window(utc(2026, 3, 28, 23), utc(2026, 12, 31, 23)), "the day that summer time begins"
    assert late.curve == ((utc(2026, 3, 29, 22), 0.0), (utc(2026, 10, 25, 23), 0.5)), "days of 23 and of 25 hours"
    assert (late.baseline, late.target, late.stale_after) == (85.0, 80.0, timedelta(days=21))


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("America/Sao_Paulo", "2018-11-04", utc(2018, 11, 4, 3)),  # 00:00 to 01:00 does not exist
        ("America/Havana", "2026-11-01", utc(2026, 11, 1, 4)),  # 00:00 happens twice: the first counts
        ("Asia/Kathmandu", "2026-01-01", utc(2025, 12, 31, 18, 15)),
    ],
)
def test_a_day_begins_with_its_first_instant(load, zone: str, day: str, start: datetime) -> None:
    goals = load(f'okrsync = {{ timezone = "{zone}" }}\ncycles = [{{ id = "C", start = {day}, end = {day} }}]\n').goals
    assert goals.cycles["C"].window.start == start


def test_objectives_cycles_and_teams_live_in_included_files(load) -> None:
    loaded = load(
        '[okrsync]\ninclude = ["okrs/*.toml", "okrs/a.toml"]\n[teams]\nfirst = { projects = ["jira:SHOP"] }\n',
        files={
            "okrs/b.toml": '[[objectives]]\nid = "O-B"\ntitle = "B"\nparent = "O-A"\n',
            "okrs/a.toml": '\ufeff[[objectives]]\r\nid = "O-A"\r\ntitle = "A"\r\ncycle = "C"\r\n'
            '[[cycles]]\nid = "C"\nstart = 2026-01-01\nend = 2026-01-31\n[teams]\nsecond = { labels = ["two"] }\n',
        },
    )
    assert list(loaded.goals.objectives) == ["O-A", "O-B"]
    assert loaded.goals.objectives["O-B"].cycle == "C"
    assert loaded.teams == (Team("first", projects=(ItemRef("jira", "SHOP"),)), Team("second", labels=("two",)))
    assert loaded.origins["objectives.O-B.parent"] == ("O-A", "okrs/b.toml")


def test_rules_policies_and_thresholds(load) -> None:
    loaded = load("""
[mapping]
rules = ["label", "override", "parent"]
label_patterns = ["goal-(?P<id>.+)"]
fields = ["Objective"]
exempt = [{ labels = ["ktlo"], projects = ["jira:OPS"], why = "run" }]
exempt_defaults = false
conflict = "first"
[rollup]
committed = 1
certainty = 1
source_limit = "2h"
cancelled_resolutions = ["Abandonné"]
[writeback]
mode = "off"
jira = "apply"
surfaces = ["label"]
only = ["jira:SHOP"]
cap = 10
quiet = "0s"
[reports]
by_assignee = true
""")
    assert loaded.rules == Rules(
        order=(RuleName.LABEL, RuleName.OVERRIDE, RuleName.PARENT),
        label_patterns=("goal-(?P<id>.+)",),
        fields=("Objective",),
        exempt=(Exemption(labels=("ktlo",), projects=(ItemRef("jira", "OPS"),), why="run"),),
        exempt_defaults=False,
        conflict="first",
    )
    assert loaded.thresholds == Thresholds(
        committed=1.0,
        certainty=1.0,
        source_limit=timedelta(hours=2),
        cancelled_resolutions=("Abandonné",),
    )
    assert loaded.writeback == WritebackPolicy(
        mode=WriteMode.OFF,
        sources={"jira": SourcePolicy(WriteMode.APPLY)},
        surfaces=frozenset({Surface.LABEL}),
        only=(ItemRef("jira", "SHOP"),),
        cap=10,
        quiet=timedelta(0),
    )
    assert loaded.writeback.of("jira") is WriteMode.APPLY
    assert loaded.reports.by_assignee


WRITING = """
[okrsync]
timezone = "Europe/Paris"
[[objectives]]
id = "O"
title = "t"
key_results = [{ id = "K", title = "t", write_to = ["jira:SHOP-1", "jira:milestone:acme/shop#3"] }]
[rollup]
write_move = 0.1
write_every = "2w"
[writeback]
mode = "apply"
daily = 1
deleted = "restore"
targets = { "jira:SHOP-1" = "draft" }
[writeback.jira]
surfaces = ["objective_label", "objective_field", "number"]
objective_field = "customfield_10200"
progress_field = 10201
[[writeback.pauses]]
start = 2026-12-24
end = 2027-01-03
why = "frost"
[[writeback.pauses]]
start = 2026-03-28T18:00:00
end = 2026-03-30T08:00:00Z
[[writeback.pauses]]
start = 2030-01-01
"""


def test_writing_back_is_told_by_source_by_object_and_by_time(load, again) -> None:
    loaded = load(WRITING)
    policy, (source,) = loaded.writeback, loaded.sources
    assert (policy.daily, policy.deleted, policy.of("jira")) == (1, Deleted.RESTORE, WriteMode.APPLY)
    assert policy.targets == {ItemRef("jira", "SHOP-1"): WriteMode.DRAFT}
    assert policy.surfaces_of("jira") == {Surface.OBJECTIVE_LABEL, Surface.OBJECTIVE_FIELD, Surface.NUMBER}
    assert Surface.OBJECTIVE_LABEL not in policy.surfaces, "a label on every ticket has to be asked for"
    assert (policy.source("jira").objective_field, policy.source("jira").progress_field) == (
        "customfield_10200",
        "10201",
    )
    assert source.written == {"customfield_10200", "10201"}, "what okrsync fills is no fact"
    assert policy.pauses == (
        Pause(utc(2026, 12, 23, 23), utc(2027, 1, 3, 23), "frost"),
        Pause(utc(2026, 3, 28, 17), utc(2026, 3, 30, 8)),
        Pause(utc(2029, 12, 31, 23), None),
    ), "days are whole ones of the configured zone, times may name their own"
    assert (loaded.thresholds.write_move, loaded.thresholds.write_every) == (0.1, timedelta(weeks=2))
    remembered = again(loaded)
    assert (remembered.writeback, remembered.thresholds) == (policy, loaded.thresholds)


def test_the_environment_sets_the_mode_of_a_source_and_leaves_its_fields(load, faults) -> None:
    loaded = load(WRITING, environ={"OKRSYNC_WRITEBACK__JIRA": "off"})
    assert loaded.writeback.source("jira").mode is WriteMode.OFF
    assert loaded.sources[0].written == {"customfield_10200", "10201"}
    assert loaded.origins["writeback.jira.mode"] == ("off", "environment OKRSYNC_WRITEBACK__JIRA")
    assert loaded.origins["writeback.jira.objective_field"] == ("customfield_10200", "okrsync.toml")
    assert faults(WRITING, environ={"OKRSYNC_WRITEBACK__JIRA": "of"}) == [
        'environment OKRSYNC_WRITEBACK__JIRA: must be one of "off", "plan", "draft", "apply"; found "of" '
        '(did you mean "off"?)'
    ]


def test_containers_are_those_that_the_kind_of_source_has(load) -> None:
    board = '[[sources]]\nid = "b"\nkind = "board"\nurl = "http://127.0.0.1:1/x/"\nauth = { token = { file = "t" } }\n'
    goal = 'id = "O"\ntitle = "t"\nkey_results = [{ id = "K", title = "t", containers = ["b:section:1:2"] }]\n'
    loaded = load(f"[[objectives]]\n{goal}", source=board)
    assert loaded.goals.key_results["K"].containers == ("b:section:1:2",)
    assert loaded.sources[0].url == "http://127.0.0.1:1/x"


def test_ids_are_in_one_form_of_unicode(load) -> None:
    composed, decomposed = "O-\u00e9T\u00c9", "O-e\u0301TE\u0301"
    goals = load(
        f'[[objectives]]\nid = "{decomposed}"\ntitle = "t"\n'
        f'[[objectives]]\nid = "P"\ntitle = "t"\nparent = "{composed}"\n'
    ).goals
    assert list(goals.objectives) == [composed, "P"]
    assert goals.objectives["P"].parent == composed


def test_flag_above_environment_above_file_above_default(load, tmp_path: Path) -> None:
    text = '[okrsync]\ndatabase = "sqlite:///file.db"\nlanguage = "fr"\ninstance = "file"\n[rollup]\ncommitted = 0.8\n'
    environ = {
        "OKRSYNC_DATABASE": "sqlite:///environment.db",
        "OKRSYNC_INSTANCE": "42",
        "OKRSYNC_WRITEBACK__MODE": "off",
        "OKRSYNC_WRITEBACK__JIRA": "apply",
        "OKRSYNC_WRITEBACK__CAP": "7",
        "OKRSYNC_ROLLUP__COMMITTED": "1",
        "OKRSYNC_ROLLUP__SOURCE_LIMIT": "36h",
        "OKRSYNC_MAPPING__FIELDS": '["Objectif"]',
        "OKRSYNC_REPORTS__BY_ASSIGNEE": "true",
        "OKRSYNC_CONFIG": "elsewhere.toml",
        "PATH": "/bin",
    }
    loaded = load(text, environ=environ, flags={"okrsync.database": "sqlite:////flag.db"})
    assert loaded.database == "sqlite:////flag.db"
    assert (loaded.instance, loaded.language) == ("42", "fr")
    assert (loaded.writeback.mode, loaded.writeback.of("jira"), loaded.writeback.cap) == ("off", "apply", 7)
    assert (loaded.thresholds.committed, loaded.thresholds.source_limit) == (1.0, timedelta(hours=36))
    assert loaded.rules.fields == ("Objectif",)
    assert loaded.reports.by_assignee
    assert loaded.origins["okrsync.database"] == ("sqlite:////flag.db", "flag")
    assert loaded.origins["okrsync.language"] == ("fr", "okrsync.toml")
    assert loaded.origins["writeback.jira"] == ("apply", "environment OKRSYNC_WRITEBACK__JIRA")
    assert loaded.origins["writeback.quiet"] == ("24h", "default")
    assert loaded.origins["rollup.source_limit"] == ("36h", "environment OKRSYNC_ROLLUP__SOURCE_LIMIT")
    assert loaded.origins["sources.jira.auth.token.env"] == ("JIRA_TOKEN", "okrsync.toml")
    assert loaded.origins["sources.jira.fields.points"] == (None, "default")


def test_a_variable_that_holds_a_token_is_no_option_whatever_its_name(load) -> None:
    source = (
        '[[sources]]\nid = "jira"\nkind = "jira"\nurl = "https://a.test"\nprojects = ["A"]\n'
        'auth = { token = { env = "OKRSYNC_DATABASE" } }\n'
    )
    loaded = load(source=source, environ={"OKRSYNC_DATABASE": "the-token"})
    assert loaded.database.endswith("/okrsync.db")
    assert "the-token" not in repr(loaded) + repr(loaded.origins)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://okr:CANARY@db/okrsync",
        "postgresql+psycopg://okr:CAN/CANARY?x#y@db:5432/okrsync",
        "postgresql+psycopg://db/okrsync?user=okr&password=CANARY",
    ],
)
def test_a_password_of_the_database_is_kept_and_not_shown(load, url: str) -> None:
    loaded = load(environ={"OKRSYNC_DATABASE": url})
    assert loaded.database == url
    assert "CANARY" not in repr(loaded) + repr(loaded.origins) + str(loaded.origins["okrsync.database"].value)
    assert "db" in str(loaded.origins["okrsync.database"].value)


def test_find_takes_the_first_that_is_named_or_usual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = tmp_path / "etc" / "okrsync.toml"
    monkeypatch.setattr("config.files.SYSTEM", system)
    cwd = tmp_path / "cwd"
    cwd.mkdir()
    with pytest.raises(ConfigError, match=r"okrsync init") as caught:
        config.find(None, {}, cwd)
    for place in ("--config", "$OKRSYNC_CONFIG", str(cwd / "okrsync.toml"), str(system)):
        assert place in str(caught.value)
    for path in (system, cwd / "okrsync.toml", tmp_path / "named.toml", tmp_path / "flag.toml"):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert config.find("../flag.toml", {"OKRSYNC_CONFIG": "../named.toml"}, cwd).resolve() == tmp_path / "flag.toml"
    assert config.find(None, {"OKRSYNC_CONFIG": str(tmp_path / "named.toml")}, cwd) == tmp_path / "named.toml"
    assert config.find(None, {}, cwd) == cwd / "okrsync.toml"
    (cwd / "okrsync.toml").unlink()
    assert config.find(None, {}, cwd) == system
    with pytest.raises(ConfigError, match=r"--config names it"):
        config.find("missing.toml", {}, cwd)


JIRA = """
[[sources]]
id = "jira"
kind = "jira"
url = "https://acme.atlassian.net"
auth = { token = { env = "JIRA_TOKEN" } }
projects = ["SHOP"]
"""


def test_a_source_is_read_every_so_often_or_by_a_crontab(load, faults) -> None:
    assert load().sources[0].every == timedelta(minutes=5)
    assert load(source=JIRA + 'every = "90s"\n').sources[0].every == timedelta(seconds=90)
    (source,) = load(source=JIRA + 'cron = "*/5 8-19 * * 1-5"\n').sources
    assert (source.every, source.cron) == (None, "*/5 8-19 * * mon-fri")
    (both,) = faults(source=JIRA + 'every = "1m"\ncron = "0 9 * * *"\n')
    assert "cron: cannot stand beside every" in both
    for wrong in ("* * * *", "0 25 * * *", "0 9 1 * mon", "soon"):
        (fault,) = faults(source=JIRA + f'cron = "{wrong}"\n')
        assert "[sources.jira] cron" in fault


def test_where_the_daemon_answers(load, faults) -> None:
    assert load().server.listen == "127.0.0.1:8017"
    assert load(environ={"OKRSYNC_SERVER__LISTEN": "[::1]:80"}).server.listen == "[::1]:80"
    for wrong in ("localhost", "localhost:http", ":80", "localhost:70000"):
        assert len(faults(f'[server]\nlisten = "{wrong}"\n')) == 1


def test_pages_stand_at_the_root_of_their_host(load, faults) -> None:
    for url in ("https://okrsync.acme.test", "https://okrsync.acme.test/", "http://127.0.0.1:8017"):
        assert load(f'[server]\nurl = "{url}"\n').server.url == url.rstrip("/")
    (fault,) = faults('[server]\nurl = "https://tools.acme.test:8443/okr/sync"\n')
    assert "[server] url" in fault
    assert (
        'must have no path; pages stand at the root of a host of their own, such as "https://tools.acme.test:8443"'
        in (fault)
    )


def test_an_address_that_others_reach_needs_a_token(load, faults) -> None:
    for listen in ("0.0.0.0:8017", "[::]:8017", "10.0.0.1:80", "okrsync.acme.test:8017", "localhost.acme.test:80"):
        (fault,) = faults(f'[server]\nlisten = "{listen}"\n')
        assert f"[server] token: missing; others reach {listen}" in fault
        assert load(f'[server]\nlisten = "{listen}"\ntoken = {{ env = "T" }}\n').server.token is not None
    for listen in ("127.0.0.1:0", "127.9.9.9:8017", "[::1]:8017", "localhost:8017"):
        assert load(f'[server]\nlisten = "{listen}"\n').server.token is None


@pytest.mark.parametrize(
    "place",
    [
        "[server]\ntoken = {}",
        "[alerts]\nurl = {}",
        "[reports]\nwebhook = {}",
        '[reports.smtp]\nhost = "smtp.acme.test"\nfrom = "a@acme.test"\nuser = "a"\npassword = {}',
        "webhook_secret = {}",
    ],
)
@pytest.mark.parametrize("form", ['"{}"', '{{ value = "{}" }}', '{{ env = "{}" }}', '["{}"]'])
def test_a_secret_that_stands_anywhere_else_is_refused_and_never_repeated(faults, place: str, form: str) -> None:
    canary = "https://hooks.acme.test/C4n4ry"
    text = place.format(form.format(canary)) + "\n"
    said = faults(source=JIRA + text) if place.startswith("webhook") else faults(text)
    assert len(said) == 1
    assert "C4n4ry" not in said[0]


METRIC = """
[[objectives]]
id = "O"
title = "O"
[[objectives.key_results]]
id = "KR"
title = "KR"
kind = "metric"
target = 1
metric = { from = "asana_goal", goal = "GOAL" }
"""
GOALS_TOOL = JIRA.replace('"jira"', '"tool"', 1).replace('"jira"', '"goals"').replace('projects = ["SHOP"]', "")


def test_a_metric_that_a_goal_of_a_tool_gives(load, faults) -> None:
    loaded = load(METRIC.replace("GOAL", "tool:goal:12"), source=GOALS_TOOL)
    assert loaded.goals.key_results["KR"].metric == MetricSource("asana_goal", ItemRef("tool", "goal:12"))
    for wrong in ("tool:12", "tool:goal:", "jira:goal:12"):
        assert len(faults(METRIC.replace("GOAL", wrong), source=GOALS_TOOL)) == 1
    assert "tool without goals" in faults(METRIC.replace("GOAL", "jira:goal:1"), source=JIRA)[0]
    assert "names the goal" in faults(METRIC.replace(', goal = "GOAL"', ""), source=GOALS_TOOL)[0]
    assert (
        "readings are manual"
        in faults(METRIC.replace("asana_goal", "manual").replace("GOAL", "tool:goal:1"), source=GOALS_TOOL)[0]
    )


def test_what_a_kind_does_not_take_is_refused(faults) -> None:
    email = GOALS_TOOL.replace("auth = { ", 'auth = { email = "a@b.c", ')
    assert "[sources.tool] auth.email: a source of kind" in faults(source=email)[0]


def forge(auth: str) -> str:
    return f'[[sources]]\nid = "forge"\nkind = "forge"\nurl = "https://forge.test"\nauth = {{ {auth} }}\n'


def test_an_app_signs_in_by_its_private_key(load) -> None:
    auth = 'app_id = 12345, installation_id = "678", private_key = { env = "OKRSYNC_KEY" }'
    loaded = load(source=forge(auth), environ={"OKRSYNC_KEY": "CANARY"})
    (source,) = loaded.sources
    assert source.app == AppIdentity("12345", "678")
    assert (source.token, source.email) == (SecretRef("env", "OKRSYNC_KEY"), None)
    shown = {key: setting.value for key, setting in loaded.origins.items() if ".auth." in key}
    assert shown == {
        "sources.forge.auth.app_id": "12345",
        "sources.forge.auth.installation_id": "678",
        "sources.forge.auth.private_key.env": "OKRSYNC_KEY",
    }
    assert "CANARY" not in repr(loaded) + repr(loaded.origins)


def test_where_an_app_may_sign_in_an_account_may_too(load) -> None:
    (source,) = load(source=forge('token = { env = "TOKEN" }')).sources
    assert (source.app, source.token) == (None, SecretRef("env", "TOKEN"))


@pytest.mark.parametrize(
    ("tool", "source", "key"), [(JIRA, "jira", "jql"), (forge('token = { env = "TOKEN" }'), "forge", "search")]
)
def test_a_metric_that_a_source_counts(load, faults, tool: str, source: str, key: str) -> None:
    count = METRIC.replace('{ from = "asana_goal", goal = "GOAL" }', f'{{ from = "count", source = "{source}", KEY }}')
    metric = load(count.replace("KEY", f'{key} = "x = 1"'), source=tool).goals.key_results["KR"].metric
    assert metric == MetricSource("count", source=source, query="x = 1")
    assert f"metric.{key}: missing" in faults(count.replace(", KEY", ""), source=tool)[0]
    no_counts = tool.replace(f'kind = "{source}"', 'kind = "goals"').replace('projects = ["SHOP"]', "")
    assert "this source cannot count; those that can: none" in faults(count.replace(", KEY", ""), source=no_counts)[0]
