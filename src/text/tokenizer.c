/* One pass over the bytes. A class per ASCII byte decides what may begin here; a run of ASCII
 * letters and digits, whose end a bitmap of the text tells, is a token without further ado when an
 * ASCII byte follows that cannot continue it. Everything else (a code point beyond ASCII inside or
 * behind the word) goes through the rules of UAX #29 on code points, which alone are complete; the
 * fast path is only a shortcut, and a test runs both on the same texts.
 *
 * Scratch: `bytes` begins with an image of the text in ASCII lower case, at the same offsets; the
 * folded form of an ASCII token is a slice of it. Foldings of other tokens are appended behind.
 * When `bytes` moves, the slices are moved with it. */
#include "text/tokenizer.h"

#include <string.h>
#include <utf8proc.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/vec.h"
#include "text/bytes_priv.h"
#include "text/fold_priv.h"
#include "text/unicode_priv.h"

enum byte_class {
    BYTE_NONE, /* begins nothing, ends a word */
    BYTE_SPACE,
    BYTE_ALPHA,
    BYTE_DIGIT,
    BYTE_LOW_LINE,
    BYTE_MARK, /* . , : ; ' " inside a word: the rules decide */
    BYTE_HASH,
    BYTE_AT,
    BYTE_DOLLAR,
    BYTE_STAR,
    BYTE_END, /* ! ? */
    BYTE_NEWLINE,
    BYTE_HIGH,
};

#define ALPHA_26(first)                                                                            \
    [first] = BYTE_ALPHA, [first + 1] = BYTE_ALPHA, [first + 2] = BYTE_ALPHA,                      \
    [first + 3] = BYTE_ALPHA, [first + 4] = BYTE_ALPHA, [first + 5] = BYTE_ALPHA,                  \
    [first + 6] = BYTE_ALPHA, [first + 7] = BYTE_ALPHA, [first + 8] = BYTE_ALPHA,                  \
    [first + 9] = BYTE_ALPHA, [first + 10] = BYTE_ALPHA, [first + 11] = BYTE_ALPHA,                \
    [first + 12] = BYTE_ALPHA, [first + 13] = BYTE_ALPHA, [first + 14] = BYTE_ALPHA,               \
    [first + 15] = BYTE_ALPHA, [first + 16] = BYTE_ALPHA, [first + 17] = BYTE_ALPHA,               \
    [first + 18] = BYTE_ALPHA, [first + 19] = BYTE_ALPHA, [first + 20] = BYTE_ALPHA,               \
    [first + 21] = BYTE_ALPHA, [first + 22] = BYTE_ALPHA, [first + 23] = BYTE_ALPHA,               \
    [first + 24] = BYTE_ALPHA, [first + 25] = BYTE_ALPHA
#define HIGH_16(first)                                                                             \
    [first] = BYTE_HIGH, [first + 1] = BYTE_HIGH, [first + 2] = BYTE_HIGH,                         \
    [first + 3] = BYTE_HIGH, [first + 4] = BYTE_HIGH, [first + 5] = BYTE_HIGH,                     \
    [first + 6] = BYTE_HIGH, [first + 7] = BYTE_HIGH, [first + 8] = BYTE_HIGH,                     \
    [first + 9] = BYTE_HIGH, [first + 10] = BYTE_HIGH, [first + 11] = BYTE_HIGH,                   \
    [first + 12] = BYTE_HIGH, [first + 13] = BYTE_HIGH, [first + 14] = BYTE_HIGH,                  \
    [first + 15] = BYTE_HIGH

static const uint8_t byte_class[256] = {
    ALPHA_26('A'),         ALPHA_26('a'),         ['0'] = BYTE_DIGIT,    ['1'] = BYTE_DIGIT,
    ['2'] = BYTE_DIGIT,    ['3'] = BYTE_DIGIT,    ['4'] = BYTE_DIGIT,    ['5'] = BYTE_DIGIT,
    ['6'] = BYTE_DIGIT,    ['7'] = BYTE_DIGIT,    ['8'] = BYTE_DIGIT,    ['9'] = BYTE_DIGIT,
    [' '] = BYTE_SPACE,    ['\t'] = BYTE_SPACE,   ['\n'] = BYTE_NEWLINE, ['\r'] = BYTE_NEWLINE,
    ['\v'] = BYTE_NEWLINE, ['\f'] = BYTE_NEWLINE, ['_'] = BYTE_LOW_LINE, ['.'] = BYTE_MARK,
    [','] = BYTE_MARK,     [':'] = BYTE_MARK,     [';'] = BYTE_MARK,     ['\''] = BYTE_MARK,
    ['"'] = BYTE_MARK,     ['#'] = BYTE_HASH,     ['@'] = BYTE_AT,       ['$'] = BYTE_DOLLAR,
    ['*'] = BYTE_STAR,     ['!'] = BYTE_END,      ['?'] = BYTE_END,      HIGH_16(0x80),
    HIGH_16(0x90),         HIGH_16(0xa0),         HIGH_16(0xb0),         HIGH_16(0xc0),
    HIGH_16(0xd0),         HIGH_16(0xe0),         HIGH_16(0xf0),
};

/* Behind the image of the text: zeros, so that short words and blocks may be read as a whole. */
enum { IMAGE_PADDING = 16 };
_Static_assert((int)IMAGE_PADDING >= (int)HASH_PADDED_MAX, "a word at the end is hashed");

/* What stands between the last token and the next one. */
enum pending_break { PENDING_NONE, PENDING_DOT, PENDING_END };

struct tokenizer {
    struct {
        VEC(struct token);
    } tokens;
    struct {
        VEC(char);
    } bytes;
    struct {
        VEC(uint64_t);
    } word_bits; /* a bit per byte of the text: ASCII letter or digit; two words behind it are 0 */
    struct fold_scratch fold;
    bool is_ascii_path_off; /* tests compare the two ways */
    /* Of the current run: */
    Str text;
    uint32_t position, sentence;
    enum pending_break pending;
    size_t pending_at; /* offset of the full stop */
    bool is_out_of_memory;
};

#define TOKEN_HASH_SEED UINT64_C(0x7472696d74616231)
static const uint64_t sigil_salt[TOKEN_KIND_COUNT] = {
    [TOKEN_HASHTAG] = UINT64_C(0x9ae16a3b2f90404f),
    [TOKEN_MENTION] = UINT64_C(0xc949c7defeb1e6b1),
    [TOKEN_CASHTAG] = UINT64_C(0xd1b54a32d192ed03),
};

uint64_t token_hash(Str bare)
{
    return hash_bytes(bare, TOKEN_HASH_SEED);
}

uint64_t token_hash_sigil(uint64_t bare_hash, enum token_kind kind)
{
    ASSERT((int)kind < TOKEN_KIND_COUNT);
    return sigil_salt[kind] == 0 ? bare_hash : hash_u64(bare_hash, sigil_salt[kind]);
}

static bool has_sigil(enum token_kind kind)
{
    return kind == TOKEN_HASHTAG || kind == TOKEN_MENTION || kind == TOKEN_CASHTAG;
}

Str token_bare(const struct token *token, Str folded_or_plain)
{
    return has_sigil(token->kind) ? str_sub(folded_or_plain, 1, folded_or_plain.len)
                                  : folded_or_plain;
}

const char *token_kind_name(enum token_kind kind)
{
    static const char *const names[TOKEN_KIND_COUNT] = {"word",    "number", "hashtag", "mention",
                                                        "cashtag", "url",    "emoji"};

    ASSERT((int)kind < TOKEN_KIND_COUNT);
    return names[kind];
}

bool tokenizer_create(struct tokenizer **out, struct err *err)
{
    struct tokenizer *t = mem_try_alloc(1, sizeof *t);

    if (!t)
        return err_set(err, ERR_NO_MEMORY, "could not allocate a tokenizer");
    *out = t;
    return true;
}

void tokenizer_destroy(struct tokenizer **t)
{
    if (!*t)
        return;
    vec_deinit(&(*t)->tokens);
    vec_deinit(&(*t)->bytes);
    vec_deinit(&(*t)->word_bits);
    mem_free(*t);
    *t = NULL;
}

/* --- scratch ------------------------------------------------------------------------------- */

static Str moved(Str s, const char *from, const char *to)
{
    return (Str){to + (s.ptr - from), s.len};
}

/* Room for n more bytes in t->bytes; moves the slices of the tokens when the block moves. */
static bool reserve_bytes(struct tokenizer *t, size_t n)
{
    if (t->bytes.capacity - t->bytes.count >= n)
        return true;
    char *old = t->bytes.items;
    char *block = mem_try_alloc(2 * (t->bytes.count + n), 1);
    if (!block) {
        t->is_out_of_memory = true;
        return false;
    }
    memcpy(block, old, t->bytes.count);
    for (size_t i = 0; i < t->tokens.count; i++) {
        struct token *token = &t->tokens.items[i];
        token->folded = moved(token->folded, old, block);
        token->plain = moved(token->plain, old, block);
    }
    mem_free(old);
    t->bytes.items = block;
    t->bytes.capacity = 2 * (t->bytes.count + n);
    return true;
}

static uint8_t class_at(const struct tokenizer *t, size_t at)
{
    return at < t->text.len ? byte_class[(unsigned char)t->text.ptr[at]] : BYTE_NONE;
}

static bool is_word_class(uint8_t class)
{
    return class == BYTE_ALPHA || class == BYTE_DIGIT || class == BYTE_LOW_LINE;
}

static inline uint32_t rune_at(const struct tokenizer *t, size_t at)
{
    if (at >= t->text.len)
        return 0;
    unsigned char byte = (unsigned char)t->text.ptr[at];
    return byte < 0x80 ? byte : str_next_rune(t->text, &at);
}

/* Offset behind the code point at `at`. */
static inline size_t rune_end(const struct tokenizer *t, size_t at)
{
    if (at < t->text.len && (unsigned char)t->text.ptr[at] < 0x80)
        return at + 1;
    (void)str_next_rune(t->text, &at);
    return at;
}

/* Offset of the code point before `at`, which must be > 0. */
static size_t rune_before(const struct tokenizer *t, size_t at)
{
    size_t from = at - 1;

    while (from > 0 && at - from < 4 && ((unsigned char)t->text.ptr[from] & 0xc0) == 0x80)
        from--;
    return rune_end(t, from) == at ? from : at - 1;
}

/* --- sentences ----------------------------------------------------------------------------- */

static bool has_space(const struct tokenizer *t, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        uint8_t class = class_at(t, i);
        if (class == BYTE_SPACE || class == BYTE_NEWLINE || class == BYTE_HIGH)
            return true;
    }
    return false;
}

static void note_end(struct tokenizer *t, enum pending_break pending, size_t at)
{
    if (t->pending == PENDING_NONE)
        t->pending_at = at;
    if (t->pending < pending)
        t->pending = pending;
}

/* SB6 to SB8a of UAX #29: a full stop ends a sentence when blank space and no small letter follows;
 * the other terminators always do. */
static __attribute__((noinline)) void settle_sentence(struct tokenizer *t, size_t from)
{
    enum pending_break pending = t->pending;

    t->pending = PENDING_NONE;
    if (t->tokens.count == 0)
        return;
    if (pending == PENDING_DOT) {
        if (!has_space(t, t->pending_at, from))
            return;
        uint32_t rune = rune_at(t, from);
        if (utf8proc_category((utf8proc_int32_t)rune) == UTF8PROC_CATEGORY_LL)
            return;
    }
    t->sentence++;
}

/* --- emitting ------------------------------------------------------------------------------ */

/* The forms and hashes are left to the caller. */
static inline struct token *push(struct tokenizer *t, size_t from, size_t to, enum token_kind kind)
{
    if (t->pending != PENDING_NONE)
        settle_sentence(t, from);
    if (t->tokens.count == t->tokens.capacity &&
        !vec_try_reserve(&t->tokens, t->tokens.count + 1)) {
        t->is_out_of_memory = true;
        return NULL;
    }
    struct token *token = &t->tokens.items[t->tokens.count++];
    token->from = (uint32_t)from;
    token->to = (uint32_t)to;
    token->position = t->position;
    token->sentence = t->sentence;
    token->kind = kind;
    t->position += kind != TOKEN_URL;
    return token;
}

/* Member by member: copying what was just written in halves as a whole would have to wait for it.
 */
static inline void set_one_form(struct token *token, Str form, uint64_t hash)
{
    token->folded.ptr = form.ptr;
    token->folded.len = form.len;
    token->plain.ptr = form.ptr;
    token->plain.len = form.len;
    token->hash_folded = hash;
    token->hash_plain = hash;
}

static void set_folded(struct token *token, Str folded)
{
    set_one_form(token, folded, token_hash(token_bare(token, folded)));
}

/* The bytes [from, to) of the lower-case image are the folded form. Behind it there is room to read
 * on, so that a short word is hashed without asking for its length. */
static inline __attribute__((always_inline)) void put_image(struct tokenizer *t, size_t from,
                                                            size_t to, enum token_kind kind)
{
    struct token *token = push(t, from, to, kind);

    if (!token)
        return;
    size_t sigil = has_sigil(kind);
    Str folded = {t->bytes.items + from, to - from},
        bare = {folded.ptr + sigil, folded.len - sigil};
    set_one_form(token, folded,
                 bare.len <= HASH_PADDED_MAX ? hash_padded(bare, TOKEN_HASH_SEED)
                                             : token_hash(bare));
}

static void emit_image(struct tokenizer *t, size_t from, size_t to, enum token_kind kind)
{
    put_image(t, from, to, kind);
}

/* Addresses are as written. */
static void emit_verbatim(struct tokenizer *t, size_t from, size_t to, enum token_kind kind)
{
    if (!reserve_bytes(t, to - from))
        return;
    struct token *token = push(t, from, to, kind);
    if (!token)
        return;
    char *room = t->bytes.items + t->bytes.count;
    memcpy(room, t->text.ptr + from, to - from);
    t->bytes.count += to - from;
    set_folded(token, (Str){room, to - from});
}

static void set_forms(struct token *token, Str folded, Str plain)
{
    set_folded(token, folded);
    if (!str_eq(folded, plain)) {
        token->plain = plain;
        token->hash_plain = token_hash(token_bare(token, plain));
    }
}

/* Folds [body, to) behind an optional ASCII sigil. */
static void emit_folded(struct tokenizer *t, size_t from, size_t body, size_t to,
                        enum token_kind kind, char sigil)
{
    size_t room = (to - body) * FOLD_GROWTH_MAX + 1;
    size_t folded_len = 0, plain_len = 0;

    if (!reserve_bytes(t, 2 * room))
        return;
    char *folded = t->bytes.items + t->bytes.count, *plain = folded + room;
    *folded = *plain = sigil;
    size_t head = sigil != '\0';
    fold_chunk(str_sub(t->text, body, to - body), &t->fold, folded + head, &folded_len,
               plain + head, &plain_len);
    if (folded_len == 0) /* nothing but ignorable characters */
        return;
    struct token *token = push(t, from, to, kind);
    if (!token)
        return;
    char *packed = folded + head + folded_len;
    memmove(packed, plain, head + plain_len);
    t->bytes.count += 2 * head + folded_len + plain_len;
    if (plain_len > 0) /* else a hashtag of accents alone */
        set_forms(token, (Str){folded, head + folded_len}, (Str){packed, head + plain_len});
    else
        set_folded(token, (Str){folded, head + folded_len});
}

/* --- words by UAX #29 ---------------------------------------------------------------------- */

static bool is_letter_break(enum word_break wb)
{
    return wb == WB_ALETTER || wb == WB_HEBREW;
}

static bool is_ignored_break(enum word_break wb)
{
    return wb == WB_EXTEND || wb == WB_FORMAT || wb == WB_ZWJ;
}

/* Departures from the table: a colon parts words (as in CLDR outside Finnish and Swedish). */
static enum word_break tailored_break(uint32_t rune)
{
    return rune == ':' || rune == 0xfe13 || rune == 0xfe55 || rune == 0xff1a
               ? WB_OTHER
               : unicode_word_break(rune);
}

/* WB4: the class of the code point at *at and the offset behind it and what attaches to it. */
static enum word_break break_at(const struct tokenizer *t, size_t *at)
{
    if (*at >= t->text.len)
        return WB_NEWLINE;
    enum word_break wb = tailored_break(str_next_rune(t->text, at));
    if (wb == WB_NEWLINE)
        return wb;
    while (*at < t->text.len) {
        size_t next = *at;
        if (!is_ignored_break(unicode_word_break(str_next_rune(t->text, &next))))
            break;
        *at = next;
    }
    return wb;
}

static bool is_lower(char byte)
{
    return byte >= 'a' && byte <= 'z';
}

/* A full stop without a blank behind it, "late.Never again": two small letters before, a capital
 * and a small letter after. Departure from WB6. Not in "www.Example.com". */
static bool is_missed_blank(const struct tokenizer *t, size_t at)
{
    const char *p = t->text.ptr;

    if (at >= 3 && memcmp(p + at - 3, "www", 3) == 0)
        return false;
    return at >= 2 && at + 2 < t->text.len && p[at] == '.' && is_lower(p[at - 1]) &&
           is_lower(p[at - 2]) && p[at + 1] >= 'A' && p[at + 1] <= 'Z' && is_lower(p[at + 2]);
}

/* WB6, WB7, WB7b, WB7c, WB11, WB12: does `mid` join `before` and `after`? */
static bool is_joint(enum word_break before, enum word_break mid, enum word_break after)
{
    bool is_quote_or_stop = mid == WB_MIDNUMLET || mid == WB_SINGLE_QUOTE;

    if (is_letter_break(before) && is_letter_break(after) &&
        (mid == WB_MIDLETTER || is_quote_or_stop))
        return true;
    if (before == WB_HEBREW && after == WB_HEBREW && mid == WB_DOUBLE_QUOTE)
        return true;
    return before == WB_NUMERIC && after == WB_NUMERIC && (mid == WB_MIDNUM || is_quote_or_stop);
}

/* WB5, WB8 to WB10, WB13 to WB13b: no break between `before` and `after`. */
static bool is_joined(enum word_break before, enum word_break after)
{
    bool is_before_word = is_letter_break(before) || before == WB_NUMERIC;
    bool is_after_word = is_letter_break(after) || after == WB_NUMERIC;

    if (is_before_word && is_after_word)
        return true;
    if (before == WB_KATAKANA && after == WB_KATAKANA)
        return true;
    if (after == WB_EXTENDNUMLET)
        return is_before_word || before == WB_KATAKANA || before == WB_EXTENDNUMLET;
    return before == WB_EXTENDNUMLET && (is_after_word || after == WB_KATAKANA);
}

struct word_span {
    size_t to;
    bool has_letter, has_digit; /* neither: low lines only */
};

/* The word that begins at `from` with a letter, digit, katakana or connector. */
static struct word_span find_word(const struct tokenizer *t, size_t from)
{
    size_t at = from;
    enum word_break before = break_at(t, &at);
    struct word_span span = {
        .to = at,
        .has_letter = is_letter_break(before) || before == WB_KATAKANA,
        .has_digit = before == WB_NUMERIC,
    };

    for (;;) {
        size_t next = at;
        enum word_break after = break_at(t, &next);
        if (!is_joined(before, after)) {
            enum word_break mid = after;
            size_t mid_at = at;
            at = next;
            after = break_at(t, &next);
            if (before == WB_HEBREW && mid == WB_SINGLE_QUOTE && !is_letter_break(after)) {
                span.to = at; /* WB7a */
                return span;
            }
            if (!is_joint(before, mid, after) || is_missed_blank(t, mid_at))
                return span;
        }
        span.to = at = next;
        span.has_letter |= is_letter_break(after) || after == WB_KATAKANA;
        span.has_digit |= after == WB_NUMERIC;
        before = after;
        if (span.to - from >= TOKEN_BYTES_MAX)
            return span;
    }
}

/* A rune boundary at or before `from` + TOKEN_BYTES_MAX. */
static size_t cut_long_word(const struct tokenizer *t, size_t from, size_t to)
{
    if (to - from <= TOKEN_BYTES_MAX)
        return to;
    to = from + TOKEN_BYTES_MAX;
    for (int i = 0; i < 3 && ((unsigned char)t->text.ptr[to] & 0xc0) == 0x80; i++)
        to--;
    return to;
}

static bool has_high_byte(const struct tokenizer *t, size_t from, size_t to)
{
    for (; from < to; from++)
        if (class_at(t, from) == BYTE_HIGH)
            return true;
    return false;
}

/* Words and numbers; low lines at the ends are emphasis, not part of the word. */
static void emit_word(struct tokenizer *t, size_t from, size_t to, bool has_letter)
{
    while (from < to && t->text.ptr[from] == '_')
        from++;
    while (to > from && t->text.ptr[to - 1] == '_')
        to--;
    if (from == to)
        return;
    enum token_kind kind = has_letter ? TOKEN_WORD : TOKEN_NUMBER;
    if (has_high_byte(t, from, to))
        emit_folded(t, from, from, to, kind, '\0');
    else
        emit_image(t, from, to, kind);
}

/* --- addresses ----------------------------------------------------------------------------- */

static bool is_address_rune(uint32_t rune)
{
    /* A bit per ASCII character: those from '!' to '~' without " < > \\ ^ ` { | } */
    static const uint64_t ascii[2] = {UINT64_C(0xaffffffa00000000), UINT64_C(0x47fffffeafffffff)};

    if (rune < 0x80)
        return ascii[rune / 64] >> rune % 64 & 1;
    enum word_break wb = unicode_word_break(rune);
    return wb == WB_ALETTER || wb == WB_NUMERIC || wb == WB_EXTEND;
}

/* End of the address that begins at `from`: up to a blank or a character no address holds, without
 * the punctuation of the sentence around it. A closing bracket stays if it was opened inside. */
static size_t find_address_end(const struct tokenizer *t, size_t from)
{
    size_t to = from, opened = 0, closed = 0;

    for (size_t next = to; to < t->text.len; to = next) {
        unsigned char byte = (unsigned char)t->text.ptr[to];
        uint32_t rune = byte < 0x80 ? (next = to + 1, byte) : str_next_rune(t->text, &next);
        if (!is_address_rune(rune))
            break;
        opened += byte == '(';
        closed += byte == ')';
    }
    while (to > from) {
        char last = t->text.ptr[to - 1];
        if (last == ')' && closed > opened)
            closed--;
        else if (!strchr(".,;:!?'*~]$@", last) || last == '\0')
            break;
        to--;
    }
    return to;
}

static bool is_image(const struct tokenizer *t, size_t from, size_t to, const char *word)
{
    size_t len = strlen(word);

    return to - from >= len && memcmp(t->bytes.items + from, word, len) == 0;
}

/* "example.com" with a last label of two or more letters. */
static bool is_domain(const struct tokenizer *t, size_t from, size_t to)
{
    size_t label = 0;
    bool has_dot = false;

    for (size_t i = from; i < to; i++) {
        uint8_t class = class_at(t, i);
        if (t->text.ptr[i] == '.') {
            has_dot = true;
            label = 0;
        } else if (class == BYTE_ALPHA) {
            label++;
        } else if (class == BYTE_DIGIT || t->text.ptr[i] == '-') {
            label = 0;
        } else {
            return false;
        }
    }
    return has_dot && label >= 2;
}

/* End of the address of which [from, to) is the first word, or 0. */
static size_t find_address(const struct tokenizer *t, size_t from, size_t to)
{
    const char *p = t->text.ptr;
    bool has_scheme = to + 3 < t->text.len && p[to] == ':' && p[to + 1] == '/' &&
                      p[to + 2] == '/' &&
                      ((to - from == 4 && is_image(t, from, to, "http")) ||
                       (to - from == 5 && is_image(t, from, to, "https")));
    bool has_path = to + 1 < t->text.len && p[to] == '/' &&
                    (is_word_class(class_at(t, to + 1)) || memchr("#?@~", p[to + 1], 4)) &&
                    is_domain(t, from, to);
    bool has_www = to - from > 6 && is_image(t, from, to, "www.") && is_domain(t, from, to);

    if (!has_scheme && !has_path && !has_www)
        return 0;
    size_t end = find_address_end(t, from);
    if (end <= to + (has_scheme ? 3 : 0)) /* "http://" and nothing behind it */
        end = has_www ? to : 0;
    return end;
}

/* --- hashtags, mentions, cashtags ---------------------------------------------------------- */

static bool is_tag_letter(uint32_t rune)
{
    return (unicode_property(rune) & UNICODE_LETTER) != 0;
}

/* Connectors that twitter-text allows inside a hashtag. */
static bool is_tag_rune(uint32_t rune)
{
    static const uint16_t connectors[] = {'_',    0x200c, 0x200d, 0xa67e, 0x05be, 0x05f3,
                                          0x05f4, 0xff5e, 0x301c, 0x309b, 0x309c, 0x30a0,
                                          0x30fb, 0x3003, 0x0f0b, 0x0f0c, 0x00b7};

    if (is_tag_letter(rune) || unicode_word_break(rune) == WB_NUMERIC)
        return true;
    for (size_t i = 0; i < COUNT_OF(connectors); i++)
        if (rune == connectors[i])
            return true;
    return false;
}

static bool is_hash_sign(uint32_t rune)
{
    return rune == '#' || rune == 0xff03;
}

static bool is_at_sign(uint32_t rune)
{
    return rune == '@' || rune == 0xff20;
}

static bool is_scheme_tail(const struct tokenizer *t, size_t at)
{
    return str_starts(str_sub(t->text, at, 3), S("://"));
}

/* The code point before `at`, 0 at the beginning. */
static uint32_t previous_rune(const struct tokenizer *t, size_t at)
{
    if (at == 0)
        return 0;
    unsigned char byte = (unsigned char)t->text.ptr[at - 1];
    return byte < 0x80 ? byte : rune_at(t, rune_before(t, at));
}

/* End of the hashtag whose sign stands at `at`, or 0. */
static size_t find_hashtag(const struct tokenizer *t, size_t at, size_t *body)
{
    uint32_t before = previous_rune(t, at);
    bool has_letter = false;

    if (before == '&' || (is_tag_rune(before) && before != 0xfe0e && before != 0xfe0f))
        return 0;
    size_t to = *body = rune_end(t, at);
    uint32_t first = rune_at(t, to);
    if (first == 0xfe0f || first == 0x20e3)
        return 0;
    while (to < t->text.len && to - *body < TOKEN_BYTES_MAX - 4) {
        uint32_t rune = rune_at(t, to);
        if (!is_tag_rune(rune))
            break;
        has_letter |= is_tag_letter(rune);
        to = rune_end(t, to);
    }
    if (!has_letter || is_hash_sign(rune_at(t, to)) || is_scheme_tail(t, to))
        return 0;
    return to;
}

static bool is_ascii_word(const struct tokenizer *t, size_t at)
{
    return is_word_class(class_at(t, at));
}

/* True for "RT@ann" and "rt:@ann": the one word that may touch the sign. */
static bool is_retweet_mark(const struct tokenizer *t, size_t at)
{
    size_t to = at > 0 && t->text.ptr[at - 1] == ':' ? at - 1 : at;

    if (to < 2 || !str_eq_nocase(str_sub(t->text, to - 2, 2), S("rt")))
        return false;
    return to == 2 || !(is_ascii_word(t, to - 3) || memchr("+~.-", t->text.ptr[to - 3], 4));
}

static bool is_accented_latin(uint32_t rune)
{
    return (rune >= 0xc0 && rune <= 0x24f && rune != 0xd7 && rune != 0xf7) ||
           (rune >= 0x1e00 && rune <= 0x1eff) || (rune >= 0x300 && rune <= 0x36f);
}

/* End of a domain of at least `dots` full stops at `at`, or 0; the last label has two letters. */
static size_t find_domain(const struct tokenizer *t, size_t from, int dots)
{
    size_t to = from;

    for (; class_at(t, to) == BYTE_ALPHA || class_at(t, to) == BYTE_DIGIT ||
           (to < t->text.len && to > from && (t->text.ptr[to] == '.' || t->text.ptr[to] == '-'));
         to++)
        dots -= t->text.ptr[to] == '.';
    while (to > from && (t->text.ptr[to - 1] == '.' || t->text.ptr[to - 1] == '-'))
        dots += t->text.ptr[--to] == '.';
    return dots <= 0 && is_domain(t, from, to) ? to : 0;
}

/* "@ann", "@ann@example.social" (the fediverse), "@ann.example.social" (AT protocol: a domain of
 * three labels or more). End of the mention whose sign stands at `at`, or 0. */
static size_t find_mention(const struct tokenizer *t, size_t at, size_t *body)
{
    uint32_t before = previous_rune(t, at);
    bool is_touched = before != 0 && before < 0x80 &&
                      (is_ascii_word(t, at - 1) || strchr("!#$%&*@", (int)before));

    if ((is_touched && !is_retweet_mark(t, at)) || before == 0xff20)
        return 0;
    size_t to = *body = rune_end(t, at);
    while (is_ascii_word(t, to))
        to++;
    if (to == *body)
        return 0;
    size_t domain = class_at(t, to) == BYTE_AT ? find_domain(t, to + 1, 1) : 0;
    if (domain == 0 && (class_at(t, to) == BYTE_MARK || t->text.ptr[to - 1] != '_'))
        domain = find_domain(t, *body, 2);
    if (domain > to)
        to = domain;
    uint32_t after = rune_at(t, to);
    if (is_at_sign(after) || is_accented_latin(after) || is_scheme_tail(t, to) ||
        to - *body >= TOKEN_BYTES_MAX)
        return 0;
    return to;
}

static bool is_blank_rune(uint32_t rune)
{
    enum word_break wb = unicode_word_break(rune);

    return rune == '\t' || wb == WB_SPACE || wb == WB_NEWLINE || rune == 0xa0 ||
           (rune >= 0x200e && rune <= 0x200f) || (rune >= 0x202a && rune <= 0x202e) ||
           (rune >= 0x2066 && rune <= 0x2069);
}

static size_t count_letters(const struct tokenizer *t, size_t at, size_t most)
{
    size_t n = 0;

    while (n <= most && class_at(t, at + n) == BYTE_ALPHA)
        n++;
    return n;
}

/* $BA, $BRK.A: one to six letters, then perhaps a class of one or two. End, or 0. */
static size_t find_cashtag(const struct tokenizer *t, size_t at)
{
    uint32_t before = previous_rune(t, at);

    if (at > 0 && !is_blank_rune(before))
        return 0;
    size_t letters = count_letters(t, at + 1, 6), to = at + 1 + letters;
    if (letters == 0 || letters > 6)
        return 0;
    if (to < t->text.len && (t->text.ptr[to] == '.' || t->text.ptr[to] == '_')) {
        size_t class = count_letters(t, to + 1, 2);
        if (class == 1 || class == 2)
            to += 1 + class;
    }
    uint32_t after = rune_at(t, to);
    bool is_end = to >= t->text.len || is_blank_rune(after) ||
                  (after < 0x80 && !is_word_class(class_at(t, to))) || after == '_';
    return is_end ? to : 0;
}

/* --- emoji --------------------------------------------------------------------------------- */

static bool is_keycap(const struct tokenizer *t, size_t at)
{
    Str rest = str_sub(t->text, at + 1, 6);

    return str_starts(rest, S("\xe2\x83\xa3")) || str_eq(rest, S("\xef\xb8\x8f\xe2\x83\xa3"));
}

/* Pictographs that are text unless a variation selector says otherwise. */
static bool is_text_pictograph(uint32_t rune)
{
    return rune == 0xa9 || rune == 0xae || rune == 0x203c || rune == 0x2049 || rune == 0x2122 ||
           rune == 0x2139 || rune == 0x24c2 || rune == 0x3030 || rune == 0x303d;
}

static bool is_pictograph(uint32_t rune)
{
    return (unicode_property(rune) & UNICODE_PICTOGRAPH) != 0;
}

static size_t skip_extend(const struct tokenizer *t, size_t at)
{
    while (at < t->text.len && unicode_word_break(rune_at(t, at)) == WB_EXTEND)
        at = rune_end(t, at);
    return at;
}

/* End of the emoji sequence at `at`, or 0. */
static size_t find_emoji(const struct tokenizer *t, size_t at)
{
    uint32_t rune = rune_at(t, at);
    size_t to = rune_end(t, at);

    if (unicode_word_break(rune) == WB_REGIONAL)
        return unicode_word_break(rune_at(t, to)) == WB_REGIONAL && to < t->text.len
                   ? rune_end(t, to)
                   : 0;
    if (!is_pictograph(rune) || (is_text_pictograph(rune) && rune_at(t, to) != 0xfe0f))
        return 0;
    to = skip_extend(t, to);
    while (rune_at(t, to) == 0x200d && is_pictograph(rune_at(t, rune_end(t, to))))
        to = skip_extend(t, rune_end(t, rune_end(t, to)));
    return to;
}

/* Copies without variation selectors and, if wanted, without skin tones; at most TOKEN_BYTES_MAX */
static size_t copy_emoji(Str in, bool is_plain, char *out)
{
    size_t at = 0, len = 0;

    while (at < in.len && len + 4 <= TOKEN_BYTES_MAX) {
        uint32_t rune = str_next_rune(in, &at);
        bool is_tone = rune >= 0x1f3fb && rune <= 0x1f3ff;
        if (rune != 0xfe0f && rune != 0xfe0e && !(is_plain && is_tone))
            len += str_put_rune(out + len, rune);
    }
    return len;
}

static void emit_emoji(struct tokenizer *t, size_t from, size_t to)
{
    Str source = str_sub(t->text, from, to - from);

    if (!reserve_bytes(t, 2 * TOKEN_BYTES_MAX))
        return;
    struct token *token = push(t, from, to, TOKEN_EMOJI);
    if (!token)
        return;
    char *folded = t->bytes.items + t->bytes.count;
    size_t folded_len = copy_emoji(source, false, folded);
    char *plain = folded + folded_len;
    size_t plain_len = copy_emoji(source, true, plain);
    set_forms(token, (Str){folded, folded_len}, (Str){plain, plain_len});
    t->bytes.count += folded_len + plain_len;
}

/* --- the pass ------------------------------------------------------------------------------ */

/* Each step_*() handles what begins at `at` and returns the offset to go on from, > at. */

static size_t step_word_by_rules(struct tokenizer *t, size_t at)
{
    struct word_span span = find_word(t, at);
    size_t address = find_address(t, at, span.to);

    if (address > 0) {
        emit_verbatim(t, at, address, TOKEN_URL);
        return address;
    }
    span.to = cut_long_word(t, at, span.to);
    if (span.has_letter || span.has_digit)
        emit_word(t, at, span.to, span.has_letter);
    return span.to;
}

/* Whether the ASCII mark at `at` joins what stands around it; *is_unsure when a code point beyond
 * ASCII follows. */
static bool is_ascii_joint(const struct tokenizer *t, size_t at, bool *is_unsure)
{
    uint8_t before = class_at(t, at - 1), after = class_at(t, at + 1);
    char mark = t->text.ptr[at];

    if (after == BYTE_HIGH) {
        *is_unsure = true;
        return false;
    }
    if (before == BYTE_ALPHA && after == BYTE_ALPHA)
        return (mark == '\'' || mark == '.') && !is_missed_blank(t, at);
    return before == BYTE_DIGIT && after == BYTE_DIGIT && mark != ':' && mark != '"';
}

/* The end of the letters, digits and low lines at `to`, eight at a time; behind the image there is
 * room to read on. Adds what there was to *seen, a bit per class. */
static inline size_t skip_ascii_word(const struct tokenizer *t, size_t to, unsigned *seen)
{
    for (;;) {
        uint64_t word;
        memcpy(&word, t->bytes.items + to, sizeof word);
        uint64_t alpha = text_bytes_between(word, 'a', 'z'),
                 low = text_bytes_between(word, '_', '_'),
                 digit = text_bytes_between(word, '0', '9');
        uint64_t ends = ~(alpha | digit | low) & UINT64_C(0x8080808080808080);
        uint64_t inside = ends != 0 ? (ends & -ends) - 1 : ~UINT64_C(0);
        *seen |= (unsigned)((alpha & inside) != 0) << BYTE_ALPHA |
                 (unsigned)((digit & inside) != 0) << BYTE_DIGIT |
                 (unsigned)((low & inside) != 0) << BYTE_LOW_LINE;
        if (ends != 0)
            return to + (size_t)__builtin_ctzll(ends) / 8;
        to += sizeof word;
    }
}

/* The word when all is ASCII, else the rules. */
static size_t step_word(struct tokenizer *t, size_t from)
{
    const unsigned char *p = (const unsigned char *)t->text.ptr;
    size_t to = from, len = t->text.len;
    unsigned seen = 0;
    bool is_unsure = t->is_ascii_path_off, has_mark = false;

    for (;;) {
        to = skip_ascii_word(t, to, &seen);
        if (to >= len || byte_class[p[to]] != BYTE_MARK || !is_ascii_joint(t, to, &is_unsure))
            break;
        has_mark = true;
        to++;
    }
    if (is_unsure || class_at(t, to) == BYTE_HIGH || to - from > TOKEN_BYTES_MAX ||
        (seen & 1u << BYTE_LOW_LINE))
        return step_word_by_rules(t, from);
    bool may_be_address = has_mark || (to < len && p[to] == ':');
    size_t address = may_be_address ? find_address(t, from, to) : 0;
    if (address > 0) {
        emit_verbatim(t, from, address, TOKEN_URL);
        return address;
    }
    emit_image(t, from, to, seen & 1u << BYTE_ALPHA ? TOKEN_WORD : TOKEN_NUMBER);
    return to;
}

/* The end of the letters and digits from `from` on, or `from` when they are more than 63. */
static inline size_t find_plain_end(const struct tokenizer *t, size_t from)
{
    const uint64_t *bits = t->word_bits.items + from / 64;
    uint64_t ahead = bits[0] >> from % 64 | bits[1] << 1 << (63 - from % 64);

    return ~ahead != 0 ? from + (size_t)__builtin_ctzll(~ahead) : from;
}

/* As class_at(); also behind the text, up to IMAGE_PADDING - 1 bytes. */
static inline uint8_t image_class(const struct tokenizer *t, size_t at)
{
    return byte_class[(unsigned char)t->bytes.items[at]];
}

#define CLASS_BIT(class) (1u << (class))
/* Behind letters and digits these need a closer look, and behind a mark these. */
#define CLASSES_GOING_ON (CLASS_BIT(BYTE_MARK) | CLASS_BIT(BYTE_HIGH) | CLASS_BIT(BYTE_LOW_LINE))
#define CLASSES_JOINED   (CLASS_BIT(BYTE_ALPHA) | CLASS_BIT(BYTE_DIGIT) | CLASS_BIT(BYTE_HIGH))

/* A word that begins with an ASCII letter. Most end before a blank, which is passed too, or before
 * punctuation with neither letter nor digit behind it. */
static inline __attribute__((always_inline)) size_t step_plain_word(struct tokenizer *t,
                                                                    size_t from)
{
    size_t to = find_plain_end(t, from);
    uint8_t class = image_class(t, to);

    if (CLASSES_GOING_ON >> class & 1) {
        bool is_end = class == BYTE_MARK && t->bytes.items[to] != ':' &&
                      !(CLASSES_JOINED >> image_class(t, to + 1) & 1);
        if (!is_end)
            return step_word(t, from);
    }
    if (to == from || t->is_ascii_path_off)
        return step_word(t, from);
    put_image(t, from, to, TOKEN_WORD);
    return to + (class == BYTE_SPACE);
}

static void emit_tag(struct tokenizer *t, size_t from, size_t body, size_t to, enum token_kind kind)
{
    if (has_high_byte(t, from, to))
        emit_folded(t, from, body, to, kind, kind == TOKEN_HASHTAG ? '#' : '@');
    else
        emit_image(t, from, to, kind);
}

static size_t step_sigil(struct tokenizer *t, size_t at, uint32_t sign)
{
    size_t body = 0, to = 0;

    if (is_hash_sign(sign) && (to = find_hashtag(t, at, &body)) > 0)
        emit_tag(t, at, body, to, TOKEN_HASHTAG);
    else if (is_at_sign(sign) && (to = find_mention(t, at, &body)) > 0)
        emit_tag(t, at, body, to, TOKEN_MENTION);
    else if (sign == '$' && (to = find_cashtag(t, at)) > 0)
        emit_image(t, at, to, TOKEN_CASHTAG);
    return to > 0 ? to : rune_end(t, at);
}

/* A code point beyond ASCII. */
static size_t step_rune(struct tokenizer *t, size_t at)
{
    uint32_t rune = rune_at(t, at);
    uint8_t property = unicode_property(rune);
    enum word_break wb = (enum word_break)(property & UNICODE_WB_MASK);
    size_t to = is_pictograph(rune) || wb == WB_REGIONAL ? find_emoji(t, at) : 0;

    if (to > 0) {
        emit_emoji(t, at, to);
        return to;
    }
    if (is_letter_break(wb) || wb == WB_NUMERIC || wb == WB_KATAKANA || wb == WB_EXTENDNUMLET)
        return step_word_by_rules(t, at);
    if (is_hash_sign(rune) || is_at_sign(rune))
        return step_sigil(t, at, rune);
    if (wb == WB_OTHER && (property & UNICODE_LETTER)) { /* ideograph, hiragana, Thai: one each */
        to = at;
        (void)break_at(t, &to);
        to = cut_long_word(t, at, to);
        emit_folded(t, at, at, to, TOKEN_WORD, '\0');
        return to;
    }
    if ((property & UNICODE_SENTENCE_END) || wb == WB_NEWLINE)
        note_end(t, PENDING_END, at);
    return rune_end(t, at);
}

static size_t step(struct tokenizer *t, size_t at)
{
    switch ((enum byte_class)class_at(t, at)) {
    case BYTE_DIGIT:
        if (class_at(t, at + 1) == BYTE_HIGH && is_keycap(t, at))
            break;
        return step_word(t, at);
    case BYTE_ALPHA:
    case BYTE_LOW_LINE:
        return step_word(t, at);
    case BYTE_HASH:
    case BYTE_STAR:
        if (class_at(t, at + 1) == BYTE_HIGH && is_keycap(t, at))
            break;
        return step_sigil(t, at, (unsigned char)t->text.ptr[at]);
    case BYTE_AT:
    case BYTE_DOLLAR:
        return step_sigil(t, at, (unsigned char)t->text.ptr[at]);
    case BYTE_HIGH:
        return step_rune(t, at);
    case BYTE_MARK:
        if (t->text.ptr[at] == '.')
            note_end(t, PENDING_DOT, at);
        return at + 1;
    case BYTE_END:
    case BYTE_NEWLINE:
        note_end(t, PENDING_END, at);
        return at + 1;
    case BYTE_NONE:
    case BYTE_SPACE:
        return at + 1;
    }
    size_t to = skip_extend(t, at + 1); /* a keycap */
    emit_emoji(t, at, to);
    return to;
}

/* The image in lower case and the bits of letters and digits. The text is read up to its end, the
 * image is written up to a multiple of sixteen bytes. */
static void make_image(struct tokenizer *t)
{
    enum { BLOCK = sizeof(text_bytes_t) };
    char *out = t->bytes.items;

    for (size_t i = 0; i < t->text.len; i += BLOCK) {
        text_bytes_t bytes = {0};
        if (t->text.len - i >= BLOCK)
            memcpy(&bytes, t->text.ptr + i, BLOCK);
        else
            memcpy(&bytes, t->text.ptr + i, t->text.len - i);
        text_bytes_t is_upper = (text_bytes_t)(bytes - 'A' < 26);
        bytes |= is_upper & 0x20;
        memcpy(out + i, &bytes, BLOCK);
        text_bytes_t is_word = (text_bytes_t)(bytes - 'a' < 26) | (text_bytes_t)(bytes - '0' < 10);
        t->word_bits.items[i / 64] |= text_bits_of(is_word) << i % 64;
    }
}

static bool reserve_image(struct tokenizer *t)
{
    size_t words = t->text.len / 64 + 3;

    vec_reset(&t->word_bits);
    if (!vec_try_reserve(&t->bytes, t->text.len + IMAGE_PADDING) ||
        !vec_try_reserve(&t->word_bits, words))
        return false;
    memset(t->word_bits.items, 0, words * sizeof *t->word_bits.items);
    return true;
}

bool tokenizer_run(struct tokenizer *t, Str text, const struct token **tokens, size_t *count,
                   struct err *err)
{
    ASSERT(t);
    if (text.len > TOKENIZER_TEXT_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "text of %zu bytes is longer than %u", text.len,
                       (unsigned)TOKENIZER_TEXT_BYTES_MAX);
    vec_reset(&t->tokens);
    vec_reset(&t->bytes);
    t->text = text;
    t->position = t->sentence = 0;
    t->pending = PENDING_NONE;
    t->is_out_of_memory = false;
    if (text.len > 0 && reserve_image(t)) {
        make_image(t);
        memset(t->bytes.items + text.len, 0, IMAGE_PADDING);
        t->bytes.count = text.len + IMAGE_PADDING;
        for (size_t at = 0; at < text.len && !t->is_out_of_memory;) {
            uint8_t class = byte_class[(unsigned char)text.ptr[at]];
            if (class == BYTE_SPACE) /* the two most common cases are not left to the switch */
                at++;
            else
                at = class == BYTE_ALPHA ? step_plain_word(t, at) : step(t, at);
        }
    } else {
        t->is_out_of_memory = text.len > 0;
    }
    t->text = STR_NONE;
    if (t->is_out_of_memory)
        return err_set(err, ERR_NO_MEMORY, "could not allocate tokens for a text of %zu bytes",
                       text.len);
    *tokens = t->tokens.items;
    *count = t->tokens.count;
    return true;
}
