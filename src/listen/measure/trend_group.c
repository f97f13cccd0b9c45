#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "listen/measure/trend_priv.h"
#include "text/common_words.h"

enum {
    POSTS = TREND_SLOTS * TREND_KEPT,
    BITSET_WORDS = (POSTS + 63) / 64,
    ACTIVE_TERMS = 2 * TREND_TERMS_SHOWN,
    LOOKUP_SLOTS = 4 * (TREND_RISING_MAX + TREND_ACTIVE_MAX * ACTIVE_TERMS) / 2,
    ACTIVE_SLOTS = 3 * 6 * 24, /* three days without a rise: another trend */
};
#define OVERLAP_MIN  0.5 /* of a term's posts, to belong to a trend */
#define SAME_POSTS   0.8 /* of a word's posts in those of its phrase: only the phrase is shown */
#define FURTHER_RISE 1.5 /* of the score told last, to be told again */

struct bitset {
    uint64_t words[BITSET_WORDS];
};

/* Terms whose posts are wanted: hash -> the sets to mark, a list by number. */
struct wanted {
    uint64_t hash; /* 0: free */
    uint32_t set;  /* < TREND_RISING_MAX: rising term; behind: active trend */
};

struct trend_groups {
    struct trend_kept kept[TREND_SLOTS];
    struct trend_active active[TREND_ACTIVE_MAX];
    size_t active_count;
    uint64_t next_number;
    struct wanted wanted[LOOKUP_SLOTS];
    struct bitset sets[TREND_RISING_MAX + TREND_ACTIVE_MAX];
    Str texts[TREND_RISING_MAX];                /* of rising terms; empty: none kept */
    struct common_count with[TREND_RISING_MAX]; /* kept posts that have the term */
    uint32_t group_of[TREND_RISING_MAX];        /* number of the group, + 1 */
    struct bitset unions[TREND_RISING_MAX];     /* posts of a group */
};

bool trend_groups_create(struct trend_groups **out, struct err *err)
{
    *out = mem_try_alloc(1, sizeof **out);
    return *out || err_set(err, ERR_NO_MEMORY, "no memory for trends");
}

void trend_groups_destroy(struct trend_groups **g)
{
    mem_free(*g);
    *g = NULL;
}

struct trend_kept *trend_groups_slot(struct trend_groups *g, uint32_t slot)
{
    return &g->kept[slot % TREND_SLOTS];
}

/* --- sets of posts --- */

static void set_or(struct bitset *into, const struct bitset *from)
{
    for (size_t i = 0; i < BITSET_WORDS; i++)
        into->words[i] |= from->words[i];
}

static size_t set_count(const struct bitset *set)
{
    size_t count = 0;

    for (size_t i = 0; i < BITSET_WORDS; i++)
        count += (size_t)__builtin_popcountll(set->words[i]);
    return count;
}

static size_t set_common(const struct bitset *a, const struct bitset *b)
{
    size_t count = 0;

    for (size_t i = 0; i < BITSET_WORDS; i++)
        count += (size_t)__builtin_popcountll(a->words[i] & b->words[i]);
    return count;
}

/* The part of a's posts that is in b. */
static double set_part(const struct bitset *a, const struct bitset *b)
{
    size_t count = set_count(a);

    return count == 0 ? 0 : (double)set_common(a, b) / (double)count;
}

/* --- which posts have which terms --- */

static void want(struct trend_groups *g, uint64_t hash, uint32_t set)
{
    size_t at = (hash >> 8) % LOOKUP_SLOTS;

    while (g->wanted[at].hash != 0)
        at = (at + 1) % LOOKUP_SLOTS;
    g->wanted[at] = (struct wanted){hash, set};
}

static size_t list_of(const struct trend_details *details)
{
    char lang[4];

    trend_details_lang(details, lang);
    return common_words_list(str_from_cstr(lang));
}

static void mark(struct trend_groups *g, const struct trend_kept *kept, size_t i, size_t number)
{
    const struct trend_post *post = &kept->posts[i];
    size_t list = SIZE_MAX; /* of its language; found out for the few that have such a term */

    for (size_t t = 0; t < post->term_count; t++) {
        const struct trend_term *term = &post->terms[t];
        size_t at = (term->hash >> 8) % LOOKUP_SLOTS;
        for (; g->wanted[at].hash != 0; at = (at + 1) % LOOKUP_SLOTS) {
            uint32_t set = g->wanted[at].set;
            if (g->wanted[at].hash != term->hash)
                continue;
            g->sets[set].words[number / 64] |= UINT64_C(1) << number % 64;
            if (set >= TREND_RISING_MAX)
                continue;
            if (list == SIZE_MAX)
                list = list_of(&kept->details[i]);
            common_count_add(&g->with[set], list);
            if (g->texts[set].len == 0)
                g->texts[set] = trend_post_text(post, term);
        }
    }
}

bool trend_kept_has(const struct trend_kept *kept, size_t i)
{
    return i < TREND_SAMPLE ? i < kept->count : i - TREND_SAMPLE < kept->witnesses;
}

static void collect(struct trend_groups *g, const struct trend_rising *rising, size_t count)
{
    memset(g->wanted, 0, sizeof g->wanted);
    memset(g->sets, 0, sizeof g->sets);
    memset(g->texts, 0, sizeof g->texts);
    memset(g->with, 0, sizeof g->with);
    for (size_t i = 0; i < count; i++)
        want(g, rising[i].hash, (uint32_t)i);
    for (size_t a = 0; a < g->active_count; a++)
        for (size_t t = 0; t < g->active[a].term_count; t++)
            want(g, g->active[a].terms[t], (uint32_t)(TREND_RISING_MAX + a));
    for (size_t slot = 0; slot < TREND_SLOTS; slot++)
        for (size_t i = 0; i < TREND_KEPT; i++)
            if (trend_kept_has(&g->kept[slot], i))
                mark(g, &g->kept[slot], i, slot * TREND_KEPT + i);
}

/* --- groups --- */

/* What every conversation has names nothing, nor does a phrase that begins or ends with it. */
static bool is_common(const struct trend_groups *g, size_t term)
{
    Str text = g->texts[term];
    const char *blank = memrchr(text.ptr, ' ', text.len);
    Str last = blank ? str_sub(text, (size_t)(blank - text.ptr) + 1, text.len) : text;
    Str first = str_sub(text, 0, str_find_byte(text, ' '));

    return common_count_is_common(&g->with[term], first, FOLD_STRIP_ACCENTS) ||
           common_count_is_common(&g->with[term], last, FOLD_STRIP_ACCENTS);
}

/* The strongest term founds a group; each further one joins the group that holds most of its
 * posts. Returns the number of groups. */
static size_t divide(struct trend_groups *g, size_t rising_count)
{
    size_t groups = 0;

    for (size_t i = 0; i < rising_count; i++) {
        double best = OVERLAP_MIN;
        g->group_of[i] = 0;
        if (g->texts[i].len == 0 || is_common(g, i))
            continue; /* in no kept post: there is nothing to show */
        for (size_t group = 0; group < groups; group++) {
            double part = set_part(&g->sets[i], &g->unions[group]);
            if (part > best || (part == best && g->group_of[i] == 0)) {
                best = part;
                g->group_of[i] = (uint32_t)group + 1;
            }
        }
        if (g->group_of[i] == 0) {
            memset(&g->unions[groups], 0, sizeof g->unions[groups]);
            g->group_of[i] = (uint32_t)++groups;
        }
        set_or(&g->unions[g->group_of[i] - 1], &g->sets[i]);
    }
    return groups;
}

static bool is_part_of(struct trend_groups *g, size_t part, size_t whole)
{
    return g->texts[part].len < g->texts[whole].len &&
           str_find(g->texts[whole], g->texts[part]) < g->texts[whole].len &&
           set_part(&g->sets[part], &g->sets[whole]) >= SAME_POSTS;
}

/* Terms to show, the strongest first; of a word and its phrase in the same posts, the phrase. */
static size_t choose_terms(struct trend_groups *g, size_t rising_count, size_t group,
                           size_t shown[TREND_TERMS_SHOWN])
{
    size_t count = 0;

    for (size_t i = 0; i < rising_count; i++) {
        bool is_covered = false;
        if (g->group_of[i] != group + 1)
            continue;
        for (size_t k = 0; k < count && !is_covered; k++) {
            is_covered = is_part_of(g, i, shown[k]);
            if (!is_covered && is_part_of(g, shown[k], i)) {
                shown[k] = i;
                is_covered = true;
            }
        }
        if (!is_covered && count < TREND_TERMS_SHOWN)
            shown[count++] = i;
    }
    return count;
}

/* --- trends told before --- */

static struct trend_active *find_active(struct trend_groups *g, size_t group, uint32_t slot)
{
    struct trend_active *best = NULL;
    double most = OVERLAP_MIN;

    for (size_t a = 0; a < g->active_count; a++) {
        double part = set_part(&g->unions[group], &g->sets[TREND_RISING_MAX + a]);
        if (slot - g->active[a].last_slot <= ACTIVE_SLOTS && part >= most) {
            most = part;
            best = &g->active[a];
        }
    }
    return best;
}

static struct trend_active *new_active(struct trend_groups *g)
{
    struct trend_active *oldest = &g->active[0];

    if (g->active_count < TREND_ACTIVE_MAX) {
        oldest = &g->active[g->active_count++];
    } else {
        for (size_t a = 1; a < g->active_count; a++)
            if (g->active[a].last_slot < oldest->last_slot)
                oldest = &g->active[a];
    }
    *oldest = (struct trend_active){.number = ++g->next_number};
    return oldest;
}

static void active_learn(struct trend_active *active, uint64_t hash)
{
    for (size_t i = 0; i < active->term_count; i++)
        if (active->terms[i] == hash)
            return;
    if (active->term_count < ACTIVE_TERMS)
        active->terms[active->term_count++] = hash;
}

static size_t strongest(const struct trend_groups *g, size_t rising_count, size_t group)
{
    size_t i = 0;

    while (i + 1 < rising_count && g->group_of[i] != group + 1)
        i++;
    return i;
}

/* False: told before, and not much stronger now. */
static bool is_news(struct trend_groups *g, size_t group, const struct trend_rising *rising,
                    size_t rising_count, uint32_t slot, struct trend *trend)
{
    struct trend_active *active = find_active(g, group, slot);

    trend->is_new = !active;
    if (!active)
        active = new_active(g);
    for (size_t i = 0; i < rising_count; i++)
        if (g->group_of[i] == group + 1)
            active_learn(active, rising[i].hash);
    active->last_slot = slot;
    if (trend->score < active->score * FURTHER_RISE)
        return false;
    active->score = trend->score;
    active->lead = rising[strongest(g, rising_count, group)].hash;
    trend->number = active->number;
    return true;
}

/* --- answers --- */

/* Copies that the story has had; 0 when another one took its place. */
static uint32_t copies_of(const struct trend_copies *copies, uint64_t story)
{
    const struct trend_copies *place = &copies[story % TREND_COPY_PLACES];

    return place->story == story + 1 ? (uint32_t)place->count : 0;
}

static bool list_post(struct arena *arena, const struct trend_kept *kept, size_t i, uint32_t copies,
                      Str *id, struct trend_example *example)
{
    *example = trend_details_example(&kept->details[i]);
    example->copies = copies;
    bool ok = arena_try_str(arena, (Str){kept->posts[i].bytes, kept->posts[i].id_len}, id) &&
              arena_try_str(arena, example->source, &example->source) &&
              arena_try_str(arena, example->author, &example->author) &&
              arena_try_str(arena, example->url, &example->url) &&
              arena_try_str(arena, example->text, &example->text);
    example->id = *id;
    return ok;
}

static void count_language(struct trend *trend, const char code[4])
{
    for (size_t i = 0; i < trend->language_count; i++)
        if (memcmp(trend->languages[i].code, code, 4) == 0) {
            trend->languages[i].posts++;
            return;
        }
    if (trend->language_count == TREND_LANGUAGES)
        return;
    struct trend_language *fresh = &trend->languages[trend->language_count++];
    memcpy(fresh->code, code, 4);
    fresh->posts = 1;
}

static void count_query(struct trend *trend, int64_t query)
{
    for (size_t i = 0; i < trend->query_count; i++)
        if (trend->queries[i].query == query) {
            trend->queries[i].posts++;
            return;
        }
    if (trend->query_count < TREND_QUERIES)
        trend->queries[trend->query_count++] = (struct trend_query){query, 1};
}

static int language_cmp(const void *left, const void *right)
{
    const struct trend_language *a = left, *b = right;

    if (a->posts != b->posts)
        return a->posts > b->posts ? -1 : 1;
    return memcmp(a->code, b->code, sizeof a->code);
}

static int query_cmp(const void *left, const void *right)
{
    const struct trend_query *a = left, *b = right;

    if (a->posts != b->posts)
        return a->posts > b->posts ? -1 : 1;
    return a->query < b->query ? -1 : a->query > b->query;
}

/* The posts of the group, the latest first: the first few are listed, all are counted. */
static bool list_posts(struct trend_groups *g, struct arena *arena, size_t group, uint32_t slot,
                       const struct trend_copies *copies, struct trend *trend)
{
    const struct bitset *set = &g->unions[group];
    Str *posts = arena_try_new(arena, Str, TREND_POSTS_SHOWN);
    struct trend_example *examples = arena_try_new(arena, struct trend_example, TREND_POSTS_SHOWN);
    char lang[4];

    for (size_t back = 0; posts && examples && back < TREND_SLOTS; back++) {
        size_t ring = (slot - back) % TREND_SLOTS;
        for (size_t i = TREND_KEPT; i-- > 0;) {
            size_t number = ring * TREND_KEPT + i;
            const struct trend_kept *kept = &g->kept[ring];
            if (!(set->words[number / 64] >> number % 64 & 1))
                continue;
            const struct trend_details *details = &kept->details[i];
            uint32_t had = copies_of(copies, details->story);
            trend->copies += had;
            trend_details_lang(details, lang);
            count_language(trend, lang);
            for (size_t q = 0; q < details->query_count; q++)
                count_query(trend, details->queries[q]);
            if (trend->post_count < TREND_POSTS_SHOWN &&
                !list_post(arena, kept, i, had, &posts[trend->post_count],
                           &examples[trend->post_count]))
                return false;
            trend->post_count += trend->post_count < TREND_POSTS_SHOWN;
        }
    }
    trend->posts = posts;
    trend->examples = examples;
    qsort(trend->languages, trend->language_count, sizeof *trend->languages, language_cmp);
    qsort(trend->queries, trend->query_count, sizeof *trend->queries, query_cmp);
    return posts && examples;
}

static bool list_terms(struct trend_groups *g, struct arena *arena, const size_t *shown,
                       struct trend *trend)
{
    Str *terms = arena_try_new(arena, Str, TREND_TERMS_SHOWN);

    for (size_t i = 0; terms && i < trend->term_count; i++)
        if (!arena_try_str(arena, g->texts[shown[i]], &terms[i]))
            return false;
    trend->terms = terms;
    return terms != NULL;
}

bool trend_groups_run(struct trend_groups *g, struct arena *arena, uint32_t slot,
                      const struct trend_rising *rising, size_t rising_count,
                      const struct trend_copies *copies, struct trend **trends, size_t *count,
                      struct err *err)
{
    size_t shown[TREND_TERMS_SHOWN];

    *count = 0;
    collect(g, rising, rising_count);
    size_t groups = divide(g, rising_count);
    if (!(*trends = arena_try_new(arena, struct trend, groups + 1)))
        return err_arena(err, arena);
    for (size_t group = 0; group < groups; group++) {
        const struct trend_reading *reading = &rising[strongest(g, rising_count, group)].reading;
        struct trend trend = {.score = reading->score,
                              .stories = reading->count,
                              .expected = reading->expected,
                              .from_ms = (int64_t)(slot + 1 - reading->slots) * TREND_SLOT_MS,
                              .to_ms = (int64_t)(slot + 1) * TREND_SLOT_MS,
                              .slot_ms = (int64_t)slot * TREND_SLOT_MS};
        if (!is_news(g, group, rising, rising_count, slot, &trend))
            continue;
        trend.term_count = choose_terms(g, rising_count, group, shown);
        if (!list_terms(g, arena, shown, &trend) ||
            !list_posts(g, arena, group, slot, copies, &trend))
            return err_arena(err, arena);
        (*trends)[(*count)++] = trend;
    }
    return true;
}

size_t trend_groups_living(const struct trend_groups *g, uint32_t slot,
                           const struct trend_active **out)
{
    size_t count = 0;

    for (size_t a = 0; a < g->active_count; a++)
        if (slot - g->active[a].last_slot <= ACTIVE_SLOTS)
            out[count++] = &g->active[a];
    return count;
}

/* --- written down --- */

static void details_save(const struct trend_details *d, struct byte_sink *sink)
{
    size_t bytes = (size_t)d->source_len + d->author_len + d->url_len + d->text_len;

    byte_put(sink, d, offsetof(struct trend_details, bytes));
    byte_put(sink, d->bytes, bytes);
}

static bool details_load(struct trend_details *d, struct byte_source *source)
{
    byte_get(source, d, offsetof(struct trend_details, bytes));
    size_t bytes = (size_t)d->source_len + d->author_len + d->url_len + d->text_len;
    if (source->is_failed || bytes > TREND_DETAIL_BYTES || d->query_count > TREND_POST_QUERIES)
        return false;
    byte_get(source, d->bytes, bytes);
    return !source->is_failed;
}

static void post_save(const struct trend_post *post, struct byte_sink *sink)
{
    byte_put_u64(sink, post->id_len);
    byte_put_u64(sink, post->byte_count);
    byte_put_u64(sink, post->term_count);
    byte_put(sink, post->terms, post->term_count * sizeof *post->terms);
    byte_put(sink, post->bytes, post->byte_count);
}

static bool post_load(struct trend_post *post, struct byte_source *source)
{
    post->id_len = (uint16_t)byte_get_count(source, DECODE_ID_BYTES_MAX, "id of a post");
    post->byte_count = (uint16_t)byte_get_count(source, TREND_TEXT_BYTES, "words of a post");
    post->term_count = (uint16_t)byte_get_count(source, TREND_POST_TERMS, "terms of a post");
    byte_get(source, post->terms, post->term_count * sizeof *post->terms);
    byte_get(source, post->bytes, post->byte_count);
    for (size_t t = 0; t < post->term_count; t++)
        if (post->terms[t].from > post->terms[t].to || post->terms[t].to > post->byte_count)
            return false;
    return !source->is_failed && post->id_len <= post->byte_count;
}

static bool corrupt(struct byte_source *source)
{
    if (!source->is_failed)
        source->is_failed =
            !err_set(source->err, ERR_CORRUPT, "a trend's posts are not as they were written");
    return false;
}

bool trend_groups_save(const struct trend_groups *g, struct byte_sink *sink)
{
    byte_put_u64(sink, g->next_number);
    byte_put_u64(sink, g->active_count);
    byte_put(sink, g->active, g->active_count * sizeof *g->active);
    for (size_t slot = 0; slot < TREND_SLOTS; slot++) {
        const struct trend_kept *kept = &g->kept[slot];
        byte_put_u64(sink, kept->count);
        byte_put_u64(sink, kept->seen);
        byte_put_u64(sink, kept->witnesses);
        for (size_t i = 0; i < TREND_KEPT && !sink->is_failed; i++)
            if (trend_kept_has(kept, i)) {
                post_save(&kept->posts[i], sink);
                details_save(&kept->details[i], sink);
            }
    }
    return !sink->is_failed;
}

bool trend_groups_load(struct trend_groups *g, struct byte_source *source)
{
    g->next_number = byte_get_u64(source);
    g->active_count = (size_t)byte_get_count(source, TREND_ACTIVE_MAX, "trends");
    byte_get(source, g->active, g->active_count * sizeof *g->active);
    for (size_t a = 0; a < g->active_count; a++)
        if (g->active[a].term_count > ACTIVE_TERMS)
            return corrupt(source);
    for (size_t slot = 0; slot < TREND_SLOTS; slot++) {
        struct trend_kept *kept = &g->kept[slot];
        kept->count = (uint32_t)byte_get_count(source, TREND_SAMPLE, "kept posts");
        kept->seen = (uint32_t)byte_get_u64(source);
        kept->witnesses = (uint32_t)byte_get_u64(source);
        for (size_t i = 0; i < TREND_KEPT && !source->is_failed; i++)
            if (trend_kept_has(kept, i) &&
                (!post_load(&kept->posts[i], source) || !details_load(&kept->details[i], source)))
                return corrupt(source);
    }
    return !source->is_failed;
}
