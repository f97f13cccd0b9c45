/* `trimtab query match`: posts through a set of queries, in order, on any number of threads.
 *
 * The main thread reads blocks of whole records into a ring of jobs and writes finished jobs in the
 * order of the ring; workers decode and match. So order costs no sorting, memory is the ring, and a
 * post's ordinal is known when its block is written. With one thread the main thread does it all.
 */
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cli/query_command.h"
#include "cli/stream.h"
#include "listen/decode/decode.h"
#include "listen/intake.h"
#include "os/clock.h"
#include "os/thread.h"
#include "text/language.h"

enum { PRIOR_POSTS = 5000, JOBS_PER_THREAD = 3 };
#define OUTPUT_BYTES_MAX (1 * GIB) /* of one block of posts */
#define OUTPUT_FLUSH     (64 * 1024)

struct pair {
    uint32_t post; /* within the block */
    uint32_t query;
};

enum job_state { JOB_FREE, JOB_READY, JOB_RUNNING, JOB_DONE };

struct job {
    enum job_state state; /* guarded by the pool's mutex */
    struct decode_block block;
    struct decode_batch batch;
    struct {
        VEC(struct pair);
    } pairs;
    size_t bytes;
    bool ok;
    struct err err;
};

/* What one thread needs to decode and match. */
struct worker {
    struct decoder *decoder;
    struct match_scratch *scratch;
    struct post_tokens tokens;
    struct language_reader *reader;
    struct thread thread;
    struct pool *pool;
};

struct pool {
    struct mutex mutex;
    struct cond changed;
    struct job *jobs;
    size_t job_count, next_job; /* next_job: the next READY one to take; guarded by mutex */
    struct worker *workers;
    size_t worker_count;
    bool is_closing; /* guarded by mutex */
};

struct run {
    const struct query_match_options *options;
    const struct query_file *queries;
    struct query_set *set;
    struct pool pool;
    struct arena plans; /* of the inputs */
    struct buf out;
    bool is_broken; /* a block could not be matched or written: no ordinal holds from there on */
    uint64_t post_count, match_count, byte_count, reject_count;
    uint64_t started_ns, compile_ns;
    size_t next_path;
    int input_code; /* of the last input that could not be opened */
};

/* --- one block --- */

/* Language and mood, where a query asks for them. `lang` keeps the bytes of a guess. */
static void measure_post(struct worker *w, unsigned needs, const struct post *post,
                         struct language_guess *lang)
{
    double compound;

    if (needs == 0)
        return;
    if (post->lang.len == 0) {
        *lang =
            language_read(w->reader, post->text.len > post->title.len ? post->text : post->title);
        w->tokens.lang = str_from_cstr(lang->code);
    }
    if (needs & QUERY_SET_NEEDS_SENTIMENT)
        intake_sentiment(post, &w->tokens, post_tokens_lang(&w->tokens, post), &w->tokens.polarity,
                         &compound);
}

static bool match_block(struct worker *w, unsigned needs, struct job *job, struct err *err)
{
    struct language_guess lang;
    const uint32_t *ordinals;
    size_t count;

    job->pairs.count = 0;
    job->bytes = job->block.bytes.len;
    if (!decoder_run(w->decoder, &job->block, &job->batch, err))
        return false;
    for (size_t i = 0; i < job->batch.posts.count; i++) {
        const struct post *post = &job->batch.posts.items[i].post;
        if (!post_tokens_fill(&w->tokens, post, err))
            return false;
        measure_post(w, needs, post, &lang);
        if (!match_post(w->scratch, post, &w->tokens, &ordinals, &count, err))
            return false;
        for (size_t k = 0; k < count; k++)
            if (!vec_try_push(&job->pairs, (struct pair){(uint32_t)i, ordinals[k]}))
                return err_set(err, ERR_NO_MEMORY, "no memory left for the matches of a block");
    }
    return true;
}

/* --- writing, in order --- */

static void add_u64(struct buf *out, uint64_t n)
{
    char digits[20];
    size_t at = sizeof digits;

    do
        digits[--at] = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    buf_add(out, (Str){digits + at, sizeof digits - at});
}

static void add_pair(struct run *run, uint64_t ordinal, Str id)
{
    if (run->options->is_json) {
        buf_lit(&run->out, "{\"post\":");
        add_u64(&run->out, ordinal);
        buf_lit(&run->out, ",\"query\":");
        query_command_json_str(&run->out, id);
        buf_lit(&run->out, "}\n");
        return;
    }
    add_u64(&run->out, ordinal);
    buf_lit(&run->out, "\t");
    buf_add(&run->out, id);
    buf_lit(&run->out, "\n");
}

static bool write_job(struct run *run, struct job *job, struct err *err)
{

    if (!job->ok) {
        *err = job->err;
        return false;
    }
    vec_each (struct decode_reject, reject, &job->batch.rejects)
        cli_reject(decode_plan_path(job->block.plan), reject->line, reject->reason);
    run->reject_count += job->batch.rejects.count;
    run->byte_count += job->bytes;
    run->match_count += job->pairs.count;
    if (!run->options->is_count)
        vec_each (struct pair, pair, &job->pairs) {
            add_pair(run, run->post_count + pair->post, run->queries->items.items[pair->query].id);
            if (run->out.len >= OUTPUT_FLUSH && !cli_flush(&run->out, err))
                return false;
        }
    run->post_count += job->batch.posts.count;
    return run->options->is_count || cli_flush(&run->out, err);
}

/* --- threads --- */

static void work(void *context)
{
    struct worker *w = context;
    struct pool *pool = w->pool;
    unsigned needs = query_set_stats(match_scratch_set(w->scratch))->needs;

    mutex_lock(&pool->mutex);
    for (;;) {
        struct job *job = &pool->jobs[pool->next_job];
        if (job->state == JOB_READY) {
            job->state = JOB_RUNNING;
            pool->next_job = (pool->next_job + 1) % pool->job_count;
            mutex_unlock(&pool->mutex);
            job->ok = match_block(w, needs, job, &job->err);
            mutex_lock(&pool->mutex);
            job->state = JOB_DONE;
            cond_broadcast(&pool->changed);
        } else if (pool->is_closing) {
            break;
        } else {
            cond_wait(&pool->changed, &pool->mutex);
        }
    }
    mutex_unlock(&pool->mutex);
}

static void set_state(struct pool *pool, struct job *job, enum job_state state)
{
    mutex_lock(&pool->mutex);
    job->state = state;
    cond_broadcast(&pool->changed);
    mutex_unlock(&pool->mutex);
}

/* Waits for a job that was handed out, writes it and frees its place in the ring. */
static bool finish_job(struct run *run, struct job *job, struct err *err)
{
    struct pool *pool = &run->pool;

    mutex_lock(&pool->mutex);
    while (job->state == JOB_READY || job->state == JOB_RUNNING)
        cond_wait(&pool->changed, &pool->mutex);
    bool is_done = job->state == JOB_DONE;
    mutex_unlock(&pool->mutex);
    bool ok = !is_done || write_job(run, job, err);
    run->is_broken |= !ok;
    set_state(pool, job, JOB_FREE);
    return ok;
}

static bool run_inline(struct run *run, struct job *job, struct err *err)
{
    struct worker *w = &run->pool.workers[0];

    job->ok = match_block(w, query_set_stats(run->set)->needs, job, &job->err);
    return write_job(run, job, err);
}

/* Everything handed out so far, in order; `at` is the next place in the ring. */
static bool finish_all(struct run *run, size_t at, struct err *err)
{
    struct pool *pool = &run->pool;
    bool ok = true;

    for (size_t i = 0; ok && i < pool->job_count; i++)
        ok = finish_job(run, &pool->jobs[(at + i) % pool->job_count], err);
    return ok;
}

/* All blocks of one input. *at is the next place in the ring. Before the input has to be waited
 * for, what came so far is answered. */
static bool run_input(struct run *run, struct decode_input *in, size_t *at, struct err *err)
{
    struct pool *pool = &run->pool;
    bool has_block = true;

    while (has_block) {
        struct job *job = &pool->jobs[*at];
        if (!(decode_input_would_wait(in) ? finish_all(run, *at, err)
                                          : finish_job(run, job, err)) ||
            !decode_input_next(in, &job->block, &has_block, err))
            return false;
        if (!has_block)
            break;
        if (pool->worker_count == 1) {
            if (!run_inline(run, job, err))
                return false;
            continue;
        }
        set_state(pool, job, JOB_READY);
        *at = (*at + 1) % pool->job_count;
    }
    return true;
}

static bool start_workers(struct run *run, struct err *err)
{
    struct pool *pool = &run->pool;

    for (size_t i = 0; i < pool->worker_count; i++) {
        struct worker *w = &pool->workers[i];
        w->pool = pool;
        if (!decoder_create(&w->decoder, err) ||
            !match_scratch_create(&w->scratch, run->set, err) ||
            !post_tokens_init(&w->tokens, err) || !language_reader_create(&w->reader, err))
            return false;
    }
    for (size_t i = 0; i < pool->worker_count && pool->worker_count > 1; i++)
        if (!thread_create(&pool->workers[i].thread, "match", work, &pool->workers[i], err))
            return false;
    return true;
}

static void stop_workers(struct run *run)
{
    struct pool *pool = &run->pool;

    mutex_lock(&pool->mutex);
    pool->is_closing = true;
    cond_broadcast(&pool->changed);
    mutex_unlock(&pool->mutex);
    for (size_t i = 0; i < pool->worker_count; i++) {
        struct worker *w = &pool->workers[i];
        thread_join(&w->thread);
        decoder_destroy(&w->decoder);
        match_scratch_destroy(&w->scratch);
        post_tokens_deinit(&w->tokens);
        language_reader_destroy(&w->reader);
    }
    for (size_t i = 0; i < pool->job_count; i++) {
        decode_block_deinit(&pool->jobs[i].block);
        decode_batch_deinit(&pool->jobs[i].batch);
        vec_deinit(&pool->jobs[i].pairs);
    }
    mem_free(pool->jobs);
    mem_free(pool->workers);
    cond_deinit(&pool->changed);
    mutex_deinit(&pool->mutex);
}

static void pool_init(struct pool *pool, size_t threads)
{
    pool->worker_count = threads;
    pool->job_count = threads * JOBS_PER_THREAD;
    pool->jobs = mem_alloc(pool->job_count, sizeof *pool->jobs);
    pool->workers = mem_alloc(threads, sizeof *pool->workers);
    mutex_init(&pool->mutex);
    cond_init(&pool->changed);
    for (size_t i = 0; i < pool->job_count; i++) {
        decode_block_init(&pool->jobs[i].block);
        decode_batch_init(&pool->jobs[i].batch);
    }
}

/* --- the set --- */

static void report_item(void *context, size_t ordinal, const struct query_problems *problems)
{
    struct query_file *queries = context;

    vec_each (struct query_problem, problem, problems) {
        if (problem->severity != QUERY_ERROR)
            continue;
        fprintf(stderr, STR_F ":%llu: character %u of the query: " STR_F,
                STR_A(cli_file_name(queries->path)),
                (unsigned long long)queries->lines.items[ordinal], problem->column,
                STR_A(problem->message));
        if (problem->fix.len > 0)
            fprintf(stderr, " (fix: " STR_F ")", STR_A(problem->fix));
        fprintf(stderr, "\n");
    }
}

/* Counts the words of the first posts of the first block, so that queries are filed under what is
 * rare in this stream. A block that cannot be decoded is reported when its turn comes. */
static bool sample_words(struct job *job, struct match_prior *prior, struct err *err)
{
    struct decoder *decoder = NULL;
    struct post_tokens tokens = {0};
    bool ok = decoder_create(&decoder, err) && post_tokens_init(&tokens, err) &&
              decoder_run(decoder, &job->block, &job->batch, err);

    for (size_t i = 0; ok && i < job->batch.posts.count && i < PRIOR_POSTS; i++) {
        ok = post_tokens_fill(&tokens, &job->batch.posts.items[i].post, err);
        if (ok)
            match_prior_add(prior, &tokens);
    }
    post_tokens_deinit(&tokens);
    decoder_destroy(&decoder);
    return ok;
}

static bool create_set(struct run *run, struct query_file *queries, struct job *first,
                       struct err *err)
{
    struct match_prior *prior = NULL;
    uint64_t start = clock_monotonic_ns();
    bool ok = match_prior_create(&prior, err) && (!first || sample_words(first, prior, err));
    struct query_set_options options = {.prior = first ? prior : NULL};

    ok = ok && query_set_create(&run->set, queries->items.items, queries->items.count, &options,
                                report_item, queries, err);
    match_prior_destroy(&prior);
    run->compile_ns = clock_monotonic_ns() - start;
    return ok;
}

static void print_count(const struct run *run)
{
    double seconds =
        (double)(clock_monotonic_ns() - run->started_ns - run->compile_ns) / 1000000000.0;

    fprintf(stderr,
            "{\"queries\":%zu,\"posts\":%llu,\"bytes\":%llu,\"matches\":%llu,\"seconds\":%.6f,"
            "\"posts_per_second\":%.0f,\"compile_seconds\":%.6f,\"rejected\":%llu}\n",
            query_set_stats(run->set)->query_count, (unsigned long long)run->post_count,
            (unsigned long long)run->byte_count, (unsigned long long)run->match_count, seconds,
            seconds > 0 ? (double)run->post_count / seconds : 0.0, (double)run->compile_ns / 1e9,
            (unsigned long long)run->reject_count);
}

/* The next input that can be opened; one that cannot is named, and the rest goes on. *in stays NULL
 * after the last. */
static void open_next(struct run *run, struct decode_input **in)
{
    while (!*in && run->next_path < run->options->path_count) {
        struct err err = {0};
        Str path = run->options->paths[run->next_path++];
        if (!decode_input_open(in, path, &run->options->decode, &run->plans, &err))
            run->input_code = cli_report("query match", &err);
    }
}

/* The first block is read before the set exists; then it goes the way of all. */
static bool begin(struct run *run, struct query_file *queries, struct decode_input *in,
                  bool *has_block, size_t *at, struct err *err)
{
    struct pool *pool = &run->pool;
    struct job *first = &pool->jobs[0];

    if (!decode_input_next(in, &first->block, has_block, err) ||
        !create_set(run, queries, *has_block ? first : NULL, err) || !start_workers(run, err))
        return false;
    if (!*has_block)
        return true;
    if (pool->worker_count == 1)
        return run_inline(run, first, err);
    set_state(pool, first, JOB_READY);
    *at = 1;
    return true;
}

/* What was read before an input failed is answered all the same. */
static bool run_all(struct run *run, struct query_file *queries, struct err *err)
{
    struct decode_input *in = NULL;
    struct err later = {0};
    bool has_block = false;
    size_t at = 0;

    run->started_ns = clock_monotonic_ns();
    open_next(run, &in);
    if (!in)
        return true;
    bool ok = begin(run, queries, in, &has_block, &at, err) &&
              (!has_block || run_input(run, in, &at, err));
    decode_input_close(&in);
    if (ok)
        open_next(run, &in);
    while (ok && in) {
        ok = run_input(run, in, &at, err);
        decode_input_close(&in);
        if (ok)
            open_next(run, &in);
    }
    if (ok)
        return finish_all(run, at, err);
    if (run->set && !run->is_broken)
        (void)!finish_all(run, at, &later);
    return false;
}

/* Inputs that could not be opened weigh more than rows that could not be read. */
static int exit_code(const struct run *run, const struct query_file *queries)
{
    if (run->input_code != CLI_OK || !run->set)
        return run->input_code;
    return run->reject_count + queries->bad_row_count + query_set_stats(run->set)->refused_count > 0
               ? CLI_REJECTED_ROWS
               : CLI_OK;
}

int query_match_run(const struct query_match_options *options, struct query_file *queries)
{
    struct run run = {.options = options, .queries = queries};
    struct err err = {0};
    int code;

    arena_init(&run.plans, BATCH_ARENA_BYTES_MAX);
    buf_init(&run.out, OUTPUT_BYTES_MAX);
    pool_init(&run.pool, options->thread_count);
    if (!run_all(&run, queries, &err))
        code = cli_report("query match", &err);
    else
        code = exit_code(&run, queries);
    if (options->is_count && (code == CLI_OK || code == CLI_REJECTED_ROWS))
        print_count(&run);
    stop_workers(&run);
    query_set_release(&run.set);
    buf_deinit(&run.out);
    arena_deinit(&run.plans);
    return code;
}
