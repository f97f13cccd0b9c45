/* post_erase_command.c - `trimtab post erase`: one author out of a workspace. */
#include <stdio.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "ledger/workspace.h"
#include "listen/erase/erase.h"
#include "os/clock.h"

struct erase_run {
    Str data, workspace, who, source, reason;
    bool is_confirmed;
};

static void print_list(const char *what, const Str *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("%s\t" STR_F "\n", what, STR_A(items[i]));
}

/* For somebody to change: nobody else knows what the query is to count without the name. */
static void print_places(const struct erase_report *r)
{
    for (size_t i = 0; i < r->place_count; i++) {
        const struct erase_place *p = &r->places[i];
        if (p->kind == ERASE_IN_QUERY)
            printf("still named in query\t" STR_F "\n", STR_A(p->name));
        else if (p->kind == ERASE_IN_WORDING)
            printf("still named in an earlier wording\t" STR_F " %lld\n", STR_A(p->name),
                   (long long)p->version);
        else
            printf("still named in saved view\t" STR_F " (%lld, of " STR_F ")\n", STR_A(p->name),
                   (long long)p->id, STR_A(p->owner));
    }
}

static void print_person(const struct archive_erasure *a)
{
    print_list("handle", a->person.handles, a->person.handle_count);
    print_list("id", a->person.ids, a->person.id_count);
    print_list("name", a->person.names, a->person.name_count);
    printf("posts\t%zu\n", a->posts.count);
}

static void print_report(const struct erase_report *r)
{
    printf("posts erased\t%lld\n", (long long)r->archive.erased);
    printf("posts of others changed\t%lld\n", (long long)r->archive.others);
    printf("earlier texts dropped\t%lld\n", (long long)r->archive.edits);
    printf("evidence\t%lld\nspikes\t%lld\nalerts\t%lld\ntrends\t%lld\nlabels\t%lld\n"
           "rejected rows\t%lld\n",
           (long long)r->evidence, (long long)r->spikes, (long long)r->alerts, (long long)r->trends,
           (long long)r->labels, (long long)r->rejects);
    print_list("file that names them, not changed", r->files, r->file_count);
    if (r->files_more > 0)
        printf("further files\t%lld\n", (long long)r->files_more);
    print_places(r);
    if (r->waiting > 0)
        printf("deliveries that wait and name them\t%lld\n", (long long)r->waiting);
    if (r->archive.logs_held > 0 || r->is_log_held)
        fprintf(stderr, "a reader kept a log from being emptied: run the command again\n");
}

static bool erase_run(const struct erase_run *r, struct arena *arena, struct err *err)
{
    struct workspace *workspace = NULL;
    struct archive *archive = NULL;
    struct erase_report report = {0};
    Str data;

    if (r->is_confirmed && r->reason.len == 0)
        return err_set(err, ERR_USAGE, "--yes needs --reason: the ledger keeps it") ||
               err_hint(err, "without the name of the person, as in 'request of 2026-11-20'");
    if (!data_dir_resolve(arena, r->data, &data, err) ||
        !workspace_open(&workspace, data, r->workspace, err))
        return false;
    bool ok;
    if (!r->is_confirmed) {
        ok = erase_look(workspace, arena, r->who, r->source, &report, err);
        if (ok) {
            print_person(&report.archive);
            print_places(&report);
            fprintf(stderr, "nothing was changed; to erase them for good: --yes --reason R\n");
        }
    } else {
        ok = archive_open(&archive, workspace->posts_dir, ARCHIVE_WRITE, err) &&
             erase_author(&(struct erase_job){.workspace = workspace,
                                              .archive = archive,
                                              .who = r->who,
                                              .source = r->source,
                                              .actor = S("cli"),
                                              .reason = r->reason,
                                              .now_ms = clock_now_ms()},
                          arena, &report, err);
        if (ok)
            print_report(&report);
    }
    erase_report_deinit(&report);
    archive_close(&archive);
    workspace_close(&workspace);
    return ok;
}

int post_erase_command(int argc, char **argv)
{
    struct erase_run r = {.workspace = S("default")};
    struct arena arena;
    struct err err = {0};
    const struct cli_option options[] = {
        CLI_WORKSPACE(&r.workspace, &r.data),
        CLI_TEXT("--source", &r.source),
        CLI_TEXT("--reason", &r.reason),
        CLI_FLAG("--yes", &r.is_confirmed),
        CLI_ARGUMENT("author", &r.who, true, "trimtab post erase ann --source forum"),
    };

    arena_init(&arena, GIB);
    bool ok = cli_options_read("post erase", options, COUNT_OF(options), argc, argv, &err);
    if (r.who.len > 1 && r.who.ptr[0] == '@')
        r.who = str_sub(r.who, 1, r.who.len);
    ok = ok && erase_run(&r, &arena, &err);
    arena_deinit(&arena);
    return ok ? CLI_OK : cli_report("post erase", &err);
}
