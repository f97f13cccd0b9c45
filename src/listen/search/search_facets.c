/* Facets of a search, counted in the columns of the runs. */
#include <stdio.h>
#include <stdlib.h>

#include "format/time.h"
#include "listen/search/search_priv.h"

#define FACET_VALUES_MAX 1000 /* of one facet: the most frequent are given */
#define DAYS_MAX         4000 /* of one search: then there are only months */
#define RUN_AUTHORS_MAX  100  /* most frequent authors of a run that count, where it has many */
#define FEW_HITS_RATIO   100  /* values of a column for each hit of a run: then all authors count */
#define COUNT_UNIT       1024 /* counts are kept in parts of a post: sampled ones stand for more */

enum {
    AUTHORS_SHOWN = 20,
    QUERY_IDS_SMALL = 10000, /* smaller ids are counted in an array */
    FILTER_BITS = 1 << 16
};

struct facet_counts {
    struct map values; /* value -> count in COUNT_UNITs */
    bool is_partial;
};

/* Members of one set of a run. */
struct hits {
    const uint32_t *docs;
    uint32_t count;
    uint64_t units; /* each counts so much */
};

/* A value of a column that occurs, and the first document found that has it. */
struct touched {
    uint32_t code, doc;
};

/* An author of a run whose list left him out. */
struct unlisted {
    uint64_t hash, units;
};

struct counting {
    struct search *s;
    struct facet_counts facets[SEARCH_FACET_COUNT];
    uint64_t *counts;        /* by code; 0 between two columns */
    struct touched *touched; /* codes whose count is not 0 */
    uint32_t code_max, touched_count;
    struct hits sets[2];                    /* of the run at hand: sure, sampled */
    uint64_t query_counts[QUERY_IDS_SMALL]; /* by id */
    uint64_t unseen_max; /* units that an author who was in no run's list may have */
    struct map authors;  /* hash -> index into places */
    struct {
        VEC(struct found);
    } places; /* one post of each author */
    struct {
        VEC(struct unlisted);
    } unlisted;
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

/* Room for the codes of every column of every run. */
static bool counts_init(struct counting *c)
{
    vec_each (struct found_run, found, &c->s->runs)
        for (size_t i = 0; i < RUN_COLUMN_COUNT; i++)
            if (found->run->columns[i].count > c->code_max)
                c->code_max = found->run->columns[i].count;
    c->counts = mem_try_alloc((size_t)c->code_max + 1, sizeof *c->counts);
    c->touched = mem_try_alloc((size_t)c->code_max + 1, sizeof *c->touched);
    return (c->counts && c->touched) || no_memory(c->s);
}

/* What was found in a run as lists, since every column walks it. */
static bool hits_init(struct counting *c, const struct found_run *found)
{
    const struct docset *sets[] = {found->sure, found->sampled};
    const uint64_t units[] = {COUNT_UNIT, (uint64_t)(c->s->sample_weight * COUNT_UNIT)};

    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        c->sets[i] = (struct hits){.units = units[i]};
        if (!sets[i])
            continue;
        c->sets[i].count = sets[i]->count;
        if (!(c->sets[i].docs = docset_members(sets[i], &c->s->scratch)))
            return err_arena(c->s->err, &c->s->scratch);
    }
    return true;
}

/* Counts by code of what was found in a run, and which codes those are: what follows walks the
 * values that occur, not all that the column has. `touched` is written for every document and stays
 * for the first of a code. */
static void tally_hits(struct counting *c, const struct run_values *column, const struct hits *hits)
{
    const uint32_t *docs = hits->docs;
    uint64_t *counts = c->counts, units = hits->units;
    struct touched *touched = c->touched;
    uint32_t n = c->touched_count;

#define TALLY(CODE)                                                                                \
    for (uint32_t i = 0; i < hits->count; i++) {                                                   \
        uint32_t code = (CODE);                                                                    \
        uint64_t before = counts[code];                                                            \
        touched[n] = (struct touched){code, docs[i]};                                              \
        n += before == 0 ? 1 : 0;                                                                  \
        counts[code] = before + units;                                                             \
    }
    if (column->width == 1)
        TALLY(column->codes[docs[i]])
    else
        TALLY(run_code(column, docs[i]))
#undef TALLY
    c->touched_count = n;
}

static void tally(struct counting *c, const struct run_values *column)
{
    for (size_t i = 0; i < COUNT_OF(c->sets); i++) {
        const struct hits *hits = &c->sets[i];
        if (hits->count == 0)
            continue;
        if (column->count == 1)
            tally_hits(c, column, &(struct hits){hits->docs, 1, hits->units * hits->count});
        else
            tally_hits(c, column, hits);
    }
}

static void tally_clear(struct counting *c)
{
    for (uint32_t i = 0; i < c->touched_count; i++)
        c->counts[c->touched[i].code] = 0;
    c->touched_count = 0;
}

static bool count_column(struct counting *c, const struct found_run *found, enum run_column column,
                         enum search_facet_kind kind)
{
    const struct run_values *values = &found->run->columns[column];
    bool ok = true;

    tally(c, values);
    for (uint32_t i = 0; ok && i < c->touched_count; i++) {
        Str value = run_value(values, c->touched[i].code);
        ok = value.len == 0 || add(c, kind, value, c->counts[c->touched[i].code]);
    }
    tally_clear(c);
    return ok;
}

/* Each value is a list of ids. */
static bool add_ids(struct counting *c, Str ids, uint64_t units)
{
    Str id;
    int64_t number;

    while (ids.len > 0) {
        str_cut(ids, ',', &id, &ids);
        if (id.len < 5 && str_to_i64(id, &number) && number >= 0 && number < QUERY_IDS_SMALL)
            c->query_counts[number] += units;
        else if (!add(c, SEARCH_BY_QUERY, id, units))
            return false;
    }
    return true;
}

static bool count_queries(struct counting *c, const struct found_run *found)
{
    const struct run_values *values = &found->run->columns[RUN_QUERIES];
    bool ok = true;

    tally(c, values);
    for (uint32_t i = 0; ok && i < c->touched_count; i++)
        ok = add_ids(c, run_value(values, c->touched[i].code), c->counts[c->touched[i].code]);
    tally_clear(c);
    return ok;
}

static bool small_queries(struct counting *c)
{
    char text[24];

    for (int id = 0; id < QUERY_IDS_SMALL; id++) {
        if (c->query_counts[id] == 0)
            continue;
        int len = snprintf(text, sizeof text, "%d", id);
        if (!add(c, SEARCH_BY_QUERY, (Str){text, (size_t)len}, c->query_counts[id]))
            return false;
    }
    return true;
}

/* ---- authors --------------------------------------------------------------------------------- */

/* Posts without an author count for none: one code at most, as values differ; the others are 8
 * bytes each. */
static void clear_nobody(struct counting *c, const struct run_values *values)
{
    uint32_t low = 0, high = values->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (values->starts[middle + 1] < 8 * (middle + 1))
            high = middle;
        else
            low = middle + 1;
    }
    for (uint32_t i = 0; low < values->count && i < c->touched_count; i++)
        if (c->touched[i].code == low) {
            c->counts[low] = 0;
            c->touched[i] = c->touched[--c->touched_count];
            return;
        }
}

/* The least number of posts that at most RUN_AUTHORS_MAX authors reach, found by counting authors
 * by their posts. */
static uint64_t author_floor(const struct counting *c, bool *is_cut)
{
    enum { CLASSES = 1024 };
    uint32_t authors[CLASSES] = {0};
    uint64_t sum = 0;

    for (uint32_t i = 0; i < c->touched_count; i++) {
        uint64_t posts = c->counts[c->touched[i].code] / COUNT_UNIT;
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
static bool list_author(struct counting *c, const struct found_run *found,
                        const struct touched *touched, Str hash)
{
    struct found post = {0, found->month, found->run->ids[touched->doc]};
    bool is_new;

    if (!add(c, SEARCH_BY_AUTHOR, hash, c->counts[touched->code]))
        return false;
    uint64_t *place = map_at(&c->authors, hash, &is_new);
    if (!place || (is_new && !vec_try_push(&c->places, post)))
        return no_memory(c->s);
    if (is_new)
        *place = c->places.count - 1;
    return true;
}

static bool count_authors(struct counting *c, const struct found_run *found)
{
    const struct run_values *values = &found->run->columns[RUN_AUTHOR];
    bool is_cut = false, ok = true;

    tally(c, values);
    clear_nobody(c, values);
    bool is_few = (uint64_t)c->touched_count * FEW_HITS_RATIO < values->count;
    uint64_t least = is_few ? 1 : author_floor(c, &is_cut);
    if (is_cut)
        c->unseen_max += least - 1;
    for (uint32_t i = 0; ok && i < c->touched_count; i++) {
        const struct touched *touched = &c->touched[i];
        struct unlisted author = {.units = c->counts[touched->code]};
        Str hash = run_value(values, touched->code);
        if (author.units >= least) {
            ok = list_author(c, found, touched, hash);
            continue;
        }
        memcpy(&author.hash, hash.ptr, sizeof author.hash);
        ok = vec_try_push(&c->unlisted, author) || no_memory(c->s);
    }
    tally_clear(c);
    return ok;
}

/* The number that at least AUTHORS_SHOWN of the counts so far reach. */
static uint64_t shown_floor(const struct map *counts)
{
    uint64_t most[AUTHORS_SHOWN] = {0}; /* descending */

    for (size_t i = 0; i < counts->count; i++) {
        uint64_t count = counts->entries[i].value;
        if (count <= most[AUTHORS_SHOWN - 1])
            continue;
        size_t at = AUTHORS_SHOWN - 1;
        for (; at > 0 && most[at - 1] < count; at--)
            most[at] = most[at - 1];
        most[at] = count;
    }
    return most[AUTHORS_SHOWN - 1];
}

static uint32_t filter_bit(uint64_t hash)
{
    return (uint32_t)(hash * UINT64_C(0x9E3779B97F4A7C15) >> 48) % FILTER_BITS;
}

/* Who is in the list of one run is counted in those of which the list left him out, if he can be
 * among those who are shown. */
static void complete_authors(struct counting *c)
{
    const struct map *listed = &c->facets[SEARCH_BY_AUTHOR].values;
    uint64_t filter[FILTER_BITS / 64] = {0}, least = shown_floor(listed);

    for (size_t i = 0; i < listed->count; i++) {
        uint64_t hash;
        if (listed->entries[i].value + c->unseen_max < least)
            continue;
        memcpy(&hash, listed->entries[i].key.ptr, sizeof hash);
        bits_set(filter, filter_bit(hash));
    }
    vec_each (struct unlisted, author, &c->unlisted) {
        if (!bits_have(filter, filter_bit(author->hash)))
            continue;
        uint64_t *count = map_get(listed, (Str){(const char *)&author->hash, sizeof author->hash});
        if (count)
            *count += author->units;
    }
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

/* Those that reach `least` units. */
static bool give(struct counting *c, enum search_facet_kind kind, uint64_t least)
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
        struct search_facet *item = &out->items[out->count];
        if (values->entries[i].value < least)
            continue;
        item->count = (int64_t)((values->entries[i].value + COUNT_UNIT / 2) / COUNT_UNIT);
        if (!arena_try_str(s->arena, values->entries[i].key, &item->value))
            return err_arena(s->err, s->arena);
        out->count++;
    }
    if (out->count > 1)
        qsort(out->items, out->count, sizeof *out->items, is_time ? value_cmp : facet_cmp);
    out->is_partial = c->facets[kind].is_partial || out->count > max;
    out->count = out->count < max ? out->count : max;
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

static bool give_authors(struct counting *c)
{
    struct search_facets *authors = &c->s->out->facets[SEARCH_BY_AUTHOR];
    size_t kept = 0;
    bool is_known;

    if (!give(c, SEARCH_BY_AUTHOR, shown_floor(&c->facets[SEARCH_BY_AUTHOR].values)))
        return false;
    if (authors->count > AUTHORS_SHOWN)
        authors->count = AUTHORS_SHOWN;
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
    return hits_init(c, found) && count_column(c, found, RUN_SOURCE, SEARCH_BY_SOURCE) &&
           count_column(c, found, RUN_LANG, SEARCH_BY_LANG) &&
           count_column(c, found, RUN_MOOD, SEARCH_BY_MOOD) &&
           count_column(c, found, RUN_KIND, SEARCH_BY_KIND) &&
           count_column(c, found, RUN_COUNTRY, SEARCH_BY_COUNTRY) && count_queries(c, found) &&
           count_authors(c, found) && count_days(c, found);
}

static void counting_deinit(struct counting *c)
{
    for (size_t i = 0; i < SEARCH_FACET_COUNT; i++)
        map_deinit(&c->facets[i].values);
    map_deinit(&c->authors);
    vec_deinit(&c->places);
    vec_deinit(&c->unlisted);
    mem_free(c->counts);
    mem_free(c->touched);
    mem_free(c);
}

bool search_facets(struct search *s)
{
    struct counting *c = mem_try_alloc(1, sizeof *c);

    if (!c)
        return no_memory(s);
    c->s = s;
    map_init(&c->authors, MAP_COPY_KEYS, 1);
    for (size_t i = 0; i < SEARCH_FACET_COUNT; i++)
        map_init(&c->facets[i].values, MAP_COPY_KEYS, 1);
    bool ok = counts_init(c);
    vec_each (struct found_run, found, &s->runs)
        ok = ok && count_run(c, found);
    if (ok && c->unseen_max > 0)
        complete_authors(c);
    ok = ok && months_of_days(c) && small_queries(c);
    for (size_t i = 0; i < SEARCH_FACET_COUNT; i++)
        if (i != SEARCH_BY_AUTHOR)
            ok = ok && give(c, (enum search_facet_kind)i, 1);
    ok = ok && give_authors(c);
    counting_deinit(c);
    return ok;
}
