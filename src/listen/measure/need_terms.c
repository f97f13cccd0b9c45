#include "listen/measure/need_terms.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/wording.h"
#include "format/time.h"
#include "listen/measure/share_of_voice.h"
#include "listen/measure/source_coverage.h"

#define REFERENCE_POSTS 4000 /* of the other queries together, to know function words by */

const char *const need_definitions[NEED_KIND_COUNT] = {
    [NEED_COMPLAINT] =
        PHRASE("words and phrases that negative posts have more often than the others"),
    [NEED_WISH] = PHRASE("words and phrases that posts with a word of wishing (English or German) "
                         "have more often than the others"),
};

const char *need_kind_name(enum need_kind kind)
{
    return kind == NEED_WISH ? "wish" : "complaint";
}

/* ---- wishes ---------------------------------------------------------------------------------- */

static const Str wish_words[] = {S_INIT("wish"),       S_INIT("want"),     S_INIT("need"),
                                 S_INIT("hope"),       S_INIT("please"),   S_INIT("should"),
                                 S_INIT("suggestion"), S_INIT("wünsche"),  S_INIT("wünschte"),
                                 S_INIT("wünschen"),   S_INIT("möchte"),   S_INIT("hätte"),
                                 S_INIT("brauche"),    S_INIT("bräuchte"), S_INIT("sollte"),
                                 S_INIT("sollten"),    S_INIT("bitte"),    S_INIT("hoffe")};

static bool is_wish_word(Str word)
{
    for (size_t i = 0; i < COUNT_OF(wish_words); i++)
        if (str_eq(word, wish_words[i]))
            return true;
    return false;
}

static bool has_wish_word(const struct token *tokens, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (tokens[i].kind == TOKEN_WORD && is_wish_word(tokens[i].folded))
            return true;
    return false;
}

static bool is_wish(const struct post_tokens *tokens)
{
    return has_wish_word(tokens->title, tokens->title_count) ||
           has_wish_word(tokens->body, tokens->body_count);
}

/* ---- reading --------------------------------------------------------------------------------- */

struct pass {
    const struct need_request *request;
    struct post_tokens tokens;
    struct contrast *words;
    struct post_set posts; /* of the query */
    struct err *err;
    bool ok;
};

static bool mention_visit(void *context, const struct mention_fact *fact,
                          const struct archived_post *post)
{
    struct pass *p = context;

    if (p->request->visit)
        p->request->visit(p->request->context, fact, post);
    if (!(p->ok = post_tokens_fill(&p->tokens, &post->post, p->err)))
        return false;
    unsigned marks = (unsigned)(fact->polarity == POST_NEGATIVE) << NEED_COMPLAINT |
                     (unsigned)is_wish(&p->tokens) << NEED_WISH;
    p->ok =
        contrast_add(p->words, &p->tokens, str_from_cstr(fact->lang), marks,
                     (struct post_ref){fact->month, fact->post}, post->post.created_at_ms, p->err);
    return p->ok;
}

/* What else is said in the market: its language. */
static bool other_visit(void *context, const struct mention_fact *fact,
                        const struct archived_post *post)
{
    struct pass *p = context;

    if (post_set_has(&p->posts, fact->month, fact->post))
        return true;
    p->ok = post_tokens_fill(&p->tokens, &post->post, p->err) &&
            contrast_add_reference(p->words, &p->tokens, str_from_cstr(fact->lang), p->err);
    return p->ok;
}

static uint64_t every_of(int64_t posts, int64_t most)
{
    return posts > most ? (uint64_t)(posts / most) + 1 : 1;
}

static bool others_read(struct pass *p, struct archive *a)
{
    const struct need_request *r = p->request;
    int64_t mentions = 0, count = 0;

    if (r->other_count == 0)
        return true;
    for (size_t i = 0; i < r->other_count; i++) {
        if (!archive_mention_count(a, r->others[i], r->from_hour, r->to_hour, &count, p->err))
            return false;
        mentions += count;
    }
    if (!post_set_fill(&p->posts, a, r->query, r->from_hour, r->to_hour, p->err))
        return false;
    for (size_t i = 0; i < r->other_count; i++)
        if (!archive_mention_posts(a, r->others[i], r->from_hour, r->to_hour,
                                   every_of(mentions, REFERENCE_POSTS), other_visit, p, p->err) ||
            !p->ok)
            return false;
    return true;
}

static bool pass_read(struct pass *p, struct archive *a, struct need_terms *out)
{
    const struct need_request *r = p->request;

    if (!post_tokens_init(&p->tokens, p->err) || !contrast_create(&p->words, p->err) ||
        !archive_mention_count(a, r->query, r->from_hour, r->to_hour, &out->mentions, p->err))
        return false;
    out->every = (int64_t)every_of(out->mentions, CONTRAST_POSTS);
    return archive_mention_posts(a, r->query, r->from_hour, r->to_hour, (uint64_t)out->every,
                                 mention_visit, p, p->err) &&
           p->ok && others_read(p, a);
}

/* What chose the posts says nothing about them. */
static bool lists_fill(struct pass *p, struct arena *arena, struct need_terms *out)
{
    out->n = contrast_posts(p->words);
    for (unsigned kind = 0; kind < NEED_KIND_COUNT; kind++) {
        struct need_list *list = &out->lists[kind];
        list->base = contrast_marked(p->words, kind);
        if (!contrast_top(p->words, kind, kind == NEED_WISH ? is_wish_word : NULL, arena,
                          NEED_TERMS_MAX, &list->terms, &list->count, p->err))
            return false;
    }
    return true;
}

bool need_terms(struct archive *a, struct arena *arena, const struct need_request *request,
                struct need_terms *out, struct err *err)
{
    struct pass p = {.request = request, .err = err, .ok = true};

    *out = (struct need_terms){
        .from_hour = request->from_hour, .to_hour = request->to_hour, .coverage = 1};
    bool ok = pass_read(&p, a, out) && lists_fill(&p, arena, out);
    post_set_deinit(&p.posts);
    post_tokens_deinit(&p.tokens);
    contrast_destroy(&p.words);
    return ok;
}

/* ---- a standing query ------------------------------------------------------------------------ */

static bool others_list(struct workspace *ws, struct arena *arena, struct need_request *request,
                        struct err *err)
{
    struct standing_query *list;
    size_t count;

    if (!standing_query_list(arena, ws->state, &list, &count, err))
        return false;
    int64_t *ids = arena_try_new(arena, int64_t, count + 1);
    if (!ids)
        return err_arena(err, arena);
    for (size_t i = 0; i < count && request->other_count < NEED_OTHERS_MAX; i++)
        if (list[i].is_active && list[i].id != request->query)
            ids[request->other_count++] = list[i].id;
    request->others = ids;
    return true;
}

/* Rounded down, also before 1970. */
static int64_t whole(int64_t value, int64_t unit)
{
    return value / unit - (value % unit < 0);
}

struct need_window {
    int64_t from_ms, to_ms;
    int64_t stored_from, stored_to; /* epoch hours with stored posts, widened to whole days as in
                                       the measures; equal: none */
};

static bool window_of(struct archive *a, struct need_window *w, int64_t now_ms,
                      struct need_request *request, struct err *err)
{
    if (!archive_span(a, &w->stored_from, &w->stored_to, err))
        return false;
    w->stored_from = whole(w->stored_from, 24) * 24;
    w->stored_to = whole(w->stored_to + 23, 24) * 24;
    if (w->to_ms == 0)
        w->to_ms = w->stored_to > w->stored_from ? w->stored_to * HOUR_MS : now_ms;
    if (w->from_ms == 0) {
        w->from_ms = w->to_ms - NEED_DAYS_DEFAULT * DAY_MS;
        if (w->from_ms < w->stored_from * HOUR_MS && w->stored_from * HOUR_MS < w->to_ms)
            w->from_ms = w->stored_from * HOUR_MS;
    }
    request->from_hour = whole(w->from_ms, HOUR_MS);
    request->to_hour = whole(w->to_ms + HOUR_MS - 1, HOUR_MS);
    return w->from_ms < w->to_ms || err_set(err, ERR_USAGE, "the window ends before it begins");
}

static bool coverage_of(struct workspace *ws, struct arena *arena, int64_t now_ms,
                        const struct need_window *w, struct need_terms *out, struct err *err)
{
    const struct source_coverage *sources;
    int64_t from = w->stored_from > out->from_hour ? w->stored_from : out->from_hour;
    int64_t to = w->stored_to < out->to_hour ? w->stored_to : out->to_hour;

    if (!source_coverage_load(arena, ws->state, now_ms, &sources, err))
        return false;
    out->coverage = to > from ? source_coverage_of(sources, from, to) * (double)(to - from) /
                                    (double)(out->to_hour - out->from_hour)
                              : 0;
    return true;
}

bool need_terms_of(struct workspace *workspace, struct arena *arena, int64_t query, int64_t from_ms,
                   int64_t to_ms, int64_t now_ms, struct need_terms *out, struct err *err)
{
    struct need_request request = {.query = query};
    struct archive *archive = NULL;
    struct need_window window = {.from_ms = from_ms, .to_ms = to_ms};

    bool ok = archive_open(&archive, workspace->posts_dir, ARCHIVE_READ, err) &&
              window_of(archive, &window, now_ms, &request, err) &&
              others_list(workspace, arena, &request, err) &&
              need_terms(archive, arena, &request, out, err) &&
              coverage_of(workspace, arena, now_ms, &window, out, err);
    archive_close(&archive);
    return ok;
}

/* ---- telling --------------------------------------------------------------------------------- */

Str need_search(struct arena *arena, enum need_kind kind, Str term)
{
    struct buf text;

    buf_init(&text, 64 * KIB);
    if (kind == NEED_COMPLAINT) {
        buf_lit(&text, "sentiment:negative");
    } else {
        for (size_t i = 0; i < COUNT_OF(wish_words); i++)
            buf_printf(&text, "%s\"" STR_F "\"", i == 0 ? "(" : " OR ", STR_A(wish_words[i]));
        buf_lit(&text, ")");
    }
    if (term.len > 0)
        buf_printf(&text, " AND \"" STR_F "\"", STR_A(term));
    Str out = arena_str(arena, buf_str(&text));
    buf_deinit(&text);
    return out;
}

static void list_put(struct json_writer *w, struct arena *arena, enum need_kind kind,
                     const struct need_list *list)
{
    json_begin_object(w);
    json_set_str(w, "kind", str_from_cstr(need_kind_name(kind)));
    json_set_str(w, "definition", str_from_cstr(need_definitions[kind]));
    json_set_i64(w, "base", list->base);
    json_set_array(w, "terms");
    for (size_t i = 0; i < list->count; i++) {
        const struct contrast_term *t = &list->terms[i];
        json_begin_object(w);
        json_set_str(w, "term", t->text);
        json_set_i64(w, "count", t->count);
        json_set_i64(w, "others", t->background);
        json_set_f64(w, "lift", t->lift);
        json_set_f64(w, "lift_low", t->lift_low);
        json_set_f64(w, "lift_high", t->lift_up);
        json_set_str(w, "search", need_search(arena, kind, t->text));
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}

void need_terms_put(struct json_writer *w, struct arena *arena, const struct need_terms *needs)
{
    json_set_str(w, "from", str_from_cstr(time_rfc3339(needs->from_hour * HOUR_MS).text));
    json_set_str(w, "to", str_from_cstr(time_rfc3339(needs->to_hour * HOUR_MS).text));
    json_set_i64(w, "mentions", needs->mentions);
    json_set_i64(w, "every", needs->every);
    json_set_i64(w, "n", needs->n);
    json_set_f64(w, "coverage", needs->coverage);
    json_set_array(w, "lists");
    for (int kind = 0; kind < NEED_KIND_COUNT; kind++)
        list_put(w, arena, (enum need_kind)kind, &needs->lists[kind]);
    json_end_array(w);
}
