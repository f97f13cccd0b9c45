/* word_run_priv.h - writing runs: what building and merging share. Private to
 * listen/index. */
#ifndef LISTEN_WORD_RUN_PRIV_H
#define LISTEN_WORD_RUN_PRIV_H

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "listen/index/word_run.h"

#define RUN_MAGIC        "ttwords2"
#define RUN_BLOCK_TERMS  16
#define RUN_SKIP_DOCS    128
#define RUN_BITMAP_RATIO 24 /* fields of more documents than one in so many are bitmaps */

struct run_column_place {
    uint64_t codes, starts, bytes, bytes_len;
    uint32_t width, count;
};

/* The first bytes of a file. */
struct run_header {
    char magic[8];
    uint64_t file_len, checksum; /* of all behind the header; 0: too long to check at opening */
    uint32_t doc_count, term_count, block_count, unused;
    uint64_t length_sum;
    uint64_t ids, times, lengths, bases, flags; /* offsets; bases 0: none */
    uint64_t numbers[RUN_NUMBER_COUNT];         /* 0: none */
    struct run_column_place columns[RUN_COLUMN_COUNT];
    uint64_t postings, postings_len, blocks, blocks_len, block_starts, block_postings;
};

/* Of a whole file whose header this is; never 0. */
uint64_t run_checksum(struct run_header header, Str file);

/* Columns of the documents of a run that is being made, in order of the documents. */
struct run_columns {
    uint32_t doc_count;
    uint32_t *ids;
    int64_t *times;
    uint16_t *lengths;
    uint32_t *bases;
    uint8_t *flags;
    uint32_t *numbers[RUN_NUMBER_COUNT];
    uint32_t *codes[RUN_COLUMN_COUNT];
    struct map values[RUN_COLUMN_COUNT]; /* value -> code, in order of codes */
};

/* Room for so many documents. */
bool run_columns_init(struct run_columns *c, uint32_t doc_max, struct err *err) MUST_CHECK;
void run_columns_deinit(struct run_columns *c);
bool run_columns_code(struct run_columns *c, enum run_column column, Str value, uint32_t *code,
                      struct err *err) MUST_CHECK;

struct run_writer {
    struct output_file out;
    struct run_header header;
    struct buf blocks, places, docs, skips;
    struct {
        VEC(uint32_t);
    } block_starts;
    struct {
        VEC(uint64_t);
    } block_postings;
    char last_term[RUN_TERM_BYTES_MAX];
    size_t last_len;
    /* the term at hand */
    uint32_t doc_count, last_doc;
    uint64_t *bits; /* scratch, of a field */
};

/* path empty: in memory. Header and columns; terms follow in ascending order, documents of each in
 * ascending order. */
bool run_write_begin(struct run_writer *w, struct arena *paths, Str path,
                     const struct run_columns *columns, struct err *err) MUST_CHECK;
void run_write_doc(struct run_writer *w, uint32_t doc, uint32_t times, Str places);
/* Ends the term of the documents since the one before; none: nothing is written. */
void run_write_term(struct run_writer *w, Str term);
/* *bytes: length of the file. */
bool run_write_end(struct run_writer *w, uint64_t *bytes, struct err *err) MUST_CHECK;
void run_write_abandon(struct run_writer *w);

static inline void buf_add_varint(struct buf *b, uint64_t value)
{
    char bytes[10];
    size_t n = 0;

    for (; value >= 0x80; value >>= 7)
        bytes[n++] = (char)(value | 0x80);
    bytes[n++] = (char)value;
    buf_add(b, (Str){bytes, n});
}

#endif
