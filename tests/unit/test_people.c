/* Permissions, passwords, accounts, log-in limits, sessions, API tokens. */
#include "unit/test.h"

#include <stdatomic.h>

#include "ledger/workspace.h"
#include "os/thread.h"
#include "people/account.h"
#include "people/session.h"
#include "people/token.h"
#include "unit/scratch.h"

#define GOOD S("seven green whales")
#define NOW  INT64_C(1700000000000)

struct world {
    struct scratch scratch;
    struct db *system;
    struct err err;
    int64_t admin, ann;
};

static void begin(struct world *w)
{
    *w = (struct world){.system = NULL};
    scratch_begin(&w->scratch);
    CHECK(system_db_open(&w->system, str_from_cstr(w->scratch.dir), &w->err));
    CHECK(workspace_create(w->system, str_from_cstr(w->scratch.dir), S("acme"), S("Acme"), S("t"),
                           NOW, &w->err));
    CHECK(account_create(w->system, S("root"), S("Root"), GOOD, true, &password_cost_least, NOW,
                         &w->admin, &w->err));
    CHECK(account_create(w->system, S("ann"), S("Ann"), GOOD, false, &password_cost_least, NOW,
                         &w->ann, &w->err));
}

static void end(struct world *w)
{
    db_close(&w->system);
    scratch_end(&w->scratch);
}

/* The table as a person would say it. */
TEST(roles_may_what_they_should)
{
    for (enum role role = ROLE_NONE; role < ROLE_COUNT; role++) {
        CHECK_INT(role_may(role, MAY_VIEW), role != ROLE_NONE);
        CHECK_INT(role_may(role, MAY_DECIDE), role == ROLE_MANAGEMENT);
        CHECK_INT(role_may(role, MAY_MANAGE), role == ROLE_ADMIN);
        CHECK_INT(role_may(role, MAY_ERASE), role == ROLE_ADMIN);
        CHECK_INT(role_may(role, MAY_EDIT_MODEL), role == ROLE_STRATEGIST || role == ROLE_ADMIN);
        CHECK_INT(role_may(role, MAY_HANDLE_CASES), role == ROLE_AGENT || role == ROLE_ADMIN);
        CHECK_INT(role_may(role, MAY_REVIEW), role != ROLE_NONE && role != ROLE_VIEWER);
    }
    for (enum role role = ROLE_VIEWER; role < ROLE_COUNT; role++) {
        enum role back;
        CHECK(role_from(str_from_cstr(role_name(role)), &back) && back == role);
    }
    enum role unused;
    CHECK(!role_from(S("none"), &unused) && !role_from(S("king"), &unused));
    for (enum permission p = MAY_VIEW; p < PERMISSION_COUNT; p++)
        CHECK(permission_name(p)[0] != '\0');
}

TEST(scopes_limit_and_never_decide)
{
    unsigned scopes = 0;

    CHECK(scopes_from(S("read, import"), &scopes));
    CHECK_INT(scopes, SCOPE_READ | SCOPE_IMPORT);
    CHECK(!scopes_from(S(""), &scopes) && !scopes_from(S("read,admin"), &scopes) &&
          scopes_from(S("read,"), &scopes));
    CHECK_INT(permission_scope(MAY_DECIDE), 0);
    CHECK_INT(permission_scope(MAY_MANAGE), 0);
    CHECK_INT(permission_scope(MAY_ERASE), 0);
    CHECK_STR(str_from_cstr(scope_name(SCOPE_IMPORT)), "import");
    struct api_token token = {.scopes = SCOPE_READ | SCOPE_WRITE, .workspace = S("acme")};
    struct access strategist = {.role = ROLE_STRATEGIST}, root = {.is_system_admin = true},
                  management = {.role = ROLE_MANAGEMENT};
    CHECK(api_token_may(&token, S("acme"), strategist, MAY_EDIT_MODEL));
    CHECK(!api_token_may(&token, S("other"), strategist, MAY_EDIT_MODEL));
    CHECK(!api_token_may(&token, S("acme"), strategist, MAY_IMPORT));
    CHECK(!api_token_may(&token, S("acme"), management, MAY_EDIT_MODEL));
    CHECK(!api_token_may(&token, S("acme"), management, MAY_DECIDE));
    CHECK(!api_token_may(&token, S("acme"), root, MAY_MANAGE));
}

TEST(password_rules)
{
    static const struct {
        const char *password, *login;
        bool is_good;
    } cases[] = {
        {"seven green whales", "ann", true},
        {"k7mw2-xq3vp", "ann", false},      /* 11 characters */
        {"k7mw2-xq3vph", "ann", true},      /* 12 */
        {"aaaaaaaaaaaaaaaa", "ann", false}, /* one character */
        {"abababababababab", "ann", false}, /* two */
        {"Password12345", "ann", false},    /* common with decoration */
        {"passwordpassword", "ann", false},
        {"my password is a blue horse", "ann", true}, /* a stem among other words */
        {"i am annabell really", "annabell", false},
        {"i am ann, really yes", "ann", true}, /* logins of three letters are in many words */
        {"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa4\xc3\xb6\xc3\xbc",
         "ann", false}, /* 11 characters in 22 bytes */
        {"not \xff valid text at all", "ann", false},
    };
    struct err err = {0};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool ok =
            password_check(str_from_cstr(cases[i].password), str_from_cstr(cases[i].login), &err);
        if (ok != cases[i].is_good)
            print_error("%s\n", cases[i].password);
        CHECK_INT(ok, cases[i].is_good);
    }
    static char longest[PASSWORD_BYTES_MAX + 1];
    for (size_t i = 0; i < sizeof longest; i++)
        longest[i] = (char)('a' + i % 26);
    CHECK(password_check((Str){longest, PASSWORD_BYTES_MAX}, S("ann"), &err));
    CHECK(!password_check((Str){longest, sizeof longest}, S("ann"), &err));
}

TEST(passwords_are_hashed_with_argon2id)
{
    char a[PASSWORD_HASH_BYTES], b[PASSWORD_HASH_BYTES], generated[PASSWORD_GENERATED_BYTES];
    struct err err = {0};

    CHECK(password_hash(GOOD, &password_cost_least, a, &err));
    CHECK(password_hash(GOOD, &password_cost_least, b, &err));
    CHECK(strncmp(a, "$argon2id$", 10) == 0);
    CHECK(strcmp(a, b) != 0); /* salted */
    CHECK(password_matches(GOOD, a) && password_matches(GOOD, b));
    CHECK(!password_matches(S("seven green whale"), a));
    CHECK(!password_matches(STR_NONE, a));
    CHECK(!password_is_outdated(a, &password_cost_least));
    CHECK(password_is_outdated(a, &password_cost_default));
    for (int i = 0; i < 50; i++) {
        password_generate(generated);
        CHECK_INT(strlen(generated), PASSWORD_GENERATED_BYTES - 1);
        CHECK(password_check(str_from_cstr(generated), S("ann"), &err));
    }
}

TEST(accounts_are_made_found_and_listed)
{
    struct world w;
    struct account account, *list;
    size_t count;
    int64_t id;

    begin(&w);
    CHECK(account_find(&w.scratch.arena, w.system, S("ann"), &account, &w.err));
    CHECK(account.id == w.ann && !account.is_system_admin && !account.is_disabled);
    CHECK_STR(account.name, "Ann");
    CHECK_INT(account.last_login_ms, 0);
    CHECK(account_list(&w.scratch.arena, w.system, &list, &count, &w.err));
    CHECK_INT(count, 2);
    CHECK_STR(list[0].login, "ann");
    CHECK(!account_create(w.system, S("ann"), S(""), GOOD, false, &password_cost_least, NOW, &id,
                          &w.err));
    CHECK_INT(w.err.code, ERR_EXISTS);
    static const char *const bad[] = {"", "a", "Ann", ".ann", "an n", "ann\n", "\xc3\xa4nne"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        CHECK(!account_create(w.system, str_from_cstr(bad[i]), S(""), GOOD, false,
                              &password_cost_least, NOW, &id, &w.err));
    CHECK(!account_find(&w.scratch.arena, w.system, S("bob"), &account, &w.err));
    CHECK_INT(w.err.code, ERR_NOT_FOUND);
    CHECK(!account_find_id(&w.scratch.arena, w.system, 99, &account, &w.err));
    end(&w);
}

TEST(roles_are_given_and_taken)
{
    struct world w;
    struct account_role *roles;
    struct access access;
    enum role role;
    size_t count;

    begin(&w);
    CHECK(account_role(w.system, w.ann, S("acme"), &role, &w.err) && role == ROLE_NONE);
    CHECK(account_role(w.system, w.admin, S("acme"), &role, &w.err) && role == ROLE_ADMIN);
    CHECK(account_set_role(w.system, w.ann, S("acme"), ROLE_STRATEGIST, &w.err));
    CHECK(account_set_role(w.system, w.ann, S("acme"), ROLE_MANAGEMENT, &w.err));
    CHECK(account_role(w.system, w.ann, S("acme"), &role, &w.err) && role == ROLE_MANAGEMENT);
    CHECK(account_roles(&w.scratch.arena, w.system, w.ann, &roles, &count, &w.err));
    CHECK_INT(count, 1);
    CHECK_STR(roles[0].workspace, "acme");
    /* a system administrator with a role may do both */
    CHECK(account_access(w.system, w.admin, S("acme"), &access, &w.err));
    CHECK(access_may(access, MAY_MANAGE) && !access_may(access, MAY_DECIDE));
    CHECK(account_set_role(w.system, w.admin, S("acme"), ROLE_MANAGEMENT, &w.err));
    CHECK(account_access(w.system, w.admin, S("acme"), &access, &w.err));
    CHECK(access_may(access, MAY_MANAGE) && access_may(access, MAY_DECIDE));
    CHECK(account_set_role(w.system, w.ann, S("acme"), ROLE_NONE, &w.err));
    CHECK(account_role(w.system, w.ann, S("acme"), &role, &w.err) && role == ROLE_NONE);
    CHECK(!account_set_role(w.system, w.ann, S("nowhere"), ROLE_VIEWER, &w.err));
    CHECK_INT(w.err.code, ERR_NOT_FOUND);
    CHECK(account_set_role(w.system, w.ann, S("acme"), ROLE_AGENT, &w.err));
    CHECK(account_set_disabled(w.system, w.ann, true, NOW, &w.err));
    CHECK(account_role(w.system, w.ann, S("acme"), &role, &w.err) && role == ROLE_NONE);
    CHECK(!account_set_disabled(w.system, w.admin, true, NOW, &w.err));
    CHECK_INT(w.err.code, ERR_CONFLICT);
    end(&w);
}

static bool log_in(struct world *w, struct login_limit *limit, Str login, Str password,
                   int64_t now_ms)
{
    struct account account;

    err_clear(&w->err);
    return account_authenticate(&w->scratch.arena, w->system, limit, login, password,
                                S("192.0.2.7"), &password_cost_least, now_ms, &account, &w->err);
}

TEST(logging_in_says_little_and_slows_down)
{
    struct world w;
    struct account account;
    char first[sizeof w.err.msg];

    begin(&w);
    struct login_limit *limit = login_limit_create();
    CHECK(log_in(&w, limit, S("ann"), GOOD, NOW));
    CHECK(account_find(&w.scratch.arena, w.system, S("ann"), &account, &w.err));
    CHECK(account.last_login_ms == NOW);
    CHECK(!log_in(&w, limit, S("ann"), S("wrong password"), NOW));
    CHECK_INT(w.err.code, ERR_DENIED);
    memcpy(first, w.err.msg, sizeof first);
    CHECK(!log_in(&w, limit, S("nobody"), GOOD, NOW));
    CHECK_STR(str_from_cstr(w.err.msg), first);
    CHECK(account_set_disabled(w.system, w.ann, true, NOW, &w.err));
    CHECK(!log_in(&w, limit, S("ann"), GOOD, NOW));
    CHECK_STR(str_from_cstr(w.err.msg), first);
    CHECK(account_set_disabled(w.system, w.ann, false, NOW, &w.err));
    /* two failures of ann so far */
    for (int i = 2; i < LOGIN_FAILURES_PER_LOGIN_MAX; i++)
        CHECK(!log_in(&w, limit, S("ann"), S("wrong password"), NOW + i));
    CHECK(!log_in(&w, limit, S("ann"), GOOD, NOW + 100)); /* even the right one waits */
    CHECK_INT(w.err.code, ERR_BUSY);
    CHECK(strstr(w.err.hint, "15 minutes"));
    CHECK(log_in(&w, limit, S("root"), GOOD, NOW + 100)); /* others do not */
    CHECK(log_in(&w, limit, S("ann"), GOOD, NOW + LOGIN_WINDOW_MS + 1));
    login_limit_destroy(&limit);
    CHECK(!limit);
    end(&w);
}

TEST(an_outdated_hash_is_renewed_at_log_in)
{
    struct world w;
    struct account account;
    struct password_cost more = {.passes = password_cost_least.passes + 1,
                                 .memory_bytes = password_cost_least.memory_bytes};

    begin(&w);
    struct login_limit *limit = login_limit_create();
    for (int i = 0; i < 2; i++) {
        CHECK(account_authenticate(&w.scratch.arena, w.system, limit, S("ann"), GOOD, S("::1"),
                                   &more, NOW, &account, &w.err));
        struct stmt *stmt;
        bool has_row;
        CHECK(db_query(w.system, "SELECT password_hash FROM account WHERE login = 'ann'", &stmt,
                       &w.err));
        CHECK(stmt_step(stmt, &has_row, &w.err) && has_row);
        char hash[PASSWORD_HASH_BYTES] = {0};
        memcpy(hash, stmt_str(stmt, 0).ptr, stmt_str(stmt, 0).len);
        stmt_reset(stmt);
        CHECK(!password_is_outdated(hash, &more));
    }
    login_limit_destroy(&limit);
    end(&w);
}

TEST(the_limit_counts_addresses_and_stays_bounded)
{
    struct login_limit *limit = login_limit_create();
    char login[40];

    for (int i = 0; i < LOGIN_FAILURES_PER_ADDRESS_MAX; i++) {
        snprintf(login, sizeof login, "user%d", i);
        CHECK(login_limit_begin(limit, str_from_cstr(login), S("192.0.2.1"), NOW) == 0);
    }
    CHECK(login_limit_begin(limit, S("fresh"), S("192.0.2.1"), NOW) == LOGIN_WINDOW_MS);
    CHECK(login_limit_begin(limit, S("fresh"), S("192.0.2.2"), NOW) == 0);
    login_limit_succeeded(limit, S("user1"), S("192.0.2.1")); /* was under way since before */
    CHECK(login_limit_begin(limit, S("user1"), S("192.0.2.1"), NOW) == 0);
    CHECK(login_limit_begin(limit, S("user1"), S("192.0.2.1"), NOW) == LOGIN_WINDOW_MS);
    for (int i = 0; i < 3 * LOGIN_FAILURES_PER_LOGIN_MAX; i++) { /* a failing database */
        CHECK(login_limit_begin(limit, S("user2"), S("192.0.2.3"), NOW) == 0);
        login_limit_cancel(limit, S("user2"), S("192.0.2.3"));
    }
    /* more than it can hold: the oldest give way, nothing else happens */
    for (int i = 0; i < 3 * LOGIN_LIMIT_ENTRIES_MAX; i++) {
        snprintf(login, sizeof login, "flood%d", i);
        CHECK(login_limit_begin(limit, str_from_cstr(login), str_from_cstr(login), NOW + i) == 0);
    }
    login_limit_destroy(&limit);
}

enum { LIMIT_THREADS = 4, LIMIT_ROUNDS = 2000 };

struct guesser {
    struct login_limit *limit;
    int let_through;
};

static void guess_often(void *context)
{
    struct guesser *g = context;

    for (int i = 0; i < LIMIT_ROUNDS; i++) {
        g->let_through += login_limit_begin(g->limit, S("shared"), S("192.0.2.9"), NOW) == 0;
        if (i % 100 == 0)
            login_limit_succeeded(g->limit, S("other"), S("192.0.2.10"));
    }
}

TEST(guesses_at_the_same_time_do_not_slip_through)
{
    struct thread threads[LIMIT_THREADS] = {0};
    struct guesser guessers[LIMIT_THREADS] = {0};
    struct err err = {0};
    struct login_limit *limit = login_limit_create();
    int let_through = 0;

    for (int i = 0; i < LIMIT_THREADS; i++) {
        guessers[i].limit = limit;
        CHECK(thread_create(&threads[i], "limit", guess_often, &guessers[i], &err));
    }
    for (int i = 0; i < LIMIT_THREADS; i++) {
        thread_join(&threads[i]);
        let_through += guessers[i].let_through;
    }
    CHECK_INT(let_through, LOGIN_FAILURES_PER_LOGIN_MAX);
    CHECK(login_limit_begin(limit, S("shared"), S("::1"), NOW) == LOGIN_WINDOW_MS);
    login_limit_destroy(&limit);
}

TEST(sessions_begin_expire_and_end)
{
    struct world w;
    struct session session;
    char token[SESSION_TOKEN_BYTES], other[SESSION_TOKEN_BYTES];

    begin(&w);
    CHECK(session_create(w.system, w.ann, S("a browser"), NOW, token, &w.err));
    CHECK(session_create(w.system, w.ann, S("another"), NOW, other, &w.err));
    CHECK_INT(strlen(token), SESSION_TOKEN_BYTES - 1);
    CHECK(session_find(w.system, str_from_cstr(token), NOW + 1, &session, &w.err));
    CHECK(session.account_id == w.ann && session.expires_at_ms == NOW + SESSION_LIFE_MS);
    CHECK(session_csrf_matches(&session, str_from_cstr(session.csrf)));
    CHECK(!session_csrf_matches(&session, str_from_cstr(token)));
    CHECK(!session_csrf_matches(&session, STR_NONE));
    struct session second;
    CHECK(session_find(w.system, str_from_cstr(other), NOW + 1, &second, &w.err));
    CHECK(!session_csrf_matches(&session, str_from_cstr(second.csrf)));

    /* neither the token nor what is derived from it is stored */
    struct stmt *stmt;
    bool has_row;
    CHECK(db_query(w.system, "SELECT count(*) FROM session WHERE instr(token_hash, ?1)", &stmt,
                   &w.err));
    stmt_bind_str(stmt, 1, str_from_cstr(token));
    CHECK(stmt_step(stmt, &has_row, &w.err) && stmt_i64(stmt, 0) == 0);
    stmt_reset(stmt);

    /* use keeps it alive, at most to the end of its life */
    int64_t now_ms = NOW;
    for (; now_ms < NOW + SESSION_LIFE_MS - SESSION_IDLE_MS; now_ms += SESSION_IDLE_MS - 1)
        CHECK(session_find(w.system, str_from_cstr(token), now_ms, &session, &w.err));
    CHECK(!session_find(w.system, str_from_cstr(other), now_ms, &session, &w.err)); /* idle */
    CHECK_INT(w.err.code, ERR_DENIED);
    CHECK(!session_find(w.system, str_from_cstr(token), NOW + SESSION_LIFE_MS, &session, &w.err));
    CHECK(session_sweep(w.system, now_ms, &w.err));
    CHECK_INT(db_changes(w.system), 1);
    CHECK(session_end(w.system, str_from_cstr(token), &w.err));
    CHECK(!session_find(w.system, str_from_cstr(token), now_ms, &session, &w.err));
    CHECK(!session_find(w.system, S("nonsense"), NOW, &session, &w.err));
    CHECK(!session_find(w.system, STR_NONE, NOW, &session, &w.err));
    end(&w);
}

static int64_t session_count(struct world *w)
{
    struct stmt *stmt;
    bool has_row;

    CHECK(db_query(w->system, "SELECT count(*) FROM session", &stmt, &w->err));
    CHECK(stmt_step(stmt, &has_row, &w->err) && has_row);
    int64_t count = stmt_i64(stmt, 0);
    stmt_reset(stmt);
    return count;
}

TEST(sweeping_removes_what_cannot_be_used_any_more)
{
    struct world w;
    struct session session;
    char idle[SESSION_TOKEN_BYTES], old[SESSION_TOKEN_BYTES], live[SESSION_TOKEN_BYTES];
    int64_t end_ms = NOW + SESSION_LIFE_MS;

    begin(&w);
    CHECK(session_create(w.system, w.ann, S("idle"), end_ms - SESSION_IDLE_MS, idle, &w.err));
    CHECK(session_create(w.system, w.ann, S("old"), NOW, old, &w.err));
    for (int64_t at = NOW; at < end_ms; at += SESSION_IDLE_MS / 2) /* in use to the end */
        CHECK(session_find(w.system, str_from_cstr(old), at, &session, &w.err));
    CHECK(session_create(w.system, w.ann, S("live"), end_ms - SESSION_IDLE_MS + 1, live, &w.err));
    CHECK(session_sweep(w.system, end_ms - 1, &w.err)); /* a millisecond too early for each */
    CHECK_INT(session_count(&w), 3);
    CHECK(session_sweep(w.system, end_ms, &w.err));
    CHECK_INT(session_count(&w), 1);
    CHECK(session_find(w.system, str_from_cstr(live), end_ms, &session, &w.err));
    end(&w);
}

TEST(a_new_password_or_a_lock_ends_sessions)
{
    struct world w;
    struct session session;
    char token[SESSION_TOKEN_BYTES], root[SESSION_TOKEN_BYTES];

    begin(&w);
    CHECK(session_create(w.system, w.admin, STR_NONE, NOW, root, &w.err));
    CHECK(session_create(w.system, w.ann, STR_NONE, NOW, token, &w.err));
    CHECK(account_set_password(w.system, w.ann, S("eight purple owls"), &password_cost_least,
                               &w.err));
    CHECK(!session_find(w.system, str_from_cstr(token), NOW, &session, &w.err));
    CHECK(session_create(w.system, w.ann, STR_NONE, NOW, token, &w.err));
    CHECK(account_set_disabled(w.system, w.ann, true, NOW, &w.err));
    CHECK(!session_find(w.system, str_from_cstr(token), NOW, &session, &w.err));
    CHECK(session_find(w.system, str_from_cstr(root), NOW, &session, &w.err));
    CHECK(!account_set_password(w.system, w.ann, S("short"), &password_cost_least, &w.err));
    CHECK_INT(w.err.code, ERR_INPUT);
    end(&w);
}

TEST(api_tokens_are_made_used_and_revoked)
{
    struct world w;
    struct api_token wanted, token, *list;
    char text[API_TOKEN_BYTES], other[API_TOKEN_BYTES];
    size_t count;

    begin(&w);
    wanted = (struct api_token){.account_id = w.ann,
                                .name = S("importer"),
                                .workspace = S("acme"),
                                .scopes = SCOPE_IMPORT,
                                .expires_at_ms = NOW + 1000};
    CHECK(api_token_create(w.system, &wanted, NOW, text, &w.err));
    CHECK_INT(strlen(text), API_TOKEN_BYTES - 1);
    CHECK(strncmp(text, "trim_", 5) == 0);
    CHECK(!api_token_create(w.system, &wanted, NOW, other, &w.err));
    CHECK_INT(w.err.code, ERR_EXISTS);
    CHECK(api_token_find(&w.scratch.arena, w.system, str_from_cstr(text), NOW, &token, &w.err));
    CHECK(token.account_id == w.ann && token.scopes == SCOPE_IMPORT && token.id == wanted.id);
    CHECK_STR(token.workspace, "acme");
    CHECK(!api_token_find(&w.scratch.arena, w.system, str_from_cstr(text), NOW + 1000, &token,
                          &w.err));
    CHECK_INT(w.err.code, ERR_DENIED);
    wanted = (struct api_token){.account_id = w.ann, .name = S("reader"), .scopes = SCOPE_READ};
    CHECK(api_token_create(w.system, &wanted, NOW, other, &w.err));
    CHECK(api_token_list(&w.scratch.arena, w.system, w.ann, &list, &count, &w.err));
    CHECK_INT(count, 2);
    CHECK(api_token_find(&w.scratch.arena, w.system, str_from_cstr(other), NOW * 2, &token,
                         &w.err)); /* never expires */
    CHECK(account_set_disabled(w.system, w.ann, true, NOW, &w.err));
    CHECK(!api_token_find(&w.scratch.arena, w.system, str_from_cstr(other), NOW, &token, &w.err));
    CHECK(account_set_disabled(w.system, w.ann, false, NOW, &w.err));
    CHECK(!api_token_revoke(w.system, w.admin, wanted.id, &w.err)); /* somebody else's */
    CHECK_INT(w.err.code, ERR_NOT_FOUND);
    CHECK(api_token_revoke(w.system, w.ann, wanted.id, &w.err));
    CHECK(!api_token_find(&w.scratch.arena, w.system, str_from_cstr(other), NOW, &token, &w.err));
    CHECK(!api_token_find(&w.scratch.arena, w.system, S("trim_x"), NOW, &token, &w.err));
    wanted.scopes = 8;
    CHECK(!api_token_create(w.system, &wanted, NOW, other, &w.err));
    wanted.scopes = SCOPE_READ;
    for (int i = 0; i < API_TOKENS_PER_ACCOUNT_MAX - 1; i++) {
        char name[20];
        snprintf(name, sizeof name, "t%d", i);
        wanted.name = str_from_cstr(name);
        CHECK(api_token_create(w.system, &wanted, NOW, other, &w.err));
    }
    wanted.name = S("one too many");
    CHECK(!api_token_create(w.system, &wanted, NOW, other, &w.err));
    CHECK_INT(w.err.code, ERR_LIMIT);
    end(&w);
}

int main(void)
{
    return RUN(
        CASE(roles_may_what_they_should), CASE(scopes_limit_and_never_decide), CASE(password_rules),
        CASE(passwords_are_hashed_with_argon2id), CASE(accounts_are_made_found_and_listed),
        CASE(roles_are_given_and_taken), CASE(logging_in_says_little_and_slows_down),
        CASE(an_outdated_hash_is_renewed_at_log_in),
        CASE(the_limit_counts_addresses_and_stays_bounded),
        CASE(guesses_at_the_same_time_do_not_slip_through), CASE(sessions_begin_expire_and_end),
        CASE(sweeping_removes_what_cannot_be_used_any_more),
        CASE(a_new_password_or_a_lock_ends_sessions), CASE(api_tokens_are_made_used_and_revoked));
}
