#include "listen/archive/post_export.h"

#include "base/limits.h"
#include "format/csv.h"
#include "format/digest.h"
#include "format/time.h"
#include "listen/decode/decode.h"
#include "os/entropy.h"
#include "os/file.h"
#include "text/fold.h"

enum { KEY_BYTES = 32, PSEUDONYM_BYTES = 8 };

bool post_export_init(struct post_export *x, struct err *err)
{
    buf_init(&x->out, 256 * MIB);
    buf_init(&x->scratch, 64 * MIB);
    arena_init(&x->memory, 256 * MIB);
    return tokenizer_create(&x->words, err);
}

void post_export_deinit(struct post_export *x)
{
    buf_deinit(&x->out);
    buf_deinit(&x->scratch);
    arena_deinit(&x->memory);
    tokenizer_destroy(&x->words);
}

bool export_key(struct arena *arena, Str workspace_dir, Str *key, struct err *err)
{
    Str dir = path_join(arena, workspace_dir, S("secrets"));
    Str path = path_join(arena, dir, S("pseudonym"));
    char bytes[KEY_BYTES];

    if (!file_exists(path)) {
        entropy_fill(bytes, sizeof bytes);
        if (!dir_ensure(dir, err) || !file_write_atomic(path, (Str){bytes, sizeof bytes}, err))
            return err_wrap(err, "could not make the key of pseudonyms");
    }
    if (!file_read_all(arena, path, KEY_BYTES, key, err))
        return err_wrap(err, "could not read the key of pseudonyms");
    return key->len == KEY_BYTES ||
           err_set(err, ERR_CORRUPT, "the key of pseudonyms '" STR_F "' is not %d bytes",
                   STR_A(path), KEY_BYTES);
}

/* ---- pseudonyms ------------------------------------------------------------------------------ */

/* `kind` keeps what is said of authors apart from what is said of posts. */
static Str pseudonym(struct post_export *x, const char *kind, Str source, Str value)
{
    struct buf message;
    char zero = '\0';

    if (value.len == 0)
        return STR_NONE;
    buf_init(&message, 64 * MIB);
    buf_add(&message, str_from_cstr(kind));
    buf_add(&message, (Str){&zero, 1});
    buf_add(&message, source);
    buf_add(&message, (Str){&zero, 1});
    text_fold(value, FOLD_KEEP_ACCENTS, &message);
    Digest digest = digest_hmac_sha256(x->key, buf_str(&message));
    buf_reset(&message);
    buf_add(&message, str_from_cstr(kind));
    buf_add_byte(&message, '_');
    digest_add_hex(&message, (Str){(const char *)&digest, PSEUDONYM_BYTES});
    Str out = arena_str(&x->memory, buf_str(&message));
    buf_deinit(&message);
    return out;
}

/* The handle where there is one: then mentions in texts agree with authors. */
static Str author_pseudonym(struct post_export *x, Str source, const struct post_author *author)
{
    return pseudonym(x, "a", source,
                     author->handle.len > 0 ? author->handle
                     : author->id.len > 0   ? author->id
                                            : author->name);
}

/* Mentions are replaced, addresses are cut out: they often end in a handle or a post's id. */
static bool text_pseudonyms(struct post_export *x, Str source, Str *text, struct err *err)
{
    const struct token *tokens;
    size_t count, kept = 0;

    if (x->has_no_text || text->len == 0) {
        *text = STR_NONE;
        return true;
    }
    if (!tokenizer_run(x->words, *text, &tokens, &count, err))
        return false;
    buf_reset(&x->scratch);
    for (size_t i = 0; i < count; i++) {
        const struct token *token = &tokens[i];
        if (token->kind != TOKEN_MENTION && token->kind != TOKEN_URL)
            continue;
        buf_add(&x->scratch, str_sub(*text, kept, token->from - kept));
        kept = token->to;
        if (token->kind == TOKEN_URL) {
            buf_lit(&x->scratch, "[address]");
            continue;
        }
        buf_add_byte(&x->scratch, '@');
        buf_add(&x->scratch, pseudonym(x, "a", source, token_bare(token, token->folded)));
    }
    buf_add(&x->scratch, str_sub(*text, kept, text->len - kept));
    return buf_ok(&x->scratch, err) &&
           (arena_try_str(&x->memory, buf_str(&x->scratch), text) || err_arena(err, &x->memory));
}

static bool disguise(struct post_export *x, struct post *post, struct err *err)
{
    Str source = post->source;
    Str *mentions = arena_try_new(&x->memory, Str, post->mention_count + 1);

    if (!mentions)
        return err_arena(err, &x->memory);
    for (size_t i = 0; i < post->mention_count; i++)
        mentions[i] = pseudonym(x, "a", source, post->mentions[i]);
    post->mentions = mentions;
    post->id = pseudonym(x, "p", source, post->id);
    post->author.id = author_pseudonym(x, source, &post->author);
    post->author.handle = post->author.name = STR_NONE;
    post->reply_to = pseudonym(x, "p", source, post->reply_to);
    post->reply_to_author = pseudonym(x, "a", source, post->reply_to_author);
    post->repost_of = pseudonym(x, "p", source, post->repost_of);
    post->repost_of_author = pseudonym(x, "a", source, post->repost_of_author);
    post->thread = pseudonym(x, "p", source, post->thread);
    post->url = post->extra = STR_NONE;
    post->link_count = 0;
    return text_pseudonyms(x, source, &post->title, err) &&
           text_pseudonyms(x, source, &post->text, err);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static const char *const columns[] = {
    "source",    "id",      "created_at", "kind",      "author",    "author_name",
    "followers", "lang",    "country",    "sentiment", "compound",  "title",
    "text",      "url",     "reply_to",   "thread",    "repost_of", "likes",
    "replies",   "reposts", "views",      "rating",    "dataset"};

void post_export_begin(struct post_export *x)
{
    struct csv_writer w;

    if (x->format != EXPORT_CSV)
        return;
    csv_writer_init(&w, &x->out, ',', true);
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        csv_put_str(&w, str_from_cstr(columns[i]));
    csv_end_row(&w);
}

static void put_count(struct csv_writer *w, int64_t count)
{
    if (count == POST_UNKNOWN)
        csv_put_str(w, STR_NONE);
    else
        csv_put_i64(w, count);
}

static void put_row(struct post_export *x, const struct archived_post *stored,
                    const struct post *post)
{
    static const char *const moods[] = {"negative", "neutral", "positive"};
    bool is_rated = stored->polarity != POST_POLARITY_UNKNOWN;
    struct csv_writer w;

    csv_writer_init(&w, &x->out, ',', true);
    csv_put_str(&w, post->source);
    csv_put_str(&w, post->id);
    csv_put_str(&w, str_from_cstr(time_rfc3339(post->created_at_ms).text));
    csv_put_str(&w, post->kind);
    csv_put_str(&w, post->author.handle.len > 0 ? post->author.handle : post->author.id);
    csv_put_str(&w, post->author.name);
    put_count(&w, post->author.followers);
    csv_put_str(&w, post->lang.len > 0 ? post->lang : stored->lang_found);
    csv_put_str(&w, post->country);
    csv_put_str(&w, is_rated ? str_from_cstr(moods[stored->polarity + 1]) : STR_NONE);
    if (is_rated)
        csv_put_f64(&w, stored->compound);
    else
        csv_put_str(&w, STR_NONE);
    csv_put_str(&w, post->title);
    csv_put_str(&w, post->text);
    csv_put_str(&w, post->url);
    csv_put_str(&w, post->reply_to);
    csv_put_str(&w, post->thread);
    csv_put_str(&w, post->repost_of);
    put_count(&w, post->metrics.likes);
    put_count(&w, post->metrics.replies);
    put_count(&w, post->metrics.reposts);
    put_count(&w, post->metrics.views);
    csv_put_f64(&w, post->rating);
    csv_put_str(&w, post->dataset);
    csv_end_row(&w);
}

bool post_export_add(struct post_export *x, const struct archived_post *stored, struct err *err)
{
    struct post post = stored->post;

    arena_reset(&x->memory);
    if (x->is_pseudonymous && !disguise(x, &post, err))
        return false;
    if (!x->is_pseudonymous && x->has_no_text)
        post.title = post.text = STR_NONE;
    if (x->format == EXPORT_CSV) {
        put_row(x, stored, &post);
    } else {
        post_write_native(&post, &x->out);
        buf_add_byte(&x->out, '\n');
    }
    x->posts++;
    return buf_ok(&x->out, err);
}
