#include "listen/post_tokens.h"

#include <string.h>

bool post_tokens_init(struct post_tokens *pt, struct err *err)
{
    *pt = (struct post_tokens){.polarity = POST_POLARITY_UNKNOWN};
    if (tokenizer_create(&pt->title_words, err) && tokenizer_create(&pt->body_words, err))
        return true;
    post_tokens_deinit(pt);
    return false;
}

void post_tokens_deinit(struct post_tokens *pt)
{
    tokenizer_destroy(&pt->title_words);
    tokenizer_destroy(&pt->body_words);
    *pt = (struct post_tokens){.polarity = POST_POLARITY_UNKNOWN};
}

/* The first paragraph ends at a line that holds nothing but blanks. */
static uint32_t find_lead_end(Str text)
{
    size_t at = 0;

    while (at < text.len) {
        const char *line_end = memchr(text.ptr + at, '\n', text.len - at);
        if (!line_end)
            break;
        size_t next = (size_t)(line_end - text.ptr) + 1, to = next;
        while (to < text.len &&
               (text.ptr[to] == ' ' || text.ptr[to] == '\t' || text.ptr[to] == '\r'))
            to++;
        if (to < text.len && text.ptr[to] == '\n' && str_trim(str_sub(text, 0, next)).len > 0)
            return (uint32_t)next;
        at = next;
    }
    return (uint32_t)text.len;
}

bool post_tokens_fill(struct post_tokens *pt, const struct post *post, struct err *err)
{
    pt->title_count = pt->body_count = 0;
    pt->polarity = POST_POLARITY_UNKNOWN;
    pt->lang = STR_NONE;
    pt->lead_end = 0;
    if (post->title.len > 0 &&
        !tokenizer_run(pt->title_words, post->title, &pt->title, &pt->title_count, err))
        return err_wrap(err, "title of post '" STR_F "'", STR_A(post->id));
    if (post->text.len > 0 &&
        !tokenizer_run(pt->body_words, post->text, &pt->body, &pt->body_count, err))
        return err_wrap(err, "text of post '" STR_F "'", STR_A(post->id));
    pt->lead_end = find_lead_end(post->text);
    return true;
}

Str post_tokens_lang(const struct post_tokens *pt, const struct post *post)
{
    return post->lang.len > 0 ? post->lang : pt->lang;
}
