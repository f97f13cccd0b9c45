/* err.h - why a call failed, carried in the caller's storage.
 *
 * A fallible function returns bool, is marked MUST_CHECK and takes `struct err *` last. The error
 * is untouched on success; the first failure sets it, outer levels add context in front with
 * err_wrap(). Both return false, so `return err_set(err, ERR_NOT_FOUND, ...)` is a whole failure
 * path. The text lives inside the struct: reporting that memory ran out allocates nothing. `err`
 * may never be NULL.
 *
 * Wording: one line, lower case, no full stop; "could not" where a retry may help, "cannot" where
 * it never will; the kind of object named, the value quoted. What to do goes into err_hint().
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

#include "base/assert.h"
#include "base/phrase.h"

enum err_code {
    ERR_NONE,
    ERR_USAGE,       /* the caller's request is malformed: flags, parameters */
    ERR_INPUT,       /* data from outside is invalid */
    ERR_NOT_FOUND,   /* the named thing does not exist */
    ERR_EXISTS,      /* it exists already */
    ERR_CONFLICT,    /* somebody else changed it, or the state forbids it */
    ERR_DENIED,      /* not allowed for this role or token */
    ERR_LIMIT,       /* a named limit was reached */
    ERR_NO_MEMORY,   /* the machine has no memory left */
    ERR_IO,          /* file or network */
    ERR_DB,          /* the database refused */
    ERR_BUSY,        /* taken by another, try again */
    ERR_UNAVAILABLE, /* a helper program or service is absent */
    ERR_CANCELLED,   /* a person or a time limit stopped it */
    ERR_CORRUPT,     /* stored data contradicts itself */
    ERR_CODE_COUNT
};

enum { ERR_PHRASES_MAX = 4, ERR_VALUES_BYTES = 480 };

/* A format and where its values lie in the error's `values`. */
struct err_phrase {
    const char *format;
    uint16_t from, to;
};

struct err {
    enum err_code code;
    int sys;            /* errno or a library's code; 0 if none */
    const char *origin; /* "store.c:120": where it was first set */
    char msg[320];
    char hint[200]; /* a sentence: what is allowed, what to do; may be empty */
    /* The same, to be said in another language: see err_phrases(). */
    struct err_phrase hint_phrase, phrases[ERR_PHRASES_MAX]; /* message first, then its contexts */
    uint16_t phrase_count, values_used;
    char values[ERR_VALUES_BYTES];
};

#define ERR_STRING_(x)                   #x
#define ERR_STRING(x)                    ERR_STRING_(x)
#define ERR_ORIGIN                       __FILE__ ":" ERR_STRING(__LINE__)
#define err_set(err, code, ...)          err_set_((err), (code), 0, ERR_ORIGIN, __VA_ARGS__)
#define err_set_sys(err, code, sys, ...) err_set_((err), (code), (sys), ERR_ORIGIN, __VA_ARGS__)

bool err_set_(struct err *err, enum err_code code, int sys, const char *origin, const char *format,
              ...) PRINTF_LIKE(5, 6);
/* Puts "<context>: " before the message. Only on an error that is set. */
bool err_wrap(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);
/* A finished text with its phrase, as another structure kept them. */
#define err_set_phrase(err, code, text, phrase)                                                    \
    err_set_phrase_((err), (code), ERR_ORIGIN, (text), (phrase))
bool err_set_phrase_(struct err *err, enum err_code code, const char *origin, Str text,
                     struct phrase phrase);
/* Sets the hint if there is none yet. */
bool err_hint(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);
/* The same from a finished text with its phrase. */
bool err_hint_said(struct err *err, Str text, struct phrase phrase);
/* What a call reported into an error of its own becomes the error, phrases and hint included. */
bool err_pass(struct err *err, const struct err *from);
void err_clear(struct err *err);

/* The parts of msg, outermost context first, that ": " joins; their number. 0: there were too many
 * or too long ones, only the English text is left. The values point into `err`. */
size_t err_phrases(const struct err *err, struct phrase phrases[ERR_PHRASES_MAX]);
/* Format NULL: there is no hint, or only its English text is left. */
struct phrase err_hint_phrase(const struct err *err);

const char *err_code_name(enum err_code code); /* "not_found": stable, for logs and JSON */

#endif
