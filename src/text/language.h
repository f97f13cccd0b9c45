/* language.h - in which language a short text is written.
 *
 * The script decides where it can (Greek, Hangul, kana, Thai ...); among the languages that share a
 * script a linear model on hashed character n-grams does. Answers "und" when unsure or when there
 * is too little to judge: addresses, mentions and digits say nothing, hashtags only where little
 * else is said. Told apart:
 *   Latin       af az bs ca cs cy da de en eo es et eu fi fr ga gl hi hr hu id is it jv ku la lb lt
 *               lv ms mt nb nl pl pt ro sk sl sq sr sv sw tl tr uz vi yo (hi: Hindi in Latin
 * letters) Cyrillic    be bg kk ky mk mn ru sr tg tt uk Arabic      ar ckb fa ps sd ug ur
 * Devanagari  hi mr ne Hebrew      he yi                          Bengali     as bn Ethiopic  am ti
 *   by script   bo dv el gu hy ja ka km kn ko lo ml my or pa si ta te th zh
 * "nb" is Norwegian in both written forms. A language that is not listed may be taken for a
 * relative. Weights are made by tools/train_language.c; figures in docs/text.md.
 *
 * Pure and thread-safe; allocates nothing; reads at most the first LANGUAGE_LETTERS_MAX letters.
 */
#ifndef TEXT_LANGUAGE_H
#define TEXT_LANGUAGE_H

#include "base/err.h"
#include "base/str.h"

enum { LANGUAGE_LETTERS_MAX = 400 };

struct language_guess {
    char code[4];      /* ISO 639-1, else 639-3, or "und" */
    double confidence; /* 0 to 1: probability that `code` is right; of the best guess when "und" */
};

struct language_guess language_guess(Str text);

/* For streams of texts: scratch memory of one thread, two MiB, that remembers the words it
 * met, since few words make up most of every text. Answers are the same as without, to the bit. */
struct language_reader;

bool language_reader_create(struct language_reader **out, struct err *err) MUST_CHECK;
void language_reader_destroy(struct language_reader **reader); /* NULL-safe; sets *reader = NULL */
/* `reader` NULL: language_guess(). */
struct language_guess language_read(struct language_reader *reader, Str text);

#endif
