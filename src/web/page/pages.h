/* pages.h - the handlers behind the rows of the route table, one file page_<name>.c per page.
 *
 * Each reads what was asked from the request, writes the response into it, and answers true; on
 * false and an error the server builds the error page. A handler named ..._send takes a POST and
 * ends in a redirect, or in the page again with what was typed.
 */
#ifndef WEB_PAGES_H
#define WEB_PAGES_H

#include "web/request.h"

#define PAGE_HANDLER(name) bool name(struct request *req, struct err *err) MUST_CHECK

PAGE_HANDLER(page_login);
PAGE_HANDLER(page_login_send);
PAGE_HANDLER(page_logout);
PAGE_HANDLER(page_preferences);
PAGE_HANDLER(page_home);
PAGE_HANDLER(page_health);
PAGE_HANDLER(page_ready);
PAGE_HANDLER(page_ledger);
PAGE_HANDLER(page_data);
PAGE_HANDLER(page_data_check_send);
PAGE_HANDLER(page_backups_send);
PAGE_HANDLER(page_backup);
PAGE_HANDLER(page_backup_send);
PAGE_HANDLER(page_erase);
PAGE_HANDLER(page_erase_send);
PAGE_HANDLER(page_operation_stop_send);
PAGE_HANDLER(page_rematch_send);
PAGE_HANDLER(page_market);
PAGE_HANDLER(page_market_needs);
PAGE_HANDLER(page_market_terms);
PAGE_HANDLER(page_market_who);
PAGE_HANDLER(page_bridge);
PAGE_HANDLER(page_palette);
PAGE_HANDLER(page_queries);
PAGE_HANDLER(page_query);
PAGE_HANDLER(page_query_send);
PAGE_HANDLER(page_query_active_send);
PAGE_HANDLER(page_query_check);
PAGE_HANDLER(page_labels);
PAGE_HANDLER(page_label);
PAGE_HANDLER(page_label_send);
PAGE_HANDLER(page_label_query);
PAGE_HANDLER(page_label_query_send);
PAGE_HANDLER(page_corrections);
PAGE_HANDLER(page_corrections_send);
PAGE_HANDLER(page_corrections_restate_send);
PAGE_HANDLER(page_query_backtest);
PAGE_HANDLER(page_query_remove_send);
PAGE_HANDLER(page_query_import);
PAGE_HANDLER(page_query_import_send);
PAGE_HANDLER(page_query_versions);
PAGE_HANDLER(page_post);
PAGE_HANDLER(page_copies);
PAGE_HANDLER(page_search);
PAGE_HANDLER(page_view_send);
PAGE_HANDLER(page_export_send);
PAGE_HANDLER(page_view_remove_send);
PAGE_HANDLER(page_sources);
PAGE_HANDLER(page_source);
PAGE_HANDLER(page_source_send);
PAGE_HANDLER(page_source_switch_send);
PAGE_HANDLER(page_source_poll_send);
PAGE_HANDLER(page_source_remove_send);
PAGE_HANDLER(page_imports);
PAGE_HANDLER(page_imports_send);
PAGE_HANDLER(page_import);
PAGE_HANDLER(page_import_send);
PAGE_HANDLER(page_import_rejects);
PAGE_HANDLER(page_spike);
PAGE_HANDLER(page_trends);
PAGE_HANDLER(page_trend);
PAGE_HANDLER(page_alerts);
PAGE_HANDLER(page_alert);
PAGE_HANDLER(page_alert_acknowledge_send);
PAGE_HANDLER(page_alert_rule);
PAGE_HANDLER(page_alert_rule_send);
PAGE_HANDLER(page_alert_rule_switch_send);
PAGE_HANDLER(page_hook_send);
PAGE_HANDLER(page_influence);
PAGE_HANDLER(page_influence_graph);
PAGE_HANDLER(page_topics);
PAGE_HANDLER(page_topic);
PAGE_HANDLER(page_topic_rating_send);
PAGE_HANDLER(page_evidence);
PAGE_HANDLER(page_setup);
PAGE_HANDLER(page_worksheets);
PAGE_HANDLER(page_benefits);
PAGE_HANDLER(page_goals);
PAGE_HANDLER(page_sheets);
PAGE_HANDLER(page_version_state_send);
PAGE_HANDLER(page_evaluation);
PAGE_HANDLER(page_assessment);
PAGE_HANDLER(page_assessment_baseline);
PAGE_HANDLER(page_assessment_freeze_send);
PAGE_HANDLER(page_model);
PAGE_HANDLER(page_potential);
PAGE_HANDLER(page_versions);
PAGE_HANDLER(page_versions_find_send);
PAGE_HANDLER(page_versions_simulate_send);
PAGE_HANDLER(page_versions_compare);
PAGE_HANDLER(page_version);
PAGE_HANDLER(page_options);
PAGE_HANDLER(page_option_rating_send);
PAGE_HANDLER(page_decision);
PAGE_HANDLER(page_decision_send);
PAGE_HANDLER(page_replay);
PAGE_HANDLER(page_paper);
PAGE_HANDLER(page_paper_book);
PAGE_HANDLER(page_steering);
PAGE_HANDLER(page_review_send);
PAGE_HANDLER(page_assumption);
PAGE_HANDLER(page_assumption_arm_send);
PAGE_HANDLER(page_assumption_disarm_send);
PAGE_HANDLER(page_assumption_simulate_send);
PAGE_HANDLER(page_object);
PAGE_HANDLER(page_object_send);
PAGE_HANDLER(page_object_remove_send);

/* page_contribute.c: for people from outside, without an account */
PAGE_HANDLER(page_contribute);
PAGE_HANDLER(page_contribute_send);
/* page_contributions.c: who was invited, what they said, what came of it */
PAGE_HANDLER(page_contributions);
PAGE_HANDLER(page_contributions_send);
PAGE_HANDLER(page_contribution);
PAGE_HANDLER(page_contribution_send);
PAGE_HANDLER(page_contributor_revoke_send);
PAGE_HANDLER(page_contributor_erase_send);

#endif
