/* api.h - the JSON API under /api/v1: the same objects as the pages, described in
 * docs/openapi.json.
 *
 * Log-in by session cookie (with the CSRF token for changes) or by `Authorization: Bearer trim_...`
 * with the scope a row of the route table needs. Answers are JSON objects; lists stand in "items".
 * Errors are problem details (RFC 9457). GET answers carry an ETag and honour If-None-Match.
 */
#ifndef WEB_API_H
#define WEB_API_H

#include "format/json.h"
#include "web/request.h"

/* Begins a JSON object in the response. */
void api_begin(struct request *req, struct json_writer *w);
/* Ends it and sets the ETag. Always true. */
bool api_end(struct request *req, struct json_writer *w);
/* The body as JSON. ERR_INPUT names line and column; ERR_USAGE: another content type. */
bool api_body(struct request *req, const struct json **out, struct err *err) MUST_CHECK;
/* RFC 3339 of a moment. */
void api_set_time(struct request *req, struct json_writer *w, const char *key, int64_t at_ms);

#define API_HANDLER(name) bool name(struct request *req, struct err *err) MUST_CHECK

API_HANDLER(api_openapi);
API_HANDLER(api_workspaces);
API_HANDLER(api_rematch);
API_HANDLER(api_rematch_begin);
API_HANDLER(api_backups);
API_HANDLER(api_backup);
API_HANDLER(api_backup_make);
API_HANDLER(api_backup_remove);
API_HANDLER(api_check);
API_HANDLER(api_check_begin);
API_HANDLER(api_erasure);
API_HANDLER(api_erasure_begin);
API_HANDLER(api_erasure_preview);
API_HANDLER(api_queries);
API_HANDLER(api_query);
API_HANDLER(api_query_create);
API_HANDLER(api_query_change);
API_HANDLER(api_query_check);
API_HANDLER(api_query_needs);
API_HANDLER(api_labels);
API_HANDLER(api_corrections);
API_HANDLER(api_corrections_put);
API_HANDLER(api_posts);
API_HANDLER(api_posts_export);
API_HANDLER(api_views);
API_HANDLER(api_view);
API_HANDLER(api_view_create);
API_HANDLER(api_view_change);
API_HANDLER(api_view_remove);
API_HANDLER(api_signals);
API_HANDLER(api_signal_points);
API_HANDLER(api_spikes);
API_HANDLER(api_trends);
API_HANDLER(api_trend);
API_HANDLER(api_alert_rules);
API_HANDLER(api_alert_rule);
API_HANDLER(api_alert_rule_create);
API_HANDLER(api_alert_rule_change);
API_HANDLER(api_alert_rule_switch);
API_HANDLER(api_alert_rule_test);
API_HANDLER(api_alerts);
API_HANDLER(api_alert);
API_HANDLER(api_alert_acknowledge);
API_HANDLER(api_evidence);
API_HANDLER(api_sources);
API_HANDLER(api_source);
API_HANDLER(api_source_create);
API_HANDLER(api_source_change);
API_HANDLER(api_source_switch);
API_HANDLER(api_source_poll);
API_HANDLER(api_source_remove);
API_HANDLER(api_source_gaps);
API_HANDLER(api_strategy);
API_HANDLER(api_objects);
API_HANDLER(api_object);
API_HANDLER(api_object_put);
API_HANDLER(api_object_remove);
API_HANDLER(api_topic_rating);
API_HANDLER(api_decision);
API_HANDLER(api_decision_paper);
API_HANDLER(api_decision_replay);
API_HANDLER(api_reviews);
API_HANDLER(api_ledger);
API_HANDLER(api_ledger_verify);

#endif
