"""What people read: complete JSON, tables that fit, honest empty states, and hostile titles that do nothing."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from installation import Installation

from okrsync.model import GapKind, OrphanClass, Severity, SourceState, Status, Surface, VerdictKind, WriteState
from okrsync.reports.common import LATE
from okrsync.reports.writes import diff, readable
from okrsync.texts import catalogue, speaker

NUMBER, TEXT, FLAG = (int, float), (str,), (bool,)
MAYBE = (type(None),)
SHAPES: dict[str, Any] = {
    "status": {
        "as_of": TEXT,
        "complete": FLAG,
        "sources": [{"id": TEXT, "kind": TEXT, "state": TEXT, "last_success": TEXT, "items": (int,)}],
        "objectives": [
            {
                **dict.fromkeys(("id", "title", "relation", "status", "measured"), TEXT),
                **dict.fromkeys(("owner", "cycle", "parent"), TEXT + MAYBE),
                **dict.fromkeys(("progress", "done", "scope"), NUMBER + MAYBE),
                "key_results": [
                    {
                        **dict.fromkeys(("id", "title", "kind", "status", "unit"), TEXT),
                        **dict.fromkeys(("owner", "read_at", "narrative"), TEXT + MAYBE),
                        **dict.fromkeys(("progress", "grade", "done", "scope", "estimated", "initial"), NUMBER + MAYBE),
                        **dict.fromkeys(("added", "removed", "cancelled", "baseline", "value"), NUMBER + MAYBE),
                        **dict.fromkeys(("target",), NUMBER + MAYBE),
                        "weight": NUMBER,
                        "forecast": {"probability": NUMBER + MAYBE, "date": TEXT + MAYBE},
                        "flags": [TEXT],
                        "cause": [{"text": TEXT, "items": [TEXT]}],
                    }
                ],
            }
        ],
    },
    "orphans": {
        "as_of": TEXT,
        "complete": FLAG,
        "sentence": TEXT,
        "totals": {
            **dict.fromkeys(("items", "traced", "exempt", "orphan", "unresolvable"), (int,)),
            "effort_share_orphan": NUMBER,
        },
        "trend": [{"week": TEXT, "effort_share_orphan": NUMBER + MAYBE}],
        "groups": [{"fix": TEXT, "class": TEXT, "items": (int,), "effort": NUMBER, "suggestion": TEXT}],
        "items": [
            {
                **dict.fromkeys(("source", "key", "kind", "title", "url", "verdict", "created_at", "updated_at"), TEXT),
                **dict.fromkeys(("class", "fix", "evidence", "team"), TEXT + MAYBE),
                "effort": NUMBER,
            }
        ],
    },
    "trace SHOP-11": {
        **dict.fromkeys(("source", "key", "verdict"), TEXT),
        "class": MAYBE,
        "links": [
            {
                **dict.fromkeys(("target", "rule", "evidence", "since"), TEXT),
                "path": [dict.fromkeys(("kind", "source", "key", "title", "hop"), TEXT)],
            }
        ],
        "lost": [],
        "broken_at": MAYBE,
    },
    "trace PLAT-32": {"verdict": TEXT, "class": TEXT, "broken_at": {"key": TEXT, "why": TEXT, "fix": TEXT}},
    "gaps": {
        "as_of": TEXT,
        "complete": FLAG,
        "gaps": [{**dict.fromkeys(("kind", "severity", "subject", "evidence", "fix"), TEXT), "since": TEXT + MAYBE}],
    },
    "plan": {
        "run": (int,),
        "writes": [
            {
                **dict.fromkeys(("source", "target", "url", "surface", "why"), TEXT),
                "id": (int,),
                "before": MAYBE,
                "after": (bool, str, dict),
            }
        ],
    },
    "apply 1 --yes": {"run": (int,), "applied": (int,), "planned": (int,), "writes": [{"state": TEXT}]},
    "runs": {
        "runs": [
            {
                **dict.fromkeys(("run", "writes", "applied", "skipped", "failed", "undone"), (int,)),
                **dict.fromkeys(("at", "by"), TEXT),
            }
        ]
    },
    "sync": {
        "sources": [
            {
                **dict.fromkeys(("id", "state"), TEXT),
                **dict.fromkeys(("pulled", "changed", "requests"), (int,)),
                "seconds": NUMBER,
                "error": TEXT + MAYBE,
                "unreadable": [TEXT],
            }
        ]
    },
}


def check(value: Any, shape: Any, where: str) -> None:
    match shape:
        case dict():
            assert isinstance(value, dict), where
            for name, inner in shape.items():
                assert name in value, f"{where}.{name} is missing"
                check(value[name], inner, f"{where}.{name}")
        case list():
            assert isinstance(value, list), where
            assert value or not shape or shape == [TEXT] or where.endswith(".cause"), f"{where} is empty"
            for one in value:
                check(one, shape[0], where)
        case _:
            assert isinstance(value, shape), f"{where} is {value!r}"
            assert not (shape in (NUMBER, (int,)) and isinstance(value, bool)), where


def test_every_json_answer_has_the_promised_fields(synced: Installation) -> None:
    for command, shape in SHAPES.items():
        answer = synced.json(*command.split())
        if "objectives" in shape:
            answer["objectives"] = [one for one in answer["objectives"] if one["key_results"]]
        check(answer, shape, command)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_word_of_a_report_exists(language: str) -> None:
    words = catalogue()
    needed = [
        *(f"report.gap_kind.{kind}" for kind in GapKind),
        *(f"report.severity.{one}" for one in Severity),
        *(f"report.class.{one}" for one in OrphanClass),
        *(f"report.verdict.{one}" for one in VerdictKind),
        *(f"status.{one}" for one in Status),
        *(f"report.state.{one}" for one in SourceState if one is not SourceState.OK),
        f"report.state.{LATE}",
        *(f"report.{part}.{one}" for one in Surface for part in ("surface", "count")),
        *(f"report.write.{one}" for one in ("applied", "skipped", "failed", "unknown") if WriteState(one)),
    ]
    assert [code for code in needed if not words[code][language == "fr"]] == []


def test_french_is_set_as_french(synced: Installation) -> None:
    for command in ("status", "orphans", "gaps", "plan", "apply 1 --yes", "runs", "trace PLAT-32"):
        shown = synced.ok(*command.split())
        assert not re.search(r"\w'\w", shown), f"{command}: a straight apostrophe"
        if command != "plan":  # which shows text as it will stand in the tool
            assert not re.search(r" [;:!?]", shown), f"{command}: a space that may break"
    assert not re.search(r"\d\.\d", synced.ok("orphans")), "a decimal point"


def test_before_the_first_sync_every_report_says_so_and_nothing_else(acme: Installation) -> None:
    acme.edit('language = "fr"', 'language = "en"')
    for command in ("status", "orphans", "gaps", "plan"):
        shown = acme.ok(command)
        assert "okrsync sync" in shown, command
        assert "Every item reaches" not in shown
        assert "the tools show what they should" not in shown
    assert acme.ok("orphans").count("\n") == 1
    assert acme.ok("runs").strip() == "No run yet. Type: okrsync plan"
    assert acme.ok("orphans", "--format", "csv").startswith("source,key,kind,title,url,verdict,class,fix,evidence,")
    assert acme.json("status")["behind"] == [{"source": "jira", "scope": None, "state": "never"}]


def test_nobody_is_told_that_the_tools_are_fine_while_one_is_down(synced: Installation) -> None:
    synced.edit('language = "fr"', 'language = "en"')
    synced.monkeypatch.setenv("OKRSYNC_WRITEBACK__SURFACES", '["label"]')
    assert synced.json("plan")["writes"], "there is something to write"
    synced.sandbox.fault("answer", status=401, path=".*/rest/.*", times=None)
    assert synced.run("sync").code == 77
    assert "what could not be read waits until it is" in (shown := synced.ok("plan"))
    assert "the tools show what they should" not in shown + synced.ok("plan", "--format", "md")
    assert "Nothing was sent: what could not be read waits" in synced.ok("apply", "--yes")
    synced.sandbox.clear()
    synced.ok("sync")
    synced.ok("apply", "--yes")
    assert "the tools show what they should" in synced.ok("plan")


def test_without_objectives_the_advice_can_be_typed(synced: Installation) -> None:
    text = synced.config.read_text(encoding="utf-8")
    start, end = text.index("[[objectives]]"), text.index("[mapping]")
    synced.config.write_text(text[:start] + text[end:], encoding="utf-8")
    assert "[[objectives]]" in synced.ok("status"), "brackets are no markup"
    assert synced.json("orphans")["totals"]["traced"] == 0
    refused = synced.run("link", "SHOP-1", "KR-UX", "--why", "x")
    assert (refused.code, refused.err.rstrip().endswith("there are: none")) == (2, True)


def test_what_is_behind_is_named(synced: Installation) -> None:
    synced.edit('language = "fr"', 'language = "en"')
    assert synced.ok("orphans").startswith("34% of the effort since")
    synced.sandbox.stop()
    synced.run("sync")
    assert synced.json("orphans")["behind"] == [{"source": "jira", "scope": None, "state": "degraded"}]
    for command in ("status", "orphans", "gaps", "trace SHOP-11", "plan"):
        shown = synced.ok(*command.split())
        assert "Incomplete, not read in full: jira (unavailable)." in shown, command


def test_plan_groups_labels_by_reason_and_shows_the_rest_as_a_diff(synced: Installation) -> None:
    synced.edit('language = "fr"', 'language = "en"')
    writes = synced.json("plan")["writes"]
    shown = synced.ok("plan")
    labels = {(write["name"], write["why"]) for write in writes if write["surface"] == "label"}
    assert len(re.findall(r"^\+ label ", shown, re.M)) == len(labels) < len(writes)
    for write in writes:
        assert write["target"] in shown
    assert '"key_results"' not in shown, "no raw JSON"
    assert f"{len(writes)} writes planned" in shown


def test_a_changed_record_is_told_by_its_values() -> None:
    before = {
        "version": 1,
        "key_results": [{"id": "KR-UX", "done": 3, "status": "on_track"}, {"id": "KR-B", "done": 1}],
    }
    after = {"version": 1, "key_results": [{"id": "KR-UX", "done": 4, "status": "on_track"}, {"id": "KR-C", "done": 2}]}
    assert diff(before, after) == ["~ KR-UX: done 3 → 4", "- KR-B: done 1", "+ KR-C: done 2"]
    assert diff(None, after)[0] == "+ version 1"
    assert diff("a\nb", "a\nc") == ["- b", "+ c"]
    assert diff("a\n- b", None) == ["- a", "- • b"]


def test_nothing_sent_is_told_for_what_it_is(synced: Installation) -> None:
    synced.edit('language = "fr"', 'language = "en"')
    synced.edit('jira = "apply"', "")
    count = len(synced.json("plan")["writes"])
    assert f"Not sent: {count}." in synced.ok("plan")
    shown = synced.ok("apply", "1", "--yes")
    assert f"Not sent: {count}." in shown
    assert "Nothing" not in shown
    assert synced.json("apply", "1", "--yes")["planned"] == count
    assert "takes back" not in synced.ok("undo", "1")
    assert "Nothing to take back" in synced.ok("undo", "1")
    synced.edit('mode = "plan"', 'mode = "off"')
    assert "off" in synced.ok("plan")


def test_a_failed_apply_is_one_message_not_thirty(synced: Installation) -> None:
    synced.ok("plan")
    (synced.folder / "token").write_text("bad")
    done = synced.run("apply", "1", "--yes")
    assert done.code == 77
    assert done.out.count("credentials were refused") <= 4


HOSTILE = {
    "SHOP-72": "[red]rouge[/red] [/] [link=http://evil.test]x[/link] :smile:",
    "SHOP-73": "a\x1b[2Jb\x1b]0;title\x07c\x9b31m\x7f",
    "SHOP-74": "\u202eevil\u202c \u200f\u2066x\u2069 \u061c \u200b",
    "SHOP-75": "one\ntwo\r\nthree\tfour\u2028five",
    "SHOP-76": "very " * 60,
    "SHOP-77": '=HYPERLINK("http://evil.test";"x")',
    "SHOP-79": " =1+1",
    "SHOP-81": "＠SUM(A1)",
    "SHOP-83": "",
    "SHOP-1": "[bold]\x1b[31mepic\u202e [/nope]\nx",
    "SHOP-3": "-2+3 " + "long " * 50,
}


@pytest.fixture
def hostile(acme: Installation) -> Installation:
    site = next(iter(acme.sandbox.world.jira.sites.values()))
    for key, title in HOSTILE.items():
        site.find(key).fields["summary"] = title
    acme.ok("sync")
    return acme


@pytest.mark.parametrize(
    "command",
    [
        *("status", "orphans", "gaps", "plan", "trace SHOP-11", "trace SHOP-73", "trace SHOP-74", "trace SHOP-75"),
        *("orphans --format csv", "orphans --format json", "trace SHOP-74 --format json"),
    ],
)
def test_a_title_does_nothing_to_a_terminal(hostile: Installation, command: str) -> None:
    done = hostile.run(*command.split())
    assert done.code == 0
    shown = done.out.replace("\r\n", "\n")
    assert {hex(ord(c)) for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} and c != "\n"} == set()


def test_a_title_is_shown_as_it_is_and_runs_nowhere(hostile: Installation) -> None:
    assert HOSTILE["SHOP-72"] in hostile.ok("trace", "SHOP-72"), "no markup is read"
    assert all(len(line) <= 120 for line in hostile.ok("orphans").splitlines())
    rows = {row["key"]: row for row in csv.DictReader(io.StringIO(hostile.ok("orphans", "--format", "csv")))}
    assert rows["SHOP-75"]["title"] == "one two three four five"
    assert [rows[key]["title"][0] for key in ("SHOP-77", "SHOP-79", "SHOP-81")] == ["'"] * 3
    items = {item["key"]: item for item in hostile.json("orphans")["items"]}
    assert items["SHOP-74"]["title"] == HOSTILE["SHOP-74"], "JSON keeps what stands there"


def test_a_period_cannot_begin_tomorrow(synced: Installation) -> None:
    refused = synced.run("orphans", "--since", f"{datetime.now(UTC).year + 1}-01-01")
    assert (refused.code, "has not come yet" in refused.err) == (2, True)


def test_a_reading_may_be_negative_and_a_comma_is_explained(synced: Installation) -> None:
    synced.ok("metric", "set", "KR-COUT", "-3.5")
    results = [kr for one in synced.json("status")["objectives"] for kr in one["key_results"]]
    assert next(kr["value"] for kr in results if kr["id"] == "KR-COUT") == -3.5
    refused = synced.run("metric", "set", "KR-COUT", "83,2")
    assert (refused.code, "such as 83.2" in refused.err) == (2, True)
    assert synced.run("metric", "set", "KR-COUT", "nan").code == 2


def test_group_by_class_speaks_the_language(synced: Installation) -> None:
    assert "aucun lien" in synced.ok("orphans", "--group-by", "class")
    assert {group["name"] for group in synced.json("orphans", "--group-by", "class")["groups"]} >= {"direct", "dead"}


def test_the_flat_forms_of_the_orphans_list_what_was_asked_for(synced: Installation) -> None:
    answer = synced.json("orphans", "--group-by", "class")
    items = list(csv.DictReader(io.StringIO(synced.ok("orphans", "--format", "csv"))))
    assert len(items) == len(answer["items"])
    groups = list(csv.DictReader(io.StringIO(synced.ok("orphans", "--group-by", "class", "--format", "csv"))))
    assert [(group["class"], int(group["items"])) for group in groups] == [
        (group["class"], group["items"]) for group in answer["groups"]
    ]
    fixes = synced.ok("orphans", "--group-by", "fix", "--format", "md")
    assert "que faire" in fixes
    assert all(group["fix"] in fixes for group in synced.json("orphans")["groups"])


def test_a_plan_tells_a_state_in_words_and_a_property_as_it_is() -> None:
    speak = speaker("fr")
    status = {"state": "failure", "description": "Aucun objectif."}
    assert readable("status", status, speak) == "en échec\u00a0: Aucun objectif."
    update = {"status_type": "at_risk", "title": "KR-UX · à risque, 40\u00a0%", "text": "Depuis lundi"}
    assert readable("update", update, speak) == "KR-UX · à risque, 40\u00a0%\nDepuis lundi"
    for kept in ({"status": "at_risk"}, None, "text", {"state": "unheard-of", "description": "x"}):
        assert readable("status", kept, speak) == readable("property", kept, speak) == kept


def test_output_replaces_a_file_whole_or_not_at_all(synced: Installation) -> None:
    path = synced.folder / "status.json"
    path.write_text("old", encoding="utf-8")
    synced.ok("status", "--format", "json", "--output", str(path))
    assert json.loads(path.read_text(encoding="utf-8"))["objectives"]
    assert [one.name for one in synced.folder.iterdir() if one.name.endswith(".part")] == []
    assert synced.run("status", "--output", "/dev/full").code == 74
    assert synced.run("status", "--output", str(synced.folder)).code == 74


def test_a_hyphen_for_a_file_is_the_standard_output(synced: Installation) -> None:
    synced.monkeypatch.chdir(synced.folder)
    synced.stop_clock()
    for form in ("table", "json", "csv", "md", "html"):
        assert synced.ok("status", "--format", form, "--output", "-") == synced.ok("status", "--format", form) != ""
    assert not (synced.folder / "-").exists()


def test_rights_are_told_once_a_right(synced: Installation) -> None:
    shown = synced.ok("check-config", "--online")
    assert re.search(r"✔ BROWSE_PROJECTS: SHOP, PAY, PLAT$", shown, re.M)
    (synced.folder / "token").unlink()
    done = synced.run("check-config", "--online")
    assert (done.code, "there is no file" in done.out) == (78, True)


def test_config_show_writes_each_table_once(synced: Installation) -> None:
    shown = synced.ok("config", "show")
    places = re.findall(r"^\[(.+)\]$", shown, re.M)
    assert "sources.jira" in places
    assert len(places) == len(set(places))


def test_verbose_and_quiet_exclude_each_other(acme: Installation) -> None:
    assert acme.run("--verbose", "--quiet", "status").code == 2


def test_a_source_that_is_configured_no_more_counts_nowhere(synced: Installation) -> None:
    one = synced.config.read_text(encoding="utf-8")
    source = one[one.index("[[sources]]") : one.index("[[cycles]]")]
    two = source.replace('id = "jira"', 'id = "two"').replace('["SHOP", "PAY", "PLAT"]', '["SHOP"]')
    before = synced.json("orphans")["totals"]
    synced.config.write_text(one.replace("[[cycles]]", two + "[[cycles]]", 1), encoding="utf-8")
    synced.ok("sync")
    assert synced.json("orphans")["totals"]["items"] > before["items"]
    assert synced.run("trace", "SHOP-12").code == 2, "two sources hold this key"
    shown = synced.ok("backlog")
    assert re.search(r"^ +two:SHOP-\d+  ", shown, re.M)
    assert re.search(r"^ +jira:SHOP-\d+  ", shown, re.M)
    assert re.search(r"^ +PAY-\d+  ", shown, re.M), "a key that stands for one item is enough"
    synced.config.write_text(one, encoding="utf-8")
    assert synced.json("orphans")["totals"] == before
    assert [source["id"] for source in synced.json("status")["sources"]] == ["jira"]
    assert synced.json("trace", "SHOP-12")["source"] == "jira"
    assert {write["source"] for write in synced.json("plan")["writes"]} == {"jira"}
    assert synced.run("trace", "two:SHOP-12").code == 2
