#include "listen/decode/csv_mapping.h"

#include "format/digest.h"

static DigestHex heading_of(const struct decode_columns *columns)
{
    struct digest_state state;

    digest_begin(&state);
    for (size_t i = 0; i < columns->count; i++)
        digest_add_framed(&state, columns->names[i]);
    return digest_hex(digest_end(&state));
}

bool csv_mapping_recall(struct db *state, const struct decode_columns *columns,
                        struct arena *memory, Str *mapping, struct err *err)
{
    DigestHex heading = heading_of(columns);
    struct stmt *stmt;
    bool has_row = false;

    *mapping = STR_NONE;
    if (!db_query(state, "SELECT mapping FROM csv_mapping WHERE heading = ?1", &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, str_from_cstr(heading.text));
    if (!stmt_step(stmt, &has_row, err))
        return false;
    bool ok =
        !has_row || arena_try_str(memory, stmt_str(stmt, 0), mapping) || err_arena(err, memory);
    stmt_reset(stmt);
    return ok;
}

bool csv_mapping_remember(struct db *state, const struct decode_columns *columns, Str mapping,
                          int64_t now_ms, struct err *err)
{
    DigestHex heading = heading_of(columns);
    struct stmt *stmt;

    if (!db_query(state,
                  "INSERT INTO csv_mapping (heading, mapping, said_at_ms) VALUES (?1, ?2, ?3)"
                  " ON CONFLICT (heading) DO UPDATE SET mapping = ?2, said_at_ms = ?3",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, str_from_cstr(heading.text));
    stmt_bind_str(stmt, 2, mapping);
    stmt_bind_i64(stmt, 3, now_ms);
    return stmt_run(stmt, err);
}
