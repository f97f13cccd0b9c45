/* One author out of a workspace: afterwards no file of it holds handle, id, name or a word of
 * theirs; what others said stays. Also when a process is killed in the middle and the call is
 * repeated. */
#include "unit/test.h"

#include <signal.h>
#include <sys/wait.h>

#include "ledger/ledger.h"
#include "listen/erase/erase.h"
#include "listen/search/saved_view.h"
#include "listen/search/search.h"
#include "listen/standing_query.h"
#include "os/clock.h"
#include "signal/evidence.h"
#include "unit/listen_import.h"
#include "unit/scratch.h"

/* What must be gone; none of it stands in any other post. */
static const char *const planted[] = {"zaphodius", "Zaphodius", "zq77id", "Quirina Vantongeren",
                                      "xylotomous"};

static struct arena memory;
static struct scratch place;
static Str data;
static struct workspace *ws;

static void must(bool ok, const struct err *err)
{
    if (!ok)
        print_error("%s (%s)\n", err->msg, err->origin ? err->origin : "?");
    CHECK(ok);
}

/* Does any file below hold one of the planted words? Prints which. */
static bool is_planted(Str dir, size_t word)
{
    struct dir_entry *entries;
    size_t count;
    struct err err = {0};
    bool found = false;

    must(dir_list(&memory, dir, &entries, &count, &err), &err);
    for (size_t i = 0; i < count; i++) {
        Str path = path_join(&memory, dir, entries[i].name), bytes;
        if (entries[i].is_dir) {
            found = is_planted(path, word) || found;
            continue;
        }
        must(file_read_all(&memory, path, 64 * MIB, &bytes, &err), &err);
        Str needle = str_from_cstr(planted[word]);
        if (str_find(bytes, needle) < bytes.len) {
            print_message("'%s' in " STR_F "\n", planted[word], STR_A(path));
            found = true;
        }
    }
    return found;
}

static void plant_posts(struct buf *out)
{
    uint64_t state = 3;

    for (uint32_t i = 0; i < 3000; i++) {
        stream_line(out, &state, i);
        if (i % 100 == 50)
            buf_printf(out,
                       "{\"id\":\"z%u\",\"source\":\"forum\",\"created_at\":%lld,"
                       "\"author\":{\"id\":\"zq77id\",\"handle\":\"Zaphodius\","
                       "\"name\":\"Quirina Vantongeren\"},\"url\":\"https://f.org/zaphodius/%u\","
                       "\"text\":\"late again, xylotomous %u #late\"}\n",
                       i, (long long)(INT64_C(1770000000000) + i * INT64_C(2500000)), i, i);
        if (i % 100 == 60) /* an edit of it */
            buf_printf(out,
                       "{\"id\":\"z%u\",\"source\":\"forum\",\"created_at\":%lld,"
                       "\"author\":{\"id\":\"zq77id\",\"handle\":\"zaphodius\","
                       "\"name\":\"Quirina Vantongeren\"},\"text\":\"late, edited xylotomous\"}\n",
                       i - 10, (long long)(INT64_C(1770000000000) + (i - 10) * INT64_C(2500000)));
        if (i % 100 == 70)
            buf_printf(
                out,
                "{\"id\":\"o%u\",\"source\":\"forum\",\"created_at\":%lld,"
                "\"author\":{\"handle\":\"bystander\"},\"reply_to_author\":\"zq77id\","
                "\"mentions\":[\"zaphodius\"],\"text\":\"@Zaphodius you are late, kerfuffle\","
                "\"links\":[\"https://f.org/zaphodius/1\"],\"x\":{\"to\":\"zaphodius\"}}\n",
                i, (long long)(INT64_C(1770000000000) + i * INT64_C(2500000)));
        if (i == 500)
            buf_lit(out, "{\"id\":\"r1\",\"author\":{\"handle\":\"zaphodius\"},\"text\":5}\n");
    }
}

static void plant_state(void)
{
    struct err err = {0};
    struct stmt *stmt;
    struct evidence_item items[] = {{.kind = EVIDENCE_POST,
                                     .source = S("forum"),
                                     .ref = S("z50"),
                                     .author = S("zq77id"),
                                     .created_at_ms = 1,
                                     .text = S("late again, xylotomous 50"),
                                     .url = S("https://f.org/zaphodius/50"),
                                     .why = S("example")},
                                    {.kind = EVIDENCE_POST,
                                     .source = S("forum"),
                                     .ref = S("o70"),
                                     .author = S("bystander"),
                                     .created_at_ms = 1,
                                     .text = S("@zaphodius you are late"),
                                     .why = S("answers @zaphodius")}};
    struct evidence evidence = {.statement = S("They are late."),
                                .kind = S("entered"),
                                .created_by = S("ann"),
                                .items = items,
                                .item_count = 2};

    must(evidence_create(ws->state, &evidence, &err), &err);
    must(db_query(ws->state,
                  "INSERT INTO spike (query, signal, start_ms, peak_ms, end_ms, severity, score,"
                  " expected, observed, explanation, explainer, detector, found_at_ms) VALUES"
                  " (1, 'k', 1, 1, 2, 5, 1, 1, 9, ?1, 1, 'd', 1)",
                  &stmt, &err),
         &err);
    stmt_bind_str(
        stmt, 1,
        S("{\"terms\":[{\"term\":\"@zaphodius\",\"n\":3},{\"term\":\"late\",\"n\":2}],"
          "\"authors\":{\"n\":2,\"top\":[{\"author\":\"zaphodius\",\"n\":2}]},\"posts\":["
          "{\"source\":\"forum\",\"id\":\"z50\",\"text\":\"late again, xylotomous 50\"},"
          "{\"source\":\"forum\",\"id\":\"o70\",\"text\":\"@zaphodius you are late\"}]}"));
    must(stmt_run(stmt, &err), &err);
}

static void begin(void)
{
    struct err err = {0};
    struct import_result result;
    struct buf posts;

    arena_init(&memory, GIB);
    scratch_begin(&place);
    data = arena_printf(&memory, "%s/data", place.dir);
    must(stream_workspace(data, &err), &err);
    buf_init(&posts, 64 * MIB);
    plant_posts(&posts);
    Str file = arena_printf(&memory, "%s/posts.jsonl", place.dir);
    must(file_write_atomic(file, buf_str(&posts), &err), &err);
    must(stream_import(data, file, 1, &result, &err), &err);
    must(file_remove(file, &err), &err);
    buf_deinit(&posts);
    must(workspace_open(&ws, data, S("acme"), &err), &err);
    plant_state();
    for (size_t i = 0; i < COUNT_OF(planted); i++)
        CHECK(is_planted(data, i));
}

static void end(void)
{
    workspace_close(&ws);
    scratch_end(&place);
    arena_deinit(&memory);
}

static uint64_t months_done, months_all;

static void note_progress(void *context, uint64_t done, uint64_t total)
{
    (void)context;
    CHECK(done == months_done + 1 || done == 1);
    months_done = done;
    months_all = total;
}

static bool erase(struct erase_report *report, struct err *err)
{
    struct archive *archive = NULL;

    bool ok = archive_open(&archive, ws->posts_dir, ARCHIVE_WRITE, err) &&
              erase_author(&(struct erase_job){.workspace = ws,
                                               .archive = archive,
                                               .who = S("zaphodius"),
                                               .source = S("forum"),
                                               .actor = S("ann"),
                                               .reason = S("request 17"),
                                               .now_ms = STREAM_NOW_MS,
                                               .progress = note_progress},
                           &memory, report, err);
    archive_close(&archive);
    return ok;
}

static int64_t total_of(Str query)
{
    struct search_request request = {.query = query, .limit = 5};
    struct archive *archive = NULL;
    struct search_result found;
    struct err err = {0};

    must(archive_open(&archive, ws->posts_dir, ARCHIVE_READ, &err), &err);
    must(search_posts(archive, &memory, &request, &found, &err), &err);
    archive_close(&archive);
    return found.total;
}

static void check_gone(void)
{
    workspace_close(&ws);
    for (size_t i = 0; i < COUNT_OF(planted); i++)
        CHECK(!is_planted(data, i));
    struct err err = {0};
    must(workspace_open(&ws, data, S("acme"), &err), &err);
}

TEST(nothing_of_an_author_is_left_in_any_file)
{
    struct erase_report report, again;
    struct ledger_report ledger;
    struct err err = {0};

    begin();
    int64_t of_others = total_of(S("kerfuffle")), own = total_of(S("xylotomous"));
    CHECK(own > 10 && of_others > 10);
    must(erase_look(ws, &memory, S("ZAPHODIUS"), STR_NONE, &report, &err), &err);
    CHECK_INT((int64_t)report.archive.posts.count, own);
    CHECK_INT((int64_t)report.archive.person.name_count, 1);
    erase_report_deinit(&report);
    must(erase(&report, &err), &err);
    CHECK_INT(report.archive.erased, own);
    CHECK_INT(report.archive.others, of_others);
    CHECK(months_done > 1 && months_done == months_all);
    CHECK(report.evidence == 2 && report.spikes == 1 && report.rejects >= 1);
    CHECK_INT(total_of(S("xylotomous")), 0);
    CHECK_INT(total_of(S("kerfuffle")), of_others);
    CHECK_INT(total_of(S("@zaphodius")), 0);
    CHECK_INT(total_of(S("@erased AND kerfuffle")), of_others);
    check_gone();
    must(ledger_verify(ws->state, NULL, &ledger, &err), &err);
    CHECK(ledger.fault == 0);
    must(erase(&again, &err), &err);
    CHECK_INT(again.archive.erased + again.archive.others + again.evidence + again.spikes, 0);
    erase_report_deinit(&report);
    erase_report_deinit(&again);
    end();
}

static void save_query(const char *name, const char *text)
{
    struct standing_query q = {.name = str_from_cstr(name), .text = str_from_cstr(text)};
    struct err err = {0};

    must(standing_query_create(ws->state, &q, S("ann"), 1, &err), &err);
}

static void save_view(const char *name, const char *query)
{
    struct saved_view_reader ann = {S("ann"), S("ann"), false};
    struct saved_view view = {.name = str_from_cstr(name), .query = str_from_cstr(query)};
    struct err err = {0};

    must(saved_view_create(ws->state, &view, &ann, 1, &err), &err);
}

/* Words of those who listen are left alone, and listed: every way to ask for the person, no other.
 */
TEST(queries_and_views_that_name_the_author_are_listed)
{
    static const char *const naming[] = {"by_handle", "by_id",    "by_name", "by_part",
                                         "answers",   "mentions", "nested",  "in_title"};
    struct erase_report report;
    struct err err = {0};
    size_t at = 0;

    begin();
    save_query("by_handle", "late OR author:Zaphodius");
    save_query("by_id", "author:zq77id");
    save_query("by_name", "author:\"quirina vantongeren\"");
    save_query("by_part", "late AND author_like:zaphod");
    save_query("answers", "late AND replyto:zaphodius");
    save_query("mentions", "@zaphodius");
    save_query("nested", "late AND NOT (early OR (slow AND author:zaphodius))");
    save_query("in_title", "slow");
    must(db_run(ws->state,
                "UPDATE standing_query SET title = 'What @zaphodius says' WHERE name = "
                "'in_title'",
                &err),
         &err);
    save_query("a_word", "zaphodiusx OR xylotomous");
    save_query("another", "author:bystander AND late");
    save_query("refers", "@@by_handle AND late");
    save_query("mended", "author:zaphodius");
    struct standing_query q;
    must(standing_query_find(&memory, ws->state, S("mended"), &q, &err) &&
             standing_query_change(ws->state, q.id, S("late"), S("ann"), S("request 17"), 2, &err),
         &err);
    save_view("Of them", "author:zaphodius");
    save_view("Of all", "late");
    must(erase(&report, &err), &err);
    CHECK_INT((int64_t)report.place_count, COUNT_OF(naming) + 2);
    for (; at < COUNT_OF(naming) && at < report.place_count; at++) {
        CHECK(report.places[at].kind == ERASE_IN_QUERY);
        CHECK_STR(report.places[at].name, naming[at]);
    }
    CHECK(report.places[at].kind == ERASE_IN_WORDING && report.places[at].version == 1);
    CHECK_STR(report.places[at].name, "mended");
    CHECK(report.places[at + 1].kind == ERASE_IN_VIEW);
    CHECK_STR(report.places[at + 1].owner, "ann");
    must(standing_query_find(&memory, ws->state, S("by_handle"), &q, &err), &err);
    CHECK_STR(q.text, "late OR author:Zaphodius");
    erase_report_deinit(&report);
    /* Nothing is left of the posts; looked at again, the places are still told. */
    must(erase_look(ws, &memory, S("zaphodius"), STR_NONE, &report, &err), &err);
    CHECK(report.archive.posts.count == 0 && report.place_count > 0);
    erase_report_deinit(&report);
    end();
}

TEST(an_erasure_needs_a_reason)
{
    struct erase_job job = {.who = S("zaphodius")};
    struct erase_report report = {0};
    struct err err = {0};

    begin();
    job.workspace = ws;
    CHECK(!erase_author(&job, &memory, &report, &err));
    CHECK(err.code == ERR_INPUT);
    end();
}

TEST(an_erased_post_is_not_taken_again)
{
    struct erase_report report;
    struct import_result result;
    struct err err = {0};
    struct buf posts;

    begin();
    must(erase(&report, &err), &err);
    erase_report_deinit(&report);
    buf_init(&posts, 64 * MIB);
    plant_posts(&posts);
    Str file = arena_printf(&memory, "%s/again.jsonl", place.dir);
    must(file_write_atomic(file, buf_str(&posts), &err), &err);
    buf_deinit(&posts);
    must(stream_import(data, file, 1, &result, &err), &err);
    CHECK_INT(total_of(S("xylotomous")), 0);
    end();
}

/* A child erases and is killed after a while; the call is repeated until it gets through. */
TEST(an_erasure_that_was_killed_is_finished_by_repeating_it)
{
    struct erase_report report = {0};
    struct err err = {0};
    uint64_t dice = 9;
    int killed = 0;

    begin();
    workspace_close(&ws);
    for (int i = 0; i < 12; i++) {
        pid_t child = fork();
        if (child == 0) {
            bool ok = workspace_open(&ws, data, S("acme"), &err) && erase(&report, &err);
            _exit(ok ? 0 : 1);
        }
        clock_sleep_ms(5 + stream_pick(&dice, 120));
        (void)kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        killed += WIFSIGNALED(status) ? 1 : 0;
    }
    CHECK(killed > 0);
    must(workspace_open(&ws, data, S("acme"), &err), &err);
    must(erase(&report, &err), &err);
    erase_report_deinit(&report);
    CHECK_INT(total_of(S("xylotomous")), 0);
    check_gone();
    end();
}

int main(void)
{
    return RUN(CASE(nothing_of_an_author_is_left_in_any_file),
               CASE(queries_and_views_that_name_the_author_are_listed),
               CASE(an_erasure_needs_a_reason), CASE(an_erased_post_is_not_taken_again),
               CASE(an_erasure_that_was_killed_is_finished_by_repeating_it));
}
