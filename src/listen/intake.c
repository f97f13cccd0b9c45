#include "listen/intake.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "listen/measure/correction.h"
#include "text/language.h"
#include "text/sentiment.h"
#include "text/sentiment_maker.h"

#define POLARITY_THRESHOLD 0.05 /* of the weighed compound, when title and text disagree */

struct intake {
    struct match_scratch *scratch; /* holds the set */
    struct corrector *corrector;   /* of its corrections; NULL: none */
    struct post_tokens tokens;
    struct language_reader *reader;
    struct buf words;
    unsigned needs;
    char maker[SENTIMENT_MAKER_BYTES];
};

/* The corrections that came with the set in use. */
static bool take_corrections(struct intake *in, struct err *err)
{
    struct correction_set *set = query_set_attachment(intake_set(in));

    if (in->corrector ? corrector_set(in->corrector) == set : !set)
        return true;
    corrector_destroy(&in->corrector);
    return !set || corrector_create(&in->corrector, set, err);
}

bool intake_create(struct intake **out, struct query_set *set, struct err *err)
{
    struct intake *in = mem_try_alloc(1, sizeof *in);

    if (!in)
        return err_set(err, ERR_NO_MEMORY, "no memory for reading posts");
    in->needs = query_set_stats(set)->needs;
    sentiment_maker(in->maker);
    buf_init(&in->words, 8 * POST_TEXT_BYTES_MAX);
    if (!match_scratch_create(&in->scratch, set, err) || !post_tokens_init(&in->tokens, err) ||
        !language_reader_create(&in->reader, err) || !take_corrections(in, err)) {
        intake_destroy(&in);
        return false;
    }
    *out = in;
    return true;
}

void intake_destroy(struct intake **p)
{
    struct intake *in = *p;

    if (!in)
        return;
    corrector_destroy(&in->corrector);
    match_scratch_destroy(&in->scratch);
    post_tokens_deinit(&in->tokens);
    language_reader_destroy(&in->reader);
    buf_deinit(&in->words);
    mem_free(in);
    *p = NULL;
}

bool intake_follow(struct intake *in, struct query_set_holder *holder, struct err *err)
{
    if (!match_scratch_follow(&in->scratch, holder, err))
        return false;
    in->needs = query_set_stats(intake_set(in))->needs;
    return take_corrections(in, err);
}

const struct query_set *intake_set(const struct intake *in)
{
    return match_scratch_set(in->scratch);
}

/* The longer of title and text tells more. */
static bool find_language(struct intake *in, const struct post *post, struct arena *arena,
                          struct archive_item *item, struct err *err)
{
    if (post->lang.len > 0 || item->lang_found.len > 0)
        return true;
    struct language_guess guess =
        language_read(in->reader, post->text.len > post->title.len ? post->text : post->title);
    Str code = str_from_cstr(guess.code); /* "und" when unsure */
    if (!arena_try_str(arena, code, &item->lang_found))
        return err_arena(err, arena);
    if (!str_eq(code, S("und")))
        in->tokens.lang = item->lang_found;
    return true;
}

/* How much a part counts: by its words with a mood; one without any counts a little. */
static double weight_of(Str text, const struct sentiment *s)
{
    return text.len > 0 ? s->hits + 1.0 : 0;
}

void intake_sentiment(const struct post *post, const struct post_tokens *tokens, Str lang,
                      enum post_polarity *polarity, double *compound)
{
    struct sentiment title = {0}, body = {0};

    if (post->title.len > 0)
        sentiment_score(post->title, tokens->title, tokens->title_count, lang, &title);
    if (post->text.len > 0)
        sentiment_score(post->text, tokens->body, tokens->body_count, lang, &body);
    double title_weight = weight_of(post->title, &title),
           body_weight = weight_of(post->text, &body);
    double weight = fmax(1, title_weight + body_weight);
    *compound = (title.compound * title_weight + body.compound * body_weight) / weight;
    if (title_weight == 0 || body_weight == 0 || title.label == body.label)
        *polarity = (enum post_polarity)(title_weight > 0 ? title.label : body.label);
    else if (fabs(*compound) < POLARITY_THRESHOLD)
        *polarity = POST_NEUTRAL;
    else
        *polarity = *compound > 0 ? POST_POSITIVE : POST_NEGATIVE;
}

static bool rate(struct intake *in, const struct post *post, struct arena *arena,
                 struct archive_item *item, struct err *err)
{
    if (item->polarity != POST_POLARITY_UNKNOWN)
        return true;
    if (!find_language(in, post, arena, item, err))
        return false;
    intake_sentiment(post, &in->tokens, post_tokens_lang(&in->tokens, post), &item->polarity,
                     &item->compound);
    in->tokens.polarity = item->polarity;
    return arena_try_str(arena, str_from_cstr(in->maker), &item->maker) || err_arena(err, arena);
}

static bool names_person(const struct post_tokens *tokens)
{
    for (size_t i = 0; i < tokens->body_count; i++)
        if (tokens->body[i].kind == TOKEN_MENTION)
            return true;
    return false;
}

static bool keep_match(struct intake *in, const uint32_t *ordinals, size_t count,
                       struct arena *arena, struct archive_item *item, struct err *err)
{
    const int64_t *ids = query_set_numbers(intake_set(in));
    int64_t *queries = arena_try_new(arena, int64_t, count);

    if (!queries)
        return err_arena(err, arena);
    for (size_t i = 0; i < count; i++)
        queries[i] = ids[ordinals[i]];
    item->queries = queries;
    item->query_count = count;
    item->addresses_person = names_person(&in->tokens);
    return true;
}

static bool correct(struct intake *in, struct arena *arena, struct archive_item *item,
                    struct err *err)
{
    return !in->corrector || corrector_run(in->corrector, item->post, &in->tokens,
                                           post_tokens_lang(&in->tokens, item->post), item->queries,
                                           item->query_count, arena, &item->moods, err);
}

bool intake_post(struct intake *in, const struct post *post, struct arena *arena,
                 struct archive_item *item, struct err *err)
{
    const uint32_t *ordinals;
    size_t count;

    *item = (struct archive_item){.post = post,
                                  .identity = post_identity(post->source, post->id),
                                  .content = post_content(post),
                                  .polarity = POST_POLARITY_UNKNOWN};
    if (post->event == POST_DELETE)
        return true;
    if (!post_tokens_fill(&in->tokens, post, err) ||
        ((in->needs & QUERY_SET_NEEDS_LANG) && !find_language(in, post, arena, item, err)) ||
        ((in->needs & QUERY_SET_NEEDS_SENTIMENT) && !rate(in, post, arena, item, err)) ||
        !match_post(in->scratch, post, &in->tokens, &ordinals, &count, err))
        return false;
    return count == 0 ||
           (rate(in, post, arena, item, err) && keep_match(in, ordinals, count, arena, item, err) &&
            correct(in, arena, item, err));
}

bool intake_batch(struct intake *in, struct decode_batch *batch, struct intake_items *items,
                  struct err *err)
{
    vec_reset(items);
    items->matched_count = 0;
    if (!vec_try_reserve(items, batch->posts.count + 1))
        return err_set(err, ERR_NO_MEMORY, "no memory for a batch of posts");
    vec_each (struct decoded, decoded, &batch->posts) {
        struct archive_item *item = &items->items[items->count++];
        if (!intake_post(in, &decoded->post, &batch->arena, item, err))
            return false;
        items->matched_count += item->query_count > 0 ? 1 : 0;
    }
    return true;
}
