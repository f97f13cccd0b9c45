/* Volume is judged against the median of the workspace's topics, so all of them are measured before
 * the first is proposed. */
#include "flow/rate_topics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/wording.h"
#include "format/json.h"
#include "format/number.h"
#include "format/time.h"
#include "listen/measure/topic_measure.h"
#include "listen/standing_query.h"
#include "signal/evidence.h"

enum { MEASURES_BYTES_MAX = 16384, NAME_BYTES_MAX = 1024, PARTIES_MAX = SHARE_PARTIES_MAX };

struct rater {
    struct arena *arena;
    struct workspace *workspace;
    const struct method *method;
    const struct change *change;
    struct strategy_model model;
    struct archive *archive;
    int64_t from_ms, to_ms;
    struct topic_party parties[PARTIES_MAX];
    Str party_ids[PARTIES_MAX]; /* competitor ids; empty for the own brand */
    size_t party_count;
    Str *handles;
    size_t handle_count;
    double median_volume;
    struct rate_counts *counts;
};

/* A topic with its measures. */
struct measured_topic {
    const struct topic *topic;
    int64_t query;
    struct topic_measures measures;
};

static bool query_id(struct rater *r, Str name, int64_t *id)
{
    struct standing_query query;
    struct err ignored = {0};

    if (name.len == 0 ||
        !standing_query_find(r->arena, r->workspace->state, name, &query, &ignored))
        return false;
    *id = query.id;
    return true;
}

static void add_party(struct rater *r, Str competitor, Str label, Str query, bool is_own)
{
    int64_t id;

    if (r->party_count == PARTIES_MAX || !query_id(r, query, &id))
        return;
    r->party_ids[r->party_count] = competitor;
    r->parties[r->party_count++] = (struct topic_party){id, label, is_own};
}

/* Accounts that speak for a brand carry its name as their handle. */
static void add_handle(struct rater *r, Str name)
{
    Str folded = arena_str(r->arena, name);
    char *bytes = arena_new(r->arena, char, name.len + 1);

    for (size_t i = 0; i < name.len; i++)
        bytes[i] = folded.ptr[i] >= 'A' && folded.ptr[i] <= 'Z' ? (char)(folded.ptr[i] + 32)
                                                                : folded.ptr[i];
    r->handles[r->handle_count++] = (Str){bytes, name.len};
}

static void list_parties(struct rater *r)
{
    const struct company *company = model_company(&r->model);

    r->handles = arena_new(r->arena, Str, r->model.competitors.count + 1);
    if (company) {
        add_party(r, STR_NONE, company->name, company->query, true);
        add_handle(r, company->name);
    }
    for (size_t i = 0; i < r->model.competitors.count; i++) {
        const struct competitor *competitor = &r->model.competitors.items[i];
        add_party(r, competitor->id, competitor->name, competitor->query, false);
        add_handle(r, competitor->name);
    }
}

static bool measure_topic(struct rater *r, struct measured_topic *m, struct err *err)
{
    struct topic_request request = {
        .query = m->query,
        .from_hour = r->from_ms / TIME_HOUR_MS,
        .to_hour = r->to_ms / TIME_HOUR_MS,
        .parties = r->parties,
        .party_count = r->party_count,
        .brand_handles = r->handles,
        .brand_count = r->handle_count,
    };

    return topic_measure(r->archive, r->arena, &request, &m->measures, err) ||
           err_wrap(err, "topic '" STR_F "'", STR_A(m->topic->id));
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median_volume(struct rater *r, const struct measured_topic *topics, size_t count)
{
    double *volumes = arena_new(r->arena, double, count + 1);
    size_t known = 0;

    for (size_t i = 0; i < count; i++)
        if (topics[i].measures.volume.is_available && topics[i].measures.mentions > 0)
            volumes[known++] = topics[i].measures.volume.value;
    if (known == 0)
        return 1;
    qsort(volumes, known, sizeof *volumes, by_value);
    return known % 2 == 1 ? volumes[known / 2] : (volumes[known / 2 - 1] + volumes[known / 2]) / 2;
}

/* ---- evidence ---- */

static struct evidence_item item_of(const struct topic_post *post, struct arena *a)
{
    Str text = post->text;

    if (post->title.len > 0)
        text = arena_printf(a, STR_F "\n" STR_F, STR_A(post->title), STR_A(post->text));
    return (struct evidence_item){
        .kind = EVIDENCE_POST,
        .source = post->source,
        .ref = post->id,
        .author = post->author,
        .created_at_ms = post->created_at_ms,
        .text = text,
        .url = post->url,
        .why = post->why,
        .why_kept = post->why_kept,
    };
}

/* What a number is called: a phrase, or one about a party or term of the market. */
struct measure_name {
    enum { NAME_PLAIN, NAME_VOICE, NAME_COMPLAINT, NAME_WISH } kind;
    const char *plain;
    Str about;
    bool is_share; /* of 1: said in per cent */
};

static void name_add(struct wording *w, const struct measure_name *name)
{
    switch (name->kind) {
    case NAME_PLAIN:
        wording_add(w, "%s", name->plain);
        return;
    case NAME_VOICE:
        wording_add(w, "share of voice of ");
        wording_name(w, name->about);
        return;
    case NAME_COMPLAINT:
        wording_add(w, "complaint '" STR_F "', lift", STR_A(name->about));
        return;
    case NAME_WISH:
        wording_add(w, "wish '" STR_F "', lift", STR_A(name->about));
        return;
    }
}

static bool measures_json(struct rater *r, const struct measure_name *name,
                          const struct topic_number *number, double coverage, Str *out,
                          struct err *err)
{
    struct wording wording;
    struct buf text;
    struct json_writer w;
    Str words, kept;

    wording_init(&wording, NAME_BYTES_MAX);
    name_add(&wording, name);
    if (!wording_end(&wording, r->arena, &words, &kept))
        return err_arena(err, r->arena);
    buf_init(&text, MEASURES_BYTES_MAX);
    json_writer_init(&w, &text, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_key(&w, words);
    json_begin_object(&w);
    json_set_f64(&w, "value", number->value);
    if (number->has_interval) {
        json_set_f64(&w, "low", number->low);
        json_set_f64(&w, "high", number->high);
    }
    json_set_i64(&w, "n", number->n);
    json_set_f64(&w, "coverage", coverage);
    json_set_str(&w, "definition", S(PHRASE("docs/measures.md, version 1")));
    json_set_str(&w, "kept", kept); /* the name to be said again: base/wording.h */
    json_end_object(&w);
    json_end_object(&w);
    *out = arena_str(r->arena, buf_str(&text));
    buf_deinit(&text);
    return true;
}

/* A number as people read it. */
struct figure {
    char text[48];
};

static struct figure figure_of(const struct measure_name *name, double value)
{
    struct figure figure;

    if (name->is_share)
        (void)snprintf(figure.text, sizeof figure.text, "%.1f %%", value * 100);
    else
        (void)snprintf(figure.text, sizeof figure.text, "%.*f", number_decimals(value), value);
    return figure;
}

static bool state(struct rater *r, const struct measured_topic *m, const struct measure_name *name,
                  const struct topic_number *number, struct evidence *out, struct err *err)
{
    struct wording w;

    wording_init(&w, EVIDENCE_STATEMENT_BYTES_MAX);
    wording_name(&w, m->topic->name);
    wording_add(&w, ": ");
    name_add(&w, name);
    struct figure value = figure_of(name, number->value);
    if (number->has_interval)
        wording_add(&w, " is %s (95 per cent: %s to %s), from %lld posts", value.text,
                    figure_of(name, number->low).text, figure_of(name, number->high).text,
                    (long long)number->n);
    else
        wording_add(&w, " is %s, from %lld posts", value.text, (long long)number->n);
    return wording_end(&w, r->arena, &out->statement, &out->statement_kept) ||
           err_arena(err, r->arena);
}

/* Keeps one number with its posts; *id is 0 when there is nothing to keep. */
static bool keep(struct rater *r, const struct measured_topic *m, const struct measure_name *name,
                 const char *kind, const struct topic_number *number, int64_t *id, struct err *err)
{
    *id = 0;
    if (!number->is_available)
        return true;
    struct evidence_item *items = arena_new(r->arena, struct evidence_item, number->post_count + 1);
    for (size_t i = 0; i < number->post_count; i++)
        items[i] = item_of(&number->posts[i], r->arena);
    struct evidence evidence = {
        .kind = str_from_cstr(kind),
        .object_kind = S("topic"),
        .object_id = m->topic->id,
        .from_ms = r->from_ms,
        .to_ms = r->to_ms,
        .created_by = r->change->actor,
        .created_at_ms = r->change->at_ms,
        .items = items,
        .item_count = number->post_count,
    };
    if (!state(r, m, name, number, &evidence, err) ||
        !measures_json(r, name, number, m->measures.coverage, &evidence.measures_json, err) ||
        !evidence_create(r->workspace->state, &evidence, err))
        return false;
    r->counts->evidence++;
    r->counts->posts += number->post_count;
    *id = evidence.id;
    return true;
}

static bool keep_measured(struct rater *r, const struct measured_topic *m,
                          const struct measure_name *name, const char *kind,
                          const struct topic_number *number, double value, struct measured *out,
                          struct err *err)
{
    *out = (struct measured){
        .is_available = number->is_available, .value = value, .sample = number->n};
    return keep(r, m, name, kind, number, &out->evidence, err);
}

static bool keep_criteria(struct rater *r, const struct measured_topic *m,
                          struct topic_evidence *out, struct err *err)
{
    const struct topic_measures *measures = &m->measures;
    const struct {
        enum affinity_criterion criterion;
        struct measure_name name;
        const struct topic_number *number;
        double scale;
    } rows[] = {
        {CRITERION_VOLUME,
         {NAME_PLAIN, PHRASE("mentions per active day"), STR_NONE, false},
         &measures->volume,
         1 / r->median_volume},
        {CRITERION_AUTHORS,
         {NAME_PLAIN, PHRASE("distinct authors per 30 days"), STR_NONE, false},
         &measures->authors,
         1},
        {CRITERION_RESPONSE,
         {NAME_PLAIN, PHRASE("share of posts with replies or reposts"), STR_NONE, true},
         &measures->response,
         1},
        {CRITERION_USERS,
         {NAME_PLAIN, PHRASE("share of conversation between users"), STR_NONE, true},
         &measures->users,
         1},
        {CRITERION_GROWTH,
         {NAME_PLAIN, PHRASE("growth of mentions"), STR_NONE, true},
         &measures->growth,
         1},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (!keep_measured(r, m, &rows[i].name, "topic.affinity", rows[i].number,
                           rows[i].number->value * rows[i].scale, &out->criteria[rows[i].criterion],
                           err))
            return false;
    return true;
}

static bool keep_party(struct rater *r, const struct measured_topic *m, size_t index,
                       struct party_evidence *out, struct err *err)
{
    const struct topic_party_measures *party = &m->measures.parties[index];
    const struct measure_name voice = {NAME_VOICE, NULL, party->label, true};

    *out = (struct party_evidence){
        .competitor = r->party_ids[index], .name = party->label, .is_own = party->is_own};
    if (!keep_measured(r, m, &voice, "topic.position", &party->voice, party->voice.value,
                       &out->voice, err))
        return false;
    /* The other numbers rest on the same posts, so they point at the same evidence. */
    const struct {
        const struct topic_number *number;
        struct measured *to;
    } rows[] = {
        {&party->engagement, &out->engagement},
        {&party->net_sentiment, &out->sentiment},
        {&party->voice_trend, &out->voice_trend},
        {&party->engagement_trend, &out->engagement_trend},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        *rows[i].to = (struct measured){.is_available = rows[i].number->is_available,
                                        .value = rows[i].number->value,
                                        .sample = rows[i].number->n,
                                        .evidence = out->voice.evidence};
    return true;
}

static bool keep_terms(struct rater *r, const struct measured_topic *m, bool is_wish,
                       const struct topic_term *terms, size_t count, struct term_evidence *out,
                       struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct topic_number number = {.is_available = true,
                                      .value = terms[i].lift,
                                      .n = terms[i].count,
                                      .posts = terms[i].posts,
                                      .post_count = terms[i].post_count,
                                      .has_interval = true,
                                      .low = terms[i].lift_low,
                                      .high = terms[i].lift_up};
        const struct measure_name name = {is_wish ? NAME_WISH : NAME_COMPLAINT, NULL, terms[i].text,
                                          false};
        out[i] = (struct term_evidence){
            .term = terms[i].text, .lift = terms[i].lift, .count = terms[i].count};
        if (!keep(r, m, &name, "topic.needs", &number, &out[i].evidence, err))
            return false;
    }
    return true;
}

static bool keep_needs(struct rater *r, const struct measured_topic *m, struct topic_evidence *out,
                       struct err *err)
{
    const struct topic_measures *measures = &m->measures;

    out->complaints.count = measures->complaint_count;
    out->complaints.items =
        arena_new(r->arena, struct term_evidence, measures->complaint_count + 1);
    out->wishes.count = measures->wish_count;
    out->wishes.items = arena_new(r->arena, struct term_evidence, measures->wish_count + 1);
    return keep_terms(r, m, false, measures->complaints, measures->complaint_count,
                      out->complaints.items, err) &&
           keep_terms(r, m, true, measures->wishes, measures->wish_count, out->wishes.items, err);
}

static bool gather(struct rater *r, const struct measured_topic *m, struct topic_evidence *out,
                   struct err *err)
{
    *out = (struct topic_evidence){
        .topic = m->topic->id,
        .from_ms = r->from_ms,
        .to_ms = r->to_ms,
        .mentions = m->measures.mentions,
        .active_days = (double)m->measures.active_days,
        .coverage = m->measures.coverage,
    };
    out->parties.count = m->measures.party_count;
    out->parties.items = arena_new(r->arena, struct party_evidence, m->measures.party_count + 1);
    if (!keep_criteria(r, m, out, err))
        return false;
    for (size_t i = 0; i < m->measures.party_count; i++)
        if (!keep_party(r, m, i, &out->parties.items[i], err))
            return false;
    return keep_needs(r, m, out, err);
}

/* ---- proposals ---- */

/* Evidence and proposal of one topic in one transaction. */
static bool propose(struct rater *r, const struct measured_topic *m, struct err *err)
{
    struct db *db = r->workspace->state;
    struct topic_evidence evidence;
    struct topic_proposal proposal;
    bool drifted = false;

    if (!db_begin(db, err))
        return false;
    bool ok = gather(r, m, &evidence, err) &&
              rating_propose(r->arena, &r->method->rating, &evidence, &proposal, err) &&
              topic_rating_propose(db, r->change, r->method, &proposal, &drifted, err);
    if (!db_end(db, ok, err))
        return false;
    r->counts->drifted += drifted;
    r->counts->rated += proposal.affinity >= 0;
    r->counts->not_enough += proposal.affinity < 0;
    return true;
}

static bool is_wanted(const struct topic *topic, Str only)
{
    return only.len == 0 || str_eq(topic->id, only);
}

static bool measure_all(struct rater *r, Str only, struct measured_topic **out, size_t *count,
                        struct err *err)
{
    *out = arena_new(r->arena, struct measured_topic, r->model.topics.count + 1);
    *count = 0;
    for (size_t i = 0; i < r->model.topics.count; i++) {
        struct measured_topic *m = &(*out)[*count];
        m->topic = &r->model.topics.items[i];
        if (m->topic->size != TOPIC_SINGLE)
            continue;
        if (!query_id(r, m->topic->query, &m->query)) {
            r->counts->without_query += is_wanted(m->topic, only);
            continue;
        }
        if (!measure_topic(r, m, err))
            return false;
        ++*count;
    }
    return true;
}

static bool rate(struct rater *r, Str only, struct err *err)
{
    struct measured_topic *topics;
    size_t count;

    list_parties(r);
    if (!measure_all(r, only, &topics, &count, err))
        return false;
    r->median_volume = median_volume(r, topics, count);
    for (size_t i = 0; i < count; i++) {
        if (!is_wanted(topics[i].topic, only))
            continue;
        r->counts->topics++;
        if (!propose(r, &topics[i], err))
            return err_wrap(err, "topic '" STR_F "'", STR_A(topics[i].topic->id));
    }
    return true;
}

bool rate_topics(struct arena *a, struct workspace *workspace, const struct method *method,
                 const struct change *change, Str topic, int64_t from_ms, int64_t to_ms,
                 struct rate_counts *out, struct err *err)
{
    struct rater *r = arena_new(a, struct rater, 1);

    *out = (struct rate_counts){0};
    *r = (struct rater){.arena = a,
                        .workspace = workspace,
                        .method = method,
                        .change = change,
                        .from_ms = time_floor(from_ms, TIME_HOUR_MS),
                        .to_ms = time_floor(to_ms, TIME_HOUR_MS),
                        .counts = out};
    bool ok = store_read(workspace->state, a, &r->model, err) &&
              archive_open(&r->archive, workspace->posts_dir, ARCHIVE_READ, err) &&
              rate(r, topic, err);
    archive_close(&r->archive);
    return ok || err_wrap(err, "could not rate topics");
}
