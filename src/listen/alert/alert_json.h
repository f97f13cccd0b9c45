/* alert_json.h - rules, alerts and backtests as members of an open JSON object, for the command
 * line and the interface alike.
 *
 * Times are RFC 3339, queries go by their names. A rule carries its settings as said and, under
 * "effective", what is used. Pure.
 */
#ifndef LISTEN_ALERT_JSON_H
#define LISTEN_ALERT_JSON_H

#include "listen/alert/alert_backtest.h"
#include "listen/alert/alert_store.h"
#include "listen/standing_query.h"

struct alert_names {
    const struct standing_query *queries;
    size_t count;
};
bool alert_names_load(struct arena *arena, struct db *db, struct alert_names *out,
                      struct err *err) MUST_CHECK;
/* Empty when there is none with the id. */
Str alert_query_name(const struct alert_names *names, int64_t id);
/* ERR_INPUT "<field>: there is no query '...'". */
bool alert_query_find(const struct alert_names *names, const char *field, Str name, int64_t *id,
                      struct err *err) MUST_CHECK;

void alert_rule_put(struct json_writer *w, const struct alert_rule *rule,
                    const struct alert_names *names);
/* `is_whole`: with explanation and likeness. */
void alert_put(struct json_writer *w, const struct alert *alert, const struct alert_names *names,
               bool is_whole);
/* Window, alerts with their incidents, alerts a week, precision and recall; the periods too. */
void alert_backtest_put(struct json_writer *w, const struct alert_backtest *b,
                        const struct alert_backtest_request *request);

/* A rule from the members of an object: query, kind, title, period, parties and the settings; what
 * is absent stays. */
bool alert_rule_from_json(const struct json *object, struct arena *arena,
                          const struct alert_names *names, struct alert_rule *rule,
                          enum alert_period *period, struct err *err) MUST_CHECK;
bool alert_period_from(Str word, enum alert_period *out) MUST_CHECK; /* auto hour day */

#endif
