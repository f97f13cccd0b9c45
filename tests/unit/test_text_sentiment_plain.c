/* The fast reading of a text against a plain one: token by token, gap by gap, key by key, as the
 * rules and the judge are described. Both give the same bits, on all given texts and on texts made
 * of what the rules look at. What both share (lexicon entries, phrases, capitals, features, label)
 * is in test_text_sentiment.c. */
#include "text/judge.c"
#include "text/sentiment.c"

#include "../../bench/bench_tsv.h"
#include "base/random.h"
#include "unit/test.h"

/* --- the rules, plainly ---------------------------------------------------------------------- */

struct before {
    uint8_t roles;
    int8_t modifier;
    bool is_capitals;
};

struct plain {
    struct reading r;
    struct before before[REACH]; /* [0] is the nearest */
    size_t before_count;
};

static void plain_remember(struct plain *p, struct before before)
{
    for (size_t i = REACH - 1; i > 0; i--)
        p->before[i] = p->before[i - 1];
    p->before[0] = before;
    p->before_count += p->before_count < REACH;
}

static double plain_modified(struct plain *p, double valence)
{
    for (size_t i = 0; i < p->before_count; i++) {
        const struct before *b = &p->before[i];
        if (b->roles & LEXICON_BOOST) {
            double boost = b->modifier / 100.0;
            if (b->is_capitals && capitals_matter(&p->r))
                boost += CAPITALS_BONUS * sign(boost);
            valence += boost * sign(valence) * distance_factor[i];
        }
        if (b->roles & LEXICON_NEGATION)
            valence *= b->modifier / 100.0;
    }
    return valence;
}

static size_t plain_word(struct plain *p, size_t at)
{
    struct reading *r = &p->r;
    const struct token *token = &r->tokens[at];
    const struct lexicon_entry *entry = lexicon_get(r->lexicon, token->hash_folded);

    if (!entry)
        entry = find_form(r, token);
    if (!entry) {
        plain_remember(p, (struct before){0});
        return 1;
    }
    size_t words = find_phrase(r, at, &entry);
    bool is_modifier = (entry->roles & (LEXICON_BOOST | LEXICON_NEGATION)) != 0;
    bool is_caps = (entry->roles & (LEXICON_VALENCE | LEXICON_BOOST)) != 0 && is_capitals(r, token);
    r->roles_seen |= entry->roles;
    if ((entry->roles & LEXICON_VALENCE) && !(is_modifier && mood_follows(r, at))) {
        double valence = entry->valence / 1000.0;
        if (is_caps && capitals_matter(r))
            valence += CAPITALS_BONUS * sign(valence);
        add_mood(r, plain_modified(p, valence));
    }
    if ((entry->roles & LEXICON_CONTRAST) && !r->has_contrast) {
        r->sum *= CONTRAST_BEFORE;
        r->has_contrast = true;
    }
    if (is_modifier)
        plain_remember(p, (struct before){entry->roles & (LEXICON_BOOST | LEXICON_NEGATION),
                                          entry->modifier, is_caps});
    else
        plain_remember(p, (struct before){0});
    return words;
}

static bool plain_end(Str text, size_t at)
{
    return at >= text.len || strchr(" \t\r\n.,!?)\"#@<", text.ptr[at]) != NULL ||
           (unsigned char)text.ptr[at] >= 0x80;
}

/* The longest emoticon at `at`, or NULL. Only the common beginnings may touch the word before. */
static const struct lexicon_emoticon *plain_emoticon(Str text, size_t at)
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
            !plain_end(text, at + e->len))
            continue;
        if (is_touching && is_ascii_alnum(e->text[e->len - 1]))
            continue; /* "10:3" */
        return e;
    }
    return NULL;
}

/* Punctuation and emoticons from `at` up to the next token. Returns the end of what was read, which
 * may lie behind `to` when an emoticon ends in a letter. */
static size_t plain_gap(struct reading *r, size_t at, size_t to)
{
    while (at < to) {
        char byte = r->text.ptr[at];
        if (byte == ' ') {
            at++;
            continue;
        }
        const struct lexicon_emoticon *emoticon = plain_emoticon(r->text, at);
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

static void plain_read(struct plain *p)
{
    struct reading *r = &p->r;
    size_t at = 0;
    uint32_t sentence = 0;

    for (size_t i = 0; i < r->count;) {
        const struct token *token = &r->tokens[i];
        size_t taken = 1;
        at = plain_gap(r, at, token->from);
        if (at > token->from) { /* swallowed by an emoticon */
            i++;
            continue;
        }
        if (token->sentence != sentence)
            p->before_count = 0;
        sentence = token->sentence;
        r->kinds_seen |= 1u << token->kind;
        r->words += token->kind == TOKEN_WORD;
        if (token->kind == TOKEN_EMOJI)
            read_emoji(r, token);
        else if (r->lexicon && is_lexical(token))
            taken = plain_word(p, i);
        at = r->tokens[i + taken - 1].to;
        i += taken;
    }
    (void)plain_gap(r, at, r->text.len);
}

/* --- the judge, plainly ---------------------------------------------------------------------- */

/* What a key weighs, and its flags; weights 0 when it is not there. */
static uint32_t plain_weights(const struct judge_table *table, uint32_t key, int32_t sums[3])
{
    const struct judge_bucket *bucket = &table->buckets[key & table->mask];

    for (int i = 0; i < JUDGE_BUCKET_SIZE; i++) {
        uint32_t payload = bucket->payloads[i];
        if (bucket->keys[i] != key || payload == 0)
            continue;
        for (int c = 0; c < JUDGE_CLASSES; c++)
            sums[c] += (int32_t)(payload >> 8 * c & 0xff) - JUDGE_WEIGHT_ZERO;
        return payload;
    }
    return 0;
}

static uint64_t plain_hash(const struct token *token)
{
    char cut[WORD_BYTES_MAX];
    Str word = token_bare(token, token->folded);

    switch (token->kind) {
    case TOKEN_MENTION:
        return KEY_MENTION;
    case TOKEN_URL:
        return KEY_URL;
    case TOKEN_NUMBER:
        return KEY_NUMBER;
    case TOKEN_CASHTAG:
        return token->hash_folded;
    case TOKEN_EMOJI:
        return token->hash_plain;
    case TOKEN_WORD:
    case TOKEN_HASHTAG:
        break;
    }
    if (str_eq(word, S("http")))
        return KEY_URL;
    if (word.len > WORD_BYTES_MAX)
        return token->hash_folded;
    return token_hash((Str){cut, lexicon_cut_runs(word, 2, cut)});
}

static void plain_marks(const struct judge_table *table, Str text, size_t from, size_t to,
                        size_t *left, int32_t sums[3])
{
    while (from<to && * left> 0) {
        size_t end = from;
        while (end < to && text.ptr[end] > ' ' && text.ptr[end] < 0x7f)
            end++;
        if (end > from) {
            char cut[MARK_BYTES_MAX];
            size_t len = end - from < MARK_BYTES_MAX ? end - from : MARK_BYTES_MAX;
            len = lexicon_cut_runs((Str){text.ptr + from, len}, 3, cut);
            plain_weights(table, key_of(hash_bytes((Str){cut, len}, MARK_SEED)), sums);
            --*left;
        }
        from = end + 1;
    }
}

/* N-grams of letters of a word, shorter ones first. */
static size_t plain_ngrams(Str word, uint32_t keys[NGRAMS_MAX])
{
    struct letters l;
    size_t count = 0;

    spell(word, &l);
    for (size_t n = NGRAM_MIN; n <= NGRAM_MAX; n++)
        for (size_t i = 0; i + n <= l.count; i++)
            keys[count++] = key_of(hash_bytes(
                (Str){l.line + l.starts[i], l.starts[i + n] - l.starts[i]}, LETTER_SEED));
    return count;
}

static void plain_letters(const struct judge_table *table, Str word, double scores[3])
{
    uint32_t keys[NGRAMS_MAX];
    size_t count = plain_ngrams(word, keys);
    int32_t sums[JUDGE_CLASSES] = {0};

    for (size_t i = 0; i < count; i++)
        plain_weights(table, keys[i], sums);
    for (int c = 0; c < JUDGE_CLASSES; c++)
        scores[c] += sums[c] * (table->unit / sqrt((double)count + 1));
}

static void plain_judge(const struct judge *judge, Str text, const struct token *tokens,
                        size_t count, const double features[JUDGE_FEATURE_COUNT], double scores[3])
{
    size_t read = count < JUDGE_TOKENS_MAX ? count : JUDGE_TOKENS_MAX, at = 0;
    size_t left = JUDGE_MARKS_MAX;
    int32_t own[JUDGE_CLASSES] = {0}, shared[JUDGE_CLASSES] = {0};
    double scattered[JUDGE_CLASSES] = {0};
    uint64_t before = KEY_START;

    for (size_t i = 0; i < read; i++) {
        uint64_t hash = plain_hash(&tokens[i]);
        plain_marks(judge->own, text, at, tokens[i].from, &left, own);
        at = tokens[i].to;
        uint32_t pair = pair_key(before, hash); /* a word may have the key of a pair */
        if (judge->knows_words && judge_may_have_pair(judge->own, pair))
            plain_weights(judge->own, pair, own);
        before = hash;
        if (!judge->knows_words && tokens[i].kind != TOKEN_EMOJI)
            continue;
        uint32_t payload = plain_weights(judge->own, key_of(hash), own);
        if (payload == 0 && judge->shared)
            plain_weights(judge->shared, key_of(hash), shared);
        if (judge->reads_letters && !(payload & JUDGE_WHOLE) && is_lexical(&tokens[i]))
            plain_letters(judge->own, token_bare(&tokens[i], tokens[i].folded), scattered);
    }
    if (read == count)
        plain_marks(judge->own, text, at, text.len, &left, own);
    for (int c = 0; c < JUDGE_CLASSES; c++) {
        if (judge->shared)
            scattered[c] += shared[c] * judge->shared->unit;
        scores[c] = words_scale(read) * (own[c] * judge->own->unit + scattered[c]);
        for (int f = 0; f < JUDGE_FEATURE_COUNT; f++)
            scores[c] += judge->weights[f][c] * features[f];
    }
}

static void plain_score(Str text, const struct token *tokens, size_t count, Str language,
                        struct sentiment *out)
{
    struct plain p = {.r = {.text = text,
                            .tokens = tokens,
                            .count = count,
                            .lexicon = find_lexicon(language),
                            .may_have_runs = true, /* every word is looked at */
                            .capitals = -1}};
    double features[JUDGE_FEATURE_COUNT];

    *out = (struct sentiment){.label = POLARITY_NEUTRAL};
    plain_read(&p);
    if (count == 0 && p.r.hits == 0)
        return;
    out->rules = rules_compound(&p.r);
    out->hits = (uint16_t)p.r.hits;
    judge_features(&p.r, out->rules, features);
    plain_judge(judge_find(language), text, tokens, count, features, out->scores);
    out->label = label_of(&p.r, out->scores);
    out->compound = blended(out->rules, out->scores, out->label);
}

/* --- the comparison -------------------------------------------------------------------------- */

static struct tokenizer *tokenizer;

static bool is_same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static void compare(Str text, const char *language)
{
    struct sentiment fast, slow;
    const struct token *tokens;
    struct err err = {0};
    Str code = str_from_cstr(language);
    size_t count;

    CHECK(tokenizer_run(tokenizer, text, &tokens, &count, &err));
    sentiment_score(text, tokens, count, code, &fast);
    plain_score(text, tokens, count, code, &slow);
    bool is_same = is_same_bits(fast.rules, slow.rules) && fast.label == slow.label &&
                   is_same_bits(fast.compound, slow.compound) && fast.hits == slow.hits;
    for (int c = 0; c < JUDGE_CLASSES; c++)
        is_same &= is_same_bits(fast.scores[c], slow.scores[c]);
    if (!is_same)
        print_error("%s: '" STR_F "'\n", language, STR_A(text));
    CHECK(is_same);
}

TEST(given_texts_read_fast_as_plainly)
{
    static const struct {
        const char *file, *language;
    } sets[] = {
        {"sentiment/semeval-2013-2016.tsv.gz", "en"}, {"sentiment/germeval-2017-dev.tsv.gz", "de"},
        {"sentiment/vader-movie.tsv.gz", "en"},       {"sentiment/xlmt-ar.tsv.gz", "ar"},
        {"sentiment/xlmt-de.tsv.gz", "de"},           {"sentiment/xlmt-es.tsv.gz", "es"},
        {"sentiment/xlmt-fr.tsv.gz", "fr"},           {"sentiment/xlmt-hi.tsv.gz", "hi"},
        {"sentiment/xlmt-it.tsv.gz", "nl"},           {"sentiment/xlmt-pt.tsv.gz", "und"},
    };
    struct err err = {0};

    CHECK(tokenizer_create(&tokenizer, &err));
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        struct tsv rows = {0};
        if (!tsv_read(sets[i].file, "label", &rows))
            continue;
        vec_each (struct tsv_row, row, &rows)
            compare(row->text, sets[i].language);
        tsv_deinit(&rows);
    }
    tokenizer_destroy(&tokenizer);
}

/* Texts around the sizes of blocks and tables, made of what rules and keys look at. */
TEST(made_texts_read_fast_as_plainly)
{
    static const char *const pieces[] = {"good",
                                         "bad",
                                         "not",
                                         "very",
                                         "but",
                                         "GREAT",
                                         "VERY",
                                         "love",
                                         "never",
                                         "sooo",
                                         "loooove",
                                         "I",
                                         "you",
                                         "the",
                                         "kind",
                                         "of",
                                         "the",
                                         "bomb",
                                         "shit",
                                         "aber",
                                         "nicht",
                                         "schoene",
                                         "gut",
                                         "sehr",
                                         "#good",
                                         "@ann",
                                         "$BA",
                                         "http",
                                         "3.5",
                                         "12",
                                         "https://t.co/a",
                                         ":)",
                                         ":D",
                                         ":-(",
                                         "xD",
                                         "=D",
                                         ":d",
                                         "<3",
                                         ":))",
                                         "!",
                                         "!!!!",
                                         "?",
                                         "??",
                                         ". ",
                                         ", ",
                                         "...",
                                         "\n",
                                         "\xf0\x9f\x98\x80",
                                         "\xf0\x9f\x98\xa1",
                                         "\xe2\x9d\xa4\xef\xb8\x8f",
                                         "caf\xc3\xa9",
                                         "don\xe2\x80\x99t",
                                         "o\xe2\x80\x8do",
                                         "oo",
                                         "fs\xc3\x9f",
                                         "ff\xef\xac\x80",
                                         "\xc3\x84\xc3\xa4",
                                         "\xe2\x80\x9e",
                                         "gru\xc3\x9f",
                                         "\xef\xbd\x8f\xef\xbd\x8f\xef\xbd\x8f",
                                         "\xff",
                                         "_x_",
                                         "is",
                                         "a",
                                         "cut",
                                         "above",
                                         "yeah",
                                         "right",
                                         "in",
                                         "hell"};
    static const char *const languages[] = {"en", "de", "es", "nl", "xx"};
    static const size_t sizes[] = {3, 12, 62, 66, 130, 258, 300};
    static char text[8192];
    struct random random = {.seed = 41};
    struct err err = {0};

    CHECK(tokenizer_create(&tokenizer, &err));
    for (int round = 0; round < 20000; round++) {
        size_t most = sizes[random_below(&random, round % 16 == 0 ? COUNT_OF(sizes) : 2)];
        size_t len = 0, count = 1 + random_below(&random, most);
        for (size_t i = 0; i < count; i++)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s",
                                    random_below(&random, 4) > 0 && i > 0 ? " " : "",
                                    pieces[random_below(&random, COUNT_OF(pieces))]);
        /* of its own, so that reading beyond its end is seen */
        char *copy = mem_alloc(len + 1, 1);
        memcpy(copy, text, len);
        compare((Str){copy, len}, languages[random_below(&random, COUNT_OF(languages))]);
        mem_free(copy);
    }
    tokenizer_destroy(&tokenizer);
}

TEST(what_is_left_of_addresses_is_known)
{
    CHECK(token_hash(S("http")) == HASH_HTTP);
}

/* In the order in which they are tried, with what they leave at least. */
static size_t plain_stem_len(Str word)
{
    static const struct {
        const char *ending;
        size_t stem_bytes_min;
    } endings[] = {{"esten", 4}, {"ester", 4}, {"estes", 4}, {"estem", 4}, {"este", 4}, {"eren", 4},
                   {"erer", 4},  {"eres", 4},  {"erem", 4},  {"sten", 4},  {"ster", 4}, {"stes", 4},
                   {"stem", 4},  {"ere", 4},   {"ste", 4},   {"em", 3},    {"en", 3},   {"er", 3},
                   {"es", 3},    {"e", 3},     {"n", 4},     {"s", 4}};

    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        Str ending = str_from_cstr(endings[i].ending);
        if (word.len >= ending.len + endings[i].stem_bytes_min && str_ends(word, ending))
            return word.len - ending.len;
    }
    return word.len;
}

/* Words of the letters that endings are made of, and one more: all short ones, some long ones. */
TEST(a_stem_is_what_the_longest_ending_leaves)
{
    static const char letters[] = "enrsmta";
    char word[9];

    for (size_t len = 0, count = 1; len <= sizeof word; len++, count *= 7)
        for (size_t n = 0; n < count; n += len < 7 ? 1 : 29) {
            size_t rest = n;
            for (size_t i = 0; i < len; i++, rest /= 7)
                word[len - 1 - i] = letters[rest % 7];
            Str s = {word, len};
            if (lexicon_stem_len(s) != plain_stem_len(s))
                fail_msg("%.*s", (int)len, word);
        }
}

int main(void)
{
    return RUN(CASE(a_stem_is_what_the_longest_ending_leaves),
               CASE(given_texts_read_fast_as_plainly), CASE(made_texts_read_fast_as_plainly),
               CASE(what_is_left_of_addresses_is_known));
}
