/* Contributors: tokens, links, what they say, what comes of it. */
#include "unit/test.h"

#include <string.h>

#include "format/digest.h"
#include "format/time.h"
#include "ledger/ledger.h"
#include "ledger/workspace.h"
#include "people/login_limit.h"
#include "strategy/team/representative.h"
#include "unit/scratch.h"

#define NOW INT64_C(1700000000000)

static const struct contributor_key key = {{1, 2, 3}}, other_key = {{1, 2, 4}};

static void must(bool ok, const struct err *err)
{
    if (!ok)
        print_error("%s (%s)\n", err->msg, err->origin);
    CHECK(ok);
}

/* A workspace with one version and two topics; `acme` has a neighbour. */
struct world {
    struct scratch scratch;
    struct db *system;
    struct workspace *acme, *bolt;
    struct err err;
};

static void put_objects(struct world *w)
{
    struct change change = {.actor = S("ann"), .at_ms = NOW};
    struct topic battery = {.id = S("battery"), .name = S("Battery"), .affinity = -1},
                 camera = {.id = S("camera"), .name = S("Camera"), .affinity = -1};
    struct strategy_version help = {.id = S("help"), .name = S("Help"), .focus = S("own")};

    must(topic_put(w->acme->state, &change, &battery, &w->err), &w->err);
    must(topic_put(w->acme->state, &change, &camera, &w->err), &w->err);
    must(version_put(w->acme->state, &change, &help, &w->err), &w->err);
}

static void begin(struct world *w)
{
    *w = (struct world){.system = NULL};
    scratch_begin(&w->scratch);
    Str dir = str_from_cstr(w->scratch.dir);
    must(system_db_open(&w->system, dir, &w->err), &w->err);
    must(workspace_create(w->system, dir, S("acme"), S("Acme"), S("t"), NOW, &w->err), &w->err);
    must(workspace_create(w->system, dir, S("bolt"), S("Bolt"), S("t"), NOW, &w->err), &w->err);
    must(workspace_open(&w->acme, dir, S("acme"), &w->err), &w->err);
    must(workspace_open(&w->bolt, dir, S("bolt"), &w->err), &w->err);
    put_objects(w);
}

static void end(struct world *w)
{
    workspace_close(&w->acme);
    workspace_close(&w->bolt);
    db_close(&w->system);
    scratch_end(&w->scratch);
}

static void refused(bool ok, struct err *err, enum err_code code)
{
    CHECK(!ok);
    if (err->code != code)
        print_error("%s: %s\n", err_code_name(err->code), err->msg);
    CHECK_INT(err->code, code);
    *err = (struct err){.code = ERR_NONE};
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static struct contributor_token token_sample(void)
{
    struct contributor_token t = {.link = 7, .expires_at_ms = NOW + 1, .workspace = "acme"};

    memset(t.secret, 0x5a, sizeof t.secret);
    return t;
}

static Str write_token(struct arena *arena, const struct contributor_key *k,
                       const struct contributor_token *t)
{
    struct buf text;

    buf_init(&text, 1000);
    contributor_token_write(k, t, &text);
    Str out = arena_str(arena, buf_str(&text));
    buf_deinit(&text);
    return out;
}

TEST(a_token_reads_back)
{
    struct contributor_token t = token_sample(), back;
    struct scratch s;
    struct err err = {0};

    scratch_begin(&s);
    memset(t.workspace, 'w', CONTRIBUTOR_WORKSPACE_BYTES_MAX);
    t.link = INT64_MAX;
    Str longest = write_token(&s.arena, &key, &t);
    CHECK_INT(longest.len, CONTRIBUTOR_TOKEN_BYTES_MAX);
    CHECK(contributor_token_read(&key, longest, &back, &err));
    CHECK_INT(back.link, INT64_MAX);
    CHECK_INT(back.expires_at_ms, NOW + 1);
    CHECK_STR(str_from_cstr(back.workspace), t.workspace);
    CHECK(memcmp(back.secret, t.secret, sizeof t.secret) == 0);
    scratch_end(&s);
}

/* Every bit counts: a token with one bit changed anywhere, cut anywhere, or signed with another key
 * is refused in the same words, and nothing is written into what was asked for. */
TEST(a_forged_token_is_refused)
{
    struct contributor_token t = token_sample(), back = {.link = 99};
    struct scratch s;
    struct err err = {0}, first = {0};
    struct buf raw, text;

    scratch_begin(&s);
    Str good = write_token(&s.arena, &key, &t);
    refused(contributor_token_read(&other_key, good, &back, &err), &err, ERR_DENIED);
    CHECK(!contributor_token_read(&key, S("x"), &back, &first));
    buf_init(&raw, 1000);
    buf_init(&text, 1000);
    CHECK(digest_read_base64url(&raw, good));
    for (size_t bit = 0; bit < raw.len * 8; bit++) {
        raw.ptr[bit / 8] = (char)(raw.ptr[bit / 8] ^ (1 << bit % 8));
        buf_reset(&text);
        digest_add_base64url(&text, buf_str(&raw));
        CHECK(!contributor_token_read(&key, buf_str(&text), &back, &err));
        CHECK_STR(str_from_cstr(err.msg), first.msg);
        raw.ptr[bit / 8] = (char)(raw.ptr[bit / 8] ^ (1 << bit % 8));
        err = (struct err){.code = ERR_NONE};
    }
    for (size_t len = 0; len < good.len; len++)
        refused(contributor_token_read(&key, str_sub(good, 0, len), &back, &err), &err, ERR_DENIED);
    CHECK_INT(back.link, 99);
    CHECK(contributor_token_read(&key, good, &back, &err));
    buf_deinit(&text);
    buf_deinit(&raw);
    scratch_end(&s);
}

TEST(forms_belong_to_their_link)
{
    struct contributor_token t = token_sample(), u = token_sample();
    char form[CONTRIBUTOR_FORM_BYTES];

    u.secret[0] ^= 1;
    contributor_form_token(&t, form);
    CHECK(contributor_form_matches(&t, str_from_cstr(form)));
    CHECK(!contributor_form_matches(&u, str_from_cstr(form)));
    CHECK(!contributor_form_matches(&t, STR_NONE));
    form[5] = form[5] == 'A' ? 'B' : 'A';
    CHECK(!contributor_form_matches(&t, str_from_cstr(form)));
}

TEST(the_key_is_made_once)
{
    struct world w;
    struct contributor_key one, two;

    begin(&w);
    must(contributor_key_read(w.system, NOW, &one, &w.err), &w.err);
    must(contributor_key_read(w.system, NOW + 5, &two, &w.err), &w.err);
    CHECK(memcmp(&one, &two, sizeof one) == 0);
    end(&w);
}

/* ---- links ----------------------------------------------------------------------------------- */

static struct contributor_object all_objects[] = {{{"version", 7}, {"help", 4}},
                                                  {{"topic", 5}, {"battery", 7}}};

static struct contributor wanted_sample(enum contributor_side side)
{
    return (struct contributor){.name = S("Carla Customer"),
                                .contact = S("carla@shop.example"),
                                .side = side,
                                .rights = RIGHT_ALL,
                                .agreement = S("Keep it to yourself."),
                                .expires_at_ms = NOW + 30 * TIME_DAY_MS,
                                .objects = all_objects,
                                .object_count = COUNT_OF(all_objects)};
}

static Str invite(struct world *w, struct contributor *wanted)
{
    struct change change = {.actor = S("ann"), .at_ms = NOW};
    struct buf token;

    buf_init(&token, 1000);
    must(representative_invite(w->acme->state, &change, &key, S("acme"), wanted, &token, &w->err),
         &w->err);
    Str out = arena_str(&w->scratch.arena, buf_str(&token));
    buf_deinit(&token);
    return out;
}

/* As a request does it; ERR_NONE when it opens. */
static enum err_code open_link(struct world *w, struct workspace *where, Str text, int64_t now_ms,
                               struct contributor *out)
{
    struct contributor_token token;
    struct err err = {0};

    bool ok = contributor_token_read(&key, text, &token, &err) &&
              contributor_open(&w->scratch.arena, where->state, &token, now_ms, out, &err);
    CHECK(ok == (err.code == ERR_NONE));
    return err.code;
}

static struct contributor guest(struct world *w, enum contributor_side side)
{
    struct contributor wanted = wanted_sample(side), who;
    Str link = invite(w, &wanted);

    CHECK_INT(open_link(w, w->acme, link, NOW, &who), ERR_NONE);
    must(representative_agree(w->acme->state, &who, S("C. Customer"), NOW, &w->err), &w->err);
    CHECK_INT(open_link(w, w->acme, link, NOW, &who), ERR_NONE);
    return who;
}

TEST(twenty_links)
{
    struct world w;
    struct contributor wanted[20], who;
    struct change change = {.actor = S("ann"), .at_ms = NOW + 1, .reason = S("left")};
    struct buf forged;
    Str links[20];

    begin(&w);
    for (size_t i = 0; i < COUNT_OF(links); i++) {
        wanted[i] = wanted_sample((enum contributor_side)(i % SIDE_COUNT));
        wanted[i].expires_at_ms += (int64_t)i;
        links[i] = invite(&w, &wanted[i]);
        for (size_t j = 0; j < i; j++)
            CHECK(!str_eq(links[i], links[j]));
    }
    for (size_t i = 0; i < COUNT_OF(links); i++) {
        CHECK_INT(open_link(&w, w.acme, links[i], NOW, &who), ERR_NONE);
        CHECK_INT(who.id, wanted[i].id);
        CHECK_INT(who.side, i % SIDE_COUNT);
        CHECK_INT(who.object_count, 2);
        CHECK(contributor_sees(&who, S("topic"), S("battery")));
        CHECK(!contributor_sees(&who, S("topic"), S("camera")));
        /* To the millisecond, and not in a neighbour's database. */
        CHECK_INT(open_link(&w, w.acme, links[i], wanted[i].expires_at_ms - 1, &who), ERR_NONE);
        CHECK_INT(open_link(&w, w.acme, links[i], wanted[i].expires_at_ms, &who), ERR_DENIED);
        CHECK_INT(open_link(&w, w.bolt, links[i], NOW, &who), ERR_DENIED);
    }
    must(representative_revoke(w.acme->state, &change, wanted[3].id, &w.err), &w.err);
    refused(representative_revoke(w.acme->state, &change, wanted[3].id, &w.err), &w.err,
            ERR_CONFLICT);
    refused(representative_revoke(w.acme->state, &change, 999, &w.err), &w.err, ERR_NOT_FOUND);
    for (size_t i = 0; i < COUNT_OF(links); i++)
        CHECK_INT(open_link(&w, w.acme, links[i], NOW + 2, &who), i == 3 ? ERR_DENIED : ERR_NONE);
    /* The signature is good, the secret is not: somebody who has the key, or an old backup. */
    struct contributor_token token;
    CHECK(contributor_token_read(&key, links[0], &token, &w.err));
    token.secret[31] ^= 1;
    buf_init(&forged, 1000);
    contributor_token_write(&key, &token, &forged);
    CHECK_INT(open_link(&w, w.acme, buf_str(&forged), NOW, &who), ERR_DENIED);
    buf_deinit(&forged);
    end(&w);
}

/* The signature is looked at before any database. */
TEST(a_forged_link_costs_no_statement)
{
    struct contributor_token t = token_sample(), back;
    struct scratch s;
    struct err err = {0};

    scratch_begin(&s);
    Str foreign = write_token(&s.arena, &other_key, &t);
    uint64_t before = db_thread_statement_count();
    refused(contributor_token_read(&key, foreign, &back, &err), &err, ERR_DENIED);
    CHECK_INT(db_thread_statement_count(), before);
    scratch_end(&s);
}

TEST(an_invitation_has_to_be_whole)
{
    struct world w;
    struct change change = {.actor = S("ann"), .at_ms = NOW};
    struct contributor_object none[] = {{{"topic", 5}, {"nothing", 7}}},
                              goal[] = {{{"goal", 4}, {"x", 1}}};
    struct contributor bad[8];
    struct buf token;

    begin(&w);
    buf_init(&token, 1000);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        bad[i] = wanted_sample(SIDE_CUSTOMER);
    bad[0].name = S("  ");
    bad[1].agreement = STR_NONE;
    bad[2].rights = 0;
    bad[3].expires_at_ms = NOW;
    bad[4].expires_at_ms = NOW + 367 * TIME_DAY_MS;
    bad[5].objects = none, bad[5].object_count = 1;
    bad[6].objects = goal, bad[6].object_count = 1;
    bad[7].object_count = 0, bad[7].rights = RIGHT_VOTE;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        refused(
            representative_invite(w.acme->state, &change, &key, S("acme"), &bad[i], &token, &w.err),
            &w.err, ERR_INPUT);
    CHECK_INT(token.len, 0);
    struct contributor *people;
    size_t count;
    must(contributor_list(&w.scratch.arena, w.acme->state, &people, &count, &w.err), &w.err);
    CHECK_INT(count, 0);
    buf_deinit(&token);
    end(&w);
}

/* ---- what is said ---------------------------------------------------------------------------- */

static bool vote(struct world *w, const struct contributor *by, int64_t value, int64_t revision,
                 int64_t now_ms)
{
    struct contribution c = {.kind = CONTRIBUTION_VOTE,
                             .object_kind = S("version"),
                             .object_id = S("help"),
                             .object_revision = 1,
                             .value = value,
                             .revision = revision};

    return representative_send(w->acme->state, by, &c, STR_NONE, now_ms, &w->err);
}

static bool comment(struct world *w, const struct contributor *by, const char *kind, const char *id,
                    const char *once, const char *text)
{
    struct contribution c = {.kind = CONTRIBUTION_COMMENT,
                             .object_kind = str_from_cstr(kind),
                             .object_id = str_from_cstr(id),
                             .object_revision = 1,
                             .text = str_from_cstr(text)};

    return representative_send(w->acme->state, by, &c, str_from_cstr(once), NOW, &w->err);
}

static size_t said(struct world *w, struct contribution **out)
{
    struct contribution_filter all = {.contributor_id = 0};
    size_t count;

    must(contribution_list(&w->scratch.arena, w->acme->state, &all, out, &count, &w->err), &w->err);
    return count;
}

TEST(nothing_counts_before_the_agreement)
{
    struct world w;
    struct contributor wanted = wanted_sample(SIDE_CUSTOMER), who;
    struct contribution *list;

    begin(&w);
    Str link = invite(&w, &wanted);
    CHECK_INT(open_link(&w, w.acme, link, NOW, &who), ERR_NONE);
    refused(vote(&w, &who, 1, 0, NOW), &w.err, ERR_DENIED);
    refused(comment(&w, &who, "topic", "battery", "a", "hello"), &w.err, ERR_DENIED);
    refused(representative_agree(w.acme->state, &who, S(" "), NOW, &w.err), &w.err, ERR_INPUT);
    must(representative_agree(w.acme->state, &who, S("C."), NOW + 5, &w.err), &w.err);
    must(vote(&w, &who, 1, 0, NOW), &w.err);
    CHECK_INT(said(&w, &list), 1);
    CHECK_INT(open_link(&w, w.acme, link, NOW, &who), ERR_NONE);
    CHECK_INT(who.agreed_at_ms, NOW + 5);
    CHECK_STR(who.agreed_by, "C.");
    end(&w);
}

TEST(an_old_form_does_not_undo_a_later_vote)
{
    struct world w;
    struct contribution *list;

    begin(&w);
    struct contributor who = guest(&w, SIDE_CUSTOMER);
    must(vote(&w, &who, -1, 0, NOW), &w.err);
    must(vote(&w, &who, 1, 1, NOW + 1), &w.err);
    refused(vote(&w, &who, -1, 1, NOW + 2), &w.err, ERR_CONFLICT);
    refused(vote(&w, &who, -1, 0, NOW + 2), &w.err, ERR_CONFLICT);
    refused(vote(&w, &who, -1, 3, NOW + 2), &w.err, ERR_CONFLICT);
    refused(vote(&w, &who, 2, 2, NOW + 2), &w.err, ERR_INPUT);
    CHECK_INT(said(&w, &list), 1);
    CHECK_INT(list[0].value, 1);
    CHECK_INT(list[0].revision, 2);
    end(&w);
}

TEST(what_the_link_does_not_give_is_refused)
{
    struct world w;
    struct contribution *list;

    begin(&w);
    struct contributor who = guest(&w, SIDE_PARTNER);
    refused(comment(&w, &who, "topic", "camera", "a", "hello"), &w.err, ERR_DENIED);
    refused(comment(&w, &who, "goal", "battery", "a", "hello"), &w.err, ERR_DENIED);
    refused(comment(&w, &who, "topic", "battery", "", "hello"), &w.err, ERR_INPUT);
    refused(comment(&w, &who, "topic", "battery", "a", " "), &w.err, ERR_INPUT);
    refused(comment(&w, &who, "topic", "battery", "a", "\xff"), &w.err, ERR_INPUT);
    must(comment(&w, &who, "topic", "battery", "a", "hello"), &w.err);
    refused(comment(&w, &who, "topic", "battery", "a", "hello"), &w.err, ERR_EXISTS);
    struct contributor less = who;
    less.rights = RIGHT_PROPOSE;
    refused(vote(&w, &less, 1, 0, NOW), &w.err, ERR_DENIED);
    refused(comment(&w, &less, "topic", "battery", "b", "hello"), &w.err, ERR_DENIED);
    /* Revoked while the form was open. */
    struct change change = {.actor = S("ann"), .at_ms = NOW};
    must(representative_revoke(w.acme->state, &change, who.id, &w.err), &w.err);
    refused(vote(&w, &who, 1, 0, NOW), &w.err, ERR_DENIED);
    CHECK_INT(said(&w, &list), 1);
    CHECK_STR(list[0].text, "hello");
    end(&w);
}

TEST(too_much_at_once_waits)
{
    struct world w;

    begin(&w);
    struct contributor who = guest(&w, SIDE_CUSTOMER);
    for (int64_t i = 0; i < CONTRIBUTIONS_PER_WINDOW_MAX; i++)
        must(vote(&w, &who, i % 2, i, NOW + i), &w.err);
    refused(vote(&w, &who, 1, CONTRIBUTIONS_PER_WINDOW_MAX, NOW + 100), &w.err, ERR_BUSY);
    must(vote(&w, &who, 1, CONTRIBUTIONS_PER_WINDOW_MAX, NOW + CONTRIBUTION_WINDOW_MS), &w.err);
    end(&w);
}

TEST(guessing_links_slows_down)
{
    struct login_limit *limit = login_limit_create();

    for (int i = 0; i < LOGIN_FAILURES_PER_ADDRESS_MAX; i++) {
        char name[8];
        (void)snprintf(name, sizeof name, "%d", i);
        CHECK_INT(login_limit_begin(limit, str_from_cstr(name), S("10.0.0.1"), NOW), 0);
    }
    CHECK(login_limit_begin(limit, S("x"), S("10.0.0.1"), NOW) > 0);
    CHECK_INT(login_limit_begin(limit, S("x"), S("10.0.0.2"), NOW), 0);
    login_limit_destroy(&limit);
}

/* ---- what comes of it ------------------------------------------------------------------------ */

static bool answer(struct world *w, const struct contribution *c, enum disposition disposition,
                   const char *reason, const char *effect, int64_t entry)
{
    struct change change = {.actor = S("ann"), .reason = str_from_cstr(reason), .at_ms = NOW + 9};
    struct contribution a = {.id = c->id,
                             .revision = c->revision,
                             .disposition = disposition,
                             .effect = str_from_cstr(effect),
                             .effect_entry = entry};

    return representative_answer(w->acme->state, &change, &a, &w->err);
}

TEST(every_contribution_is_answered_once_it_is_read)
{
    struct world w;
    struct contribution *list;

    begin(&w);
    struct contributor who = guest(&w, SIDE_CUSTOMER);
    must(vote(&w, &who, -1, 0, NOW), &w.err);
    CHECK_INT(said(&w, &list), 1);
    CHECK(!contribution_is_overdue(&list[0], NOW + CONTRIBUTION_DUE_MS - 1));
    CHECK(contribution_is_overdue(&list[0], NOW + CONTRIBUTION_DUE_MS));
    refused(answer(&w, &list[0], DISPOSITION_DECLINED, " ", "", 0), &w.err, ERR_INPUT);
    refused(answer(&w, &list[0], DISPOSITION_ACCEPTED, "right", "", 0), &w.err, ERR_INPUT);
    refused(answer(&w, &list[0], DISPOSITION_ACCEPTED, "right", "text", 999), &w.err, ERR_INPUT);
    must(answer(&w, &list[0], DISPOSITION_CHANGED, "right", "the text", 1), &w.err);
    CHECK_INT(said(&w, &list), 1);
    CHECK_INT(list[0].disposition, DISPOSITION_CHANGED);
    CHECK_STR(list[0].reason, "right");
    CHECK_STR(list[0].disposed_by, "ann");
    CHECK(!contribution_is_overdue(&list[0], NOW + CONTRIBUTION_DUE_MS));
    /* A vote that changes is open again, and an answer to the old one comes too late. */
    must(vote(&w, &who, 1, 1, NOW + 10), &w.err);
    refused(answer(&w, &list[0], DISPOSITION_DECLINED, "no", "", 0), &w.err, ERR_CONFLICT);
    CHECK_INT(said(&w, &list), 1);
    CHECK_INT(list[0].disposition, DISPOSITION_OPEN);
    CHECK_STR(list[0].reason, "");
    end(&w);
}

TEST(approval_needs_both_sides_on_this_revision)
{
    struct world w;
    struct approval a;
    struct contribution *list;
    struct change change = {.actor = S("ann"), .at_ms = NOW};

    begin(&w);
    struct db *db = w.acme->state;
    struct contributor customer = guest(&w, SIDE_CUSTOMER), partner = guest(&w, SIDE_PARTNER),
                       board = guest(&w, SIDE_ADVISORY_BOARD);
    must(vote(&w, &customer, 1, 0, NOW), &w.err);
    must(vote(&w, &board, 1, 0, NOW), &w.err);
    must(representative_approval(db, S("help"), 1, &a, &w.err), &w.err);
    CHECK(!a.is_met && a.customers == 1 && a.partners == 0 && a.others == 1);
    must(vote(&w, &partner, -1, 0, NOW), &w.err);
    must(representative_approval(db, S("help"), 1, &a, &w.err), &w.err);
    CHECK(!a.is_met && a.refusals == 1);
    must(vote(&w, &partner, 1, 1, NOW), &w.err);
    must(representative_approval(db, S("help"), 1, &a, &w.err), &w.err);
    CHECK(a.is_met && a.refusals == 0);
    /* A mandate that is doubted: the vote is declined, and does not count. */
    CHECK_INT(said(&w, &list), 3);
    for (size_t i = 0; i < 3; i++)
        if (list[i].contributor_id == partner.id)
            must(answer(&w, &list[i], DISPOSITION_DECLINED, "no mandate", "", 0), &w.err);
    must(representative_approval(db, S("help"), 1, &a, &w.err), &w.err);
    CHECK(!a.is_met && a.partners == 0);
    must(vote(&w, &partner, 1, 2, NOW), &w.err);
    /* Withdrawn and erased: what they voted stays. */
    must(representative_revoke(db, &change, customer.id, &w.err), &w.err);
    must(representative_erase(db, &change, partner.id, &w.err), &w.err);
    must(representative_approval(db, S("help"), 1, &a, &w.err), &w.err);
    CHECK(a.is_met);
    /* Of a version that was changed since they are outdated. */
    must(representative_approval(db, S("help"), 2, &a, &w.err), &w.err);
    CHECK(!a.is_met && a.outdated == 3);
    must(representative_approval(db, S("other"), 1, &a, &w.err), &w.err);
    CHECK(!a.is_met && a.outdated == 0);
    end(&w);
}

TEST(a_vote_is_on_what_was_seen)
{
    struct world w;
    struct change change = {.actor = S("ann"), .at_ms = NOW};
    struct strategy_version help = {
        .id = S("help"), .revision = 1, .name = S("Help more"), .focus = S("own")};

    begin(&w);
    struct contributor who = guest(&w, SIDE_CUSTOMER);
    must(version_put(w.acme->state, &change, &help, &w.err), &w.err);
    refused(vote(&w, &who, 1, 0, NOW), &w.err, ERR_CONFLICT);
    must(store_remove(w.acme->state, &change, OBJECT_VERSION, S("help"), 2, &w.err), &w.err);
    refused(vote(&w, &who, 1, 0, NOW), &w.err, ERR_NOT_FOUND);
    end(&w);
}

/* ---- erasing --------------------------------------------------------------------------------- */

TEST(an_erased_person_leaves_no_name)
{
    struct world w;
    struct change change = {.actor = S("root"), .at_ms = NOW + 20, .reason = S("request")};
    struct contributor wanted = wanted_sample(SIDE_CUSTOMER), who;
    struct contribution *list;
    struct ledger_entry *entries;
    struct ledger_report report;
    size_t count;

    begin(&w);
    Str link = invite(&w, &wanted);
    CHECK_INT(open_link(&w, w.acme, link, NOW, &who), ERR_NONE);
    must(representative_agree(w.acme->state, &who, S("Carla C."), NOW, &w.err), &w.err);
    must(comment(&w, &who, "topic", "battery", "a", "call Carla"), &w.err);
    must(vote(&w, &who, 1, 0, NOW), &w.err);
    must(representative_erase(w.acme->state, &change, who.id, &w.err), &w.err);
    refused(representative_erase(w.acme->state, &change, 999, &w.err), &w.err, ERR_NOT_FOUND);
    CHECK_INT(open_link(&w, w.acme, link, NOW, &who), ERR_DENIED);
    must(contributor_read(&w.scratch.arena, w.acme->state, wanted.id, &who, &w.err), &w.err);
    CHECK(who.name.len == 0 && who.contact.len == 0 && who.agreed_by.len == 0);
    CHECK_INT(who.erased_at_ms, NOW + 20);
    CHECK_INT(said(&w, &list), 2);
    for (size_t i = 0; i < 2; i++)
        CHECK_INT(list[i].text.len, 0);
    struct ledger_filter all = {.count_max = 100};
    must(ledger_list(&w.scratch.arena, w.acme->state, &all, &entries, &count, &w.err), &w.err);
    for (size_t i = 0; i < count; i++)
        CHECK(str_find(entries[i].after_json, S("Carla")) == entries[i].after_json.len &&
              str_find(entries[i].actor, S("Carla")) == entries[i].actor.len);
    must(ledger_verify(w.acme->state, NULL, &report, &w.err), &w.err);
    CHECK_INT(report.fault, LEDGER_SOUND);
    end(&w);
}

int main(void)
{
    return RUN(
        CASE(a_token_reads_back), CASE(a_forged_token_is_refused), CASE(forms_belong_to_their_link),
        CASE(the_key_is_made_once), CASE(twenty_links), CASE(a_forged_link_costs_no_statement),
        CASE(an_invitation_has_to_be_whole), CASE(nothing_counts_before_the_agreement),
        CASE(an_old_form_does_not_undo_a_later_vote), CASE(what_the_link_does_not_give_is_refused),
        CASE(too_much_at_once_waits), CASE(guessing_links_slows_down),
        CASE(every_contribution_is_answered_once_it_is_read),
        CASE(approval_needs_both_sides_on_this_revision), CASE(a_vote_is_on_what_was_seen),
        CASE(an_erased_person_leaves_no_name));
}
