#include "listen/measure/measure_day.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"

#define KEPT_PUBLICATIONS 4 /* hours and minutes not touched in so many are given back */
#define MINUTE_MS         INT64_C(60000)

/* A minute that posts still come to. */
struct open_minute {
    int hour, minute; /* of the day, of the hour */
    uint64_t used_at;
    struct measure_sum sum;
};

struct kept_day {
    struct measure_day view;
    int64_t posts_to, rewrites; /* the mark it is as of */
    uint64_t used_at;           /* publication that asked for it last */
    uint64_t hours_used_at[24];
    uint32_t lost_hours; /* bits: sketch and followers of the hour were given back */
    struct {
        VEC(struct open_minute);
    } open;
};

struct measure_days {
    struct {
        VEC(struct kept_day *); /* by query and day */
    } kept;
    uint64_t publication;
    uint64_t facets; /* hash of what every source can tell */
    struct archive *a;
    struct kept_day *passing; /* the last one that is not kept */
    /* The walk at hand. */
    struct kept_day *at;
    int hour; /* of the walk through an hour */
    bool is_hour_made, are_minutes_made;
    int64_t known_to; /* posts below are in the sums */
    struct err *err;
    bool ok;
};

/* ---- memory ---------------------------------------------------------------------------------- */

static void day_destroy(struct kept_day *d)
{
    if (!d)
        return;
    measure_sum_deinit(&d->view.sum);
    for (int i = 0; i < 24; i++) {
        measure_sum_deinit(&d->view.hours[i]);
        mem_free(d->view.minutes[i]);
    }
    author_day_deinit(&d->view.authors);
    for (int i = 0; i < DAY_DIMENSION_COUNT; i++)
        vec_deinit(&d->view.dimensions[i]);
    vec_each (struct open_minute, m, &d->open)
        measure_sum_deinit(&m->sum);
    vec_deinit(&d->open);
    mem_free(d);
}

bool measure_days_create(struct measure_days **out, struct err *err)
{
    *out = mem_try_alloc(1, sizeof **out);
    return *out || err_set(err, ERR_NO_MEMORY, "no memory for the sums of a day");
}

void measure_days_forget(struct measure_days *days)
{
    vec_each (struct kept_day *, d, &days->kept)
        day_destroy(*d);
    vec_deinit(&days->kept);
    day_destroy(days->passing);
    days->passing = NULL;
}

void measure_days_destroy(struct measure_days **days)
{
    if (*days)
        measure_days_forget(*days);
    mem_free(*days);
    *days = NULL;
}

void measure_days_begin(struct measure_days *days, const struct archive *a)
{
    const struct archive_source *sources;
    size_t count = archive_sources(a, &sources);
    uint64_t facets = 0;

    /* Names, not places in the list: that is another one with each opening of the archive. */
    for (size_t i = 0; i < count; i++)
        facets += hash_bytes(sources[i].name, sources[i].facets);
    if (facets != days->facets)
        measure_days_forget(days);
    days->facets = facets;
    days->publication++;
}

static size_t cardinality_bytes(const struct cardinality *c)
{
    return c->capacity * sizeof *c->hashes + (c->registers ? CARDINALITY_REGISTERS : 0);
}

static size_t sum_bytes(const struct measure_sum *sum)
{
    return sum->slot_count * sizeof *sum->slots;
}

static size_t day_bytes(const struct kept_day *d)
{
    size_t bytes = sizeof *d + sum_bytes(&d->view.sum) + cardinality_bytes(&d->view.authors.day) +
                   d->open.capacity * sizeof *d->open.items;

    for (int i = 0; i < DAY_DIMENSION_COUNT; i++)
        bytes += d->view.dimensions[i].capacity * sizeof *d->view.dimensions[i].items;
    for (int i = 0; i < 24; i++)
        bytes += sum_bytes(&d->view.hours[i]) + cardinality_bytes(&d->view.authors.hours[i]) +
                 (d->view.minutes[i] ? sizeof *d->view.minutes[i] : 0);
    vec_each (const struct open_minute, m, &d->open)
        bytes += sum_bytes(&m->sum);
    return bytes;
}

/* The counts of an hour stay, which are small; who wrote in it is read again when it changes. */
static void hour_lose(struct kept_day *d, int hour)
{
    cardinality_deinit(&d->view.authors.hours[hour]);
    mem_free(d->view.hours[hour].slots);
    d->view.hours[hour].slots = NULL;
    d->view.hours[hour].slot_count = d->view.hours[hour].author_count = 0;
    mem_free(d->view.minutes[hour]);
    d->view.minutes[hour] = NULL;
    d->lost_hours |= UINT32_C(1) << hour;
}

static void day_trim(struct kept_day *d, uint64_t publication)
{
    size_t kept = 0;

    for (int i = 0; i < 24; i++)
        if (!(d->lost_hours >> i & 1) && d->hours_used_at[i] + KEPT_PUBLICATIONS < publication)
            hour_lose(d, i);
    for (size_t i = 0; i < d->open.count; i++) {
        if (d->open.items[i].used_at + KEPT_PUBLICATIONS < publication)
            measure_sum_deinit(&d->open.items[i].sum);
        else
            d->open.items[kept++] = d->open.items[i];
    }
    d->open.count = kept;
}

/* Drops the days that were asked for last at `before` or earlier. */
static void days_drop(struct measure_days *days, uint64_t before)
{
    size_t kept = 0;

    for (size_t i = 0; i < days->kept.count; i++)
        if (days->kept.items[i]->used_at <= before)
            day_destroy(days->kept.items[i]);
        else
            days->kept.items[kept++] = days->kept.items[i];
    days->kept.count = kept;
}

void measure_days_end(struct measure_days *days)
{
    size_t bytes = MEASURE_DAYS_BYTES_MAX + 1;

    day_destroy(days->passing);
    days->passing = NULL;
    vec_each (struct kept_day *, d, &days->kept)
        day_trim(*d, days->publication);
    /* From those asked for longest ago on, until the rest finds room. */
    while (bytes > MEASURE_DAYS_BYTES_MAX) {
        uint64_t oldest = days->publication;
        bytes = 0;
        vec_each (struct kept_day *, d, &days->kept) {
            bytes += day_bytes(*d);
            oldest = (*d)->used_at < oldest ? (*d)->used_at : oldest;
        }
        if (bytes > MEASURE_DAYS_BYTES_MAX)
            days_drop(days, oldest);
    }
}

/* ---- adding ---------------------------------------------------------------------------------- */

/* What a signal's key may hold; other bytes become '-'. */
static void key_part(char *out, size_t size, Str name)
{
    size_t len = name.len < size - 1 ? name.len : size - 1;

    for (size_t i = 0; i < len; i++) {
        char c = name.ptr[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
        out[i] = is_plain ? c : '-';
    }
    out[len] = '\0';
}

const char *day_dimension_name(enum day_dimension_kind kind)
{
    static const char *const names[DAY_DIMENSION_COUNT] = {
        [DAY_SOURCE] = "source", [DAY_LANG] = "lang", [DAY_COUNTRY] = "country"};

    ASSERT(kind < DAY_DIMENSION_COUNT);
    return names[kind];
}

static bool dimension_count(struct measure_days *days, enum day_dimension_kind kind, Str name)
{
    struct measure_day *day = &days->at->view;
    struct day_dimension fresh = {.mentions = 1};

    key_part(fresh.name, sizeof fresh.name, name);
    vec_each (struct day_dimension, d, &day->dimensions[kind])
        if (strcmp(d->name, fresh.name) == 0) {
            d->mentions++;
            return true;
        }
    if (day->dimensions[kind].count >= MEASURE_DIMENSION_MAX)
        return true;
    return vec_try_push(&day->dimensions[kind], fresh) ||
           err_set(days->err, ERR_NO_MEMORY, "no memory for the sums of a day");
}

/* A post that states no country is counted for none. */
static bool country_count(struct measure_days *days, const struct mention_fact *fact)
{
    if (fact->country[0] == '\0')
        return true;
    days->at->view.with_country++;
    return dimension_count(days, DAY_COUNTRY, str_from_cstr(fact->country));
}

/* Into an hour or a day, where only reach has to know authors. */
static bool sum_add(struct measure_sum *sum, const struct mention_fact *fact, uint32_t facets,
                    struct err *err)
{
    struct mention_fact heard = *fact;

    if (heard.followers <= 0)
        heard.author = 0;
    return measure_sum_add(sum, &heard, facets, err);
}

static const struct archive_source *source_of(const struct measure_days *days,
                                              const struct mention_fact *fact)
{
    const struct archive_source *sources;

    archive_sources(days->a, &sources);
    return &sources[fact->source];
}

static bool day_add(struct measure_days *days, const struct mention_fact *fact)
{
    const struct archive_source *source = source_of(days, fact);
    struct measure_day *d = &days->at->view;
    int hour = (int)(fact->hour - d->day * 24);

    ASSERT(hour >= 0 && hour < 24);
    return sum_add(&d->hours[hour], fact, source->facets, days->err) &&
           sum_add(&d->sum, fact, source->facets, days->err) &&
           author_day_add(&d->authors, hour, fact->author, days->err) &&
           dimension_count(days, DAY_SOURCE, source->name) &&
           dimension_count(days, DAY_LANG, str_from_cstr(fact->lang)) && country_count(days, fact);
}

static struct open_minute *minute_find(struct kept_day *d, int hour, int minute)
{
    vec_each (struct open_minute, m, &d->open)
        if (m->hour == hour && m->minute == minute)
            return m;
    return NULL;
}

static bool minute_add(struct measure_days *days, const struct mention_fact *fact)
{
    int minute = (int)(fact->created_at_ms / MINUTE_MS % 60);
    struct open_minute *m = minute_find(days->at, days->hour, minute);

    if (!m) {
        if (!vec_try_push(&days->at->open, (struct open_minute){days->hour, minute, 0, {0}}))
            return err_set(days->err, ERR_NO_MEMORY, "no memory for the sums of a minute");
        m = &days->at->open.items[days->at->open.count - 1];
    }
    m->used_at = days->publication;
    days->at->view.minutes[days->hour]->at[minute].is_changed = true;
    return measure_sum_add(&m->sum, fact, source_of(days, fact)->facets, days->err);
}

/* ---- walks ----------------------------------------------------------------------------------- */

static bool day_visit(void *context, const struct mention_fact *fact)
{
    struct measure_days *days = context;

    days->ok = day_add(days, fact);
    return days->ok;
}

static bool hour_visit(void *context, const struct mention_fact *fact)
{
    struct measure_days *days = context;
    struct measure_day *d = &days->at->view;
    bool is_new = fact->post >= days->known_to;

    days->ok = true;
    if (is_new)
        days->ok = day_add(days, fact);
    else if (days->is_hour_made)
        days->ok = sum_add(&d->hours[days->hour], fact, source_of(days, fact)->facets, days->err) &&
                   author_day_add_again(&d->authors, days->hour, fact->author, days->err);
    if (days->ok && d->minutes[days->hour] && (is_new || days->are_minutes_made))
        days->ok = minute_add(days, fact);
    return days->ok;
}

/* A new mention of a minute that is no longer open: its earlier ones are needed too. */
static bool is_closed_visit(void *context, const struct mention_fact *fact)
{
    struct measure_days *days = context;
    int minute = (int)(fact->created_at_ms / MINUTE_MS % 60);
    const struct day_minute *m = &days->at->view.minutes[days->hour]->at[minute];

    days->are_minutes_made =
        m->values[MEASURE_MENTIONS].n > 0 && !minute_find(days->at, days->hour, minute);
    return !days->are_minutes_made;
}

static void minutes_drop(struct kept_day *d, int hour)
{
    size_t kept = 0;

    for (size_t i = 0; i < d->open.count; i++)
        if (d->open.items[i].hour == hour)
            measure_sum_deinit(&d->open.items[i].sum);
        else
            d->open.items[kept++] = d->open.items[i];
    d->open.count = kept;
}

/* Those that changed, from their sums; a minute nobody wrote in comes to nothing. */
static void minutes_measure(struct measure_days *days, uint32_t facets)
{
    struct day_minutes *minutes = days->at->view.minutes[days->hour];

    vec_each (const struct open_minute, m, &days->at->open) {
        struct day_minute *at = &minutes->at[m->minute];
        if (m->hour != days->hour || !at->is_changed)
            continue;
        for (int i = 0; i < MEASURE_COUNT; i++)
            at->values[i] = measure_of(&m->sum, (enum measure)i, facets);
    }
}

static bool minutes_begin(struct measure_days *days, struct day_minutes **minutes)
{
    const struct measure_sum none = {0};
    uint32_t facets = measure_facets(days->a);

    if (!*minutes)
        *minutes = mem_try_alloc(1, sizeof **minutes);
    if (!*minutes)
        return err_set(days->err, ERR_NO_MEMORY, "no memory for the sums of a minute");
    **minutes = (struct day_minutes){.share = -1};
    for (int i = 0; i < 60; i++) {
        (*minutes)->at[i].is_changed = true;
        for (int m = 0; m < MEASURE_COUNT; m++)
            (*minutes)->at[i].values[m] = measure_of(&none, (enum measure)m, facets);
    }
    minutes_drop(days->at, days->hour);
    return true;
}

/* Is a minute concerned that can only be made again with all of its hour? */
static bool minutes_are_closed(struct measure_days *days, const struct day_wish *wish,
                               int64_t posts_to, bool *are)
{
    days->are_minutes_made = false;
    bool ok = archive_hour_mentions(days->a, wish->query, wish->day * 24 + days->hour,
                                    days->known_to, posts_to, is_closed_visit, days, days->err);
    *are = days->are_minutes_made;
    return ok;
}

/* The hour up to the mark: what came since `known_to`, or more where it is not kept. */
static bool hour_follow(struct measure_days *days, const struct day_wish *wish, int hour)
{
    struct kept_day *d = days->at;
    struct day_minutes **minutes = &d->view.minutes[hour];
    int64_t posts_to = wish->mark ? wish->mark->posts_to : INT64_MAX;
    uint32_t bit = UINT32_C(1) << hour;
    bool are_made = (wish->with_minutes & bit) && !*minutes;

    days->hour = hour;
    days->is_hour_made = (d->lost_hours & bit) != 0;
    if (*minutes && days->known_to < posts_to &&
        !minutes_are_closed(days, wish, posts_to, &are_made))
        return false;
    days->are_minutes_made = are_made;
    if (days->is_hour_made)
        measure_sum_reset(&d->view.hours[hour]);
    if (are_made && !minutes_begin(days, minutes))
        return false;
    int64_t from = days->is_hour_made || are_made ? 0 : days->known_to;
    d->lost_hours &= ~bit;
    d->hours_used_at[hour] = days->publication;
    days->ok = true;
    if (from < posts_to && (!archive_hour_mentions(days->a, wish->query, wish->day * 24 + hour,
                                                   from, posts_to, hour_visit, days, days->err) ||
                            !days->ok))
        return false;
    if (*minutes)
        minutes_measure(days, measure_facets(days->a));
    return true;
}

static bool hours_follow(struct measure_days *days, const struct day_wish *wish)
{
    for (int i = 0; i < 24; i++)
        if ((wish->hours >> i & 1) && !hour_follow(days, wish, i))
            return false;
    return true;
}

/* ---- days ------------------------------------------------------------------------------------ */

/* Where it is, or would be. */
static size_t day_place(const struct measure_days *days, int64_t query, int64_t day)
{
    size_t from = 0, to = days->kept.count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const struct measure_day *d = &days->kept.items[middle]->view;
        if (d->query < query || (d->query == query && d->day < day))
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static bool day_keep(struct measure_days *days, size_t at, struct kept_day *d)
{
    if (!vec_try_push(&days->kept, d)) {
        day_destroy(d);
        return err_set(days->err, ERR_NO_MEMORY, "no memory for the sums of a day");
    }
    memmove(&days->kept.items[at + 1], &days->kept.items[at],
            (days->kept.count - 1 - at) * sizeof(struct kept_day *));
    days->kept.items[at] = d;
    return true;
}

/* A day from all its mentions; `at` its place, where it is kept. */
static bool day_make(struct measure_days *days, const struct day_wish *wish, size_t at)
{
    struct kept_day *d = mem_try_alloc(1, sizeof *d);

    if (!d)
        return err_set(days->err, ERR_NO_MEMORY, "no memory for the sums of a day");
    d->view.query = wish->query;
    d->view.day = wish->day;
    for (int i = 0; i < 24; i++)
        d->hours_used_at[i] = days->publication;
    if (wish->mark && !day_keep(days, at, d))
        return false;
    if (!wish->mark)
        days->passing = d;
    days->at = d;
    days->ok = true;
    return archive_mentions_until(days->a, wish->query, wish->day * 24, wish->day * 24 + 24,
                                  wish->mark ? wish->mark->posts_to : INT64_MAX, day_visit, days,
                                  days->err) &&
           days->ok;
}

bool measure_day_get(struct measure_days *days, struct archive *a, const struct day_wish *wish,
                     struct measure_day **out, struct err *err)
{
    size_t at = day_place(days, wish->query, wish->day);
    struct kept_day *known = at < days->kept.count ? days->kept.items[at] : NULL;

    days->a = a;
    days->err = err;
    day_destroy(days->passing);
    days->passing = NULL;
    if (known && (known->view.query != wish->query || known->view.day != wish->day))
        known = NULL;
    if (known && wish->mark && wish->rewritten <= known->rewrites) {
        days->at = known;
        days->known_to = known->posts_to;
    } else {
        if (known) {
            day_destroy(known);
            days->kept.count--;
            memmove(&days->kept.items[at], &days->kept.items[at + 1],
                    (days->kept.count - at) * sizeof(struct kept_day *));
        }
        if (!day_make(days, wish, at))
            return false;
        days->known_to = INT64_MAX;
    }
    if (!hours_follow(days, wish))
        return false;
    days->at->used_at = days->publication;
    if (wish->mark) {
        days->at->posts_to = wish->mark->posts_to;
        days->at->rewrites = wish->mark->rewrites;
    }
    *out = &days->at->view;
    return true;
}
