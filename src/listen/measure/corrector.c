/* Corrections in use: which of them a post meets, and what it then counts as. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/vec.h"
#include "listen/measure/correction.h"
#include "listen/query/query_eval.h"
#include "listen/standing_query.h"
#include "text/sentiment.h"

#define SIGNIFICANT_LEAN 0.05 /* a change of the log-odds that is no accident of rounding */

/* ---- sets ------------------------------------------------------------------------------------ */

struct rule {
    int64_t query;
    enum post_polarity mood;
    struct query term; /* in the set's memory */
};

struct correction_set {
    atomic_uint references;
    struct arena memory;
    struct query_set *found; /* which rules a post meets, by ordinal */
    struct {
        VEC(struct rule); /* by query, then order of the list */
    } rules;
};

struct correction_set *correction_set_acquire(struct correction_set *set)
{
    if (set)
        atomic_fetch_add(&set->references, 1);
    return set;
}

void correction_set_release(struct correction_set **p)
{
    struct correction_set *set = *p;

    *p = NULL;
    if (!set || atomic_fetch_sub(&set->references, 1) > 1)
        return;
    query_set_release(&set->found);
    vec_deinit(&set->rules);
    arena_deinit(&set->memory);
    mem_free(set);
}

/* What is being compiled: the texts of the rules beside the rules. */
struct making {
    struct correction_set *set;
    struct db *state;
    struct tokenizer *words;
    struct {
        VEC(struct query_set_item);
    } items;
    struct err *err;
};

static bool rule_add(struct making *m, int64_t query, const struct correction *c)
{
    struct arena *memory = &m->set->memory;
    struct standing_names names = {m->state, memory};
    struct query_resolver resolver = standing_resolver(&names);
    struct query_problems problems = {0};
    struct rule rule = {.query = query, .mood = c->mood};
    Str term, text;

    if (!arena_try_str(memory, c->term, &term))
        return err_arena(m->err, memory);
    text = c->context.len == 0 ? term
                               : arena_printf(memory, "(" STR_F ") AND (" STR_F ")", STR_A(term),
                                              STR_A(c->context));
    bool ok =
        query_parse(memory, m->words, term, STR_NONE, &resolver, &rule.term, &problems, m->err);
    if (ok && problems.error_count > 0)
        ok = err_set(m->err, ERR_INPUT, "the correction '" STR_F "' can no longer be read",
                     STR_A(str_sub(term, 0, 60)));
    query_problems_deinit(&problems);
    Str name = arena_printf(memory, "correction %zu", m->items.count);
    return ok && ((vec_try_push(&m->set->rules, rule) &&
                   vec_try_push(&m->items, (struct query_set_item){name, text})) ||
                  err_set(m->err, ERR_NO_MEMORY, "no memory for corrections"));
}

static void refuse_rule(void *context, size_t ordinal, const struct query_problems *problems)
{
    struct making *m = context;

    if (problems->error_count > 0 && m->err->code == ERR_NONE)
        err_set(m->err, ERR_INPUT, "the correction '" STR_F "' can no longer be read",
                STR_A(m->set->rules.items[ordinal].term.text));
}

static bool making_begin(struct making *m, struct db *state, struct err *err)
{
    *m = (struct making){.state = state, .err = err};
    m->set = mem_try_alloc(1, sizeof *m->set);
    if (!m->set)
        return err_set(err, ERR_NO_MEMORY, "no memory for corrections");
    atomic_init(&m->set->references, 1);
    arena_init(&m->set->memory, BATCH_ARENA_BYTES_MAX);
    return tokenizer_create(&m->words, err);
}

static bool making_end(struct making *m, bool ok, struct correction_set **out)
{
    if (ok && m->items.count > 0) {
        struct standing_names names = {m->state, &m->set->memory};
        struct query_resolver resolver = standing_resolver(&names);
        struct query_set_options options = {.resolver = &resolver};
        ok = query_set_create(&m->set->found, m->items.items, m->items.count, &options, refuse_rule,
                              m, m->err) &&
             m->err->code == ERR_NONE;
    }
    tokenizer_destroy(&m->words);
    if (!ok || m->items.count == 0)
        correction_set_release(&m->set);
    vec_deinit(&m->items);
    *out = m->set;
    return ok;
}

bool correction_set_make(struct correction_set **out, struct db *state, int64_t query,
                         const struct correction *items, size_t count, struct err *err)
{
    struct making m;
    bool ok = making_begin(&m, state, err);

    for (size_t i = 0; ok && i < count; i++)
        ok = rule_add(&m, query, &items[i]);
    return making_end(&m, ok, out);
}

static bool all_add(struct making *m, struct arena *arena)
{
    struct standing_query *queries;
    struct correction_list list;
    size_t count;

    if (!standing_query_list(arena, m->state, &queries, &count, m->err))
        return false;
    for (size_t q = 0; q < count; q++) {
        if (!queries[q].is_active)
            continue;
        if (!correction_read(arena, m->state, queries[q].id, &list, m->err))
            return false;
        for (size_t i = 0; i < list.count; i++)
            if (!rule_add(m, queries[q].id, &list.items[i]))
                return false;
    }
    return true;
}

bool correction_set_load(struct correction_set **out, struct db *state, struct err *err)
{
    struct arena arena;
    struct making m;

    arena_init(&arena, BATCH_ARENA_BYTES_MAX);
    bool ok = making_begin(&m, state, err) && all_add(&m, &arena);
    arena_deinit(&arena);
    return making_end(&m, ok, out) || err_wrap(err, "could not compile the corrections");
}

/* ---- correctors ------------------------------------------------------------------------------ */

struct corrector {
    struct correction_set *set;
    struct match_scratch *scratch;
    struct tokenizer *words;
};

bool corrector_create(struct corrector **out, struct correction_set *set, struct err *err)
{
    struct corrector *c = mem_try_alloc(1, sizeof *c);

    if (!c)
        return err_set(err, ERR_NO_MEMORY, "no memory for corrections");
    c->set = correction_set_acquire(set);
    if (!match_scratch_create(&c->scratch, set->found, err) || !tokenizer_create(&c->words, err)) {
        corrector_destroy(&c);
        return false;
    }
    *out = c;
    return true;
}

void corrector_destroy(struct corrector **p)
{
    struct corrector *c = *p;

    if (!c)
        return;
    match_scratch_destroy(&c->scratch);
    tokenizer_destroy(&c->words);
    correction_set_release(&c->set);
    mem_free(c);
    *p = NULL;
}

const struct correction_set *corrector_set(const struct corrector *c)
{
    return c->set;
}

/* ---- one text -------------------------------------------------------------------------------- */

/* A plain word of each mood; other languages have faces, which all lexicons know. */
static const struct {
    char code[3];
    const char *positive, *negative;
} plain_words[] = {
    {"ar", "رائع", "سيئ"},           {"de", "großartig", "furchtbar"},
    {"en", "great", "terrible"},     {"es", "genial", "horrible"},
    {"fr", "excellent", "horrible"}, {"it", "bellissimo", "orribile"},
    {"pt", "excelente", "horrível"},
};

static Str plain_word(Str lang, enum post_polarity mood)
{
    for (size_t i = 0; i < COUNT_OF(plain_words); i++)
        if (str_eq(lang, str_from_cstr(plain_words[i].code)))
            return str_from_cstr(mood == POST_POSITIVE ? plain_words[i].positive
                                                       : plain_words[i].negative);
    return mood == POST_POSITIVE ? S("😀") : S("😠");
}

static bool rate(struct corrector *c, Str text, Str lang, struct sentiment *out, struct err *err)
{
    const struct token *tokens;
    size_t count;

    if (!tokenizer_run(c->words, text, &tokens, &count, err))
        return false;
    sentiment_score(text, tokens, count, lang, out);
    return true;
}

static double lean_of(const struct sentiment *s)
{
    return s->scores[2] - s->scores[0];
}

/* Does a plain word in the part's place pull the text to the other side? Then so does the part. */
static bool turn_round(struct corrector *c, Str masked, Str lang, const struct sentiment *without,
                       struct corrected_part *part, struct arena *arena, struct err *err)
{
    Str word = plain_word(lang, part->lean > 0 ? POST_POSITIVE : POST_NEGATIVE);
    size_t behind = masked.len - part->to, len = part->from + word.len + behind;
    char *text = arena_try_new(arena, char, len + 1);
    struct sentiment with;

    if (!text)
        return err_arena(err, arena);
    memcpy(text, masked.ptr, part->from);
    memcpy(text + part->from, word.ptr, word.len);
    memcpy(text + part->from + word.len, masked.ptr + part->to, behind);
    if (!rate(c, (Str){text, len}, lang, &with, err))
        return false;
    double pull = lean_of(&with) - lean_of(without);
    if (pull * part->lean < 0 && fabs(pull) > SIGNIFICANT_LEAN)
        part->lean = -part->lean;
    return true;
}

/* Title or text with its corrections applied. */
struct rated {
    bool is_there;
    enum post_polarity label;
    double lean, weight;
};

static bool rate_part(struct corrector *c, Str masked, Str lang, bool is_title,
                      struct corrected_text *read, struct arena *arena, struct rated *out,
                      struct err *err)
{
    struct sentiment s;
    double shift = 0;
    size_t parts = 0;

    *out = (struct rated){.is_there = masked.len > 0};
    if (masked.len == 0)
        return true;
    if (!rate(c, masked, lang, &s, err))
        return false;
    for (size_t i = 0; i < read->part_count; i++) {
        struct corrected_part *part = &read->parts[i];
        if (part->is_title != is_title)
            continue;
        parts++;
        if (part->lean != 0 && !turn_round(c, masked, lang, &s, part, arena, err))
            return false;
        shift += part->lean;
    }
    if (parts == 0) { /* as it was */
        out->label = (enum post_polarity)s.label;
        out->lean = lean_of(&s);
        out->weight = s.hits + 1.0;
        return true;
    }
    /* The same mood said twice is not twice as sure. */
    shift = fmax(-1.5 * CORRECTION_LEAN, fmin(1.5 * CORRECTION_LEAN, shift));
    double scores[3] = {s.scores[0] - fmin(0, shift), s.scores[1], s.scores[2] + fmax(0, shift)};
    int best = scores[0] > scores[1] ? 0 : 1;
    best = scores[2] > scores[best] ? 2 : best;
    out->label = (enum post_polarity)(best - 1);
    out->lean = scores[2] - scores[0];
    out->weight = s.hits + 1.0 + (double)parts;
    return true;
}

/* Title and text are weighed against each other as intake_sentiment() does. */
static enum post_polarity joined(const struct rated *title, const struct rated *body)
{
    if (!title->is_there || !body->is_there || title->label == body->label)
        return title->is_there ? title->label : body->label;
    double lean = title->lean * title->weight + body->lean * body->weight;
    return lean > 0 ? POST_POSITIVE : lean < 0 ? POST_NEGATIVE : POST_NEUTRAL;
}

/* ---- parts ----------------------------------------------------------------------------------- */

static bool is_taken(const struct corrected_text *read, bool is_title, uint32_t from, uint32_t to)
{
    for (size_t i = 0; i < read->part_count; i++)
        if (read->parts[i].is_title == is_title && read->parts[i].from < to &&
            from < read->parts[i].to)
            return true;
    return false;
}

static bool rule_apply(const struct rule *rule, const struct post *post,
                       const struct post_tokens *tokens, struct arena *arena,
                       struct corrected_text *read, struct err *err)
{
    struct query_explanation found;
    bool has_place = false;

    if (!query_explain(arena, &rule->term, post, tokens, &found, err))
        return false;
    for (size_t i = 0; i < found.span_count; i++) {
        const struct query_span *span = &found.spans[i];
        bool is_title = span->place == QUERY_PLACE_TITLE;
        if (span->place == QUERY_PLACE_MEMBER || span->from >= span->to)
            continue;
        has_place = true;
        if (read->part_count < CORRECTION_PARTS_MAX &&
            !is_taken(read, is_title, span->from, span->to))
            read->parts[read->part_count++] = (struct corrected_part){
                is_title, span->from, span->to, (double)rule->mood * CORRECTION_LEAN};
    }
    if (!has_place && found.matches && !read->is_whole) {
        read->is_whole = true;
        read->mood = rule->mood;
    }
    return true;
}

static int by_place(const void *a, const void *b)
{
    const struct corrected_part *x = a, *y = b;

    if (x->is_title != y->is_title)
        return x->is_title ? -1 : 1;
    return x->from < y->from ? -1 : x->from > y->from;
}

static bool masked(struct arena *arena, Str text, bool is_title, const struct corrected_text *read,
                   Str *out, struct err *err)
{
    char *copy = arena_try_new(arena, char, text.len + 1);

    if (!copy)
        return err_arena(err, arena);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    for (size_t i = 0; i < read->part_count; i++)
        if (read->parts[i].is_title == is_title)
            memset(copy + read->parts[i].from, ' ', read->parts[i].to - read->parts[i].from);
    *out = (Str){copy, text.len};
    return true;
}

/* The rules of the query among those that the post meets. */
static bool read_query(struct corrector *c, const uint32_t *ordinals, size_t count,
                       const struct post *post, const struct post_tokens *tokens, Str lang,
                       int64_t query, struct arena *arena, struct corrected_text *out,
                       struct err *err)
{
    struct rated title, body;

    *out = (struct corrected_text){.title = post->title, .text = post->text};
    out->parts = arena_try_new(arena, struct corrected_part, CORRECTION_PARTS_MAX);
    if (!out->parts)
        return err_arena(err, arena);
    for (size_t i = 0; i < count; i++) {
        const struct rule *rule = &c->set->rules.items[ordinals[i]];
        if (rule->query == query && !rule_apply(rule, post, tokens, arena, out, err))
            return false;
    }
    if (out->part_count == 0)
        return true;
    qsort(out->parts, out->part_count, sizeof *out->parts, by_place);
    if (!masked(arena, post->title, true, out, &out->title, err) ||
        !masked(arena, post->text, false, out, &out->text, err) ||
        !rate_part(c, out->title, lang, true, out, arena, &title, err) ||
        !rate_part(c, out->text, lang, false, out, arena, &body, err))
        return false;
    if (!out->is_whole)
        out->mood = joined(&title, &body);
    return true;
}

bool corrector_read(struct corrector *c, const struct post *post, const struct post_tokens *tokens,
                    Str lang, int64_t query, struct arena *arena, struct corrected_text *out,
                    struct err *err)
{
    const uint32_t *ordinals;
    size_t count;

    return match_post(c->scratch, post, tokens, &ordinals, &count, err) &&
           read_query(c, ordinals, count, post, tokens, lang, query, arena, out, err);
}

bool corrector_run(struct corrector *c, const struct post *post, const struct post_tokens *tokens,
                   Str lang, const int64_t *queries, size_t count, struct arena *arena,
                   const enum post_polarity **moods, struct err *err)
{
    const uint32_t *ordinals;
    enum post_polarity *found = NULL;
    size_t met, rule = 0;

    *moods = NULL;
    if (!match_post(c->scratch, post, tokens, &ordinals, &met, err))
        return false;
    for (size_t q = 0; q < count && rule < met; q++) { /* rules ascend by query too */
        struct corrected_text read;
        while (rule < met && c->set->rules.items[ordinals[rule]].query < queries[q])
            rule++;
        if (rule == met || c->set->rules.items[ordinals[rule]].query != queries[q])
            continue;
        if (!read_query(c, ordinals, met, post, tokens, lang, queries[q], arena, &read, err))
            return false;
        if (read.part_count == 0 && !read.is_whole)
            continue;
        if (!found) {
            found = arena_try_new(arena, enum post_polarity, count);
            if (!found)
                return err_arena(err, arena);
            for (size_t i = 0; i < count; i++)
                found[i] = POST_POLARITY_UNKNOWN;
        }
        found[q] = read.mood;
    }
    *moods = found;
    return true;
}
