/* Any text: what is a time is written and reads back as the same time. */
#include <string.h>

#include "format/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Str text = {(const char *)data, size};
    int64_t ms = 0, back = 0;

    if (!time_parse(text, &ms))
        return 0;
    ASSERT(ms >= TIME_MIN_MS && ms <= TIME_MAX_MS);
    ASSERT(time_parse(str_from_cstr(time_rfc3339(ms).text), &back) && back == ms);
    ASSERT(time_parse(str_from_cstr(time_http(ms).text), &back) &&
           back == time_floor(ms, TIME_SECOND_MS));
    Civil c = time_to_civil(ms);
    ASSERT(time_from_civil(c, &back) && back == ms);
    return 0;
}
