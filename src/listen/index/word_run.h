/* word_run.h - an inverted index of some posts of one month: a file that is written once.
 *
 * A run numbers its posts ("documents") by time, so a window is a range of numbers, days are
 * counted by counting bits, and the newest hits are the last members of a set. For every term it
 * holds the documents and the places in them; for every document the columns that facets and ranges
 * need. Runs are derived from the table `post` and can be made again from it at any time.
 *
 * Terms are byte strings whose first byte says what they are (enum run_term). Places count words as
 * the evaluator of the query language does: the body begins RUN_BODY_GAP behind the title.
 *
 * The file, little endian, sections on 8 byte boundaries:
 *
 *     header | ids | times | lengths | bases | flags | numbers | columns | postings | blocks |
 * index
 *
 *     posting     doc bytes (varint length of the docs, skip table, docs, places), see below
 *     docs        per document varint((doc - previous) << 1 | only one place), else a varint count
 *     places      per document varints: the first place, then differences
 *     skip table  for every further 128 documents: last document before, offsets into docs, places
 *     block       16 terms: varint shared bytes, varint other bytes, bytes, varint documents,
 *                 varint(length of the posting << 2 | enum run_posting_form)
 *
 * Based on the usual literature (Zobel and Moffat, Inverted files for text search engines, 2006;
 * O'Neil et al., The log-structured merge-tree, 1996). Departures are in listen/README.md.
 *
 * Threads: a run that is open is read by one thread (it only holds pointers, but its owner closes).
 */
#ifndef LISTEN_WORD_RUN_H
#define LISTEN_WORD_RUN_H

#include <string.h>

#include "listen/index/docset.h"
#include "os/mapped_file.h"

#define RUN_BODY_GAP       2000           /* as the evaluator's BODY_GAP */
#define RUN_TERM_BYTES_MAX 1100           /* a longer term is not in the run */
#define RUN_DOCS_MAX       (1 << 28)      /* documents of one run: reject */
#define RUN_DURABLE_MIN    (4 * 1048576U) /* bytes: smaller files are checked when opened instead */

enum run_term {
    RUN_PLAIN = 'a',    /* a word without accents and without # @ $ */
    RUN_ACCENTED = 'b', /* the same with accents, where it has some */
    RUN_SIGIL = 's',    /* a hashtag, mention or cashtag with its sign, without accents */
    RUN_SIGIL_ACCENT = 't',
    RUN_FIELD = 'f', /* then a byte, enum query_field + 1, and a key: no places */
    RUN_LONG = 'x'   /* alone: the document has a term of more than RUN_TERM_BYTES_MAX */
};

enum run_column {
    RUN_SOURCE,
    RUN_LANG, /* what the source says, else what was identified, else "und" */
    RUN_KIND,
    RUN_COUNTRY,
    RUN_MOOD,    /* "negative" "neutral" "positive", empty when not rated */
    RUN_QUERIES, /* ids as in post.queries: "3,17" */
    RUN_AUTHOR,  /* 8 bytes: the hash; empty when not known */
    RUN_COLUMN_COUNT
};

enum run_number { RUN_FOLLOWERS, RUN_ENGAGEMENT, RUN_VIEWS, RUN_RATING, RUN_NUMBER_COUNT };
/* A number is stored plus one; 0: not known; RUN_NUMBER_OTHER: look at the post. Ratings are stored
 * in thousandths. */
#define RUN_NUMBER_OTHER UINT32_MAX

enum run_flag { RUN_HAS_TIME = 1 };

enum run_posting_form { RUN_WITH_PLACES, RUN_DOCS_ONLY, RUN_BITMAP };

struct run_values {
    const uint8_t *codes;   /* of width 1, 2 or 4 */
    const uint32_t *starts; /* count + 1 of them */
    const char *bytes;
    uint32_t width, count;
};

struct word_run {
    int64_t id;
    struct mapped_file file;
    Str bytes;         /* of the file, wherever they are */
    struct buf memory; /* the file, of a run that is in none */
    uint32_t doc_count, term_count, block_count;
    uint64_t length_sum; /* words of all documents */
    const uint32_t *ids;
    const int64_t *times;
    const uint16_t *lengths;
    const uint32_t *bases; /* place of the body's first word; NULL: 0 for all */
    const uint8_t *flags;
    const uint32_t *numbers[RUN_NUMBER_COUNT]; /* NULL: not known for any */
    struct run_values columns[RUN_COLUMN_COUNT];
    const uint64_t *block_postings; /* offset of the first posting of each block */
    const uint32_t *block_starts;
    const char *blocks, *postings;
    size_t blocks_len, postings_len;
};

/* ERR_NOT_FOUND, ERR_CORRUPT. */
bool run_open(struct word_run *run, Str path, int64_t id, struct err *err) MUST_CHECK;
/* Takes the bytes over. */
bool run_open_memory(struct word_run *run, struct buf *bytes, struct err *err) MUST_CHECK;
void run_close(struct word_run *run);

static inline uint32_t run_code(const struct run_values *c, uint32_t doc)
{
    uint32_t code = 0;

    if (c->width == 1)
        return c->codes[doc];
    memcpy(&code, c->codes + (size_t)doc * c->width, c->width);
    return code;
}
static inline Str run_value(const struct run_values *c, uint32_t code)
{
    return (Str){c->bytes + c->starts[code], c->starts[code + 1] - c->starts[code]};
}
/* The first document not before the time. */
uint32_t run_first_at(const struct word_run *run, int64_t time_ms);

struct run_posting {
    uint32_t count; /* documents */
    enum run_posting_form form;
    Str bytes;
};

bool run_find(const struct word_run *run, Str term, struct run_posting *out);

/* Terms in order, from the first one that is not less than `from`. */
struct run_terms {
    const struct word_run *run;
    uint32_t block, left; /* terms of the block not yet read */
    const char *at, *end;
    uint64_t posting;
    char term[RUN_TERM_BYTES_MAX];
    size_t term_len;
    struct run_posting found;
    bool is_over, is_pending;
};
void run_terms_from(struct run_terms *it, const struct word_run *run, Str from);
/* it->term, it->term_len, it->found. */
bool run_terms_next(struct run_terms *it);

/* All documents of a posting. NULL: the arena is at its cap. */
const struct docset *run_docs(const struct word_run *run, struct arena *a,
                              const struct run_posting *posting) MUST_CHECK;
void run_docs_add(const struct word_run *run, const struct run_posting *posting, uint64_t *bits);
/* Those that are also in `with`, without reading the others where `with` is small. */
const struct docset *run_docs_and(const struct word_run *run, struct arena *a,
                                  const struct run_posting *posting,
                                  const struct docset *with) MUST_CHECK;

/* One document after the other, with the places where wanted. */
struct run_reader {
    struct run_posting posting;
    const uint8_t *docs, *docs_end, *skips, *docs_first, *places_first;
    const uint8_t *places;   /* of the first document whose places are not passed */
    uint64_t passed;         /* places between there and the document at hand */
    uint32_t at, skip_count; /* documents read; entries of the skip table */
    uint32_t doc, times;     /* at hand: number, places */
    uint32_t block_last;     /* up to this document nothing is gained by the skip table */
    bool is_over;
};
void run_reader_init(struct run_reader *r, const struct word_run *run,
                     const struct run_posting *posting);
bool run_reader_next(struct run_reader *r);
/* To the first document not before `doc`; true when there is one. */
bool run_reader_seek(struct run_reader *r, uint32_t doc);
/* The places of the document at hand: r->times varints; their bytes. */
const uint8_t *run_reader_first_place(struct run_reader *r);
Str run_reader_places(struct run_reader *r);

static inline uint32_t run_varint(const uint8_t **at)
{
    uint32_t value = *(*at)++;

    if (value < 0x80)
        return value;
    value &= 0x7f;
    for (unsigned shift = 7; shift < 35; shift += 7) {
        uint32_t byte = *(*at)++;
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80)
            break;
    }
    return value;
}

#endif
