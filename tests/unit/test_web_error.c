/* Which errors are for people and which for the log alone. */
#include "unit/test.h"

#include <errno.h>

#include "web/error_page.h"

TEST(refusals_are_for_people)
{
    struct err err = {0};

    (void)err_set(&err, ERR_NOT_FOUND, "there is no query '/srv'");
    CHECK(!error_is_internal(S("/srv/trimtab"), &err));
    (void)err_set(&err, ERR_BUSY, "too many wrong passwords");
    (void)err_hint(&err, "Try again in 12 minutes.");
    CHECK(!error_is_internal(S("/srv/trimtab"), &err));
    CHECK(!error_is_internal(S(""), &err));
}

TEST(what_the_system_says_is_for_the_log)
{
    static const enum err_code codes[] = {ERR_INPUT, ERR_NOT_FOUND, ERR_EXISTS, ERR_DENIED,
                                          ERR_LIMIT, ERR_BUSY,      ERR_IO};
    struct err err = {0};

    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        (void)err_set_sys(&err, codes[i], EACCES, "could not open 'state.db'");
        CHECK(error_is_internal(S("/srv/trimtab"), &err));
    }
}

TEST(places_are_for_the_log)
{
    struct err err = {0};

    (void)err_set(&err, ERR_NOT_FOUND, "no data in '/srv/trimtab'");
    CHECK(error_is_internal(S("/srv/trimtab"), &err));
    (void)err_set(&err, ERR_UNAVAILABLE, "cannot keep a log");
    (void)err_hint(&err, "Move /srv/trimtab/system.db.");
    CHECK(error_is_internal(S("/srv/trimtab"), &err));
}

int main(void)
{
    return RUN(CASE(refusals_are_for_people), CASE(what_the_system_says_is_for_the_log),
               CASE(places_are_for_the_log));
}
