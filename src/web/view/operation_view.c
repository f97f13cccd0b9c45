#include "web/view/operation_view.h"

#include "web/error_page.h"
#include "web/page/pages.h"
#include "web/server_priv.h"

static const char *const titles[OPERATION_KIND_COUNT] = {
    [OPERATION_REMATCH] = TR("Stored posts are matched again"),
    [OPERATION_ERASE] = TR("An author is erased"),
    [OPERATION_BACKUP] = TR("A backup is made"),
    [OPERATION_CHECK] = TR("The data is checked"),
};

/* ---- what came of it ------------------------------------------------------------------------- */

enum { FACTS_MAX = 12 };

/* The rows of the template are constant once they are in it. */
struct shown {
    struct request *req;
    struct tpl_operation *out;
    struct tpl_operation_fact *facts;
};

static void add_fact(const struct shown *s, const char *label, int64_t value)
{
    size_t *count = &s->out->facts.count;

    ASSERT(*count < FACTS_MAX);
    s->facts[(*count)++] = (struct tpl_operation_fact){
        request_tr(s->req, label),
        render_double_str(&s->req->arena, s->req->env.language, (double)value, 0, 0)};
}

static struct tpl_operation_line *lines_new(const struct shown *s, size_t count)
{
    struct tpl_operation_line *lines =
        arena_new(&s->req->arena, struct tpl_operation_line, count + 1);

    s->out->lines.items = lines;
    s->out->lines.count = count;
    return lines;
}

static void show_rematch(const struct shown *s, const struct operation_view *v)
{
    const struct restate_result *r = &v->rematch;

    s->out->summary = request_tr(s->req, TR("Stored posts were matched again."));
    add_fact(s, TR("Stored posts"), (int64_t)r->rematch.posts);
    add_fact(s, TR("Matched differently"), (int64_t)r->rematch.changed);
    add_fact(s, TR("Points restated"), (int64_t)r->points);
    add_fact(s, TR("Alerts raised"), (int64_t)r->alerts);
    add_fact(s, TR("Seconds"), (int64_t)(r->seconds + 0.5));
}

void operation_view_places(struct request *req, const struct erase_place *places, size_t count,
                           struct tpl_operation_line *lines)
{
    for (size_t i = 0; i < count; i++) {
        const struct erase_place *p = &places[i];
        struct tpl_operation_line *line = &lines[i];
        line->text = p->name;
        if (p->kind == ERASE_IN_VIEW) {
            line->label = arena_printf(&req->arena, STR_F " (" STR_F "):",
                                       STR_A(request_tr(req, TR("Saved view"))), STR_A(p->owner));
            line->link = request_url(req, "search?view=%lld", (long long)p->id);
        } else if (p->kind == ERASE_IN_WORDING) {
            line->label = arena_printf(
                &req->arena,
                STR_F " %lld:", STR_A(request_tr(req, TR("Earlier wording, which stays, version"))),
                (long long)p->version);
            line->link =
                request_url(req, "queries/" STR_F "/versions", STR_A(request_part(req, p->name)));
        } else {
            line->label = request_tr(req, TR("Query:"));
            line->link = request_url(req, "queries/" STR_F, STR_A(request_part(req, p->name)));
        }
    }
}

static void show_erase(const struct shown *s, const struct operation_view *v)
{
    struct tpl_operation *out = s->out;
    struct request *req = s->req;
    const struct erase_report *r = &v->erase;
    size_t count = r->place_count + r->file_count;

    out->summary = request_tr(req, TR("The author was erased."));
    add_fact(s, TR("Posts erased"), r->archive.erased);
    add_fact(s, TR("Posts of others changed"), r->archive.others);
    add_fact(s, TR("Earlier texts dropped"), r->archive.edits);
    add_fact(s, TR("Places in evidence"), r->evidence);
    add_fact(s, TR("In spikes, alerts, trends"), r->spikes + r->alerts + r->trends);
    add_fact(s, TR("Labels"), r->labels);
    add_fact(s, TR("Rejected rows"), r->rejects);
    if (r->waiting > 0)
        add_fact(s, TR("Deliveries that wait: erase again afterwards"), r->waiting);
    if (r->files_more > 0)
        add_fact(s, TR("Further files that name them"), (int64_t)r->files_more);
    out->lines_title = request_tr(
        req, TR("Still named here; what these say is for somebody to decide and change:"));
    struct tpl_operation_line *lines = lines_new(s, count);
    operation_view_places(req, r->places, r->place_count, lines);
    for (size_t i = 0; i < r->file_count; i++)
        lines[r->place_count + i] = (struct tpl_operation_line){
            .label = request_tr(req, TR("File:")),
            .text = str_sub(r->files[i], req->workspace->dir.len + 1, r->files[i].len)};
    if (r->is_log_held || r->archive.logs_held > 0) {
        out->summary = request_tr(req, TR("The author was erased, but somebody was reading: erase "
                                          "again, so that nothing stays in a log."));
        out->is_bad = true;
    }
}

static void show_check(const struct shown *s, const struct operation_view *v)
{
    struct tpl_operation *out = s->out;
    struct request *req = s->req;
    const struct store_check *c = &v->check;

    out->is_bad = c->count > 0;
    out->summary =
        request_tr(req, c->count > 0 ? TR("The data has faults. Restore a backup under another "
                                          "name and compare.")
                        : v->backup.len > 0 ? TR("The backup is whole.")
                                            : TR("The data is sound."));
    add_fact(s, TR("Files"), c->files);
    add_fact(s, TR("Megabytes"), (int64_t)(c->bytes / 1000000));
    add_fact(s, TR("Ledger entries verified"), c->ledger_entries);
    if (c->further > 0)
        add_fact(s, TR("Further findings"), c->further);
    out->lines_title = request_tr(req, TR("Findings:"));
    struct tpl_operation_line *lines = lines_new(s, c->count);
    for (size_t i = 0; i < c->count; i++)
        lines[i] =
            (struct tpl_operation_line){.label = c->findings[i].file, .text = c->findings[i].what};
}

static void show_result(struct request *req, enum operation_kind kind,
                        const struct operation_view *v, struct tpl_operation *out)
{
    struct shown s = {req, out, arena_new(&req->arena, struct tpl_operation_fact, FACTS_MAX)};

    out->facts.items = s.facts;
    if (kind == OPERATION_REMATCH)
        show_rematch(&s, v);
    else if (kind == OPERATION_ERASE)
        show_erase(&s, v);
    else if (kind == OPERATION_CHECK)
        show_check(&s, v);
    else {
        out->summary = request_tr(req, TR("The backup is made."));
        add_fact(&s, TR("Files"), v->made.files);
        add_fact(&s, TR("Megabytes"), (int64_t)(v->made.bytes / 1000000));
    }
}

bool operation_view_fill(struct request *req, enum operation_kind kind, struct tpl_operation *out,
                         struct err *err)
{
    struct operation_view v;
    Str name = str_from_cstr(operation_kind_name(kind));

    if (!operations_find(web_server_operations(req->server), req->workspace->slug, kind,
                         &req->arena, &v, err))
        return false;
    *out = (struct tpl_operation){
        .kind = name,
        .title = request_tr(req, titles[kind]),
        .state = str_from_cstr(operation_state_name(v.state)),
        .share = v.total > 0 ? (double)v.done / (double)v.total : 0,
        .done = (int64_t)v.done,
        .total = (int64_t)v.total,
        .counts_posts = kind == OPERATION_REMATCH,
        .counts_bytes = kind == OPERATION_BACKUP || kind == OPERATION_CHECK,
        .rate = kind == OPERATION_REMATCH ? v.rate : v.rate / 1e6,
        .seconds_left = v.seconds_left,
        .has_left = v.seconds_left >= 0,
        .is_finishing = v.total > 0 && v.done == v.total,
        .at = v.finished_ms,
        .stop = kind == OPERATION_ERASE
                    ? STR_NONE
                    : request_url(req, "operations/" STR_F "/stop", STR_A(name)),
        .csrf = page_csrf(req),
    };
    if (v.state == OPERATION_DONE)
        show_result(req, kind, &v, out);
    if (v.state == OPERATION_FAILED) {
        out->problem = error_sentence(req, &v.problem);
        out->hint = error_hint(req, &v.problem);
    }
    return true;
}

bool operation_view_begin(struct request *req, struct operation_wish wish, struct err *err)
{
    wish.workspace = req->workspace->slug;
    wish.actor = request_actor(req);
    return operations_begin(web_server_operations(req->server), &wish, err);
}

bool page_operation_stop_send(struct request *req, struct err *err)
{
    Str name = request_capture(req, S("kind"));

    for (int kind = 0; kind < OPERATION_KIND_COUNT; kind++) {
        if (!str_eq(name, str_from_cstr(operation_kind_name((enum operation_kind)kind))))
            continue;
        if (kind != OPERATION_REMATCH && !request_may(req, MAY_MANAGE))
            return err_set(err, ERR_DENIED, "only an administrator may stop this");
        operations_cancel(web_server_operations(req->server), req->workspace->slug,
                          (enum operation_kind)kind);
        return request_redirect(req,
                                request_url(req, kind == OPERATION_REMATCH ? "queries" : "data"));
    }
    return err_set(err, ERR_NOT_FOUND, "there is no such operation");
}

/* ---- JSON ------------------------------------------------------------------------------------ */

void operation_view_put_places(struct json_writer *w, const struct erase_place *places,
                               size_t count)
{
    json_set_array(w, "named_in");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(w);
        json_set_str(w, "kind", str_from_cstr(erase_place_name(places[i].kind)));
        json_set_i64(w, "id", places[i].id);
        json_set_str(w, "name", places[i].name);
        if (places[i].kind == ERASE_IN_VIEW)
            json_set_str(w, "owner", places[i].owner);
        else
            json_set_i64(w, "version", places[i].version);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_erase(struct request *req, struct json_writer *w, const struct erase_report *r)
{
    json_set_i64(w, "posts", r->archive.erased);
    json_set_i64(w, "posts_of_others", r->archive.others);
    json_set_i64(w, "earlier_texts", r->archive.edits);
    json_set_i64(w, "evidence", r->evidence);
    json_set_i64(w, "spikes", r->spikes);
    json_set_i64(w, "alerts", r->alerts);
    json_set_i64(w, "trends", r->trends);
    json_set_i64(w, "labels", r->labels);
    json_set_i64(w, "rejected_rows", r->rejects);
    json_set_i64(w, "deliveries_waiting", r->waiting);
    json_set_bool(w, "is_log_held", r->is_log_held || r->archive.logs_held > 0);
    operation_view_put_places(w, r->places, r->place_count);
    json_set_array(w, "files");
    for (size_t i = 0; i < r->file_count; i++)
        json_put_str(w, str_sub(r->files[i], req->workspace->dir.len + 1, r->files[i].len));
    json_end_array(w);
    json_set_i64(w, "files_more", (int64_t)r->files_more);
}

static void put_check(struct json_writer *w, const struct operation_view *v)
{
    const struct store_check *c = &v->check;

    if (v->backup.len > 0)
        json_set_str(w, "backup", v->backup);
    json_set_i64(w, "files", c->files);
    json_set_i64(w, "bytes", (int64_t)c->bytes);
    json_set_i64(w, "ledger_entries", c->ledger_entries);
    json_set_array(w, "findings");
    for (size_t i = 0; i < c->count; i++) {
        json_begin_object(w);
        json_set_str(w, "file", c->findings[i].file);
        json_set_str(w, "what", c->findings[i].what);
        json_end_object(w);
    }
    json_end_array(w);
    json_set_i64(w, "findings_more", c->further);
}

static void put_result(struct request *req, enum operation_kind kind,
                       const struct operation_view *v, struct json_writer *w)
{
    json_set_object(w, "result");
    if (kind == OPERATION_REMATCH) {
        json_set_i64(w, "posts", (int64_t)v->rematch.rematch.posts);
        json_set_i64(w, "changed", (int64_t)v->rematch.rematch.changed);
        json_set_i64(w, "points", (int64_t)v->rematch.points);
        json_set_i64(w, "spikes", (int64_t)v->rematch.spikes);
        json_set_i64(w, "alerts", (int64_t)v->rematch.alerts);
        json_set_f64(w, "seconds", v->rematch.seconds);
    } else if (kind == OPERATION_ERASE) {
        put_erase(req, w, &v->erase);
    } else if (kind == OPERATION_CHECK) {
        put_check(w, v);
    } else {
        json_set_str(w, "name", v->made.name);
        json_set_i64(w, "files", v->made.files);
        json_set_i64(w, "bytes", (int64_t)v->made.bytes);
    }
    json_end_object(w);
}

bool operation_view_put(struct request *req, enum operation_kind kind, struct json_writer *w,
                        struct err *err)
{
    struct operation_view v;

    if (!operations_find(web_server_operations(req->server), req->workspace->slug, kind,
                         &req->arena, &v, err))
        return false;
    json_set_str(w, "state", str_from_cstr(operation_state_name(v.state)));
    json_set_i64(w, "done", (int64_t)v.done);
    json_set_i64(w, "total", (int64_t)v.total);
    json_set_f64(w, "rate", v.rate);
    json_set_f64(w, "seconds_left", v.seconds_left);
    if (v.state == OPERATION_FAILED)
        json_set_str(w, "problem", error_sentence(req, &v.problem));
    if (v.state == OPERATION_DONE)
        put_result(req, kind, &v, w);
    return true;
}
