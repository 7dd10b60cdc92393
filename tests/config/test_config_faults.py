"""Every fault at once, each once, with its place, what was found, what is allowed and the likely typo."""

from __future__ import annotations

import pytest

OBJECTIVE = '[[objectives]]\nid = "O-A"\ntitle = "A"\n'
KR = '[[objectives.key_results]]\nid = "KR"\ntitle = "t"\n'
AT_KR = "okrsync.toml: [objectives.O-A.key_results.KR]"


def key_result(options: str) -> str:
    return f"{OBJECTIVE}{KR}{options}\n"


def counted(metric: str) -> str:
    return key_result(f'kind = "metric"\ntarget = 1\nmetric = {{ {metric} }}')


# One text each, and the whole of what is said about it: nothing is missing, and no cause is told twice.
EXPECTED = {
    "unknown key in a section": (
        '[okrsync]\nlangage = "fr"',
        'okrsync.toml: [okrsync] langage: unknown option (did you mean "language"?)',
    ),
    "unknown section": (
        "[writebak]\nmode = 1",
        'okrsync.toml: [writebak]: unknown section (did you mean "writeback"?)',
    ),
    "section of nothing": (
        '[weather]\nurl = "x"',
        "okrsync.toml: [weather]: unknown section; allowed: okrsync, mapping, rollup, writeback, reports, server, "
        "schedule, alerts, retention, sources, cycles, objectives, teams, gates",
    ),
    "section that is a value": ("mapping = 3", "okrsync.toml: [mapping]: must be a table; found 3"),
    "list that is a table": (
        '[cycles]\nid = "x"',
        "okrsync.toml: [cycles]: must be a list of tables, each under [[cycles]]; found a table",
    ),
    "language": (
        '[okrsync]\nlanguage = "FR"',
        'okrsync.toml: [okrsync] language: must be one of "fr", "en"; found "FR" (did you mean "fr"?)',
    ),
    "time zone": (
        '[okrsync]\ntimezone = "Europe/Pari"',
        'okrsync.toml: [okrsync] timezone: must be a time zone such as "Europe/Paris"; found "Europe/Pari" '
        '(did you mean "Europe/Paris"?)',
    ),
    "time zone that is a folder": (
        '[okrsync]\ntimezone = "../zone"',
        'okrsync.toml: [okrsync] timezone: must be a time zone such as "Europe/Paris"; found "../zone"',
    ),
    "database": (
        '[okrsync]\ndatabase = "okrsync.db"',
        'okrsync.toml: [okrsync] database: must name SQLite or PostgreSQL; write "sqlite:///okrsync.db" or '
        '"postgresql+psycopg://USER@HOST/NAME"',
    ),
    "database in memory": (
        '[okrsync]\ndatabase = "sqlite:///:memory:"',
        'okrsync.toml: [okrsync] database: must name a file, such as "sqlite:///okrsync.db"',
    ),
    "database password": (
        '[okrsync]\ndatabase = "postgresql+psycopg://okr:CANARY@db/okr"',
        "okrsync.toml: [okrsync] database: a password is never written inline; give the whole address in "
        "OKRSYNC_DATABASE, or use ~/.pgpass",
    ),
    "include": (
        '[okrsync]\ninclude = ["okrs/*.toml"]\n' + OBJECTIVE + 'parent = "O-ELSEWHERE"',
        'okrsync.toml: [okrsync] include: "okrs/*.toml" matches no file beside okrsync.toml',
    ),
    "include that is no list": (
        '[okrsync]\ninclude = "okrsync.toml"',
        'okrsync.toml: [okrsync] include: must be a list in square brackets, such as ["okrsync.toml"]; '
        'found "okrsync.toml"',
    ),
    "cycle without days": (
        '[[cycles]]\nid = "C"\nstart = "soon"\n' + OBJECTIVE + 'cycle = "C"',
        'okrsync.toml: [cycles.C] start: must be a date such as 2026-10-01; found "soon"',
        "okrsync.toml: [cycles.C] end: missing; write for example: end = 2026-12-31",
    ),
    "cycle with hours": (
        '[[cycles]]\nid = "C"\nstart = 2026-10-01T00:00:00\nend = 12026',
        "okrsync.toml: [cycles.C] start: must be a date such as 2026-10-01; found 2026-10-01 00:00:00",
        "okrsync.toml: [cycles.C] end: must be a date such as 2026-10-01; found 12026",
    ),
    "cycle that ends first": (
        '[[cycles]]\nid = "C"\nstart = 2026-10-01\nend = 2026-09-30',
        "okrsync.toml: [cycles.C] end: must not be before start = 2026-10-01; found 2026-09-30",
    ),
    "two cycles of one id": (
        '[[cycles]]\nid = "C"\nstart = 2026-10-01\nend = 2026-12-31\n' * 2,
        'okrsync.toml: [cycles.C] id: "C" is already the id of [cycles.C] in okrsync.toml; ids are unique',
    ),
    "unknown cycle and parent": (
        '[[cycles]]\nid = "2026-Q4"\nstart = 2026-10-01\nend = 2026-12-31\n'
        + OBJECTIVE
        + 'cycle = "2026Q4"\nparent = "X"',
        'okrsync.toml: [objectives.O-A] cycle: there is no cycle of this id; found "2026Q4" (did you mean "2026-Q4"?)',
        'okrsync.toml: [objectives.O-A] parent: there is no objective of this id; found "X"; allowed: O-A',
    ),
    "ids that cannot be used": (
        '[[objectives]]\nid = ""\ntitle = "t"\n[[objectives]]\nid = "O 1"\ntitle = " "\n'
        '[[objectives]]\nparent = "gone"\n[[objectives]]\nid = "Orphan"\ntitle = "t"',
        'okrsync.toml: [objectives.#1] id: must be an id without spaces, such as "KR-CHURN"; found an empty text',
        'okrsync.toml: [objectives.#2] id: must be an id without spaces, such as "KR-CHURN"; found "O 1"',
        "okrsync.toml: [objectives.#2] title: must not be empty",
        'okrsync.toml: [objectives.#3] id: missing; write for example: id = "O-RETENTION"',
        'okrsync.toml: [objectives.#3] title: missing; write for example: title = "A sentence that people read"',
        "okrsync.toml: [objectives.Orphan] id: is kept for the labels that okrsync writes itself "
        '(okr-dangling, okr-orphan, okr-objective:ID); found "Orphan"',
    ),
    "two goals of one id": (
        f'{OBJECTIVE}{KR}[[objectives]]\nid = "KR"\ntitle = "t"',
        'okrsync.toml: [objectives.KR] id: "KR" is already the id of [objectives.O-A.key_results.KR] in okrsync.toml; '
        "ids are unique",
    ),
    "two goals of almost one id": (
        '[[objectives]]\nid = "É-1"\ntitle = "t"\n[[objectives]]\nid = "e\u0301-1"\ntitle = "t"',
        'okrsync.toml: [objectives.e\u0301-1] id: "e\u0301-1" differs only by case or Unicode form from "É-1" of '
        "[objectives.É-1] in okrsync.toml",
    ),
    "ring of objectives": (
        "".join(
            f'[[objectives]]\nid = "{a}"\ntitle = "t"\nparent = "{b}"\n' for a, b in ("XA", "AB", "BC", "CA", "DD")
        ),
        "okrsync.toml: [objectives.A] parent: no objective can stand above itself: A → B → C → A",
        "okrsync.toml: [objectives.D] parent: no objective can stand above itself: D → D",
    ),
    "baseline is target": (
        key_result('kind = "metric"\nbaseline = 80\ntarget = 80.0'),
        f"{AT_KR} target: must differ from baseline, or no progress can be measured; found 80.0",
    ),
    "metric without target": (
        key_result('kind = "mixed"\nbaseline = 80'),
        f'{AT_KR} target: missing; a key result of kind "mixed" needs a target to measure against',
    ),
    "target that is no number": (
        key_result('kind = "metric"\nbaseline = nan\ntarget = "85 %"\nweight = -1'),
        f"{AT_KR} weight: must be at least 0; found -1",
        f"{AT_KR} baseline: must be a finite number; found nan",
        f'{AT_KR} target: must be a number; found "85 %"',
    ),
    "metric of another kind": (
        key_result('kind = "metric"\ntarget = 1\nmetric = { from = "counts", query = "x" }'),
        f'{AT_KR} metric.from: must be one of "manual", "asana_goal", "count"; found "counts" (did you mean "count"?)',
        f"{AT_KR} metric.query: unknown option; allowed: from, goal, source, jql, search",
    ),
    "count of nothing": (
        counted('from = "count"'),
        f'{AT_KR} metric.source: missing; it names the source that counts, such as source = "jira"',
    ),
    "count in a source that is not there": (
        counted('from = "count", source = "jirra", jql = "x"'),
        f'{AT_KR} metric.source: there is no source of this id; found "jirra" (did you mean "jira"?)',
    ),
    "count without its query": (
        counted('from = "count", source = "jira"'),
        f'{AT_KR} metric.jql: missing; write for example: jql = "labels = tech-debt AND statusCategory != Done"',
    ),
    "count with a typo": (
        counted('from = "count", source = "jira", jqll = "x", jql = ""'),
        f"{AT_KR} metric.jql: must not be empty",
        f'{AT_KR} metric.jqll: unknown option (did you mean "jql"?)',
    ),
    "count in the language of another tool": (
        counted('from = "count", source = "jira", jql = "x", search = "is:open"'),
        f'{AT_KR} metric.search: "jira" counts by jql: write jql = "labels = tech-debt AND statusCategory != Done"; '
        'found "is:open"',
    ),
    "count of a goal": (
        counted('from = "count", source = "jira", jql = "x", goal = "jira:goal:1"'),
        f'{AT_KR} metric.goal: "jira" is a tool without goals; found "jira:goal:1"',
    ),
    "query without a count": (
        counted('source = "jira", jql = "x"'),
        f'{AT_KR} metric.source: readings are manual; write from = "count" beside it; found "jira"',
        f'{AT_KR} metric.jql: readings are manual; write from = "count" beside it; found "x"',
    ),
    "count for work": (
        key_result('metric = { from = "count", source = "jira", jql = "x" }'),
        f'{AT_KR} metric: a key result of kind "work" has none; set kind = "keep" or "metric" or "mixed"; '
        "found a table",
    ),
    "options of another kind": (
        key_result("baseline = 1\nlow = 2\ntarget = true"),
        f'{AT_KR} baseline: a key result of kind "work" has none; set kind = "metric" or "mixed"; found 1',
        f"{AT_KR} target: must be a number; found true",
        f'{AT_KR} low: a key result of kind "work" has none; set kind = "keep"; found 2',
    ),
    "keep without band": (
        key_result('kind = "keep"\nlow = 1'),
        f'{AT_KR} high: missing; a key result of kind "keep" needs both low and high',
    ),
    "keep upside down": (
        key_result('kind = "keep"\nlow = 2\nhigh = 1'),
        f"{AT_KR} high: must not be less than low = 2; found 1",
    ),
    "kind, commitment, counts": (
        key_result('kind = "metrics"\ncommitment = 1\ncounts = ["ticket", "epic"]\ntarget = 3'),
        f'{AT_KR} kind: must be one of "work", "metric", "keep", "mixed"; found "metrics" (did you mean "metric"?)',
        f'{AT_KR} counts #2: must be one of "ticket", "pull_request", "commit"; found "epic"',
        f'{AT_KR} commitment: must be one of "committed", "aspirational"; found 1',
    ),
    "nothing that counts": (
        key_result('counts = ["tickets"]'),
        f'{AT_KR} counts #1: must be one of "ticket", "pull_request", "commit"; found "tickets" '
        '(did you mean "ticket"?)',
    ),
    "references": (
        key_result(
            'epics = ["jira:SHOP-1", "SHOP-2", "jra:SHOP-3"]\nwrite_to = "jira:SHOP-1"\ncontainers = ["jira:board:1"]'
        ),
        f'{AT_KR} epics #2: must be SOURCE-ID:KEY, such as "jira:SHOP-12"; found "SHOP-2"',
        f'{AT_KR} epics #3: there is no source "jra" (did you mean "jira"?); found "jra:SHOP-3"',
        f'{AT_KR} containers #1: "jira" has containers of these kinds: none; name epics under epics; '
        'found "jira:board:1"',
        f'{AT_KR} write_to: must be a list in square brackets, such as ["jira:SHOP-1"]; found "jira:SHOP-1"',
    ),
    "curve": (
        key_result('kind = "metric"\ntarget = 1\ncurve = [[2026-10-01, 0.5], [2026-09-01, 0.7]]'),
        f"{AT_KR} curve: must rise from date to date; 2026-09-01 with 0.7 follows 2026-10-01 with 0.5",
    ),
    "curve of another shape": (
        key_result('kind = "metric"\ntarget = 1\ncurve = [[2026-10-01, 50]]\nstale_after = "3 weeks"'),
        f"{AT_KR} curve: entry 1 must be a date and a share from 0 to 1, such as [2026-10-31, 0.2]",
        f'{AT_KR} stale_after: must be a duration such as "30s", "5m", "24h", "21d" or "2w"; found "3 weeks"',
    ),
    "window": (
        '[[cycles]]\nid = "C"\nstart = 2026-10-01\nend = 2026-12-31\n'
        + OBJECTIVE
        + 'cycle = "C"\n'
        + KR
        + "start = 2027-01-01",
        f"{AT_KR} end: its window would end on 2026-12-31 of its cycle, before its start on 2027-01-01",
    ),
    "mapping": (
        '[mapping]\nrules = ["labels", "parent", "mention"]\nlabel_patterns = ["(", "okr:(.+)"]\n'
        'exempt = [{ why = "x" }]\nconflict = "last"\nexempt_defaults = "no"',
        'okrsync.toml: [mapping] rules #1: there is no rule of this name; found "labels" (did you mean "label"?)',
        'okrsync.toml: [mapping] rules #3: there is no rule of this name; found "mention"; allowed: override, label, '
        "field, container, trailer, exempt, parent, reference, revert",
        "okrsync.toml: [mapping] label_patterns #1: is not a regular expression (missing ), unterminated subpattern at "
        'position 0); found "("',
        'okrsync.toml: [mapping] label_patterns #2: needs a group named "id", such as "okr:(?P<id>[A-Z0-9-]+)"; '
        'found "okr:(.+)"',
        "okrsync.toml: [mapping] exempt: entry 1 must name labels, authors, types or projects",
        'okrsync.toml: [mapping] exempt_defaults: must be true or false; found "no"',
        'okrsync.toml: [mapping] conflict: must be one of "all", "first"; found "last"',
    ),
    "rule twice": (
        '[mapping]\nrules = ["label", "parent", "label"]',
        "okrsync.toml: [mapping] rules: names label twice",
    ),
    "exempt": (
        '[mapping]\nexempt = [{ label = ["x"] }, { projects = ["nowhere:X"] }]',
        'okrsync.toml: [mapping] exempt #1.label: unknown option (did you mean "labels"?)',
        'okrsync.toml: [mapping] exempt #2.projects #1: there is no source "nowhere"; sources: jira; found "nowhere:X"',
    ),
    "rollup": (
        "[rollup]\nin_progress_credit = 0.6\ncommitted = 90\nhalf_life_weeks = 0\nsource_limit = 24\n"
        "off_track_probability = 0.5\nat_risk_probability = 0.4\nmetric_at_risk = 0.95",
        "okrsync.toml: [rollup] committed: must be at most 1; found 90",
        "okrsync.toml: [rollup] in_progress_credit: must be at most 0.5; found 0.6",
        "okrsync.toml: [rollup] half_life_weeks: must be more than 0; found 0",
        "okrsync.toml: [rollup] at_risk_probability: must not be less than off_track_probability = 0.5; found 0.4",
        "okrsync.toml: [rollup] metric_at_risk: must not be more than metric_on_track = 0.9; found 0.95",
        'okrsync.toml: [rollup] source_limit: must be a duration such as "30s", "5m", "24h", "21d" or "2w"; found 24',
    ),
    "teams": (
        '[teams]\nmobile = { projets = ["jira:MOB"] }\nweb = ["jira:WEB"]\npay = { projects = ["jra:PAY"] }\n"" = {}\n'
        '"s\u200bh\u00a0op" = {}',
        "okrsync.toml: [teams.web]: must be a table; found a list",
        "okrsync.toml: [teams.#4]: a team needs a name",
        "okrsync.toml: [teams.#5]: the name of a team holds what nobody sees: U+00A0, U+200B; type it anew",
        "okrsync.toml: [teams.mobile] labels: missing; a team is known by its projects, its repositories or its labels",
        'okrsync.toml: [teams.mobile] projets: unknown option (did you mean "projects"?)',
        'okrsync.toml: [teams.pay] projects #1: there is no source "jra" (did you mean "jira"?); found "jra:PAY"',
    ),
    "writeback": (
        '[writeback]\nmode = "aply"\njira = "drafts"\njirra = "off"\ncap = 0\ndaily = 0\nquiet = "-1h"\n'
        'surfaces = ["labels"]\nonly = ["SHOP"]\ndeleted = "leaves"',
        'okrsync.toml: [writeback] mode: must be one of "off", "plan", "draft", "apply"; found "aply" '
        '(did you mean "apply"?)',
        'okrsync.toml: [writeback] surfaces #1: must be one of "label", "objective_label", "objective_field", '
        '"property", "comment", "number", "block", "status", "metric", "update"; found "labels" '
        '(did you mean "label"?)',
        'okrsync.toml: [writeback] only #1: must be SOURCE-ID:PROJECT, such as "jira:SHOP"; found "SHOP"',
        "okrsync.toml: [writeback] cap: must be at least 1; found 0",
        'okrsync.toml: [writeback] quiet: must be a duration such as "30s", "5m", "24h", "21d" or "2w"; found "-1h"',
        "okrsync.toml: [writeback] daily: must be at least 1; found 0",
        'okrsync.toml: [writeback] deleted: must be one of "leave", "restore"; found "leaves" (did you mean "leave"?)',
        'okrsync.toml: [writeback] jira: must be one of "off", "plan", "draft", "apply"; found "drafts" '
        '(did you mean "draft"?)',
        'okrsync.toml: [writeback] jirra: unknown option (did you mean "jira"?)',
    ),
    "writing back in one source": (
        '[mapping]\nfields = ["Objectif", "customfield_1"]\n'
        '[writeback.jira]\nmodes = "off"\nsurfaces = ["metrics"]\n'
        'objective_field = "customfield_1"\nprogress_field = "customfield_1"',
        'okrsync.toml: [writeback] jira.surfaces #1: must be one of "label", "objective_label", "objective_field", '
        '"property", "comment", "number", "block", "status", "metric", "update"; found "metrics" '
        '(did you mean "metric"?)',
        "okrsync.toml: [writeback] jira.progress_field: is filled with the objective already; name another field; "
        'found "customfield_1"',
        'okrsync.toml: [writeback] jira.modes: unknown option (did you mean "mode"?)',
        'okrsync.toml: [mapping] fields #2: "customfield_1" is filled by okrsync (writeback.jira.progress_field), and '
        "what it writes is never read; name another field",
    ),
    "targets that nothing is written to": (
        key_result('write_to = ["jira:SHOP-12"]')
        + '[writeback.targets]\n"jira:SHOP-21" = "draft"\n"jira:SHOP-12" = "drafts"\n"nonsense" = "off"',
        'okrsync.toml: [writeback] targets.jira:SHOP-12: must be one of "off", "plan", "draft", "apply"; '
        'found "drafts" (did you mean "draft"?)',
        'okrsync.toml: [writeback] targets.jira:SHOP-21: no key result is written there (did you mean "jira:SHOP-12"?)',
        "okrsync.toml: [writeback] targets.nonsense: no key result is written there; written to: jira:SHOP-12",
    ),
    "pauses": (
        '[[writeback.pauses]]\nwhy = "frost"\n[[writeback.pauses]]\nstart = "soon"\nend = 12\n'
        "[[writeback.pauses]]\nstart = 2026-12-24\nend = 2026-12-23\n[[writeback.pauses]]\nstart = 2026-12-24\n"
        "until = 2026-12-24",
        "okrsync.toml: [writeback] pauses #1.start: missing; write for example: start = 2026-12-19",
        "okrsync.toml: [writeback] pauses #2.start: must be a day or a time, such as 2026-12-19 or "
        '2026-12-19T18:00:00; found "soon"',
        "okrsync.toml: [writeback] pauses #2.end: must be a day or a time, such as 2026-12-19 or 2026-12-19T18:00:00; "
        "found 12",
        "okrsync.toml: [writeback] pauses #3.end: must not be before start = 2026-12-24; found 2026-12-23",
        "okrsync.toml: [writeback] pauses #4.until: unknown option; allowed: start, end, why",
    ),
    "reports": ("[reports]\nby_assignee = 1", "okrsync.toml: [reports] by_assignee: must be true or false; found 1"),
}


@pytest.mark.parametrize(("text", "expected"), [(text, said) for text, *said in EXPECTED.values()], ids=EXPECTED)
def test_each_fault_is_told_once_in_its_place(faults, text: str, expected: list[str]) -> None:
    assert faults(text) == expected


def source(**options: str) -> str:
    """A source whose lines are replaced, or left out where the text is empty."""
    lines = {
        "id": '"jira"',
        "kind": '"jira"',
        "url": '"https://acme.atlassian.net"',
        "auth": '{ token = { env = "JIRA_TOKEN" } }',
        "projects": '["SHOP"]',
    }
    return "[[sources]]\n" + "".join(f"{key} = {text}\n" for key, text in (lines | options).items() if text)


APP = 'app_id = "1", installation_id = "2", private_key = { env = "KEY" }'


def forge(auth: str) -> str:
    return source(id='"forge"', kind='"forge"', auth=f"{{ {auth} }}", projects="")


INLINE = 'a secret is never written inline: token = { env = "JIRA_TOKEN" }'
SOURCES = {
    "none": ("", "[sources]: missing; at least one [[sources]] names a tool to read"),
    "typo": (
        source(projects="", project='["SHOP"]'),
        '[sources.jira] projects: missing; write for example: projects = ["SHOP"]',
        '[sources.jira] project: unknown option (did you mean "projects"?)',
    ),
    "typo of a shared key": (
        source(timeot='"1m"'),
        '[sources.jira] timeot: unknown option (did you mean "timeout"?)',
    ),
    "key of a later step": (
        source(portfolios='["1"]'),
        "[sources.jira] portfolios: unknown option; allowed: projects, fields, id, kind, url, auth, every, cron, "
        "census, timeout, ca_file, webhook_secret",
    ),
    "nested typo": (
        source(fields='{ point = "customfield_1", flagged = 3 }'),
        "[sources.jira] fields.flagged: must be text in quotes; found 3",
        '[sources.jira] fields.point: unknown option (did you mean "points"?)',
    ),
    "unknown kind": (
        source(kind='"jirra"', every='"5m"'),
        '[sources.jira] kind: there is no source of this kind; found "jirra" (did you mean "jira"?)',
    ),
    "kind of a later step": (
        source(kind='"github"'),
        '[sources.jira] kind: there is no source of this kind; found "github"; allowed: board, forge, goals, jira',
    ),
    "no id": (source(id=""), '[sources.#1] id: missing; write for example: id = "jira"'),
    "id of two words": (
        source(id='"my:jira"'),
        '[sources.my:jira] id: must be letters, digits, "-" and "_", such as "jira"; found "my:jira"',
    ),
    "id of an option": (
        source(id='"mode"'),
        '[sources.mode] id: cannot be used, because writeback.mode means something else; found "mode"',
    ),
    "ids alike": (
        source() + source(id='"JIRA"'),
        '[sources.JIRA] id: "JIRA" differs only by case or Unicode form from "jira" of [sources.jira] in okrsync.toml',
    ),
    "no scheme": (
        source(url='"acme.atlassian.net"'),
        '[sources.jira] url: must start with http:// or https://, such as "https://acme.atlassian.net"',
    ),
    "another scheme": (
        source(url='"ftp://acme"'),
        '[sources.jira] url: must start with http:// or https://, such as "https://acme.atlassian.net"',
    ),
    "broken address": (
        source(url='"https://[::1"'),
        '[sources.jira] url: must be an address such as "https://acme.atlassian.net"; found text',
    ),
    "address with a query": (
        source(url='"https://acme.test/?token=CANARY"'),
        "[sources.jira] url: must end with its path, without ? and #",
    ),
    "address with credentials": (
        source(url='"https://me:CANARY@acme.test"'),
        "[sources.jira] url: must hold no credentials; name them under auth",
    ),
    "no auth": (
        source(auth=""),
        '[sources.jira] auth: missing; write for example: auth = { email = "okrsync@acme.test", token = { env = '
        '"JIRA_TOKEN" } }',
    ),
    "auth inline": (source(auth='"CANARY"'), "[sources.jira] auth: must be a table; found text"),
    "token inline": (source(auth='{ token = "CANARY" }'), f"[sources.jira] auth.token: {INLINE}"),
    "token in a table": (
        source(auth='{ token = { value = "CANARY" } }'),
        f"[sources.jira] auth.token: must name one of env, file, credential; {INLINE}",
    ),
    "token as the name of a variable": (
        source(auth='{ token = { env = "ghp_CANARYcanary1234" } }'),
        "[sources.jira] auth.token: env must be the name of an environment variable in capitals, such as JIRA_TOKEN",
    ),
    "token two ways": (
        source(auth='{ token = { env = "A", file = "b" } }'),
        f"[sources.jira] auth.token: must name one of env, file, credential; {INLINE}",
    ),
    "no token, no address": (
        source(auth='{ email = "CANARY", password = "CANARY" }'),
        '[sources.jira] auth.email: must be an address such as "okrsync@acme.test"',
        '[sources.jira] auth.token: missing; write for example: token = { env = "JIRA_TOKEN" }',
        "[sources.jira] auth.password: unknown option; allowed: email, token, expires",
    ),
    "app": (
        forge('app_id = "a b", installation_id = "acme", private_key = "CANARY"'),
        '[sources.forge] auth.app_id: must be the id of the app as its page shows it, such as "12345"',
        "[sources.forge] auth.installation_id: must be the number that ends the address of the installation, such as "
        '"678"',
        "[sources.forge] auth.private_key: a secret is never written inline: private_key = { file = "
        '"/run/secrets/github-app.pem" }',
    ),
    "half an app": (
        forge("app_id = 12345"),
        '[sources.forge] auth.installation_id: missing; write for example: installation_id = "678"',
        "[sources.forge] auth.private_key: missing; write for example: private_key = { file = "
        '"/run/secrets/github-app.pem" }',
    ),
    "typo in an app": (
        forge('app_id = "1", instalation_id = "2", private_key = { env = "KEY" }'),
        '[sources.forge] auth.installation_id: missing; write for example: installation_id = "678"',
        '[sources.forge] auth.instalation_id: unknown option (did you mean "installation_id"?)',
    ),
    "app and account": (
        forge(f'{APP}, email = "a@b.c", token = "CANARY"'),
        "[sources.forge] auth.email: belongs to an account and cannot stand beside an app; keep one of them",
        "[sources.forge] auth.token: belongs to an account and cannot stand beside an app; keep one of them",
    ),
    "app where none can sign in": (
        source(auth='{ app_id = "1" }'),
        '[sources.jira] auth.token: missing; write for example: token = { env = "JIRA_TOKEN" }',
        "[sources.jira] auth.app_id: unknown option; allowed: email, token, expires",
    ),
    "token beside auth": (
        source(api_token='"CANARY"'),
        "[sources.jira] api_token: unknown option; a secret is named under auth: auth = { token = { env = "
        '"JIRA_TOKEN" } }',
    ),
    "times": (
        source(timeout='"0s"', census='"1y"'),
        '[sources.jira] census: must be a duration such as "30s", "5m", "24h", "21d" or "2w"; found "1y"',
        "[sources.jira] timeout: must be longer than nothing",
    ),
    "certificates": (
        source(ca_file='"nowhere.pem"'),
        '[sources.jira] ca_file: there is no such file; found "nowhere.pem"',
    ),
}


@pytest.mark.parametrize(("text", "expected"), [(text, said) for text, *said in SOURCES.values()], ids=SOURCES)
def test_each_fault_of_a_source_is_told_once_and_no_secret_is(faults, text: str, expected: list[str]) -> None:
    said = faults(source=text)
    assert said == [f"okrsync.toml: {line}" for line in expected]
    assert "CANARY" not in "".join(said)


def test_faults_of_all_parts_and_files_come_together(faults) -> None:
    said = faults(
        '[okrsync]\ninclude = ["*.okrs"]\n[rollup]\ncommitted = 2\n' + OBJECTIVE + 'parent = "O-Q"\n',
        files={
            "a.okrs": '[[objectives]]\nid = "O-Q"\ntitle = "Q"\n'
            + KR
            + 'kind = "metric"\n[okrsync]\nlanguage = "fr"\n',
            "b.okrs": f'[[objectives]]\nid = "O-a"\ntitle = "A"\n[teams]\nx = 3\n[mappings]\n{KR}',
        },
        environ={
            "OKRSYNC_DATABSE": "CANARY",
            "OKRSYNC_ROLLUP__OUTPUT_SHARE": "much",
            "OKRSYNC_SOURCES__0__URL": "CANARY",
        },
        flags={"okrsync.databse": "CANARY"},
        source=source(id='"tracker"', url='"acme"'),
    )
    assert said == [
        'environment OKRSYNC_DATABSE: unknown option (did you mean "OKRSYNC_DATABASE"?)',
        "environment OKRSYNC_SOURCES__0__URL: entries of lists cannot be set from the environment; write it under "
        "[[sources]] in the file",
        'flag okrsync.databse: unknown option (did you mean "okrsync.database"?)',
        "b.okrs: [teams.x]: must be a table; found 3",
        "a.okrs: [okrsync]: belongs to the main file; an included file may hold cycles, objectives, teams",
        "b.okrs: [mappings]: unknown section; allowed: cycles, objectives, teams",
        'okrsync.toml: [sources.tracker] url: must start with http:// or https://, such as "https://acme.atlassian.net"',
        'b.okrs: [objectives.O-a] id: "O-a" differs only by case or Unicode form from "O-A" of [objectives.O-A] in '
        "okrsync.toml",
        'b.okrs: [objectives.O-a.key_results.KR] id: "KR" is already the id of [objectives.O-Q.key_results.KR] in '
        "a.okrs; ids are unique",
        'a.okrs: [objectives.O-Q.key_results.KR] target: missing; a key result of kind "metric" needs a target to '
        "measure against",
        "okrsync.toml: [rollup] committed: must be at most 1; found 2",
        'environment OKRSYNC_ROLLUP__OUTPUT_SHARE: must be a number; found "much"',
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            b"[okrsync\n",
            "okrsync.toml: line 1, column 9: not valid TOML: expected ']' at the end of a table declaration",
        ),
        (b'\n[okrsync]\nlanguage = "fr', "okrsync.toml: line 3, at the end of the file: not valid TOML: unterminated"),
        (b"x = " + b"[" * 5000, "okrsync.toml: not TOML that can be read: nested too deeply"),
        (b"x = " + b"1" * 5000, "okrsync.toml: not valid TOML"),
        (b"\n# d\xe9j\xe0\n", "okrsync.toml: line 2: not UTF-8; save the file in that encoding"),
    ],
)
def test_a_file_that_is_no_toml_says_where(tmp_path, content: bytes, expected: str) -> None:
    import config
    from okrsync.errors import ConfigError

    (tmp_path / "okrsync.toml").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path / "okrsync.toml", {}, {})
    assert str(caught.value).startswith(expected)


def test_a_file_that_is_missing_or_a_folder_says_so(tmp_path) -> None:
    import config
    from okrsync.errors import ConfigError

    with pytest.raises(ConfigError, match=r"^okrsync.toml: no such file; type `okrsync init`"):
        config.load(tmp_path / "okrsync.toml", {}, {})
    with pytest.raises(ConfigError, match=r"cannot be read: Is a directory"):
        config.load(tmp_path, {}, {})


def test_a_broken_included_file_hides_nothing_and_makes_nothing_unknown(faults) -> None:
    said = faults(
        '[okrsync]\ninclude = ["q4.toml"]\n[[objectives]]\nid = "O"\ntitle = ""\nparent = "O-IN-Q4"\n',
        files={"q4.toml": "[[objectives]]\nid = 'O-IN-Q4'\ntitle = x"},
    )
    assert said == [
        "q4.toml: line 3, column 9: not valid TOML: invalid value",
        "okrsync.toml: [objectives.O] title: must not be empty",
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("OKRSYNC_OBJECTIVES__0__TITLE", "entries of lists cannot be set from the environment"),
        ("OKRSYNC_TEAMS__MOBILE__LABELS", "teams cannot be set from the environment"),
        ("OKRSYNC_OKRSYNC__DATABASE", "unknown option"),
        ("OKRSYNC_WRITEBACK__JIRRA", 'unknown option (did you mean "OKRSYNC_WRITEBACK__JIRA"?)'),
        ("OKRSYNC_QWERTZUIOP", "unknown option; docs/configuration.md lists all"),
    ],
)
def test_an_unknown_variable_is_refused_without_its_value(faults, name: str, expected: str) -> None:
    (line,) = faults(environ={name: "CANARY"})
    assert line.startswith(f"environment {name}: {expected}")
    assert "CANARY" not in line


def test_a_value_of_the_environment_and_of_a_flag_is_told_with_its_name(faults) -> None:
    assert faults(environ={"OKRSYNC_MAPPING__FIELDS": '["a", 3]'}, flags={"writeback.cap": "many"}) == [
        "environment OKRSYNC_MAPPING__FIELDS #2: must be text in quotes; found 3",
        'flag writeback.cap: must be a whole number; found "many"',
    ]
