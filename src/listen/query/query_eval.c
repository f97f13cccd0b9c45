/* The naive evaluator: the grammar, read as it stands.
 *
 * A text part denotes the set of its spans: pairs of first and last word position. A word denotes
 * the positions where it stands; a phrase, NEAR and OR are built from the spans of their parts by
 * trying all combinations. Positions of the body begin far behind those of the title, so that
 * nothing reaches across. Recursion is bounded by QUERY_DEPTH_MAX.
 */
#include "listen/query/query_eval.h"

#include <string.h>

#include "listen/query/query_glob.h"
#include "listen/query/query_member.h"
#include "listen/query/query_stem.h"
#include "listen/query/word_span.h"
#include "text/fold.h"

enum { BODY_GAP = 2 * QUERY_DISTANCE_MAX, ANY_SENTENCE = -1 };

/* A word of the post. */
struct unit {
    const struct token *token;
    Str source; /* its bytes in the post */
    uint32_t position, sentence;
    enum query_zone zone;
};

struct eval {
    struct arena *arena;
    const struct post *post;
    const struct post_tokens *tokens;
    struct unit *units;
    size_t unit_count;
    uint32_t sentence_count;
    struct buf scratch, folded;
    struct stemmer *stemmer; /* made when a word asks for stems */
    bool is_failed;          /* memory ran out */
};

/* Where text parts have to stand. */
struct place {
    unsigned zones;
    int64_t sentence; /* or ANY_SENTENCE */
};

static const struct place anywhere = {QUERY_IN_ANYWHERE, ANY_SENTENCE};

static void add_units(struct eval *e, const struct token *tokens, size_t count, Str source,
                      uint32_t base, bool is_title)
{
    uint32_t first_sentence = e->sentence_count;

    for (size_t i = 0; i < count; i++) {
        const struct token *token = &tokens[i];
        if (token->kind == TOKEN_URL)
            continue;
        e->units[e->unit_count++] =
            (struct unit){.token = token,
                          .source = str_sub(source, token->from, token->to - token->from),
                          .position = base + token->position,
                          .sentence = first_sentence + token->sentence,
                          .zone = is_title                            ? QUERY_IN_TITLE
                                  : token->from < e->tokens->lead_end ? QUERY_IN_LEAD
                                                                      : QUERY_IN_REST};
        e->sentence_count = first_sentence + token->sentence + 1;
    }
}

static bool eval_init(struct eval *e, struct arena *a, const struct post *post,
                      const struct post_tokens *tokens, struct err *err)
{
    *e = (struct eval){.arena = a, .post = post, .tokens = tokens};
    e->units = arena_try_new(a, struct unit, tokens->title_count + tokens->body_count + 1);
    if (!e->units)
        return err_arena(err, a);
    buf_init(&e->scratch, UINT32_MAX);
    buf_init(&e->folded, UINT32_MAX);
    add_units(e, tokens->title, tokens->title_count, post->title, 0, true);
    uint32_t base = e->unit_count > 0 ? e->units[e->unit_count - 1].position + BODY_GAP : 0;
    add_units(e, tokens->body, tokens->body_count, post->text, base, false);
    return true;
}

static void eval_deinit(struct eval *e)
{
    buf_deinit(&e->scratch);
    buf_deinit(&e->folded);
    stemmer_destroy(&e->stemmer);
}

static bool is_in_place(const struct unit *unit, struct place place)
{
    return (unit->zone & place.zones) != 0 &&
           (place.sentence == ANY_SENTENCE || unit->sentence == place.sentence);
}

/* --- words --- */

static bool has_sigil(const struct token *token)
{
    return token->kind == TOKEN_HASHTAG || token->kind == TOKEN_MENTION ||
           token->kind == TOKEN_CASHTAG;
}

static bool case_matches(const struct query_node *node, const struct unit *unit)
{
    Str source = unit->source;

    if (!node->is_sigil && has_sigil(unit->token)) {
        size_t at = 0;
        (void)str_next_rune(source, &at);
        source = str_sub(source, at, source.len);
    }
    return str_eq(node->text, source);
}

static bool word_matches(const struct query_node *node, const struct unit *unit)
{
    Str form = node->is_accented ? unit->token->folded : unit->token->plain;

    if (!node->is_sigil)
        form = token_bare(unit->token, form);
    switch (node->form) {
    case QUERY_EXACT:
        return str_eq(node->key, form);
    case QUERY_CASE:
        return case_matches(node, unit);
    case QUERY_PATTERN:
        return query_glob_matches(node->key, form);
    case QUERY_FUZZY:
        return query_fuzzy_matches(node->key, form, node->distance);
    }
    UNREACHABLE("every form is a case");
}

/* The stem of a word in the language of the post; false: there is none. */
static bool stem_of(struct eval *e, const struct query_node *word, struct word_stem *out)
{
    struct err ignored = {0};
    size_t language = query_stem_language(post_tokens_lang(e->tokens, e->post));

    if (language == stem_language_count())
        return false;
    if (!e->stemmer && !stemmer_create(&e->stemmer, &ignored)) {
        e->is_failed = true;
        return false;
    }
    word_stem_init(out, e->stemmer, language, word->key);
    return true;
}

static void add_span(struct eval *e, struct word_spans *out, struct word_span span)
{
    if (!vec_try_push(out, span))
        e->is_failed = true;
}

/* --- phrases --- */

static const struct unit *unit_at(const struct eval *e, uint32_t position)
{
    size_t low = 0, high = e->unit_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (e->units[middle].position < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low < e->unit_count && e->units[low].position == position ? &e->units[low] : NULL;
}

static void exact_phrase_spans(struct eval *e, const struct query_node *phrase, struct place place,
                               struct word_spans *out)
{
    for (size_t i = 0; i < e->unit_count; i++) {
        uint32_t position = e->units[i].position;
        bool matches = true;
        for (const struct query_node *word = phrase->first; word && matches; word = word->next) {
            const struct unit *unit = unit_at(e, position++);
            matches = unit && is_in_place(unit, place) && word_matches(word, unit);
        }
        if (matches)
            add_span(e, out, (struct word_span){e->units[i].position, position - 1});
    }
}

/* Units first..last of a window against the words of a phrase: fits[w][u]. */
struct window {
    const struct query_node *words[QUERY_PHRASE_MAX];
    size_t word_count;
    const struct unit *units;
    size_t unit_count;
    size_t taken_by[QUERY_PHRASE_MAX]; /* word -> unit index */
};

/* Tries every assignment of the words from `word` on to free units: backtracking. */
static bool assign(struct window *w, size_t word, struct place place)
{
    if (word == w->word_count)
        return true;
    for (size_t u = 0; u < w->unit_count; u++) {
        bool is_free =
            is_in_place(&w->units[u], place) && word_matches(w->words[word], &w->units[u]);
        for (size_t i = 0; i < word && is_free; i++)
            is_free = w->taken_by[i] != u;
        if (!is_free)
            continue;
        w->taken_by[word] = u;
        if (assign(w, word + 1, place))
            return true;
    }
    return false;
}

/* Can the words stand at distinct units with both ends of the window taken? */
static bool fills(struct window *w, const struct query_node *phrase, struct place place)
{
    struct window inner = *w;
    const struct unit *last = &w->units[w->unit_count - 1];

    inner.units = w->units + 1;
    inner.unit_count = w->unit_count - 2;
    for (const struct query_node *a = phrase->first; a; a = a->next)
        for (const struct query_node *b = phrase->first; b; b = b->next) {
            if (a == b || !word_matches(a, w->units) || !word_matches(b, last))
                continue;
            inner.word_count = 0;
            for (const struct query_node *word = phrase->first; word; word = word->next)
                if (word != a && word != b)
                    inner.words[inner.word_count++] = word;
            if (assign(&inner, 0, place))
                return true;
        }
    return false;
}

static void slop_phrase_spans(struct eval *e, const struct query_node *phrase, struct place place,
                              struct word_spans *out)
{
    uint32_t reach = phrase->count - 1 + (uint32_t)phrase->slop;

    for (size_t i = 0; i < e->unit_count; i++) {
        if (!is_in_place(&e->units[i], place))
            continue;
        for (size_t j = i + phrase->count - 1; j < e->unit_count; j++) {
            if (e->units[j].position - e->units[i].position > reach)
                break;
            struct window w = {.units = e->units + i, .unit_count = j - i + 1};
            if (is_in_place(&e->units[j], place) && fills(&w, phrase, place))
                add_span(e, out, (struct word_span){e->units[i].position, e->units[j].position});
        }
    }
}

/* --- spans of any text part --- */

static void collect_spans(struct eval *e, const struct query_node *node, struct place place,
                          struct word_spans *out);

static void near_spans(struct eval *e, const struct query_node *near, struct place place,
                       struct word_spans *out)
{
    struct word_spans left = {0}, right = {0};

    collect_spans(e, near->first, place, &left);
    collect_spans(e, near->first->next, place, &right);
    vec_each (struct word_span, a, &left) {
        vec_each (struct word_span, b, &right) {
            if (word_span_is_near(near, *a, *b))
                add_span(e, out, word_span_join(*a, *b));
        }
    }
    vec_deinit(&left);
    vec_deinit(&right);
}

static void spans_of_word(struct eval *e, const struct query_node *word, struct place place,
                          struct word_spans *out)
{
    struct word_stem stem;
    bool has_stem = word->is_stemmed && stem_of(e, word, &stem);

    for (size_t i = 0; i < e->unit_count; i++) {
        const struct unit *unit = &e->units[i];
        if (is_in_place(unit, place) &&
            (word_matches(word, unit) ||
             (has_stem &&
              word_stem_fits(&stem, e->stemmer, token_bare(unit->token, unit->token->plain)))))
            add_span(e, out, (struct word_span){unit->position, unit->position});
    }
}

/* Appends the spans of a text part, then sorts all of *out. */
static void collect_spans(struct eval *e, const struct query_node *node, struct place place,
                          struct word_spans *out)
{
    switch (node->kind) {
    case QUERY_WORD:
        spans_of_word(e, node, place, out);
        break;
    case QUERY_PHRASE:
        if (node->slop < 0)
            exact_phrase_spans(e, node, place, out);
        else
            slop_phrase_spans(e, node, place, out);
        break;
    case QUERY_NEAR:
        near_spans(e, node, place, out);
        break;
    case QUERY_OR:
    case QUERY_REFERENCE:
        for (const struct query_node *child = node->first; child; child = child->next)
            collect_spans(e, child, place, out);
        break;
    default:
        break;
    }
    word_spans_sort(out);
}

/* --- truth --- */

static bool raw_holds(struct eval *e, const struct query_node *node, struct place place)
{
    Str parts[2] = {STR_NONE, STR_NONE};

    if (place.zones & QUERY_IN_TITLE)
        parts[0] = e->post->title;
    if (place.zones & QUERY_IN_REST)
        parts[1] = e->post->text;
    else if (place.zones & QUERY_IN_LEAD)
        parts[1] = str_sub(e->post->text, 0, e->tokens->lead_end);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        buf_reset(&e->folded);
        text_fold(parts[i], FOLD_KEEP_ACCENTS, &e->folded);
        if (query_raw_stands_in(buf_str(&e->folded), node->key))
            return true;
    }
    return false;
}

static bool is_key(void *context, Str key)
{
    return str_eq(key, *(const Str *)context);
}

static bool field_holds(struct eval *e, const struct query_node *node)
{
    Str key = node->key;

    if (query_member_is_keyed(node->field, node->key))
        return query_member_keys(node->field, e->post, e->tokens, &e->scratch, is_key, &key);
    return query_member_test(node->field, node->key, node->low, node->high, e->post, e->tokens,
                             &e->scratch);
}

static bool count_holds(struct eval *e, const struct query_node *node, struct place place)
{
    struct word_spans spans = {0};

    collect_spans(e, node->first, place, &spans);
    double count = (double)spans.count;
    vec_deinit(&spans);
    return node->compare == QUERY_AT_LEAST  ? count >= node->low
           : node->compare == QUERY_AT_MOST ? count <= node->low
                                            : count == node->low;
}

static bool text_holds(struct eval *e, const struct query_node *node, struct place place)
{
    struct word_spans spans = {0};

    collect_spans(e, node, place, &spans);
    bool holds = spans.count > 0;
    vec_deinit(&spans);
    return holds;
}

static bool holds(struct eval *e, const struct query_node *node, struct place place)
{
    switch (node->kind) {
    case QUERY_NOTHING:
        return false;
    case QUERY_WORD:
    case QUERY_PHRASE:
    case QUERY_NEAR:
        return text_holds(e, node, place);
    case QUERY_AND:
        for (const struct query_node *child = node->first; child; child = child->next)
            if (!holds(e, child, place))
                return false;
        return true;
    case QUERY_OR:
        for (const struct query_node *child = node->first; child; child = child->next)
            if (holds(e, child, place))
                return true;
        return false;
    case QUERY_NOT:
        return !holds(e, node->first, place);
    case QUERY_REFERENCE:
        return node->first && holds(e, node->first, place);
    case QUERY_SENTENCE:
        for (uint32_t s = 0; s < e->sentence_count; s++)
            if (holds(e, node->first, (struct place){place.zones, s}))
                return true;
        return false;
    case QUERY_COUNT:
        return count_holds(e, node, place);
    case QUERY_SCOPE:
        return holds(e, node->first, (struct place){place.zones & node->zones, place.sentence});
    case QUERY_FIELD:
        return field_holds(e, node);
    case QUERY_RAW:
        return raw_holds(e, node, place);
    }
    UNREACHABLE("every kind is a case");
}

static bool finish(struct eval *e, struct err *err)
{
    bool failed = e->is_failed || e->scratch.is_failed || e->folded.is_failed;

    eval_deinit(e);
    return !failed || err_set(err, ERR_NO_MEMORY, "no memory left to evaluate a query");
}

bool query_matches(struct arena *a, const struct query *query, const struct post *post,
                   const struct post_tokens *tokens, bool *matches, struct err *err)
{
    struct eval e;

    if (!eval_init(&e, a, post, tokens, err))
        return false;
    *matches = holds(&e, query->root, anywhere);
    return finish(&e, err);
}

/* --- explanation --- */

struct explainer {
    struct eval eval;
    struct {
        VEC(struct query_span);
    } spans;
    struct {
        VEC(const struct query_node *);
    } obstacles;
};

static void note_span(struct explainer *x, const struct query_node *node, struct word_span span)
{
    const struct unit *first = unit_at(&x->eval, span.from), *last = unit_at(&x->eval, span.to);

    ASSERT(first && last);
    struct query_span shown = {.node = node,
                               .place = first->zone == QUERY_IN_TITLE ? QUERY_PLACE_TITLE
                                                                      : QUERY_PLACE_BODY,
                               .from = first->token->from,
                               .to = last->token->to};
    if (!vec_try_push(&x->spans, shown))
        x->eval.is_failed = true;
}

static void note_member(struct explainer *x, const struct query_node *node)
{
    if (!vec_try_push(&x->spans, (struct query_span){.node = node, .place = QUERY_PLACE_MEMBER}))
        x->eval.is_failed = true;
}

/* raw: finds its place in the source by folding from each character on, as folding may change the
 * length of what is in front of it. */
static void note_raw_in(struct explainer *x, const struct query_node *node, Str text,
                        enum query_place place)
{
    struct buf *folded = &x->eval.folded;

    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        (void)str_next_rune(text, &at);
        for (size_t to = at; to <= text.len && to - from <= node->key.len * 4;) {
            buf_reset(folded);
            text_fold(str_sub(text, from, to - from), FOLD_KEEP_ACCENTS, folded);
            if (str_eq(buf_str(folded), node->key)) {
                if (!query_raw_is_cut_at(text, from) && !query_raw_is_cut_at(text, to) &&
                    !vec_try_push(&x->spans,
                                  (struct query_span){node, place, (uint32_t)from, (uint32_t)to}))
                    x->eval.is_failed = true;
                break;
            }
            if (to == text.len || folded->len > node->key.len)
                break;
            (void)str_next_rune(text, &to);
        }
    }
}

static void note_raw(struct explainer *x, const struct query_node *node, struct place place)
{
    const struct post *post = x->eval.post;

    if (place.zones & QUERY_IN_TITLE)
        note_raw_in(x, node, post->title, QUERY_PLACE_TITLE);
    if (place.zones & QUERY_IN_REST)
        note_raw_in(x, node, post->text, QUERY_PLACE_BODY);
    else if (place.zones & QUERY_IN_LEAD)
        note_raw_in(x, node, str_sub(post->text, 0, x->eval.tokens->lead_end), QUERY_PLACE_BODY);
}

static void note_parts(struct explainer *x, const struct query_node *node, struct place place);

/* Of NEAR the two sides are shown, not the words between. */
static void note_near(struct explainer *x, const struct query_node *near, struct place place)
{
    struct word_spans left = {0}, right = {0};

    collect_spans(&x->eval, near->first, place, &left);
    collect_spans(&x->eval, near->first->next, place, &right);
    vec_each (struct word_span, a, &left) {
        bool is_used = false;
        vec_each (struct word_span, b, &right)
            is_used = is_used || word_span_is_near(near, *a, *b);
        if (is_used)
            note_span(x, near->first, *a);
    }
    vec_each (struct word_span, b, &right) {
        bool is_used = false;
        vec_each (struct word_span, a, &left)
            is_used = is_used || word_span_is_near(near, *a, *b);
        if (is_used)
            note_span(x, near->first->next, *b);
    }
    vec_deinit(&left);
    vec_deinit(&right);
}

static void note_text(struct explainer *x, const struct query_node *node, struct place place)
{
    struct word_spans spans = {0};

    collect_spans(&x->eval, node, place, &spans);
    vec_each (struct word_span, span, &spans)
        note_span(x, node, *span);
    vec_deinit(&spans);
}

/* What makes a part that holds hold. */
static void note_parts(struct explainer *x, const struct query_node *node, struct place place)
{
    switch (node->kind) {
    case QUERY_WORD:
    case QUERY_PHRASE:
        note_text(x, node, place);
        break;
    case QUERY_NEAR:
        note_near(x, node, place);
        break;
    case QUERY_AND:
    case QUERY_OR:
    case QUERY_REFERENCE:
        for (const struct query_node *child = node->first; child; child = child->next)
            if (holds(&x->eval, child, place))
                note_parts(x, child, place);
        break;
    case QUERY_SENTENCE:
        for (uint32_t s = 0; s < x->eval.sentence_count; s++) {
            struct place in = {place.zones, s};
            if (holds(&x->eval, node->first, in))
                note_parts(x, node->first, in);
        }
        break;
    case QUERY_COUNT:
        note_parts(x, node->first, place);
        break;
    case QUERY_SCOPE:
        note_parts(x, node->first, (struct place){place.zones & node->zones, place.sentence});
        break;
    case QUERY_FIELD:
        note_member(x, node);
        break;
    case QUERY_RAW:
        note_raw(x, node, place);
        break;
    case QUERY_NOT:
    case QUERY_NOTHING:
        break;
    }
}

/* What keeps a part that does not hold from holding. */
static void note_obstacles(struct explainer *x, const struct query_node *node, struct place place)
{
    switch (node->kind) {
    case QUERY_AND:
    case QUERY_REFERENCE:
        for (const struct query_node *child = node->first; child; child = child->next)
            if (!holds(&x->eval, child, place))
                note_obstacles(x, child, place);
        return;
    case QUERY_SCOPE:
        note_obstacles(x, node->first, (struct place){place.zones & node->zones, place.sentence});
        return;
    case QUERY_NOT:
        note_parts(x, node->first, place);
        break;
    default:
        break;
    }
    if (!vec_try_push(&x->obstacles, node))
        x->eval.is_failed = true;
}

static int compare_query_spans(const void *a, const void *b)
{
    const struct query_span *x = a, *y = b;

    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    return x->node->from < y->node->from ? -1 : x->node->from > y->node->from;
}

static bool move_to_arena(struct explainer *x, struct arena *a, struct query_explanation *out)
{
    out->span_count = x->spans.count;
    out->obstacle_count = x->obstacles.count;
    out->spans = arena_try_new(a, struct query_span, x->spans.count + 1);
    out->obstacles = arena_try_new(a, const struct query_node *, x->obstacles.count + 1);
    if (!out->spans || !out->obstacles)
        return false;
    if (x->spans.count > 0) {
        qsort(x->spans.items, x->spans.count, sizeof *x->spans.items, compare_query_spans);
        memcpy(out->spans, x->spans.items, x->spans.count * sizeof *x->spans.items);
    }
    if (x->obstacles.count > 0)
        memcpy(out->obstacles, x->obstacles.items, x->obstacles.count * sizeof *x->obstacles.items);
    return true;
}

bool query_explain(struct arena *a, const struct query *query, const struct post *post,
                   const struct post_tokens *tokens, struct query_explanation *out, struct err *err)
{
    struct explainer x = {0};

    *out = (struct query_explanation){0};
    if (!eval_init(&x.eval, a, post, tokens, err))
        return false;
    out->matches = holds(&x.eval, query->root, anywhere);
    if (out->matches)
        note_parts(&x, query->root, anywhere);
    else
        note_obstacles(&x, query->root, anywhere);
    bool moved = move_to_arena(&x, a, out);
    vec_deinit(&x.spans);
    vec_deinit(&x.obstacles);
    if (!finish(&x.eval, err))
        return false;
    return moved || err_arena(err, a);
}
