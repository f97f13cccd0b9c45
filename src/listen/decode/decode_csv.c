/* CSV with a heading line: columns are found by name, or by a mapping "member=Column,...". */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "format/csv.h"
#include "format/json_text.h"
#include "listen/decode/decode_priv.h"

#define CSV_ID_SEED          UINT64_C(0x7472696d74616205)
#define CSV_RATING_BYTES_MAX 16
#define SHEET_DAYS_TO_1970   25569 /* 1970-01-01 as a spreadsheet's number */
#define SHEET_DAYS_MIN       32874 /* DECODE_TIME_MIN_MS */
#define SHEET_DAYS_MAX       73051 /* DECODE_TIME_MAX_MS, exclusive */

enum csv_kind { CSV_TEXT, CSV_TIME, CSV_COUNT, CSV_LANG, CSV_COUNTRY, CSV_RATING, CSV_LINK };

/* Rows of the table that are spoken of. */
enum { CSV_MEMBER_ID, CSV_MEMBER_TEXT, CSV_MEMBER_TITLE, CSV_MEMBER_TIME };

static const char *const order_names[] = {
    [TIME_ORDER_DMY] = "dmy", [TIME_ORDER_MDY] = "mdy", [TIME_ORDER_YMD] = "ymd"};

/* What a column can fill. `names`: headings that mean it without a mapping, compared without case,
 * blanks and underscores, separated by blanks; the first is the member's name in a mapping. */
static const struct csv_member {
    const char *what; /* in reasons */
    const char *names;
    enum csv_kind kind;
    size_t offset;
} csv_members[DECODE_CSV_MEMBERS] = {
#define AT(member) offsetof(struct post, member)
    {"id", "id postid tweetid messageid resourceid statusid guid beitragsnr kennung", CSV_TEXT,
     AT(id)},
    {"text",
     "text body message content fulltext snippet tweet comment review selftext beitrag inhalt "
     "nachricht kommentar volltext",
     CSV_TEXT, AT(text)},
    {"title", "title subject headline titel betreff ueberschrift", CSV_TEXT, AT(title)},
    {"created_at",
     "createdat date time timestamp published publishedat created datetime datum zeit zeitpunkt",
     CSV_TIME, 0},
    {"source", "source platform network quelle plattform", CSV_TEXT, AT(source)},
    {"kind", "kind type contenttype", CSV_TEXT, AT(kind)},
    {"author", "author handle username screenname user authorhandle autor verfasser", CSV_TEXT,
     AT(author.handle)},
    {"author_id", "authorid userid", CSV_TEXT, AT(author.id)},
    {"author_name", "authorname name fullname displayname", CSV_TEXT, AT(author.name)},
    {"followers", "followers followercount followerscount", CSV_COUNT, AT(author.followers)},
    {"lang", "lang language sprache", CSV_LANG, 0},
    {"url", "url permalink posturl", CSV_TEXT, AT(url)},
    {"link", "link links", CSV_LINK, 0},
    {"reply_to", "replyto inreplyto parentid inreplytostatusid", CSV_TEXT, AT(reply_to)},
    {"reply_to_author", "replytoauthor inreplytouser", CSV_TEXT, AT(reply_to_author)},
    {"thread", "thread threadid conversationid", CSV_TEXT, AT(thread)},
    {"repost_of", "repostof retweetof", CSV_TEXT, AT(repost_of)},
    {"repost_of_author", "repostofauthor", CSV_TEXT, AT(repost_of_author)},
    {"likes", "likes likecount favorites favoritecount score upvotes", CSV_COUNT,
     AT(metrics.likes)},
    {"replies", "replies replycount comments commentcount numcomments", CSV_COUNT,
     AT(metrics.replies)},
    {"reposts", "reposts retweets retweetcount shares sharecount", CSV_COUNT, AT(metrics.reposts)},
    {"views", "views viewcount impressions", CSV_COUNT, AT(metrics.views)},
    {"rating", "rating stars bewertung sterne", CSV_RATING, 0},
    {"country", "country countrycode land", CSV_COUNTRY, 0},
    {"dataset", "dataset", CSV_TEXT, AT(dataset)},
#undef AT
};

const char *decode_csv_member(size_t i)
{
    return i < DECODE_CSV_MEMBERS ? csv_members[i].what : NULL;
}

/* ---- plan ------------------------------------------------------------------------------------ */

#define COLUMN_NONE (-2) /* said to be in no column */

/* Compares without case, blanks and what is no letter or digit. */
static bool same_name(Str a, Str b)
{
    size_t i = 0, j = 0;

    for (;;) {
        while (i < a.len && strchr(" _-.", a.ptr[i]))
            i++;
        while (j < b.len && strchr(" _-.", b.ptr[j]))
            j++;
        if (i >= a.len || j >= b.len)
            return i >= a.len && j >= b.len;
        if (!str_eq_nocase(str_sub(a, i++, 1), str_sub(b, j++, 1)))
            return false;
    }
}

static bool member_is_called(const struct csv_member *member, Str name)
{
    Str names = str_from_cstr(member->names), one;

    while (names.len > 0) {
        str_cut(names, ' ', &one, &names);
        if (same_name(one, name))
            return true;
    }
    return false;
}

static int csv_member_find(Str name)
{
    Str first, rest;

    for (int i = 0; i < DECODE_CSV_MEMBERS; i++) {
        str_cut(str_from_cstr(csv_members[i].names), ' ', &first, &rest);
        if (same_name(first, name))
            return i;
    }
    return -1;
}

static int column_find(const struct decode_plan *plan, Str name)
{
    for (size_t i = 0; i < plan->column_count; i++)
        if (str_eq_nocase(str_trim(plan->columns[i]), str_trim(name)))
            return (int)i;
    return -1;
}

/* What there is instead; always false. */
static bool hint_columns(const struct decode_plan *plan, struct err *err)
{
    struct buf names;

    buf_init(&names, MIB);
    for (size_t i = 0; i < plan->column_count; i++) {
        buf_add(&names, i > 0 ? S(", ") : S(""));
        buf_add(&names, plan->columns[i]);
    }
    err_hint(err, "it has: " STR_F, STR_A(buf_str(&names)));
    buf_deinit(&names);
    return false;
}

static bool set_date_order(struct decode_plan *plan, Str said, struct err *err)
{
    for (size_t i = TIME_ORDER_DMY; i < COUNT_OF(order_names); i++)
        if (str_eq_nocase(said, str_from_cstr(order_names[i]))) {
            plan->date_order = (enum time_order)i;
            plan->is_date_order_said = true;
            return true;
        }
    err_set(err, ERR_USAGE, "mapping 'dates=" STR_F "' is no order of dates", STR_A(said));
    return err_hint(err, "dates=dmy (22/11/2026), dates=mdy (11/22/2026) or dates=ymd");
}

static bool apply_mapping(struct decode_plan *plan, Str mapping, struct err *err)
{
    Str entry, name, column;

    while (mapping.len > 0) {
        str_cut(mapping, ',', &entry, &mapping);
        bool has_column = str_cut(entry, '=', &name, &column);
        if (has_column && str_eq(str_trim(name), S("dates"))) {
            if (!set_date_order(plan, str_trim(column), err))
                return false;
            continue;
        }
        int member = csv_member_find(str_trim(name)), index = column_find(plan, column);
        if (has_column && member >= 0 && str_trim(column).len == 0) {
            plan->column_of[member] = COLUMN_NONE;
            continue;
        }
        if (!has_column || member < 0) {
            err_set(err, ERR_USAGE, "mapping '" STR_F "' names no member of a post", STR_A(entry));
            return err_hint(err, "member=Column, with id, text, title, created_at, source, kind, "
                                 "author, author_name, lang, url, likes, replies, ... as member");
        }
        if (index < 0)
            return err_set(err, ERR_USAGE, "'" STR_F "' has no column '" STR_F "'",
                           STR_A(plan->path), STR_A(column)) ||
                   hint_columns(plan, err);
        plan->column_of[member] = (int16_t)index;
        plan->is_used[index] = true;
    }
    return true;
}

/* Columns that no mapping took are found by their heading; the first of a name wins. */
static void apply_headings(struct decode_plan *plan)
{
    for (size_t member = 0; member < DECODE_CSV_MEMBERS; member++) {
        for (size_t i = 0; i < plan->column_count && plan->column_of[member] == -1; i++) {
            if (plan->is_used[i] || !member_is_called(&csv_members[member], plan->columns[i]))
                continue;
            plan->column_of[member] = (int16_t)i;
            plan->is_used[i] = true;
        }
    }
}

static bool copy_heading(struct decode_plan *plan, const struct csv_row *row, struct arena *memory,
                         struct err *err)
{
    if (row->count > DECODE_CSV_COLUMNS_MAX)
        return err_set(err, ERR_LIMIT, "the heading has more than %d columns",
                       DECODE_CSV_COLUMNS_MAX);
    Str *columns = arena_try_new(memory, Str, row->count);
    plan->is_used = arena_try_new(memory, bool, row->count);
    if (!columns || !plan->is_used)
        return err_arena(err, memory);
    for (size_t i = 0; i < row->count; i++)
        if (!arena_try_str(memory, row->fields[i], &columns[i]))
            return err_arena(err, memory);
    plan->columns = columns;
    plan->column_count = row->count;
    return true;
}

static bool csv_columns(struct decode_plan *plan, Str head, Str mapping, struct arena *memory,
                        struct err *err)
{
    struct csv_reader *reader = NULL;
    struct csv_row row;
    bool has_row = false;

    memset(plan->column_of, 0xff, sizeof plan->column_of);
    plan->separator = csv_sniff(head);
    bool ok = csv_open(&reader, (struct csv_options){.separator = plan->separator}, csv_more_text,
                       &head, err) &&
              csv_next(reader, &row, &has_row, err);
    if (ok && !has_row)
        ok = err_set(err, ERR_INPUT, "the file has no heading line");
    ok = ok && copy_heading(plan, &row, memory, err) && apply_mapping(plan, mapping, err);
    csv_close(&reader);
    if (ok)
        apply_headings(plan);
    return ok;
}

/* The whole rows of the head are asked: one date that fits a single order decides, two that
 * contradict each other leave it open. */
static bool find_date_order(struct decode_plan *plan, Str head, struct err *err)
{
    struct csv_reader *reader = NULL;
    struct csv_row row;
    bool has_row = true, is_shown[TIME_ORDER_YMD + 1] = {false};
    int column = plan->column_of[CSV_MEMBER_TIME];

    if (plan->is_date_order_said || column < 0)
        return true;
    if (!csv_open(&reader, (struct csv_options){.separator = plan->separator}, csv_more_text, &head,
                  err))
        return false;
    for (;;) {
        struct err bad = {0};
        bool is_read = csv_next(reader, &row, &has_row, &bad);
        if (is_read ? !has_row : csv_is_final_error(reader))
            break;
        if (is_read && (size_t)column < row.count)
            is_shown[time_order_shown(row.fields[column])] = true;
    }
    csv_close(&reader);
    if (is_shown[TIME_ORDER_DMY] != is_shown[TIME_ORDER_MDY])
        plan->date_order = is_shown[TIME_ORDER_DMY] ? TIME_ORDER_DMY : TIME_ORDER_MDY;
    else if (is_shown[TIME_ORDER_OPEN] || is_shown[TIME_ORDER_DMY])
        plan->date_order = TIME_ORDER_OPEN;
    return true;
}

bool csv_plan(struct decode_plan *plan, Str head, Str mapping, struct arena *memory,
              struct err *err)
{
    if (!csv_columns(plan, head, mapping, memory, err) || !find_date_order(plan, head, err))
        return false;
    if (plan->column_of[CSV_MEMBER_TEXT] >= 0 || plan->column_of[CSV_MEMBER_TITLE] >= 0)
        return true;
    err_set(err, ERR_INPUT, "no column of '" STR_F "' holds the text of a post", STR_A(plan->path));
    return err_hint(err, "name it with --map text=Column; trimtab post preview shows the columns");
}

/* The first rows of the head that are whole, as they stand. */
static bool sample_rows(struct decode_columns *out, Str head, char separator, struct arena *memory,
                        struct err *err)
{
    struct csv_reader *reader = NULL;
    struct csv_row row;
    bool has_row = true, ok = csv_open(&reader, (struct csv_options){.separator = separator},
                                       csv_more_text, &head, err);
    bool is_heading = true;

    while (ok && out->row_count < DECODE_SAMPLE_ROWS) {
        struct err bad = {0};
        if (!csv_next(reader, &row, &has_row, &bad) || !has_row)
            break;
        if (is_heading) {
            is_heading = false;
            continue;
        }
        Str *fields = arena_try_new(memory, Str, out->count);
        ok = fields || err_arena(err, memory);
        for (size_t i = 0; ok && i < row.count && i < out->count; i++)
            ok = str_utf8_invalid_at(row.fields[i]) < row.fields[i].len ||
                 arena_try_str(memory, row.fields[i], &fields[i]) || err_arena(err, memory);
        out->rows[out->row_count++] = fields;
    }
    csv_close(&reader);
    return ok;
}

bool csv_preview(struct decode_columns *out, Str head, const struct decode_options *options,
                 Str path, struct arena *memory, struct err *err)
{
    struct decode_plan plan = {.path = path};

    if (!csv_columns(&plan, head, options->mapping, memory, err) ||
        !find_date_order(&plan, head, err))
        return false;
    const char **members = arena_try_new(memory, const char *, plan.column_count);
    if (!members)
        return err_arena(err, memory);
    for (size_t i = 0; i < DECODE_CSV_MEMBERS; i++)
        if (plan.column_of[i] >= 0)
            members[plan.column_of[i]] = csv_members[i].what;
    out->is_csv = true;
    out->separator = plan.separator;
    out->date_order = order_names[plan.date_order];
    out->is_date_order_said = plan.is_date_order_said;
    out->is_date_order_open = plan.date_order == TIME_ORDER_OPEN;
    out->names = plan.columns;
    out->count = plan.column_count;
    out->members = members;
    out->has_text = plan.column_of[CSV_MEMBER_TEXT] >= 0 || plan.column_of[CSV_MEMBER_TITLE] >= 0;
    return sample_rows(out, head, plan.separator, memory, err);
}

/* A heading of at least two names of which one is known. */
bool csv_looks_like(Str head)
{
    Str line, rest;

    str_cut(head, '\n', &line, &rest);
    char separator = csv_sniff(head);
    if (str_find_byte(line, separator) >= line.len)
        return false;
    while (line.len > 0) {
        Str name;
        str_cut(line, separator, &name, &line);
        name = str_trim(name);
        if (name.len >= 2 && name.ptr[0] == '"')
            name = str_sub(name, 1, name.len - 2);
        for (size_t i = 0; i < DECODE_CSV_MEMBERS; i++)
            if (member_is_called(&csv_members[i], name))
                return true;
    }
    return false;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static bool csv_count(struct decoder *d, const char *what, Str text, int64_t *out)
{
    double number;

    text = str_trim(text);
    if (text.len == 0)
        return true;
    if (!str_to_f64(text, &number) || !(number < 9e15))
        return row_refuse(d, "%s is not a number", what);
    *out = number > 0 ? (int64_t)number : 0;
    return true;
}

/* Days since 1899-12-30 as spreadsheets count them (true behind February 1900). As seconds since
 * 1970 such numbers would lie in January 1970, which no post may. */
static bool sheet_time(Str text, int64_t *ms)
{
    double days;

    if (!str_to_f64(text, &days) || !(days >= SHEET_DAYS_MIN && days < SHEET_DAYS_MAX))
        return false;
    double since = (days - SHEET_DAYS_TO_1970) * (double)TIME_DAY_MS;
    *ms = (int64_t)(since / TIME_SECOND_MS + 0.5) * TIME_SECOND_MS;
    return true;
}

static bool csv_time(struct decoder *d, struct post *post, Str text)
{
    const struct decode_plan *plan = d->plan;
    int64_t ms;

    text = str_trim(text);
    int shown = (int)(text.len < 40 ? text.len : 40);
    if (text.len == 0)
        return true;
    enum time_order order = time_order_shown(text);
    if (sheet_time(text, &ms) || time_parse_written(text, plan->date_order, &ms))
        return row_time(d, post, ms);
    if (order != TIME_ORDER_NONE && plan->date_order <= TIME_ORDER_OPEN)
        return row_refuse(d,
                          "the date '%.*s' may be day or month first: say dates=dmy or dates=mdy "
                          "in the mapping",
                          shown, text.ptr);
    if (order != TIME_ORDER_NONE)
        return row_refuse(d,
                          "the date '%.*s' contradicts the order %s of the column: say dates=dmy "
                          "or dates=mdy in the mapping",
                          shown, text.ptr, order_names[plan->date_order]);
    if (time_parse(text, &ms))
        return row_time(d, post, ms);
    return row_refuse(d,
                      "created_at is not a time: '%.*s'; allowed are 2026-11-22 08:15, "
                      "22.11.2026 08:15, 11/22/2026, 22 Nov 2026, or a number of seconds",
                      shown, text.ptr);
}

/* With a decimal point or a decimal comma. */
static bool csv_rating(struct decoder *d, Str text, double *out)
{
    char point[CSV_RATING_BYTES_MAX];
    double stars;

    text = str_trim(text);
    if (text.len == 0)
        return true;
    size_t comma = str_find_byte(text, ',');
    if (comma < text.len && text.len <= sizeof point) {
        memcpy(point, text.ptr, text.len);
        point[comma] = '.';
        text = (Str){point, text.len};
    }
    if (!str_to_f64(text, &stars) || !(stars >= 0 && stars <= 5))
        return row_refuse(d, "rating is not a number from 0 to 5");
    *out = stars;
    return true;
}

static bool csv_link(struct decoder *d, Str text, struct post *post)
{
    if (text.len == 0)
        return true;
    Str *link = arena_try_new(&d->batch->arena, Str, 1);
    if (!link)
        return row_exhausted(d);
    post->links = link;
    post->link_count = 1;
    return row_text(d, "link", text, DECODE_URL_BYTES_MAX, link);
}

static bool csv_field(struct decoder *d, const struct csv_member *member, Str field,
                      struct post *post)
{
    void *at = (char *)post + member->offset;
    const char *name = member->what;

    switch (member->kind) {
    case CSV_TEXT: {
        bool is_text = member->offset == offsetof(struct post, text) ||
                       member->offset == offsetof(struct post, title);
        bool is_url = member->offset == offsetof(struct post, url);
        size_t max = is_text  ? POST_TEXT_BYTES_MAX
                     : is_url ? DECODE_URL_BYTES_MAX
                              : DECODE_ID_BYTES_MAX;
        return row_text(d, name, is_text ? field : str_trim(field), max, at);
    }
    case CSV_TIME:
        return csv_time(d, post, field);
    case CSV_COUNT:
        return csv_count(d, name, field, at);
    case CSV_LANG:
        return row_lang(d, str_trim(field), &post->lang);
    case CSV_COUNTRY:
        return row_country(d, str_trim(field), &post->country);
    case CSV_RATING:
        return csv_rating(d, field, &post->rating);
    case CSV_LINK:
        return csv_link(d, str_trim(field), post);
    }
    UNREACHABLE("kind of a column");
}

/* A column that is called like a native member, but does not fill it, must not pass for it. */
static void extra_key(struct decoder *d, Str column)
{
    if (!is_native_member(column)) {
        json_text_str(&d->extra, column);
        return;
    }
    buf_reset(&d->scratch);
    buf_lit(&d->scratch, "column ");
    buf_add(&d->scratch, column);
    json_text_str(&d->extra, buf_str(&d->scratch));
}

/* Columns that fill no member are kept. */
static bool csv_extra(struct decoder *d, const struct csv_row *row, struct post *post)
{
    const struct decode_plan *plan = d->plan;

    buf_reset(&d->extra);
    for (size_t i = 0; i < row->count && i < plan->column_count; i++) {
        if (plan->is_used[i] || row->fields[i].len == 0)
            continue;
        buf_add_byte(&d->extra, d->extra.len == 0 ? '{' : ',');
        extra_key(d, plan->columns[i]);
        buf_add_byte(&d->extra, ':');
        json_text_str(&d->extra, row->fields[i]);
    }
    if (d->extra.len == 0)
        return true;
    buf_add_byte(&d->extra, '}');
    return row_text(d, "the row's further columns", buf_str(&d->extra), INPUT_LINE_BYTES_MAX,
                    &post->extra);
}

/* A file without ids: the row names itself by all its columns and by how many rows equal to it
 * stand before it in the block. Blocks are cut by the bytes alone, so the same file, or one with
 * rows added behind, gives the same ids again. */
static bool csv_own_id(struct decoder *d, const struct csv_row *row, struct post *post)
{
    uint64_t hash = CSV_ID_SEED;
    char id[32];
    bool is_new;

    for (size_t i = 0; i < row->count; i++)
        hash = hash_combine(hash, hash_bytes(row->fields[i], CSV_ID_SEED));
    uint64_t *count = map_at(&d->row_counts, (Str){(const char *)&hash, sizeof hash}, &is_new);
    if (!count)
        return row_exhausted(d);
    if ((*count)++ > 0)
        hash = hash_combine(hash, hash_u64(*count, CSV_ID_SEED));
    int len = snprintf(id, sizeof id, "row-%016llx", (unsigned long long)hash);
    return row_text(d, "id", (Str){id, (size_t)len}, sizeof id, &post->id);
}

static bool csv_post(struct decoder *d, const struct csv_row *row, struct post *post)
{
    const struct decode_plan *plan = d->plan;

    for (size_t i = 0; i < row->count; i++)
        if (str_utf8_invalid_at(row->fields[i]) < row->fields[i].len)
            return row_refuse(d, "column %zu is not valid UTF-8", i + 1);
    if (row->count > plan->column_count)
        return row_refuse(d, "%zu fields, the heading names %zu", row->count, plan->column_count);
    for (size_t i = 0; i < DECODE_CSV_MEMBERS; i++) {
        int column = plan->column_of[i];
        if (column >= 0 && (size_t)column < row->count &&
            !csv_field(d, &csv_members[i], row->fields[column], post))
            return false;
    }
    post->kind = post_kind_read(post->kind); /* "Tweet" and the like say nothing */
    if (post->source.len == 0)
        post->source = plan->source;
    if (post->title.len == 0 && post->text.len == 0)
        return row_refuse(d, "no text");
    if (plan->column_of[CSV_MEMBER_ID] < 0 && !csv_own_id(d, row, post))
        return false;
    return csv_extra(d, row, post);
}

/* Walks the lines of a block beside the reader, to find the first line of a bad row. */
struct line_cursor {
    Str rest, line;
    uint64_t next; /* number of the first line of `rest` */
};

static Str raw_line(struct line_cursor *cursor, uint64_t line)
{
    while (cursor->next <= line && cursor->rest.len > 0) {
        str_cut(cursor->rest, '\n', &cursor->line, &cursor->rest);
        cursor->next++;
    }
    return cursor->line;
}

static bool csv_rows(struct decoder *d, struct csv_reader *reader, const struct decode_block *block,
                     struct err *err)
{
    struct post post;
    struct csv_row row;
    struct line_cursor cursor = {buf_str(&block->bytes), STR_NONE, block->first_line};
    bool has_row = true, is_heading_due = block->ordinal == 0;

    for (;;) {
        struct err problem = {0};
        row_begin(d, &post);
        bool is_read = csv_next(reader, &row, &has_row, &problem);
        if (is_read && !has_row)
            return true;
        if (!is_read && csv_is_final_error(reader))
            return err_pass(err, &problem);
        if (is_read && is_heading_due) {
            is_heading_due = false;
            continue;
        }
        uint64_t line = block->first_line + csv_line(reader) - 1;
        bool is_good =
            is_read ? csv_post(d, &row, &post) && row_end(d, &post) : row_refuse_error(d, &problem);
        if (!row_keep(d, is_good, &post, line, is_good ? STR_NONE : raw_line(&cursor, line)))
            return err_arena(err, &d->batch->arena);
    }
}

bool csv_run(struct decoder *d, const struct decode_block *block, struct err *err)
{
    struct csv_reader *reader = NULL;
    Str bytes = buf_str(&block->bytes);
    struct csv_options options = {.separator = d->plan->separator};

    map_reset(&d->row_counts);
    if (!csv_open(&reader, options, csv_more_text, &bytes, err))
        return false;
    bool ok = csv_rows(d, reader, block, err);
    csv_close(&reader);
    return ok;
}
