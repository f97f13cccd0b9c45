/* Any bytes: the text is UTF-8 without control characters, and escaping it for a page leaves no
 * markup. The same bytes as an address stay inside their attribute. */
#include <string.h>

#include "base/limits.h"
#include "format/html.h"
#include "format/html_to_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_link(void *context, Str href, Str classes)
{
    struct html *page = context;

    (void)classes;
    html_reset(page);
    html_url(page, href);
    for (size_t i = 0; i < page->out.len; i++)
        ASSERT(page->out.ptr[i] > ' ' && page->out.ptr[i] < 0x7f &&
               !strchr("\"'<>\\", page->out.ptr[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Str in = {(const char *)data, size};
    struct html page;
    struct buf out;

    buf_init(&out, 64 * MIB);
    html_init(&page, 64 * MIB);
    html_to_text(in, &out, check_link, &page);
    check_link(&page, in, STR_NONE);
    Str text = buf_str(&out);
    ASSERT(str_utf8_invalid_at(text) == text.len);
    ASSERT(text.len <= 3 * size);
    for (size_t i = 0; i < text.len; i++)
        ASSERT((unsigned char)text.ptr[i] >= 0x20 || text.ptr[i] == '\n');
    html_reset(&page);
    html_attr(&page, in);
    html_json(&page, text);
    Str safe = html_str(&page);
    ASSERT(str_find_byte(safe, '<') == safe.len && str_utf8_invalid_at(safe) == safe.len);
    html_deinit(&page);
    buf_deinit(&out);
    return 0;
}
