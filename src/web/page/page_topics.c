/* page_topics.c - the topic map: affinity, priority and position of every topic at one glance. */
#include <math.h>
#include <stdio.h>

#include "strategy/rating/rating.h"
#include "web/page/pages.h"
#include "web/view/chart.h"
#include "web/view/strategy_view.h"

static int priority_height(enum priority priority)
{
    return priority == PRIORITY_A ? 3 : priority == PRIORITY_B ? 2 : priority == PRIORITY_C ? 1 : 0;
}

/* -1 stands left of the scale. */
static int64_t shown_affinity(const struct topic *topic)
{
    if (topic->affinity >= 0)
        return topic->affinity;
    return topic->proposal ? topic->proposal->affinity : -1;
}

static bool topic_differs(const struct topic *topic)
{
    const struct topic_proposal *p = topic->proposal;

    return p && topic->affinity >= 0 && p->affinity >= 0 && p->affinity != topic->affinity;
}

static enum standing shown_standing(const struct topic *topic)
{
    if (topic->standing != STANDING_UNSET)
        return topic->standing;
    return topic->proposal ? topic->proposal->standing : STANDING_UNSET;
}

static const char *standing_color(enum standing standing)
{
    return standing == STANDING_LEADING  ? "c1"
           : standing == STANDING_EQUAL  ? "c3"
           : standing == STANDING_WEAKER ? "c4"
                                         : "c8";
}

static void put_words(struct json_writer *w, const char *key, Str label, int least, int most)
{
    json_set_object(w, key);
    json_set_str(w, "label", label);
    json_set_f64(w, "min", least - 0.5);
    json_set_f64(w, "max", most + 0.5);
    json_set_object(w, "words");
}

static void put_axes(struct request *req, const struct strategy_view *view, struct json_writer *w)
{
    static const char *const names[] = {"", "C", "B", "A"};
    char key[8];

    put_words(w, "x", request_tr(req, TR("Affinity")), -1, 4);
    json_set_str(w, "-1", request_tr(req, TR("not rated")));
    for (int i = 0; i <= 4; i++) {
        (void)snprintf(key, sizeof key, "%d", i);
        json_set_str(w, key, strategy_affinity(req, view, i));
    }
    json_end_object(w);
    json_end_object(w);
    put_words(w, "y", request_tr(req, TR("Priority")), 0, 3);
    json_set_str(w, "0", request_tr(req, TR("none")));
    for (int i = 1; i <= 3; i++) {
        (void)snprintf(key, sizeof key, "%d", i);
        json_set_str(w, key, str_from_cstr(names[i]));
    }
    json_end_object(w);
    json_end_object(w);
}

static void put_row(struct json_writer *w, Str name, Str value)
{
    json_begin_object(w);
    json_set_str(w, "name", name);
    json_set_str(w, "value", value);
    json_end_object(w);
}

static void put_bubble(struct request *req, const struct strategy_view *view, struct json_writer *w,
                       const struct topic *t)
{
    const struct topic_proposal *p = t->proposal;
    enum standing standing = shown_standing(t);
    Str standing_text = strategy_word(view, "standing", &words_standing, (int)standing);

    json_begin_object(w);
    json_set_str(w, "name", t->name);
    json_set_i64(w, "x", shown_affinity(t));
    json_set_i64(w, "y", priority_height(t->priority));
    json_set_i64(w, "size", p ? p->mentions : 0);
    json_set_str(w, "color", str_from_cstr(standing_color(standing)));
    json_set_str(w, "link", request_url(req, "topics/" STR_F, STR_A(t->id)));
    json_set_array(w, "rows");
    put_row(w, request_tr(req, TR("Affinity")), strategy_affinity(req, view, shown_affinity(t)));
    put_row(w, request_tr(req, TR("Against competition")),
            standing_text.len > 0 ? standing_text : S("–"));
    put_row(w, request_tr(req, TR("Posts")),
            p ? render_double_str(&req->arena, req->env.language, (double)p->mentions, 0, 0)
              : S("–"));
    json_end_array(w);
    if (t->affinity < 0 && p)
        json_set_str(w, "note", request_tr(req, TR("Proposed, not confirmed")));
    json_end_object(w);
}

static struct tpl_chart make_map(struct request *req, const struct strategy_view *view)
{
    struct chart chart;

    chart_begin(&chart, req, "bubble", request_tr(req, TR("Topics by affinity and priority")),
                request_tr(req, TR("Topic")));
    chart_size(&chart, "tall");
    chart_legend(&chart, request_tr(req, TR("leading")), "leading");
    chart_legend(&chart, request_tr(req, TR("equal")), "equal");
    chart_legend(&chart, request_tr(req, TR("weaker")), "weaker");
    chart_legend(&chart, request_tr(req, TR("not rated")), "unset");
    chart_column(&chart, request_tr(req, TR("Affinity")), false);
    chart_column(&chart, request_tr(req, TR("Priority")), false);
    chart_column(&chart, request_tr(req, TR("Posts")), true);
    put_axes(req, view, &chart.json);
    json_set_array(&chart.json, "items");
    for (size_t i = 0; i < view->model.topics.count; i++) {
        const struct topic *t = &view->model.topics.items[i];
        put_bubble(req, view, &chart.json, t);
        chart_row(&chart, t->name, request_url(req, "topics/" STR_F, STR_A(t->id)));
        chart_cell(&chart, strategy_affinity(req, view, shown_affinity(t)), false, STR_NONE);
        chart_cell(&chart, word_of(&words_priority, (int)t->priority), false, STR_NONE);
        chart_cell_number(&chart, t->proposal ? (double)t->proposal->mentions : (double)NAN, 0, 0);
    }
    json_end_array(&chart.json);
    chart_note(&chart, request_tr(req, TR("Affinity 0 to 4 by published thresholds; unconfirmed "
                                          "proposals are shown where they would lie.")));
    return *chart_end(&chart);
}

static int64_t option_count(const struct strategy_view *view, Str topic)
{
    int64_t count = 0;

    for (size_t i = 0; i < view->model.options.count; i++)
        count += str_eq(view->model.options.items[i].topic, topic);
    return count;
}

static void set_state(struct request *req, const struct topic *t, struct tpl_topics_topic *row)
{
    if (t->affinity >= 0) {
        row->differs = topic_differs(t);
        row->state_word = row->differs ? S("drift") : S("confirmed");
        row->state =
            row->differs ? request_tr(req, TR("look again")) : request_tr(req, TR("confirmed"));
    } else if (t->proposal) {
        row->state_word = S("amber");
        row->state = request_tr(req, TR("proposal"));
    } else {
        row->state_word = S("none");
        row->state = request_tr(req, TR("not measured"));
    }
}

static struct tpl_topics_topic topic_row(struct request *req, const struct strategy_view *view,
                                         const struct topic *t)
{
    const struct topic_proposal *p = t->proposal;
    enum standing standing = shown_standing(t);
    struct tpl_topics_topic row = {
        .name = t->name,
        .link = request_url(req, "topics/" STR_F, STR_A(t->id)),
        .parent = t->parent.len > 0 ? model_label(&view->model, OBJECT_TOPIC, t->parent) : STR_NONE,
        .priority = word_of(&words_priority, (int)t->priority),
        .affinity = strategy_affinity(req, view, t->affinity),
        .affinity_value = t->affinity,
        .proposed = p ? strategy_affinity(req, view, p->affinity) : STR_NONE,
        .standing = strategy_word(view, "standing", &words_standing, (int)standing),
        .standing_word = word_of(&words_standing, (int)standing),
        .position = strategy_word(view, "position", &words_position, (int)t->position),
        .holder =
            t->holder.len > 0 ? model_label(&view->model, OBJECT_COMPETITOR, t->holder) : STR_NONE,
        .mentions = p ? p->mentions : 0,
        .is_measured = p != NULL,
        .posts = request_url(req, "search?query=" STR_F, STR_A(t->query)),
        .options = option_count(view, t->id),
        .options_link = request_url(req, "options#topic-" STR_F, STR_A(t->id)),
    };

    set_state(req, t, &row);
    return row;
}

bool page_topics(struct request *req, struct err *err)
{
    struct strategy_view *view = arena_new(&req->arena, struct strategy_view, 1);

    if (!strategy_view_read(req, view, err))
        return false;
    size_t count = view->model.topics.count;
    struct tpl_topics_topic *rows = arena_new(&req->arena, struct tpl_topics_topic, count + 1);
    struct tpl_topics c = {
        .total = (int64_t)count,
        .map = make_map(req, view),
        .may_edit = request_may(req, MAY_EDIT_MODEL),
        .csrf = page_csrf(req),
        .add = request_url(req, "topics/new"),
    };
    for (size_t i = 0; i < count; i++) {
        const struct topic *t = &view->model.topics.items[i];
        rows[i] = topic_row(req, view, t);
        c.confirmed += t->affinity >= 0;
        c.proposed += t->affinity < 0 && t->proposal;
        c.drifted += topic_differs(t);
    }
    c.topics.items = rows;
    c.topics.count = count;
    struct page_head head = {.current = "topics", .title = TR("Topics")};
    strategy_steps(req, view, 4, &head);
    PAGE(req, &head, topics, &c);
    return true;
}
