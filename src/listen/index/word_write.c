/* Writing a run, front to back. */
#include "base/limits.h"
#include "listen/index/word_run_priv.h"

/* ---- columns --------------------------------------------------------------------------------- */

bool run_columns_init(struct run_columns *c, uint32_t doc_max, struct err *err)
{
    bool ok;

    *c = (struct run_columns){0};
    for (size_t i = 0; i < RUN_COLUMN_COUNT; i++)
        map_init(&c->values[i], MAP_COPY_KEYS, 1);
    c->ids = mem_try_alloc(doc_max, sizeof *c->ids);
    c->times = mem_try_alloc(doc_max, sizeof *c->times);
    c->lengths = mem_try_alloc(doc_max, sizeof *c->lengths);
    c->bases = mem_try_alloc(doc_max, sizeof *c->bases);
    c->flags = mem_try_alloc(doc_max, sizeof *c->flags);
    ok = c->ids && c->times && c->lengths && c->bases && c->flags;
    for (size_t i = 0; i < RUN_NUMBER_COUNT; i++)
        ok = (c->numbers[i] = mem_try_alloc(doc_max, sizeof *c->numbers[i])) && ok;
    for (size_t i = 0; i < RUN_COLUMN_COUNT; i++)
        ok = (c->codes[i] = mem_try_alloc(doc_max, sizeof *c->codes[i])) && ok;
    if (ok)
        return true;
    run_columns_deinit(c);
    return err_set(err, ERR_NO_MEMORY, "no memory for the columns of an index of words");
}

void run_columns_deinit(struct run_columns *c)
{
    mem_free(c->ids);
    mem_free(c->times);
    mem_free(c->lengths);
    mem_free(c->bases);
    mem_free(c->flags);
    for (size_t i = 0; i < RUN_NUMBER_COUNT; i++)
        mem_free(c->numbers[i]);
    for (size_t i = 0; i < RUN_COLUMN_COUNT; i++) {
        mem_free(c->codes[i]);
        map_deinit(&c->values[i]);
    }
    *c = (struct run_columns){0};
}

bool run_columns_code(struct run_columns *c, enum run_column column, Str value, uint32_t *code,
                      struct err *err)
{
    bool is_new;
    uint64_t *at = map_at(&c->values[column], value, &is_new);

    if (!at)
        return err_set(err, ERR_NO_MEMORY, "no memory for the columns of an index of words");
    if (is_new)
        *at = c->values[column].count - 1;
    *code = (uint32_t)*at;
    return true;
}

/* ---- sections -------------------------------------------------------------------------------- */

/* Begins on a boundary. */
static uint64_t section(struct run_writer *w, const void *bytes, size_t len)
{
    static const char zeros[8];
    size_t odd = (size_t)(output_size(&w->out) % 8);

    if (odd != 0)
        output_add(&w->out, (Str){zeros, 8 - odd});
    uint64_t at = output_size(&w->out);
    output_add(&w->out, (Str){bytes, len});
    return at;
}

static bool any_u32(const uint32_t *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (values[i] != 0)
            return true;
    return false;
}

static uint64_t codes_section(struct run_writer *w, const uint32_t *codes, uint32_t count,
                              uint32_t width)
{
    uint64_t at = section(w, NULL, 0);

    if (width == 4) {
        output_add(&w->out, (Str){(const char *)codes, (size_t)count * 4});
        return at;
    }
    for (uint32_t from = 0; from < count; from += 4096) {
        char narrow[4096 * 2];
        uint32_t n = count - from < 4096 ? count - from : 4096;
        for (uint32_t i = 0; i < n; i++)
            memcpy(narrow + (size_t)i * width, &codes[from + i], width); /* little endian */
        output_add(&w->out, (Str){narrow, (size_t)n * width});
    }
    return at;
}

static void column_section(struct run_writer *w, const struct run_columns *c, size_t i)
{
    struct run_column_place *place = &w->header.columns[i];
    const struct map *values = &c->values[i];
    uint32_t start = 0;

    place->count = (uint32_t)values->count;
    place->width = place->count <= 256 ? 1 : place->count <= 65536 ? 2 : 4;
    place->codes = codes_section(w, c->codes[i], c->doc_count, place->width);
    place->starts = section(w, &start, sizeof start);
    for (size_t v = 0; v < values->count; v++) {
        start += (uint32_t)values->entries[v].key.len;
        output_add(&w->out, (Str){(const char *)&start, sizeof start});
    }
    place->bytes = section(w, NULL, 0);
    for (size_t v = 0; v < values->count; v++)
        output_add(&w->out, values->entries[v].key);
    place->bytes_len = start;
}

bool run_write_begin(struct run_writer *w, struct arena *paths, Str path,
                     const struct run_columns *c, struct err *err)
{
    size_t n = c->doc_count;

    *w = (struct run_writer){.last_doc = UINT32_MAX};
    buf_init(&w->blocks, 4 * GIB - 1);
    buf_init(&w->places, 4 * GIB - 1);
    buf_init(&w->docs, 4 * GIB - 1);
    buf_init(&w->skips, 4 * GIB - 1);
    if (path.len == 0)
        output_open_memory(&w->out, 4 * GIB);
    else if (!output_open(&w->out, paths, path, err))
        return false;
    output_add(&w->out, (Str){(const char *)&w->header, sizeof w->header});
    memcpy(w->header.magic, RUN_MAGIC, sizeof w->header.magic);
    w->header.doc_count = c->doc_count;
    w->header.ids = section(w, c->ids, n * sizeof *c->ids);
    w->header.times = section(w, c->times, n * sizeof *c->times);
    w->header.lengths = section(w, c->lengths, n * sizeof *c->lengths);
    w->header.flags = section(w, c->flags, n);
    if (any_u32(c->bases, c->doc_count))
        w->header.bases = section(w, c->bases, n * sizeof *c->bases);
    for (size_t i = 0; i < RUN_NUMBER_COUNT; i++)
        if (any_u32(c->numbers[i], c->doc_count))
            w->header.numbers[i] = section(w, c->numbers[i], n * sizeof *c->numbers[i]);
    for (size_t i = 0; i < RUN_COLUMN_COUNT; i++)
        column_section(w, c, i);
    for (size_t i = 0; i < n; i++)
        w->header.length_sum += c->lengths[i];
    w->header.postings = section(w, NULL, 0);
    return true;
}

/* ---- terms ----------------------------------------------------------------------------------- */

void run_write_doc(struct run_writer *w, uint32_t doc, uint32_t times, Str places)
{
    if (w->doc_count > 0 && w->doc_count % RUN_SKIP_DOCS == 0) {
        uint32_t skip[] = {w->last_doc, (uint32_t)w->docs.len, (uint32_t)w->places.len};
        buf_add(&w->skips, (Str){(const char *)skip, sizeof skip});
    }
    uint32_t delta = doc - w->last_doc; /* UINT32_MAX before the first: wraps to doc + 1 */
    if (times == 0) {
        buf_add_varint(&w->docs, delta);
    } else {
        buf_add_varint(&w->docs, (uint64_t)delta << 1 | (times == 1 ? 1 : 0));
        if (times > 1)
            buf_add_varint(&w->docs, times);
        buf_add(&w->places, places);
    }
    w->last_doc = doc;
    w->doc_count++;
}

/* A field of many documents: decoded here, as whether it is one is known last. */
static void bitmap_write(struct run_writer *w)
{
    size_t words = docset_words(w->header.doc_count);

    if (!w->bits)
        w->bits = mem_alloc(words, sizeof *w->bits);
    memset(w->bits, 0, words * sizeof *w->bits);
    const uint8_t *at = (const uint8_t *)w->docs.ptr;
    uint32_t doc = UINT32_MAX;
    for (uint32_t i = 0; i < w->doc_count; i++) {
        doc += run_varint(&at);
        bits_set(w->bits, doc);
    }
    output_add(&w->out, (Str){(const char *)w->bits, words * sizeof *w->bits});
}

static void posting_write(struct run_writer *w)
{
    char head[10];
    size_t n = 0;

    for (uint64_t len = w->docs.len;; len >>= 7) {
        head[n++] = (char)(len >= 0x80 ? (len | 0x80) : len);
        if (len < 0x80)
            break;
    }
    output_add(&w->out, (Str){head, n});
    output_add(&w->out, buf_str(&w->skips));
    output_add(&w->out, buf_str(&w->docs));
    output_add(&w->out, buf_str(&w->places));
}

static void term_write(struct run_writer *w, Str term, uint64_t posting_len, uint64_t form)
{
    size_t shared = 0;

    if (w->header.term_count % RUN_BLOCK_TERMS == 0) {
        vec_push(&w->block_starts, (uint32_t)w->blocks.len);
        vec_push(&w->block_postings, output_size(&w->out) - posting_len - w->header.postings);
        w->last_len = 0;
    }
    while (shared < term.len && shared < w->last_len && term.ptr[shared] == w->last_term[shared])
        shared++;
    buf_add_varint(&w->blocks, shared);
    buf_add_varint(&w->blocks, term.len - shared);
    buf_add(&w->blocks, str_sub(term, shared, term.len));
    buf_add_varint(&w->blocks, w->doc_count);
    buf_add_varint(&w->blocks, posting_len << 2 | form);
    memcpy(w->last_term, term.ptr, term.len);
    w->last_len = term.len;
    w->header.term_count++;
}

void run_write_term(struct run_writer *w, Str term)
{
    bool is_field = w->places.len == 0;
    bool is_bitmap =
        is_field && w->doc_count > w->header.doc_count / RUN_BITMAP_RATIO && w->doc_count > 64;
    uint64_t from = output_size(&w->out);

    ASSERT(term.len > 0 && term.len <= RUN_TERM_BYTES_MAX);
    if (w->doc_count > 0) {
        if (is_bitmap)
            bitmap_write(w);
        else
            posting_write(w);
        term_write(w, term, output_size(&w->out) - from,
                   is_bitmap  ? RUN_BITMAP
                   : is_field ? RUN_DOCS_ONLY
                              : RUN_WITH_PLACES);
    }
    buf_reset(&w->docs);
    buf_reset(&w->places);
    buf_reset(&w->skips);
    w->doc_count = 0;
    w->last_doc = UINT32_MAX;
}

static void writer_deinit(struct run_writer *w)
{
    buf_deinit(&w->blocks);
    buf_deinit(&w->places);
    buf_deinit(&w->docs);
    buf_deinit(&w->skips);
    vec_deinit(&w->block_starts);
    vec_deinit(&w->block_postings);
    mem_free(w->bits);
    w->bits = NULL;
}

/* A small file carries the hash of its bytes: it is not waited for until it is on the disk. */
static bool checksum_add(struct run_writer *w, struct err *err)
{
    struct mapped_file file;

    output_patch(&w->out, 0, (Str){(const char *)&w->header, sizeof w->header});
    if (!mapped_open(&file, w->out.temporary, err))
        return false;
    w->header.checksum = run_checksum(w->header, file.bytes);
    mapped_close(&file);
    return true;
}

bool run_write_end(struct run_writer *w, uint64_t *bytes, struct err *err)
{
    bool ok = buf_ok(&w->blocks, err) && buf_ok(&w->docs, err) && buf_ok(&w->places, err) &&
              buf_ok(&w->skips, err);

    w->header.postings_len = output_size(&w->out) - w->header.postings;
    w->header.block_count = (uint32_t)w->block_starts.count;
    vec_push(&w->block_starts, (uint32_t)w->blocks.len);
    w->header.blocks = section(w, w->blocks.ptr, w->blocks.len);
    w->header.blocks_len = w->blocks.len;
    w->header.block_starts =
        section(w, w->block_starts.items, w->block_starts.count * sizeof *w->block_starts.items);
    w->header.block_postings = section(w, w->block_postings.items,
                                       w->block_postings.count * sizeof *w->block_postings.items);
    w->header.file_len = *bytes = output_size(&w->out);
    bool is_large = *bytes >= RUN_DURABLE_MIN || w->out.is_memory;
    ok = ok && (is_large || checksum_add(w, err));
    output_patch(&w->out, 0, (Str){(const char *)&w->header, sizeof w->header});
    ok = ok && output_finish(&w->out, is_large, err);
    if (!ok || !w->out.is_memory)
        output_abandon(&w->out);
    writer_deinit(w);
    return ok;
}

void run_write_abandon(struct run_writer *w)
{
    output_abandon(&w->out);
    writer_deinit(w);
}
