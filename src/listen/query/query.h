/* query.h - the query language: from text to a tree, with every mistake named at its place.
 *
 * One grammar for collecting, searching, alerting, routing and measuring; QUERY.md beside this file
 * gives it in full. query_parse() never stops at the first mistake: it reports all of them with
 * line, column, what was expected and a fix, and always leaves a tree that can be walked (parts it
 * could not read are QUERY_NOTHING). A query may be used for matching only if it has no problem of
 * severity QUERY_ERROR.
 *
 * Words go through the same tokenizer as posts, so both agree on what a word is: "late-flight" is
 * the phrase of its two words.
 *
 * Memory: the tree, its slices and the texts of problems live in the arena given to query_parse();
 * slices may also point into the text itself, which must live as long. A tree is immutable after
 * query_parse() and may be read by any number of threads.
 */
#ifndef LISTEN_QUERY_H
#define LISTEN_QUERY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"
#include "text/tokenizer.h"

#define QUERY_DISTANCE_MAX   1000   /* words: NEAR/n, "..."~n: reject */
#define QUERY_NODES_MAX      500000 /* parts of one query with all its @@names: reject */
#define QUERY_PROBLEMS_MAX   100    /* further ones are only counted */
#define QUERY_NEAR_DEFAULT   4      /* words between, of a bare NEAR */
#define QUERY_FUZZY_MAX      2      /* edits, word~2: reject */
#define QUERY_PREFIX_MIN     2      /* letters before the first wildcard: reject */
#define QUERY_PHRASE_MAX     64     /* words of one phrase: reject */
#define QUERY_SLOP_WORDS_MAX 10     /* words of a phrase with ~n: reject */
#define QUERY_WORD_BYTES_MAX 256    /* of one pattern, fuzzy or exact word: reject */

enum query_kind {
    QUERY_NOTHING,   /* left by a mistake; matches no post */
    QUERY_WORD,      /* one token */
    QUERY_PHRASE,    /* WORDs in order, or with slop >= 0 in any order */
    QUERY_AND,       /* two or more */
    QUERY_OR,        /* two or more */
    QUERY_NOT,       /* one */
    QUERY_NEAR,      /* two, at most `distance` words between */
    QUERY_SENTENCE,  /* one, inside one sentence */
    QUERY_COUNT,     /* one; how often it occurs compared with `low` */
    QUERY_SCOPE,     /* one; only in the zones */
    QUERY_FIELD,     /* a member of the post: key, or range low to high */
    QUERY_RAW,       /* characters as written, punctuation included */
    QUERY_REFERENCE, /* @@name; one, the tree of the other query */
};

enum query_word_form {
    QUERY_EXACT,   /* equal to the folded token */
    QUERY_CASE,    /* {Case}: equal to the bytes of the post */
    QUERY_PATTERN, /* * and ? */
    QUERY_FUZZY,   /* at most `distance` edits */
};

/* Where in a post a text part may stand. The body is its first paragraph (lead) and the rest. */
enum query_zone { QUERY_IN_TITLE = 1, QUERY_IN_LEAD = 2, QUERY_IN_REST = 4 };
#define QUERY_IN_BODY     (QUERY_IN_LEAD | QUERY_IN_REST)
#define QUERY_IN_ANYWHERE (QUERY_IN_TITLE | QUERY_IN_BODY)

enum query_compare { QUERY_AT_LEAST, QUERY_AT_MOST, QUERY_EQUAL };

enum query_field {
    QUERY_FIELD_AUTHOR,      /* id, handle or name, whole */
    QUERY_FIELD_AUTHOR_LIKE, /* part of handle or name */
    QUERY_FIELD_LANG,
    QUERY_FIELD_SITE, /* host of the post's address, subdomains included */
    QUERY_FIELD_TLD,
    QUERY_FIELD_URL,   /* the post's address; * at the end */
    QUERY_FIELD_LINKS, /* host or host/path that the post points to */
    QUERY_FIELD_SOURCE,
    QUERY_FIELD_CHANNEL, /* community inside the source */
    QUERY_FIELD_KIND,
    QUERY_FIELD_COUNTRY,
    QUERY_FIELD_DATASET,
    QUERY_FIELD_THREAD,
    QUERY_FIELD_ID,
    QUERY_FIELD_REPLY_TO, /* id or author of the post answered */
    QUERY_FIELD_PRODUCT,
    QUERY_FIELD_MENTION, /* handle, from the text or named by the source */
    QUERY_FIELD_VERIFIED,
    QUERY_FIELD_SENTIMENT,
    /* ranges from here on */
    QUERY_FIELD_FOLLOWERS,
    QUERY_FIELD_RATING,
    QUERY_FIELD_ENGAGEMENT, /* likes + replies + reposts */
    QUERY_FIELD_VIEWS,
    QUERY_FIELD_MINUTE, /* of the day, UTC */
    QUERY_FIELD_TIME,   /* after: and before:, ms since the epoch */
};
enum { QUERY_FIELD_COUNT = QUERY_FIELD_TIME + 1 };

struct query_node {
    enum query_kind kind;
    enum query_word_form form;  /* WORD */
    enum query_field field;     /* FIELD */
    enum query_compare compare; /* COUNT */
    uint32_t from, to;          /* bytes in the text of the query */
    struct query_node *first;   /* operands, in order */
    struct query_node *next;    /* the next operand of the same parent */
    uint32_t count;             /* operands */
    int32_t slop;               /* PHRASE: words between in all, -1 = adjacent and in order */
    uint32_t distance;          /* NEAR: words between; WORD: edits of QUERY_FUZZY */
    uint8_t zones;              /* SCOPE: query_zone */
    bool is_ordered;            /* NEAR */
    bool is_accented;           /* WORD: compares with the token's accents */
    bool is_quoted;             /* WORD: written in quotes */
    bool is_sigil;              /* WORD: begins with # @ $ */
    bool is_stemmed;            /* WORD: of a search, see query_stem.h; never of a standing query */
    enum token_kind token;      /* WORD: what the tokenizer made of it */
    uint32_t boost;             /* WORD, PHRASE: ^n, chooses the snippet only; 0 = none */
    Str text;         /* WORD, PHRASE, RAW, FIELD, REFERENCE: as written, without the frame */
    Str key;          /* folded: WORD (with sigil), RAW, FIELD; CASE: as written */
    Str comment;      /* <<< ... >>> in front of it, without the frame; or empty */
    double low, high; /* FIELD ranges, both ends included; COUNT: low */
};

struct query {
    struct query_node *root; /* never NULL after query_parse() */
    Str text;
    Str trailing_comment;
    uint32_t node_count; /* with the trees of all @@names */
};

enum query_severity { QUERY_NOTE, QUERY_WARNING, QUERY_ERROR };

struct query_problem {
    enum query_severity severity;
    uint32_t from, to;     /* bytes in the text of the query */
    uint32_t line, column; /* of `from`, counted from 1; columns count characters */
    Str message;           /* what is wrong and what was expected; lower case, no full stop */
    Str fix;               /* what to do, in words; may be empty */
    struct phrase message_phrase, fix_phrase; /* the same, to be said in another language */
    bool has_edit; /* one click: replace edit_from..edit_to by edit_text */
    uint32_t edit_from, edit_to;
    Str edit_text;
};

struct query_problems {
    VEC(struct query_problem); /* in the order of their place */
    size_t error_count;        /* also counts those beyond QUERY_PROBLEMS_MAX */
    size_t dropped_count;
};

/* Gives the text of the query called `name`; false when there is none. */
struct query_resolver {
    bool (*find)(void *context, Str name, Str *text);
    void *context;
};

/* Parses `text` and appends to *problems (zeroed or already filled; free it with
 * query_problems_deinit). Mistakes of the query are problems, not errors: false means ERR_LIMIT or
 * ERR_NO_MEMORY. `words` is scratch. Without a resolver every @@name is unknown. `name` is the
 * query's own name for the detection of cycles, empty if it has none. */
bool query_parse(struct arena *a, struct tokenizer *words, Str text, Str name,
                 const struct query_resolver *resolver, struct query *out,
                 struct query_problems *problems, struct err *err) MUST_CHECK;

/* Appends what a parse cannot see: pure negatives (an error), contradictions, dead and doubled
 * branches, over-broad patterns, and the cost class as a note. Keeps *problems in order of place.
 */
bool query_lint(struct arena *a, const struct query *query, struct query_problems *problems,
                struct err *err) MUST_CHECK;

enum query_cost {
    QUERY_CHEAP,     /* found by a word or member that must be there */
    QUERY_MODERATE,  /* by a broad pattern, or many words of which one must be there */
    QUERY_EXPENSIVE, /* every post has to be looked at */
};
enum query_cost query_cost_class(const struct query *query);
const char *query_cost_name(enum query_cost cost);

/* True when a post without any word or member satisfies it: a pure negative, which is refused. */
bool query_is_negative(const struct query_node *node);

void query_problems_deinit(struct query_problems *problems);
const char *query_severity_name(enum query_severity severity);
/* Makes it the error of a call, with its fix as the hint. Returns false. */
bool query_problem_refuse(const struct query_problem *problem, struct err *err);
/* Appends "line:column: severity: message (fix: ...)" without a line end. */
void query_problem_print(const struct query_problem *problem, struct buf *out);

/* The canonical layout: capital operators, explicit AND, one line up to `width` columns (0: always
 * one line), else one operand a line. Formatting is a fixed point: the text parses to the same tree
 * and formats to itself. Only for queries without errors. */
void query_format(const struct query *query, size_t width, struct buf *out);

/* Appends the canonical text of one part. */
void query_format_node(const struct query_node *node, struct buf *out);

#endif
