/* language.h - in which language a short text is written.
 *
 * The script decides where it can (Greek, Hangul, kana, Thai ...); among the languages of Latin and
 * of Cyrillic script a linear model on hashed character n-grams does. Answers "und" when unsure or
 * when there is too little to judge: addresses, mentions and digits say nothing. Told apart: ar bg
 * cs da de el en es fi fr hi hu it ja ko nb nl pl pt ro ru sv tr uk zh, and by their scripts alone
 * am bn gu he hy ka km kn lo ml my pa si ta te th. A language that is not listed may be taken for a
 * relative. Weights are made by tools/train_language.c; figures in docs/text.md.
 *
 * Pure and thread-safe; allocates nothing; reads at most the first LANGUAGE_LETTERS_MAX letters.
 */
#ifndef TEXT_LANGUAGE_H
#define TEXT_LANGUAGE_H

#include "base/str.h"

enum { LANGUAGE_LETTERS_MAX = 400 };

struct language_guess {
    char code[4];      /* ISO 639-1, or "und" */
    double confidence; /* 0 to 1: probability that `code` is right; of the best guess when "und" */
};

struct language_guess language_guess(Str text);

#endif
