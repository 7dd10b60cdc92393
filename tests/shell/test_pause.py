"""During a pause nothing is sent, whoever asked for it, and everybody is told how it ends."""

from __future__ import annotations

from typing import Any


def unsafe(office: Any) -> int:
    return len(office.company.sandbox.unsafe_requests())


def test_nothing_is_sent_before_resume(office: Any) -> None:
    installed = office.installed
    assert "(frost): nothing is sent. To end it: okrsync resume" in installed.ok("pause", "--why", "frost")
    refused = installed.run("apply", "--yes")
    assert (refused.code, "okrsync resume" in refused.err) == (1, True)
    assert installed.json("plan")["paused"]["why"] == "frost"
    assert "Paused by" in installed.ok("plan")
    assert unsafe(office) == 0
    assert "Writing goes on" in installed.ok("resume")
    assert "Nobody had paused it" in installed.ok("resume")
    installed.ok("apply", "--yes")
    assert unsafe(office) > 0


def test_a_pause_ends_by_itself_with_its_day(office: Any) -> None:
    installed = office.installed
    assert "2026-11-09 23:00 UTC" in installed.ok("pause", "--until", "2026-11-09"), "a day ends where people are"
    assert installed.run("apply", "--yes").code == 1
    office.later(days=1)
    installed.ok("apply", "--yes")
    for wrong, why in ("2026-11-01", "is over already"), ("soon", "is no day"), ("2026-11-10T08:00", "is over already"):
        done = installed.run("pause", "--until", wrong)
        assert (done.code, why in done.err) == (2, True), wrong


def test_a_pause_of_the_configuration_holds_beside_the_other(office: Any) -> None:
    installed = office.installed
    pause = 'pauses = [{ start = 2026-11-08, end = 2026-11-12, why = "audit" }]'
    office.edit('mode = "apply"', f'mode = "apply"\n{pause.replace("{", "{{").replace("}", "}}")}')
    refused = installed.run("apply", "--yes")
    assert (refused.code, "audit" in refused.err, "[[writeback.pauses]]" in refused.err) == (1, True, True)
    installed.ok("pause")
    assert "[[writeback.pauses]]" in installed.ok("resume"), "what still holds is told"
    office.later(days=4)
    installed.ok("apply", "--yes")


def test_an_undo_is_sent_during_a_pause(office: Any) -> None:
    office.installed.ok("apply", "--yes")
    office.installed.ok("pause")
    assert office.installed.json("undo", "1")["applied"] > 0
    assert office.labels("PAY-2") == []
