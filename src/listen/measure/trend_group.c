#include <string.h>

#include "base/mem.h"
#include "listen/measure/trend_priv.h"

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
    struct wanted wanted[LOOKUP_SLOTS];
    struct bitset sets[TREND_RISING_MAX + TREND_ACTIVE_MAX];
    Str texts[TREND_RISING_MAX];            /* of rising terms; empty: none kept */
    uint32_t group_of[TREND_RISING_MAX];    /* number of the group, + 1 */
    struct bitset unions[TREND_RISING_MAX]; /* posts of a group */
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

static void mark(struct trend_groups *g, const struct trend_post *post, size_t number)
{
    for (size_t t = 0; t < post->term_count; t++) {
        const struct trend_term *term = &post->terms[t];
        size_t at = (term->hash >> 8) % LOOKUP_SLOTS;
        for (; g->wanted[at].hash != 0; at = (at + 1) % LOOKUP_SLOTS) {
            uint32_t set = g->wanted[at].set;
            if (g->wanted[at].hash != term->hash)
                continue;
            g->sets[set].words[number / 64] |= UINT64_C(1) << number % 64;
            if (set < TREND_RISING_MAX && g->texts[set].len == 0)
                g->texts[set] = trend_post_text(post, term);
        }
    }
}

static bool is_kept(const struct trend_kept *kept, size_t i)
{
    return i < TREND_SAMPLE ? i < kept->count : i - TREND_SAMPLE < kept->witnesses;
}

static void collect(struct trend_groups *g, const struct trend_rising *rising, size_t count)
{
    memset(g->wanted, 0, sizeof g->wanted);
    memset(g->sets, 0, sizeof g->sets);
    memset(g->texts, 0, sizeof g->texts);
    for (size_t i = 0; i < count; i++)
        want(g, rising[i].hash, (uint32_t)i);
    for (size_t a = 0; a < g->active_count; a++)
        for (size_t t = 0; t < g->active[a].term_count; t++)
            want(g, g->active[a].terms[t], (uint32_t)(TREND_RISING_MAX + a));
    for (size_t slot = 0; slot < TREND_SLOTS; slot++)
        for (size_t i = 0; i < TREND_KEPT; i++)
            if (is_kept(&g->kept[slot], i))
                mark(g, &g->kept[slot].posts[i], slot * TREND_KEPT + i);
}

/* --- groups --- */

/* The strongest term founds a group; each further one joins the group that holds most of its
 * posts. Returns the number of groups. */
static size_t divide(struct trend_groups *g, size_t rising_count)
{
    size_t groups = 0;

    for (size_t i = 0; i < rising_count; i++) {
        double best = OVERLAP_MIN;
        g->group_of[i] = 0;
        if (g->texts[i].len == 0)
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
    *oldest = (struct trend_active){0};
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
    return true;
}

/* --- answers --- */

static bool list_posts(struct trend_groups *g, struct arena *arena, size_t group, uint32_t slot,
                       struct trend *trend)
{
    const struct bitset *set = &g->unions[group];
    Str *posts = arena_try_new(arena, Str, TREND_POSTS_SHOWN);

    for (size_t back = 0; posts && back < TREND_SLOTS; back++) {
        size_t ring = (slot - back) % TREND_SLOTS;
        for (size_t i = TREND_KEPT; i-- > 0 && trend->post_count < TREND_POSTS_SHOWN;) {
            size_t number = ring * TREND_KEPT + i;
            const struct trend_post *post = &g->kept[ring].posts[i];
            if (set->words[number / 64] >> number % 64 & 1 &&
                !arena_try_str(arena, (Str){post->bytes, post->id_len},
                               &posts[trend->post_count++]))
                return false;
        }
    }
    trend->posts = posts;
    return posts != NULL;
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

static size_t strongest(const struct trend_groups *g, size_t rising_count, size_t group)
{
    size_t i = 0;

    while (i + 1 < rising_count && g->group_of[i] != group + 1)
        i++;
    return i;
}

bool trend_groups_run(struct trend_groups *g, struct arena *arena, uint32_t slot,
                      const struct trend_rising *rising, size_t rising_count, struct trend **trends,
                      size_t *count, struct err *err)
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
        if (!list_terms(g, arena, shown, &trend) || !list_posts(g, arena, group, slot, &trend))
            return err_arena(err, arena);
        (*trends)[(*count)++] = trend;
    }
    return true;
}
