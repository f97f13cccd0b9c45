#include "signal/signal.h"

#include <math.h>
#include <string.h>

#include "base/vec.h"

static const char *const period_names[SIGNAL_PERIOD_COUNT] = {
    [SIGNAL_MINUTE] = "minute", [SIGNAL_HOUR] = "hour", [SIGNAL_DAY] = "day"};
static const char *const aggregate_names[SIGNAL_AGGREGATE_COUNT] = {
    [SIGNAL_SUM] = "sum", [SIGNAL_MEAN] = "mean", [SIGNAL_LAST] = "last", [SIGNAL_NONE] = "none"};
static const int64_t period_lengths_ms[SIGNAL_PERIOD_COUNT] = {
    [SIGNAL_MINUTE] = 60000, [SIGNAL_HOUR] = 3600000, [SIGNAL_DAY] = 86400000};

int64_t signal_period_ms(enum signal_period period)
{
    ASSERT(period < SIGNAL_PERIOD_COUNT);
    return period_lengths_ms[period];
}

const char *signal_period_name(enum signal_period period)
{
    ASSERT(period < SIGNAL_PERIOD_COUNT);
    return period_names[period];
}

const char *signal_aggregate_name(enum signal_aggregate aggregate)
{
    ASSERT(aggregate < SIGNAL_AGGREGATE_COUNT);
    return aggregate_names[aggregate];
}

/* Index of a stored name; the table's CHECK admits no other. */
static size_t index_of(Str name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(name, str_from_cstr(names[i])))
            return i;
    return count;
}

static Str or_empty(Str s)
{
    return s.ptr ? s : S("");
}

/* Start of the period that holds `at_ms`, for times before 1970 too. */
static int64_t floor_to(int64_t at_ms, int64_t length_ms)
{
    int64_t rest = at_ms % length_ms;

    return at_ms - (rest < 0 ? rest + length_ms : rest);
}

/* Definitions --------------------------------------------------------------------------------- */

static bool is_key_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' ||
           c == ':';
}

static bool check_key(Str key, struct err *err)
{
    bool is_good = key.len > 0 && key.len <= SIGNAL_KEY_BYTES_MAX;

    for (size_t i = 0; is_good && i < key.len; i++)
        is_good = is_key_byte(key.ptr[i]);
    if (is_good)
        return true;
    err_set(err, ERR_INPUT, "'" STR_F "' is no valid key of a signal", STR_A(str_sub(key, 0, 80)));
    return err_hint(err, "Use up to %d of a-z 0-9 . _ - and colons.", SIGNAL_KEY_BYTES_MAX);
}

static bool check_definition(const struct signal *s, struct err *err)
{
    ASSERT(s->period < SIGNAL_PERIOD_COUNT && s->aggregate < SIGNAL_AGGREGATE_COUNT);
    if (!check_key(s->key, err))
        return false;
    if (s->definition.len > SIGNAL_DEFINITION_BYTES_MAX || s->name.len > 1000 || s->unit.len > 100)
        return err_set(err, ERR_LIMIT, "the definition of signal '" STR_F "' is too long",
                       STR_A(s->key));
    return true;
}

#define SIGNAL_COLUMNS                                                                             \
    "s.id, s.key, s.name, s.unit, v.definition, s.version, v.from_ms, s.period, s.aggregate,"      \
    " s.source, s.is_measured"
#define SIGNAL_TABLES                                                                              \
    " FROM signal s JOIN signal_version v ON v.signal_id = s.id AND v.version = s.version"

static bool load_signal(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                        struct err *err)
{
    struct signal *out = item;
    size_t period = index_of(stmt_str(stmt, 7), period_names, SIGNAL_PERIOD_COUNT);
    size_t aggregate = index_of(stmt_str(stmt, 8), aggregate_names, SIGNAL_AGGREGATE_COUNT);

    (void)context;
    if (period == SIGNAL_PERIOD_COUNT || aggregate == SIGNAL_AGGREGATE_COUNT)
        return err_set(err, ERR_CORRUPT, "signal %lld has an unknown period or aggregate",
                       (long long)stmt_i64(stmt, 0));
    *out = (struct signal){.id = stmt_i64(stmt, 0),
                           .version = (int)stmt_i64(stmt, 5),
                           .version_from_ms = stmt_is_null(stmt, 6) ? INT64_MIN : stmt_i64(stmt, 6),
                           .period = (enum signal_period)period,
                           .aggregate = (enum signal_aggregate)aggregate,
                           .is_measured = stmt_i64(stmt, 10) != 0};
    return stmt_copy_str(stmt, 1, arena, &out->key, err) &&
           stmt_copy_str(stmt, 2, arena, &out->name, err) &&
           stmt_copy_str(stmt, 3, arena, &out->unit, err) &&
           stmt_copy_str(stmt, 4, arena, &out->definition, err) &&
           stmt_copy_str(stmt, 9, arena, &out->source, err);
}

static bool look_up(struct arena *arena, struct db *db, Str key, struct signal *out, bool *is_found,
                    struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db, "SELECT " SIGNAL_COLUMNS SIGNAL_TABLES " WHERE s.key = ?1", &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, key);
    return stmt_load_one(stmt, arena, load_signal, NULL, out, is_found, err);
}

bool signal_find(struct arena *arena, struct db *db, Str key, struct signal *out, struct err *err)
{
    bool is_found;

    return look_up(arena, db, key, out, &is_found, err) &&
           (is_found ||
            err_set(err, ERR_NOT_FOUND, "no signal '" STR_F "'", STR_A(str_sub(key, 0, 80))));
}

static bool look_up_id(struct arena *arena, struct db *db, int64_t id, struct signal *out,
                       bool *is_found, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db, "SELECT " SIGNAL_COLUMNS SIGNAL_TABLES " WHERE s.id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    return stmt_load_one(stmt, arena, load_signal, NULL, out, is_found, err);
}

bool signal_find_id(struct arena *arena, struct db *db, int64_t id, struct signal *out,
                    struct err *err)
{
    bool is_found;

    return look_up_id(arena, db, id, out, &is_found, err) &&
           (is_found || err_set(err, ERR_NOT_FOUND, "no signal with number %lld", (long long)id));
}

static bool insert_signal(struct db *db, struct signal *s, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "INSERT INTO signal (key, name, unit, period, aggregate, source, is_measured,"
                  " version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, s->key);
    stmt_bind_str(stmt, 2, s->name);
    stmt_bind_str(stmt, 3, s->unit);
    stmt_bind_str(stmt, 4, str_from_cstr(period_names[s->period]));
    stmt_bind_str(stmt, 5, str_from_cstr(aggregate_names[s->aggregate]));
    stmt_bind_str(stmt, 6, s->source);
    stmt_bind_i64(stmt, 7, s->is_measured);
    if (!stmt_run(stmt, err))
        return false;
    s->id = db_last_id(db);
    s->version = 1;
    s->version_from_ms = INT64_MIN;
    return true;
}

static bool insert_version(struct db *db, const struct signal *s, Str reason, int64_t now_ms,
                           struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "INSERT INTO signal_version (signal_id, version, definition, from_ms, reason,"
                  " marked_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, s->id);
    stmt_bind_i64(stmt, 2, s->version);
    stmt_bind_str(stmt, 3, s->definition);
    if (s->version > 1)
        stmt_bind_i64(stmt, 4, s->version_from_ms);
    stmt_bind_str(stmt, 5, or_empty(reason));
    stmt_bind_i64(stmt, 6, now_ms);
    return stmt_run(stmt, err);
}

static bool update_signal(struct db *db, const struct signal *s, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "UPDATE signal SET name = ?2, unit = ?3, source = ?4, is_measured = ?5,"
                  " version = ?6 WHERE id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, s->id);
    stmt_bind_str(stmt, 2, s->name);
    stmt_bind_str(stmt, 3, s->unit);
    stmt_bind_str(stmt, 4, s->source);
    stmt_bind_i64(stmt, 5, s->is_measured);
    stmt_bind_i64(stmt, 6, s->version);
    return stmt_run(stmt, err);
}

/* Takes over id and version of the stored one; a changed definition is the next version. */
static bool change_signal(struct db *db, struct signal *s, const struct signal *stored,
                          int64_t from_ms, Str reason, int64_t now_ms, struct err *err)
{
    if (s->period != stored->period || s->aggregate != stored->aggregate) {
        err_set(err, ERR_CONFLICT, "signal '" STR_F "' is kept by the %s as %s", STR_A(s->key),
                period_names[stored->period], aggregate_names[stored->aggregate]);
        return err_hint(err, "Another period or aggregate is another signal: give it its own key.");
    }
    s->id = stored->id;
    s->version = stored->version;
    s->version_from_ms = stored->version_from_ms;
    if (str_eq(s->definition, stored->definition)) {
        bool is_same = str_eq(s->name, stored->name) && str_eq(s->unit, stored->unit) &&
                       str_eq(s->source, stored->source) && s->is_measured == stored->is_measured;
        return is_same || update_signal(db, s, err);
    }
    int64_t start_ms = floor_to(from_ms, period_lengths_ms[s->period]);
    if (start_ms < stored->version_from_ms)
        return err_set(err, ERR_CONFLICT,
                       "a new definition of signal '" STR_F "' cannot begin before the present one",
                       STR_A(s->key));
    s->version++;
    s->version_from_ms = start_ms;
    return update_signal(db, s, err) && insert_version(db, s, reason, now_ms, err);
}

static bool define(struct db *db, struct signal *s, int64_t from_ms, Str reason, int64_t now_ms,
                   struct err *err)
{
    struct signal stored;
    struct arena arena;
    bool is_found;

    arena_init(&arena, 4 * SIGNAL_DEFINITION_BYTES_MAX);
    bool ok = look_up(&arena, db, s->key, &stored, &is_found, err);
    if (ok && is_found)
        ok = change_signal(db, s, &stored, from_ms, reason, now_ms, err);
    else if (ok)
        ok = insert_signal(db, s, err) && insert_version(db, s, reason, now_ms, err);
    arena_deinit(&arena);
    return ok;
}

bool signal_define(struct db *db, struct signal *signal, int64_t from_ms, Str reason,
                   int64_t now_ms, struct err *err)
{
    if (!check_definition(signal, err) || !db_begin(db, err))
        return false;
    signal->name = or_empty(signal->name);
    signal->unit = or_empty(signal->unit);
    signal->source = or_empty(signal->source);
    signal->definition = or_empty(signal->definition);
    bool ok = define(db, signal, from_ms, reason, now_ms, err);
    return db_end(db, ok, err);
}

/* Keys with a prefix lie between it and its successor in the index; 0x7f is above every key byte.
 */
static bool bind_prefix(struct stmt *stmt, struct arena *arena, Str prefix, struct err *err)
{
    Str upper;

    if (prefix.len > SIGNAL_KEY_BYTES_MAX)
        prefix = str_sub(prefix, 0, SIGNAL_KEY_BYTES_MAX);
    upper = arena_printf(arena, STR_F "\x7f", STR_A(prefix));
    if (!upper.ptr)
        return err_arena(err, arena);
    stmt_bind_str(stmt, 1, prefix);
    stmt_bind_str(stmt, 2, upper);
    return true;
}

bool signal_list(struct arena *arena, struct db *db, Str key_prefix, struct signal **out,
                 size_t *count, struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(db,
                  "SELECT " SIGNAL_COLUMNS SIGNAL_TABLES
                  " WHERE s.key >= ?1 AND s.key < ?2 ORDER BY s.key",
                  &stmt, err) ||
        !bind_prefix(stmt, arena, key_prefix, err))
        return false;
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, load_signal, NULL, &rows, count, err);
    *out = ok ? rows : NULL;
    return ok;
}

/* Points -------------------------------------------------------------------------------------- */

static bool check_point(const struct signal *s, const struct signal_point *p, struct err *err)
{
    const char *what = NULL;

    if (floor_to(p->start_ms, period_lengths_ms[s->period]) != p->start_ms)
        what = "does not start on the period";
    else if (isinf(p->value))
        what = "has an infinite value";
    else if (p->n < 0)
        what = "has a negative sample size";
    else if (!(p->coverage >= 0 && p->coverage <= 1))
        what = "has a coverage outside 0 to 1";
    return !what || err_set(err, ERR_INPUT, "the point at %lld of signal '" STR_F "' %s",
                            (long long)p->start_ms, STR_A(s->key), what);
}

/* The version in force at a time: the highest that had begun. */
static bool version_at(struct db *db, const struct signal *s, int64_t start_ms, int *version,
                       struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    *version = s->version;
    if (start_ms >= s->version_from_ms)
        return true;
    if (!db_query(db,
                  "SELECT max(version) FROM signal_version WHERE signal_id = ?1 AND"
                  " coalesce(from_ms, ?2) <= ?2",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, s->id);
    stmt_bind_i64(stmt, 2, start_ms);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    *version = (int)stmt_i64(stmt, 0);
    stmt_reset(stmt);
    return true;
}

/* The WHERE spares the write when nothing changed. */
#define INSERT_POINTS                                                                              \
    "INSERT INTO signal_point (signal_id, start_ms, version, value, n, coverage) VALUES "
#define OR_REPLACE_POINTS                                                                          \
    " ON CONFLICT (signal_id, start_ms) DO UPDATE"                                                 \
    " SET version = excluded.version, value = excluded.value, n = excluded.n,"                     \
    " coverage = excluded.coverage WHERE version IS NOT excluded.version OR"                       \
    " value IS NOT excluded.value OR n IS NOT excluded.n OR coverage IS NOT excluded.coverage"
#define ONE_POINT "(?, ?, ?, ?, ?, ?)"

/* Points of one statement: eight together cost half of what they cost one by one. */
enum { POINTS_AT_ONCE = 8, POINT_COLUMNS = 6 };

/* `count` is 1 or POINTS_AT_ONCE. */
static bool put_some(struct db *db, const struct signal *s, const struct signal_point *points,
                     size_t count, bool is_restated, struct err *err)
{
    int versions[POINTS_AT_ONCE];
    struct stmt *stmt;

    for (size_t i = 0; i < count; i++) {
        versions[i] = s->version;
        if (!check_point(s, &points[i], err) ||
            (!is_restated && !version_at(db, s, points[i].start_ms, &versions[i], err)))
            return false;
    }
    bool ok = count == 1 ? db_query(db, INSERT_POINTS ONE_POINT OR_REPLACE_POINTS, &stmt, err)
                         : db_query(db,
                                    INSERT_POINTS ONE_POINT
                                    "," ONE_POINT "," ONE_POINT "," ONE_POINT "," ONE_POINT
                                    "," ONE_POINT "," ONE_POINT "," ONE_POINT OR_REPLACE_POINTS,
                                    &stmt, err);
    for (size_t i = 0; ok && i < count; i++) {
        int at = (int)i * POINT_COLUMNS;
        stmt_bind_i64(stmt, at + 1, s->id);
        stmt_bind_i64(stmt, at + 2, points[i].start_ms);
        stmt_bind_i64(stmt, at + 3, versions[i]);
        stmt_bind_f64(stmt, at + 4, points[i].value);
        stmt_bind_i64(stmt, at + 5, points[i].n);
        stmt_bind_f64(stmt, at + 6, points[i].coverage);
    }
    return ok && stmt_run(stmt, err);
}

bool signal_put_points(struct db *db, int64_t signal_id, const struct signal_point *points,
                       size_t count, bool is_restated, struct err *err)
{
    struct signal signal;
    struct arena arena;
    size_t step;

    if (!db_begin(db, err))
        return false;
    arena_init(&arena, 4 * SIGNAL_DEFINITION_BYTES_MAX);
    bool ok = signal_find_id(&arena, db, signal_id, &signal, err);
    for (size_t i = 0; ok && i < count; i += step) {
        step = count - i >= POINTS_AT_ONCE ? POINTS_AT_ONCE : 1;
        ok = put_some(db, &signal, points + i, step, is_restated, err);
    }
    arena_deinit(&arena);
    return db_end(db, ok, err);
}

bool signal_drop_before(struct db *db, Str key, int64_t before_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_begin(db, err))
        return false;
    bool ok = db_query(db,
                       "DELETE FROM signal_point WHERE start_ms < ?2 AND signal_id ="
                       " (SELECT id FROM signal WHERE key = ?1)",
                       &stmt, err);
    if (ok) {
        stmt_bind_str(stmt, 1, key);
        stmt_bind_i64(stmt, 2, before_ms);
        ok = stmt_run(stmt, err);
    }
    return db_end(db, ok, err);
}

struct starts {
    VEC(int64_t);
};

/* Those of the times given at which the signal has a point: few have, asking for each is dear. */
static bool find_starts(struct db *db, Str key, const int64_t *starts_ms, size_t count,
                        struct starts *out, struct err *err)
{
    struct stmt *stmt;
    bool has_row, ok;
    size_t at = 0;

    if (!db_query(db,
                  "SELECT p.start_ms FROM signal AS s JOIN signal_point AS p ON p.signal_id = s.id"
                  " WHERE s.key = ?1 AND p.start_ms >= ?2 AND p.start_ms <= ?3"
                  " ORDER BY p.start_ms",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, key);
    stmt_bind_i64(stmt, 2, starts_ms[0]);
    stmt_bind_i64(stmt, 3, starts_ms[count - 1]);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        int64_t start_ms = stmt_i64(stmt, 0);
        while (starts_ms[at] < start_ms)
            at++;
        if (starts_ms[at] == start_ms && !vec_try_push(out, start_ms)) {
            stmt_reset(stmt);
            return err_set(err, ERR_NO_MEMORY, "no memory for the points of a signal");
        }
    }
    return ok;
}

static bool withdraw_point(struct db *db, Str key, int64_t start_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "DELETE FROM signal_point WHERE start_ms = ?2 AND signal_id ="
                  " (SELECT id FROM signal WHERE key = ?1)",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, key);
    stmt_bind_i64(stmt, 2, start_ms);
    return stmt_run(stmt, err);
}

bool signal_withdraw_points(struct db *db, Str key, const int64_t *starts_ms, size_t count,
                            struct err *err)
{
    struct starts known = {0};

    if (count == 0)
        return true;
    for (size_t i = 1; i < count; i++)
        ASSERT(starts_ms[i - 1] < starts_ms[i]);
    if (!db_begin(db, err))
        return false;
    bool ok = find_starts(db, key, starts_ms, count, &known, err);
    for (size_t i = 0; ok && i < known.count; i++)
        ok = withdraw_point(db, key, known.items[i], err);
    vec_deinit(&known);
    return db_end(db, ok, err);
}

static void read_point(struct stmt *stmt, struct signal_point *p)
{
    *p = (struct signal_point){.start_ms = stmt_i64(stmt, 0),
                               .value = stmt_is_null(stmt, 1) ? (double)NAN : stmt_f64(stmt, 1),
                               .n = stmt_i64(stmt, 2),
                               .coverage = stmt_f64(stmt, 3),
                               .version = (int)stmt_i64(stmt, 4)};
}

static bool count_points(struct db *db, int64_t id, int64_t from_ms, int64_t to_ms, size_t *count,
                         struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(db,
                  "SELECT count(*) FROM signal_point WHERE signal_id = ?1 AND start_ms >= ?2 AND"
                  " start_ms < ?3",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, from_ms);
    stmt_bind_i64(stmt, 3, to_ms);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    *count = (size_t)stmt_i64(stmt, 0);
    stmt_reset(stmt);
    return *count <= SIGNAL_POINTS_READ_MAX ||
           err_set(err, ERR_LIMIT, "%zu points are too many to read at once", *count);
}

static bool read_points(struct arena *arena, struct db *db, int64_t id, int64_t from_ms,
                        int64_t to_ms, struct signal_point **out, size_t *count, struct err *err)
{
    struct stmt *stmt;
    bool has_row, ok;
    size_t n = 0;

    if (!count_points(db, id, from_ms, to_ms, count, err))
        return false;
    *out = arena_try_new(arena, struct signal_point, *count);
    if (!*out)
        return err_arena(err, arena);
    if (!db_query(db,
                  "SELECT start_ms, value, n, coverage, version FROM signal_point WHERE"
                  " signal_id = ?1 AND start_ms >= ?2 AND start_ms < ?3 ORDER BY start_ms",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, from_ms);
    stmt_bind_i64(stmt, 3, to_ms);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        ASSERT(n < *count);
        read_point(stmt, &(*out)[n++]);
    }
    return ok;
}

bool signal_read(struct arena *arena, struct db *db, int64_t signal_id, int64_t from_ms,
                 int64_t to_ms, struct signal_point **out, size_t *count, struct err *err)
{
    if (!db_begin_read(db, err))
        return false;
    bool ok = read_points(arena, db, signal_id, from_ms, to_ms, out, count, err);
    return db_end(db, ok, err);
}

bool signal_read_last(struct db *db, int64_t signal_id, struct signal_point *out, bool *has_point,
                      struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "SELECT start_ms, value, n, coverage, version FROM signal_point WHERE"
                  " signal_id = ?1 ORDER BY start_ms DESC LIMIT 1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, signal_id);
    if (!stmt_step(stmt, has_point, err))
        return false;
    if (!*has_point)
        return true;
    read_point(stmt, out);
    stmt_reset(stmt);
    return true;
}

bool signal_first_ms(struct db *db, Str key, int64_t *start_ms, bool *has_point, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "SELECT start_ms FROM signal_point WHERE signal_id ="
                  " (SELECT id FROM signal WHERE key = ?1) ORDER BY start_ms LIMIT 1",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, key);
    if (!stmt_step(stmt, has_point, err))
        return false;
    if (!*has_point)
        return true;
    *start_ms = stmt_i64(stmt, 0);
    stmt_reset(stmt);
    return true;
}

/* Joining ------------------------------------------------------------------------------------- */

/* Sums of the points that fall into one longer period. */
struct join {
    double sum, weight, weighted, last;
    double coverage;
    int64_t n;
    int version;
    bool has_value;
};

static void join_add(struct join *j, const struct signal_point *p)
{
    j->coverage += p->coverage;
    j->n += p->n;
    j->version = p->version;
    if (isnan(p->value))
        return;
    j->has_value = true;
    j->sum += p->value;
    j->weighted += p->value * (double)p->n;
    j->weight += (double)p->n;
    j->last = p->value;
}

static double join_value(const struct join *j, enum signal_aggregate aggregate)
{
    if (!j->has_value || (aggregate == SIGNAL_MEAN && j->weight <= 0))
        return (double)NAN;
    if (aggregate == SIGNAL_SUM)
        return j->sum;
    return aggregate == SIGNAL_MEAN ? j->weighted / j->weight : j->last;
}

/* Periods of the short length inside [start, start + long) and the range asked for. */
static double expected_parts(int64_t start_ms, int64_t long_ms, int64_t short_ms, int64_t from_ms,
                             int64_t to_ms)
{
    int64_t low = start_ms > from_ms ? start_ms : from_ms;
    int64_t high = start_ms + long_ms < to_ms ? start_ms + long_ms : to_ms;
    /* Starts of short periods in [low, high). */
    int64_t first = floor_to(low + short_ms - 1, short_ms);
    int64_t parts = (high - first + short_ms - 1) / short_ms;

    return parts > 0 ? (double)parts : 1;
}

struct range {
    int64_t from_ms, to_ms, short_ms, long_ms;
};

/* Joins in place: the joined points are never more than the parts. */
static size_t join_points(struct signal_point *points, size_t count, struct range range,
                          enum signal_aggregate aggregate)
{
    size_t joined = 0;

    for (size_t i = 0; i < count;) {
        int64_t start_ms = floor_to(points[i].start_ms, range.long_ms);
        struct join j = {0};
        for (; i < count && points[i].start_ms < start_ms + range.long_ms; i++)
            join_add(&j, &points[i]);
        double parts =
            expected_parts(start_ms, range.long_ms, range.short_ms, range.from_ms, range.to_ms);
        points[joined++] = (struct signal_point){.start_ms = start_ms,
                                                 .value = join_value(&j, aggregate),
                                                 .n = j.n,
                                                 .coverage = fmin(1, j.coverage / parts),
                                                 .version = j.version};
    }
    return joined;
}

bool signal_read_joined(struct arena *arena, struct db *db, int64_t signal_id,
                        enum signal_period period, int64_t from_ms, int64_t to_ms,
                        struct signal_point **out, size_t *count, struct err *err)
{
    struct signal signal;

    ASSERT(period < SIGNAL_PERIOD_COUNT);
    if (!signal_find_id(arena, db, signal_id, &signal, err))
        return false;
    if (period < signal.period || (period > signal.period && signal.aggregate == SIGNAL_NONE))
        return err_set(err, ERR_USAGE,
                       "signal '" STR_F "' is kept by the %s and cannot be read by"
                       " the %s",
                       STR_A(signal.key), period_names[signal.period], period_names[period]);
    if (!signal_read(arena, db, signal_id, from_ms, to_ms, out, count, err))
        return false;
    if (period > signal.period)
        *count = join_points(*out, *count,
                             (struct range){.from_ms = from_ms,
                                            .to_ms = to_ms,
                                            .short_ms = period_lengths_ms[signal.period],
                                            .long_ms = period_lengths_ms[period]},
                             signal.aggregate);
    return true;
}

/* Breaks -------------------------------------------------------------------------------------- */

static bool load_break(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                       struct err *err)
{
    struct signal_break *b = item;

    (void)context;
    *b = (struct signal_break){.version = (int)stmt_i64(stmt, 0),
                               .from_ms = stmt_i64(stmt, 1),
                               .at_ms = stmt_i64(stmt, 2)};
    return stmt_copy_str(stmt, 3, arena, &b->definition, err) &&
           stmt_copy_str(stmt, 4, arena, &b->reason, err);
}

/* A break still separates when points under an older version lie inside the range. */
bool signal_breaks(struct arena *arena, struct db *db, int64_t signal_id, int64_t from_ms,
                   int64_t to_ms, struct signal_break **out, size_t *count, struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(db,
                  "SELECT v.version, v.from_ms, v.marked_at_ms, v.definition, v.reason"
                  " FROM signal_version v WHERE v.signal_id = ?1 AND v.from_ms > ?2 AND"
                  " v.from_ms < ?3 AND EXISTS (SELECT 1 FROM signal_point p WHERE"
                  " p.signal_id = ?1 AND p.start_ms >= ?2 AND p.start_ms < v.from_ms AND"
                  " p.version < v.version) ORDER BY v.version",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, signal_id);
    stmt_bind_i64(stmt, 2, from_ms);
    stmt_bind_i64(stmt, 3, to_ms);
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, load_break, NULL, &rows, count, err);
    *out = ok ? rows : NULL;
    return ok;
}

bool signal_restated(struct arena *arena, struct db *db, int64_t signal_id,
                     struct signal_break *out, bool *is_restated, struct err *err)
{
    struct stmt *stmt;

    *is_restated = false;
    if (!db_query(db,
                  "SELECT v.version, v.from_ms, v.marked_at_ms, v.definition, v.reason"
                  " FROM signal s JOIN signal_version v ON v.signal_id = s.id AND"
                  " v.version = s.version WHERE s.id = ?1 AND s.version > 1 AND NOT EXISTS"
                  " (SELECT 1 FROM signal_point p WHERE p.signal_id = ?1 AND"
                  " p.version < s.version)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, signal_id);
    return stmt_load_one(stmt, arena, load_break, NULL, out, is_restated, err);
}

bool signal_drop_measured(struct db *db, Str key_prefix, struct err *err)
{
    struct arena arena;
    struct stmt *stmt;

    if (!db_query(db,
                  "DELETE FROM signal_point WHERE signal_id IN (SELECT id FROM signal WHERE"
                  " is_measured = 1 AND key >= ?1 AND key < ?2)",
                  &stmt, err))
        return false;
    arena_init(&arena, 4096);
    bool ok = bind_prefix(stmt, &arena, key_prefix, err) && stmt_run(stmt, err);
    arena_deinit(&arena);
    return ok;
}

bool signal_count(struct db *db, Str key_prefix, int64_t *signals, int64_t *points, struct err *err)
{
    struct arena arena;
    struct stmt *stmt;
    bool has_row = false;

    if (!db_query(
            db,
            "SELECT count(DISTINCT s.id), count(p.signal_id) FROM signal s"
            " LEFT JOIN signal_point p ON p.signal_id = s.id WHERE s.key >= ?1 AND s.key < ?2",
            &stmt, err))
        return false;
    arena_init(&arena, 4096);
    bool ok = bind_prefix(stmt, &arena, key_prefix, err) && stmt_step(stmt, &has_row, err);
    if (ok) {
        ASSERT(has_row);
        *signals = stmt_i64(stmt, 0);
        *points = stmt_i64(stmt, 1);
    }
    stmt_reset(stmt);
    arena_deinit(&arena);
    return ok;
}
