/* bench_terms.c - do complaint terms say what is complained about?
 *
 * Conversations with known moods: the labelled texts of the shared data, whose labels mark the
 * negative posts. Twelve terms are taken from a random half of each by the comparison of the
 * product (contrast.h) and by a plain one (Dunning's ratio over words, terms.h). Then
 *
 *   holds     of the terms told, how many are at least 1.2 times as frequent in the negative posts
 *             of the other half, within the same language, and significantly so at 5 %
 *   function  of the terms told, how many are function words or phrases of nothing else; by a list
 *             of the commonest ones of English and German, used here and nowhere else
 *
 *     bench_terms
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "bench_tsv.h"
#include "listen/measure/contrast.h"
#include "quant/numeric.h"

enum { TOLD = 12, HALVES = 2, ROUNDS = 5, REFERENCE = 4000 };
#define HOLDS_RATIO 1.2
#define HOLDS_LEVEL 1.6448536 /* one side, 5 % */

struct text {
    Str text;
    const char *lang;
    bool is_negative;
};
struct talk {
    const char *name;
    VEC(struct text);
};

static void must(bool ok, const struct err *err)
{
    if (ok)
        return;
    fprintf(stderr, "bench_terms: %s\n", err->msg);
    exit(1);
}

static bool load(struct talk *talk, const char *file, const char *lang)
{
    struct tsv rows = {0};

    if (!tsv_read(file, "label", &rows))
        return false;
    vec_each (struct tsv_row, row, &rows)
        vec_push(talk, (struct text){row->text, lang, str_eq(row->label, S("negative"))});
    return true; /* the lines live as long as the program */
}

static bool fill(struct post_tokens *tokens, Str text)
{
    struct post post = {.text = text};
    struct err err = {0};

    return post_tokens_fill(tokens, &post, &err);
}

static size_t half_of(const struct talk *talk, size_t i, uint64_t round)
{
    return hash_bytes(talk->items[i].text, 77 + round) % HALVES;
}

/* ---- the two ways ---------------------------------------------------------------------------- */

static size_t tell_contrast(const struct talk *talk, const struct talk *others, size_t other_count,
                            uint64_t round, struct post_tokens *tokens, struct arena *arena,
                            Str *out)
{
    struct contrast *c = NULL;
    struct contrast_term *terms;
    struct err err = {0};
    size_t count, referred = 0, all = 0;

    must(contrast_create(&c, &err), &err);
    for (size_t i = 0; i < talk->count; i++)
        if (half_of(talk, i, round) == 0 && fill(tokens, talk->items[i].text))
            must(contrast_add(c, tokens, str_from_cstr(talk->items[i].lang),
                              talk->items[i].is_negative, (struct post_ref){0}, 0, &err),
                 &err);
    for (size_t o = 0; o < other_count; o++)
        all += &others[o] != talk ? others[o].count : 0;
    size_t step = all / REFERENCE + 1;
    for (size_t o = 0; o < other_count; o++)
        for (size_t i = 0; i < others[o].count && &others[o] != talk; i += step)
            if (referred < REFERENCE && fill(tokens, others[o].items[i].text)) {
                must(
                    contrast_add_reference(c, tokens, str_from_cstr(others[o].items[i].lang), &err),
                    &err);
                referred++;
            }
    must(contrast_top(c, 0, NULL, arena, TOLD, &terms, &count, &err), &err);
    for (size_t i = 0; i < count; i++)
        out[i] = terms[i].text;
    contrast_destroy(&c);
    return count;
}

static size_t tell_plain(const struct talk *talk, uint64_t round, struct post_tokens *tokens,
                         struct arena *arena, Str *out)
{
    struct term_table *table = NULL;
    struct term *terms;
    struct err err = {0};
    size_t count;

    must(term_table_create(&table, &err), &err);
    for (size_t i = 0; i < talk->count; i++)
        if (half_of(talk, i, round) == 0 && fill(tokens, talk->items[i].text))
            must(term_table_add(table, tokens, str_from_cstr(talk->items[i].lang),
                                talk->items[i].is_negative, (struct post_ref){0}, &err),
                 &err);
    must(term_table_top(table, arena, TOLD, &terms, &count, &err), &err);
    for (size_t i = 0; i < count; i++)
        out[i] = terms[i].text;
    term_table_destroy(&table);
    return count;
}

/* ---- what they are worth --------------------------------------------------------------------- */

static bool has_term(const struct post_tokens *tokens, Str term)
{
    Str first, second;
    bool is_phrase = str_cut(term, ' ', &first, &second);

    for (size_t i = 0; i < tokens->body_count; i++)
        if (str_eq(tokens->body[i].folded, first) &&
            (!is_phrase ||
             (i + 1 < tokens->body_count && str_eq(tokens->body[i + 1].folded, second))))
            return true;
    return false;
}

/* Over languages as strata, in the half that was not looked at. */
static bool holds(const struct talk *talk, uint64_t round, struct post_tokens *tokens, Str term)
{
    double r = 0, s = 0, observed = 0, expected = 0, variance = 0;
    static const char *const langs[] = {"en", "de", "es", "fr", "it", "pt"};

    for (size_t l = 0; l < COUNT_OF(langs); l++) {
        double a = 0, b = 0, n1 = 0, n0 = 0;
        for (size_t i = 0; i < talk->count; i++) {
            const struct text *text = &talk->items[i];
            if (half_of(talk, i, round) == 0 || strcmp(text->lang, langs[l]) != 0 ||
                !fill(tokens, text->text))
                continue;
            bool has = has_term(tokens, term);
            n1 += text->is_negative;
            n0 += !text->is_negative;
            a += text->is_negative && has;
            b += !text->is_negative && has;
        }
        double t = n1 + n0, m = a + b;
        if (n1 == 0 || n0 == 0)
            continue;
        r += a * n0 / t;
        s += b * n1 / t;
        observed += a;
        expected += n1 * m / t;
        variance += n1 * n0 * m * (t - m) / (t * t * (t - 1));
    }
    return r > HOLDS_RATIO * s && variance > 0 &&
           (observed - expected) / sqrt(variance) > HOLDS_LEVEL;
}

static bool is_function_word(Str word)
{
    static const char list[] =
        " the and you for that with this have are was but not they from what all will one can "
        "there out about who get when like just how your our his her its their them then than "
        "because been were had has did does doing only other some such into over under again "
        "after before more most very too own same should now would could which while where why "
        "being both each few nor off once here any these those she him himself it's don't i'm "
        "der die das und ist nicht von mit ein eine einen einem einer den dem des auf für auch "
        "sich wie aus bei nach oder aber noch nur schon wenn dass war sind wird hat haben sein "
        "ich wir ihr sie man mir mich uns euch dann doch mal hier was wer wo als bis durch gegen "
        "ohne um zum zur über unter vor zwischen kein keine keinen mehr immer wieder jetzt da so "
        "werden wurde kann können muss müssen habe diese dieser dieses alle ja nein denn weil ";
    char wanted[80];

    snprintf(wanted, sizeof wanted, " " STR_F " ", STR_A(word));
    return strstr(list, wanted) != NULL;
}

static bool is_function(Str term)
{
    Str first, second;

    return str_cut(term, ' ', &first, &second) ? is_function_word(first) && is_function_word(second)
                                               : is_function_word(term);
}

struct tally {
    size_t told, held, function;
};

static void weigh(const struct talk *talk, uint64_t round, struct post_tokens *tokens,
                  const Str *terms, size_t count, struct tally *tally)
{
    for (size_t i = 0; i < count; i++) {
        tally->told++;
        tally->held += holds(talk, round, tokens, terms[i]);
        tally->function += is_function(terms[i]);
    }
}

static void print(const char *talk, const char *way, const struct tally *t, const Str *terms,
                  size_t count)
{
    double told = t->told > 0 ? (double)t->told : 1;

    printf("| %s | %s | %.1f | %.0f %% | %.0f %% |", talk, way, (double)t->told / ROUNDS,
           100 * (double)t->held / told, 100 * (double)t->function / told);
    for (size_t i = 0; i < count && i < 8; i++)
        printf("%s " STR_F, i > 0 ? "," : "", STR_A(terms[i]));
    printf(" |\n");
}

static void measure(const struct talk *talks, size_t count, size_t at, struct post_tokens *tokens)
{
    Str ours[TOLD], plain[TOLD];
    size_t our_count = 0, plain_count = 0;
    struct tally our = {0}, other = {0};
    struct arena arena;

    arena_init(&arena, 64 * MIB);
    for (uint64_t round = ROUNDS; round-- > 0;) {
        our_count = tell_contrast(&talks[at], talks, count, round, tokens, &arena, ours);
        plain_count = tell_plain(&talks[at], round, tokens, &arena, plain);
        weigh(&talks[at], round, tokens, ours, our_count, &our);
        weigh(&talks[at], round, tokens, plain, plain_count, &other);
    }
    print(talks[at].name, "ours", &our, ours, our_count);
    print(talks[at].name, "plain", &other, plain, plain_count);
    arena_deinit(&arena);
}

int main(void)
{
    struct talk talks[] = {{.name = "a railway, German"},
                           {.name = "mixed, English and German"},
                           {.name = "reviews of products"},
                           {.name = "reviews of films"},
                           {.name = "mixed, six languages"}};
    struct post_tokens tokens = {0};
    struct err err = {0};

    if (!load(&talks[0], "sentiment/germeval-2017-dev.tsv.gz", "de") ||
        !load(&talks[1], "sentiment/semeval-2013-2016.tsv.gz", "en") ||
        !load(&talks[1], "sentiment/xlmt-de.tsv.gz", "de") ||
        !load(&talks[2], "sentiment/vader-amazon.tsv.gz", "en") ||
        !load(&talks[3], "sentiment/vader-movie.tsv.gz", "en") ||
        !load(&talks[4], "sentiment/xlmt-en.tsv.gz", "en") ||
        !load(&talks[4], "sentiment/xlmt-de.tsv.gz", "de") ||
        !load(&talks[4], "sentiment/xlmt-es.tsv.gz", "es") ||
        !load(&talks[4], "sentiment/xlmt-fr.tsv.gz", "fr") ||
        !load(&talks[4], "sentiment/xlmt-it.tsv.gz", "it") ||
        !load(&talks[4], "sentiment/xlmt-pt.tsv.gz", "pt"))
        return 0;
    must(post_tokens_init(&tokens, &err), &err);
    printf(
        "complaint terms of half the posts, held against the other half; mean of %d halvings\n\n",
        ROUNDS);
    printf("| Conversation | Way | Told | Hold | Function words | First ones |\n"
           "| --- | --- | --- | --- | --- | --- |\n");
    for (size_t at = 0; at < COUNT_OF(talks); at++)
        measure(talks, COUNT_OF(talks), at, &tokens);
    return 0;
}
