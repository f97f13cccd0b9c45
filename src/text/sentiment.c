/* A token with a mood is an item; its valence is changed by what the three words before it do
 * (degree words, negations), then added to the sum. Emoticons stand in the gaps. At the end the
 * punctuation of the whole text sharpens the sum, and compound = sum / sqrt(sum^2 + 15), as
 * published. Departures are listed in text/README.md.
 *
 * Most words are in no lexicon and most gaps are one blank. So tokens are first scanned in blocks
 * of 64, without branches, for those that matter: words that the lexicon may have, emoji, gaps with
 * something in them. Only these are visited; how far apart two words stand is known from their
 * ordinals. tests/unit/test_text_sentiment_plain.c reads token by token and gets the same bits. */
#include "text/sentiment.h"

#include <math.h>
#include <string.h>

#include "text/bytes_priv.h"
#include "text/judge_priv.h"
#include "text/lexicon_priv.h"

#define CAPITALS_BONUS     0.733
#define EXCLAMATION_BONUS  0.292
#define EXCLAMATIONS_MAX   4
#define QUESTION_BONUS     0.18
#define QUESTION_BONUS_MAX 0.96
#define CONTRAST_BEFORE    0.5
#define CONTRAST_AFTER     1.5
#define NORMALISATION      15.0
#define RULES_SHARE        0.7
#define LEAN_HALF          4.0
#define COMPOUND_MIN       0.01
#define SAME_EMOJI_MAX     3

enum { TWEET_WORDS = 25 };
enum { REACH = 3 }; /* how many words back a modifier acts */
static const double distance_factor[REACH] = {1.0, 0.95, 0.9};

/* A degree word or negation that an item after it looks back at. */
struct modifier {
    size_t ordinal; /* counts words and phrases, from 1; 0: none */
    uint32_t sentence;
    uint8_t roles;
    int8_t value;
    bool is_capitals;
};

struct reading {
    Str text;
    const struct token *tokens;
    size_t count;
    const struct lexicon *lexicon;    /* NULL: emoji only */
    bool may_have_runs;               /* of three equal letters in a word */
    struct modifier modifiers[REACH]; /* the last ones; [0] is the nearest */
    double sum;
    double positive, negative; /* the sum's parts, without contrast */
    bool has_contrast;
    int capitals; /* is some of the text, but not all, in capitals: -1 not yet known */
    unsigned exclamations, questions, hits, words;
    uint8_t roles_seen;  /* of all words */
    unsigned kinds_seen; /* bit per token kind */
    uint64_t last_emoji;
    unsigned same_emoji;
};

/* --- words --------------------------------------------------------------------------------- */

static bool is_capitals(const struct reading *r, const struct token *token)
{
    size_t upper = 0;

    for (uint32_t i = token->from; i < token->to; i++) {
        char byte = r->text.ptr[i];
        if (byte >= 'a' && byte <= 'z')
            return false;
        upper += byte >= 'A' && byte <= 'Z';
    }
    return upper >= 2;
}

/* Capitals mean something only where not everything is in capitals. */
static bool capitals_matter(struct reading *r)
{
    if (r->capitals < 0) {
        size_t words = 0, capitals = 0;
        for (size_t i = 0; i < r->count; i++) {
            bool is_word = r->tokens[i].kind == TOKEN_WORD;
            words += is_word;
            capitals += is_word && is_capitals(r, &r->tokens[i]);
        }
        r->capitals = capitals > 0 && capitals < words;
    }
    return r->capitals == 1;
}

/* "sooo", "looove": the word with its long runs cut to two letters, then to one. */
static const struct lexicon_entry *find_elongated(const struct lexicon *lexicon, Str word)
{
    char out[64] = {0};
    const struct lexicon_entry *entry = NULL;

    for (size_t keep = 2; keep >= 1 && !entry && word.len <= sizeof out; keep--) {
        size_t len = lexicon_cut_runs(word, keep, out);
        entry = lexicon_get(lexicon, token_hash((Str){out, len}));
    }
    return entry;
}

static uint64_t stem_hash(const struct token *token)
{
    Str word = token_bare(token, token->folded);
    size_t stem = lexicon_stem_len(word);
    uint64_t hash = stem == word.len ? token->hash_folded : token_hash((Str){word.ptr, stem});

    return hash ^ LEXICON_STEM_SALT;
}

/* A word that is not listed as it is: by its stem, or with its long runs cut. */
static const struct lexicon_entry *find_form(const struct reading *r, const struct token *token)
{
    const struct lexicon *lexicon = r->lexicon;
    Str word = token_bare(token, token->folded);

    if (lexicon->has_stems) {
        const struct lexicon_entry *entry = lexicon_get(lexicon, stem_hash(token));
        if (entry)
            return entry;
    }
    return r->may_have_runs && lexicon_has_long_run(word) ? find_elongated(lexicon, word) : NULL;
}

/* `is_likely`: the filter need not be asked. */
static inline const struct lexicon_entry *find_word(const struct reading *r,
                                                    const struct token *token, bool is_likely)
{
    const struct lexicon_entry *entry = is_likely ? lexicon_find(r->lexicon, token->hash_folded)
                                                  : lexicon_get(r->lexicon, token->hash_folded);

    return entry || !(r->lexicon->has_stems || r->may_have_runs) ? entry : find_form(r, token);
}

static bool is_lexical(const struct token *token)
{
    return token->kind == TOKEN_WORD || token->kind == TOKEN_HASHTAG;
}

/* The longest phrase that begins at `at` with the entry *entry. Returns its number of words, at
 * least 1, and its entry if it is longer. */
static size_t find_phrase(const struct reading *r, size_t at, const struct lexicon_entry **entry)
{
    uint64_t key = r->tokens[at].hash_folded;
    size_t words = 1;
    const struct lexicon_entry *part = *entry;

    for (size_t n = 2; n <= LEXICON_PHRASE_WORDS_MAX && at + n <= r->count; n++) {
        if (!(part->roles & (n == 2 ? LEXICON_PHRASE_START : LEXICON_PHRASE_MORE)))
            break;
        const struct token *next = &r->tokens[at + n - 1];
        if (!is_lexical(next) && next->kind != TOKEN_NUMBER)
            break;
        key = lexicon_phrase_hash(key, next->hash_folded);
        part = lexicon_get(r->lexicon, key);
        if (!part)
            break;
        if (part->roles & (LEXICON_VALENCE | LEXICON_BOOST | LEXICON_NEGATION)) {
            *entry = part;
            words = n;
        }
    }
    return words;
}

/* --- items --------------------------------------------------------------------------------- */

static void remember(struct reading *r, struct modifier modifier)
{
    for (size_t i = REACH - 1; i > 0; i--)
        r->modifiers[i] = r->modifiers[i - 1];
    r->modifiers[0] = modifier;
}

static void add_mood(struct reading *r, double valence)
{
    r->sum += r->has_contrast ? valence * CONTRAST_AFTER : valence;
    *(valence > 0 ? &r->positive : &r->negative) += valence;
    r->hits++;
}

static double sign(double x)
{
    return x < 0 ? -1.0 : 1.0;
}

/* Degree words and negations among the words before, of the same sentence, do to the valence of the
 * word with the ordinal. A word with a mood of its own between does not modify. */
static double modified(struct reading *r, double valence, size_t ordinal, uint32_t sentence)
{
    for (size_t i = 0; i < REACH; i++) {
        const struct modifier *m = &r->modifiers[i];
        if (m->ordinal == 0 || ordinal - m->ordinal > REACH || m->sentence != sentence)
            break;
        if (m->roles & LEXICON_BOOST) {
            double boost = m->value / 100.0;
            if (m->is_capitals && capitals_matter(r))
                boost += CAPITALS_BONUS * sign(boost);
            valence += boost * sign(valence) * distance_factor[ordinal - m->ordinal - 1];
        }
        if (m->roles & LEXICON_NEGATION)
            valence *= m->value / 100.0;
    }
    return valence;
}

/* Does a word with a mood follow within the sentence, so that the one before only modifies it? */
static bool mood_follows(const struct reading *r, size_t at)
{
    for (size_t i = at + 1; i < r->count && i <= at + 2; i++) {
        if (r->tokens[i].sentence != r->tokens[at].sentence)
            return false;
        const struct lexicon_entry *entry =
            is_lexical(&r->tokens[i]) ? find_word(r, &r->tokens[i], false) : NULL;
        if (entry && (entry->roles & LEXICON_VALENCE))
            return true;
    }
    return false;
}

/* Handles the word or phrase at `at`; returns the number of tokens it took. */
static size_t read_word(struct reading *r, size_t at, size_t ordinal)
{
    const struct token *token = &r->tokens[at];
    const struct lexicon_entry *entry = find_word(r, token, !r->lexicon->has_stems);

    if (!entry)
        return 1;
    size_t words = entry->roles & LEXICON_PHRASE_START ? find_phrase(r, at, &entry) : 1;
    uint8_t roles = entry->roles;
    r->roles_seen |= roles;
    const uint8_t modifiers = LEXICON_BOOST | LEXICON_NEGATION;
    bool is_modifier = (roles & modifiers) != 0;
    bool is_caps = (roles & (LEXICON_VALENCE | LEXICON_BOOST)) && is_capitals(r, token);

    if ((roles & LEXICON_VALENCE) && !(is_modifier && mood_follows(r, at))) {
        double valence = entry->valence / 1000.0;
        if (is_caps && capitals_matter(r))
            valence += CAPITALS_BONUS * sign(valence);
        add_mood(r, modified(r, valence, ordinal, token->sentence));
    }
    if ((roles & LEXICON_CONTRAST) && !r->has_contrast) {
        r->sum *= CONTRAST_BEFORE;
        r->has_contrast = true;
    }
    if (is_modifier)
        remember(r, (struct modifier){ordinal, token->sentence, roles & modifiers, entry->modifier,
                                      is_caps});
    return words;
}

static void read_emoji(struct reading *r, const struct token *token)
{
    const struct lexicon_entry *entry = lexicon_get(&lexicon_emoji, token->hash_plain);

    r->same_emoji = token->hash_plain == r->last_emoji ? r->same_emoji + 1 : 1;
    r->last_emoji = token->hash_plain;
    if (entry && r->same_emoji <= SAME_EMOJI_MAX)
        add_mood(r, entry->valence / 1000.0);
}

/* --- gaps ---------------------------------------------------------------------------------- */

static bool is_ascii_alnum(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z');
}

static bool may_end_emoticon(Str text, size_t at)
{
    static const bool ends[256] = {
        [' '] = true, ['\t'] = true, ['\r'] = true, ['\n'] = true, ['.'] = true,
        [','] = true, ['!'] = true,  ['?'] = true,  [')'] = true,  ['"'] = true,
        ['#'] = true, ['@'] = true,  ['<'] = true,  ['\0'] = true};

    return at >= text.len || ends[(unsigned char)text.ptr[at]] ||
           (unsigned char)text.ptr[at] >= 0x80;
}

static bool may_touch(char byte)
{
    return byte == ':' || byte == ';' || byte == '=' || byte == '<';
}

/* The longest emoticon at `at`, or NULL. Only the common beginnings may touch the word before. */
static const struct lexicon_emoticon *find_emoticon(Str text, size_t at)
{
    unsigned char byte = (unsigned char)text.ptr[at];
    size_t first = lexicon_emoticon_first[byte], end = lexicon_emoticon_first[byte + 1u];

    if (first == end || at + 1 >= text.len ||
        !(lexicon_emoticon_second[(unsigned char)text.ptr[at + 1]] >> byte % 32 & 1))
        return NULL;
    bool is_touching = at > 0 && is_ascii_alnum(text.ptr[at - 1]);
    bool is_inside = at > 0 && !is_touching && (unsigned char)text.ptr[at - 1] > ' ';
    if ((is_touching || is_inside) && !may_touch(text.ptr[at]))
        return NULL;
    uint64_t here = text_eight_bytes(text, at);
    for (size_t i = first; i < end; i++) {
        const struct lexicon_emoticon *e = &lexicon_emoticons[i];
        uint64_t bytes;
        memcpy(&bytes, e->text, sizeof bytes);
        if (text.len - at < e->len || (here ^ bytes) << (64 - 8 * e->len) != 0 ||
            !may_end_emoticon(text, at + e->len))
            continue;
        if (is_touching && is_ascii_alnum(e->text[e->len - 1]))
            continue; /* "10:3" */
        return e;
    }
    return NULL;
}

/* Punctuation and emoticons from `at` up to the next token. Returns the end of what was read, which
 * may lie behind `to` when an emoticon ends in a letter. */
static size_t read_gap(struct reading *r, size_t at, size_t to)
{
    while (at < to) {
        unsigned char byte = (unsigned char)r->text.ptr[at];
        const struct lexicon_emoticon *emoticon =
            lexicon_telling[byte] ? find_emoticon(r->text, at) : NULL;
        if (emoticon) {
            add_mood(r, emoticon->valence / 1000.0);
            at += emoticon->len;
            continue;
        }
        r->exclamations += byte == '!';
        r->questions += byte == '?';
        at++;
    }
    return at;
}

/* --- the whole ----------------------------------------------------------------------------- */

static double punctuation_bonus(const struct reading *r)
{
    unsigned exclamations = r->exclamations < EXCLAMATIONS_MAX ? r->exclamations : EXCLAMATIONS_MAX;
    double bonus = exclamations * EXCLAMATION_BONUS;

    if (r->questions > 1)
        bonus += r->questions <= 3 ? r->questions * QUESTION_BONUS : QUESTION_BONUS_MAX;
    return bonus;
}

enum { BLOCK_TOKENS = 64 };
#define LEXICAL_KINDS (1u << TOKEN_WORD | 1u << TOKEN_HASHTAG)
_Static_assert(TOKEN_KIND_COUNT <= 8 && TOKEN_EMOJI + 1 == TOKEN_KIND_COUNT, "a byte a kind");

/* Up to 64 tokens; a bit of the masks each. */
struct block {
    size_t first, count;
    uint64_t listed, emoji;             /* words that the lexicon may have; emoji */
    uint64_t gaps;                      /* what stands before may tell something */
    uint64_t kinds;                     /* how many tokens of each kind, a byte a kind */
    uint8_t ordinals[BLOCK_TOKENS + 1]; /* how many words of the block stand before */
};

/* Whether the gap is worth a visit: a blank, or a comma and a blank, is not. */
static inline uint64_t is_gap(Str text, size_t from, size_t to)
{
    size_t last = to - (to > from);

    return (from != to) & ((from + 2 < to) | lexicon_telling[(unsigned char)text.ptr[from]] |
                           lexicon_telling[(unsigned char)text.ptr[last]]);
}

/* Without branches but for stems, so that waiting for the tables overlaps. Listed is a word that
 * does something by itself or by its stem, or begins a phrase that is there, and one with a run of
 * letters, which may be found under another form; where it would be found is fetched ahead. */
static inline __attribute__((always_inline)) void scan_tokens(const struct reading *r,
                                                              const struct lexicon *lexicon,
                                                              bool may_have_runs, struct block *b)
{
    size_t to = b->first > 0 ? r->tokens[b->first - 1].to : 0;
    uint64_t listed = 0, emoji = 0, gaps = 0, kinds = 0;
    uint64_t behind =
        b->first + b->count < r->count ? r->tokens[b->first + b->count].hash_folded : 0;
    uint8_t ordinal = 0;

    for (size_t i = 0; i < b->count; i++) {
        const struct token *token = &r->tokens[b->first + i];
        unsigned kind = token->kind;
        uint64_t is_word = LEXICAL_KINDS >> kind & 1, is_listed = 0;
        if (lexicon) {
            uint64_t phrase = lexicon_phrase_hash(token->hash_folded,
                                                  i + 1 < b->count ? token[1].hash_folded : behind);
            is_listed = lexicon_may_have(lexicon->acting, token->hash_folded, lexicon->mask) |
                        lexicon_may_have(lexicon->acting, phrase, lexicon->mask);
            if (lexicon->has_stems)
                is_listed |= lexicon_may_have(lexicon->acting, stem_hash(token), lexicon->mask);
            if (may_have_runs && lexicon_has_long_run(token->folded))
                is_listed = 1;
            is_listed &= is_word;
            __builtin_prefetch(&lexicon->slots[(uint32_t)token->hash_folded & lexicon->mask &
                                               -(uint32_t)is_listed]);
        }
        kinds += UINT64_C(1) << 8 * kind;
        b->ordinals[i] = ordinal;
        ordinal = (uint8_t)(ordinal + is_word);
        listed |= is_listed << i;
        gaps |= is_gap(r->text, to, token->from) << i;
        to = token->to;
    }
    for (size_t i = 0; kinds >> 8 * TOKEN_EMOJI != 0 && i < b->count; i++)
        emoji |= (uint64_t)(r->tokens[b->first + i].kind == TOKEN_EMOJI) << i;
    b->ordinals[b->count] = ordinal;
    b->listed = listed;
    b->emoji = emoji;
    b->gaps = gaps;
    b->kinds = kinds;
}

static void scan_block(const struct reading *r, size_t first, struct block *b)
{
    b->first = first;
    b->count = r->count - first < BLOCK_TOKENS ? r->count - first : BLOCK_TOKENS;
    if (!r->lexicon)
        scan_tokens(r, NULL, false, b);
    else if (r->may_have_runs)
        scan_tokens(r, r->lexicon, true, b);
    else
        scan_tokens(r, r->lexicon, false, b);
}

/* Where reading stands between two tokens. */
struct place {
    size_t next;     /* tokens before were taken by a phrase */
    size_t at;       /* end of the token or emoticon before token `visit` */
    size_t visit;    /* a token whose gap begins within the token before; count: none */
    size_t ordinals; /* of words before the block, less the words that took no part */
};

/* The token takes no part: it is in a phrase, or in an emoticon. */
static void pass_token(const struct reading *r, size_t i, struct block *b, struct place *place)
{
    unsigned kind = r->tokens[i].kind;

    if (i >= b->first + b->count)
        return;
    b->kinds -= UINT64_C(1) << 8 * kind;
    place->ordinals -= LEXICAL_KINDS >> kind & 1;
}

/* The gap before token i; true when an emoticon in it swallowed the token. */
static bool read_gap_before(struct reading *r, size_t i, struct place *place)
{
    size_t from = i == place->visit ? place->at : i > 0 ? r->tokens[i - 1].to : 0;
    size_t at = read_gap(r, from, r->tokens[i].from);

    if (at <= r->tokens[i].from)
        return false;
    place->at = at;
    place->visit = i + 1;
    return true;
}

/* Bits of the tokens from i on. */
static uint64_t bits_from(size_t i)
{
    return i < BLOCK_TOKENS ? ~UINT64_C(0) << i : 0;
}

static void read_block(struct reading *r, struct block *b, struct place *place)
{
    uint64_t left = b->listed | b->emoji | b->gaps;

    for (size_t i = b->first; i < place->next; i++)
        pass_token(r, i, b, place);
    if (place->next > b->first)
        left &= bits_from(place->next - b->first);
    if (place->visit == b->first)
        left |= 1;
    while (left != 0) {
        size_t bit = (size_t)__builtin_ctzll(left), i = b->first + bit;
        left &= left - 1;
        if ((b->gaps >> bit & 1 || i == place->visit) && read_gap_before(r, i, place)) {
            pass_token(r, i, b, place);
            left |= bits_from(bit + 1) & ~bits_from(bit + 2);
            if (bit + 1 >= b->count)
                left = 0;
        } else if (b->emoji >> bit & 1) {
            read_emoji(r, &r->tokens[i]);
        } else if (b->listed >> bit & 1) {
            size_t taken = read_word(r, i, place->ordinals + b->ordinals[bit] + 1);
            place->next = i + taken;
            for (size_t k = i + 1; k < place->next; k++)
                pass_token(r, k, b, place);
            left &= bits_from(bit + taken);
        }
    }
    for (unsigned kind = 0; kind < TOKEN_KIND_COUNT; kind++)
        r->kinds_seen |= (unsigned)((b->kinds >> 8 * kind & 0xff) != 0) << kind;
    r->words += (unsigned)(b->kinds >> 8 * TOKEN_WORD & 0xff);
    place->ordinals += b->ordinals[b->count];
}

static void read_text(struct reading *r)
{
    struct place place = {.visit = r->count + 1};
    struct block block;

    for (size_t first = 0; first < r->count; first += BLOCK_TOKENS) {
        scan_block(r, first, &block);
        read_block(r, &block, &place);
    }
    size_t to = r->count > 0 ? r->tokens[r->count - 1].to : 0;
    (void)read_gap(r, place.visit == r->count ? place.at : to, r->text.len);
}

static const struct lexicon *find_lexicon(Str language)
{
    for (size_t i = 0; language.len == 2 && i < lexicon_count; i++)
        if (memcmp(lexicons[i].code, language.ptr, 2) == 0)
            return &lexicons[i];
    return NULL;
}

static enum sentiment_basis basis_of(const struct lexicon *lexicon, const struct judge *judge)
{
    if (judge->knows_words)
        return SENTIMENT_LEARNED;
    if (!lexicon)
        return SENTIMENT_EMOJI;
    return lexicon->has_rules ? SENTIMENT_RULES : SENTIMENT_SMALL_LEXICON;
}

enum sentiment_basis sentiment_basis_of(Str language)
{
    return basis_of(find_lexicon(language), judge_find(language));
}

static double saturating(double x, double half)
{
    return x / (half + x);
}

static double at_most(unsigned n, unsigned most)
{
    return (double)(n < most ? n : most) / most;
}

const char *const judge_feature_names[JUDGE_FEATURE_COUNT] = {
    "one",           "compound",         "positive",
    "negative",      "positive-density", "negative-density",
    "no-hit",        "exclamations",     "questions",
    "url",           "mention",          "hashtag",
    "number",        "length",           "first-person",
    "second-person", "negation",         "contrast",
    "long"};

static void judge_features(const struct reading *r, double compound,
                           double out[JUDGE_FEATURE_COUNT])
{
    double root = sqrt(r->words + 3.0);

    out[JUDGE_ONE] = 1;
    out[JUDGE_COMPOUND] = compound;
    out[JUDGE_POSITIVE] = saturating(r->positive, 2);
    out[JUDGE_NEGATIVE] = saturating(-r->negative, 2);
    out[JUDGE_POSITIVE_DENSITY] = r->positive / root;
    out[JUDGE_NEGATIVE_DENSITY] = -r->negative / root;
    out[JUDGE_NO_HIT] = r->hits == 0;
    out[JUDGE_EXCLAMATIONS] = at_most(r->exclamations, 3);
    out[JUDGE_QUESTIONS] = at_most(r->questions, 2);
    out[JUDGE_URL] = r->kinds_seen >> TOKEN_URL & 1;
    out[JUDGE_MENTION] = r->kinds_seen >> TOKEN_MENTION & 1;
    out[JUDGE_HASHTAG] = r->kinds_seen >> TOKEN_HASHTAG & 1;
    out[JUDGE_NUMBER] = r->kinds_seen >> TOKEN_NUMBER & 1;
    out[JUDGE_LENGTH] = saturating(r->words, 10);
    out[JUDGE_FIRST_PERSON] = (r->roles_seen & LEXICON_FIRST_PERSON) != 0;
    out[JUDGE_SECOND_PERSON] = (r->roles_seen & LEXICON_SECOND_PERSON) != 0;
    out[JUDGE_NEGATION] = (r->roles_seen & LEXICON_NEGATION) != 0;
    out[JUDGE_CONTRAST] = r->has_contrast;
    out[JUDGE_LONG] = r->words > TWEET_WORDS ? at_most(r->words - TWEET_WORDS, TWEET_WORDS) : 0;
}

static double rules_compound(const struct reading *r)
{
    double sum = r->sum;

    if (sum != 0)
        sum += punctuation_bonus(r) * sign(sum);
    return sum / sqrt(sum * sum + NORMALISATION);
}

/* Below this a text says too little for a lean of a word or two to be an opinion: "a phone". */
enum { WORDS_FEW = 2 };
#define FEW_WORDS_MARGIN 1.0 /* log-odds */

static enum polarity label_of(const struct reading *r, const double scores[JUDGE_CLASSES])
{
    double neutral = scores[1];

    if (r->hits == 0 && r->words <= WORDS_FEW)
        neutral += FEW_WORDS_MARGIN;
    if (neutral >= scores[0] && neutral >= scores[2])
        return POLARITY_NEUTRAL;
    return scores[0] > scores[2] ? POLARITY_NEGATIVE : POLARITY_POSITIVE;
}

/* The rules rate what is said, the learned words what the rules do not know: their blend is nearer
 * to what people say than either. A label other than neutral has its sign. */
static double blended(double rules, const double scores[JUDGE_CLASSES], enum polarity label)
{
    double lean = scores[2] - scores[0];
    double compound =
        RULES_SHARE * rules + (1 - RULES_SHARE) * lean / sqrt(lean * lean + LEAN_HALF);
    double side = (double)(int)label;

    if (label != POLARITY_NEUTRAL && side * compound < COMPOUND_MIN)
        return side * COMPOUND_MIN;
    return compound;
}

static void read_and_judge(const struct lexicon *lexicon, const struct judge *judge, Str text,
                           const struct token *tokens, size_t count, struct sentiment *out)
{
    struct reading r = {
        .text = text,
        .tokens = tokens,
        .count = count,
        .lexicon = lexicon,
        .may_have_runs = lexicon_may_have_runs(text),
        .capitals = -1,
    };
    struct judge_keys keys;
    double features[JUDGE_FEATURE_COUNT];

    judge_prepare(judge, text, tokens, count, r.may_have_runs, &keys);
    read_text(&r);
    if (count == 0 && r.hits == 0) { /* nothing is said */
        *out = (struct sentiment){.label = POLARITY_NEUTRAL};
        return;
    }
    out->rules = rules_compound(&r);
    out->hits = (uint16_t)(r.hits < UINT16_MAX ? r.hits : UINT16_MAX);
    judge_features(&r, out->rules, features);
    judge_text(judge, &keys, tokens, features, out->scores);
    out->label = label_of(&r, out->scores);
    out->compound = blended(out->rules, out->scores, out->label);
}

void sentiment_score(Str text, const struct token *tokens, size_t count, Str language,
                     struct sentiment *out)
{
    const struct lexicon *lexicon = find_lexicon(language);
    const struct judge *judge = judge_find(language);

    read_and_judge(lexicon, judge, text, tokens, count, out);
    out->basis = basis_of(lexicon, judge);
}

void sentiment_probabilities(const struct sentiment *s, double out[3])
{
    double most = fmax(s->scores[0], fmax(s->scores[1], s->scores[2])), sum = 0;

    for (int c = 0; c < 3; c++)
        sum += out[c] = exp(s->scores[c] - most);
    for (int c = 0; c < 3; c++)
        out[c] /= sum;
}

const char *polarity_name(enum polarity polarity)
{
    return polarity < 0 ? "negative" : polarity > 0 ? "positive" : "neutral";
}

const char *sentiment_basis_name(enum sentiment_basis basis)
{
    static const char *const names[] = {"learned", "rules", "lexicon", "emoji"};

    ASSERT((size_t)basis < COUNT_OF(names));
    return names[basis];
}
