"""Every sentence on linking, beside the tests that hold it and its counter-examples; a name that is gone is told."""

from __future__ import annotations

import pytest

HELD = {
    "override: okrsync link and okrsync exempt, the newest wins (who, when, why are kept)": (
        "test_the_word_of_a_person_wins_and_keeps_who_when_and_why",
        "test_a_person_may_exempt",
        "test_the_newest_word_wins_over_every_rule_and_over_exemption",
        "test_the_newest_word_holds_until_it_is_taken_back",
    ),
    "label: label or tag okr:ID, okr/ID, okr-ID, or the bare id, case-folded and NFC": (
        "test_a_label_names_a_goal_in_every_form",
        "test_other_labels_name_none",
        "test_ids_hold_any_letters_and_case_and_nfc_do_not_matter",
    ),
    "label: own patterns as regular expressions with a group id": (
        "test_own_patterns_stand_beside_the_built_in_forms",
        "test_a_pattern_that_fits_any_word_makes_no_word_dangling",
    ),
    "field: a custom field holding an id": (
        "test_a_field_whose_whole_value_is_an_id",
        "test_a_field_counts_where_its_whole_value_is_an_id",
    ),
    "container: the KR names the container, or a goal's own supporting work": (
        "test_the_epic_that_a_key_result_names",
        "test_an_epic_may_be_an_issue_of_github_or_a_task_of_asana",
        "test_the_direct_members_of_a_container_that_a_key_result_names",
        "test_an_epic_that_a_key_result_names_in_another_source_is_another_one",
    ),
    "trailer: OKR: ID or KR: ID in a commit or pull-request text": (
        "test_a_trailer_links_and_beats_what_would_be_inherited",
        "test_a_ticket_has_no_trailers_for_its_text_is_not_read",
    ),
    "parent: as high as needed; the nearest wins": (
        "test_the_nearest_linked_ancestor_wins_with_all_its_ids",
        "test_a_parent_above_a_linked_one_hands_nothing_down_past_it",
        "test_a_chain_of_ten_thousand",
    ),
    "reference: a pull request or commit inherits from the ticket that it closes or names (closing keywords, ticket "
    "keys in title, body, branch, message, squash suffix (#12), Asana and Jira URLs)": (
        "test_a_pull_request_and_a_commit_inherit_from_the_ticket_that_they_name",
        "test_nine_words_in_any_case_with_or_without_a_colon_close",
        "test_squash_suffixes_and_merges_name_their_pull_request",
        "test_a_branch_names_tickets_by_their_keys",
        "test_an_address_of_a_configured_site_names_its_item_and_nothing_is_read_in_others",
    ),
    "reference: keys resolve across tools and through aliases": (
        "test_keys_resolve_across_tools",
        "test_keys_and_addresses_of_three_tools_are_read_in_pull_requests_and_commits",
        "test_old_keys_lead_to_the_item_that_had_them_until_another_has_them",
        "test_a_key_of_two_sources_is_ambiguous_until_an_address_says_which",
    ),
    "revert: a revert inherits from what it reverts": (
        "test_a_revert_inherits_from_the_commit_that_it_reverts",
        "test_a_revert_inherits_from_the_pull_request_that_it_reverts",
        "test_a_revert_names_what_it_reverts",
        "test_reverts_of_reverts_lead_back_to_the_first_whatever_git_calls_them",
        "test_a_cherry_pick_is_what_its_own_message_says",
    ),
    "each can be switched off, re-ordered or narrowed": (
        "test_each_rule_can_be_switched_off_and_then_the_next_one_wins",
        "test_the_configured_order_decides",
        "test_the_next_rule_in_the_order_wins_and_the_losers_are_shown",
        "test_where_parent_is_off_nobody_inherits_and_no_parent_is_blamed",
        "test_where_reference_is_off_nothing_is_named_and_no_key_dangles",
    ),
    "Several results of one rank are all kept (several KRs) unless conflict = first": (
        "test_two_labels_are_two_links",
        "test_twins_of_one_goal_on_one_item_are_one_link",
        "test_conflict_first_keeps_one_and_shows_the_other",
        "test_with_conflict_first_one_is_kept_and_the_others_are_shown",
    ),
    "a lower rank never overrides a higher one, and the loser is shown in trace": (
        "test_each_rule_can_be_switched_off_and_then_the_next_one_wins",
        "test_rules_that_agree_have_no_loser",
        "test_the_next_rule_in_the_order_wins_and_the_losers_are_shown",
    ),
    "okr-orphan, okr-dangling and whatever else okrsync itself writes are no references": (
        "test_labels_that_okrsync_writes_are_no_references",
        "test_whatever_okrsync_itself_writes_is_no_reference_and_anything_near_it_is",
    ),
    "Ids may hold any letters; case and NFC do not matter": (
        "test_ids_of_any_letters_match_after_nfc_and_casefold",
        "test_ids_in_any_script",
        "test_look_alikes_are_reported_with_the_goal_that_they_look_like_and_never_linked",
        "test_words_of_another_script_are_no_look_alikes",
    ),
    "two ids that differ only by these are refused in the configuration": (
        "test_two_ids_that_differ_only_by_case_or_form_are_refused",
        "test_accents_in_two_forms_are_one_id_and_refused",
    ),
    "any select or text field whose whole value is an id, or only the fields named in mapping.fields": (
        "test_a_field_counts_where_its_whole_value_is_an_id",
        "test_only_the_fields_that_are_named",
        "test_where_fields_are_named_no_other_is_looked_at_not_even_for_typos",
    ),
    "the container that is named, and the direct members of a milestone, project, section or supported goal": (
        "test_the_direct_members_of_a_container_that_a_key_result_names",
        "test_what_is_no_longer_in_a_container_is_not_linked_by_it",
    ),
    "below a named epic its descendants come by parent, which carries the ids of the nearest linked ancestor, all": (
        "test_below_a_named_epic_all_come_by_parent_and_beside_it_none",
        "test_the_parent_of_a_named_epic_is_not_linked_by_it",
        "test_a_parent_above_a_linked_one_hands_nothing_down_past_it",
    ),
    "OKR: or KR: on a line of its own, case-insensitive, at the end or in the middle": (
        "test_a_trailer_is_a_line_of_its_own_at_the_end_or_in_the_middle",
        "test_a_trailer_stands_on_a_line_of_its_own_wherever",
        "test_what_only_looks_like_a_trailer_is_none",
    ),
    "from pull requests and commits only; a ticket that mentions a ticket inherits nothing": (
        "test_a_ticket_that_mentions_a_ticket_inherits_nothing",
        "test_a_ticket_of_any_tool_that_names_a_ticket_inherits_nothing",
        "test_no_pull_request_and_no_commit_is_a_parent",
    ),
    "Closing and naming rank the same (Fixes #1, #2 closes #1 and names #2: both count)": (
        "test_the_word_stands_right_before_what_is_closed_and_is_repeated_for_each",
        "test_a_keyword_in_the_title_of_a_pull_request_closes_nothing_and_in_a_commit_message_it_does",
        "test_whatever_branch_a_pull_request_goes_to_closing_and_naming_link_alike",
        "test_closing_and_naming_rank_the_same_and_all_count_however_far_their_links_stand",
    ),
    "A short #12 means this repository": (
        "test_a_short_number_means_this_repository",
        "test_a_short_number_is_one_of_its_own_repository",
        "test_what_only_looks_like_a_number_is_none",
    ),
    "Keys of configured projects match in any case, in titles, bodies, branches and messages; a key must stand alone": (
        "test_a_key_of_a_configured_project_in_any_case",
        "test_a_key_has_to_stand_alone",
        "test_every_commit_that_names_a_ticket_is_found_and_no_other",
    ),
    "nothing is read in code fences, inline code, quotes, HTML comments, or in addresses of other hosts": (
        "test_nothing_is_read_in_code_quotes_and_comments",
        "test_what_stands_beside_them_is_read",
        "test_in_other_addresses_nothing_is_read",
    ),
    "reference ranks before revert": (
        "test_reference_ranks_before_revert",
        "test_a_revert_whose_title_quotes_a_key_is_what_the_ticket_is",
    ),
    "exempt stands between rules 5 and 6: a direct link beats it, it beats what would be inherited": (
        "test_a_direct_link_beats_exemption_and_exemption_what_would_be_inherited",
        "test_exemption_stands_between_trailer_and_what_is_inherited",
        "test_a_label_of_an_exempt_kind_on_the_parent_of_a_linked_epic_does_not_reach_below_it",
    ),
    "Children of an exempt item, and pull requests and commits that close or name one, are exempt": (
        "test_children_of_exempt_work_and_what_closes_names_or_reverts_it_are_exempt_unless_linked",
        "test_what_closes_or_names_an_exempt_item_is_exempt",
    ),
    "Exempt by default: merge commits, authors *[bot], release commits; exempt_defaults = false ends that": (
        "test_by_default",
        "test_not_by_default",
    ),
    "no link of its own, and the chain meets a parent or ticket that we may not read: unresolvable": (
        "test_unresolvable_the_chain_meets_what_we_may_not_read",
        "test_unresolvable_a_named_ticket_or_its_epic_may_not_be_read",
        "test_a_link_of_its_own_is_known_whatever_may_not_be_read_above_or_beside",
    ),
    "Every item is exactly one of traced, exempt, orphan, unresolvable, and the four add up to the total, always": (
        "test_the_four_verdicts_add_up",
        "test_the_four_verdicts_add_up_to_what_is_counted_whatever_else_is_there",
        "test_order_of_nodes_is_nothing_and_each_counted_one_has_one_verdict",
        "test_every_recorded_item_is_stored_and_classified",
    ),
    "Orphan classes, the first that fits": ("test_of_the_classes_of_orphans_the_first_that_fits",),
    "dangling: its own label, field, trailer or key names nothing; with the likely typo and its fix": (
        "test_dangling_names_the_likely_id_and_what_to_type",
        "test_dangling_a_key_of_a_configured_project_that_names_nothing",
        "test_a_trailer_that_names_no_goal_is_dangling_with_its_likely_goal",
        "test_labels_of_real_trackers_are_no_false_alarms",
    ),
    "dead: open work whose link leads to a dropped or closed goal or one whose window is over; finished work is "
    "traced; in both cases the link stays": (
        "test_dead_open_work_on_a_goal_that_takes_none",
        "test_dead_is_a_verdict_on_open_work_and_the_link_stays_in_both_cases",
        "test_alive_are_open_goals_drafts_prolonged_ones_and_those_that_only_support_a_dropped_one",
        "test_a_window_is_over_at_its_end_and_not_before",
    ),
    "ambiguous: a reference fits two items equally: the same key in two sources": (
        "test_ambiguous_a_key_that_fits_two_sources",
        "test_what_is_ambiguous_does_no_harm_beside_a_link",
    ),
    "transitive: it has a parent, or closes or names a ticket, that is itself linked to nothing, or runs in a cycle": (
        "test_transitive_one_link_at_the_top_serves_all",
        "test_transitive_the_mend_is_at_the_top_of_the_ticket_that_is_named",
        "test_a_circle_of_parents_ends_and_is_named",
    ),
    "direct: nothing points anywhere": (
        "test_direct_nothing_points_anywhere",
        "test_direct_nothing_in_it_points_anywhere",
    ),
    "An item with a bad label but a linked parent is traced, and the label is still a gap": (
        "test_a_bad_label_under_a_linked_parent_is_traced_and_still_a_gap",
        "test_dangling_label_on_traced_items_too",
    ),
    "A link is valid from the change that made it, else from the item's creation; never from the time of the sync": (
        "test_a_label_is_valid_since_it_was_last_put_on",
        "test_a_link_is_valid_from_the_last_of_all_that_made_it",
        "test_since_is_never_the_time_of_the_sync",
    ),
    "A full rebuild gives the same result as any sequence of increments": (
        "test_an_increment_equals_a_full_run",
        "TestSequences",
        "TestIncrements",
    ),
}


@pytest.mark.parametrize("sentence", HELD)
def test_the_sentence_is_held_by_tests_that_exist(every_test, sentence):
    assert [name for name in HELD[sentence] if name not in every_test] == []
