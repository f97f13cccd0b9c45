/* One run of several: documents are numbered anew by time, postings are copied term by term. The
 * order of documents within one input does not change, so each list stays sorted and the lists of
 * the inputs are merged. */
#include "base/limits.h"
#include "listen/index/word_build.h"
#include "listen/index/word_run_priv.h"
#include "os/file.h"

#define GONE UINT32_MAX

struct input {
    const struct word_run *run;
    uint32_t *numbers; /* document -> new number, or GONE */
    uint32_t *codes[RUN_COLUMN_COUNT];
    struct run_terms terms;
    bool has_term;
};

/* The list of one input for the term at hand. */
struct list {
    const struct input *in;
    struct run_reader reader;
    const struct docset *bitmap; /* of a field with many documents */
    struct docset_iter bits;
    uint32_t doc; /* new number of the document at hand */
};

struct merge {
    struct input inputs[WORD_MERGE_MAX];
    size_t count;
    struct run_columns columns;
    struct arena scratch; /* of one term */
    struct list lists[WORD_MERGE_MAX];
    struct err *err;
};

/* ---- documents ------------------------------------------------------------------------------- */

static bool is_gone(const struct word_input *input, uint32_t doc)
{
    return input->gone && bits_have(input->gone, doc);
}

static void copy_document(struct merge *m, const struct input *in, uint32_t from)
{
    struct run_columns *c = &m->columns;
    const struct word_run *run = in->run;
    uint32_t to = c->doc_count++;

    in->numbers[from] = to;
    c->ids[to] = run->ids[from];
    c->times[to] = run->times[from];
    c->lengths[to] = run->lengths[from];
    c->bases[to] = run->bases ? run->bases[from] : 0;
    c->flags[to] = run->flags[from];
    for (size_t i = 0; i < RUN_NUMBER_COUNT; i++)
        c->numbers[i][to] = run->numbers[i] ? run->numbers[i][from] : 0;
    for (size_t i = 0; i < RUN_COLUMN_COUNT; i++)
        c->codes[i][to] = in->codes[i][run_code(&run->columns[i], from)];
}

/* Values get a code when the first document that stays has one: those of posts that are gone are
 * not carried along. */
static bool map_codes(struct merge *m, struct input *in, const struct word_input *from)
{
    for (size_t i = 0; i < RUN_COLUMN_COUNT; i++) {
        const struct run_values *values = &in->run->columns[i];
        in->codes[i] = mem_try_alloc((size_t)values->count + 1, sizeof *in->codes[i]);
        if (!in->codes[i])
            return err_set(m->err, ERR_NO_MEMORY, "no memory for merging indexes of words");
        memset(in->codes[i], 0xff, ((size_t)values->count + 1) * sizeof *in->codes[i]);
        for (uint32_t doc = 0; doc < in->run->doc_count; doc++) {
            uint32_t code = run_code(values, doc);
            if (is_gone(from, doc) || in->codes[i][code] != GONE)
                continue;
            if (!run_columns_code(&m->columns, (enum run_column)i, run_value(values, code),
                                  &in->codes[i][code], m->err))
                return false;
        }
    }
    return true;
}

static bool is_before(const struct word_run *a, uint32_t x, const struct word_run *b, uint32_t y)
{
    if (a->times[x] != b->times[y])
        return a->times[x] < b->times[y];
    return a->ids[x] < b->ids[y];
}

static void copy_documents(struct merge *m, const struct word_input *from)
{
    uint32_t at[WORD_MERGE_MAX] = {0};

    for (;;) {
        size_t best = m->count;
        for (size_t i = 0; i < m->count; i++) {
            const struct word_run *run = m->inputs[i].run;
            while (at[i] < run->doc_count && is_gone(&from[i], at[i]))
                m->inputs[i].numbers[at[i]++] = GONE;
            if (at[i] < run->doc_count &&
                (best == m->count || is_before(run, at[i], m->inputs[best].run, at[best])))
                best = i;
        }
        if (best == m->count)
            return;
        copy_document(m, &m->inputs[best], at[best]++);
    }
}

static bool documents(struct merge *m, const struct word_input *from)
{
    uint64_t docs = 0;

    for (size_t i = 0; i < m->count; i++)
        docs += from[i].run->doc_count;
    if (docs > RUN_DOCS_MAX)
        return err_set(m->err, ERR_LIMIT, "a month has more than %d posts", RUN_DOCS_MAX);
    if (!run_columns_init(&m->columns, (uint32_t)docs, m->err))
        return false;
    for (size_t i = 0; i < m->count; i++) {
        struct input *in = &m->inputs[i];
        in->run = from[i].run;
        in->numbers = mem_try_alloc((size_t)in->run->doc_count + 1, sizeof *in->numbers);
        if (!in->numbers)
            return err_set(m->err, ERR_NO_MEMORY, "no memory for merging indexes of words");
        if (!map_codes(m, in, &from[i]))
            return false;
    }
    copy_documents(m, from);
    return true;
}

/* ---- postings -------------------------------------------------------------------------------- */

/* To the next document of the list that stays. */
static bool list_next(struct list *l)
{
    uint32_t old;

    for (;;) {
        if (l->bitmap) {
            if (!docset_next(&l->bits, &old))
                return false;
        } else {
            if (!run_reader_next(&l->reader))
                return false;
            old = l->reader.doc;
        }
        l->doc = l->in->numbers[old];
        if (l->doc != GONE)
            return true;
    }
}

static bool list_begin(struct merge *m, struct list *l, const struct input *in, bool *is_over)
{
    l->in = in;
    l->bitmap = NULL;
    if (in->terms.found.form == RUN_BITMAP) {
        l->bitmap = run_docs(in->run, &m->scratch, &in->terms.found);
        if (!l->bitmap)
            return err_arena(m->err, &m->scratch);
        l->bits = docset_from(l->bitmap, 0);
    } else {
        run_reader_init(&l->reader, in->run, &in->terms.found);
    }
    *is_over = !list_next(l);
    return true;
}

static void list_copy(struct run_writer *w, struct list *l)
{
    if (l->bitmap || l->reader.times == 0)
        run_write_doc(w, l->doc, 0, STR_NONE);
    else
        run_write_doc(w, l->doc, l->reader.times, run_reader_places(&l->reader));
}

static void lists_merge(struct merge *m, struct run_writer *w, size_t count)
{
    while (count > 0) {
        size_t best = 0;
        uint32_t second = UINT32_MAX;
        for (size_t i = 1; i < count; i++)
            if (m->lists[i].doc < m->lists[best].doc)
                best = i;
        for (size_t i = 0; i < count; i++)
            if (i != best && m->lists[i].doc < second)
                second = m->lists[i].doc;
        bool is_left = true;
        while (is_left && m->lists[best].doc < second) { /* runs mostly follow one another */
            list_copy(w, &m->lists[best]);
            is_left = list_next(&m->lists[best]);
        }
        if (!is_left)
            m->lists[best] = m->lists[--count];
    }
}

static bool merge_term(struct merge *m, struct run_writer *w, Str term)
{
    size_t count = 0;

    arena_reset(&m->scratch);
    for (size_t i = 0; i < m->count; i++) {
        struct input *in = &m->inputs[i];
        bool is_over = true;
        if (!in->has_term || !str_eq((Str){in->terms.term, in->terms.term_len}, term))
            continue;
        if (!list_begin(m, &m->lists[count], in, &is_over))
            return false;
        count += is_over ? 0 : 1;
    }
    lists_merge(m, w, count);
    run_write_term(w, term);
    return true;
}

static bool merge_terms(struct merge *m, struct run_writer *w)
{
    char term[RUN_TERM_BYTES_MAX];

    for (size_t i = 0; i < m->count; i++) {
        struct input *in = &m->inputs[i];
        run_terms_from(&in->terms, in->run, STR_NONE);
        in->has_term = run_terms_next(&in->terms);
    }
    for (;;) {
        Str least = STR_NONE;
        for (size_t i = 0; i < m->count; i++) {
            Str one = {m->inputs[i].terms.term, m->inputs[i].terms.term_len};
            if (m->inputs[i].has_term && (!least.ptr || str_cmp(one, least) < 0))
                least = one;
        }
        if (!least.ptr)
            return true;
        memcpy(term, least.ptr, least.len);
        least.ptr = term;
        if (!merge_term(m, w, least))
            return false;
        for (size_t i = 0; i < m->count; i++) {
            struct input *in = &m->inputs[i];
            if (in->has_term && str_eq((Str){in->terms.term, in->terms.term_len}, least))
                in->has_term = run_terms_next(&in->terms);
        }
    }
}

static void merge_deinit(struct merge *m)
{
    for (size_t i = 0; i < m->count; i++) {
        mem_free(m->inputs[i].numbers);
        for (size_t j = 0; j < RUN_COLUMN_COUNT; j++)
            mem_free(m->inputs[i].codes[j]);
    }
    run_columns_deinit(&m->columns);
    arena_deinit(&m->scratch);
    mem_free(m);
}

static bool merge_write(struct merge *m, Str path, uint64_t *bytes)
{
    struct run_writer w;
    struct arena paths;

    arena_init(&paths, 4 * FILE_PATH_BYTES_MAX);
    bool ok = run_write_begin(&w, &paths, path, &m->columns, m->err) && merge_terms(m, &w) &&
              run_write_end(&w, bytes, m->err);
    if (!ok)
        run_write_abandon(&w);
    arena_deinit(&paths);
    return ok;
}

bool word_merge(const struct word_input *inputs, size_t count, Str path, uint64_t *docs,
                uint64_t *bytes, struct err *err)
{
    struct merge *m = mem_try_alloc(1, sizeof *m);

    ASSERT(count >= 1 && count <= WORD_MERGE_MAX);
    if (!m)
        return err_set(err, ERR_NO_MEMORY, "no memory for merging indexes of words");
    m->count = count;
    m->err = err;
    arena_init(&m->scratch, 256 * MIB);
    bool ok = documents(m, inputs);
    *docs = m->columns.doc_count;
    *bytes = 0;
    if (ok && *docs > 0)
        ok = merge_write(m, path, bytes);
    merge_deinit(m);
    return ok;
}
