#include "listen/index/word_run.h"

#include "base/hash.h"
#include "listen/index/word_run_priv.h"

/* ---- opening --------------------------------------------------------------------------------- */

static bool is_inside(const struct run_header *h, uint64_t at, uint64_t count, uint64_t size)
{
    return at % 8 == 0 && at <= h->file_len && count <= (h->file_len - at) / size;
}

static bool column_is_sound(const struct run_header *h, const struct run_column_place *c)
{
    return (c->width == 1 || c->width == 2 || c->width == 4) &&
           is_inside(h, c->codes, h->doc_count, c->width) &&
           is_inside(h, c->starts, (uint64_t)c->count + 1, 4) &&
           is_inside(h, c->bytes, c->bytes_len, 1);
}

static bool header_is_sound(const struct run_header *h, size_t file_len)
{
    uint64_t docs = h->doc_count;

    if (memcmp(h->magic, RUN_MAGIC, sizeof h->magic) != 0 || h->file_len != file_len || docs == 0 ||
        docs > RUN_DOCS_MAX)
        return false;
    for (size_t i = 0; i < RUN_COLUMN_COUNT; i++)
        if (!column_is_sound(h, &h->columns[i]))
            return false;
    for (size_t i = 0; i < RUN_NUMBER_COUNT; i++)
        if (h->numbers[i] != 0 && !is_inside(h, h->numbers[i], docs, 4))
            return false;
    return is_inside(h, h->ids, docs, 4) && is_inside(h, h->times, docs, 8) &&
           is_inside(h, h->lengths, docs, 2) && is_inside(h, h->flags, docs, 1) &&
           (h->bases == 0 || is_inside(h, h->bases, docs, 4)) &&
           is_inside(h, h->postings, h->postings_len, 1) &&
           is_inside(h, h->blocks, h->blocks_len, 1) &&
           is_inside(h, h->block_starts, (uint64_t)h->block_count + 1, 4) &&
           is_inside(h, h->block_postings, h->block_count, 8);
}

#define SECTION(run, at) ((const void *)((run)->bytes.ptr + (at)))

static void columns_place(struct word_run *run, const struct run_header *h)
{
    for (size_t i = 0; i < RUN_COLUMN_COUNT; i++) {
        const struct run_column_place *c = &h->columns[i];
        run->columns[i] = (struct run_values){.codes = SECTION(run, c->codes),
                                              .starts = SECTION(run, c->starts),
                                              .bytes = SECTION(run, c->bytes),
                                              .width = c->width,
                                              .count = c->count};
    }
    for (size_t i = 0; i < RUN_NUMBER_COUNT; i++)
        run->numbers[i] = h->numbers[i] != 0 ? SECTION(run, h->numbers[i]) : NULL;
}

static void sections_place(struct word_run *run, const struct run_header *h)
{
    run->doc_count = h->doc_count;
    run->term_count = h->term_count;
    run->block_count = h->block_count;
    run->length_sum = h->length_sum;
    run->ids = SECTION(run, h->ids);
    run->times = SECTION(run, h->times);
    run->lengths = SECTION(run, h->lengths);
    run->bases = h->bases != 0 ? SECTION(run, h->bases) : NULL;
    run->flags = SECTION(run, h->flags);
    run->postings = SECTION(run, h->postings);
    run->postings_len = h->postings_len;
    run->blocks = SECTION(run, h->blocks);
    run->blocks_len = h->blocks_len;
    run->block_starts = SECTION(run, h->block_starts);
    run->block_postings = SECTION(run, h->block_postings);
    columns_place(run, h);
}

uint64_t run_checksum(struct run_header header, Str file)
{
    header.checksum = 0;
    uint64_t head = hash_bytes((Str){(const char *)&header, sizeof header}, 0);

    return hash_bytes(str_sub(file, sizeof header, file.len), head) | 1;
}

static bool run_enter(struct word_run *run, Str bytes, Str name, struct err *err)
{
    struct run_header header = {0};

    if (bytes.len >= sizeof header)
        memcpy(&header, bytes.ptr, sizeof header);
    bool ok = bytes.len >= sizeof header && header_is_sound(&header, bytes.len) &&
              (header.checksum == 0 || header.checksum == run_checksum(header, bytes));
    if (!ok) {
        run_close(run);
        return err_set(err, ERR_CORRUPT, "'" STR_F "' is not a whole index of words", STR_A(name));
    }
    run->bytes = bytes;
    sections_place(run, &header);
    return true;
}

bool run_open(struct word_run *run, Str path, int64_t id, struct err *err)
{
    *run = (struct word_run){.id = id};
    return mapped_open(&run->file, path, err) && run_enter(run, run->file.bytes, path, err);
}

bool run_open_memory(struct word_run *run, struct buf *bytes, struct err *err)
{
    *run = (struct word_run){.memory = *bytes};
    *bytes = (struct buf){.max_bytes = bytes->max_bytes};
    return run_enter(run, buf_str(&run->memory), S("memory"), err);
}

void run_close(struct word_run *run)
{
    mapped_close(&run->file);
    if (run->memory.ptr)
        buf_deinit(&run->memory);
    *run = (struct word_run){0};
}

uint32_t run_first_at(const struct word_run *run, int64_t time_ms)
{
    uint32_t low = 0, high = run->doc_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (run->times[middle] < time_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- terms ----------------------------------------------------------------------------------- */

static uint64_t long_varint(const uint8_t **at)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint64_t byte = *(*at)++;
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80)
            break;
    }
    return value;
}

/* The first term of a block shares nothing. */
static Str block_head(const struct word_run *run, uint32_t block)
{
    const uint8_t *at = (const uint8_t *)run->blocks + run->block_starts[block];

    (void)run_varint(&at);
    size_t len = run_varint(&at);
    return (Str){(const char *)at, len};
}

/* Block in which the term would stand. */
static uint32_t block_of(const struct word_run *run, Str term)
{
    uint32_t low = 0, high = run->block_count;

    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (str_cmp(block_head(run, middle), term) <= 0)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static void block_enter(struct run_terms *it, uint32_t block)
{
    const struct word_run *run = it->run;

    it->is_over = block >= run->block_count;
    if (it->is_over)
        return;
    uint32_t rest = run->term_count - block * RUN_BLOCK_TERMS;
    it->block = block;
    it->left = rest < RUN_BLOCK_TERMS ? rest : RUN_BLOCK_TERMS;
    it->at = run->blocks + run->block_starts[block];
    it->posting = run->block_postings[block];
    it->term_len = 0;
}

bool run_terms_next(struct run_terms *it)
{
    if (it->is_pending) {
        it->is_pending = false;
        return true;
    }
    if (!it->is_over && it->left == 0)
        block_enter(it, it->block + 1);
    if (it->is_over)
        return false;
    const uint8_t *at = (const uint8_t *)it->at;
    size_t shared = run_varint(&at), more = run_varint(&at);
    ASSERT(shared <= it->term_len && shared + more <= sizeof it->term);
    memcpy(it->term + shared, at, more);
    it->term_len = shared + more;
    at += more;
    it->found.count = run_varint(&at);
    uint64_t len = long_varint(&at);
    it->found.form = (enum run_posting_form)(len & 3);
    ASSERT(it->posting + (len >> 2) <= it->run->postings_len);
    it->found.bytes = (Str){it->run->postings + it->posting, (size_t)(len >> 2)};
    it->posting += len >> 2;
    it->at = (const char *)at;
    it->left--;
    return true;
}

void run_terms_from(struct run_terms *it, const struct word_run *run, Str from)
{
    it->run = run;
    it->left = 0;
    it->is_pending = false;
    block_enter(it, run->block_count > 0 ? block_of(run, from) : 0);
    while (run_terms_next(it))
        if (str_cmp((Str){it->term, it->term_len}, from) >= 0) {
            it->is_pending = true; /* the next one to be given */
            return;
        }
}

bool run_find(const struct word_run *run, Str term, struct run_posting *out)
{
    struct run_terms it;

    if (run->block_count == 0 || term.len > RUN_TERM_BYTES_MAX)
        return false;
    it.run = run;
    it.is_pending = false;
    block_enter(&it, block_of(run, term));
    while (it.left > 0 && run_terms_next(&it)) {
        int order = str_cmp((Str){it.term, it.term_len}, term);
        if (order == 0)
            *out = it.found;
        if (order >= 0)
            return order == 0;
    }
    return false;
}

/* ---- postings -------------------------------------------------------------------------------- */

struct posting_parts {
    const uint8_t *skips, *docs, *docs_end, *places;
    uint32_t skip_count;
};

static struct posting_parts parts_of(const struct run_posting *p)
{
    struct posting_parts parts = {.skip_count = (p->count - 1) / RUN_SKIP_DOCS};
    const uint8_t *at = (const uint8_t *)p->bytes.ptr;
    uint64_t docs_len = long_varint(&at);

    parts.skips = at;
    parts.docs = at + (size_t)parts.skip_count * 12;
    parts.docs_end = parts.docs + docs_len;
    parts.places = parts.docs_end;
    return parts;
}

/* Passes over one document of a posting with places; its distance from the one before. Whether a
 * word stands in a post once or more often cannot be foretold, so there is no branch for it; behind
 * the last document there are places, or the end of the section. */
static inline uint32_t doc_step(const uint8_t **at, uint32_t *times)
{
    uint32_t code = run_varint(at), is_more = ~code & 1, more = is_more ? **at : 1;

    *at += is_more;
    if (more >= 0x80) {
        --*at;
        more = run_varint(at);
    }
    *times = more;
    return code >> 1;
}

/* All documents, to a list or to bits. */
static void decode(const struct run_posting *p, uint32_t *list, uint64_t *bits)
{
    struct posting_parts parts = parts_of(p);
    const uint8_t *at = parts.docs;
    bool has_places = p->form == RUN_WITH_PLACES;
    uint32_t doc = UINT32_MAX, times;

    for (uint32_t i = 0; i < p->count; i++) {
        doc += has_places ? doc_step(&at, &times) : run_varint(&at);
        if (list)
            list[i] = doc;
        else
            bits_set(bits, doc);
    }
}

void run_docs_add(const struct word_run *run, const struct run_posting *posting, uint64_t *bits)
{
    if (posting->form != RUN_BITMAP) {
        decode(posting, NULL, bits);
        return;
    }
    for (size_t w = 0; w < docset_words(run->doc_count); w++) {
        uint64_t word;
        memcpy(&word, posting->bytes.ptr + w * 8, 8);
        bits[w] |= word;
    }
}

const struct docset *run_docs(const struct word_run *run, struct arena *a,
                              const struct run_posting *posting)
{
    if (posting->form != RUN_BITMAP && posting->count <= docset_list_max(run->doc_count)) {
        uint32_t *list = arena_try_new(a, uint32_t, posting->count);
        if (!list)
            return NULL;
        decode(posting, list, NULL);
        return docset_of_list(a, run->doc_count, list, posting->count);
    }
    uint64_t *bits = arena_try_new(a, uint64_t, docset_words(run->doc_count) + 1);
    if (!bits)
        return NULL;
    run_docs_add(run, posting, bits);
    return docset_of_bits(a, run->doc_count, bits);
}

static bool bitmap_has(const struct run_posting *posting, uint32_t doc)
{
    return ((unsigned char)posting->bytes.ptr[doc / 8] >> (doc % 8)) & 1;
}

const struct docset *run_docs_and(const struct word_run *run, struct arena *a,
                                  const struct run_posting *posting, const struct docset *with)
{
    struct run_reader reader;
    uint32_t n = 0;

    if (with->count == 0)
        return with;
    if (!with->list || (posting->form != RUN_BITMAP && with->count > posting->count / 8)) {
        const struct docset *all = run_docs(run, a, posting);
        return all ? docset_and(a, all, with) : NULL;
    }
    uint32_t *list = arena_try_new(a, uint32_t, with->count);
    if (!list)
        return NULL;
    if (posting->form == RUN_BITMAP) {
        for (uint32_t i = 0; i < with->count; i++) {
            list[n] = with->list[i];
            n += bitmap_has(posting, with->list[i]) ? 1 : 0;
        }
        return docset_of_list(a, run->doc_count, list, n);
    }
    run_reader_init(&reader, run, posting);
    for (uint32_t i = 0; i < with->count && run_reader_seek(&reader, with->list[i]); i++)
        if (reader.doc == with->list[i])
            list[n++] = reader.doc;
    return docset_of_list(a, run->doc_count, list, n);
}

/* ---- readers --------------------------------------------------------------------------------- */

void run_reader_init(struct run_reader *r, const struct word_run *run,
                     const struct run_posting *posting)
{
    (void)run;
    ASSERT(posting->form != RUN_BITMAP);
    struct posting_parts parts = parts_of(posting);
    *r = (struct run_reader){.posting = *posting,
                             .docs = parts.docs,
                             .docs_end = parts.docs_end,
                             .docs_first = parts.docs,
                             .skips = parts.skips,
                             .skip_count = parts.skip_count,
                             .places_first = parts.places,
                             .places = parts.places,
                             .doc = UINT32_MAX};
}

bool run_reader_next(struct run_reader *r)
{
    if (r->at >= r->posting.count) {
        r->is_over = true;
        return false;
    }
    r->passed += r->times;
    r->times = 0;
    r->doc +=
        r->posting.form == RUN_WITH_PLACES ? doc_step(&r->docs, &r->times) : run_varint(&r->docs);
    r->at++;
    return true;
}

struct skip {
    uint32_t doc, docs, places;
};

static struct skip skip_at(const struct run_reader *r, uint32_t index)
{
    struct skip skip;

    memcpy(&skip, r->skips + (size_t)index * sizeof skip, sizeof skip);
    return skip;
}

/* The last block whose documents before it all lie below `doc`. */
static void skip_to(struct run_reader *r, uint32_t doc)
{
    uint32_t block = r->at / RUN_SKIP_DOCS, low = block, high = r->skip_count + 1, step = 1;

    /* Gallop: a seek mostly stays near. */
    while (low + step <= r->skip_count && skip_at(r, low + step - 1).doc < doc) {
        low += step;
        step *= 2;
    }
    high = low + step < high ? low + step : high;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (skip_at(r, middle - 1).doc < doc)
            low = middle;
        else
            high = middle;
    }
    r->block_last = low < r->skip_count ? skip_at(r, low).doc : UINT32_MAX;
    if (low <= block)
        return;
    struct skip skip = skip_at(r, low - 1);
    r->at = low * RUN_SKIP_DOCS;
    r->doc = skip.doc;
    r->docs = r->docs_first + skip.docs;
    r->places = r->places_first + skip.places;
    r->passed = 0;
    r->times = 0;
}

/* As run_reader_next() until a document is not before `doc`. */
static bool seek_near(struct run_reader *r, uint32_t doc)
{
    const uint8_t *docs = r->docs;
    uint32_t at = r->at, here = r->doc, times = r->times;
    uint64_t passed = r->passed;

    do {
        if (at == r->posting.count) {
            r->is_over = true;
            break;
        }
        passed += times;
        here += doc_step(&docs, &times);
        at++;
    } while (here < doc);
    r->docs = docs;
    r->at = at;
    r->doc = here;
    r->times = times;
    r->passed = passed;
    return !r->is_over;
}

bool run_reader_seek(struct run_reader *r, uint32_t doc)
{
    if (r->at > 0 && r->doc >= doc && !r->is_over)
        return true;
    if (r->is_over)
        return false;
    if (r->skip_count > 0 && doc > r->block_last)
        skip_to(r, doc);
    if (r->posting.form != RUN_WITH_PLACES) {
        while (run_reader_next(r))
            if (r->doc >= doc)
                return true;
        return false;
    }
    return seek_near(r, doc);
}

/* Behind so many numbers. Eight bytes at once as long as they cannot end more than are wanted: a
 * byte below 0x80 ends one, and the multiplication adds those up. */
static const uint8_t *varints_end(const uint8_t *at, uint64_t count)
{
    for (uint64_t bytes; count >= sizeof bytes; at += sizeof bytes) {
        memcpy(&bytes, at, sizeof bytes);
        uint64_t ends = ~bytes >> 7 & UINT64_C(0x0101010101010101);
        count -= ends * UINT64_C(0x0101010101010101) >> 56;
    }
    while (count > 0)
        count -= *at++ < 0x80 ? 1 : 0;
    return at;
}

const uint8_t *run_reader_first_place(struct run_reader *r)
{
    r->places = varints_end(r->places, r->passed);
    r->passed = 0;
    return r->places;
}

Str run_reader_places(struct run_reader *r)
{
    const uint8_t *first = run_reader_first_place(r);

    return (Str){(const char *)first, (size_t)(varints_end(first, r->times) - first)};
}
