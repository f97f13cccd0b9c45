#include <string.h>

#include "base/hash.h"
#include "listen/archive/archive.h"
#include "listen/measure/trend_priv.h"
#include "text/language.h"

enum { WORD_BYTES_MIN = 2, TERM_BYTES_MAX = 200 };
#define LINK_SEED UINT64_C(0x6c696e6b) /* links are another kind of term than words */

static bool has_term(const struct trend_post *post, uint64_t hash)
{
    for (size_t i = 0; i < post->term_count; i++)
        if (post->terms[i].hash == hash)
            return true;
    return false;
}

/* A text of up to three pieces with blanks between. */
static void add_term(struct trend_post *post, uint64_t hash, const Str *pieces, size_t count)
{
    size_t len = count - 1;
    char *at = post->bytes + post->byte_count;

    hash += hash == 0;
    for (size_t i = 0; i < count; i++)
        len += pieces[i].len;
    if (post->term_count == TREND_POST_TERMS || len > TERM_BYTES_MAX || has_term(post, hash))
        return;
    struct trend_term *term = &post->terms[post->term_count++];
    *term = (struct trend_term){.hash = hash, .from = post->byte_count, .to = post->byte_count};
    if (post->byte_count + len > TREND_TEXT_BYTES)
        return;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *at++ = ' ';
        memcpy(at, pieces[i].ptr, pieces[i].len);
        at += pieces[i].len;
    }
    post->byte_count = (uint16_t)(post->byte_count + len);
    term->to = post->byte_count;
}

static bool is_phrase_word(const struct token *token)
{
    return token->kind == TOKEN_WORD || token->kind == TOKEN_NUMBER;
}

static void add_word(struct trend_post *post, const struct token *token)
{
    Str bare = token_bare(token, token->plain);

    if (token->kind == TOKEN_HASHTAG || token->kind == TOKEN_CASHTAG)
        add_term(post, token_hash_sigil(token->hash_plain, token->kind), &token->plain, 1);
    if ((token->kind == TOKEN_HASHTAG || token->kind == TOKEN_WORD) && bare.len >= WORD_BYTES_MIN)
        add_term(post, token->hash_plain, &bare, 1);
}

/* The phrases that end with this token. Neighbours stand side by side in one sentence. */
static void add_phrases(struct trend_post *post, const struct token *tokens, size_t i)
{
    uint64_t hash = tokens[i].hash_plain;
    Str pieces[3];

    for (size_t back = 1; back < 3 && back <= i; back++) {
        const struct token *token = &tokens[i - back];
        if (!is_phrase_word(token) || !is_phrase_word(&tokens[i]) ||
            token->position + back != tokens[i].position || token->sentence != tokens[i].sentence)
            return;
        hash = hash_combine(token->hash_plain, hash);
        for (size_t p = 0; p <= back; p++)
            pieces[p] = tokens[i - back + p].plain;
        add_term(post, hash, pieces, back + 1);
    }
}

/* Without scheme, "www.", fragment and the slash at the end; the server's name in small letters
 * is left as it stands. */
static void add_link(struct trend_post *post, Str link)
{
    size_t at = str_find(link, S("://"));

    if (at < link.len)
        link = str_sub(link, at + 3, link.len);
    if (str_starts(link, S("www.")))
        link = str_sub(link, 4, link.len);
    link = str_sub(link, 0, str_find_byte(link, '#'));
    if (str_ends(link, S("/")))
        link.len--;
    if (link.len > 0)
        add_term(post, hash_bytes(link, LINK_SEED), &link, 1);
}

static size_t first_words(const struct token *tokens, size_t count, size_t *left)
{
    size_t i = 0;

    for (; i<count && * left> 0; i++)
        *left -= tokens[i].kind != TOKEN_URL;
    return i;
}

void trend_post_fill(struct trend_post *out, const struct post *post,
                     const struct post_tokens *tokens)
{
    const struct token *lists[] = {tokens->title, tokens->body};
    size_t left = TREND_POST_WORDS, counts[2];

    counts[0] = first_words(lists[0], tokens->title_count, &left);
    counts[1] = first_words(lists[1], tokens->body_count, &left);
    out->id_len =
        (uint16_t)(post->id.len < DECODE_ID_BYTES_MAX ? post->id.len : DECODE_ID_BYTES_MAX);
    memcpy(out->bytes, post->id.ptr, out->id_len);
    out->byte_count = out->id_len;
    out->term_count = 0;
    for (size_t list = 0; list < 2; list++)
        for (size_t i = 0; i < counts[list]; i++)
            if (lists[list][i].kind == TOKEN_URL)
                add_link(out, lists[list][i].folded);
            else
                add_word(out, &lists[list][i]);
    for (size_t i = 0; i < post->link_count && i < 8; i++)
        add_link(out, post->links[i]);
    for (size_t list = 0; list < 2; list++)
        for (size_t i = 0; i < counts[list]; i++)
            add_phrases(out, lists[list], i);
}

Str trend_post_text(const struct trend_post *post, const struct trend_term *term)
{
    return (Str){post->bytes + term->from, (size_t)(term->to - term->from)};
}

/* --- what is shown of a post --- */

static uint16_t put_detail(struct trend_details *out, size_t *used, Str text, size_t most)
{
    size_t room = TREND_DETAIL_BYTES - *used;
    size_t len = text.len < most ? text.len : most;

    len = len < room ? len : room;
    while (len > 0 && len < text.len && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
        len--;
    if (len > 0)
        memcpy(out->bytes + *used, text.ptr, len);
    *used += len;
    return (uint16_t)len;
}

/* An address that is cut leads nowhere. */
static Str whole_or_none(Str text, size_t most)
{
    return text.len <= most ? text : STR_NONE;
}

/* What the post says; else it is asked for when it is shown (trend_details_lang). */
static void put_language(struct trend_details *out, const struct trend_input *input)
{
    Str said = post_tokens_lang(input->tokens, input->post);

    memset(out->lang, 0, sizeof out->lang);
    if (said.len > 0 && said.len < sizeof out->lang)
        memcpy(out->lang, said.ptr, said.len);
}

void trend_details_lang(const struct trend_details *d, char code[4])
{
    const char *text = d->bytes + d->source_len + d->author_len + d->url_len;

    memcpy(code, d->lang, 4);
    if (code[0] == '\0')
        memcpy(code, language_guess((Str){text, d->text_len}).code, 4);
}

void trend_details_fill(struct trend_details *out, const struct trend_input *input, uint64_t story)
{
    const struct post *post = input->post;
    const struct post_author *author = &post->author;
    size_t used = 0;

    out->created_at_ms = post->created_at_ms;
    out->story = story;
    out->author = post_author_hash(post);
    out->source_len = put_detail(out, &used, whole_or_none(post->source, 80), 80);
    Str name = author->handle.len > 0 ? author->handle
               : author->name.len > 0 ? author->name
                                      : author->id;
    out->author_len = put_detail(out, &used, name, 60);
    out->url_len = put_detail(out, &used, whole_or_none(post->url, 200), 200);
    out->text_len =
        put_detail(out, &used, post->text.len > 0 ? post->text : post->title, TREND_DETAIL_BYTES);
    out->query_count = (uint16_t)(input->query_count < TREND_POST_QUERIES ? input->query_count
                                                                          : TREND_POST_QUERIES);
    for (size_t i = 0; i < TREND_POST_QUERIES; i++)
        out->queries[i] = i < out->query_count ? input->queries[i] : 0;
    put_language(out, input);
}

struct trend_example trend_details_example(const struct trend_details *d)
{
    const char *author = d->bytes + d->source_len, *url = author + d->author_len;
    struct trend_example out = {.source = {d->bytes, d->source_len},
                                .author = {author, d->author_len},
                                .url = {url, d->url_len},
                                .text = {url + d->url_len, d->text_len},
                                .created_at_ms = d->created_at_ms,
                                .author_hash = d->author};

    trend_details_lang(d, out.lang);
    return out;
}
