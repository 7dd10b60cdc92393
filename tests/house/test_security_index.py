"""Every sentence on security, beside the tests that hold it; a name that is gone is told, and so is a sentence that is
new."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from okrsync.reports import pages

DOCS = Path(__file__).parents[2] / "docs"

HELD = {
    "HMAC over the raw body": (
        "test_the_vectors_of_github_and_jira_are_genuine",
        "test_any_other_signature_is_refused",
        "test_of_a_thousand_mutations_none_is_taken",
    ),
    "constant time": ("test_signatures_are_compared_once_and_in_constant_time", "test_no_other_token_is_taken"),
    "per source": ("test_a_delivery_for_another_source_is_refused", "test_the_secret_of_asana_is_stored_sealed"),
    "no secret, no endpoint": ("test_no_secret_no_endpoint",),
    "replays harmless": (
        "test_a_delivery_that_comes_again_touches_nothing",
        "test_shuffled_repeated_and_lost_webhooks_leave_the_state_of_polling",
        "test_a_thousand_shuffled_webhooks_leave_the_state_of_polling",
    ),
    "25 MB and 10 s caps": (
        "test_a_body_up_to_25_mb_is_taken",
        "test_a_longer_one_is_refused_before_it_comes",
        "test_one_byte_more_is_too_long_however_it_comes",
        "test_one_that_does_not_say_how_long_it_is_is_cut_off",
        "test_a_slow_body_is_given_up",
        "test_slow_headers_are_given_up",
        "test_long_bodies_of_strangers_fill_no_memory",
    ),
    "only hosts from the configuration": (
        "test_no_request_goes_to_another_host_or_port",
        "test_no_proxy_of_the_environment_is_used",
        "test_an_unknown_certificate_is_refused_at_once",
    ),
    "redirects and next links keep scheme, host and port": (
        "test_a_get_follows_its_own_host_only",
        "test_a_next_page_elsewhere_is_not_asked_for",
        "test_a_write_does_not_follow_a_redirect",
        "test_no_request_goes_to_another_host_or_port",
    ),
    "127.0.0.1 by default": ("test_where_the_daemon_answers",),
    "any other address needs a token": (
        "test_an_address_that_others_reach_needs_a_token",
        "test_an_address_that_others_reach_keeps_its_token",
        "test_with_a_token_nothing_but_health_is_open",
        "test_a_strange_address_leads_nowhere",
    ),
    "Host allow-list": ("test_only_names_of_ours_are_answered", "test_an_old_request_without_a_host"),
    "all GETs read only": (
        "test_everything_is_read_only",
        "test_nothing_is_linked_by_looking",
        "test_it_is_valid_and_holds_everything",
        "test_a_body_of_two_lengths_smuggles_no_request",
    ),
    "CSP `default-src 'self'`": ("test_every_answer_is_of_no_use_to_another_page",),
    "autoescape everywhere": (
        "test_no_title_does_anything_anywhere",
        "test_a_title_is_shown_as_it_is_and_runs_nowhere",
        "test_the_page_loads_nothing_and_is_sound_in_both_languages",
        "test_what_is_sent_and_served_is_text_too",
        "test_every_page_escapes",
    ),
    "least scopes in a table": ("test_the_table_of_rights_names_every_tool",),
    "`check-config --online` prints what each can do": (
        "test_a_right_is_missed_for_reading_and_for_what_is_switched_on",
        "test_a_classic_token_is_told_its_scope_once_for_reading_and_once_for_writing",
        "test_a_token_that_expires_is_told_and_warned_of_in_time",
    ),
    "secrets from `file`, `$CREDENTIALS_DIRECTORY`, `env`": (
        "test_a_secret_is_found_in_each_place",
        "test_a_file_of_the_credentials_folder_is_a_secret_by_the_documented_name",
    ),
    "never inline": (
        "test_a_secret_that_stands_anywhere_under_auth_is_refused_and_never_repeated",
        "test_a_secret_that_stands_anywhere_else_is_refused_and_never_repeated",
    ),
    "Redaction at the output end of the log": (
        "test_no_secret_leaves_in_any_form_not_even_through_a_library",
        "test_a_secret_that_another_one_begins_with_leaves_no_rest",
        "test_a_daemon_in_trouble_says_much_and_no_secret",
        "test_the_password_of_a_database_that_is_away",
    ),
    "for the stdlib loggers too (urllib3 at DEBUG prints query-string tokens; asana's `debug` prints the token)": (
        "test_no_secret_leaves_in_any_form_not_even_through_a_library",
        "test_a_full_run_at_debug_says_much_and_no_secret",
        "test_a_daemon_in_trouble_says_much_and_no_secret",
        "test_no_answer_that_repeats_the_token_brings_it_out",
        "test_no_fault_brings_the_token_out",
    ),
    "CSV cells that begin with = + - @ TAB CR are prefixed": (
        "test_a_cell_begins_no_formula",
        "test_csv_lists_the_same_items_and_runs_no_formula",
    ),
    "Locked dependencies with hashes": (
        "test_locks_are_hashed_and_name_no_index",
        "test_nothing_is_installed_that_no_lock_names",
    ),
    "`pip-audit --strict`": (
        "test_every_pin_is_asked_of_whatever_its_platform",
        "test_no_answer_is_taken_for_a_good_one",
        "test_every_lock_is_audited_and_the_command_ends_as_the_worst_of_them",
    ),
}


@pytest.mark.parametrize("sentence", HELD)
def test_the_sentence_on_security_is_held_by_tests_that_exist(every_test: set[str], sentence: str) -> None:
    assert [name for name in HELD[sentence] if name not in every_test] == []


def test_every_sentence_on_security_is_here(shared: Path) -> None:
    """Word for word but for the joints: a promise that is added, or another word, is a failure here."""
    whole = (shared / "design" / "promises.md").read_text(encoding="utf-8")
    said = " ".join(whole.partition("## Security\n")[2].partition("\n## ")[0].split())
    for sentence in sorted(HELD, key=len, reverse=True):
        before = said
        said = said.replace(sentence, "", 1)
        assert said != before, f"{sentence!r} is not what the page says"
    left = re.sub(r"Webhooks:|Outgoing:|Dashboard:|Tokens:|\band\b|[,;.: ]", "", said)
    assert left == ""


def test_the_table_of_rights_names_every_tool() -> None:
    """What is least, tool by tool, is what the page of the connectors says."""
    from connectors import registry

    page = (DOCS / "security.md").read_text(encoding="utf-8").partition("## Least rights")[2].partition("\n## ")[0]
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| tool")]
    rights = (DOCS / "connectors.md").read_text(encoding="utf-8")
    for kind in registry.KINDS:
        assert [row for row in rows if row.lower().startswith(f"| {kind}")], kind
    for scope in re.findall(r"`([a-z-]+:[a-z-]+)`", page):
        assert f"`{scope}`" in rights, scope


def test_every_page_escapes() -> None:
    """No text is taken for markup: not by a template, and not by what fills it."""
    templates = Path(pages.__file__).with_name("templates")
    for page in templates.iterdir():
        assert pages.template(page.name).environment.autoescape is True, page.name
        assert not re.search(r"\|\s*safe\b|autoescape", page.read_text(encoding="utf-8")), page.name
    sources = Path(pages.__file__).parents[1].rglob("*.py")
    assert not [path.name for path in sources if re.search(r"\bMarkup\b", path.read_text(encoding="utf-8"))]
