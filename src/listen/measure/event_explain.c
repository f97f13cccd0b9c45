#include "listen/measure/event_explain.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/vec.h"
#include "format/time.h"
#include "listen/measure/story.h"
#include "listen/measure/term_window.h"
#include "quant/stats.h"

#define TEXT_BYTES  600 /* of an example's text that is kept */
#define SOURCES_MAX 256 /* sources that are told apart; later ones are left out */
#define MOODS       4

static const char *const mood_names[MOODS] = {"unknown", "negative", "neutral", "positive"};

/* Mentions of one author. */
struct author {
    uint64_t hash; /* 0: free */
    int64_t n, before;
    struct post_ref ref;
};

struct event_explainer {
    struct archive *a;
    struct term_window *window;
    struct arena arena; /* of the explanation at hand */
    struct author *slots;
    size_t slot_count, author_count;
};

struct crowd {
    struct event_explainer *e;
    bool is_before;
    bool has_failed; /* no memory */
    int64_t n, before;
    int64_t authored, before_authored; /* mentions whose author is known */
    int64_t sources[SOURCES_MAX], before_sources[SOURCES_MAX];
    int64_t moods[MOODS], before_moods[MOODS];
};

bool event_explainer_create(struct event_explainer **out, struct archive *a, struct err *err)
{
    struct event_explainer *e = mem_alloc(1, sizeof *e);

    e->a = a;
    arena_init(&e->arena, BATCH_ARENA_BYTES_MAX);
    bool ok = term_window_create(&e->window, err);
    if (!ok)
        event_explainer_destroy(&e);
    *out = e;
    return ok;
}

void event_explainer_destroy(struct event_explainer **e)
{
    if (*e) {
        term_window_destroy(&(*e)->window);
        arena_deinit(&(*e)->arena);
        mem_free((*e)->slots);
    }
    mem_free(*e);
    *e = NULL;
}

/* ---- authors --------------------------------------------------------------------------------- */

static struct author *author_slot(struct event_explainer *e, uint64_t hash)
{
    size_t at = (size_t)hash & (e->slot_count - 1);

    while (e->slots[at].hash != 0 && e->slots[at].hash != hash)
        at = (at + 1) & (e->slot_count - 1);
    return &e->slots[at];
}

static bool authors_grow(struct event_explainer *e)
{
    struct author *old = e->slots;
    size_t old_count = e->slot_count, count = old_count > 0 ? 2 * old_count : 1024;

    e->slots = mem_try_alloc(count, sizeof *e->slots);
    if (!e->slots) {
        e->slots = old;
        return false;
    }
    e->slot_count = count;
    for (size_t i = 0; i < old_count; i++)
        if (old[i].hash != 0)
            *author_slot(e, old[i].hash) = old[i];
    mem_free(old);
    return true;
}

/* Those of the event; before it only they are counted. */
static bool author_count(struct crowd *c, const struct mention_fact *fact)
{
    struct event_explainer *e = c->e;

    if (fact->author == 0)
        return true;
    *(c->is_before ? &c->before_authored : &c->authored) += 1;
    if (c->is_before) {
        struct author *known = e->slot_count > 0 ? author_slot(e, fact->author) : NULL;
        if (known && known->hash != 0)
            known->before++;
        return true;
    }
    if (2 * (e->author_count + 1) > e->slot_count && !authors_grow(e))
        return false;
    struct author *slot = author_slot(e, fact->author);
    if (slot->hash == 0) {
        *slot = (struct author){.hash = fact->author, .ref = {fact->month, fact->post}};
        e->author_count++;
    }
    slot->n++;
    return true;
}

/* ---- counting -------------------------------------------------------------------------------- */

static size_t mood_of(enum post_polarity polarity)
{
    return polarity == POST_NEGATIVE   ? 1
           : polarity == POST_NEUTRAL  ? 2
           : polarity == POST_POSITIVE ? 3
                                       : 0;
}

static bool visit(void *context, const struct mention_fact *fact)
{
    struct crowd *c = context;

    *(c->is_before ? &c->before : &c->n) += 1;
    (c->is_before ? c->before_moods : c->moods)[mood_of(fact->polarity)]++;
    if (fact->source < SOURCES_MAX)
        (c->is_before ? c->before_sources : c->sources)[fact->source]++;
    c->has_failed = !author_count(c, fact);
    return !c->has_failed;
}

static bool crowd_count(struct crowd *c, int64_t query, int64_t from_hour, int64_t to_hour,
                        struct err *err)
{
    struct event_explainer *e = c->e;

    e->author_count = 0;
    if (e->slot_count > 0)
        memset(e->slots, 0, e->slot_count * sizeof *e->slots);
    if (!archive_mentions(e->a, query, from_hour, to_hour, visit, c, err))
        return false;
    c->is_before = true;
    if (!c->has_failed && !archive_mentions(e->a, query, from_hour - EVENT_HISTORY_DAYS * 24,
                                            from_hour, visit, c, err))
        return false;
    return !c->has_failed || err_set(err, ERR_NO_MEMORY, "no memory for the authors of an alert");
}

/* ---- writing --------------------------------------------------------------------------------- */

static double rounded(double value, double unit)
{
    return round(value / unit) * unit;
}

/* Whole thousandths read better than 17 digits. */
static void put_share(struct json_writer *w, const char *key, double part, double all)
{
    if (all > 0)
        json_set_f64(w, key, rounded(part / all, 1e-4));
    else
        json_set_null(w, key);
}

static void put_ratio(struct json_writer *w, const char *key, double value)
{
    if (isnan(value))
        json_set_null(w, key);
    else
        json_set_f64(w, key, rounded(value, 0.01));
}

static void put_lift(struct json_writer *w, struct stats_lift lift)
{
    put_ratio(w, "lift", lift.value);
    put_ratio(w, "lift_low", lift.low);
    put_ratio(w, "lift_high", lift.high);
}

static void put_part(struct json_writer *w, int64_t n, int64_t all, int64_t before,
                     int64_t before_all)
{
    json_set_i64(w, "n", n);
    put_share(w, "share", (double)n, (double)all);
    put_share(w, "before_share", (double)before, (double)before_all);
    put_lift(w, stats_lift((double)n, (double)all, (double)before, (double)before_all));
}

/* Mentions more than its share before would have brought. */
static double surplus(int64_t n, int64_t all, int64_t before, int64_t before_all)
{
    return (double)n - (before_all > 0 ? (double)before * (double)all / (double)before_all : 0.0);
}

static void put_sources(struct json_writer *w, const struct crowd *c)
{
    const struct archive_source *sources;
    size_t count = archive_sources(c->e->a, &sources);
    bool is_told[SOURCES_MAX] = {false};

    count = count < SOURCES_MAX ? count : SOURCES_MAX;
    json_set_array(w, "sources");
    for (int place = 0; place < EVENT_SOURCES_MAX; place++) {
        size_t best = count;
        double most = 0;
        for (size_t i = 0; i < count; i++) {
            double off = fabs(surplus(c->sources[i], c->n, c->before_sources[i], c->before));
            bool is_any = c->sources[i] > 0 || c->before_sources[i] > 0;
            if (is_any && !is_told[i] && (best == count || off > most)) {
                best = i;
                most = off;
            }
        }
        if (best == count)
            break;
        is_told[best] = true;
        json_begin_object(w);
        json_set_str(w, "source", sources[best].name);
        put_part(w, c->sources[best], c->n, c->before_sources[best], c->before);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_moods(struct json_writer *w, const struct crowd *c)
{
    json_set_array(w, "moods");
    for (int i = 1; i < MOODS; i++) {
        json_begin_object(w);
        json_set_str(w, "mood", str_from_cstr(mood_names[i]));
        put_part(w, c->moods[i], c->n, c->before_moods[i], c->before);
        json_end_object(w);
    }
    json_end_array(w);
}

/* Those with most mentions above their share before. */
static size_t authors_top(const struct crowd *c, struct author top[EVENT_AUTHORS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < c->e->slot_count; i++) {
        const struct author *a = &c->e->slots[i];
        if (a->hash == 0)
            continue;
        double off = surplus(a->n, c->authored, a->before, c->before_authored);
        if (off <= 0.0)
            continue;
        size_t at = count;
        while (at > 0) {
            const struct author *b = &top[at - 1];
            double other = surplus(b->n, c->authored, b->before, c->before_authored);
            /* The hash decides among equals: the order of the slots depends on their number. */
            if (other > off || (!(other < off) && b->hash < a->hash))
                break;
            at--;
        }
        if (at >= EVENT_AUTHORS_MAX)
            continue;
        size_t last = count < EVENT_AUTHORS_MAX ? count : EVENT_AUTHORS_MAX - 1;
        memmove(&top[at + 1], &top[at], (last - at) * sizeof *top);
        top[at] = *a;
        count = last + 1;
    }
    return count;
}

static Str author_name(const struct post_author *author)
{
    return author->handle.len > 0 ? author->handle
           : author->name.len > 0 ? author->name
                                  : author->id;
}

static bool put_authors(struct json_writer *w, const struct crowd *c, struct err *err)
{
    struct author top[EVENT_AUTHORS_MAX];
    size_t count = authors_top(c, top);
    struct archived_post post;

    json_set_object(w, "authors");
    json_set_i64(w, "n", (int64_t)c->e->author_count);
    json_set_array(w, "top");
    for (size_t i = 0; i < count; i++) {
        if (!archive_post(c->e->a, &c->e->arena, top[i].ref.month, top[i].ref.id, &post, err))
            return false;
        json_begin_object(w);
        json_set_str(w, "author", author_name(&post.post.author));
        json_set_str(w, "author_id", post.post.author.id);
        json_set_str(w, "source", post.post.source);
        put_part(w, top[i].n, c->authored, top[i].before, c->before_authored);
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
    return true;
}

static Str cut_text(Str text)
{
    size_t len = text.len < TEXT_BYTES ? text.len : TEXT_BYTES;

    while (len > 0 && len < text.len && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
        len--;
    return str_sub(text, 0, len);
}

static bool put_story(struct json_writer *w, const struct crowd *c, const struct story *story,
                      uint64_t every, struct err *err)
{
    struct archived_post post;

    if (!archive_post(c->e->a, &c->e->arena, story->best.month, story->best.id, &post, err))
        return false;
    json_begin_object(w);
    json_set_str(w, "source", post.post.source);
    json_set_str(w, "id", post.post.id);
    json_set_str(w, "created_at", str_from_cstr(time_rfc3339(post.post.created_at_ms).text));
    json_set_str(w, "author", author_name(&post.post.author));
    json_set_str(w, "author_id", post.post.author.id);
    json_set_str(w, "title", cut_text(post.post.title));
    json_set_str(w, "text", cut_text(post.post.text));
    json_set_str(w, "url", post.post.url);
    json_set_i64(w, "engagement", story->engagement);
    json_set_i64(w, "copies", (story->posts - 1) * (int64_t)every);
    json_end_object(w);
    return true;
}

/* Each story once. */
static bool put_posts(struct json_writer *w, const struct crowd *c, int64_t query,
                      int64_t from_hour, int64_t to_hour, struct err *err)
{
    struct stories stories;
    bool ok = stories_read(c->e->a, query, from_hour, to_hour, &stories, err);

    if (!ok)
        return false;
    json_set_i64(w, "from_hour", from_hour);
    json_set_i64(w, "to_hour", to_hour);
    json_set_bool(w, "posts_sampled", stories.every > 1);
    json_set_array(w, "posts");
    for (size_t i = 0; ok && i < stories.items.count && i < EVENT_POSTS_MAX; i++)
        ok = put_story(w, c, &stories.items.items[i], stories.every, err);
    json_end_array(w);
    stories_deinit(&stories);
    return ok;
}

/* Shares are of the posts that were read for it, which beyond TERM_SAMPLE_POSTS is a sample; lift
 * is the same then, numbers are of the sample. */
static bool put_terms(struct json_writer *w, const struct crowd *c, int64_t query,
                      int64_t from_hour, int64_t to_hour, struct err *err)
{
    struct term *terms = NULL;
    size_t count = 0;
    int64_t all = c->n, before = c->before;

    if (!term_window_rising(c->e->window, c->e->a, &c->e->arena, query,
                            from_hour - EVENT_HISTORY_DAYS * 24, from_hour, to_hour,
                            EVENT_TERMS_MAX, &terms, &count, err))
        return false;
    json_set_bool(w, "terms_sampled", all > TERM_SAMPLE_POSTS || before > TERM_SAMPLE_POSTS);
    while (all > TERM_SAMPLE_POSTS)
        all /= 2;
    while (before > TERM_SAMPLE_POSTS)
        before /= 2;
    json_set_array(w, "terms");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(w);
        json_set_str(w, "term", terms[i].text);
        json_set_i64(w, "n", terms[i].count);
        put_share(w, "share", fmin((double)terms[i].count, (double)all), (double)all);
        put_share(w, "before_share", fmin((double)terms[i].background, (double)before),
                  (double)before);
        put_lift(w, (struct stats_lift){terms[i].lift, terms[i].lift_low, terms[i].lift_high});
        json_end_object(w);
    }
    json_end_array(w);
    return true;
}

struct window {
    int64_t query, from_hour, to_hour;
    const struct event_parties *parties;
};

static bool put_parties(struct json_writer *w, struct archive *a, const struct window *window,
                        struct err *err)
{
    int64_t n[EVENT_PARTIES_MAX], before[EVENT_PARTIES_MAX], all = 0, before_all = 0;
    const struct event_parties *p = window->parties;
    size_t count = p->count < EVENT_PARTIES_MAX ? p->count : EVENT_PARTIES_MAX;

    for (size_t i = 0; i < count; i++) {
        if (!archive_mention_count(a, p->queries[i], window->from_hour, window->to_hour, &n[i],
                                   err) ||
            !archive_mention_count(a, p->queries[i], window->from_hour - EVENT_HISTORY_DAYS * 24,
                                   window->from_hour, &before[i], err))
            return false;
        all += n[i];
        before_all += before[i];
    }
    json_set_array(w, "parties");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(w);
        json_set_i64(w, "query", p->queries[i]);
        put_part(w, n[i], all, before[i], before_all);
        json_end_object(w);
    }
    json_end_array(w);
    return true;
}

static bool put_all(struct json_writer *w, const struct crowd *c, const struct window *window,
                    struct err *err)
{
    int64_t query = window->query, from_hour = window->from_hour, to_hour = window->to_hour;

    json_begin_object(w);
    json_set_i64(w, "n", c->n);
    json_set_object(w, "before");
    json_set_i64(w, "n", c->before);
    json_set_i64(w, "hours", EVENT_HISTORY_DAYS * 24);
    json_end_object(w);
    if (!put_terms(w, c, query, from_hour, to_hour, err) || !put_authors(w, c, err))
        return false;
    put_sources(w, c);
    put_moods(w, c);
    if (window->parties && !put_parties(w, c->e->a, window, err))
        return false;
    if (!put_posts(w, c, query, from_hour, to_hour, err))
        return false;
    json_end_object(w);
    return true;
}

bool event_explain(struct event_explainer *e, struct arena *arena, int64_t query, int64_t from_hour,
                   int64_t to_hour, const struct event_parties *parties, Str *out, struct err *err)
{
    struct window window = {query, from_hour, to_hour, parties};
    struct crowd *c = mem_alloc(1, sizeof *c);
    struct json_writer w;
    struct buf text;

    c->e = e;
    arena_reset(&e->arena);
    buf_init(&text, MIB);
    json_writer_init(&w, &text, JSON_STYLE_COMPACT);
    bool ok = crowd_count(c, query, from_hour, to_hour, err) && put_all(&w, c, &window, err) &&
              buf_ok(&text, err) &&
              (arena_try_str(arena, buf_str(&text), out) || err_arena(err, arena));
    buf_deinit(&text);
    mem_free(c);
    return ok;
}

bool event_is_stale(double observed, double explained)
{
    return fabs(observed - explained) > 0.1 * fabs(explained);
}

/* ---- likeness -------------------------------------------------------------------------------- */

static double share_of(const struct json *list, const char *key, Str name)
{
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_str_or(json_at(list, i), key, STR_NONE), name))
            return json_f64_or(json_at(list, i), "share", 0);
    return 0;
}

/* Sums of the lesser and of the greater shares over the names of both lists. */
static void overlap(const struct json *a, const struct json *b, const char *key, double *lesser,
                    double *greater)
{
    *lesser = *greater = 0;
    for (size_t i = 0; i < json_len(a); i++) {
        double own = json_f64_or(json_at(a, i), "share", 0);
        double other = share_of(b, key, json_str_or(json_at(a, i), key, STR_NONE));
        *lesser += fmin(own, other);
        *greater += fmax(own, other);
    }
    for (size_t i = 0; i < json_len(b); i++) {
        Str name = json_str_or(json_at(b, i), key, STR_NONE);
        bool is_common = false;
        for (size_t j = 0; j < json_len(a) && !is_common; j++)
            is_common = str_eq(json_str_or(json_at(a, j), key, STR_NONE), name);
        *greater += is_common ? 0 : json_f64_or(json_at(b, i), "share", 0);
    }
}

static double ratio_of(double a, double b)
{
    double most = fmax(a, b);

    return most > 0 ? fmin(a, b) / most : 1;
}

struct event_likeness event_likeness(const struct event_shape *a, const struct event_shape *b)
{
    struct event_likeness l;
    double lesser, greater;

    overlap(json_get(a->explanation, "terms"), json_get(b->explanation, "terms"), "term", &lesser,
            &greater);
    l.terms = greater > 0 ? lesser / greater : 0;
    overlap(json_get(a->explanation, "sources"), json_get(b->explanation, "sources"), "source",
            &lesser, &greater);
    l.sources = fmin(lesser, 1);
    l.size = fmax(0, 1 + log2(fmax(ratio_of(fabs(a->size), fabs(b->size)), 1e-9)) / 4);
    l.length = ratio_of(a->hours, b->hours);
    l.all = 0.5 * l.terms + 0.2 * l.sources + 0.15 * l.size + 0.15 * l.length;
    return l;
}

/* ---- the nearest earlier event --------------------------------------------------------------- */

static Str likeness_json(struct buf *out, const struct event_likeness *l)
{
    struct json_writer w;

    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_f64(&w, "all", rounded(l->all, 1e-3));
    json_set_f64(&w, "terms", rounded(l->terms, 1e-3));
    json_set_f64(&w, "sources", rounded(l->sources, 1e-3));
    json_set_f64(&w, "size", rounded(l->size, 1e-3));
    json_set_f64(&w, "length", rounded(l->length, 1e-3));
    json_end_object(&w);
    return buf_str(out);
}

static bool shape_of(struct arena *arena, const struct event_record *event, struct event_shape *out,
                     struct err *err)
{
    int64_t hours = (event->end_ms - event->start_ms) / HOUR_MS;

    out->size = fabs(event->size) > 0 ? fabs(event->size) : 1;
    out->hours = hours > 0 ? (double)hours : 1;
    return json_parse(arena, event->explanation, &out->explanation, err);
}

bool event_nearest(struct arena *arena, const struct event_record *event,
                   const struct event_record *earlier, size_t count, struct event_nearest *out,
                   struct err *err)
{
    struct event_likeness best = {.all = -1};
    struct event_shape shape, then;
    struct buf text;

    *out = (struct event_nearest){0};
    if (!shape_of(arena, event, &shape, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (earlier[i].end_ms > event->start_ms || earlier[i].id == event->id)
            continue;
        if (!shape_of(arena, &earlier[i], &then, err))
            return false;
        struct event_likeness likeness = event_likeness(&shape, &then);
        if (likeness.all > best.all) {
            best = likeness;
            out->id = earlier[i].id;
        }
    }
    if (out->id == 0)
        return true;
    buf_init(&text, KIB);
    Str json = likeness_json(&text, &best);
    bool ok =
        buf_ok(&text, err) && (arena_try_str(arena, json, &out->likeness) || err_arena(err, arena));
    buf_deinit(&text);
    return ok;
}
