#include "people/contributor_token.h"

#include <string.h>

#include "base/assert.h"
#include "format/digest.h"

#define DOMAIN "trimtab contributor 1\n"

enum {
    TOKEN_VERSION = 1,
    HEAD_BYTES = 1 + 8 + 8 + 1,
    TAIL_BYTES = CONTRIBUTOR_SECRET_BYTES + DIGEST_SIZE,
    RAW_BYTES_MAX = HEAD_BYTES + CONTRIBUTOR_WORKSPACE_BYTES_MAX + TAIL_BYTES
};
_Static_assert(CONTRIBUTOR_TOKEN_BYTES_MAX == (RAW_BYTES_MAX * 4 + 2) / 3, "length of a token");

static void put_u64(struct buf *out, uint64_t value)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        buf_add_byte(out, (char)(value >> shift & 0xff));
}

static uint64_t get_u64(Str bytes, size_t at)
{
    uint64_t value = 0;

    for (size_t i = 0; i < 8; i++)
        value = value << 8 | (unsigned char)bytes.ptr[at + i];
    return value;
}

static Digest sign(const struct contributor_key *key, Str body)
{
    char message[sizeof DOMAIN - 1 + RAW_BYTES_MAX];

    ASSERT(body.len <= RAW_BYTES_MAX);
    memcpy(message, DOMAIN, sizeof DOMAIN - 1);
    memcpy(message + sizeof DOMAIN - 1, body.ptr, body.len);
    return digest_hmac_sha256((Str){(const char *)key->bytes, sizeof key->bytes},
                              (Str){message, sizeof DOMAIN - 1 + body.len});
}

void contributor_token_write(const struct contributor_key *key,
                             const struct contributor_token *token, struct buf *out)
{
    Str workspace = str_from_cstr(token->workspace);
    struct buf raw;

    ASSERT(token->link > 0 && token->expires_at_ms > 0 && workspace.len > 0);
    buf_init(&raw, 4 * RAW_BYTES_MAX);
    buf_add_byte(&raw, TOKEN_VERSION);
    put_u64(&raw, (uint64_t)token->link);
    put_u64(&raw, (uint64_t)token->expires_at_ms);
    buf_add_byte(&raw, (char)workspace.len);
    buf_add(&raw, workspace);
    buf_add(&raw, (Str){(const char *)token->secret, sizeof token->secret});
    Digest mac = sign(key, buf_str(&raw));
    buf_add(&raw, (Str){(const char *)mac.bytes, sizeof mac.bytes});
    digest_add_base64url(out, buf_str(&raw));
    buf_deinit(&raw);
}

/* The length says itself where everything lies; a NUL in the name would end it early. */
static bool is_well_formed(Str raw)
{
    if (raw.len < HEAD_BYTES + 1 + TAIL_BYTES || raw.ptr[0] != TOKEN_VERSION)
        return false;
    size_t name_len = (unsigned char)raw.ptr[HEAD_BYTES - 1];
    return name_len >= 1 && name_len <= CONTRIBUTOR_WORKSPACE_BYTES_MAX &&
           raw.len == HEAD_BYTES + name_len + TAIL_BYTES &&
           str_find_byte(str_sub(raw, HEAD_BYTES, name_len), '\0') == name_len &&
           get_u64(raw, 1) >= 1 && get_u64(raw, 1) <= INT64_MAX && get_u64(raw, 9) <= INT64_MAX;
}

static bool read_raw(const struct contributor_key *key, Str raw, struct contributor_token *out)
{
    if (!is_well_formed(raw))
        return false;
    Str body = str_sub(raw, 0, raw.len - DIGEST_SIZE);
    Digest mac = sign(key, body);
    if (!digest_equal((Str){(const char *)mac.bytes, DIGEST_SIZE},
                      str_sub(raw, body.len, DIGEST_SIZE)))
        return false;
    size_t name_len = (unsigned char)raw.ptr[HEAD_BYTES - 1];
    *out = (struct contributor_token){.link = (int64_t)get_u64(raw, 1),
                                      .expires_at_ms = (int64_t)get_u64(raw, 9)};
    memcpy(out->workspace, raw.ptr + HEAD_BYTES, name_len);
    memcpy(out->secret, raw.ptr + HEAD_BYTES + name_len, sizeof out->secret);
    return true;
}

bool contributor_token_read(const struct contributor_key *key, Str text,
                            struct contributor_token *out, struct err *err)
{
    struct buf raw;

    buf_init(&raw, 4 * RAW_BYTES_MAX);
    bool ok = text.len <= CONTRIBUTOR_TOKEN_BYTES_MAX && digest_read_base64url(&raw, text) &&
              read_raw(key, buf_str(&raw), out);
    buf_deinit(&raw);
    if (ok)
        return true;
    err_set(err, ERR_DENIED, "the link is not valid");
    return err_hint(err, "Ask the person who invited you for a new one.");
}

void contributor_form_token(const struct contributor_token *token, char out[CONTRIBUTOR_FORM_BYTES])
{
    Digest mac = digest_hmac_sha256((Str){(const char *)token->secret, sizeof token->secret},
                                    S("trimtab contributor form 1"));
    struct buf text;

    buf_init(&text, 4 * CONTRIBUTOR_FORM_BYTES);
    digest_add_base64url(&text, (Str){(const char *)mac.bytes, sizeof mac.bytes});
    ASSERT(text.len == CONTRIBUTOR_FORM_BYTES - 1);
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    buf_deinit(&text);
}

bool contributor_form_matches(const struct contributor_token *token, Str given)
{
    char expected[CONTRIBUTOR_FORM_BYTES];

    contributor_form_token(token, expected);
    return digest_equal(str_from_cstr(expected), given);
}
