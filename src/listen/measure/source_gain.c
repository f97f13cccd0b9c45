#include "listen/measure/source_gain.h"

#define MEASURED (POST_HAS_AUTHOR | POST_HAS_FOLLOWERS | POST_HAS_REPLY | POST_HAS_ENGAGEMENT)

/* What is said of the source; *is_known false: nothing was published of it. */
static bool published_facets(struct db *state, Str name, uint32_t *facets, bool *is_known,
                             struct err *err)
{
    struct stmt *stmt;

    *facets = 0;
    if (!db_query(state, "SELECT facets FROM measure_source WHERE name = ?1", &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, name);
    if (!stmt_step(stmt, is_known, err))
        return false;
    if (*is_known) {
        *facets = (uint32_t)stmt_i64(stmt, 0);
        stmt_reset(stmt);
    }
    return true;
}

bool source_gain_load(struct arena *arena, struct db *state, const struct archive *a,
                      struct source_gain *out, struct err *err)
{
    const struct archive_source *sources;
    size_t count = archive_sources(a, &sources);
    bool *has_gained = arena_try_new(arena, bool, count + 1);
    uint32_t before = 0, now = 0;

    *out = (struct source_gain){.has_gained = has_gained};
    if (!has_gained)
        return err_arena(err, arena);
    for (size_t i = 0; i < count; i++) {
        uint32_t facets, can = sources[i].facets & MEASURED;
        bool is_known;
        if (!published_facets(state, sources[i].name, &facets, &is_known, err))
            return false;
        has_gained[i] = is_known && (can & ~facets) != 0;
        out->is_any |= has_gained[i];
        before |= facets;
        now |= can;
    }
    out->is_first = (now & ~before) != 0;
    return true;
}

static bool source_write(struct db *state, const struct archive_source *source, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "INSERT INTO measure_source (name, facets) VALUES (?1, ?2)"
                  " ON CONFLICT (name) DO UPDATE SET facets = excluded.facets",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, source->name);
    stmt_bind_i64(stmt, 2, source->facets & MEASURED);
    return stmt_run(stmt, err);
}

bool source_gain_done(struct db *state, const struct archive *a, struct err *err)
{
    const struct archive_source *sources;
    size_t count = archive_sources(a, &sources);

    for (size_t i = 0; i < count; i++) {
        uint32_t facets;
        bool is_known;
        if (!published_facets(state, sources[i].name, &facets, &is_known, err) ||
            ((!is_known || facets != (sources[i].facets & MEASURED)) &&
             !source_write(state, &sources[i], err)))
            return false;
    }
    return true;
}
