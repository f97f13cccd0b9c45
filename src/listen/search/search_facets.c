/* Facets of a search, counted in the columns of the runs. */
#include <stdlib.h>

#include "format/time.h"
#include "listen/search/search_priv.h"

#define FACET_VALUES_MAX 1000 /* of one facet: the most frequent are given */
#define DAYS_MAX         4000 /* of one search: then there are only months */
#define RUN_AUTHORS_MAX  100  /* most frequent authors of a run that count, where it has many */
#define FEW_HITS_RATIO                                                                             \
    100                 /* values of a column for each hit of a run: then hits are counted singly */
#define COUNT_UNIT 1024 /* counts are kept in parts of a post: sampled ones stand for more */

struct facet_counts {
    struct map values; /* value -> count in COUNT_UNITs */
    bool is_partial;
};

struct counting {
    struct search *s;
    struct facet_counts facets[SEARCH_FACET_COUNT];
    uint64_t unseen_max; /* units that an author who was in no run's list may have */
    struct map authors;  /* hash -> index into places */
    struct {
        VEC(struct found);
    } places; /* one post of each author */
};

const char *search_facet_name(enum search_facet_kind kind)
{
    static const char *const names[SEARCH_FACET_COUNT] = {
        [SEARCH_BY_SOURCE] = "source",   [SEARCH_BY_LANG] = "lang",
        [SEARCH_BY_MOOD] = "sentiment",  [SEARCH_BY_KIND] = "kind",
        [SEARCH_BY_COUNTRY] = "country", [SEARCH_BY_QUERY] = "query",
        [SEARCH_BY_AUTHOR] = "author",   [SEARCH_BY_DAY] = "day",
        [SEARCH_BY_MONTH] = "month"};

    ASSERT(kind < SEARCH_FACET_COUNT);
    return names[kind];
}

static bool no_memory(struct search *s)
{
    return err_set(s->err, ERR_NO_MEMORY, "no memory for counting facets");
}

static bool add(struct counting *c, enum search_facet_kind kind, Str value, uint64_t units)
{
    bool is_new;
    uint64_t *count = map_at(&c->facets[kind].values, value, &is_new);

    if (!count)
        return no_memory(c->s);
    *count += units;
    return true;
}

/* ---- columns --------------------------------------------------------------------------------- */

static void count_codes(const struct run_values *column, const struct docset *docs, uint64_t units,
                        uint64_t *counts)
{
    struct docset_iter it = docset_from(docs, 0);

    if (column->width == 1)
        for (uint32_t doc; docset_next(&it, &doc);)
            counts[column->codes[doc]] += units;
    else
        for (uint32_t doc; docset_next(&it, &doc);)
            counts[run_code(column, doc)] += units;
}

/* Counts by code of what was found in a run; sampled posts count for more. NULL: memory. */
static uint64_t *column_counts(struct counting *c, const struct found_run *found,
                               const struct run_values *column)
{
    struct search *s = c->s;
    uint64_t *counts = arena_try_new(&s->scratch, uint64_t, (size_t)column->count + 1);

    if (!counts) {
        err_arena(s->err, &s->scratch);
        return NULL;
    }
    if (column->count == 1) {
        counts[0] = (uint64_t)found->sure->count * COUNT_UNIT;
        if (found->sampled)
            counts[0] += (uint64_t)((double)found->sampled->count * s->sample_weight * COUNT_UNIT);
        return counts;
    }
    count_codes(column, found->sure, COUNT_UNIT, counts);
    if (found->sampled)
        count_codes(column, found->sampled, (uint64_t)(s->sample_weight * COUNT_UNIT), counts);
    return counts;
}

/* Of a column with many values only those that occur are looked at. */
static bool is_few(const struct found_run *found, const struct run_values *values)
{
    uint64_t hits = (uint64_t)found->sure->count + (found->sampled ? found->sampled->count : 0);

    return hits * FEW_HITS_RATIO < values->count;
}

typedef bool add_value(struct counting *c, enum search_facet_kind kind, Str value, uint64_t units);

static bool count_few(struct counting *c, const struct found_run *found,
                      const struct run_values *values, add_value *add_one,
                      enum search_facet_kind kind)
{
    const struct docset *sets[] = {found->sure, found->sampled};
    const uint64_t units[] = {COUNT_UNIT, (uint64_t)(c->s->sample_weight * COUNT_UNIT)};

    for (size_t i = 0; i < COUNT_OF(sets) && sets[i]; i++) {
        struct docset_iter it = docset_from(sets[i], 0);
        for (uint32_t doc; docset_next(&it, &doc);) {
            Str value = run_value(values, run_code(values, doc));
            if (value.len > 0 && !add_one(c, kind, value, units[i]))
                return false;
        }
    }
    return true;
}

static bool count_column(struct counting *c, const struct found_run *found, enum run_column column,
                         enum search_facet_kind kind)
{
    const struct run_values *values = &found->run->columns[column];
    uint64_t *counts;

    if (is_few(found, values))
        return count_few(c, found, values, add, kind);
    counts = column_counts(c, found, values);
    if (!counts)
        return false;
    for (uint32_t code = 0; code < values->count; code++) {
        Str value = run_value(values, code);
        if (counts[code] > 0 && value.len > 0 && !add(c, kind, value, counts[code]))
            return false;
    }
    return true;
}

/* Each value is a list of ids. */
static bool add_ids(struct counting *c, enum search_facet_kind kind, Str ids, uint64_t units)
{
    Str id;

    while (ids.len > 0) {
        str_cut(ids, ',', &id, &ids);
        if (!add(c, kind, id, units))
            return false;
    }
    return true;
}

static bool count_queries(struct counting *c, const struct found_run *found)
{
    const struct run_values *values = &found->run->columns[RUN_QUERIES];
    uint64_t *counts;

    if (is_few(found, values))
        return count_few(c, found, values, add_ids, SEARCH_BY_QUERY);
    counts = column_counts(c, found, values);
    if (!counts)
        return false;
    for (uint32_t code = 0; code < values->count; code++)
        if (counts[code] > 0 && !add_ids(c, SEARCH_BY_QUERY, run_value(values, code), counts[code]))
            return false;
    return true;
}

/* ---- authors --------------------------------------------------------------------------------- */

/* The least number of posts that at most RUN_AUTHORS_MAX authors reach, found by counting authors
 * by their posts. */
static uint64_t author_floor(const uint64_t *counts, uint32_t count, bool *is_cut)
{
    enum { CLASSES = 1024 };
    uint32_t authors[CLASSES] = {0};
    uint64_t sum = 0;

    for (uint32_t i = 0; i < count; i++) {
        uint64_t posts = counts[i] / COUNT_UNIT;
        authors[posts < CLASSES ? posts : CLASSES - 1]++;
    }
    for (uint64_t posts = CLASSES - 1; posts > 0; posts--) {
        sum += authors[posts];
        if (sum > RUN_AUTHORS_MAX) {
            *is_cut = true;
            return (posts + 1 < CLASSES ? posts + 1 : posts) * COUNT_UNIT;
        }
    }
    return 1;
}

/* One post of an author tells the name. */
static bool note_author(struct counting *c, const struct found_run *found, uint32_t doc)
{
    const struct run_values *values = &found->run->columns[RUN_AUTHOR];
    struct found post = {0, found->month, found->run->ids[doc]};
    bool is_new;
    uint64_t *place = map_at(&c->authors, run_value(values, run_code(values, doc)), &is_new);

    if (!place || (is_new && !vec_try_push(&c->places, post)))
        return no_memory(c->s);
    if (is_new)
        *place = c->places.count - 1;
    return true;
}

/* Of every author whose count stands: each is noted once. */
static bool author_places(struct counting *c, const struct found_run *found, uint64_t *counts,
                          uint64_t least, uint32_t wanted)
{
    const struct run_values *values = &found->run->columns[RUN_AUTHOR];
    const struct docset *sets[] = {found->sure, found->sampled};

    for (size_t i = 0; i < COUNT_OF(sets) && sets[i]; i++) {
        struct docset_iter it = docset_from(sets[i], 0);
        for (uint32_t doc; wanted > 0 && docset_next(&it, &doc);) {
            uint32_t code = run_code(values, doc);
            if (counts[code] < least)
                continue;
            counts[code] = 0;
            wanted--;
            if (!note_author(c, found, doc))
                return false;
        }
    }
    return true;
}

static bool few_authors(struct counting *c, const struct found_run *found)
{
    const struct docset *sets[] = {found->sure, found->sampled};
    const struct run_values *values = &found->run->columns[RUN_AUTHOR];

    for (size_t i = 0; i < COUNT_OF(sets) && sets[i]; i++) {
        struct docset_iter it = docset_from(sets[i], 0);
        for (uint32_t doc; docset_next(&it, &doc);)
            if (run_value(values, run_code(values, doc)).len > 0 && !note_author(c, found, doc))
                return false;
    }
    return count_few(c, found, values, add, SEARCH_BY_AUTHOR);
}

static bool count_authors(struct counting *c, const struct found_run *found)
{
    const struct run_values *values = &found->run->columns[RUN_AUTHOR];
    uint32_t wanted = 0;
    uint64_t *counts, least;
    bool is_cut = false;

    if (is_few(found, values))
        return few_authors(c, found);
    counts = column_counts(c, found, values);
    if (!counts)
        return false;
    for (uint32_t code = 0; code < values->count; code++)
        if (run_value(values, code).len == 0)
            counts[code] = 0;
    least = author_floor(counts, values->count, &is_cut);
    if (is_cut)
        c->unseen_max += least - 1;
    for (uint32_t code = 0; code < values->count; code++) {
        if (counts[code] < least)
            continue;
        wanted++;
        if (!add(c, SEARCH_BY_AUTHOR, run_value(values, code), counts[code]))
            return false;
    }
    return author_places(c, found, counts, least, wanted);
}

/* Who is in the list of one run is counted in those of which the list left him out. */
static bool complete_authors(struct counting *c, const struct found_run *found)
{
    const struct run_values *values = &found->run->columns[RUN_AUTHOR];
    bool is_cut = false;

    if (is_few(found, values))
        return true;
    arena_reset(&c->s->scratch);
    uint64_t *counts = column_counts(c, found, values);
    if (!counts)
        return false;
    for (uint32_t code = 0; code < values->count; code++)
        if (run_value(values, code).len == 0)
            counts[code] = 0;
    uint64_t least = author_floor(counts, values->count, &is_cut);
    for (uint32_t code = 0; is_cut && code < values->count; code++) {
        if (counts[code] == 0 || counts[code] >= least)
            continue;
        if (map_get(&c->facets[SEARCH_BY_AUTHOR].values, run_value(values, code)) &&
            !add(c, SEARCH_BY_AUTHOR, run_value(values, code), counts[code]))
            return false;
    }
    return true;
}

/* ---- time ------------------------------------------------------------------------------------ */

/* Documents are in order of time: a day is a range of them. */
static bool count_days(struct counting *c, const struct found_run *found)
{
    const struct word_run *run = found->run;
    const struct docset *sets[] = {found->sure, found->sampled};
    double weights[] = {1, c->s->sample_weight};

    for (size_t i = 0; i < COUNT_OF(sets) && sets[i]; i++) {
        uint32_t first, last, at;
        struct docset_iter it = docset_from(sets[i], 0);
        if (!docset_next(&it, &first) || !docset_before(sets[i], run->doc_count, &last))
            continue;
        for (at = first; at <= last;) {
            int64_t ms = run->times[at];
            int64_t day = (ms >= 0 ? ms : ms - DAY_MS + 1) / DAY_MS * DAY_MS;
            uint32_t next = run_first_at(run, day + DAY_MS);
            uint64_t units = (uint64_t)((double)docset_count_between(sets[i], at, next) *
                                        weights[i] * COUNT_UNIT);
            TimeText text = time_date(day);
            if (units > 0 && !add(c, SEARCH_BY_DAY, str_from_cstr(text.text), units))
                return false;
            if (next > last || next == run->doc_count)
                break;
            at = next;
        }
    }
    return true;
}

static bool months_of_days(struct counting *c)
{
    const struct map *days = &c->facets[SEARCH_BY_DAY].values;

    for (size_t i = 0; i < days->count; i++) {
        Str day = days->entries[i].key;
        if (!add(c, SEARCH_BY_MONTH, str_sub(day, 0, day.len - 3), days->entries[i].value))
            return false;
    }
    return true;
}

/* ---- giving ---------------------------------------------------------------------------------- */

static int facet_cmp(const void *left, const void *right)
{
    const struct search_facet *a = left, *b = right;

    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return str_cmp(a->value, b->value);
}

static int value_cmp(const void *left, const void *right)
{
    return str_cmp(((const struct search_facet *)left)->value,
                   ((const struct search_facet *)right)->value);
}

static bool give(struct counting *c, enum search_facet_kind kind)
{
    struct search *s = c->s;
    const struct map *values = &c->facets[kind].values;
    struct search_facets *out = &s->out->facets[kind];
    bool is_time = kind == SEARCH_BY_DAY || kind == SEARCH_BY_MONTH;
    size_t max = is_time ? DAYS_MAX : FACET_VALUES_MAX;

    out->items = arena_try_new(s->arena, struct search_facet, values->count + 1);
    if (!out->items)
        return err_arena(s->err, s->arena);
    for (size_t i = 0; i < values->count; i++) {
        out->items[i].count = (int64_t)((values->entries[i].value + COUNT_UNIT / 2) / COUNT_UNIT);
        if (!arena_try_str(s->arena, values->entries[i].key, &out->items[i].value))
            return err_arena(s->err, s->arena);
    }
    if (values->count > 1)
        qsort(out->items, values->count, sizeof *out->items, is_time ? value_cmp : facet_cmp);
    out->count = values->count < max ? values->count : max;
    out->is_partial = c->facets[kind].is_partial || values->count > max;
    return true;
}

/* An author is shown by name, and found again by handle, else id, else name. */
static bool author_label(struct counting *c, struct search_facet *facet, bool *is_known)
{
    struct search *s = c->s;
    struct archived_post post;
    struct err missing = {0};
    const uint64_t *place = map_get(&c->authors, facet->value);

    *is_known = false;
    if (!place)
        return true;
    const struct found *at = &c->places.items[*place];
    arena_reset(&s->row_memory);
    if (!archive_post(s->a, &s->row_memory, at->month, at->id, &post, &missing)) {
        if (missing.code != ERR_NOT_FOUND)
            *s->err = missing;
        return missing.code == ERR_NOT_FOUND;
    }
    const struct post_author *author = &post.post.author;
    Str value = author->handle.len > 0 ? author->handle
                : author->id.len > 0   ? author->id
                                       : author->name;
    Str label = author->name.len > 0 ? author->name : value;
    *is_known = value.len > 0;
    if (!arena_try_str(s->arena, value, &facet->value) ||
        !arena_try_str(s->arena, label, &facet->label))
        return err_arena(s->err, s->arena);
    return true;
}

enum { AUTHORS_SHOWN = 20 };

static bool give_authors(struct counting *c)
{
    struct search_facets *authors = &c->s->out->facets[SEARCH_BY_AUTHOR];
    size_t kept = 0;
    bool is_known;

    if (!give(c, SEARCH_BY_AUTHOR))
        return false;
    if (authors->count > AUTHORS_SHOWN) {
        authors->count = AUTHORS_SHOWN;
    }
    for (size_t i = 0; i < authors->count; i++) {
        struct search_facet facet = authors->items[i];
        if (!author_label(c, &facet, &is_known))
            return false;
        if (is_known)
            authors->items[kept++] = facet;
    }
    authors->count = kept;
    /* Their counts are exact; whether somebody belongs among them who was in no list is not. */
    authors->unseen_max = (int64_t)(c->unseen_max / COUNT_UNIT);
    authors->is_partial =
        kept > 0 && authors->unseen_max > 0 && authors->items[kept - 1].count < authors->unseen_max;
    return true;
}

static bool count_run(struct counting *c, const struct found_run *found)
{
    arena_reset(&c->s->scratch);
    return count_column(c, found, RUN_SOURCE, SEARCH_BY_SOURCE) &&
           count_column(c, found, RUN_LANG, SEARCH_BY_LANG) &&
           count_column(c, found, RUN_MOOD, SEARCH_BY_MOOD) &&
           count_column(c, found, RUN_KIND, SEARCH_BY_KIND) &&
           count_column(c, found, RUN_COUNTRY, SEARCH_BY_COUNTRY) && count_queries(c, found) &&
           count_authors(c, found) && count_days(c, found);
}

bool search_facets(struct search *s)
{
    struct counting *c = mem_try_alloc(1, sizeof *c);
    bool ok = c || no_memory(s);

    if (!c)
        return false;
    c->s = s;
    map_init(&c->authors, MAP_COPY_KEYS, 1);
    for (size_t i = 0; i < SEARCH_FACET_COUNT; i++)
        map_init(&c->facets[i].values, MAP_COPY_KEYS, 1);
    vec_each (struct found_run, found, &s->runs)
        ok = ok && count_run(c, found);
    vec_each (struct found_run, found, &s->runs)
        ok = ok && (c->unseen_max == 0 || complete_authors(c, found));
    ok = ok && months_of_days(c);
    for (size_t i = 0; i < SEARCH_FACET_COUNT; i++)
        if (i != SEARCH_BY_AUTHOR)
            ok = ok && give(c, (enum search_facet_kind)i);
    ok = ok && give_authors(c);
    for (size_t i = 0; i < SEARCH_FACET_COUNT; i++)
        map_deinit(&c->facets[i].values);
    map_deinit(&c->authors);
    vec_deinit(&c->places);
    mem_free(c);
    return ok;
}
