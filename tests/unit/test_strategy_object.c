/* The tables of the kinds against what they describe: columns of the database, words, structs. */
#include "unit/test.h"

#include "db/db.h"
#include "db/migration.h"
#include "strategy/model/object.h"
#include "unit/scratch.h"

static struct scratch scratch;
static struct db *db;

static void begin(void)
{
    struct err err = {0};

    scratch_begin(&scratch);
    CHECK(db_open(&db, scratch_path(&scratch, "state.db"), DB_CREATE, &err));
    CHECK(db_migrate(db, S("schema/state/"), &err));
}

static void end(void)
{
    db_close(&db);
    scratch_end(&scratch);
}

/* id, revision, the order of entry, then one column per field in the order of the table. */
static void check_columns(const struct object_type *type)
{
    struct err err = {0};
    struct stmt *stmt;
    bool has_row = false;
    size_t column = 0;

    CHECK(db_query(db, "SELECT name FROM pragma_table_info(?1) ORDER BY cid", &stmt, &err));
    stmt_bind_str(stmt, 1, str_from_cstr(type->table));
    for (; stmt_step(stmt, &has_row, &err) && has_row; column++) {
        const char *want = column == 0   ? "id"
                           : column == 1 ? "revision"
                           : column == 2 ? (type->order ? type->order : "position")
                           : column - 2 < type->record.count ? type->record.fields[column - 2].name
                                                             : "(none)";
        CHECK_STR(stmt_str(stmt, 0), want);
    }
    CHECK_INT(column, type->record.count + 2);
}

TEST(every_kind_has_its_table)
{
    begin();
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++)
        check_columns(object_type((enum object_kind)kind));
    end();
}

TEST(every_kind_can_be_read_written_and_removed)
{
    struct err err = {0};
    struct stmt *stmt;

    begin();
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++)
        for (int what = OBJECT_SELECT; what <= OBJECT_DELETE; what++) {
            CHECK(
                object_query(db, (enum object_kind)kind, (enum object_statement)what, &stmt, &err));
            stmt_reset(stmt);
        }
    end();
}

static bool is_list_of_two_kinds(int a, int b)
{
    const struct object_type *left = object_type((enum object_kind)a);
    const struct object_type *right = object_type((enum object_kind)b);

    return left->model_offset == right->model_offset ||
           str_eq(str_from_cstr(left->list), str_from_cstr(right->list)) ||
           str_eq(str_from_cstr(left->table), str_from_cstr(right->table));
}

TEST(no_two_kinds_share_a_list_or_a_table)
{
    for (int a = 0; a < OBJECT_KIND_COUNT; a++)
        for (int b = 0; b < a; b++)
            CHECK(!is_list_of_two_kinds(a, b));
}

/* What the generic code takes from a row without asking again. */
static void check_field(const struct record *record, const struct field *field)
{
    CHECK(field->offset < record->size);
    CHECK(field->most >= field->least);
    if (field->type == FIELD_WORD || field->type == FIELD_FLAGS)
        CHECK(field->words && field->words->count > 0);
    if (field->type == FIELD_REF || field->type == FIELD_REFS)
        CHECK(field->targets != 0);
    if (field->type == FIELD_RECORD || field->type == FIELD_RECORDS)
        CHECK(field->record && field->record->count > 0);
    if (field->type == FIELD_NUMBER || field->type == FIELD_INTEGER)
        CHECK(field->most > field->least);
}

TEST(every_field_says_what_its_type_needs)
{
    for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
        const struct record *record = &object_type((enum object_kind)kind)->record;
        CHECK(record->count > 1 && record->fields[0].type == FIELD_ID);
        CHECK(word_of(&words_object_kind, kind).len > 0);
        for (size_t i = 0; i < record->count; i++)
            check_field(record, &record->fields[i]);
    }
}

int main(void)
{
    return RUN(CASE(every_kind_has_its_table), CASE(every_kind_can_be_read_written_and_removed),
               CASE(no_two_kinds_share_a_list_or_a_table),
               CASE(every_field_says_what_its_type_needs));
}
