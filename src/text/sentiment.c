/* One pass over the tokens and the gaps between them. A token with a mood is an item; its valence
 * is changed by what the three tokens before it do (degree words, negations), then added to the
 * sum. Emoticons stand in the gaps. At the end the punctuation of the whole text sharpens the sum,
 * and compound = sum / sqrt(sum^2 + 15), as published. Departures are listed in text/README.md. */
#include "text/sentiment.h"

#include <math.h>
#include <string.h>

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
enum { REACH = 3 }; /* how many tokens back a modifier acts */
static const double distance_factor[REACH] = {1.0, 0.95, 0.9};

/* A token that an item after it looks back at. */
struct before {
    uint8_t roles;
    int8_t modifier;
    bool is_capitals;
};

struct reading {
    Str text;
    const struct token *tokens;
    size_t count;
    const struct lexicon *lexicon; /* NULL: emoji only */
    bool may_have_runs;            /* of three equal letters in a word */
    size_t sifted;                 /* of the first so many tokens is known: */
    const bool *may_be_listed;     /* under its own form, no other being looked for */
    struct before before[REACH];   /* [0] is the nearest */
    size_t before_count;
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

static const struct lexicon_entry *find_word(const struct reading *r, const struct token *token)
{
    const struct lexicon *lexicon = r->lexicon;
    const struct lexicon_entry *entry = lexicon_get(lexicon, token->hash_folded);

    if (entry)
        return entry;
    Str word = token_bare(token, token->folded);
    if (lexicon->has_stems) {
        size_t stem = lexicon_stem_len(word);
        uint64_t hash = stem == word.len ? token->hash_folded : token_hash(str_sub(word, 0, stem));
        entry = lexicon_get(lexicon, hash ^ LEXICON_STEM_SALT);
        if (entry)
            return entry;
    }
    return r->may_have_runs && lexicon_has_long_run(word) ? find_elongated(lexicon, word) : NULL;
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

static void remember(struct reading *r, struct before before)
{
    for (size_t i = REACH - 1; i > 0; i--)
        r->before[i] = r->before[i - 1];
    r->before[0] = before;
    r->before_count += r->before_count < REACH;
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

/* Degree words and negations among the tokens before. A word with a mood of its own between does
 * not modify. */
static double modified(struct reading *r, double valence)
{
    for (size_t i = 0; i < r->before_count; i++) {
        const struct before *b = &r->before[i];
        if (b->roles & LEXICON_BOOST) {
            double boost = b->modifier / 100.0;
            if (b->is_capitals && capitals_matter(r))
                boost += CAPITALS_BONUS * sign(boost);
            valence += boost * sign(valence) * distance_factor[i];
        }
        if (b->roles & LEXICON_NEGATION)
            valence *= b->modifier / 100.0;
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
            is_lexical(&r->tokens[i]) ? find_word(r, &r->tokens[i]) : NULL;
        if (entry && (entry->roles & LEXICON_VALENCE))
            return true;
    }
    return false;
}

/* All at once and without branches, so that waiting for the tables overlaps. Only where a word not
 * found as it is is not looked for under another form. */
static void sift_words(struct reading *r, bool may_be_listed[JUDGE_TOKENS_MAX])
{
    const struct lexicon *lexicon = r->lexicon;

    if (!lexicon || lexicon->has_stems || r->may_have_runs)
        return;
    r->may_be_listed = may_be_listed;
    r->sifted = r->count < JUDGE_TOKENS_MAX ? r->count : JUDGE_TOKENS_MAX;
    for (size_t i = 0; i < r->sifted; i++) {
        uint64_t hash = r->tokens[i].hash_folded;
        uint32_t bit = lexicon_filter_bit(hash, lexicon->mask);
        may_be_listed[i] = lexicon->filter[bit / 64] >> bit % 64 & 1;
        __builtin_prefetch(&lexicon->slots[(uint32_t)hash & lexicon->mask]);
    }
}

/* Handles the word or phrase at `at`; returns the number of tokens it took. */
static size_t read_word(struct reading *r, size_t at)
{
    const struct token *token = &r->tokens[at];
    bool is_absent = at < r->sifted && !r->may_be_listed[at];
    const struct lexicon_entry *entry = is_absent ? NULL : find_word(r, token);

    if (!entry) {
        remember(r, (struct before){0});
        return 1;
    }
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
        add_mood(r, modified(r, valence));
    }
    if ((roles & LEXICON_CONTRAST) && !r->has_contrast) {
        r->sum *= CONTRAST_BEFORE;
        r->has_contrast = true;
    }
    struct before before = {0};
    if (is_modifier)
        before = (struct before){roles & modifiers, entry->modifier, is_caps};
    remember(r, before);
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
    return at >= text.len || strchr(" \t\r\n.,!?)\"#@<", text.ptr[at]) != NULL ||
           (unsigned char)text.ptr[at] >= 0x80;
}

/* The longest emoticon at `at`, or NULL. Only the common beginnings may touch the word before. */
static const struct lexicon_emoticon *find_emoticon(Str text, size_t at)
{
    unsigned char byte = (unsigned char)text.ptr[at];
    size_t first = lexicon_emoticon_first[byte], end = lexicon_emoticon_first[byte + 1u];
    bool is_touching = at > 0 && is_ascii_alnum(text.ptr[at - 1]);
    bool is_inside = at > 0 && !is_touching && (unsigned char)text.ptr[at - 1] > ' ';

    if (first == end || ((is_touching || is_inside) && !strchr(":;=<", byte)))
        return NULL;
    for (size_t i = first; i < end; i++) {
        const struct lexicon_emoticon *e = &lexicon_emoticons[i];
        if (text.len - at < e->len || memcmp(text.ptr + at, e->text, e->len) != 0 ||
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
        char byte = r->text.ptr[at];
        if (byte == ' ') {
            at++;
            continue;
        }
        const struct lexicon_emoticon *emoticon = find_emoticon(r->text, at);
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

static void read_text(struct reading *r)
{
    size_t at = 0;
    uint32_t sentence = 0;

    for (size_t i = 0; i < r->count;) {
        const struct token *token = &r->tokens[i];
        size_t taken = 1;
        if (token->from == at + 1 && r->text.ptr[at] == ' ')
            at++; /* the most common gap */
        else
            at = read_gap(r, at, token->from);
        if (at > token->from) { /* swallowed by an emoticon */
            i++;
            continue;
        }
        if (token->sentence != sentence)
            r->before_count = 0;
        sentence = token->sentence;
        r->kinds_seen |= 1u << token->kind;
        r->words += token->kind == TOKEN_WORD;
        if (token->kind == TOKEN_EMOJI)
            read_emoji(r, token);
        else if (r->lexicon && is_lexical(token))
            taken = read_word(r, i);
        at = r->tokens[i + taken - 1].to;
        i += taken;
    }
    (void)read_gap(r, at, r->text.len);
}

static bool is_code(const char *code, Str language)
{
    return language.len == 2 && language.ptr[0] == code[0] && language.ptr[1] == code[1];
}

static const struct lexicon *find_lexicon(Str language)
{
    for (size_t i = 0; i < lexicon_count; i++)
        if (is_code(lexicons[i].code, language))
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
    bool may_be_listed[JUDGE_TOKENS_MAX];
    struct judge_keys keys;
    double features[JUDGE_FEATURE_COUNT];

    sift_words(&r, may_be_listed);
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

    read_and_judge(lexicon, judge_find(language), text, tokens, count, out);
    out->basis = basis_of(lexicon, judge_find(language));
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
