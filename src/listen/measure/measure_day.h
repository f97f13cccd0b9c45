/* measure_day.h - the mentions of one query on one day, summed by day, hour and minute.
 *
 * Sums are made from the archive, and a memory keeps those made last: when posts only came since
 * (archive_dirty.rewritten), the new ones are added and nothing else is read, so that a sum costs
 * what changed and not the length of the day. When something that was there changed, or the memory
 * has the day no longer, the day is read once. Both ways give the same sums.
 *
 * What the memory holds is what the archive held at the mark of the last list (archive_taken). It
 * is the caller's to forget it all when something else published meanwhile, a publication failed,
 * or what sources can tell changed.
 *
 * Memory: days, and the hours and minutes inside them, that no list named for a while are given
 * back; beyond MEASURE_DAYS_BYTES_MAX the days looked at longest ago. Threads: one owner.
 */
#ifndef LISTEN_MEASURE_DAY_H
#define LISTEN_MEASURE_DAY_H

#include "listen/measure/author_sketch.h"
#include "listen/measure/measure.h"

#define MEASURE_DAYS_BYTES_MAX ((size_t)128 << 20) /* of one memory */
#define MEASURE_DIMENSION_MAX  256 /* sources, languages, countries: further ones are left out */
#define MEASURE_NAME_BYTES     64  /* of a source: longer ones are cut */

/* What mentions of a day are counted by. Countries are those that posts state. */
enum day_dimension_kind { DAY_SOURCE, DAY_LANG, DAY_COUNTRY, DAY_DIMENSION_COUNT };

/* "source", "lang", "country": part of the keys of signals. */
const char *day_dimension_name(enum day_dimension_kind kind);

/* Mentions of one source, language or country on the day. */
struct day_dimension {
    char name[MEASURE_NAME_BYTES];
    int64_t mentions;
};

/* What a minute comes to, without the share of time that was heard. */
struct day_minute {
    struct measured_value values[MEASURE_COUNT];
    bool is_changed; /* since the owner cleared it */
};
struct day_minutes {
    struct day_minute at[60];
    /* The owner's: what of it was published. */
    double share;     /* of the hour that was heard; below 0: nothing was published */
    uint64_t wording; /* of the definition it was published under */
    int published_to; /* minutes */
};

struct measure_day {
    int64_t query, day; /* days since 1970 */
    /* Authors are counted by `authors`; the sums know those with followers alone. */
    struct measure_sum sum, hours[24];
    struct author_day authors;
    struct {
        VEC(struct day_dimension); /* at most MEASURE_DIMENSION_MAX of a kind */
    } dimensions[DAY_DIMENSION_COUNT];
    int64_t with_country;            /* mentions whose post states a country */
    struct day_minutes *minutes[24]; /* NULL: not asked for */
};

struct measure_days;

bool measure_days_create(struct measure_days **out, struct err *err) MUST_CHECK;
void measure_days_destroy(struct measure_days **days); /* NULL-safe */
/* All of it. */
void measure_days_forget(struct measure_days *days);
/* A publication begins: forgets all when the sources' facets are not those of the last one. */
void measure_days_begin(struct measure_days *days, const struct archive *a);
/* It ended: gives back what was not needed for a while. */
void measure_days_end(struct measure_days *days);

struct day_wish {
    int64_t query, day;
    uint32_t hours;                  /* bits: those to be published; their sums will be asked for */
    uint32_t with_minutes;           /* bits, of `hours` */
    int64_t rewritten;               /* latest of its hours */
    const struct archive_mark *mark; /* NULL: sums are made anew and not kept */
};
/* The day as of the mark; lives until the next call. After a failure the caller forgets all. */
bool measure_day_get(struct measure_days *days, struct archive *a, const struct day_wish *wish,
                     struct measure_day **out, struct err *err) MUST_CHECK;

#endif
