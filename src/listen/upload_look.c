/* What the beginning of an uploaded file holds, and words to ask for. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/map.h"
#include "listen/decode/csv_mapping.h"
#include "listen/post_tokens.h"
#include "listen/upload.h"

/* ---- looking --------------------------------------------------------------------------------- */

struct decode_options upload_options(const struct upload *u)
{
    static const char *const packed[] = {".gz", ".zst"}, *const tables[] = {".csv", ".tsv"};
    struct decode_options options = {
        .source = u->source, .dataset = u->source, .mapping = u->mapping};
    Str name = u->name;

    for (size_t i = 0; i < COUNT_OF(packed); i++)
        if (str_ends(name, str_from_cstr(packed[i])))
            name = str_sub(name, 0, name.len - strlen(packed[i]));
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        if (name.len > 4 && str_eq_nocase(str_sub(name, name.len - 4, 4), str_from_cstr(tables[i])))
            options.format = DECODE_CSV;
    return options;
}

static bool find_mapping(struct arena *arena, const struct workspace *w, const struct upload *u,
                         Str path, struct decode_options *options, struct decode_columns *columns,
                         struct err *err)
{
    if (!decode_columns_read(path, options, arena, columns, err))
        return false;
    if (!columns->is_csv || u->mapping.len > 0)
        return true;
    return csv_mapping_recall(w->state, columns, arena, &options->mapping, err) &&
           (options->mapping.len == 0 || decode_columns_read(path, options, arena, columns, err));
}

static bool look_at_posts(struct arena *arena, Str path, const struct decode_options *options,
                          struct upload_look *look, struct err *err)
{
    struct decode_input *in = NULL;
    struct decoder *decoder = NULL;
    struct decode_block block, next;
    bool has_block = false, has_next = false;

    decode_block_init(&block);
    decode_block_init(&next);
    bool ok = decode_input_open(&in, path, options, arena, err) && decoder_create(&decoder, err) &&
              decode_input_next(in, &block, &has_block, err) &&
              (!has_block || decoder_run(decoder, &block, &look->batch, err)) &&
              decode_input_next(in, &next, &has_next, err);
    if (ok) {
        look->format = decode_input_format(in);
        look->is_whole = !has_next;
    }
    decoder_destroy(&decoder);
    decode_input_close(&in);
    decode_block_deinit(&block);
    decode_block_deinit(&next);
    return ok;
}

/* ---- words to ask for ------------------------------------------------------------------------ */

/* A name stands with a capital inside sentences too; what stands so in most of its posts, or has a
 * sign, is what people talk about. Where no script or writer has capitals, long words have to do.
 */
struct word {
    Str text;
    int64_t posts, capitals, seen_at;
    bool is_sign;
    double worth; /* asking for; 0: not at all */
};

struct words {
    struct map map; /* folded word to its number */
    struct arena arena;
    VEC(struct word);
};

enum { WORDS_MAX = 50000, WORD_LETTERS_MIN = 3, WORD_LONG = 6 };

static bool is_capital(Str text, const struct token *t)
{
    return t->from < text.len && t->folded.len > 0 && text.ptr[t->from] != t->folded.ptr[0];
}

static bool count_word(struct words *words, Str text, const struct token *t, bool is_first,
                       int64_t post, struct err *err)
{
    bool is_sign = t->kind == TOKEN_HASHTAG || t->kind == TOKEN_MENTION || t->kind == TOKEN_CASHTAG;
    uint64_t number;

    if (!(is_sign || t->kind == TOKEN_WORD) || t->folded.len < WORD_LETTERS_MIN)
        return true;
    const uint64_t *known = map_get(&words->map, t->folded);
    number = known ? *known : words->count;
    if (!known) {
        struct word fresh = {.is_sign = is_sign, .seen_at = -1};
        if (number >= WORDS_MAX)
            return true;
        if (!arena_try_str(&words->arena, t->folded, &fresh.text) || !vec_try_push(words, fresh) ||
            !map_put(&words->map, fresh.text, number))
            return err_set(err, ERR_NO_MEMORY, "no memory for the words of a file");
    }
    struct word *word = &words->items[number];
    if (word->seen_at == post)
        return true;
    word->seen_at = post;
    word->posts++;
    word->capitals += !is_first && is_capital(text, t);
    return true;
}

static double worth_of(const struct word *word, int64_t posts)
{
    double share = (double)word->posts / (double)(posts > 0 ? posts : 1);
    double capital = (double)word->capitals / (double)word->posts;

    if (word->posts < 2 && posts > 5)
        return 0;
    if (word->is_sign)
        return 1.2 * (double)word->posts;
    if (capital >= 0.3)
        return capital * (double)word->posts;
    return word->text.len >= WORD_LONG && share < 0.5 ? 0.15 * (double)word->posts : 0;
}

static int word_cmp(const void *a, const void *b)
{
    const struct word *left = a, *right = b;

    if (left->worth != right->worth)
        return left->worth < right->worth ? 1 : -1;
    return str_cmp(left->text, right->text);
}

static bool count_text(struct words *words, Str text, const struct token *tokens, size_t count,
                       int64_t post, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        bool is_first = i == 0 || tokens[i].sentence != tokens[i - 1].sentence;
        if (!count_word(words, text, &tokens[i], is_first, post, err))
            return false;
    }
    return true;
}

static bool count_words(struct words *words, const struct decode_batch *batch, struct err *err)
{
    struct post_tokens tokens;
    bool ok = post_tokens_init(&tokens, err);

    for (size_t i = 0; ok && i < batch->posts.count && i < UPLOAD_LOOK_POSTS; i++) {
        const struct post *post = &batch->posts.items[i].post;
        ok = post_tokens_fill(&tokens, post, err) &&
             count_text(words, post->title, tokens.title, tokens.title_count, (int64_t)i, err) &&
             count_text(words, post->text, tokens.body, tokens.body_count, (int64_t)i, err);
    }
    post_tokens_deinit(&tokens);
    return ok;
}

static bool find_hints(struct arena *arena, struct upload_look *look, struct err *err)
{
    struct words words = {0};
    size_t posts = look->batch.posts.count;

    map_init(&words.map, MAP_BORROW_KEYS, 0);
    arena_init(&words.arena, 64 * MIB);
    bool ok = count_words(&words, &look->batch, err);
    vec_each (struct word, word, &words)
        word->worth =
            worth_of(word, (int64_t)(posts < UPLOAD_LOOK_POSTS ? posts : UPLOAD_LOOK_POSTS));
    if (ok && words.count > 0)
        qsort(words.items, words.count, sizeof *words.items, word_cmp);
    for (size_t i = 0; ok && i < words.count && look->hint_count < UPLOAD_HINTS; i++)
        if (words.items[i].worth > 0)
            look->hints[look->hint_count++] =
                (struct upload_hint){arena_str(arena, words.items[i].text), words.items[i].posts};
    vec_deinit(&words);
    map_deinit(&words.map);
    arena_deinit(&words.arena);
    return ok;
}

bool upload_look(struct arena *arena, const struct workspace *w, const struct upload *u,
                 struct upload_look *look, struct err *err)
{
    struct decode_options options = upload_options(u);
    Str path = upload_path(arena, w, u->id);

    memset(look, 0, sizeof *look);
    decode_batch_init(&look->batch);
    return find_mapping(arena, w, u, path, &options, &look->columns, err) &&
           look_at_posts(arena, path, &options, look, err) && find_hints(arena, look, err);
}

void upload_look_close(struct upload_look *look)
{
    decode_batch_deinit(&look->batch);
}
