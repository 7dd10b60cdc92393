"""``report``: the page of a week, its other forms, and what is sent."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import cycle
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from chat_server import channel
from installation import Installation
from mail_server import Post, serving

from okrsync.errors import UsageError
from okrsync.model import Say
from okrsync.reports import week as week_report
from okrsync.reports import week_letter, week_page
from okrsync.reports.common import short_weeks
from okrsync.texts import speaker
from okrsync.weeks import last_whole, named

VOID = {"meta", "line", "polyline", "circle", "rect", "br", "link", "img", "input", "hr"}
LOADING = {"src", "srcset", "action", "formaction", "poster", "background", "data", "xlink:href", "ping", "manifest"}
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</title><script src=//evil.test></script>",
    "{{ 7*7 }}{% raw %}",
    "<!-- & --> &lt;b&gt;",
    "a\r\nBcc: eve@evil.test",
    "\u202egnp.exe\u2066",
    "<!channel> @here <https://evil.test|click>",
    "]]><style>@import url(//evil.test)</style>",
    "&amp;" * 1200,
)


class Page(HTMLParser):
    """What a browser would make of it, as far as these tests ask."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.loads: list[tuple[str, str]] = []
        self.links: list[dict[str, str | None]] = []
        self.metas: list[dict[str, str | None]] = []
        self.handlers: list[str] = []
        self.ids: list[str] = []
        self.labelled: list[str] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.headers = 0
        self.cells_without_scope = 0
        self.drawings: list[dict[str, str | None]] = []
        self.lang: str | None = None
        self.feed(text)
        self.close()
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert len(given) == len(attrs), f"an attribute twice: {tag} {attrs}"
        self.tags[tag] += 1
        self.loads += [(tag, str(value)) for name, value in attrs if name in LOADING]
        self.handlers += [name for name in given if name.startswith("on")]
        self.ids += [value for value in [given.get("id")] if value]
        self.labelled += [value for value in [given.get("aria-labelledby")] if value]
        if tag == "html":
            self.lang = given.get("lang")
        if tag == "meta":
            self.metas.append(given)
        if tag == "a":
            self.links.append(given)
        if tag == "svg":
            self.drawings.append(given)
        if tag == "th":
            self.cells_without_scope += "scope" not in given
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open, f"</{tag}> closes nothing"
            assert self.open[-1] == tag, f"</{tag}> inside <{self.open[-1]}>"
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def proven(text: str, language: str) -> Page:
    """The page, once nothing in it loads, runs or is malformed."""
    page = Page(text)
    assert text.startswith("<!doctype html>")
    assert page.loads == []
    assert page.handlers == []
    assert page.tags["script"] == page.tags["link"] == page.tags["iframe"] == page.tags["img"] == page.tags["form"] == 0
    assert page.tags["style"] == page.tags["h1"] == page.tags["main"] == page.tags["title"] - page.tags["svg"] == 1
    assert not re.search(r"@import|url\(|javascript:", text.split("</style>")[0], re.IGNORECASE)
    (policy,) = [meta["content"] for meta in page.metas if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert all(re.match(r"https?://", str(link["href"])) and "noreferrer" in str(link["rel"]) for link in page.links)
    assert len(page.ids) == len(set(page.ids))
    assert set(page.labelled) <= set(page.ids)
    assert page.cells_without_scope == 0
    assert all(drawing["role"] == "img" and drawing["aria-label"] for drawing in page.drawings)
    assert page.lang == language
    return page


@pytest.fixture
def ready(synced: Installation) -> Installation:
    synced.stop_clock()
    synced.monkeypatch.chdir(synced.folder)
    return synced


def this_week(installation: Installation) -> str:
    """The name of the week that runs, as ISO has it in the installation's time zone."""
    found: str = installation.json("report", "--week", "2026-W01")["week"]
    assert found == "2026-W01"
    year, week, _ = datetime.now(ZoneInfo("Europe/Paris")).isocalendar()
    return f"{year}-W{week:02d}"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_loads_nothing_and_is_sound_in_both_languages(ready: Installation, language: str) -> None:
    ready.monkeypatch.setenv("OKRSYNC_LANGUAGE", language)
    page = proven(ready.ok("report", "--output", "-"), language)
    told = " ".join("".join(page.text).split())
    answer = ready.json("report")
    assert " ".join(answer["sentence"].split()) in told
    for objective in answer["objectives"]:
        for goal in (objective, *objective["key_results"]):
            assert goal["id"] in told
            assert speaker(language)(Say.of(f"status.{goal['status']}")) in told
    assert page.drawings, "no key result has a past to draw"
    assert ({"en": "Gaps in the chain", "fr": "Ruptures de la chaîne"}[language]) in told


def test_it_goes_into_a_file_called_like_its_week_unless_told_otherwise(ready: Installation) -> None:
    done = ready.run("report")
    name = last_whole(datetime.now(UTC), "Europe/Paris").name
    assert (done.code, done.out, done.err) == (0, "", f"wrote okrsync-{name}.html\n")
    written = (ready.folder / f"okrsync-{name}.html").read_text(encoding="utf-8")
    assert ready.ok("report", "--output", "-") == written
    assert ready.ok("report", "--output", "own.html", "--week", name) == ""
    assert (ready.folder / "own.html").read_text(encoding="utf-8") == written
    assert json.loads(ready.ok("report", "--format", "json"))["week"] == name
    for form in ("table", "csv", "md"):
        assert ready.ok("report", "--format", form)


def test_a_week_that_does_not_exist_or_has_not_begun(ready: Installation) -> None:
    for name, words in {
        "2026-W54": "names no week; write it as 2026-W47",
        "soon": "names no week",
        "2999-W01": "has not begun; the last whole week is ",
    }.items():
        done = ready.run("report", "--week", name)
        assert done.code == 2
        assert words in done.err


def test_the_running_week_says_that_it_is_not_over(ready: Installation) -> None:
    week = this_week(ready)
    told = "".join(proven(ready.ok("report", "--week", week, "--output", "-"), "fr").text)
    assert "La semaine n’est pas terminée" in told
    assert "n’est pas terminée" not in ready.ok("report", "--output", "-")


@pytest.mark.parametrize(
    ("before", "now", "direction"),
    [
        ("no_data", "at_risk", "judged"),
        ("too_early", "on_track", "judged"),
        ("dropped", "off_track", "judged"),
        ("on_track", "at_risk", "worse"),
        ("at_risk", "no_data", "other"),
        ("off_track", "at_risk", "better"),
    ],
)
def test_what_nobody_judged_before_got_no_worse(ready: Installation, before: str, now: str, direction: str) -> None:
    answer, speak = ready.json("report"), speaker("en")
    kr = next(one for kind, one in week_report.goals(answer["objectives"]) if kind == "key_result")
    kr["before"]["status"], kr["status"] = before, now
    rows = {row["id"]: row for row in week_report.sheet(answer, speak).rows}
    assert rows[kr["id"]]["direction"] == direction
    changed = {"kind": "key_result", "status_before": before, "progress_before": None, "direction": direction}
    answer["changes"] = [{**changed, **{name: kr[name] for name in ("id", "title", "status", "progress")}}]
    told = "".join(proven(week_page.render(answer, speak, "en"), "en").text)
    assert speak(Say.of(f"week.direction.{direction}")) in told


def test_weeks_of_two_years_in_a_row_tell_their_years() -> None:
    speak, over = speaker("fr"), ["2026-W52", "2026-W53", "2027-W01", "2027-W02"]
    assert short_weeks(["2026-W46", "2026-W47"], speak) == ["S46", "S47"]
    assert short_weeks(over, speak) == ["2026-W52", "S53", "2027-W01", "S02"]


def hostile(answer: dict[str, Any], first: int) -> dict[str, Any]:
    """The same answer, with every text of people replaced by one that wants out, each in its turn from ``first`` on."""
    made = json.loads(json.dumps(answer))
    texts = cycle((*HOSTILE[first:], *HOSTILE[:first]))

    def spoil(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: spoil(one, key) for key, one in value.items()}
        if isinstance(value, list):
            return [spoil(one, name) for one in value]
        free = (
            "title",
            "text",
            "owner",
            "evidence",
            "fix",
            "subject",
            "suggestion",
            "items",
            "name",
            "sentence",
            "url",
        )
        return next(texts) if isinstance(value, str) and name in free else value

    spoilt: dict[str, Any] = spoil(made)
    return spoilt


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_title_gets_out_of_its_place(ready: Installation, language: str) -> None:
    answer, speak = ready.json("report"), speaker(language)
    for first in range(len(HOSTILE)):  # so that each of them stands once in every place
        text = week_page.render(hostile(answer, first), speak, language)
        page = proven(text, language)
        for wrong in ("<script", "<img", "onload=alert(1)>", "evil.test></script>", "\u202e", "\u2066"):
            assert wrong not in text
        assert "<script>alert(1)</script>" in "".join(page.text), "a title is shown as it is"
        assert "{{ 7*7 }}" in "".join(page.text)


def test_the_chat_takes_what_slack_takes(ready: Installation) -> None:
    true = ready.json("report")
    for answer in (true, *(hostile(true, first) for first in range(len(HOSTILE)))):
        for language in ("en", "fr"):
            sent = week_letter.chat(answer, speaker(language))
            blocks: Any = sent["blocks"]
            assert 3 <= len(blocks) <= 50
            texts = [block["text"]["text"] for block in blocks if "text" in block]
            texts += [one["text"] for block in blocks for one in block.get("elements", ())]
            assert all(0 < len(text) <= 3000 for text in texts)
            assert len(blocks[0]["text"]["text"]) <= 150
            marked = "\n".join(text for text in texts[1:])
            assert not re.search(r"<|>|&(?!(amp|lt|gt);)", marked)
            assert not re.search(r"(?<!\w)@\w", marked)
            json.dumps(sent)


MAIL = """
[reports]
to = ["cto@acme.test", "cpo@acme.test"]
webhook = { env = "CHAT" }

[reports.smtp]
host = "127.0.0.1"
port = PORT
security = "none"
from = "okrsync@acme.test"
"""


def addressed(installation: Installation, port: int, url: str) -> None:
    text = installation.config.read_text(encoding="utf-8")
    installation.config.write_text(text + MAIL.replace("PORT", str(port)), encoding="utf-8")
    installation.monkeypatch.setenv("CHAT", url)


def test_it_is_sent_now_to_all_and_says_to_whom(ready: Installation) -> None:
    with serving(Post()) as post, channel() as chat:
        addressed(ready, post.port, chat.url)
        done = ready.run("report", "--send")
    assert done.code == 0
    assert re.findall(r"sent to (.*)", done.err) == ["cto@acme.test", "cpo@acme.test", "the webhook"]
    assert not list(ready.folder.glob("*.html")), "what is sent is not written too"
    (mail,) = post.post.mails
    ((_, message),) = chat.posts
    answer = ready.json("report")
    plain = mail.get_body(("plain",))
    assert plain is not None
    text = plain.get_content()
    assert answer["sentence"] in text
    assert "http" not in text, "the summary leads nowhere"
    (attached,) = mail.iter_attachments()
    proven(attached.get_content().replace("\r\n", "\n"), "fr")
    assert answer["week"] in mail["Subject"]
    assert answer["sentence"] in json.dumps(message, ensure_ascii=False)


def test_one_that_fails_takes_nothing_from_the_others(ready: Installation) -> None:
    with serving(Post(refused={"cto@acme.test": "550 nobody"})) as post, channel(status=500, body=b"sorry") as chat:
        addressed(ready, post.port, chat.url)
        done = ready.run("report", "--send")
    assert done.code == 69
    assert "sent to cpo@acme.test" in done.err
    assert "takes no mail for cto@acme.test: 550 nobody" in done.err
    assert "127.0.0.1: the webhook answered 500: sorry" in done.err
    assert "secret-of-the-channel" not in done.err + done.out


def test_sending_to_nobody_is_a_mistake(ready: Installation) -> None:
    done = ready.run("report", "--send")
    assert done.code == 2
    assert "nobody gets reports yet: set to and smtp, or webhook, under [reports]" in done.err


def test_a_secret_that_is_missing_is_told_before_anything_is_sent(ready: Installation) -> None:
    with serving(Post()) as post:
        addressed(ready, post.port, "")
        done = ready.run("report", "--send")
    assert done.code == 78
    assert 'webhook = { env = "CHAT" }' in done.err


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Los_Angeles", "Pacific/Auckland"])
def test_weeks_run_from_monday_to_monday_where_the_clock_changes_too(zone: str) -> None:
    for name in ("2026-W13", "2026-W14", "2026-W43", "2026-W44", "2026-W53", "2025-W01"):
        week = named(name, zone)
        assert week.name == name
        assert abs(week.end - week.start - timedelta(weeks=1)) <= timedelta(hours=1)
        assert last_whole(week.end, zone) == week
        assert last_whole(week.last, zone).end == week.start
    with pytest.raises(UsageError):
        named("2025-W53", zone)


def test_check_config_online_says_whether_mail_would_leave(ready: Installation) -> None:
    with serving(Post()) as post:
        addressed(ready, post.port, "http://127.0.0.1/x")
        assert f"127.0.0.1:{post.port}" in ready.ok("check-config", "--online")
    done = ready.run("check-config", "--online")
    assert done.code == 69
    assert "refused the connection; check host and port" in done.out
