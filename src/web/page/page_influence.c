/* page_influence.c - who is heard in a topic: three numbers an author, the graph, its circles. */
#include <math.h>

#include "listen/influence/influence.h"
#include "listen/measure/author_sketch.h"
#include "text/similarity.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/view/chart.h"
#include "web/view/market_view.h"
#include "web/view/post_view.h"

enum {
    DAYS_DEFAULT = 60,
    LIST_DEFAULT = 25,
    LIST_MAX = 500,
    /* The drawing: the first voices, those who tie them together, some of who listens to each. The
     * file has all. */
    DRAWN_VOICES = 24,
    DRAWN_BRIDGES = 48,
    DRAWN_LISTENERS = 5, /* of one voice */
    DRAWN_AUTHORS = DRAWN_VOICES + DRAWN_BRIDGES + DRAWN_VOICES * DRAWN_LISTENERS,
    DRAWN_TIES = 400,
    DRAWN_LABELS = 14,
    CIRCLES_SHOWN = 7,
    CIRCLE_LEAST = 3, /* authors */
    VOICES_SHOWN = 5,
    POSTS_SHOWN = 8 /* of each list, copies folded */
};

struct influence_page {
    const struct standing_query *query;
    struct standing_query *list;
    size_t count;
    int64_t days, shown;
    int64_t circle; /* from 1: only authors of that one are listed; 0: all */
    struct influence_request window;
    struct influence found;
    struct archive *archive;
    int64_t *circle_sizes; /* by community */
};

/* ---- reading --------------------------------------------------------------------------------- */

static bool measure(struct request *req, struct influence_page *p, struct err *err)
{
    if (!archive_open(&p->archive, req->workspace->posts_dir, ARCHIVE_READ, err) ||
        !archive_span(p->archive, &p->window.from_hour, &p->window.to_hour, err))
        return false;
    p->window.query = p->query->id;
    p->window.focus = request_query(req, S("author"));
    if (p->window.to_hour - p->window.from_hour > p->days * 24)
        p->window.from_hour = p->window.to_hour - p->days * 24;
    if (!influence_measure(p->archive, &req->arena, &p->window, &p->found, err))
        return false;
    p->circle_sizes = arena_try_new(&req->arena, int64_t, p->found.community_count + 1);
    if (!p->circle_sizes)
        return err_arena(err, &req->arena);
    for (size_t i = 0; i < p->found.author_count; i++)
        p->circle_sizes[p->found.authors[i].community]++;
    return true;
}

static bool read_page(struct request *req, struct influence_page *p, struct err *err)
{
    p->days = request_query_i64(req, S("days"), DAYS_DEFAULT, 1, 3650);
    p->shown = request_query_i64(req, S("list"), LIST_DEFAULT, 1, LIST_MAX);
    p->circle = request_query_i64(req, S("circle"), 0, 0, UINT32_MAX);
    if (!standing_query_list(&req->arena, req->workspace->state, &p->list, &p->count, err))
        return false;
    return p->count == 0 || (market_query_choose(req, request_query(req, S("query")), p->list,
                                                 p->count, &p->query, err) &&
                             measure(req, p, err));
}

static Str address(struct request *req, const struct influence_page *p, const char *rest)
{
    return request_url(req, "influence%s?query=" STR_F "&days=%lld", rest, STR_A(p->query->name),
                       (long long)p->days);
}

static Str author_address(struct request *req, const struct influence_page *p, size_t author)
{
    return arena_printf(&req->arena, STR_F "&author=" STR_F "#author", STR_A(address(req, p, "")),
                        STR_A(request_part(req, p->found.authors[author].key)));
}

/* ---- circles --------------------------------------------------------------------------------- */

/* Circles are the communities of some size; they are numbered from 1 and have a colour. */
static bool is_circle(const struct influence_page *p, uint32_t community)
{
    return p->circle_sizes[community] >= CIRCLE_LEAST;
}

static Str circle_name(struct request *req, const struct influence_page *p, uint32_t community)
{
    if (!is_circle(p, community))
        return S("–");
    return arena_printf(&req->arena, "%u", (unsigned)community + 1);
}

static Str circle_token(struct request *req, const struct influence_page *p, uint32_t community,
                        const char *prefix)
{
    unsigned colour = is_circle(p, community) && community < 7 ? (unsigned)community + 1 : 8;

    return arena_printf(&req->arena, "%s%u", prefix, colour);
}

/* The first voices of a community, by rank. */
static Str circle_voices(struct request *req, const struct influence_page *p, uint32_t community)
{
    Str out = STR_NONE;
    int count = 0;

    for (size_t i = 0; i < p->found.author_count && count < VOICES_SHOWN; i++) {
        if (p->found.authors[i].community != community)
            continue;
        out = arena_printf(&req->arena, STR_F "%s" STR_F, STR_A(out), count > 0 ? ", " : "",
                           STR_A(p->found.authors[i].label));
        count++;
    }
    return out;
}

static void fill_circles(struct request *req, const struct influence_page *p,
                         struct tpl_influence *c)
{
    struct tpl_influence_circle *items =
        arena_new(&req->arena, struct tpl_influence_circle, CIRCLES_SHOWN);

    for (uint32_t i = 0; i < p->found.community_count && is_circle(p, i); i++) {
        c->circles++;
        if (i >= CIRCLES_SHOWN)
            continue;
        items[i] = (struct tpl_influence_circle){
            .name = arena_printf(&req->arena, STR_F " %u", STR_A(request_tr(req, TR("Circle"))),
                                 (unsigned)i + 1),
            .dot = circle_token(req, p, i, "dot-"),
            .link = arena_printf(&req->arena, STR_F "&list=%d&circle=%u#heard",
                                 STR_A(address(req, p, "")), LIST_MAX, (unsigned)i + 1),
            .authors = p->circle_sizes[i],
            .voices = circle_voices(req, p, i),
        };
        c->circle_list.count = i + 1;
    }
    c->circle_list.items = items;
}

/* ---- the drawing ----------------------------------------------------------------------------- */

struct drawing {
    uint32_t authors[DRAWN_AUTHORS]; /* by rank within each group */
    size_t count;
    uint32_t *place; /* by author: where in `authors`, + 1; 0 = not drawn */
};

static void draw_author(struct drawing *d, uint32_t author)
{
    if (d->place[author] > 0 || d->count == DRAWN_AUTHORS)
        return;
    d->authors[d->count++] = author;
    d->place[author] = (uint32_t)d->count;
}

/* Who listens to at least two of the first voices ties them together: those with most such ties
 * first, equals by rank. */
static void choose_bridges(struct drawing *d, const struct influence *f, const uint32_t *ties)
{
    size_t wanted = d->count + DRAWN_BRIDGES;

    for (uint32_t most = DRAWN_VOICES; most >= 2; most--)
        for (uint32_t v = 0; v < f->author_count && d->count < wanted; v++)
            if (ties[v] == most)
                draw_author(d, v);
}

static bool choose_drawn(struct request *req, const struct influence *f, struct drawing *d,
                         struct err *err)
{
    uint32_t *ties = arena_try_new(&req->arena, uint32_t, f->author_count + 1);
    size_t heard[DRAWN_VOICES] = {0};

    d->place = arena_try_new(&req->arena, uint32_t, f->author_count + 1);
    if (!ties || !d->place)
        return err_arena(err, &req->arena);
    for (uint32_t v = 0; v < f->author_count && v < DRAWN_VOICES; v++)
        draw_author(d, v);
    for (size_t i = 0; i < f->edge_count; i++)
        if (f->edges[i].to < DRAWN_VOICES)
            ties[f->edges[i].from]++;
    choose_bridges(d, f, ties);
    for (size_t i = 0; i < f->edge_count; i++) { /* listeners by rank: edges are in that order */
        uint32_t to = f->edges[i].to;
        if (to < DRAWN_VOICES && heard[to] < DRAWN_LISTENERS) {
            heard[to]++;
            draw_author(d, f->edges[i].from);
        }
    }
    return true;
}

static bool is_drawn(const struct drawing *d, const struct influence_edge *e)
{
    return d->place[e->from] > 0 && d->place[e->to] > 0;
}

/* The least weight of a tie with which at most DRAWN_TIES are drawn. */
static double least_drawn(const struct influence *f, const struct drawing *d)
{
    double least = 0;
    size_t count;

    do {
        least = least * 1.5 + 1;
        count = 0;
        for (size_t i = 0; i < f->edge_count; i++)
            count += is_drawn(d, &f->edges[i]) && f->edges[i].weight >= least;
    } while (count > DRAWN_TIES);
    return least;
}

static void put_node(struct request *req, const struct influence_page *p, struct chart *chart,
                     uint32_t author, bool has_label)
{
    const struct influence_author *a = &p->found.authors[author];
    struct json_writer *w = &chart->json;
    Str link = author_address(req, p, author);

    json_begin_object(w);
    json_set_str(w, "name", a->label);
    json_set_f64(w, "size", a->rank / p->found.authors[0].rank);
    json_set_i64(w, "circle", a->community);
    json_set_str(w, "color", circle_token(req, p, a->community, "c"));
    json_set_bool(w, "label", has_label);
    json_set_i64(w, "heard", a->listeners);
    json_set_str(w, "link", link);
    json_end_object(w);
    chart_row(chart, a->label, link);
    chart_cell_number(chart, a->listeners, 0, 0);
    chart_cell_number(chart, a->listens_to, 0, 0);
    chart_cell(chart, circle_name(req, p, a->community), false, STR_NONE);
}

static void put_ties(const struct influence *f, const struct drawing *d, struct json_writer *w)
{
    double least = least_drawn(f, d);

    json_set_array(w, "ties");
    for (size_t i = 0; i < f->edge_count; i++) {
        const struct influence_edge *e = &f->edges[i];
        if (!is_drawn(d, e) || e->weight < least)
            continue;
        json_begin_array(w);
        json_put_i64(w, (int64_t)d->place[e->from] - 1);
        json_put_i64(w, (int64_t)d->place[e->to] - 1);
        json_put_f64(w, e->weight);
        json_end_array(w);
    }
    json_end_array(w);
}

static bool draw(struct request *req, const struct influence_page *p, struct tpl_chart *out,
                 struct err *err)
{
    struct drawing d = {0};
    struct chart chart;

    if (!choose_drawn(req, &p->found, &d, err))
        return false;
    chart_begin(&chart, req, "network", request_tr(req, TR("Who listens to whom")),
                request_tr(req, TR("Author")));
    chart_size(&chart, "tall");
    if (d.count < p->found.author_count)
        chart_note(&chart, request_tr(req, TR("The first voices, who ties them together, and some "
                                              "of who listens to each; the file has all")));
    chart_column(&chart, request_tr(req, TR("Heard by")), true);
    chart_column(&chart, request_tr(req, TR("Listens to")), true);
    chart_column(&chart, request_tr(req, TR("Circle")), false);
    json_set_str(&chart.json, "heard", request_tr(req, TR("Heard by")));
    json_set_array(&chart.json, "nodes");
    for (size_t i = 0; i < d.count; i++)
        put_node(req, p, &chart, d.authors[i], i < DRAWN_LABELS);
    json_end_array(&chart.json);
    put_ties(&p->found, &d, &chart.json);
    *out = *chart_end(&chart);
    return true;
}

/* ---- the list -------------------------------------------------------------------------------- */

static int64_t bar_of(const struct influence_author *a, enum influence_number number)
{
    double place = a->percentiles[number];

    return isnan(place) ? 0 : (int64_t)lround(place * 100);
}

static bool is_listed(const struct influence_page *p, size_t author)
{
    return p->circle == 0 || (int64_t)p->found.authors[author].community + 1 == p->circle;
}

static struct tpl_influence_author listed_author(struct request *req,
                                                 const struct influence_page *p, size_t author)
{
    const struct influence_author *a = &p->found.authors[author];

    return (struct tpl_influence_author){
        .label = a->label,
        .source = a->source,
        .link = author_address(req, p, author),
        .is_shown = p->found.focus == author,
        .listeners = a->listeners,
        .posts = a->posts,
        .reach = a->numbers[INFLUENCE_REACH],
        .resonance = a->numbers[INFLUENCE_RESONANCE],
        .relevance = a->numbers[INFLUENCE_RELEVANCE],
        .reach_bar = bar_of(a, INFLUENCE_REACH),
        .resonance_bar = bar_of(a, INFLUENCE_RESONANCE),
        .relevance_bar = bar_of(a, INFLUENCE_RELEVANCE),
        .rank = a->rank,
        .circle = circle_name(req, p, a->community),
        .dot = circle_token(req, p, a->community, "dot-"),
    };
}

/* Highest rank first, as many as asked for. */
static void fill_list(struct request *req, const struct influence_page *p, struct tpl_influence *c)
{
    const struct influence *f = &p->found;
    struct tpl_influence_author *items =
        arena_new(&req->arena, struct tpl_influence_author, (size_t)p->shown);

    for (size_t i = 0; i < f->author_count; i++) {
        if (!is_listed(p, i))
            continue;
        c->listed++;
        if (c->list.count < (size_t)p->shown)
            items[c->list.count++] = listed_author(req, p, i);
    }
    c->list.items = items;
    if ((int64_t)c->list.count < c->listed && p->shown < LIST_MAX)
        c->more = arena_printf(&req->arena, STR_F "&list=%lld&circle=%lld#heard",
                               STR_A(address(req, p, "")),
                               (long long)(p->shown < 100 ? 100 : LIST_MAX), (long long)p->circle);
    if (p->circle > 0)
        c->only_circle = arena_printf(&req->arena, STR_F " %lld",
                                      STR_A(request_tr(req, TR("Circle"))), (long long)p->circle);
    c->all_circles = arena_printf(&req->arena, STR_F "#heard", STR_A(address(req, p, "")));
    c->heard_link =
        arena_printf(&req->arena, STR_F "&list=%d#heard", STR_A(address(req, p, "")), LIST_MAX);
    c->first_link = arena_printf(&req->arena, STR_F "&list=10#heard", STR_A(address(req, p, "")));
}

/* ---- one author ------------------------------------------------------------------------------ */

/* Posts of one list as they are shown: a story once, with its copies among the others. */
struct folding {
    struct similarity *index;
    struct post_tokens tokens;
    size_t places[INFLUENCE_FOCUS_POSTS]; /* by ordinal: where its story is shown */
    struct tpl_post *items;
    size_t count;
};

static Str copies_address(struct request *req, const struct influence_page *p,
                          const struct post *post)
{
    int64_t hour = post->created_at_ms / HOUR_MS, days = SIMILARITY_WINDOW_MS / HOUR_MS;
    long long from = hour - days > 0 ? hour - days : 0, to = hour + days + 1;

    return request_url(req,
                       "copies?query=" STR_F "&source=" STR_F "&id=" STR_F "&from=%lld&to=%lld",
                       STR_A(p->query->name), STR_A(request_part(req, post->source)),
                       STR_A(request_part(req, post->id)), from, to);
}

static bool fold_post(struct request *req, const struct influence_page *p, struct folding *f,
                      size_t ordinal, const struct archived_post *stored, struct err *err)
{
    if (!post_tokens_fill(&f->tokens, &stored->post, err))
        return false;
    const struct similarity_part parts[] = {{f->tokens.title, f->tokens.title_count},
                                            {f->tokens.body, f->tokens.body_count}};
    struct similarity_answer answer =
        similarity_add(f->index, parts, COUNT_OF(parts), stored->post.created_at_ms);
    if (!answer.is_first) {
        size_t place = f->places[answer.story];
        if (place < POSTS_SHOWN)
            f->items[place].copies++;
        return true;
    }
    f->places[ordinal] = f->count;
    if (f->count >= POSTS_SHOWN)
        return true;
    post_view_fill(req, &stored->post, stored->polarity, stored->post.lang, NULL,
                   &f->items[f->count]);
    f->items[f->count++].copies_link = copies_address(req, p, &stored->post);
    return true;
}

static bool fold_all(struct request *req, const struct influence_page *p,
                     const struct influence_post *posts, size_t count, struct folding *f,
                     struct err *err)
{
    for (size_t i = 0, ordinal = 0; i < count; i++) {
        struct archived_post stored;
        struct err gone = {0};
        if (archive_post(p->archive, &req->arena, posts[i].month, posts[i].id, &stored, &gone)) {
            if (!fold_post(req, p, f, ordinal++, &stored, err))
                return false;
        } else if (gone.code != ERR_NOT_FOUND) { /* not erased meanwhile */
            *err = gone;
            return false;
        }
    }
    return true;
}

static bool fill_posts(struct request *req, const struct influence_page *p,
                       const struct influence_post *posts, size_t count, struct tpl_post *items,
                       size_t *filled, struct err *err)
{
    struct similarity_settings settings = {.window_ms = INT64_C(4000) * DAY_MS,
                                           .posts_max = INFLUENCE_FOCUS_POSTS};
    struct folding f = {.items = items};

    bool ok = similarity_create(&f.index, &settings, err) && post_tokens_init(&f.tokens, err) &&
              fold_all(req, p, posts, count, &f, err);
    post_tokens_deinit(&f.tokens);
    similarity_destroy(&f.index);
    *filled = f.count;
    return ok;
}

static bool fill_chosen(struct request *req, const struct influence_page *p,
                        struct tpl_influence *c, struct err *err)
{
    const struct influence *f = &p->found;
    struct tpl_influence_focus *chosen = arena_new(&req->arena, struct tpl_influence_focus, 1);
    struct tpl_post *own = arena_new(&req->arena, struct tpl_post, POSTS_SHOWN);
    struct tpl_post *heard = arena_new(&req->arena, struct tpl_post, POSTS_SHOWN);

    if (f->focus >= f->author_count)
        return true;
    const struct influence_author *a = &f->authors[f->focus];
    Str q = arena_printf(&req->arena, "author:\"" STR_F "\"", STR_A(a->label));
    *chosen = (struct tpl_influence_focus){
        .label = a->label,
        .source = a->source,
        .reach = a->numbers[INFLUENCE_REACH],
        .resonance = a->numbers[INFLUENCE_RESONANCE],
        .relevance = a->numbers[INFLUENCE_RELEVANCE],
        .posts = a->posts,
        .listeners = a->listeners,
        .search = request_url(req, "search?query=" STR_F "&q=" STR_F "&from=%lld&to=%lld",
                              STR_A(p->query->name), STR_A(request_part(req, q)),
                              (long long)p->window.from_hour * HOUR_MS,
                              (long long)p->window.to_hour * HOUR_MS),
    };
    chosen->own.items = own;
    chosen->heard.items = heard;
    c->chosen = chosen;
    return fill_posts(req, p, f->own, f->own_count, own, &chosen->own.count, err) &&
           fill_posts(req, p, f->heard, f->heard_count, heard, &chosen->heard.count, err);
}

/* ---- the page -------------------------------------------------------------------------------- */

static void fill_choices(struct request *req, const struct influence_page *p,
                         struct tpl_influence *c)
{
    static const struct {
        int64_t days;
        const char *label;
    } windows[] = {
        {14, TR("14 days")}, {60, TR("60 days")}, {180, TR("180 days")}, {3650, TR("All")}};
    struct tpl_influence_choice *queries =
        arena_new(&req->arena, struct tpl_influence_choice, p->count + 1);
    struct tpl_influence_window *items =
        arena_new(&req->arena, struct tpl_influence_window, COUNT_OF(windows));

    for (size_t i = 0; i < p->count; i++)
        queries[i] = (struct tpl_influence_choice){p->list[i].name, market_query_title(&p->list[i]),
                                                   &p->list[i] == p->query};
    for (size_t i = 0; i < COUNT_OF(windows); i++)
        items[i] = (struct tpl_influence_window){
            .label = request_tr(req, windows[i].label),
            .link = request_url(req, "influence?query=" STR_F "&days=%lld", STR_A(p->query->name),
                                (long long)windows[i].days),
            .is_current = p->days == windows[i].days,
        };
    c->queries.items = queries;
    c->queries.count = p->count;
    c->windows.items = items;
    c->windows.count = COUNT_OF(windows);
    c->days = p->days;
}

static bool fill_numbers(struct request *req, const struct influence_page *p,
                         struct tpl_influence *c, struct err *err)
{
    const struct influence *f = &p->found;
    struct author_count writers;

    if (!author_count(req->workspace->state, p->query->id, p->window.from_hour, p->window.to_hour,
                      &writers, err))
        return false;
    c->writers = writers.authors;
    c->is_exact = writers.is_exact;
    c->posts = f->posts;
    c->authors = (int64_t)f->author_count;
    c->ties = (int64_t)f->edge_count;
    c->every = f->every;
    c->anonymous = f->anonymous;
    c->unknown = f->unknown;
    for (size_t i = 0; i < f->author_count; i++) {
        c->heard += f->authors[i].listeners > 0;
        c->top_share += i < 10 ? f->authors[i].rank : 0;
    }
    c->from = p->window.from_hour * HOUR_MS;
    c->to = p->window.to_hour * HOUR_MS - 1;
    c->posts_link = request_url(req, "search?query=" STR_F "&from=%lld&to=%lld",
                                STR_A(p->query->name), (long long)p->window.from_hour * HOUR_MS,
                                (long long)p->window.to_hour * HOUR_MS);
    return true;
}

static bool fill_page(struct request *req, const struct influence_page *p, struct tpl_influence *c,
                      struct err *err)
{
    if (p->count == 0)
        return true;
    fill_choices(req, p, c);
    c->query_title = market_query_title(p->query);
    c->gexf = address(req, p, "/graph");
    c->has_posts = p->found.posts > 0;
    if (!c->has_posts)
        return true;
    fill_circles(req, p, c);
    fill_list(req, p, c);
    return draw(req, p, &c->drawing, err) && fill_numbers(req, p, c, err) &&
           fill_chosen(req, p, c, err);
}

bool page_influence(struct request *req, struct err *err)
{
    struct tpl_influence *c = arena_new(&req->arena, struct tpl_influence, 1);
    struct influence_page p = {0};

    bool ok = read_page(req, &p, err) && fill_page(req, &p, c, err);
    archive_close(&p.archive);
    if (!ok)
        return false;
    c->has_queries = p.count > 0;
    c->imports = request_url(req, "imports");
    if (request_may(req, MAY_EDIT_QUERIES))
        c->new_query = request_url(req, "queries/new");
    struct page_crumb crumbs[] = {{request_tr(req, TR("Market")), request_url(req, "market")},
                                  {request_tr(req, TR("Influence")), STR_NONE}};
    struct page_head head = {
        .current = "influence", .title = TR("Influence"), .crumbs = crumbs, .crumb_count = 2};
    PAGE(req, &head, influence, c);
    return true;
}

/* The whole graph for other programs. */
bool page_influence_graph(struct request *req, struct err *err)
{
    struct influence_page p = {0};
    struct buf out;

    buf_init(&out, RESPONSE_BYTES_MAX);
    bool ok = read_page(req, &p, err) &&
              (p.count > 0 || err_set(err, ERR_NOT_FOUND, "there is no query in this workspace"));
    if (ok) {
        influence_gexf(&p.found, p.query->text, &out);
        ok = buf_ok(&out, err) || err_hint(err, "choose a shorter window");
    }
    if (ok) {
        req->content_type = S("application/gexf+xml");
        request_set_header(req, "Content-Disposition",
                           arena_printf(&req->arena, "attachment; filename=\"" STR_F ".gexf\"",
                                        STR_A(p.query->name)));
        ok = arena_try_str(&req->arena, buf_str(&out), &req->fixed_body) ||
             err_arena(err, &req->arena) || err_hint(err, "choose a shorter window");
    }
    buf_deinit(&out);
    archive_close(&p.archive);
    return ok;
}
