/* page_options.c - the big picture: every option by topic and by the position it could win. */
#include <stdlib.h>

#include "strategy/method/check.h"
#include "strategy/rating/rating.h"
#include "web/error_page.h"
#include "web/page/pages.h"
#include "web/view/strategy_view.h"

enum { RATING_COUNT = STANDING_WEAKER + 1 };

/* Columns from left to right. */
static const enum standing columns[RATING_COUNT] = {STANDING_LEADING, STANDING_EQUAL,
                                                    STANDING_WEAKER, STANDING_UNSET};

/* A change of rating that was refused: what was typed stays in the form of its option. */
struct refusal {
    Str option, problem, rating, reason;
    bool is_bad_reason;
};

struct board {
    struct request *req;
    struct strategy_view view;
    Str topic, kind, version; /* what is shown only; empty: all. version "-": in none */
    Str filter;               /* the same as the query of an address, "" or "?..." */
    struct refusal refusal;   /* option empty: none */
    Str open;                 /* option whose form is open */
    struct tpl_options page;
    double benefits[RATING_COUNT]; /* of what is shown, by column */
    int64_t counts[RATING_COUNT];
};

/* ---- filter ---- */

static bool option_is_shown(const struct board *b, const struct strategy_option *o)
{
    const struct strategy_model *model = &b->view.model;

    if ((b->topic.len > 0 && !str_eq(o->topic, b->topic)) ||
        (b->kind.len > 0 && !str_eq(word_of(&words_option_kind, (int)o->kind), b->kind)))
        return false;
    if (b->version.len == 0)
        return true;
    if (!str_eq(b->version, S("-")))
        return version_has(model_version(model, b->version), o->id);
    for (size_t i = 0; i < model->versions.count; i++)
        if (version_has(&model->versions.items[i], o->id))
            return false;
    return true;
}

/* What names nothing is left out, so that an old address still shows the board. */
static void read_filter(struct board *b)
{
    struct request *req = b->req;
    int ignored;

    b->topic = request_query(req, S("topic"));
    b->kind = request_query(req, S("kind"));
    b->version = request_query(req, S("version"));
    b->open = request_query(req, S("open"));
    if (!model_topic(&b->view.model, b->topic))
        b->topic = STR_NONE;
    if (!word_find(&words_option_kind, b->kind, &ignored))
        b->kind = STR_NONE;
    if (!str_eq(b->version, S("-")) && !model_version(&b->view.model, b->version))
        b->version = STR_NONE;
    b->page.is_filtered = b->topic.len + b->kind.len + b->version.len > 0;
    if (b->page.is_filtered)
        b->filter = arena_printf(&req->arena, "?topic=" STR_F "&kind=" STR_F "&version=" STR_F,
                                 STR_A(b->topic), STR_A(b->kind), STR_A(b->version));
}

struct choice_list {
    struct tpl_options_choice *items;
    size_t count;
    Str chosen;
};

static void choice_begin(struct board *b, struct choice_list *list, size_t most, Str chosen)
{
    *list = (struct choice_list){
        .items = arena_new(&b->req->arena, struct tpl_options_choice, most), .chosen = chosen};
}

static void choice_add(struct choice_list *list, Str value, Str label)
{
    list->items[list->count++] =
        (struct tpl_options_choice){value, label, str_eq(value, list->chosen)};
}

static void fill_filter(struct board *b)
{
    const struct strategy_model *model = &b->view.model;
    Str all = request_tr(b->req, TR("All"));
    struct choice_list list;

    choice_begin(b, &list, model->topics.count + 1, b->topic);
    choice_add(&list, STR_NONE, all);
    for (size_t i = 0; i < model->topics.count; i++)
        choice_add(&list, model->topics.items[i].id, model->topics.items[i].name);
    b->page.topic_choices.items = list.items;
    b->page.topic_choices.count = list.count;

    choice_begin(b, &list, words_option_kind.count + 1, b->kind);
    choice_add(&list, STR_NONE, all);
    for (int i = 0; i < (int)words_option_kind.count; i++)
        choice_add(&list, word_of(&words_option_kind, i),
                   strategy_word(&b->view, "option_kind", &words_option_kind, i));
    b->page.kind_choices.items = list.items;
    b->page.kind_choices.count = list.count;

    choice_begin(b, &list, model->versions.count + 2, b->version);
    choice_add(&list, STR_NONE, request_tr(b->req, TR("any or none")));
    for (size_t i = 0; i < model->versions.count; i++)
        choice_add(&list, model->versions.items[i].id, model->versions.items[i].name);
    if (model->versions.count > 0)
        choice_add(&list, S("-"), request_tr(b->req, TR("no alternative")));
    b->page.version_choices.items = list.items;
    b->page.version_choices.count = list.count;
}

/* ---- a card ---- */

static Str rating_name(const struct board *b, enum standing rating)
{
    return rating == STANDING_UNSET
               ? request_tr(b->req, TR("Not rated"))
               : strategy_word(&b->view, "standing", &words_standing, (int)rating);
}

/* In forms and scripts the column without a rating needs a word too. */
static Str rating_word(enum standing rating)
{
    return rating == STANDING_UNSET ? S("none") : word_of(&words_standing, (int)rating);
}

static int64_t shown_affinity(const struct topic *t)
{
    if (t->affinity >= 0)
        return t->affinity;
    return t->proposal ? t->proposal->affinity : -1;
}

static bool format_is_too_much(const struct board *b, const struct strategy_option *o,
                               const struct topic *t)
{
    return t && shown_affinity(t) >= 0 &&
           shown_affinity(t) < b->view.method->steering.format_affinity[o->format];
}

static void fill_warnings(struct board *b, const struct strategy_option *o, const struct topic *t,
                          struct tpl_options_option *card)
{
    bool is_too_much = format_is_too_much(b, o, t);

    if (is_too_much && o->format_reason.len > 0)
        card->format_reason = o->format_reason;
    else if (is_too_much) {
        card->format = strategy_word(&b->view, "format", &words_format, (int)o->format);
        card->affinity_needed = b->view.method->steering.format_affinity[o->format];
        card->affinity = shown_affinity(t);
    }
    card->has_no_rivals = !topic_has_rivals_recorded(&b->view.model, o->topic);
}

static void fill_versions(struct board *b, const struct strategy_option *o,
                          struct tpl_options_option *card)
{
    const struct strategy_model *model = &b->view.model;

    struct tpl_options_version *items =
        arena_new(&b->req->arena, struct tpl_options_version, model->versions.count + 1);
    size_t count = 0;

    for (size_t i = 0; i < model->versions.count; i++) {
        const struct strategy_version *v = &model->versions.items[i];
        if (version_has(v, o->id))
            items[count++] = (struct tpl_options_version){v->name, v->state == VERSION_ADOPTED};
    }
    card->versions.items = items;
    card->versions.count = count;
}

/* "425 k EUR": a card has room for the size, its title for the amounts. Empty for nothing. */
static Str short_money(const struct board *b, double amount, bool has_currency)
{
    const struct company *company = model_company(&b->view.model);
    double unit = amount >= 1e7 ? 1e6 : amount >= 1e4 ? 1e3 : 1;
    Str number = render_double_str(&b->req->arena, b->req->env.language, amount / unit,
                                   unit >= 1e6 ? 1 : 0, 0);

    if (amount <= 0)
        return STR_NONE;
    return arena_printf(&b->req->arena, STR_F "%s%s" STR_F, STR_A(number),
                        unit >= 1e6 ? "\u00a0M"
                        : unit > 1  ? "\u00a0k"
                                    : "",
                        has_currency ? "\u00a0" : "",
                        STR_A(!has_currency ? STR_NONE
                              : company     ? company->currency
                                            : S("EUR")));
}

static Str money_range(const struct board *b, const struct three_point *p)
{
    return arena_printf(&b->req->arena, STR_F " – " STR_F,
                        STR_A(strategy_money(b->req, &b->view, p->low)),
                        STR_A(strategy_money(b->req, &b->view, p->high)));
}

static void fill_form(struct board *b, const struct strategy_option *o,
                      struct tpl_options_option *card)
{
    const struct refusal *refusal = &b->refusal;
    bool is_refused = refusal->option.len > 0 && str_eq(refusal->option, o->id);
    struct choice_list list;

    choice_begin(b, &list, RATING_COUNT, is_refused ? refusal->rating : rating_word(o->rating));
    for (int i = 0; i < RATING_COUNT; i++)
        choice_add(&list, rating_word(columns[i]), rating_name(b, columns[i]));
    card->ratings.items = list.items;
    card->ratings.count = list.count;
    card->is_open = is_refused || str_eq(b->open, o->id);
    if (is_refused) {
        card->problem = refusal->problem;
        card->reason = refusal->reason;
        card->is_bad_reason = refusal->is_bad_reason;
    }
}

static struct tpl_options_option card_of(struct board *b, const struct strategy_option *o,
                                         const struct topic *t)
{
    struct request *req = b->req;
    struct tpl_options_option card = {
        .id = o->id,
        .name = o->name,
        .link = request_url(req, "edit/option/" STR_F, STR_A(o->id)),
        .kind = strategy_word(&b->view, "option_kind", &words_option_kind, (int)o->kind),
        .text = o->text,
        .benefit = short_money(b, o->benefit.likely, true),
        .benefit_range = money_range(b, &o->benefit),
        .effort = short_money(b, o->effort.likely, false),
        .effort_range = money_range(b, &o->effort),
        .running = short_money(b, o->running.likely, false),
        .durability =
            o->durability == DURABILITY_NONE
                ? STR_NONE
                : strategy_word(&b->view, "durability", &words_durability, (int)o->durability),
        .must = o->must,
        .must_not = o->must_not,
        .rating = word_of(&words_standing, (int)o->rating),
        .rating_reason = o->rating_reason,
        .action =
            request_url(req, "options/" STR_F "/rating" STR_F, STR_A(o->id), STR_A(b->filter)),
        .revision = o->revision,
    };

    fill_warnings(b, o, t, &card);
    fill_versions(b, o, &card);
    fill_form(b, o, &card);
    return card;
}

/* ---- a topic ---- */

static void fill_cell(struct board *b, const struct topic *t, int column,
                      struct tpl_options_cell *cell)
{
    const struct strategy_model *model = &b->view.model;
    struct tpl_options_option *cards =
        arena_new(&b->req->arena, struct tpl_options_option, model->options.count + 1);
    size_t count = 0;

    for (size_t i = 0; i < model->options.count; i++) {
        const struct strategy_option *o = &model->options.items[i];
        if (!str_eq(o->topic, t->id) || o->rating != columns[column] || !option_is_shown(b, o))
            continue;
        cards[count++] = card_of(b, o, t);
        b->benefits[column] += o->benefit.likely;
        b->counts[column]++;
    }
    cell->rating = word_of(&words_standing, (int)columns[column]);
    cell->name = rating_name(b, columns[column]);
    cell->options.items = cards;
    cell->options.count = count;
}

static void fill_cells(struct board *b, const struct topic *t, struct tpl_options_topic *row)
{
    struct tpl_options_cell *cells =
        arena_new(&b->req->arena, struct tpl_options_cell, RATING_COUNT);

    for (int c = 0; c < RATING_COUNT; c++)
        fill_cell(b, t, c, &cells[c]);
    row->cells.items = cells;
    row->cells.count = RATING_COUNT;
}

static int64_t activities_in(const struct strategy_model *model, Str topic)
{
    int64_t count = 0;

    for (size_t i = 0; i < model->activities.count; i++)
        count += str_eq(model->activities.items[i].topic, topic);
    return count;
}

static enum position_state shown_position(const struct topic *t)
{
    if (t->position != POSITION_UNSET)
        return t->position;
    return t->proposal ? t->proposal->position : POSITION_UNSET;
}

static struct tpl_options_topic row_of(struct board *b, const struct topic *t)
{
    struct request *req = b->req;
    enum position_state position = shown_position(t);
    bool is_proposed = t->position == POSITION_UNSET && position != POSITION_UNSET;
    Str holder = is_proposed ? t->proposal->holder : t->holder;
    struct tpl_options_topic row = {
        .id = t->id,
        .name = t->name,
        .link = request_url(req, "topics/" STR_F, STR_A(t->id)),
        .priority = word_of(&words_priority, (int)t->priority),
        .affinity = strategy_affinity(req, &b->view, shown_affinity(t)),
        .is_affinity_proposed = t->affinity < 0 && shown_affinity(t) >= 0,
        .position = strategy_word(&b->view, "position", &words_position, (int)position),
        .position_word = word_of(&words_position, (int)position),
        .is_position_proposed = is_proposed,
        .holder = position == POSITION_OCCUPIED && holder.len > 0
                      ? model_label(&b->view.model, OBJECT_COMPETITOR, holder)
                      : STR_NONE,
        .activities = activities_in(&b->view.model, t->id),
        .none_found = t->no_competitor_found,
        .add_activity = request_url(req, "edit/activity/new?topic=" STR_F, STR_A(t->id)),
        .add = request_url(req, "edit/option/new?topic=" STR_F, STR_A(t->id)),
    };

    fill_cells(b, t, &row);
    return row;
}

/* Priority, then affinity, then as entered: ids break ties so that the order never jumps. */
static int compare_topics(const void *a, const void *b)
{
    const struct topic *x = *(const struct topic *const *)a, *y = *(const struct topic *const *)b;
    int px = x->priority == PRIORITY_UNSET ? PRIORITY_C + 1 : (int)x->priority;
    int py = y->priority == PRIORITY_UNSET ? PRIORITY_C + 1 : (int)y->priority;

    if (px != py)
        return px - py;
    if (shown_affinity(x) != shown_affinity(y))
        return shown_affinity(x) > shown_affinity(y) ? -1 : 1;
    return str_cmp(x->id, y->id);
}

/* Rows: topics with something to show, and single topics still without an option. */
static bool topic_is_shown(const struct board *b, const struct topic *t)
{
    bool has_any = false;

    for (size_t i = 0; i < b->view.model.options.count; i++) {
        const struct strategy_option *o = &b->view.model.options.items[i];
        if (!str_eq(o->topic, t->id))
            continue;
        if (option_is_shown(b, o))
            return true;
        has_any = true;
    }
    if (b->topic.len > 0)
        return str_eq(b->topic, t->id) && b->kind.len == 0 && b->version.len == 0;
    return !has_any && t->size == TOPIC_SINGLE && !b->page.is_filtered;
}

static void fill_rows(struct board *b)
{
    const struct strategy_model *model = &b->view.model;
    const struct topic **order =
        arena_new(&b->req->arena, const struct topic *, model->topics.count + 1);
    size_t count = 0;

    for (size_t i = 0; i < model->topics.count; i++)
        if (topic_is_shown(b, &model->topics.items[i]))
            order[count++] = &model->topics.items[i];
    if (count > 1)
        qsort(order, count, sizeof(struct topic *), compare_topics);
    struct tpl_options_topic *rows = arena_new(&b->req->arena, struct tpl_options_topic, count + 1);
    for (size_t i = 0; i < count; i++)
        rows[i] = row_of(b, order[i]);
    b->page.topics.items = rows;
    b->page.topics.count = count;
}

/* ---- the head ---- */

static void count_topic(struct board *b, const struct topic *t)
{
    const struct strategy_model *model = &b->view.model;
    bool has_leading = false, has_any = false;

    for (size_t i = 0; i < model->options.count; i++) {
        const struct strategy_option *o = &model->options.items[i];
        if (!str_eq(o->topic, t->id))
            continue;
        has_any = true;
        has_leading = has_leading || o->rating == STANDING_LEADING;
    }
    b->page.topic_total += has_any || t->size == TOPIC_SINGLE;
    b->page.leading_topics += has_leading;
    b->page.open_positions += shown_position(t) == POSITION_OPEN;
    b->page.open_led += shown_position(t) == POSITION_OPEN && has_leading;
    b->page.occupied += shown_position(t) == POSITION_OCCUPIED;
    b->page.occupied_with += shown_position(t) == POSITION_OCCUPIED && has_any;
}

static void fill_columns(struct board *b)
{
    struct tpl_options_column *items =
        arena_new(&b->req->arena, struct tpl_options_column, RATING_COUNT);

    for (int c = 0; c < RATING_COUNT; c++) {
        items[c] = (struct tpl_options_column){
            .rating = word_of(&words_standing, (int)columns[c]),
            .name = rating_name(b, columns[c]),
            .count = b->counts[c],
            .benefit =
                b->benefits[c] > 0 ? strategy_money(b->req, &b->view, b->benefits[c]) : STR_NONE,
        };
        b->page.shown += b->counts[c];
        b->page.has_unrated =
            b->page.has_unrated || (columns[c] == STANDING_UNSET && b->counts[c] > 0);
    }
    b->page.columns.items = items;
    b->page.columns.count = RATING_COUNT;
}

static void fill_head(struct board *b)
{
    const struct strategy_model *model = &b->view.model;
    struct request *req = b->req;

    for (size_t i = 0; i < model->topics.count; i++)
        count_topic(b, &model->topics.items[i]);
    for (size_t i = 0; i < model->options.count; i++) {
        const struct strategy_option *o = &model->options.items[i];
        b->page.unrated += o->rating == STANDING_UNSET;
        b->page.warned +=
            !topic_has_rivals_recorded(model, o->topic) ||
            (o->format_reason.len == 0 && format_is_too_much(b, o, model_topic(model, o->topic)));
    }
    for (size_t i = 0; i < b->view.gate_count; i++)
        if (b->view.gates[i].step == 5 && b->view.gates[i].state == GATE_OPEN) {
            b->page.missing.items = b->view.gates[i].missing.items;
            b->page.missing.count = b->view.gates[i].missing.count;
        }
    b->page.total = (int64_t)model->options.count;
    b->page.has_topics = model->topics.count > 0;
    b->page.may_edit = request_may(req, MAY_EDIT_MODEL);
    b->page.csrf = page_csrf(req);
    b->page.here = request_url(req, "options");
    b->page.add = b->topic.len > 0
                      ? request_url(req, "edit/option/new?topic=" STR_F, STR_A(b->topic))
                      : request_url(req, "edit/option/new");
    b->page.alternatives = request_url(req, "versions");
    b->page.topics_link = request_url(req, "topics");
}

static bool show_board(struct board *b)
{
    struct page_head head = {.current = "options", .title = TR("Options")};

    fill_head(b);
    fill_filter(b);
    fill_rows(b);
    fill_columns(b);
    strategy_steps(b->req, &b->view, 5, &head);
    PAGE(b->req, &head, options, &b->page);
    return true;
}

static bool read_board(struct request *req, struct board **out, struct err *err)
{
    struct board *b = arena_new(&req->arena, struct board, 1);

    b->req = req;
    if (!strategy_view_read(req, &b->view, err))
        return false;
    read_filter(b);
    *out = b;
    return true;
}

bool page_options(struct request *req, struct err *err)
{
    struct board *b;

    return read_board(req, &b, err) && show_board(b);
}

/* ---- changing a rating ---- */

/* False: refused, in `problem`. */
static bool save_rating(struct board *b, const struct strategy_option *option, struct err *problem)
{
    struct request *req = b->req;
    struct refusal *typed = &b->refusal;
    struct change change = strategy_change(req, typed->reason);
    struct strategy_option changed = *option;
    int rating = STANDING_UNSET;

    if (!str_eq(typed->rating, S("none")) && !word_find(&words_standing, typed->rating, &rating))
        return err_set(problem, ERR_INPUT, "rating: '" STR_F "' is no rating",
                       STR_A(typed->rating));
    typed->is_bad_reason = typed->reason.len == 0;
    if (typed->is_bad_reason)
        return err_set(problem, ERR_INPUT, "a rating needs its reason");
    changed.revision = 0;
    (void)!str_to_i64(request_form(req, S("revision")), &changed.revision);
    if (changed.revision <= 0)
        return err_set(problem, ERR_INPUT, "revision: the form was not complete");
    changed.rating = (enum standing)rating;
    changed.rating_reason = typed->reason;
    return option_put(req->workspace->state, &change, &changed, problem);
}

static Str refusal_text(struct request *req, const struct refusal *typed, const struct err *problem)
{
    if (typed->is_bad_reason)
        return request_tr(req, TR("A rating needs its reason: what makes it better or worse than "
                                  "what competitors do?"));
    if (problem->code == ERR_CONFLICT)
        return request_tr(req, TR("Somebody changed this option meanwhile. The card shows how it "
                                  "is now; save again if your rating still holds."));
    return error_sentence(req, problem);
}

bool page_option_rating_send(struct request *req, struct err *err)
{
    Str id = request_capture(req, S("option"));
    struct err problem = {0};
    struct board *b;

    if (!read_board(req, &b, err))
        return false;
    const struct strategy_option *option = model_option(&b->view.model, id);
    if (!option)
        return err_set(err, ERR_NOT_FOUND, "there is no option '" STR_F "'", STR_A(id));
    b->refusal = (struct refusal){.option = option->id,
                                  .rating = request_form(req, S("rating")),
                                  .reason = request_form(req, S("reason"))};
    if (save_rating(b, option, &problem))
        return request_redirect_notice(
            req,
            request_url(req, "options" STR_F "#option-" STR_F, STR_A(b->filter), STR_A(option->id)),
            request_tr(req, TR("The rating is saved and in the ledger.")));
    if (problem.code != ERR_INPUT && problem.code != ERR_CONFLICT) {
        *err = problem;
        return false;
    }
    b->refusal.problem = refusal_text(req, &b->refusal, &problem);
    req->status = status_of(problem.code);
    return show_board(b);
}
