/* object_query.c - the SQL of a kind of object, from its table of fields: names of tables and
 * columns are constants of the program; values are bound (object_row.c). */
#include "db/db.h"
#include "strategy/model/object.h"

#define SQL_BYTES_MAX 8192 /* a kind of 40 fields needs 2,000 */

static Str order_of(const struct object_type *type)
{
    return str_from_cstr(type->order ? type->order : "position");
}

/* Names of columns stand in quotes: a field may be called "by" or "text". */
static void put_columns(struct buf *sql, const struct object_type *type)
{
    for (size_t i = 1; i < type->record.count; i++)
        buf_printf(sql, ", \"%s\"", type->record.fields[i].name);
}

static void put_select(struct buf *sql, const struct object_type *type)
{
    buf_lit(sql, "SELECT id, revision");
    put_columns(sql, type);
    buf_printf(sql, " FROM %s ORDER BY " STR_F ", id", type->table, STR_A(order_of(type)));
}

static void put_insert(struct buf *sql, const struct object_type *type)
{
    Str order = order_of(type);

    buf_lit(sql, "INSERT INTO ");
    buf_printf(sql, "%s (id, revision, " STR_F, type->table, STR_A(order));
    put_columns(sql, type);
    buf_printf(sql, ") VALUES (?1, ?2, (SELECT coalesce(max(" STR_F "), 0) + 1 FROM %s)",
               STR_A(order), type->table);
    for (size_t i = 1; i < type->record.count; i++)
        buf_printf(sql, ", ?%zu", i + 2);
    buf_lit(sql, ")");
}

static void put_update(struct buf *sql, const struct object_type *type)
{
    buf_lit(sql, "UPDATE ");
    buf_printf(sql, "%s SET revision = ?2", type->table);
    for (size_t i = 1; i < type->record.count; i++)
        buf_printf(sql, ", \"%s\" = ?%zu", type->record.fields[i].name, i + 2);
    buf_lit(sql, " WHERE id = ?1 AND revision = ?2 - 1");
}

static void put_delete(struct buf *sql, const struct object_type *type)
{
    buf_lit(sql, "DELETE FROM ");
    buf_printf(sql, "%s WHERE id = ?1 AND revision = ?2", type->table);
}

bool object_query(struct db *db, enum object_kind kind, enum object_statement statement,
                  struct stmt **out, struct err *err)
{
    static void (*const put[])(struct buf *, const struct object_type *) = {
        [OBJECT_SELECT] = put_select,
        [OBJECT_INSERT] = put_insert,
        [OBJECT_UPDATE] = put_update,
        [OBJECT_DELETE] = put_delete,
    };
    struct buf sql;

    buf_init(&sql, SQL_BYTES_MAX);
    put[statement](&sql, object_type(kind));
    bool ok = buf_ok(&sql, err) && db_query_made(db, buf_str(&sql), out, err);
    buf_deinit(&sql);
    return ok;
}
