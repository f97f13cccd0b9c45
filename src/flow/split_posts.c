/* Two passes over the file when the cut has to be found, one when it is given. */
#include "flow/split_posts.h"

#include "base/limits.h"
#include "flow/line_file.h"
#include "format/time.h"
#include "listen/decode/decode.h"
#include "os/file.h"

struct splitter;
typedef bool visit_post(struct splitter *s, const struct post *post, struct err *err);

struct splitter {
    const struct split_plan *plan;
    struct split_counts *counts;
    struct line_file before, after;
    int64_t step; /* number of the step in `after`, -1 before the first */
    struct arena names;
    struct buf line;
    visit_post *visit;
};

static bool visit_batch(void *context, const struct decode_batch *batch, struct err *err)
{
    struct splitter *s = context;

    if (s->plan->stop && atomic_load(s->plan->stop))
        return err_set(err, ERR_CANCELLED, "interrupted");
    for (size_t i = 0; i < batch->posts.count; i++) {
        const struct post *post = &batch->posts.items[i].post;
        if (post->has_created_at && post->event == POST_UPSERT && !s->visit(s, post, err))
            return false;
    }
    s->counts->left_out += batch->row_count - batch->posts.count;
    return true;
}

static bool visit_file(struct splitter *s, visit_post *visit, struct err *err)
{
    const struct decode_options options = {.format = DECODE_AUTO};

    s->visit = visit;
    s->counts->left_out = 0;
    return decode_walk(s->plan->path, &options, visit_batch, s, err);
}

static bool note_time(struct splitter *s, const struct post *post, struct err *err)
{
    struct split_counts *counts = s->counts;

    (void)err;
    if (counts->first_ms == 0 || post->created_at_ms < counts->first_ms)
        counts->first_ms = post->created_at_ms;
    if (post->created_at_ms > counts->last_ms)
        counts->last_ms = post->created_at_ms;
    return true;
}

static bool begin_step(struct splitter *s, int64_t step, struct err *err)
{
    int64_t day_ms = s->counts->cut_ms + step * s->plan->step_days * TIME_DAY_MS;
    Str name = arena_printf(&s->names, "after-%s.jsonl", time_date(day_ms).text);

    s->step = step;
    return line_file_end(&s->after, err) &&
           line_file_begin(&s->after, &s->names, s->plan->directory, name, err);
}

/* An input that is not in order comes back to an earlier step; that file would be begun anew. */
static bool write_post(struct splitter *s, const struct post *post, struct err *err)
{
    int64_t behind = post->created_at_ms - s->counts->cut_ms;

    buf_reset(&s->line);
    post_write_native(post, &s->line);
    if (!buf_ok(&s->line, err))
        return false;
    if (behind < 0) {
        s->counts->before++;
        return line_file_add(&s->before, buf_str(&s->line), err);
    }
    int64_t step = behind / (s->plan->step_days * TIME_DAY_MS);
    if (step < s->step || step >= SPLIT_FILES_MAX)
        return err_set(err, ERR_INPUT, "posts of '" STR_F "' are not in the order of their time",
                       STR_A(s->plan->path)) ||
               err_hint(err, "Sort the file by time, or import it without a replay.");
    if (step > s->step && !begin_step(s, step, err))
        return false;
    s->counts->after++;
    return line_file_add(&s->after, buf_str(&s->line), err);
}

static bool remove_steps(struct splitter *s, struct err *err)
{
    struct dir_entry *entries;
    size_t count;

    if (!dir_ensure(s->plan->directory, err) ||
        !dir_list(&s->names, s->plan->directory, &entries, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (str_starts(entries[i].name, S("after-")) && str_ends(entries[i].name, S(".jsonl")) &&
            !file_remove(path_join(&s->names, s->plan->directory, entries[i].name), err))
            return false;
    return true;
}

static bool choose_cut(struct splitter *s, struct err *err)
{
    struct split_counts *counts = s->counts;

    if (!visit_file(s, note_time, err))
        return false;
    if (counts->last_ms == 0)
        return err_set(err, ERR_INPUT, "no post with a time in '" STR_F "'", STR_A(s->plan->path));
    counts->cut_ms = s->plan->cut_ms;
    if (counts->cut_ms == 0)
        counts->cut_ms = counts->first_ms + (counts->last_ms - counts->first_ms) / 4 * 3;
    counts->cut_ms = time_floor(counts->cut_ms, TIME_DAY_MS);
    return true;
}

bool split_posts(const struct split_plan *plan, struct split_counts *counts, struct err *err)
{
    struct splitter s = {.plan = plan, .counts = counts, .step = -1};

    ASSERT(plan->step_days >= 1);
    *counts = (struct split_counts){0};
    arena_init(&s.names, 64 * MIB);
    buf_init(&s.line, INPUT_LINE_BYTES_MAX);
    bool ok = remove_steps(&s, err) && choose_cut(&s, err) &&
              line_file_begin(&s.before, &s.names, plan->directory, S("posts.jsonl"), err) &&
              visit_file(&s, write_post, err) && line_file_end(&s.before, err) &&
              line_file_end(&s.after, err);
    line_file_deinit(&s.before);
    line_file_deinit(&s.after);
    buf_deinit(&s.line);
    arena_deinit(&s.names);
    return ok || err_wrap(err, "could not split posts");
}
