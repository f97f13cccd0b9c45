#include "listen/archive/post_export.h"

#include "base/limits.h"
#include "format/digest.h"
#include "format/time.h"
#include "listen/decode/decode.h"
#include "os/entropy.h"
#include "os/file.h"
#include "text/fold.h"

enum { KEY_BYTES = 32, PSEUDONYM_BYTES = 8, SEND_BYTES = 256 * KIB };

/* ---- formats --------------------------------------------------------------------------------- */

static const struct {
    const char *name, *content_type;
} formats[EXPORT_FORMAT_COUNT] = {
    [EXPORT_JSONL] = {"jsonl", "application/x-ndjson"},
    [EXPORT_CSV] = {"csv", "text/csv; charset=utf-8"},
    [EXPORT_XLSX] = {"xlsx", XLSX_CONTENT_TYPE},
};

Str export_format_name(enum export_format format)
{
    return str_from_cstr(formats[format].name);
}

Str export_content_type(enum export_format format)
{
    return str_from_cstr(formats[format].content_type);
}

bool export_format_from(Str name, enum export_format *out, struct err *err)
{
    for (int i = 0; i < EXPORT_FORMAT_COUNT; i++)
        if (str_eq(name, str_from_cstr(formats[i].name))) {
            *out = (enum export_format)i;
            return true;
        }
    return err_set(err, ERR_INPUT, "format: '" STR_F "' is not known",
                   STR_A(str_sub(name, 0, 40))) ||
           err_hint(err, "jsonl, csv or xlsx");
}

bool export_fits(enum export_format format, uint64_t posts, struct err *err)
{
    return format != EXPORT_XLSX || posts <= EXPORT_XLSX_POSTS_MAX ||
           err_set(err, ERR_LIMIT, "a workbook holds at most %d posts", EXPORT_XLSX_POSTS_MAX) ||
           err_hint(err, "CSV and JSON lines hold any number; or narrow down the search.");
}

/* ---- life ------------------------------------------------------------------------------------ */

bool post_export_init(struct post_export *x, struct err *err)
{
    buf_init(&x->out, 256 * MIB);
    buf_init(&x->text, 64 * MIB);
    arena_init(&x->memory, 256 * MIB);
    return tokenizer_create(&x->words, err);
}

void post_export_deinit(struct post_export *x)
{
    table_abandon(&x->table);
    scratch_close(&x->book);
    buf_deinit(&x->out);
    buf_deinit(&x->text);
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
    buf_reset(&x->text);
    for (size_t i = 0; i < count; i++) {
        const struct token *token = &tokens[i];
        if (token->kind != TOKEN_MENTION && token->kind != TOKEN_URL)
            continue;
        buf_add(&x->text, str_sub(*text, kept, token->from - kept));
        kept = token->to;
        if (token->kind == TOKEN_URL) {
            buf_lit(&x->text, "[address]");
            continue;
        }
        buf_add_byte(&x->text, '@');
        buf_add(&x->text, pseudonym(x, "a", source, token_bare(token, token->folded)));
    }
    buf_add(&x->text, str_sub(*text, kept, text->len - kept));
    return buf_ok(&x->text, err) &&
           (arena_try_str(&x->memory, buf_str(&x->text), text) || err_arena(err, &x->memory));
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

static const struct xlsx_column columns[] = {
    {"source", 14},      {"id", 20},        {"created_at", 19}, {"kind", 9},    {"author", 20},
    {"author_name", 20}, {"followers", 10}, {"lang", 6},        {"country", 8}, {"sentiment", 10},
    {"compound", 10},    {"title", 30},     {"text", 60},       {"url", 30},    {"reply_to", 20},
    {"thread", 20},      {"repost_of", 20}, {"likes", 8},       {"replies", 8}, {"reposts", 8},
    {"views", 8},        {"rating", 8},     {"dataset", 14}};

bool post_export_begin(struct post_export *x, struct err *err)
{
    if (x->format == EXPORT_CSV)
        table_begin_csv(&x->table, &x->out, columns, COUNT_OF(columns));
    if (x->format != EXPORT_XLSX)
        return true;
    return scratch_open(&x->book, x->scratch, err) &&
           table_begin_xlsx(&x->table, x->book.fd, x->scratch, S("posts"), columns,
                            COUNT_OF(columns), err);
}

static void put_count(struct table_writer *t, int64_t count)
{
    if (count == POST_UNKNOWN)
        table_put_empty(t);
    else
        table_put_i64(t, count);
}

static void put_row(struct post_export *x, const struct archived_post *stored,
                    const struct post *post)
{
    static const char *const moods[] = {"negative", "neutral", "positive"};
    bool is_rated = stored->polarity != POST_POLARITY_UNKNOWN;
    struct table_writer *t = &x->table;

    table_put_text(t, post->source);
    table_put_text(t, post->id);
    table_put_time(t, post->created_at_ms);
    table_put_text(t, post->kind);
    table_put_text(t, post->author.handle.len > 0 ? post->author.handle : post->author.id);
    table_put_text(t, post->author.name);
    put_count(t, post->author.followers);
    table_put_text(t, post->lang.len > 0 ? post->lang : stored->lang_found);
    table_put_text(t, post->country);
    table_put_text(t, is_rated ? str_from_cstr(moods[stored->polarity + 1]) : STR_NONE);
    if (is_rated)
        table_put_f64(t, stored->compound);
    else
        table_put_empty(t);
    table_put_text(t, post->title);
    table_put_text(t, post->text);
    table_put_link(t, post->url);
    table_put_text(t, post->reply_to);
    table_put_text(t, post->thread);
    table_put_text(t, post->repost_of);
    put_count(t, post->metrics.likes);
    put_count(t, post->metrics.replies);
    put_count(t, post->metrics.reposts);
    put_count(t, post->metrics.views);
    table_put_f64(t, post->rating);
    table_put_text(t, post->dataset);
    table_end_row(t);
}

bool post_export_add(struct post_export *x, const struct archived_post *stored, struct err *err)
{
    struct post post = stored->post;

    arena_reset(&x->memory);
    if (x->is_pseudonymous && !disguise(x, &post, err))
        return false;
    if (!x->is_pseudonymous && x->has_no_text)
        post.title = post.text = STR_NONE;
    if (x->format != EXPORT_JSONL) {
        put_row(x, stored, &post);
        if (!table_ok(&x->table, err))
            return err_wrap(err, "post '" STR_F "' of '" STR_F "'", STR_A(post.id),
                            STR_A(post.source));
    } else {
        post_write_native(&post, &x->out);
        buf_add_byte(&x->out, '\n');
    }
    x->last_ms = post.created_at_ms;
    return export_fits(x->format, ++x->posts, err) && buf_ok(&x->out, err);
}

bool post_export_end(struct post_export *x, export_flush *flush, void *context, struct err *err)
{
    bool ok = x->format == EXPORT_JSONL || table_end(&x->table, x->last_ms, err);
    uint64_t sent = 0, size = 1;

    for (; ok && x->format == EXPORT_XLSX && size > 0; sent += size) {
        ok = scratch_read(&x->book, sent, SEND_BYTES, &x->out, err);
        size = x->out.len;
        ok = ok && (size == 0 || flush(context, err));
    }
    return ok && flush(context, err);
}
