#include "listen/influence/influence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "listen/influence/influence_names.h"
#include "quant/community.h"
#include "quant/rank.h"
#include "quant/stats.h"

/* Way: posts are read once and reduced to names and numbers (read_post). Only when all names are
 * known it is clear which are one author (settle_authors); then listening becomes edges between
 * authors, and numbers are summed by author. */

#define UNKNOWN_POST UINT32_MAX

/* A post, reduced. */
struct read_post {
    uint32_t author;  /* name, then author */
    uint64_t hash;    /* of the author, as the archive counts him */
    int64_t hour, id; /* id: within the segment */
    int32_t month;
    int64_t followers, engagement; /* or POST_UNKNOWN */
};

/* Somebody listens: `from` answered, passed on or named `to`. */
struct read_tie {
    uint32_t post;     /* index into posts: its author listens */
    uint32_t to;       /* name; NAME_NONE: the author of the post `answered` */
    uint32_t answered; /* index into answered */
};

/* A post that was answered or passed on, whose author nobody names. */
struct answered_post {
    Str source, id;
    uint32_t author; /* name, NAME_NONE: not known */
};

struct work {
    const struct influence_request *request;
    struct archive *a;
    struct arena *arena; /* of the result */
    struct arena scratch;
    struct influence *out;
    struct err *err;
    bool ok;
    struct influence_names names;
    struct {
        VEC(struct read_post);
    } posts;
    struct {
        VEC(struct read_tie);
    } ties;
    struct map post_index; /* source, tab, id -> index into posts */
    struct {
        VEC(struct answered_post);
    } answered;
    struct map answered_index;
    struct buf key;
    uint32_t *author_of; /* by root name; NAME_NONE */
    uint32_t *name_of;   /* by author */
    size_t author_count;
    double *topic_weight, *weight; /* by author, for relevance */
    struct map hash_index;         /* author hash -> author */
    struct {
        VEC(uint64_t); /* from << 32 | to, one for each post and pair */
    } pairs;
};

static bool no_memory(struct work *w)
{
    return err_set(w->err, ERR_NO_MEMORY, "no memory for the authors of a topic");
}

/* ---- reading --------------------------------------------------------------------------------- */

static Str post_key(struct work *w, Str source, Str id)
{
    buf_reset(&w->key);
    buf_add(&w->key, source);
    buf_add_byte(&w->key, '\t');
    buf_add(&w->key, id);
    return buf_str(&w->key);
}

/* "RT @ann: ..." or "@ann ...": the handle, or nothing. */
static Str leading_handle(Str text, bool is_repost)
{
    size_t len = 0;

    if (is_repost && str_starts(text, S("RT ")))
        text = str_sub(text, 3, text.len);
    if (text.len < 2 || text.ptr[0] != '@')
        return STR_NONE;
    text = str_sub(text, 1, text.len);
    while (len < text.len &&
           ((text.ptr[len] >= '0' && text.ptr[len] <= '9') ||
            (text.ptr[len] >= 'a' && text.ptr[len] <= 'z') ||
            (text.ptr[len] >= 'A' && text.ptr[len] <= 'Z') || text.ptr[len] == '_'))
        len++;
    return str_sub(text, 0, len);
}

/* The post's author under his names, which are joined. */
static bool take_author(struct work *w, const struct post *post, uint32_t *author)
{
    const struct post_author *who = &post->author;
    uint32_t id, handle;

    if (!names_at(&w->names, post->source, who->id, &id, w->err) ||
        !names_at(&w->names, post->source, who->handle, &handle, w->err))
        return false;
    *author = id != NAME_NONE ? id : handle;
    if (*author == NAME_NONE)
        return names_at(&w->names, post->source, who->name, author, w->err);
    if (id != NAME_NONE)
        names_describe(&w->names, id, who->id, who->handle, true);
    if (handle != NAME_NONE)
        names_describe(&w->names, handle, STR_NONE, who->handle, true);
    if (id != NAME_NONE && handle != NAME_NONE)
        names_join(&w->names, id, handle);
    return true;
}

static bool add_tie(struct work *w, uint32_t to, uint32_t answered)
{
    struct read_tie tie = {(uint32_t)w->posts.count, to, answered};

    return vec_try_push(&w->ties, tie) || no_memory(w);
}

static bool add_answered(struct work *w, Str source, Str id)
{
    struct answered_post answered = {.author = NAME_NONE};
    bool is_new;
    uint64_t *at = map_at(&w->answered_index, post_key(w, source, id), &is_new);

    if (!at)
        return no_memory(w);
    if (is_new) {
        *at = w->answered.count;
        if (!arena_try_str(&w->scratch, source, &answered.source) ||
            !arena_try_str(&w->scratch, id, &answered.id))
            return err_arena(w->err, &w->scratch);
        if (!vec_try_push(&w->answered, answered))
            return no_memory(w);
    }
    return add_tie(w, NAME_NONE, (uint32_t)*at);
}

/* Whom a post answers or passes on. Its own words often begin with the handle that belongs to the
 * id the source gives. */
static bool take_addressee(struct work *w, const struct post *post, Str who, Str id, bool is_repost)
{
    Str said = leading_handle(post->text, is_repost);
    uint32_t name, handle;

    if (!names_at(&w->names, post->source, who, &name, w->err))
        return false;
    if (said.len > 0 && (who.len > 0 || is_repost)) {
        if (!names_at(&w->names, post->source, said, &handle, w->err))
            return false;
        names_describe(&w->names, handle, STR_NONE, said, false);
        if (name != NAME_NONE)
            names_join(&w->names, name, handle);
        else
            name = handle;
    }
    if (name != NAME_NONE)
        return add_tie(w, name, UNKNOWN_POST);
    return id.len == 0 || add_answered(w, post->source, id);
}

/* A repost listens to whom it passes on; whom the passed on text names is not its word. */
static bool take_ties(struct work *w, const struct post *post)
{
    uint32_t name;

    if (post->repost_of.len > 0 || post->repost_of_author.len > 0)
        return take_addressee(w, post, post->repost_of_author, post->repost_of, true);
    if ((post->reply_to.len > 0 || post->reply_to_author.len > 0) &&
        !take_addressee(w, post, post->reply_to_author, post->reply_to, false))
        return false;
    for (size_t i = 0; i < post->mention_count; i++) {
        if (!names_at(&w->names, post->source, post->mentions[i], &name, w->err))
            return false;
        if (name == NAME_NONE)
            continue;
        names_describe(&w->names, name, STR_NONE, w->names.items.items[name].text, false);
        if (!add_tie(w, name, UNKNOWN_POST))
            return false;
    }
    return true;
}

static bool read_post(void *context, const struct mention_fact *fact,
                      const struct archived_post *stored)
{
    struct work *w = context;
    const struct post *post = &stored->post;
    struct read_post read = {.hash = fact->author,
                             .hour = fact->hour,
                             .id = stored->id,
                             .month = stored->month,
                             .followers = fact->followers,
                             .engagement = fact->engagement};

    w->out->posts++;
    w->ok = take_author(w, post, &read.author);
    if (w->ok && read.author == NAME_NONE) {
        w->out->anonymous++;
        return true;
    }
    w->ok = w->ok && take_ties(w, post) &&
            (map_put(&w->post_index, post_key(w, post->source, post->id), w->posts.count) ||
             no_memory(w)) &&
            (vec_try_push(&w->posts, read) || no_memory(w)) && buf_ok(&w->key, w->err);
    return w->ok;
}

static bool read_posts(struct work *w)
{
    const struct influence_request *r = w->request;
    int64_t mentions;

    if (!archive_mention_count(w->a, r->query, r->from_hour, r->to_hour, &mentions, w->err))
        return false;
    w->out->every = 1 + (mentions - 1) / INFLUENCE_POSTS_MAX;
    if (mentions == 0)
        w->out->every = 1;
    return archive_mention_posts(w->a, r->query, r->from_hour, r->to_hour, (uint64_t)w->out->every,
                                 read_post, w, w->err) &&
           w->ok;
}

/* ---- who wrote what was answered ------------------------------------------------------------- */

/* Those outside the topic: perhaps another query kept them. */
struct look_up {
    struct work *w;
    uint64_t *identities;
    uint32_t *answered; /* of each identity: index into w->answered */
    size_t count;
};

static bool take_found(void *context, size_t index, const struct archived_post *found)
{
    struct look_up *look = context;
    struct work *w = look->w;

    w->ok = take_author(w, &found->post, &w->answered.items[look->answered[index]].author);
    return w->ok;
}

static void want(struct look_up *look, size_t i)
{
    const struct answered_post *answered = &look->w->answered.items[i];

    if (look->count == INFLUENCE_LOOKUPS_MAX)
        return;
    look->identities[look->count] = post_identity(answered->source, answered->id);
    look->answered[look->count++] = (uint32_t)i;
}

static bool find_answered(struct work *w)
{
    struct look_up look = {
        .w = w,
        .identities = arena_try_new(&w->scratch, uint64_t, INFLUENCE_LOOKUPS_MAX),
        .answered = arena_try_new(&w->scratch, uint32_t, INFLUENCE_LOOKUPS_MAX),
    };

    if (!look.identities || !look.answered)
        return err_arena(w->err, &w->scratch);
    for (size_t i = 0; i < w->answered.count; i++) {
        const uint64_t *at = map_get(
            &w->post_index, post_key(w, w->answered.items[i].source, w->answered.items[i].id));
        if (at)
            w->answered.items[i].author = w->posts.items[*at].author;
        else
            want(&look, i);
    }
    return archive_find_all(w->a, look.identities, look.count, take_found, &look, w->err) && w->ok;
}

/* ---- authors --------------------------------------------------------------------------------- */

static uint32_t author_at(struct work *w, uint32_t name)
{
    uint32_t root = names_root(&w->names, name);

    if (w->author_of[root] == NAME_NONE) {
        w->author_of[root] = (uint32_t)w->author_count;
        w->name_of[w->author_count++] = root;
    }
    return w->author_of[root];
}

/* Names become authors, ties become pairs of authors, once for each post. */
static bool settle_authors(struct work *w)
{
    size_t names = w->names.items.count;

    w->author_of = arena_try_new(&w->scratch, uint32_t, names + 1);
    w->name_of = arena_try_new(&w->scratch, uint32_t, names + 1);
    if (!w->author_of || !w->name_of)
        return err_arena(w->err, &w->scratch);
    for (size_t i = 0; i < names; i++)
        w->author_of[i] = NAME_NONE;
    vec_each (struct read_post, post, &w->posts)
        post->author = author_at(w, post->author);
    for (size_t i = 0; i < w->ties.count; i++) {
        struct read_tie *tie = &w->ties.items[i];
        uint32_t to = tie->to, from = w->posts.items[tie->post].author;
        if (to == NAME_NONE)
            to = w->answered.items[tie->answered].author;
        w->out->unknown += to == NAME_NONE;
        tie->to = NAME_NONE;
        if (to == NAME_NONE)
            continue;
        tie->to = author_at(w, to);
        bool is_repeated = false; /* answered and named in one post: once */
        for (size_t k = i; k > 0 && w->ties.items[k - 1].post == tie->post; k--)
            is_repeated = is_repeated || w->ties.items[k - 1].to == tie->to;
        if (tie->to == from || is_repeated)
            continue;
        if (!vec_try_push(&w->pairs, (uint64_t)from << 32 | tie->to))
            return no_memory(w);
    }
    return true;
}

/* ---- the graph ------------------------------------------------------------------------------- */

static int pair_cmp(const void *a, const void *b)
{
    uint64_t x, y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

static bool join_pairs(struct work *w)
{
    struct influence *out = w->out;

    if (w->pairs.count > 1)
        qsort(w->pairs.items, w->pairs.count, sizeof *w->pairs.items, pair_cmp);
    out->edges = arena_try_new(w->arena, struct influence_edge, w->pairs.count + 1);
    if (!out->edges)
        return err_arena(w->err, w->arena);
    for (size_t i = 0; i < w->pairs.count; i++) {
        uint64_t pair = w->pairs.items[i];
        if (i == 0 || pair != w->pairs.items[i - 1])
            out->edges[out->edge_count++] =
                (struct influence_edge){(uint32_t)(pair >> 32), (uint32_t)pair, 0};
        out->edges[out->edge_count - 1].weight++;
    }
    return true;
}

static bool rank_graph(struct work *w, struct graph *g)
{
    struct influence *out = w->out;
    struct community_result found;
    struct rank *rank = NULL;
    uint32_t *of = arena_try_new(&w->scratch, uint32_t, w->author_count + 1);

    if (!of)
        return err_arena(w->err, &w->scratch);
    bool ok = graph_add_nodes(g, w->author_count, w->err);
    for (size_t i = 0; ok && i < out->edge_count; i++) {
        struct influence_edge *e = &out->edges[i];
        ok = graph_add(g, &(struct graph_edge){e->from, e->to, e->weight}, w->err);
        out->authors[e->from].listens_to++;
        out->authors[e->to].listeners++;
    }
    ok = ok && rank_create(&rank, g, RANK_SETTINGS, w->err) && rank_update(rank, w->err) &&
         community_find(g, COMMUNITY_SETTINGS, of, &found, w->err);
    for (size_t v = 0; ok && v < w->author_count; v++) {
        out->authors[v].rank = rank_values(rank)[v];
        out->authors[v].community = of[v];
    }
    if (ok) {
        out->community_count = found.count;
        out->modularity = found.modularity;
    }
    rank_destroy(&rank);
    return ok;
}

/* ---- three numbers --------------------------------------------------------------------------- */

/* A post at the end of the window counts 1, half a window earlier one half. */
static double recency(const struct work *w, int64_t hour)
{
    double half = (double)(w->request->to_hour - w->request->from_hour) / 2;

    return exp2(-(double)(w->request->to_hour - 1 - hour) / fmax(half, 1));
}

static void add_weight(void *context, uint64_t author, int64_t hour)
{
    struct work *w = context;
    const uint64_t *at = map_get(&w->hash_index, (Str){(const char *)&author, sizeof author});

    if (at)
        w->weight[*at] += recency(w, hour);
}

static bool sum_posts(struct work *w)
{
    for (size_t i = 0; i < w->posts.count; i++) {
        const struct read_post *post = &w->posts.items[i];
        struct influence_author *author = &w->out->authors[post->author];
        author->posts++;
        w->topic_weight[post->author] += recency(w, post->hour);
        double *reach = &author->numbers[INFLUENCE_REACH];
        double *resonance = &author->numbers[INFLUENCE_RESONANCE];
        if (post->followers >= 0) /* fmax(): of NaN and a number the number */
            *reach = fmax(*reach, (double)post->followers);
        if (post->engagement >= 0)
            *resonance = fmax(*resonance, 0) + (double)post->engagement;
        if (post->hash != 0 &&
            !map_put(&w->hash_index, (Str){(const char *)&post->hash, sizeof post->hash},
                     post->author))
            return no_memory(w);
    }
    return true;
}

/* Sources often count late or not at all: what answers, passes on or names him in the topic itself
 * is the least. */
static void raise_resonance(struct influence *out)
{
    for (size_t i = 0; i < out->edge_count; i++)
        out->authors[out->edges[i].to].heard += out->edges[i].weight;
    for (size_t v = 0; v < out->author_count; v++) {
        double *resonance = &out->authors[v].numbers[INFLUENCE_RESONANCE];
        if (out->authors[v].heard > 0)
            *resonance = fmax(*resonance, out->authors[v].heard);
    }
}

/* Relevance = topic / (all + 1), both by recency. Where the topic was thinned, the rest is as well:
 * what was read is set against what it stands for. */
static bool set_relevance(struct work *w)
{
    if (!archive_authors(w->a, w->request->from_hour, w->request->to_hour, add_weight, w, w->err))
        return false;
    for (size_t v = 0; v < w->author_count; v++) {
        double topic = w->topic_weight[v] * (double)w->out->every;
        if (w->out->authors[v].posts > 0 && w->weight[v] > 0)
            w->out->authors[v].numbers[INFLUENCE_RELEVANCE] =
                fmin(topic, w->weight[v]) / (w->weight[v] + 1);
    }
    return true;
}

static int number_cmp(const void *a, const void *b)
{
    double x, y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

static void set_percentiles(struct work *w, double *values, enum influence_number number)
{
    size_t count = 0;

    for (size_t v = 0; v < w->author_count; v++)
        if (!isnan(w->out->authors[v].numbers[number]))
            values[count++] = w->out->authors[v].numbers[number];
    qsort(values, count, sizeof *values, number_cmp);
    for (size_t v = 0; v < w->author_count; v++) {
        double x = w->out->authors[v].numbers[number],
               *to = &w->out->authors[v].percentiles[number];
        *to = NAN;
        if (isnan(x))
            continue;
        size_t below = stats_count_below(values, count, x);
        size_t upto = stats_count_below(values, count, nextafter(x, INFINITY));
        *to = ((double)below + (double)(upto - below) / 2) / (double)count;
    }
}

static bool set_numbers(struct work *w)
{
    size_t n = w->author_count + 1;
    double *values = arena_try_new(&w->scratch, double, n);

    w->weight = arena_try_new(&w->scratch, double, n);
    w->topic_weight = arena_try_new(&w->scratch, double, n);
    if (!values || !w->weight || !w->topic_weight)
        return err_arena(w->err, &w->scratch);
    if (!sum_posts(w) || !set_relevance(w))
        return false;
    raise_resonance(w->out);
    for (int number = 0; number < INFLUENCE_NUMBER_COUNT; number++)
        set_percentiles(w, values, (enum influence_number)number);
    return true;
}

/* ---- the result ------------------------------------------------------------------------------ */

/* Source and handle, unless the handle is another author's now: then source and id. */
static bool author_key(struct work *w, uint32_t root, Str label, Str *key)
{
    const struct influence_name *name = &w->names.items.items[root];
    uint32_t by_label;

    if (!names_at(&w->names, name->source, label, &by_label, w->err))
        return false;
    name = &w->names.items.items[root]; /* may have moved */
    if (by_label != NAME_NONE && names_root(&w->names, by_label) != root && name->id.len > 0)
        label = name->id;
    *key = arena_printf(w->arena, STR_F "/" STR_F, STR_A(name->source), STR_A(label));
    return true;
}

static bool describe_authors(struct work *w)
{
    w->out->authors = arena_try_new(w->arena, struct influence_author, w->author_count + 1);
    if (!w->out->authors)
        return err_arena(w->err, w->arena);
    w->out->author_count = w->author_count;
    for (size_t v = 0; v < w->author_count; v++) {
        const struct influence_name *name = &w->names.items.items[w->name_of[v]];
        struct influence_author *author = &w->out->authors[v];
        for (int number = 0; number < INFLUENCE_NUMBER_COUNT; number++)
            author->numbers[number] = NAN;
        Str label = name->handle.len > 0 ? name->handle : name->text;
        if (!arena_try_str(w->arena, name->source, &author->source) ||
            !arena_try_str(w->arena, label, &author->label))
            return err_arena(w->err, w->arena);
        if (!author_key(w, w->name_of[v], author->label, &author->key))
            return false;
    }
    return true;
}

struct order {
    double rank;
    uint32_t author;
};

static int order_cmp(const void *a, const void *b)
{
    const struct order *x = a, *y = b;

    if (x->rank < y->rank || x->rank > y->rank)
        return x->rank < y->rank ? 1 : -1;
    return x->author < y->author ? -1 : x->author > y->author;
}

static int edge_cmp(const void *a, const void *b)
{
    const struct influence_edge *x = a, *y = b;

    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->to < y->to ? -1 : x->to > y->to;
}

/* By rank; edges, posts and ties get the new numbers. */
static bool sort_authors(struct work *w)
{
    size_t n = w->author_count;
    struct order *order = arena_try_new(&w->scratch, struct order, n + 1);
    struct influence_author *sorted = arena_try_new(&w->scratch, struct influence_author, n + 1);
    uint32_t *place = arena_try_new(&w->scratch, uint32_t, n + 1);

    if (!order || !sorted || !place)
        return err_arena(w->err, &w->scratch);
    for (uint32_t v = 0; v < n; v++)
        order[v] = (struct order){w->out->authors[v].rank, v};
    qsort(order, n, sizeof *order, order_cmp);
    for (uint32_t i = 0; i < n; i++) {
        place[order[i].author] = i;
        sorted[i] = w->out->authors[order[i].author];
    }
    memcpy(w->out->authors, sorted, n * sizeof *sorted);
    for (size_t i = 0; i < w->out->edge_count; i++) {
        w->out->edges[i].from = place[w->out->edges[i].from];
        w->out->edges[i].to = place[w->out->edges[i].to];
    }
    qsort(w->out->edges, w->out->edge_count, sizeof *w->out->edges, edge_cmp);
    vec_each (struct read_post, post, &w->posts)
        post->author = place[post->author];
    vec_each (struct read_tie, tie, &w->ties)
        tie->to = tie->to == NAME_NONE ? NAME_NONE : place[tie->to];
    return true;
}

/* Keeps the list of own posts sorted by engagement, the later first among equals. */
static void keep_own(struct influence *out, int64_t engagements[], const struct read_post *post)
{
    size_t at = out->own_count;

    while (at > 0 && engagements[at - 1] <= post->engagement)
        at--;
    if (at == INFLUENCE_FOCUS_POSTS)
        return;
    size_t last = out->own_count < INFLUENCE_FOCUS_POSTS ? out->own_count : out->own_count - 1;
    for (size_t i = last; i > at; i--) {
        out->own[i] = out->own[i - 1];
        engagements[i] = engagements[i - 1];
    }
    out->own[at] = (struct influence_post){post->month, post->id};
    engagements[at] = post->engagement;
    out->own_count = last + 1;
}

static void set_focus(struct work *w)
{
    struct influence *out = w->out;
    int64_t engagements[INFLUENCE_FOCUS_POSTS];
    uint32_t last = UINT32_MAX;

    for (out->focus = 0; out->focus < out->author_count; out->focus++)
        if (str_eq_nocase(out->authors[out->focus].key, w->request->focus))
            break;
    if (w->request->focus.len == 0 || out->focus == out->author_count) {
        out->focus = out->author_count;
        return;
    }
    vec_each (struct read_post, post, &w->posts)
        if (post->author == out->focus)
            keep_own(out, engagements, post);
    for (size_t i = w->ties.count; i > 0 && out->heard_count < INFLUENCE_FOCUS_POSTS; i--) {
        const struct read_tie *tie = &w->ties.items[i - 1];
        const struct read_post *post = &w->posts.items[tie->post];
        if (tie->to != out->focus || post->author == out->focus || tie->post == last)
            continue;
        last = tie->post;
        out->heard[out->heard_count++] = (struct influence_post){post->month, post->id};
    }
}

static bool measure(struct work *w)
{
    struct graph *g = NULL;

    if (!read_posts(w) || !find_answered(w) || !settle_authors(w) || !describe_authors(w) ||
        !join_pairs(w) || !set_numbers(w) || !graph_create(&g, true, w->err))
        return false;
    bool ok = rank_graph(w, g) && sort_authors(w);
    graph_destroy(&g);
    if (ok)
        set_focus(w);
    return ok;
}

bool influence_measure(struct archive *a, struct arena *arena,
                       const struct influence_request *request, struct influence *out,
                       struct err *err)
{
    struct work w = {
        .request = request, .a = a, .arena = arena, .out = out, .err = err, .ok = true};

    *out = (struct influence){.every = 1};
    arena_init(&w.scratch, BATCH_ARENA_BYTES_MAX);
    names_init(&w.names, BATCH_ARENA_BYTES_MAX);
    map_init(&w.post_index, MAP_COPY_KEYS, 0);
    map_init(&w.answered_index, MAP_COPY_KEYS, 0);
    map_init(&w.hash_index, MAP_COPY_KEYS, 0);
    buf_init(&w.key, MIB);
    bool ok = measure(&w);
    names_deinit(&w.names);
    map_deinit(&w.post_index);
    map_deinit(&w.answered_index);
    map_deinit(&w.hash_index);
    buf_deinit(&w.key);
    vec_deinit(&w.posts);
    vec_deinit(&w.ties);
    vec_deinit(&w.answered);
    vec_deinit(&w.pairs);
    arena_deinit(&w.scratch);
    return ok || err_wrap(err, "could not measure influence");
}
