/* alert_rule.h - what people want to be told about: stored, versioned, ledgered.
 *
 * A rule looks at the published measures of one standing query (a share: among a list of queries)
 * with one kind of detector and its settings (quant/alert_detector.h). Each change is a new version
 * and writes its ledger entry in the same transaction. A rule that is made, changed or switched on
 * is armed from what is known at that moment: it tells what comes after, a backtest
 * (alert_backtest.h) shows what lies before.
 *
 * Who may: MAY_EDIT_QUERIES makes and changes rules; the callers ask.
 *
 * Threads: as the connection. Memory: what is read lives in the caller's arena.
 */
#ifndef LISTEN_ALERT_RULE_H
#define LISTEN_ALERT_RULE_H

#include "db/db.h"
#include "format/json.h"
#include "listen/measure/share_of_voice.h"
#include "quant/alert_detector.h"

#define ALERT_NAME_BYTES_MAX  60
#define ALERT_TITLE_BYTES_MAX 200
#define ALERT_RULES_MAX       1000 /* of a workspace: reject */

enum alert_period { ALERT_PERIOD_AUTO, ALERT_PERIOD_HOUR, ALERT_PERIOD_DAY };

struct alert_rule {
    int64_t id;
    Str name;  /* a-z 0-9 and hyphens, not beginning with one */
    Str title; /* for people; the name when empty */
    int64_t query;
    int64_t *parties;               /* share: the list it is taken among; the query joins it */
    size_t party_count;             /* at most SHARE_PARTIES_MAX */
    struct alert_settings settings; /* as said: zero is the default */
    int version;                    /* from 1; a change must name the one it saw */
    bool is_on, is_due;             /* due: points changed since the last look */
    int64_t armed_from_ms;
    int64_t created_at_ms, changed_at_ms;
    int64_t open_count; /* alerts that nobody acknowledged; set by reading */
};

/* Settings without kind and period as members of the open object: only what was said. */
void alert_settings_write(const struct alert_settings *settings, struct json_writer *w);
/* Changes what `object` names; null sets back to the default. Other members are passed over.
 * ERR_INPUT with the place. */
bool alert_settings_read(const struct json *object, struct alert_settings *settings,
                         struct err *err) MUST_CHECK;

/* Checks, and sets what is open: title, and the period - that of the kind, else as the query is
 * watched for spikes, else hours. ERR_INPUT "<field>: <why>". */
bool alert_rule_complete(struct db *db, struct alert_rule *rule, enum alert_period period,
                         struct err *err) MUST_CHECK;
/* `horizon_ms`: end of what is published (alert_horizon_read()). Needs name, query and settings;
 * sets id, version and times. ERR_EXISTS, ERR_LIMIT. */
bool alert_rule_create(struct db *db, struct alert_rule *rule, enum alert_period period,
                       int64_t horizon_ms, Str actor, int64_t now_ms, struct err *err) MUST_CHECK;
/* Everything but the name; rule->version is the one that was seen (ERR_CONFLICT; 0: whichever).
 * The same again changes nothing. */
bool alert_rule_change(struct db *db, struct alert_rule *rule, enum alert_period period,
                       int64_t horizon_ms, Str actor, Str reason, int64_t now_ms,
                       struct err *err) MUST_CHECK;
bool alert_rule_switch(struct db *db, int64_t id, bool is_on, int64_t horizon_ms, Str actor,
                       Str reason, int64_t now_ms, struct err *err) MUST_CHECK;
/* ERR_NOT_FOUND. */
bool alert_rule_find(struct arena *arena, struct db *db, Str name, struct alert_rule *out,
                     struct err *err) MUST_CHECK;
bool alert_rule_read(struct arena *arena, struct db *db, int64_t id, struct alert_rule *out,
                     struct err *err) MUST_CHECK;
/* By name. */
bool alert_rule_list(struct arena *arena, struct db *db, struct alert_rule **out, size_t *count,
                     struct err *err) MUST_CHECK;

/* New points of a query were published, in the transaction that does it: its rules are due. */
bool alert_rules_due(struct db *db, int64_t query, struct err *err) MUST_CHECK;

#endif
