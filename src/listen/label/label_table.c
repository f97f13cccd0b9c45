#include "listen/label/label_table.h"

#include "base/limits.h"
#include "format/csv.h"
#include "format/time.h"
#include "listen/label/label_priv.h"

/* ---- out ------------------------------------------------------------------------------------- */

static Str verdict_of(const struct label_item *item, Str labeller)
{
    for (size_t i = 0; i < item->judgement_count; i++)
        if (str_eq(item->judgements[i].labeller, labeller))
            return str_from_cstr(label_verdict_name(item->judgements[i].verdict));
    return S("");
}

static bool row_write(struct archive *a, const struct label_item *item, Str labeller,
                      struct csv_writer *w, struct err *err)
{
    struct archived_post post;
    struct arena arena;
    bool is_there;

    arena_init(&arena, BATCH_ARENA_BYTES_MAX);
    bool ok = label_item_post(a, &arena, item, &post, &is_there, err);
    if (ok && is_there) {
        csv_put_i64(w, item->round);
        csv_put_i64(w, item->ordinal);
        csv_put_str(w, item->source);
        csv_put_str(w, item->post_id);
        csv_put_str(w, str_from_cstr(time_rfc3339(item->created_at_ms).text));
        csv_put_str(w, post.post.title);
        csv_put_str(w, post.post.text);
        csv_put_str(w, post.post.url);
        csv_put_str(w, verdict_of(item, labeller));
        csv_end_row(w);
    }
    arena_deinit(&arena);
    return ok;
}

bool label_table_write(struct db *state, struct archive *a, int64_t round, Str labeller,
                       struct buf *out, struct err *err)
{
    static const char *const heading[] = {"round", "post", "source", "id",   "created_at",
                                          "title", "text", "url",    "label"};
    struct label_round found;
    struct label_item *items;
    struct csv_writer w;
    struct arena arena;
    size_t count = 0;

    arena_init(&arena, BATCH_ARENA_BYTES_MAX);
    bool ok = label_round_read(&arena, state, round, &found, err) &&
              label_items(&arena, state, found.query, round, &items, &count, err);
    csv_writer_init(&w, out, ',', true);
    for (size_t i = 0; i < COUNT_OF(heading); i++)
        csv_put_str(&w, str_from_cstr(heading[i]));
    csv_end_row(&w);
    for (size_t i = 0; ok && i < count; i++)
        ok = row_write(a, &items[i], labeller, &w, err);
    arena_deinit(&arena);
    return ok && buf_ok(out, err);
}

/* ---- back ------------------------------------------------------------------------------------ */

static const struct {
    const char *word;
    enum label_verdict verdict;
} words[] = {
    {"negative", LABEL_NEGATIVE},
    {"neutral", LABEL_NEUTRAL},
    {"positive", LABEL_POSITIVE},
    {"off-topic", LABEL_OFF_TOPIC},
    {"unsure", LABEL_UNSURE},
    {"-1", LABEL_NEGATIVE},
    {"0", LABEL_NEUTRAL},
    {"1", LABEL_POSITIVE},
    {"+1", LABEL_POSITIVE},
    {"-", LABEL_NEGATIVE},
    {"+", LABEL_POSITIVE},
    {"'-1", LABEL_NEGATIVE},
    {"'-", LABEL_NEGATIVE},
    {"'+", LABEL_POSITIVE},
    {"'+1", LABEL_POSITIVE},
    {"negativ", LABEL_NEGATIVE},
    {"positiv", LABEL_POSITIVE},
    {"off topic", LABEL_OFF_TOPIC},
    {"thema verfehlt", LABEL_OFF_TOPIC},
    {"unklar", LABEL_UNSURE},
};

static bool verdict_read(Str text, enum label_verdict *out)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_eq_nocase(text, str_from_cstr(words[i].word))) {
            *out = words[i].verdict;
            return true;
        }
    return false;
}

enum column { COLUMN_POST, COLUMN_SOURCE, COLUMN_ID, COLUMN_LABEL, COLUMN_COUNT };
static const char *const column_names[COLUMN_COUNT] = {"post", "source", "id", "label"};

struct reading {
    struct db *state;
    int64_t round, now_ms;
    Str labeller;
    int columns[COLUMN_COUNT]; /* of the file, -1: not there */
    struct label_item *items;  /* by ordinal, where erased ones lack */
    size_t item_count;
    label_table_reject *reject;
    void *context;
    struct label_table_counts *counts;
};

static bool heading_read(struct reading *r, const struct csv_row *row, struct err *err)
{
    for (int c = 0; c < COLUMN_COUNT; c++) {
        r->columns[c] = -1;
        for (size_t i = 0; i < row->count; i++)
            if (str_eq_nocase(str_trim(row->fields[i]), str_from_cstr(column_names[c])))
                r->columns[c] = (int)i;
    }
    if (r->columns[COLUMN_LABEL] >= 0 &&
        (r->columns[COLUMN_POST] >= 0 ||
         (r->columns[COLUMN_SOURCE] >= 0 && r->columns[COLUMN_ID] >= 0)))
        return true;
    err_set(err, ERR_INPUT,
            "line 1: the heading needs the columns post (or source and id) and "
            "label");
    return err_hint(err, "trimtab label export writes such a table");
}

static Str cell(const struct reading *r, const struct csv_row *row, enum column column)
{
    int at = r->columns[column];

    return at >= 0 && (size_t)at < row->count ? str_trim(row->fields[at]) : STR_NONE;
}

static const struct label_item *item_find(const struct reading *r, const struct csv_row *row)
{
    Str post = cell(r, row, COLUMN_POST), source = cell(r, row, COLUMN_SOURCE);
    Str id = cell(r, row, COLUMN_ID);
    int64_t ordinal = 0;

    if (post.len > 0 && !str_to_i64(post, &ordinal))
        return NULL;
    for (size_t i = 0; i < r->item_count; i++)
        if (post.len > 0 ? r->items[i].ordinal == ordinal
                         : str_eq(r->items[i].source, source) && str_eq(r->items[i].post_id, id))
            return &r->items[i];
    return NULL;
}

static void refuse(struct reading *r, uint64_t line, const char *reason)
{
    r->counts->rejected++;
    if (r->reject)
        r->reject(r->context, line, reason);
}

static bool row_read(struct reading *r, const struct csv_row *row, struct err *err)
{
    Str text = cell(r, row, COLUMN_LABEL);
    enum label_verdict verdict;

    r->counts->read++;
    if (text.len == 0) {
        r->counts->empty++;
        return true;
    }
    if (!verdict_read(text, &verdict)) {
        refuse(r, row->line, "the label is none of negative, neutral, positive, off-topic, unsure");
        return true;
    }
    const struct label_item *item = item_find(r, row);
    if (!item) {
        refuse(r, row->line, "no post of the round is named so");
        return true;
    }
    r->counts->judged++;
    return label_put(r->state, r->round, item->ordinal, r->labeller, verdict, r->now_ms, err);
}

static bool rows_read(struct reading *r, struct csv_reader *csv, struct err *err)
{
    struct csv_row row;
    bool has_row, has_heading = false;

    for (;;) {
        struct err wrong = {0};
        if (!csv_next(csv, &row, &has_row, &wrong)) {
            if (csv_is_final_error(csv) || !has_heading) {
                *err = wrong;
                return false;
            }
            refuse(r, csv_line(csv), wrong.msg);
            continue;
        }
        if (!has_row)
            return has_heading || err_set(err, ERR_INPUT, "the table is empty");
        if (has_heading ? !row_read(r, &row, err) : !heading_read(r, &row, err))
            return false;
        has_heading = true;
    }
}

static bool table_read(struct reading *r, struct arena *arena, Str csv, struct err *err)
{
    struct csv_options options = {.separator = csv_sniff(str_sub(csv, 0, 64 * KIB))};
    struct csv_reader *reader = NULL;
    struct label_round round;

    if (!label_round_read(arena, r->state, r->round, &round, err))
        return false;
    if (round.closed_at_ms != 0)
        return err_set(err, ERR_CONFLICT, "labelling round %lld is closed", (long long)r->round);
    bool ok = label_items(arena, r->state, round.query, r->round, &r->items, &r->item_count, err) &&
              csv_open(&reader, options, csv_more_text, &csv, err) && rows_read(r, reader, err);
    csv_close(&reader);
    return ok;
}

bool label_table_read(struct db *state, int64_t round, Str labeller, Str csv, int64_t now_ms,
                      label_table_reject *reject, void *context, struct label_table_counts *counts,
                      struct err *err)
{
    struct reading r = {.state = state,
                        .round = round,
                        .now_ms = now_ms,
                        .labeller = labeller,
                        .reject = reject,
                        .context = context,
                        .counts = counts};
    struct arena arena;

    *counts = (struct label_table_counts){0};
    if (str_starts(csv, S("\xef\xbb\xbf"))) /* what some spreadsheets put in front */
        csv = str_sub(csv, 3, csv.len);
    if (!db_begin(state, err))
        return false;
    arena_init(&arena, BATCH_ARENA_BYTES_MAX);
    bool ok = table_read(&r, &arena, csv, err);
    arena_deinit(&arena);
    return db_end(state, ok, err);
}
