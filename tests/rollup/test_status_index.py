"""Every sentence on status, beside the tests that hold it and its counter-examples; a name that is gone is told."""

from __future__ import annotations

import pytest

HELD = {
    # ── one algorithm ──
    "the same store and the same instant give the same bytes; no random numbers, no model": (
        "test_the_engine_reads_no_clock_and_draws_no_lots",
        "test_golden_reports",
        "test_the_order_of_the_items_is_irrelevant",
    ),
    "every number carries what made it (cause, item keys, as_of, complete)": (
        "test_every_json_answer_has_the_promised_fields",
        "test_a_workload_knows_items_by_uid_until_they_are_named",
        "test_of_very_many_items_a_cause_names_those_that_tell_most",
        "test_what_is_behind_is_named",
    ),
    # ── inputs ──
    "kind, window [t0, t1]: its own, else its cycle's": (
        "test_goals_carry_their_windows_in_utc",
        "test_a_key_result_has_its_own_start_and_the_end_of_its_cycle",
    ),
    "committed τ = 0.9, aspirational τ = 0.7": ("test_after_the_end", "test_what_a_commitment_asks_for"),
    "now is passed in, never read from the clock inside the engine": (
        "test_the_engine_reads_no_clock_and_draws_no_lots",
    ),
    # ── work ──
    "the tickets linked at now; pull requests and commits weigh nothing unless counts says so": (
        "test_pull_requests_weigh_nothing_unless_counts_says_so",
        "test_a_pull_request_weighs_nothing_and_never_left_the_scope",
    ),
    "cancelled: Won't Do, Won't Fix, Duplicate, Cannot Reproduce, Declined, Incomplete, configurable": (
        "test_each_word_for_cancelled_takes_an_item_out_and_no_other_does",
        "test_cancelled_resolutions_are_configurable_and_read_in_any_case",
    ),
    "cancelled: GitHub not_planned, duplicate; a rejected Asana approval. changes_requested is open": (
        "test_each_word_for_cancelled_takes_an_item_out_and_no_other_does",
        "test_states_of_issues",
        "test_completed_is_not_always_done",
        "test_approvals",
    ),
    "points if at least 80 % of the live leaves are estimated, a missing one the median, else 1 for all": (
        "test_points_from_four_fifths_of_the_leaves_on_and_the_median_for_the_missing",
        "test_points_begin_at_exactly_four_fifths",
        "test_the_share_estimated_is_taken_over_live_leaves_only",
        "test_what_cannot_be_an_estimate_is_none",
    ),
    "an item with live children in the same scope weighs 0": (
        "test_an_item_with_live_children_in_the_scope_weighs_nothing",
        "test_an_item_weighs_where_its_live_children_are_in_another_scope",
        "test_parents_in_a_circle_lose_no_work",
        "test_leaves_are_those_that_no_child_names_whatever_the_circles",
    ),
    "an item reached twice counts once": ("test_an_item_reached_by_two_paths_counts_once",),
    "N = Σw, D = Σw·[done], p = D/N": ("test_the_engine_agrees_with_a_naive_reading_of_the_page",),
    "work in progress earns nothing unless in_progress_credit (≤ 0.5) is set": (
        "test_work_in_progress_earns_nothing_unless_credit_is_set",
        "test_each_fault_is_told_once_in_its_place",
    ),
    # ── metric ──
    "p = (v − b)/(g − b), latest reading; falling targets and b ≠ 0": (
        "test_the_same_formula_serves_every_direction",
        "test_the_latest_reading_until_now_counts_in_any_order",
        "test_a_better_reading_never_lowers_progress_or_status_up_or_down",
    ),
    "b = g is refused when the configuration is loaded": (
        "test_each_fault_is_told_once_in_its_place",
        "test_a_baseline_equal_to_the_target_divides_by_nothing",
    ),
    "the raw p is stored; roll-ups use clamp(p, 0, 1); p > 1 never makes up for a sibling": (
        "test_the_raw_progress_is_kept_and_an_objective_takes_it_between_0_and_1",
        "test_exceeding_never_makes_up_for_a_sibling",
    ),
    "p < 0 regressed, p > 1 exceeded": (
        "test_the_same_formula_serves_every_direction",
        "test_regressed_is_below_the_baseline_and_exceeded_above_the_target",
    ),
    "keep: the share of observed days inside the band, a day's last reading": (
        "test_keep_is_the_share_of_days_in_the_band_by_the_last_reading_of_each",
        "test_keep_days_on_the_day_the_clock_goes_back",
    ),
    "keep: on_track inside, off_track outside, never achieved before its window ends": (
        "test_keep_is_never_achieved_before_its_end",
        "test_a_band_holds_its_bounds",
        "test_a_band_is_never_achieved_nor_exceeded_while_it_runs",
    ),
    "a reading older than stale_after makes it stale": ("test_a_reading_older_than_stale_after",),
    # ── noise and forecast ──
    "n = N²/Σw²": ("test_n_is_the_number_of_items_of_equal_weight",),
    "weekly counts weighted 2^(−age/8), bins back from now, E_w the part of the week inside the window": (
        "test_evidence_by_hand",
    ),
    "Gamma rates around the plan, negative binomial, in closed form, in items": (
        "test_probability_is_the_formula_of_the_page",
        "test_counts_are_the_negative_binomial",
        "test_counts_are_a_poisson_whose_rate_is_gamma",
        "test_reach_equals_the_exact_convolution_in_fractions",
        "test_the_engine_agrees_with_a_naive_reading_of_the_page",
    ),
    "⌈τ(N + y) − D − 10⁻⁹⌉": ("test_a_goal_that_is_reached_exactly_is_not_missed_by_a_rounding_error",),
    "N0 = 0: the data speak alone; no data: Pr(0) = 1": (
        "test_a_scope_that_began_empty_speaks_by_its_data_alone",
        "test_no_rate_at_all_is_a_certain_zero",
        "test_what_is_linked_by_the_first_instant_was_there_and_what_is_linked_after_it_was_added",
    ),
    "the window ends with the last instant of its last day in the configured time zone": (
        "test_due_today",
        "test_goals_carry_their_windows_in_utc",
        "test_a_window_that_ends_on_29_february_runs_until_the_end_of_that_day",
    ),
    "under 10 ms a KR": ("test_time_of_a_key_result",),
    "the rule is to be bettered, P calibrated, the table of calibrate": (
        "test_a_calibrated_chance_is_a_chance_and_keeps_the_order",
        "test_a_calibrated_chance_keeps_a_power_of_its_odds",
        "test_the_errors_by_hand",
        "test_deciles_hold_their_lower_border_and_the_last_one_holds_1",
        "test_the_rules_of_other_tools",
        "test_the_recorded_groups",
    ),
    # ── status ──
    "the first line that matches wins": ("test_the_first_line_that_matches_wins",),
    "1 dropped, frozen": (
        "test_dropped_is_frozen_before_anything_else",
        "test_a_dropped_key_result_is_frozen_and_holds_nothing_against_anybody",
        "test_dropped_is_told_once_and_then_frozen",
    ),
    "2 not_started": ("test_not_started_until_the_first_instant_of_the_window",),
    "3 no_data: progress is null, not 0; out of averages; listed as a gap": (
        "test_no_work_at_all_is_null_and_not_zero",
        "test_no_reading_is_null",
        "test_progress_is_null_or_a_share_and_never_nothing_for_zero",
        "test_the_order_of_the_readings_is_irrelevant_and_null_is_never_0",
        "test_weighted_mean_of_what_has_a_value",
        "test_kr_no_data",
    ),
    "4 p ≥ 1: done (metric: achieved)": (
        "test_done_whatever_the_date",
        "test_the_same_formula_serves_every_direction",
    ),
    "5 now > t1: achieved or missed": ("test_after_the_end", "test_due_today"),
    "from t1 on, whatever the line, a grade, rounded half up": (
        "test_the_grade_is_rounded_half_up_and_stays_in_0_to_1",
        "test_there_is_a_grade_whatever_the_line_and_none_of_what_is_not_known",
        "test_after_the_end",
    ),
    "6 no t1: no_due_date, progress and stalled only": (
        "test_no_due_date_tells_progress_and_stalled_only",
        "test_no_due_date_and_dropped",
    ),
    "7 stale: the last value is kept and not written again": (
        "test_failed_source",
        "test_a_failed_source",
        "test_of_work_that_was_not_read_in_time_nobody_says_that_it_is_blocked_or_stalled",
        "test_too_early_and_stale_write_nothing_and_keep_what_stands",
    ),
    "8 e < 0.15 or e·n < 2: too_early, nothing is written": (
        "test_too_early_by_time_and_by_size",
        "test_too_early_and_stale_write_nothing_and_keep_what_stands",
        "test_what_may_not_speak_writes_nothing_and_leaves_what_stands",
    ),
    "9 off_track": (
        "test_on_track_and_off_track",
        "test_a_border_belongs_to_the_better_side",
        "test_off_track_is_said_of_what_is_blocked_and_stalled_too",
    ),
    "10 at_risk by the blocked ceiling": (
        "test_15_of_40_items_blocked",
        "test_what_is_blocked_decides_from_three_days_on_where_the_goal_is_out_of_reach",
        "test_a_few_blocked_items_are_told_and_decide_nothing",
        "test_done_work_that_is_still_flagged_blocks_nothing",
    ),
    "10 at_risk, stalled: max(14 days, 20 % of the window), from t0 before the first": (
        "test_stalled",
        "test_stalled_counts_from_the_start_before_the_first_completion",
        "test_no_due_date_tells_progress_and_stalled_only",
    ),
    "11 else on_track": ("test_on_track_and_off_track",),
    "blocked since: the flag's change; the link; the later creation; never the last update": (
        "test_a_flag_taken_down_and_raised_again_counts_from_the_last_time",
        "test_blocked_since_by_an_open_blocker",
        "test_15_of_40_items_blocked",
        "test_a_flag_blocks_from_its_raising_to_its_end",
    ),
    "metric: r ≥ 0.9 on track, ≥ 0.7 at risk, else off track": ("test_linear_pace",),
    "c(e): linear, s, milestones; c(e) = 0 is too_early": (
        "test_what_is_due_by_now",
        "test_s_curve",
        "test_milestones_run_in_straight_lines",
    ),
    "metric: before the first reading inside the window and for e < 0.15 too_early": (
        "test_before_the_first_reading_inside_the_window",
        "test_too_early_by_time",
        "test_what_it_is_too_early_to_say_of_a_metric_and_of_a_band",
    ),
    "mixed: the status comes from the metric, the work stands beside it": (
        "test_mixed_takes_its_status_from_the_metric_and_shows_the_work_beside_it",
        "test_mixed_without_a_reading_has_no_data_and_still_shows_the_work",
        "test_mixed_work_that_is_blocked_is_told",
    ),
    "output_without_outcome and the converse, e > 0.5": (
        "test_output_without_outcome_and_the_converse",
        "test_thirty_and_seventy_percent_are_that_whatever_a_float_makes_of_them",
        "test_when_work_and_outcome_are_compared_is_a_setting",
    ),
    "all thresholds live in one frozen settings object and can be set": (
        "test_the_thresholds_are_frozen",
        "test_rollup_is_every_threshold_and_no_more",
        "test_every_threshold_is_taken_from_the_settings",
        "test_every_threshold_stands_on_the_page_with_its_default",
    ),
    # ── damping ──
    "the status last published is an input; none: no damping": (
        "test_the_status_that_was_published_goes_into_the_next_roll_up",
        "test_what_no_chance_decided_holds_nothing",
        "test_measured_again_with_what_was_published_gives_the_same",
    ),
    "P has to cross a border by 0.08": (
        "test_a_border_is_crossed_by_the_damping",
        "test_a_key_result_that_is_held_says_so",
        "test_it_is_held_below_a_border_too",
    ),
    "not for lines 1 to 8, blocked or stalled": (
        "test_lines_1_to_8_are_never_damped",
        "test_blocked_work_is_at_risk_at_once",
        "test_stalled_work_is_at_risk_at_once_whatever_was_published",
    ),
    "a rebuild from the same inputs gives the same answer": (
        "test_a_store_that_is_built_anew_says_the_same_of_every_goal",
        "TestIncrements",
        "test_after_any_changes_it_is_that_of_a_rebuild_and_that_of_tickets",
        "test_what_was_published_changes_only_what_damping_holds",
    ),
    "written back on a change of status, on 5 points, or once a week": (
        "test_nothing_is_written_again_until_something_happened",
        "test_smaller_moves_are_told_once_a_week",
        "test_small_moves_wait_a_week",
    ),
    # ── objective ──
    "progress = Σω·clamp(p)/Σω over what has a value, k of m measured": (
        "test_weighted_mean_of_what_has_a_value",
        "test_an_objective_is_the_mean_of_what_has_a_value_and_as_bad_as_the_worst_that_weighs",
        "test_a_child_that_has_no_value_takes_no_part_in_the_mean",
    ),
    "a child enters with its own weight, default 1": (
        "test_a_child_enters_with_its_own_weight_which_is_one_by_default",
    ),
    "dropped ones are out, not-started ones are in": (
        "test_dropped_are_out_and_not_started_are_in",
        "test_a_dropped_child_is_out_with_all_below_it",
    ),
    "Σω = 0 → null": ("test_weights_that_sum_to_zero_are_null", "test_nothing_below_is_null_and_no_data"),
    "status = the worst among those that hold ≥ 10 %, or the heaviest; the order": (
        "test_the_worst_of_those_that_weigh",
        "test_five_on_track_and_one_off_track_are_off_track",
        "test_where_none_is_heavy_the_heaviest_that_can_be_judged_speaks",
        "test_a_light_one_in_trouble_decides_nothing_and_is_not_called_well",
    ),
    "too_early, not_started and no_data do not worsen it but are counted, and are its status where nothing else is": (
        "test_who_is_not_judged_yet_is_counted",
        "test_what_is_done_of_one_in_three_is_not_said_of_all",
        "test_what_is_done_of_all_is_said_of_all",
        "test_an_objective_is_not_to_be_closed_before_what_is_to_come",
        "test_the_worst_of_those_that_weigh",
    ),
    "a child that supports is shown and never counts": ("test_a_child_that_supports_is_shown_and_never_counts",),
    "cycles of two lengths live in one tree": ("test_quarterly_team_goals_feed_annual_ones",),
    "done/scope count each item once, however many KRs it serves": (
        "test_each_item_counts_once_however_many_krs_it_serves",
        "test_in_a_tree_an_item_counts_once_and_finishing_it_lowers_nothing",
        "test_an_item_of_a_window_that_is_over_and_of_one_that_runs_counts_once_as_it_stands_now",
        "test_an_epic_of_one_kr_and_its_stories_of_another_are_the_same_work",
    ),
    "weights have no scale": (
        "test_weights_have_no_scale_and_siblings_no_order",
        "test_the_weights_of_a_tree_have_no_scale",
    ),
    # ── scope change ──
    "always print D/N, N0, added, removed, cancelled": (
        "test_scope_doubling",
        "test_every_json_answer_has_the_promised_fields",
    ),
    "when p falls while D does not, say so: scope +6, −4 points": (
        "test_scope_plus_six_minus_four_points_is_said_where_progress_fell_and_the_work_done_did_not",
        "test_where_work_was_undone_the_scope_is_not_to_blame",
        "test_what_left_a_scope_in_points_is_told_in_items",
    ),
    "N > 1.2·N0 → scope_growth": (
        "test_scope_growth_starts_above_one_fifth",
        "test_a_scope_that_began_empty_did_not_grow",
    ),
    "more than 20 % cancelled → closing_by_cancelling": ("test_closing_by_cancelling_starts_above_one_fifth",),
    "a reopened item leaves D at its reopen date": (
        "test_reopened",
        "test_a_reopened_item_leaves_the_done_at_its_reopening_and_keeps_its_first_days",
        "test_what_was_done_at_an_instant_is_what_the_history_tells",
    ),
    # ── one item, several KRs ──
    "completion: it counts fully in each KR": ("test_the_same_item_counts_fully_in_each_of_two_krs",),
    "effort: split 1/m, totals are exactly 100 %": (
        "test_the_effort_of_a_ticket_is_split_evenly_and_nothing_is_lost",
        "test_effort_adds_up_to_all_of_it",
        "test_groups_add_up_and_every_item_is_in_one_of_them",
        "test_an_objective_has_what_contributes_to_it_and_the_top_adds_up",
    ),
    # ── history ──
    "the burn-up is rebuilt from the histories, with the link that was valid at each date": (
        "test_the_burn_up_ends_with_what_is_measured_now",
        "test_items_stand_at_any_instant_as_their_histories_tell",
        "test_a_moved_link_is_seen_from_before_and_after",
        "test_at_every_instant_the_periods_are_the_links_of_the_world_as_it_was",
    ),
    "it exists after the first sync, with no snapshots taken before": (
        "test_one_sync_is_enough_and_a_moved_label_is_seen_from_before_and_after",
    ),
    "snapshots then pin what was published": (
        "test_a_day_is_rewritten_until_it_is_over_and_never_after",
        "test_a_day_keeps_what_was_published_and_its_correction_stands_beside_it",
    ),
    # ── narrative ──
    "in the configured language, each clause from facts, carrying the item keys behind it": (
        "test_golden_narratives",
        "test_every_clause_names_items_of_the_key_result_and_the_text_names_no_other",
        "test_json_holds_a_draft_of_every_goal_with_the_items_behind_each_clause",
        "test_french_and_english_tell_the_same_facts_in_the_same_clauses",
    ),
    "what moved, what blocks, what the scope did, the forecast, what to decide": (
        "test_a_draft_is_short_and_ends_with_what_to_decide",
        "test_no_clause_contradicts_the_status",
        "test_the_situations_cover_every_status_and_flag",
    ),
    "a human's own status is never overwritten": ("test_undo_leaves_what_a_person_changed",),
    # ── cases every implementation must pass ──
    "case: b = g refused": ("test_each_fault_is_told_once_in_its_place",),
    "case: falling target; b ≠ 0; exceeded": ("test_the_same_formula_serves_every_direction",),
    "case: all cancelled": ("test_all_cancelled",),
    "case: nothing estimated": ("test_nothing_estimated",),
    "case: reopened": ("test_reopened",),
    "case: one item in two KRs and in two objectives": (
        "test_the_same_item_counts_fully_in_each_of_two_krs",
        "test_in_a_tree_an_item_counts_once_and_finishing_it_lowers_nothing",
    ),
    "case: an item reached by two paths": ("test_an_item_reached_by_two_paths_counts_once",),
    "case: DST days": (
        "test_dst_day_has_25_hours",
        "test_keep_days_on_the_day_the_clock_goes_back",
        "test_weeks_end_at_local_midnight_whatever_the_clocks_do",
    ),
    "case: due today": ("test_due_today",),
    "case: 29 February": (
        "test_29_february",
        "test_a_window_that_ends_on_29_february_runs_until_the_end_of_that_day",
    ),
    "case: a KR of one item": ("test_a_kr_of_one_item_is_too_early_until_it_is_done_or_over",),
    "case: a KR added mid-cycle": ("test_a_kr_added_mid_cycle_is_judged_by_its_own_window",),
    "case: a failed source": ("test_failed_source", "test_a_failed_source"),
    "case: 15 of 40 blocked for 3 days, the cause naming the 15, their age and the due date; for 2 days not": (
        "test_15_of_40_items_blocked",
        "test_the_cause_names_the_items_their_age_and_the_due_date_in_words",
    ),
    "case: weights that sum to 0": ("test_weights_that_sum_to_zero", "test_weights_that_sum_to_zero_are_null"),
    "case: scope doubling": ("test_scope_doubling",),
    "case: a moved link seen from before and after": (
        "test_a_moved_link_is_seen_from_before_and_after",
        "test_one_sync_is_enough_and_a_moved_label_is_seen_from_before_and_after",
    ),
}


@pytest.mark.parametrize("sentence", HELD)
def test_the_sentence_on_status_is_held_by_tests_that_exist(every_test, sentence):
    assert [name for name in HELD[sentence] if name not in every_test] == []
